//! The preview routes: working copies in the shapes of delivery, for who holds a link or may preview. They read the
//! working side, past the handle of delivery, which has no word for a draft.

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder, get};
use masthead_domain::delivering::Delivered;
use masthead_domain::id::ArticleId;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::previewing::{self, Pass};
use masthead_openapi::delivery::{ArticleResponse, Formats, JsonLd};
use masthead_openapi::forms;
use masthead_openapi::parameters::{IdPath, SlugPath};
use masthead_openapi::preview::{PreviewBySlugParameters, PreviewParameters};
use masthead_openapi::problem::{ProblemCode, ProblemError};

use crate::answer::Answer;
use crate::auth;
use crate::credentials::{PREVIEW_PREFIX, PreviewToken};
use crate::delivery::{articles::languages, at_home};
use crate::error::ApiError;
use crate::extract::{Boxed, CheckedQuery, Here, Id, PathSlug, Query, Wanted};
use crate::finished::{Text, body};
use crate::negotiation::MediaType;
use crate::routes::Routes;
use crate::service::Service;

/// Registers the routes; the document is made of the same call.
pub fn routes<R: Routes>(routes: R) -> R {
    routes.add(get_preview_article).add(get_preview_article_by_slug)
}

/// Get a working copy
///
/// The article as readers would see it if it were published now, in exactly the shape of delivery: its sections,
/// contents, byline, tags, FAQs (drafts too, as publishing shows them) and forms. A token opens one article; a
/// credential with `content:preview` opens all. What is not there, and what a token does not open, is 404 alike.
#[utoipa::path(
    operation_id = "get_preview_article",
    tag = "Articles",
    params(IdPath, PreviewParameters),
    responses((status = 200, description = "The working copy.", content(
        (ArticleResponse = "application/json"),
        (JsonLd = "application/ld+json"),
        (String = "text/markdown; charset=utf-8; variant=GFM")
    )))
)]
#[get("/articles/{id}")]
pub async fn get_preview_article(
    service: Service,
    here: Here,
    Wanted(form): Wanted,
    id: Result<Id<ArticleId>, ApiError>,
    Query(asked): Query<PreviewParameters>,
    opened: Opened,
) -> Answer<Unkept> {
    let formats = Formats::new(asked.format.as_deref());
    let languages = languages(asked.locale.as_deref(), asked.fallback.as_deref())?;
    let id = id.ok().map(|id| *id);
    let Opened { pass, actor } = opened;
    let found = service
        .read(actor, move |unit| {
            previewing::article(unit, pass, id, languages.as_ref())
        })
        .await
        .map_err(alike)?;
    written(&service, found, &form, formats, &here)
}

/// Get a working copy by its slug
///
/// The same by the slug that the working copy has now. Old slugs lead nowhere here.
#[utoipa::path(
    operation_id = "get_preview_article_by_slug",
    tag = "Articles",
    params(SlugPath, PreviewBySlugParameters),
    responses((status = 200, description = "The working copy.", content(
        (ArticleResponse = "application/json"),
        (JsonLd = "application/ld+json"),
        (String = "text/markdown; charset=utf-8; variant=GFM")
    )))
)]
#[get("/articles/by-slug/{slug}")]
pub async fn get_preview_article_by_slug(
    service: Service,
    here: Here,
    Wanted(form): Wanted,
    slug: Result<PathSlug, ApiError>,
    Query(asked): Query<PreviewBySlugParameters>,
    opened: Opened,
) -> Answer<Unkept> {
    let formats = Formats::new(asked.format.as_deref());
    let languages = languages(asked.locale.as_deref(), asked.fallback.as_deref())?;
    let default = service.options().default_locale.clone();
    let slug = slug.ok().map(|PathSlug(slug)| slug);
    let Opened { pass, actor } = opened;
    let found = service
        .read(actor, move |unit| {
            previewing::article_by_slug(unit, pass, slug.as_ref(), languages.as_ref(), &default)
        })
        .await
        .map_err(alike)?;
    written(&service, found, &form, formats, &here)
}

/// What opens the preview, with whoever asks.
pub struct Opened {
    pass: Pass,
    actor: Actor,
}

impl FromRequest for Opened {
    type Error = ApiError;
    type Future = Boxed<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let in_address = request
            .extensions()
            .get::<CheckedQuery>()
            .and_then(|query| query.0.get("token")?.as_str().map(str::to_owned));
        let service = Service::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let in_header = request.headers().get(header::AUTHORIZATION);
            match (in_address, in_header) {
                (Some(_), Some(_)) => Err(twice()),
                (Some(text), None) => Ok(by_link(&text)),
                (None, Some(value)) if let Some(text) = preview_token(value) => Ok(by_link(text)),
                (None, _) => Ok(Self {
                    actor: auth::authenticate(&service.await?, &request).await?.actor,
                    pass: Pass::Right,
                }),
            }
        })
    }
}

fn by_link(text: &str) -> Opened {
    Opened {
        pass: Pass::Link(PreviewToken::digest(text)),
        actor: auth::nobody(),
    }
}

/// The token of a preview link in a header, for what looks like one.
fn preview_token(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(PREVIEW_PREFIX)).then_some(token)
}

fn twice() -> ApiError {
    let message = "Send the token in the address or a credential in `Authorization`, and not both.";
    let errors = vec![ProblemError::parameter("token", "conflict", message)];
    ApiError::new(ProblemCode::InvalidParameter, message).with_errors(errors)
}

/// Whatever is not found is told in the same words: nobody learns what there is, or why a link does not open it.
fn alike(error: ApiError) -> ApiError {
    if error.0.code != ProblemCode::NotFound {
        return error;
    }
    let detail =
        "There is nothing to preview here, or the link does not open it (any more). Ask for a new one.";
    ApiError::new(ProblemCode::NotFound, detail)
}

/// 200 that nobody keeps.
pub struct Unkept {
    content_type: &'static str,
    bytes: Vec<u8>,
    locale: String,
}

impl Responder for Unkept {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok()
            .content_type(self.content_type)
            .body(self.bytes);
        if let Ok(locale) = HeaderValue::from_str(&self.locale) {
            response.headers_mut().insert(header::CONTENT_LANGUAGE, locale);
        }
        response
    }
}

/// A whole article in the form that the client likes best.
fn written(
    service: &Service,
    found: Delivered,
    form: &MediaType,
    formats: Formats,
    here: &Here,
) -> Answer<Unkept> {
    let site = &service.options().site;
    let delivered = at_home(service, found);
    let locale = delivered.article.locale.to_string();
    let (content_type, bytes) = if *form == MediaType::MARKDOWN {
        (forms::MARKDOWN, forms::markdown(&delivered, site).into_bytes())
    } else if *form == MediaType::JSON_LD {
        (forms::JSON_LD, forms::json_ld(&delivered, site).into_bytes())
    } else {
        let text = Text::of(delivered, formats, site)?;
        ("application/json", body(&text.data, &without_token(here))?)
    };
    Ok(Unkept {
        content_type,
        bytes,
        locale,
    })
}

/// Where this is; the token stays where it was sent.
fn without_token(here: &Here) -> String {
    let is_token = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        percent_encoding::percent_decode_str(name).decode_utf8_lossy() == "token"
    };
    let query: Vec<_> = here.query.split('&').filter(|pair| !is_token(pair)).collect();
    Here {
        path: here.path.clone(),
        query: query.join("&"),
    }
    .address()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_token() {
        let told = |query: &str| {
            without_token(&Here {
                path: "/a".to_owned(),
                query: query.to_owned(),
            })
        };
        assert_eq!(told("token=mhp_x"), "/a");
        assert_eq!(
            told("format=text&t%6Fken=mhp_x&locale=en"),
            "/a?format=text&locale=en"
        );
        assert_eq!(told(""), "/a");
    }
}
