//! Finished rows of lists, from the side that keeps them and the side that lists.

use super::delivery::{deliver, published};
use super::*;
use masthead_domain::change::{ChangeOp, ChangeReason, ChangeType, NewChange};
use masthead_domain::prepared::{Card, Line, NewPrepared};
use masthead_domain::published::{ArticleQuery, ArticleSort, Edition, TagFilter};

/// A finished answer about an article, by `me`.
fn finished(id: ArticleId) -> NewPrepared {
    NewPrepared {
        id,
        made_by: "me".to_owned(),
        stamp: "s".to_owned(),
        cache_tags: vec![format!("article:{id}"), "tag:x".to_owned()],
        card_stamp: "c".to_owned(),
        hit: "{}".to_owned(),
        card: "{\"row\":1}".to_owned(),
        whole: "{}".to_owned(),
        seq: 0,
        at: at(12),
    }
}

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
        let finished = finished(id);
        for tag in [None, Some("sea")] {
            assert_eq!(lines(storage, "me", tag), [Line { id, card: None }]);
        }
        storage
            .write_blocking(|repo| repo.keep_prepared(std::slice::from_ref(&finished)))
            .unwrap();
        let card = Some(Card {
            cache_tags: finished.cache_tags.join(","),
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

#[test]
fn a_walk_meets_every_article_once_and_tells_the_unfinished_ones() {
    for database in stores() {
        let storage = &database.storage;
        let articles: Vec<_> = (1..=7).map(|n| article(n, &format!("tide{n}"))).collect();
        storage
            .write_blocking(|repo| {
                for article in &articles {
                    repo.insert_article(article)?;
                    repo.put_edition(&Edition::render(article, at(10), at(5)))?;
                }
                // One by somebody else, who makes other answers.
                let mine = [2, 5].map(|n: usize| finished(articles[n].id));
                let theirs = NewPrepared {
                    made_by: "somebody".to_owned(),
                    ..finished(articles[0].id)
                };
                repo.keep_prepared(&[mine.as_slice(), &[theirs]].concat())
            })
            .unwrap();
        let (mut met, mut before, mut steps) = (Vec::new(), None, 0);
        loop {
            let stretch = deliver(storage, |d| d.unfinished("me", before, 2));
            met.extend(stretch.ids);
            before = stretch.last;
            if before.is_none() {
                break;
            }
            steps += 1;
        }
        let mut expected: Vec<_> = [0, 1, 3, 4, 6].map(|n: usize| articles[n].id).to_vec();
        expected.sort_unstable();
        expected.reverse();
        assert_eq!(met, expected);
        assert_eq!(steps, 4);
    }
}

#[test]
fn what_another_node_has_finished_is_not_written_again() {
    for database in stores() {
        let storage = &database.storage;
        let (article, _, _) = published(storage);
        let keep = |answer: &NewPrepared| {
            storage
                .write_blocking(|repo| repo.keep_prepared(std::slice::from_ref(answer)))
                .unwrap();
        };
        let first = finished(article.id);
        keep(&first);
        let second = NewPrepared {
            card: "{\"row\":2}".to_owned(),
            ..first.clone()
        };
        keep(&second);
        let shown = |made_by| lines(storage, made_by, None).remove(0).card.map(|card| card.card);
        assert_eq!(shown("me"), Some(first.card));
        // Whoever makes other answers has them kept instead.
        keep(&NewPrepared {
            made_by: "somebody".to_owned(),
            ..second.clone()
        });
        assert_eq!(shown("me"), None);
        assert_eq!(shown("somebody"), Some(second.card));
    }
}

#[test]
fn two_nodes_that_finish_the_same_do_not_lock_each_other_out() {
    for database in stores() {
        let storage = &database.storage;
        let articles: Vec<_> = (1..=30).map(|n| article(n, &format!("tide{n}"))).collect();
        storage
            .write_blocking(|repo| {
                for article in &articles {
                    repo.insert_article(article)?;
                    repo.put_edition(&Edition::render(article, at(10), at(5)))?;
                }
                Ok(())
            })
            .unwrap();
        let runs = AtomicU32::new(0);
        for round in 0..5 {
            let together = std::sync::Barrier::new(2);
            std::thread::scope(|scope| {
                for node in 0..2 {
                    let (articles, runs, together) = (&articles, &runs, &together);
                    scope.spawn(move || {
                        let mut answers: Vec<_> = articles
                            .iter()
                            .map(|article| NewPrepared {
                                made_by: format!("node {node} in {round}"),
                                whole: "x".repeat(20_000),
                                ..finished(article.id)
                            })
                            .collect();
                        if node == 1 {
                            answers.reverse();
                        }
                        together.wait();
                        let kept = storage.write_blocking(|repo| {
                            runs.fetch_add(1, Ordering::Relaxed);
                            repo.keep_prepared(&answers)
                        });
                        kept.unwrap();
                    });
                }
            });
        }
        // Whoever had been locked out would have run again.
        assert_eq!(runs.load(Ordering::Relaxed), 10);
    }
}
