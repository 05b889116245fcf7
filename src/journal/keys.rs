//! Keys that hang on the API password and the journal's salt, so that no PIN can be found from what a journal holds.
//!
//! Whoever has the file must guess the password first, at the price of Argon2 a guess.

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::Version;
use ring::hmac;
use ring::rand::SecureRandom;
use ring::rand::SystemRandom;
use secrecy::zeroize::Zeroizing;

use crate::journal::JournalError;
use crate::model::Fingerprint;
use crate::model::Secret;

/// Memory and passes of Argon2id: what OWASP asks of passwords.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// Parts of the memory that are filled at the same time: the price of a guess is the same, a run begins sooner.
const LANES: u32 = 2;

/// Stands in no value of a form body.
const BETWEEN: &[u8] = b"&";

/// Random bytes that are made once with each journal. No secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Salt(pub(super) [u8; 16]);

impl Salt {
    pub(super) fn random() -> Result<Self, JournalError> {
        let mut bytes = [0; 16];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| JournalError::Keys { what: "no random numbers".to_owned() })?;
        Ok(Self(bytes))
    }
}

/// The keys of one password in one journal.
pub struct Keys {
    content: hmac::Key,
    secret: hmac::Key,
    digest: hmac::Key,
    verifier: [u8; 16],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Makes the keys, slowly on purpose.
    pub fn derive(password: &Secret, salt: &Salt) -> Result<Self, JournalError> {
        let wrong = |it: argon2::Error| JournalError::Keys { what: it.to_string() };
        let mut master = Zeroizing::new([0; 32]);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(master.len())).map_err(wrong)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let password = password.expose().as_bytes();
        argon2.hash_password_into(password, &salt.0, master.as_mut()).map_err(wrong)?;
        let master = hmac::Key::new(hmac::HMAC_SHA256, master.as_ref());
        let derived = |use_: &str| key(hmac::sign(&master, use_.as_bytes()).as_ref());
        let mut verifier = [0; 16];
        verifier.copy_from_slice(&hmac::sign(&master, b"verifier").as_ref()[..16]);
        Ok(Self {
            content: key(&salt.0),
            secret: derived("secret"),
            digest: derived("digest"),
            verifier,
        })
    }

    /// Tells whether two passwords are the same one, and nothing else.
    pub fn verifier(&self) -> [u8; 16] {
        self.verifier
    }

    /// What is kept of a call, of what it shows and of what it hides. Equal PINs of different calls do not look equal.
    pub fn fingerprint<'c>(
        &self,
        shown: impl Iterator<Item = &'c [u8]>,
        hidden: impl Iterator<Item = &'c [u8]>,
    ) -> Fingerprint {
        let mut content = hmac::Context::with_key(&self.content);
        shown.for_each(|it| content.update(it));
        let content = content.sign();
        let mut hidden = hidden.peekable();
        let secret = hidden.peek().is_some().then(|| {
            let mut secret = hmac::Context::with_key(&self.secret);
            secret.update(content.as_ref());
            for value in hidden {
                secret.update(value);
                secret.update(BETWEEN);
            }
            shortened(&secret.sign())
        });
        Fingerprint { content: shortened(&content), secret }
    }

    /// A digest of an input, which may hold PINs: another password gives another digest.
    pub fn digest(&self) -> Digest {
        Digest(hmac::Context::with_key(&self.digest))
    }
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn shortened(tag: &hmac::Tag) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&tag.as_ref()[..8]);
    i64::from_be_bytes(bytes)
}

/// The digest of bytes that come one after the other.
#[derive(Clone)]
pub struct Digest(hmac::Context);

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest(…)")
    }
}

impl Digest {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them.
    pub fn finish(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.sign().as_ref());
        bytes
    }
}
