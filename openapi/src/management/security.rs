//! What the site requires of accounts.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use masthead_domain::rights;
use masthead_domain::use_cases::second_factors::SecuritySettings as Settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Role, etag};
use crate::data_of;

/// Who needs a second factor.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactorPolicy {
    /// Accounts with one of these roles can do nothing before they have set one up.
    pub required_for: Vec<Role>,
}

/// What the site requires of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecuritySettings {
    /// Who needs a second factor.
    pub second_factor: SecondFactorPolicy,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// When it was last changed; null where nobody did.
    #[schema(required = true)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Through which credential.
    #[schema(required = true)]
    pub updated_by: Option<String>,
}

/// The id that stands in the entity tags of this setting.
const ID: Uuid = Uuid::from_u128(0x0193_0000_0000_7000_8000_5e77_1465_0002);

impl SecuritySettings {
    /// The thing that its entity tags are of.
    #[must_use]
    pub const fn id() -> Uuid {
        ID
    }
}

impl From<Settings> for SecuritySettings {
    fn from(settings: Settings) -> Self {
        Self {
            second_factor: SecondFactorPolicy {
                required_for: settings.required.iter().map(|role| (*role).into()).collect(),
            },
            revision: settings.revision,
            etag: etag(ID, settings.revision),
            updated_at: settings.updated.map(|(at, _)| at),
            updated_by: settings.updated.map(|(_, by)| by.to_string()),
        }
    }
}

/// Who is to need a second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSecondFactorPolicy {
    /// Roles, each once; an empty list requires it of nobody.
    #[schema(max_items = 5)]
    pub required_for: Vec<Role>,
}

/// What the site is to require of accounts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "second_factor": { "required_for": ["admin", "editor"] } }))]
pub struct SetSecuritySettings {
    /// Who is to need a second factor.
    pub second_factor: SetSecondFactorPolicy,
}

impl From<SetSecuritySettings> for BTreeSet<rights::Role> {
    fn from(settings: SetSecuritySettings) -> Self {
        let roles = settings.second_factor.required_for.into_iter();
        roles.map(Into::into).collect()
    }
}

data_of!(
    /// What the site requires of accounts.
    SecuritySettingsResponse,
    SecuritySettings
);
