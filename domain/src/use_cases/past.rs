//! What readers saw at moments that have passed, for those who may see what readers do not see now.

use std::collections::BTreeMap;

use crate::clock::Instant;
use crate::delivering::Delivered;
use crate::error::{Error, Resource, Result};
use crate::id::ArticleId;
use crate::published::PublishedByline;
use crate::rights::Permission;
use crate::use_cases::Unit;

/// An article with all its parts as readers saw them at a moment.
pub fn article(unit: &mut Unit<'_>, id: ArticleId, at: Instant) -> Result<Delivered> {
    unit.actor.require(Permission::ContentPreview)?;
    let edition = unit
        .repository
        .edition_at(id, at)?
        .ok_or_else(|| Error::not_found(Resource::Article, id))?;
    let names: Vec<_> = edition.authors.iter().map(|byline| byline.author_id).collect();
    let authors: BTreeMap<_, _> = unit
        .repository
        .published_authors_at(&names, at)?
        .into_iter()
        .map(|author| (author.id, author))
        .collect();
    let bylines = edition.authors.iter().filter_map(|byline| {
        let author = authors.get(&byline.author_id)?.clone();
        Some(PublishedByline {
            author,
            role: byline.role,
        })
    });
    Ok(Delivered {
        alternates: Vec::new(),
        authors: bylines.collect(),
        tags: unit.repository.published_tags_at(&edition.tags, at)?,
        faqs: unit.repository.published_faqs_at(&edition.faqs, at)?,
        sections: edition.sections,
        article: edition.article,
    })
}
