//! The provider of single sign-on: `OpenID` Connect Core 1.0 with the authorization code, PKCE (RFC 7636) and discovery.
//!
//! What it answers is believed as far as it is signed with a key of its own, for this client, now, and for the login
//! that was begun. The library that checks signatures is the one that checks our own tokens.

use std::fmt;
use std::io::Read as _;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use masthead_domain::clock::Instant;
use masthead_domain::email::Email;
use masthead_domain::rights::Role;
use masthead_domain::sso::{PendingLogin, ProviderIdentity};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use url::Url;

use crate::config::{SecretText, Settings};
use crate::system;

/// How long the provider has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer.
const LIMIT: u64 = 512 * 1024;
/// Questions at once; whoever comes then is told to come back.
const AT_ONCE: usize = 16;
/// How long what the provider says of itself is believed without asking again.
const FRESH: Duration = Duration::from_hours(1);
/// How soon its keys are looked at again for one that is not known.
const KEYS_AGAIN: Duration = Duration::from_secs(2);
/// Seconds that two clocks may differ.
const SKEW: i64 = 60;
/// Signatures that are taken: with a key that the provider alone has.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider could not be asked, or answered nothing that makes sense; it may later.
    #[error("{0}")]
    Unreachable(String),
    /// What came back is not to be believed.
    #[error("{0}")]
    Refused(String),
}

fn unreachable(what: &str, why: impl fmt::Display) -> OidcError {
    OidcError::Unreachable(format!("{what}: {why}"))
}

fn refused(why: impl fmt::Display) -> OidcError {
    OidcError::Refused(why.to_string())
}

/// What a provider says of itself.
#[derive(Debug, Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// What it was last heard to say.
struct Known {
    metadata: Metadata,
    keys: JwkSet,
    heard: std::time::Instant,
}

/// The provider that the settings name.
pub struct Provider {
    issuer: String,
    client_id: String,
    client_secret: Option<SecretText>,
    redirect_url: String,
    scopes: String,
    role_claim: String,
    roles: Vec<(String, Role)>,
    default_role: Option<Role>,
    agent: OnceLock<Agent>,
    known: Mutex<Option<Arc<Known>>>,
    turns: Arc<Semaphore>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.issuer)
    }
}

/// What the provider answers for a code.
#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
    access_token: Option<String>,
}

impl Provider {
    /// The provider of the settings, if they name one.
    #[must_use]
    pub fn of(settings: &Settings) -> Option<Self> {
        Some(Self {
            issuer: settings.oidc_issuer.clone()?,
            client_id: settings.oidc_client_id.clone()?,
            client_secret: settings.oidc_client_secret.clone(),
            redirect_url: settings.oidc_redirect_url.clone()?,
            scopes: settings.oidc_scopes.clone(),
            role_claim: settings.oidc_role_claim.clone(),
            roles: settings.oidc_roles.clone(),
            default_role: settings.oidc_default_role,
            agent: OnceLock::new(),
            known: Mutex::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Where to send a browser.
    pub async fn authorization_url(
        self: &Arc<Self>,
        state: &str,
        nonce: &str,
        verifier: &str,
    ) -> Result<String, OidcError> {
        let known = self.on_the_side(|own| own.known(FRESH)).await?;
        let mut url = Url::parse(&known.metadata.authorization_endpoint)
            .map_err(|error| unreachable("the authorization endpoint is no address", error))?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_url)
            .append_pair("scope", &self.scopes)
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Exchanges a code for who it is.
    pub async fn identify(
        self: &Arc<Self>,
        code: String,
        pending: &PendingLogin,
        now: Instant,
    ) -> Result<ProviderIdentity, OidcError> {
        let pending = pending.clone();
        self.on_the_side(move |own| {
            let known = own.known(FRESH)?;
            let answer = own.exchange(&known.metadata, &code, &pending.verifier)?;
            let claims = own.verified(&answer.id_token, &pending.nonce, now)?;
            own.identity(&known.metadata, claims, answer.access_token.as_deref())
        })
        .await
    }

    /// Asks on a blocking thread, a few at a time.
    async fn on_the_side<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, OidcError> + Send + 'static,
    ) -> Result<T, OidcError> {
        let turn = Arc::clone(&self.turns).try_acquire_owned();
        let turn = turn.map_err(|_| unreachable("too many ask at once", AT_ONCE))?;
        let own = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let _held = turn;
            work(&own)
        });
        done.await
            .map_err(|error| unreachable("it was not asked", error))?
    }

    /// What the provider says of itself, no older than this.
    fn known(&self, oldest: Duration) -> Result<Arc<Known>, OidcError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().as_ref().filter(|known| known.heard.elapsed() < oldest) {
            return Ok(Arc::clone(known));
        }
        let place = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let metadata: Metadata = self.get(&place, None)?;
        if metadata.issuer != self.issuer {
            let why = format!("it calls itself {}, not {}", metadata.issuer, self.issuer);
            return Err(unreachable(&place, why));
        }
        let keys: JwkSet = readable(&self.get::<Value>(&metadata.jwks_uri, None)?);
        let known = Arc::new(Known {
            metadata,
            keys,
            heard: system::stopwatch(),
        });
        *lock() = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Made when it is first needed: reading the machine's certificates takes a while.
    fn agent(&self) -> &Agent {
        self.agent.get_or_init(agent)
    }

    fn get<T: serde::de::DeserializeOwned>(&self, url: &str, bearer: Option<&str>) -> Result<T, OidcError> {
        let mut request = self.agent().get(url).header("Accept", "application/json");
        if let Some(token) = bearer {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let answer = request.call().map_err(|error| unreachable(url, error))?;
        read(url, answer)
    }

    fn exchange(&self, metadata: &Metadata, code: &str, verifier: &str) -> Result<TokenAnswer, OidcError> {
        let url = &metadata.token_endpoint;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_url),
            ("code_verifier", verifier),
        ];
        let mut request = self.agent().post(url).header("Accept", "application/json");
        let methods = metadata.token_endpoint_auth_methods_supported.as_ref();
        let takes = |name: &str| methods.is_none_or(|all| all.iter().any(|one| one == name));
        match &self.client_secret {
            // What stands in it is form-encoded first (RFC 6749, 2.3.1).
            Some(secret) if takes("client_secret_basic") => {
                let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                let pair = format!("{}:{}", encoded(&self.client_id), encoded(secret.expose()));
                request = request.header("Authorization", format!("Basic {}", STANDARD.encode(pair)));
            }
            Some(secret) => form.extend([
                ("client_id", self.client_id.as_str()),
                ("client_secret", secret.expose()),
            ]),
            None => form.push(("client_id", &self.client_id)),
        }
        let answer = request.send_form(form).map_err(|error| unreachable(url, error))?;
        if answer.status().is_client_error() {
            return Err(refused(format!(
                "{url} refused the code with {}",
                answer.status()
            )));
        }
        read(url, answer)
    }

    /// The claims of a token that the provider signed for this client and this login.
    fn verified(&self, token: &str, nonce: &str, now: Instant) -> Result<Value, OidcError> {
        let header = jsonwebtoken::decode_header(token).map_err(refused)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(refused(format!(
                "{:?} is no signature of the provider alone",
                header.alg
            )));
        }
        let mut known = self.known(FRESH)?;
        let mut key = signing_key(&known.keys, header.kid.as_deref(), header.alg).cloned();
        if key.is_none() {
            // It may have another key since.
            known = self.known(KEYS_AGAIN)?;
            key = signing_key(&known.keys, header.kid.as_deref(), header.alg).cloned();
        }
        let key = key.ok_or_else(|| refused("the token is signed with a key that is not the provider's"))?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.client_id]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Times are held against the clock we are given, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let key = DecodingKey::from_jwk(&key).map_err(refused)?;
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation)
            .map_err(refused)?
            .claims;
        self.hold_against(&claims, nonce, now)?;
        Ok(claims)
    }

    /// What `OpenID` Connect Core 1.0 asks for in 3.1.3.7 beside the signature, the issuer and the audience.
    fn hold_against(&self, claims: &Value, nonce: &str, now: Instant) -> Result<(), OidcError> {
        let now = now.timestamp();
        let time = |name: &str| claims[name].as_f64();
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds of our times are exact in a float"
        )]
        let (earliest, latest) = ((now - SKEW) as f64, (now + SKEW) as f64);
        if !time("exp").is_some_and(|exp| exp > earliest) {
            return Err(refused("the token has expired"));
        }
        if !time("iat").is_some_and(|iat| iat < latest) || time("nbf").is_some_and(|nbf| nbf >= latest) {
            return Err(refused("the token is of a time that has not come"));
        }
        let is_for_others = claims["aud"].as_array().is_some_and(|all| all.len() > 1);
        match claims["azp"].as_str() {
            Some(party) if party != self.client_id => {
                return Err(refused("the token was given to another client"));
            }
            None if is_for_others => {
                return Err(refused(
                    "the token is for others too, and does not say whose it is",
                ));
            }
            _ => {}
        }
        let told = claims["nonce"].as_str().unwrap_or_default();
        if !bool::from(told.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(refused("the token is of another login"));
        }
        Ok(())
    }

    fn identity(
        &self,
        metadata: &Metadata,
        mut claims: Value,
        access_token: Option<&str>,
    ) -> Result<ProviderIdentity, OidcError> {
        let subject = claims["sub"].as_str().unwrap_or_default().to_owned();
        if subject.is_empty() || subject.len() > 255 {
            return Err(refused("the token does not say whose it is"));
        }
        let lacks = claims["email"].is_null() || self.role_of(&claims).is_none();
        if let (true, Some(url), Some(token)) = (lacks, &metadata.userinfo_endpoint, access_token) {
            let more: Value = self.get(url, Some(token))?;
            if more["sub"].as_str() != Some(&subject) {
                return Err(refused("what is told of the account is of another one"));
            }
            if let (Some(claims), Value::Object(more)) = (claims.as_object_mut(), more) {
                for (name, value) in more {
                    claims.entry(name).or_insert(value);
                }
            }
        }
        let is_verified = claims["email_verified"] == true;
        let email = claims["email"].as_str().filter(|_| is_verified);
        let names = ["name", "preferred_username"].map(|name| claims[name].as_str().unwrap_or_default());
        Ok(ProviderIdentity {
            issuer: self.issuer.clone(),
            verified_email: email.and_then(|email| Email::parse(email).ok()),
            name: names
                .into_iter()
                .find(|name| !name.is_empty())
                .unwrap_or_default()
                .to_owned(),
            role: self.role_of(&claims).or(self.default_role),
            subject,
        })
    }

    /// The highest of the roles that the claim gives.
    fn role_of(&self, claims: &Value) -> Option<Role> {
        // A name with dots may be one name, as those that are addresses are.
        let found = match &claims[self.role_claim.as_str()] {
            Value::Null => self
                .role_claim
                .split('.')
                .fold(claims, |value, part| &value[part]),
            found => found,
        };
        let holds = |value: &str| match found {
            Value::String(text) => text == value,
            Value::Array(all) => all.iter().any(|one| one.as_str() == Some(value)),
            _ => false,
        };
        let given = self.roles.iter().filter(|(value, _)| holds(value));
        given
            .map(|(_, role)| *role)
            .max_by_key(|role| role.permissions().len())
    }
}

/// Follows no redirect: what is asked for is what the provider says of itself.
fn agent() -> Agent {
    let roots = rustls_native_certs::load_native_certs().certs;
    let roots: Vec<_> = roots
        .iter()
        .map(|der| Certificate::from_der(der.as_ref()).to_owned())
        .collect();
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build();
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(PATIENCE))
        .user_agent("masthead")
        .tls_config(tls)
        .build()
        .new_agent()
}

fn read<T: serde::de::DeserializeOwned>(
    url: &str,
    answer: ureq::http::Response<ureq::Body>,
) -> Result<T, OidcError> {
    let status = answer.status();
    if !status.is_success() {
        return Err(unreachable(url, format!("it answers {status}")));
    }
    let mut text = Vec::new();
    let mut reader = answer.into_body().into_reader().take(LIMIT);
    reader
        .read_to_end(&mut text)
        .map_err(|error| unreachable(url, error))?;
    serde_json::from_slice(&text).map_err(|error| unreachable(url, error))
}

/// Keys of a kind that we know; others are for others.
fn readable(set: &Value) -> JwkSet {
    let keys = set["keys"].as_array().into_iter().flatten();
    JwkSet {
        keys: keys
            .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok())
            .collect(),
    }
}

/// The key that a token names, or the only one that fits where it names none.
fn signing_key<'a>(keys: &'a JwkSet, named: Option<&str>, algorithm: Algorithm) -> Option<&'a Jwk> {
    let mut fitting = keys.keys.iter().filter(|key| {
        let is_for_signing = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
        let says = key.common.key_algorithm.map(|says| says.to_string());
        let is_of = says.is_none_or(|says| Algorithm::from_str(&says).is_ok_and(|says| says == algorithm));
        let is_named = named.is_none_or(|named| key.common.key_id.as_deref() == Some(named));
        is_for_signing && is_of && is_named
    });
    let key = fitting.next()?;
    (named.is_some() || fitting.next().is_none()).then_some(key)
}
