//! Which other sites' scripts may read, for answers that are given before the layer that knows all of CORS.

use actix_web::http::header::{self, HeaderMap, HeaderValue};

use crate::config::CorsOrigins;

/// Headers that scripts may read.
pub const EXPOSED: [&str; 9] = [
    "etag",
    "idempotent-replayed",
    "link",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-request-id",
    "cache-tag",
];

/// The rules for reading delivery.
#[derive(Debug)]
pub struct CrossOrigin {
    origins: CorsOrigins,
    exposed: HeaderValue,
}

impl CrossOrigin {
    /// The rules of the configuration.
    #[must_use]
    pub fn new(origins: CorsOrigins) -> Self {
        Self {
            origins,
            exposed: HeaderValue::from_str(&EXPOSED.join(", "))
                .unwrap_or_else(|_| HeaderValue::from_static("etag")),
        }
    }

    /// Lets a script of this origin read an answer of delivery, if it may.
    pub fn allow(&self, origin: &HeaderValue, headers: &mut HeaderMap) {
        let exact = |allowed: &String| allowed.as_bytes() == origin.as_bytes();
        if self.origins.any_for_delivery || self.origins.exact.iter().any(exact) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.clone());
        }
    }
}
