//! Feeds of the newest articles: of the site, of a tag, of an author, of a locale.

use actix_web::get;
use masthead_domain::article::ArticleKind;
use masthead_domain::change::{ChangeType, Head, cache_tag};
use masthead_domain::delivering::AsOf;
use masthead_domain::locale::Locale;
use masthead_domain::published::ArticleQuery;
use masthead_domain::slug::Slug;
use masthead_domain::syndicating;
use masthead_openapi::delivery::{ArticleSortKey, FeedParameters};
use masthead_openapi::forms::{self, Feed, JsonFeed};

use crate::answer::{Answer, Public};
use crate::delivery::{at_home, distinct, tags_of, tags_of_list};
use crate::error::ApiError;
use crate::extract::{Here, Query};
use crate::paging::{Asked, List};
use crate::service::Service;

/// Get the RSS feed
///
/// The newest articles as RSS 2.0 by their first publication, with their whole text: 2 MiB of it
/// at most, and summaries beyond that. Pages are in no feed.
#[utoipa::path(
    operation_id = "get_rss_feed",
    tag = "Site",
    params(FeedParameters),
    responses((status = 200, description = "The feed.", body = String, content_type = "application/rss+xml; charset=utf-8")),
    extensions(("x-problems" = json!(["not_found"])))
)]
#[get("/feeds/rss.xml")]
pub async fn get_rss_feed(
    service: Service,
    here: Here,
    Query(asked): Query<FeedParameters>,
) -> Answer<Public<()>> {
    let read = read(&service, here, asked).await?;
    let text = forms::rss(&read.feed, &service.options().site);
    Ok(read.answer(forms::RSS, text))
}

/// Get the Atom feed
///
/// The newest articles as Atom by their first publication, with their whole text: 2 MiB of it
/// at most, and summaries beyond that. Pages are in no feed.
#[utoipa::path(
    operation_id = "get_atom_feed",
    tag = "Site",
    params(FeedParameters),
    responses((status = 200, description = "The feed.", body = String, content_type = "application/atom+xml; charset=utf-8")),
    extensions(("x-problems" = json!(["not_found"])))
)]
#[get("/feeds/atom.xml")]
pub async fn get_atom_feed(
    service: Service,
    here: Here,
    Query(asked): Query<FeedParameters>,
) -> Answer<Public<()>> {
    let read = read(&service, here, asked).await?;
    let text = forms::atom(&read.feed, &service.options().site);
    Ok(read.answer(forms::ATOM, text))
}

/// Get the JSON feed
///
/// The newest articles as JSON Feed 1.1 by their first publication, with their whole text: 2 MiB of it
/// at most, and summaries beyond that. Pages are in no feed.
#[utoipa::path(
    operation_id = "get_json_feed",
    tag = "Site",
    params(FeedParameters),
    responses((status = 200, description = "The feed.", body = JsonFeed, content_type = "application/feed+json")),
    extensions(("x-problems" = json!(["not_found"])))
)]
#[get("/feeds/feed.json")]
pub async fn get_json_feed(
    service: Service,
    here: Here,
    Query(asked): Query<FeedParameters>,
) -> Answer<Public<()>> {
    let read = read(&service, here, asked).await?;
    let feed = JsonFeed::new(&read.feed, &service.options().site);
    let text = serde_json::to_string(&feed).map_err(ApiError::internal)?;
    Ok(read.answer(forms::JSON_FEED, text))
}

/// A feed with what its answer carries beside it.
struct Read {
    feed: Feed,
    head: Head,
    cache_tags: Vec<String>,
}

impl Read {
    fn answer(self, content_type: &'static str, text: String) -> Public<()> {
        let answer = Public::bytes(content_type, text.into_bytes(), self.head, self.cache_tags);
        match self.feed.locale {
            Some(locale) => answer.in_locale(locale.to_string()),
            None => answer,
        }
    }
}

async fn read(service: &Service, here: Here, asked: FeedParameters) -> Answer<Read> {
    let (path, first) = (here.path.clone(), first_page(&here));
    let query = query(&asked)?;
    let locale = query.locale.clone();
    let list = List::new(here);
    let page = Asked::<ArticleSortKey> {
        sort: None,
        limit: asked.limit,
        after: asked.after,
        before: None,
        count: None,
    };
    let page = list.request(service.keys()?, page, syndicating::NEWEST)?;
    let limit = page.limit;
    let AsOf { value: found, head } = service
        .deliver(move |store| syndicating::feed(store, &query, &page))
        .await?;
    let site = &service.options().site;
    let (_, links) = list.describe(service.keys()?, &found.page, limit);
    let mut cache_tags = tags_of_list(ChangeType::Article);
    let mut title = site.title.clone();
    let mut description = site.description.clone();
    if let Some(tag) = found.tag {
        cache_tags.push(cache_tag(ChangeType::Tag, tag.id));
        title = format!("{title}: {}", tag.name);
        description = tag.description;
    }
    if let Some(author) = found.author {
        cache_tags.push(cache_tag(ChangeType::Author, author.id));
        title = format!("{title}: {}", author.name);
        description = author.bio;
    }
    let articles = found.page.items;
    for article in &articles {
        tags_of(article, &mut cache_tags);
    }
    let articles = articles.into_iter().map(|article| at_home(service, article));
    let feed = Feed {
        title,
        description,
        locale,
        address: site.api(&links.this),
        id: site.api(&format!("{path}{first}")),
        next: links.next.map(|next| site.api(&next)),
        articles: articles.collect(),
    };
    Ok(Read {
        feed,
        head,
        cache_tags: distinct(cache_tags),
    })
}

/// What chooses the feed, without what chooses the page.
fn first_page(here: &Here) -> String {
    let mut chosen: Vec<_> = here
        .query
        .split('&')
        .filter(|pair| !pair.is_empty() && !matches!(pair.split('=').next(), Some("after" | "limit")))
        .collect();
    chosen.sort_unstable();
    if chosen.is_empty() {
        String::new()
    } else {
        format!("?{}", chosen.join("&"))
    }
}

/// The filters; what cannot be a slug or a locale is nobody's.
fn query(asked: &FeedParameters) -> Answer<ArticleQuery> {
    let slug = |text: &Option<String>| {
        let slug = text.as_deref().map(Slug::parse).transpose();
        slug.map_err(|_| ApiError::not_found())
    };
    let locale = asked.locale.as_deref().map(Locale::parse).transpose();
    Ok(ArticleQuery {
        tag: slug(&asked.tag)?,
        author: slug(&asked.author)?,
        locale: locale.map_err(|_| ApiError::not_found())?,
        kind: Some(ArticleKind::Article),
        ..ArticleQuery::default()
    })
}
