//! The second factor of one's own account.

use chrono::{DateTime, Utc};
use masthead_domain::use_cases::second_factors::Standing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::data_of;

/// How the second factor of an account stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactor {
    /// Whether logging in asks for a code.
    pub enabled: bool,
    /// Since when; null where it does not.
    #[schema(required = true)]
    pub enabled_at: Option<DateTime<Utc>>,
    /// Whether the account's role requires one.
    pub required: bool,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u64,
}

impl From<Standing> for SecondFactor {
    fn from(standing: Standing) -> Self {
        Self {
            enabled: standing.enabled_at.is_some(),
            enabled_at: standing.enabled_at,
            required: standing.required,
            recovery_codes_left: standing.recovery_codes,
        }
    }
}

/// What setting a second factor up begins with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "correct horse battery staple" }))]
pub struct BeginSecondFactor {
    /// The account's password: a session that somebody left open is not enough.
    #[schema(max_length = 1024)]
    pub password: String,
}

/// What an authenticator is given; shown once.
#[derive(Serialize, ToSchema)]
pub struct NewSecondFactor {
    /// The secret in base32, to be typed.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// The same for a QR code that the authenticator scans.
    #[schema(
        example = "otpauth://totp/Masthead:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Masthead"
    )]
    pub uri: String,
}

/// A code of one's authenticator, or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "287082" }))]
pub struct SecondFactorCode {
    /// Six digits, or a recovery code where one is taken.
    #[schema(min_length = 1, max_length = 64)]
    pub code: String,
}

/// Codes that log in once each, instead of the authenticator; shown once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// All of them; those that there were before work no more.
    #[schema(min_items = 10, max_items = 10)]
    pub recovery_codes: Vec<String>,
}

data_of!(
    /// How a second factor stands.
    SecondFactorResponse,
    SecondFactor
);

/// A second factor that was begun.
#[derive(Serialize, ToSchema)]
pub struct NewSecondFactorResponse {
    /// What the authenticator is given.
    pub data: NewSecondFactor,
}

/// Recovery codes that were made.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodesResponse {
    /// The codes.
    pub data: RecoveryCodes,
}
