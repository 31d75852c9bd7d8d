//! Logging in, and who one is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::data_of;

/// What a user logs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org", "password": "correct horse battery staple" }))]
pub struct LoginRequest {
    /// The account's e-mail address.
    #[schema(max_length = 254, example = "ada@example.org")]
    pub email: String,
    /// The account's password.
    #[schema(max_length = 1024, example = "correct horse battery staple")]
    pub password: String,
    /// A code of the account's authenticator, or one of its recovery codes; asked for with `second_factor_required`.
    #[schema(max_length = 64, nullable = false, example = "287082")]
    pub code: Option<String>,
}

/// A token for the `Authorization: Bearer` header, and one to get the next with.
#[derive(Serialize, ToSchema)]
pub struct AccessToken {
    /// A JWT; treat it as opaque. It ends early with its session.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// Seconds from now.
    #[schema(example = 900)]
    pub expires_in: u32,
    /// For `POST /management/v1/auth/refresh`; it works once, and is good for nothing else.
    #[schema(example = "mhr_9fKq2ZtV5mXw8RbN1cYd7GhJ4LsPaE6uT3oC0iDx1WvBn2")]
    pub refresh_token: String,
    /// When the refresh token stops working.
    pub refresh_expires_at: DateTime<Utc>,
    /// The session that both belong to.
    #[schema(format = Uuid)]
    pub session_id: String,
    /// Whether the tokens are good for nothing but setting a second factor up, which the account's role requires.
    pub needs_second_factor: bool,
}

/// What kind of credential asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeKind {
    /// An account.
    User,
    /// An API key.
    Key,
}

/// Who asks, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// An account or a key.
    pub kind: MeKind,
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name.
    pub name: String,
    /// The account's e-mail address; null for a key.
    #[schema(required = true)]
    pub email: Option<String>,
    /// The account's role; null for a key.
    #[schema(required = true, example = "editor")]
    pub role: Option<String>,
    /// What it may do.
    #[schema(example = json!(["content:read", "articles:write"]))]
    pub permissions: Vec<String>,
}

/// A login that went well.
#[derive(Serialize, ToSchema)]
pub struct LoginResponse {
    /// The token.
    pub data: AccessToken,
}

data_of!(
    /// Who asks.
    MeResponse,
    Me
);
