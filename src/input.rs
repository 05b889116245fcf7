//! The input stage: the bytes of a file or a pipe become rows whose form was looked at.
//!
//! Two readings: the first goes over the whole input in chunks that threads read side by side, the second
//! takes single records again by their place. Refuses to judge what a cell means, to repeat a cell in any text,
//! and to hold more of the input than a few chunks.

mod chunk;
mod chunker;
mod decode;
mod delimited;
mod dialect;
mod draft;
mod error;
mod fields;
mod flat;
mod format;
mod head;
mod header;
mod json;
mod layout;
mod list;
mod mapping;
mod names;
mod object;
mod opening;
mod prepare;
#[cfg(test)]
mod properties;
mod quoting;
mod record;
mod records;
mod rejects;
mod shape;
mod sheet;
mod source;
mod split;
mod spool;
mod stretch;
mod systems;
#[cfg(test)]
mod testing;
mod unpack;

use std::sync::Arc;

pub use chunk::Chunk;
pub use decode::Encoding;
pub use dialect::Try;
pub use dialect::may_delimit;
pub use draft::draft;
pub use error::CsvOption;
pub use error::Fault;
pub use error::HeaderHint;
pub use error::InputError;
pub use format::Format;
pub use layout::Layout;
pub use layout::Readings;
pub use layout::Settings;
pub use mapping::MapError;
pub use mapping::Mapping;
pub use prepare::Bytes;
pub use prepare::prepare;
pub use records::Records;
pub use shape::Dialect;
pub use shape::Limits;
pub use shape::Shape;
pub use sheet::SheetError;
pub use source::Source;
pub use source::same_file;
pub use systems::ConfTrouble;
pub use systems::System;
pub use unpack::PackedError;
pub use unpack::Packing;
pub use unpack::unpacked_name;

use crate::input::chunker::Chunker;
use crate::input::format::BOM;
use crate::input::header::Header;
use crate::input::split::Splitter;
use crate::model::Problem;

/// Most physical lines of one record; a longer one is a quote that was forgotten.
pub const RECORD_LINES_MAX: u32 = 50;

/// An input whose header was read. A copy that is made before the first chunk is taken is read by itself.
#[derive(Clone, Debug)]
pub struct Input {
    chunker: Chunker,
    source: Arc<Source>,
    layout: Arc<Layout>,
    header_problems: Vec<Problem>,
    is_conf: bool,
}

impl Input {
    /// Reads the header where the format has one.
    pub fn open(source: Source, format: Format, settings: Settings) -> Result<Self, InputError> {
        let reads_conf = settings.mapping.as_ref().is_some_and(Mapping::reads_conf);
        // A spreadsheet's rows begin like sections.
        let is_conf = format == Format::Csv && reads_conf && systems::is_conf(&source)?;
        let no_csv = if is_conf { Some("a voicemail.conf") } else { format.no_csv() };
        if let Some(other) = no_csv {
            settings.refuse_csv_options(other)?;
        }
        let (mut source, mut remarks) = if is_conf {
            systems::to_csv(source, settings.limits.input)?
        } else {
            (source, Vec::new())
        };
        let decoded = source.take_decoded();
        let source = Arc::new(source);
        let shape = match format {
            Format::Csv => {
                Shape::Delimited(Dialect { quote: settings.quote, ..Dialect::default() })
            }
            Format::Jsonl => Shape::Objects,
            Format::Xlsx | Format::Ods => Shape::Lists,
        };
        let mut splitter = Splitter { shape, record_max: settings.limits.record, width: None };
        let mut chunker = Chunker::new(Arc::clone(&source), splitter, settings.limits)?;
        let (header, header_problems) = match shape {
            Shape::Delimited(dialect) => {
                let (dialect, header, problems) = opening::find(&mut chunker, dialect, &settings)?;
                splitter.shape = Shape::Delimited(dialect);
                splitter.width = Some(header.width());
                (header, problems)
            }
            Shape::Objects => (Header::default(), Vec::new()),
            Shape::Lists => {
                chunker.pass_blank_lines()?;
                let read = chunker.header();
                let read = read.and_then(|it| Header::of_list(&it, settings.source_names()));
                read.map_err(|it| beside(it, source.problem()))?
            }
        };
        let mut settings = settings;
        if let Some(mapping) = &mut settings.mapping {
            mapping.bind(&header).map_err(|it| beside(it, source.problem()))?;
        }
        remarks.extend(source.problem().cloned());
        remarks.extend(header_problems);
        let header_problems = remarks;
        let layout = Arc::new(Layout::new(splitter, header, settings, decoded));
        Ok(Self { chunker, source, layout, header_problems, is_conf })
    }

    /// What is wrong with the header's names. Rows can be read all the same, with the columns that are known.
    pub fn header_problems(&self) -> &[Problem] {
        &self.header_problems
    }

    /// Whether it is a voicemail.conf, which no spreadsheet ever had.
    pub fn is_conf(&self) -> bool {
        self.is_conf
    }

    /// What the records of this input are read with.
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout)
    }

    /// The bytes themselves, to compare with files that are to be written.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The next chunk of the first reading, in the order of the file; none at the end.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, InputError> {
        self.chunker.next_chunk()
    }

    /// Up to `chunks_max` chunks at once, so that threads have something to share; none at the end.
    pub fn next_batch(&mut self, chunks_max: usize) -> Result<Option<Vec<Chunk>>, InputError> {
        let mut batch = Vec::with_capacity(chunks_max);
        while batch.len() < chunks_max.max(1) {
            match self.next_chunk()? {
                Some(chunk) => batch.push(chunk),
                None => break,
            }
        }
        Ok((!batch.is_empty()).then_some(batch))
    }

    /// Takes back chunks that nobody needs: their room serves for the next ones.
    pub fn reuse(&mut self, spent: Vec<Chunk>) {
        self.chunker.reuse(spent);
    }

    /// The second reading.
    pub fn records(&self) -> Records {
        let hint = "records that are read once were not hashed";
        assert_eq!(self.layout.settings.readings, Readings::Two, "{hint}");
        Records::new(Arc::clone(&self.source), Arc::clone(&self.layout))
    }

    /// What a file of rejects begins with: a header where the format has one, behind a byte order mark where the
    /// input was decoded, since a mark is believed before any option.
    pub fn rejects_header(&self) -> Vec<u8> {
        let mark = if self.source.is_marked() { BOM } else { b"" };
        let header = match self.layout.splitter.shape {
            Shape::Delimited(dialect) => rejects::header(&self.layout.header, dialect),
            Shape::Objects => Vec::new(),
            Shape::Lists => rejects::header(&self.layout.header, Dialect::default()),
        };
        [mark, &header].concat()
    }
}

/// An error of one sheet beside others, which may hold what is missed in it.
fn beside(error: InputError, others: Option<&Problem>) -> InputError {
    match others {
        Some(others) if error.fault() == Fault::NotRows => {
            InputError::OtherSheet { reason: error.into(), others: others.message.clone() }
        }
        Some(_) | None => error,
    }
}
