//! API keys as admins get and write them.

use chrono::{DateTime, Utc};
use masthead_domain::account as domain;
use masthead_domain::account::KeySort;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::rights;
use masthead_domain::use_cases::keys::{KeyInput, KeyPatch};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{clearable, etag};
use crate::delivery::sort_keys;
use crate::parameters::Count;
use crate::words::mirror;
use crate::{data_of, list_of};

mirror! {
    /// What a key may do.
    Scope = rights::Permission {
        ContentRead = "content:read",
        ContentPreview = "content:preview",
        ArticlesPropose = "articles:propose",
        ArticlesWrite = "articles:write",
        ArticlesPublish = "articles:publish",
        TrashPurge = "trash:purge",
        UsersManage = "users:manage",
        KeysManage = "keys:manage",
        SettingsManage = "settings:manage",
        AuditRead = "audit:read",
    }
}

/// An API key without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How its secret begins.
    #[schema(example = "mhk_9fKq2ZtV")]
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Networks it may come from; from anywhere where there is none.
    #[schema(example = json!(["192.0.2.0/24"]))]
    pub addresses: Vec<String>,
    /// When it stops working; null for never.
    #[schema(required = true)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    #[schema(required = true)]
    pub revoked_at: Option<DateTime<Utc>>,
    /// Until when the secret before the last rotation works as well.
    #[schema(required = true)]
    pub previous_until: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[schema(required = true)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<domain::ApiKey> for ApiKey {
    fn from(key: domain::ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.into_iter().map(Into::into).collect(),
            addresses: key.addresses,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            previous_until: key.previous_until,
            last_used_at: key.last_used_at,
            revision: key.revision,
            etag: etag(key.id.uuid(), key.revision),
            created_by: key.created_by.to_string(),
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

/// A new API key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Build server", "scopes": ["content:read"] }))]
pub struct CreateApiKey {
    /// What people call it.
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// What it may do; at most what you may do yourself.
    #[schema(min_items = 1, max_items = 20)]
    pub scopes: Vec<Scope>,
    /// Addresses or networks (CIDR) it may come from; from anywhere where missing or empty.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["192.0.2.0/24", "2001:db8::/32"]))]
    pub addresses: Vec<String>,
    /// When it stops working; never where missing.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<CreateApiKey> for KeyInput {
    fn from(key: CreateApiKey) -> Self {
        Self {
            name: key.name,
            scopes: key.scopes.into_iter().map(Into::into).collect(),
            addresses: key.addresses,
            expires_at: key.expires_at,
        }
    }
}

/// A merge patch of an API key: a missing key stays, null clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Build server, Helsinki" }))]
pub struct UpdateApiKey {
    /// What people call it.
    #[schema(nullable = false, min_length = 1, max_length = 300)]
    pub name: Option<String>,
    /// What it may do; at most what you may do yourself.
    #[schema(nullable = false, min_items = 1, max_items = 20)]
    pub scopes: Option<Vec<Scope>>,
    /// Addresses or networks (CIDR) it may come from; from anywhere where empty.
    #[schema(nullable = false, max_items = 20)]
    pub addresses: Option<Vec<String>>,
    /// When it stops working; null for never.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

impl From<UpdateApiKey> for KeyPatch {
    fn from(patch: UpdateApiKey) -> Self {
        Self {
            name: patch.name,
            scopes: patch
                .scopes
                .map(|scopes| scopes.into_iter().map(Into::into).collect()),
            addresses: patch.addresses,
            expires_at: patch.expires_at,
        }
    }
}

/// How a key gets another secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "overlap_seconds": 3600 }))]
pub struct RotateApiKey {
    /// Seconds that the secret before goes on working; an hour where missing, at most a week. 0 ends it at once.
    #[serde(default = "an_hour")]
    #[schema(minimum = 0, maximum = 604_800, default = 3600)]
    pub overlap_seconds: u32,
}

const fn an_hour() -> u32 {
    3600
}

/// An API key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct ApiKeySecret {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// What goes into `Authorization: Bearer`; only its digest is kept.
    #[schema(example = "mhk_9fKq2ZtV5mXw8RbN1cYd7GhJ4LsPaE6uT3oC0iDx1WvBn2")]
    pub secret: String,
}

sort_keys! {
    /// A key of a list of API keys; a minus turns it round.
    ApiKeySortKey = KeySort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
    }
}

/// The list of API keys.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApiKeyListParameters {
    /// Keys in order of weight; `-created_at` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 1)]
    pub sort: Option<Vec<ApiKeySortKey>>,
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

data_of!(
    /// One API key.
    ApiKeyResponse,
    ApiKey
);
/// One API key with its secret.
#[derive(Serialize, ToSchema)]
pub struct ApiKeySecretResponse {
    /// The key.
    pub data: ApiKeySecret,
}

list_of!(
    /// A page of API keys.
    ApiKeyList,
    ApiKey
);
