//! Writing articles: create, change, replace, delete. None of these shows anything to readers.

use serde_json::Value;

use crate::article::{Article, ArticleKind, Expected, Metadata, Overview, Review, Seo, Status};
use crate::change::{ChangeReason, ChangeType};
use crate::error::{Error, Refused, Resource, Result, Violations};
use crate::history::{Document, Entry};
use crate::id::{ArticleId, FaqId};
use crate::locale::Locale;
use crate::rights::Permission;
use crate::slug::Slug;
use crate::text::{self, optional};
use crate::use_cases::drafting::{self, ArticleInput, Draft, DraftFaq, FaqEntry};
use crate::use_cases::merging::merged;
use crate::use_cases::reading::{ArticleView, article_view};
use crate::use_cases::{Unit, conflicts, faqs, links, publishing, redirects, slugs, stories};
use crate::workflow::Reviewed;

/// What `PATCH` may change; a missing field stays, an inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArticlePatch {
    /// Article or page.
    pub kind: Option<ArticleKind>,
    /// The language it is in.
    pub locale: Option<String>,
    /// Its slug.
    pub slug: Option<String>,
    /// The headline.
    pub title: Option<String>,
    /// The line under the headline.
    pub dek: Option<Option<String>>,
    /// An excerpt of its own.
    pub excerpt: Option<Option<String>>,
    /// A merge patch of the picture that stands for it.
    pub cover: Option<Option<Value>>,
    /// A merge patch of the overrides for search engines.
    pub seo: Option<Option<Value>>,
    /// A merge patch of the frontend's own.
    pub metadata: Option<Option<Value>>,
    /// Slugs, in order.
    pub tags: Option<Vec<String>>,
    /// In order.
    pub authors: Option<Vec<links::BylineInput>>,
    /// The id of an article of the story it tells; an inner `None` lets it stand alone.
    pub translation_of: Option<Option<String>>,
}

/// Creates an article with its sections, FAQs and links, all or nothing; `id` where the client chose one.
pub fn create(unit: &mut Unit<'_>, id: Option<ArticleId>, input: ArticleInput) -> Result<ArticleView> {
    unit.actor.require(Permission::ArticlesWrite)?;
    if let Some(id) = id
        && (unit.repository.article(id)?.is_some() || unit.repository.is_id_spent(id.uuid())?)
    {
        return Err(Error::Exists {
            resource: Resource::Article,
            id: id.to_string(),
        });
    }
    let translation_of = input.translation_of.clone();
    let draft = drafting::article(unit, input, &[])?;
    let id = id.unwrap_or_else(|| ArticleId::next(unit.ids));
    let mut article = assemble(unit, id, draft)?;
    within_limits(&article)?;
    if let Some(of) = translation_of {
        article.story = stories::of(unit, &article, &of)?;
    }
    unit.repository.insert_article(&article)?;
    unit.repository
        .append_article_revision(&article, &Entry::first("created"))?;
    article_view(unit, article)
}

/// Changes single fields.
pub fn patch(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    patch: ArticlePatch,
) -> Result<ArticleView> {
    let before = lock(unit, id)?;
    conflicts::expect_article(unit, &before, expected, |unit, base| {
        let mut yours = base.clone();
        // What is not valid in it is left out: that it is stale is said first.
        apply(unit, &mut Violations::default(), &mut yours, patch.clone())?;
        Ok(Some((&yours).into()))
    })?;
    let mut after = before.clone();
    let mut v = Violations::default();
    let translation_of = patch.translation_of.clone();
    apply(unit, &mut v, &mut after, patch)?;
    v.finish()?;
    if let Some(of) = translation_of {
        after.story = match of {
            Some(of) => stories::of(unit, &after, &of)?,
            None => stories::alone(unit, &after)?,
        };
    }
    if after.locale != before.locale {
        stories::expect_free(unit, &after, "/locale")?;
    }
    if after.slug != before.slug || after.locale != before.locale {
        claim_slug(unit, &after.locale, &after.slug, Some(id))?;
    }
    let after = save(unit, &before, after, "fields changed")?;
    article_view(unit, after)
}

/// Replaces everything; sections named by their ids keep them, with their anchors and revisions.
pub fn replace(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    input: ArticleInput,
) -> Result<ArticleView> {
    let before = lock(unit, id)?;
    conflicts::expect_article(unit, &before, expected, |unit, base| {
        let draft = drafting::article(unit, input.clone(), &base.sections)?;
        Ok(Some(written(base, draft)))
    })?;
    let translation_of = input.translation_of.clone();
    let draft = drafting::article(unit, input, &before.sections)?;
    let mut after = replaced(unit, &before, draft)?;
    if let Some(of) = translation_of {
        after.story = stories::of(unit, &after, &of)?;
    }
    stories::expect_free(unit, &after, "/locale")?;
    let after = save(unit, &before, after, "replaced")?;
    article_view(unit, after)
}

/// Puts an article in the trash, away from readers too.
pub fn delete(unit: &mut Unit<'_>, id: ArticleId, expected: &Expected) -> Result<()> {
    let article = open(unit, id, expected)?;
    if article.is_live() {
        unit.actor.require(Permission::ArticlesPublish)?;
        publishing::take_down(unit, &article, ChangeReason::Deleted)?;
    }
    redirects::deleted(unit, ChangeType::Article, id.uuid())?;
    unit.repository
        .delete_article(id, unit.now, unit.actor.credential)
}

/// Links these FAQs in this order; new ones are made.
pub fn set_faqs(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    entries: Vec<FaqEntry>,
) -> Result<ArticleView> {
    let before = lock(unit, id)?;
    conflicts::expect_article(unit, &before, expected, |_, base| {
        Ok(Some(conflicts::with_faqs(base, &entries)))
    })?;
    let mut v = Violations::default();
    let entries = drafting::faq_entries(unit, &mut v, entries)?;
    v.finish()?;
    let mut after = before.clone();
    after.faqs = make_faqs(unit, &before.locale, entries)?;
    let after = save(unit, &before, after, "FAQs linked")?;
    article_view(unit, after)
}

/// Links these tags in this order.
pub fn set_tags(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    slugs: Vec<String>,
) -> Result<ArticleView> {
    patch(
        unit,
        id,
        expected,
        ArticlePatch {
            tags: Some(slugs),
            ..ArticlePatch::default()
        },
    )
}

/// Sets the byline.
pub fn set_authors(
    unit: &mut Unit<'_>,
    id: ArticleId,
    expected: &Expected,
    authors: Vec<links::BylineInput>,
) -> Result<ArticleView> {
    patch(
        unit,
        id,
        expected,
        ArticlePatch {
            authors: Some(authors),
            ..ArticlePatch::default()
        },
    )
}

/// Loads an article for a change by this caller, who has seen this revision.
pub(super) fn open(unit: &mut Unit<'_>, id: ArticleId, expected: &Expected) -> Result<Article> {
    let article = lock(unit, id)?;
    article.expect_revision(expected)?;
    Ok(article)
}

/// Loads an article for a change by this caller.
pub(super) fn lock(unit: &mut Unit<'_>, id: ArticleId) -> Result<Article> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let found = unit.repository.article_for_update(id)?;
    let article = found.ok_or_else(|| Error::not_found(Resource::Article, id))?;
    unit.actor.require_write(article.created_by)?;
    if article.status == Status::Scheduled {
        unit.actor.require_change_of_scheduled()?;
    }
    Ok(article)
}

/// Saves a changed article as its next revision; an unchanged one stays as it is.
pub(super) fn save(unit: &mut Unit<'_>, before: &Article, mut after: Article, done: &str) -> Result<Article> {
    if after == *before {
        return Ok(after);
    }
    if after.sections != before.sections {
        within_limits(&after)?;
        after.length = after.measured();
    }
    after.review = before.review_after_change();
    after.revision = before.revision.saturating_add(1);
    after.updated_at = unit.now;
    after.updated_by = unit.actor.credential;
    unit.repository.update_article(before, &after)?;
    let entry = Entry::of_article(done, before, &after);
    unit.repository.append_article_revision(&after, &entry)?;
    Ok(after)
}

/// Whether a slug is free for an article, in working copies and before readers' eyes.
pub(super) fn claim_slug(
    unit: &mut Unit<'_>,
    locale: &Locale,
    slug: &Slug,
    own: Option<ArticleId>,
) -> Result<Slug> {
    slugs::claim(Resource::Article, slug, |slug| is_taken(unit, locale, slug, own))
}

/// The article that replacing `before` by a draft makes.
pub(super) fn replaced(unit: &mut Unit<'_>, before: &Article, mut draft: Draft) -> Result<Article> {
    let slug = match draft.slug.take() {
        Some(slug) if slug == before.slug && draft.locale == before.locale => slug,
        Some(slug) => claim_slug(unit, &draft.locale, &slug, Some(before.id))?,
        None if draft.locale == before.locale => before.slug.clone(),
        None => derive_slug(unit, &draft.locale, &draft.title, Some(before.id))?,
    };
    let faqs = std::mem::take(&mut draft.faqs);
    let faqs = make_faqs(unit, &draft.locale, faqs)?;
    Ok(laid_over(before, draft, slug, faqs))
}

/// The article with a draft instead of everything that people wrote in it.
pub(super) fn laid_over(before: &Article, draft: Draft, slug: Slug, faqs: Vec<FaqId>) -> Article {
    Article {
        overview: Overview {
            kind: draft.kind,
            locale: draft.locale,
            slug,
            title: draft.title,
            dek: draft.dek,
            excerpt: draft.excerpt,
            cover: draft.cover,
            seo: draft.seo,
            metadata: draft.metadata,
            tags: draft.tags,
            authors: draft.authors,
            ..before.overview.clone()
        },
        sections: draft.sections,
        faqs,
    }
}

/// A draft as a client wrote it over the state that it has seen.
fn written(base: &Article, mut draft: Draft) -> Document {
    let faqs = std::mem::take(&mut draft.faqs);
    let slug = draft.slug.clone().unwrap_or_else(|| base.slug.clone());
    let yours = laid_over(base, draft, slug, Vec::new());
    conflicts::with_draft_faqs(&yours, &faqs)
}

fn assemble(unit: &mut Unit<'_>, id: ArticleId, draft: Draft) -> Result<Article> {
    let slug = match &draft.slug {
        Some(slug) => claim_slug(unit, &draft.locale, slug, None)?,
        None => derive_slug(unit, &draft.locale, &draft.title, None)?,
    };
    let faqs = make_faqs(unit, &draft.locale, draft.faqs)?;
    let overview = Overview {
        id,
        kind: draft.kind,
        story: None,
        locale: draft.locale,
        slug,
        title: draft.title,
        dek: draft.dek,
        excerpt: draft.excerpt,
        cover: draft.cover,
        seo: draft.seo,
        metadata: draft.metadata,
        tags: draft.tags,
        authors: draft.authors,
        length: draft.sections.iter().map(crate::section::Section::measured).sum(),
        status: Status::Draft,
        review: Review::None,
        reviewed: Reviewed::default(),
        revision: 1,
        published_revision: None,
        publish_at: None,
        unpublish_at: None,
        schedule_error: None,
        published_at: None,
        first_published_at: None,
        created_at: unit.now,
        created_by: unit.actor.credential,
        updated_at: unit.now,
        updated_by: unit.actor.credential,
    };
    Ok(Article {
        overview,
        sections: draft.sections,
        faqs,
    })
}

/// Lays a patch over an article; what is wrong with it is noted, and left out.
pub(super) fn apply(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    article: &mut Article,
    patch: ArticlePatch,
) -> Result<()> {
    let line = |text| text::line(text, text::LINE_LIMIT);
    if let Some(kind) = patch.kind {
        article.kind = kind;
    }
    if let Some(locale) = optional(v, "/locale", patch.locale, |locale| Locale::parse(&locale)) {
        article.locale = locale;
    }
    if let Some(slug) = optional(v, "/slug", patch.slug, |slug| Slug::parse(&slug)) {
        article.slug = slug;
    }
    if let Some(title) = optional(v, "/title", patch.title, |title| {
        text::line(title, text::TITLE_LIMIT)
    }) {
        article.title = title;
    }
    if let Some(dek) = patch.dek {
        article.dek = optional(v, "/dek", dek, line);
    }
    if let Some(excerpt) = patch.excerpt {
        article.excerpt = optional(v, "/excerpt", excerpt, line);
    }
    if let Some(cover) = patch.cover {
        let merged = cover.and_then(|patch| merged(v, "/cover", article.cover.as_ref(), patch, &[""]));
        article.cover = merged.and_then(|cover| drafting::cover(v, "/cover", cover));
    }
    if let Some(seo) = patch.seo {
        let merged = seo.and_then(|patch| merged::<Seo>(v, "/seo", Some(&article.seo), patch, &["/image"]));
        article.seo = drafting::seo(v, "/seo", merged.unwrap_or_default());
    }
    if let Some(metadata) = patch.metadata {
        let merged = metadata
            .and_then(|patch| merged::<Metadata>(v, "/metadata", Some(&article.metadata), patch, &[]));
        let object = merged.unwrap_or_default().0;
        article.metadata = v.take("/metadata", Metadata::parse(object)).unwrap_or_default();
    }
    if let Some(slugs) = patch.tags {
        article.tags = links::tags(unit, v, "/tags", &slugs, Article::TAGS)?;
    }
    if let Some(authors) = patch.authors {
        article.authors = links::bylines(unit, v, "/authors", &authors)?;
    }
    Ok(())
}

/// Makes the FAQs that are new; answers all of them in order.
pub(super) fn make_faqs(unit: &mut Unit<'_>, locale: &Locale, entries: Vec<DraftFaq>) -> Result<Vec<FaqId>> {
    entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| match entry {
            DraftFaq::Existing(id) => Ok(id),
            DraftFaq::New(new) => faqs::insert(unit, locale.clone(), new)
                .map(|faq| faq.id)
                .map_err(|error| error.within(&format!("/faqs/{index}"))),
        })
        .collect()
}

pub(super) fn derive_slug(
    unit: &mut Unit<'_>,
    locale: &Locale,
    title: &str,
    own: Option<ArticleId>,
) -> Result<Slug> {
    slugs::derive(Resource::Article, title, "article", |slug| {
        is_taken(unit, locale, slug, own)
    })
}

fn is_taken(unit: &mut Unit<'_>, locale: &Locale, slug: &Slug, own: Option<ArticleId>) -> Result<bool> {
    let holders = unit.repository.article_slug_holders(locale, slug)?;
    Ok(holders.into_iter().any(|holder| Some(holder) != own))
}

pub(super) fn within_limits(article: &Article) -> Result<()> {
    let text: usize = article
        .sections
        .iter()
        .filter_map(|s| s.content.body())
        .map(|body| body.chars().count())
        .sum();
    if text <= Article::TEXT {
        return Ok(());
    }
    let message = format!(
        "All sections together have {text} characters; an article has at most {}.",
        Article::TEXT
    );
    Err(Refused::new("too_long", message).at("/sections"))
}
