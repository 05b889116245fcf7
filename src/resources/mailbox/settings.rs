//! What rows are read by, as options say.

use crate::model::Action;
use crate::resources::Version;

/// What rows are read by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The switch's version: decides which parameters and words exist.
    pub version: Version,
    /// What a row asks for that does not say so itself.
    pub action: Action,
    /// Longest text that is sent as one parameter, in bytes. The API names no limit.
    pub text_length_max: usize,
    /// Parameters that are not known and let through; their cells stand behind those of the known columns.
    pub extras: Vec<String>,
}

impl Settings {
    /// The length that a text may have where no option says otherwise.
    pub const TEXT_LENGTH_MAX: usize = 8 << 10;

    /// What holds where no option says otherwise.
    pub fn new(version: Version, action: Action) -> Self {
        Self { version, action, text_length_max: Self::TEXT_LENGTH_MAX, extras: Vec::new() }
    }
}
