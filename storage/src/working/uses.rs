//! Who uses a thing: working copies that are there, and what readers see.

use diesel::prelude::*;
use masthead_domain::error::UsedIn;
use masthead_domain::repository::Uses;

use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{
    published_article_authors, published_article_faqs, published_article_tags, published_faq_tags,
};
use crate::error::Failure;
use crate::row::total;
use crate::schema::{article_authors, article_faqs, article_tags, articles, faq_tags, faqs};
use crate::types::RowId;

/// Places that are named; the rest is counted.
const PLACES: i64 = 100;

/// Things of `$table` that link the target, as a working copy that is there or before readers' eyes: one
/// filter, for those named and for their number. Everything published has a working row, deleted or not.
macro_rules! using {
    ($connection:expr, $table:ident, $owner:ident, $working:ident, $published:ident, $target:ident, $id:expr, $title:ident) => {
        on_engine!($connection, |c| {
            let filtered = || {
                let working = $working::table
                    .filter($working::$target.eq($id))
                    .select($working::$owner);
                let published = $published::table
                    .filter($published::$target.eq($id))
                    .select($published::$owner);
                let in_working = $table::deleted_at.is_null().and($table::id.eq_any(working));
                $table::table.filter(in_working.or($table::id.eq_any(published)))
            };
            let count: i64 = filtered().count().get_result(c)?;
            let places: Vec<(RowId, String)> = filtered()
                .order(($table::$title, $table::id))
                .limit(PLACES)
                .select(($table::id, $table::$title))
                .load(c)?;
            (places, count)
        })
    };
}

pub(super) fn of_faq(connection: &mut Connection, id: RowId) -> Result<Uses, Failure> {
    let (places, count) = using!(
        connection,
        articles,
        article_id,
        article_faqs,
        published_article_faqs,
        faq_id,
        id,
        title
    );
    Ok(Uses {
        places: articles(places).collect(),
        total: total(count),
    })
}

pub(super) fn of_author(connection: &mut Connection, id: RowId) -> Result<Uses, Failure> {
    let (places, count) = using!(
        connection,
        articles,
        article_id,
        article_authors,
        published_article_authors,
        author_id,
        id,
        title
    );
    Ok(Uses {
        places: articles(places).collect(),
        total: total(count),
    })
}

pub(super) fn of_tag(connection: &mut Connection, id: RowId) -> Result<Uses, Failure> {
    let (in_articles, count) = using!(
        connection,
        articles,
        article_id,
        article_tags,
        published_article_tags,
        tag_id,
        id,
        title
    );
    let (in_faqs, more) = using!(
        connection,
        faqs,
        faq_id,
        faq_tags,
        published_faq_tags,
        tag_id,
        id,
        question
    );
    let faqs = in_faqs
        .into_iter()
        .map(|(id, question)| UsedIn::Faq(id.into(), question));
    Ok(Uses {
        places: articles(in_articles).chain(faqs).take(100).collect(),
        total: total(count + more),
    })
}

fn articles(places: Vec<(RowId, String)>) -> impl Iterator<Item = UsedIn> {
    places
        .into_iter()
        .map(|(id, title)| UsedIn::Article(id.into(), title))
}
