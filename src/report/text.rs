//! What people read of a check: problems by cause, each with its place and what to do.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::path::Path;

use crate::model::Cause;
use crate::model::Findings;
use crate::model::Group;
use crate::model::LINES_KEPT_MAX;
use crate::model::Place;
use crate::model::Problem;
use crate::model::Severity;

/// Problems of a whole file up to which each is shown by itself, at its place.
const EACH_SHOWN_MAX: u64 = LINES_KEPT_MAX as u64;

/// Of a file with more: texts of one rule that are shown, and places of each. Those of a line fit into 80 columns.
const SHOWN_MAX: usize = 10;

/// All findings of `file`, grouped by rule, errors first; nothing where there are none. `every` has each of them.
pub fn findings(findings: &Findings, file: &str, every: Option<&Path>) -> String {
    let mut text = String::new();
    let count = findings.count(Severity::Error) + findings.count(Severity::Warning);
    for (rule, group) in findings.groups() {
        let (severity, times, causes) = (group.severity, group.count, &group.causes);
        let _ = writeln!(
            text,
            "{}[{}]: {}{}",
            severity.as_str(),
            rule.code(),
            rule.meaning(),
            said("", times)
        );
        let shown = if count <= EACH_SHOWN_MAX || rule.is_told_once() {
            add_each(&mut text, causes, file)
        } else {
            add_commonest(&mut text, group, file)
        };
        if shown < times {
            let more = grouped(times - shown);
            let _ = match every {
                Some(path) => writeln!(text, "  and {more} more: {} has every one", path.display()),
                None => writeln!(text, "  and {more} more; --problems FILE has every one"),
            };
        }
    }
    text
}

/// Shows problems one by one, in the order of the file; gives their number.
fn add_each(text: &mut String, causes: &[Cause], file: &str) -> u64 {
    let places = |it: &'_ Cause| it.lines.len();
    let mut each: Vec<(u32, &Problem)> = Vec::with_capacity(causes.iter().map(places).sum());
    for Cause { first, count: _, lines } in causes {
        each.extend(lines.iter().map(|line| (*line, first)));
    }
    each.sort_by_key(|it| it.0);
    each.truncate(LINES_KEPT_MAX);
    for (place, (line, problem)) in each.iter().enumerate() {
        add_problem(text, (file, *line), problem, 1, "");
        if each.get(place + 1).is_none_or(|next| next.1.help != problem.help) {
            let _ = writeln!(text, "    help: {}", problem.help);
        }
    }
    each.len() as u64
}

/// Shows what is wrong most often, with the first places of each; gives the number of these.
fn add_commonest(text: &mut String, group: &Group, file: &str) -> u64 {
    let mut causes: Vec<_> = group.causes.iter().collect();
    causes.sort_by_key(|it| Reverse(it.count));
    causes.truncate(SHOWN_MAX);
    let told_apart: u64 = group.causes.iter().map(|it| it.count).sum();
    let at_least = if told_apart < group.count { "at least " } else { "" };
    let mut shown = 0;
    for (place, Cause { first, count, lines }) in causes.iter().enumerate() {
        add_problem(text, (file, first.place.line), first, *count, at_least);
        let others: Vec<_> =
            lines.iter().take(SHOWN_MAX).skip(1).map(ToString::to_string).collect();
        if !others.is_empty() {
            let more = if lines.len() > SHOWN_MAX { " …" } else { "" };
            let _ = writeln!(text, "    also lines {}{more}", others.join(", "));
        }
        if causes.get(place + 1).is_none_or(|next| next.first.help != first.help) {
            let _ = writeln!(text, "    help: {}", first.help);
        }
        shown += 1 + others.len() as u64;
    }
    shown
}

fn add_problem(
    text: &mut String,
    (file, line): (&str, u32),
    problem: &Problem,
    count: u64,
    at_least: &str,
) {
    let Problem { rule: _, place: Place { line: _, column }, message, help: _ } = problem;
    let column = column.as_ref().map(|it| format!(" {it}:")).unwrap_or_default();
    let _ = writeln!(text, "  {file}:{line}:{column} {message}{}", said(at_least, count));
}

/// How often something was said; nothing where it was once.
fn said(at_least: &str, count: u64) -> String {
    if count == 1 { String::new() } else { format!(" ({at_least}{} times)", grouped(count)) }
}

/// `1 error and 2 warnings`, as far as there are any.
pub fn counts(findings: &Findings) -> String {
    let count = |severity, word| match findings.count(severity) {
        0 => None,
        1 => Some(format!("1 {word}")),
        many => Some(format!("{} {word}s", grouped(many))),
    };
    let counts = [count(Severity::Error, "error"), count(Severity::Warning, "warning")]
        .into_iter()
        .flatten();
    let counts: Vec<_> = counts.collect();
    if counts.is_empty() { "no problems".to_owned() } else { counts.join(" and ") }
}

/// A number with its thousands set apart: `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::model::Rule;

    #[test]
    fn numbers_have_their_thousands_set_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    fn email(line: u32, value: &str) -> Problem {
        let message = format!("`{value}` is not one e-mail address");
        Problem::in_column(Rule::EmailForm, line, "pager", message, "give one")
    }

    #[test]
    fn problems_of_a_small_file_are_shown_one_by_one_and_a_common_remedy_is_said_once() {
        let mut all = Findings::default();
        for line in [2, 3, 5] {
            all.note(Severity::Error, email(line, if line == 3 { "jane" } else { "-" }));
        }
        all.note(Severity::Warning, Problem::in_record(Rule::CustomerMixed, 9, "mixed", "sort it"));
        expect![[r#"
            error[email-form]: an e-mail address is not one (3 times)
              a.csv:2: pager: `-` is not one e-mail address
              a.csv:3: pager: `jane` is not one e-mail address
              a.csv:5: pager: `-` is not one e-mail address
                help: give one
            warning[customer-mixed]: a mailbox number stands with and without a customer
              a.csv:9: mixed
                help: sort it
        "#]]
        .assert_eq(&findings(&all, "a.csv", None));
    }

    #[test]
    fn of_a_large_file_the_commonest_causes_are_shown_with_their_first_places() {
        let mut all = Findings::default();
        for line in 2..20_000 {
            let value = if line % 400 == 0 { format!("jane-{line}") } else { "-".to_owned() };
            all.note(Severity::Error, email(line, &value));
            let pin = Problem::in_column(Rule::PinForm, line, "pin", "no digits", "give digits");
            all.note(Severity::Error, pin);
        }
        all.note(Severity::Error, Problem::in_record(Rule::RaggedRow, 30_000, "ragged", "mend it"));
        expect![[r#"
            error[ragged-row]: a row has more or fewer cells than the header has columns
              a.csv:30000: ragged
                help: mend it
            error[pin-form]: a PIN is not digits (19,998 times)
              a.csv:2: pin: no digits (19,998 times)
                also lines 3, 4, 5, 6, 7, 8, 9, 10, 11 …
                help: give digits
              and 19,988 more; --problems FILE has every one
            error[email-form]: an e-mail address is not one (19,998 times)
              a.csv:2: pager: `-` is not one e-mail address (19,949 times)
                also lines 3, 4, 5, 6, 7, 8, 9, 10, 11 …
              a.csv:400: pager: `jane-400` is not one e-mail address
              a.csv:800: pager: `jane-800` is not one e-mail address
              a.csv:1200: pager: `jane-1200` is not one e-mail address
              a.csv:1600: pager: `jane-1600` is not one e-mail address
              a.csv:2000: pager: `jane-2000` is not one e-mail address
              a.csv:2400: pager: `jane-2400` is not one e-mail address
              a.csv:2800: pager: `jane-2800` is not one e-mail address
              a.csv:3200: pager: `jane-3200` is not one e-mail address
              a.csv:3600: pager: `jane-3600` is not one e-mail address
                help: give one
              and 19,979 more; --problems FILE has every one
        "#]]
        .assert_eq(&findings(&all, "a.csv", None));
    }

    #[test]
    fn where_texts_are_too_many_to_be_told_apart_their_counts_are_at_least_true() {
        let mut all = Findings::default();
        for line in 2..500 {
            let value = if line % 2 == 0 { format!("jane-{line}") } else { "-".to_owned() };
            all.note(Severity::Error, email(line, &value));
        }
        let shown = findings(&all, "a.csv", Some(Path::new("problems.csv")));
        let shown: Vec<_> = shown.lines().filter(|it| !it.contains("jane-")).collect();
        expect![[r#"
            error[email-form]: an e-mail address is not one (498 times)
              a.csv:3: pager: `-` is not one e-mail address (at least 249 times)
                also lines 5, 7, 9, 11, 13, 15, 17, 19, 21 …
                help: give one
              and 479 more: problems.csv has every one"#]]
        .assert_eq(&shown.join("\n"));
    }
}
