//! The column names that an input may have, as a value that the input stage is given.

use std::borrow::Cow;

/// The column that boxlift adds to rows that were not done, and passes over when it reads them again.
pub const REASON_COLUMN: &str = "boxlift_reason";

/// Names of columns, without what they mean: that is the resource's knowledge.
///
/// A cell is addressed by its column's place in [`known`](Self::known), whatever the order in the file.
#[derive(Clone, Debug)]
pub struct ColumnNames {
    /// Columns whose cells are read.
    pub known: Vec<Cow<'static, str>>,
    /// The column without which a first line is no header; blank where any known one will do.
    pub key: Cow<'static, str>,
    /// Names that the connection owns; as columns they are refused.
    pub reserved: &'static [&'static str],
    /// Columns that boxlift itself wrote and passes over when it reads them again.
    pub ignored: &'static [&'static str],
    /// Columns whose cells nobody is to see.
    pub secret: Vec<Cow<'static, str>>,
    /// Names are told without regard to capitals, blanks, dots and dashes, and others are passed over.
    pub loose: bool,
    /// Columns whose digits are a text: a spreadsheet's number in one of them may have lost zeros, and is refused.
    pub texts: Vec<Cow<'static, str>>,
}

impl ColumnNames {
    /// Whether the digits of the known column at a place are a text.
    pub fn is_text(&self, place: usize) -> bool {
        self.known.get(place).is_some_and(|it| self.texts.contains(it))
    }

    /// The place of a known column by its name as a file writes it.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.known.iter().position(|it| self.fits(it, name))
    }

    /// Whether a name makes a first line a header.
    pub fn is_key(&self, name: &str) -> bool {
        if self.key.is_empty() { self.place(name).is_some() } else { self.fits(&self.key, name) }
    }

    /// Whether a file's name for a column is a known one.
    pub fn fits(&self, known: &str, name: &str) -> bool {
        if self.loose { same_name(known, name) } else { known == name }
    }
}

/// Whether two names differ by no more than capitals, a blank, dot or dash for a line, and blanks around.
pub fn same_name(one: &str, other: &str) -> bool {
    one == other || normal(one).eq(normal(other))
}

fn normal(name: &str) -> impl Iterator<Item = char> {
    let name = name.trim_matches(|it: char| it.is_whitespace() || it == '\u{FEFF}');
    name.chars()
        .map(|it| if matches!(it, ' ' | '-' | '.') { '_' } else { it })
        .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_by_letters_alone() {
        for other in ["EXTENSION NUMBER", " extension-number ", "\u{FEFF}Extension.Number"] {
            assert!(same_name("extension_number", other), "{other}");
        }
        for other in ["extensionnumber", "extension_numbers", ""] {
            assert!(!same_name("extension_number", other), "{other}");
        }
    }
}
