//! Delimiters, quotes and headers as options name them, a first line `sep=` or the header itself: what is found, what is
//! said where nothing fits, and rejects in the very same form.

use expect_test::expect;

use super::support::Workdir;

/// What `check` says of a file, without what comes next.
fn told(content: &str, options: &[&str]) -> String {
    let work = Workdir::with("a.csv", content);
    let ended = super::support::ended(work.command("check a.csv").args(options).output().unwrap());
    let said: Vec<_> = ended.stderr.lines().filter(|it| !it.starts_with("next: ")).collect();
    format!("{}\nexit code {}\n", said.join("\n"), ended.code.unwrap())
}

/// The rejects of a file with a bad row, for which nothing is sent.
fn rejects(content: &str, options: &[&str]) -> String {
    let work = Workdir::with("a.csv", content);
    let mut command = work.command("apply a.csv --sandbox");
    let ended = super::support::ended(command.args(options).output().unwrap());
    assert_eq!(ended.code, Some(65), "{ended:?}");
    let rejects = work.read("a.rejects.csv");
    work.write("a.csv", &rejects);
    let mut command = work.command("apply a.csv --sandbox");
    command.args(["--journal", "again"]);
    let again = super::support::ended(command.args(options).output().unwrap());
    assert_eq!(again.code, Some(65), "{again:?}");
    assert_eq!(work.read("a.rejects.csv"), rejects, "rejects of rejects are others");
    rejects
}

#[test]
fn the_delimiter_is_found_from_the_header_or_what_was_tried_is_said() {
    expect![[r#"
        a.csv: 1 row, no problems
        exit code 0
        a.csv: 1 row, no problems
        exit code 0
        error[ragged-row]: a row has more or fewer cells than the header has columns
          a.csv:2: the row has 2 cells and the header 3 columns
            help: look for a missing delimiter: a blank cell keeps its own, as in `101,,John`
        a.csv: 1 row, 1 error
        exit code 65
        error: a.csv: the first line names no column `mailbox` (line 1); tried comma: 1 column, semicolon: 1 column, tab: 1 column, bar: 1 column
          help: say what stands between the columns, as in `--delimiter :`
        exit code 65
        error: a.csv: the first line names no column `mailbox` (line 1); tried comma: 1 column, semicolon: 2 columns, tab: 1 column, bar: 1 column
          help: begin the file with the column names, as in `mailbox,pin`
        exit code 65
        error: a.csv: the first line names no column `mailbox` (line 1); tried comma: 1 column, semicolon: 2 columns, tab: 1 column, bar: 1 column
          help: write the column names in small letters, as in `mailbox,pin`
        exit code 65
    "#]]
    .assert_eq(
        &[
            told("mailbox;pin;description\n0201;480913;Smith, John\n", &[]),
            told("mailbox\tpin\tdescription\n0201\t480913\tx;y\n", &[]),
            told("mailbox|pin|description\n0201|480913\n", &[]),
            told("mailbox:pin:description\n0201:480913:x\n", &[]),
            told("extension;pin\n0201;480913\n", &[]),
            told("Mailbox;PIN\n0201;480913\n", &[]),
        ]
        .concat(),
    );
}

#[test]
fn a_delimiter_that_is_named_holds_whatever_the_header_looks_like() {
    expect![[r#"
        a.csv: 1 row, no problems
        exit code 0
        a.csv: 1 row, no problems
        exit code 0
        error: a.csv: the first line names no column `mailbox` (line 1)
          help: say what stands between the columns, as in `--delimiter :`
        exit code 65
        error: invalid value 'ab' for '--delimiter <CHAR|tab>': give one character, as in `;`, or the word tab

        For more information, try '--help'.
        exit code 64
        error: invalid value '"' for '--delimiter <CHAR|tab>': give one character, as in `;`, or the word tab

        For more information, try '--help'.
        exit code 64
        error: one character is both delimiter and quote
          help: give two characters, as in `--delimiter ';' --quote '"'`
        exit code 64
    "#]]
    .assert_eq(
        &[
            told("mailbox:pin:description\n0201:480913:x\n", &["--delimiter", ":"]),
            told("mailbox\tpin\n0201\t480913\n", &["--delimiter", "tab"]),
            told("mailbox;pin\n0201;480913\n", &["--delimiter", ","]),
            told("mailbox;pin\n0201;480913\n", &["--delimiter", "ab"]),
            told("mailbox;pin\n0201;480913\n", &["--delimiter", "\""]),
            told("mailbox;pin\n0201;480913\n", &["--delimiter", ";", "--quote", ";"]),
        ]
        .concat(),
    );
}

#[test]
fn a_first_line_may_name_the_delimiter_and_an_option_overrules_it() {
    expect![[r#"
        error[ragged-row]: a row has more or fewer cells than the header has columns
          a.csv:4: the row has 1 cell and the header 2 columns
            help: look for a missing delimiter: a blank cell keeps its own, as in `101,,John`
        a.csv: 2 rows, 1 error
        exit code 65
        a.csv: 1 row, no problems
        exit code 0
        a.csv: 1 row, no problems
        exit code 0
        error: a.csv: the first line names no column `mailbox` (line 2)
          help: say what stands between the columns, as in `--delimiter :`
        exit code 65
    "#]]
    .assert_eq(
        &[
            told("sep=:\nmailbox:pin\n0201:480913\n0202\n", &[]),
            told("\u{FEFF}\"sep=;\"\r\nmailbox;pin\r\n0201;480913\r\n", &[]),
            told("sep=;\nmailbox:pin\n0201:480913\n", &["--delimiter", ":"]),
            told("sep=,\nmailbox;pin\n0201;480913\n", &[]),
        ]
        .concat(),
    );
    expect![[r#"
        sep=;CR
        mailbox;pin;boxlift_reasonCR
        x;480913;invalid: mailbox-form: mailbox: `x` is not digits aloneCR
        0202;480914;not_sent: not sent: other rows are invalidCR
    "#]]
    .assert_eq(
        &rejects("sep=;\r\nmailbox;pin\r\nx;480913\r\n0202;480914\r\n", &[]).replace('\r', "CR"),
    );
}

#[test]
fn the_quote_can_be_another_or_none() {
    let single = "mailbox,pin,description\n0201,480913,'Smith, John'\nx,480914,'it''s'\n";
    expect![[r#"
        error[mailbox-form]: a mailbox number is not digits
          a.csv:3: mailbox: `x` is not digits alone
            help: give the number as it is dialled, zeros and all, as in `0201`
        a.csv: 2 rows, 1 error
        exit code 65
        error[ragged-row]: a row has more or fewer cells than the header has columns
          a.csv:2: the row has 4 cells and the header 3 columns
            help: look for a delimiter inside a text and put the text in quotes, as in `"Smith, John"`
        error[mailbox-form]: a mailbox number is not digits
          a.csv:3: mailbox: `x` is not digits alone
            help: give the number as it is dialled, zeros and all, as in `0201`
        a.csv: 2 rows, 2 errors
        exit code 65
        a.csv: 1 row, no problems
        exit code 0
        error: invalid value 'ab' for '--quote <CHAR|none>': give one character, as in `'`, or the word none

        For more information, try '--help'.
        exit code 64
    "#]]
    .assert_eq(
        &[
            told(single, &["--quote", "'"]),
            told(single, &[]),
            told("mailbox,pin,description\n0201,480913,\"5\" disk\n", &["--quote", "none"]),
            told("mailbox,pin\n0201,480913\n", &["--quote", "ab"]),
        ]
        .concat(),
    );
    expect![[r#"
        mailbox,pin,description,boxlift_reason
        0201,480913,'Smith, John',not_sent: not sent: other rows are invalid
        x,480914,'it''s',invalid: mailbox-form: mailbox: `x` is not digits alone
    "#]]
    .assert_eq(&rejects(single, &["--quote", "'"]));
}

/// A good row, one with a bad PIN, one that is ragged, and a good one.
const BARE: &str = "0201;x;480913\n0202;y;48a914\n0203;480915\n0204;;480916\n";

#[test]
fn columns_can_be_named_for_a_file_without_a_header() {
    let named = ["--no-header", "--columns", "mailbox,,pin"];
    expect![[r#"
        error[ragged-row]: a row has more or fewer cells than the header has columns
          a.csv:3: the row has 2 cells and the header 3 columns
            help: look for a missing delimiter: a blank cell keeps its own, as in `101,,John`
        error[pin-form]: a PIN is not digits
          a.csv:2: pin: the PIN is not digits alone
            help: give digits, which can be dialled on every telephone
        a.csv: 4 rows, 2 errors
        exit code 65
    "#]]
    .assert_eq(&told(BARE, &named));
    expect![[r#"
        0201;x;480913;boxlift_reason=not_sent: not sent: other rows are invalid
        0202;y;48a914;boxlift_reason=invalid: pin-form: pin: the PIN is not digits alone
        0203;480915
        0204;;480916;boxlift_reason=not_sent: not sent: other rows are invalid
    "#]]
    .assert_eq(&rejects(BARE, &named));
}

#[test]
fn what_is_wrong_with_columns_that_are_named_is_told() {
    let row = "0201;x;480913\n";
    expect![[r#"
        error: the following required arguments were not provided:
          --columns <NAME,…>

        Usage: boxlift check --no-header --columns <NAME,…> <INPUT>...

        For more information, try '--help'.
        exit code 64
        error: the following required arguments were not provided:
          --no-header

        Usage: boxlift check --columns <NAME,…> --no-header <INPUT>...

        For more information, try '--help'.
        exit code 64
        error: a.csv: --columns names no column `mailbox`
          help: name the columns in their order, as in `--columns mailbox,pin`
        exit code 64
        error[duplicate-column]: a column is named twice
          a.csv:1: mailbox: columns 1 and 2 are both named `mailbox`
            help: take one of them out, or give it the name that it should have
        a.csv: 1 row, 1 error
        exit code 65
        error[unknown-column]: a column or key is not known
          a.csv:1: colour: the column `colour` is not known
            help: take it out, or give it a name that boxlift knows, as in `mailbox`
        a.csv: 1 row, 1 error
        exit code 65
    "#]]
    .assert_eq(
        &[
            told(row, &["--no-header"]),
            told(row, &["--columns", "mailbox,,pin"]),
            told(row, &["--no-header", "--columns", "extension,,pin"]),
            told(row, &["--no-header", "--columns", "mailbox,mailbox,pin"]),
            told(row, &["--no-header", "--columns", "mailbox,colour,pin"]),
        ]
        .concat(),
    );
}

#[test]
fn a_header_is_no_longer_than_a_record_may_be() {
    let header = format!("mailbox,pin,{}\n0201,480913,x\n", "x".repeat(300));
    expect![[r#"
        error: a.csv: the header is longer than 256 bytes (line 1)
          help: look for line ends that are missing, or give --max-record
        exit code 65
    "#]]
    .assert_eq(&told(&header, &["--max-record", "256"]));
}
