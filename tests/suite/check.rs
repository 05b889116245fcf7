//! What `check` says: each rule by a row that breaks it and one that does not.

use expect_test::expect;

use super::support::Workdir;

/// The codes that a CSV file with these lines is found to break, warnings in brackets.
fn codes(lines: &[&str], options: &str) -> String {
    let work = Workdir::with("a.csv", lines.join("\n"));
    let ended = work.run(&format!("check a.csv {options}"));
    let mut codes = Vec::new();
    for line in ended.stderr.lines() {
        if let Some(rest) = line.strip_prefix("error[") {
            codes.push(rest.split(']').next().unwrap().to_owned());
        } else if let Some(rest) = line.strip_prefix("warning[") {
            codes.push(format!("({})", rest.split(']').next().unwrap()));
        }
    }
    let expected = if codes.iter().any(|it| !it.starts_with('(')) { 65 } else { 0 };
    assert_eq!(ended.code, Some(expected), "{}", ended.stderr);
    codes.join(" ")
}

/// The same for one create with a good mailbox and PIN and these further cells.
fn create(cells: &str) -> String {
    row("create", cells, "")
}

fn update(cells: &str) -> String {
    row("update", cells, "")
}

fn row(action: &str, cells: &str, options: &str) -> String {
    let (names, values): (Vec<_>, Vec<_>) =
        cells.split(' ').filter(|it| !it.is_empty()).map(|it| it.split_once('=').unwrap()).unzip();
    let pin = if action == "create" { "480913" } else { "" };
    let header =
        ["mailbox", "pin", "action"].into_iter().chain(names).collect::<Vec<_>>().join(",");
    let row = ["0201", pin, action].into_iter().chain(values).collect::<Vec<_>>().join(",");
    codes(&[&header, &row], options)
}

#[test]
fn a_bare_create_is_clean() {
    assert_eq!(codes(&["mailbox,pin", "0201,480913"], ""), "");
}

#[test]
fn a_problem_has_code_place_column_value_and_help() {
    let work = Workdir::with("a.csv", "mailbox,pin,owner\n0201,480913,7\n0202,480913,3.5\n");
    expect![[r#"
        error[integer-form]: a number is not a whole number
          a.csv:3: owner: `3.5` is not a whole number from 0 to 4294967295
            help: give the id in digits, as in `42`
        a.csv: 2 rows, 1 error
        next: put the file right, then boxlift check a.csv
    "#]]
    .assert_eq(&work.run("check a.csv").stderr);
}

#[test]
fn words_depend_on_the_version() {
    assert_eq!(row("create", "notify_for=all", ""), "value-word");
    assert_eq!(row("create", "notify_for=all", "--api 4.2"), "");
    assert_eq!(row("create", "transcribe=1", "--api 3.13"), "not-in-version");
    assert_eq!(row("create", "transcribe=1", ""), "");
}

#[test]
fn every_version_has_the_words_and_parameters_that_are_known_of_it() {
    for (api, is_later) in [("3.13", false), ("3.14", false), ("4.2", true), ("4.4", true)] {
        let options = format!("--api {api}");
        for action in ["create", "update"] {
            for word in ["voicemail", "fax", "voicemail_fax", "<empty>"] {
                assert_eq!(
                    row(action, &format!("notify_for={word}"), &options),
                    "",
                    "{api} {word}"
                );
            }
            for word in ["all", "text"] {
                let told = row(action, &format!("notify_for={word}"), &options);
                assert_eq!(told, if is_later { "" } else { "value-word" }, "{api} {word}");
            }
        }
    }
    let transcribe = ["3.13", "3.14", "4.2", "4.4"].map(|api| {
        let options = format!("--api {api}");
        ["create", "update"].map(|action| row(action, "transcribe=1", &options))
    });
    assert_eq!(
        transcribe,
        [
            ["not-in-version", "not-in-version"],
            ["", "create-only"],
            ["", "(transcribe-on-update)"],
            ["", "(transcribe-on-update)"],
        ]
    );
}

#[test]
fn a_parameter_of_a_later_version_is_refused_however_it_is_given() {
    assert_eq!(row("create", "transcribe=<empty>", "--api 3.13"), "no-empty not-in-version");
    assert_eq!(row("create", "", "--set transcribe=1 --api 3.13"), "not-in-version");
    let work = Workdir::with("a.jsonl", r#"{"mailbox":"0201","pin":"480913","transcribe":true}"#);
    assert_eq!(work.run("check a.jsonl --api 3.13").code, Some(65));
    assert_eq!(work.run("check a.jsonl --api 3.14").code, Some(0));
    work.write("b.csv", "mailbox,pin,transcribe\n0201,480913,\n");
    assert_eq!(work.run("check b.csv --api 3.13").code, Some(0), "a blank cell is not sent");
}

#[test]
fn parameters_of_create_alone_are_refused_on_update() {
    assert_eq!(update("copy_pin=0202"), "create-only");
    assert_eq!(update("transcribe=1"), "create-only");
    assert_eq!(row("update", "transcribe=1", "--api 4.2"), "(transcribe-on-update)");
}

#[test]
fn an_update_changes_something() {
    assert_eq!(update(""), "nothing-to-update");
    assert_eq!(update("customer=7"), "nothing-to-update");
    assert_eq!(update("description=x"), "");
}

#[test]
fn the_empty_token_stands_only_where_an_empty_string_means_something() {
    let meaning = "callerid copy_pin description dnumber notify_dnumber notify_email notify_for \
                   notify_message pager";
    for column in meaning.split_whitespace() {
        assert_eq!(create(&format!("{column}=<empty>")), "", "{column}");
    }
    let none = "customer dtype envelope notify_ltype notify_only owner pager_attach panel play \
                saycid sayduration temporary_active timezone transcribe";
    for column in none.split_whitespace() {
        assert_eq!(create(&format!("{column}=<empty>")), "no-empty", "{column}");
    }
    assert_eq!(row("create", "pager=NIL", "--empty-token NIL"), "");
}

#[test]
fn destinations_and_their_numbers_fit() {
    assert_eq!(create("dtype=phone dnumber=0299"), "");
    assert_eq!(create("dtype=phone"), "(dnumber-missing)");
    assert_eq!(create("dtype=hangup dnumber=0299"), "(dnumber-superfluous)");
    assert_eq!(create("dnumber=0299"), "(dnumber-superfluous)");
    assert_eq!(create("dtype=warp"), "(unknown-dtype)");
    assert_eq!(update("dtype=phone"), "", "the switch may have a number already");
    assert_eq!(update("dnumber=0299"), "", "the switch may have a type already");
}

#[test]
fn messages_are_not_deleted_unheard() {
    assert_eq!(create("notify_only=1"), "(messages-lost)");
    assert_eq!(create("notify_only=1 owner=5"), "");
    assert_eq!(create("notify_only=1 owner=5 notify_email=owner"), "(messages-lost)");
    assert_eq!(create("notify_only=1 pager=a@example.com pager_attach=1"), "");
    assert_eq!(create("notify_only=1 pager=a@example.com"), "(messages-lost)");
    assert_eq!(update("notify_only=1"), "", "nothing is known of the rest");
    assert_eq!(update("notify_only=1 notify_email=owner pager=<empty>"), "(messages-lost)");
}

#[test]
fn notifications_have_an_owner() {
    assert_eq!(create("notify_email=owner"), "(nobody-notified)");
    assert_eq!(create("notify_message=owner owner=5"), "");
    assert_eq!(update("notify_message=owner"), "");
    assert_eq!(update("notify_message=owner owner=0"), "(nobody-notified)");
}

#[test]
fn a_warning_can_be_denied_or_silenced_and_some_errors_lifted() {
    assert_eq!(row("create", "timezone=Berlin", ""), "(unknown-timezone)");
    assert_eq!(row("create", "timezone=Berlin", "--deny unknown-timezone"), "unknown-timezone");
    assert_eq!(row("create", "timezone=Berlin", "--allow unknown-timezone"), "");
    assert_eq!(row("create", "pager=jane", ""), "email-form");
    assert_eq!(row("create", "pager=jane", "--allow email-form"), "");
    let work = Workdir::with("a.csv", "mailbox,pin\n");
    assert_eq!(work.run("check a.csv --allow required").code, Some(64));
    assert_eq!(work.run("check a.csv --deny no-such-rule").code, Some(64));
}

#[test]
fn a_mailbox_is_created_once_and_before_it_is_updated() {
    let twice = ["mailbox,pin", "0201,480913", "0201,480913"];
    assert_eq!(codes(&twice, ""), "duplicate-create");
    let customers = ["mailbox,pin,customer", "0201,480913,3", "0201,480913,4"];
    assert_eq!(codes(&customers, ""), "");
    let mixed = ["mailbox,pin,customer", "0201,480913,3", "0201,480913,"];
    assert_eq!(codes(&mixed, ""), "(customer-mixed)");
    let late = ["mailbox,pin,action", "0201,480914,update", "0201,480913,create"];
    assert_eq!(codes(&late, ""), "create-after-update");
    let then = ["mailbox,pin,action", "0201,480913,create", "0201,480914,update"];
    assert_eq!(codes(&then, ""), "");
}

#[test]
fn every_row_of_a_circle_of_copies_is_named() {
    let rows = "mailbox,copy_pin\n1,2\n2,3\n3,1\n4,1\n";
    expect![[r#"
        error[copy-pin-cycle]: rows copy their PINs from each other in a circle (3 times)
          a.csv:2: copy_pin: mailbox 1 copies its PIN in a circle, by way of a.csv:3
          a.csv:3: copy_pin: mailbox 2 copies its PIN in a circle, by way of a.csv:4
          a.csv:4: copy_pin: mailbox 3 copies its PIN in a circle, by way of a.csv:2
            help: give one of the rows of the circle a pin
        a.csv: 4 rows, 3 errors
        next: put the file right, then boxlift check a.csv
    "#]]
    .assert_eq(&Workdir::with("a.csv", rows).run("check a.csv").stderr);
}

#[test]
fn options_fill_in_for_blank_cells_alone() {
    let work = Workdir::with("a.csv", "mailbox,pin,customer\n0201,480913,3\n0202,480913,\n");
    let ended = work.run("check a.csv --customer 9 --set timezone=Mars --report r.csv");
    assert_eq!(ended.stderr.matches("is no IANA time zone").count(), 2, "{}", ended.stderr);
    let report = work.read("r.csv");
    assert!(report.contains("1,2,create,3,0201,not_sent"), "{report}");
    assert!(report.contains("2,3,create,9,0202,not_sent"), "{report}");
}

#[test]
fn no_pin_comes_in_by_an_argument() {
    let work = Workdir::with("a.csv", "mailbox\n0201\n");
    let ended = work.run("check a.csv --set pin=471133");
    assert_eq!(ended.code, Some(64));
    assert!(!ended.stderr.contains("471133"), "{}", ended.stderr);
}

#[test]
fn findings_are_the_same_on_any_number_of_threads() {
    let row =
        |it: u32| format!("{},{}\n", it % 700, if it.is_multiple_of(3) { "12" } else { "4a" });
    let rows: String = (0..60_000).map(row).collect();
    let work = Workdir::with("a.csv", format!("mailbox,pin\n{rows}"));
    let seen = ["1", "2", "40"].map(|threads| {
        let mut command = work.command("check a.csv --report r.jsonl");
        let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
        (String::from_utf8(output.stderr).unwrap(), work.read("r.jsonl"))
    });
    assert!(seen[0].0.contains("60,000 rows"));
    assert!(seen.iter().all(|it| *it == seen[0]));
}

#[test]
fn text_that_follows_on_a_closing_quote_is_named() {
    let lines = ["mailbox,pin,description", "0201,480913,\"Smith\" & Sons", "0202,480913,5\" disk"];
    assert_eq!(codes(&lines, ""), "text-after-quote");
    assert_eq!(codes(&lines, "--allow text-after-quote"), "");
}

#[test]
fn a_text_is_not_longer_than_is_sent() {
    assert_eq!(create(&format!("description={}", "x".repeat(8192))), "");
    let long = format!("description={}", "x".repeat(8193));
    assert_eq!(create(&long), "text-too-long");
    assert_eq!(row("create", &long, "--max-field 9k"), "");
    assert_eq!(row("create", "description=123456", "--max-field 6"), "");
    assert_eq!(row("create", "description=1234567", "--max-field 6"), "text-too-long");
    let work = Workdir::with("a.jsonl", r#"{"mailbox":"0201","pin":"480913","owner":1234567}"#);
    let ended = work.run("check a.jsonl --max-field 6");
    assert!(ended.stderr.contains("error[text-too-long]"), "{}", ended.stderr);
}

#[test]
fn a_length_that_cannot_be_is_refused() {
    let work = Workdir::with("a.csv", "mailbox,pin\n");
    for size in ["0", "17MiB", "8KB", "x"] {
        assert_eq!(work.run(&format!("check a.csv --max-field {size}")).code, Some(64), "{size}");
    }
}

#[test]
fn of_several_inputs_each_is_named_and_has_one_command_that_comes_next() {
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,480913\n");
    work.write("empty.csv", "");
    let told = |line: &str| {
        let ended = work.run(line);
        format!("{}exit code {}\n", ended.stderr, ended.code.unwrap())
    };
    expect![[r#"
        a.csv: 1 row, no problems
        next: boxlift apply a.csv --dry-run
        error: empty.csv: the input is empty: it has no header line
          help: begin the file with the column names, as in `mailbox,pin`
        error: there is no file `no.csv`
          help: give the path of a file, as in `rows.csv`, or `-` for stdin
        exit code 66
        a.csv: 1 row, no problems
        next: boxlift apply a.csv --dry-run
        a.csv: 1 row, no problems
        next: boxlift apply a.csv --dry-run
        exit code 0
        error: standard input is named twice
          help: give `-` once, and other inputs by their paths
        exit code 64
        error: stdin: the input is empty: it has no header line
          help: begin the file with the column names, as in `mailbox,pin`
        exit code 65
        error: empty.csv: the input is empty: it has no header line
          help: begin the file with the column names, as in `mailbox,pin`
        exit code 65
    "#]]
    .assert_eq(
        &[
            told("check a.csv empty.csv no.csv"),
            told("check a.csv a.csv"),
            told("check - a.csv -"),
            told("check -"),
            told("map empty.csv"),
        ]
        .concat(),
    );
}

#[test]
fn what_is_converted_with_errors_in_it_is_written_and_the_errors_are_told() {
    let work = Workdir::with("a.csv", "mailbox,pin\n0201,48x913\n0202,480914\n");
    let ended = work.run("convert a.csv -o b.csv");
    assert_eq!(ended.code, Some(65));
    expect![[r#"
        error[pin-form]: a PIN is not digits
          a.csv:2: pin: the PIN is not digits alone
            help: give digits, which can be dialled on every telephone
        a.csv: 2 rows converted; the input has 1 error
        next: boxlift check b.csv
        action,mailbox,pin
        create,0201,48x913
        create,0202,480914
    "#]]
    .assert_eq(&[ended.stderr, work.read("b.csv")].concat());
}
