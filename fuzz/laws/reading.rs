//! What the laws of both input formats share: a file read to its end, twice, and its rejects.
//!
//! Tells where records stand by the bytes alone, without the library's help.

use std::borrow::Cow;

use boxlift::input::Format;
use boxlift::input::Input;
use boxlift::input::InputError;
use boxlift::input::Settings;
use boxlift::input::Source;
use boxlift::model::Cell;
use boxlift::model::ColumnNames;
use boxlift::model::REASON_COLUMN;
use boxlift::model::RawRow;
use boxlift::model::Rule;
use boxlift::model::Span;

/// Few and short names, which a fuzzer finds.
pub(crate) const NAMES: [&str; 3] = ["mailbox", "pin", "name"];

fn names() -> ColumnNames {
    ColumnNames {
        known: NAMES.map(Cow::Borrowed).to_vec(),
        key: Cow::Borrowed("mailbox"),
        reserved: &["password"],
        ignored: &[REASON_COLUMN],
        secret: vec![Cow::Borrowed("pin")],
        loose: false,
        texts: vec![Cow::Borrowed("mailbox"), Cow::Borrowed("pin")],
    }
}

/// What holds where nothing is chosen.
pub(crate) fn settings() -> Settings {
    Settings::new(names())
}

/// The reason of every rejection: with all that needs care in either format.
const REASON: &str = "bad, \"very\"\nbad";

/// Byte order marks of UTF-8 and UTF-16.
const MARKS: [&[u8]; 3] = [BOM, b"\xFF\xFE", b"\xFE\xFF"];

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A row that outlives its chunk.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Kept {
    pub(crate) span: Span,
    pub(crate) cells: Vec<Cell<'static>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) readable: bool,
}

impl Kept {
    fn of(row: &RawRow<'_>) -> Self {
        Self {
            span: row.span,
            cells: row.cells.iter().map(own).collect(),
            rules: row.problems.iter().map(|it| it.rule).collect(),
            readable: row.readable,
        }
    }

    pub(crate) fn has(&self, rule: Rule) -> bool {
        self.rules.contains(&rule)
    }

    /// Where its bytes stand.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        let start = usize::try_from(self.span.offset).unwrap();
        start..start + self.span.length as usize
    }

    /// What a row and its reject have in common. A reject closes the quote that a record left open.
    fn essence(&self) -> (bool, &[Cell<'static>], Vec<Rule>) {
        let rules = self.rules.iter().map(|it| match it {
            Rule::UnclosedQuote => Rule::RaggedRow,
            other => *other,
        });
        (self.readable, &self.cells, rules.collect())
    }
}

fn own(cell: &Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Absent => Cell::Absent,
        Cell::Empty => Cell::Empty,
        Cell::Text(text) => Cell::Text(text.clone().into_owned().into()),
        Cell::Integer(value) => Cell::Integer(*value),
        Cell::Boolean(value) => Cell::Boolean(*value),
        Cell::Number(digits) => Cell::Number(digits.clone().into_owned().into()),
        Cell::Date(date) => Cell::Date(date.clone().into_owned().into()),
    }
}

/// What was opened; an error has a text and a remedy.
pub(crate) fn or_told<T>(opened: Result<T, InputError>) -> Option<T> {
    opened
        .inspect_err(|error| {
            assert!(!error.to_string().is_empty() && !error.help().is_empty());
        })
        .ok()
}

/// A file that was read to its end.
pub(crate) struct Reading {
    pub(crate) rows: Vec<Kept>,
    /// The header of its rejects.
    pub(crate) header: Vec<u8>,
    input: Input,
    settings: Settings,
    format: Format,
}

impl Reading {
    /// Reads a file with commas, or one of objects.
    pub(crate) fn of(format: Format, bytes: &[u8]) -> Option<Self> {
        let delimiter = (format == Format::Csv).then_some(b',');
        Self::with(Settings { delimiter, ..settings() }, format, bytes)
    }

    /// Reads a file; none where the whole is refused. The second reading of every record is the first.
    pub(crate) fn with(settings: Settings, format: Format, bytes: &[u8]) -> Option<Self> {
        Self::of_source(settings, format, Source::spool(bytes, u64::MAX).unwrap())
    }

    /// The same of bytes that were made ready before.
    pub(crate) fn of_source(settings: Settings, format: Format, source: Source) -> Option<Self> {
        let mut input = or_told(Input::open(source, format, settings.clone()))?;
        let layout = input.layout();
        let mut rows: Vec<Kept> = Vec::new();
        while let Some(chunk) = input.next_chunk().unwrap() {
            assert_eq!(chunk.first_row() as usize, rows.len(), "a row is counted wrongly");
            chunk.visit(&layout, |row| rows.push(Kept::of(&row)));
        }
        let mut records = input.records();
        for row in rows.iter().rev() {
            let again = records.read(row.span, |it| Kept::of(&it)).unwrap();
            assert!(again == *row, "the second reading of line {} differs", row.span.line);
        }
        let header = input.rejects_header();
        Some(Self { rows, header, input, settings, format })
    }

    /// Reads another file in the same way.
    fn again(&self, bytes: &[u8]) -> Option<Self> {
        Self::with(self.settings.clone(), self.format, bytes)
    }

    /// All of its rows, rejected.
    pub(crate) fn rejects(&self) -> Vec<u8> {
        let mut out = self.header.clone();
        let mut records = self.input.records();
        for row in &self.rows {
            records.reject(row.span, REASON, &mut out).unwrap();
        }
        out
    }
}

/// Every byte belongs to one record, or to the `head`, or is blank; and every record has the line of its first byte.
pub(crate) fn each_byte_belongs_to_one_record(bytes: &[u8], head: &[u8], rows: &[Kept]) {
    let body = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let mark = bytes.len() - body.len();
    let blanks = body.len() - body.trim_ascii_start().len();
    let mut at = mark;
    if !head.is_empty() {
        let begin = bytes[mark..mark + blanks].iter().rposition(|it| is_line_end(*it));
        at += begin.map_or(0, |it| it + 1);
        assert!(bytes[at..].starts_with(head), "the header is not where the file begins");
        at += head.len();
    }
    for row in rows {
        let range = row.range();
        assert!(range.end <= bytes.len() && !range.is_empty(), "a record is out of the file");
        let gap = bytes.get(at..range.start).expect("two records share a byte");
        assert!(gap.trim_ascii().is_empty(), "a byte belongs to no record");
        assert!(at == mark || gap.iter().any(|it| is_line_end(*it)), "a line is torn apart");
        assert_eq!(
            row.span.line as usize,
            1 + lines(&bytes[..range.start]),
            "a line is miscounted"
        );
        at = range.end;
    }
    assert!(bytes[at..].trim_ascii().is_empty(), "a byte behind the last record is lost");
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Line ends, counted byte by byte: LF, CRLF and lone CR.
fn lines(bytes: &[u8]) -> usize {
    let ends = bytes.iter().zip(bytes.iter().skip(1).chain([&0]));
    ends.filter(|it| matches!(it, (b'\n', _)) || matches!(it, (b'\r', next) if **next != b'\n'))
        .count()
}

/// Rejects read again as what was rejected, however often; those of rejects are the first ones for JSONL.
pub(crate) fn rejects_read_again(reading: &Reading) {
    let format = reading.format;
    let once = reading.rejects();
    // A mark that stood inside of the file stands at the beginning now, where it has another meaning.
    if MARKS.iter().any(|it| once.starts_with(it)) {
        return;
    }
    let again = reading.again(&once).expect("rejects are no input");
    let twice = again.rejects();
    let third = reading.again(&twice).expect("rejects of rejects are no input");
    assert_eq!(again.rows.len(), reading.rows.len(), "rejects have other rows");
    assert_eq!(third.rows.len(), reading.rows.len(), "rejects of rejects have other rows");
    // An old reason gives way to the new one, and what was wrong with its own cell goes with it.
    let had_reason = format == Format::Csv && again.header == reading.header;
    for (row, (again, third)) in reading.rows.iter().zip(again.rows.iter().zip(&third.rows)) {
        let line = row.span.line;
        let may_heal = had_reason && (row.has(Rule::NotUtf8) || row.has(Rule::TextAfterQuote));
        assert!(may_heal || row.essence() == again.essence(), "line {line} reads otherwise");
        assert!(again.essence() == third.essence(), "line {line} reads otherwise at last");
    }
    assert!(format == Format::Csv || once == twice, "rejects of rejects differ from them");
}
