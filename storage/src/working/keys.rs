//! API keys.

use diesel::prelude::*;
use masthead_domain::account::{ApiKey, KeyDigest, KeySort};
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::rights::Credential;

use super::expect_one;
use crate::connection::{Connection, lock_row, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{Named, json};
use crate::schema::api_keys;
use crate::types::{Micros, RowId};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_keys, treat_none_as_null = true)]
struct KeyRow {
    id: RowId,
    name: String,
    prefix: String,
    scopes: String,
    addresses: String,
    revision: i64,
    created_by: String,
    created_at: Micros,
    updated_at: Micros,
    last_used_at: Option<Micros>,
    expires_at: Option<Micros>,
    revoked_at: Option<Micros>,
    previous_until: Option<Micros>,
}

impl KeyRow {
    fn of(key: &ApiKey) -> Result<Self, Failure> {
        Ok(Self {
            id: key.id.into(),
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            scopes: json(&key.scopes)?,
            addresses: json(&key.addresses)?,
            revision: key.revision.into(),
            created_by: key.created_by.to_string(),
            created_at: key.created_at.into(),
            updated_at: key.updated_at.into(),
            last_used_at: key.last_used_at.map(Into::into),
            expires_at: key.expires_at.map(Into::into),
            revoked_at: key.revoked_at.map(Into::into),
            previous_until: key.previous_until.map(Into::into),
        })
    }

    fn model(self) -> Result<ApiKey, StorageError> {
        let named = Named {
            table: "api_keys",
            id: self.id,
        };
        Ok(ApiKey {
            id: self.id.into(),
            name: self.name,
            prefix: self.prefix,
            scopes: named.json("scopes", &self.scopes)?,
            addresses: named.json("addresses", &self.addresses)?,
            revision: named.count("revision", self.revision)?,
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            created_at: named.instant("created_at", self.created_at)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
            last_used_at: named.some_instant("last_used_at", self.last_used_at)?,
            expires_at: named.some_instant("expires_at", self.expires_at)?,
            revoked_at: named.some_instant("revoked_at", self.revoked_at)?,
            previous_until: named.some_instant("previous_until", self.previous_until)?,
        })
    }
}

pub(super) fn by_digest(
    connection: &mut Connection,
    digest: &KeyDigest,
    now: Micros,
) -> Result<Option<ApiKey>, Failure> {
    let digest = digest.0.as_slice();
    let row = on_engine!(connection, |c| api_keys::table
        .filter(api_keys::digest.eq(digest))
        .select(KeyRow::as_select())
        .first(c)
        .optional())?;
    if row.is_some() {
        return Ok(row.map(KeyRow::model).transpose()?);
    }
    let row = on_engine!(connection, |c| api_keys::table
        .filter(api_keys::previous_digest.eq(digest))
        .filter(api_keys::previous_until.gt(now))
        .select(KeyRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(KeyRow::model).transpose()?)
}

pub(super) fn find(connection: &mut Connection, id: RowId) -> Result<Option<ApiKey>, Failure> {
    let row = on_engine!(connection, |c| api_keys::table
        .find(id)
        .select(KeyRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(KeyRow::model).transpose()?)
}

pub(super) fn lock(connection: &mut Connection, id: RowId) -> Result<Option<ApiKey>, Failure> {
    lock_row!(connection, api_keys, id);
    find(connection, id)
}

pub(super) fn list(
    connection: &mut Connection,
    request: &PageRequest<KeySort>,
) -> Result<Page<ApiKey>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(api_keys::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        api_keys,
        request,
        keyset,
        KeyRow,
        || api_keys::table.into_boxed()
    ))?;
    let keys = rows
        .into_iter()
        .map(|row: KeyRow| Ok(row.model()?))
        .collect::<Result<Vec<ApiKey>, Failure>>()?;
    Ok(keyset.page(keys, total, |key| position(key, request)))
}

const fn sort_column(field: KeySort) -> &'static str {
    match field {
        KeySort::CreatedAt => sorted_by!(api_keys::created_at),
    }
}

fn position(key: &ApiKey, request: &PageRequest<KeySort>) -> Position {
    let value = |field| match field {
        KeySort::CreatedAt => SortValue::Instant(key.created_at),
    };
    Position {
        values: request.sort.iter().map(|sorted| value(sorted.field)).collect(),
        id: key.id.uuid(),
        as_of: None,
    }
}

pub(super) fn insert(connection: &mut Connection, key: &ApiKey, digest: &KeyDigest) -> Result<(), Failure> {
    let row = KeyRow::of(key)?;
    on_engine!(connection, |c| diesel::insert_into(api_keys::table)
        .values((&row, api_keys::digest.eq(digest.0.as_slice())))
        .execute(c))?;
    Ok(())
}

/// Of two secrets the newer one is the key; only one older works beside it.
pub(super) fn update(
    connection: &mut Connection,
    key: &ApiKey,
    digest: Option<&KeyDigest>,
) -> Result<(), Failure> {
    let row = KeyRow::of(key)?;
    let affected = match digest {
        Some(digest) => on_engine!(connection, |c| diesel::update(api_keys::table.find(row.id))
            .set((
                &row,
                api_keys::previous_digest.eq(api_keys::digest.nullable()),
                api_keys::digest.eq(digest.0.as_slice()),
            ))
            .execute(c))?,
        None => on_engine!(connection, |c| diesel::update(api_keys::table.find(row.id))
            .set(&row)
            .execute(c))?,
    };
    expect_one(affected, Resource::Key, key.id)
}

pub(super) fn touch(connection: &mut Connection, id: RowId, at: Micros) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::update(api_keys::table.find(id))
        .set(api_keys::last_used_at.eq(at))
        .execute(c))?;
    Ok(())
}
