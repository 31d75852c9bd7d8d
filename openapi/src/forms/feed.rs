//! Feeds: the newest articles as RSS 2.0, Atom and JSON Feed 1.1, all of them with the whole text.

use std::collections::BTreeMap;

use masthead_domain::clock::Instant;
use masthead_domain::delivering::Delivered;
use masthead_domain::locale::Locale;
use serde::Serialize;
use utoipa::ToSchema;

use super::html::{escaped, html};
use super::{Site, modified, picture, rfc3339};

/// RSS, as `Content-Type` names it.
pub const RSS: &str = "application/rss+xml; charset=utf-8";
/// Atom, as `Content-Type` names it.
pub const ATOM: &str = "application/atom+xml; charset=utf-8";
/// JSON Feed, as `Content-Type` names it.
pub const JSON_FEED: &str = "application/feed+json";

/// Bytes of HTML in a feed; articles beyond them are there with their summaries alone.
pub const TEXT_BYTES: usize = 2 * 1024 * 1024;

/// What a feed says of itself, and its articles.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// The site's name, and that of the tag or author.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// The language of all of it, where there is one.
    pub locale: Option<Locale>,
    /// Its own address.
    pub address: String,
    /// The first page's address, which names the feed for ever.
    pub id: String,
    /// The address of the page after this one.
    pub next: Option<String>,
    /// Newest first.
    pub articles: Vec<Delivered>,
}

/// What all three forms say of an article.
struct Entry {
    id: String,
    address: String,
    title: String,
    summary: Option<String>,
    content: String,
    published: Instant,
    modified: Instant,
    authors: Vec<Person>,
    tags: Vec<String>,
    locale: Locale,
    image: Option<String>,
}

struct Person {
    name: String,
    url: Option<String>,
    avatar: Option<String>,
}

impl Feed {
    /// When the last of its articles changed: what happens beside them leaves the feed as it is.
    fn updated(&self) -> Option<Instant> {
        self.articles.iter().map(|one| modified(&one.article)).max()
    }

    /// Whole until the texts together are too long; from there on with their summaries alone.
    fn entries(&self, site: &Site) -> Vec<Entry> {
        let mut room = TEXT_BYTES;
        let entry = |article| {
            let mut entry = Entry::new(article, site);
            room = room.saturating_sub(entry.content.len());
            if room == 0 {
                let summary = entry.summary.as_deref().unwrap_or(&entry.title);
                entry.content = format!("<p>{}</p>", escaped(summary));
            }
            entry
        };
        self.articles.iter().map(entry).collect()
    }
}

impl Entry {
    fn new(delivered: &Delivered, site: &Site) -> Self {
        let article = &delivered.article;
        let own = Some(&article.excerpt).filter(|text| !text.is_empty());
        let authors = delivered.authors.iter().map(|by| Person {
            name: by.author.name.clone(),
            url: by.author.links.first().map(|link| site.absolute(&link.url)),
            avatar: by.author.avatar.as_ref().map(|image| site.absolute(&image.url)),
        });
        Self {
            id: format!("urn:uuid:{}", article.id),
            address: site.address(article),
            title: article.title.clone(),
            summary: article.dek.as_ref().or(own).cloned(),
            content: html(delivered, site),
            published: article.first_published_at,
            modified: modified(article),
            authors: authors.collect(),
            tags: delivered.tags.iter().map(|tag| tag.name.clone()).collect(),
            locale: article.locale.clone(),
            image: picture(article).map(|image| site.absolute(&image.url)),
        }
    }
}

/// What XML can hold of a text: some characters cannot stand there, not even escaped.
pub(super) fn xml(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}

fn home(site: &Site) -> String {
    format!("{}/", site.url)
}

/// RSS 2.0.
#[must_use]
pub fn rss(feed: &Feed, site: &Site) -> String {
    use rss::extension::atom::{AtomExtension, Link};
    use rss::extension::dublincore::DublinCoreExtension;

    let item = |entry: Entry| rss::Item {
        title: Some(xml(&entry.title)),
        link: Some(xml(&entry.address)),
        // Readers take it for HTML.
        description: entry.summary.map(|text| xml(&escaped(&text))),
        content: Some(xml(&entry.content)),
        guid: Some(rss::Guid {
            value: entry.id,
            permalink: false,
        }),
        pub_date: Some(entry.published.to_rfc2822()),
        categories: entry
            .tags
            .iter()
            .map(|name| rss::Category {
                name: xml(name),
                domain: None,
            })
            .collect(),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: entry.authors.iter().map(|person| xml(&person.name)).collect(),
            languages: vec![entry.locale.to_string()],
            ..DublinCoreExtension::default()
        }),
        ..rss::Item::default()
    };
    let link = |rel: &str, href: &str| Link {
        rel: rel.to_owned(),
        href: xml(href),
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    };
    let mut links = vec![link("self", &feed.address)];
    links.extend(feed.next.as_ref().map(|next| link("next", next)));
    let channel = rss::Channel {
        title: xml(&feed.title),
        link: home(site),
        description: xml(feed.description.as_deref().unwrap_or(&feed.title)),
        language: feed.locale.as_ref().map(ToString::to_string),
        last_build_date: feed.updated().map(|at| at.to_rfc2822()),
        generator: Some("Masthead".to_owned()),
        atom_ext: Some(AtomExtension { links }),
        items: feed.entries(site).into_iter().map(item).collect(),
        ..rss::Channel::default()
    };
    channel.to_string()
}

/// Atom (RFC 4287), with the next page as RFC 5005 has it.
#[must_use]
pub fn atom(feed: &Feed, site: &Site) -> String {
    use atom_syndication as a;

    let person = |person: &Person| a::Person {
        name: xml(&person.name),
        email: None,
        uri: person.url.as_deref().map(xml),
        ..a::Person::default()
    };
    let link = |rel: &str, href: &str, kind: &str| a::Link {
        rel: rel.to_owned(),
        href: xml(href),
        mime_type: Some(kind.to_owned()),
        ..a::Link::default()
    };
    let entry = |entry: Entry| a::Entry {
        title: a::Text::plain(xml(&entry.title)),
        id: entry.id,
        updated: entry.modified.fixed_offset(),
        published: Some(entry.published.fixed_offset()),
        authors: entry.authors.iter().map(person).collect(),
        categories: entry
            .tags
            .iter()
            .map(|name| a::Category {
                term: xml(name),
                ..a::Category::default()
            })
            .collect(),
        links: vec![link("alternate", &entry.address, "text/html")],
        summary: entry.summary.map(|text| a::Text::plain(xml(&text))),
        content: Some(a::Content {
            content_type: Some("html".to_owned()),
            lang: Some(entry.locale.to_string()),
            value: Some(xml(&entry.content)),
            ..a::Content::default()
        }),
        ..a::Entry::default()
    };
    let mut links = vec![
        link("self", &feed.address, "application/atom+xml"),
        link("alternate", &home(site), "text/html"),
    ];
    links.extend(
        feed.next
            .as_ref()
            .map(|next| link("next", next, "application/atom+xml")),
    );
    let whole = a::Feed {
        title: a::Text::plain(xml(&feed.title)),
        id: xml(&feed.id),
        updated: feed.updated().unwrap_or_default().fixed_offset(),
        subtitle: feed.description.as_deref().map(|text| a::Text::plain(xml(text))),
        authors: vec![a::Person {
            name: xml(site.publisher()),
            email: None,
            uri: Some(home(site)),
            ..a::Person::default()
        }],
        generator: Some(a::Generator {
            value: "Masthead".to_owned(),
            ..a::Generator::default()
        }),
        lang: feed.locale.as_ref().map(ToString::to_string),
        links,
        entries: feed.entries(site).into_iter().map(entry).collect(),
        namespaces: BTreeMap::new(),
        ..a::Feed::default()
    };
    whole.to_string()
}

/// JSON Feed 1.1.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeed {
    /// Always `https://jsonfeed.org/version/1.1`.
    pub version: String,
    /// The site's name, and that of the tag or author.
    pub title: String,
    /// The site.
    pub home_page_url: String,
    /// This feed.
    pub feed_url: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// The page after this one; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_url: Option<String>,
    /// The language of all of it, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub language: Option<String>,
    /// Who publishes it.
    pub authors: Vec<JsonFeedAuthor>,
    /// The articles, newest first.
    pub items: Vec<JsonFeedItem>,
}

/// An article in a JSON Feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedItem {
    /// Its name for ever: `urn:uuid:` and the article's id.
    pub id: String,
    /// Where readers find it.
    pub url: String,
    /// The headline.
    pub title: String,
    /// The whole text; the summary where the feed would be longer than 2 MiB.
    pub content_html: String,
    /// The line under the headline, or the beginning of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub summary: Option<String>,
    /// The picture that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub image: Option<String>,
    /// When it was first published.
    #[schema(format = DateTime)]
    pub date_published: String,
    /// When readers last saw it change.
    #[schema(format = DateTime)]
    pub date_modified: String,
    /// The byline, in order.
    pub authors: Vec<JsonFeedAuthor>,
    /// The names of its tags, in order.
    pub tags: Vec<String>,
    /// The language it is in.
    pub language: String,
}

/// A name in a JSON Feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedAuthor {
    /// The name.
    pub name: String,
    /// Where else to find them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
    /// A portrait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub avatar: Option<String>,
}

impl From<Person> for JsonFeedAuthor {
    fn from(Person { name, url, avatar }: Person) -> Self {
        Self { name, url, avatar }
    }
}

impl JsonFeed {
    /// The feed of a site.
    #[must_use]
    pub fn new(feed: &Feed, site: &Site) -> Self {
        let item = |entry: Entry| JsonFeedItem {
            id: entry.id,
            url: entry.address,
            title: entry.title,
            content_html: entry.content,
            summary: entry.summary,
            image: entry.image,
            date_published: rfc3339(entry.published),
            date_modified: rfc3339(entry.modified),
            authors: entry.authors.into_iter().map(Into::into).collect(),
            tags: entry.tags,
            language: entry.locale.to_string(),
        };
        let publisher = JsonFeedAuthor {
            name: site.publisher().to_owned(),
            url: Some(home(site)),
            avatar: site.publisher_logo.as_deref().map(|logo| site.absolute(logo)),
        };
        Self {
            version: "https://jsonfeed.org/version/1.1".to_owned(),
            title: feed.title.clone(),
            home_page_url: home(site),
            feed_url: feed.address.clone(),
            description: feed.description.clone(),
            next_url: feed.next.clone(),
            language: feed.locale.as_ref().map(ToString::to_string),
            authors: vec![publisher],
            items: feed.entries(site).into_iter().map(item).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(
            xml("a\0b\u{b}c\u{fffe}d\u{ffff}e\u{1b}\t\n🌊\u{202e}"),
            "abcde\t\n🌊\u{202e}"
        );
    }
}
