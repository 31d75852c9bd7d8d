//! Editorial notes as those who work on a text get and write them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use masthead_domain::history::Subject;
use masthead_domain::id::UserId;
use masthead_domain::note::{self as domain, NoteSort};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::rights::Credential;
use masthead_domain::use_cases::notes::{Names, NoteInput, NotePatch, NoteView};

use super::etag;
use super::history::Actor;
use crate::delivery::sort_keys;
use crate::list_of;
use crate::parameters::Count;

/// An account that a note speaks to.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteMention {
    /// The account's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// What it is called; null where it is gone.
    #[schema(required = true)]
    pub name: Option<String>,
}

/// A reply in a thread.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteReply {
    /// The reply's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Markdown.
    pub body: String,
    /// Whom it speaks to.
    pub mentions: Vec<NoteMention>,
    /// Who wrote it.
    pub created_by: Actor,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
}

/// A note: the first of a thread with its replies, or a reply, whose thread is told by `thread_id`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Note {
    /// The note's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The first note of its thread: its own id, or that of the note it replies to.
    #[schema(format = Uuid)]
    pub thread_id: String,
    /// The article its thread is about; null where that is a FAQ.
    #[schema(required = true, format = Uuid)]
    pub article_id: Option<String>,
    /// The FAQ its thread is about; null where that is an article.
    #[schema(required = true, format = Uuid)]
    pub faq_id: Option<String>,
    /// The section its thread is about; null where that is the whole.
    #[schema(required = true, format = Uuid)]
    pub section_id: Option<String>,
    /// Whether that section is not in the working copy now. It may come back with a revert.
    pub section_missing: bool,
    /// The words its thread is about, as they were.
    #[schema(required = true)]
    pub quote: Option<String>,
    /// Markdown.
    pub body: String,
    /// Whom it speaks to.
    pub mentions: Vec<NoteMention>,
    /// Whether its thread is settled.
    pub resolved: bool,
    /// Since when.
    #[schema(required = true)]
    pub resolved_at: Option<DateTime<Utc>>,
    /// Who said so.
    #[schema(required = true)]
    pub resolved_by: Option<Actor>,
    /// Who wrote it.
    pub created_by: Actor,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; of the first of a thread, when anything in the thread was.
    pub updated_at: DateTime<Utc>,
    /// Of the first of a thread, counts every change in the thread; of a reply, its own.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// How many replies there are.
    pub replies_count: u32,
    /// The replies in the order in which they came: all of them, at most 200; in lists, the latest ten.
    #[schema(max_items = 200)]
    pub replies: Vec<NoteReply>,
}

fn actor(credential: Credential, names: &Names) -> Actor {
    Actor::new(credential, names.get(&credential).cloned().flatten())
}

fn mentions(ids: &[UserId], names: &Names) -> Vec<NoteMention> {
    let mention = |id: &UserId| NoteMention {
        id: id.to_string(),
        name: names.get(&Credential::User(*id)).cloned().flatten(),
    };
    ids.iter().map(mention).collect()
}

fn reply(note: domain::Note, names: &Names) -> NoteReply {
    NoteReply {
        id: note.id.to_string(),
        mentions: mentions(&note.mentions, names),
        created_by: actor(note.created_by, names),
        etag: etag(note.id.uuid(), note.revision),
        body: note.body,
        created_at: note.created_at,
        updated_at: note.updated_at,
        revision: note.revision,
    }
}

impl From<NoteView> for Note {
    fn from(view: NoteView) -> Self {
        let NoteView {
            note, first, names, ..
        } = view;
        let (article_id, faq_id) = match note.subject {
            Subject::Article(id) => (Some(id.to_string()), None),
            Subject::Faq(id) => (None, Some(id.to_string())),
        };
        Self {
            id: note.id.to_string(),
            thread_id: note.thread.to_string(),
            article_id,
            faq_id,
            section_id: first.section.map(|id| id.to_string()),
            section_missing: view.section_missing,
            quote: first.quote,
            mentions: mentions(&note.mentions, &names),
            resolved: first.resolved.is_some(),
            resolved_at: first.resolved.map(|(at, _)| at),
            resolved_by: first.resolved.map(|(_, by)| actor(by, &names)),
            created_by: actor(note.created_by, &names),
            created_at: note.created_at,
            updated_at: note.updated_at,
            revision: note.revision,
            etag: etag(note.id.uuid(), note.revision),
            replies_count: note.replies,
            replies: view.replies.into_iter().map(|note| reply(note, &names)).collect(),
            body: note.body,
        }
    }
}

/// About the thread that a note is in.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteMeta {
    /// The revision of its first note by now.
    #[schema(minimum = 1)]
    pub thread_revision: u32,
    /// The entity tag of its first note by now, for `If-Match` of `resolve` and `reopen`.
    pub thread_etag: String,
}

/// One note.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteResponse {
    /// The note.
    pub data: Note,
    /// About its thread.
    pub meta: NoteMeta,
}

impl From<NoteView> for NoteResponse {
    fn from(view: NoteView) -> Self {
        let meta = NoteMeta {
            thread_revision: view.first.revision,
            thread_etag: etag(view.first.id.uuid(), view.first.revision),
        };
        Self {
            data: view.into(),
            meta,
        }
    }
}

list_of!(
    /// A page of threads.
    NoteList,
    Note
);

/// A new thread about an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "body": "Is this so **everywhere**? @ada knows.",
    "section_id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0011",
    "quote": "The sea is never still."
}))]
pub struct CreateArticleNote {
    /// Markdown. Where one account alone has `name` before the `@` of its e-mail address, `@name` mentions it.
    #[schema(min_length = 1, max_length = 5_000)]
    pub body: String,
    /// The section that it is about.
    #[schema(nullable = false, format = Uuid)]
    pub section_id: Option<String>,
    /// The words that it is about.
    #[schema(nullable = false, min_length = 1, max_length = 1_000)]
    pub quote: Option<String>,
    /// Ids of accounts that it speaks to.
    #[schema(nullable = false, max_items = 20)]
    pub mentions: Option<Vec<String>>,
}

/// A new thread about a FAQ.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Every six hours, or every twelve?", "quote": "About every six hours." }))]
pub struct CreateFaqNote {
    /// Markdown. Where one account alone has `name` before the `@` of its e-mail address, `@name` mentions it.
    #[schema(min_length = 1, max_length = 5_000)]
    pub body: String,
    /// The words that it is about.
    #[schema(nullable = false, min_length = 1, max_length = 1_000)]
    pub quote: Option<String>,
    /// Ids of accounts that it speaks to.
    #[schema(nullable = false, max_items = 20)]
    pub mentions: Option<Vec<String>>,
}

/// A reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Not in the Mediterranean; I have added a line." }))]
pub struct CreateReply {
    /// Markdown. Where one account alone has `name` before the `@` of its e-mail address, `@name` mentions it.
    #[schema(min_length = 1, max_length = 5_000)]
    pub body: String,
    /// Ids of accounts that it speaks to.
    #[schema(nullable = false, max_items = 20)]
    pub mentions: Option<Vec<String>>,
}

/// A merge patch of one's own note: a missing key stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "Is this so everywhere, and always?" }))]
pub struct UpdateNote {
    /// Markdown.
    #[schema(nullable = false, min_length = 1, max_length = 5_000)]
    pub body: Option<String>,
    /// Ids of accounts that it speaks to, instead of those before.
    #[schema(nullable = false, max_items = 20)]
    pub mentions: Option<Vec<String>>,
}

impl From<CreateArticleNote> for NoteInput {
    fn from(note: CreateArticleNote) -> Self {
        Self {
            body: note.body,
            section: note.section_id,
            quote: note.quote,
            mentions: note.mentions.unwrap_or_default(),
        }
    }
}

impl From<CreateFaqNote> for NoteInput {
    fn from(note: CreateFaqNote) -> Self {
        Self {
            body: note.body,
            section: None,
            quote: note.quote,
            mentions: note.mentions.unwrap_or_default(),
        }
    }
}

impl From<CreateReply> for NoteInput {
    fn from(reply: CreateReply) -> Self {
        Self {
            body: reply.body,
            section: None,
            quote: None,
            mentions: reply.mentions.unwrap_or_default(),
        }
    }
}

impl From<UpdateNote> for NotePatch {
    fn from(patch: UpdateNote) -> Self {
        Self {
            body: patch.body,
            mentions: patch.mentions,
        }
    }
}

sort_keys! {
    /// A key of a list of threads; a minus turns it round.
    NoteSortKey = NoteSort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
        UpdatedAt, LatestUpdate = UpdatedAt, "updated_at", "-updated_at";
    }
}

/// Whom a thread mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mentioned {
    /// Whoever asks.
    Me,
}

/// The parameters of a list of threads, with the paging that all lists share.
macro_rules! note_parameters {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            /// Only threads that are settled, or only those that are not.
            pub resolved: Option<bool>,
            /// Keys in order of weight; `-created_at` where missing. The id always breaks ties.
            #[param(style = Form, explode = false, min_items = 1, max_items = 2)]
            pub sort: Option<Vec<NoteSortKey>>,
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
    };
}

note_parameters! {
    /// The list of threads about an article.
    ArticleNoteListParameters {
        /// Only threads about this section, whether or not it is there now.
        #[param(format = Uuid)]
        section_id: String,
    }
}

note_parameters! {
    /// The list of threads about a FAQ.
    FaqNoteListParameters {}
}

note_parameters! {
    /// The list of all threads.
    NoteListParameters {
        /// `me`: only threads with a note that mentions the account that asks.
        mentions: Mentioned,
    }
}
