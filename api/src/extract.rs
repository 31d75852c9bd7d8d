//! What handlers take out of a request.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use masthead_domain::article::Expected;
use masthead_domain::id;
use masthead_domain::rights::Actor;
use masthead_domain::slug::Slug;
use masthead_openapi::document::Surface;
use masthead_openapi::management::revision_of;
use masthead_openapi::problem::{ProblemCode, ProblemError};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{self, Identity};
use crate::contract::contract;
use crate::error::{ApiError, validation};
use crate::negotiation::MediaType;
use crate::service::Service;
use crate::strict_json;

/// The future of an extractor that waits.
pub type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl FromRequest for Service {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let service = request.app_data::<Data<Self>>().map(|data| data.as_ref().clone());
        ready(service.ok_or_else(|| ApiError::internal("the service is not part of the app")))
    }
}

/// Whoever asks; the gate has found out.
pub struct Caller(pub Actor);

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let identity = request.extensions().get::<Identity>().cloned();
        ready(
            identity
                .map(|identity| Self(identity.actor))
                .ok_or_else(auth::required),
        )
    }
}

impl FromRequest for Identity {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let identity = request.extensions().get::<Self>().cloned();
        ready(identity.ok_or_else(auth::required))
    }
}

/// An id in the path; one that cannot be an id is answered like one that is not there.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(T);

impl<T: Copy> Deref for Id<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Ids that stand in paths, with the name of their parameter.
pub trait PathId: Copy {
    /// The parameter.
    const NAME: &'static str;
    /// Reads it.
    fn parse(text: &str) -> Option<Self>;
}

macro_rules! path_ids {
    ($($id:ident = $name:literal,)+) => {
        $(
            impl PathId for id::$id {
                const NAME: &'static str = $name;

                fn parse(text: &str) -> Option<Self> {
                    Self::parse(text)
                }
            }
        )+
    };
}

path_ids! {
    ArticleId = "id",
    SectionId = "section_id",
    FaqId = "id",
    TagId = "id",
    AuthorId = "id",
    RedirectId = "id",
    UserId = "id",
    KeyId = "id",
    SessionId = "id",
    TrashId = "id",
    PreviewLinkId = "id",
    NoteId = "id",
    ProposalId = "id",
    ReleaseId = "id",
}

impl<T: PathId> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get(T::NAME).and_then(T::parse);
        ready(id.map(Self).ok_or_else(|| {
            ApiError::new(
                ProblemCode::NotFound,
                "There is nothing with this id; an id is a UUID in lower case.",
            )
        }))
    }
}

/// A slug in the path; one that cannot be a slug is answered like one that is not there.
pub struct PathSlug(pub Slug);

impl FromRequest for PathSlug {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("slug").unwrap_or_default();
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok();
        let slug = decoded.and_then(|text| Slug::parse(&text).ok());
        ready(
            slug.map(Self)
                .ok_or_else(|| ApiError::new(ProblemCode::NotFound, "There is nothing with this slug.")),
        )
    }
}

/// A number in the path, written as one writes numbers; anything else is answered like one that is not there.
pub struct Number(pub u64);

impl FromRequest for Number {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("number").unwrap_or_default();
        let number = text
            .parse::<u64>()
            .ok()
            .filter(|number| number.to_string() == text);
        ready(number.map(Self).ok_or_else(ApiError::not_found))
    }
}

/// A revision in the path, by its number; one that cannot be is answered like one that is not there.
pub struct Nth(pub u32);

impl FromRequest for Nth {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(revision(request, "n").map(Self))
    }
}

/// Two revisions in the path: the earlier state and the later one.
#[derive(Debug, Clone, Copy)]
pub struct Between {
    /// The earlier one.
    pub from: u32,
    /// The later one.
    pub to: u32,
}

impl FromRequest for Between {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let both = revision(request, "a").and_then(|from| Ok((from, revision(request, "b")?)));
        ready(both.map(|(from, to)| Self { from, to }))
    }
}

fn revision(request: &HttpRequest, name: &str) -> Result<u32, ApiError> {
    let text = request.match_info().get(name).unwrap_or_default();
    let number = text.parse().ok();
    number
        .filter(|number: &u32| *number > 0 && number.to_string() == text)
        .ok_or_else(|| {
            let detail = "There is no such revision; revisions are counted from 1.";
            ApiError::new(ProblemCode::NotFound, detail)
        })
}

/// The query, read by the gate against the contract.
pub struct CheckedQuery(pub Value);

/// The parameters of a query.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request
            .extensions()
            .get::<CheckedQuery>()
            .map(|query| query.0.clone())
            .unwrap_or_default();
        ready(serde_json::from_value(value).map(Self).map_err(|error| {
            ApiError::new(
                ProblemCode::InvalidParameter,
                format!("The query cannot be read: {error}."),
            )
        }))
    }
}

/// The form of the answer that the client likes best, of those that the operation has; the gate has found out.
#[derive(Debug, Clone)]
pub struct Wanted(pub MediaType);

impl FromRequest for Wanted {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let wanted = request.extensions().get::<Self>().cloned();
        ready(Ok(wanted.unwrap_or(Self(MediaType::JSON))))
    }
}

/// The address and query of a request, for links to itself and its neighbours.
pub struct Here {
    /// The path.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
}

impl FromRequest for Here {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self {
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
        }))
    }
}

impl Here {
    /// Both together.
    #[must_use]
    pub fn address(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// The event after which a stream goes on, from `Last-Event-ID`; browsers send an empty one before the first.
pub struct ResumeAfter(pub Option<i64>);

impl FromRequest for ResumeAfter {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request
            .headers()
            .get("last-event-id")
            .map(header::HeaderValue::as_bytes);
        let Some(given) = given.filter(|bytes| !bytes.is_empty()) else {
            return ready(Ok(Self(None)));
        };
        let digits = std::str::from_utf8(given)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let seq = digits.and_then(|text| text.parse().ok());
        ready(seq.map(|seq| Self(Some(seq))).ok_or_else(|| {
            let message = "`Last-Event-ID` is the id of an event of this stream, a whole number.";
            let errors = vec![ProblemError::header("Last-Event-ID", "invalid_format", message)];
            ApiError::new(ProblemCode::InvalidHeader, message).with_errors(errors)
        }))
    }
}

/// The entity tags a client says it has seen, from `If-Match`.
#[derive(Debug, Clone)]
pub struct Seen(Option<Vec<String>>);

impl Seen {
    /// The revisions of this thing that the client has seen.
    #[must_use]
    pub fn of(&self, id: Uuid) -> Expected {
        match &self.0 {
            None => Expected::Any,
            Some(tags) => Expected::Revisions(tags.iter().filter_map(|tag| revision_of(tag, id)).collect()),
        }
    }

    fn read(request: &HttpRequest) -> Result<Option<Self>, ApiError> {
        let mut tags = Vec::new();
        let mut any = false;
        let mut given = false;
        for value in request.headers().get_all(header::IF_MATCH) {
            given = true;
            let text = value.to_str().map_err(|_| malformed("If-Match"))?;
            for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
                match tag {
                    "*" => any = true,
                    tag if is_entity_tag(tag) => tags.push(tag.to_owned()),
                    _ => return Err(malformed("If-Match")),
                }
            }
        }
        if any && !tags.is_empty() {
            return Err(malformed("If-Match"));
        }
        Ok(given.then_some(Self(if any { None } else { Some(tags) })))
    }
}

fn is_entity_tag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    opaque.len() >= 2
        && opaque.starts_with('"')
        && opaque.ends_with('"')
        && !opaque[1..opaque.len() - 1].contains('"')
}

fn malformed(name: &str) -> ApiError {
    let message = format!("`{name}` holds entity tags in quotes, such as \"0193a1b2c3d4-7\", or *.");
    let errors = vec![ProblemError::header(name, "invalid_format", message.clone())];
    ApiError::new(ProblemCode::InvalidHeader, message).with_errors(errors)
}

fn precondition_required() -> ApiError {
    let detail = "Send the ETag of what you read in `If-Match`, so that nobody's change is lost.";
    let errors = vec![ProblemError::header("If-Match", "required", detail)];
    ApiError::new(ProblemCode::PreconditionRequired, detail).with_errors(errors)
}

impl FromRequest for Seen {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request).and_then(|seen| seen.ok_or_else(precondition_required)))
    }
}

/// What a client says it has seen, where it says so.
pub struct MaybeSeen(pub Option<Seen>);

impl MaybeSeen {
    /// What the client has seen, where it has to say so.
    pub fn needed(self) -> Result<Seen, ApiError> {
        self.0.ok_or_else(precondition_required)
    }

    /// What the client has seen; whatever is there, where it does not say.
    #[must_use]
    pub fn or_any(self) -> Seen {
        self.0.unwrap_or(Seen(None))
    }
}

impl FromRequest for MaybeSeen {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Seen::read(request).map(Self))
    }
}

/// Whether a `PUT` replaces what was seen or creates what is not there.
#[derive(Debug, Clone)]
pub enum PutMode {
    /// `If-None-Match: *`.
    Create,
    /// `If-Match`.
    Replace(Seen),
}

impl FromRequest for PutMode {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let creates = request
            .headers()
            .get(header::IF_NONE_MATCH)
            .map(|value| value.as_bytes() == b"*");
        ready(match (creates, Seen::read(request)) {
            (_, Err(error)) => Err(error),
            (Some(true), Ok(None)) => Ok(Self::Create),
            (None, Ok(Some(seen))) => Ok(Self::Replace(seen)),
            (None, Ok(None)) => Err(precondition_required()),
            (Some(_), Ok(_)) => Err(only_star()),
        })
    }
}

fn only_star() -> ApiError {
    let message = "`If-None-Match` is `*` here, to create, and does not go together with `If-Match`.";
    let errors = vec![ProblemError::header("If-None-Match", "invalid_format", message)];
    ApiError::new(ProblemCode::InvalidHeader, message).with_errors(errors)
}

/// A JSON body, checked against the contract.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Boxed<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = read(&request, payload).await?;
            checked(&bytes).map(Self)
        })
    }
}

/// A JSON body that may be left out.
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + Default + ToSchema + 'static> FromRequest for OptionalBody<T> {
    type Error = ApiError;
    type Future = Boxed<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if !request.headers().contains_key(header::CONTENT_TYPE) {
                let bytes = collect(&request, payload).await?;
                return if bytes.is_empty() {
                    Ok(Self(T::default()))
                } else {
                    Err(unsupported(&request))
                };
            }
            let bytes = read(&request, payload).await?;
            if bytes.is_empty() {
                Ok(Self(T::default()))
            } else {
                checked(&bytes).map(Self)
            }
        })
    }
}

/// The bytes of a body within the limits, of whatever type.
pub struct RawBody(pub BytesMut);

impl FromRequest for RawBody {
    type Error = ApiError;
    type Future = Boxed<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { collect(&request, payload).await.map(Self) })
    }
}

fn checked<T: DeserializeOwned + ToSchema>(bytes: &[u8]) -> Result<T, ApiError> {
    let value = strict_json::parse(bytes)?;
    contract().check_body(Surface::Management, &T::name(), &value)?;
    // What the schema lets through can be read, or the schema is wrong; say so rather than guess.
    serde_json::from_value(value).map_err(|error| {
        validation(vec![ProblemError::at(
            "",
            "invalid",
            format!("The body cannot be read: {error}."),
        )])
    })
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<BytesMut, ApiError> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_patch = request.method() == actix_web::http::Method::PATCH;
    if essence != "application/json" && !(is_patch && essence == "application/merge-patch+json") {
        return Err(unsupported(request));
    }
    collect(request, payload).await
}

fn unsupported(request: &HttpRequest) -> ApiError {
    let taken = match *request.method() {
        actix_web::http::Method::PATCH => "`application/merge-patch+json` or `application/json`",
        _ => "`application/json`",
    };
    ApiError::new(
        ProblemCode::UnsupportedMediaType,
        format!("Send the body as {taken} in `Content-Type`."),
    )
}

/// Reads a body up to the limit, and for so long.
async fn collect(request: &HttpRequest, mut payload: Payload) -> Result<BytesMut, ApiError> {
    let service = Service::extract(request).await?;
    let limit = service.options().max_body_bytes;
    let too_large = || {
        ApiError::new(
            ProblemCode::BodyTooLarge,
            format!("A body has at most {limit} bytes."),
        )
    };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        let detail = "Send the body as it is, without `Content-Encoding`.";
        return Err(ApiError::new(ProblemCode::UnsupportedMediaType, detail));
    }
    let gather = async {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| {
                ApiError::new(
                    ProblemCode::MalformedRequest,
                    format!("The body did not arrive whole: {error}."),
                )
            })?;
            if bytes.len() + chunk.len() > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    tokio::time::timeout(service.options().request_timeout, gather)
        .await
        .unwrap_or_else(|_| {
            Err(ApiError::new(
                ProblemCode::RequestTimeout,
                "The body took too long to arrive; send it again, at once.",
            ))
        })
}
