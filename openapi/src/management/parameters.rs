//! Query parameters of the management routes.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use masthead_domain::page::{Direction, SortKey};
use masthead_domain::repository::WorkingSort;

use super::article::{Review, Status};
use super::faq::FaqStatus;
use super::workflow::ScheduleState;
use crate::delivery::sort_keys;
use crate::parameters::Count;

sort_keys! {
    /// A key of a list of working copies; a minus turns it round. `title` is the question of a FAQ, the name of a
    /// tag or author.
    WorkingSortKey = WorkingSort {
        UpdatedAt, LatestUpdate = UpdatedAt, "updated_at", "-updated_at";
        CreatedAt, Newest = CreatedAt, "created_at", "-created_at";
        Title, TitleBackwards = Title, "title", "-title";
    }
}

/// No parameters: any is refused.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoParameters {}

/// A list's parameters with the paging that all lists share.
macro_rules! list_parameters {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            /// Keys in order of weight; `-updated_at` where missing. The id always breaks ties.
            #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
            pub sort: Option<Vec<WorkingSortKey>>,
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

list_parameters! {
    /// The list of working copies.
    ArticleListParameters {
        /// Only articles in this state.
        status: Status,
        /// Only articles whose review is in this state.
        review: Review,
        /// Only articles of whose moments this became.
        schedule_state: ScheduleState,
        /// Only articles with the author of this slug in the byline.
        author: String,
        /// Only articles with the tag of this slug.
        tag: String,
        /// Only articles in exactly this locale.
        locale: String,
        /// Only articles that hold this text in title, dek or sections, whatever its case.
        #[param(min_length = 1, max_length = 200)]
        text: String,
    }
}

list_parameters! {
    /// The list of FAQs.
    FaqListParameters {
        /// Only FAQs in this state.
        status: FaqStatus,
        /// Only FAQs with the tag of this slug.
        tag: String,
        /// Only FAQs in exactly this locale.
        locale: String,
        /// Only FAQs that hold this text in question or answer, whatever its case.
        #[param(min_length = 1, max_length = 200)]
        text: String,
    }
}

list_parameters! {
    /// The list of tags.
    TagListParameters {
        /// Only tags of this kind.
        kind: String,
    }
}

list_parameters! {
    /// The list of authors.
    AuthorListParameters {}
}
