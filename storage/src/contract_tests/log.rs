//! The change log.

use super::*;
use crate::delivery::schema::changes;
use diesel::prelude::*;
use masthead_domain::change::{ChangeOp, ChangeReason, ChangeType, NewChange};
use masthead_domain::error::Error;

fn entry(number: u128) -> NewChange {
    NewChange {
        op: ChangeOp::Upsert,
        resource: ChangeType::Article,
        id: uuid(number),
        slug: "tides".into(),
        locale: number.is_multiple_of(2).then(|| "en".into()),
        reason: ChangeReason::Published,
        redirect_to: None,
        cache_tags: vec![format!("article:{number}")],
        at: at(i64::try_from(number).unwrap()),
    }
}

fn numbers(storage: &Storage) -> Vec<i64> {
    crate::transaction::read(&storage.pools.reading, |connection| {
        Ok(on_engine!(connection, |c| changes::table
            .order(changes::seq)
            .select(changes::seq)
            .load(c))
        .unwrap())
    })
    .unwrap()
}

#[test]
fn numbers_have_no_gap_when_some_writers_roll_back() {
    for database in stores() {
        let storage = &database.storage;
        std::thread::scope(|scope| {
            for thread in 0..6_u128 {
                scope.spawn(move || {
                    for round in 0..15_u128 {
                        let number = thread * 100 + round + 1;
                        let rolls_back = round % 3 == 2;
                        let outcome = storage.write_blocking(|repo| {
                            repo.append_changes(&[entry(number), entry(number)])?;
                            if rolls_back {
                                return Err(Error::not_found(masthead_domain::error::Resource::Tag, number));
                            }
                            Ok(())
                        });
                        assert_eq!(outcome.is_err(), rolls_back, "{outcome:?}");
                    }
                });
            }
        });
        assert_eq!(numbers(storage), (1..=6 * 10 * 2).collect::<Vec<i64>>());
    }
}

#[test]
fn the_head_is_the_newest_entry() {
    for database in stores() {
        let storage = &database.storage;
        let head = || {
            crate::transaction::read(&storage.pools.reading, |c| {
                use masthead_domain::repository::Delivery;
                crate::delivery::Window { connection: c }.head()
            })
        };
        assert_eq!(head().unwrap(), None);
        storage.write_blocking(|repo| repo.append_changes(&[])).unwrap();
        assert_eq!(head().unwrap(), None);
        storage
            .write_blocking(|repo| repo.append_changes(&[entry(3), entry(4)]))
            .unwrap();
        assert_eq!(head().unwrap(), Some((2, at(4))));
        let many: Vec<_> = (0..5_000).map(entry).collect();
        storage.write_blocking(|repo| repo.append_changes(&many)).unwrap();
        assert_eq!(head().unwrap(), Some((5_002, at(4_999))));
    }
}
