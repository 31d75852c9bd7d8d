//! Titles and names by their words, and words by their letters.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use masthead_domain::locale::Locale;
use masthead_domain::searching::{Completion, CompletionKind, NameMatch, Term};

use super::plan::between;
use super::statement::{Pieces, Statement};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::Named;
use crate::types::{Id, RowId};

/// Words that are compared with one that was typed.
const COMPARED: i64 = 4_000;

/// A name: kind, id, slug, locale, text and words.
type NameRow = (Text, Id, Text, Nullable<Text>, Text, Text);

pub(crate) fn names_with(
    connection: &mut Connection,
    meant: &[Vec<Term>],
    locale: Option<&Locale>,
    limit: u32,
) -> Result<Vec<NameMatch>, Failure> {
    let Some((first, others)) = meant.split_first() else {
        return Ok(Vec::new());
    };
    let mut pieces = Pieces::new(
        "select n.kind, n.item, n.slug, n.locale, n.text, n.words from \
         (select name, min(place) as place from published_search_name_words where ",
    );
    pieces = any(pieces, first)
        .plain(" group by name) f join published_search_names n on n.number = f.name where 1 = 1");
    for terms in others {
        pieces = any(
            pieces.plain(" and n.number in (select name from published_search_name_words where "),
            terms,
        )
        .plain(")");
    }
    if let Some(locale) = locale {
        pieces = pieces
            .plain(" and (n.locale is null or n.locale = ")
            .text(locale.as_str())
            .plain(")");
    }
    pieces = pieces
        .plain(" order by f.place > 0, n.text, n.kind, n.number limit ")
        .number(limit.into());
    let rows: Vec<(String, RowId, String, Option<String>, String, String)> =
        on_engine!(connection, |c| Statement::<NameRow>::new(pieces).load(c))?;
    rows.into_iter()
        .map(|(kind, item, slug, locale, text, words)| {
            let named = Named {
                table: "published_search_names",
                id: item,
            };
            let completion = Completion {
                kind: named.word("kind", &kind, CompletionKind::parse)?,
                id: item.0,
                slug,
                locale,
                text,
            };
            Ok(NameMatch { words, completion })
        })
        .collect()
}

/// Any of these words.
fn any(pieces: Pieces, terms: &[Term]) -> Pieces {
    let mut pieces = pieces.plain("(");
    for (index, term) in terms.iter().enumerate() {
        let or = if index == 0 { "" } else { " or " };
        pieces = match term {
            Term::Exact(text) => pieces.plain(&format!("{or}word = ")).text(text),
            Term::Prefix(text) => between(pieces.plain(&format!("{or}(")), "word", text).plain(")"),
        };
    }
    pieces.plain(")")
}

pub(crate) fn words_sharing(
    connection: &mut Connection,
    grams: &[String],
    least: usize,
) -> Result<Vec<String>, Failure> {
    let mut pieces = Pieces::new("select word from published_search_name_grams where gram in (");
    for (index, gram) in grams.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        pieces = pieces.plain(comma).text(gram);
    }
    pieces = pieces
        .plain(") group by word having count(*) >= ")
        .number(i64::try_from(least).unwrap_or(i64::MAX))
        .plain(" order by count(*) desc, word limit ")
        .number(COMPARED);
    Ok(on_engine!(connection, |c| Statement::<Text>::new(pieces).load(c))?)
}
