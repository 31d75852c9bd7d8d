//! Problems (RFC 9457): the one catalogue of codes, and the body of every answer that is an error.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use masthead_domain::preflight::{self as domain, Finding};

use crate::words::mirror;

macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident = $code:tt, $status:tt, $title:tt, $advice:tt;)+) => {
        /// The stable word for machines; each has a page under `/docs/problems/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum ProblemCode {
            $(
                #[doc = $title]
                #[serde(rename = $code)]
                $variant,
            )+
        }

        impl ProblemCode {
            /// All codes, by status.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)+
                }
            }

            /// A short summary that is always the same.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }

            /// What a client does about it.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self {
                    $(Self::$variant => $advice,)+
                }
            }
        }
    };
}

problems! {
    MalformedRequest = "malformed_request", 400, "The request cannot be read",
        "The request breaks HTTP's own rules. Look at the detail, and at what your client or a proxy makes of it.";
    InvalidJson = "invalid_json", 400, "The body is not JSON",
        "Send one JSON value in UTF-8, without lone surrogates, nested at most 64 levels. The detail names the place.";
    UnknownParameter = "unknown_parameter", 400, "A query parameter is not known",
        "Nothing is ignored in silence: remove the parameter or correct its name. The message lists those allowed.";
    InvalidParameter = "invalid_parameter", 400, "A query parameter has a value that cannot be",
        "Correct the values that `errors` names; each message says what is expected.";
    InvalidHeader = "invalid_header", 400, "A header has a value that cannot be",
        "Correct the header that `errors` names.";
    InvalidCursor = "invalid_cursor", 400, "The cursor cannot be used here",
        "A cursor belongs to the list and the filters it came with. Start again without one.";
    QueryTooCostly = "query_too_costly", 400, "The query asks for too much at once",
        "Ask for fewer rows, forms, bodies or words; the detail names the cost, the limit and what would help.";
    KeyInUrl = "key_in_url", 400, "A credential stands in the URL",
        "URLs are logged and shared. Send the credential in the `Authorization: Bearer` header, and replace the key.";
    AuthenticationRequired = "authentication_required", 401, "Say who you are",
        "Send an access token or an API key in the `Authorization: Bearer` header.";
    InvalidCredentials = "invalid_credentials", 401, "The credentials are not right",
        "Check the e-mail address and the password.";
    SecondFactorRequired = "second_factor_required", 401, "A code is asked for as well",
        "The password is right. Log in again with a code of the account's authenticator, or a recovery code, in `code`.";
    InvalidToken = "invalid_token", 401, "The token or key is not valid",
        "It is unknown, altered, revoked or expired. Log in again, or use another key.";
    Forbidden = "forbidden", 403, "You may not do this",
        "You are known, and your role or scopes do not reach so far. The detail says what would be needed.";
    NotFound = "not_found", 404, "There is no such thing",
        "Check the address. What you may not know of is answered like what is not there.";
    MethodNotAllowed = "method_not_allowed", 405, "This address does not take that method",
        "The `Allow` header lists the methods it takes.";
    NotAcceptable = "not_acceptable", 406, "None of the accepted forms can be made",
        "Accept `application/json`.";
    RequestTimeout = "request_timeout", 408, "The request took too long to arrive",
        "Send it again, at once and whole.";
    AlreadyExists = "already_exists", 409, "The value is taken",
        "Choose another; `free` holds one that is free where one could be found.";
    SlugTaken = "slug_taken", 409, "The slug was taken meanwhile",
        "Restore it under another slug, in the body; `free` holds one that is free where one could be found.";
    LimitReached = "limit_reached", 409, "There are as many as there can be",
        "The detail names the limit. Take away one that is not needed any more, and try again.";
    IllegalTransition = "illegal_transition", 409, "The state does not allow this",
        "`allowed` lists what this state allows.";
    LastAdmin = "last_admin", 409, "The last admin stays",
        "Somebody has to be able to let others in: make another account an admin first.";
    NotOpen = "not_open", 409, "It is not open to this",
        "What was proposed was decided or taken back, or its article is archived, scheduled or deleted. The detail says which, and what to do.";
    ConflictingOperations = "conflicting_operations", 409, "What was proposed does not go together with what is there",
        "`conflicts` shows both. Accept the other operations, or put these into the article by hand and reject them.";
    SignOnNotConfigured = "sign_on_not_configured", 409, "This service knows no provider of single sign-on",
        "Whoever runs it sets `--oidc-issuer`; until then, log in with a password.";
    MailNotConfigured = "mail_not_configured", 409, "This service sends no mail",
        "Whoever runs it sets `--smtp-url-file` and `--mail-from`; until then, an admin sets passwords.";
    RequestInProgress = "request_in_progress", 409, "The same request is still being carried out",
        "Wait a moment and send it again, with the same key and body: it is carried out once, and you will get its answer.";
    AnswerNotKept = "answer_not_kept", 409, "The request was carried out, and its answer is not kept",
        "Nothing was done again. The answer held a secret or was too large to be kept; look at what it made, or make another with a new key.";
    InUse = "in_use", 409, "Something else uses it",
        "`used_in` lists the places. Take it out of them first.";
    TooManyUses = "too_many_uses", 409, "More uses it than is changed at once",
        "The detail names the number and the limit. Take it out of some of the places first, and try again.";
    Gone = "gone", 410, "It was taken away on purpose",
        "Readers saw it once. `gone` says why and when it went; take it out of what you keep.";
    CursorTooOld = "cursor_too_old", 410, "The log does not go back so far",
        "Begin again: with `since=0` into an empty store, or list everything and follow from the `meta.head` read before.";
    StaleRevision = "stale_revision", 412, "Somebody changed it since you read it",
        "`conflicts` shows what you would undo. Merge (`POST …/merge`), or put your change on top of what is there now.";
    PreconditionFailed = "precondition_failed", 412, "The precondition does not hold",
        "With `If-None-Match: *` this creates only, and there is something with this id.";
    BodyTooLarge = "body_too_large", 413, "The body is too large",
        "Send less at once; the detail names the limit.";
    UriTooLong = "uri_too_long", 414, "The address is too long",
        "Shorten the query; the detail names the limit.";
    UnsupportedMediaType = "unsupported_media_type", 415, "The body is of a type that is not taken here",
        "Send `application/json`; `PATCH` also takes `application/merge-patch+json`.";
    ValidationFailed = "validation_failed", 422, "The body is understood and not valid",
        "`errors` lists everything that is wrong, each with the place it stands at.";
    UnknownField = "unknown_field", 422, "The body holds a field that is not known",
        "Nothing is ignored in silence: remove the field or correct its name. The message lists those allowed.";
    PreflightFailed = "preflight_failed", 422, "It is not fit to be published",
        "`checks` lists what was found; put right what is an `error`. A site can weigh each check otherwise.";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "The key belongs to another request",
        "This `Idempotency-Key` was sent with another address, body or `If-Match` within 24 hours. Take a new key for a new request.";
    PreconditionRequired = "precondition_required", 428, "Say which revision you have seen",
        "Send the ETag of what you read in `If-Match`; to create with an id of your own, send `If-None-Match: *`.";
    TooManyRequests = "too_many_requests", 429, "Too many requests",
        "Wait as long as `Retry-After` says.";
    HeadersTooLarge = "headers_too_large", 431, "The headers are too large",
        "Send fewer or shorter headers; the detail names the limit.";
    InternalError = "internal_error", 500, "Something broke on our side",
        "It was logged under the `request_id`. Trying again may work; if not, tell your operator the id.";
    Unavailable = "unavailable", 503, "The service cannot answer now",
        "Try again after the seconds that `Retry-After` names.";
}

mirror! {
    /// How much a finding weighs.
    CheckSeverity = domain::Severity {
        Error = "error",
        Warning = "warning",
    }
}

/// Something that a check before publishing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreflightCheck {
    /// Which check, such as `missing_dek`; `/management/v1/settings/preflight` names all.
    #[schema(example = "missing_alt")]
    pub code: String,
    /// `error` keeps it from being published, `warning` does not.
    pub severity: CheckSeverity,
    /// JSON Pointer into the working copy.
    #[schema(example = "/sections/2/alt")]
    pub pointer: String,
    /// What was found, and what to do.
    pub message: String,
}

impl From<Finding> for PreflightCheck {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.check.as_str().to_owned(),
            severity: finding.severity.into(),
            pointer: finding.pointer,
            message: finding.message,
        }
    }
}

/// One thing that is wrong, with the place it stands at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemError {
    /// JSON Pointer into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/sections/2/body")]
    pub pointer: Option<String>,
    /// Name of a query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parameter: Option<String>,
    /// Name of a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub header: Option<String>,
    /// Stable word for machines.
    #[schema(example = "too_long")]
    pub code: String,
    /// What was found, what was expected and what to do.
    pub message: String,
}

impl ProblemError {
    /// Something in the body.
    #[must_use]
    pub fn at(pointer: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self {
            pointer: Some(pointer.into()),
            parameter: None,
            header: None,
            code,
            message,
        }
    }

    /// Something in the query.
    #[must_use]
    pub fn parameter(name: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self {
            pointer: None,
            parameter: Some(name.into()),
            header: None,
            code,
            message,
        }
    }

    /// Something in a header.
    #[must_use]
    pub fn header(name: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self {
            pointer: None,
            parameter: None,
            header: Some(name.into()),
            code,
            message,
        }
    }
}

/// Something that uses what was to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsedIn {
    /// `article` or `faq`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its title or question.
    pub title: String,
}

/// What is known of a thing that readers saw once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoneDetails {
    /// `unpublished` or `deleted`.
    pub reason: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

/// Words that two people changed, each to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WordConflict {
    /// What both saw.
    pub base: String,
    /// What is there by now.
    pub theirs: String,
    /// What you wrote.
    pub yours: String,
}

/// A place that somebody changed since you read it, and that you change to something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    /// JSON Pointer into your document: the article, the FAQ, or the section where the request is about one.
    #[schema(example = "/sections/2/body")]
    pub pointer: String,
    /// The section that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Uuid)]
    pub section_id: Option<String>,
    /// What both saw; null where there was nothing.
    #[schema(value_type = Value)]
    pub base: Value,
    /// What is there by now; null where it was taken away.
    #[schema(value_type = Value)]
    pub theirs: Value,
    /// What you wrote; null where you took it away.
    #[schema(value_type = Value)]
    pub yours: Value,
    /// After a merge of two texts: the words that did not go together.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schema(required = false)]
    pub words: Vec<WordConflict>,
}

impl From<masthead_domain::history::Conflict> for Conflict {
    fn from(conflict: masthead_domain::history::Conflict) -> Self {
        let words = conflict.words.into_iter().map(|clash| WordConflict {
            base: clash.base,
            theirs: clash.theirs,
            yours: clash.yours,
        });
        Self {
            pointer: conflict.place.pointer,
            section_id: conflict.place.section.map(|id| id.to_string()),
            base: conflict.base,
            theirs: conflict.theirs,
            yours: conflict.yours,
            words: words.collect(),
        }
    }
}

/// Every answer that is an error (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A page about this kind of problem.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/docs/problems/validation_failed")]
    pub kind: String,
    /// A short summary that is always the same for a code.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The stable word for machines.
    pub code: ProblemCode,
    /// What happened here, and what to do.
    pub detail: String,
    /// Everything that is wrong, not only the first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<ProblemError>,
    /// With `illegal_transition`: what the state allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub allowed: Option<Vec<String>>,
    /// With `already_exists` and `slug_taken`: a value that is free.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub free: Option<String>,
    /// With `in_use`: the places, at most a hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub used_in: Option<Vec<UsedIn>>,
    /// With `in_use`: how many places there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub used_in_total: Option<u64>,
    /// With `stale_revision`: the revision there is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub current_revision: Option<u32>,
    /// With `stale_revision`: the revision that you have seen; missing where `If-Match` names none that there was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub base_revision: Option<u32>,
    /// With `stale_revision`: through which credential the last change was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changed_by: Option<String>,
    /// With `stale_revision`: when that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    pub changed_at: Option<String>,
    /// With `stale_revision`: what somebody changed since, and you change to something else; all else that you write
    /// goes together with it. Missing where the two cannot be compared. With `conflicting_operations`: what somebody
    /// changed since, and the proposal (`yours`) changes to something else; pointers lead into the proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conflicts: Option<Vec<Conflict>>,
    /// With `preflight_failed`: what the checks before publishing found, errors first, at most a hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub checks: Option<Vec<PreflightCheck>>,
    /// Of a batch that is all or nothing: the operation that was refused, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, maximum = 99)]
    pub operation: Option<u32>,
    /// With `gone`: why and when it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub gone: Option<GoneDetails>,
    /// Seconds after which to try again; sent as `Retry-After`.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after: Option<u32>,
    /// What was asked too often: `RateLimit-Policy` and `RateLimit`.
    #[serde(skip)]
    #[schema(ignore)]
    pub rate_limit: Option<(String, String)>,
    /// The cache tags of an answer that caches may keep.
    #[serde(skip)]
    #[schema(ignore)]
    pub cache_tags: Vec<String>,
    /// Names this request in the logs; also in `X-Request-Id`.
    pub request_id: String,
}

impl Problem {
    /// A problem of this code; the request's id is filled in where the answer leaves the house.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/docs/problems/{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            errors: Vec::new(),
            allowed: None,
            free: None,
            used_in: None,
            used_in_total: None,
            current_revision: None,
            base_revision: None,
            changed_by: None,
            changed_at: None,
            conflicts: None,
            checks: None,
            operation: None,
            gone: None,
            retry_after: None,
            rate_limit: None,
            cache_tags: Vec::new(),
            request_id: String::new(),
        }
    }

    /// The same with everything that is wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<ProblemError>) -> Self {
        self.errors = errors;
        self
    }
}
