//! Keys that hang on the API password and the journal's salt, so that no PIN can be found from what a journal holds.
//!
//! Whoever has the file must guess the password first, at the price of Argon2 a guess.

use argon2_rust::Algorithm;
use argon2_rust::Argon2;
use argon2_rust::Params;
use argon2_rust::Version;
use argon2_rust::params::Memory;
use argon2_rust::params::TagLen;
use blake3::Hash;
use blake3::Hasher;
use blake3::KEY_LEN;
use ring::rand::SecureRandom;
use ring::rand::SystemRandom;
use secrecy::zeroize::Zeroizing;

use crate::journal::JournalError;
use crate::model::Fingerprint;
use crate::model::Secret;

/// Memory and passes of Argon2id: of the pairs that OWASP holds for equal, the one with the least memory, since getting it
/// from the system takes time (ADR 16).
const MEMORY: Memory = Memory::kib(7168);
const PASSES: u32 = 5;

/// Parts of the memory that are filled at the same time: the work of a guess is the same, a run begins sooner.
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

/// What each key is derived for; with other words it is another key.
const FOR_CONTENT: &str = "boxlift 2026-11-27 journal: what a call shows";
const FOR_SECRET: &str = "boxlift 2026-11-27 journal: what a call hides";
const FOR_DIGEST: &str = "boxlift 2026-11-27 journal: digest of an input";
const FOR_VERIFIER: &str = "boxlift 2026-11-27 journal: verifier of a password";

/// The keys of one password in one journal.
pub struct Keys {
    content: [u8; KEY_LEN],
    secret: Zeroizing<[u8; KEY_LEN]>,
    digest: Zeroizing<[u8; KEY_LEN]>,
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
        let wrong = |it: argon2_rust::Error| JournalError::Keys { what: it.to_string() };
        let mut master = Zeroizing::new([0; KEY_LEN]);
        let length = TagLen::bytes(KEY_LEN as u64);
        let params = Params::builder().memory(MEMORY).passes(PASSES).lanes(LANES).tag_len(length);
        let params = params.build().map_err(wrong)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_into(password.expose().as_bytes(), &salt.0, master.as_mut()).map_err(wrong)?;
        let derived = |use_| Zeroizing::new(blake3::derive_key(use_, master.as_ref()));
        let mut verifier = [0; 16];
        verifier.copy_from_slice(&derived(FOR_VERIFIER)[..16]);
        Ok(Self {
            content: blake3::derive_key(FOR_CONTENT, &salt.0),
            secret: derived(FOR_SECRET),
            digest: derived(FOR_DIGEST),
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
        let mut content = Hasher::new_keyed(&self.content);
        for part in shown {
            content.update(part);
        }
        let content = content.finalize();
        let mut hidden = hidden.peekable();
        let secret = hidden.peek().is_some().then(|| {
            let mut secret = Hasher::new_keyed(&self.secret);
            secret.update(content.as_bytes());
            for value in hidden {
                secret.update(value).update(BETWEEN);
            }
            shortened(secret.finalize())
        });
        Fingerprint { content: shortened(content), secret }
    }

    /// A digest of an input, which may hold PINs: another password gives another digest.
    pub fn digest(&self) -> Digest {
        Digest(Hasher::new_keyed(&self.digest))
    }
}

fn shortened(hash: Hash) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_be_bytes(bytes)
}

/// The digest of bytes that come one after the other.
#[derive(Clone)]
pub struct Digest(Hasher);

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
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_that_another_library_makes() {
        for password in ["s3cr3t-canary", "ü", &"long ".repeat(100)] {
            let salt = Salt([7; 16]);
            let params = argon2::Params::new(7168, 5, 2, Some(KEY_LEN)).unwrap();
            let (id, version) = (argon2::Algorithm::Argon2id, argon2::Version::V0x13);
            let mut master = [0; KEY_LEN];
            let other = argon2::Argon2::new(id, version, params);
            other.hash_password_into(password.as_bytes(), &salt.0, &mut master).unwrap();
            let keys = Keys::derive(&Secret::new(password), &salt).unwrap();
            assert_eq!(*keys.secret, blake3::derive_key(FOR_SECRET, &master));
        }
    }
}
