//! What spreadsheets and word processors do to texts: numbers cut short, dates, formulas, other quotes and blanks.
//!
//! Knows the marks of damage, never what was meant: nothing is put right here. Repeats no cell but those of numbers that
//! are no secret.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::model::FORMULA_WITHOUT_VALUE;
use crate::model::Retyped;
use crate::model::Rule;
use crate::model::invisible;
use crate::model::is_invisible;
use crate::resources::mailbox::flaws::Flaw;
use crate::resources::mailbox::parameters::Form;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::signs::Signs;

/// What spreadsheets write where a formula fails, in English and in German.
const FAILED: [&str; 11] = [
    "#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#NV", "#BEZUG!", "#WERT!",
    "#ZAHL!",
];

/// What to do about a number that a spreadsheet changed.
const RETYPED_HELP: &str =
    "format the column as text in the spreadsheet, put the number right, and export it again";

/// Whether a text may be damaged. Most are seen at once to be sound: what can be dialled, and other columns' ASCII.
pub(super) fn is_possible(name: Name, text: &str, signs: Signs) -> bool {
    let begins_as_formula = matches!(text.as_bytes().first(), Some(b'=' | b'#'));
    !signs.are_dialled() && (begins_as_formula || !signs.are_ascii() || digits_count(name))
}

/// Notes what a text has that hardly anybody meant, in whatever column it stands.
pub(super) fn note(text: &str, note: &mut impl FnMut(Flaw)) {
    if let Some(flaw) = formula(text) {
        note(flaw);
    }
    if text.is_ascii() {
        return;
    }
    if let Some(quote) = typographic_quote(text) {
        let message = format!("the typographic quote {} stands at an end", code_point(quote));
        let help = "take it out if it does not belong to the text; a cell is quoted by plain ones, as in `\"Smith, John\"`";
        note(Flaw::new(Rule::SmartQuotes, message, help));
    }
    if let Some(hidden) = invisible(text) {
        let message = format!("the invisible character {} stands in it", code_point(hidden));
        let help = "delete the text and type it again, without copying it";
        note(Flaw::new(Rule::InvisibleCharacter, message, help));
    }
}

/// The flaw of a text that was a number before a spreadsheet wrote it in its own way, in a column where digits count.
pub(super) fn retyped(name: Name, text: &str) -> Option<Flaw> {
    let retyped = Some(text).filter(|_| digits_count(name)).and_then(Retyped::of)?;
    let what: Cow<'_, str> = if name.parameter().is_secret() {
        Cow::Borrowed("the PIN")
    } else {
        Cow::Owned(format!("`{text}`"))
    };
    let (rule, message) = match retyped {
        Retyped::Shortened => {
            let message =
                format!("{what} is a long number as spreadsheets shorten it: digits are lost");
            (Rule::SpreadsheetNumber, message)
        }
        Retyped::Fraction => {
            let message = format!("{what} is a number with a fraction: zeros in front may be lost");
            (Rule::SpreadsheetNumber, message)
        }
        Retyped::Date => {
            let message = format!("{what} is a date that a spreadsheet made of a number");
            (Rule::SpreadsheetDate, message)
        }
    };
    Some(Flaw::new(rule, message, RETYPED_HELP))
}

/// A flaw of a value's form, with what in its text is easily overlooked.
pub(super) fn explained(flaw: Flaw, text: &str) -> Flaw {
    if matches!(flaw.rule, Rule::TextTooLong | Rule::ControlCharacter) {
        return flaw;
    }
    let overlooked = match (invisible(text), typographic_quote(text)) {
        (Some(hidden), _) => format!("the invisible character {}", code_point(hidden)),
        (None, Some(quote)) => format!("the typographic quote {}", code_point(quote)),
        (None, None) => return flaw,
    };
    Flaw { message: format!("{}; {overlooked} stands in it", flaw.message), ..flaw }
}

/// A message in which every character that is not seen, or that a terminal would obey, stands by its number.
pub(super) fn visible(message: String) -> String {
    let is_hidden = |it: char| is_invisible(it) || it.is_control();
    let is_plain = message.bytes().fold(true, |plain, it| plain & (b' '..0x7F).contains(&it));
    if is_plain || !message.contains(is_hidden) {
        return message;
    }
    let mut shown = String::with_capacity(message.len());
    for character in message.chars() {
        if is_hidden(character) {
            let _ = write!(shown, "<{}>", code_point(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a spreadsheet's date cannot be meant in a column.
pub(super) fn is_no_date(name: Name) -> bool {
    digits_count(name) || matches!(name.parameter().form, Form::Integer | Form::YesNo)
}

fn digits_count(name: Name) -> bool {
    matches!(
        name,
        Name::Mailbox
            | Name::Pin
            | Name::CopyPin
            | Name::Dnumber
            | Name::Callerid
            | Name::NotifyDnumber
            | Name::Customer
            | Name::Owner
    )
}

fn formula(text: &str) -> Option<Flaw> {
    if text == FORMULA_WITHOUT_VALUE {
        let message = "the formula in it has no stored value";
        let help = "open the file in a spreadsheet program and save it there, or put the value there, as in `42`";
        return Some(Flaw::new(Rule::SpreadsheetFormula, message, help));
    }
    let message = match text.as_bytes().first() {
        Some(b'=') => "it begins with `=`, as a formula does",
        Some(b'#') if FAILED.contains(&text) => {
            "it is what a spreadsheet writes where a formula fails"
        }
        Some(_) | None => return None,
    };
    let help = "put the value there and export it again; where the text is meant so, give `--allow spreadsheet-formula`";
    Some(Flaw::new(Rule::SpreadsheetFormula, message, help))
}

/// A quote of a word processor at an end of a text. Apostrophes stand at the end of names, not before them.
fn typographic_quote(text: &str) -> Option<char> {
    let is_quote = |it: &char| matches!(it, '“' | '”' | '„' | '‟' | '«' | '»');
    let first = text.chars().next().filter(|it| is_quote(it) || matches!(it, '‘' | '’'));
    first.or_else(|| text.chars().next_back().filter(is_quote))
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::resources::mailbox::parameters::SENT;

    proptest! {
        #[test]
        fn what_is_not_possible_is_not_found(
            text in "[0-9+*#]{0,5}|[=#a-z ]{0,3}|[0-9.,/:E+-]{1,12}|#[A-Z/!?0]{2,6}|.{0,6}",
        ) {
            for name in SENT.into_iter().filter(|it| !it.parameter().is_closed()) {
                if !is_possible(name, &text, Signs::of(&text)) {
                    prop_assert_eq!((noted(&text), retyped(name, &text)), (vec![], None));
                }
            }
        }
    }

    fn noted(text: &str) -> Vec<(Rule, String)> {
        let mut flaws = Vec::new();
        note(text, &mut |it| flaws.push((it.rule, it.message)));
        flaws
    }

    fn retyped_rule(text: &str) -> Option<Rule> {
        retyped(Name::Mailbox, text).map(|it| it.rule)
    }

    #[test]
    fn numbers_that_a_spreadsheet_cut_short_are_known() {
        for text in ["1.23E+09", "1,23E+09", "1E+12", "4.9301E10", "+4.93e+11", "101.0", "101,00"] {
            assert_eq!(retyped_rule(text), Some(Rule::SpreadsheetNumber), "{text}");
        }
        for text in ["101", "1E5", "12E+4", "1.E+9", "101.5", "1.000", "E+09", "1.2E+", ".0", ""] {
            assert_eq!(retyped_rule(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_took_for_dates_are_known() {
        let dates = "5-Jan|Jan-05|2024-01-05|01/05/2024|05.01.2024|5. Jan|05. Mrz|Mai 24|5-Jan-24|31/12/99|\
                     2024-01-05 00:00:00|5280-01-05 00:00:00|2024-01-05T00:00:00Z|13/01/2024|1.12.24|08:30|8:30:00";
        for text in dates.split('|') {
            assert_eq!(retyped_rule(text), Some(Rule::SpreadsheetDate), "{text}");
        }
        let others = "0201-11-22|2024-13-05|32.01.2024|10.0.0.1|5-Jane|Jan|030-12-34|12-10-20|+49 30 1234|2024|2024-01|10:0:0:1|101:2";
        for text in others.split('|') {
            assert_eq!(retyped_rule(text), None, "{text}");
        }
    }

    #[test]
    fn only_columns_of_numbers_are_looked_at() {
        assert_eq!(retyped(Name::Timezone, "5-Jan"), None);
        for name in [Name::Dnumber, Name::Callerid, Name::NotifyDnumber, Name::Owner] {
            assert!(retyped(name, "1.23E+09").is_some(), "{}", name.as_str());
        }
    }

    #[test]
    fn no_flaw_of_a_pin_repeats_it() {
        for text in ["1.23E+09", "4711.0", "5-Jan"] {
            let flaw = retyped(Name::Pin, text).unwrap();
            assert!(flaw.message.starts_with("the PIN is "), "{}", flaw.message);
            assert!(!format!("{}{}", flaw.message, flaw.help).contains(text));
        }
        for text in ["=\"4711\"", "“4711", "4711\u{A0}"] {
            assert!(noted(text).iter().all(|(_, message)| !message.contains("4711")), "{text}");
        }
    }

    #[test]
    fn formulas_and_their_errors_are_known_by_their_first_sign() {
        for text in ["=\"0101\"", "=A1", "#N/A", "#DIV/0!", "#WERT!"] {
            assert_eq!(noted(text)[0].0, Rule::SpreadsheetFormula, "{text}");
        }
        for text in ["#31#", "# 4", "#n/a?", "a=b", " =x"] {
            assert_eq!(noted(text), [], "{text}");
        }
    }

    #[test]
    fn typographic_quotes_are_told_at_the_ends_alone() {
        let told = |text| noted(text).into_iter().map(|it| it.0).collect::<Vec<_>>();
        for text in ["“Reception”", "„Empfang“", "«Accueil»", "Reception”", "‘Desk", "’t Hooft"]
        {
            assert_eq!(told(text), [Rule::SmartQuotes], "{text}");
        }
        for text in ["the “new” desk", "Jones’", "O’Neill", "\"plain\"", "Müller"] {
            assert_eq!(told(text), [], "{text}");
        }
    }

    #[test]
    fn an_invisible_character_is_told_by_its_number() {
        let message = "the invisible character U+00A0 stands in it".to_owned();
        assert_eq!(noted("0201\u{A0}"), [(Rule::InvisibleCharacter, message)]);
    }

    #[test]
    fn a_message_shows_what_is_hidden_in_a_value() {
        let shown = visible("`\u{202E}02\u{1B}[31m` is not digits alone".to_owned());
        assert_eq!(shown, "`<U+202E>02<U+001B>[31m` is not digits alone");
    }
}
