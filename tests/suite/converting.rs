//! What `convert` writes is read again as what it was made of, by the very command that it shows.

use expect_test::expect;

use super::support::Workdir;

/// The command that is shown as the next one.
fn next(stderr: &str) -> String {
    let (_, next) = stderr.rsplit_once("next: boxlift ").unwrap();
    next.trim().replace('\'', "")
}

#[test]
fn the_command_that_is_shown_for_converted_rows_can_be_run() {
    let work = Workdir::new();
    let text = "x".repeat(9000);
    work.write("a.csv", format!("mailbox,pin,description,ring_time\n101,0000,{text},5\n"));
    let options = "--extra ring_time --max-field 16KiB --max-record=12KiB --deny weak-pin --allow=spreadsheet-formula";
    let ended = work.run(&format!("convert a.csv -o rows.csv --limit 5 {options}"));
    let next = next(&ended.stderr);
    expect![["check rows.csv --extra ring_time --max-field 16KiB --max-record=12KiB --deny weak-pin --allow=spreadsheet-formula"]]
    .assert_eq(&next);
    let checked = work.run(&next);
    expect![[r#"
        error[weak-pin]: a PIN is easy to guess
          rows.csv:2: pin: the PIN is one digit repeated
            help: choose one that nobody tries first
        rows.csv: 1 row, 1 error
        next: put the file right, then boxlift check rows.csv --extra ring_time --max-field 16KiB --max-record=12KiB --deny weak-pin --allow=spreadsheet-formula
    "#]]
    .assert_eq(&checked.stderr);
    assert_eq!(checked.code, Some(65));
}

#[test]
fn rows_that_csv_cannot_hold_are_not_written_and_their_lines_are_named() {
    let work = Workdir::new();
    let row = |mailbox, text: &str| {
        let text = serde_json::Value::from(text);
        format!("{{\"mailbox\":\"{mailbox}\",\"pin\":\"480913\",\"description\":{text}}}\n")
    };
    let rows = [
        row("101", &"a\n".repeat(49)),
        row("102", &"a\n".repeat(50)),
        row("103", &"\"".repeat(49)),
    ];
    work.write("a.jsonl", rows.concat());
    let ended = work.run("convert a.jsonl -o rows.csv --max-record 256");
    expect![[r#"
        a.jsonl: 2 rows converted, 1 could not be (line 2)
        next: boxlift check rows.csv --max-record 256
    "#]]
    .assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(65));
    let checked = work.run(&next(&ended.stderr));
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let owner = "7".repeat(250);
    let long = format!("convert a.jsonl -o rows.csv --max-record 256 --set owner={owner}");
    let ended = work.run(&long);
    let told = ended.stderr.lines().find(|it| it.contains("converted"));
    assert_eq!(
        told,
        Some("a.jsonl: 0 rows converted, 3 could not be (lines 1, 2, 3); the input has 3 errors")
    );
    let ended = work.run("convert a.jsonl -o rows.jsonl");
    assert_eq!((ended.code, work.run("check rows.jsonl").code), (Some(0), Some(0)), "{ended:?}");
}
