//! The trash as editors see it: what was deleted, and what comes back.

use chrono::{DateTime, Utc};
use masthead_domain as domain;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::trash::{Keeping, TrashSort};
use masthead_domain::use_cases::reverting::Reverted;
use masthead_domain::use_cases::trash::{Restored, TrashView};
use masthead_domain::use_cases::warnings;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::article::{Article, Warning};
use super::etag;
use super::faq::Faq;
use super::history::Actor;
use crate::delivery::sort_keys;
use crate::parameters::Count;
use crate::words::mirror;
use crate::{data_of, list_of};

mirror! {
    /// What kind of thing lies in the trash; pages are articles here.
    TrashKind = domain::trash::TrashKind {
        Article = "article",
        Faq = "faq",
    }
}

/// Something that was deleted and can come back.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrashItem {
    /// The id that it had and will have.
    #[schema(format = Uuid)]
    pub id: String,
    /// What it is.
    pub kind: TrashKind,
    /// The language it is in.
    pub locale: String,
    /// The slug that it had; others may take it meanwhile.
    pub slug: String,
    /// Its headline or question.
    pub title: String,
    /// The revision that it had.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// Through which credential it was made.
    pub created_by: String,
    /// When it was deleted.
    pub deleted_at: DateTime<Utc>,
    /// Through which credential.
    pub deleted_by: String,
    /// Who deleted it.
    pub actor: Actor,
    /// When it is taken away for ever; null where that is left to people.
    #[schema(required = true)]
    pub purge_at: Option<DateTime<Utc>>,
}

impl TrashItem {
    /// Something in the trash of an installation that keeps things for so long.
    #[must_use]
    pub fn new(view: TrashView, keeping: Keeping) -> Self {
        let thing = view.thing;
        Self {
            id: thing.id.to_string(),
            kind: thing.kind.into(),
            locale: thing.locale.to_string(),
            slug: thing.slug.to_string(),
            title: thing.title,
            revision: thing.revision,
            created_by: thing.created_by.to_string(),
            deleted_at: thing.deleted_at,
            deleted_by: thing.deleted_by.to_string(),
            actor: Actor::new(thing.deleted_by, view.deleted_by),
            purge_at: keeping.until(thing.deleted_at),
        }
    }
}

sort_keys! {
    /// A key of the list of the trash; a minus turns it round.
    TrashSortKey = TrashSort {
        DeletedAt, Newest = DeletedAt, "deleted_at", "-deleted_at";
    }
}

/// The list of the trash.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrashListParameters {
    /// Only this kind of thing.
    pub kind: Option<TrashKind>,
    /// `-deleted_at` where missing: what was deleted last comes first.
    #[param(style = Form, explode = false, min_items = 1, max_items = 1)]
    pub sort: Option<Vec<TrashSortKey>>,
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

/// How a thing comes back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "slug": "why-tides-turn-2" }))]
pub struct RestoreTrashItem {
    /// Another slug than the one that it had.
    #[schema(nullable = false, min_length = 1, max_length = 96)]
    pub slug: Option<String>,
}

/// The working copy of what came back: an article or a FAQ.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum RestoredThing {
    /// An article or page.
    Article(Box<Article>),
    /// A FAQ.
    Faq(Box<Faq>),
}

/// About coming back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestoreMeta {
    /// What it is.
    pub kind: TrashKind,
    /// What could not come back.
    pub warnings: Vec<Warning>,
}

/// Something that came back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RestoreResponse {
    /// The working copy.
    pub data: RestoredThing,
    /// About coming back.
    pub meta: RestoreMeta,
}

impl RestoreResponse {
    /// What came back, with its entity tag.
    #[must_use]
    pub fn new(restored: Restored) -> (Self, String) {
        match restored {
            Restored::Article(back) => {
                let Reverted { view, warnings } = *back;
                let tag = etag(view.article.id.uuid(), view.article.revision);
                let data = RestoredThing::Article(Box::new(view.into()));
                (Self::of(data, TrashKind::Article, warnings), tag)
            }
            Restored::Faq(back) => {
                let Reverted { view, warnings } = *back;
                let tag = etag(view.faq.id.uuid(), view.faq.revision);
                let data = RestoredThing::Faq(Box::new(view.into()));
                (Self::of(data, TrashKind::Faq, warnings), tag)
            }
        }
    }

    fn of(data: RestoredThing, kind: TrashKind, warnings: Vec<warnings::Warning>) -> Self {
        let warnings = warnings.into_iter().map(Into::into).collect();
        let meta = RestoreMeta { kind, warnings };
        Self { data, meta }
    }
}

data_of!(
    /// One thing in the trash.
    TrashItemResponse,
    TrashItem
);
list_of!(
    /// A page of the trash.
    TrashList,
    TrashItem
);
