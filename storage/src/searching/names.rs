//! Titles and the names of tags and authors: what is completed.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use masthead_domain::searching::{self, Word, WordKind, clean, words};

use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{
    published_search_name_grams, published_search_name_words, published_search_names,
};
use crate::error::Failure;
use crate::kept::{Keep as _, insert_rows};
use crate::row::position;
use crate::types::RowId;

/// A shorter word is not like any that was typed.
const SHORTEST: usize = 3;
/// Words that are looked up at once.
const BATCH: usize = 200;

/// A title or name.
pub(crate) struct Name<'a> {
    /// Of what.
    pub(crate) kind: &'static str,
    /// The id of that.
    pub(crate) item: RowId,
    /// Its slug.
    pub(crate) slug: &'a str,
    /// Its locale, where it has one.
    pub(crate) locale: Option<&'a str>,
    /// The name.
    pub(crate) text: &'a str,
}

/// Lets readers find a name instead of the one before.
pub(crate) fn put_name(connection: &mut Connection, name: &Name<'_>) -> Result<(), Failure> {
    let kept = clean(name.text);
    let (number, is_new) = put_row(connection, name, &searching::index(&kept).words)?;
    if is_new {
        put_words(connection, number, &words(&kept))?;
    }
    Ok(())
}

/// Takes a name out of the index, if it is there.
pub(crate) fn remove_name(connection: &mut Connection, kind: &str, item: RowId) -> Result<(), Failure> {
    // Its words go with it.
    on_engine!(connection, |c| diesel::delete(published_search_names::table)
        .filter(published_search_names::kind.eq(kind))
        .filter(published_search_names::item.eq(item))
        .execute(c))?;
    Ok(())
}

/// The row of a name, and whether its words are others than before.
fn put_row(connection: &mut Connection, name: &Name<'_>, kept: &str) -> Result<(i64, bool), Failure> {
    let before: Option<NameRow> = on_engine!(connection, |c| published_search_names::table
        .filter(published_search_names::kind.eq(name.kind))
        .filter(published_search_names::item.eq(name.item))
        .select(NameRow::as_select())
        .first(c)
        .optional())?;
    let is_new = before.as_ref().is_none_or(|before| before.words != kept);
    if let Some(before) = before.filter(|before| !is_new && before.is(name)) {
        return Ok((before.number, false));
    }
    let values = (
        published_search_names::slug.eq(name.slug),
        published_search_names::locale.eq(name.locale),
        published_search_names::text.eq(name.text),
        published_search_names::words.eq(kept),
    );
    let number = on_engine!(connection, |c| diesel::insert_into(published_search_names::table)
        .values((
            published_search_names::kind.eq(name.kind),
            published_search_names::item.eq(name.item),
            values,
        ))
        .on_conflict((published_search_names::kind, published_search_names::item))
        .do_update()
        .set(values)
        .returning(published_search_names::number)
        .kept()
        .get_result(c))?;
    Ok((number, is_new))
}

/// A name in the index.
#[derive(Queryable, Selectable)]
#[diesel(table_name = published_search_names)]
struct NameRow {
    number: i64,
    slug: String,
    locale: Option<String>,
    text: String,
    words: String,
}

impl NameRow {
    fn is(&self, name: &Name<'_>) -> bool {
        (self.slug.as_str(), self.locale.as_deref(), self.text.as_str())
            == (name.slug, name.locale, name.text)
    }
}

fn put_words(connection: &mut Connection, name: i64, words: &[Word]) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(published_search_name_words::table)
        .filter(published_search_name_words::name.eq(name))
        .execute(c))?;
    // The first place of a word that stands twice.
    let mut places: BTreeMap<&str, i64> = BTreeMap::new();
    for (index, word) in words.iter().enumerate() {
        places.entry(&word.term).or_insert(position(index));
    }
    let rows: Vec<_> = places
        .into_iter()
        .map(|(word, place)| {
            (
                published_search_name_words::word.eq(word),
                published_search_name_words::name.eq(name),
                published_search_name_words::place.eq(place),
            )
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(connection, published_search_name_words::table, &rows)?;
    }
    let whole: BTreeSet<&str> = words
        .iter()
        .filter(|word| word.kind == WordKind::Whole && word.term.chars().count() >= SHORTEST)
        .map(|word| word.term.as_str())
        .collect();
    // In the order of the alphabet, so that two who add the same words do not wait for each other in turns.
    let whole: Vec<&str> = whole.into_iter().collect();
    whole
        .chunks(BATCH)
        .try_for_each(|words| put_grams(connection, words))
}

/// The pairs of letters of words; most words are known.
fn put_grams(connection: &mut Connection, words: &[&str]) -> Result<(), Failure> {
    let firsts: Vec<String> = words.iter().map(|word| first_gram(word)).collect();
    let known: Vec<String> = on_engine!(connection, |c| published_search_name_grams::table
        .filter(published_search_name_grams::gram.eq_any(firsts))
        .filter(published_search_name_grams::word.eq_any(words))
        .select(published_search_name_grams::word)
        .distinct()
        .load(c))?;
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let missing: Vec<(String, &str)> = words
        .iter()
        .filter(|word| !known.contains(*word))
        .flat_map(|word| searching::grams(word).into_iter().map(move |gram| (gram, *word)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    match connection {
        Connection::Sqlite(c) => {
            for (gram, word) in &missing {
                diesel::insert_into(published_search_name_grams::table)
                    .values((
                        published_search_name_grams::gram.eq(gram),
                        published_search_name_grams::word.eq(word),
                    ))
                    .on_conflict_do_nothing()
                    .kept()
                    .execute(c)?;
            }
        }
        Connection::Postgres(c) => {
            let (grams, words): (Vec<String>, Vec<&str>) = missing.into_iter().unzip();
            diesel::sql_query(
                "insert into published_search_name_grams (gram, word) select * from unnest($1, $2) \
                 on conflict do nothing",
            )
            .bind::<Array<Text>, _>(grams)
            .bind::<Array<Text>, _>(words)
            .kept()
            .execute(c)?;
        }
    }
    Ok(())
}

/// They are written together, so one tells of all.
fn first_gram(word: &str) -> String {
    searching::grams(word).into_iter().next().unwrap_or_default()
}
