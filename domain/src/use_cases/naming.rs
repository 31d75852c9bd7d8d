//! The ids in values of a history, told as a client writes them: slugs of tags and authors, FAQs as objects.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::error::Result;
use crate::history::{Conflict, Diff};
use crate::id::{AuthorId, TagId};
use crate::use_cases::Unit;

/// Tells the ids in conflicts.
pub(super) fn conflicts(unit: &mut Unit<'_>, mut found: Vec<Conflict>) -> Result<Vec<Conflict>> {
    let values = found.iter_mut().flat_map(|one| {
        let pointer = one.place.pointer.as_str();
        [&mut one.base, &mut one.theirs, &mut one.yours].map(|value| (pointer, value))
    });
    tell(unit, values.collect())?;
    Ok(found)
}

/// Tells the ids in what differs between two revisions.
pub(super) fn diff(unit: &mut Unit<'_>, mut found: Diff) -> Result<Diff> {
    let values = found.fields.iter_mut().flat_map(|one| {
        let pointer = one.pointer.as_str();
        [&mut one.before, &mut one.after].map(|value| (pointer, value))
    });
    tell(unit, values.collect())?;
    Ok(found)
}

fn tell(unit: &mut Unit<'_>, mut values: Vec<(&str, &mut Value)>) -> Result<()> {
    let mut tags: Vec<TagId> = Vec::new();
    let mut authors: Vec<AuthorId> = Vec::new();
    for (pointer, value) in &values {
        let items = value.as_array().into_iter().flatten();
        match *pointer {
            "/tags" => tags.extend(items.filter_map(Value::as_str).filter_map(TagId::parse)),
            "/authors" => {
                let ids = items.filter_map(|item| item["author_id"].as_str());
                authors.extend(ids.filter_map(AuthorId::parse));
            }
            _ => {}
        }
    }
    let tags = unit.repository.tags_by_id(&tags)?;
    let tags: HashMap<_, _> = tags
        .iter()
        .map(|tag| (tag.id.to_string(), tag.slug.as_str()))
        .collect();
    let authors = unit.repository.authors_by_id(&authors)?;
    let authors: HashMap<_, _> = authors
        .iter()
        .map(|author| (author.id.to_string(), author.slug.as_str()))
        .collect();
    // What is gone by now keeps its id, for it has no other name any more.
    let named = |names: &HashMap<String, &str>, id: &Value| {
        let name = id.as_str().and_then(|id| names.get(id));
        name.map_or_else(|| id.clone(), |name| Value::String((*name).to_owned()))
    };
    for (pointer, value) in &mut values {
        let Value::Array(items) = value else { continue };
        for item in items {
            *item = match *pointer {
                "/tags" => named(&tags, item),
                "/authors" => json!({ "slug": named(&authors, &item["author_id"]), "role": item["role"] }),
                "/faqs" if item.is_string() => json!({ "id": item }),
                _ => continue,
            };
        }
    }
    Ok(())
}
