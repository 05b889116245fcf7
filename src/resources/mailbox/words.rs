//! Parameters that take one word of a list: a type each, so that a word can only be one of its own list.

use crate::resources::Version;

/// One word that a parameter takes.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As it is sent.
    pub text: &'static str,
    /// The first version that has it.
    pub since: Version,
}

/// Defines an enumeration whose variants are the words of one parameter.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $text:literal since $since:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)+
        }

        impl $name {
            /// The words, in the order of the API's documents.
            pub const WORDS: &'static [Word] =
                &[$(Word { text: $text, since: Version::$since },)+];

            /// Reads a word that exists in `version`.
            pub fn parse(text: &str, version: Version) -> Option<Self> {
                match text {
                    $($text if version >= Version::$since => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The word as it is sent.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

words! {
    /// Whether and how the owner is told by e-mail (`notify_email`).
    NotifyEmail {
        /// A message alone.
        Owner = "owner" since V3_13,
        /// With the voicemail attached.
        OwnerWav = "owner_wav" since V3_13,
    }
}

words! {
    /// What the owner is told of (`notify_for`).
    NotifyFor {
        /// Voicemails.
        Voicemail = "voicemail" since V3_13,
        /// Faxes.
        Fax = "fax" since V3_13,
        /// Voicemails and faxes.
        VoicemailFax = "voicemail_fax" since V3_13,
        /// Everything there is.
        All = "all" since V4_2,
        /// Text messages.
        Text = "text" since V4_2,
    }
}

words! {
    /// What a notification call plays (`notify_ltype`).
    NotifyLtype {
        /// The mailbox, without asking for the PIN.
        Voicemailbox = "voicemailbox" since V3_13,
        /// The mailbox, after asking for the PIN.
        Voicemailboxpin = "voicemailboxpin" since V3_13,
        /// The question for mailbox and PIN.
        Voicemaillogin = "voicemaillogin" since V3_13,
    }
}

words! {
    /// Whether the owner gets a text message (`notify_message`).
    NotifyMessage {
        /// Yes.
        Owner = "owner" since V3_13,
    }
}

words! {
    /// Which message is played first (`play`).
    Play {
        /// The oldest.
        Oldest = "oldest" since V3_13,
        /// The newest.
        Newest = "newest" since V3_13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_version_is_unknown_in_an_earlier_one() {
        assert_eq!(NotifyFor::parse("all", Version::V3_14), None);
        assert_eq!(NotifyFor::parse("all", Version::V4_2), Some(NotifyFor::All));
    }

    #[test]
    fn words_are_told_by_case() {
        assert_eq!(Play::parse("Oldest", Version::V4_4), None);
    }
}
