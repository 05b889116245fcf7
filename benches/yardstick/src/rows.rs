//! Rows that are the same every time: mailboxes to create, with every column filled that can be.
//!
//! No row breaks a rule or earns a warning: PINs are not weak, zones are known, addresses are whole. `copy_pin` alone is
//! blank, since a row that gives it may not give a PIN. Refuses no column's value, since it makes them all itself.

use std::borrow::Cow;
use std::io;
use std::io::Write;

use clap::ValueEnum;

/// Most rows that have different mailboxes of seven digits.
pub(crate) const ROWS_MAX: u64 = 9_000_000;

/// The first mailbox: all have seven digits, so that none looks cut.
const MAILBOX_FIRST: u64 = 1_000_000;

/// The columns: what the row asks for, and all parameters of mailboxes/create in the order in which they are sent.
pub(crate) const COLUMNS: [&str; 26] = [
    "action",
    "mailbox",
    "pin",
    "callerid",
    "copy_pin",
    "customer",
    "description",
    "dtype",
    "dnumber",
    "envelope",
    "notify_dnumber",
    "notify_email",
    "notify_for",
    "notify_ltype",
    "notify_message",
    "notify_only",
    "owner",
    "pager",
    "pager_attach",
    "panel",
    "play",
    "saycid",
    "sayduration",
    "temporary_active",
    "timezone",
    "transcribe",
];

/// Columns whose values are numbers in JSON; the digits of others are a text.
const NUMBERS: [&str; 10] = [
    "customer",
    "envelope",
    "notify_only",
    "owner",
    "pager_attach",
    "panel",
    "saycid",
    "sayduration",
    "temporary_active",
    "transcribe",
];

/// A row's cells, in the order of [`COLUMNS`].
pub(crate) type Cells = [Cow<'static, str>; COLUMNS.len()];

/// How rows are written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// With a header, quoted where it must be
    Csv,
    /// One object a line, blank cells left out
    Jsonl,
}

/// Which columns rows have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Columns {
    /// All that mailboxes/create takes
    Wide,
    /// What a row cannot be without
    Narrow,
}

impl Columns {
    fn count(self) -> usize {
        match self {
            Self::Wide => COLUMNS.len(),
            Self::Narrow => 3,
        }
    }
}

/// Writes the first `count` rows.
pub(crate) fn write(
    out: &mut impl Write,
    count: u64,
    format: Format,
    columns: Columns,
) -> io::Result<()> {
    let columns = columns.count();
    match format {
        Format::Csv => {
            writeln!(out, "{}", COLUMNS[..columns].join(","))?;
            (0..count).try_for_each(|number| write_csv(out, &cells(number)[..columns]))
        }
        Format::Jsonl => {
            (0..count).try_for_each(|number| write_json(out, &cells(number)[..columns]))
        }
    }
}

/// Writes cells as a line of CSV.
pub(crate) fn write_csv(out: &mut impl Write, cells: &[Cow<'static, str>]) -> io::Result<()> {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        // No cell has a quotation mark in it.
        if cell.contains(',') {
            write!(out, "\"{cell}\"")?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

fn write_json(out: &mut impl Write, cells: &[Cow<'static, str>]) -> io::Result<()> {
    let mut before = '{';
    for (name, cell) in COLUMNS.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        // No cell has a character that JSON would have escaped.
        if NUMBERS.contains(name) {
            write!(out, "{before}\"{name}\":{cell}")?;
        } else {
            write!(out, "{before}\"{name}\":\"{cell}\"")?;
        }
        before = ',';
    }
    out.write_all(b"}\n")
}

/// The cells of a row, counted from 0.
pub(crate) fn cells(number: u64) -> Cells {
    let bit = |place: u32| if number >> place & 1 == 1 { "1" } else { "0" };
    let mailbox = (MAILBOX_FIRST + number).to_string();
    // Where messages are deleted, the second address gets the audio.
    let deletes = bit(2);
    [
        "create".into(),
        mailbox.into(),
        // Neither a run nor a repetition, whatever follows on 27.
        format!("27{:04}", number * 7919 % 10_000).into(),
        format!("4930{:05}", number % 100_000).into(),
        "".into(),
        "42".into(),
        description(number).into(),
        one_of(number, &["phone", "ivr", "queue", "forward", "huntgroup"]),
        format!("2{:03}", number % 1_000).into(),
        bit(0).into(),
        format!("4940{:03}", number % 1_000).into(),
        one_of(number, &["owner", "owner_wav"]),
        one_of(number, &["fax", "voicemail", "voicemail_fax"]),
        one_of(number, &["voicemailbox", "voicemailboxpin", "voicemaillogin"]),
        "owner".into(),
        deletes.into(),
        (100 + number % 900).to_string().into(),
        format!("p{number}@example.com").into(),
        deletes.into(),
        bit(1).into(),
        one_of(number, &["oldest", "newest"]),
        bit(3).into(),
        bit(4).into(),
        bit(5).into(),
        one_of(number, &["Europe/Berlin", "Asia/Tokyo", "Etc/UTC", "America/New_York"]),
        bit(6).into(),
    ]
}

/// Now and then with a comma, for which CSV needs quotes, or with a letter of two bytes.
fn description(number: u64) -> String {
    match number % 16 {
        5 => format!("Desk {number}, east"),
        11 => format!("Büro {number}"),
        _ => format!("Desk {number}"),
    }
}

fn one_of(number: u64, words: &[&'static str]) -> Cow<'static, str> {
    let place = usize::try_from(number).unwrap_or_default() % words.len();
    Cow::Borrowed(words[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: u64 = 200;

    fn text(format: Format) -> String {
        let mut out = Vec::new();
        write(&mut out, COUNT, format, Columns::Wide).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_is_read_as_the_cells_that_were_written() {
        let text = text(Format::Csv);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
        for (number, record) in (0..COUNT).zip(reader.records()) {
            assert_eq!(record.unwrap().iter().collect::<Vec<_>>(), cells(number));
        }
    }

    #[test]
    fn jsonl_has_the_same_cells_but_blank_ones() {
        for (number, line) in (0..COUNT).zip(text(Format::Jsonl).lines()) {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            for (name, cell) in COLUMNS.iter().zip(cells(number)) {
                let found = object.get(name).map_or(String::new(), |it| match it.as_str() {
                    Some(text) => text.to_owned(),
                    None => it.to_string(),
                });
                assert_eq!(found, cell, "{name}");
            }
        }
    }

    #[test]
    fn every_row_has_a_mailbox_of_its_own_and_one_blank_cell() {
        let rows: Vec<_> = (0..COUNT).map(cells).collect();
        let mailboxes: std::collections::HashSet<_> = rows.iter().map(|it| it[1].clone()).collect();
        assert_eq!(mailboxes.len(), rows.len());
        let blank = |it: &Cells| it.iter().filter(|cell| cell.is_empty()).count();
        assert!(rows.iter().all(|it| blank(it) == 1));
    }
}
