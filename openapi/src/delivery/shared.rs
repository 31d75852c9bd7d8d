//! What readers' articles are made of, and FAQs, tags and authors on their own.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use masthead_domain as domain;
use masthead_domain::published::{PublishedAuthor, PublishedByline, PublishedFaq, PublishedTag};

use super::parameters::Formats;
use crate::words::mirror;
use crate::{data_of, list_of};

mirror! {
    /// What a person did for an article.
    BylineRole = domain::article::BylineRole {
        Writer = "writer",
        Editor = "editor",
        Translator = "translator",
        Photographer = "photographer",
        Contributor = "contributor",
    }
}

/// A text in the forms asked for with `format`; `html` where nothing was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prose {
    /// Sanitised HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub html: Option<String>,
    /// As it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub markdown: Option<String>,
    /// Without any marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<String>,
}

impl Prose {
    /// The text in these forms.
    #[must_use]
    pub fn new(prose: domain::published::Prose, formats: Formats) -> Self {
        Self {
            html: formats.html.then_some(prose.html),
            markdown: formats.markdown.then_some(prose.markdown),
            text: formats.text.then_some(prose.text),
        }
    }
}

/// The picture that stands for an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cover {
    /// Where it is.
    pub url: String,
    /// What it shows; empty for decoration.
    #[schema(required = true)]
    pub alt: Option<String>,
    /// The line under it.
    #[schema(required = true)]
    pub caption: Option<String>,
    /// Who made it.
    #[schema(required = true)]
    pub credit: Option<String>,
}

impl From<domain::article::Cover> for Cover {
    fn from(cover: domain::article::Cover) -> Self {
        Self {
            url: cover.url,
            alt: cover.alt,
            caption: cover.caption,
            credit: cover.credit,
        }
    }
}

/// A picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Picture {
    /// Where it is.
    pub url: String,
    /// What it shows; empty for decoration.
    #[schema(required = true)]
    pub alt: Option<String>,
}

impl From<domain::article::Image> for Picture {
    fn from(image: domain::article::Image) -> Self {
        Self {
            url: image.url,
            alt: image.alt,
        }
    }
}

/// A published article of the same story in another language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Alternate {
    /// The article.
    #[schema(format = Uuid)]
    pub id: String,
    /// The language it is in.
    pub locale: String,
    /// Its word in addresses.
    pub slug: String,
    /// Where the original is, or else where the site has it; null where the site's address is not set.
    #[schema(required = true)]
    pub url: Option<String>,
}

impl From<domain::story::Alternate> for Alternate {
    fn from(alternate: domain::story::Alternate) -> Self {
        Self {
            id: alternate.id.to_string(),
            locale: alternate.locale.to_string(),
            slug: alternate.slug.to_string(),
            url: alternate.url,
        }
    }
}

/// A line of the contents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(no_recursion)]
pub struct TocEntry {
    /// The section it leads to.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// The anchor it leads to.
    pub anchor: String,
    /// The heading.
    pub title: String,
    /// 2 to 4.
    #[schema(minimum = 2, maximum = 4)]
    pub level: u8,
    /// Lines below it.
    pub children: Vec<TocEntry>,
}

impl From<domain::rendering::ContentsEntry> for TocEntry {
    fn from(entry: domain::rendering::ContentsEntry) -> Self {
        Self {
            section_id: entry.section_id.to_string(),
            anchor: entry.anchor,
            title: entry.title,
            level: entry.level,
            children: entry.children.into_iter().map(Into::into).collect(),
        }
    }
}

/// A tag on an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    /// The tag's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `topic`, `series`, `place`, `person`, `organisation`, or a word of the site's own.
    pub kind: String,
}

impl From<domain::tag::Tag> for Tag {
    fn from(tag: domain::tag::Tag) -> Self {
        Self {
            id: tag.id.to_string(),
            slug: tag.slug.to_string(),
            name: tag.name,
            kind: tag.kind,
        }
    }
}

/// An address with its label.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// What a reader is shown.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

impl From<domain::author::Link> for Link {
    fn from(link: domain::author::Link) -> Self {
        Self {
            label: link.label,
            url: link.url,
        }
    }
}

/// An author in a byline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    /// The author's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses.
    pub slug: String,
    /// The name.
    pub name: String,
    /// What they did for this article.
    pub role: BylineRole,
    /// A few sentences.
    #[schema(required = true)]
    pub bio: Option<String>,
    /// A portrait.
    #[schema(required = true)]
    pub avatar: Option<Picture>,
    /// Where else to find them.
    pub links: Vec<Link>,
}

impl From<PublishedByline> for Author {
    fn from(PublishedByline { author, role }: PublishedByline) -> Self {
        Self {
            id: author.id.to_string(),
            slug: author.slug.to_string(),
            name: author.name,
            role: role.into(),
            bio: author.bio,
            avatar: author.avatar.map(Into::into),
            links: author.links.into_iter().map(Into::into).collect(),
        }
    }
}

/// A FAQ on an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Faq {
    /// The FAQ's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses.
    pub slug: String,
    /// Where on a page it stands.
    pub anchor: String,
    /// The question.
    pub question: String,
    /// The answer in the forms asked for.
    pub answer: Prose,
}

impl Faq {
    /// The FAQ in these forms.
    #[must_use]
    pub fn new(faq: PublishedFaq, formats: Formats) -> Self {
        Self {
            id: faq.id.to_string(),
            anchor: faq.anchor(),
            slug: faq.slug.to_string(),
            question: faq.question,
            answer: Prose::new(faq.answer, formats),
        }
    }
}

/// A FAQ on its own.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaqDetail {
    /// The FAQ's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The language it is in.
    pub locale: String,
    /// Its word in addresses.
    pub slug: String,
    /// Where on a page it stands.
    pub anchor: String,
    /// The question.
    pub question: String,
    /// The answer in the forms asked for.
    pub answer: Prose,
    /// In order.
    pub tags: Vec<Tag>,
    /// When this edition was published.
    pub published_at: DateTime<Utc>,
    /// When the first edition was.
    pub first_published_at: DateTime<Utc>,
    /// When the text was last changed.
    pub updated_at: DateTime<Utc>,
}

impl FaqDetail {
    /// The FAQ in these forms, with its tags.
    #[must_use]
    pub fn new(faq: PublishedFaq, tags: Vec<domain::tag::Tag>, formats: Formats) -> Self {
        Self {
            id: faq.id.to_string(),
            locale: faq.locale.to_string(),
            anchor: faq.anchor(),
            slug: faq.slug.to_string(),
            question: faq.question,
            answer: Prose::new(faq.answer, formats),
            tags: tags.into_iter().map(Into::into).collect(),
            published_at: faq.published_at,
            first_published_at: faq.first_published_at,
            updated_at: faq.updated_at,
        }
    }
}

/// A tag on its own.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagDetail {
    /// The tag's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `topic`, `series`, `place`, `person`, `organisation`, or a word of the site's own.
    pub kind: String,
    /// What it is about.
    #[schema(required = true)]
    pub description: Option<String>,
    /// Published articles that carry it.
    pub articles_count: u64,
}

impl From<PublishedTag> for TagDetail {
    fn from(PublishedTag { tag, articles_count }: PublishedTag) -> Self {
        Self {
            id: tag.id.to_string(),
            slug: tag.slug.to_string(),
            name: tag.name,
            kind: tag.kind,
            description: tag.description,
            articles_count,
        }
    }
}

/// An author on its own.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorDetail {
    /// The author's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its word in addresses.
    pub slug: String,
    /// The name.
    pub name: String,
    /// A few sentences.
    #[schema(required = true)]
    pub bio: Option<String>,
    /// A portrait.
    #[schema(required = true)]
    pub avatar: Option<Picture>,
    /// Where else to find them.
    pub links: Vec<Link>,
    /// Published articles that carry the name.
    pub articles_count: u64,
}

impl From<PublishedAuthor> for AuthorDetail {
    fn from(
        PublishedAuthor {
            author,
            articles_count,
        }: PublishedAuthor,
    ) -> Self {
        Self {
            id: author.id.to_string(),
            slug: author.slug.to_string(),
            name: author.name,
            bio: author.bio,
            avatar: author.avatar.map(Into::into),
            links: author.links.into_iter().map(Into::into).collect(),
            articles_count,
        }
    }
}

data_of!(
    /// One FAQ.
    FaqResponse,
    FaqDetail
);
data_of!(
    /// One tag.
    TagResponse,
    TagDetail
);
data_of!(
    /// One author.
    AuthorResponse,
    AuthorDetail
);
data_of!(
    /// The FAQs of an article, in order.
    FaqsResponse,
    Vec<Faq>
);
list_of!(
    /// A page of FAQs.
    FaqList,
    FaqDetail
);
list_of!(
    /// A page of tags.
    TagList,
    TagDetail
);
list_of!(
    /// A page of authors.
    AuthorList,
    AuthorDetail
);
