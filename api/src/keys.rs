//! The installation's secret and what is derived from it: the signatures of access tokens and of cursors.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use masthead_domain::clock::Instant;
use masthead_domain::id::UserId;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Seconds that an access token is good for.
pub const TOKEN_SECONDS: u32 = 900;
const ISSUER: &str = "masthead";
const AUDIENCE: &str = "masthead/management";
/// How the header names what the token is for, so that no other token of ours passes for one.
const TYPE: &str = "at+jwt";

/// Keys of this installation; every node has the same.
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    key_id: String,
    cursor: [u8; 32],
    request: [u8; 32],
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

impl Keys {
    /// Derives all keys from the installation's secret.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let token = derived(secret, b"access token 1");
        let id = derived(&token, b"key id");
        Self {
            encoding: EncodingKey::from_secret(&token),
            decoding: DecodingKey::from_secret(&token),
            key_id: URL_SAFE_NO_PAD.encode(&id[..9]),
            cursor: derived(secret, b"cursor 1"),
            request: derived(secret, b"request 1"),
        }
    }

    /// An access token for a user, good for [`TOKEN_SECONDS`] from `now`.
    pub fn access_token(
        &self,
        user: UserId,
        now: Instant,
        id: Uuid,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user.uuid(),
            iat,
            nbf: iat,
            exp: iat + i64::from(TOKEN_SECONDS),
            jti: id,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.key_id.clone());
        header.typ = Some(TYPE.to_owned());
        jsonwebtoken::encode(&header, &claims, &self.encoding)
    }

    /// The user an access token names, if it is ours and good at this moment.
    #[must_use]
    pub fn user_of(&self, token: &str, now: Instant) -> Option<UserId> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::HS256
            || header.kid.as_deref() != Some(&self.key_id)
            || header.typ.as_deref() != Some(TYPE)
        {
            return None;
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Times are held against the clock we are given, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation)
            .ok()?
            .claims;
        let now = now.timestamp();
        let lives =
            claims.nbf <= now && now < claims.exp && claims.exp - claims.iat <= i64::from(TOKEN_SECONDS);
        lives.then(|| UserId::from_uuid(claims.sub))
    }

    /// Signs a cursor's bytes for one list; the signature binds it to that list and its filters.
    #[must_use]
    pub fn seal(&self, list: &str, payload: &[u8]) -> String {
        let mut sealed = self.signature(list, payload).to_vec();
        sealed.extend_from_slice(payload);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The bytes of a cursor that was sealed for this list.
    #[must_use]
    pub fn open(&self, list: &str, cursor: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, payload) = sealed.split_at_checked(SIGNATURE)?;
        let good: bool = self.signature(list, payload).ct_eq(signature).into();
        good.then(|| payload.to_vec())
    }

    /// A digest of a request's parts, none of which can be guessed from it.
    #[must_use]
    pub fn digest<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        // HMAC takes keys of any length, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.request) else {
            return [0; 32];
        };
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn signature(&self, list: &str, payload: &[u8]) -> [u8; SIGNATURE] {
        let mut message = u32::try_from(list.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes()
            .to_vec();
        message.extend_from_slice(list.as_bytes());
        message.extend_from_slice(payload);
        let whole = derived(&self.cursor, &message);
        let mut short = [0; SIGNATURE];
        short.copy_from_slice(&whole[..SIGNATURE]);
        short
    }
}

/// Bytes of a cursor's signature.
const SIGNATURE: usize = 16;

fn derived(key: &[u8], label: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(label);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_token_is_good_for_fifteen_minutes() {
        let keys = Keys::derive(&[7; 32]);
        let user = UserId::from_uuid(Uuid::from_u128(1));
        let token = keys.access_token(user, at(1_000), Uuid::from_u128(2)).unwrap();
        assert_eq!(keys.user_of(&token, at(1_000)), Some(user));
        assert_eq!(keys.user_of(&token, at(1_899)), Some(user));
        assert_eq!(keys.user_of(&token, at(1_900)), None);
        assert_eq!(keys.user_of(&token, at(999)), None);
        assert_eq!(Keys::derive(&[8; 32]).user_of(&token, at(1_000)), None);
    }

    #[test]
    fn no_other_algorithm_passes() {
        let keys = Keys::derive(&[7; 32]);
        let user = UserId::from_uuid(Uuid::from_u128(1));
        let token = keys.access_token(user, at(1_000), Uuid::from_u128(2)).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS512","typ":"at+jwt"}"#,
            r#"{"typ":"at+jwt"}"#,
        ] {
            let header = URL_SAFE_NO_PAD.encode(header);
            for signature in ["", token.rsplit('.').next().unwrap()] {
                assert_eq!(
                    keys.user_of(&format!("{header}.{claims}.{signature}"), at(1_000)),
                    None
                );
            }
        }
        for wrong in ["", ".", "..", "a.b.c", &token[..token.len() - 2]] {
            assert_eq!(keys.user_of(wrong, at(1_000)), None, "{wrong}");
        }
    }

    #[test]
    fn a_cursor_opens_for_its_own_list_alone() {
        let keys = Keys::derive(&[7; 32]);
        let cursor = keys.seal("articles?tag=sea", b"payload");
        assert_eq!(
            keys.open("articles?tag=sea", &cursor).as_deref(),
            Some(&b"payload"[..])
        );
        assert_eq!(keys.open("articles", &cursor), None);
        assert_eq!(Keys::derive(&[8; 32]).open("articles?tag=sea", &cursor), None);
        for wrong in ["", "A", "!!!!", "AAAA"] {
            assert_eq!(keys.open("articles?tag=sea", wrong), None);
        }
    }
}
