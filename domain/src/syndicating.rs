//! What feeds and sitemaps are made of: published things alone, as everything that readers get.

use chrono::TimeDelta;

use crate::article::{ArticleKind, Image};
use crate::author::Author;
use crate::clock::Instant;
use crate::delivering::{self, AsOf, Delivered, Found, Parts};
use crate::error::{Error, Resource, Result};
use crate::id::ArticleId;
use crate::locale::Locale;
use crate::page::{Direction, Page, PageRequest, SortKey};
use crate::published::{ArticleQuery, ArticleSort};
use crate::repository::Delivery;
use crate::slug::Slug;
use crate::tag::Tag;

/// The newest articles of a site, of a tag or of an author.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// The tag they all carry, where one was asked for.
    pub tag: Option<Tag>,
    /// The author they all name, where one was asked for.
    pub author: Option<Author>,
    /// A page of them, whole.
    pub page: Page<Delivered>,
}

/// The newest first: a further edition does not bring an article to the top again.
pub const NEWEST: SortKey<ArticleSort> = SortKey {
    field: ArticleSort::FirstPublishedAt,
    direction: Direction::Descending,
};

/// A feed; a tag or author that readers do not see is not found, one that has another slug now is led to.
pub fn feed(
    delivery: &mut dyn Delivery,
    query: &ArticleQuery,
    page: &PageRequest<ArticleSort>,
    default: &Locale,
) -> Result<Found<Feed>> {
    let tag = match query.tags.any.as_deref() {
        Some([slug]) => match delivering::tag(delivery, slug, default)? {
            Found::Here(found) => Some(found.value.tag),
            Found::Moved(moved) => return Ok(Found::Moved(moved)),
        },
        _ => None,
    };
    let author = match query.authors.as_deref() {
        Some([slug]) => match delivering::author(delivery, slug, default)? {
            Found::Here(found) => Some(found.value.author),
            Found::Moved(moved) => return Ok(Found::Moved(moved)),
        },
        _ => None,
    };
    let AsOf { value: page, head } = delivering::articles(delivery, query, page, Parts::ALL)?;
    Ok(Found::Here(AsOf {
        value: Feed { tag, author, page },
        head,
    }))
}

/// What a sitemap says of an article or page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapEntry {
    /// The article's id.
    pub id: ArticleId,
    /// Article or page.
    pub kind: ArticleKind,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// The headline.
    pub title: String,
    /// Where the original is, where it is elsewhere.
    pub canonical_url: Option<String>,
    /// The picture that stands for it.
    pub image: Option<Image>,
    /// When the first edition was published.
    pub first_published_at: Instant,
    /// When the text was last changed.
    pub updated_at: Instant,
}

/// Entries of one sitemap; the first has the front page beside them, which makes 10,000 addresses.
pub const MAP_SIZE: u32 = 9_999;
/// The number of the sitemap that has the front page.
pub const FIRST_MAP: u64 = 1;
/// Entries of the sitemap for news.
pub const NEWS_SIZE: u32 = 1_000;
/// How long an article is news, in hours.
pub const NEWS_HOURS: i64 = 48;
const HOUR: i64 = 3_600;

/// The numbers of the sitemaps there are: the first is always there, for the front page.
pub fn maps(delivery: &mut dyn Delivery) -> Result<AsOf<Vec<u64>>> {
    let mut value = delivery.filled_maps(MAP_SIZE)?;
    if value.first() != Some(&FIRST_MAP) {
        value.insert(0, FIRST_MAP);
    }
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// The entries of one sitemap, counted from 1. They stand where they came, so that a new one changes the last sitemap
/// only, and one that goes its own.
pub fn map(delivery: &mut dyn Delivery, number: u64) -> Result<AsOf<Vec<MapEntry>>> {
    let value = match number {
        0 => Vec::new(),
        number => delivery.map_entries(number, MAP_SIZE)?,
    };
    if value.is_empty() && number != FIRST_MAP {
        return Err(Error::not_found(Resource::Sitemap, number));
    }
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// What is news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The articles, newest first.
    pub entries: Vec<MapEntry>,
    /// When the last of those that are news no longer went.
    pub turned: Instant,
}

/// The news of the hour: what is in it stays news until the hour is over, so that nothing leaves it within.
pub fn news(delivery: &mut dyn Delivery, now: Instant) -> Result<AsOf<News>> {
    let hour = now.timestamp().div_euclid(HOUR) * HOUR;
    let turned = Instant::from_timestamp(hour, 0).unwrap_or(now);
    let since = turned - TimeDelta::hours(NEWS_HOURS - 1);
    let entries = delivery.news_entries(since, NEWS_SIZE)?;
    Ok(AsOf {
        value: News { entries, turned },
        head: delivery.head()?,
    })
}

/// Articles and pages of each kind in a guide for programs.
pub const GUIDE_SIZE: u32 = 100;

/// What programs are led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Guide {
    /// The newest articles.
    pub articles: Vec<Delivered>,
    /// The newest pages.
    pub pages: Vec<Delivered>,
}

/// The newest articles and pages that search engines may know, without their parts.
pub fn guide(delivery: &mut dyn Delivery) -> Result<AsOf<Guide>> {
    let articles = newest(delivery, ArticleKind::Article)?;
    let pages = newest(delivery, ArticleKind::Page)?;
    Ok(AsOf {
        value: Guide { articles, pages },
        head: delivery.head()?,
    })
}

fn newest(delivery: &mut dyn Delivery, kind: ArticleKind) -> Result<Vec<Delivered>> {
    let query = ArticleQuery {
        kind: Some(kind),
        ..ArticleQuery::default()
    };
    let page = PageRequest {
        sort: vec![NEWEST],
        limit: GUIDE_SIZE,
        cursor: None,
        count: false,
    };
    let parts = Parts {
        sections: false,
        authors: false,
        tags: false,
        faqs: false,
    };
    let AsOf { value: page, .. } = delivering::articles(delivery, &query, &page, parts)?;
    let mut items = page.items;
    items.retain(|delivered| !delivered.article.seo.no_index);
    Ok(items)
}

/// The locales in which something is published, by their names.
pub fn locales(delivery: &mut dyn Delivery) -> Result<AsOf<Vec<Locale>>> {
    Ok(AsOf {
        value: delivery.locales()?,
        head: delivery.head()?,
    })
}
