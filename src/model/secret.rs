//! A text that must not be shown: a PIN or the API password.

use secrecy::ExposeSecret;
use secrecy::SecretString;

/// Wiped when dropped; without `Display`, `Debug` shows nothing, comparable by nobody.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself; every caller is a place to look at when a leak is hunted.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_nothing_of_a_secret() {
        assert!(!format!("{:?}", Secret::new("471188")).contains("471188"));
    }
}
