//! What a database says, sorted by what the caller can do about it.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as QueryError};
use masthead_domain::error::{Error, Resource, StorageError};

/// The unique indexes: name on PostgreSQL, columns as SQLite lists them, what they keep apart, and the field
/// whose value is taken; without a field it is the thing itself that is there already.
const UNIQUE: &[(&str, &str, Resource, Option<&str>)] = &[
    (
        "articles_slug",
        "articles.locale, articles.slug",
        Resource::Article,
        Some("slug"),
    ),
    (
        "articles_story",
        "articles.story_id, articles.locale",
        Resource::Article,
        Some("locale"),
    ),
    (
        "published_articles_slug",
        "published_articles.slug, published_articles.locale",
        Resource::Article,
        Some("slug"),
    ),
    ("faqs_slug", "faqs.locale, faqs.slug", Resource::Faq, Some("slug")),
    (
        "published_faqs_slug",
        "published_faqs.slug, published_faqs.locale",
        Resource::Faq,
        Some("slug"),
    ),
    ("tags_slug", "tags.slug", Resource::Tag, Some("slug")),
    (
        "published_tags_slug",
        "published_tags.slug",
        Resource::Tag,
        Some("slug"),
    ),
    ("authors_slug", "authors.slug", Resource::Author, Some("slug")),
    (
        "published_authors_slug",
        "published_authors.slug",
        Resource::Author,
        Some("slug"),
    ),
    (
        "published_redirects_slug",
        "published_redirects.resource, published_redirects.slug, published_redirects.locale",
        Resource::Redirect,
        Some("slug"),
    ),
    ("users_email", "users.email", Resource::User, Some("email")),
    ("api_keys_digest", "api_keys.digest", Resource::Key, None),
    (
        "preview_links_digest",
        "preview_links.digest",
        Resource::PreviewLink,
        None,
    ),
    ("articles_pkey", "articles.id", Resource::Article, None),
    ("sections_pkey", "sections.id", Resource::Section, None),
    ("faqs_pkey", "faqs.id", Resource::Faq, None),
    ("tags_pkey", "tags.id", Resource::Tag, None),
    ("authors_pkey", "authors.id", Resource::Author, None),
    ("users_pkey", "users.id", Resource::User, None),
    ("api_keys_pkey", "api_keys.id", Resource::Key, None),
    (
        "preview_links_pkey",
        "preview_links.id",
        Resource::PreviewLink,
        None,
    ),
    ("releases_pkey", "releases.id", Resource::Release, None),
];

/// What SQLite says when it is its surroundings that fail, and not the query.
const SQLITE_UNAVAILABLE: &[&str] = &[
    "database or disk is full",
    "disk I/O error",
    "attempt to write a readonly database",
    "unable to open database file",
    "out of memory",
];

/// What PostgreSQL says when it stops, starts, or takes nobody in; diesel hands on no SQLSTATE.
const POSTGRES_UNAVAILABLE: &[&str] = &[
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots are reserved",
    "too many connections",
    "canceling statement due to",
    "cannot execute INSERT in a read-only transaction",
    "could not extend file",
    "No space left on device",
];

/// Why a query, or the making of a model from its rows, did not work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database said no.
    Query(QueryError),
    /// The domain's own error.
    Domain(Error),
    /// What the transaction saw changed under it; the use case decides again on what is there now.
    Moved(&'static str),
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Domain(error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}

/// What to do about a failed transaction that can be run once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// The engine could not order it among others: a few times more.
    Contended,
    /// It met what another transaction wrote: once more, so that its own checks see that.
    Once,
}

/// Stands as the source of a storage error until the transaction ends, and says whether to run it again.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct Retryable {
    pub(crate) again: Again,
    reason: String,
    /// What the caller is told in the end.
    settled: Box<Error>,
}

impl Retryable {
    fn wrap(again: Again, context: &str, reason: String, settled: Error) -> Error {
        let source = Box::new(Self {
            again,
            reason,
            settled: Box::new(settled),
        });
        StorageError::Database {
            context: context.to_owned(),
            source,
        }
        .into()
    }

    /// Whether a failed transaction can be run again.
    pub(crate) fn of(error: &Error) -> Option<Again> {
        match error {
            Error::Storage(StorageError::Database { source, .. }) => {
                source.downcast_ref::<Self>().map(|it| it.again)
            }
            _ => None,
        }
    }

    /// What the caller is told when it was run often enough.
    pub(crate) fn settle(error: Error) -> Error {
        match error {
            Error::Storage(StorageError::Database { context, source }) => match source.downcast::<Self>() {
                Ok(retryable) => *retryable.settled,
                Err(source) => StorageError::Database { context, source }.into(),
            },
            other => other,
        }
    }
}

/// Whose row it is: the id and the value of its unique field, for what is said when they are taken.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) id: Option<uuid::Uuid>,
    pub(crate) value: &'a str,
}

/// The one mapping of a failure while reading.
pub(crate) fn during(context: &'static str) -> impl FnOnce(Failure) -> Error {
    move |failure| explain(failure, context, Subject::default())
}

/// The one mapping of a failure while writing a thing with an id and perhaps a unique value.
pub(crate) fn during_write(
    context: &'static str,
    id: uuid::Uuid,
    value: &str,
) -> impl FnOnce(Failure) -> Error {
    let subject = Subject { id: Some(id), value };
    move |failure| explain(failure, context, subject)
}

fn explain(failure: Failure, context: &str, subject: Subject<'_>) -> Error {
    match failure {
        Failure::Domain(error) => error,
        Failure::Query(error) => query_error(error, context, subject),
        Failure::Moved(reason) => {
            let settled = StorageError::Database {
                context: context.to_owned(),
                source: reason.into(),
            };
            Retryable::wrap(Again::Once, context, reason.to_owned(), settled.into())
        }
    }
}

/// Sorts what the database said.
pub(crate) fn query_error(error: QueryError, context: &str, subject: Subject<'_>) -> Error {
    let QueryError::DatabaseError(kind, information) = &error else {
        return StorageError::Database {
            context: context.to_owned(),
            source: Box::new(error),
        }
        .into();
    };
    let message = information.message().to_owned();
    match kind {
        DatabaseErrorKind::UniqueViolation => {
            let settled = taken(information.as_ref(), subject);
            let settled = settled.unwrap_or_else(|| database(context, error));
            Retryable::wrap(Again::Once, context, message, settled)
        }
        DatabaseErrorKind::ForeignKeyViolation => {
            Retryable::wrap(Again::Once, context, message, database(context, error))
        }
        _ if is_contended(*kind, &message) => {
            let settled = StorageError::Unavailable(format!("{context}: {message}"));
            Retryable::wrap(Again::Contended, context, message, settled.into())
        }
        _ if is_unavailable(*kind, &message) => {
            StorageError::Unavailable(format!("{context}: {message}")).into()
        }
        _ => database(context, error),
    }
}

fn database(context: &str, error: QueryError) -> Error {
    StorageError::Database {
        context: context.to_owned(),
        source: Box::new(error),
    }
    .into()
}

fn is_contended(kind: DatabaseErrorKind, message: &str) -> bool {
    matches!(kind, DatabaseErrorKind::SerializationFailure)
        || message.starts_with("deadlock detected")
        || message.starts_with("database is locked")
        || message.starts_with("database table is locked")
}

fn is_unavailable(kind: DatabaseErrorKind, message: &str) -> bool {
    matches!(
        kind,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection
    ) || SQLITE_UNAVAILABLE.iter().any(|known| message.starts_with(known))
        || POSTGRES_UNAVAILABLE.iter().any(|known| message.contains(known))
}

/// What a violated unique index means.
fn taken(information: &dyn DatabaseErrorInformation, subject: Subject<'_>) -> Option<Error> {
    let columns = information.message().strip_prefix("UNIQUE constraint failed: ");
    let (_, _, resource, field) = UNIQUE.iter().find(|(index, listed, ..)| {
        information.constraint_name() == Some(index) || columns == Some(listed)
    })?;
    Some(match field {
        Some(field) => Error::AlreadyExists {
            resource: *resource,
            within: String::new(),
            field,
            value: subject.value.to_owned(),
            free: None,
        },
        None => Error::Exists {
            resource: *resource,
            id: subject.id.unwrap_or_default().to_string(),
        },
    })
}

/// Turns away for want of a connection.
pub(crate) fn unavailable(reason: impl Into<String>) -> Error {
    StorageError::Unavailable(reason.into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: DatabaseErrorKind, message: &str) -> QueryError {
        QueryError::DatabaseError(kind, Box::new(message.to_owned()))
    }

    #[test]
    fn a_taken_slug_is_said_after_one_more_try() {
        let message = "UNIQUE constraint failed: articles.locale, articles.slug";
        let subject = Subject {
            id: None,
            value: "tides",
        };
        let error = query_error(
            said(DatabaseErrorKind::UniqueViolation, message),
            "adding",
            subject,
        );
        assert_eq!(Retryable::of(&error), Some(Again::Once));
        let settled = Retryable::settle(error);
        assert!(matches!(settled, Error::AlreadyExists { field: "slug", value, .. } if value == "tides"));
    }

    #[test]
    fn a_taken_id_says_that_the_thing_is_there() {
        let subject = Subject {
            id: Some(uuid::Uuid::from_u128(3)),
            value: "",
        };
        let error = query_error(
            said(
                DatabaseErrorKind::UniqueViolation,
                "UNIQUE constraint failed: faqs.id",
            ),
            "adding",
            subject,
        );
        assert!(matches!(
            Retryable::settle(error),
            Error::Exists {
                resource: Resource::Faq,
                ..
            }
        ));
    }

    #[test]
    fn trouble_around_the_database_is_unavailability() {
        for message in [
            "database or disk is full",
            "terminating connection due to administrator command",
        ] {
            let error = query_error(
                said(DatabaseErrorKind::Unknown, message),
                "reading",
                Subject::default(),
            );
            assert!(
                matches!(error, Error::Storage(StorageError::Unavailable(_))),
                "{message}"
            );
        }
        let error = query_error(
            said(DatabaseErrorKind::Unknown, "no such table: x"),
            "reading",
            Subject::default(),
        );
        assert!(matches!(error, Error::Storage(StorageError::Database { .. })));
    }

    #[test]
    fn a_locked_database_and_a_deadlock_are_tried_again() {
        for message in ["database is locked", "deadlock detected"] {
            let error = query_error(
                said(DatabaseErrorKind::Unknown, message),
                "writing",
                Subject::default(),
            );
            assert_eq!(Retryable::of(&error), Some(Again::Contended));
            assert!(matches!(
                Retryable::settle(error),
                Error::Storage(StorageError::Unavailable(_))
            ));
        }
    }
}
