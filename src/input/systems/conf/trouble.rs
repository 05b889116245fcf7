//! What keeps a voicemail.conf from being read, and what to do about it. Repeats no text of the file.

/// What is in the way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConfTrouble {
    /// `#include`, `#exec`.
    Include,
    /// `[a](b)`, `[a](!)`.
    Template,
    /// `[a`.
    OpenSection,
    /// A section whose name is no name.
    LongSection,
    /// A line before any section.
    NoSection,
    /// A line without an end.
    LongLine,
    /// Too many settings.
    ManySettings,
    /// Options for all mailboxes that are no options.
    LongOptions,
}

impl ConfTrouble {
    /// What is the case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Include => "another file is included, whose mailboxes would be missed",
            Self::Template => "a section is a template or inherits from one",
            Self::OpenSection => "the name of a section has no `]` behind it",
            Self::LongSection => "the name of a section is longer than 256 bytes",
            Self::NoSection => "a setting stands before the first section",
            Self::LongLine => "the line is longer than 65,536 bytes",
            Self::ManySettings => {
                "more settings than 10,000, or more than 1 MiB of them, stand outside of mailboxes"
            }
            Self::LongOptions => "the options of [general] are longer than 4,096 bytes",
        }
    }

    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Include => "put the lines of that file in the place of this one",
            Self::Template => "write out what it inherits, and take the parentheses away",
            Self::OpenSection | Self::LongSection => "write it whole, as in `[default]`",
            Self::NoSection => "begin with a section, as in `[default]`",
            Self::LongLine => "look for line ends that are missing",
            Self::ManySettings => "give the voicemail.conf itself",
            Self::LongOptions => "write them as they are, as in `attach=yes`",
        }
    }
}
