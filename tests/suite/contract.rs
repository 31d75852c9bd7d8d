//! The documents themselves: whole, committed as they are generated, and true of what they say.

use std::collections::BTreeSet;

use masthead_api::documents;
use masthead_domain::note::Note;
use masthead_domain::proposal::Proposal;
use masthead_domain::text;
use masthead_openapi::document::{Surface, resolve};
use masthead_openapi::problem::ProblemCode;
use masthead_tests::{App, workspace};
use serde_json::Value;

use super::management::cases::OPEN;

const SURFACES: [(Surface, &str); 3] = [
    (Surface::Delivery, "delivery"),
    (Surface::Preview, "preview"),
    (Surface::Management, "management"),
];

/// Every value in a document with its JSON Pointer.
fn walk<'a>(value: &'a Value, at: &str, visit: &mut impl FnMut(&str, &'a Value)) {
    visit(at, value);
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{at}/{index}"), visit);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                walk(
                    item,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    visit,
                );
            }
        }
        _ => {}
    }
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn the_committed_documents_are_those_that_the_code_makes() {
    for (name, made) in [
        ("delivery", documents::text(Surface::Delivery)),
        ("management", documents::text(Surface::Management)),
        ("preview", documents::text(Surface::Preview)),
    ] {
        let committed = std::fs::read_to_string(workspace().join(format!("openapi/{name}.json"))).unwrap();
        assert!(
            committed == made,
            "openapi/{name}.json has drifted: run `cargo run -- openapi` and commit it"
        );
    }
}

#[test]
fn every_reference_resolves() {
    for (surface, name) in SURFACES {
        let document = documents::document(surface);
        let mut count = 0;
        walk(&document, "", &mut |at, value| {
            let Some(target) = value.get("$ref").and_then(Value::as_str) else {
                return;
            };
            count += 1;
            let pointer = target.strip_prefix('#').expect("a reference within the document");
            assert!(
                document.pointer(pointer).is_some(),
                "{name}: {at} refers to {target}, which is not there"
            );
        });
        assert!(count > 100, "{name} has only {count} references");
    }
}

#[test]
fn every_operation_says_what_a_client_author_needs() {
    for (surface, name) in SURFACES {
        let document = documents::document(surface);
        let mut ids = BTreeSet::new();
        for (what, operation) in operations(&document) {
            let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
            let id = text("operationId");
            assert!(
                id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{name} {what}: {id}"
            );
            assert!(ids.insert(id.clone()), "{name}: {id} stands twice");
            assert!(text("summary").len() > 3, "{name} {what} has no summary");
            assert!(text("description").len() > 10, "{name} {what} has no description");
            assert_eq!(
                operation["tags"].as_array().map(Vec::len),
                Some(1),
                "{name} {what} has no one tag"
            );
            assert!(
                operation["security"].is_array(),
                "{name} {what} says nothing of credentials"
            );
            for (status, response) in operation["responses"].as_object().unwrap() {
                let response = resolve(&document, response);
                assert!(
                    response["description"].as_str().is_some_and(|d| !d.is_empty()),
                    "{name} {what} {status}"
                );
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let described = parameter["description"].as_str().is_some_and(|d| !d.is_empty());
                assert!(described, "{name} {what}: {parameter}");
            }
        }
    }
}

#[test]
fn every_example_of_an_answer_or_body_fits_its_schema() {
    for (surface, name) in SURFACES {
        let document = documents::document(surface);
        let mut count = 0;
        let fits = |at: &str, schema: &Value, example: &Value| {
            let mut root = schema.clone();
            root["components"] = document["components"].clone();
            let validator = jsonschema::options()
                .should_validate_formats(true)
                .build(&root)
                .unwrap();
            let errors: Vec<_> = validator
                .iter_errors(example)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{name} {at}: {errors:?}");
        };
        walk(&document, "", &mut |at, value| {
            if let (Some(example), true) = (value.get("example"), value["schema"].is_object()) {
                count += 1;
                fits(at, &value["schema"], example);
            }
            if let (Some(examples), true) = (value["examples"].as_object(), value["schema"].is_object()) {
                for example in examples.values() {
                    count += 1;
                    let named = example["$ref"]
                        .as_str()
                        .and_then(|place| document.pointer(&place[1..]));
                    fits(at, &value["schema"], &named.unwrap_or(example)["value"]);
                }
            }
            let schemas = at.starts_with("/components/schemas/") && !at.contains("/example");
            if let (true, Some(example)) = (schemas, value.get("example")) {
                count += 1;
                fits(at, value, example);
            }
        });
        assert!(count > 30, "{name} has only {count} examples");
    }
}

#[test]
fn every_answer_and_every_body_has_an_example() {
    for (surface, name) in SURFACES {
        let document = documents::document(surface);
        for (what, operation) in operations(&document) {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let response = resolve(&document, response);
                for (kind, media) in response["content"].as_object().into_iter().flatten() {
                    let shown = media["examples"].as_object().is_some_and(|all| !all.is_empty());
                    assert!(shown, "{name} {what} {status} {kind} has no example");
                }
            }
            for media in operation["requestBody"]["content"]
                .as_object()
                .into_iter()
                .flat_map(|all| all.values())
            {
                let schema = resolve(&document, &media["schema"]);
                assert!(
                    schema["example"].is_object(),
                    "{name} {what} takes a body without an example"
                );
            }
        }
    }
}

#[test]
fn an_operation_is_named_by_a_verb_and_a_resource() {
    let verbs = [
        "accept",
        "approve",
        "archive",
        "begin",
        "confirm",
        "create",
        "delete",
        "disable",
        "export",
        "finish",
        "follow",
        "get",
        "list",
        "merge",
        "publish",
        "put",
        "reopen",
        "restore",
        "change",
        "reactivate",
        "refresh",
        "renew",
        "reject",
        "request",
        "resend",
        "resolve",
        "revert",
        "revoke",
        "rotate",
        "run",
        "schedule",
        "search",
        "set",
        "submit",
        "suggest",
        "suspend",
        "unpublish",
        "unschedule",
        "update",
        "withdraw",
    ];
    for (surface, name) in SURFACES {
        for (what, operation) in operations(&documents::document(surface)) {
            let id = operation["operationId"].as_str().unwrap();
            let verb = id.split_once('_').map_or("", |(verb, _)| verb);
            assert!(
                verbs.contains(&verb) || ["login", "logout"].contains(&id),
                "{name} {what} is called {id}"
            );
        }
    }
}

#[test]
fn a_body_that_is_optional_is_left_out_and_never_null() {
    let document = documents::document(Surface::Management);
    let body = &document["paths"]["/management/v1/articles/{id}/publish"]["post"]["requestBody"];
    assert_ne!(body["required"], true);
    assert_eq!(
        body["content"]["application/json"]["schema"],
        serde_json::json!({ "$ref": "#/components/schemas/PublishArticle" })
    );
}

#[test]
fn credentials_are_needed_by_all_of_management_but_the_login_and_by_no_reader() {
    for (surface, name) in SURFACES {
        for (what, operation) in operations(&documents::document(surface)) {
            let ways = operation["security"].as_array().unwrap();
            let is_open = ways.contains(&serde_json::json!({}));
            let open = OPEN.map(Value::from);
            let expected = surface == Surface::Delivery || open.contains(&operation["operationId"]);
            assert_eq!(is_open, expected, "{name} {what}: {ways:?}");
        }
    }
}

#[test]
fn the_limits_of_the_contract_are_those_of_the_domain() {
    let document = documents::document(Surface::Management);
    let limit = |schema: &str, field: &str, key: &str| {
        document["components"]["schemas"][schema]["properties"][field][key]
            .as_u64()
            .map(|n| usize::try_from(n).unwrap())
    };
    for (schema, field, key, expected) in [
        ("CreateArticle", "title", "maxLength", text::TITLE_LIMIT),
        ("CreateArticle", "dek", "maxLength", text::LINE_LIMIT),
        (
            "CreateArticle",
            "sections",
            "maxItems",
            masthead_domain::article::Article::SECTIONS,
        ),
        (
            "CreateArticle",
            "faqs",
            "maxItems",
            masthead_domain::article::Article::FAQS,
        ),
        (
            "CreateArticle",
            "tags",
            "maxItems",
            masthead_domain::article::Article::TAGS,
        ),
        (
            "CreateArticle",
            "authors",
            "maxItems",
            masthead_domain::article::Article::AUTHORS,
        ),
        (
            "CreateArticle",
            "slug",
            "maxLength",
            masthead_domain::slug::Slug::LIMIT,
        ),
        ("TextSectionInput", "body", "maxLength", text::BODY_LIMIT),
        ("CreateFaq", "question", "maxLength", text::QUESTION_LIMIT),
        ("CreateFaq", "answer", "maxLength", text::ANSWER_LIMIT),
        ("CreateAuthor", "bio", "maxLength", text::BIO_LIMIT),
        ("CreateProposal", "operations", "maxItems", Proposal::OPERATIONS),
        ("CreateProposal", "message", "maxLength", text::NOTE_LIMIT),
        ("AcceptOperations", "operations", "maxItems", Proposal::OPERATIONS),
        ("RejectOperations", "reason", "maxLength", text::NOTE_LIMIT),
        ("CreateArticleNote", "body", "maxLength", Note::BODY),
        ("CreateArticleNote", "quote", "maxLength", Note::QUOTE),
        ("CreateArticleNote", "mentions", "maxItems", Note::MENTIONS),
        ("CreateFaqNote", "body", "maxLength", Note::BODY),
        ("CreateReply", "body", "maxLength", Note::BODY),
        ("UpdateNote", "mentions", "maxItems", Note::MENTIONS),
        ("Note", "replies", "maxItems", Note::REPLIES),
        (
            "CreateAuthor",
            "links",
            "maxItems",
            masthead_domain::author::Author::LINKS,
        ),
    ] {
        assert_eq!(
            limit(schema, field, key),
            Some(expected),
            "{schema}.{field} {key}"
        );
    }
}

#[test]
fn the_documents_are_served_as_they_are_committed() {
    let app = App::start();
    for (_, name) in SURFACES {
        let path = format!("/openapi/{name}.json");
        let answer = app.anonymous().get(&path).expect(200);
        let committed = std::fs::read(workspace().join(format!("openapi/{name}.json"))).unwrap();
        assert!(answer.bytes() == committed, "{path} is not what is committed");
        let again = app
            .anonymous()
            .with("If-None-Match", &answer.etag())
            .get(&path)
            .expect(304);
        assert!(again.bytes().is_empty());
    }
}

#[test]
fn every_kind_of_problem_has_a_page() {
    let app = App::start();
    for code in ProblemCode::ALL {
        let page = app
            .anonymous()
            .get(&format!("/docs/problems/{}", code.as_str()))
            .expect(200);
        assert!(page.text().contains(code.title()), "{}", code.as_str());
    }
    app.anonymous()
        .get("/docs/problems/no_such_problem")
        .expect_problem(404, "not_found");
}
