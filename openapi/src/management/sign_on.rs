//! Single sign-on: what a login at the provider begins and ends with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A login at the provider that was begun.
#[derive(Serialize, ToSchema)]
pub struct BegunSignOn {
    /// Where to send the browser.
    #[schema(example = "https://login.example.org/authorize?response_type=code&client_id=masthead&state=…")]
    pub authorization_url: String,
    /// What the provider sends back beside its code.
    pub state: String,
    /// To be kept where only this browser finds it, such as `sessionStorage`, and shown when the login is finished.
    pub binding: String,
    /// When it is too late to finish.
    pub expires_at: DateTime<Utc>,
}

/// A login at the provider that was begun.
#[derive(Serialize, ToSchema)]
pub struct BegunSignOnResponse {
    /// Where to go.
    pub data: BegunSignOn,
}

/// What the provider sent back, and what proves that the login was begun here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "SplxlOBeZQQYbYS6WxSbIA", "state": "af0ifjsldkj", "binding": "n-0S6_WzA2Mj"
}))]
pub struct FinishSignOn {
    /// `code` of the address that the browser was sent back to.
    #[schema(min_length = 1, max_length = 4096)]
    pub code: String,
    /// `state` of that address.
    #[schema(min_length = 1, max_length = 200)]
    pub state: String,
    /// What beginning answered.
    #[schema(min_length = 1, max_length = 200)]
    pub binding: String,
}
