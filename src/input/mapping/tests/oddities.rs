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
