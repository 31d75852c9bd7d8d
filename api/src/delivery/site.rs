//! What the site says of itself: to frontends, to crawlers and to programs that read.

use actix_web::get;
use masthead_domain::change::ChangeType;
use masthead_domain::delivering::AsOf;
use masthead_domain::syndicating;
use masthead_openapi::delivery::{Site, SiteResponse, SitemapPath};
use masthead_openapi::forms;

use crate::answer::{Answer, Public};
use crate::delivery::tags_of_list;
use crate::extract::Number;
use crate::service::Service;

/// Get the site
///
/// What the site is called, its languages, its links, and where its feeds are: enough for a header and a footer.
#[utoipa::path(
    operation_id = "get_site",
    tag = "Site",
    responses((status = 200, description = "The site.", body = SiteResponse))
)]
#[get("/site")]
pub async fn get_site(service: Service) -> Answer<Public<SiteResponse>> {
    let AsOf { value, head } = service.deliver(syndicating::locales).await?;
    let data = Site::new(&service.options().site, &value);
    Ok(Public::new(
        SiteResponse { data },
        head,
        tags_of_list(ChangeType::Article),
    ))
}

/// Get the list of sitemaps
///
/// Every sitemap of articles and pages. The one for news stands apart, for its content changes with the time.
#[utoipa::path(
    operation_id = "get_sitemap_index",
    tag = "Site",
    responses((status = 200, description = "The list.", body = String, content_type = "application/xml; charset=utf-8"))
)]
#[get("/sitemap.xml")]
pub async fn get_sitemap_index(service: Service) -> Answer<Public<()>> {
    let AsOf { value, head } = service.deliver(syndicating::maps).await?;
    let text = forms::sitemap_index(&value, &service.options().site);
    Ok(Public::bytes(
        forms::SITEMAP,
        text.into_bytes(),
        head,
        tags_of_list(ChangeType::Article),
    ))
}

/// Get a sitemap
///
/// Up to 10,000 addresses of articles and pages with their pictures, in the order in which they came. Each stays in its
/// sitemap, whatever comes and goes beside it; one that has become empty is 404 and not in the list. What has
/// `seo.no_index` is in none.
#[utoipa::path(
    operation_id = "get_sitemap",
    tag = "Site",
    params(SitemapPath),
    responses((status = 200, description = "The sitemap.", body = String, content_type = "application/xml; charset=utf-8"))
)]
#[get("/sitemaps/{number}.xml")]
pub async fn get_sitemap(service: Service, Number(number): Number) -> Answer<Public<()>> {
    let AsOf { value, head } = service
        .deliver(move |store| syndicating::map(store, number))
        .await?;
    let text = forms::sitemap(number, &value, &service.options().site);
    Ok(Public::bytes(
        forms::SITEMAP,
        text.into_bytes(),
        head,
        tags_of_list(ChangeType::Article),
    ))
}

/// Get the sitemap for news
///
/// Articles whose first edition is less than 48 hours old until the present hour is over, newest first and at most
/// 1,000. While there is none it lists the front page alone, which is not called news.
#[utoipa::path(
    operation_id = "get_news_sitemap",
    tag = "Site",
    responses((status = 200, description = "The sitemap.", body = String, content_type = "application/xml; charset=utf-8"))
)]
#[get("/sitemaps/news.xml")]
pub async fn get_news_sitemap(service: Service) -> Answer<Public<()>> {
    let now = service.now();
    let AsOf { value, head } = service
        .deliver(move |store| syndicating::news(store, now))
        .await?;
    let text = forms::news_sitemap(&value.entries, &service.options().site);
    let tags = tags_of_list(ChangeType::Article);
    Ok(Public::bytes(forms::SITEMAP, text.into_bytes(), head, tags).turned(value.turned))
}

/// Get robots.txt
///
/// Everything that is public may be read; the sitemaps are named. A frontend serves it at its own root.
#[utoipa::path(
    operation_id = "get_robots",
    tag = "Site",
    responses((status = 200, description = "The rules.", body = String, content_type = "text/plain; charset=utf-8"))
)]
#[get("/robots.txt")]
pub async fn get_robots(service: Service) -> Answer<Public<()>> {
    let head = service.deliver(|store| store.head()).await?;
    let text = forms::robots(&service.options().site);
    Ok(Public::bytes(
        forms::PLAIN,
        text.into_bytes(),
        head,
        tags_of_list(ChangeType::Article),
    ))
}

/// Get llms.txt
///
/// What the site is, and where its 100 newest articles and pages are as Markdown. What has `seo.no_index` is left out.
#[utoipa::path(
    operation_id = "get_llms",
    tag = "Site",
    responses((status = 200, description = "The guide.", body = String, content_type = "text/plain; charset=utf-8"))
)]
#[get("/llms.txt")]
pub async fn get_llms(service: Service) -> Answer<Public<()>> {
    let AsOf { value, head } = service.deliver(syndicating::guide).await?;
    let text = forms::llms(&value, &service.options().site);
    Ok(Public::bytes(
        forms::PLAIN,
        text.into_bytes(),
        head,
        tags_of_list(ChangeType::Article),
    ))
}
