//! CSV: our reading is the csv crate's wherever ours accepts; no byte is lost; rejects stay what they were.

use boxlift::input::Format;
use boxlift::model::Cell;
use boxlift::model::Rule;

use super::reading;
use super::reading::Kept;
use super::reading::NAMES;
use super::reading::Reading;

/// So that every input is also read as rows, whatever its first line is.
const HEADER: &[u8] = b"mailbox,pin,name\n";

/// Holds for a whole file, and for the same bytes as rows.
pub(crate) fn holds(bytes: &[u8]) {
    holds_for_file(bytes);
    holds_for_file(&[HEADER, bytes].concat());
}

fn holds_for_file(bytes: &[u8]) {
    let Some(reading) = Reading::of(Format::Csv, bytes) else { return };
    let records = by_the_csv_crate(bytes);
    // A line that names the delimiter is a record to the csv crate.
    let named = |it: &Record<'_>| it.bytes.trim_ascii_start().to_ascii_lowercase();
    if records
        .first()
        .is_some_and(|it| [&b"sep="[..], b"\"sep="].iter().any(|sep| named(it).starts_with(sep)))
    {
        return;
    }
    let (header, records) = records.split_first().expect("a header that nobody else sees");
    reading::each_byte_belongs_to_one_record(bytes, header.bytes, &reading.rows);
    assert!(reading.header.starts_with(header.bytes), "rejects have another header");
    agrees(bytes, &reading.rows, header, records);
    reading::rejects_read_again(&reading);
}

/// A record of the csv crate and the bytes that it was read from.
struct Record<'a> {
    bytes: &'a [u8],
    start: usize,
    cells: csv::ByteRecord,
}

fn by_the_csv_crate(bytes: &[u8]) -> Vec<Record<'_>> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.has_headers(false).flexible(true).from_reader(bytes);
    let mut records = Vec::new();
    let mut cells = csv::ByteRecord::new();
    while reader.read_byte_record(&mut cells).unwrap() {
        let start = usize::try_from(cells.position().unwrap().byte()).unwrap();
        let end = usize::try_from(reader.position().byte()).unwrap();
        let raw = &bytes[start..end];
        let raw = raw.strip_prefix(b"\xEF\xBB\xBF").filter(|_| start == 0).unwrap_or(raw);
        // It counts line ends to the record behind them, and one more byte to a record that ends in CRLF.
        let raw = &raw[raw.iter().take_while(|it| matches!(it, b'\n' | b'\r')).count()..];
        let ends = raw.iter().rev().take_while(|it| matches!(it, b'\n' | b'\r')).count();
        let raw = &raw[..raw.len() - ends];
        // Blanks are a record to the csv crate and a blank line to people.
        if !raw.trim_ascii().is_empty() {
            let start = raw.as_ptr() as usize - bytes.as_ptr() as usize;
            records.push(Record { bytes: raw, start, cells: cells.clone() });
        }
    }
    records
}

/// The rows up to the first one that we break off, and the csv crate does not, are the same.
fn agrees(bytes: &[u8], rows: &[Kept], header: &Record<'_>, records: &[Record<'_>]) {
    for (index, row) in rows.iter().enumerate() {
        let line = row.span.line;
        let record = records.get(index).unwrap_or_else(|| panic!("line {line} is no record"));
        assert_eq!(row.range().start, record.start, "line {line} begins elsewhere");
        if row.has(Rule::UnclosedQuote) || row.has(Rule::RecordTooLong) {
            return;
        }
        if row.has(Rule::NotUtf8) {
            assert!(std::str::from_utf8(record.bytes).is_err(), "line {line} is UTF-8");
            // Its quote may be open as well, which is not told then.
            if &bytes[row.range()] != record.bytes {
                return;
            }
            continue;
        }
        let is_ragged =
            record.cells.len() != header.cells.len() || stands_below_no_name(header, record);
        assert_eq!(row.has(Rule::RaggedRow), is_ragged, "line {line} has other cells");
        assert_eq!(row.readable, !is_ragged, "line {line} is readable or is not");
        assert!(&bytes[row.range()] == record.bytes, "line {line} has other bytes");
        assert!(is_ragged || row.cells == cells(header, record), "line {line} has other texts");
    }
    assert_eq!(records.len(), rows.len(), "the number of records differs");
}

/// Whether a text stands in a column at the end that has no name.
fn stands_below_no_name(header: &Record<'_>, record: &Record<'_>) -> bool {
    let is_named = |it: &[u8]| !it.trim_ascii().is_empty() && it.trim_ascii() != b"boxlift_reason";
    let named = header.cells.iter().rposition(is_named).map_or(0, |it| it + 1);
    let cells = header.cells.iter().zip(&record.cells).skip(named);
    cells
        .into_iter()
        .any(|(name, cell)| name.trim_ascii().is_empty() && !cell.trim_ascii().is_empty())
}

/// The cells of the known columns; the first column of a name counts.
fn cells(header: &Record<'_>, record: &Record<'_>) -> Vec<Cell<'static>> {
    let text_of = |name: &&str| {
        let is_named = |it: &[u8]| it.trim_ascii() == name.as_bytes();
        let place = header.cells.iter().position(is_named)?;
        Some(String::from_utf8(record.cells[place].to_vec()).unwrap())
    };
    let cell = |text: Option<String>| match text {
        None => Cell::Absent,
        Some(text) if text.trim_ascii().is_empty() => Cell::Absent,
        Some(text) if text == "<empty>" => Cell::Empty,
        Some(text) => Cell::Text(text.into()),
    };
    NAMES.iter().map(text_of).map(cell).collect()
}
