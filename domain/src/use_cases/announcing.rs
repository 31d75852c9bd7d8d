//! The entries of the change log: what is said of a change that readers see.

use std::collections::BTreeSet;

use crate::article::Article;
use crate::author::Author;
use crate::change::{ChangeOp, ChangeReason, ChangeType, NewChange, cache_tag, list_tag, story_tag};
use crate::faq::Faq;
use crate::id::{ArticleId, AuthorId, FaqId, TagId};
use crate::locale::Locale;
use crate::published::{EditionLinks, FaqLinks};
use crate::slug::Slug;
use crate::tag::Tag;
use crate::use_cases::Unit;

/// An article that readers see from now on, or see otherwise.
pub(super) fn shown_article(unit: &Unit<'_>, article: &Article, seen: Option<&EditionLinks>) -> NewChange {
    NewChange {
        op: ChangeOp::Upsert,
        resource: ChangeType::Article,
        id: article.id.uuid(),
        slug: article.slug.to_string(),
        locale: Some(article.locale.to_string()),
        reason: ChangeReason::Published,
        redirect_to: None,
        cache_tags: article_tags(article, seen),
        at: unit.now,
    }
}

/// An article as readers see it, of which something else changed.
pub(super) fn seen_article(
    unit: &Unit<'_>,
    id: ArticleId,
    seen: &EditionLinks,
    reason: ChangeReason,
) -> NewChange {
    let resource = ChangeType::Article;
    NewChange {
        op: ChangeOp::Upsert,
        resource,
        id: id.uuid(),
        slug: seen.slug.to_string(),
        locale: Some(seen.locale.to_string()),
        reason,
        redirect_to: None,
        cache_tags: vec![cache_tag(resource, id), list_tag(resource).to_owned()],
        at: unit.now,
    }
}

/// An article that readers saw.
pub(super) fn gone_article(
    unit: &Unit<'_>,
    reason: ChangeReason,
    article: &Article,
    seen: &EditionLinks,
) -> NewChange {
    NewChange {
        op: ChangeOp::Delete,
        slug: seen.slug.to_string(),
        locale: Some(seen.locale.to_string()),
        reason,
        ..shown_article(unit, article, Some(seen))
    }
}

/// A FAQ that readers see from now on, or see otherwise; with the tags it had and has.
pub(super) fn shown_faq(unit: &Unit<'_>, faq: &Faq, tags: &BTreeSet<TagId>) -> NewChange {
    let resource = ChangeType::Faq;
    let mut cache_tags = vec![cache_tag(resource, faq.id), list_tag(resource).to_owned()];
    cache_tags.extend((!tags.is_empty()).then(|| list_tag(ChangeType::Tag).to_owned()));
    cache_tags.extend(tags.iter().map(|id| cache_tag(ChangeType::Tag, id)));
    NewChange {
        op: ChangeOp::Upsert,
        resource,
        id: faq.id.uuid(),
        slug: faq.slug.to_string(),
        locale: Some(faq.locale.to_string()),
        reason: ChangeReason::Published,
        redirect_to: None,
        cache_tags,
        at: unit.now,
    }
}

/// A FAQ as readers see it, of which something else changed.
pub(super) fn seen_faq(unit: &Unit<'_>, id: FaqId, seen: &FaqLinks, reason: ChangeReason) -> NewChange {
    let resource = ChangeType::Faq;
    NewChange {
        op: ChangeOp::Upsert,
        resource,
        id: id.uuid(),
        slug: seen.slug.to_string(),
        locale: Some(seen.locale.to_string()),
        reason,
        redirect_to: None,
        cache_tags: vec![cache_tag(resource, id), list_tag(resource).to_owned()],
        at: unit.now,
    }
}

/// A FAQ that readers saw.
pub(super) fn gone_faq(unit: &Unit<'_>, reason: ChangeReason, faq: &Faq, seen: &FaqLinks) -> NewChange {
    let tags = seen.tags.iter().copied().collect();
    NewChange {
        op: ChangeOp::Delete,
        slug: seen.slug.to_string(),
        locale: Some(seen.locale.to_string()),
        reason,
        ..shown_faq(unit, faq, &tags)
    }
}

/// A tag that came, changed or went.
pub(super) fn tag(unit: &Unit<'_>, op: ChangeOp, reason: ChangeReason, tag: &Tag) -> NewChange {
    let resource = ChangeType::Tag;
    NewChange {
        op,
        resource,
        id: tag.id.uuid(),
        slug: tag.slug.to_string(),
        locale: None,
        reason,
        redirect_to: None,
        cache_tags: vec![cache_tag(resource, tag.id), list_tag(resource).to_owned()],
        at: unit.now,
    }
}

/// An author who came, changed or went.
pub(super) fn author(unit: &Unit<'_>, op: ChangeOp, reason: ChangeReason, author: &Author) -> NewChange {
    let resource = ChangeType::Author;
    NewChange {
        op,
        resource,
        id: author.id.uuid(),
        slug: author.slug.to_string(),
        locale: None,
        reason,
        redirect_to: None,
        cache_tags: vec![cache_tag(resource, author.id), list_tag(resource).to_owned()],
        at: unit.now,
    }
}

/// What is said of the slug that a thing left, before the entry that shows it under another; `None` where it is the
/// same.
pub(super) fn renamed(shown: &NewChange, slug: &Slug, locale: Option<&Locale>) -> Option<NewChange> {
    let locale = locale.map(ToString::to_string);
    (shown.slug != slug.as_str() || shown.locale != locale).then(|| NewChange {
        op: ChangeOp::Delete,
        slug: slug.to_string(),
        locale,
        reason: ChangeReason::Renamed,
        redirect_to: Some(shown.slug.clone()),
        ..shown.clone()
    })
}

/// The tags that an article had before readers' eyes, and those it has.
fn tags_touched(seen: Option<&EditionLinks>, article: &Article) -> BTreeSet<TagId> {
    let before = seen.into_iter().flat_map(|seen| &seen.tags);
    before.chain(&article.tags).copied().collect()
}

/// The authors that an article had before readers' eyes, and those it has.
fn authors_touched(seen: Option<&EditionLinks>, article: &Article) -> BTreeSet<AuthorId> {
    let before = seen.into_iter().flat_map(|seen| seen.authors.iter().copied());
    before
        .chain(article.authors.iter().map(|by| by.author_id))
        .collect()
}

/// The tags and authors that an article gets or loses before readers' eyes.
pub(super) struct Moved {
    pub tags: BTreeSet<TagId>,
    pub authors: BTreeSet<AuthorId>,
}

impl Moved {
    /// By an edition in the place of what readers saw.
    pub(super) fn by_showing(seen: Option<&EditionLinks>, article: &Article) -> Self {
        let shown = Self {
            tags: article.tags.iter().copied().collect(),
            authors: article.authors.iter().map(|by| by.author_id).collect(),
        };
        let Some(seen) = seen.map(Self::by_taking_away) else {
            return shown;
        };
        Self {
            tags: &seen.tags ^ &shown.tags,
            authors: &seen.authors ^ &shown.authors,
        }
    }

    /// By taking away what readers saw.
    pub(super) fn by_taking_away(seen: &EditionLinks) -> Self {
        Self {
            tags: seen.tags.iter().copied().collect(),
            authors: seen.authors.iter().copied().collect(),
        }
    }
}

fn article_tags(article: &Article, seen: Option<&EditionLinks>) -> Vec<String> {
    let resource = ChangeType::Article;
    let mut cache_tags = vec![cache_tag(resource, article.id), list_tag(resource).to_owned()];
    // Tags and authors show how many articles carry them, in lists of their own too.
    let tags = tags_touched(seen, article);
    let authors = authors_touched(seen, article);
    cache_tags.extend((!tags.is_empty()).then(|| list_tag(ChangeType::Tag).to_owned()));
    cache_tags.extend(tags.iter().map(|id| cache_tag(ChangeType::Tag, id)));
    cache_tags.extend((!authors.is_empty()).then(|| list_tag(ChangeType::Author).to_owned()));
    cache_tags.extend(authors.iter().map(|id| cache_tag(ChangeType::Author, id)));
    // Each language of a story names the others.
    let stories: BTreeSet<_> = seen
        .map(|seen| seen.story)
        .into_iter()
        .chain([article.story_id()])
        .collect();
    cache_tags.extend(stories.into_iter().map(story_tag));
    cache_tags
}
