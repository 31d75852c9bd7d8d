//! Finished rows of lists, from the side that keeps them and the side that lists.

use super::delivery::{deliver, published};
use super::*;
use masthead_domain::change::{ChangeOp, ChangeReason, ChangeType, NewChange};
use masthead_domain::prepared::{Card, Line, NewPrepared};
use masthead_domain::published::{ArticleQuery, ArticleSort, TagFilter};

fn newest() -> PageRequest<ArticleSort> {
    PageRequest {
        sort: vec![SortKey {
            field: ArticleSort::PublishedAt,
            direction: Direction::Descending,
        }],
        limit: 20,
        cursor: None,
        count: false,
    }
}

/// The rows of a list, walked along a tag's links or through the articles themselves.
fn lines(storage: &Storage, made_by: &str, tag: Option<&str>) -> Vec<Line> {
    let query = ArticleQuery {
        tags: TagFilter {
            any: tag.map(|word| vec![slug(word)]),
            ..TagFilter::default()
        },
        ..ArticleQuery::default()
    };
    deliver(storage, |d| d.article_lines(made_by, &query, &newest())).items
}

#[test]
fn a_finished_row_is_listed_for_its_maker_until_its_article_changes() {
    for database in stores() {
        let storage = &database.storage;
        let (article, _, _) = published(storage);
        let id = article.id;
        let cache_tags = vec![format!("article:{id}"), "tag:x".to_owned()];
        let finished = NewPrepared {
            id,
            made_by: "me".to_owned(),
            stamp: "s".to_owned(),
            cache_tags: cache_tags.clone(),
            card_stamp: "c".to_owned(),
            hit: "{}".to_owned(),
            card: "{\"row\":1}".to_owned(),
            whole: "{}".to_owned(),
            seq: 0,
            at: at(12),
        };
        for tag in [None, Some("sea")] {
            assert_eq!(lines(storage, "me", tag), [Line { id, card: None }]);
        }
        storage
            .write_blocking(|repo| repo.keep_prepared(std::slice::from_ref(&finished)))
            .unwrap();
        let card = Some(Card {
            cache_tags: cache_tags.join(","),
            stamp: finished.card_stamp.clone(),
            card: finished.card.clone(),
        });
        for tag in [None, Some("sea")] {
            let line = Line {
                id,
                card: card.clone(),
            };
            assert_eq!(lines(storage, "me", tag), [line]);
            assert_eq!(lines(storage, "somebody", tag), [Line { id, card: None }]);
        }
        let change = NewChange {
            op: ChangeOp::Upsert,
            resource: ChangeType::Article,
            id: id.uuid(),
            slug: "tides".into(),
            locale: None,
            reason: ChangeReason::Published,
            redirect_to: None,
            cache_tags: vec![format!("article:{id}")],
            at: at(13),
        };
        storage
            .write_blocking(|repo| repo.append_changes(std::slice::from_ref(&change)))
            .unwrap();
        assert_eq!(lines(storage, "me", None), [Line { id, card: None }]);
        // What was made before a change is not kept after it.
        storage
            .write_blocking(|repo| repo.keep_prepared(std::slice::from_ref(&finished)))
            .unwrap();
        assert_eq!(lines(storage, "me", Some("sea")), [Line { id, card: None }]);
    }
}
