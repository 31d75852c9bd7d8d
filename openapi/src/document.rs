//! The finished documents: what the routes say of themselves, completed with what holds for all of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use crate::problem::{Problem, ProblemCode};

mod once;
mod problems;

/// Which of the two contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// For frontends.
    Delivery,
    /// For frontends that show what is not published.
    Preview,
    /// For editors, machines and agents.
    Management,
}

impl Surface {
    /// Where its routes begin.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Delivery => "/delivery/v1",
            Self::Preview => "/preview/v1",
            Self::Management => "/management/v1",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Delivery => "Masthead delivery API",
            Self::Preview => "Masthead preview API",
            Self::Management => "Masthead management API",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Delivery => {
                "What frontends fetch: published articles with everything a page needs, FAQs, tags and authors. \
                 Answers are public, carry strong ETags, and say with `Cache-Tag` what they show."
            }
            Self::Preview => {
                "What frontends fetch to show a draft: working copies in exactly the shapes of delivery, for who holds a \
                 preview link or may preview. Nothing of it is cached."
            }
            Self::Management => {
                "What editors, scripts and agents write: working copies of articles, their sections and FAQs, tags and \
                 authors. A write never publishes; publishing is a request of its own. Every change needs `If-Match`, \
                 so that no edit is lost."
            }
        }
    }

    /// What its operations are grouped by, in the order of the reference page.
    const fn tags(self) -> &'static [(&'static str, &'static str)] {
        const ARTICLES: &str = "Articles";
        match self {
            Self::Delivery => &[
                (ARTICLES, "Published articles and pages, in lists and whole."),
                ("FAQs", "Published questions with their answers."),
                ("Tags", "Tags that something published carries."),
                ("Authors", "Authors whose name something published carries."),
                (
                    "Changes",
                    "What readers see differently, in order: to copy, to purge, to react.",
                ),
                (
                    "Search",
                    "Articles by their words, and completions of what is typed.",
                ),
                (
                    "Site",
                    "What the site says of itself: to frontends, feed readers, crawlers and other programs.",
                ),
            ],
            Self::Preview => &[(ARTICLES, "Working copies as readers would see them.")],
            Self::Management => &[
                ("Session", "Logging in, staying in, and who one is."),
                ("Accounts", "Who can log in, and what they may do."),
                ("API keys", "Credentials for machines."),
                ("Settings", "What holds for the whole site."),
                (ARTICLES, "Working copies of articles, and what they link."),
                (
                    "Sections",
                    "The parts of a working copy, each with its own entity tag.",
                ),
                (
                    "Publishing",
                    "Changes of state; the only way by which anything reaches readers.",
                ),
                (
                    "History",
                    "Every state that working copies had, what differs between two, and the way back.",
                ),
                (
                    "Proposals",
                    "What somebody suggests of an article, and an editor accepts or rejects operation by operation.",
                ),
                (
                    "Notes",
                    "What those who work on a text say to one another about it; readers never see it.",
                ),
                ("FAQs", "Working copies of questions with their answers."),
                ("Tags", "What articles and FAQs are about."),
                ("Authors", "The names in bylines, which are not accounts."),
                ("Redirects", "Old slugs, and where they lead."),
                ("Preview links", "Working copies, shown to who holds a link."),
                ("Trash", "What was deleted, until it is restored or purged."),
            ],
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
        "contact": { "name": "Masthead" },
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    let tags = surface.tags().iter();
    document["tags"] = tags
        .map(|(name, description)| json!({ "name": name, "description": description }))
        .collect();
    document["servers"] = json!([{ "url": "/", "description": "This installation" }]);
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token from `POST /management/v1/auth/login`, or an API key.",
        }
    });
    if surface == Surface::Preview {
        document["components"]["securitySchemes"]["preview_token"] = json!({
            "type": "apiKey",
            "in": "query",
            "name": "token",
            "description": "The token of a link from `POST /management/v1/articles/{id}/preview-links`.",
        });
    }
    add_schemas(&mut document, surface);
    add_shared(&mut document);
    flatten_literals(&mut document);
    let mut shared = Map::new();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths.iter_mut() {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete(surface, path, method, operation, &mut shared);
            }
        }
    }
    shared.sort_keys();
    document["components"]["responses"] = Value::Object(shared);
    crate::examples::add(&mut document, surface);
    for kind in ["examples", "headers"] {
        remove_unused(&mut document, kind);
    }
    document
}

/// Whether an address ends like a file, which names the form of its answer: `Accept` is not read there.
#[must_use]
pub fn names_its_form(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

/// What stands at a place of a document, or where its `$ref` leads.
#[must_use]
pub fn resolve<'a>(document: &'a Value, place: &'a Value) -> &'a Value {
    let target = place["$ref"].as_str().and_then(|text| text.strip_prefix('#'));
    target
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(place)
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
        d::Change,
        d::ArticleSortKey,
        d::ArticleRelation,
        d::ArticleField,
        d::BodyFormat,
        d::FaqSortKey,
        d::NameSortKey,
        d::Facet
    )))]
    struct Delivery;

    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(
        Problem,
        Count,
        m::WorkingSortKey,
        m::RedirectSortKey,
        m::TrashSortKey,
        m::PreviewLinkSortKey,
        m::AuditSortKey,
        m::ReleaseSortKey,
        m::ReleaseStatus,
        m::AuditResource,
        m::TrashKind,
        m::UserSortKey,
        m::SessionSortKey,
        m::ApiKeySortKey,
        m::RevisionSortKey,
        m::NoteSortKey,
        m::Mentioned,
        m::ProposalSortKey,
        m::ProposalStatus,
        m::RedirectType,
        m::Status,
        m::Review,
        m::ScheduleState,
        m::FaqStatus
    )))]
    struct Management;

    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(Problem, d::BodyFormat)))]
    struct Preview;

    let own = match surface {
        Surface::Delivery => <Delivery as utoipa::OpenApi>::openapi(),
        Surface::Preview => <Preview as utoipa::OpenApi>::openapi(),
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

fn complete(
    surface: Surface,
    path: &str,
    method: &str,
    operation: &mut Value,
    shared: &mut Map<String, Value>,
) {
    let is_once = once::complete(surface, method, operation);
    let codes = problems::codes(surface, path, operation);
    let is_open = operation["security"].is_array();
    if surface == Surface::Delivery {
        operation["security"] = json!([{}, { "bearer": [] }]);
    } else if surface == Surface::Preview {
        operation["security"] = json!([{ "preview_token": [] }, { "bearer": [] }]);
    } else if !is_open {
        operation["security"] = json!([{ "bearer": [] }]);
    }
    let Some(fields) = operation.as_object_mut() else {
        return;
    };
    fields.remove(PROBLEMS);
    if let Some(body) = fields.get_mut("requestBody") {
        complete_body(body);
    }
    let Some(responses) = fields.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        add_headers(surface, method, status, response);
        if is_once {
            once::add_header(response);
        }
    }
    let is_stream = responses
        .get("200")
        .is_some_and(|good| good["content"]["text/event-stream"].is_object());
    if surface == Surface::Delivery && !is_stream {
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
        let name = problems::name(&codes);
        let place = json!({ "$ref": format!("#/components/responses/{name}") });
        shared.entry(name).or_insert_with(|| problems::response(&codes));
        responses.insert(status.to_string(), place);
    }
    responses.sort_keys();
}

/// A body that is optional may be left out; it is not null.
fn complete_body(body: &mut Value) {
    for media in body["content"]
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
    {
        let Some([schema, null]) = media["schema"]["oneOf"].as_array().map(Vec::as_slice) else {
            continue;
        };
        if *null == json!({ "type": "null" }) {
            media["schema"] = schema.clone();
        }
    }
}

fn add_headers(surface: Surface, method: &str, status: &str, response: &mut Value) {
    if response["content"]["text/event-stream"].is_object() {
        response["headers"] = with_headers(&["Cache-Control", "X-Request-Id"]);
        return;
    }
    let mut names = vec!["X-Request-Id"];
    match (surface, status) {
        (Surface::Delivery, "308") => names.extend(["Cache-Control", "Cache-Tag", "Location"]),
        (Surface::Delivery, _) => names.extend(["Cache-Control", "Cache-Tag", "ETag", "Last-Modified"]),
        (Surface::Preview, _) => names.extend(["Cache-Control", "X-Robots-Tag"]),
        (Surface::Management, "201") => names.extend(["ETag", "Location"]),
        (Surface::Management, "200") => names.push("ETag"),
        _ => {}
    }
    let schema = response["content"]["application/json"]["schema"]["$ref"].as_str();
    let is_lines = response["content"]["application/x-ndjson"].is_object();
    if method == "get" && (is_lines || schema.is_some_and(|name| name.ends_with("List"))) {
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

/// Takes out what nothing refers to.
fn remove_unused(document: &mut Value, kind: &str) {
    let mut used = BTreeSet::new();
    references(document, &format!("#/components/{kind}/"), &mut used);
    if let Some(components) = document["components"][kind].as_object_mut() {
        components.retain(|name, _| used.contains(name));
    }
}

fn references(value: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, prefix, found)),
        Value::Object(fields) => {
            let target = fields.get("$ref").and_then(Value::as_str);
            found.extend(
                target
                    .and_then(|text| text.strip_prefix(prefix))
                    .map(str::to_owned),
            );
            fields.values().for_each(|field| references(field, prefix, found));
        }
        _ => {}
    }
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
    (
        "Cache-Tag",
        "Everything the answer shows, for exact purging. By setting the same stands under the names that other \
         content networks know, such as `Cache-Groups` (RFC 9875) and `Surrogate-Key`.",
    ),
    (
        "ETag",
        "Names this state: for `If-None-Match` on delivery, for `If-Match` on management.",
    ),
    (
        once::REPLAYED,
        "`true` where this is the answer that was given before to the same `Idempotency-Key`; not there otherwise.",
    ),
    ("Last-Modified", "When anything readers see last changed."),
    ("Link", "The next and previous pages (RFC 8288)."),
    ("Location", "Where the new thing is."),
    (
        "RateLimit",
        "What is left of each limit, where there is one: `\"key\";r=42;t=18`, so many requests, and all of them in so many \
         seconds.",
    ),
    (
        "RateLimit-Policy",
        "The limits: `\"key\";q=600;w=60`, so many requests within so many seconds.",
    ),
    ("Retry-After", "Seconds after which to try again."),
    ("WWW-Authenticate", "How to say who you are."),
    ("X-Request-Id", "Names this request in the logs."),
    ("X-Robots-Tag", "`noindex`: a preview is for nobody who searches."),
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
