//! From a merged document back to the article that it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Document, Field, Part};
use crate::article::Article;
use crate::clock::Instant;
use crate::error::{Refused, Result};
use crate::rendering;
use crate::section::{Heading, Section};

/// The article that a merged document is: `theirs` where it did not change, with the new sections of `yours`.
pub fn applied(theirs: &Article, yours: &Article, merged: &Document, now: Instant) -> Result<Article> {
    let mut after = theirs.clone();
    after.kind = field(merged, Field::Kind)?;
    after.locale = field(merged, Field::Locale)?;
    after.slug = field(merged, Field::Slug)?;
    after.story = field(merged, Field::TranslationOf)?;
    after.title = field(merged, Field::Title)?;
    after.dek = field(merged, Field::Dek)?;
    after.excerpt = field(merged, Field::Excerpt)?;
    after.cover = field(merged, Field::Cover)?;
    after.seo = field(merged, Field::Seo)?;
    after.metadata = field(merged, Field::Metadata)?;
    after.tags = list(merged, Field::Tags)?;
    after.authors = list(merged, Field::Authors)?;
    after.faqs = list(merged, Field::Faqs)?;
    after.sections = merged
        .sections
        .iter()
        .map(|part| section(part, theirs, yours, now))
        .collect::<Result<_>>()?;
    settle_anchors(theirs, &mut after.sections);
    Ok(after)
}

/// Lets an article hold these values of its fields; one that cannot be read is left as it was.
pub fn set_fields(article: &mut Article, fields: &BTreeMap<Field, Value>) {
    fn set<T: DeserializeOwned>(target: &mut T, value: &Value) {
        if let Ok(value) = serde_json::from_value(value.clone()) {
            *target = value;
        }
    }
    for (field, value) in fields {
        match field {
            Field::Kind => set(&mut article.kind, value),
            Field::Locale => set(&mut article.locale, value),
            Field::Slug => set(&mut article.slug, value),
            Field::TranslationOf => set(&mut article.story, value),
            Field::Title => set(&mut article.title, value),
            Field::Dek => set(&mut article.dek, value),
            Field::Excerpt => set(&mut article.excerpt, value),
            Field::Cover => set(&mut article.cover, value),
            Field::Seo => set(&mut article.seo, value),
            Field::Metadata => set(&mut article.metadata, value),
            Field::Tags => set(&mut article.tags, value),
            Field::Authors => set(&mut article.authors, value),
            Field::Faqs => set(&mut article.faqs, value),
            Field::Question | Field::Answer => {}
        }
    }
}

fn field<T: DeserializeOwned>(merged: &Document, field: Field) -> Result<T> {
    let value = merged.fields.get(&field).cloned().unwrap_or_default();
    read(value, &format!("/{field}"))
}

fn list<T: DeserializeOwned>(merged: &Document, field: Field) -> Result<Vec<T>> {
    let items = merged.lists.get(&field).cloned().unwrap_or_default();
    read(Value::Array(items), &format!("/{field}"))
}

fn read<T: DeserializeOwned>(value: Value, pointer: &str) -> Result<T> {
    serde_json::from_value(value).map_err(|error| {
        let message = format!("After the merge this cannot be read: {error}.");
        Refused::new("invalid", message).at(pointer)
    })
}

fn section(part: &Part, theirs: &Article, yours: &Article, now: Instant) -> Result<Section> {
    let of = |article: &Article| {
        article
            .sections
            .iter()
            .find(|section| section.id == part.id)
            .cloned()
    };
    let (their, your) = (of(theirs), of(yours));
    let Some(their) = their else {
        return your.ok_or_else(|| Refused::new("invalid", "A merged section is nobody's.").at("/sections"));
    };
    if Part::from(&their) == *part {
        return Ok(their);
    }
    let heading = match part.get("heading") {
        Value::Null => None,
        text => Some(Heading {
            text: read(text.clone(), "/sections")?,
            level: read(part.get("level").clone(), "/sections")?,
            anchor: read(part.get("anchor").clone(), "/sections")?,
        }),
    };
    let content: Map<String, Value> = part
        .fields
        .clone()
        .into_iter()
        .filter(|(name, _)| !matches!(name.as_str(), "heading" | "level" | "anchor"))
        .collect();
    let mut changed = Section {
        heading,
        content: read(Value::Object(content), "/sections")?,
        revision: their.revision.saturating_add(1),
        updated_at: now,
        ..their.clone()
    };
    changed.keep_anchors_of(&their);
    if let Some(your) = your {
        changed.keep_anchors_of(&your);
    }
    Ok(changed)
}

/// Lets no two headings have one anchor: whoever had it before keeps it. An anchor in use is nobody's alias.
pub fn settle_anchors(before: &Article, sections: &mut [Section]) {
    let own: HashMap<_, _> = before
        .sections
        .iter()
        .map(|section| (section.id, section))
        .collect();
    let stay: HashSet<_> = sections.iter().map(|section| section.id).collect();
    let staying = before
        .sections
        .iter()
        .filter(|section| stay.contains(&section.id));
    let mut taken: BTreeSet<String> = staying.flat_map(Section::anchors).map(str::to_owned).collect();
    for section in sections.iter_mut() {
        let was = own.get(&section.id);
        let Some(heading) = section.heading.as_mut() else {
            continue;
        };
        if was.is_some_and(|was| was.anchors().any(|anchor| anchor == heading.anchor)) {
            continue;
        }
        if taken.contains(&heading.anchor) {
            heading.anchor = rendering::unique_anchor(&heading.text, &taken);
        }
        taken.insert(heading.anchor.clone());
    }
    let used: HashSet<String> = sections
        .iter()
        .filter_map(|section| section.heading.as_ref().map(|heading| heading.anchor.clone()))
        .collect();
    for section in sections {
        section.anchor_aliases.retain(|alias| !used.contains(alias));
    }
}
