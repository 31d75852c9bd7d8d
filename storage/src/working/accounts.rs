//! Accounts, keys and the installation's secrets.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::account::{ApiKey, KeyDigest, PasswordHash, User};
use masthead_domain::clock::Instant;
use masthead_domain::email::Email;
use masthead_domain::error::StorageError;
use masthead_domain::id::{KeyId, UserId};
use masthead_domain::repository::AccountRepository;
use masthead_domain::rights::Role;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during, during_write};
use crate::row::{Named, json, total};
use crate::schema::{api_keys, secrets, users};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

/// An account; the hash of its password is read only where it is asked for.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
struct UserRow {
    id: RowId,
    email: String,
    name: String,
    role: String,
    author_id: Option<RowId>,
    created_at: Micros,
    updated_at: Micros,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
struct KeyRow {
    id: RowId,
    name: String,
    scopes: String,
    created_at: Micros,
    expires_at: Option<Micros>,
    revoked_at: Option<Micros>,
}

impl UserRow {
    fn model(self) -> Result<User, StorageError> {
        let named = Named {
            table: "users",
            id: self.id,
        };
        Ok(User {
            id: self.id.into(),
            email: named.word("email", &self.email, Email::parse)?,
            name: self.name,
            role: named.word("role", &self.role, Role::parse)?,
            author_id: self.author_id.map(Into::into),
            created_at: named.instant("created_at", self.created_at)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
        })
    }
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.into(),
            email: user.email.as_str().to_owned(),
            name: user.name.clone(),
            role: user.role.as_str().to_owned(),
            author_id: user.author_id.map(Into::into),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
    }
}

impl KeyRow {
    fn of(key: &ApiKey) -> Result<Self, Failure> {
        Ok(Self {
            id: key.id.into(),
            name: key.name.clone(),
            scopes: json(&key.scopes)?,
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(Into::into),
            revoked_at: key.revoked_at.map(Into::into),
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
            scopes: named.json("scopes", &self.scopes)?,
            created_at: named.instant("created_at", self.created_at)?,
            expires_at: named.some_instant("expires_at", self.expires_at)?,
            revoked_at: named.some_instant("revoked_at", self.revoked_at)?,
        })
    }
}

impl AccountRepository for Transaction<'_> {
    fn user(&mut self, id: UserId) -> Result<Option<User>> {
        user(self.connection, id.into()).map_err(during("reading an account"))
    }

    fn user_by_email(&mut self, email: &Email) -> Result<Option<(User, PasswordHash)>> {
        user_by_email(self.connection, email).map_err(during("reading an account by e-mail address"))
    }

    fn insert_user(&mut self, user: &User, password: &PasswordHash) -> Result<()> {
        insert_user(self.connection, user, password).map_err(during_write(
            "adding an account",
            user.id.uuid(),
            user.email.as_str(),
        ))
    }

    fn count_users(&mut self) -> Result<u64> {
        count_users(self.connection).map_err(during("counting accounts"))
    }

    fn key_by_digest(&mut self, digest: &KeyDigest) -> Result<Option<ApiKey>> {
        key_by_digest(self.connection, digest).map_err(during("reading an API key"))
    }

    fn insert_key(&mut self, key: &ApiKey, prefix: &str, digest: &KeyDigest) -> Result<()> {
        insert_key(self.connection, key, prefix, digest).map_err(during_write(
            "adding an API key",
            key.id.uuid(),
            prefix,
        ))
    }

    fn revoke_key(&mut self, id: KeyId, at: Instant) -> Result<bool> {
        revoke_key(self.connection, id.into(), at.into()).map_err(during("revoking an API key"))
    }

    fn secret(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        secret(self.connection, name).map_err(during("reading a secret"))
    }

    fn keep_secret(&mut self, name: &str, value: &[u8], at: Instant) -> Result<Vec<u8>> {
        keep_secret(self.connection, name, value, at.into()).map_err(during("keeping a secret"))
    }
}

fn user(connection: &mut Connection, id: RowId) -> Result<Option<User>, Failure> {
    let row = on_engine!(connection, |c| users::table
        .find(id)
        .select(UserRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(UserRow::model).transpose()?)
}

fn user_by_email(
    connection: &mut Connection,
    email: &Email,
) -> Result<Option<(User, PasswordHash)>, Failure> {
    let found: Option<(UserRow, String)> = on_engine!(connection, |c| users::table
        .filter(users::email.eq(email.as_str()))
        .select((UserRow::as_select(), users::password_hash))
        .first(c)
        .optional())?;
    let Some((row, hash)) = found else { return Ok(None) };
    Ok(Some((row.model()?, PasswordHash(hash))))
}

fn insert_user(connection: &mut Connection, user: &User, password: &PasswordHash) -> Result<(), Failure> {
    let row = UserRow::from(user);
    on_engine!(connection, |c| diesel::insert_into(users::table)
        .values((&row, users::password_hash.eq(&password.0)))
        .execute(c))?;
    Ok(())
}

fn count_users(connection: &mut Connection) -> Result<u64, Failure> {
    let count: i64 = on_engine!(connection, |c| users::table.count().get_result(c))?;
    Ok(total(count))
}

fn key_by_digest(connection: &mut Connection, digest: &KeyDigest) -> Result<Option<ApiKey>, Failure> {
    let row = on_engine!(connection, |c| api_keys::table
        .filter(api_keys::digest.eq(digest.0.as_slice()))
        .select(KeyRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(KeyRow::model).transpose()?)
}

fn insert_key(
    connection: &mut Connection,
    key: &ApiKey,
    prefix: &str,
    digest: &KeyDigest,
) -> Result<(), Failure> {
    let row = KeyRow::of(key)?;
    on_engine!(connection, |c| diesel::insert_into(api_keys::table)
        .values((
            &row,
            api_keys::prefix.eq(prefix),
            api_keys::digest.eq(digest.0.as_slice())
        ))
        .execute(c))?;
    Ok(())
}

fn revoke_key(connection: &mut Connection, id: RowId, at: Micros) -> Result<bool, Failure> {
    let affected = on_engine!(connection, |c| diesel::update(api_keys::table)
        .filter(api_keys::id.eq(id))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(at)))
        .set(api_keys::revoked_at.eq(at))
        .execute(c))?;
    Ok(affected == 1)
}

fn secret(connection: &mut Connection, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    Ok(on_engine!(connection, |c| secrets::table
        .find(name)
        .select(secrets::value)
        .first(c)
        .optional())?)
}

fn keep_secret(
    connection: &mut Connection,
    name: &str,
    value: &[u8],
    at: Micros,
) -> Result<Vec<u8>, Failure> {
    on_engine!(connection, |c| diesel::insert_into(secrets::table)
        .values((
            secrets::name.eq(name),
            secrets::value.eq(value),
            secrets::created_at.eq(at)
        ))
        .on_conflict(secrets::name)
        .do_nothing()
        .execute(c))?;
    // Whoever was first is kept; the insert has waited for them.
    secret(connection, name)?.ok_or(Failure::Moved("a secret is gone right after it was kept"))
}
