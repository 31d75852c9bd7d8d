//! Accounts as admins get and write them.

use chrono::{DateTime, Utc};
use masthead_domain::account as domain;
use masthead_domain::account::UserSort;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::rights;
use masthead_domain::use_cases::accounts::{UserInput, UserPatch};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{clearable, etag};
use crate::delivery::sort_keys;
use crate::parameters::Count;
use crate::words::mirror;
use crate::{data_of, list_of};

mirror! {
    /// What an account is for.
    Role = rights::Role {
        Reader = "reader",
        Viewer = "viewer",
        Author = "author",
        Editor = "editor",
        Admin = "admin",
    }
}

/// Somebody who can log in.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// The account's id; never given again, not even after the account is gone.
    #[schema(format = Uuid)]
    pub id: String,
    /// What they log in with.
    pub email: String,
    /// What others call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The byline tied to the account.
    #[schema(required = true, format = Uuid)]
    pub author_id: Option<String>,
    /// When its owner showed that the address is theirs, by the link of a mail; null where they did not.
    #[schema(required = true)]
    pub email_verified_at: Option<DateTime<Utc>>,
    /// Since when it lets nobody in; null where it does.
    #[schema(required = true)]
    pub suspended_at: Option<DateTime<Utc>>,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            name: user.name,
            role: user.role.into(),
            author_id: user.author_id.map(|id| id.to_string()),
            email_verified_at: user.email_verified_at,
            suspended_at: user.suspended_at,
            revision: user.revision,
            etag: etag(user.id.uuid(), user.revision),
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "grace@example.org", "name": "Grace Hopper", "role": "author", "password": "nanoseconds of wire, 30 cm"
}))]
pub struct CreateUser {
    /// What they log in with.
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    /// What others call them.
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// What they may do; at most what you may do yourself.
    pub role: Role,
    /// Their first password, which they change when they have logged in.
    #[schema(min_length = 12, max_length = 1024)]
    pub password: String,
    /// The byline tied to the account.
    #[schema(format = Uuid)]
    pub author_id: Option<String>,
}

impl CreateUser {
    /// The account and its password.
    #[must_use]
    pub fn parts(self) -> (UserInput, String) {
        let input = UserInput {
            email: self.email,
            name: self.name,
            role: self.role.into(),
            author_id: self.author_id,
        };
        (input, self.password)
    }
}

/// A merge patch of an account: a missing key stays, null clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "editor" }))]
pub struct UpdateUser {
    /// What they log in with.
    #[schema(nullable = false, min_length = 3, max_length = 254)]
    pub email: Option<String>,
    /// What others call them.
    #[schema(nullable = false, min_length = 1, max_length = 300)]
    pub name: Option<String>,
    /// What they may do; another role ends their sessions.
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// The byline tied to the account.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub author_id: Option<Option<String>>,
}

impl From<UpdateUser> for UserPatch {
    fn from(patch: UpdateUser) -> Self {
        Self {
            email: patch.email,
            name: patch.name,
            role: patch.role.map(Into::into),
            author_id: patch.author_id,
        }
    }
}

/// Another password for somebody's account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "nanoseconds of wire, 30 cm" }))]
pub struct SetPassword {
    /// The password.
    #[schema(min_length = 12, max_length = 1024)]
    pub password: String,
}

sort_keys! {
    /// A key of a list of accounts; a minus turns it round.
    UserSortKey = UserSort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
        Email, EmailBackwards = Email, "email", "-email";
    }
}

/// The list of accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserListParameters {
    /// Only those with this role.
    pub role: Option<Role>,
    /// Keys in order of weight; `-created_at` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 2)]
    pub sort: Option<Vec<UserSortKey>>,
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
    /// One account.
    UserResponse,
    User
);
list_of!(
    /// A page of accounts.
    UserList,
    User
);
