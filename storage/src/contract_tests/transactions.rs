//! Transactions: all or nothing, one state, again where others were in the way.

use super::*;
use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;

use masthead_domain::error::{Error, Resource, StorageError};

fn cancelled() -> Error {
    Error::not_found(Resource::Tag, "x")
}

fn count(storage: &Storage) -> usize {
    let page = sorted(
        masthead_domain::repository::WorkingSort::Title,
        Direction::Ascending,
        100,
    );
    let page =
        storage.read_blocking(|repo| repo.tags(&masthead_domain::published::TagQuery::default(), &page));
    page.unwrap().items.len()
}

#[test]
fn what_fails_leaves_nothing() {
    for database in stores() {
        let storage = &database.storage;
        let failed: Result<(), _> = storage.write_blocking(|repo| {
            repo.insert_tag(&tag(1, "one"))?;
            Err(cancelled())
        });
        assert!(matches!(failed, Err(Error::NotFound { .. })));
        assert_eq!(count(storage), 0);
    }
}

#[test]
fn a_panic_rolls_back_and_the_store_stays_usable() {
    for database in stores() {
        let storage = &database.storage;
        for _ in 0..20 {
            let failed: Result<(), _> = storage.write_blocking(|repo| {
                repo.insert_tag(&tag(1, "one"))?;
                panic!("out of ink")
            });
            let Err(Error::Storage(StorageError::Database { source, .. })) = failed else {
                panic!("{failed:?}")
            };
            assert_eq!(source.to_string(), "out of ink");
            let read: Result<(), _> = storage.read_blocking(|_| panic!("out of paper"));
            assert!(read.is_err());
        }
        assert_eq!(count(storage), 0);
        storage
            .write_blocking(|repo| repo.insert_tag(&tag(1, "one")))
            .unwrap();
    }
}

#[test]
fn a_handle_that_reads_cannot_write() {
    for database in stores() {
        let storage = &database.storage;
        assert!(
            storage
                .read_blocking(|repo| repo.insert_tag(&tag(1, "one")))
                .is_err()
        );
        assert_eq!(count(storage), 0);
        storage
            .write_blocking(|repo| repo.insert_tag(&tag(1, "one")))
            .unwrap();
        assert!(
            storage
                .read_blocking(|repo| repo.delete_tag(tag(1, "one").id))
                .is_err()
        );
        assert_eq!(count(storage), 1);
    }
}

#[test]
fn a_reader_sees_one_state_whatever_is_written_meanwhile() {
    for database in stores() {
        let storage = &database.storage;
        storage
            .write_blocking(|repo| repo.insert_tag(&tag(1, "one")))
            .unwrap();
        storage
            .read_blocking(|repo| {
                assert!(repo.tag(tag(1, "one").id)?.is_some());
                storage.write_blocking(|repo| repo.insert_tag(&tag(2, "two")))?;
                assert!(repo.tag(tag(2, "two").id)?.is_none());
                Ok(())
            })
            .unwrap();
        assert_eq!(count(storage), 2);
    }
}

#[test]
fn an_error_that_was_swallowed_is_no_success() {
    for database in stores() {
        let storage = &database.storage;
        storage
            .write_blocking(|repo| repo.insert_tag(&tag(1, "one")))
            .unwrap();
        let outcome = storage.write_blocking(|repo| {
            drop(repo.insert_tag(&tag(1, "again")));
            repo.insert_tag(&tag(2, "two"))
                .map_err(|_| cancelled())
                .or(Ok(()))
        });
        // SQLite undoes the one statement, PostgreSQL the transaction: either way what is said is true.
        assert_eq!(count(storage), if outcome.is_ok() { 2 } else { 1 });
    }
}

#[test]
fn of_two_who_want_a_slug_the_second_is_offered_another() {
    for database in stores() {
        let storage = &database.storage;
        for round in 0..8_u128 {
            let word = format!("slug{round}");
            let together = Barrier::new(2);
            let slugs: Vec<String> = std::thread::scope(|scope| {
                let threads: Vec<_> = [1_u128, 2]
                    .into_iter()
                    .map(|n| {
                        let (together, word) = (&together, &word);
                        scope.spawn(move || {
                            together.wait();
                            storage
                                .write_blocking(|repo| {
                                    let mut new = article(round * 10 + n, word);
                                    if !repo.article_slug_holders(&new.locale, &new.slug)?.is_empty() {
                                        new.slug = new.slug.numbered(2);
                                    }
                                    // Lets the other one look as well before either writes.
                                    std::thread::sleep(Duration::from_millis(5));
                                    repo.insert_article(&new)?;
                                    Ok(new.slug.as_str().to_owned())
                                })
                                .unwrap()
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_ne!(slugs[0], slugs[1]);
        }
    }
}

#[test]
fn those_who_lock_each_other_out_are_run_again() {
    for database in stores() {
        let storage = &database.storage;
        let ids = [tag(1, "one"), tag(2, "two")];
        storage
            .write_blocking(|repo| ids.iter().try_for_each(|tag| repo.insert_tag(tag)))
            .unwrap();
        let runs = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for turned in [false, true] {
                let (ids, runs) = (&ids, &runs);
                scope.spawn(move || {
                    storage
                        .write_blocking(|repo| {
                            runs.fetch_add(1, Ordering::Relaxed);
                            let (first, second) = if turned { (1, 0) } else { (0, 1) };
                            let mut tag = repo.tag_for_update(ids[first].id)?.unwrap();
                            std::thread::sleep(Duration::from_millis(100));
                            repo.tag_for_update(ids[second].id)?;
                            tag.revision += 1;
                            repo.update_tag(&tag)
                        })
                        .unwrap();
                });
            }
        });
        let tags = storage
            .read_blocking(|repo| repo.tags_by_id(&[ids[0].id, ids[1].id]))
            .unwrap();
        assert!(tags.iter().all(|tag| tag.revision == 2));
        if storage.engine() == crate::Engine::Postgres {
            assert!(runs.load(Ordering::Relaxed) > 2, "nobody was in anybody's way");
        }
    }
}

#[test]
fn increments_of_many_writers_are_all_kept() {
    for database in stores() {
        let storage = &database.storage;
        storage
            .write_blocking(|repo| repo.insert_tag(&tag(1, "one")))
            .unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        storage
                            .write_blocking(|repo| {
                                let mut tag = repo.tag_for_update(tag(1, "one").id)?.unwrap();
                                tag.revision += 1;
                                repo.update_tag(&tag)
                            })
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(
            storage
                .read_blocking(|repo| repo.tag(tag(1, "one").id))
                .unwrap()
                .unwrap()
                .revision,
            81
        );
    }
}

#[test]
fn a_tag_stays_before_readers_while_somebody_gives_it_a_use() {
    use masthead_domain::published::Edition;
    for database in stores() {
        let storage = &database.storage;
        let sea = tag(1, "sea");
        let carrying = |number: u128| {
            let mut article = article(number, &format!("a{number}"));
            article.tags = vec![sea.id];
            article
        };
        let (old, new) = (carrying(10), carrying(11));
        let refresh = |repo: &mut dyn masthead_domain::repository::Repository| {
            for standing in repo.tags_seen(&[sea.id].into())? {
                match (standing.carried, standing.published) {
                    (true, false) => repo.put_published_tag(&sea)?,
                    (false, true) => repo.remove_published_tag(sea.id)?,
                    _ => {}
                }
            }
            std::thread::sleep(Duration::from_millis(60));
            Ok(())
        };
        storage
            .write_blocking(|repo| {
                repo.insert_tag(&sea)?;
                repo.insert_article(&old)?;
                repo.insert_article(&new)?;
                repo.put_edition(&Edition::render(&old, at(1), at(1)))?;
                refresh(repo)
            })
            .unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                storage.write_blocking(|repo| {
                    repo.put_edition(&Edition::render(&new, at(2), at(2)))?;
                    refresh(repo)
                })
            });
            scope.spawn(|| {
                storage.write_blocking(|repo| {
                    repo.remove_edition(old.id)?;
                    refresh(repo)
                })
            });
        });
        assert!(
            storage
                .read_blocking(|repo| repo.is_tag_published(sea.id))
                .unwrap()
        );
    }
}
