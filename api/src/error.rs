//! From what went wrong to what a client is told: one exhaustive match.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use masthead_domain::change::{cache_tag, list_tag};
use masthead_domain::error::{Error, Resource, Since, StorageError, UsedIn as Used, Violations};
use masthead_domain::preflight::{Finding, Severity};
use masthead_openapi::problem::{GoneDetails, Problem, ProblemCode, ProblemError, UsedIn};

use crate::limits;

/// An answer that is an error. The request's id is filled in where the answer leaves the house.
pub struct ApiError(pub Box<Problem>);

impl ApiError {
    /// An error of this code.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    /// The same with everything that is wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<ProblemError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Nothing is at this address.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ProblemCode::NotFound, "There is nothing at this address.")
    }

    /// Trying again soon may work.
    #[must_use]
    pub fn unavailable() -> Self {
        let detail =
            "The service cannot reach its database, or is too busy. Nothing was changed; try again soon.";
        Self::new(ProblemCode::Unavailable, detail)
    }

    /// Something broke; the cause is logged here and told to nobody.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        let detail = "Something broke on our side. It was logged under the request id.";
        Self::new(ProblemCode::InternalError, detail)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiError({}: {})", self.0.code.as_str(), self.0.detail)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        if self.0.status == 503 {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        if let Some(seconds) = self.0.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some((policy, state)) = &self.0.rate_limit {
            for (name, text) in [(limits::POLICY, policy), (limits::STATE, state)] {
                if let Ok(value) = HeaderValue::from_str(text) {
                    response.headers_mut().insert(name, value);
                }
            }
        }
        if self.0.status == 401 {
            let challenge = match self.0.code {
                ProblemCode::InvalidToken => r#"Bearer realm="masthead", error="invalid_token""#,
                _ => r#"Bearer realm="masthead""#,
            };
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        // The body is written where the request's id is known.
        response.extensions_mut().insert(self.0.clone());
        response
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        use ProblemCode as C;
        let detail = error.to_string();
        match error {
            Error::NotFound { .. } => Self::new(C::NotFound, detail),
            Error::Gone { gone, .. } => {
                let mut this = Self::new(C::Gone, detail);
                this.0.gone = Some(GoneDetails {
                    reason: gone.reason.to_string(),
                    at: gone.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
                });
                this.0.cache_tags = vec![cache_tag(gone.kind, gone.id), list_tag(gone.kind).to_owned()];
                this
            }
            Error::Invalid(violations) => invalid(violations),
            Error::Forbidden { .. } => Self::new(C::Forbidden, detail),
            Error::Preflight(findings) => preflight_failed(detail, findings),
            Error::NotOpen(_) => Self::new(C::NotOpen, detail),
            Error::Conflicting(conflicts) => {
                let mut this = Self::new(C::ConflictingOperations, detail);
                this.0.conflicts = Some(conflicts.into_iter().map(Into::into).collect());
                this
            }
            Error::TooOften { retry_after, .. } => {
                let mut this = Self::new(C::TooManyRequests, detail);
                this.0.retry_after = Some(retry_after);
                this
            }
            Error::LastAdmin => Self::new(C::LastAdmin, detail),
            Error::AlreadyExists {
                within, field, free, ..
            } => {
                let hint = free
                    .as_ref()
                    .map_or_else(String::new, |free| format!(" `{free}` is free."));
                let mut this = Self::new(C::AlreadyExists, format!("{detail}{hint}"));
                this.0.errors = vec![ProblemError::at(
                    format!("{within}/{field}"),
                    "taken",
                    this.0.detail.clone(),
                )];
                this.0.free = free;
                this
            }
            Error::SlugTaken { free, .. } => {
                let advice = free
                    .as_ref()
                    .map_or_else(String::new, |free| format!(" `{free}` is free."));
                let mut this = Self::new(C::SlugTaken, format!("{detail}{advice}"));
                let message = this.0.detail.clone();
                this.0.errors = vec![ProblemError::at("/slug", "taken", message)];
                this.0.free = free;
                this
            }
            Error::Exists {
                resource: Resource::Section,
                ..
            } => Self::new(C::AlreadyExists, detail),
            Error::Exists { .. } => Self::new(
                C::PreconditionFailed,
                format!("{detail} `If-None-Match: *` only creates."),
            ),
            Error::IllegalTransition { allowed, .. } => {
                let allowed: Vec<_> = allowed.iter().map(|action| action.as_str().to_owned()).collect();
                let mut this = Self::new(
                    C::IllegalTransition,
                    format!("{detail} Allowed: {}.", named(&allowed)),
                );
                this.0.allowed = Some(allowed);
                this
            }
            Error::InUse { used_in, total, .. } => {
                let mut this = Self::new(C::InUse, format!("{detail} Take it out of them first."));
                this.0.used_in = Some(used_in.into_iter().map(place).collect());
                this.0.used_in_total = Some(total);
                this
            }
            Error::TooMany { .. } => Self::new(C::LimitReached, detail),
            Error::TooManyUses { .. } => Self::new(
                C::TooManyUses,
                format!("{detail} Take it out of some of them first."),
            ),
            Error::Stale {
                resource,
                current,
                since,
                ..
            } => stale(&detail, resource, current, since),
            Error::Storage(StorageError::Unavailable(cause)) => {
                tracing::warn!(%cause, "the database is not available");
                Self::unavailable()
            }
            Error::Storage(error) => Self::internal(chain(&error)),
        }
    }
}

/// What keeps a working copy from readers, beside all else that was found.
fn preflight_failed(detail: String, findings: Vec<Finding>) -> ApiError {
    let mut this = ApiError::new(ProblemCode::PreflightFailed, detail);
    let errors = findings.iter().filter(|found| found.severity == Severity::Error);
    this.0.errors = errors
        .map(|found| ProblemError::at(&found.pointer, found.check.as_str(), &found.message))
        .collect();
    this.0.checks = Some(findings.into_iter().map(Into::into).collect());
    this
}

/// What a client with an older revision would undo, and what it can do about it.
fn stale(detail: &str, resource: Resource, current: u32, since: Option<Box<Since>>) -> ApiError {
    let count = since
        .as_ref()
        .and_then(|since| since.conflicts.as_ref())
        .map(Vec::len);
    let found = match count {
        None => "What you have seen cannot be compared with it.",
        Some(0) => "Nothing that you write was changed since.",
        Some(_) => "`conflicts` shows what you write and somebody changed since; all else goes together.",
    };
    let advice = match resource {
        Resource::Article => {
            "Merge your version with `POST …/merge`, or read it again, and send your change with the new ETag."
        }
        _ => "Read it again, and send your change with the new ETag.",
    };
    let mut this = ApiError::new(ProblemCode::StaleRevision, format!("{detail} {found} {advice}"));
    this.0.current_revision = Some(current);
    if let Some(since) = since {
        this.0.base_revision = since.base;
        this.0.changed_by = since.by.map(|by| by.to_string());
        this.0.changed_at = Some(since.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
        let conflicts = since.conflicts;
        this.0.conflicts = conflicts.map(|found| found.into_iter().map(Into::into).collect());
    }
    this
}

fn named(words: &[String]) -> String {
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

fn invalid(violations: Violations) -> ApiError {
    let errors: Vec<_> = violations
        .0
        .into_iter()
        .map(|v| ProblemError::at(v.pointer, v.code, v.message))
        .collect();
    validation(errors)
}

/// A body that is understood and not valid; one that only holds unknown fields says so in its code.
pub fn validation(errors: Vec<ProblemError>) -> ApiError {
    let only_unknown = !errors.is_empty() && errors.iter().all(|error| error.code == "unknown_field");
    let code = if only_unknown {
        ProblemCode::UnknownField
    } else {
        ProblemCode::ValidationFailed
    };
    let detail = match errors.as_slice() {
        [one] => one.message.clone(),
        many => format!(
            "{} things in the body are wrong; `errors` lists them all. Nothing was changed.",
            many.len()
        ),
    };
    ApiError::new(code, detail).with_errors(errors)
}

fn place(used: Used) -> UsedIn {
    match used {
        Used::Article(id, title) => UsedIn {
            kind: "article".to_owned(),
            id: id.to_string(),
            title,
        },
        Used::Faq(id, title) => UsedIn {
            kind: "faq".to_owned(),
            id: id.to_string(),
            title,
        },
    }
}

/// An error with everything that caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
