//! Preview links as editors make and list them.

use chrono::{DateTime, Utc};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::preview::PreviewLinkSort;
use masthead_domain::use_cases::preview_links::LinkView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::history::Actor;
use crate::delivery::sort_keys;
use crate::parameters::Count;
use crate::{data_of, list_of};

/// How long a link is to work.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "expires_in": 86400 }))]
pub struct CreatePreviewLink {
    /// Seconds, from a minute to ninety days; seven days where missing.
    #[schema(nullable = false, minimum = 60, maximum = 7_776_000)]
    pub expires_in: Option<u32>,
}

/// A link that opens one working copy, without its token.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewLink {
    /// The link's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The article that it opens.
    #[schema(format = Uuid)]
    pub article_id: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Through which credential.
    pub created_by: String,
    /// Who made it.
    pub actor: Actor,
}

impl From<LinkView> for PreviewLink {
    fn from(view: LinkView) -> Self {
        let link = view.link;
        Self {
            id: link.id.to_string(),
            article_id: link.article.to_string(),
            expires_at: link.expires_at,
            created_at: link.created_at,
            created_by: link.created_by.to_string(),
            actor: Actor::new(link.created_by, view.created_by),
        }
    }
}

/// A new link with its token, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewLinkSecret {
    /// The link.
    #[serde(flatten)]
    pub link: PreviewLink,
    /// Where the article can be seen, token and all.
    #[schema(format = "uri")]
    pub url: String,
    /// The token alone, for `Authorization: Bearer …`.
    pub token: String,
}

sort_keys! {
    /// A key of a list of preview links; a minus turns it round.
    PreviewLinkSortKey = PreviewLinkSort {
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
    }
}

/// The list of the links to an article.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewLinkListParameters {
    /// `-created_at` where missing: the newest comes first.
    #[param(style = Form, explode = false, min_items = 1, max_items = 1)]
    pub sort: Option<Vec<PreviewLinkSortKey>>,
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

data_of!(
    /// One preview link.
    PreviewLinkResponse,
    PreviewLink
);
data_of!(
    /// A new preview link with its token.
    PreviewLinkSecretResponse,
    PreviewLinkSecret
);
list_of!(
    /// A page of preview links.
    PreviewLinkList,
    PreviewLink
);
