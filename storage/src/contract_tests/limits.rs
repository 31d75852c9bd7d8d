//! How often things were done.

use super::*;
use masthead_domain::limit::{LimitKey, Rule};

const RULE: Rule = Rule {
    name: "test",
    quota: 20,
    window: 60,
};

#[test]
fn many_at_once_are_as_many_as_may_be() {
    for database in stores() {
        let storage = &database.storage;
        let key = LimitKey::new(RULE, &["somebody"]);
        let allowed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| {
                        (0..8)
                            .filter(|_| {
                                let spent = storage.write_blocking(|repo| repo.spend(&key, RULE, at(0)));
                                spent.unwrap().allowed
                            })
                            .count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(allowed, 20);
        let spend = |second| {
            storage
                .write_blocking(|repo| repo.spend(&key, RULE, at(second)))
                .unwrap()
        };
        assert_eq!(spend(0).retry_after, 3);
        storage.write_blocking(|repo| repo.refund(&key, RULE)).unwrap();
        assert!(spend(0).allowed && !spend(0).allowed);
        storage.write_blocking(|repo| repo.forgive(&key)).unwrap();
        assert_eq!(spend(0).remaining, 19);
    }
}

#[test]
fn what_is_paid_for_is_dropped() {
    for database in stores() {
        let storage = &database.storage;
        let keys: Vec<_> = (0..5)
            .map(|n: u8| LimitKey::new(RULE, &[&n.to_string()]))
            .collect();
        for (second, key) in (0_i64..).zip(&keys) {
            storage
                .write_blocking(|repo| repo.spend(key, RULE, at(second * 10)))
                .unwrap();
        }
        let forget = |second, limit| {
            storage
                .write_blocking(|repo| repo.forget_limits(at(second), limit))
                .unwrap()
        };
        assert_eq!(forget(13, 10), 2);
        assert_eq!(forget(100, 2), 2);
        assert_eq!(forget(100, 10), 1);
        assert_eq!(forget(100, 10), 0);
    }
}
