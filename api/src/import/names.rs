//! Tags and authors in front matter: names that become slugs, made on their first use.

use masthead_domain::article::BylineRole;
use masthead_domain::error::{Refused, Resource};
use masthead_domain::rendering::slugify;
use masthead_domain::slug::Slug;
use masthead_domain::text;

use super::fields::{Fields, Noticed};
use super::yaml::{Node, Value};

/// A tag or an author that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub name: String,
    pub slug: Slug,
    /// Whether the file says what it is called, and not its slug alone.
    pub has_name: bool,
    /// What an author did; a tag does nothing.
    pub role: BylineRole,
}

/// The authors, in the order of the byline.
pub(super) fn authors(fields: &mut Fields, noticed: &mut Noticed) -> Vec<Named> {
    let items = fields.list("authors", noticed);
    let named = items
        .into_iter()
        .filter_map(|(at, node)| read(Resource::Author, node, &at, noticed))
        .collect();
    once(Resource::Author, named, noticed)
}

/// The tags; the first is the primary one.
pub(super) fn tags(fields: &mut Fields, noticed: &mut Noticed) -> Vec<Named> {
    let items = fields.list("tags", noticed);
    if let [(at, node)] = items.as_slice()
        && at == "/tags"
        && node.text().is_some_and(|text| text.contains(','))
    {
        noticed.problem(
            at,
            "Write a list, one tag a line after a hyphen, or in brackets: [Oceans, Moon].",
        );
        return Vec::new();
    }
    let named = items
        .into_iter()
        .filter_map(|(at, node)| read(Resource::Tag, node, &at, noticed))
        .collect();
    once(Resource::Tag, named, noticed)
}

/// A name, a slug, or a mapping of both.
fn read(resource: Resource, node: Node, at: &str, noticed: &mut Noticed) -> Option<Named> {
    if let Some(text) = node.text() {
        let text = text.trim().to_owned();
        return named(Some(text), None, BylineRole::Writer, at, noticed);
    }
    if !matches!(node.value, Value::Map(_)) {
        noticed.problem(
            at,
            format!("This is {}; write a name, or {}.", node.kind(), shape(resource)),
        );
        return None;
    }
    let mut fields = Fields::of(node, at, noticed);
    let name = fields.text("name", noticed);
    let slug = fields.text("slug", noticed);
    let role = if resource == Resource::Author {
        role(&mut fields, noticed)
    } else {
        BylineRole::Writer
    };
    fields.finish(noticed);
    named(name, slug, role, at, noticed)
}

fn shape(resource: Resource) -> &'static str {
    if resource == Resource::Author {
        "{ name: …, slug: …, role: … }"
    } else {
        "{ name: …, slug: … }"
    }
}

fn role(fields: &mut Fields, noticed: &mut Noticed) -> BylineRole {
    let at = fields.pointer("role");
    let role = fields
        .text("role", noticed)
        .and_then(|text| noticed.take(&at, BylineRole::parse(&text)));
    role.unwrap_or(BylineRole::Writer)
}

fn named(
    name: Option<String>,
    slug: Option<String>,
    role: BylineRole,
    at: &str,
    noticed: &mut Noticed,
) -> Option<Named> {
    let Some(called) = name.clone().or_else(|| slug.clone()) else {
        noticed.problem(at, "This needs a name.");
        return None;
    };
    let called = noticed.take(at, text::line(called, text::TITLE_LIMIT));
    let slug = match slug {
        Some(slug) => noticed.take(&format!("{at}/slug"), Slug::parse(&slug)),
        None => noticed.take(at, slug_of(name.as_deref().unwrap_or_default())),
    };
    let (name_or_slug, slug) = called.zip(slug)?;
    let has_name = name_or_slug != slug.as_str();
    Some(Named {
        name: name_or_slug,
        slug,
        has_name,
        role,
    })
}

/// A name that is a slug already names what has it.
fn slug_of(name: &str) -> Result<Slug, Refused> {
    Slug::parse(name).or_else(|_| {
        let hint = format!("No slug can be made of `{name}`; give one: {{ name: …, slug: … }}.");
        Slug::parse(&slugify(name)).map_err(|refused| Refused::new(refused.code, hint))
    })
}

/// Each slug once; what stands a second time is noted.
fn once(resource: Resource, all: Vec<Named>, noticed: &mut Noticed) -> Vec<Named> {
    let mut kept: Vec<Named> = Vec::new();
    for named in all {
        match kept.iter().find(|other| other.slug == named.slug) {
            None => kept.push(named),
            Some(first) => noticed.note(
                "named_twice",
                format!(
                    "`{}` and `{}` are one {resource}, `{}`; the second is left out. Give it a slug of its own if it is another.",
                    first.name, named.name, first.slug
                ),
            ),
        }
    }
    kept
}
