//! The header of a CSV input: which column stands where, and what is wrong with its names.
//!
//! Refuses a line without the key column, and shows nothing of it: it may be a row with a PIN.

use std::borrow::Cow;
use std::fmt;

use memchr::memmem;

use crate::input::HeaderHint;
use crate::input::InputError;
use crate::input::dialect::Try;
use crate::input::fields::Field;
use crate::input::fields::Fields;
use crate::input::fields::Form;
use crate::input::head::Head;
use crate::input::list;
use crate::input::names;
use crate::input::names::Noun;
use crate::input::shape::Dialect;
use crate::input::split::Width;
use crate::model::ColumnNames;
use crate::model::Problem;
use crate::model::REASON_COLUMN;
use crate::model::Rule;

/// The columns of an input in their order; none for JSONL.
#[derive(Default)]
pub(super) struct Header {
    /// The line as it stood; none where the names came from an option.
    pub(super) bytes: Option<Vec<u8>>,
    /// The line before it that names the delimiter, if there is one.
    pub(super) preamble: Vec<u8>,
    /// What stands where.
    pub(super) columns: Vec<Column>,
    /// Columns without a name stand at the end.
    pub(super) has_nameless: bool,
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
    /// For nothing: it stands at the end of the line and has no name, as spreadsheets leave them. Must be blank.
    Nameless,
}

/// Begins the cell of a reason where no header names its column.
pub(super) const REASON_MARK: &str = "boxlift_reason=";

/// Whether a record with so many cells may be a row of an input with so many columns: it has one more where the reason of
/// an earlier rejection stands in it and no header names its column.
pub(super) fn may_be_row(record: &[u8], cells: usize, columns: usize) -> bool {
    cells == columns
        || cells == columns + 1 && memmem::find(record, REASON_MARK.as_bytes()).is_some()
}

impl Header {
    /// Whether a record without a header has one cell more than columns, and that one is the reason of an earlier
    /// rejection.
    pub(super) fn is_reject(&self, record: &[u8], dialect: Dialect, cells: usize) -> bool {
        let is_reason = |it: Field| {
            let cell = &record[it.start..it.end];
            let cell =
                cell.split_first().filter(|it| dialect.is_quote(*it.0)).map_or(cell, |it| it.1);
            cell.starts_with(REASON_MARK.as_bytes())
        };
        self.bytes.is_none()
            && cells == self.columns.len() + 1
            && Fields::of(record, dialect).last().is_some_and(is_reason)
    }

    /// How many cells a row has.
    pub(super) fn width(&self) -> Width {
        let cells = self.columns.len();
        Width { cells, own: cells - usize::from(self.reason.is_some()) }
    }

    /// Whether the file has the known column of a place.
    pub(super) fn has(&self, place: usize) -> bool {
        self.columns.iter().any(|it| it.slot == Slot::Known(place))
    }

    /// How lines end in a file that is to be like this one.
    pub(super) fn line_end(&self) -> &'static [u8] {
        if self.ends_in_crlf { b"\r\n" } else { b"\n" }
    }

    /// Reads the first record of an input. `tried` are the delimiters that do not fit, if none was given.
    pub(super) fn read(
        head: &Head,
        dialect: Dialect,
        names: &ColumnNames,
        tried: Vec<Try>,
    ) -> Result<(Self, Vec<Problem>), InputError> {
        let Head { ref bytes, line, ends_in_crlf } = *head;
        if Fields::of(bytes, dialect).any(|it| it.form == Form::Open) {
            return Err(InputError::HeaderUnclosed { line });
        }
        let text = String::from_utf8_lossy(bytes);
        let fields = texts(&text, dialect);
        let fields: Vec<_> = fields.iter().map(|it| trim(it)).collect();
        if !has_key(&fields, names) {
            let hint = hint(&text, names);
            return Err(InputError::NoHeader { key: names.key.clone(), line, tried, hint });
        }
        let (columns, problems) = columns(&fields, line, names);
        let reason = fields.iter().position(|it| *it == REASON_COLUMN);
        let has_nameless = columns.iter().any(|it| it.slot == Slot::Nameless);
        let header =
            Self { bytes: Some(bytes.clone()), columns, has_nameless, reason, ..Self::default() };
        Ok((Self { ends_in_crlf, ..header }, problems))
    }

    /// Reads the first row of a spreadsheet. The header of its rejects, which are CSV, takes the place of the line.
    pub(super) fn of_list(
        head: &Head,
        names: &ColumnNames,
    ) -> Result<(Self, Vec<Problem>), InputError> {
        let line = head.line;
        let text = String::from_utf8_lossy(&head.bytes);
        let entries = list::entries(&text).unwrap_or_default();
        let fields: Vec<_> = list::shown(&entries).into_iter().map(trim).collect();
        if !has_key(&fields, names) {
            let is_near = fields.iter().any(|it| it.eq_ignore_ascii_case(&names.key));
            let hint = if is_near { HeaderHint::Capitals } else { HeaderHint::Nothing };
            let key = names.key.clone();
            return Err(InputError::NoHeader { key, line, tried: Vec::new(), hint });
        }
        let (columns, problems) = columns(&fields, line, names);
        let reason = fields.iter().position(|it| *it == REASON_COLUMN);
        let mut bytes = Vec::new();
        Dialect::default().put_cells(&fields, &mut bytes);
        Ok((Self { bytes: Some(bytes), columns, reason, ..Self::default() }, problems))
    }

    /// Names that an option gives, for an input without a header whose first record is `first`.
    pub(super) fn given(
        given: &[String],
        first: &Head,
        names: &ColumnNames,
    ) -> Result<(Self, Vec<Problem>), InputError> {
        let given: Vec<_> = given.iter().map(|it| trim(it)).collect();
        if !has_key(&given, names) {
            return Err(InputError::NoKeyGiven { key: names.key.clone() });
        }
        // Who names columns and leaves one without a name does not want it read.
        let names = ColumnNames { ignored: &[REASON_COLUMN, ""], ..names.clone() };
        let (columns, problems) = columns(&given, first.line, &names);
        let ends_in_crlf = first.ends_in_crlf;
        Ok((Self { columns, ends_in_crlf, ..Self::default() }, problems))
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

/// How many names of a first record are known; nothing where it is no header.
pub(super) fn known_among(record: &[u8], dialect: Dialect, names: &ColumnNames) -> Option<usize> {
    let text = String::from_utf8_lossy(record);
    let fields = texts(&text, dialect);
    let known = |it: &&Cow<'_, str>| names.place(trim(it)).is_some();
    let is_header = fields.iter().any(|it| names.is_key(trim(it)));
    is_header.then(|| fields.iter().filter(known).count())
}

fn has_key(fields: &[&str], names: &ColumnNames) -> bool {
    fields.iter().any(|it| names.is_key(it))
}

/// The cells' texts. Bytes that are not UTF-8 were replaced before, and such a name is unknown whatever it is.
fn texts(text: &str, dialect: Dialect) -> Vec<Cow<'_, str>> {
    Fields::of(text.as_bytes(), dialect).map(|it| it.text(text, dialect)).collect()
}

fn hint(text: &str, names: &ColumnNames) -> HeaderHint {
    let words = || text.split(|it: char| !it.is_alphanumeric() && it != '_');
    if words().any(|it| it == names.key) {
        HeaderHint::Delimiter
    } else if words().any(|it| it.eq_ignore_ascii_case(&names.key)) {
        HeaderHint::Capitals
    } else {
        HeaderHint::Nothing
    }
}

fn columns(fields: &[&str], line: u32, names: &ColumnNames) -> (Vec<Column>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut taken: Vec<Option<usize>> = vec![None; names.known.len()];
    let mut columns = Vec::with_capacity(fields.len());
    let mut others = Vec::new();
    let is_named = |it: &&str| !it.is_empty() && !names.ignored.contains(it);
    let nameless_from = fields.iter().rposition(is_named).map_or(0, |it| it + 1);
    for (index, name) in fields.iter().copied().enumerate() {
        let number = index + 1;
        let label = Cow::Owned(Noun::Column.label(name, number));
        let refused = Column { slot: Slot::Refused, label };
        let known = names.place(name);
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
        } else if index >= nameless_from {
            Column { slot: Slot::Nameless, ..refused }
        } else if names.loose {
            others.push(refused.label.clone());
            Column { slot: Slot::Ignored, ..refused }
        } else {
            problems.push(match names::reserved(names, name) {
                Some(name) => names::reserved_problem(Noun::Column, line, name),
                None => names::unknown_problem(Noun::Column, line, (name, number), names),
            });
            refused
        });
    }
    if !others.is_empty() {
        problems.push(names::no_equivalent(Noun::Column, line, &others));
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
        let head = Head { bytes: text.into(), line: 1, ends_in_crlf: false };
        Header::read(&head, Dialect::default(), &names(), Vec::new())
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
    fn columns_without_a_name_may_stand_at_the_end() {
        let (header, problems) = read("mailbox,pin,, ,boxlift_reason").unwrap();
        let slots: Vec<_> = header.columns.iter().map(|it| it.slot).collect();
        let nameless = [Slot::Nameless, Slot::Nameless];
        assert_eq!(slots[..2], [Slot::Known(0), Slot::Known(1)]);
        assert_eq!((&slots[2..4], slots[4]), (&nameless[..], Slot::Ignored));
        assert_eq!(problems, []);
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
        assert_eq!(hint("Mailbox,471188"), HeaderHint::Capitals);
        assert_eq!(hint("mailbox:471188"), HeaderHint::Delimiter);
    }

    #[test]
    fn a_name_that_is_not_utf8_is_unknown_and_not_shown() {
        let bytes = b"mailbox,gr\xF6sse".to_vec();
        let head = Head { bytes, line: 1, ends_in_crlf: false };
        let (header, problems) =
            Header::read(&head, Dialect::default(), &names(), Vec::new()).unwrap();
        assert_eq!(header.columns[1].label, "column 2");
        assert_eq!(problems[0].message, "the name of column 2 is not known");
    }
}
