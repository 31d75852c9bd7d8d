//! Front matter as an article understands it.

use masthead_domain::article::{ArticleKind, Cover, Image, Seo};
use masthead_domain::clock::Instant;
use masthead_domain::faq::FaqInput;
use masthead_domain::locale::Locale;
use masthead_domain::slug::Slug;
use serde_json::{Map, Value as Json};

use super::dates;
use super::fields::{Fields, Noticed};
use super::names::{self, Named};
use super::yaml::{Node, Value};

/// What the front matter says; `None` and empty where it says nothing.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub title: Option<String>,
    pub dek: Option<String>,
    pub slug: Option<Slug>,
    pub locale: Option<Locale>,
    pub kind: Option<ArticleKind>,
    pub authors: Vec<Named>,
    pub tags: Vec<Named>,
    pub date: Option<Instant>,
    pub status: Option<Wanted>,
    pub faqs: Vec<FaqInput>,
    pub cover: Option<Cover>,
    pub seo: Seo,
    pub excerpt: Option<String>,
    pub metadata: Map<String, Json>,
}

/// The status a file asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Draft,
    Published,
    Scheduled,
}

impl Header {
    /// Reads every key; what is wrong and what is unknown is noted.
    pub fn read(root: Node, noticed: &mut Noticed) -> Self {
        let mut fields = Fields::of(root, "", noticed);
        let header = Self {
            title: fields.text("title", noticed),
            dek: fields.text("dek", noticed),
            slug: fields
                .text("slug", noticed)
                .and_then(|text| noticed.take("/slug", Slug::parse(&text))),
            locale: fields
                .text("locale", noticed)
                .and_then(|text| noticed.take("/locale", Locale::parse(&text))),
            kind: fields
                .text("kind", noticed)
                .and_then(|text| noticed.take("/kind", ArticleKind::parse(&text))),
            authors: names::authors(&mut fields, noticed),
            tags: names::tags(&mut fields, noticed),
            date: date(&mut fields, noticed),
            status: status(&mut fields, noticed),
            faqs: faqs(&mut fields, noticed),
            cover: cover(&mut fields, noticed),
            seo: seo(&mut fields, noticed),
            excerpt: fields.text("excerpt", noticed),
            metadata: metadata(&mut fields, noticed),
        };
        fields.finish(noticed);
        header
    }
}

fn date(fields: &mut Fields, noticed: &mut Noticed) -> Option<Instant> {
    let text = fields.text("date", noticed)?;
    dates::read(&text)
        .map_err(|expected| noticed.problem("/date", expected))
        .ok()
}

fn status(fields: &mut Fields, noticed: &mut Noticed) -> Option<Wanted> {
    let text = fields.text("status", noticed)?;
    match text.as_str() {
        "draft" => Some(Wanted::Draft),
        "published" => Some(Wanted::Published),
        "scheduled" => Some(Wanted::Scheduled),
        _ => {
            noticed.problem(
                "/status",
                format!("`{text}` is no status; write draft, published or scheduled."),
            );
            None
        }
    }
}

fn faqs(fields: &mut Fields, noticed: &mut Noticed) -> Vec<FaqInput> {
    let items = fields.list("faqs", noticed);
    items
        .into_iter()
        .filter_map(|(at, node)| faq(node, &at, noticed))
        .collect()
}

fn faq(node: Node, at: &str, noticed: &mut Noticed) -> Option<FaqInput> {
    let mut fields = Fields::of(node, at, noticed);
    let question = fields.text("question", noticed);
    let answer = fields.lines("answer", noticed);
    fields.finish(noticed);
    for (key, value) in [("question", &question), ("answer", &answer)] {
        if value.as_ref().is_none_or(String::is_empty) {
            noticed.problem(&format!("{at}/{key}"), "A FAQ needs `question` and `answer`.");
        }
    }
    let (question, answer) = question.zip(answer)?;
    Some(FaqInput {
        question,
        answer,
        slug: None,
        tags: Vec::new(),
    })
}

fn cover(fields: &mut Fields, noticed: &mut Noticed) -> Option<Cover> {
    let node = fields.take("cover")?;
    if let Some(url) = node.text() {
        return Some(Cover {
            url: url.trim().to_owned(),
            alt: None,
            caption: None,
            credit: None,
        });
    }
    let mut fields = Fields::of(node, "/cover", noticed);
    let url = fields.text("image", noticed);
    let alt = fields.text("alt", noticed);
    let caption = fields.text("caption", noticed);
    let credit = fields.text("credit", noticed);
    fields.finish(noticed);
    if url.is_none() {
        noticed.problem("/cover/image", "A cover needs the address of its image.");
    }
    Some(Cover {
        url: url?,
        alt,
        caption,
        credit,
    })
}

fn seo(fields: &mut Fields, noticed: &mut Noticed) -> Seo {
    let Some(node) = fields.take("seo") else {
        return Seo::default();
    };
    let mut fields = Fields::of(node, "/seo", noticed);
    let seo = Seo {
        title: fields.text("title", noticed),
        description: fields.text("description", noticed),
        canonical_url: fields.text("canonical_url", noticed),
        image: image(&mut fields, noticed),
        no_index: fields.switch("no_index", noticed),
    };
    fields.finish(noticed);
    seo
}

fn image(fields: &mut Fields, noticed: &mut Noticed) -> Option<Image> {
    let node = fields.take("image")?;
    if let Some(url) = node.text() {
        return Some(Image {
            url: url.trim().to_owned(),
            alt: None,
        });
    }
    let mut fields = Fields::of(node, "/seo/image", noticed);
    let url = fields.text("url", noticed);
    let alt = fields.text("alt", noticed);
    fields.finish(noticed);
    if url.is_none() {
        noticed.problem("/seo/image/url", "An image needs its address.");
    }
    Some(Image { url: url?, alt })
}

fn metadata(fields: &mut Fields, noticed: &mut Noticed) -> Map<String, Json> {
    let Some(node) = fields.take("metadata") else {
        return Map::new();
    };
    if !matches!(node.value, Value::Map(_)) {
        noticed.problem(
            "/metadata",
            format!("This is {}; write `key: value` lines.", node.kind()),
        );
        return Map::new();
    }
    match node.into_json() {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}
