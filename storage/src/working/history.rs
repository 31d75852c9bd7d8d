//! The history: every state a thing had, numbered, never changed.

use diesel::prelude::*;
use masthead_domain::article::Article;
use masthead_domain::faq::Faq;

use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::json;
use crate::schema::{article_revisions, faq_revisions};
use crate::types::{Micros, RowId};

pub(super) fn append_article(
    connection: &mut Connection,
    article: &Article,
    note: &str,
) -> Result<(), Failure> {
    let row = (
        article_revisions::article_id.eq(RowId::from(article.id)),
        article_revisions::revision.eq(i64::from(article.revision)),
        article_revisions::snapshot.eq(json(article)?),
        article_revisions::credential.eq(article.updated_by.to_string()),
        article_revisions::note.eq(note),
        article_revisions::created_at.eq(Micros::from(article.updated_at)),
    );
    on_engine!(connection, |c| diesel::insert_into(article_revisions::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}

pub(super) fn append_faq(connection: &mut Connection, faq: &Faq, note: &str) -> Result<(), Failure> {
    let row = (
        faq_revisions::faq_id.eq(RowId::from(faq.id)),
        faq_revisions::revision.eq(i64::from(faq.revision)),
        faq_revisions::snapshot.eq(json(faq)?),
        faq_revisions::credential.eq(faq.updated_by.to_string()),
        faq_revisions::note.eq(note),
        faq_revisions::created_at.eq(Micros::from(faq.updated_at)),
    );
    on_engine!(connection, |c| diesel::insert_into(faq_revisions::table)
        .values(&row)
        .execute(c))?;
    Ok(())
}
