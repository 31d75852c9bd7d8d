//! A whole article in the words of schema.org, for search engines.

use masthead_domain::article::ArticleKind;
use masthead_domain::delivering::Delivered;
use masthead_domain::published::{PublishedByline, PublishedFaq};
use serde_json::{Map, Value, json};

use super::{Site, modified, picture, rfc3339};

/// A `@graph` of the article, its questions and the way to it, as text that may stand in a `<script>`: no character
/// in it can end one.
#[must_use]
pub fn json_ld(delivered: &Delivered, site: &Site) -> String {
    let mut text = graph(delivered, site).to_string();
    // Each of these stands within strings alone, so its escape means the same.
    for (character, escape) in [
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u{2028}", "\\u2028"),
        ("\u{2029}", "\\u2029"),
    ] {
        text = text.replace(character, escape);
    }
    text
}

fn graph(delivered: &Delivered, site: &Site) -> Value {
    let address = site.address(&delivered.article);
    let mut graph = vec![whole(delivered, site, &address)];
    if !delivered.faqs.is_empty() {
        graph.push(questions(delivered, &address));
    }
    graph.push(way(delivered, site, &address));
    json!({ "@context": "https://schema.org", "@graph": graph })
}

fn whole(delivered: &Delivered, site: &Site, address: &str) -> Value {
    let article = &delivered.article;
    let is_page = article.kind == ArticleKind::Page;
    let mut node = Map::new();
    let mut put = |name: &str, value: Value| {
        node.insert(name.to_owned(), value);
    };
    put("@type", json!(if is_page { "WebPage" } else { "Article" }));
    put("@id", json!(format!("{address}#article")));
    put("headline", json!(article.title));
    if let Some(title) = article
        .seo
        .title
        .as_ref()
        .filter(|title| **title != article.title)
    {
        put("alternativeHeadline", json!(title));
    }
    let own = Some(&article.excerpt).filter(|text| !text.is_empty());
    if let Some(description) = article.seo.description.as_ref().or(own) {
        put("description", json!(description));
    }
    if let Some(image) = picture(article) {
        let mut node = json!({ "@type": "ImageObject", "url": site.absolute(&image.url) });
        if let Some(alt) = image.alt.filter(|alt| !alt.is_empty()) {
            node["caption"] = json!(alt);
        }
        put("image", json!([node]));
    }
    put("url", json!(address));
    put("mainEntityOfPage", json!(address));
    put("datePublished", json!(rfc3339(article.first_published_at)));
    put("dateModified", json!(rfc3339(modified(article))));
    put("inLanguage", json!(article.locale.as_str()));
    if !delivered.authors.is_empty() {
        let people = delivered.authors.iter().map(|by| person(by, site));
        put("author", people.collect());
    }
    put("publisher", publisher(site));
    if !delivered.tags.is_empty() {
        let names = delivered.tags.iter().map(|tag| json!(tag.name));
        put("keywords", names.collect());
    }
    if !is_page {
        put("wordCount", json!(article.word_count));
        put(
            "timeRequired",
            json!(format!("PT{}M", article.reading_time_minutes)),
        );
        if let Some(tag) = delivered.tags.first() {
            put("articleSection", json!(tag.name));
        }
    }
    Value::Object(node)
}

fn person(PublishedByline { author, .. }: &PublishedByline, site: &Site) -> Value {
    let mut node = json!({
        "@type": "Person",
        "@id": format!("urn:uuid:{}", author.id),
        "name": author.name,
    });
    if let Some(bio) = &author.bio {
        node["description"] = json!(bio);
    }
    if let Some(avatar) = &author.avatar {
        node["image"] = json!(site.absolute(&avatar.url));
    }
    if let Some(first) = author.links.first() {
        let links = author.links.iter().map(|link| json!(site.absolute(&link.url)));
        node["url"] = json!(site.absolute(&first.url));
        node["sameAs"] = links.collect();
    }
    node
}

fn publisher(site: &Site) -> Value {
    let mut node = json!({
        "@type": "Organization",
        "name": site.publisher(),
        "url": format!("{}/", site.url),
    });
    if let Some(logo) = &site.publisher_logo {
        node["logo"] = json!({ "@type": "ImageObject", "url": site.absolute(logo) });
    }
    node
}

fn questions(delivered: &Delivered, address: &str) -> Value {
    let question = |faq: &PublishedFaq| {
        json!({
            "@type": "Question",
            "@id": format!("{address}#{}", faq.anchor()),
            "name": faq.question,
            "acceptedAnswer": { "@type": "Answer", "text": faq.answer.html },
        })
    };
    let all: Vec<_> = delivered.faqs.iter().map(question).collect();
    json!({
        "@type": "FAQPage",
        "@id": format!("{address}#faqs"),
        "inLanguage": delivered.article.locale.as_str(),
        "mainEntity": all,
    })
}

fn way(delivered: &Delivered, site: &Site, address: &str) -> Value {
    let step = |position: u8, name: &str, item: String| json!({ "@type": "ListItem", "position": position, "name": name, "item": item });
    json!({
        "@type": "BreadcrumbList",
        "@id": format!("{address}#way"),
        "itemListElement": [
            step(1, &site.title, format!("{}/", site.url)),
            step(2, &delivered.article.title, address.to_owned()),
        ],
    })
}
