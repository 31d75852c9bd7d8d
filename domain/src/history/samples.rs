//! Small articles for the tests of the history.

use uuid::Uuid;

use crate::article::{Article, ArticleKind, Metadata, Overview, Review, Seo, Status};
use crate::clock::Instant;
use crate::id::{ArticleId, SectionId};
use crate::locale::Locale;
use crate::rendering::Length;
use crate::rights::Credential;
use crate::section::{Heading, Section, SectionContent};
use crate::slug::Slug;
use crate::workflow::Reviewed;

pub(super) fn at(second: i64) -> Instant {
    Instant::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

pub(super) fn section(number: u128, body: &str) -> Section {
    Section {
        id: SectionId::from_uuid(Uuid::from_u128(100 + number)),
        heading: Some(Heading {
            text: format!("Heading {number}"),
            level: 2,
            anchor: format!("heading-{number}"),
        }),
        anchor_aliases: Vec::new(),
        content: SectionContent::Text { body: body.into() },
        revision: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// An article with a section of each body; sections of one place have one id.
pub(crate) fn article(bodies: &[&str]) -> Article {
    let overview = Overview {
        id: ArticleId::from_uuid(Uuid::from_u128(1)),
        kind: ArticleKind::Article,
        story: None,
        locale: Locale::parse("en").unwrap(),
        slug: Slug::parse("tides").unwrap(),
        title: "Why tides turn".into(),
        dek: None,
        excerpt: None,
        cover: None,
        seo: Seo::default(),
        metadata: Metadata::default(),
        tags: Vec::new(),
        authors: Vec::new(),
        length: Length::default(),
        status: Status::Draft,
        review: Review::None,
        reviewed: Reviewed::default(),
        revision: 1,
        published_revision: None,
        publish_at: None,
        unpublish_at: None,
        schedule_error: None,
        published_at: None,
        first_published_at: None,
        created_at: at(0),
        created_by: Credential::CommandLine,
        updated_at: at(0),
        updated_by: Credential::CommandLine,
    };
    Article {
        overview,
        sections: (0..)
            .zip(bodies)
            .map(|(number, body)| section(number, body))
            .collect(),
        faqs: Vec::new(),
    }
}

/// The same with another body at one place.
pub(crate) fn with_body(article: &Article, index: usize, body: &str) -> Article {
    let mut changed = article.clone();
    changed.sections[index].content = SectionContent::Text { body: body.into() };
    changed.sections[index].revision += 1;
    changed
}
