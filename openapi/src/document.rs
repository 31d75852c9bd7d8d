//! The finished documents: what the routes say of themselves, completed with what holds for all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use crate::problem::{Problem, ProblemCode};

/// Which of the two contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// For frontends.
    Delivery,
    /// For editors, machines and agents.
    Management,
}

impl Surface {
    /// Where its routes begin.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Delivery => "/delivery/v1",
            Self::Management => "/management/v1",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Delivery => "Masthead delivery API",
            Self::Management => "Masthead management API",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Delivery => {
                "What frontends fetch: published articles with everything a page needs, FAQs, tags and authors. \
                 Answers are public, carry strong ETags, and say with `Cache-Tag` what they show."
            }
            Self::Management => {
                "What editors, scripts and agents write: working copies of articles, their sections and FAQs, tags and \
                 authors. A write never publishes; publishing is a request of its own. Every change needs `If-Match`, \
                 so that no edit is lost."
            }
        }
    }
}

/// The name of the extension by which an operation lists the problems that are its own.
pub const PROBLEMS: &str = "x-problems";
/// The name of the extension that lists the codes an answer can carry.
pub const PROBLEM_CODES: &str = "x-problem-codes";

/// Completes the document that the routes of a surface make.
#[must_use]
pub fn finish(collected: &OpenApi, surface: Surface) -> Value {
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    document["info"] = json!({
        "title": surface.title(),
        "version": "1",
        "description": surface.description(),
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/", "description": "This installation" }]);
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token from `POST /management/v1/auth/login`, or an API key.",
        }
    });
    add_schemas(&mut document);
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths.iter_mut() {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete(surface, path, method, operation);
            }
        }
    }
    crate::examples::add(&mut document, surface);
    document
}

fn add_schemas(document: &mut Value) {
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(Problem)))]
    struct Problems;
    let own = serde_json::to_value(<Problems as utoipa::OpenApi>::openapi()).unwrap_or_default();
    let Some(target) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    for (name, schema) in own["components"]["schemas"].as_object().into_iter().flatten() {
        target.insert(name.clone(), schema.clone());
    }
}

fn complete(surface: Surface, path: &str, method: &str, operation: &mut Value) {
    let codes = problem_codes(surface, path, operation);
    let is_open = operation["security"].is_array();
    if surface == Surface::Delivery {
        operation["security"] = json!([{}, { "bearer": [] }]);
    } else if !is_open {
        operation["security"] = json!([{ "bearer": [] }]);
    }
    let Some(fields) = operation.as_object_mut() else {
        return;
    };
    fields.remove(PROBLEMS);
    let Some(responses) = fields.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        add_headers(surface, method, status, response);
    }
    if surface == Surface::Delivery {
        let headers =
            json!({ "ETag": header("The tag the client holds already."), "X-Request-Id": request_id() });
        let description = "The client holds this answer already; there is no body.";
        responses.insert(
            "304".into(),
            json!({ "description": description, "headers": headers }),
        );
    }
    for (status, codes) in codes {
        responses.insert(status.to_string(), problem_response(&codes));
    }
    responses.sort_keys();
}

/// What can go wrong, from what the operation takes.
fn problem_codes(surface: Surface, path: &str, operation: &Value) -> BTreeMap<u16, Vec<ProblemCode>> {
    use ProblemCode as C;
    let parameters: Vec<(&str, &str)> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|parameter| Some((parameter["in"].as_str()?, parameter["name"].as_str()?)))
        .collect();
    let has = |place: &str, name: &str| parameters.contains(&(place, name));
    let mut codes = vec![
        C::MalformedRequest,
        C::UnknownParameter,
        C::KeyInUrl,
        C::NotAcceptable,
        C::RequestTimeout,
    ];
    codes.extend([
        C::UriTooLong,
        C::HeadersTooLarge,
        C::BodyTooLarge,
        C::InternalError,
        C::Unavailable,
    ]);
    if parameters.iter().any(|(place, _)| *place == "query") {
        codes.push(C::InvalidParameter);
    }
    if has("query", "after") {
        codes.push(C::InvalidCursor);
    }
    if path.contains('{') {
        codes.push(C::NotFound);
    }
    if has("header", "If-Match") {
        codes.extend([C::InvalidHeader, C::StaleRevision, C::PreconditionRequired]);
    }
    if operation["requestBody"].is_object() {
        codes.extend([
            C::InvalidJson,
            C::UnsupportedMediaType,
            C::ValidationFailed,
            C::UnknownField,
        ]);
    }
    let is_open = operation["security"].is_array();
    if !is_open {
        codes.extend([C::AuthenticationRequired, C::InvalidToken]);
        codes.extend((surface == Surface::Management).then_some(C::Forbidden));
    }
    let own: BTreeSet<_> = operation[PROBLEMS]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    codes.extend(C::ALL.iter().filter(|code| own.contains(code.as_str())));
    let mut by_status: BTreeMap<u16, Vec<C>> = BTreeMap::new();
    for code in C::ALL.iter().filter(|code| codes.contains(code)) {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
}

fn problem_response(codes: &[ProblemCode]) -> Value {
    let description: Vec<_> = codes
        .iter()
        .map(|code| format!("`{}`: {}.", code.as_str(), code.title()))
        .collect();
    let mut headers = Map::from_iter([("X-Request-Id".to_owned(), request_id())]);
    if codes.iter().any(|code| matches!(code.status(), 429 | 503)) {
        headers.insert("Retry-After".into(), header("Seconds after which to try again."));
    }
    if codes.iter().any(|code| code.status() == 401) {
        headers.insert("WWW-Authenticate".into(), header("How to say who you are."));
    }
    json!({
        "description": description.join(" "),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" },
                "example": crate::examples::problem(codes[0]),
            }
        },
        PROBLEM_CODES: codes.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
    })
}

fn add_headers(surface: Surface, method: &str, status: &str, response: &mut Value) {
    let mut headers = Map::from_iter([("X-Request-Id".to_owned(), request_id())]);
    match (surface, status) {
        (Surface::Delivery, _) => {
            headers.insert(
                "ETag".into(),
                header("Strong; names these bytes in this encoding."),
            );
            headers.insert(
                "Last-Modified".into(),
                header("When anything readers see last changed."),
            );
            headers.insert("Cache-Control".into(), header("How long caches may keep it."));
            headers.insert(
                "Cache-Tag".into(),
                header("Everything the answer shows, for exact purging."),
            );
        }
        (Surface::Management, "201") => {
            headers.insert("ETag".into(), header("For `If-Match`."));
            headers.insert("Location".into(), header("Where the new thing is."));
        }
        (Surface::Management, "200") => {
            headers.insert(
                "ETag".into(),
                header("For `If-Match`, where the answer is one versioned thing."),
            );
        }
        _ => {}
    }
    let is_list = response["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .is_some_and(|name| name.ends_with("List"));
    if is_list && method == "get" {
        headers.insert("Link".into(), header("The next and previous pages (RFC 8288)."));
    }
    response["headers"] = Value::Object(headers);
}

fn header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" } })
}

fn request_id() -> Value {
    header("Names this request in the logs.")
}
