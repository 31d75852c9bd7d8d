//! What an older version of the schema did not keep, filled in after the migrations.

use diesel::prelude::*;
use masthead_domain::change::ChangeType;

use super::past;
use crate::connection::{Connection, on_engine};
use crate::delivery::rows::{PublishedAuthorRow, PublishedFaqRow, PublishedTagRow};
use crate::delivery::schema::{
    changes, published_articles, published_authors, published_faqs, published_history, published_tags,
};
use crate::error::Failure;
use crate::publishing::{author_text, faq_text, tag_text};
use crate::schema::{filled_through, log_head};
use crate::types::{Micros, RowId};

/// Begins the history of what readers see already, and fills in what `q` looks through. Does nothing the second time.
pub(crate) fn fill(connection: &mut Connection) -> Result<(), Failure> {
    // Held as by an append, so that nobody publishes between the look and the entry.
    on_engine!(connection, |c| diesel::update(log_head::table)
        .set(log_head::seq.eq(log_head::seq))
        .execute(c))?;
    for resource in ChangeType::ALL {
        let mut spans = Vec::new();
        for (id, updated_at) in without_history(connection, *resource)? {
            let (seq, at) = last_change(connection, *resource, id)?.unwrap_or((0, updated_at));
            spans.push(past::Span::since(*resource, id, seq, at));
        }
        past::begin(connection, &spans)?;
    }
    fill_texts(connection)
}

/// The migration that was the newest when everything was filled in.
pub(crate) fn through(connection: &mut Connection) -> Result<String, Failure> {
    Ok(on_engine!(connection, |c| filled_through::table
        .select(filled_through::migration)
        .first(c))?)
}

/// Notes that with this migration everything is filled in.
pub(crate) fn set_through(connection: &mut Connection, newest: &str) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::update(filled_through::table)
        .set(filled_through::migration.eq(newest))
        .execute(c))?;
    Ok(())
}

/// What readers see of a kind of thing and the history does not know, with when it was last changed.
fn without_history(
    connection: &mut Connection,
    resource: ChangeType,
) -> Result<Vec<(RowId, Micros)>, Failure> {
    macro_rules! missing {
        ($table:ident) => {
            on_engine!(connection, |c| {
                let known = published_history::table
                    .filter(published_history::resource.eq(resource.as_str()))
                    .filter(published_history::resource_id.eq($table::id))
                    .filter(published_history::until_seq.is_null());
                $table::table
                    .filter(diesel::dsl::not(diesel::dsl::exists(known)))
                    .select(($table::id, $table::updated_at))
                    .load(c)?
            })
        };
    }
    Ok(match resource {
        ChangeType::Article => missing!(published_articles),
        ChangeType::Faq => missing!(published_faqs),
        ChangeType::Tag => missing!(published_tags),
        ChangeType::Author => missing!(published_authors),
    })
}

fn last_change(
    connection: &mut Connection,
    resource: ChangeType,
    id: RowId,
) -> Result<Option<(i64, Micros)>, Failure> {
    Ok(on_engine!(connection, |c| changes::table
        .filter(changes::resource.eq(resource.as_str()))
        .filter(changes::resource_id.eq(id))
        .order(changes::seq.desc())
        .select((changes::seq, changes::created_at))
        .first(c)
        .optional())?)
}

fn fill_texts(connection: &mut Connection) -> Result<(), Failure> {
    macro_rules! without_text {
        ($table:ident, $row:ident) => {
            on_engine!(connection, |c| $table::table
                .filter($table::search_text.eq(""))
                .select($row::as_select())
                .load::<$row>(c)?)
        };
    }
    macro_rules! keep {
        ($table:ident, $id:expr, $text:expr) => {
            on_engine!(connection, |c| diesel::update($table::table.find($id))
                .set($table::search_text.eq($text))
                .execute(c)?)
        };
    }
    for row in without_text!(published_faqs, PublishedFaqRow) {
        let faq = row.model(Vec::new())?;
        let text = faq_text(&faq.question, &faq.answer.text);
        keep!(published_faqs, RowId::from(faq.id), text);
    }
    for row in without_text!(published_tags, PublishedTagRow) {
        let tag = row.model()?;
        keep!(published_tags, RowId::from(tag.id), tag_text(&tag));
    }
    for row in without_text!(published_authors, PublishedAuthorRow) {
        let author = row.model()?;
        keep!(published_authors, RowId::from(author.id), author_text(&author));
    }
    Ok(())
}
