//! What people read of a check: problems by cause, each with its place and what to do.

use std::fmt::Write as _;

use crate::model::Findings;
use crate::model::Group;
use crate::model::KEPT_MAX;
use crate::model::Place;
use crate::model::Problem;
use crate::model::Rule;
use crate::model::Severity;

/// All findings of `file`, grouped by rule, errors first; nothing where there are none.
pub fn findings(findings: &Findings, file: &str) -> String {
    let mut text = String::new();
    for (rule, group) in findings.groups() {
        add_group(&mut text, rule, group, file);
    }
    text
}

fn add_group(text: &mut String, rule: Rule, group: &Group, file: &str) {
    let Group { severity, count, first } = group;
    let times = if *count == 1 { String::new() } else { format!(" ({} times)", grouped(*count)) };
    let _ = writeln!(text, "{}[{}]: {}{times}", severity.as_str(), rule.code(), rule.meaning());
    for (place, problem) in first.iter().enumerate() {
        let Problem { rule: _, place: Place { line, column }, message, help } = problem;
        let column = column.as_ref().map(|it| format!(" {it}:")).unwrap_or_default();
        let _ = writeln!(text, "  {file}:{line}:{column} {message}");
        if first.get(place + 1).is_none_or(|next| next.help != *help) {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    if *count > KEPT_MAX as u64 {
        let more = grouped(*count - KEPT_MAX as u64);
        let remedy = match severity {
            Severity::Error => "a report (--report FILE) has every one".to_owned(),
            Severity::Warning => format!("with --deny {} a report has every one", rule.code()),
        };
        let _ = writeln!(text, "  and {more} more; {remedy}");
    }
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

    #[test]
    fn numbers_have_their_thousands_set_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn problems_of_one_cause_stand_together_and_a_common_remedy_is_said_once() {
        let mut all = Findings::default();
        for line in 2..105 {
            let problem =
                Problem::in_column(Rule::PinForm, line, "pin", "no digits", "give digits");
            all.note(Severity::Error, problem);
        }
        all.note(Severity::Warning, Problem::in_record(Rule::CustomerMixed, 9, "mixed", "sort it"));
        let shown = findings(&all, "a.csv");
        let short: Vec<_> = shown.lines().filter(|it| !it.contains("no digits")).collect();
        expect![[r#"
            error[pin-form]: a PIN is not digits (103 times)
                help: give digits
              and 3 more; a report (--report FILE) has every one
            warning[customer-mixed]: a mailbox number stands with and without a customer
              a.csv:9: mixed
                help: sort it"#]]
        .assert_eq(&short.join("\n"));
    }
}
