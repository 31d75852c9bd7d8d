//! Questions about moments that have passed: they go past the handle of delivery, for the past holds what readers
//! do not see any more, and so they need a credential.

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder};
use chrono::SecondsFormat;
use masthead_domain::clock::Instant;
use masthead_domain::delivering::Delivered;
use masthead_domain::id::ArticleId;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::past;
use masthead_openapi::problem::{ProblemCode, ProblemError};
use serde::Serialize;

use crate::answer::Public;
use crate::auth::{self, Identity};
use crate::cache::Keepable;
use crate::error::ApiError;
use crate::extract::{Boxed, CheckedQuery};
use crate::service::Service;

/// The moment that `as_of` names and who asks about it; empty where none is named.
pub struct Then(Option<(Instant, Actor)>);

impl FromRequest for Then {
    type Error = ApiError;
    type Future = Boxed<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let asked = request
            .extensions()
            .get::<CheckedQuery>()
            .and_then(|query| query.0.get("as_of").cloned());
        let service = Service::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let Some(asked) = asked else { return Ok(Self(None)) };
            let service = service.await?;
            let known = request.extensions().get::<Identity>().cloned();
            let identity = match known {
                Some(identity) => identity,
                None => auth::authenticate(&service, &request).await?,
            };
            let moment = serde_json::from_value(asked)
                .map_err(|error| refused("invalid_format", format!("`as_of` cannot be read: {error}.")))?;
            Ok(Self(Some((moment, identity.actor))))
        })
    }
}

impl Then {
    /// The article as readers saw it then; `None` where no moment is named.
    pub async fn article(self, service: &Service, id: ArticleId) -> Result<Option<Delivered>, ApiError> {
        let Some((moment, actor)) = self.0 else {
            return Ok(None);
        };
        let now = service.now();
        if moment > now {
            let message = format!(
                "`as_of` lies ahead; it can be {} at most.",
                now.to_rfc3339_opts(SecondsFormat::AutoSi, true)
            );
            return Err(refused("in_future", message));
        }
        let found = service.read(actor, move |unit| past::article(unit, id, moment));
        found.await.map(Some)
    }
}

fn refused(code: &str, message: String) -> ApiError {
    let errors = vec![ProblemError::parameter("as_of", code, message.clone())];
    ApiError::new(ProblemCode::InvalidParameter, message).with_errors(errors)
}

/// What readers see now, for caches to keep, or what they saw then, for nobody else.
pub enum Shown<T> {
    /// Now.
    Now(Public<T>),
    /// Then.
    Then(Public<T>),
}

impl<T: Serialize> Responder for Shown<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Now(public) => public.respond_to(request),
            Self::Then(public) => {
                let mut response = public.respond_to(request);
                let headers = response.headers_mut();
                for name in ["etag", "last-modified", "cache-tag"] {
                    headers.remove(name);
                }
                response.extensions_mut().remove::<Keepable>();
                let headers = response.headers_mut();
                let nobody_keeps_it = HeaderValue::from_static("private, no-store");
                headers.insert(header::CACHE_CONTROL, nobody_keeps_it);
                response
            }
        }
    }
}
