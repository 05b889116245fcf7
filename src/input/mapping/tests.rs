//! What mappings do to rows, by small maps and by the built-in systems. Refuses to be part of the program.

mod doubts;
mod oddities;

use std::borrow::Cow;

use proptest::proptest;

use crate::input::Format;
use crate::input::Input;
use crate::input::InputError;
use crate::input::Mapping;
use crate::input::Settings;
use crate::input::Source;
use crate::input::System;
use crate::input::testing;
use crate::input::testing::Kept;
use crate::model::Cell;
use crate::model::ColumnNames;
use crate::model::Rule;

const NATIVE: [&str; 15] = [
    "action",
    "mailbox",
    "pin",
    "description",
    "pager",
    "pager_attach",
    "notify_only",
    "saycid",
    "envelope",
    "sayduration",
    "timezone",
    "transcribe",
    "customer",
    "owner",
    "notify_email",
];

fn native() -> ColumnNames {
    ColumnNames { known: NATIVE.map(Cow::Borrowed).to_vec(), ..testing::names() }
}

fn open(mapping: Mapping, format: Format, text: &str) -> Result<Input, InputError> {
    let settings = Settings { mapping: Some(mapping), ..Settings::new(native()) };
    Input::open(Source::spool(text.as_bytes(), u64::MAX).unwrap(), format, settings)
}

fn rows(mapping: Mapping, text: &str) -> Vec<Kept> {
    testing::rows_of(&mut open(mapping, Format::Csv, text).unwrap())
}

fn mapped(map: &str, text: &str) -> Vec<Kept> {
    rows(Mapping::parse(map, &native()).unwrap(), text)
}

fn from(system: System, text: &str) -> Vec<Kept> {
    rows(system.mapping(&native()).unwrap(), text)
}

/// The cells that are there, as `name=text`.
fn said(row: &Kept) -> String {
    let said = NATIVE.iter().zip(&row.cells).filter_map(|(name, cell)| match cell {
        Cell::Absent => None,
        Cell::Empty => Some(format!("{name}=<empty>")),
        Cell::Text(text) => Some(format!("{name}={text}")),
        Cell::Integer(number) => Some(format!("{name}=#{number}")),
        Cell::Boolean(value) => Some(format!("{name}=#{value}")),
        Cell::Number(text) | Cell::Date(text) => Some(format!("{name}={text} of a spreadsheet")),
    });
    said.collect::<Vec<_>>().join(" ")
}

const MAP: &str = r#"
[mailbox]
column = "Box No."
rewrite = [{ pattern = "^0+", with = "" }, { pattern = "(\\d)-(\\d)", with = "$1$2" }]
prefix = "49"

[description]
columns = ["First", "Last"]
separator = ", "

[envelope]
column = "Time"
table = { Ja = "1", nein = "0", aus = "" }
default = "1"

[saycid]
column = "Time"
table = { ja = "1" }
other = "blank"

[customer]
constant = "7"

[exclude]
column = "Kind"
unless = ["voice", "both"]
"#;

#[test]
fn a_map_joins_rewrites_looks_up_prefixes_and_fills() {
    let rows = mapped(
        MAP,
        "LAST,first,box_no.,Time,Kind\nDoe,Jane,001-2,JA,voice\n,Bob,3,,Both\nRoe,,4,aus,voice\n",
    );
    assert_eq!(said(&rows[0]), "mailbox=4912 description=Jane, Doe saycid=1 envelope=1 customer=7");
    assert_eq!(said(&rows[1]), "mailbox=493 description=Bob envelope=1 customer=7");
    assert_eq!(said(&rows[2]), "mailbox=494 description=Roe envelope=1 customer=7");
    assert!(rows.iter().all(|it| it.problems.is_empty() && it.excluded.is_none()));
}

#[test]
fn rows_that_the_source_leaves_out_say_why_and_have_no_problems() {
    let rows = mapped(MAP, "First,Last,Box No.,Time,Kind\na,b,1,never,fax\na,b,1,never,voice\n");
    assert_eq!(rows[0].excluded.as_deref(), Some("`Kind` is not `voice`"));
    assert_eq!(rows[0].problems, []);
    assert_eq!(rows[1].rules(), [Rule::ValueWord]);
}

#[test]
fn a_column_as_it_is_keeps_the_empty_token_and_the_types_of_json() {
    let map = "[mailbox]\ncolumn = \"a\"\n[pager]\ncolumn = \"b\"\n";
    assert_eq!(said(&mapped(map, "a,b\n1,<empty>\n")[0]), "mailbox=1 pager=<empty>");
    let mapping = Mapping::parse(map, &native()).unwrap();
    let mut input = open(mapping, Format::Jsonl, "{\"A\":101,\"b\":\"\",\"x\":1}\n").unwrap();
    let rows = testing::rows_of(&mut input);
    assert_eq!(said(&rows[0]), "mailbox=#101 pager=<empty>");
    assert_eq!(rows[0].problems[0].3, "key without an equivalent: `x`");
}

#[test]
fn options_fill_in_before_what_is_assumed() {
    let mapping = System::Freepbx.mapping(&native()).unwrap();
    let envelope = NATIVE.iter().position(|it| *it == "envelope").unwrap();
    let fill = vec![(envelope, "0".to_owned())];
    let settings = Settings { mapping: Some(mapping), fill, ..Settings::new(native()) };
    let text = "extension,voicemail_options\n1,envelope=yes\n2,\n";
    let source = Source::spool(text.as_bytes(), u64::MAX).unwrap();
    let rows = testing::rows_of(&mut Input::open(source, Format::Csv, settings).unwrap());
    assert_eq!(said(&rows[0]), "mailbox=1 saycid=0 envelope=1");
    assert_eq!(said(&rows[1]), "mailbox=2 saycid=0 envelope=0");
}

#[test]
fn columns_that_nothing_is_made_of_are_told_once() {
    let mapping = System::Freepbx.mapping(&native()).unwrap();
    let text = "extension,secret,471188,boxlift_reason\n1,s3cr3t,2,x\n2,s3cr3t,2,x\n";
    let input = open(mapping, Format::Csv, text).unwrap();
    let told: Vec<_> = input.header_problems().iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["columns without an equivalent: `secret`, `column 3`"]);
}

#[test]
fn a_map_reads_no_column_that_the_file_does_not_have() {
    let mapping = Mapping::parse(MAP, &native()).unwrap();
    let refused = open(mapping, Format::Csv, "First,Last,Box No.,Kind\n").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the map reads the column `Time`, and the file has none of that name"
    );
    let without = System::Freepbx.mapping(&native()).unwrap();
    assert!(open(without, Format::Csv, "extension\n").is_ok(), "a system's columns may be missing");
}

#[test]
fn a_people_without_voicemail_is_left_out_where_the_file_says_so() {
    let rows = from(System::Freepbx, "extension,voicemail_enable\n1,Yes\n2,no\n3,\n");
    let why: Vec<_> = rows.iter().map(|it| it.excluded.as_deref()).collect();
    let not = Some("`voicemail_enable` is not `yes`");
    assert_eq!(why, [None, not, not]);
    assert_eq!(from(System::Freepbx, "extension\n1\n")[0].excluded, None);
}

#[test]
fn a_parameter_that_an_option_lets_through_is_a_column_of_its_own_name() {
    let mut names = native();
    names.known.push("colour".into());
    names.secret.push("colour".into());
    let mapping = System::Freepbx.mapping(&names);
    let settings = Settings { mapping, ..Settings::new(names) };
    let source = Source::spool(&b"extension,Colour\n1,blue\n"[..], u64::MAX).unwrap();
    let rows = testing::rows_of(&mut Input::open(source, Format::Csv, settings).unwrap());
    assert_eq!(rows[0].cells.last(), Some(&testing::text("blue")));
}

#[test]
fn a_file_of_the_switchs_own_import_needs_no_header() {
    let row = "Ms,Ada,Kern,User,a@example.com,u,p,1,,2,p,101,471188,no,,\n";
    let header = "Title,First name,Last name,Role,Email,Web username,Web password,Number,Feature code,Telephone,Telephone password,Mailbox,Mailbox PIN,Use huntgroup,Page group feature code,COS\n";
    let wanted = "mailbox=101 pin=471188 description=Ada Kern pager=a@example.com";
    let bare = from(System::EnswitchImport, row);
    let with_names = from(System::EnswitchImport, &format!("{header}{row}"));
    assert_eq!([said(&bare[0]), said(&with_names[0])], [wanted, wanted]);
    assert_eq!((bare.len(), with_names.len(), with_names[0].span.line), (1, 1, 2));
    let semicolons = from(System::EnswitchImport, &row.replace(',', ";"));
    assert_eq!(said(&semicolons[0]), wanted);
}

#[test]
fn every_system_fills_mailbox_and_pin_with_columns_that_there_are() {
    for system in System::ALL.into_iter().filter(|it| *it != System::Native) {
        let mapping = system.mapping(&native()).unwrap();
        assert!(mapping.targets.len() >= 5, "{system:?}");
        for name in ["action", "mailbox", "pin", "description", "pager"] {
            let place = NATIVE.iter().position(|it| *it == name).unwrap();
            assert!(mapping.fills(place), "{system:?}: {name}");
        }
        assert_eq!(System::parse(system.as_str()), Some(system));
    }
}

#[test]
fn a_bad_map_is_told_by_its_line_and_without_its_values() {
    let told = |map: &str| {
        let error = Mapping::parse(map, &native()).unwrap_err();
        assert!(!format!("{error} {}", error.help).contains("471188"), "{error}");
        error.to_string()
    };
    let with = |rest: &str| told(&format!("[mailbox]\ncolumn = \"a\"\n\n{rest}"));
    assert_eq!(told(""), "the map takes `mailbox` from no column (line 1)");
    assert_eq!(
        told("[mailbox]\nconstant = \"1\"\n"),
        "the map takes `mailbox` from no column (line 1)"
    );
    assert_eq!(with("[colour]\n"), "`colour` is no column of boxlift (line 4)");
    assert_eq!(with("[pin]\ncolum = \"b\"\n"), "the key `colum` is not known (line 5)");
    assert_eq!(with("[pin]\nconstant = 471188\n"), "this value is no text (line 5)");
    assert_eq!(with("[pin]\n"), "`pin` is not said to come from one place (line 4)");
    assert_eq!(
        with("[pin]\ncolumn = \"b\"\nconstant = \"471188\"\n"),
        "the column comes from two places (line 6)"
    );
    assert_eq!(
        with("[pin]\ncolumn = \"b\"\nseparator = \"-\"\n"),
        "`pin` is not said to come from one place (line 4)"
    );
    assert_eq!(
        with("[pin]\ncolumn = \"b\"\nrewrite = { pattern = \"471188(\", with = \"\" }\n"),
        "the pattern is no regular expression: its syntax is wrong (line 6)"
    );
    for reference in ["$471188", "$1x", "${foo}", "${1", "a$$$2"] {
        let rewrite = format!(
            "[pin]\ncolumn = \"b\"\nrewrite = {{ pattern = \"(.)\", with = \"{reference}\" }}\n"
        );
        assert_eq!(
            with(&rewrite),
            "`with` refers to a group that the pattern does not have (line 6)",
            "{reference}"
        );
    }
    assert_eq!(
        with("[pin]\ncolumn = \"b\"\nother = \"keep\"\n"),
        "`pin` has `other` and no `table` (line 4)"
    );
    assert_eq!(
        with("[exclude]\ncolumn = \"b\"\n"),
        "`[exclude]` does not say which rows it means (line 4)"
    );
    assert_eq!(with("[ignore]\ncolumn = \"b\"\n"), "the key `column` is not known (line 5)");
    assert!(with("[pin]\ncolumn = 471188x\n").starts_with("the map is not TOML: "));
    assert!(with("[mailbox]\ncolumn = \"b\"\n").ends_with("(line 4)"));
}

#[test]
fn addresses_beyond_the_first_are_told() {
    let rows = from(
        System::Freepbx,
        "extension,voicemail_email,voicemail_pager\n1,a@example.com|b@example.com,c@example.com\n2,,p@example.com\n3,a@example.com,a@example.com\n",
    );
    assert!(said(&rows[0]).contains("pager=a@example.com pager_attach=1"));
    let left: Vec<_> = rows[0].problems.iter().map(|it| it.3.as_str()).collect();
    assert_eq!(
        left,
        [
            "`b@example.com` is left out: a mailbox has one such address",
            "`c@example.com` is left out: a mailbox has one such address"
        ]
    );
    assert_eq!(said(&rows[1]), "mailbox=2 pager=p@example.com saycid=0 envelope=1");
    assert_eq!(rows[2].problems, []);
}

#[test]
fn time_zones_are_names_or_known_aliases_or_wrong() {
    let rows = from(
        System::Freepbx,
        "extension,voicemail_options\n1,tz=Europe/Berlin\n2,TZ=Eastern\n3,tz=moon\n",
    );
    let zone = |row: &Kept| said(row).split("timezone=").nth(1).map(str::to_owned);
    assert_eq!(zone(&rows[0]).as_deref(), Some("Europe/Berlin"));
    assert_eq!(zone(&rows[1]).as_deref(), Some("America/New_York"));
    assert_eq!((zone(&rows[2]), rows[2].rules()), (None, vec![Rule::ValueWord]));
    assert_eq!(rows[1].rules(), [Rule::Assumed]);
}

#[test]
fn a_voicemail_conf_keeps_its_lines_and_its_rejects_are_read_again() {
    let conf = "[general]\ntz=c\nattach=no\n[zonemessages]\nc=America/Chicago|x\n[default]\n101 => -4711,Jane,j@example.com\n\n102 => 4712,Joe,,,tz=mars\n";
    let mut input = open(System::Asterisk.mapping(&native()).unwrap(), Format::Csv, conf).unwrap();
    let rows = testing::rows_of(&mut input);
    let lines: Vec<_> = rows.iter().map(|it| it.span.line).collect();
    assert_eq!(lines, [7, 9]);
    assert_eq!(
        said(&rows[0]),
        "mailbox=101 pin=4711 description=Jane pager=j@example.com pager_attach=0 saycid=0 envelope=1 timezone=America/Chicago"
    );
    assert_eq!(rows[1].rules(), [Rule::ValueWord]);
    let mut rejects = input.rejects_header();
    for row in &rows {
        input.records().reject(row.span, "why", &mut rejects).unwrap();
    }
    let again = from(System::Asterisk, std::str::from_utf8(&rejects).unwrap());
    let cells = |rows: &[Kept]| rows.iter().map(|it| it.cells.clone()).collect::<Vec<_>>();
    assert_eq!((cells(&again), again[1].rules()), (cells(&rows), rows[1].rules()));
}

#[test]
fn a_spreadsheet_with_the_columns_of_a_conf_is_none() {
    let lines = "[\"context\",\"mailbox\",\"password\"]\n[\"default\",\"101\",\"4711\"]\n";
    let mapping = System::Asterisk.mapping(&native()).unwrap();
    let rows = testing::rows_of(&mut open(mapping, Format::Xlsx, lines).unwrap());
    assert_eq!(said(&rows[0]), "mailbox=101 pin=4711 saycid=0 envelope=1");
}

#[test]
fn what_a_line_of_the_conf_says_goes_before_what_holds_for_all() {
    let conf = "[general]\ndelete=yes\nsaycid=yes\n[a]\n1 => 2,,,,deletevoicemail=no\n2 => 3,,,,saycid=no\n";
    let rows = from(System::Asterisk, conf);
    assert_eq!(said(&rows[0]), "mailbox=1 pin=2 notify_only=0 saycid=1 envelope=1");
    assert_eq!(said(&rows[1]), "mailbox=2 pin=3 notify_only=1 saycid=0 envelope=1");
}

proptest! {
    #[test]
    fn no_row_of_any_system_makes_the_reading_fail(
        system in 0..System::ALL.len(),
        cells in proptest::collection::vec("[\\[a-z=|,;@\"\n\r0-9 -]{0,12}", 1..8),
    ) {
        let system = System::ALL[system];
        let Some(mapping) = system.mapping(&native()) else { return Ok(()) };
        let names = mapping.names.known.join(",");
        let text = format!("{names}\n{}\n", cells.join(","));
        testing::rows_of(&mut open(mapping, Format::Csv, &text).unwrap());
    }
}
