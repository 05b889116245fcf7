//! What is particular to CSV: cells that are safe to open in a spreadsheet, and errors of the file beneath. Refuses
//! to know columns.

use std::borrow::Cow;
use std::io;

use super::output::Output;
use super::output::OutputError;

/// Characters that make a spreadsheet take a cell for a formula, at its start; their wide forms too.
const FORMULA_STARTS: [char; 12] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// Put before a cell that would start a formula, and before one that starts with it already.
const GUARD: char = '\'';

/// The file beneath CSV that is whole.
pub(super) fn into_output(mut writer: csv::Writer<Output>) -> Result<Output, OutputError> {
    let flushed = writer.flush().map_err(csv::Error::from);
    checked(&writer, flushed)?;
    writer.into_inner().map_err(|it| {
        let error = io::Error::new(it.error().kind(), it.error().to_string());
        it.into_inner().get_ref().failed(error)
    })
}

/// The error of a record with its file.
pub(super) fn checked(
    writer: &csv::Writer<Output>,
    written: csv::Result<()>,
) -> Result<(), OutputError> {
    written.map_err(|error| writer.get_ref().failed(io_error(error)))
}

/// The error of the file itself: which kind it is decides on the remedy.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The cell as it can be shown; one guard taken off its start gives the text back.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) || text.starts_with(GUARD) {
        Cow::Owned(format!("{GUARD}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_cell_starts_a_formula_and_none_loses_its_text(
            text in "[-=+@'\t\r\n＝a]{0,4}\\PC{0,8}",
        ) {
            let safe = guarded(&text);
            prop_assert!(!safe.starts_with(FORMULA_STARTS));
            prop_assert_eq!(safe.strip_prefix(GUARD).unwrap_or(&safe), text.as_str());
        }
    }
}
