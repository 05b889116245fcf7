//! The header of a CSV input: which column stands where, and what is wrong with its names.
//!
//! Refuses a line without the key column, and shows nothing of it: it may be a row with a PIN.

use std::borrow::Cow;
use std::fmt;

use crate::input::HeaderHint;
use crate::input::InputError;
use crate::input::RECORD_LENGTH_MAX;
use crate::input::chunker::Head;
use crate::input::fields::Fields;
use crate::input::fields::Form;
use crate::input::names;
use crate::input::names::Noun;
use crate::model::ColumnNames;
use crate::model::Problem;
use crate::model::REASON_COLUMN;
use crate::model::Rule;

/// The columns of an input in their order; none for JSONL.
#[derive(Default)]
pub(super) struct Header {
    /// The line as it stood.
    pub(super) bytes: Vec<u8>,
    /// What stands where.
    pub(super) columns: Vec<Column>,
    /// Which column holds the reason of an earlier rejection.
    pub(super) reason: Option<usize>,
    /// The line ended as lines do on Windows.
    pub(super) ends_in_crlf: bool,
}

impl fmt::Debug for Header {
    /// Shows no byte of the input: rows hold PINs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header").finish_non_exhaustive()
    }
}

/// One column of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Column {
    /// What its cells are for.
    pub(super) slot: Slot,
    /// Its name, or its number where the name cannot be shown.
    pub(super) label: Cow<'static, str>,
}

/// What the cells of a column are for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Slot {
    /// For the known column of this place.
    Known(usize),
    /// For nothing, and that is right.
    Ignored,
    /// For nothing, and the header's problems say why.
    Refused,
}

impl Header {
    /// How lines end in a file that is to be like this one.
    pub(super) fn line_end(&self) -> &'static [u8] {
        if self.ends_in_crlf { b"\r\n" } else { b"\n" }
    }

    /// Reads the first record of an input.
    pub(super) fn read(
        head: &Head,
        names: &ColumnNames,
    ) -> Result<(Self, Vec<Problem>), InputError> {
        let Head { ref bytes, line, ends_in_crlf } = *head;
        if bytes.len() > RECORD_LENGTH_MAX {
            return Err(InputError::HeaderTooLong { line });
        }
        let fields: Vec<_> = Fields::of(bytes).collect();
        if fields.iter().any(|it| it.form == Form::Open) {
            return Err(InputError::HeaderUnclosed { line });
        }
        let text = String::from_utf8_lossy(bytes);
        // Bytes that are not UTF-8 move the ranges, but then the name is unknown whatever it is.
        let fields: Vec<_> = Fields::of(text.as_bytes()).map(|it| it.text(&text)).collect();
        let fields: Vec<_> = fields.iter().map(|it| trim(it)).collect();
        if !fields.contains(&names.key) {
            let hint = hint(&text, &fields, names);
            return Err(InputError::NoHeader { key: names.key, line, hint });
        }
        let (columns, problems) = columns(&fields, line, names);
        let reason = fields.iter().position(|it| *it == REASON_COLUMN);
        Ok((Self { bytes: bytes.clone(), columns, reason, ends_in_crlf }, problems))
    }

    /// How a column is called in texts.
    pub(super) fn label(&self, number: usize) -> Cow<'static, str> {
        match self.columns.get(number) {
            Some(column) => column.label.clone(),
            None => Cow::Owned(format!("column {}", number + 1)),
        }
    }
}

fn trim(name: &str) -> &str {
    name.trim_matches(|it: char| it.is_ascii_whitespace())
}

fn hint(text: &str, fields: &[&str], names: &ColumnNames) -> HeaderHint {
    if fields.iter().any(|it| it.eq_ignore_ascii_case(names.key)) {
        HeaderHint::Capitals
    } else if text.contains([';', '\t']) && !text.contains(',') {
        HeaderHint::Separator
    } else {
        HeaderHint::Nothing
    }
}

fn columns(fields: &[&str], line: u32, names: &ColumnNames) -> (Vec<Column>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut taken: Vec<Option<usize>> = vec![None; names.known.len()];
    let mut columns = Vec::with_capacity(fields.len());
    for (index, name) in fields.iter().copied().enumerate() {
        let number = index + 1;
        let label = Cow::Owned(Noun::Column.label(name, number));
        let refused = Column { slot: Slot::Refused, label };
        let known = names.known.iter().position(|it| *it == name);
        columns.push(if let Some(place) = known {
            let label = names.known[place].clone();
            let first = *taken[place].get_or_insert(number);
            if first < number {
                problems.push(duplicate(line, label.clone(), [first, number]));
                Column { slot: Slot::Refused, label }
            } else {
                Column { slot: Slot::Known(place), label }
            }
        } else if names.ignored.contains(&name) {
            Column { slot: Slot::Ignored, ..refused }
        } else {
            problems.push(match names::reserved(names, name) {
                Some(name) => names::reserved_problem(Noun::Column, line, name),
                None => names::unknown_problem(Noun::Column, line, (name, number), names),
            });
            refused
        });
    }
    (columns, problems)
}

fn duplicate(line: u32, name: Cow<'static, str>, [first, second]: [usize; 2]) -> Problem {
    let message = format!("columns {first} and {second} are both named `{name}`");
    let help = "take one of them out, or give it the name that it should have";
    Problem::in_column(Rule::DuplicateColumn, line, name, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::names;

    fn read(text: &str) -> Result<(Header, Vec<Problem>), InputError> {
        Header::read(&Head { bytes: text.into(), line: 1, ends_in_crlf: false }, &names())
    }

    fn messages(text: &str) -> Vec<String> {
        read(text).unwrap().1.into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn columns_may_stand_in_any_order_with_blanks_and_quotes_around() {
        let (header, problems) = read("\" pin \",boxlift_reason,\tmailbox ").unwrap();
        let slots: Vec<_> = header.columns.iter().map(|it| it.slot).collect();
        assert_eq!(slots, [Slot::Known(1), Slot::Ignored, Slot::Known(0)]);
        assert_eq!((problems, header.reason), (vec![], Some(1)));
    }

    #[test]
    fn every_bad_name_is_told_at_once() {
        assert_eq!(
            messages("mailbox,pinn,pin,Password,,pin,471188"),
            [
                "the column `pinn` is not known",
                "the column `password` belongs to the connection, not to a row",
                "column 5 has no name",
                "columns 3 and 6 are both named `pin`",
                "the name of column 7 is not known",
            ]
        );
    }

    #[test]
    fn the_first_of_two_columns_counts() {
        let (header, problems) = read("pin,mailbox,pin,pin").unwrap();
        let slots: Vec<_> = header.columns.iter().map(|it| it.slot).collect();
        assert_eq!(slots, [Slot::Known(1), Slot::Known(0), Slot::Refused, Slot::Refused]);
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn a_row_in_the_place_of_the_header_is_refused_without_its_texts() {
        let hint = |text| match read(text).unwrap_err() {
            error @ InputError::NoHeader { .. } => {
                assert_eq!(
                    error.to_string(),
                    "the first line names no column `mailbox` (line 1)",
                    "{text}"
                );
                let shown = format!("{error:?}{}", error.help());
                assert!(!shown.contains("471188"));
                let InputError::NoHeader { hint, .. } = error else { unreachable!() };
                hint
            }
            error => panic!("{error:?}"),
        };
        assert_eq!(hint("101,471188"), HeaderHint::Nothing);
        assert_eq!(hint("mailbox;pin;471188"), HeaderHint::Separator);
        assert_eq!(hint("mailbox\tpin\t471188"), HeaderHint::Separator);
        assert_eq!(hint("Mailbox,471188"), HeaderHint::Capitals);
    }

    #[test]
    fn a_name_that_is_not_utf8_is_unknown_and_not_shown() {
        let bytes = b"mailbox,gr\xF6sse".to_vec();
        let (header, problems) =
            Header::read(&Head { bytes, line: 1, ends_in_crlf: false }, &names()).unwrap();
        assert_eq!(header.columns[1].label, "column 2");
        assert_eq!(problems[0].message, "the name of column 2 is not known");
    }
}
