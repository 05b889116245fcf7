//! What mappings make of rewrites without an end, options that are none and words that nobody knows. Refuses to be part
//! of the program.

use super::*;

/// The finding of a rule, as what is the case.
fn told(row: &Kept, rule: Rule) -> Vec<&str> {
    row.problems.iter().filter(|it| it.0 == rule).map(|it| it.3.as_str()).collect()
}

#[test]
fn a_rewrite_that_makes_a_text_grow_ends_at_a_bound_and_costs_the_row() {
    let grow = "{ pattern = \"(.)\", with = \"$1$1$1$1$1$1$1$1$1$1\" }";
    let map = format!(
        "[mailbox]\ncolumn = \"a\"\n[pin]\ncolumn = \"b\"\nrewrite = [{}]\n",
        [grow; 5].join(", ")
    );
    let rows = mapped(&map, "a,b\n1,4\n2,47\n");
    assert_eq!(rows[0].rules(), [Rule::TextTooLong]);
    assert_eq!(
        told(&rows[0], Rule::TextTooLong),
        ["a rewrite of the map makes the text longer than 65536 bytes"]
    );
    assert_eq!(said(&rows[0]), "mailbox=1");
    let once = format!(
        "[mailbox]\ncolumn = \"a\"\n[pin]\ncolumn = \"b\"\nrewrite = {{ pattern = \"(.+)\", with = \"{}\" }}\n",
        "${1}".repeat(70_000)
    );
    assert_eq!(mapped(&once, "a,b\n1,4\n")[0].rules(), [Rule::TextTooLong]);
}

#[test]
fn a_rewrite_puts_groups_by_number_and_name_and_a_dollar_as_itself() {
    let with = |pattern: &str, with: &str| {
        let map = format!(
            "[mailbox]\ncolumn = \"a\"\n[description]\ncolumn = \"b\"\nrewrite = {{ pattern = '{pattern}', with = '{with}' }}\n"
        );
        said(&mapped(&map, "a,b\n1,ab-cd\n")[0])
    };
    assert_eq!(
        with("(b)-(?<x>.)", "$0|${1}0|$x|$$1|$|${x}$"),
        "mailbox=1 description=ab-c|b0|c|$1|$|c$d"
    );
    assert_eq!(with("(z)?-", "<$1>"), "mailbox=1 description=ab<>cd");
    assert_eq!(with("x*", "."), "mailbox=1 description=.a.b.-.c.d.");
}

#[test]
fn parts_of_options_that_say_nothing_are_named_and_no_bare_word_is_shown() {
    let of = |options: &str| {
        let row = &from(System::Freepbx, &format!("extension,voicemail_options\n1,{options}\n"))[0];
        let text = row.problems.iter().map(|it| format!("{it:?}"));
        assert!(text.clone().all(|it| !it.contains("geheim3")), "{row:?}");
        (row.rules(), row.problems.first().map(|it| it.3.clone()).unwrap_or_default())
    };
    let wrong = |message: &str| (vec![Rule::ValueWord], message.to_owned());
    assert_eq!(of("attach"), wrong("the option `attach` has no value"));
    assert_eq!(of("saycid=no|Attach= "), wrong("the option `attach` has no value"));
    assert_eq!(of("saycid=no|=yes"), wrong("part 2 of the options is no `name=value`"));
    assert_eq!(of("saycid=no||geheim3"), wrong("part 3 of the options is no `name=value`"));
    assert_eq!(
        of("attach=no|attach=yes"),
        wrong("the option `attach` is given twice, with different values")
    );
    assert_eq!(
        of("attach=frob"),
        (
            vec![Rule::YesNoForm],
            "the option `attach` is `frob`, which is neither yes nor no".to_owned()
        )
    );
    assert_eq!(of("|attach=no||ATTACH=No|"), (vec![], String::new()));
}

#[test]
fn options_in_columns_of_their_own_are_judged_as_well() {
    let text = "extension,attach,delete,options\n1,frob,,\n2,attach=,,\n3,yes,delete=no,attach\n";
    let rows = from(System::Freepbx12, text);
    let rules: Vec<_> = rows.iter().map(Kept::rules).collect();
    assert_eq!(rules, [[Rule::YesNoForm], [Rule::ValueWord], [Rule::ValueWord]]);
    let lost =
        from(System::ThreeCx, "Number,EmailAddress,VMEmailOptions\n1,,7\n2,a@example.com,7\n");
    assert_eq!([lost[0].rules(), lost[1].rules()], [[Rule::ValueWord], [Rule::ValueWord]]);
}

#[test]
fn a_word_that_is_neither_yes_nor_no_leaves_nobody_out() {
    let of = |system: System, header: &str, word: &str| {
        let row = &from(system, &format!("{header}\n1,{word}\n"))[0];
        (row.excluded.is_some(), row.rules())
    };
    for (system, header, yes) in [
        (System::ThreeCx, "Number,EnableVoicemail", "1"),
        (System::ThreeCx, "Number,VMEnabled", "true"),
        (System::Fusionpbx, "voicemail_id,voicemail_enabled", "true"),
        (System::Freepbx, "extension,voicemail_enable", "Yes"),
        (System::Freepbx12, "extension,vm", "Enabled"),
        (System::Yeastar, "Extension Number,Enable Voicemail", "1"),
    ] {
        assert_eq!(of(system, header, yes), (false, vec![]), "{header}");
        assert_eq!(of(system, header, "frob"), (false, vec![Rule::YesNoForm]), "{header}");
        assert_eq!(of(system, header, "Disabled"), (true, vec![]), "{header}");
        assert_eq!(of(system, header, "").0, system != System::Yeastar, "{header}");
    }
}

#[test]
fn what_the_owner_gets_by_mail_is_written_out_where_an_option_gives_an_owner() {
    let with = |system: System, fill: &[(&str, &str)], text: &str| {
        let place = |name: &str| NATIVE.iter().position(|it| *it == name).unwrap();
        let fill = fill.iter().map(|(name, text)| (place(name), (*text).to_owned())).collect();
        let mapping = system.mapping(&native());
        let settings = Settings { mapping, fill, ..Settings::new(native()) };
        let source = Source::spool(text.as_bytes(), u64::MAX).unwrap();
        let rows = testing::rows_of(&mut Input::open(source, Format::Csv, settings).unwrap());
        let notify = |row: &Kept| match &row.cells[place("notify_email")] {
            Cell::Text(text) => text.to_string(),
            Cell::Empty => "empty".to_owned(),
            _ => "-".to_owned(),
        };
        rows.iter().map(notify).collect::<Vec<_>>().join(" ")
    };
    let owner = &[("owner", "42")];
    let mails = "Number,VMEmailOptions\n1,0\n2,1\n3,2\n4,3\n5,None\n6,Attachment\n7,\n";
    let wanted = "empty owner owner_wav owner_wav empty owner_wav -";
    assert_eq!(with(System::ThreeCx, owner, mails), wanted);
    assert_eq!(with(System::ThreeCx, &[], mails), "- - - - - - -");
    assert_eq!(with(System::ThreeCx, &[("owner", "<empty>")], mails), "- - - - - - -");
    let both = [("owner", "42"), ("notify_email", "owner")];
    assert_eq!(with(System::ThreeCx, &both, "Number,VMEmailOptions\n1,0\n2,\n"), "empty owner");
    let options = "extension,voicemail_options\n1,attach=no\n2,attach=yes\n3,\n";
    assert_eq!(with(System::Freepbx, owner, options), "owner owner_wav -");
    let attach = "extension,attach,options\n1,no,\n2,,attach=yes\n3,,\n";
    assert_eq!(with(System::Freepbx12, owner, attach), "owner owner_wav -");
    let conf = "[general]\nattach=no\n[a]\n1 => 2\n2 => 3,,,,attach=yes\n";
    assert_eq!(with(System::Asterisk, owner, conf), "owner owner_wav");
    let file =
        "voicemail_id,voicemail_file,voicemail_attach_file\n1,attach,\n2,link,\n3,,\n4,,true\n";
    assert_eq!(with(System::Fusionpbx, owner, file), "owner_wav owner owner owner_wav");
    let told =
        "Extension Number,New Voicemail Notification\n1,no\n2,with_attach\n3,without_attach\n";
    assert_eq!(with(System::Yeastar, owner, told), "empty owner_wav owner");
}
