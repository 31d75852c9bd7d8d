//! Second factors: the secret that an authenticator makes codes of, how it is sealed, and recovery codes.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use masthead_domain::account::KeyDigest;
use masthead_domain::clock::Instant;
use masthead_domain::id::UserId;
use masthead_domain::second_factor::{Proof, SecondFactor};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::keys::Keys;
use crate::service::Service;
use crate::system::{self, NoRandomness};

/// Bytes of the secret: as many as the digests that the codes are cut from (RFC 4226, 4).
const SECRET: usize = 20;
/// Letters of a recovery code: sixteen of thirty-two are 80 bits.
const CODE: usize = 16;
/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// An authenticator that was just begun; what it shows is shown once.
pub struct NewAuthenticator {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// The same as `otpauth://`, to be made a picture of.
    pub uri: String,
    /// What is kept of it.
    pub sealed: Vec<u8>,
}

/// Something about a second factor could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// There was no randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The library refused.
    #[error("a second factor could not be made: {0}")]
    Made(String),
}

impl NewAuthenticator {
    /// Makes one for an account.
    pub fn generate(keys: &Keys, user: UserId, site: &str, email: &str) -> Result<Self, SecondFactorError> {
        let secret: [u8; SECRET] = system::random_bytes()?;
        let refused = |error: &dyn std::fmt::Display| SecondFactorError::Made(error.to_string());
        // Neither name may hold what parts them (Key URI format).
        let plain = |text: &str| text.replace(':', " ").trim().to_owned();
        let issuer = Some(plain(site)).filter(|name| !name.is_empty());
        let totp = Builder::new()
            .with_secret(Secret::from(secret.to_vec()))
            .with_account_name(plain(email))
            .with_issuer(issuer)
            .build()
            .map_err(|error| refused(&error))?;
        let sealed = seal(keys.newest_seal(), user, &secret).ok_or_else(|| refused(&"it was not sealed"))?;
        Ok(Self {
            secret: totp.secret().to_base32(),
            uri: totp.to_url().map_err(|error| refused(&error))?,
            sealed,
        })
    }
}

/// What a code that somebody shows proves of an authenticator.
#[must_use]
pub fn check(keys: &Keys, factor: &SecondFactor, code: &str, now: Instant) -> Option<Proof> {
    let code: String = code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if code.len() == CODE && code.bytes().all(|letter| LETTERS.contains(&letter)) {
        return Some(Proof::Recovery(recovery_digest(factor.user, &code)));
    }
    if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut seals = keys.seals().enumerate();
    let (place, secret) =
        seals.find_map(|(place, key)| Some((place, open(key, factor.user, &factor.sealed)?)))?;
    let totp = authenticator(&secret)?;
    let step = totp.check(&code, u64::try_from(now.timestamp()).ok()?)?;
    let is_outdated = place > 0;
    Some(Proof::Step {
        step: i64::try_from(step).ok()?,
        sealed: is_outdated
            .then(|| seal(keys.newest_seal(), factor.user, &secret))
            .flatten(),
    })
}

/// What looks at a code at a moment, for use cases that cannot open what codes are made of.
pub fn checker<'a>(
    service: &'a Service,
    code: &'a str,
    now: Instant,
) -> impl Fn(&SecondFactor) -> Option<Proof> + 'a {
    move |factor| check(service.keys().ok()?, factor, code, now)
}

fn authenticator(secret: &[u8]) -> Option<Totp> {
    Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_account_name("account")
        .build()
        .ok()
}

/// Recovery codes that were just made, each with what is kept of it.
pub struct RecoveryCodes {
    /// The codes, shown once.
    pub texts: Vec<String>,
    /// What is kept of them.
    pub digests: Vec<KeyDigest>,
}

impl RecoveryCodes {
    /// Makes as many as an account gets: four groups of four letters each.
    pub fn generate(user: UserId) -> Result<Self, NoRandomness> {
        let (mut texts, mut digests) = (Vec::new(), Vec::new());
        for _ in 0..SecondFactor::RECOVERY_CODES {
            let bytes: [u8; CODE] = system::random_bytes()?;
            // 256 is a multiple of 32, so each letter has the same chance.
            let code: String = bytes
                .iter()
                .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
                .collect();
            digests.push(recovery_digest(user, &code));
            texts.push(format!(
                "{}-{}-{}-{}",
                &code[..4],
                &code[4..8],
                &code[8..12],
                &code[12..]
            ));
        }
        Ok(Self { texts, digests })
    }
}

fn recovery_digest(user: UserId, code: &str) -> KeyDigest {
    let mut digest = Sha256::new();
    digest.update(b"recovery code\0");
    digest.update(user.uuid().as_bytes());
    digest.update(code);
    KeyDigest(digest.finalize().into())
}

/// Seals with AES-256-GCM, for this account alone: the nonce, then the sealed bytes with their tag.
fn seal(key: &[u8; 32], user: UserId, secret: &[u8]) -> Option<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let mut bytes = secret.to_vec();
    let aad = Aad::from(*user.uuid().as_bytes());
    let nonce = key.seal_in_place_append_tag(aad, &mut bytes).ok()?;
    Some([nonce.as_ref().as_slice(), &bytes].concat())
}

fn open(key: &[u8; 32], user: UserId, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, bytes) = sealed.split_at_checked(NONCE_LEN)?;
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut bytes = bytes.to_vec();
    let aad = Aad::from(*user.uuid().as_bytes());
    let plain = key.open_in_place(nonce, aad, &mut bytes).ok()?;
    Some(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn factor(user: UserId, sealed: Vec<u8>) -> SecondFactor {
        SecondFactor {
            user,
            sealed,
            confirmed_at: None,
            last_step: 0,
            created_at: at(0),
        }
    }

    /// Appendix B of RFC 6238, with the last six digits of each.
    #[test]
    fn codes_are_those_of_the_standard() {
        let keys = Keys::derive(&[7; 32], &[]).unwrap();
        let secret = b"12345678901234567890";
        let sealed = seal(keys.newest_seal(), user(1), secret).unwrap();
        let factor = factor(user(1), sealed);
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let proof = Proof::Step {
                step: time / 30,
                sealed: None,
            };
            for late in [-30, 0, 30] {
                let at = at(time + late);
                assert_eq!(check(&keys, &factor, code, at), Some(proof.clone()), "{code}");
            }
            assert_eq!(check(&keys, &factor, code, at(time + 61)), None);
            assert_eq!(check(&keys, &factor, code, at(time - 61)), None);
            let spaced = format!(" {} {} ", &code[..3], &code[3..]);
            assert!(check(&keys, &factor, &spaced, at(time)).is_some());
            for wrong in ["", "28708", "2870822", "٢٨٧٠٨٢", "28708x", "{}", "null"] {
                assert_eq!(check(&keys, &factor, wrong, at(time)), None, "{wrong}");
            }
        }
    }

    #[test]
    fn what_is_sealed_opens_for_its_account_alone() {
        let keys = Keys::derive(&[7; 32], &[]).unwrap();
        let sealed = seal(keys.newest_seal(), user(1), b"secret").unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_eq!(
            open(keys.newest_seal(), user(1), &sealed).as_deref(),
            Some(&b"secret"[..])
        );
        assert_eq!(open(keys.newest_seal(), user(2), &sealed), None);
        assert_eq!(open(&[0; 32], user(1), &sealed), None);
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert_eq!(open(keys.newest_seal(), user(1), &altered), None);
            assert_eq!(open(keys.newest_seal(), user(1), &sealed[..place]), None);
        }
        let again = seal(keys.newest_seal(), user(1), b"secret").unwrap();
        assert_ne!(sealed, again);
    }

    #[test]
    fn another_secret_of_the_installation_seals_anew() {
        let before = Keys::derive(&[7; 32], &[]).unwrap();
        let sealed = seal(before.newest_seal(), user(1), b"12345678901234567890").unwrap();
        let after = Keys::derive(&[8; 32], &[&[7; 32]]).unwrap();
        let Some(Proof::Step { sealed, .. }) =
            check(&after, &factor(user(1), sealed.clone()), "287082", at(59))
        else {
            panic!("the code is good still");
        };
        let sealed = sealed.unwrap();
        let alone = Keys::derive(&[8; 32], &[]).unwrap();
        assert!(check(&alone, &factor(user(1), sealed), "287082", at(59)).is_some());
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_written() {
        let keys = Keys::derive(&[7; 32], &[]).unwrap();
        let codes = RecoveryCodes::generate(user(1)).unwrap();
        let factor = factor(user(1), Vec::new());
        for (text, digest) in codes.texts.iter().zip(&codes.digests) {
            for form in [text.clone(), text.to_uppercase(), text.replace('-', " ")] {
                assert_eq!(
                    check(&keys, &factor, &form, at(0)),
                    Some(Proof::Recovery(*digest))
                );
            }
        }
        let other = RecoveryCodes::generate(user(1)).unwrap();
        assert!(codes.texts.iter().all(|text| !other.texts.contains(text)));
    }

    #[test]
    fn what_is_to_be_scanned_holds_the_names_and_the_secret() {
        let keys = Keys::derive(&[7; 32], &[]).unwrap();
        let made = NewAuthenticator::generate(&keys, user(1), "News: the site", "ada@example.org").unwrap();
        assert!(
            made.uri
                .starts_with("otpauth://totp/News%20%20the%20site:ada%40example.org?"),
            "{}",
            made.uri
        );
        assert!(
            made.uri.contains(&format!("secret={}", made.secret)),
            "{}",
            made.uri
        );
        assert_eq!(made.secret.len(), 32);
    }
}
