//! Mails: what asks for them, and what their links are good for.

use masthead_domain::use_cases::accounts::UserInput;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Role;

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org" }))]
pub struct RequestPasswordReset {
    /// The account's e-mail address.
    #[schema(max_length = 254, example = "ada@example.org")]
    pub email: String,
}

/// A password that is chosen with the token of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "mhl_9fKq2ZtV5mXw8RbN1cYd7GhJ4LsPaE6uT3oC0iDx1WvBn2", "password": "nanoseconds of wire, 30 cm"
}))]
pub struct ChoosePassword {
    /// What stands in the mail's link behind `=`.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
    /// The password that the account is to have.
    #[schema(min_length = 12, max_length = 1024)]
    pub password: String,
}

/// The token of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "mhl_9fKq2ZtV5mXw8RbN1cYd7GhJ4LsPaE6uT3oC0iDx1WvBn2" }))]
pub struct ConfirmEmail {
    /// What stands in the mail's link behind `=`.
    #[schema(min_length = 1, max_length = 200)]
    pub token: String,
}

/// Somebody who is invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "grace@example.org", "name": "Grace Hopper", "role": "author" }))]
pub struct CreateInvitation {
    /// Where the invitation is sent, and what they will log in with.
    #[schema(max_length = 254)]
    pub email: String,
    /// What others call them.
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The byline tied to the account.
    #[schema(format = Uuid)]
    pub author_id: Option<String>,
}

impl From<CreateInvitation> for UserInput {
    fn from(invitation: CreateInvitation) -> Self {
        Self {
            email: invitation.email,
            name: invitation.name,
            role: invitation.role.into(),
            author_id: invitation.author_id,
        }
    }
}
