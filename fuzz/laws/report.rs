//! Reports: no cell of the CSV starts a formula, and every text can be had back from either form.

use std::fs;

use boxlift::report::Format;
use boxlift::report::Output;
use boxlift::report::Record;
use boxlift::report::Report;

/// What makes a spreadsheet take a cell for a formula, or jump over its beginning.
const FORMULA_STARTS: [char; 12] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// Put before a text that would start a formula.
const GUARD: char = '\'';

/// Holds for a message, whose lines are code and key as well.
pub(crate) fn holds(bytes: &[u8]) {
    let message = &*String::from_utf8_lossy(bytes);
    let (code, key) = message.split_once('\n').unwrap_or((message, message));
    let record = Record {
        row: 1,
        line: 2,
        action: Some("create"),
        customer: Some(7),
        mailbox: Some("101"),
        status: "rejected",
        code: Some(code),
        key: Some(key),
        message: Some(message),
        attempts: 1,
        http_status: Some(400),
        elapsed_ms: None,
        finished_at: None,
    };
    let texts = [code, key, message];
    csv_gives_back(&written(Format::Csv, &record), texts);
    jsonl_gives_back(&written(Format::Jsonl, &record), texts);
}

fn written(format: Format, record: &Record<'_>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report");
    let mut report: Report = Report::begin(format, Output::open(&path).unwrap()).unwrap();
    report.note(record).unwrap();
    report.put_in_place().unwrap();
    fs::read(path).unwrap()
}

fn csv_gives_back(file: &[u8], texts: [&str; 3]) {
    let mut reader = csv::Reader::from_reader(file);
    let header: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<_> = reader.into_records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 1, "a record becomes another number of them");
    for (name, cell) in header.iter().zip(&records[0]) {
        assert!(!cell.starts_with(FORMULA_STARTS), "`{name}` starts a formula");
    }
    for (name, text) in ["code", "key", "message"].into_iter().zip(texts) {
        let place = header.iter().position(|it| it == name).expect("a column is missing");
        let cell = &records[0][place];
        assert_eq!(cell.strip_prefix(GUARD).unwrap_or(cell), text, "`{name}` lost its text");
    }
}

fn jsonl_gives_back(file: &[u8], texts: [&str; 3]) {
    let line = file.strip_suffix(b"\n").expect("a line that does not end");
    assert!(!line.contains(&b'\n') && !line.contains(&b'\r'), "a record has two lines");
    let object: serde_json::Value = serde_json::from_slice(line).unwrap();
    for (name, text) in ["code", "key", "message"].into_iter().zip(texts) {
        assert_eq!(object[name], text, "`{name}` lost its text");
    }
}
