//! Settings of the site.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::audit::AuditResource;
use masthead_domain::error::StorageError;
use masthead_domain::repository::{Setting, SettingsRepository};
use masthead_domain::rights::Credential;

use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::schema::settings;
use crate::transaction::Transaction;
use crate::types::Micros;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = settings)]
struct SettingRow {
    name: String,
    value: String,
    revision: i64,
    updated_at: Micros,
    updated_by: String,
}

impl SettingRow {
    fn model(self) -> Result<Setting, StorageError> {
        let corrupt = |column, reason: String| StorageError::Corrupt {
            table: "settings",
            column,
            id: self.name.clone(),
            reason,
        };
        let at = masthead_domain::clock::Instant::from_timestamp_micros(self.updated_at.0);
        Ok(Setting {
            revision: u32::try_from(self.revision).map_err(|error| corrupt("revision", error.to_string()))?,
            updated_at: at.ok_or_else(|| corrupt("updated_at", "no moment".to_owned()))?,
            updated_by: Credential::parse(&self.updated_by)
                .map_err(|error| corrupt("updated_by", error.to_string()))?,
            name: self.name,
            value: self.value,
        })
    }
}

impl From<&Setting> for SettingRow {
    fn from(setting: &Setting) -> Self {
        Self {
            name: setting.name.clone(),
            value: setting.value.clone(),
            revision: setting.revision.into(),
            updated_at: setting.updated_at.into(),
            updated_by: setting.updated_by.to_string(),
        }
    }
}

impl SettingsRepository for Transaction<'_> {
    fn setting(&mut self, name: &str) -> Result<Option<Setting>> {
        find(self.connection, name).map_err(during("reading a setting"))
    }

    fn setting_for_update(&mut self, name: &str) -> Result<Option<Setting>> {
        lock(self.connection, name).map_err(during("reading a setting to change it"))
    }

    fn put_setting(&mut self, setting: &Setting, is_new: bool) -> Result<()> {
        put(self.connection, setting, is_new).map_err(during("changing a setting"))?;
        let before = (!is_new).then(|| setting.revision.saturating_sub(1));
        self.touch(
            AuditResource::Setting,
            &setting.name,
            before,
            Some(setting.revision),
        );
        Ok(())
    }
}

fn find(connection: &mut Connection, name: &str) -> Result<Option<Setting>, Failure> {
    let row = on_engine!(connection, |c| settings::table
        .find(name)
        .select(SettingRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(SettingRow::model).transpose()?)
}

fn lock(connection: &mut Connection, name: &str) -> Result<Option<Setting>, Failure> {
    if let Connection::Postgres(c) = connection {
        settings::table
            .find(name)
            .select(settings::name)
            .for_update()
            .first::<String>(c)
            .optional()?;
    }
    find(connection, name)
}

/// Of two who set it first at once, the second is tried again and finds what the other set.
fn put(connection: &mut Connection, setting: &Setting, is_new: bool) -> Result<(), Failure> {
    let row = SettingRow::from(setting);
    if is_new {
        on_engine!(connection, |c| diesel::insert_into(settings::table)
            .values(&row)
            .execute(c))?;
    } else {
        on_engine!(connection, |c| diesel::update(settings::table.find(&row.name))
            .set(&row)
            .execute(c))?;
    }
    Ok(())
}
