//! Encodings: what decodes as a whole is read as its text, and what does not is refused or told, never replaced.

use boxlift::input::Bytes;
use boxlift::input::Encoding;
use boxlift::input::Format;
use boxlift::input::Limits;
use boxlift::input::Source;
use boxlift::input::prepare;
use boxlift::model::Rule;

use super::reading;
use super::reading::Reading;

/// One of each kind: of one byte, of two, of several, with states.
const LABELS: [&str; 10] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1252",
    "shift_jis",
    "gb18030",
    "iso-2022-jp",
    "big5",
    "euc-kr",
    "koi8-r",
];

const LIMITS: Limits = Limits { record: 64 << 10, rows: Limits::ROWS_MAX, input: 16 << 20 };

/// Holds for a file behind a byte that chooses the encoding that is named, or none.
pub(crate) fn holds(bytes: &[u8]) {
    let Some((choice, file)) = bytes.split_first() else { return };
    let label = LABELS.get(usize::from(*choice) % (LABELS.len() + 1));
    let encoding = label.map(|it| Encoding::parse(it).expect("a label of the list"));
    let settings = Bytes { format: Some(Format::Csv), encoding, sheet: None, limits: LIMITS };
    let prepared = prepare(Source::spool(file, u64::MAX).unwrap(), None, &settings);
    let Some((source, format)) = reading::or_told(prepared) else { return };
    let Some(reading) = Reading::of_source(reading::settings(), format, source) else { return };
    is_its_text(label.copied(), file, &reading);
    let rejects = reading.rejects();
    // Bytes that stood inside of the file stand at its beginning now, where they are a mark.
    if [b"\xFF\xFE", b"\xFE\xFF"].iter().any(|it| rejects.starts_with(*it)) {
        return;
    }
    let prepared = prepare(Source::spool(&rejects[..], u64::MAX).unwrap(), None, &settings);
    let (source, format) = reading::or_told(prepared).expect("rejects are no input");
    let again = Reading::of_source(reading::settings(), format, source);
    let again = again.expect("rejects are no rows");
    assert_eq!(again.rows.len(), reading.rows.len(), "rejects have other rows");
}

/// A file that decodes as a whole has the rows of its text.
fn is_its_text(label: Option<&str>, file: &[u8], reading: &Reading) {
    let named = label.unwrap_or("utf-8");
    let named = encoding_rs::Encoding::for_label(named.as_bytes()).expect("a label of the list");
    let (encoding, mark) = encoding_rs::Encoding::for_bom(file).unwrap_or((named, 0));
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(&file[mark..]);
    let Some(text) = decoded else { return };
    assert!(!reading.rows.iter().any(|it| it.has(Rule::NotUtf8)), "a text that decodes is refused");
    // A mark in the text's first place would be taken for the file's own.
    if text.starts_with('\u{FEFF}') {
        return;
    }
    let plain = Reading::with(reading::settings(), Format::Csv, text.as_bytes());
    let plain = plain.expect("the text of a file with rows has none");
    let cells = |it: &Reading| it.rows.iter().map(|it| it.cells.clone()).collect::<Vec<_>>();
    assert!(cells(&plain) == cells(reading), "the text has other cells");
}
