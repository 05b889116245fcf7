//! Which kinds of characters a text has, found in one look, so that no rule about them needs a look of its own.

/// A decimal digit.
const DIGIT: u8 = 1;

/// Another sign that every telephone can dial.
const DIALLED: u8 = 1 << 1;

/// The end of a line, or a tab.
const BREAK: u8 = 1 << 2;

/// What stands between addresses or around their names.
const SEPARATOR: u8 = 1 << 3;

/// Another character of ASCII.
const PLAIN: u8 = 1 << 4;

/// Part of a character that is none of ASCII.
const FOREIGN: u8 = 1 << 5;

/// The kind of every byte.
const KINDS: [u8; 256] = {
    let mut kinds = [FOREIGN; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        kinds[byte as usize] = match byte {
            b'0'..=b'9' => DIGIT,
            b'+' | b'*' | b'#' => DIALLED,
            b'\n' | b'\r' | b'\t' => BREAK,
            b' ' | b',' | b';' | b'<' | b'>' | b'"' => SEPARATOR,
            _ => PLAIN,
        };
        byte += 1;
    }
    kinds
};

/// The kinds of characters that a text has, a bit each.
#[derive(Clone, Copy)]
pub(super) struct Signs(u8);

impl Signs {
    /// Looks at a text.
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |signs, it| signs | KINDS[usize::from(it)]))
    }

    /// Whether it is nothing but digits.
    pub(super) fn are_digits(self) -> bool {
        self.0 & !DIGIT == 0
    }

    /// Whether every telephone can dial it.
    pub(super) fn are_dialled(self) -> bool {
        self.0 & !(DIGIT | DIALLED) == 0
    }

    /// Whether it has several lines, or tabs.
    pub(super) fn have_break(self) -> bool {
        self.0 & BREAK != 0
    }

    /// Whether it has what stands between e-mail addresses, or around them.
    pub(super) fn have_separator(self) -> bool {
        self.0 & SEPARATOR != 0
    }

    /// Whether all of it is ASCII.
    pub(super) fn are_ascii(self) -> bool {
        self.0 & FOREIGN == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_of_characters_are_told_apart() {
        let kinds = |text: &str| {
            let it = Signs::of(text);
            [it.are_digits(), it.are_dialled(), it.have_break(), it.are_ascii()]
        };
        assert_eq!(kinds(""), [true, true, false, true]);
        assert_eq!(kinds("0189"), [true, true, false, true]);
        assert_eq!(kinds("+49*3#"), [false, true, false, true]);
        for text in ["4 9", "4/9", "4:9", "a", "\u{7F}", "\u{0}"] {
            assert_eq!(kinds(text), [false, false, false, true], "{text:?}");
        }
        for text in ["1\n2", "\r", "1\t"] {
            assert_eq!(kinds(text), [false, false, true, true], "{text:?}");
        }
        assert_eq!(kinds("ü1"), [false, false, false, false]);
        assert!(
            Signs::of("Jane <jane").have_separator() && !Signs::of("jane@x.de").have_separator()
        );
    }
}
