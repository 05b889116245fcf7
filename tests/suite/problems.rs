//! The list of every problem, and what people are told of a file with many.

use expect_test::expect;

use super::support::Workdir;

/// Rows of which each breaks rules in several cells, the PIN and a column that is not known among them.
fn wrong(rows: u32) -> String {
    let row = |it: u32| format!("{it}x,47{it}canary,jane-{it},secret-{it},100\n");
    "mailbox,pin,pager,colour,copy_pin\n".to_owned() + &(1..=rows).map(row).collect::<String>()
}

#[test]
fn every_problem_of_header_rows_and_between_rows_is_listed_in_the_order_of_the_file() {
    let rows = "mailbox,pin,owner,colour\n0201,4711canary,-7,blue\n0202,480913\n0203,480913,\n\n\
                0204,480913,<empty>,\"4715\"\n0204,480913,\"\n7\",4716\n";
    let work = Workdir::with("a.csv", rows);
    let ended = work.run("check a.csv --problems p.csv --problems p.jsonl");
    assert_eq!(ended.code, Some(64), "one list is enough: {ended:?}");
    assert_eq!(work.run("check a.csv --problems p.csv").code, Some(65));
    expect![[r#"
        row,line,column,code,severity,value,message,help
        ,1,colour,unknown-column,error,,the column `colour` is not known,"take it out, or give it a name that boxlift knows, as in `mailbox`"
        1,2,pin,pin-form,error,,the PIN is not digits alone,"give digits, which can be dialled on every telephone"
        1,2,owner,integer-form,error,'-7,`-7` is not a whole number from 0 to 4294967295,"give the id in digits, as in `42`"
        2,3,,ragged-row,error,,the row has 2 cells and the header 4 columns,"look for a missing delimiter: a blank cell keeps its own, as in `101,,John`"
        3,4,,ragged-row,error,,the row has 3 cells and the header 4 columns,"look for a missing delimiter: a blank cell keeps its own, as in `101,,John`"
        4,6,owner,no-empty,error,,owner cannot be set to an empty string,leave the cell blank where nothing is to be sent
        5,7,owner,control-character,error,"'
        7",a line break or a tab stands in it,take it out; only a description may have lines
        5,7,mailbox,duplicate-create,error,0204,mailbox 0204 is created at a.csv:6 already,"keep one of the two rows, or make this one an update"
    "#]].assert_eq(&work.read("p.csv"));
    assert_eq!(work.run("check a.csv --problems p.jsonl").code, Some(65));
    expect![[r#"{"row":1,"line":2,"column":"owner","code":"integer-form","severity":"error","value":"-7","message":"`-7` is not a whole number from 0 to 4294967295","help":"give the id in digits, as in `42`"}"#]].assert_eq(work.read("p.jsonl").lines().nth(2).unwrap());
    assert_eq!(work.read("p.jsonl").lines().count(), csv_rows(&work.read("p.csv")));
}

fn csv_rows(text: &str) -> usize {
    csv::Reader::from_reader(text.as_bytes()).records().flatten().count()
}

#[test]
fn no_list_of_problems_shows_a_pin_or_a_cell_of_an_unknown_column() {
    let work = Workdir::with("a.csv", wrong(3000));
    for name in ["p.csv", "p.jsonl"] {
        let ended = work.run(&format!("check a.csv --problems {name}"));
        let shown = work.read(name) + &ended.stderr;
        assert!(!shown.contains("canary") && !shown.contains("secret-"), "{name}");
        assert!(shown.contains("jane-2999"), "{name}");
    }
}

#[test]
fn a_list_is_the_same_on_any_number_of_threads_and_as_long_as_is_said() {
    let work = Workdir::with("a.csv", wrong(20_000));
    let seen = ["1", "2", "40"].map(|threads| {
        let mut command = work.command("check a.csv --problems p.csv");
        let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
        (String::from_utf8(output.stderr).unwrap(), work.read("p.csv"))
    });
    assert!(seen.iter().all(|it| *it == seen[0]));
    assert_eq!(csv_rows(&seen[0].1), 60_001 + 20_000);
    assert!(seen[0].0.contains("20,000 rows, 60,001 errors and 20,000 warnings"), "{}", seen[0].0);
}

#[test]
fn of_many_problems_the_commonest_are_shown_and_the_rest_is_counted() {
    let work = Workdir::with("a.csv", wrong(1200));
    expect![[r#"
        error[unknown-column]: a column or key is not known
          a.csv:1: colour: the column `colour` is not known
            help: take it out, or give it a name that boxlift knows, as in `mailbox`
        error[mailbox-form]: a mailbox number is not digits (1,200 times)
          a.csv:2: mailbox: `1x` is not digits alone
          a.csv:3: mailbox: `2x` is not digits alone
          a.csv:4: mailbox: `3x` is not digits alone
          a.csv:5: mailbox: `4x` is not digits alone
          a.csv:6: mailbox: `5x` is not digits alone
          a.csv:7: mailbox: `6x` is not digits alone
          a.csv:8: mailbox: `7x` is not digits alone
          a.csv:9: mailbox: `8x` is not digits alone
          a.csv:10: mailbox: `9x` is not digits alone
          a.csv:11: mailbox: `10x` is not digits alone
            help: give the number as it is dialled, zeros and all, as in `0201`
          and 1,190 more; --problems FILE has every one
        error[pin-form]: a PIN is not digits (1,200 times)
          a.csv:2: pin: the PIN is not digits alone (1,200 times)
            also lines 3, 4, 5, 6, 7, 8, 9, 10, 11 …
            help: give digits, which can be dialled on every telephone
          and 1,190 more; --problems FILE has every one
        error[email-form]: an e-mail address is not one (1,200 times)
          a.csv:2: pager: `jane-1` is not one e-mail address
          a.csv:3: pager: `jane-2` is not one e-mail address
          a.csv:4: pager: `jane-3` is not one e-mail address
          a.csv:5: pager: `jane-4` is not one e-mail address
          a.csv:6: pager: `jane-5` is not one e-mail address
          a.csv:7: pager: `jane-6` is not one e-mail address
          a.csv:8: pager: `jane-7` is not one e-mail address
          a.csv:9: pager: `jane-8` is not one e-mail address
          a.csv:10: pager: `jane-9` is not one e-mail address
          a.csv:11: pager: `jane-10` is not one e-mail address
            help: give one address in full, as in `jane@example.com`
          and 1,190 more; --problems FILE has every one
        warning[pin-and-copy-pin]: two sources of the PIN are given; the mailbox to copy from wins (1,200 times)
          a.csv:2: copy_pin: both pin and copy_pin are given, and copy_pin wins (1,200 times)
            also lines 3, 4, 5, 6, 7, 8, 9, 10, 11 …
            help: leave one of the two blank
          and 1,190 more; --problems FILE has every one
        a.csv: 1,200 rows, 3,601 errors and 1,200 warnings
        next: put the file right, then boxlift check a.csv
    "#]].assert_eq(&work.run("check a.csv").stderr);
    let told = work.run("check a.csv --problems p.csv").stderr;
    let told: Vec<_> = told.lines().filter(|it| it.contains(" more")).map(str::trim).collect();
    expect![[r#"
          and 1,190 more: p.csv has every one
          and 1,190 more: p.csv has every one
          and 1,190 more: p.csv has every one
          and 1,190 more: p.csv has every one"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn a_list_without_problems_has_its_header_alone() {
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,480913\n");
    assert_eq!(work.run("check a.csv --problems p.csv --problems=p.csv").code, Some(64));
    assert_eq!(work.run("check a.csv --problems p.csv").code, Some(0));
    assert_eq!(work.read("p.csv"), "row,line,column,code,severity,value,message,help\n");
}

#[test]
fn a_list_takes_no_place_of_another_file() {
    let content = "mailbox,pin\n0201,480913\n";
    let work = Workdir::with("a.csv", content);
    let code = |line: &str| work.run(line).code;
    assert_eq!(code("check a.csv --problems a.csv"), Some(74));
    assert_eq!(code("check a.csv --problems p.txt"), Some(64));
    assert_eq!(code("check a.csv --problems no/p.csv"), Some(74));
    assert_eq!(code("check a.csv --problems r.csv --report ./r.csv"), Some(64));
    assert_eq!(code("check a.csv a.csv --problems p.csv"), Some(64));
    for other in ["a.report.csv", "a.rejects.csv"] {
        assert_eq!(code(&format!("apply a.csv --sandbox --problems {other}")), Some(64));
    }
    assert_eq!((work.read("a.csv").as_str(), work.files().len()), (content, 1));
}

#[test]
fn a_list_is_in_its_place_before_anything_is_sent() {
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,480913\n0202,48o913\n");
    let ended = work.run("apply a.csv --sandbox --problems p.jsonl");
    assert_eq!((ended.code, work.read("p.jsonl").lines().count()), (Some(65), 1), "{ended:?}");
    let ended = work.run("apply a.csv --sandbox --problems p.jsonl --allow pin-form");
    assert_eq!((ended.code, work.read("p.jsonl").as_str()), (Some(1), ""), "{ended:?}");
    let next = ended.stderr.lines().last().unwrap();
    assert!(!next.contains("--problems"), "the list of other rows: {next}");
}
