//! Well-formed files of every dialect, read by us and by Python's `csv`: the cells must be the same.
//!
//! The files are made here from a seed that a failure names; one Python reads them all.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;
use std::process::Stdio;

use boxlift::input::Format;
use boxlift::input::Input;
use boxlift::input::Settings;
use boxlift::input::Source;
use boxlift::model::Cell;
use boxlift::model::ColumnNames;
use fastrand::Rng;

const FILES: u64 = 5_000;

const COLUMNS_MAX: usize = 6;
const NAMES: [&str; COLUMNS_MAX] = ["mailbox", "pin", "description", "owner", "pager", "dnumber"];

/// What cells are made of: all that means something to a reader of CSV, and what does not.
const PIECES: [&str; 16] =
    ["a", "0", "ü", "€", " ", ",", ";", "\t", "|", "\"", "'", "\n", "\r\n", "\r", "x1", "="];

/// Reads files from JSON lists of `[text, delimiter, quote]`, and writes the rows of each as a JSON list.
const PYTHON: &str = r#"
import csv, io, json, sys
sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    text, delimiter, quote = json.loads(line)
    text = io.StringIO(text.removeprefix("\ufeff"), newline="")
    rows = [row for row in csv.reader(text, delimiter=delimiter, quotechar=quote) if row]
    print(json.dumps(rows))
"#;

struct File {
    text: String,
    delimiter: char,
    quote: char,
    columns: usize,
}

fn file(seed: u64) -> File {
    let mut rng = Rng::with_seed(seed);
    let delimiter = *rng.choice(&[',', ';', '\t', '|']).unwrap();
    let quote = *rng.choice(&['"', '"', '\'']).unwrap();
    let columns = rng.usize(2..=COLUMNS_MAX);
    let end = *rng.choice(&["\n", "\r\n", "\r"]).unwrap();
    let mixed = rng.u8(0..4) == 0;
    let mark = if rng.u8(0..4) == 0 { "\u{FEFF}" } else { "" };
    let mut text = mark.to_owned() + &NAMES[..columns].join(&delimiter.to_string()) + end;
    for _ in 0..rng.usize(0..12) {
        let cells: Vec<_> = (0..columns).map(|_| cell(&mut rng, delimiter, quote)).collect();
        text += &cells.join(&delimiter.to_string());
        text += if mixed { *rng.choice(&["\n", "\r\n", "\r"]).unwrap() } else { end };
        if rng.u8(0..8) == 0 {
            text += end;
        }
    }
    if rng.bool() {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    File { text, delimiter, quote, columns }
}

/// A cell as somebody would write it: quoted where it must be, and sometimes where it need not. Inside of a bare cell a
/// quote is text.
fn cell(rng: &mut Rng, delimiter: char, quote: char) -> String {
    let pieces = rng.usize(0..5);
    let text: String = (0..pieces).map(|_| *rng.choice(&PIECES).unwrap()).collect();
    if text.contains([delimiter, '\r', '\n']) || text.starts_with(quote) || rng.u8(0..4) == 0 {
        format!("{quote}{}{quote}", text.replace(quote, &format!("{quote}{quote}")))
    } else {
        text
    }
}

/// What counts of a cell: one of blanks alone is blank to us.
fn seen(text: &str) -> &str {
    if text.trim_ascii().is_empty() { "" } else { text }
}

fn by_us(file: &File) -> Vec<Vec<String>> {
    let names = ColumnNames {
        known: NAMES.map(Cow::Borrowed).to_vec(),
        key: Cow::Borrowed("mailbox"),
        reserved: &[],
        ignored: &[],
        secret: Vec::new(),
        loose: false,
        texts: Vec::new(),
    };
    let source = Source::spool(file.text.as_bytes(), u64::MAX).unwrap();
    let quote = u8::try_from(file.quote).ok();
    let settings = Settings { quote, ..Settings::new(names) };
    let mut input = Input::open(source, Format::Csv, settings).unwrap();
    assert_eq!(input.header_problems(), []);
    let layout = input.layout();
    let mut rows = Vec::new();
    while let Some(chunk) = input.next_chunk().unwrap() {
        chunk.visit(&layout, |row| {
            assert!(row.readable, "{:?}", row.problems);
            let text = |it: &Cell<'_>| match it {
                Cell::Text(text) => text.clone().into_owned(),
                Cell::Absent => String::new(),
                Cell::Empty
                | Cell::Integer(_)
                | Cell::Boolean(_)
                | Cell::Number(_)
                | Cell::Date(_) => panic!("CSV has no such cell"),
            };
            rows.push(row.cells[..file.columns].iter().map(text).collect());
        });
    }
    rows
}

fn by_python(files: &[File]) -> Vec<Vec<Vec<String>>> {
    let mut python = Command::new("python3")
        .args(["-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs python3: {error}"));
    let mut stdin = python.stdin.take().unwrap();
    let mut lines = String::new();
    for file in files {
        let [delimiter, quote] = [file.delimiter, file.quote].map(String::from);
        let line = serde_json::json!([file.text, delimiter, quote]);
        writeln!(lines, "{line}").unwrap();
    }
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let told = String::from_utf8(output.stdout).unwrap();
    told.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn five_thousand_files_have_the_cells_that_python_reads() {
    let files: Vec<_> = (0..FILES).map(file).collect();
    let read = by_python(&files);
    assert_eq!(read.len(), files.len());
    let mut cells = 0;
    for ((seed, file), python) in (0_u64..).zip(&files).zip(read) {
        let wanted: Vec<Vec<_>> = python[1..]
            .iter()
            .map(|row| row.iter().map(|it| seen(it).to_owned()).collect())
            .collect();
        assert_eq!(by_us(file), wanted, "seed {seed}: {:?}", file.text);
        cells += wanted.iter().map(Vec::len).sum::<usize>();
    }
    assert!(cells > 50_000, "only {cells} cells were compared");
}
