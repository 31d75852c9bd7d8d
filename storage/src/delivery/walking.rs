//! Walks through lists: all pages of one walk are in the order of the moment it began, whoever publishes meanwhile.

use diesel::dsl::max;
use diesel::prelude::*;
use masthead_domain::change::ChangeType;
use masthead_domain::error::StorageError;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::published::{ArticleSort, FaqSort, NameSort};

use super::schema::published_history;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, sorted_by};
use crate::row::Named;
use crate::types::{Micros, RowId};

/// One page of a walk. What did not change since the walk began stands where its present row says; what did
/// change and is still there stands where it stood then; what came since is not part of the walk.
pub(super) struct Walk {
    /// Over present rows.
    pub(super) present: Keyset,
    /// Over the same rows as they were.
    pub(super) past: Keyset,
    /// The kind of thing, as the history names it.
    pub(super) resource: &'static str,
    /// The newest change of this kind of thing when the walk began.
    pub(super) as_of: i64,
    /// Whether there are newer ones.
    pub(super) moved: bool,
}

/// What a thing was sorted by in a state that readers saw.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = published_history)]
pub(super) struct PastKeys {
    resource_id: RowId,
    title: String,
    slug: String,
    published_at: Option<Micros>,
    first_published_at: Option<Micros>,
    updated_at: Micros,
}

impl PastKeys {
    fn moment(&self, column: &'static str, micros: Option<Micros>) -> Result<SortValue, StorageError> {
        let named = Named {
            table: "published_history",
            id: self.resource_id,
        };
        let micros = micros.ok_or_else(|| named.corrupt(column, "it is missing"))?;
        Ok(SortValue::Instant(named.instant(column, micros)?))
    }
}

/// Present rows, those that changed since the walk began with what they were, and the number of all.
pub(super) type Found<R> = (Vec<R>, Vec<(PastKeys, R)>, Option<i64>);

/// A field that lists sort by, and what the history keeps of it.
pub(super) trait Sorted: Copy {
    /// The column of the history.
    fn past_column(self) -> &'static str;
    /// The value in a past state.
    fn past_value(self, keys: &PastKeys) -> Result<SortValue, StorageError>;
}

impl Sorted for ArticleSort {
    fn past_column(self) -> &'static str {
        match self {
            Self::PublishedAt => sorted_by!(published_history::published_at),
            Self::FirstPublishedAt => sorted_by!(published_history::first_published_at),
            Self::UpdatedAt => sorted_by!(published_history::updated_at),
            Self::Title => sorted_by!(published_history::title),
        }
    }

    fn past_value(self, keys: &PastKeys) -> Result<SortValue, StorageError> {
        match self {
            Self::PublishedAt => keys.moment("published_at", keys.published_at),
            Self::FirstPublishedAt => keys.moment("first_published_at", keys.first_published_at),
            Self::UpdatedAt => keys.moment("updated_at", Some(keys.updated_at)),
            Self::Title => Ok(SortValue::Text(keys.title.clone())),
        }
    }
}

impl Sorted for FaqSort {
    fn past_column(self) -> &'static str {
        match self {
            Self::Question => sorted_by!(published_history::title),
            Self::PublishedAt => sorted_by!(published_history::published_at),
            Self::UpdatedAt => sorted_by!(published_history::updated_at),
        }
    }

    fn past_value(self, keys: &PastKeys) -> Result<SortValue, StorageError> {
        match self {
            Self::Question => Ok(SortValue::Text(keys.title.clone())),
            Self::PublishedAt => keys.moment("published_at", keys.published_at),
            Self::UpdatedAt => keys.moment("updated_at", Some(keys.updated_at)),
        }
    }
}

impl Sorted for NameSort {
    fn past_column(self) -> &'static str {
        match self {
            Self::Name => sorted_by!(published_history::title),
            Self::Slug => sorted_by!(published_history::slug),
        }
    }

    fn past_value(self, keys: &PastKeys) -> Result<SortValue, StorageError> {
        match self {
            Self::Name => Ok(SortValue::Text(keys.title.clone())),
            Self::Slug => Ok(SortValue::Text(keys.slug.clone())),
        }
    }
}

impl Walk {
    /// Takes a walk up where its cursor says, or begins one; `column` and `id` name the columns of present rows.
    pub(super) fn through<F: Sorted>(
        connection: &mut Connection,
        resource: ChangeType,
        request: &PageRequest<F>,
        column: impl Fn(F) -> &'static str,
        id: &'static str,
    ) -> Result<Self, Failure> {
        let resource = resource.as_str();
        let newest = newest(connection, resource)?;
        let begun = request.cursor.as_ref().and_then(|cursor| cursor.position().as_of);
        // Ahead of the log is who walked before a backup was put back: such a walk begins anew at its position.
        let as_of = begun.map_or(newest, |begun| begun.min(newest));
        Ok(Self {
            present: Keyset::new(request, column, id)?,
            past: Keyset::new(
                request,
                F::past_column,
                sorted_by!(published_history::resource_id),
            )?,
            resource,
            as_of,
            moved: as_of < newest,
        })
    }

    /// The page of the rows found; `moved` are those that changed since the walk began, with what they were then.
    pub(super) fn page<R, F: Sorted>(
        &self,
        (present, moved): (Vec<R>, Vec<(PastKeys, R)>),
        total: Option<i64>,
        request: &PageRequest<F>,
        position: impl Fn(&R) -> Result<Position, StorageError>,
    ) -> Result<Page<R>, Failure> {
        let as_of = Some(self.as_of);
        let mut rows: Vec<(Position, R)> = Vec::with_capacity(present.len() + moved.len());
        for row in present {
            let position = position(&row)?;
            rows.push((Position { as_of, ..position }, row));
        }
        for (keys, row) in moved {
            let values = request.sort.iter().map(|key| key.field.past_value(&keys));
            let position = Position {
                values: values.collect::<Result<_, _>>()?,
                id: keys.resource_id.0,
                as_of,
            };
            rows.push((position, row));
        }
        rows.sort_by(|(one, _), (other, _)| self.present.compare(one, other));
        let page = self.present.page(rows, total, |(position, _)| position.clone());
        Ok(page.map(|(_, row)| row))
    }
}

/// The newest change of a kind of thing.
fn newest(connection: &mut Connection, resource: &str) -> Result<i64, Failure> {
    let (begun, ended): (Option<i64>, Option<i64>) = on_engine!(connection, |c| {
        let of_kind = || published_history::table.filter(published_history::resource.eq(resource));
        diesel::select((
            of_kind().select(max(published_history::since_seq)).single_value(),
            of_kind().select(max(published_history::until_seq)).single_value(),
        ))
        .get_result(c)?
    });
    Ok(begun.max(ended).unwrap_or_default())
}

/// The query without the rows that changed since a walk began; `$id` is the id of its things.
macro_rules! unmoved {
    ($query:expr, $id:expr, $walk:expr) => {{
        let query = $query;
        if $walk.moved {
            let changed = published_history::table
                .filter(published_history::resource.eq($walk.resource))
                .filter(published_history::resource_id.eq($id))
                .filter(published_history::since_seq.gt($walk.as_of));
            query.filter(diesel::dsl::not(diesel::dsl::exists(changed)))
        } else {
            query
        }
    }};
}
pub(super) use unmoved;

/// The query of a page's present rows: `$query` is filtered, `$id` the id of its things.
macro_rules! page_of {
    ($walk:expr, $keyset:expr, $id:expr, $query:expr) => {
        $crate::delivery::walking::unmoved!($query, $id, $walk)
            .filter($keyset.filter())
            .order($keyset.order())
            .limit($keyset.limit())
    };
}
pub(super) use page_of;

/// The present rows of a page.
macro_rules! present_rows {
    ($c:ident, $walk:expr, $keyset:expr, $row:ty, $id:expr, $query:expr) => {
        $crate::delivery::walking::page_of!($walk, $keyset, $id, $query)
            .select(<$row>::as_select())
            .load::<$row>($c)?
    };
}
pub(super) use present_rows;

/// The rows of a page that changed since its walk began: `$query` joins the present rows to the history.
macro_rules! moved_rows {
    ($c:ident, $walk:expr, $row:ty, $query:expr) => {{
        if $walk.moved {
            $query
                .filter(published_history::resource.eq($walk.resource))
                .filter(published_history::since_seq.le($walk.as_of))
                .filter(published_history::until_seq.gt($walk.as_of))
                .filter($walk.past.filter())
                .order($walk.past.order())
                .limit($walk.past.limit())
                .select((
                    $crate::delivery::walking::PastKeys::as_select(),
                    <$row>::as_select(),
                ))
                .load::<($crate::delivery::walking::PastKeys, $row)>($c)?
        } else {
            Vec::new()
        }
    }};
}
pub(super) use moved_rows;
