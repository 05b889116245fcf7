//! The beginning of a delimited input: how its cells are told apart, and where the names of its columns come from.
//!
//! Puts the chunker behind the header. Refuses to judge names: that is the header's business.

use crate::input::InputError;
use crate::input::Settings;
use crate::input::chunker::Chunker;
use crate::input::dialect;
use crate::input::header::Header;
use crate::input::shape::Dialect;
use crate::input::shape::Shape;
use crate::input::split::Splitter;
use crate::model::Problem;

/// Finds out how an input's cells are told apart, and reads its header.
pub(super) fn find(
    chunker: &mut Chunker,
    dialect: Dialect,
    settings: &Settings,
) -> Result<(Dialect, Header, Vec<Problem>), InputError> {
    let names = settings.source_names();
    let bytes = chunker.pass_blank_lines()?;
    let by_line = dialect::named_by_line(bytes, dialect);
    let preamble = by_line.map_or(Vec::new(), |(_, extent)| bytes[..extent.next].to_vec());
    if let Some((_, extent)) = by_line {
        chunker.pass(extent);
    }
    let splitter = chunker.splitter();
    let bytes = chunker.pass_blank_lines()?;
    let given = settings.delimiter.or(by_line.map(|it| it.0));
    let columns =
        settings.columns.clone().or_else(|| fixed_order(bytes, splitter, given, settings));
    let found = match (given, &columns) {
        (Some(given), _) => Some(given),
        (None, Some(columns)) => dialect::of_width(bytes, splitter, columns.len()),
        (None, None) => dialect::of_header(bytes, splitter, names),
    };
    let tried = if found.is_none() { dialect::tried(bytes, splitter) } else { Vec::new() };
    let dialect =
        Dialect { delimiter: found.unwrap_or_else(|| dialect::fallback(dialect)), ..dialect };
    let splitter = Splitter { shape: Shape::Delimited(dialect), ..splitter };
    chunker.set_splitter(splitter);
    let (header, problems) = match &columns {
        Some(columns) => Header::given(columns, &chunker.first()?, names)?,
        None => Header::read(&chunker.header()?, dialect, names, tried)?,
    };
    let width = Some(header.width());
    chunker.set_splitter(Splitter { width, ..splitter });
    Ok((dialect, Header { preamble, ..header }, problems))
}

/// The columns of a source whose files have no header, unless the first record is one all the same.
fn fixed_order(
    bytes: &[u8],
    splitter: Splitter,
    given: Option<u8>,
    settings: &Settings,
) -> Option<Vec<String>> {
    let order = settings.mapping.as_ref()?.fixed_order()?;
    let names = settings.source_names();
    let header = dialect::of_header(bytes, splitter, names);
    let is_header = header.is_some_and(|it| given.is_none_or(|given| given == it));
    (!is_header).then(|| order.iter().map(|it| (*it).to_owned()).collect())
}
