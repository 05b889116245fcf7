//! Characters in a text that nobody sees: blanks that do not break, marks without width or for direction.
//!
//! Programs that lay out text put them in; numbers and names with one of them look right and are others.

/// The first such character of a text.
pub fn invisible(text: &str) -> Option<char> {
    if text.is_ascii() {
        return None;
    }
    text.chars().find(|it| is_invisible(*it))
}

/// Whether people do not see a character, or see a plain blank in its place.
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{A0}' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202F}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_nobody_sees_are_found_and_letters_are_not() {
        for hidden in
            "\u{A0}\u{AD}\u{200B}\u{200F}\u{202A}\u{202E}\u{202F}\u{2060}\u{2066}\u{2069}\u{FEFF}"
                .chars()
        {
            assert_eq!(invisible(&format!("ü{hidden}0201\u{A0}")), Some(hidden));
        }
        for plain in ["", "0201 \t", "Müller–Lüdenscheidt…", "“quoted”", "\u{2028}\u{2010}日本"]
        {
            assert_eq!(invisible(plain), None, "{plain}");
        }
    }
}
