//! Working copies as editors see them, with the things they link.

use std::collections::HashMap;

use crate::article::{Article, BylineRole, Overview};
use crate::author::Author;
use crate::error::{Error, Resource, Result};
use crate::faq::Faq;
use crate::id::{ArticleId, AuthorId, FaqId, TagId};
use crate::page::{Page, PageRequest};
use crate::published::TagQuery;
use crate::repository::{ArticleFilter, FaqFilter, WorkingSort};
use crate::rights::Permission;
use crate::story::Translation;
use crate::tag::Tag;
use crate::use_cases::Unit;

/// A name in a byline with what it did.
pub type NamedByline = (Author, BylineRole);

/// A working copy with everything it links.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleView {
    /// The working copy.
    pub article: Article,
    /// In order.
    pub tags: Vec<Tag>,
    /// In order.
    pub authors: Vec<NamedByline>,
    /// In order.
    pub faqs: Vec<FaqView>,
    /// The same story in other languages, by locale.
    pub translations: Vec<Translation>,
}

/// A row in a list of working copies.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleRow {
    /// The working copy without sections and FAQs.
    pub overview: Overview,
    /// In order.
    pub tags: Vec<Tag>,
    /// In order.
    pub authors: Vec<NamedByline>,
}

/// A FAQ with its tags.
#[derive(Debug, Clone, PartialEq)]
pub struct FaqView {
    /// The working copy.
    pub faq: Faq,
    /// In order.
    pub tags: Vec<Tag>,
}

/// One working copy.
pub fn article(unit: &mut Unit<'_>, id: ArticleId) -> Result<ArticleView> {
    unit.actor.require_article_read()?;
    let article = unit
        .repository
        .article(id)?
        .ok_or_else(|| Error::not_found(Resource::Article, id))?;
    article_view(unit, article)
}

/// A part of the list of working copies.
pub fn articles(
    unit: &mut Unit<'_>,
    filter: &ArticleFilter,
    page: &PageRequest<WorkingSort>,
) -> Result<Page<ArticleRow>> {
    unit.actor.require(Permission::ContentRead)?;
    let page = unit.repository.articles(filter, page)?;
    let tags = tags_of(unit, page.items.iter().flat_map(|article| &article.tags))?;
    let authors = authors_of(
        unit,
        page.items
            .iter()
            .flat_map(|article| &article.authors)
            .map(|by| &by.author_id),
    )?;
    Ok(page.map(|overview| ArticleRow {
        tags: named(&tags, &overview.tags),
        authors: bylines(&authors, &overview),
        overview,
    }))
}

/// A list whose filters can fit nothing.
pub fn none<T>(unit: &Unit<'_>, count: bool) -> Result<Page<T>> {
    unit.actor.require(Permission::ContentRead)?;
    Ok(Page {
        items: Vec::new(),
        next: None,
        previous: None,
        total: count.then_some(0),
    })
}

/// One FAQ.
pub fn faq(unit: &mut Unit<'_>, id: FaqId) -> Result<FaqView> {
    unit.actor.require(Permission::ContentRead)?;
    let faq = unit
        .repository
        .faq(id)?
        .ok_or_else(|| Error::not_found(Resource::Faq, id))?;
    faq_view(unit, faq)
}

/// A part of the list of FAQs.
pub fn faqs(
    unit: &mut Unit<'_>,
    filter: &FaqFilter,
    page: &PageRequest<WorkingSort>,
) -> Result<Page<FaqView>> {
    unit.actor.require(Permission::ContentRead)?;
    let page = unit.repository.faqs(filter, page)?;
    let tags = tags_of(unit, page.items.iter().flat_map(|faq| &faq.tags))?;
    Ok(page.map(|faq| FaqView {
        tags: named(&tags, &faq.tags),
        faq,
    }))
}

/// One tag.
pub fn tag(unit: &mut Unit<'_>, id: TagId) -> Result<Tag> {
    unit.actor.require(Permission::ContentRead)?;
    unit.repository
        .tag(id)?
        .ok_or_else(|| Error::not_found(Resource::Tag, id))
}

/// A part of the list of tags.
pub fn tags(unit: &mut Unit<'_>, query: &TagQuery, page: &PageRequest<WorkingSort>) -> Result<Page<Tag>> {
    unit.actor.require(Permission::ContentRead)?;
    unit.repository.tags(query, page)
}

/// One author.
pub fn author(unit: &mut Unit<'_>, id: AuthorId) -> Result<Author> {
    unit.actor.require(Permission::ContentRead)?;
    unit.repository
        .author(id)?
        .ok_or_else(|| Error::not_found(Resource::Author, id))
}

/// A part of the list of authors.
pub fn authors(unit: &mut Unit<'_>, page: &PageRequest<WorkingSort>) -> Result<Page<Author>> {
    unit.actor.require(Permission::ContentRead)?;
    unit.repository.authors(page)
}

/// Joins a working copy with what it links.
pub(super) fn article_view(unit: &mut Unit<'_>, article: Article) -> Result<ArticleView> {
    let faqs = unit.repository.faqs_by_id(&article.faqs)?;
    article_view_with(unit, article, faqs)
}

/// The same where its FAQs are known already, in its order.
pub(super) fn article_view_with(
    unit: &mut Unit<'_>,
    article: Article,
    faqs: Vec<Faq>,
) -> Result<ArticleView> {
    let tags = tags_of(
        unit,
        article.tags.iter().chain(faqs.iter().flat_map(|faq| &faq.tags)),
    )?;
    let authors = authors_of(unit, article.authors.iter().map(|by| &by.author_id))?;
    let told = unit.repository.translations(article.story_id())?;
    Ok(ArticleView {
        translations: told.into_iter().filter(|one| one.id != article.id).collect(),
        tags: named(&tags, &article.tags),
        authors: bylines(&authors, &article),
        faqs: faqs
            .into_iter()
            .map(|faq| FaqView {
                tags: named(&tags, &faq.tags),
                faq,
            })
            .collect(),
        article,
    })
}

/// Joins a FAQ with its tags.
pub(super) fn faq_view(unit: &mut Unit<'_>, faq: Faq) -> Result<FaqView> {
    let tags = unit.repository.tags_by_id(&faq.tags)?;
    Ok(FaqView { faq, tags })
}

fn tags_of<'a>(unit: &mut Unit<'_>, ids: impl Iterator<Item = &'a TagId>) -> Result<HashMap<TagId, Tag>> {
    let ids: Vec<_> = distinct(ids);
    let found = unit.repository.tags_by_id(&ids)?;
    Ok(found.into_iter().map(|tag| (tag.id, tag)).collect())
}

fn authors_of<'a>(
    unit: &mut Unit<'_>,
    ids: impl Iterator<Item = &'a AuthorId>,
) -> Result<HashMap<AuthorId, Author>> {
    let ids: Vec<_> = distinct(ids);
    let found = unit.repository.authors_by_id(&ids)?;
    Ok(found.into_iter().map(|author| (author.id, author)).collect())
}

fn distinct<'a, T: Copy + Ord + 'a>(ids: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut ids: Vec<_> = ids.copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn named(found: &HashMap<TagId, Tag>, ids: &[TagId]) -> Vec<Tag> {
    ids.iter().filter_map(|id| found.get(id)).cloned().collect()
}

fn bylines(found: &HashMap<AuthorId, Author>, overview: &Overview) -> Vec<NamedByline> {
    overview
        .authors
        .iter()
        .filter_map(|by| Some((found.get(&by.author_id)?.clone(), by.role)))
        .collect()
}
