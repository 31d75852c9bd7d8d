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
    add_schemas(&mut document, surface);
    add_shared(&mut document);
    flatten_literals(&mut document);
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

/// Adds what no body refers to: problems, and the words that parameters take.
fn add_schemas(document: &mut Value, surface: Surface) {
    use crate::delivery as d;
    use crate::management as m;
    use crate::parameters::Count;

    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(
        Problem,
        Count,
        d::ArticleKind,
        d::ArticleSortKey,
        d::ArticleRelation,
        d::ArticleField,
        d::BodyFormat,
        d::FaqSortKey,
        d::NameSortKey
    )))]
    struct Delivery;

    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(Problem, Count, m::WorkingSortKey, m::Status, m::FaqStatus)))]
    struct Management;

    let own = match surface {
        Surface::Delivery => <Delivery as utoipa::OpenApi>::openapi(),
        Surface::Management => <Management as utoipa::OpenApi>::openapi(),
    };
    let own = serde_json::to_value(own).unwrap_or_default();
    let Some(target) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    for (name, schema) in own["components"]["schemas"].as_object().into_iter().flatten() {
        target.entry(name.clone()).or_insert_with(|| schema.clone());
    }
    target.sort_keys();
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
        let description = "The client holds this answer already; there is no body.";
        let headers = with_headers(&[
            "Cache-Control",
            "Cache-Tag",
            "ETag",
            "Last-Modified",
            "X-Request-Id",
        ]);
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
    let headers = match codes[0].status() {
        401 => with_headers(&["WWW-Authenticate", "X-Request-Id"]),
        429 | 503 => with_headers(&["Retry-After", "X-Request-Id"]),
        _ => with_headers(&["X-Request-Id"]),
    };
    let examples = codes.iter().map(|code| {
        let word = code.as_str().to_owned();
        let place = json!({ "$ref": format!("#/components/examples/{word}") });
        (word, place)
    });
    json!({
        "description": description.join(" "),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" },
                "examples": examples.collect::<Map<_, _>>(),
            }
        },
        PROBLEM_CODES: codes.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
    })
}

fn add_headers(surface: Surface, method: &str, status: &str, response: &mut Value) {
    let mut names = vec!["X-Request-Id"];
    match (surface, status) {
        (Surface::Delivery, _) => names.extend(["Cache-Control", "Cache-Tag", "ETag", "Last-Modified"]),
        (Surface::Management, "201") => names.extend(["ETag", "Location"]),
        (Surface::Management, "200") => names.push("ETag"),
        _ => {}
    }
    let schema = response["content"]["application/json"]["schema"]["$ref"].as_str();
    if method == "get" && schema.is_some_and(|name| name.ends_with("List")) {
        names.push("Link");
    }
    names.sort_unstable();
    response["headers"] = with_headers(&names);
}

/// What many answers refer to: headers and an example of each problem.
fn add_shared(document: &mut Value) {
    let headers = HEADERS.iter().map(|(name, description)| {
        let header = json!({ "description": description, "schema": { "type": "string" } });
        ((*name).to_owned(), header)
    });
    document["components"]["headers"] = Value::Object(headers.collect());
    let examples = ProblemCode::ALL.iter().map(|code| {
        let example = json!({ "summary": code.title(), "value": crate::examples::problem(*code) });
        (code.as_str().to_owned(), example)
    });
    document["components"]["examples"] = Value::Object(examples.collect());
}

/// Turns `allOf: [{ enum }, { description, type: object }]`, which is what an inlined enumeration comes out as, into
/// the enumeration itself.
fn flatten_literals(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(flatten_literals),
        Value::Object(fields) => {
            fields.values_mut().for_each(flatten_literals);
            let Some([literal, about]) = fields.get("allOf").and_then(Value::as_array).map(Vec::as_slice)
            else {
                return;
            };
            if literal["enum"].is_array() && about["properties"].is_null() {
                let mut literal = literal.clone();
                literal["description"] = about["description"].clone();
                *value = literal;
            }
        }
        _ => {}
    }
}

/// Every header that answers carry.
const HEADERS: &[(&str, &str)] = &[
    ("Cache-Control", "How long caches may keep the answer."),
    ("Cache-Tag", "Everything the answer shows, for exact purging."),
    (
        "ETag",
        "Names this state: for `If-None-Match` on delivery, for `If-Match` on management.",
    ),
    ("Last-Modified", "When anything readers see last changed."),
    ("Link", "The next and previous pages (RFC 8288)."),
    ("Location", "Where the new thing is."),
    ("Retry-After", "Seconds after which to try again."),
    ("WWW-Authenticate", "How to say who you are."),
    ("X-Request-Id", "Names this request in the logs."),
];

fn with_headers(names: &[&str]) -> Value {
    let place = |name: &&str| {
        (
            (*name).to_owned(),
            json!({ "$ref": format!("#/components/headers/{name}") }),
        )
    };
    Value::Object(names.iter().map(place).collect())
}
