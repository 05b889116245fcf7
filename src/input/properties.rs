//! What holds for every input: agreement with the csv crate, and rejects that read like what was rejected.
//!
//! Refuses to be part of the program.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::strategy::Just;

use crate::input::Format;
use crate::input::fields::Fields;
use crate::input::fields::Form;
use crate::input::shape::Dialect;
use crate::input::shape::Shape;
use crate::input::split::Found;
use crate::input::split::Splitter;
use crate::input::testing;
use crate::input::testing::Kept;
use crate::input::testing::csv;
use crate::input::testing::text;
use crate::model::Cell;
use crate::model::Rule;

/// Cells of any kind, written as CSV with line ends of any kind.
fn table() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        Just(String::new()),
        "[a-zü0-9 ]{1,6}",
        "[a-z]\"[a-z]",
        "([a-z,ü]|\"\"|\n|\r\n|\r){0,6}".prop_map(|it| format!("\"{it}\"")),
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("\n\n"), Just("\r\r\n")];
    vec((vec(cell, 3), end), 0..12).prop_map(|rows| {
        let line = |(cells, end): (Vec<String>, &str)| cells.join(",") + end;
        format!("mailbox,pin,description\n{}", rows.into_iter().map(line).collect::<String>())
    })
}

/// Bytes that mean something to a splitter, in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\""),
        Just("\"\""),
        Just(","),
        Just("\n"),
        Just("\r\n"),
        Just("\r"),
        Just("a"),
        Just("ü"),
    ];
    vec(piece, 0..60).prop_map(|it| it.concat())
}

/// A line of JSON, now and then with something that is none.
fn object() -> impl Strategy<Value = String> {
    let key = prop_oneof![12 => "mailbox|pin|description|max_length", 1 => "max|x"];
    let value = prop_oneof![
        12 => "\"[a}ü\u{20AC}]{0,3}\"|[1-9][0-9]{0,16}|0|null|true|false",
        1 => "\"[a\\t\u{7F}§\u{85}]\"|\"\\\\n\"|-1|00|01|1e3|nul|nullx|\\[\\]|",
    ];
    let pair =
        (key, ": ?|  :", value).prop_map(|(key, colon, value)| format!("\"{key}\"{colon}{value}"));
    let between = prop_oneof![8 => ", ?", 1 => " ,|,,| "];
    let begin = "\\{ ?";
    let end = prop_oneof![4 => "\\} ?", 1 => ",\\}|\\}\\}|\\}\\t|"];
    (begin, vec(pair, 0..5), between, end)
        .prop_map(|(begin, pairs, between, end)| format!("{begin}{}{end}", pairs.join(&between)))
}

/// The cells of every record, by the csv crate.
fn by_the_csv_crate(text: &str) -> Vec<Vec<String>> {
    let mut builder = csv::ReaderBuilder::new();
    let reader = builder.has_headers(false).flexible(true).from_reader(text.as_bytes());
    let owned = |it: csv::StringRecord| it.iter().map(str::to_owned).collect();
    reader.into_records().map(|it| owned(it.unwrap())).collect()
}

/// The cells of every record, by this stage; none where a quote is not closed.
fn by_this_stage(text: &str) -> Option<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let mut at = 0;
    let dialect = Dialect::default();
    let splitter = Splitter { shape: Shape::Delimited(dialect), record_max: 64 << 10, width: None };
    while at < text.len() {
        let Found::Whole(extent) = splitter.find(&text.as_bytes()[at..]) else {
            return None;
        };
        let record = &text[at..at + extent.length];
        at += extent.next;
        if record.is_empty() {
            continue;
        }
        let fields: Vec<_> = Fields::of(record.as_bytes(), dialect).collect();
        if fields.iter().any(|it| it.form == Form::Open) {
            return None;
        }
        records
            .push(fields.iter().map(|it| it.text(record, dialect)).map(Cow::into_owned).collect());
    }
    Some(records)
}

fn cell(text_of: &str) -> Cell<'static> {
    if text_of.trim_ascii().is_empty() { Cell::Absent } else { text(text_of) }
}

/// The physical lines on which records begin, found byte by byte.
fn lines_of(text: &str) -> Vec<u32> {
    let (mut line, mut quoted, mut fresh, mut lines) = (1, false, true, Vec::new());
    let normal = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut before = '\n';
    for it in normal.chars() {
        if fresh && it != '\n' {
            lines.push(line);
            fresh = false;
        }
        if it == '"' && (quoted || before == ',' || before == '\n' || before == '"') {
            quoted = !quoted;
        }
        line += u32::from(it == '\n');
        fresh = fresh || (it == '\n' && !quoted);
        before = it;
    }
    lines
}

/// What must not differ between a row and its reject.
fn sameness(row: &Kept) -> (bool, Vec<Cell<'static>>, Vec<Rule>) {
    // A reject closes the quote that a record left open, lest it take other records with it.
    let rules = row.rules().into_iter().map(|it| match it {
        Rule::UnclosedQuote => Rule::RaggedRow,
        other => other,
    });
    (row.readable, row.cells.clone(), rules.collect())
}

fn rejects_of(format: Format, bytes: &[u8]) -> (Vec<Kept>, Vec<u8>) {
    let mut input = testing::open(format, bytes).unwrap();
    let rows = testing::rows_of(&mut input);
    let mut out = input.rejects_header();
    let mut records = input.records();
    for row in &rows {
        records.reject(row.span, "refused: \"no\", 400", &mut out).unwrap();
    }
    (rows, out)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn well_formed_tables_have_the_cells_of_the_csv_crate(table in table()) {
        let rows = csv(&table);
        let wanted: Vec<Vec<_>> = by_the_csv_crate(&table)[1..]
            .iter()
            .map(|it| it.iter().map(|it| cell(it)).collect())
            .collect();
        let cells: Vec<Vec<_>> = rows.iter().map(|it| it.cells[..3].to_vec()).collect();
        prop_assert_eq!(cells, wanted);
        // A text whose lines would be rows is told, and stays what it is.
        prop_assert!(rows.iter().flat_map(Kept::rules).all(|it| it == Rule::RowsInQuotes));
    }

    #[test]
    fn rows_stand_on_the_lines_that_a_reader_counts(table in table()) {
        let lines: Vec<_> = csv(&table).iter().map(|it| it.span.line).collect();
        prop_assert_eq!(&lines[..], &lines_of(&table)[1..]);
    }

    #[test]
    fn any_bytes_have_the_cells_of_the_csv_crate_as_long_as_quotes_close(soup in soup()) {
        if let Some(records) = by_this_stage(&soup) {
            prop_assert_eq!(records, by_the_csv_crate(&soup));
        }
    }

    #[test]
    fn rejected_records_read_again_as_what_they_were(soup in soup(), table in table()) {
        let file = format!("{table}{soup}\n");
        let (rows, rejects) = rejects_of(Format::Csv, file.as_bytes());
        let (again, twice) = rejects_of(Format::Csv, &rejects);
        let wanted: Vec<_> = rows.iter().map(sameness).collect();
        prop_assert_eq!(&again.iter().map(sameness).collect::<Vec<_>>(), &wanted);
        let third: Vec<_> = csv(twice).iter().map(sameness).collect();
        prop_assert_eq!(third, wanted);
    }

    #[test]
    fn rejected_objects_read_again_as_what_they_were(
        lines in vec("(\\{(\"(mailbox|pin|x|boxlift_reason)\" ?: ?(\"[a}\\\\]?\"|1|null|\\[\\]),?){0,4}\\} ?|[{}\":,a]{1,6})", 1..6)
    ) {
        let (rows, rejects) = rejects_of(Format::Jsonl, lines.join("\n").as_bytes());
        let (again, twice) = rejects_of(Format::Jsonl, &rejects);
        let wanted: Vec<_> = rows.iter().map(sameness).collect();
        prop_assert_eq!(again.iter().map(sameness).collect::<Vec<_>>(), wanted);
        prop_assert_eq!(twice, rejects);
    }

    #[test]
    fn lines_read_without_the_parser_are_what_it_reads(lines in vec(object(), 1..6)) {
        // A blank in front of a line sends it to the parser.
        let parsed: Vec<_> = lines.iter().map(|it| format!(" {it}")).collect();
        let wanted: Vec<_> = testing::jsonl(parsed.join("\n")).iter().map(sameness).collect();
        let rows: Vec<_> = testing::jsonl(lines.join("\n")).iter().map(sameness).collect();
        prop_assert_eq!(rows, wanted);
    }

    #[test]
    fn no_bytes_make_the_reading_fail(bytes in vec(0_u8.., 0..300)) {
        csv([b"mailbox,pin\n", &bytes[..]].concat());
        testing::jsonl([b"\n", &bytes[..]].concat());
    }
}
