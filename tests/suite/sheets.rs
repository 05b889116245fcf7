//! Spreadsheets as they are made: what is said of their cells and sheets, and rejects that are read again.

use std::fs;
use std::fs::File;
use std::io::Read as _;
use std::io::Write as _;
use std::process::Stdio;

use expect_test::expect;
use expect_test::expect_file;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::support::Workdir;
use super::support::ended;
use super::support::project;

fn with(names: &[&str]) -> Workdir {
    let work = Workdir::new();
    for name in names {
        work.write(name, fs::read(project(&format!("tests/sheets/{name}"))).unwrap());
    }
    work
}

/// What `check` says of a file, without what comes next.
fn told(work: &Workdir, line: &str) -> String {
    let ended = work.run(&format!("check {line}"));
    let said: Vec<_> = ended.stderr.lines().filter(|it| !it.starts_with("next: ")).collect();
    format!("{}\nexit code {}\n", said.join("\n"), ended.code.unwrap())
}

#[test]
fn every_kind_of_cell_is_told_as_what_it_is() {
    let files = ["good.xlsx", "damaged.xlsx", "cached.xlsx", "formulas.xlsx"];
    for name in files.into_iter().chain(["good.ods", "formulas.ods"]) {
        let shown = told(&with(&[name]), name);
        expect_file![project(&format!("tests/suite/expected/sheets/{name}.txt"))].assert_eq(&shown);
    }
}

#[test]
fn a_sheet_is_chosen_by_its_name() {
    let work = with(&["damaged.xlsx", "good.ods", "good.xlsx"]);
    work.write("a.csv", "mailbox\n");
    expect![[r#"
        error: damaged.xlsx: the first line names no column `mailbox` (line 2)
          help: begin the file with the column names, as in `mailbox,pin`
        exit code 65
        error: damaged.xlsx: the input is empty: it has no header line
          help: begin the file with the column names, as in `mailbox,pin`
        exit code 65
        error: damaged.xlsx: there is no sheet `boxes`, only `Boxes`, `Notes`, `Hidden` (hidden), `Blank`
          help: name one of these with --sheet
        exit code 64
        error[spreadsheet-date]: a spreadsheet took a number for a date
          good.ods:6: pin: the PIN is a date in the spreadsheet
            help: format the column as text and type the value again
        error[number-cell]: a spreadsheet's number stands where text belongs
          good.ods:6: mailbox: `203` is a number in the spreadsheet: zeros in front are lost
            help: format the column as text and type the values again, or put an apostrophe before each, as in `'0201`
        good.ods: 3 rows, 2 errors
        exit code 65
        error: good.ods: there is no sheet `None`, only `Mailboxes`, `Notes`
          help: name one of these with --sheet
        exit code 64
        error: good.xlsx: an encoding is named, and the input is a spreadsheet
          help: leave --encoding out
        exit code 64
        error: a.csv: a sheet is named, and the input is no spreadsheet
          help: leave --sheet out, or give a file that ends in `.xlsx` or `.ods`
        exit code 64
    "#]].assert_eq(
        &[
            told(&work, "damaged.xlsx --sheet Notes"),
            told(&work, "damaged.xlsx --sheet Blank"),
            told(&work, "damaged.xlsx --sheet boxes"),
            told(&work, "good.ods --sheet Mailboxes"),
            told(&work, "good.ods --sheet None"),
            told(&work, "good.xlsx --deny several-sheets --encoding latin1"),
            told(&work, "a.csv --sheet Notes"),
        ]
        .concat(),
    );
}

#[test]
fn hidden_sheets_that_hold_something_are_named_where_another_is_read() {
    let work = with(&["hidden.xlsx"]);
    expect![[r#"
        error: hidden.xlsx: the first line names no column `mailbox` (line 1); the first sheet is read, and `Staff` (hidden) not
          help: name the sheet to read, as in `--sheet Mailboxes`
        exit code 65
        hidden.xlsx: 1 row, no problems
        exit code 0
    "#]].assert_eq(
        &[told(&work, "hidden.xlsx"), told(&work, "hidden.xlsx --sheet Staff")].concat(),
    );
}

#[test]
fn rows_of_a_sheet_beyond_the_most_that_are_taken_are_not_read() {
    let table = |rows: &str| {
        format!(
            "<a><table:table table:name=\"A\"><table:table-row><table:table-cell \
             office:value-type=\"string\"><text:p>mailbox</text:p></table:table-cell></table:table-row>\
             {rows}</table:table></a>"
        )
    };
    let cell = |columns| {
        format!(
            "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell \
             table:number-columns-repeated=\"{columns}\" office:value-type=\"string\">\
             <text:p>0201</text:p></table:table-cell></table:table-row>"
        )
    };
    let work = Workdir::new();
    for (name, columns) in [("long.ods", 1), ("wide.ods", 16_384)] {
        work.write(name, archive(&[("content.xml", table(&cell(columns)).as_bytes())]));
    }
    expect![[r#"
        error: long.ods: the input has more than 1000 rows
          help: split the file, or give --max-rows
        exit code 65
        error: wide.ods: the sheet has more than 33554432 cells
          help: save the sheet as CSV
        exit code 65
    "#]]
    .assert_eq(&[told(&work, "long.ods --max-rows 1000"), told(&work, "wide.ods")].concat());
}

#[test]
fn a_good_sheet_is_lifted_onto_the_sandbox() {
    let work = with(&["good.xlsx"]);
    let ended = work.run("apply good.xlsx --sandbox");
    assert_eq!((ended.code, work.statuses("good.report.csv").len()), (Some(0), 3), "{ended:?}");
    assert_eq!(work.files(), ["good.boxlift", "good.report.csv", "good.xlsx"]);
    let again = work.run("apply good.xlsx --sandbox --resume");
    assert_eq!(again.code, Some(0), "{again:?}");
}

#[test]
fn a_spreadsheet_from_a_pipe_is_read_where_its_format_is_given() {
    let work = with(&["good.xlsx"]);
    let run = |line| {
        let mut command = work.command(line);
        command.stdin(File::open(work.path("good.xlsx")).unwrap());
        ended(command.stdout(Stdio::piped()).output().unwrap())
    };
    assert_eq!(run("check - --format xlsx").code, Some(0));
    let ended = run("check -");
    assert_eq!(ended.code, Some(65));
    expect![[r#"
        error: stdin: the input is a zip archive, as spreadsheets are
          help: say which format it has, as in `--format xlsx`
    "#]]
    .assert_eq(&ended.stderr);
}

#[test]
fn rejects_of_a_spreadsheet_are_csv_that_is_refused_for_the_same_rows() {
    let work = with(&["damaged.xlsx"]);
    let ended = work.run("apply damaged.xlsx --sandbox --invalid skip");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    expect![[r#"
        mailbox,pin,description,owner,dnumber,customer,boxlift_reason
        201.0,480913.0,Number,7,,,invalid: number-cell; number-cell: mailbox; pin: `201` is a number in the spreadsheet: zeros in front are lost; the PIN is a number in the spreadsheet: zeros in front are lost
        0202,2024-03-01 00:00:00,Date,,,,invalid: spreadsheet-date: pin: the PIN is a date in the spreadsheet
        0203,480915,2024-03-01 12:30:00,3.5,,,invalid: integer-form: owner: `3.5` is not a whole number from 0 to 4294967295
        0204,480916,Late,7,08:30:00,,invalid: spreadsheet-date: dnumber: `08:30:00` is a date in the spreadsheet
        0205,480917,#N/A,#NO_VALUE!,,,invalid: spreadsheet-formula; spreadsheet-formula; integer-form: description; owner; owner: it is what a spreadsheet writes where a formula fails; the formula in it has no stored value; `#NO_VALUE!` is not a whole number from 0 to 4294967295
        0206,480918,Beside,,,,stray,"invalid: ragged-row: a text stands in column 7, which has no name"
    "#]].assert_eq(&work.read("damaged.rejects.csv"));
    fs::rename(work.path("damaged.rejects.csv"), work.path("again.csv")).unwrap();
    expect![[r#"
        error[ragged-row]: a row has more or fewer cells than the header has columns
          again.csv:7: the row has 8 cells and the header 7 columns
            help: look for a delimiter inside a text and put the text in quotes, as in `"Smith, John"`
        error[integer-form]: a number is not a whole number (2 times)
          again.csv:4: owner: `3.5` is not a whole number from 0 to 4294967295
          again.csv:6: owner: `#NO_VALUE!` is not a whole number from 0 to 4294967295
            help: give the id in digits, as in `42`
        error[spreadsheet-number]: a spreadsheet wrote a number in its own way, and digits of it are lost (2 times)
          again.csv:2: mailbox: `201.0` is a number with a fraction: zeros in front may be lost
          again.csv:2: pin: the PIN is a number with a fraction: zeros in front may be lost
            help: format the column as text in the spreadsheet, put the number right, and export it again
        error[spreadsheet-date]: a spreadsheet took a number for a date (2 times)
          again.csv:3: pin: the PIN is a date that a spreadsheet made of a number
          again.csv:5: dnumber: `08:30:00` is a date that a spreadsheet made of a number
            help: format the column as text in the spreadsheet, put the number right, and export it again
        error[spreadsheet-formula]: a cell holds a formula, or the error of one (2 times)
          again.csv:6: description: it is what a spreadsheet writes where a formula fails
            help: put the value there and export it again; where the text is meant so, give `--allow spreadsheet-formula`
          again.csv:6: owner: the formula in it has no stored value
            help: open the file in a spreadsheet program and save it there, or put the value there, as in `42`
        warning[dnumber-superfluous]: the destination type takes no destination number
          again.csv:5: dnumber: destination type `hangup` takes no number
            help: leave dnumber blank, or say in dtype what the number is
        again.csv: 6 rows, 9 errors and 1 warning
        exit code 65
    "#]].assert_eq(&told(&work, "again.csv"));
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut archive = ZipWriter::new(&mut bytes);
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
    bytes.into_inner()
}

/// A spreadsheet of rows with one cell after the other, each as its type and its value.
fn xlsx(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let cell = |(kind, value): &(&str, &str)| match *kind {
        "text" => format!("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{value}</t></is></c>"),
        kind => format!("<c t=\"{kind}\"><v>{value}</v></c>"),
    };
    let row = |cells: &&[_]| {
        ["<row>", &cells.iter().map(cell).collect::<Vec<_>>().concat(), "</row>"].concat()
    };
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{}</sheetData></worksheet>",
        rows.iter().map(row).collect::<Vec<_>>().concat()
    );
    let good = File::open(project("tests/sheets/good.xlsx")).unwrap();
    let mut good = zip::ZipArchive::new(good).unwrap();
    let names: Vec<_> = good.file_names().map(|it| it.unwrap().into_owned()).collect();
    let mut parts = Vec::new();
    for name in names {
        let mut content = Vec::new();
        good.by_name(&name).unwrap().read_to_end(&mut content).unwrap();
        if name == "xl/worksheets/sheet1.xml" {
            content = sheet.clone().into_bytes();
        }
        parts.push((name, content));
    }
    let parts: Vec<_> = parts.iter().map(|it| (it.0.as_str(), it.1.as_slice())).collect();
    archive(&parts)
}

#[test]
fn a_row_that_is_refused_for_one_cell_is_refused_in_its_rejects() {
    let work = Workdir::new();
    let text = |it| ("text", it);
    let header = ["mailbox", "pin", "description", "dtype", "dnumber"].map(text);
    let row = |number, dnumber: (&'static str, &'static str)| {
        [text(number), text("480913"), ("d", "2024-03-01"), text("phone"), dnumber]
    };
    let rows = [
        row("0201", ("d", "2024-03-01")),
        row("0202", ("d", "5280-03-01")),
        row("0203", ("d", "2024-03-01T08:30:00")),
        row("0204", ("n", "201.5")),
        row("0205", ("n", "-201")),
        row("0206", ("n", "1E+300")),
        row("0207", text("0201")),
    ];
    let lines: Vec<_> = [&header[..]].into_iter().chain(rows.iter().map(|it| &it[..])).collect();
    work.write("a.xlsx", xlsx(&lines));
    let ended = work.run("apply a.xlsx --sandbox --invalid skip");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let statuses = ["invalid", "invalid", "invalid", "invalid", "invalid", "invalid", "created"];
    assert_eq!(work.statuses("a.report.csv"), statuses);
    let again = work.run("apply a.rejects.csv --sandbox --invalid skip");
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(work.statuses("a.rejects.report.csv"), ["invalid"; 6]);
}

#[test]
fn what_a_spreadsheet_lets_pass_passes_in_its_rejects() {
    let work = Workdir::new();
    let text = |it| ("text", it);
    let header = ["mailbox", "pin", "description", "copy_pin"].map(text);
    let rows: [&[_]; 4] = [
        &header,
        &[text("0201"), ("n", "480913")],
        &[text("0202"), text("480914"), ("d", "2024-03-01"), text(" "), text(" "), text("")],
        &[text("0203"), text("480915"), text("a\nb")],
    ];
    work.write("a.xlsx", xlsx(&rows));
    let ended = work.run("apply a.xlsx --sandbox");
    assert_eq!((ended.code, work.statuses("a.report.csv").len()), (Some(65), 3), "{ended:?}");
    expect![[r#"
        mailbox,pin,description,copy_pin,boxlift_reason
        0201,480913.0,,,invalid: number-cell: pin: the PIN is a number in the spreadsheet: zeros in front are lost
        0202,480914,2024-03-01, ,not_sent: not sent: other rows are invalid
        0203,480915,"a
        b",,not_sent: not sent: other rows are invalid
    "#]]
    .assert_eq(&work.read("a.rejects.csv"));
    let again = work.run("apply a.rejects.csv --sandbox --invalid skip");
    assert_eq!(
        work.statuses("a.rejects.report.csv"),
        ["invalid", "created", "created"],
        "{again:?}"
    );
}

#[test]
fn the_command_that_is_shown_for_the_rows_that_are_left_can_be_run() {
    let work = Workdir::new();
    let text = |it| ("text", it);
    let rows = [
        &[text("mailbox"), text("pin")],
        &[text("0201"), ("n", "480913")],
        &[text("0202"), text("480914")],
    ];
    work.write("a.xlsx", xlsx(&rows.map(|it| &it[..])));
    fs::copy(work.path("a.xlsx"), work.path("a.dat")).unwrap();
    work.write("a.csv", "mailbox,pin\n0201,4.8E+05\n0202,480914\n");
    for line in [
        "apply a.xlsx --sandbox --invalid skip --sheet Mailboxes --format=xlsx",
        "apply a.dat --sandbox --invalid skip --format xlsx --rejects left.txt",
        "apply a.csv --sandbox --invalid skip --rejects left.jsonl",
        "apply a.csv --sandbox --invalid skip --format csv --rejects left",
    ] {
        let ended = work.run(line);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let (_, next) = ended.stderr.rsplit_once("then boxlift ").unwrap();
        let again = work.run(next.trim());
        assert_eq!(again.code, Some(1), "{next}{again:?}");
        assert!(again.stderr.contains("error[spreadsheet-number]"), "{next}{again:?}");
    }
}

#[test]
fn a_spreadsheet_may_have_the_columns_of_an_asterisk() {
    let work = Workdir::new();
    let text = |it| ("text", it);
    let rows = [
        &["context", "mailbox", "password", "fullname", "email"].map(text)[..],
        &["default", "0201", "480913", "Reception", "r@example.com"].map(text),
    ];
    work.write("a.xlsx", xlsx(&rows));
    expect![[r#"
        warning[no-equivalent]: a column or option has no equivalent on the switch and is not taken over
          a.xlsx:1: column without an equivalent: `fullname`
            help: nothing of them is sent: see to it that nobody misses it
        a.xlsx: 1 row, 1 warning
        exit code 0
    "#]]
    .assert_eq(&told(&work, "a.xlsx --from asterisk"));
}

#[test]
fn what_is_no_spreadsheet_is_told_by_what_it_is() {
    let work = with(&["good.ods", "good.xlsx"]);
    let container = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 a workbook of 1997";
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    work.write("text.xlsx", "mailbox,pin\n");
    work.write("old.xlsx", container);
    work.write("locked.xlsx", [&container[..], &name].concat());
    work.write("binary.xlsx", archive(&[("xl/workbook.bin", b"x")]));
    let locked = b"<m><manifest:encryption-data/></m>";
    work.write("locked.ods", archive(&[("META-INF/manifest.xml", locked), ("content.xml", b"")]));
    let whole = fs::read(work.path("good.xlsx")).unwrap();
    work.write("cut.xlsx", &whole[..whole.len() / 2]);
    let shown: Vec<_> = [
        "text.xlsx",
        "old.xlsx",
        "locked.xlsx",
        "binary.xlsx",
        "locked.ods",
        "cut.xlsx",
        "good.ods --format xlsx",
        "good.xlsx --format ods",
    ]
    .map(|it| told(&work, it))
    .to_vec();
    expect![[r#"
        error: text.xlsx: the input is no spreadsheet: it does not begin as a zip archive does
          help: give the format that it has, as in `--format csv`
        exit code 65
        error: old.xlsx: the spreadsheet is in the old format of Excel (.xls)
          help: save it as .xlsx or as CSV
        exit code 65
        error: locked.xlsx: the spreadsheet is protected by a password
          help: take the password off, or save the sheet as CSV
        exit code 65
        error: binary.xlsx: the spreadsheet is in the binary format of Excel (.xlsb)
          help: save it as .xlsx or as CSV
        exit code 65
        error: locked.ods: the spreadsheet is protected by a password
          help: take the password off, or save the sheet as CSV
        exit code 65
        error: cut.xlsx: the spreadsheet is damaged: its archive cannot be unpacked
          help: open it in the program that made it, and save it again
        exit code 65
        error: good.ods: the archive has no part `workbook.xml`, as .xlsx files have
          help: save it as .xlsx or as CSV; an Open Document needs `--format ods`
        exit code 65
        error: good.xlsx: the archive has no part `content.xml`, as .ods files have
          help: save it as .ods or as CSV; one of Excel needs `--format xlsx`
        exit code 65
    "#]]
    .assert_eq(&shown.concat());
}

#[test]
fn options_about_csv_are_refused_for_what_is_none() {
    let work = Workdir::new();
    work.write("a.xlsx", fs::read(project("tests/sheets/good.xlsx")).unwrap());
    work.write("a.jsonl", "{\"mailbox\":\"0201\",\"pin\":\"480913\"}\n");
    work.write("a.conf", "[default]\n201 => 480913\n");
    let mut told = String::new();
    for line in [
        "check a.xlsx --no-header --columns mailbox,pin",
        "check a.xlsx --quote none",
        "check a.jsonl --delimiter tab",
        "check a.jsonl --no-header --columns mailbox,pin",
        "check a.conf --from asterisk --delimiter ;",
        "map a.jsonl --delimiter ;",
        "map a.xlsx --delimiter ;",
    ] {
        let ended = work.run(line);
        assert_eq!(ended.code, Some(64), "{line}: {}", ended.stderr);
        told += &ended.stderr;
    }
    expect![[r#"
        error: a.xlsx: --no-header is given, and the input is a spreadsheet
          help: leave it out: only CSV can be without names; a spreadsheet has them in its first row
        error: a.xlsx: --quote is given, and the input is a spreadsheet
          help: leave it out: only CSV has delimiters and quotes
        error: a.jsonl: --delimiter is given, and the input is JSONL
          help: leave it out: only CSV has delimiters and quotes
        error: a.jsonl: --no-header is given, and the input is JSONL
          help: leave it out: only CSV can be without names; a spreadsheet has them in its first row
        error: a.conf: --delimiter is given, and the input is a voicemail.conf
          help: leave it out: only CSV has delimiters and quotes
        error: a.jsonl: --delimiter is given, and the input is JSONL
          help: leave it out: only CSV has delimiters and quotes
        error: a.xlsx: --delimiter is given, and the input is a spreadsheet
          help: leave it out: only CSV has delimiters and quotes
    "#]]
    .assert_eq(&told);
}
