//! Sessions: what logging in gives, and how it goes on and ends.

use chrono::{DateTime, Utc};
use masthead_domain::account as domain;
use masthead_domain::account::SessionSort;
use masthead_domain::page::{Direction, SortKey};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::delivery::sort_keys;
use crate::list_of;
use crate::parameters::Count;

/// A refresh token to renew a session with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "refresh_token": "mhr_9fKq2ZtV5mXw8RbN1cYd7GhJ4LsPaE6uT3oC0iDx" }))]
pub struct RefreshRequest {
    /// The token that the last login or refresh answered. It works once.
    #[schema(min_length = 1, max_length = 200)]
    pub refresh_token: String,
}

/// Another password for one's own account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "current_password": "correct horse battery staple", "new_password": "nanoseconds of wire, 30 cm"
}))]
pub struct ChangePassword {
    /// The password that the account has.
    #[schema(max_length = 1024)]
    pub current_password: String,
    /// The password that it is to have.
    #[schema(min_length = 12, max_length = 1024)]
    pub new_password: String,
}

/// A login on one device, until it ends.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// What the device said of itself when it logged in.
    pub user_agent: String,
    /// Where it logged in from.
    #[schema(example = "192.0.2.7")]
    pub address: String,
    /// Whether this request comes with it.
    pub is_current: bool,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last renewed.
    pub last_used_at: DateTime<Utc>,
    /// When it ends, however often it is renewed.
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// A session, as whoever comes with `current` sees it.
    #[must_use]
    pub fn new(session: domain::Session, current: Option<masthead_domain::id::SessionId>) -> Self {
        Self {
            is_current: Some(session.id) == current,
            id: session.id.to_string(),
            user_agent: session.device.user_agent,
            address: session.device.address,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
        }
    }
}

sort_keys! {
    /// A key of a list of sessions; a minus turns it round.
    SessionSortKey = SessionSort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
    }
}

/// The list of open sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionListParameters {
    /// Keys in order of weight; `-created_at` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 1)]
    pub sort: Option<Vec<SessionSortKey>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// The page before this cursor, from `links.prev`.
    #[param(max_length = 2000)]
    pub before: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

list_of!(
    /// A page of sessions.
    SessionList,
    Session
);

/// The public half of a key that signs access tokens (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct Jwk {
    /// Always `OKP`.
    #[schema(example = "OKP")]
    pub kty: String,
    /// Always `Ed25519`.
    #[schema(example = "Ed25519")]
    pub crv: String,
    /// Always `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub use_: String,
    /// The `kid` in the header of the tokens that it signed.
    pub kid: String,
    /// The public key, base64url.
    pub x: String,
}

/// The keys that good access tokens may be signed with (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct JwkSet {
    /// The newest first; one before it stands here as long as its tokens are good.
    pub keys: Vec<Jwk>,
}
