//! Limits of what is read: each said with the option that moves it.

use expect_test::Expect;
use expect_test::expect;

use super::support::Workdir;

fn told(options: &str, code: i32, text: &Expect) {
    let long = "x".repeat(300);
    let work = Workdir::with(
        "a.csv",
        format!("mailbox,pin,description\n0201,480913,{long}\n0202,480914,\n"),
    );
    let ended = work.run(&format!("check a.csv {options}"));
    text.assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(code));
}

#[test]
fn each_limit_can_be_moved_and_names_its_option() {
    told(
        "",
        0,
        &expect![[r#"
        a.csv: 2 rows, no problems
        next: boxlift apply a.csv --dry-run
    "#]],
    );
    told(
        "--max-record 256",
        65,
        &expect![[r#"
        error[record-too-long]: a record is longer than boxlift reads
          a.csv:2: the record has 312 bytes; at most 256 are read
            help: look for line ends that are missing, and for a text that does not belong there; --max-record allows more
        a.csv: 2 rows, 1 error
        next: put the file right, then boxlift check a.csv --max-record 256
    "#]],
    );
    told(
        "--max-rows 1",
        65,
        &expect![[r#"
            error: a.csv: the input has more than 1 row
              help: split the file, or give --max-rows
        "#]],
    );
    told(
        "--max-input 100",
        65,
        &expect![[r#"
            error: a.csv: the input is longer than 100 bytes
              help: split the file, or give --max-input
        "#]],
    );
    told(
        "--max-field 299",
        65,
        &expect![[r#"
        error[text-too-long]: a cell is longer than boxlift sends
          a.csv:2: description: 300 bytes; at most 299 are sent
            help: shorten it, or give a greater length, as in `--max-field 64KiB`
        a.csv: 2 rows, 1 error
        next: put the file right, then boxlift check a.csv --max-field 299
    "#]],
    );
}

#[test]
fn a_limit_outside_its_range_is_refused() {
    told(
        "--max-record 17MiB",
        64,
        &expect![[r#"
        error: invalid value '17MiB' for '--max-record <SIZE>': give a size from 256 to 16MiB

        For more information, try '--help'.
    "#]],
    );
    told(
        "--max-rows 0",
        64,
        &expect![[r#"
        error: invalid value '0' for '--max-rows <N>': give a number from 1 to 100000000

        For more information, try '--help'.
    "#]],
    );
    told(
        "--max-input 1ZiB",
        64,
        &expect![[r#"
        error: invalid value '1ZiB' for '--max-input <SIZE>': give a number of bytes, or one with KiB, MiB or GiB, as in `64KiB`

        For more information, try '--help'.
    "#]],
    );
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_given_up_at_the_limit_and_does_not_fill_the_disk() {
    let ended = Workdir::new().run("check /dev/zero --format csv --max-input 100KiB");
    expect![[r#"
        error: /dev/zero: the input is longer than 102400 bytes
          help: split the file, or give --max-input
    "#]]
    .assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(65));
}
