//! What working copies link to, in order.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::article::{Byline, BylineRole};
use masthead_domain::id::{FaqId, TagId};

use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::kept::insert_rows;
use crate::row::{Named, position};
use crate::schema::{article_authors, article_faqs, article_tags, faq_tags, faqs};
use crate::types::RowId;

/// Queries of a table that links one thing to others in an order.
macro_rules! link_table {
    ($table:ident, $owner:ident, $target:ident, $id:ty, $of:ident, $insert:ident, $delete:ident) => {
        pub(super) fn $of(
            connection: &mut Connection,
            owners: &[RowId],
        ) -> Result<BTreeMap<RowId, Vec<$id>>, Failure> {
            let rows: Vec<(RowId, RowId)> = on_engine!(connection, |c| $table::table
                .filter($table::$owner.among(owners))
                .order(($table::$owner, $table::position))
                .select(($table::$owner, $table::$target))
                .load(c))?;
            let mut links: BTreeMap<RowId, Vec<$id>> = BTreeMap::new();
            for (owner, target) in rows {
                links.entry(owner).or_default().push(target.into());
            }
            Ok(links)
        }

        pub(super) fn $insert(
            connection: &mut Connection,
            owner: RowId,
            targets: &[$id],
        ) -> Result<(), Failure> {
            let rows: Vec<_> = targets
                .iter()
                .enumerate()
                .map(|(index, target)| {
                    (
                        $table::$owner.eq(owner),
                        $table::$target.eq(RowId::from(*target)),
                        $table::position.eq(position(index)),
                    )
                })
                .collect();
            if !rows.is_empty() {
                insert_rows!(connection, $table::table, &rows)?;
            }
            Ok(())
        }

        pub(super) fn $delete(connection: &mut Connection, owner: RowId) -> Result<(), Failure> {
            on_engine!(connection, |c| diesel::delete($table::table)
                .filter($table::$owner.eq(owner))
                .execute(c))?;
            Ok(())
        }
    };
}

link_table!(
    article_tags,
    article_id,
    tag_id,
    TagId,
    tags_of_articles,
    insert_article_tags,
    delete_article_tags
);
link_table!(
    article_faqs,
    article_id,
    faq_id,
    FaqId,
    faqs_of_articles,
    insert_article_faqs,
    delete_article_faqs
);
link_table!(
    faq_tags,
    faq_id,
    tag_id,
    TagId,
    tags_of_faqs,
    insert_faq_tags,
    delete_faq_tags
);

pub(super) fn faqs_of_article(connection: &mut Connection, article: RowId) -> Result<Vec<FaqId>, Failure> {
    let mut links = faqs_of_articles(connection, &[article])?;
    Ok(links.remove(&article).unwrap_or_default())
}

pub(super) fn bylines_of_articles(
    connection: &mut Connection,
    articles: &[RowId],
) -> Result<BTreeMap<RowId, Vec<Byline>>, Failure> {
    let rows: Vec<(RowId, RowId, String)> = on_engine!(connection, |c| article_authors::table
        .filter(article_authors::article_id.among(articles))
        .order((article_authors::article_id, article_authors::position))
        .select((
            article_authors::article_id,
            article_authors::author_id,
            article_authors::role
        ))
        .load(c))?;
    let mut bylines: BTreeMap<RowId, Vec<Byline>> = BTreeMap::new();
    for (article, author, role) in rows {
        let role = Named {
            table: "article_authors",
            id: article,
        }
        .word("role", &role, BylineRole::parse)?;
        bylines.entry(article).or_default().push(Byline {
            author_id: author.into(),
            role,
        });
    }
    Ok(bylines)
}

pub(super) fn insert_bylines(
    connection: &mut Connection,
    article: RowId,
    bylines: &[Byline],
) -> Result<(), Failure> {
    let rows: Vec<_> = bylines
        .iter()
        .enumerate()
        .map(|(index, byline)| {
            (
                article_authors::article_id.eq(article),
                article_authors::author_id.eq(RowId::from(byline.author_id)),
                article_authors::role.eq(byline.role.as_str()),
                article_authors::position.eq(position(index)),
            )
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(connection, article_authors::table, &rows)?;
    }
    Ok(())
}

pub(super) fn delete_bylines(connection: &mut Connection, article: RowId) -> Result<(), Failure> {
    on_engine!(connection, |c| diesel::delete(article_authors::table)
        .filter(article_authors::article_id.eq(article))
        .execute(c))?;
    Ok(())
}

/// A FAQ is deleted by marking its row, which no foreign key sees. The link holds its row from now on, so
/// whoever wanted to delete it either did so before, which shows here, or will find the link.
pub(super) fn expect_present_faqs(connection: &mut Connection, linked: &[FaqId]) -> Result<(), Failure> {
    if linked.is_empty() {
        return Ok(());
    }
    let ids: Vec<RowId> = linked.iter().map(|id| (*id).into()).collect();
    let gone: i64 = on_engine!(connection, |c| faqs::table
        .filter(faqs::id.among(&ids))
        .filter(faqs::deleted_at.is_not_null())
        .count()
        .get_result(c))?;
    if gone == 0 {
        Ok(())
    } else {
        Err(Failure::Moved("a linked FAQ was deleted meanwhile"))
    }
}
