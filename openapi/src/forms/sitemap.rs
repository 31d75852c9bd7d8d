//! What the site tells crawlers: sitemaps, news, `robots.txt` and a guide for programs that read.

use std::fmt::Write as _;

use masthead_domain::clock::Instant;
use masthead_domain::delivering::Delivered;
use masthead_domain::locale::Locale;
use masthead_domain::syndicating::{FIRST_MAP, Guide, MapEntry};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::feed::xml;
use super::{Site, rfc3339};

/// Sitemaps, as `Content-Type` names them.
pub const SITEMAP: &str = "application/xml; charset=utf-8";
/// Plain text, as `Content-Type` names it.
pub const PLAIN: &str = "text/plain; charset=utf-8";

const URLS: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const IMAGES: &str = "http://www.google.com/schemas/sitemap-image/1.1";
const NEWS: &str = "http://www.google.com/schemas/sitemap-news/0.9";

type Written = std::io::Result<()>;

/// XML that is written element by element; texts are escaped by the writer.
struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document with this root.
    fn document(
        root: &str,
        namespaces: &[(&str, &str)],
        inside: impl FnOnce(&mut Self) -> Written,
    ) -> String {
        let mut this = Self(Writer::new(Vec::new()));
        let written = this
            .0
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
            .and_then(|()| {
                let mut start = BytesStart::new(root);
                start.extend_attributes(namespaces.iter().copied());
                this.0.write_event(Event::Start(start))
            })
            .and_then(|()| inside(&mut this))
            .and_then(|()| this.0.write_event(Event::End(BytesEnd::new(root))));
        // Memory takes everything.
        debug_assert!(written.is_ok());
        String::from_utf8(this.0.into_inner()).unwrap_or_default()
    }

    fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> Written) -> Written {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    fn text(&mut self, name: &str, text: &str) -> Written {
        let text = xml(text);
        self.element(name, |this| {
            this.0.write_event(Event::Text(BytesText::new(&text)))
        })
    }
}

fn modified(entry: &MapEntry) -> Instant {
    entry.updated_at.max(entry.first_published_at)
}

/// The list of all sitemaps.
#[must_use]
pub fn sitemap_index(maps: &[u64], site: &Site) -> String {
    Xml::document("sitemapindex", &[("xmlns", URLS)], |out| {
        for number in maps {
            let address = site.api(&format!("/delivery/v1/sitemaps/{number}.xml"));
            out.element("sitemap", |out| out.text("loc", &address))?;
        }
        Ok(())
    })
}

/// One sitemap; the first has the front page, too, and so has one that would be empty.
#[must_use]
pub fn sitemap(number: u64, entries: &[MapEntry], site: &Site) -> String {
    let namespaces = [("xmlns", URLS), ("xmlns:image", IMAGES)];
    Xml::document("urlset", &namespaces, |out| {
        let mut listed = on_site(entries, site).peekable();
        if number == FIRST_MAP || listed.peek().is_none() {
            front_page(out, site)?;
        }
        for (entry, address) in listed {
            out.element("url", |out| {
                out.text("loc", &address)?;
                out.text("lastmod", &rfc3339(modified(entry)))?;
                let Some(image) = &entry.image else { return Ok(()) };
                out.element("image:image", |out| {
                    out.text("image:loc", &site.absolute(&image.url))
                })
            })?;
        }
        Ok(())
    })
}

fn front_page(out: &mut Xml, site: &Site) -> Written {
    out.element("url", |out| out.text("loc", &format!("{}/", site.url)))
}

/// The sitemap for news. The protocol wants one address at least: where there is no news, it is the front page, of which
/// nothing is said that would make it news.
#[must_use]
pub fn news_sitemap(entries: &[MapEntry], site: &Site) -> String {
    let namespaces = [("xmlns", URLS), ("xmlns:news", NEWS)];
    Xml::document("urlset", &namespaces, |out| {
        let mut news = on_site(entries, site).peekable();
        if news.peek().is_none() {
            return front_page(out, site);
        }
        for (entry, address) in news {
            out.element("url", |out| {
                out.text("loc", &address)?;
                out.element("news:news", |out| {
                    out.element("news:publication", |out| {
                        out.text("news:name", site.publisher())?;
                        out.text("news:language", &news_language(&entry.locale))
                    })?;
                    out.text("news:publication_date", &rfc3339(entry.first_published_at))?;
                    out.text("news:title", &entry.title)
                })
            })?;
        }
        Ok(())
    })
}

fn on_site<'a>(entries: &'a [MapEntry], site: &'a Site) -> impl Iterator<Item = (&'a MapEntry, String)> {
    entries
        .iter()
        .filter_map(|entry| Some((entry, address(entry, site)?)))
}

/// Where it is on the site; nowhere, where its original is on another: a sitemap speaks of its own host alone.
fn address(entry: &MapEntry, site: &Site) -> Option<String> {
    let Some(own) = &entry.canonical_url else {
        return Some(site.page(&entry.locale, &entry.slug));
    };
    Some(site.absolute(own)).filter(|own| own.starts_with(&site.absolute("/")))
}

/// The language alone, but for Chinese, whose two scripts are told apart.
fn news_language(locale: &Locale) -> String {
    let mut parts = locale.as_str().split('-');
    let language = parts.next().unwrap_or_default();
    if language != "zh" {
        return language.to_owned();
    }
    let traditional = parts.any(|part| ["hant", "tw", "hk", "mo"].contains(&part.to_lowercase().as_str()));
    if traditional { "zh-tw" } else { "zh-cn" }.to_owned()
}

/// `robots.txt`: everything may be read, and where the sitemaps are.
#[must_use]
pub fn robots(site: &Site) -> String {
    let (map, news) = (
        site.api("/delivery/v1/sitemap.xml"),
        site.api("/delivery/v1/sitemaps/news.xml"),
    );
    format!("User-agent: *\nAllow: /\n\nSitemap: {map}\nSitemap: {news}\n")
}

/// `llms.txt`: what the site is, and its newest texts as Markdown.
#[must_use]
pub fn llms(guide: &Guide, site: &Site) -> String {
    use super::markdown::inline;

    // Programs look for `](` and the next `)`.
    let plain = |url: String| url.replace('(', "%28").replace(')', "%29");
    let mut out = format!("# {}\n", inline(&site.title));
    if let Some(description) = &site.description {
        // Writing to a text cannot fail, here and below.
        let _ = write!(out, "\n> {}\n", inline(description));
    }
    for (title, articles) in [("Articles", &guide.articles), ("Pages", &guide.pages)] {
        if articles.is_empty() {
            continue;
        }
        let _ = write!(out, "\n## {title}\n\n");
        for Delivered { article, .. } in articles {
            let mut address = site.api(&format!(
                "/delivery/v1/articles/by-slug/{}.md",
                super::encoded(article.slug.as_str())
            ));
            if article.locale != site.default_locale {
                let _ = write!(address, "?locale={}", article.locale);
            }
            let _ = write!(out, "- [{}]({})", inline(&article.title), plain(address));
            let about = article.dek.as_deref().unwrap_or(&article.excerpt);
            if !about.is_empty() {
                let _ = write!(out, ": {}", inline(about));
            }
            out.push('\n');
        }
    }
    if !site.links.is_empty() {
        out.push_str("\n## The site\n\n");
        for link in &site.links {
            let url = site.absolute(&link.url);
            let _ = writeln!(out, "- [{}]({})", inline(&link.label), plain(url));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_names_a_language_and_for_chinese_its_script() {
        for (locale, expected) in [
            ("en", "en"),
            ("pt-BR", "pt"),
            ("zh", "zh-cn"),
            ("zh-Hant", "zh-tw"),
            ("zh-HK", "zh-tw"),
        ] {
            assert_eq!(news_language(&Locale::parse(locale).unwrap()), expected);
        }
    }
}
