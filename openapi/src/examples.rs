//! Examples in the documents, made of the domain's own things by the same code that makes answers.

use serde_json::{Map, Value, json};

use crate::document::Surface;
use crate::forms::Site;
use crate::problem::{Conflict, Problem, ProblemCode};

mod answers;
mod audit;
mod batch;
mod history;
mod identity;
mod notes;
mod preflight;
mod preview;
mod proposals;
mod releases;
mod search;
mod trash;
mod world;

/// A problem of this code, as an answer would carry it.
pub(crate) fn problem(code: ProblemCode) -> Value {
    let mut problem = Problem {
        request_id: "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b".into(),
        ..Problem::new(code, code.advice())
    };
    if code == ProblemCode::StaleRevision {
        problem.base_revision = Some(4);
        problem.current_revision = Some(5);
        problem.changed_by = Some(format!("user:{}", world::user()));
        problem.changed_at = Some("2026-03-04T12:00:00Z".into());
        problem.conflicts = history::conflict().map(|conflict| vec![conflict]);
    }
    if code == ProblemCode::ConflictingOperations {
        let conflict = history::conflict().map(|conflict| Conflict {
            pointer: format!("/operations/0/section{}", conflict.pointer),
            ..conflict
        });
        problem.conflicts = conflict.map(|conflict| vec![conflict]);
    }
    serde_json::to_value(problem).unwrap_or_default()
}

/// Gives every answer that has a body the example of its schema.
pub(crate) fn add(document: &mut Value, surface: Surface) {
    let Some(answers) = answers::all(surface) else {
        return;
    };
    for operation in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let responses = operation.pointer_mut("/responses").and_then(Value::as_object_mut);
        for response in responses.into_iter().flat_map(Map::values_mut) {
            let content = response.pointer_mut("/content").and_then(Value::as_object_mut);
            for (kind, media) in content.into_iter().flatten() {
                let schema = media["schema"]["$ref"].as_str();
                // A text has no schema of its own: its example is that of its operation or its media type.
                let name = schema
                    .and_then(|place| place.rsplit('/').next())
                    .unwrap_or(kind.as_str());
                let by = |name: &str| answers.keys().find(|known| **known == name);
                if let Some(name) = by(name).or_else(|| by(&id)) {
                    let name = component(name);
                    let place = json!({ "$ref": format!("#/components/examples/{name}") });
                    media["examples"] = json!({ "example": place });
                }
            }
        }
    }
    for (name, value) in answers {
        document["components"]["examples"][component(name)] = json!({ "value": value });
    }
    if let Some(examples) = document["components"]["examples"].as_object_mut() {
        examples.sort_keys();
    }
}

/// A name that components may have.
fn component(name: &str) -> String {
    let plain = name.split(';').next().unwrap_or_default();
    plain.replace(['/', '+'], "-")
}

/// The site of the examples.
pub(crate) fn site() -> Site {
    world::site()
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(_, item)| {
        item.as_object_mut()
            .into_iter()
            .flatten()
            .map(|(_, operation)| operation)
    })
}
