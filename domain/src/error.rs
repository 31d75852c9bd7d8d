//! What can go wrong: few variants, each one that some caller treats differently.

use std::fmt;

use crate::article::{Review, Status};
use crate::clock::Instant;
use crate::history::Conflict;
use crate::id::{ArticleId, FaqId};
use crate::preflight::{Finding, Severity};
use crate::redirect::Gone;
use crate::rights::{Credential, Permission};
use crate::workflow::Action;

/// The result of everything that decides or stores.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Kinds of things that errors and changes speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// An article or page.
    Article,
    /// A section of an article.
    Section,
    /// A FAQ.
    Faq,
    /// A tag.
    Tag,
    /// An author.
    Author,
    /// An account.
    User,
    /// An API key.
    Key,
    /// A login on one device.
    Session,
    /// An old slug that leads to a thing.
    Redirect,
    /// A part of the map of the site.
    Sitemap,
    /// A state that a working copy had.
    Revision,
    /// Something that is set for the whole site.
    Setting,
    /// Something that was deleted and can come back.
    Trashed,
    /// A link that opens one working copy.
    PreviewLink,
    /// What editors say to one another about a text.
    Note,
    /// A note with its replies.
    Thread,
    /// What somebody suggests of an article.
    Proposal,
    /// Things that are published together.
    Release,
    /// What an account shows beside its password.
    SecondFactor,
}

impl Resource {
    /// The word for it, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Section => "section",
            Self::Faq => "FAQ",
            Self::Tag => "tag",
            Self::Author => "author",
            Self::User => "user",
            Self::Key => "API key",
            Self::Session => "session",
            Self::Redirect => "redirect",
            Self::Sitemap => "sitemap",
            Self::Revision => "revision",
            Self::Setting => "setting",
            Self::Trashed => "thing in the trash",
            Self::PreviewLink => "preview link",
            Self::Note => "note",
            Self::Thread => "thread of notes",
            Self::Proposal => "proposal",
            Self::Release => "release",
            Self::SecondFactor => "second factor of account",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that is wrong with an input, with the place it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) into the body.
    pub pointer: String,
    /// Stable word for machines.
    pub code: &'static str,
    /// What was found, what was expected and what to do.
    pub message: String,
}

/// Everything that is wrong with an input, gathered before anything is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(pub Vec<Violation>);

impl Violations {
    /// Notes one.
    pub fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(Violation {
            pointer: pointer.into(),
            code,
            message: message.into(),
        });
    }

    /// Notes what a parser refused, and goes on without a value.
    pub fn take<T>(&mut self, pointer: &str, parsed: Result<T, Refused>) -> Option<T> {
        parsed
            .map_err(|refused| self.add(pointer, refused.code, refused.message))
            .ok()
    }

    /// Takes over the violations of a part that stands at `prefix`; any other error is returned.
    pub fn within<T>(&mut self, prefix: &str, part: Result<T>) -> Result<Option<T>> {
        match part {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(Self(found))) => {
                self.0.extend(found.into_iter().map(|violation| Violation {
                    pointer: format!("{prefix}{}", violation.pointer),
                    ..violation
                }));
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// `Ok` when nothing was noted.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self))
        }
    }
}

/// Why a newtype refused a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// Stable word for machines.
    pub code: &'static str,
    /// What was found, what was expected and what to do.
    pub message: String,
}

impl Refused {
    /// A refusal with its code and message.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// As the only violation of an input.
    #[must_use]
    pub fn at(self, pointer: &str) -> Error {
        let mut violations = Violations::default();
        violations.add(pointer, self.code, self.message);
        Error::Invalid(violations)
    }
}

/// A thing that uses another, which can therefore not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsedIn {
    /// An article or page, with its title.
    Article(ArticleId, String),
    /// A FAQ, with its question.
    Faq(FaqId, String),
}

/// What is known of the changes that a client with an older revision has not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The revision that the client has seen; `None` when it named none that there was.
    pub base: Option<u32>,
    /// Through which credential the last change was made.
    pub by: Option<Credential>,
    /// When.
    pub at: Instant,
    /// What both changed, and not to the same; `None` where that cannot be told.
    pub conflicts: Option<Vec<Conflict>>,
}

/// A failure below the domain.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database cannot be reached or is too busy; trying again later may work.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A row that the model refuses; names table, column and id.
    #[error("corrupt row in {table}.{column} of {id}: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        id: String,
        /// What was found.
        reason: String,
    },
    /// Anything else the database said.
    #[error("{context}")]
    Database {
        /// What was being done.
        context: String,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why a use case did not happen; nothing was changed when one is returned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not the caller's to know.
    #[error("There is no {resource} {id}.")]
    NotFound {
        /// What was looked for.
        resource: Resource,
        /// Its id or slug, as given.
        id: String,
    },
    /// Readers saw it once, and it was taken away on purpose.
    #[error("The {resource} {name} is gone: it was {} at {}.", .gone.reason, .gone.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))]
    Gone {
        /// What was looked for.
        resource: Resource,
        /// Its id or slug, as given.
        name: String,
        /// What is known of it.
        gone: Box<Gone>,
    },
    /// A value that must be unique is taken.
    #[error("The {field} `{value}` is taken by another {resource}.")]
    AlreadyExists {
        /// What holds the value.
        resource: Resource,
        /// JSON Pointer to the thing in the input that the field belongs to; empty for the input itself.
        within: String,
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
        /// A value that is free, where one could be found.
        free: Option<String>,
    },
    /// The slug under which a thing would come back is another's by now.
    #[error("The slug `{slug}` is taken by another {resource} by now.")]
    SlugTaken {
        /// What holds it.
        resource: Resource,
        /// The slug.
        slug: String,
        /// One that is free, where one could be found.
        free: Option<String>,
    },
    /// The input is understood and not valid.
    #[error("{} in the input", violations(.0))]
    Invalid(Violations),
    /// The caller is known and may not do this.
    #[error("{detail}")]
    Forbidden {
        /// The permission that was missing.
        permission: Permission,
        /// What was asked for, and what would be needed.
        detail: String,
    },
    /// The state does not allow this act.
    #[error("`{}` is not possible while the status is `{}`{}.", .action.as_str(), .from.as_str(), and_review(*.review))]
    IllegalTransition {
        /// The state it is in.
        from: Status,
        /// Where it stands with its editors, for things that have a review.
        review: Option<Review>,
        /// What was asked for.
        action: Action,
        /// What this state allows.
        allowed: Vec<Action>,
    },
    /// Something else still uses it.
    #[error("The {resource} is used in {total} places and was not deleted.")]
    InUse {
        /// What was to be deleted.
        resource: Resource,
        /// Some of the places, at most a hundred.
        used_in: Vec<UsedIn>,
        /// How many there are.
        total: u64,
    },
    /// More things use it than one transaction changes.
    #[error(
        "The {resource} is used in {total} places; at most {limit} are changed at once. Nothing was changed."
    )]
    TooManyUses {
        /// What is used.
        resource: Resource,
        /// How many places there are.
        total: u64,
        /// How many are changed at once.
        limit: u32,
    },
    /// There are as many as there can be at once.
    #[error("There are {limit} of them already, and no {resource} more can be made here.")]
    TooMany {
        /// What was to be made.
        resource: Resource,
        /// How many there can be.
        limit: u32,
    },
    /// The client holds an older revision.
    #[error("The {resource} has revision {current} by now.")]
    Stale {
        /// What was to be changed.
        resource: Resource,
        /// Its id.
        id: String,
        /// The revision it has.
        current: u32,
        /// What is known of the changes that the client has not seen.
        since: Option<Box<Since>>,
    },
    /// A creation with a chosen id met a thing that is there.
    #[error("The {resource} {id} is there already.")]
    Exists {
        /// What was to be created.
        resource: Resource,
        /// Its id.
        id: String,
    },
    /// What was to be published is not fit for it; errors first.
    #[error("{} of the checks before publishing found something that has to be put right first.", errors(.0))]
    Preflight(Vec<Finding>),
    /// What was proposed is not open to this: decided, taken back, or of an article in a state that does not take it. Says
    /// why, and what to do.
    #[error("{0}")]
    NotOpen(String),
    /// What was proposed does not go together with what is there by now.
    #[error("{} of what was proposed was changed since to something else; nothing was changed.", places(.0))]
    Conflicting(Vec<Conflict>),
    /// The caller does this too often.
    #[error("{detail}")]
    TooOften {
        /// The limit.
        detail: String,
        /// Seconds after which it may work.
        retry_after: u32,
    },
    /// The account is the last that can make others what they are.
    #[error(
        "This is the last admin who can log in; nothing was changed. Make another account an admin first."
    )]
    LastAdmin,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn errors(findings: &[Finding]) -> usize {
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors.count()
}

impl Error {
    /// Whether the same may work when it is tried again: the store failed, and not what was asked of it.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Storage(StorageError::Unavailable(_) | StorageError::Database { .. })
        )
    }

    /// Shorthand for [`Error::NotFound`].
    pub fn not_found(resource: Resource, id: impl ToString) -> Self {
        Self::NotFound {
            resource,
            id: id.to_string(),
        }
    }

    /// The same for a part of an input that stands at `prefix`: pointers begin there.
    #[must_use]
    pub fn within(self, prefix: &str) -> Self {
        match self {
            Self::AlreadyExists {
                resource,
                within,
                field,
                value,
                free,
            } => Self::AlreadyExists {
                resource,
                within: format!("{prefix}{within}"),
                field,
                value,
                free,
            },
            other => other,
        }
    }
}

fn places(conflicts: &[Conflict]) -> String {
    match conflicts.len() {
        1 => "One place".to_owned(),
        many => format!("{many} places"),
    }
}

fn and_review(review: Option<Review>) -> String {
    review.map_or_else(String::new, |review| format!(" and the review is `{review}`"))
}

fn violations(violations: &Violations) -> String {
    match violations.0.as_slice() {
        [one] => format!("{} ({})", one.message, one.pointer),
        many => format!("{} violations", many.len()),
    }
}
