//! The history of working copies as editors get it: revisions, what differs between them, who wrote what.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use masthead_domain::history::{self as domain, Revision as Kept, RevisionSort, Touched};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::rights::Credential;
use masthead_domain::use_cases::history as told;
use masthead_domain::use_cases::reading::{ArticleView, FaqView, NamedByline};
use masthead_domain::use_cases::reverting::Reverted;

use super::article::{Article, Seo, Warning};
use super::faq::Faq;
use super::section::Section;
use super::tag::TagSummary;
use crate::delivery::{ArticleKind, BylineRole, Cover, sort_keys};
use crate::parameters::Count;
use crate::words::mirror;
use crate::{data_of, list_of};

sort_keys! {
    /// A key of a list of revisions; a minus turns it round.
    RevisionSortKey = RevisionSort {
        Revision, Newest = Revision, "revision", "-revision";
    }
}

/// The list of revisions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevisionListParameters {
    /// `-revision` where missing: the newest comes first.
    #[param(style = Form, explode = false, min_items = 1, max_items = 1)]
    pub sort: Option<Vec<RevisionSortKey>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// The page before this cursor, from `links.prev`.
    #[param(max_length = 2000)]
    pub before: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

/// The address of one revision.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RevisionPath {
    /// The UUID of the article or FAQ.
    #[param(format = Uuid)]
    pub id: String,
    /// The number of the revision.
    #[param(minimum = 1)]
    pub n: u32,
}

/// Who wrote something.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RevisionActor)]
pub struct Actor {
    /// `user`, `key`, `command_line` or `scheduler`.
    pub kind: String,
    /// The account or key; null for the others.
    #[schema(required = true, format = Uuid)]
    pub id: Option<String>,
    /// What it is called; null for the others.
    #[schema(required = true)]
    pub name: Option<String>,
}

impl Actor {
    pub(super) fn new(credential: Credential, name: Option<String>) -> Self {
        let (kind, id) = match credential {
            Credential::User(id) => ("user", Some(id.to_string())),
            Credential::Key(id) => ("key", Some(id.to_string())),
            Credential::CommandLine => ("command_line", None),
            Credential::Scheduler => ("scheduler", None),
        };
        let kind = kind.to_owned();
        Self { kind, id, name }
    }
}

mirror! {
    /// What happened to a section.
    SectionChangeKind = domain::How {
        Added = "added",
        Removed = "removed",
        Moved = "moved",
        Changed = "changed",
    }
}

/// A section that a revision changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionChange {
    /// Which.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// How.
    pub change: SectionChangeKind,
}

/// What a revision changed; nothing stands here of the first, in which everything is new.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionChanges {
    /// Names of fields, tags, authors and FAQs among them.
    pub fields: Vec<String>,
    /// A section that moved and changed stands here twice.
    pub sections: Vec<SectionChange>,
}

impl From<Touched> for RevisionChanges {
    fn from(touched: Touched) -> Self {
        let section = |section: domain::TouchedSection| SectionChange {
            section_id: section.id.to_string(),
            change: section.how.into(),
        };
        Self {
            fields: touched.fields.iter().map(ToString::to_string).collect(),
            sections: touched.sections.into_iter().map(section).collect(),
        }
    }
}

/// A revision, with further fields where it is shown whole.
macro_rules! revision {
    ($(#[$doc:meta])* $name:ident of |$then:ident: $from:ty| $view:expr, {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $value:expr,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $name {
            /// Its number; they begin at 1 and have no gap.
            #[schema(minimum = 1)]
            pub revision: u32,
            /// Who wrote it.
            pub actor: Actor,
            /// Through which credential.
            pub credential: String,
            /// When.
            pub created_at: DateTime<Utc>,
            /// What changed, in a line.
            pub summary: String,
            /// What changed.
            pub changes: RevisionChanges,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl From<$from> for $name {
            fn from($then: $from) -> Self {
                let view = $view;
                Self {
                    revision: view.revision.number,
                    actor: Actor::new(view.revision.credential, view.name),
                    credential: view.revision.credential.to_string(),
                    created_at: view.revision.at,
                    summary: view.revision.note,
                    changes: view.touched.into(),
                    $($field: $value,)*
                }
            }
        }
    };
}

revision! {
    /// A revision in a list.
    Revision of |then: told::RevisionView| then, {}
}

/// A name in the byline of a revision.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionByline {
    /// The author's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The author's word in addresses by now.
    pub slug: String,
    /// The name by now.
    pub name: String,
    /// What they did.
    pub role: BylineRole,
}

impl From<NamedByline> for RevisionByline {
    fn from((author, role): NamedByline) -> Self {
        Self {
            id: author.id.to_string(),
            slug: author.slug.to_string(),
            name: author.name,
            role: role.into(),
        }
    }
}

revision! {
    /// An article as a revision left it. What it linked and is gone by now is left out.
    ArticleRevision of |then: told::ArticleRevision| then.view, {
        /// The article's id.
        #[schema(format = Uuid)]
        id: String = then.article.id.to_string(),
        /// Article or page.
        kind: ArticleKind = then.article.kind.into(),
        /// The language.
        locale: String = then.article.locale.to_string(),
        /// Its word in addresses.
        slug: String = then.article.slug.to_string(),
        /// The headline.
        title: String = then.article.overview.title,
        /// The line under the headline.
        #[schema(required = true)]
        dek: Option<String> = then.article.overview.dek,
        /// An excerpt of its own.
        #[schema(required = true)]
        excerpt: Option<String> = then.article.overview.excerpt,
        /// The picture that stood for it.
        #[schema(required = true)]
        cover: Option<Cover> = then.article.overview.cover.map(Into::into),
        /// Overrides for search engines.
        seo: Seo = then.article.overview.seo.into(),
        /// A JSON object of the frontend's own.
        #[schema(value_type = Object)]
        metadata: Map<String, Value> = then.article.overview.metadata.0,
        /// In order.
        sections: Vec<Section> = then.article.sections.into_iter().map(Into::into).collect(),
        /// Ids of FAQs, in order.
        faqs: Vec<String> = then.article.faqs.iter().map(ToString::to_string).collect(),
        /// In order.
        tags: Vec<TagSummary> = then.tags.into_iter().map(Into::into).collect(),
        /// In order.
        authors: Vec<RevisionByline> = then.authors.into_iter().map(Into::into).collect(),
    }
}

revision! {
    /// A FAQ as a revision left it. Tags that are gone by now are left out.
    FaqRevision of |then: told::FaqRevision| then.view, {
        /// The FAQ's id.
        #[schema(format = Uuid)]
        id: String = then.faq.id.to_string(),
        /// The language.
        locale: String = then.faq.locale.to_string(),
        /// Its word in addresses.
        slug: String = then.faq.slug.to_string(),
        /// The question.
        question: String = then.faq.question,
        /// The answer, in Markdown.
        answer: String = then.faq.answer,
        /// In order.
        tags: Vec<TagSummary> = then.tags.into_iter().map(Into::into).collect(),
    }
}

/// The revision that last changed something.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlameLine {
    /// The revision.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// Who wrote it.
    pub actor: Actor,
    /// Through which credential.
    pub credential: String,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// The revision that last changed a section.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionBlame {
    /// Which.
    #[schema(format = Uuid)]
    pub section_id: String,
    /// The article's revision.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// Who wrote it.
    pub actor: Actor,
    /// Through which credential.
    pub credential: String,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// Who wrote what is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Blame {
    /// The present revision.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// By the names of fields, tags, authors and FAQs among them.
    pub fields: BTreeMap<String, BlameLine>,
    /// In order; a section that only moved was written by whoever wrote it before.
    pub sections: Vec<SectionBlame>,
}

impl From<told::BlameView> for Blame {
    fn from(view: told::BlameView) -> Self {
        let names = view.names;
        let line = |kept: Kept| {
            let known = names
                .iter()
                .find(|(credential, _)| *credential == kept.credential);
            BlameLine {
                revision: kept.number,
                actor: Actor::new(kept.credential, known.and_then(|(_, name)| name.clone())),
                credential: kept.credential.to_string(),
                changed_at: kept.at,
            }
        };
        let fields = view.blame.fields.into_iter();
        let fields = fields
            .map(|(field, kept)| (field.to_string(), line(kept)))
            .collect();
        let sections = view.blame.sections.into_iter().map(|(id, kept)| {
            let line = line(kept);
            SectionBlame {
                section_id: id.to_string(),
                revision: line.revision,
                actor: line.actor,
                credential: line.credential,
                changed_at: line.changed_at,
            }
        });
        Self {
            revision: view.revision,
            fields,
            sections: sections.collect(),
        }
    }
}

/// How to go back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "sections": ["0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0011"] }))]
pub struct RevertArticle {
    /// Only these sections of the revision; all of it where missing.
    #[schema(nullable = false, min_items = 1, max_items = 200)]
    pub sections: Option<Vec<String>>,
}

/// About going back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevertMeta {
    /// The revision that was gone back to.
    #[schema(minimum = 1)]
    pub reverted_to: u32,
    /// What could not come back.
    pub warnings: Vec<Warning>,
}

/// The working copy after going back.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleRevertResponse {
    /// The working copy.
    pub data: Article,
    /// About going back.
    pub meta: RevertMeta,
}

impl ArticleRevertResponse {
    /// After going back to this revision.
    #[must_use]
    pub fn new(number: u32, reverted: Reverted<ArticleView>) -> Self {
        Self {
            data: reverted.view.into(),
            meta: RevertMeta {
                reverted_to: number,
                warnings: reverted.warnings.into_iter().map(Into::into).collect(),
            },
        }
    }
}

/// The working copy after going back.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaqRevertResponse {
    /// The working copy.
    pub data: Faq,
    /// About going back.
    pub meta: RevertMeta,
}

impl FaqRevertResponse {
    /// After going back to this revision.
    #[must_use]
    pub fn new(number: u32, reverted: Reverted<FaqView>) -> Self {
        Self {
            data: reverted.view.into(),
            meta: RevertMeta {
                reverted_to: number,
                warnings: reverted.warnings.into_iter().map(Into::into).collect(),
            },
        }
    }
}

data_of!(
    /// An article as a revision left it.
    ArticleRevisionResponse,
    ArticleRevision
);
data_of!(
    /// A FAQ as a revision left it.
    FaqRevisionResponse,
    FaqRevision
);
data_of!(
    /// Who wrote what is there.
    BlameResponse,
    Blame
);
list_of!(
    /// A page of revisions.
    RevisionList,
    Revision
);
