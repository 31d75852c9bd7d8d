//! Merging tags, from the side of the store: what is held, and what the history keeps.

use super::*;
use diesel::prelude::*;
use masthead_domain::article::{Expected, Seo};
use masthead_domain::change::{ChangeOp, ChangeReason, ChangeType};
use masthead_domain::id::Ids;
use masthead_domain::repository::Carriers;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::drafting::ArticleInput;
use masthead_domain::use_cases::{Unit, articles, publishing, tag_merging};

use crate::connection::Connection;
use crate::delivery::schema::{published_articles, published_history};
use crate::schema::article_revisions;
use crate::types::RowId;

/// Ids in their order.
struct Counted(AtomicU32);

impl Ids for Counted {
    fn next(&self) -> Uuid {
        uuid(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Does something as somebody who may do everything.
fn act<T: Send + 'static>(
    storage: &Storage,
    f: impl Fn(&mut Unit<'_>) -> masthead_domain::Result<T> + Send + Sync + 'static,
) -> T {
    let ids = Counted(AtomicU32::new(NUMBER.fetch_add(1_000, Ordering::Relaxed) + 1));
    storage
        .write_blocking(move |repository| {
            f(&mut Unit {
                repository,
                now: at(50),
                ids: &ids,
                actor: &Actor::command_line(),
                acting: None,
                site: None,
            })
        })
        .unwrap()
}

fn tides() -> ArticleInput {
    ArticleInput {
        kind: ArticleKind::Article,
        locale: "en".into(),
        slug: None,
        title: "Tides".into(),
        dek: None,
        excerpt: None,
        cover: None,
        seo: Seo::default(),
        metadata: serde_json::Map::new(),
        sections: Vec::new(),
        faqs: Vec::new(),
        tags: vec!["sea".into()],
        authors: Vec::new(),
        translation_of: None,
    }
}

#[test]
fn a_merge_is_kept_in_the_histories_of_what_it_changed() {
    for database in stores() {
        let storage = &database.storage;
        let (sea, ocean) = (tag(7_000_001, "sea"), tag(7_000_002, "ocean"));
        let (gone, stays) = (sea.id, ocean.id);
        let article = act(storage, move |unit| {
            unit.repository.insert_tag(&sea)?;
            unit.repository.insert_tag(&ocean)?;
            let made = articles::create(unit, None, tides())?.article;
            Ok(publishing::publish(unit, made.id, &Expected::Any, None)?
                .view
                .article)
        });
        let id = article.id;
        let held = |tag, limit| storage.write_blocking(move |repo| repo.hold_tag_carriers(tag, limit));
        assert_eq!(held(gone, 10).unwrap().articles, [id]);
        assert_eq!(held(gone, 0).unwrap(), Carriers::default());
        assert_eq!(held(stays, 10).unwrap(), Carriers::default());
        act(storage, move |unit| {
            tag_merging::merge(unit, gone, &Expected::Any, &stays.to_string())
        });

        let row = RowId::from(id);
        let (notes, shown, states) =
            crate::transaction::write(&storage.pools.writing, |connection: &mut Connection| {
                let found = on_engine!(connection, |c| {
                    let notes: Vec<(i64, String)> = article_revisions::table
                        .filter(article_revisions::article_id.eq(row))
                        .order(article_revisions::revision.desc())
                        .select((article_revisions::revision, article_revisions::note))
                        .limit(1)
                        .load(c)
                        .unwrap();
                    let shown: i64 = published_articles::table
                        .find(row)
                        .select(published_articles::revision)
                        .first(c)
                        .unwrap();
                    let states: Vec<(String, Option<i64>)> = published_history::table
                        .filter(published_history::resource_id.eq_any([RowId::from(gone), row]))
                        .order((published_history::resource, published_history::since_seq))
                        .select((published_history::resource, published_history::until_seq))
                        .load(c)
                        .unwrap();
                    (notes, shown, states)
                });
                Ok(found)
            })
            .unwrap();
        let revision = i64::from(article.revision) + 1;
        let [(kept, note)] = notes.as_slice() else {
            panic!("{notes:?}")
        };
        assert_eq!(*kept, revision);
        assert_eq!(note, "tag `sea` merged into `ocean`: tags");
        assert_eq!(shown, revision, "readers see all of the working copy, as before");
        // The state of the article that is shown now is open; the tag has none any more.
        let open: Vec<_> = states.iter().filter(|(_, until)| until.is_none()).collect();
        assert_eq!(open, [&(ChangeType::Article.to_string(), None)], "{states:?}");
        let told = delivery::deliver(storage, |d| d.changes(0, 100));
        let last = &told.last().unwrap().entry;
        assert_eq!((last.op, last.reason), (ChangeOp::Delete, ChangeReason::Merged));
        assert_eq!(last.redirect_to.as_deref(), Some("ocean"));
    }
}
