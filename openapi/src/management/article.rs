//! Articles as editors get them: working copies, whole and as rows of a list.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use masthead_domain as domain;
use masthead_domain::article::Overview;
use masthead_domain::id::FaqId;
use masthead_domain::preflight::Finding;
use masthead_domain::use_cases::preflighting::Report;
use masthead_domain::use_cases::publishing::Publication;
use masthead_domain::use_cases::reading::{ArticleRow, ArticleView, NamedByline};
use masthead_domain::use_cases::warnings;

use super::etag;
use super::faq::Faq;
use super::preflight::Verdict;
use super::section::Section;
use super::tag::TagSummary;
use super::workflow::{ScheduleError, ScheduleState};
use crate::delivery::{ArticleKind, BylineRole, Cover, Picture, TocEntry};
use crate::list_of;
use crate::problem::PreflightCheck;
use crate::words::mirror;

/// What search engines and link previews are told instead of the article's own words.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seo {
    /// Instead of the title.
    #[schema(required = true)]
    pub title: Option<String>,
    /// Instead of the dek.
    #[schema(required = true)]
    pub description: Option<String>,
    /// Where the original is, if it is not here.
    #[schema(required = true)]
    pub canonical_url: Option<String>,
    /// Instead of the cover.
    #[schema(required = true)]
    pub image: Option<Picture>,
    /// Keep it out of search engines.
    pub no_index: bool,
}

impl From<domain::article::Seo> for Seo {
    fn from(seo: domain::article::Seo) -> Self {
        Self {
            title: seo.title,
            description: seo.description,
            canonical_url: seo.canonical_url,
            image: seo.image.map(Into::into),
            no_index: seo.no_index,
        }
    }
}

mirror! {
    /// Where the article stands for readers.
    Status = domain::article::Status {
        Draft = "draft",
        Scheduled = "scheduled",
        Published = "published",
        Archived = "archived",
    }
}

mirror! {
    /// Where the article stands with its editors.
    Review = domain::article::Review {
        None = "none",
        Requested = "requested",
        ChangesRequested = "changes_requested",
        Approved = "approved",
    }
}

/// A name in a byline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Byline {
    /// The author's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The author's word in addresses.
    pub slug: String,
    /// The name.
    pub name: String,
    /// What they did for this article.
    pub role: BylineRole,
}

impl From<NamedByline> for Byline {
    fn from((author, role): NamedByline) -> Self {
        Self {
            id: author.id.to_string(),
            slug: author.slug.to_string(),
            name: author.name,
            role: role.into(),
        }
    }
}

/// An article of the same story in another language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Translation {
    /// The article.
    #[schema(format = Uuid)]
    pub id: String,
    /// The language it is in.
    pub locale: String,
    /// Its word in addresses.
    pub slug: String,
    /// For readers.
    pub status: Status,
}

impl From<domain::story::Translation> for Translation {
    fn from(translation: domain::story::Translation) -> Self {
        Self {
            id: translation.id.to_string(),
            locale: translation.locale.to_string(),
            slug: translation.slug.to_string(),
            status: translation.status.into(),
        }
    }
}

/// Something that was taken, and that readers will not see as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct Warning {
    /// JSON Pointer into the article or section.
    pub pointer: String,
    /// Stable word for machines.
    pub code: String,
    /// What will be different.
    pub message: String,
}

impl From<warnings::Warning> for Warning {
    fn from(warning: warnings::Warning) -> Self {
        Self {
            pointer: warning.pointer,
            code: warning.code.to_owned(),
            message: warning.message,
        }
    }
}

/// The fields that rows of a list and whole working copies share.
macro_rules! working_copy {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $name {
            /// The article's id.
            #[schema(format = Uuid)]
            pub id: String,
            /// Article or page.
            pub kind: ArticleKind,
            /// The story it tells: one article in each language.
            #[schema(format = Uuid)]
            pub story_id: String,
            /// The language it is in.
            pub locale: String,
            /// Its word in addresses, unique in its locale.
            pub slug: String,
            /// The headline.
            pub title: String,
            /// The line under the headline.
            #[schema(required = true)]
            pub dek: Option<String>,
            /// An excerpt of its own; null where it is derived.
            #[schema(required = true)]
            pub excerpt: Option<String>,
            /// The picture that stands for it.
            #[schema(required = true)]
            pub cover: Option<Cover>,
            /// The byline, in order.
            pub authors: Vec<Byline>,
            /// In order; the first is the primary one.
            pub tags: Vec<TagSummary>,
            $($(#[$field_doc])* pub $field: $type,)*
            /// Overrides for search engines.
            pub seo: Seo,
            /// A JSON object of the frontend's own.
            #[schema(value_type = Object)]
            pub metadata: Map<String, Value>,
            /// Words; characters in Chinese, Japanese and Korean.
            pub word_count: u32,
            /// Rounded up, at least one.
            #[schema(minimum = 1)]
            pub reading_time_minutes: u32,
            /// For readers.
            pub status: Status,
            /// With editors. Changing the article ends an approval: editors are asked again (`requested`), unless
            /// readers see the approved revision (`none`).
            pub review: Review,
            /// The revision that was approved last.
            #[schema(required = true)]
            pub approved_revision: Option<u32>,
            /// What was said when the review last moved.
            #[schema(required = true)]
            pub review_note: Option<String>,
            /// Through which credential.
            #[schema(required = true)]
            pub review_by: Option<String>,
            /// When.
            #[schema(required = true)]
            pub review_at: Option<DateTime<Utc>>,
            /// Counts every change to it, its sections, their order and its links. Changes of state are not counted.
            #[schema(minimum = 1)]
            pub revision: u32,
            /// For `If-Match`.
            pub etag: String,
            /// Whether the working copy is ahead of what readers see.
            pub has_unpublished_changes: bool,
            /// The revision that readers see.
            #[schema(required = true)]
            pub published_revision: Option<u32>,
            /// When it is to be published.
            #[schema(required = true)]
            pub publish_at: Option<DateTime<Utc>>,
            /// When it is to be taken away.
            #[schema(required = true)]
            pub unpublish_at: Option<DateTime<Utc>>,
            /// What became of the moments that were set; null where none is. What failed stays as it was and is not
            /// tried again: schedule it anew.
            #[schema(required = true)]
            pub schedule_state: Option<ScheduleState>,
            /// Why, where it failed.
            #[schema(required = true)]
            pub schedule_error: Option<ScheduleError>,
            /// When this edition was published.
            #[schema(required = true)]
            pub published_at: Option<DateTime<Utc>>,
            /// When the first edition was.
            #[schema(required = true)]
            pub first_published_at: Option<DateTime<Utc>>,
            /// When it was made.
            pub created_at: DateTime<Utc>,
            /// Through which credential.
            pub created_by: String,
            /// When it was last changed.
            pub updated_at: DateTime<Utc>,
            /// Through which credential.
            pub updated_by: String,
        }

        impl $name {
            fn assemble(article: Overview, authors: Vec<NamedByline>, tags: Vec<domain::tag::Tag>, $($field: $type,)*) -> Self {
                Self {
                    id: article.id.to_string(),
                    etag: etag(article.id.uuid(), article.revision),
                    has_unpublished_changes: article.has_unpublished_changes(),
                    schedule_state: article.schedule_state().map(Into::into),
                    story_id: article.story_id().to_string(),
                    kind: article.kind.into(),
                    locale: article.locale.to_string(),
                    slug: article.slug.to_string(),
                    title: article.title,
                    dek: article.dek,
                    excerpt: article.excerpt,
                    cover: article.cover.map(Into::into),
                    authors: authors.into_iter().map(Into::into).collect(),
                    tags: tags.into_iter().map(Into::into).collect(),
                    $($field,)*
                    seo: article.seo.into(),
                    metadata: article.metadata.0,
                    word_count: article.length.word_count(),
                    reading_time_minutes: article.length.reading_time_minutes(),
                    status: article.status.into(),
                    review: article.review.into(),
                    approved_revision: article.reviewed.approved_revision,
                    review_note: article.reviewed.note,
                    review_by: article.reviewed.by.map(|by| by.to_string()),
                    review_at: article.reviewed.at,
                    revision: article.revision,
                    published_revision: article.published_revision,
                    publish_at: article.publish_at,
                    unpublish_at: article.unpublish_at,
                    schedule_error: article.schedule_error.map(Into::into),
                    published_at: article.published_at,
                    first_published_at: article.first_published_at,
                    created_at: article.created_at,
                    created_by: article.created_by.to_string(),
                    updated_at: article.updated_at,
                    updated_by: article.updated_by.to_string(),
                }
            }
        }
    };
}

working_copy! {
    /// The working copy of an article.
    Article {
        /// Contents, nested by level.
        toc: Vec<TocEntry>,
        /// In order.
        sections: Vec<Section>,
        /// In order.
        faqs: Vec<Faq>,
        /// The same story in other languages, by locale.
        translations: Vec<Translation>,
    }
}

working_copy! {
    /// A row in a list of working copies; it carries no bodies.
    ArticleSummary {}
}

impl From<ArticleView> for Article {
    fn from(view: ArticleView) -> Self {
        let toc = domain::published::contents(&view.article.sections);
        let toc = toc.into_iter().map(Into::into).collect();
        let sections = view.article.sections.into_iter().map(Into::into).collect();
        let faqs = view.faqs.into_iter().map(Into::into).collect();
        let translations = view.translations.into_iter().map(Into::into).collect();
        Self::assemble(
            view.article.overview,
            view.authors,
            view.tags,
            toc,
            sections,
            faqs,
            translations,
        )
    }
}

impl From<ArticleRow> for ArticleSummary {
    fn from(row: ArticleRow) -> Self {
        Self::assemble(row.overview, row.authors, row.tags)
    }
}

/// What rendering cannot carry.
#[derive(Debug, Serialize, ToSchema)]
pub struct WarningMeta {
    /// Never empty.
    pub warnings: Vec<Warning>,
}

impl WarningMeta {
    /// About a working copy; `None` where there is nothing to say.
    fn of(view: &ArticleView) -> Option<Self> {
        let warnings: Vec<_> = warnings::of_article(view).into_iter().map(Into::into).collect();
        (!warnings.is_empty()).then_some(Self { warnings })
    }
}

/// One working copy.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleResponse {
    /// The working copy.
    pub data: Article,
    /// There only where rendering cannot carry something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub meta: Option<WarningMeta>,
}

impl From<ArticleView> for ArticleResponse {
    fn from(view: ArticleView) -> Self {
        Self {
            meta: WarningMeta::of(&view),
            data: view.into(),
        }
    }
}

/// What publishing did beside publishing the article.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicationMeta {
    /// FAQs that were drafts and became visible with the article, by their ids.
    pub published_faqs: Vec<String>,
    /// What the checks before publishing found, errors first, at most a hundred.
    pub checks: Vec<PreflightCheck>,
    /// What rendering could not carry.
    pub warnings: Vec<Warning>,
}

/// A working copy that was published, or looked over.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedWorkingCopy {
    /// The working copy.
    #[serde(flatten)]
    pub article: Article,
    /// What a dry run adds.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A published article's working copy.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicationResponse {
    /// The working copy.
    pub data: PublishedWorkingCopy,
    /// What else was done.
    pub meta: PublicationMeta,
}

fn publication(
    view: ArticleView,
    published: &[FaqId],
    findings: Vec<Finding>,
    verdict: Verdict,
) -> PublicationResponse {
    let meta = PublicationMeta {
        published_faqs: published.iter().map(ToString::to_string).collect(),
        checks: findings.into_iter().map(Into::into).collect(),
        warnings: warnings::of_article(&view).into_iter().map(Into::into).collect(),
    };
    let data = PublishedWorkingCopy {
        article: view.into(),
        verdict,
    };
    PublicationResponse { data, meta }
}

impl From<Publication> for PublicationResponse {
    fn from(done: Publication) -> Self {
        publication(done.view, &done.published_faqs, done.findings, Verdict::none())
    }
}

impl From<Report<ArticleView>> for PublicationResponse {
    fn from(report: Report<ArticleView>) -> Self {
        let verdict = Verdict::of(&report.findings);
        publication(report.view, &[], report.findings, verdict)
    }
}

list_of!(
    /// A page of working copies.
    ArticleList,
    ArticleSummary
);
