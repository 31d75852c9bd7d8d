//! What readers get: published articles joined with their parts. Nothing here can reach a draft, for a
//! [`Delivery`] has no word for one.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::change::{ChangeType, Head};
use crate::error::{Error, Resource, Result};
use crate::id::{ArticleId, FaqId};
use crate::locale::Locale;
use crate::page::{Page, PageRequest};
use crate::prepared::Card;
use crate::published::{
    ArticleQuery, ArticleSort, FaqQuery, FaqSort, NameSort, PublishedArticle, PublishedAuthor,
    PublishedAuthorQuery, PublishedByline, PublishedFaq, PublishedSection, PublishedTag, PublishedTagQuery,
};
use crate::redirect::Moved;
use crate::repository::Delivery;
use crate::slug::Slug;
use crate::story::{Alternate, Languages, Telling};
use crate::tag::Tag;

/// A published article with those of its parts that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// The article.
    pub article: PublishedArticle,
    /// In order.
    pub sections: Vec<PublishedSection>,
    /// In order.
    pub authors: Vec<PublishedByline>,
    /// In order.
    pub tags: Vec<Tag>,
    /// In order.
    pub faqs: Vec<PublishedFaq>,
    /// The same story in other languages, by locale; only on an article that was asked for whole.
    pub alternates: Vec<Alternate>,
}

/// Which parts of articles are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each part is wanted or not, whatever the others are"
)]
pub struct Parts {
    /// Sections with their bodies.
    pub sections: bool,
    /// The byline.
    pub authors: bool,
    /// Tags.
    pub tags: bool,
    /// FAQs with their answers.
    pub faqs: bool,
}

impl Parts {
    /// All of them.
    pub const ALL: Self = Self {
        sections: true,
        authors: true,
        tags: true,
        faqs: true,
    };
}

/// What was found, with the state of the log it was found in.
#[derive(Debug, Clone, PartialEq)]
pub struct AsOf<T> {
    /// What was found.
    pub value: T,
    /// The newest entry of the change log at that time.
    pub head: Head,
}

/// What was asked for by a slug.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<T> {
    /// It has this slug.
    Here(AsOf<T>),
    /// It had this slug, and is elsewhere.
    Moved(AsOf<Moved>),
}

/// One article by the id of any of its story, in the first of these languages in which it is told; whole.
pub fn article_in(
    delivery: &mut dyn Delivery,
    id: ArticleId,
    languages: &Languages,
) -> Result<AsOf<Delivered>> {
    let Some(named) = delivery.article(id)? else {
        return article(delivery, id);
    };
    let told = delivery.tellings(&[named.story_id()])?;
    let best = match languages.best(&told) {
        Some(best) if best == id => Some(named),
        Some(best) => delivery.article(best)?,
        None => None,
    };
    match best {
        Some(best) => joined(delivery, best, told),
        None => Err(Error::not_found(Resource::Article, id)),
    }
}

/// One article by the slug of any of its story, in the first of these languages in which it is told; whole.
pub fn article_by_slug_in(
    delivery: &mut dyn Delivery,
    slug: &Slug,
    languages: &Languages,
    default: &Locale,
) -> Result<Found<Delivered>> {
    let Some(first) = languages.as_slice().first() else {
        return Err(Error::not_found(Resource::Article, slug));
    };
    if let Some(article) = delivery.article_by_slug(slug, Some(first), default)? {
        return whole(delivery, article).map(Found::Here);
    }
    // Where two stories have the slug, the one that has it in the wanted language goes first.
    let mut told = delivery.with_slug(slug)?;
    let stories: Vec<_> = told.iter().map(|telling| telling.story).collect();
    told.extend(delivery.tellings(&stories)?);
    if let Some(best) = languages.best(&told) {
        return article(delivery, best).map(Found::Here);
    }
    for locale in languages.as_slice() {
        if let Some(moved) = moved(delivery, ChangeType::Article, slug, Some(locale), default)? {
            return Ok(moved);
        }
    }
    article_by_slug(delivery, slug, Some(first), default)
}

/// One article by its id, whole.
pub fn article(delivery: &mut dyn Delivery, id: ArticleId) -> Result<AsOf<Delivered>> {
    match delivery.article(id)? {
        Some(article) => whole(delivery, article),
        None => Err(absent(
            delivery,
            Resource::Article,
            ChangeType::Article,
            id.uuid(),
        )?),
    }
}

/// Those of these articles that readers see, whole, in no order.
pub fn whole_articles(delivery: &mut dyn Delivery, ids: &[ArticleId]) -> Result<AsOf<Vec<Delivered>>> {
    let articles: Vec<_> = delivery.articles_of(ids)?.into_values().collect();
    let mut stories: Vec<_> = articles.iter().map(PublishedArticle::story_id).collect();
    stories.sort_unstable();
    stories.dedup();
    let told = delivery.tellings(&stories)?;
    let mut value = join(delivery, articles, Parts::ALL)?;
    for delivered in &mut value {
        let (id, story) = (delivered.article.id, delivered.article.story_id());
        let others = told.iter().filter(|telling| telling.story == story);
        let others = others.map(|telling| &telling.article);
        delivered.alternates = others.filter(|other| other.id != id).cloned().collect();
    }
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// One article by its slug, whole.
pub fn article_by_slug(
    delivery: &mut dyn Delivery,
    slug: &Slug,
    locale: Option<&Locale>,
    default: &Locale,
) -> Result<Found<Delivered>> {
    if let Some(article) = delivery.article_by_slug(slug, locale, default)? {
        return whole(delivery, article).map(Found::Here);
    }
    if let Some(moved) = moved(delivery, ChangeType::Article, slug, locale, default)? {
        return Ok(moved);
    }
    Err(match delivery.gone_by_slug(ChangeType::Article, slug, locale)? {
        Some(gone) => Error::Gone {
            resource: Resource::Article,
            name: slug.to_string(),
            gone: Box::new(gone),
        },
        None => Error::not_found(Resource::Article, slug),
    })
}

/// Where the thing is now that had this slug.
fn moved<T>(
    delivery: &mut dyn Delivery,
    kind: ChangeType,
    slug: &Slug,
    locale: Option<&Locale>,
    default: &Locale,
) -> Result<Option<Found<T>>> {
    let Some(value) = delivery.moved(kind, slug, locale, default)? else {
        return Ok(None);
    };
    let head = delivery.head()?;
    Ok(Some(Found::Moved(AsOf { value, head })))
}

/// Why something is not there: taken away from readers, or never shown to them.
fn absent(delivery: &mut dyn Delivery, resource: Resource, kind: ChangeType, id: Uuid) -> Result<Error> {
    Ok(match delivery.gone(kind, id)? {
        Some(gone) => Error::Gone {
            resource,
            name: id.to_string(),
            gone: Box::new(gone),
        },
        None => Error::not_found(resource, id),
    })
}

/// A part of the list of articles.
pub fn articles(
    delivery: &mut dyn Delivery,
    query: &ArticleQuery,
    page: &PageRequest<ArticleSort>,
    parts: Parts,
) -> Result<AsOf<Page<Delivered>>> {
    let page = delivery.articles(query, page)?;
    let (next, previous, total) = (page.next, page.previous, page.total);
    let items = join(delivery, page.items, parts)?;
    Ok(AsOf {
        value: Page {
            items,
            next,
            previous,
            total,
        },
        head: delivery.head()?,
    })
}

/// A row of a list of articles: finished before, or still to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// Its finished text.
    Finished(Card),
    /// The article with its byline and tags.
    Joined(Box<Delivered>),
}

/// A part of the list of articles with their bylines and tags, as far as its rows are not finished by this maker.
pub fn article_rows(
    delivery: &mut dyn Delivery,
    made_by: &str,
    query: &ArticleQuery,
    page: &PageRequest<ArticleSort>,
) -> Result<AsOf<Page<Row>>> {
    let page = delivery.article_lines(made_by, query, page)?;
    let missing = page.items.iter().filter(|line| line.card.is_none());
    let missing: Vec<_> = missing.map(|line| line.id).collect();
    let mut joined = BTreeMap::new();
    if !missing.is_empty() {
        let articles = delivery.articles_of(&missing)?.into_values().collect();
        let parts = Parts {
            sections: false,
            faqs: false,
            ..Parts::ALL
        };
        let rows = join(delivery, articles, parts)?;
        joined = rows.into_iter().map(|row| (row.article.id, row)).collect();
    }
    let items = page.items.into_iter().filter_map(|line| match line.card {
        Some(card) => Some(Row::Finished(card)),
        None => joined.remove(&line.id).map(|row| Row::Joined(Box::new(row))),
    });
    Ok(AsOf {
        value: Page {
            items: items.collect(),
            next: page.next,
            previous: page.previous,
            total: page.total,
        },
        head: delivery.head()?,
    })
}

/// The sections of an article.
pub fn sections(delivery: &mut dyn Delivery, id: ArticleId) -> Result<AsOf<Vec<PublishedSection>>> {
    exists(delivery, id)?;
    let value = delivery.sections_of(&[id])?.remove(&id).unwrap_or_default();
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// The FAQs of an article.
pub fn faqs_of_article(delivery: &mut dyn Delivery, id: ArticleId) -> Result<AsOf<Vec<PublishedFaq>>> {
    exists(delivery, id)?;
    let value = delivery.faqs_of(&[id])?.remove(&id).unwrap_or_default();
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// A published FAQ with its tags, in order.
pub type TaggedFaq = (PublishedFaq, Vec<Tag>);

/// One FAQ with its tags.
pub fn faq(delivery: &mut dyn Delivery, id: FaqId) -> Result<AsOf<TaggedFaq>> {
    let Some(faq) = delivery.faq(id)? else {
        return Err(absent(delivery, Resource::Faq, ChangeType::Faq, id.uuid())?);
    };
    let tags = delivery.tags_of_faqs(&[id])?.remove(&id).unwrap_or_default();
    Ok(AsOf {
        value: (faq, tags),
        head: delivery.head()?,
    })
}

/// A part of the list of FAQs.
pub fn faqs(
    delivery: &mut dyn Delivery,
    query: &FaqQuery,
    page: &PageRequest<FaqSort>,
) -> Result<AsOf<Page<TaggedFaq>>> {
    let page = delivery.faqs(query, page)?;
    let ids: Vec<_> = page.items.iter().map(|faq| faq.id).collect();
    let mut tags = delivery.tags_of_faqs(&ids)?;
    let value = page.map(|faq| {
        let tags = tags.remove(&faq.id).unwrap_or_default();
        (faq, tags)
    });
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// One tag.
pub fn tag(delivery: &mut dyn Delivery, slug: &Slug, default: &Locale) -> Result<Found<PublishedTag>> {
    if let Some(value) = delivery.tag(slug)? {
        let head = delivery.head()?;
        return Ok(Found::Here(AsOf { value, head }));
    }
    moved(delivery, ChangeType::Tag, slug, None, default)?
        .ok_or_else(|| Error::not_found(Resource::Tag, slug))
}

/// A part of the list of tags.
pub fn tags(
    delivery: &mut dyn Delivery,
    query: &PublishedTagQuery,
    page: &PageRequest<NameSort>,
) -> Result<AsOf<Page<PublishedTag>>> {
    let value = delivery.tags(query, page)?;
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// One author.
pub fn author(delivery: &mut dyn Delivery, slug: &Slug, default: &Locale) -> Result<Found<PublishedAuthor>> {
    if let Some(value) = delivery.author(slug)? {
        let head = delivery.head()?;
        return Ok(Found::Here(AsOf { value, head }));
    }
    moved(delivery, ChangeType::Author, slug, None, default)?
        .ok_or_else(|| Error::not_found(Resource::Author, slug))
}

/// A part of the list of authors.
pub fn authors(
    delivery: &mut dyn Delivery,
    query: &PublishedAuthorQuery,
    page: &PageRequest<NameSort>,
) -> Result<AsOf<Page<PublishedAuthor>>> {
    let value = delivery.authors(query, page)?;
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

fn exists(delivery: &mut dyn Delivery, id: ArticleId) -> Result<()> {
    if delivery.article(id)?.is_some() {
        return Ok(());
    }
    Err(absent(
        delivery,
        Resource::Article,
        ChangeType::Article,
        id.uuid(),
    )?)
}

fn whole(delivery: &mut dyn Delivery, article: PublishedArticle) -> Result<AsOf<Delivered>> {
    let told = delivery.tellings(&[article.story_id()])?;
    joined(delivery, article, told)
}

/// An article with all its parts, among those that tell the same story.
fn joined(
    delivery: &mut dyn Delivery,
    article: PublishedArticle,
    told: Vec<Telling>,
) -> Result<AsOf<Delivered>> {
    let id = article.id;
    let value = Delivered {
        article,
        sections: delivery.sections_of(&[id])?.remove(&id).unwrap_or_default(),
        authors: delivery.bylines_of(&[id])?.remove(&id).unwrap_or_default(),
        tags: delivery.tags_of(&[id])?.remove(&id).unwrap_or_default(),
        faqs: delivery.faqs_of(&[id])?.remove(&id).unwrap_or_default(),
        alternates: told
            .into_iter()
            .map(|telling| telling.article)
            .filter(|other| other.id != id)
            .collect(),
    };
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

fn join(
    delivery: &mut dyn Delivery,
    articles: Vec<PublishedArticle>,
    parts: Parts,
) -> Result<Vec<Delivered>> {
    let ids: Vec<_> = articles.iter().map(|article| article.id).collect();
    let wanted = |wanted: bool| if wanted { ids.as_slice() } else { &[] };
    let mut sections = delivery.sections_of(wanted(parts.sections))?;
    let mut authors = delivery.bylines_of(wanted(parts.authors))?;
    let mut tags = delivery.tags_of(wanted(parts.tags))?;
    let mut faqs = delivery.faqs_of(wanted(parts.faqs))?;
    let joined = articles.into_iter().map(|article| Delivered {
        sections: sections.remove(&article.id).unwrap_or_default(),
        authors: authors.remove(&article.id).unwrap_or_default(),
        tags: tags.remove(&article.id).unwrap_or_default(),
        faqs: faqs.remove(&article.id).unwrap_or_default(),
        alternates: Vec::new(),
        article,
    });
    Ok(joined.collect())
}
