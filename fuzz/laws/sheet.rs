//! Spreadsheets: whatever a file holds, it is refused with a remedy, or read twice alike, and its rejects are CSV.

use std::io::Cursor;
use std::io::Write;

use boxlift::input::Bytes;
use boxlift::input::Format;
use boxlift::input::Limits;
use boxlift::input::Source;
use boxlift::input::prepare;
use boxlift::model::Cell;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::reading;
use super::reading::Reading;

const LIMITS: Limits = Limits { record: 64 << 10, rows: Limits::ROWS_MAX, input: 16 << 20 };

/// Parts of a file of Excel that are the same in all.
const AROUND: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="b"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="b" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="c" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
];

/// Parts that the bytes fill in, with a zero between them.
const FILLED: [&str; 3] = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"];

/// Holds for bytes behind one that says whether they are a whole file or the parts of one.
pub(crate) fn holds(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let (format, file) = match choice % 4 {
        0 => (Format::Xlsx, bytes.to_vec()),
        1 => (Format::Ods, bytes.to_vec()),
        2 => {
            let filled = FILLED.into_iter().zip(bytes.split(|it| *it == 0));
            let around = AROUND.into_iter().map(|it| (it.0, it.1.as_bytes()));
            (Format::Xlsx, zipped(around.chain(filled)))
        }
        _ => (Format::Ods, zipped([("content.xml", bytes)].into_iter())),
    };
    let settings = Bytes { format: Some(format), encoding: None, sheet: None, limits: LIMITS };
    let prepared = prepare(Source::spool(&file[..], u64::MAX).unwrap(), None, &settings);
    let Some((source, format)) = reading::or_told(prepared) else { return };
    let Some(reading) = Reading::of_source(reading::settings(), format, source) else { return };
    let rejects = Reading::with(reading::settings(), Format::Csv, &reading.rejects());
    let rejects = rejects.expect("the rejects of a spreadsheet are no CSV");
    assert_eq!(rejects.rows.len(), reading.rows.len(), "rejects have other rows");
    for (row, again) in reading.rows.iter().zip(&rejects.rows) {
        let line = row.span.line;
        assert!(row.readable || !again.readable, "line {line} was refused and is taken");
        // The mailbox and the PIN: no digits alone come of a number or a date.
        let retyped = row.cells[..2].iter().zip(&again.cells);
        let is_healed = |(before, after): (&Cell<'_>, &Cell<'_>)| {
            let is_typed = matches!(before, Cell::Number(_) | Cell::Date(_));
            let is_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
            again.readable && is_typed && after.text().is_none_or(|it| is_digits(&it))
        };
        assert!(!retyped.into_iter().any(is_healed), "line {line} lost what was wrong with it");
    }
}

fn zipped<'p>(parts: impl Iterator<Item = (&'p str, &'p [u8])>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, SimpleFileOptions::default()).expect("memory takes files");
        archive.write_all(content).expect("memory takes bytes");
    }
    archive.finish().expect("memory takes an end").into_inner()
}
