//! What readers see: editions rendered once when they are published, and the queries that read them.

use serde::{Deserialize, Serialize};

use crate::article::{Article, ArticleKind, Byline, Cover, Image, Metadata, Seo};
use crate::author::Author;
use crate::clock::Instant;
use crate::faq::Faq;
use crate::id::{ArticleId, AuthorId, FaqId, SectionId, StoryId, TagId};
use crate::locale::Locale;
use crate::rendering::{self, ContentsEntry};
use crate::rights::words;
use crate::searching::Question;
use crate::section::{Heading, Section, SectionContent, Tone};
use crate::slug::Slug;
use crate::story::Languages;
use crate::tag::Tag;

/// A text in every form that readers can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prose {
    /// Sanitised.
    pub html: String,
    /// As it was written.
    pub markdown: String,
    /// Without any marks.
    pub text: String,
}

impl Prose {
    /// Renders Markdown; `prefix` keeps its anchors apart from those of other texts on the page.
    #[must_use]
    pub fn render(markdown: &str, prefix: &str) -> Self {
        let rendered = rendering::render(markdown, prefix);
        Self {
            html: rendered.html,
            markdown: markdown.to_owned(),
            text: rendered.text,
        }
    }
}

/// What a published section holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PublishedContent {
    /// Text.
    Text {
        /// The text.
        body: Prose,
    },
    /// Somebody's words.
    Quote {
        /// The words.
        body: Prose,
        /// Whose they are.
        attribution: Option<String>,
        /// Where they stand.
        source_url: Option<String>,
    },
    /// A picture.
    Image {
        /// Where it is.
        image: String,
        /// What it shows.
        alt: Option<String>,
        /// The line under it.
        caption: Option<String>,
        /// Who made it.
        credit: Option<String>,
    },
    /// A player or card of another site.
    Embed {
        /// The address a person would share.
        url: String,
        /// What it is.
        title: Option<String>,
        /// Only from allowed providers.
        html: Option<String>,
        /// Which of them.
        provider: Option<String>,
    },
    /// A box that stands out.
    Callout {
        /// What it is for.
        tone: Tone,
        /// The text.
        body: Prose,
    },
}

/// A section as readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedSection {
    /// The section's id.
    pub id: SectionId,
    /// Its heading, if it has one.
    pub heading: Option<Heading>,
    /// Anchors it had before.
    pub anchor_aliases: Vec<String>,
    /// What it holds.
    #[serde(flatten)]
    pub content: PublishedContent,
}

impl PublishedSection {
    /// Renders a section.
    #[must_use]
    pub fn render(section: &Section) -> Self {
        // Short and stable: the anchor where there is one, else the end of the id, which is its random part.
        let id = section.id.to_string();
        let prefix = section
            .heading
            .as_ref()
            .map_or_else(|| format!("s-{}", &id[24..]), |h| h.anchor.clone());
        let prose = |body: &str| Prose::render(body, &prefix);
        let content = match section.content.clone() {
            SectionContent::Text { body } => PublishedContent::Text { body: prose(&body) },
            SectionContent::Quote {
                body,
                attribution,
                source_url,
            } => PublishedContent::Quote {
                body: prose(&body),
                attribution,
                source_url,
            },
            SectionContent::Image {
                image,
                alt,
                caption,
                credit,
            } => PublishedContent::Image {
                image,
                alt,
                caption,
                credit,
            },
            SectionContent::Embed { url, title } => {
                let embed = rendering::embed(&url, title.as_deref()).ok();
                let provider = embed.as_ref().map(|embed| embed.provider.to_owned());
                PublishedContent::Embed {
                    url,
                    title,
                    html: embed.map(|embed| embed.html),
                    provider,
                }
            }
            SectionContent::Callout { tone, body } => PublishedContent::Callout {
                tone,
                body: prose(&body),
            },
        };
        Self {
            id: section.id,
            heading: section.heading.clone(),
            anchor_aliases: section.anchor_aliases.clone(),
            content,
        }
    }

    /// Its text, where it has some.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            PublishedContent::Text { body }
            | PublishedContent::Quote { body, .. }
            | PublishedContent::Callout { body, .. } => Some(&body.text),
            PublishedContent::Image { .. } | PublishedContent::Embed { .. } => None,
        }
    }
}

/// An article as readers see it, without its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedArticle {
    /// The article's id.
    pub id: ArticleId,
    /// Article or page.
    pub kind: ArticleKind,
    /// The story it tells in its language; `None` where that is named after it.
    #[serde(default)]
    pub story: Option<StoryId>,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// The headline.
    pub title: String,
    /// The line under the headline.
    pub dek: Option<String>,
    /// Its own, or the beginning of the text.
    pub excerpt: String,
    /// The picture that stands for it.
    pub cover: Option<Cover>,
    /// With defaults filled in.
    pub seo: Seo,
    /// The frontend's own.
    pub metadata: Metadata,
    /// Contents, nested by level.
    pub toc: Vec<ContentsEntry>,
    /// Words, and characters of scripts without spaces.
    pub word_count: u32,
    /// At least one.
    pub reading_time_minutes: u32,
    /// The revision of the working copy that this edition shows.
    pub revision: u32,
    /// When this edition was published.
    pub published_at: Instant,
    /// When the first edition was.
    pub first_published_at: Instant,
    /// When the text was last changed before this edition.
    pub updated_at: Instant,
}

/// What is shown of an article that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedSummary {
    /// The article's id.
    pub id: ArticleId,
    /// Article or page.
    pub kind: ArticleKind,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// The headline.
    pub title: String,
    /// The line under the headline.
    pub dek: Option<String>,
    /// Its own, or the beginning of the text.
    pub excerpt: String,
    /// The picture that stands for it.
    pub cover: Option<Cover>,
    /// When this edition was published.
    pub published_at: Instant,
}

impl PublishedArticle {
    /// The story it tells.
    #[must_use]
    pub fn story_id(&self) -> StoryId {
        self.story.unwrap_or_else(|| self.id.into())
    }
}

/// Everything that publishing an article writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    /// The article.
    pub article: PublishedArticle,
    /// In order.
    pub sections: Vec<PublishedSection>,
    /// In order.
    pub tags: Vec<TagId>,
    /// In order.
    pub authors: Vec<Byline>,
    /// In order.
    pub faqs: Vec<FaqId>,
}

/// Characters of a derived excerpt.
const EXCERPT: usize = 300;

impl Edition {
    /// Renders a working copy as the edition published at these moments.
    #[must_use]
    pub fn render(article: &Article, published_at: Instant, first_published_at: Instant) -> Self {
        let sections: Vec<_> = article.sections.iter().map(PublishedSection::render).collect();
        let excerpt = article
            .excerpt
            .clone()
            .unwrap_or_else(|| derived_excerpt(article, &sections));
        let length = article.measured();
        let published = PublishedArticle {
            id: article.id,
            kind: article.kind,
            story: article.story,
            locale: article.locale.clone(),
            slug: article.slug.clone(),
            title: article.title.clone(),
            dek: article.dek.clone(),
            seo: filled_seo(article, &excerpt),
            excerpt,
            cover: article.cover.clone(),
            metadata: article.metadata.clone(),
            toc: contents(&article.sections),
            word_count: length.word_count(),
            reading_time_minutes: length.reading_time_minutes(),
            revision: article.revision,
            published_at,
            first_published_at,
            updated_at: article.updated_at,
        };
        Self {
            article: published,
            sections,
            tags: article.tags.clone(),
            authors: article.authors.clone(),
            faqs: article.faqs.clone(),
        }
    }
}

/// The contents of an article, nested by level.
#[must_use]
pub fn contents(sections: &[Section]) -> Vec<ContentsEntry> {
    let headings: Vec<_> = sections
        .iter()
        .filter_map(|section| {
            let heading = section.heading.as_ref()?;
            Some(rendering::Heading {
                section_id: section.id.uuid(),
                anchor: &heading.anchor,
                title: &heading.text,
                level: heading.level,
            })
        })
        .collect();
    rendering::contents(&headings)
}

fn derived_excerpt(article: &Article, sections: &[PublishedSection]) -> String {
    let text = sections
        .iter()
        .filter_map(PublishedSection::text)
        .find(|text| !text.trim().is_empty());
    rendering::excerpt(text.or(article.dek.as_deref()).unwrap_or_default(), EXCERPT)
}

fn filled_seo(article: &Article, excerpt: &str) -> Seo {
    let own = article.seo.clone();
    let described = article
        .dek
        .clone()
        .or_else(|| Some(excerpt.to_owned()).filter(|text| !text.is_empty()));
    let cover = article.cover.as_ref().map(|cover| Image {
        url: cover.url.clone(),
        alt: cover.alt.clone(),
    });
    Seo {
        title: own.title.or_else(|| Some(article.title.clone())),
        description: own.description.or(described),
        canonical_url: own.canonical_url,
        image: own.image.or(cover),
        no_index: own.no_index,
    }
}

/// A FAQ as readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFaq {
    /// The FAQ's id.
    pub id: FaqId,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: Prose,
    /// In order.
    pub tags: Vec<TagId>,
    /// The revision of the working copy that this edition shows.
    pub revision: u32,
    /// When this edition was published.
    pub published_at: Instant,
    /// When the first edition was.
    pub first_published_at: Instant,
    /// When the text was last changed before this edition.
    pub updated_at: Instant,
}

impl PublishedFaq {
    /// Renders a working copy as the edition published at these moments.
    #[must_use]
    pub fn render(faq: &Faq, published_at: Instant, first_published_at: Instant) -> Self {
        Self {
            id: faq.id,
            locale: faq.locale.clone(),
            slug: faq.slug.clone(),
            question: faq.question.clone(),
            answer: Prose::render(&faq.answer, &anchor(&faq.slug)),
            tags: faq.tags.clone(),
            revision: faq.revision,
            published_at,
            first_published_at,
            updated_at: faq.updated_at,
        }
    }

    /// Where on a page it stands.
    #[must_use]
    pub fn anchor(&self) -> String {
        anchor(&self.slug)
    }
}

/// A slug is unique in its locale, so its anchor is on a page; the prefix keeps it apart from headings.
pub(crate) fn anchor(slug: &Slug) -> String {
    format!("faq-{slug}")
}

/// A tag that something published carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTag {
    /// The tag.
    pub tag: Tag,
    /// Published articles that carry it.
    pub articles_count: u64,
}

/// An author whose name something published carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAuthor {
    /// The author.
    pub author: Author,
    /// Published articles that carry the name.
    pub articles_count: u64,
}

words! {
    /// What lists of published articles sort by.
    ArticleSort {
        /// When the present edition was published.
        PublishedAt = "published_at",
        /// When the first edition was published.
        FirstPublishedAt = "first_published_at",
        /// When the text was last changed.
        UpdatedAt = "updated_at",
        /// By the bytes of the title.
        Title = "title",
    }
}

words! {
    /// What lists of published FAQs sort by.
    FaqSort {
        /// By the bytes of the question.
        Question = "question",
        /// When the present edition was published.
        PublishedAt = "published_at",
        /// When the text was last changed.
        UpdatedAt = "updated_at",
    }
}

words! {
    /// What lists of published tags and authors sort by.
    NameSort {
        /// By the bytes of the name.
        Name = "name",
        /// By the slug.
        Slug = "slug",
    }
}

/// Which tags a thing has to carry; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagFilter {
    /// At least one of these.
    pub any: Option<Vec<Slug>>,
    /// Each of these.
    pub all: Vec<Slug>,
    /// None of these.
    pub none: Vec<Slug>,
}

/// A span of time; every field narrows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// At this moment or later.
    pub from: Option<Instant>,
    /// Before this moment.
    pub to: Option<Instant>,
}

/// Which published articles are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleQuery {
    /// What they carry.
    pub tags: TagFilter,
    /// With at least one of these in the byline.
    pub authors: Option<Vec<Slug>>,
    /// Of each story, the article in the first of these languages in which it is told.
    pub languages: Option<Languages>,
    /// This kind only.
    pub kind: Option<ArticleKind>,
    /// Those that a search for this would find.
    pub words: Option<Question>,
    /// With one of these slugs.
    pub slugs: Option<Vec<Slug>>,
    /// One of these.
    pub ids: Option<Vec<ArticleId>>,
    /// When the present edition was published.
    pub published: Span,
    /// The text was last changed then or later.
    pub updated_from: Option<Instant>,
}

/// Which published FAQs are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaqQuery {
    /// What they carry.
    pub tags: TagFilter,
    /// Exactly this locale.
    pub locale: Option<Locale>,
    /// With one of these slugs.
    pub slugs: Option<Vec<Slug>>,
    /// One of these.
    pub ids: Option<Vec<FaqId>>,
    /// When the present edition was published.
    pub published: Span,
    /// The text was last changed then or later.
    pub updated_from: Option<Instant>,
    /// Texts that question or answer hold, whatever their case; each of them.
    pub words: Vec<String>,
}

/// Which tags are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagQuery {
    /// This kind only.
    pub kind: Option<String>,
}

/// Which published tags are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedTagQuery {
    /// This kind only.
    pub kind: Option<String>,
    /// With one of these slugs.
    pub slugs: Option<Vec<Slug>>,
    /// One of these.
    pub ids: Option<Vec<TagId>>,
    /// What it says of itself was last changed then or later.
    pub updated_from: Option<Instant>,
    /// Texts that name, slug or description hold, whatever their case; each of them.
    pub words: Vec<String>,
}

/// Which published authors are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedAuthorQuery {
    /// With one of these slugs.
    pub slugs: Option<Vec<Slug>>,
    /// One of these.
    pub ids: Option<Vec<AuthorId>>,
    /// Texts that name, slug or biography hold, whatever their case; each of them.
    pub words: Vec<String>,
}

/// An author of a published article, with what they did for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedByline {
    /// Who.
    pub author: Author,
    /// What they did.
    pub role: crate::article::BylineRole,
}

/// What readers saw of an article before it changed: its links, for what must be refreshed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionLinks {
    /// The slug readers knew it by.
    pub slug: Slug,
    /// Its locale.
    pub locale: Locale,
    /// The story it tells.
    pub story: StoryId,
    /// Its tags.
    pub tags: Vec<TagId>,
    /// Its authors.
    pub authors: Vec<AuthorId>,
}

/// What readers saw of a FAQ before it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaqLinks {
    /// The slug readers knew it by.
    pub slug: Slug,
    /// Its locale.
    pub locale: Locale,
    /// Its tags.
    pub tags: Vec<TagId>,
}
