//! A small publication: one article with everything in it.

use masthead_domain::article::{
    Article, ArticleKind, Byline, BylineRole, Cover, Metadata, Overview, Review, Seo, Status,
};
use masthead_domain::author::{Author, Link};
use masthead_domain::clock::Instant;
use masthead_domain::faq::{Faq, FaqStatus};
use masthead_domain::id::{ArticleId, AuthorId, FaqId, SectionId, TagId, UserId};
use masthead_domain::locale::Locale;
use masthead_domain::rendering::Length;
use masthead_domain::rights::Credential;
use masthead_domain::section::{Heading, Section, SectionContent, Tone};
use masthead_domain::slug::Slug;
use masthead_domain::tag::Tag;
use masthead_domain::workflow::Reviewed;
use uuid::Uuid;

use crate::forms::{Site, SiteLink};

/// What the examples show.
pub(super) struct World {
    pub article: Article,
    pub author: Author,
    pub tag: Tag,
    pub faq: Faq,
}

/// An id that looks like one; its last digits are the number.
fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_a1b2_7c3d_7e4f_8a5b_6c7d_8e9f_0000 | number)
}

/// Who wrote all of it.
pub(super) fn user() -> UserId {
    UserId::from_uuid(id(0x99))
}

/// Some moments apart.
fn moment(hours: i64) -> Option<Instant> {
    // 2026-03-04T08:00:00Z
    Instant::from_timestamp(1_772_611_200 + hours * 3_600, 0)
}

impl World {
    /// `None` only where a value breaks the domain's rules, which a test would notice.
    pub(super) fn new() -> Option<Self> {
        let locale = Locale::parse("en").ok()?;
        let (tag, author) = (tag()?, author()?);
        let faq = faq(&locale, &tag)?;
        let article = article(&locale, &tag, &author, &faq)?;
        Some(Self {
            article,
            author,
            tag,
            faq,
        })
    }
}

/// Where readers find it.
pub(super) fn site() -> Site {
    Site {
        title: "The Harbour Post".into(),
        description: Some("Slow news from the coast.".into()),
        url: "https://example.org".into(),
        api_url: "https://example.org".into(),
        publisher: None,
        publisher_logo: Some("/logo.png".into()),
        default_locale: Locale::parse("en").unwrap_or_else(|_| unreachable!("`en` is a locale")),
        links: vec![SiteLink {
            label: "Contact".into(),
            url: "/contact".into(),
            rel: Some("contact".into()),
        }],
    }
}

fn tag() -> Option<Tag> {
    Some(Tag {
        id: TagId::from_uuid(id(0x20)),
        slug: Slug::parse("oceans").ok()?,
        name: "Oceans".into(),
        description: Some("Everything that is wet and salty.".into()),
        kind: "topic".into(),
        revision: 1,
        created_at: moment(0)?,
        updated_at: moment(0)?,
    })
}

fn author() -> Option<Author> {
    Some(Author {
        id: AuthorId::from_uuid(id(0x30)),
        slug: Slug::parse("ada-marsh").ok()?,
        name: "Ada Marsh".into(),
        bio: Some("Writes about the sea.".into()),
        avatar: None,
        links: vec![Link {
            label: "Her site".into(),
            url: "https://example.org/ada".into(),
        }],
        revision: 2,
        created_at: moment(0)?,
        updated_at: moment(1)?,
    })
}

fn faq(locale: &Locale, tag: &Tag) -> Option<Faq> {
    Some(Faq {
        id: FaqId::from_uuid(id(0x40)),
        locale: locale.clone(),
        slug: Slug::parse("how-often-do-tides-turn").ok()?,
        question: "How often do tides turn?".into(),
        answer: "About every **six hours**.".into(),
        tags: vec![tag.id],
        status: FaqStatus::Published,
        revision: 1,
        published_revision: Some(1),
        published_at: moment(5),
        first_published_at: moment(5),
        created_at: moment(2)?,
        created_by: Credential::User(user()),
        updated_at: moment(2)?,
        updated_by: Credential::User(user()),
    })
}

fn section(number: u128, heading: Option<(&str, &str)>, content: SectionContent) -> Option<Section> {
    Some(Section {
        id: SectionId::from_uuid(id(0x10 + number)),
        heading: heading.map(|(text, anchor)| Heading {
            text: text.into(),
            level: Section::LEVEL,
            anchor: anchor.into(),
        }),
        anchor_aliases: Vec::new(),
        content,
        revision: 1,
        created_at: moment(3)?,
        updated_at: moment(3)?,
    })
}

fn sections() -> Option<Vec<Section>> {
    let text = SectionContent::Text {
        body: "The sea is **never** still.".into(),
    };
    let quote = SectionContent::Quote {
        body: "Time and tide wait for no one.".into(),
        attribution: Some("A proverb".into()),
        source_url: None,
    };
    let image = SectionContent::Image {
        image: "https://example.org/ebb.jpg".into(),
        alt: Some("Boats lying on the mud of a harbour".into()),
        caption: Some("Low water, a little before noon".into()),
        credit: Some("Ada Marsh".into()),
    };
    let embed = SectionContent::Embed {
        url: "https://www.youtube.com/watch?v=dQw4w9WgXcQ".into(),
        title: Some("A day at the harbour, in a minute".into()),
    };
    let callout = SectionContent::Callout {
        tone: Tone::Tip,
        body: "Look at the tables before you walk out.".into(),
    };
    Some(vec![
        section(1, Some(("Introduction", "introduction")), text)?,
        section(2, None, quote)?,
        section(3, None, image)?,
        section(4, None, embed)?,
        section(5, Some(("Before you go", "before-you-go")), callout)?,
    ])
}

fn article(locale: &Locale, tag: &Tag, author: &Author, faq: &Faq) -> Option<Article> {
    let overview = Overview {
        id: ArticleId::from_uuid(id(0x01)),
        story: None,
        kind: ArticleKind::Article,
        locale: locale.clone(),
        slug: Slug::parse("why-tides-turn").ok()?,
        title: "Why tides turn".into(),
        dek: Some("Twice a day the sea changes its mind.".into()),
        excerpt: None,
        cover: Some(Cover {
            url: "https://example.org/tide.jpg".into(),
            alt: Some("A beach at low water".into()),
            caption: None,
            credit: Some("Ada Marsh".into()),
        }),
        seo: Seo::default(),
        metadata: Metadata::default(),
        tags: vec![tag.id],
        authors: vec![Byline {
            author_id: author.id,
            role: BylineRole::Writer,
        }],
        length: Length::default(),
        status: Status::Published,
        review: Review::None,
        reviewed: Reviewed::default(),
        revision: 4,
        published_revision: Some(4),
        publish_at: None,
        unpublish_at: None,
        schedule_error: None,
        published_at: moment(5),
        first_published_at: moment(5),
        created_at: moment(3)?,
        created_by: Credential::User(user()),
        updated_at: moment(4)?,
        updated_by: Credential::User(user()),
    };
    let mut article = Article {
        overview,
        sections: sections()?,
        faqs: vec![faq.id],
    };
    article.length = article.measured();
    Some(article)
}
