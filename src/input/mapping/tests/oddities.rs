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
        let text = row.problems.iter().map(|it| format!("{:?}", it));
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
