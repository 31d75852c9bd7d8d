//! The documents, the reference page made of them, and a page for each kind of problem. Nothing here makes a browser
//! ask another machine.

use std::fmt::Write as _;
use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use masthead_openapi::document::Surface;
use masthead_openapi::problem::ProblemCode;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use crate::answer::{Answer, entity_tag};
use crate::documents;
use crate::error::ApiError;

/// Scripts and styles of our own, none from elsewhere; the page sets styles on its elements.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                   connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Registers the routes; they are no part of the contract.
pub fn configure(config: &mut web::ServiceConfig) {
    let documents = [
        Url::new("Delivery", "/openapi/delivery.json"),
        Url::new("Management", "/openapi/management.json"),
        Url::new("Preview", "/openapi/preview.json"),
    ];
    let page = Config::new(documents)
        .validator_url("none")
        .display_operation_id(true)
        .doc_expansion("list");
    config
        .service(delivery_document)
        .service(management_document)
        .service(preview_document)
        .service(front)
        .service(docs)
        .service(problems)
        .service(problem)
        .service(
            web::scope("/docs")
                .wrap(
                    actix_web::middleware::DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, CSP)),
                )
                .service(SwaggerUi::new("/{_:.*}").config(page)),
        );
}

/// A document with its strong tag.
type Tagged = (String, &'static str);

static DELIVERY: LazyLock<Tagged> = LazyLock::new(|| tagged(Surface::Delivery));
static MANAGEMENT: LazyLock<Tagged> = LazyLock::new(|| tagged(Surface::Management));
static PREVIEW: LazyLock<Tagged> = LazyLock::new(|| tagged(Surface::Preview));

fn tagged(surface: Surface) -> Tagged {
    let text = documents::committed(surface);
    (entity_tag(text.as_bytes()), text)
}

#[get("/openapi/delivery.json")]
async fn delivery_document(request: HttpRequest) -> HttpResponse {
    document(&request, &DELIVERY)
}

#[get("/openapi/management.json")]
async fn management_document(request: HttpRequest) -> HttpResponse {
    document(&request, &MANAGEMENT)
}

#[get("/openapi/preview.json")]
async fn preview_document(request: HttpRequest) -> HttpResponse {
    document(&request, &PREVIEW)
}

fn document(request: &HttpRequest, (tag, text): &'static Tagged) -> HttpResponse {
    let named = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let plain = tag.trim_end_matches('"');
    let held = named.is_some_and(|named| {
        named
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/").starts_with(plain))
    });
    let mut response = if held {
        HttpResponse::NotModified().finish()
    } else {
        HttpResponse::Ok().content_type("application/json").body(*text)
    };
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=0, must-revalidate"),
    );
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

#[get("/")]
async fn front() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

#[get("/docs")]
async fn docs() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

/// All kinds of problems.
#[get("/docs/problems")]
async fn problems() -> HttpResponse {
    let mut list = String::new();
    for code in ProblemCode::ALL {
        let (word, status, title) = (code.as_str(), code.status(), code.title());
        // Writing to a text cannot fail.
        let _ = write!(
            list,
            "<li>{status} <a href=\"/docs/problems/{word}\"><code>{word}</code></a> {title}</li>"
        );
    }
    page("Problems", &format!("<ul>{list}</ul>"))
}

/// One kind of problem: where the `type` of a problem leads.
#[get("/docs/problems/{code}")]
async fn problem(path: web::Path<String>) -> Answer<HttpResponse> {
    let code = ProblemCode::ALL
        .iter()
        .find(|code| code.as_str() == path.as_str())
        .ok_or_else(ApiError::not_found)?;
    let body = format!(
        "<p><strong>{}</strong> <code>{}</code></p><p>{}</p><p><a href=\"/docs/problems\">All problems</a></p>",
        code.status(),
        code.as_str(),
        marked(code.advice())
    );
    Ok(page(code.title(), &body))
}

/// The catalogue's own words, where what stands between backticks is code.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(number, part)| match number % 2 {
            0 => part.to_owned(),
            _ => format!("<code>{part}</code>"),
        })
        .collect()
}

fn page(title: &str, body: &str) -> HttpResponse {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title} · Masthead</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <body style=\"font: 1.1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem\">\
         <h1>{title}</h1>{body}</body></html>"
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, CSP))
        .body(html)
}
