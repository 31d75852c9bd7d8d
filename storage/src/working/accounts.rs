//! Accounts, keys and the installation's secrets.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::account::{
    ApiKey, KeyDigest, KeySort, PasswordHash, RefreshToken, Session, SessionEnd, SessionSort, User, UserSort,
};
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::email::Email;
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::id::{KeyId, SessionId, UserId};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::repository::AccountRepository;
use masthead_domain::rights::Role;

use super::{expect_one, keys, mail, second_factors, sessions, sso};
use crate::connection::{Connection, lock_row, on_engine};
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{Named, total};
use crate::schema::{secrets, users};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

/// An account; the hash of its password is read only where it is asked for.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub(super) struct UserRow {
    id: RowId,
    email: String,
    name: String,
    role: String,
    author_id: Option<RowId>,
    revision: i64,
    email_verified_at: Option<Micros>,
    suspended_at: Option<Micros>,
    created_at: Micros,
    updated_at: Micros,
}

impl UserRow {
    pub(super) fn model(self) -> Result<User, StorageError> {
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
            revision: named.count("revision", self.revision)?,
            email_verified_at: named.some_instant("email_verified_at", self.email_verified_at)?,
            suspended_at: named.some_instant("suspended_at", self.suspended_at)?,
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
            revision: user.revision.into(),
            email_verified_at: user.email_verified_at.map(Into::into),
            suspended_at: user.suspended_at.map(Into::into),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
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
        ))?;
        self.touch(AuditResource::User, user.id, None, Some(user.revision));
        Ok(())
    }

    fn count_users(&mut self) -> Result<u64> {
        count_users(self.connection).map_err(during("counting accounts"))
    }

    fn users(&mut self, role: Option<Role>, page: &PageRequest<UserSort>) -> Result<Page<User>> {
        list(self.connection, role, page).map_err(during("listing accounts"))
    }

    fn user_for_update(&mut self, id: UserId) -> Result<Option<(User, PasswordHash)>> {
        lock(self.connection, id.into()).map_err(during("reading an account to change it"))
    }

    fn update_user(&mut self, user: &User) -> Result<()> {
        update(self.connection, user).map_err(during_write(
            "saving an account",
            user.id.uuid(),
            user.email.as_str(),
        ))?;
        let before = Some(user.revision.saturating_sub(1));
        self.touch(AuditResource::User, user.id, before, Some(user.revision));
        Ok(())
    }

    fn set_password(&mut self, id: UserId, password: &PasswordHash) -> Result<()> {
        set_password(self.connection, id, password).map_err(during("saving a password"))?;
        self.touch(AuditResource::User, id, None, None);
        Ok(())
    }

    fn delete_user(&mut self, id: UserId, at: Instant) -> Result<()> {
        delete(self.connection, id, at.into()).map_err(during("deleting an account"))?;
        self.touch(AuditResource::User, id, None, None);
        Ok(())
    }

    fn active_admins_for_update(&mut self) -> Result<Vec<UserId>> {
        active_admins(self.connection).map_err(during("looking for other admins"))
    }

    fn insert_session(&mut self, session: &Session) -> Result<()> {
        sessions::insert(self.connection, session).map_err(during("beginning a session"))?;
        self.touch(AuditResource::Session, session.id, None, None);
        Ok(())
    }

    fn session(&mut self, id: SessionId) -> Result<Option<(Session, User)>> {
        sessions::find(self.connection, id.into()).map_err(during("reading a session"))
    }

    fn sessions(
        &mut self,
        user: UserId,
        now: Instant,
        page: &PageRequest<SessionSort>,
    ) -> Result<Page<Session>> {
        sessions::list(self.connection, user.into(), now.into(), page).map_err(during("listing sessions"))
    }

    fn end_session(&mut self, id: SessionId, at: Instant, why: SessionEnd) -> Result<bool> {
        let ended = sessions::end(self.connection, &[id.into()], at.into(), why)
            .map(|ended| ended == 1)
            .map_err(during("ending a session"))?;
        if ended {
            self.touch(AuditResource::Session, id, None, None);
        }
        Ok(ended)
    }

    fn end_sessions(&mut self, user: UserId, keep: u32, at: Instant, why: SessionEnd) -> Result<u64> {
        let ended = sessions::end_all(self.connection, user.into(), keep, at.into(), why)
            .map_err(during("ending the sessions of an account"))?;
        if ended > 0 {
            self.touch(AuditResource::User, user, None, None);
        }
        Ok(ended)
    }

    fn touch_session(&mut self, id: SessionId, at: Instant) -> Result<()> {
        sessions::touch(self.connection, id.into(), at.into()).map_err(during("renewing a session"))
    }

    fn forget_sessions(&mut self, user: UserId, over: Instant) -> Result<u64> {
        sessions::forget(self.connection, user.into(), over.into()).map_err(during("forgetting old sessions"))
    }

    fn insert_refresh_token(&mut self, digest: &KeyDigest, token: &RefreshToken) -> Result<()> {
        sessions::insert_token(self.connection, digest, token).map_err(during("keeping a refresh token"))
    }

    fn refresh_token_for_update(&mut self, digest: &KeyDigest) -> Result<Option<RefreshToken>> {
        sessions::token(self.connection, digest).map_err(during("reading a refresh token"))
    }

    fn use_refresh_token(&mut self, digest: &KeyDigest, at: Instant) -> Result<()> {
        sessions::use_token(self.connection, digest, at.into()).map_err(during("using a refresh token"))
    }

    fn forget_refresh_tokens(&mut self, id: SessionId, expired: Instant) -> Result<u64> {
        sessions::forget_tokens(self.connection, id.into(), expired.into())
            .map_err(during("forgetting expired refresh tokens"))
    }

    fn unused_refresh_tokens(&mut self, id: SessionId) -> Result<u64> {
        sessions::unused(self.connection, id.into()).map_err(during("counting refresh tokens"))
    }

    fn key_by_digest(&mut self, digest: &KeyDigest, now: Instant) -> Result<Option<ApiKey>> {
        keys::by_digest(self.connection, digest, now.into()).map_err(during("reading an API key"))
    }

    fn key(&mut self, id: KeyId) -> Result<Option<ApiKey>> {
        keys::find(self.connection, id.into()).map_err(during("reading an API key"))
    }

    fn key_for_update(&mut self, id: KeyId) -> Result<Option<ApiKey>> {
        keys::lock(self.connection, id.into()).map_err(during("reading an API key to change it"))
    }

    fn keys(&mut self, page: &PageRequest<KeySort>) -> Result<Page<ApiKey>> {
        keys::list(self.connection, page).map_err(during("listing API keys"))
    }

    fn insert_key(&mut self, key: &ApiKey, digest: &KeyDigest) -> Result<()> {
        keys::insert(self.connection, key, digest).map_err(during_write(
            "adding an API key",
            key.id.uuid(),
            &key.prefix,
        ))?;
        self.touch(AuditResource::ApiKey, key.id, None, Some(key.revision));
        Ok(())
    }

    fn update_key(&mut self, key: &ApiKey, digest: Option<&KeyDigest>) -> Result<()> {
        keys::update(self.connection, key, digest).map_err(during("saving an API key"))?;
        let before = Some(key.revision.saturating_sub(1));
        self.touch(AuditResource::ApiKey, key.id, before, Some(key.revision));
        Ok(())
    }

    fn touch_key(&mut self, id: KeyId, at: Instant) -> Result<()> {
        keys::touch(self.connection, id.into(), at.into()).map_err(during("noting that a key was used"))
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
        .filter(users::deleted_at.is_null())
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
    let count: i64 = on_engine!(connection, |c| users::table
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(c))?;
    Ok(total(count))
}

fn lock(connection: &mut Connection, id: RowId) -> Result<Option<(User, PasswordHash)>, Failure> {
    lock_row!(connection, users, id);
    let found: Option<(UserRow, String)> = on_engine!(connection, |c| users::table
        .find(id)
        .filter(users::deleted_at.is_null())
        .select((UserRow::as_select(), users::password_hash))
        .first(c)
        .optional())?;
    let Some((row, hash)) = found else { return Ok(None) };
    Ok(Some((row.model()?, PasswordHash(hash))))
}

fn list(
    connection: &mut Connection,
    role: Option<Role>,
    request: &PageRequest<UserSort>,
) -> Result<Page<User>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(users::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        users,
        request,
        keyset,
        UserRow,
        || {
            let mut query = users::table.filter(users::deleted_at.is_null()).into_boxed();
            if let Some(role) = role {
                query = query.filter(users::role.eq(role.as_str()));
            }
            query
        }
    ))?;
    let users = rows
        .into_iter()
        .map(|row: UserRow| Ok(row.model()?))
        .collect::<Result<Vec<User>, Failure>>()?;
    Ok(keyset.page(users, total, |user| position(user, request)))
}

fn sort_column(field: UserSort) -> &'static str {
    match field {
        UserSort::CreatedAt => sorted_by!(users::created_at),
        UserSort::Email => sorted_by!(users::email),
    }
}

fn position(user: &User, request: &PageRequest<UserSort>) -> Position {
    let value = |field| match field {
        UserSort::CreatedAt => SortValue::Instant(user.created_at),
        UserSort::Email => SortValue::Text(user.email.as_str().to_owned()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: user.id.uuid(),
        as_of: None,
    }
}

fn update(connection: &mut Connection, user: &User) -> Result<(), Failure> {
    let row = UserRow::from(user);
    let affected = on_engine!(connection, |c| diesel::update(users::table.find(row.id))
        .set(&row)
        .execute(c))?;
    expect_one(affected, Resource::User, user.id)
}

fn set_password(connection: &mut Connection, id: UserId, password: &PasswordHash) -> Result<(), Failure> {
    let affected = on_engine!(connection, |c| diesel::update(users::table.find(RowId::from(id)))
        .set(users::password_hash.eq(&password.0))
        .execute(c))?;
    expect_one(affected, Resource::User, id)
}

/// The row stays, so that its id is never given again; what it said of a person does not.
fn delete(connection: &mut Connection, id: UserId, at: Micros) -> Result<(), Failure> {
    let nobody = format!("deleted:{id}");
    let affected = on_engine!(connection, |c| diesel::update(users::table.find(RowId::from(id)))
        .set((
            users::email.eq(&nobody),
            users::name.eq(""),
            users::role.eq(Role::Reader.as_str()),
            users::author_id.eq(None::<RowId>),
            users::password_hash.eq(""),
            users::email_verified_at.eq(None::<Micros>),
            users::deleted_at.eq(at),
        ))
        .execute(c))?;
    second_factors::forget(connection, id.into())?;
    mail::forget_all_of(connection, id.into())?;
    sso::unlink(connection, id.into())?;
    expect_one(affected, Resource::User, id)
}

/// SQLite has one writer; on PostgreSQL whoever asks while another changes an admin waits, and sees what came of it.
fn active_admins(connection: &mut Connection) -> Result<Vec<UserId>, Failure> {
    let admins = users::table
        .filter(users::role.eq(Role::Admin.as_str()))
        .filter(users::suspended_at.is_null())
        .filter(users::deleted_at.is_null())
        .order(users::id)
        .select(users::id);
    let ids: Vec<RowId> = match connection {
        Connection::Postgres(c) => admins.for_update().load(c)?,
        Connection::Sqlite(c) => admins.load(c)?,
    };
    Ok(ids.into_iter().map(Into::into).collect())
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
