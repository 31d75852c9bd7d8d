//! Who may do what: the one place that decides.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Refused, Result};
use crate::id::{AuthorId, KeyId, UserId};
use crate::workflow::Action;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in JSON, in the database and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads the word.
            pub fn parse(text: &str) -> std::result::Result<Self, $crate::error::Refused> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::error::Refused::new(
                        "unknown_value",
                        format!("`{text}` is not known here; use one of: {}.", [$($word),+].join(", ")),
                    )),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What an account is for.
    Role {
        /// A member of the public with an account and no rights in management.
        Reader = "reader",
        /// Reads management.
        Viewer = "viewer",
        /// Writes own articles and FAQs, and asks for review.
        Author = "author",
        /// Does everything to content.
        Editor = "editor",
        /// Also users, keys and settings.
        Admin = "admin",
    }
}

words! {
    /// What a caller may be allowed to do; the words are also the scopes of API keys.
    Permission {
        /// Read working copies, history and settings of content.
        ContentRead = "content:read",
        /// Read working copies in the delivery shapes.
        ContentPreview = "content:preview",
        /// Propose changes that an editor accepts or rejects.
        ArticlesPropose = "articles:propose",
        /// Write articles, sections, FAQs, tags and authors.
        ArticlesWrite = "articles:write",
        /// Publish, unpublish, schedule and archive.
        ArticlesPublish = "articles:publish",
        /// Take away for ever what is in the trash.
        TrashPurge = "trash:purge",
        /// Manage accounts.
        UsersManage = "users:manage",
        /// Manage API keys.
        KeysManage = "keys:manage",
        /// Change the site's settings.
        SettingsManage = "settings:manage",
        /// Read the audit log.
        AuditRead = "audit:read",
    }
}

impl Role {
    /// The permissions of each role.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission::{ArticlesPropose, ArticlesPublish, ArticlesWrite, ContentPreview, ContentRead};
        match self {
            Self::Reader => &[],
            Self::Viewer => &[ContentRead, ContentPreview],
            Self::Author => &[ContentRead, ContentPreview, ArticlesPropose, ArticlesWrite],
            Self::Editor => &[
                ContentRead,
                ContentPreview,
                ArticlesPropose,
                ArticlesWrite,
                ArticlesPublish,
            ],
            Self::Admin => Permission::ALL,
        }
    }
}

/// What the caller showed to be let in; kept with every revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Credential {
    /// An access token of a user.
    User(UserId),
    /// An API key.
    Key(KeyId),
    /// The command line of somebody who holds the database.
    CommandLine,
    /// The scheduler.
    Scheduler,
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::CommandLine => f.write_str("command_line"),
            Self::Scheduler => f.write_str("scheduler"),
        }
    }
}

impl Credential {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let known = match text.split_once(':') {
            Some(("user", id)) => UserId::parse(id).map(Self::User),
            Some(("key", id)) => KeyId::parse(id).map(Self::Key),
            _ if text == "command_line" => Some(Self::CommandLine),
            _ if text == "scheduler" => Some(Self::Scheduler),
            _ => None,
        };
        known.ok_or_else(|| Refused::new("unknown_value", format!("`{text}` names no credential.")))
    }
}

/// Whoever asks, with what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What let them in.
    pub credential: Credential,
    /// The account's role; `None` for keys and the command line.
    pub role: Option<Role>,
    /// The byline tied to the account.
    pub author: Option<AuthorId>,
    permissions: Vec<Permission>,
}

impl Actor {
    /// A user with what the role allows.
    #[must_use]
    pub fn user(id: UserId, role: Role, author: Option<AuthorId>) -> Self {
        Self {
            credential: Credential::User(id),
            role: Some(role),
            author,
            permissions: role.permissions().to_vec(),
        }
    }

    /// An API key with its scopes.
    #[must_use]
    pub fn key(id: KeyId, scopes: &[Permission]) -> Self {
        Self {
            credential: Credential::Key(id),
            role: None,
            author: None,
            permissions: scopes.to_vec(),
        }
    }

    /// Somebody who already holds the database, and may therefore do everything.
    #[must_use]
    pub fn command_line() -> Self {
        Self {
            credential: Credential::CommandLine,
            role: None,
            author: None,
            permissions: Permission::ALL.to_vec(),
        }
    }

    /// The scheduler, which carries out what an editor decided, and purges what has been in the trash long enough.
    #[must_use]
    pub fn scheduler() -> Self {
        let permissions = vec![
            Permission::ContentRead,
            Permission::ArticlesPublish,
            Permission::TrashPurge,
        ];
        Self {
            credential: Credential::Scheduler,
            role: None,
            author: None,
            permissions,
        }
    }

    /// What the caller may do.
    #[must_use]
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }

    /// Whether the caller may.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Refuses a caller who may not.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        Err(self.forbidden(
            permission,
            format!("This needs `{permission}`, which your credential does not have."),
        ))
    }

    /// The account that asks; refuses what is none.
    pub fn require_user(&self) -> Result<UserId> {
        match self.credential {
            Credential::User(id) => Ok(id),
            _ => Err(self.forbidden(
                Permission::UsersManage,
                "Only accounts have sessions and passwords; log in with an e-mail address.".to_owned(),
            )),
        }
    }

    /// Refuses a caller who would hand on what they do not have themselves.
    pub fn require_all(&self, permissions: &[Permission]) -> Result<()> {
        let missing = permissions.iter().find(|permission| !self.may(**permission));
        match missing {
            None => Ok(()),
            Some(permission) => Err(self.forbidden(
                *permission,
                format!(
                    "This would touch the right `{permission}`, which your credential does not have itself."
                ),
            )),
        }
    }

    /// Whether this caller writes only what is their own: people with the role `author`.
    #[must_use]
    pub fn writes_only_own(&self) -> bool {
        self.role == Some(Role::Author)
    }

    /// Refuses a caller who may not write a thing that `owner` created.
    pub fn require_write(&self, owner: Credential) -> Result<()> {
        self.require(Permission::ArticlesWrite)?;
        if !self.writes_only_own() || self.credential == owner {
            return Ok(());
        }
        let detail = "An author writes only what they created themselves; ask an editor.".to_owned();
        Err(self.forbidden(Permission::ArticlesWrite, detail))
    }

    /// What an act on an article needs; who may write may also ask for a review, and take up again what was put away.
    #[must_use]
    pub const fn needed(action: Action) -> Permission {
        match action {
            Action::Submit | Action::Reopen => Permission::ArticlesWrite,
            Action::Approve
            | Action::RequestChanges
            | Action::Schedule
            | Action::Unschedule
            | Action::Publish
            | Action::Unpublish
            | Action::Archive => Permission::ArticlesPublish,
        }
    }

    /// Refuses a caller who may not do this to an article that `owner` created.
    pub fn require_act(&self, action: Action, owner: Credential) -> Result<()> {
        match Self::needed(action) {
            Permission::ArticlesWrite => self.require_write(owner),
            needed => self.require(needed),
        }
    }

    /// Refuses a caller who may not change what will appear as it stands: a scheduled article is published without
    /// another look, so whoever may not publish does not change it.
    pub fn require_change_of_scheduled(&self) -> Result<()> {
        if self.may(Permission::ArticlesPublish) {
            return Ok(());
        }
        let detail = "The article is scheduled and will appear as it stands, so only those who may publish change it; \
                      ask an editor, who can also unschedule it.";
        Err(self.forbidden(Permission::ArticlesPublish, detail.to_owned()))
    }

    /// Refuses a caller who may not write what everybody shares: tags and authors.
    pub fn require_shared_write(&self) -> Result<()> {
        self.require(Permission::ArticlesWrite)?;
        if !self.writes_only_own() {
            return Ok(());
        }
        let detail = "Tags and authors are shared by all articles; an editor can change them.".to_owned();
        Err(self.forbidden(Permission::ArticlesWrite, detail))
    }

    /// Refuses a caller who may not read the working copy of an article by its id: whoever proposes changes of it has to
    /// see what they change, and finds none by themselves.
    pub fn require_article_read(&self) -> Result<()> {
        if self.may(Permission::ArticlesPropose) {
            return Ok(());
        }
        self.require(Permission::ContentRead)
    }

    /// Refuses a caller who may not read proposals: neither all of them nor own ones.
    pub fn require_proposals_read(&self) -> Result<()> {
        self.require_article_read()
    }

    /// Refuses a caller who would take back what somebody else proposed.
    pub fn require_own_proposal(&self, maker: Credential) -> Result<()> {
        self.require(Permission::ArticlesPropose)?;
        if self.credential == maker {
            return Ok(());
        }
        let detail = "Only whoever made a proposal withdraws it; reject it instead.".to_owned();
        Err(self.forbidden(Permission::ArticlesPropose, detail))
    }

    /// Whether the caller reads what everybody says in notes, and not only the threads it began.
    #[must_use]
    pub fn reads_all_notes(&self) -> bool {
        self.may(Permission::ContentRead)
    }

    /// Refuses a caller who may not read notes: neither all of them nor own ones.
    pub fn require_notes_read(&self) -> Result<()> {
        if self.may_write_notes() {
            return Ok(());
        }
        self.require(Permission::ContentRead)
    }

    /// Refuses a caller who may not write notes: whoever writes or proposes may.
    pub fn require_notes_write(&self) -> Result<()> {
        if self.may_write_notes() {
            return Ok(());
        }
        self.require(Permission::ArticlesPropose)
    }

    fn may_write_notes(&self) -> bool {
        self.may(Permission::ArticlesPropose) || self.may(Permission::ArticlesWrite)
    }

    /// Refuses a caller who would put other words into the mouth of whoever wrote a note.
    pub fn require_own_note(&self, writer: Credential) -> Result<()> {
        self.require_notes_write()?;
        if self.credential == writer {
            return Ok(());
        }
        let detail = "Only whoever wrote a note changes its text; reply to it instead.".to_owned();
        Err(self.forbidden(Permission::ArticlesPropose, detail))
    }

    /// Refuses a caller who may not take a note away: their own, and `others` say more about it, or somebody else's.
    pub fn require_note_deletion(&self, writer: Credential, others: bool) -> Result<()> {
        self.require_notes_write()?;
        if self.may(Permission::ArticlesPublish) || (self.credential == writer && !others) {
            return Ok(());
        }
        let detail = if others {
            "Others have replied, and their words would go as well: resolve the thread, or ask an editor to delete it."
        } else {
            "Only whoever wrote a note deletes it, or an editor."
        };
        Err(self.forbidden(Permission::ArticlesPublish, detail.to_owned()))
    }

    /// The account whose mentions are asked for; a key is mentioned by nobody.
    pub fn require_mentionable(&self) -> Result<UserId> {
        match self.credential {
            Credential::User(id) => Ok(id),
            _ => Err(self.forbidden(
                Permission::ContentRead,
                "Notes mention accounts, and this is none; leave `mentions` out.".to_owned(),
            )),
        }
    }

    #[expect(clippy::unused_self, reason = "reads as what the caller is told")]
    fn forbidden(&self, permission: Permission, detail: String) -> Error {
        Error::Forbidden { permission, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn user(n: u128, role: Role) -> Actor {
        Actor::user(UserId::from_uuid(Uuid::from_u128(n)), role, None)
    }

    #[test]
    fn each_role_has_what_the_one_before_has() {
        for pair in Role::ALL.windows(2) {
            for permission in pair[0].permissions() {
                assert!(
                    pair[1].permissions().contains(permission),
                    "{} lacks {permission}",
                    pair[1]
                );
            }
        }
    }

    #[test]
    fn an_author_writes_own_things_and_publishes_nothing() {
        let ada = user(1, Role::Author);
        assert!(ada.require_write(ada.credential).is_ok());
        assert!(ada.require_write(user(2, Role::Author).credential).is_err());
        assert!(ada.require_shared_write().is_err());
        assert!(!ada.may(Permission::ArticlesPublish));
        assert!(user(3, Role::Editor).require_write(ada.credential).is_ok());
    }

    #[test]
    fn each_role_may_do_what_the_table_says_to_an_article() {
        let own = user(1, Role::Author).credential;
        let other = user(2, Role::Author).credential;
        for (role, on_own, on_other) in [
            (Role::Reader, &[][..], &[][..]),
            (Role::Viewer, &[], &[]),
            (Role::Author, &[Action::Submit, Action::Reopen], &[]),
            (Role::Editor, Action::ALL, Action::ALL),
            (Role::Admin, Action::ALL, Action::ALL),
        ] {
            for action in Action::ALL {
                let may = |owner| user(1, role).require_act(*action, owner).is_ok();
                assert_eq!(
                    may(own),
                    on_own.contains(action),
                    "{role} and an own article: {action}"
                );
                assert_eq!(
                    may(other),
                    on_other.contains(action),
                    "{role} and another's article: {action}"
                );
            }
        }
    }

    #[test]
    fn whoever_works_on_content_writes_notes_and_editors_take_away_those_of_others() {
        let key = |scopes: &[Permission]| Actor::key(KeyId::from_uuid(Uuid::from_u128(9)), scopes);
        let contributor = key(&[Permission::ArticlesPropose]);
        assert!(contributor.require_notes_write().is_ok() && !contributor.reads_all_notes());
        assert!(key(&[Permission::ContentPreview]).require_notes_read().is_err());
        let viewer = user(1, Role::Viewer);
        assert!(viewer.require_notes_read().is_ok() && viewer.require_notes_write().is_err());
        let (ada, bob, editor) = (
            user(2, Role::Author),
            user(3, Role::Author),
            user(4, Role::Editor),
        );
        assert!(ada.require_own_note(ada.credential).is_ok());
        assert!(editor.require_own_note(ada.credential).is_err());
        assert!(ada.require_note_deletion(ada.credential, false).is_ok());
        assert!(ada.require_note_deletion(ada.credential, true).is_err());
        assert!(bob.require_note_deletion(ada.credential, false).is_err());
        assert!(editor.require_note_deletion(ada.credential, true).is_ok());
    }

    #[test]
    fn a_credential_reads_back_what_it_wrote() {
        for credential in [
            Credential::CommandLine,
            Credential::Scheduler,
            Credential::User(UserId::from_uuid(Uuid::from_u128(5))),
            Credential::Key(KeyId::from_uuid(Uuid::from_u128(6))),
        ] {
            assert_eq!(Credential::parse(&credential.to_string()).unwrap(), credential);
        }
    }
}
