//! Feeds of the newest articles: of the site, of a tag, of an author, of a locale.

use actix_web::get;
use masthead_domain::article::ArticleKind;
use masthead_domain::change::{ChangeType, cache_tag, list_tag};
use masthead_domain::delivering::{AsOf, Found};
use masthead_domain::locale::Locale;
use masthead_domain::published::{ArticleQuery, TagFilter};
use masthead_domain::redirect::Moved;
use masthead_domain::slug::Slug;
use masthead_domain::story::Languages;
use masthead_domain::syndicating;
use masthead_openapi::delivery::{ArticleSortKey, FeedParameters};
use masthead_openapi::forms::{self, Feed, JsonFeed, Site};

use crate::answer::{Answer, Public};
use crate::delivery::{at_home, distinct, percent_encoded, tags_of, tags_of_list};
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
    responses(
        (status = 308, description = "The tag or author has another slug now, which `Location` names."),
        (status = 200, description = "The feed.", body = String, content_type = "application/rss+xml; charset=utf-8")
    ),
    extensions(("x-problems" = json!(["not_found"])))
)]
#[get("/feeds/rss.xml")]
pub async fn get_rss_feed(
    service: Service,
    here: Here,
    Query(asked): Query<FeedParameters>,
) -> Answer<Public<()>> {
    answer(&service, here, asked, forms::RSS, |feed, site| {
        Ok(forms::rss(feed, site))
    })
    .await
}

/// Get the Atom feed
///
/// The newest articles as Atom by their first publication, with their whole text: 2 MiB of it
/// at most, and summaries beyond that. Pages are in no feed.
#[utoipa::path(
    operation_id = "get_atom_feed",
    tag = "Site",
    params(FeedParameters),
    responses(
        (status = 308, description = "The tag or author has another slug now, which `Location` names."),
        (status = 200, description = "The feed.", body = String, content_type = "application/atom+xml; charset=utf-8")
    ),
    extensions(("x-problems" = json!(["not_found"])))
)]
#[get("/feeds/atom.xml")]
pub async fn get_atom_feed(
    service: Service,
    here: Here,
    Query(asked): Query<FeedParameters>,
) -> Answer<Public<()>> {
    answer(&service, here, asked, forms::ATOM, |feed, site| {
        Ok(forms::atom(feed, site))
    })
    .await
}

/// Get the JSON feed
///
/// The newest articles as JSON Feed 1.1 by their first publication, with their whole text: 2 MiB of it
/// at most, and summaries beyond that. Pages are in no feed.
#[utoipa::path(
    operation_id = "get_json_feed",
    tag = "Site",
    params(FeedParameters),
    responses(
        (status = 308, description = "The tag or author has another slug now, which `Location` names."),
        (status = 200, description = "The feed.", body = JsonFeed, content_type = "application/feed+json")
    ),
    extensions(("x-problems" = json!(["not_found"])))
)]
#[get("/feeds/feed.json")]
pub async fn get_json_feed(
    service: Service,
    here: Here,
    Query(asked): Query<FeedParameters>,
) -> Answer<Public<()>> {
    answer(&service, here, asked, forms::JSON_FEED, |feed, site| {
        serde_json::to_string(&JsonFeed::new(feed, site)).map_err(ApiError::internal)
    })
    .await
}

async fn answer(
    service: &Service,
    here: Here,
    asked: FeedParameters,
    content_type: &'static str,
    write: impl FnOnce(&Feed, &Site) -> Answer<String>,
) -> Answer<Public<()>> {
    let (path, first) = (here.path.clone(), first_page(&here));
    let locale = asked.locale.as_deref().map(Locale::parse).transpose();
    let locale = locale.map_err(|_| ApiError::not_found())?;
    let query = query(&asked, locale.clone())?;
    let list = List::new(here);
    let page = Asked::<ArticleSortKey> {
        sort: None,
        limit: asked.limit,
        after: asked.after.clone(),
        before: None,
        count: None,
    };
    let page = list.request(service.keys()?, page, syndicating::NEWEST)?;
    let limit = page.limit;
    let default = service.options().default_locale.clone();
    let found = service
        .deliver(move |store| syndicating::feed(store, &query, &page, &default))
        .await?;
    let AsOf { value: found, head } = match found {
        Found::Here(found) => found,
        Found::Moved(moved) => return Ok(elsewhere(moved, &path, asked)),
    };
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
    let text = write(&feed, site)?;
    let answer = Public::bytes(content_type, text.into_bytes(), head, distinct(cache_tags));
    Ok(match feed.locale {
        Some(locale) => answer.in_locale(locale.to_string()),
        None => answer,
    })
}

/// The feed of a tag or author that has another slug now, from its first page on.
fn elsewhere(found: AsOf<Moved>, path: &str, mut asked: FeedParameters) -> Public<()> {
    let AsOf { value: moved, head } = found;
    let slug = Some(moved.slug.to_string());
    match moved.kind {
        ChangeType::Author => asked.author = slug,
        _ => asked.tag = slug,
    }
    let limit = asked.limit.map(|limit| limit.to_string());
    let pairs = [
        ("tag", asked.tag),
        ("author", asked.author),
        ("locale", asked.locale),
        ("limit", limit),
    ];
    let pairs: Vec<_> = pairs
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", percent_encoded(&value?))))
        .collect();
    let location = format!("{path}?{}", pairs.join("&"));
    let tags = vec![cache_tag(moved.kind, moved.id), list_tag(moved.kind).to_owned()];
    Public::moved(location, head, tags)
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

/// The filters; what cannot be a slug is nobody's.
fn query(asked: &FeedParameters, locale: Option<Locale>) -> Answer<ArticleQuery> {
    let slug = |text: &Option<String>| {
        let slug = text.as_deref().map(Slug::parse).transpose();
        slug.map_err(|_| ApiError::not_found())
    };
    let one = |slug: Slug| vec![slug];
    Ok(ArticleQuery {
        tags: TagFilter {
            any: slug(&asked.tag)?.map(one),
            ..TagFilter::default()
        },
        authors: slug(&asked.author)?.map(one),
        languages: locale.map(Languages::only),
        kind: Some(ArticleKind::Article),
        ..ArticleQuery::default()
    })
}
