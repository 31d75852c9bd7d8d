//! The page that links of mails lead to where no other is set: it chooses a password, or shows that an address is
//! somebody's. The token stands behind `#`, so that no server, log or other site is ever told it.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, get, web};

/// Its own script and style, and this service to ask.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                   frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Registers it; it is no part of the contract.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(page).service(front).service(script).service(style);
}

#[get("/account")]
async fn front() -> HttpResponse {
    // The browser keeps what stands behind `#`.
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/account/"))
        .finish()
}

#[get("/account/")]
async fn page() -> HttpResponse {
    file(
        "text/html; charset=utf-8",
        include_str!("account_page/index.html"),
    )
}

#[get("/account/account.js")]
async fn script() -> HttpResponse {
    file(
        "text/javascript; charset=utf-8",
        include_str!("account_page/account.js"),
    )
}

#[get("/account/account.css")]
async fn style() -> HttpResponse {
    file(
        "text/css; charset=utf-8",
        include_str!("account_page/account.css"),
    )
}

fn file(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_SECURITY_POLICY, CSP))
        .insert_header((
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=0, must-revalidate"),
        ))
        .body(text)
}
