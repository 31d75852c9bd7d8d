//! A whole article as one piece of HTML that stands alone: for feeds, where no page surrounds it.

use std::fmt::Write as _;

use masthead_domain::delivering::Delivered;
use masthead_domain::published::{PublishedContent, PublishedSection};

use super::Site;

/// Sections in their order and then the FAQs, with absolute addresses.
pub(super) fn html(delivered: &Delivered, site: &Site) -> String {
    let mut out = String::new();
    for section in &delivered.sections {
        part(&mut out, section, site);
    }
    if !delivered.faqs.is_empty() {
        out.push_str("<h2>FAQs</h2>");
    }
    for faq in &delivered.faqs {
        // Writing to a text cannot fail, here and below.
        let _ = write!(out, "<h3>{}</h3>", escaped(&faq.question));
        out.push_str(&absolute(&faq.answer.html, site));
    }
    out
}

fn part(out: &mut String, section: &PublishedSection, site: &Site) {
    if let Some(heading) = &section.heading {
        let _ = write!(out, "<h{0}>{1}</h{0}>", heading.level, escaped(&heading.text));
    }
    match &section.content {
        PublishedContent::Text { body } => out.push_str(&absolute(&body.html, site)),
        PublishedContent::Callout { body, .. } => {
            let _ = write!(out, "<aside>{}</aside>", absolute(&body.html, site));
        }
        PublishedContent::Quote {
            body,
            attribution,
            source_url,
        } => {
            let _ = write!(out, "<blockquote>{}", absolute(&body.html, site));
            let source = source_url.as_deref().map(|url| escaped(&site.absolute(url)));
            match (attribution.as_deref().map(escaped), source) {
                (Some(name), Some(url)) => {
                    let _ = write!(out, "<p>— <a href=\"{url}\">{name}</a></p>");
                }
                (Some(name), None) => {
                    let _ = write!(out, "<p>— {name}</p>");
                }
                (None, Some(url)) => {
                    let _ = write!(out, "<p><a href=\"{url}\">{url}</a></p>");
                }
                (None, None) => {}
            }
            out.push_str("</blockquote>");
        }
        PublishedContent::Image {
            image,
            alt,
            caption,
            credit,
        } => {
            let (url, alt) = (site.absolute(image), alt.as_deref().unwrap_or_default());
            let _ = write!(
                out,
                "<figure><img src=\"{}\" alt=\"{}\">",
                escaped(&url),
                escaped(alt)
            );
            let below: Vec<_> = [caption, credit]
                .into_iter()
                .flatten()
                .map(|line| escaped(line))
                .collect();
            if !below.is_empty() {
                let _ = write!(out, "<figcaption>{}</figcaption>", below.join(" · "));
            }
            out.push_str("</figure>");
        }
        PublishedContent::Embed { url, title, .. } => {
            // Readers of feeds show no players; a link they all show.
            let label = escaped(title.as_deref().unwrap_or(url));
            let _ = write!(
                out,
                "<p><a href=\"{}\">{label}</a></p>",
                escaped(&site.absolute(url))
            );
        }
    }
}

/// A text that means itself in HTML, between tags and in a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                c => out.push(c),
            }
            out
        })
}

/// Sanitised HTML with its addresses from the site's root made absolute. The sanitiser writes every attribute in
/// quotation marks and every `<` of a text as an entity, so tags can be told from text.
fn absolute(html: &str, site: &Site) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        out.push_str(text);
        let end = end_of_tag(tag);
        let mut tag_rest = &tag[..end];
        while let Some(at) = [" href=\"/", " src=\"/"]
            .iter()
            .filter_map(|name| Some(tag_rest.find(name)? + name.len() - 1))
            .min()
        {
            out.push_str(&tag_rest[..at]);
            let length = tag_rest[at..].find('"').unwrap_or(tag_rest.len() - at);
            out.push_str(&escaped_url(&site.absolute(&tag_rest[at..at + length])));
            tag_rest = &tag_rest[at + length..];
        }
        out.push_str(tag_rest);
        rest = &tag[end..];
    }
    out.push_str(rest);
    out
}

/// What the site's own address may hold; the rest is escaped already.
fn escaped_url(url: &str) -> String {
    url.replace('"', "&quot;")
}

fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_site_become_absolute_and_words_stay() {
        let site = crate::examples::site();
        for (given, expected) in [
            (
                "<a href=\"/a?b&amp;c\" rel=\"x\">/a href=\"/b\"</a>",
                "<a href=\"https://example.org/a?b&amp;c\" rel=\"x\">/a href=\"/b\"</a>",
            ),
            (
                "<p><img src=\"/x.jpg\" alt=\" src=&quot;/y\"></p>",
                "<p><img src=\"https://example.org/x.jpg\" alt=\" src=&quot;/y\"></p>",
            ),
            (
                "<img alt=\"a > b\" src=\"//cdn.example/x\">",
                "<img alt=\"a > b\" src=\"https://cdn.example/x\">",
            ),
            ("<a href=\"#top\">x</a> &lt;", "<a href=\"#top\">x</a> &lt;"),
            ("no tags", "no tags"),
            ("<a href=\"/", "<a href=\"https://example.org/"),
        ] {
            assert_eq!(absolute(given, &site), expected);
        }
    }
}
