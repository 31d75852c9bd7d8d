//! The writing side of old addresses.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::change::ChangeType;
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::id::RedirectId;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::redirect::{Gone, Redirect, RedirectSort};
use masthead_domain::repository::AddressRepository;
use masthead_domain::rights::Credential;
use uuid::Uuid;

use crate::connection::{Connection, on_engine};
use crate::delivery::addresses::{GoneRow, gone, some_locale};
use crate::delivery::schema::{published_gone, published_redirects};
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::Named;
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl AddressRepository for Transaction<'_> {
    fn redirect(&mut self, id: RedirectId) -> Result<Option<Redirect>> {
        find(self.connection, id.into()).map_err(during("reading a redirect"))
    }

    fn redirects(
        &mut self,
        kind: Option<ChangeType>,
        page: &PageRequest<RedirectSort>,
    ) -> Result<Page<Redirect>> {
        list(self.connection, kind, page).map_err(during("listing redirects"))
    }

    fn insert_redirect(&mut self, redirect: &Redirect) -> Result<()> {
        insert(self.connection, redirect).map_err(during_write(
            "adding a redirect",
            redirect.id.uuid(),
            redirect.slug.as_str(),
        ))?;
        self.touch(AuditResource::Redirect, redirect.id, None, None);
        Ok(())
    }

    fn put_redirect(&mut self, redirect: &Redirect) -> Result<()> {
        put(self.connection, redirect).map_err(during("keeping an old slug"))
    }

    fn delete_redirect(&mut self, id: RedirectId) -> Result<()> {
        delete(self.connection, id).map_err(during("deleting a redirect"))?;
        self.touch(AuditResource::Redirect, id, None, None);
        Ok(())
    }

    fn put_gone(&mut self, gone: &Gone) -> Result<()> {
        put_gone(self.connection, gone).map_err(during("noting what is gone"))
    }

    fn remove_gone(&mut self, kind: ChangeType, id: Uuid) -> Result<Option<Gone>> {
        remove_gone(self.connection, kind, RowId(id)).map_err(during("forgetting what was gone"))
    }

    fn forget_addresses(&mut self, kind: ChangeType, id: Uuid) -> Result<()> {
        forget(self.connection, kind, RowId(id)).map_err(during("forgetting the old slugs of a thing"))
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = published_redirects)]
struct RedirectRow {
    id: RowId,
    resource: String,
    /// Empty for what has none.
    locale: String,
    slug: String,
    resource_id: RowId,
    created_by: String,
    created_at: Micros,
}

impl From<&Redirect> for RedirectRow {
    fn from(redirect: &Redirect) -> Self {
        Self {
            id: redirect.id.into(),
            resource: redirect.kind.as_str().to_owned(),
            locale: redirect.locale.as_ref().map_or("", Locale::as_str).to_owned(),
            slug: redirect.slug.as_str().to_owned(),
            resource_id: RowId(redirect.target),
            created_by: redirect.created_by.to_string(),
            created_at: redirect.created_at.into(),
        }
    }
}

impl RedirectRow {
    fn model(self) -> Result<Redirect, StorageError> {
        let named = Named {
            table: "published_redirects",
            id: self.id,
        };
        Ok(Redirect {
            id: self.id.into(),
            kind: named.word("resource", &self.resource, ChangeType::parse)?,
            slug: named.slug(&self.slug)?,
            locale: some_locale(named, &self.locale)?,
            target: self.resource_id.0,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            created_at: named.instant("created_at", self.created_at)?,
        })
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<Redirect>, Failure> {
    let row: Option<RedirectRow> = on_engine!(connection, |c| published_redirects::table
        .find(id)
        .select(RedirectRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(RedirectRow::model).transpose()?)
}

fn list(
    connection: &mut Connection,
    kind: Option<ChangeType>,
    request: &PageRequest<RedirectSort>,
) -> Result<Page<Redirect>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(published_redirects::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        published_redirects,
        request,
        keyset,
        RedirectRow,
        || {
            let mut query = published_redirects::table.into_boxed();
            if let Some(kind) = kind {
                query = query.filter(published_redirects::resource.eq(kind.as_str()));
            }
            query
        }
    ))?;
    let redirects = rows
        .into_iter()
        .map(|row: RedirectRow| Ok(row.model()?))
        .collect::<Result<Vec<Redirect>, Failure>>()?;
    Ok(keyset.page(redirects, total, |redirect| position(redirect, request)))
}

fn sort_column(field: RedirectSort) -> &'static str {
    match field {
        RedirectSort::CreatedAt => sorted_by!(published_redirects::created_at),
        RedirectSort::Slug => sorted_by!(published_redirects::slug),
    }
}

fn position(redirect: &Redirect, request: &PageRequest<RedirectSort>) -> Position {
    let value = |field| match field {
        RedirectSort::CreatedAt => SortValue::Instant(redirect.created_at),
        RedirectSort::Slug => SortValue::Text(redirect.slug.as_str().to_owned()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: redirect.id.uuid(),
        as_of: None,
    }
}

fn insert(connection: &mut Connection, redirect: &Redirect) -> Result<(), Failure> {
    let row = RedirectRow::from(redirect);
    on_engine!(connection, |c| diesel::insert_into(published_redirects::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

fn put(connection: &mut Connection, redirect: &Redirect) -> Result<(), Failure> {
    let row = RedirectRow::from(redirect);
    on_engine!(connection, |c| diesel::insert_into(published_redirects::table)
        .values(&row)
        .on_conflict((
            published_redirects::resource,
            published_redirects::slug,
            published_redirects::locale,
        ))
        .do_update()
        .set((
            published_redirects::resource_id.eq(row.resource_id),
            published_redirects::created_by.eq(&row.created_by),
            published_redirects::created_at.eq(row.created_at),
        ))
        .execute(c))?;
    Ok(())
}

fn delete(connection: &mut Connection, id: RedirectId) -> Result<(), Failure> {
    let row = RowId::from(id);
    let affected = on_engine!(connection, |c| diesel::delete(
        published_redirects::table.find(row)
    )
    .execute(c))?;
    if affected == 1 {
        return Ok(());
    }
    Err(masthead_domain::Error::not_found(Resource::Redirect, id).into())
}

/// Lets every old slug of one thing lead to another of its kind.
pub(crate) fn hand_over(
    connection: &mut Connection,
    kind: ChangeType,
    from: RowId,
    to: RowId,
) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::update(published_redirects::table)
        .filter(published_redirects::resource.eq(kind.as_str()))
        .filter(published_redirects::resource_id.eq(from))
        .set(published_redirects::resource_id.eq(to))
        .execute(c))?;
    Ok(())
}

fn put_gone(connection: &mut Connection, gone: &Gone) -> Result<(), Failure> {
    let row = GoneRow::from(gone);
    on_engine!(connection, |c| diesel::insert_into(published_gone::table)
        .values(&row)
        .on_conflict((published_gone::resource, published_gone::resource_id))
        .do_update()
        .set(&row)
        .execute(c))?;
    Ok(())
}

fn remove_gone(connection: &mut Connection, kind: ChangeType, id: RowId) -> Result<Option<Gone>, Failure> {
    let was = gone(connection, kind, id)?;
    if was.is_some() {
        on_engine!(connection, |c| diesel::delete(
            published_gone::table.find((kind.as_str(), id))
        )
        .execute(c))?;
    }
    Ok(was)
}

fn forget(connection: &mut Connection, kind: ChangeType, id: RowId) -> Result<(), Failure> {
    remove_gone(connection, kind, id)?;
    on_engine!(connection, |c| diesel::delete(published_redirects::table)
        .filter(published_redirects::resource.eq(kind.as_str()))
        .filter(published_redirects::resource_id.eq(id))
        .execute(c))?;
    Ok(())
}
