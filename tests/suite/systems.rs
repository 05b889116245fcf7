//! Exports of other systems and files with columns of their own: each sample is converted, and what people see of it is
//! compared word by word.

use std::fmt::Write as _;
use std::fs;

use expect_test::expect;
use expect_test::expect_file;
use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::proptest;

use super::support::Workdir;
use super::support::project;

/// The samples that are of other systems, with the options that they need.
pub(super) const SAMPLES: [(&str, &str); 9] = [
    ("freepbx.csv", "--from freepbx"),
    ("freepbx12.csv", "--from freepbx12"),
    ("fusionpbx.csv", "--from fusionpbx"),
    ("asterisk.conf", "--from asterisk"),
    ("cisco-unity.csv", "--from cisco-unity"),
    ("3cx.csv", "--from 3cx"),
    ("yeastar.csv", "--from yeastar"),
    ("enswitch-import.csv", "--from enswitch-import"),
    ("own.csv", "--map own.toml"),
];

/// A folder with a sample and the map.
fn with_sample(name: &str) -> Workdir {
    let work = Workdir::new();
    for name in [name, "own.toml"] {
        work.write(name, fs::read(project(&format!("samples/{name}"))).unwrap());
    }
    work
}

#[test]
fn each_systems_sample_is_converted_as_its_snapshot_says() {
    for (name, options) in SAMPLES {
        let work = with_sample(name);
        let ended = work.run(&format!("convert {name} {options} -o rows.csv"));
        let shown = format!(
            "{}exit code {}\n\n{}",
            ended.stderr,
            ended.code.unwrap(),
            work.read("rows.csv")
        );
        expect_file![project(&format!("tests/suite/expected/systems/{name}.txt"))]
            .assert_eq(&shown);
        let checked = work.run(&format!("check {name} {options}"));
        let findings = |text: &str| text.split(&format!("\n{name}: ")).next().map(str::to_owned);
        assert_eq!(findings(&checked.stderr), findings(&ended.stderr));
    }
}

#[test]
fn secrets_of_telephones_and_people_are_shown_nowhere() {
    for (name, options) in SAMPLES {
        let work = with_sample(name);
        let ended = work.run(&format!("check {name} {options} --report r.csv"));
        let shown = ended.stdout + &ended.stderr + &work.read("r.csv");
        let converted = work.run(&format!("convert {name} {options} -o - --quiet")).stdout;
        let mut reader = csv::Reader::from_reader(converted.as_bytes());
        let pin = reader.headers().unwrap().iter().position(|it| it == "pin").unwrap();
        for row in reader.records() {
            let pin = row.unwrap()[pin].to_owned();
            assert!(pin.is_empty() || !shown.contains(&pin), "{name}");
        }
        for secret in
            ["s345447", "sip45919x", "pW8sQ1x", "Xy12345678", "Zz98765432", "Wx7!", "Tp83920"]
        {
            assert!(!shown.contains(secret), "{name}: {secret}");
        }
    }
}

#[test]
fn what_is_converted_is_lifted_like_what_it_was_made_of() {
    let work = with_sample("fusionpbx.csv");
    let statuses = |line: &str| {
        let ended = work.run(&format!("apply {line} --sandbox --rate 1000/s --report r.csv"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        work.statuses("r.csv")
    };
    let before = statuses("fusionpbx.csv --from fusionpbx");
    assert_eq!(before.iter().filter(|it| *it == "created").count(), 5);
    assert_eq!(before.iter().filter(|it| *it == "excluded").count(), 1);
    for name in ["rows.csv", "rows.jsonl"] {
        let ended = work.run(&format!("convert fusionpbx.csv --from fusionpbx -o {name}"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(statuses(name), ["created"; 5]);
    }
}

#[cfg(unix)]
#[test]
fn a_converted_file_is_for_its_owner_alone_and_never_the_input() {
    use std::os::unix::fs::PermissionsExt;
    let work = with_sample("fusionpbx.csv");
    work.write("rows.csv", "old");
    work.run("convert fusionpbx.csv --from fusionpbx -o rows.csv");
    let mode = fs::metadata(work.path("rows.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = work.read("fusionpbx.csv");
    let ended = work.run("convert fusionpbx.csv --from fusionpbx -o fusionpbx.csv");
    assert_eq!((ended.code, work.read("fusionpbx.csv")), (Some(74), before));
    let work = with_sample("asterisk.conf");
    fs::rename(work.path("asterisk.conf"), work.path("conf.csv")).unwrap();
    let before = work.read("conf.csv");
    let ended = work.run("convert conf.csv --from asterisk -o conf.csv");
    assert_eq!((ended.code, work.read("conf.csv")), (Some(74), before));
}

#[test]
fn rejects_of_a_voicemail_conf_are_read_again_with_the_same_options() {
    let work = with_sample("asterisk.conf");
    let ended = work.run("apply asterisk.conf --from asterisk --sandbox --invalid skip");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let codes = |line: &str, report: &str| {
        work.run(&format!("check {line} --from asterisk --report {report}"));
        let rows = work.report(report).into_iter();
        let codes = rows.map(|it| it.split('|').nth(2).unwrap().to_owned());
        codes.filter(|it| !it.is_empty()).collect::<Vec<_>>()
    };
    let before = codes("asterisk.conf", "before.csv");
    assert_eq!(before, ["value-word", "ragged-row", "duplicate-create"]);
    assert_eq!(codes("asterisk.rejects.csv", "after.csv"), before[..2]);
}

#[test]
fn a_voicemail_conf_that_includes_another_is_refused_with_the_line() {
    let work = Workdir::with("vm.conf", "[general]\n\n#include vm-more.conf\n");
    let ended = work.run("check vm.conf --from asterisk");
    expect![[r#"
        error: vm.conf: line 3: another file is included, whose mailboxes would be missed
          help: put the lines of that file in the place of this one
    "#]]
    .assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(65));
}

#[test]
fn bad_options_are_told_with_what_there_is() {
    let work = with_sample("own.csv");
    let told = |line: &str| {
        let ended = work.run(line);
        assert_eq!(ended.code, Some(64), "{}", ended.stderr);
        ended.stderr
    };
    expect![[r#"
        error: --map and --from both say what columns mean
          help: give --map alone, and write the whole of it; `boxlift map` drafts one
    "#]]
    .assert_eq(&told("check own.csv --map own.toml --from 3cx"));
    work.write("bad.toml", "[mailbox]\ncolumn = \"a\"\n\n[pin]\nconstant = 471188\n");
    expect![[r#"
        error: bad.toml:5: this value is no text
          help: put it in quotes, as in `"0201"`
    "#]]
    .assert_eq(&told("check own.csv --map bad.toml"));
    assert!(told("check own.csv --map none.toml").contains("the map `none.toml` cannot be read"));
    assert!(told("check own.csv --from avaya").contains("freepbx, freepbx12, fusionpbx"));
    assert!(told("convert own.csv -o rows.txt").contains("end the name with .csv or .jsonl"));
    work.write("more.toml", "[mailbox]\ncolumn = \"Durchwahl\"\n");
    let ended = work.run("check own.csv --map more.toml");
    assert_eq!(ended.code, Some(65), "{}", ended.stderr);
}

#[test]
fn a_draft_of_a_map_is_a_map() {
    for (name, _) in SAMPLES.into_iter().filter(|it| it.0 != "asterisk.conf") {
        let work = with_sample(name);
        let draft = work.run(&format!("map {name}"));
        // One has no header, and of the other the mailbox is left open.
        if ["enswitch-import.csv", "own.csv"].contains(&name) {
            continue;
        }
        assert_eq!(draft.code, Some(0), "{name}: {}", draft.stderr);
        work.write("draft.toml", &draft.stdout);
        let ended = work.run(&format!("convert {name} --map draft.toml -o rows.csv"));
        assert!(work.files().contains(&"rows.csv".to_owned()), "{name}: {}", ended.stderr);
    }
    let work = with_sample("yeastar.csv");
    expect![[r##"
        # A draft: lines marked `# guess` go by a column's name alone. Look at each of them.
        # The columns look like yeastar's: `--from yeastar` reads them without a map.

        [mailbox]
        column = "Extension Number" # guess

        [pin]
        column = "Voicemail Access PIN" # guess

        [description]
        columns = ["First Name", "Last Name"] # guess

        [pager]
        column = "Email Address" # guess

        # Not recognised. Columns that are not needed go into a list, so that they are not named each time:
        # [ignore]
        # columns = []
        # Mobile Number
        # User Password
        # Caller ID
        # Registration Name
        # Registration Password
        # Enable Voicemail
        # Voicemail PIN Authentication
        # New Voicemail Notification
        # After Notification
        # Play Date and Time
        # Play Caller ID
        # Play Message Duration
        # Ring Timeout
    "##]]
    .assert_eq(&work.run("map yeastar.csv").stdout);
}

#[test]
fn a_draft_for_names_that_nobody_knows_is_to_be_filled_in() {
    let ended = with_sample("own.csv").run("map own.csv");
    expect![[r##"
        # A draft: lines marked `# guess` go by a column's name alone. Look at each of them.

        # No column looks like this one, and a map needs it: fill it in.
        # [mailbox]
        # column = ""

        # Not recognised. Columns that are not needed go into a list, so that they are not named each time:
        # [ignore]
        # columns = []
        # Nebenstelle
        # Vorname
        # Nachname
        # Code
        # Mail
        # Ansage
        # Kostenstelle
        # Gebucht
    "##]].assert_eq(&ended.stdout);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let work = with_sample("enswitch-import.csv");
    let ended = work.run("map enswitch-import.csv");
    expect![[r#"
        error: enswitch-import.csv: the input has no line that looks like names of columns
          help: write the map by hand, as in `[mailbox]` and `column = "Phone"`: docs/maps.md
    "#]]
    .assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(65));
}

#[test]
fn a_draft_says_which_system_the_columns_look_like_and_is_sure_of_none_of_them() {
    for (name, options) in SAMPLES {
        let work = with_sample(name);
        let draft = work.run(&format!("map {name}")).stdout;
        let hint = format!("`{options}` reads them without a map");
        let is_export = !["asterisk.conf", "own.csv", "enswitch-import.csv"].contains(&name);
        assert_eq!(draft.contains(&hint), is_export, "{name}: {draft}");
        let sure = draft.lines().any(|it| it.starts_with("column") && !it.ends_with("# guess"));
        assert!(!sure, "{name}: {draft}");
    }
    let work = Workdir::with("rows.csv", "mailbox,pin,action,envelope,saycid,pager,description\n");
    assert!(!work.run("map rows.csv").stdout.contains("--from"));
}

#[test]
fn a_row_with_many_keys_that_nothing_is_made_of_is_as_wrong_as_without_them() {
    let others: Vec<_> = (0..40).map(|it| format!("\"k{it}\":1")).collect();
    let line = |local: &str| {
        format!(
            "{{\"voicemail_enabled\":\"true\",\"voicemail_id\":\"101\",\"voicemail_password\":\"480913\",{},\"voicemail_local_after_email\":\"{local}\"}}\n",
            others.join(",")
        )
    };
    let work = Workdir::with("f.jsonl", line("maybe"));
    assert_eq!(verdicts(&work, "f.jsonl --from fusionpbx"), ["create|101|invalid|yes-no-form"]);
    work.write("f.jsonl", line("true"));
    let ended = work.run("check f.jsonl --from fusionpbx");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("`k39`"), "{}", ended.stderr);
}

/// A header of FusionPBX.
const HEADER: &str = "voicemail_id,voicemail_password,voicemail_mail_to,voicemail_file,voicemail_enabled,voicemail_local_after_email,voicemail_description\n";

/// The verdict on each row that is not left out: whether it is valid, with the codes of what is wrong.
fn verdicts(work: &Workdir, line: &str) -> Vec<String> {
    work.run(&format!("check {line} --report r.csv"));
    let mut reader = csv::Reader::from_path(work.path("r.csv")).unwrap();
    let rows = reader.records().map(|it| it.unwrap());
    let kept = rows.filter(|it| &it[5] != "excluded");
    kept.map(|it| [2, 4, 5, 6].map(|cell| it[cell].to_owned()).join("|")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_converted_file_has_the_verdicts_of_what_it_was_made_of(
        rows in vec(
            (
                "(|[0-9]{3}|x1)", "(|[0-9]{4,6}|A1)", "(|a@b\\.de|a@b\\.de,c@d\\.de|ab)", "(attach|link||)",
                "(true|false)", "(true|false|)", "(Jane|\"J, D\"|)",
            ),
            1..20,
        ),
    ) {
        let mut text = HEADER.to_owned();
        for (id, pin, mail, file, enabled, local, name) in &rows {
            writeln!(text, "{id},{pin},\"{mail}\",{file},{enabled},{local},{name}").unwrap();
        }
        let work = Workdir::with("f.csv", text);
        let before = verdicts(&work, "f.csv --from fusionpbx");
        for name in ["rows.csv", "rows.jsonl"] {
            work.run(&format!("convert f.csv --from fusionpbx -o {name}"));
            assert_eq!(verdicts(&work, name), before);
        }
    }
}
