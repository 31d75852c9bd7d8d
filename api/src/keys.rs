//! The installation's secret and what is derived from it: the signatures of access tokens and of cursors.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use masthead_domain::clock::Instant;
use masthead_domain::id::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
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
    /// The newest first: what was signed before the secret was changed is good still.
    signers: Vec<Signer>,
    cursors: Vec<[u8; 32]>,
    seals: Vec<[u8; 32]>,
    request: [u8; 32],
}

/// One key pair that tokens are signed with.
struct Signer {
    decoding: DecodingKey,
    public: Jwk,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

/// Whom an access token lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The account.
    pub user: UserId,
    /// The session that the token was given in.
    pub session: SessionId,
}

/// What stands before the seed of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

fn signing(secret: &[u8]) -> EncodingKey {
    let seed = derived(secret, b"access token 2");
    EncodingKey::from_ed_der(&[PKCS8.as_slice(), &seed].concat())
}

impl Signer {
    fn of(encoding: &EncodingKey) -> Result<Self, jsonwebtoken::errors::Error> {
        let mut public = Jwk::from_encoding_key(encoding, Algorithm::EdDSA)?;
        let decoding = DecodingKey::from_jwk(&public)?;
        let digest = Sha256::digest(serde_json::to_vec(&public.algorithm)?);
        public.common.key_id = Some(URL_SAFE_NO_PAD.encode(&digest[..9]));
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { decoding, public })
    }

    fn key_id(&self) -> Option<&str> {
        self.public.common.key_id.as_deref()
    }
}

impl Keys {
    /// Derives all keys from the installation's secret; what was signed with keys of the secrets before is good still.
    pub fn derive(secret: &[u8], before: &[&[u8]]) -> Result<Self, jsonwebtoken::errors::Error> {
        let encoding = signing(secret);
        let mut signers = vec![Signer::of(&encoding)?];
        for secret in before {
            signers.push(Signer::of(&signing(secret))?);
        }
        let of_all = |label: &[u8]| {
            let secrets = std::iter::once(&secret).chain(before);
            secrets.map(|secret| derived(secret, label)).collect::<Vec<_>>()
        };
        Ok(Self {
            encoding,
            signers,
            cursors: of_all(b"cursor 1"),
            seals: of_all(b"second factor 1"),
            request: derived(secret, b"request 1"),
        })
    }

    /// An access token for a user in a session, good for [`TOKEN_SECONDS`] from `now`.
    pub fn access_token(
        &self,
        bearer: Bearer,
        now: Instant,
        id: Uuid,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.user.uuid(),
            sid: bearer.session.uuid(),
            iat,
            nbf: iat,
            exp: iat + i64::from(TOKEN_SECONDS),
            jti: id,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = self.signers.first().and_then(Signer::key_id).map(str::to_owned);
        header.typ = Some(TYPE.to_owned());
        jsonwebtoken::encode(&header, &claims, &self.encoding)
    }

    /// Whom an access token lets in, if it is ours and good at this moment.
    #[must_use]
    pub fn bearer(&self, token: &str, now: Instant) -> Option<Bearer> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        // Only keys of ours count, whatever key the token brings along.
        let named = header.kid.as_deref()?;
        let signer = self
            .signers
            .iter()
            .find(|signer| signer.key_id() == Some(named))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Times are held against the clock we are given, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &signer.decoding, &validation)
            .ok()?
            .claims;
        let now = now.timestamp();
        let lives =
            claims.nbf <= now && now < claims.exp && claims.exp - claims.iat <= i64::from(TOKEN_SECONDS);
        lives.then(|| Bearer {
            user: UserId::from_uuid(claims.sub),
            session: SessionId::from_uuid(claims.sid),
        })
    }

    /// The public halves of the keys that good tokens may be signed with, as RFC 7517 has them.
    pub fn public(&self) -> impl Iterator<Item = &Jwk> {
        self.signers.iter().map(|signer| &signer.public)
    }

    /// Keys that second factors may be sealed with, the newest first.
    pub fn seals(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.seals.iter()
    }

    /// The key that second factors are sealed with.
    #[must_use]
    pub fn newest_seal(&self) -> &[u8; 32] {
        // There is one of each secret, and at least one secret.
        &self.seals[0]
    }

    /// Signs a cursor's bytes for one list; the signature binds it to that list and its filters.
    #[must_use]
    pub fn seal(&self, list: &str, payload: &[u8]) -> String {
        let mut sealed = match self.cursors.first() {
            Some(key) => signature_with(key, list, payload).to_vec(),
            None => Vec::new(),
        };
        sealed.extend_from_slice(payload);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The bytes of a cursor that was sealed for this list.
    #[must_use]
    pub fn open(&self, list: &str, cursor: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, payload) = sealed.split_at_checked(SIGNATURE)?;
        let is_good = |key| -> bool { signature_with(key, list, payload).ct_eq(signature).into() };
        self.cursors.iter().any(is_good).then(|| payload.to_vec())
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
}

/// Bytes of a cursor's signature.
const SIGNATURE: usize = 16;

fn signature_with(key: &[u8; 32], list: &str, payload: &[u8]) -> [u8; SIGNATURE] {
    let mut message = u32::try_from(list.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes()
        .to_vec();
    message.extend_from_slice(list.as_bytes());
    message.extend_from_slice(payload);
    let whole = derived(key, &message);
    let mut short = [0; SIGNATURE];
    short.copy_from_slice(&whole[..SIGNATURE]);
    short
}

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

    fn keys(secret: u8, before: &[&[u8]]) -> Keys {
        Keys::derive(&[secret; 32], before).unwrap()
    }

    fn bearer() -> Bearer {
        Bearer {
            user: UserId::from_uuid(Uuid::from_u128(1)),
            session: SessionId::from_uuid(Uuid::from_u128(3)),
        }
    }

    fn token(keys: &Keys) -> String {
        keys.access_token(bearer(), at(1_000), Uuid::from_u128(2))
            .unwrap()
    }

    #[test]
    fn a_token_is_good_for_fifteen_minutes() {
        let keys = keys(7, &[]);
        let token = token(&keys);
        assert_eq!(keys.bearer(&token, at(1_000)), Some(bearer()));
        assert_eq!(keys.bearer(&token, at(1_899)), Some(bearer()));
        assert_eq!(keys.bearer(&token, at(1_900)), None);
        assert_eq!(keys.bearer(&token, at(999)), None);
    }

    #[test]
    fn another_secret_ends_no_token_as_long_as_the_one_before_is_known() {
        let old = keys(7, &[]);
        let token = token(&old);
        assert_eq!(keys(8, &[]).bearer(&token, at(1_000)), None);
        let new = keys(8, &[&[9; 32], &[7; 32]]);
        assert_eq!(new.bearer(&token, at(1_000)), Some(bearer()));
        let ids: Vec<_> = new.public().map(|key| key.common.key_id.clone()).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(
            jsonwebtoken::decode_header(&token).unwrap().kid.as_ref(),
            ids[2].as_ref(),
        );
        let cursor = old.seal("articles", b"payload");
        assert_eq!(new.open("articles", &cursor).as_deref(), Some(&b"payload"[..]));
    }

    #[test]
    fn the_public_half_is_what_the_standard_says_and_nothing_else() {
        let keys = keys(7, &[]);
        let key = serde_json::to_value(keys.public().next().unwrap()).unwrap();
        let mut names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"]),
            (&"OKP".into(), &"Ed25519".into(), &"EdDSA".into())
        );
    }

    #[test]
    fn no_other_algorithm_passes() {
        let keys = keys(7, &[]);
        let token = token(&keys);
        let claims = token.split('.').nth(1).unwrap();
        let kid = keys.signers[0].key_id().unwrap();
        // Signed with the public key as if that were a shared secret.
        let public = serde_json::to_value(&keys.signers[0].public).unwrap();
        let confused = EncodingKey::from_secret(public["x"].as_str().unwrap().as_bytes());
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(kid.to_owned());
        header.typ = Some(TYPE.to_owned());
        let body = serde_json::json!({ "sub": Uuid::from_u128(1), "exp": 9_999 });
        let confused = jsonwebtoken::encode(&header, &body, &confused).unwrap();
        assert_eq!(keys.bearer(&confused, at(1_000)), None);
        for header in [
            r#"{"alg":"none"}"#.to_owned(),
            format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{kid}"}}"#),
            format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{kid}"}}"#),
            format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{kid}"}}"#),
            r#"{"alg":"EdDSA","typ":"at+jwt"}"#.to_owned(),
        ] {
            let header = URL_SAFE_NO_PAD.encode(header);
            for signature in ["", token.rsplit('.').next().unwrap()] {
                let forged = format!("{header}.{claims}.{signature}");
                assert_eq!(keys.bearer(&forged, at(1_000)), None, "{forged}");
            }
        }
        for wrong in ["", ".", "..", "a.b.c", &token[..token.len() - 2]] {
            assert_eq!(keys.bearer(wrong, at(1_000)), None, "{wrong}");
        }
    }

    #[test]
    fn claims_are_what_they_should_be() {
        let keys = keys(7, &[]);
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = keys.signers[0].key_id().map(str::to_owned);
        header.typ = Some(TYPE.to_owned());
        let good = serde_json::json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(3),
            "iat": 1_000, "nbf": 1_000, "exp": 1_900, "jti": Uuid::from_u128(2),
        });
        let asked = |claims: &serde_json::Value| {
            let token = jsonwebtoken::encode(&header, claims, &keys.encoding).unwrap();
            keys.bearer(&token, at(1_000))
        };
        assert_eq!(asked(&good), Some(bearer()));
        let with = |name: &str, value: serde_json::Value| {
            let mut claims = good.clone();
            claims[name] = value;
            asked(&claims)
        };
        for (name, value) in [
            ("iss", "somebody".into()),
            ("aud", "masthead/delivery".into()),
            ("aud", serde_json::json!([AUDIENCE])),
            ("exp", "1900".into()),
            ("exp", 1_000_000.into()),
            ("nbf", 1_001.into()),
            ("nbf", serde_json::Value::Null),
            ("sub", "ada".into()),
            ("role", "admin".into()),
        ] {
            assert_eq!(with(name, value.clone()), None, "{name}: {value}");
        }
        for name in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().remove(name);
            assert_eq!(asked(&claims), None, "without {name}");
        }
    }

    #[test]
    fn a_cursor_opens_for_its_own_list_alone() {
        let mine = keys(7, &[]);
        let cursor = mine.seal("articles?tag=sea", b"payload");
        assert_eq!(
            mine.open("articles?tag=sea", &cursor).as_deref(),
            Some(&b"payload"[..])
        );
        assert_eq!(mine.open("articles", &cursor), None);
        assert_eq!(keys(8, &[]).open("articles?tag=sea", &cursor), None);
        for wrong in ["", "A", "!!!!", "AAAA"] {
            assert_eq!(mine.open("articles?tag=sea", wrong), None);
        }
    }
}
