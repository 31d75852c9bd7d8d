//! Sections of working copies: rows that keep their ids over every edit and move.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::section::{Heading, Section};

use super::expect_one;
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::kept::{Keep as _, insert_rows};
use crate::row::{Named, json, position};
use crate::schema::sections;
use crate::types::{Micros, RowId};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sections, treat_none_as_default_value = false, treat_none_as_null = true)]
struct SectionRow {
    id: RowId,
    article_id: RowId,
    position: i64,
    kind: String,
    heading: Option<String>,
    level: Option<i64>,
    anchor: Option<String>,
    anchor_aliases: String,
    content: String,
    revision: i64,
    created_at: Micros,
    updated_at: Micros,
}

impl SectionRow {
    fn of(article: RowId, index: usize, section: &Section) -> Result<Self, Failure> {
        let heading = section.heading.as_ref();
        Ok(Self {
            id: section.id.into(),
            article_id: article,
            position: position(index),
            kind: section.content.kind().as_str().to_owned(),
            heading: heading.map(|heading| heading.text.clone()),
            level: heading.map(|heading| heading.level.into()),
            anchor: heading.map(|heading| heading.anchor.clone()),
            anchor_aliases: json(&section.anchor_aliases)?,
            content: json(&section.content)?,
            revision: section.revision.into(),
            created_at: section.created_at.into(),
            updated_at: section.updated_at.into(),
        })
    }

    fn model(self) -> Result<Section, StorageError> {
        let named = Named {
            table: "sections",
            id: self.id,
        };
        let heading = match (self.heading, self.level, self.anchor) {
            (Some(text), Some(level), Some(anchor)) => {
                let level = u8::try_from(level).map_err(|error| named.corrupt("level", error))?;
                Some(Heading { text, level, anchor })
            }
            (None, None, None) => None,
            _ => return Err(named.corrupt("heading", "a heading has a text, a level and an anchor")),
        };
        Ok(Section {
            id: self.id.into(),
            heading,
            anchor_aliases: named.json("anchor_aliases", &self.anchor_aliases)?,
            content: named.json("content", &self.content)?,
            revision: named.count("revision", self.revision)?,
            created_at: named.instant("created_at", self.created_at)?,
            updated_at: named.instant("updated_at", self.updated_at)?,
        })
    }
}

pub(super) fn of_article(connection: &mut Connection, article: RowId) -> Result<Vec<Section>, Failure> {
    let rows: Vec<SectionRow> = on_engine!(connection, |c| sections::table
        .filter(sections::article_id.eq(article))
        .order((sections::position, sections::id))
        .select(SectionRow::as_select())
        .load(c))?;
    rows.into_iter().map(|row| Ok(row.model()?)).collect()
}

pub(super) fn insert<'a>(
    connection: &mut Connection,
    article: RowId,
    placed: impl Iterator<Item = (usize, &'a Section)>,
) -> Result<(), Failure> {
    let rows = placed
        .map(|(index, section)| SectionRow::of(article, index, section))
        .collect::<Result<Vec<_>, _>>()?;
    if !rows.is_empty() {
        insert_rows!(connection, sections::table, &rows)?;
    }
    Ok(())
}

/// Saves what differs between two orders of sections.
pub(super) fn update(
    connection: &mut Connection,
    article: RowId,
    before: &[Section],
    after: &[Section],
) -> Result<(), Failure> {
    let known: BTreeMap<RowId, (usize, &Section)> = before
        .iter()
        .enumerate()
        .map(|(index, section)| (section.id.into(), (index, section)))
        .collect();
    delete_missing(connection, article, before, after)?;
    let mut moved: BTreeMap<i64, Vec<RowId>> = BTreeMap::new();
    let mut added = Vec::new();
    for (index, section) in after.iter().enumerate() {
        match known.get(&section.id.into()) {
            None => added.push((index, section)),
            Some((_, same)) if *same != section => update_row(connection, article, index, section)?,
            Some((was, _)) if *was != index => {
                moved
                    .entry(position(index) - position(*was))
                    .or_default()
                    .push(section.id.into());
            }
            Some(_) => {}
        }
    }
    for (distance, ids) in moved {
        shift(connection, article, distance, &ids)?;
    }
    insert(connection, article, added.into_iter())
}

/// A section put in or taken out shifts all behind it by one: one statement for each distance.
fn shift(connection: &mut Connection, article: RowId, distance: i64, ids: &[RowId]) -> Result<(), Failure> {
    let affected = on_engine!(connection, |c| diesel::update(sections::table)
        .filter(sections::article_id.eq(article))
        .filter(sections::id.among(ids))
        .set(sections::position.eq(sections::position + distance))
        .kept()
        .execute(c))?;
    if affected == ids.len() {
        Ok(())
    } else {
        Err(Failure::Moved("a section is gone that was to be moved"))
    }
}

fn delete_missing(
    connection: &mut Connection,
    article: RowId,
    before: &[Section],
    after: &[Section],
) -> Result<(), Failure> {
    let gone: Vec<RowId> = before
        .iter()
        .filter(|section| after.iter().all(|kept| kept.id != section.id))
        .map(|section| section.id.into())
        .collect();
    if !gone.is_empty() {
        on_engine!(connection, |c| diesel::delete(sections::table)
            .filter(sections::article_id.eq(article))
            .filter(sections::id.among(&gone))
            .execute(c))?;
    }
    Ok(())
}

fn update_row(
    connection: &mut Connection,
    article: RowId,
    index: usize,
    section: &Section,
) -> Result<(), Failure> {
    let row = SectionRow::of(article, index, section)?;
    let affected = on_engine!(connection, |c| diesel::update(sections::table)
        .filter(sections::id.eq(row.id))
        .filter(sections::article_id.eq(article))
        .set(&row)
        .kept()
        .execute(c))?;
    expect_one(affected, Resource::Section, section.id)
}
