//! Bodies that readers get: published things only.

mod article;
mod changes;
mod parameters;
mod search;
mod section;
mod seo;
mod shared;
mod site;

pub use article::{
    Article, ArticleList, ArticleResponse, ArticleSummary, JsonLd, Projection, SectionsResponse,
};
pub use changes::{
    Change, ChangeOp, ChangeReason, ChangeType, ChangesLinks, ChangesMeta, ChangesParameters,
    ChangesResponse, EventsParameters, LastEventId,
};
pub(crate) use parameters::sort_keys;
pub use parameters::{
    ArticleAsOfParameters, ArticleField, ArticleKind, ArticleListParameters, ArticleParameters,
    ArticleRelation, ArticleSortKey, AuthorListParameters, BodyFormat, BySlugParameters, FaqListParameters,
    FaqSortKey, FeedParameters, Formats, MarkdownParameters, NameSortKey, SectionParameters, SitemapPath,
    TagListParameters,
};
pub use search::{
    Facet, FacetValue, Facets, FoundArticle, Mark, MatchField, SearchHit, SearchMatch, SearchParameters,
    SearchResponse, SearchResult, Snippet, SuggestParameters, SuggestResponse, Suggestion, SuggestionType,
};
pub use section::{Callout, Embed, Image, Quote, Section, Text, Tone};
pub(crate) use section::{CalloutKind, EmbedKind, ImageKind, QuoteKind, TextKind};
pub use seo::{Hreflang, OpenGraph, OpenGraphType, Seo, Twitter, TwitterCard};
pub use shared::{
    Alternate, Author, AuthorDetail, AuthorList, AuthorResponse, BylineRole, Cover, Faq, FaqDetail, FaqList,
    FaqResponse, FaqsResponse, Link, Picture, Prose, Tag, TagDetail, TagList, TagResponse, TocEntry,
};
pub use site::{Feeds, Publisher, Site, SiteLink, SiteResponse};
