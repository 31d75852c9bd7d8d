//! The delivery routes: what readers get. Handlers here hold a `Delivery`, which cannot name a draft.

pub(crate) mod articles;
mod authors;
mod changes;
mod faqs;
mod feeds;
mod filters;
mod search;
mod site;
mod tags;

use masthead_domain::change::{ChangeType, cache_tag, list_tag};
use masthead_domain::delivering::{AsOf, Delivered};
use masthead_domain::redirect::Moved;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::answer::Public;
use crate::extract::Here;
use crate::routes::Routes;
use crate::service::Service;

/// Registers the routes; the document is made of the same call.
pub fn routes<R: Routes>(routes: R) -> R {
    routes
        .add(articles::list_articles)
        .add(articles::get_article_markdown_by_slug)
        .add(articles::get_article_by_slug)
        .add(articles::list_article_sections)
        .add(articles::list_article_faqs)
        .add(articles::get_article_markdown)
        .add(articles::get_article)
        .add(faqs::list_faqs)
        .add(faqs::get_faq)
        .add(tags::list_tags)
        .add(tags::get_tag)
        .add(authors::list_authors)
        .add(authors::get_author)
        .add(changes::list_changes)
        .add(changes::follow_changes)
        .add(search::search_articles)
        .add(search::suggest_names)
        .add(site::get_site)
        .add(feeds::get_rss_feed)
        .add(feeds::get_atom_feed)
        .add(feeds::get_json_feed)
        .add(site::get_sitemap_index)
        .add(site::get_news_sitemap)
        .add(site::get_sitemap)
        .add(site::get_robots)
        .add(site::get_llms)
}

/// Where to go for what has another slug now: in one step, with the query that was sent.
fn elsewhere<T>(service: &Service, found: AsOf<Moved>, here: &Here) -> Public<T> {
    let AsOf { value: moved, head } = found;
    let slug = percent_encoded(moved.slug.as_str());
    let (folder, last) = here.path.rsplit_once('/').unwrap_or(("", &here.path));
    // A slug has no dot: what follows one names the form.
    let form = last.find('.').map_or("", |at| &last[at..]);
    let mut query: Vec<String> = here
        .query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some(locale) = &moved.locale {
        let named = query
            .iter_mut()
            .find(|pair| pair.split('=').next() == Some("locale"));
        match named {
            Some(named) => *named = format!("locale={locale}"),
            // Another article may have the slug in the default locale.
            None if *locale != service.options().default_locale => query.push(format!("locale={locale}")),
            None => {}
        }
    }
    let mark = if query.is_empty() { "" } else { "?" };
    let location = format!("{folder}/{slug}{form}{mark}{}", query.join("&"));
    // What takes the old slug is announced under the tag of its list.
    let tags = vec![cache_tag(moved.kind, moved.id), list_tag(moved.kind).to_owned()];
    Public::moved(location, head, tags)
}

/// Everything but letters, digits and hyphens of ASCII as `%XX`.
fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
}

/// An article that does not say where its original is has it on the site.
pub(crate) fn at_home(service: &Service, mut delivered: Delivered) -> Delivered {
    let article = &mut delivered.article;
    if article.seo.canonical_url.is_none() {
        article.seo.canonical_url = service.options().canonical_url(&article.locale, &article.slug);
    }
    for other in &mut delivered.alternates {
        if other.url.is_none() {
            other.url = service.options().canonical_url(&other.locale, &other.slug);
        }
    }
    delivered
}

/// The cache tags of everything an article shows.
pub(crate) fn tags_of(delivered: &Delivered, tags: &mut Vec<String>) {
    tags.push(cache_tag(ChangeType::Article, delivered.article.id));
    tags.extend(
        delivered
            .authors
            .iter()
            .map(|by| cache_tag(ChangeType::Author, by.author.id)),
    );
    tags.extend(
        delivered
            .tags
            .iter()
            .map(|tag| cache_tag(ChangeType::Tag, tag.id)),
    );
    tags.extend(
        delivered
            .faqs
            .iter()
            .map(|faq| cache_tag(ChangeType::Faq, faq.id)),
    );
}

/// The cache tag of a list, and room for those of its rows.
fn tags_of_list(resource: ChangeType) -> Vec<String> {
    vec![list_tag(resource).to_owned()]
}

/// Each tag once, in the order in which they came.
pub(crate) fn distinct(tags: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    tags.into_iter().filter(|tag| seen.insert(tag.clone())).collect()
}
