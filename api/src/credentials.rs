//! Passwords and API keys: how they are made, kept as digests, and held against what somebody shows.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use masthead_domain::account::{KeyDigest, PasswordHash};
use sha2::{Digest, Sha256};

use crate::system::{self, NoRandomness};

/// A credential could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// There was no randomness for a salt or key.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The hash function refused.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// What a hash costs whoever makes one, and whoever guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Default for Cost {
    /// What OWASP names for Argon2id with one lane: 19 MiB, two passes.
    fn default() -> Self {
        Self {
            memory: 19_456,
            passes: 2,
        }
    }
}

impl Cost {
    /// How a hash of this cost begins.
    fn head(self) -> String {
        format!("$argon2id$v=19$m={},t={},p=1$", self.memory, self.passes)
    }

    /// Whether a hash was made at another cost, so that it is made anew at the next login.
    #[must_use]
    pub fn is_another(self, hash: &PasswordHash) -> bool {
        !hash.0.starts_with(&self.head())
    }
}

/// Hashes a password with Argon2id. At the default cost that takes some ten milliseconds of a core: call it on a
/// blocking thread.
pub fn hash_password(password: &str, cost: Cost) -> Result<PasswordHash, CredentialError> {
    let salt: [u8; 16] = system::random_bytes()?;
    let refused = |error: String| CredentialError::Hash(error);
    let parameters =
        Params::new(cost.memory, cost.passes, 1, None).map_err(|error| refused(error.to_string()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| PasswordHash(hash.to_string()))
        .map_err(|error| refused(error.to_string()))
}

/// Whether a password is the one that was hashed; takes as long as hashing.
#[must_use]
pub fn verify_password(password: &str, hash: &PasswordHash) -> bool {
    argon2::password_hash::phc::PasswordHash::new(&hash.0).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// What every key begins with, so that people and scanners know it.
pub const KEY_PREFIX: &str = "mhk_";
/// What every refresh token begins with.
pub const REFRESH_PREFIX: &str = "mhr_";
/// What the token of every preview link begins with.
pub const PREVIEW_PREFIX: &str = "mhp_";
/// What the token in the link of a mail begins with.
pub const LINK_PREFIX: &str = "mhl_";
/// Letters of the part that is shown in lists.
const NAME: usize = 8;
/// Letters of the secret part: 32 of 62 letters are 190 bits.
const SECRET: usize = 32;
/// Letters of the checksum.
const CHECKSUM: usize = 6;

/// A key that was just made; its text is shown once.
pub struct NewKey {
    /// The whole key.
    pub text: String,
    /// What is shown of it from then on.
    pub prefix: String,
    /// What is kept of it.
    pub digest: KeyDigest,
}

impl NewKey {
    /// Makes a key: `mhk_`, a name, a secret and a checksum, all of letters and digits.
    pub fn generate() -> Result<Self, NoRandomness> {
        Self::beginning(KEY_PREFIX)
    }

    /// Makes a refresh token, which has the same shape.
    pub fn refresh_token() -> Result<Self, NoRandomness> {
        Self::beginning(REFRESH_PREFIX)
    }

    /// Makes the token of a link in a mail, which has the same shape.
    pub fn link_token() -> Result<Self, NoRandomness> {
        Self::beginning(LINK_PREFIX)
    }

    fn beginning(kind: &str) -> Result<Self, NoRandomness> {
        let letters = random_letters::<{ NAME + SECRET }>()?;
        let prefix = format!("{kind}{}", &letters[..NAME]);
        let body = format!("{kind}{letters}");
        let text = format!("{body}{}", checksum(&body));
        Ok(Self {
            digest: digest(&text),
            prefix,
            text,
        })
    }
}

/// The token of a preview link, which was just made and is shown once.
pub struct PreviewToken {
    /// The whole token.
    pub text: String,
    /// What is kept of it.
    pub digest: KeyDigest,
}

impl PreviewToken {
    /// Random bytes: 256 bits.
    const BYTES: usize = 32;
    /// Letters in which they are written.
    const LETTERS: usize = 43;

    /// Makes a token: `mhp_` and 256 random bits.
    pub fn generate() -> Result<Self, NoRandomness> {
        let bytes: [u8; Self::BYTES] = system::random_bytes()?;
        let text = format!("{PREVIEW_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        let digest = digest(&text);
        Ok(Self { text, digest })
    }

    /// The digest of a text that has the shape of a token; `None` saves the store the question.
    #[must_use]
    pub fn digest(text: &str) -> Option<KeyDigest> {
        let letters = text.strip_prefix(PREVIEW_PREFIX)?;
        let is_one = letters.len() == Self::LETTERS
            && letters
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        is_one.then(|| digest(text))
    }
}

/// The digest of a text that has the shape of a key; `None` saves the store the question.
#[must_use]
pub fn key_digest(text: &str) -> Option<KeyDigest> {
    digest_of(text, KEY_PREFIX)
}

/// The digest of a text that has the shape of a refresh token.
#[must_use]
pub fn refresh_digest(text: &str) -> Option<KeyDigest> {
    digest_of(text, REFRESH_PREFIX)
}

/// The digest of a text that has the shape of the token of a mail.
#[must_use]
pub fn link_digest(text: &str) -> Option<KeyDigest> {
    digest_of(text, LINK_PREFIX)
}

fn digest_of(text: &str, kind: &str) -> Option<KeyDigest> {
    let letters = text.strip_prefix(kind)?;
    let whole =
        letters.len() == NAME + SECRET + CHECKSUM && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    if !whole {
        return None;
    }
    let (body, sum) = text.split_at(text.len() - CHECKSUM);
    (checksum(body) == sum).then(|| digest(text))
}

/// What is kept of a secret text.
#[must_use]
pub fn digest(text: &str) -> KeyDigest {
    KeyDigest(Sha256::digest(text.as_bytes()).into())
}

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn checksum(body: &str) -> String {
    let mut left = crc32fast::hash(body.as_bytes());
    let mut letters = [b'0'; CHECKSUM];
    for letter in letters.iter_mut().rev() {
        *letter = LETTERS[(left % 62) as usize];
        left /= 62;
    }
    letters.iter().map(|letter| char::from(*letter)).collect()
}

/// Letters with the same chance each: bytes that would favour some are thrown away.
pub(crate) fn random_letters<const N: usize>() -> Result<String, NoRandomness> {
    let mut text = String::with_capacity(N);
    while text.len() < N {
        let bytes: [u8; 64] = system::random_bytes()?;
        let fair = bytes.into_iter().filter(|byte| *byte < 248);
        text.extend(
            fair.map(|byte| char::from(LETTERS[usize::from(byte % 62)]))
                .take(N - text.len()),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_shape_and_its_checksum() {
        let key = NewKey::generate().unwrap();
        assert_eq!(key_digest(&key.text), Some(key.digest));
        assert!(key.text.starts_with(&key.prefix));
        let mut altered = key.text.clone().into_bytes();
        altered[20] = if altered[20] == b'a' { b'b' } else { b'a' };
        assert_eq!(key_digest(std::str::from_utf8(&altered).unwrap()), None);
        for wrong in ["", "mhk_", "mhk_ü", &key.text[..40]] {
            assert_eq!(key_digest(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_preview_token_is_known_by_its_shape_and_no_two_are_alike() {
        let (one, other) = (
            PreviewToken::generate().unwrap(),
            PreviewToken::generate().unwrap(),
        );
        assert_eq!(PreviewToken::digest(&one.text), Some(one.digest));
        assert_ne!(one.text, other.text);
        let key = NewKey::generate().unwrap().text;
        for wrong in [
            "",
            "mhp_",
            &one.text[..46],
            &format!("{}x", one.text),
            &key,
            "mhp_ü",
        ] {
            assert_eq!(PreviewToken::digest(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_password_is_held_against_its_hash_alone() {
        let hash = hash_password("correct horse battery", Cost::default()).unwrap();
        assert!(
            hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.0
        );
        assert!(!Cost::default().is_another(&hash));
        let weaker = Cost {
            memory: 64,
            passes: 1,
        };
        assert!(weaker.is_another(&hash));
        assert!(verify_password(
            "correct horse battery",
            &hash_password("correct horse battery", weaker).unwrap()
        ));
        assert!(verify_password("correct horse battery", &hash));
        assert!(!verify_password("correct horse batter", &hash));
        assert!(!verify_password("", &PasswordHash("nonsense".into())));
    }
}
