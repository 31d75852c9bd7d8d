//! Requests that are carried out once.

use super::*;
use masthead_domain::error::{Error, Resource};
use masthead_domain::once::{CarriedOut, Claim, Turn};

fn claim(key: &str) -> Claim {
    Claim::new(Credential::CommandLine, key, [7; 32])
}

fn done(answer: Option<&[u8]>) -> CarriedOut {
    CarriedOut {
        request: [7; 32],
        answer: answer.map(<[u8]>::to_vec),
    }
}

#[test]
fn what_was_carried_out_is_remembered_for_its_time() {
    for database in stores() {
        let storage = &database.storage;
        let keep = |key: &'static str, answer: Option<&'static [u8]>, second| {
            storage
                .write_blocking(move |repo| {
                    assert_eq!(repo.take_turn(&claim(key), at(0))?, Turn::Free);
                    repo.keep_answer(&claim(key), answer, at(second))
                })
                .unwrap();
        };
        let found = |key: &'static str, forgotten| {
            storage
                .read_blocking(move |repo| repo.carried_out(&claim(key), at(forgotten)))
                .unwrap()
        };
        keep("a", Some(b"\0\xffanswer"), 100);
        keep("b", None, 200);
        assert_eq!(found("a", 99), Some(done(Some(b"\0\xffanswer"))));
        assert_eq!(found("a", 100), None);
        assert_eq!(found("b", 99), Some(done(None)));
        assert_eq!(found("c", 99), None);
        let turn = |forgotten| {
            storage
                .write_blocking(move |repo| repo.take_turn(&claim("a"), at(forgotten)))
                .unwrap()
        };
        assert_eq!(turn(99), Turn::Done);
        // What is forgotten and not dropped yet makes room.
        assert_eq!(turn(100), Turn::Free);
        storage
            .write_blocking(|repo| repo.keep_answer(&claim("a"), Some(b"anew"), at(300)))
            .unwrap();
        assert_eq!(found("a", 250), Some(done(Some(b"anew"))));
    }
}

#[test]
fn what_was_rolled_back_was_never_carried_out() {
    for database in stores() {
        let storage = &database.storage;
        let refused = storage.write_blocking(|repo| -> masthead_domain::Result<()> {
            repo.take_turn(&claim("a"), at(0))?;
            repo.keep_answer(&claim("a"), None, at(1))?;
            Err(Error::not_found(Resource::Tag, "x"))
        });
        assert!(refused.is_err());
        let turn = storage.write_blocking(|repo| repo.take_turn(&claim("a"), at(0)));
        assert_eq!(turn.unwrap(), Turn::Free);
    }
}

#[test]
fn a_turn_is_one_transactions_until_it_ends() {
    for database in stores() {
        let storage = &database.storage;
        let is_postgres = matches!(database.place, Place::Server(..));
        let (taken, wait) = std::sync::mpsc::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let released = std::sync::Mutex::new(released);
            let first = scope.spawn(move || {
                storage.write_blocking(|repo| {
                    assert_eq!(repo.take_turn(&claim("a"), at(0))?, Turn::Free);
                    let _ = taken.send(());
                    let _ = released.lock().unwrap().recv();
                    repo.keep_answer(&claim("a"), None, at(1))
                })
            });
            wait.recv().unwrap();
            // SQLite has one writer, so nobody else can even ask.
            if is_postgres {
                let other = storage.write_blocking(|repo| repo.take_turn(&claim("a"), at(0)));
                assert_eq!(other.unwrap(), Turn::Running);
                let another = storage.write_blocking(|repo| repo.take_turn(&claim("b"), at(0)));
                assert_eq!(another.unwrap(), Turn::Free);
            }
            release.send(()).unwrap();
            first.join().unwrap().unwrap();
        });
        let turn = storage.write_blocking(|repo| repo.take_turn(&claim("a"), at(0)));
        assert_eq!(turn.unwrap(), Turn::Done);
    }
}

#[test]
fn old_answers_are_dropped_a_few_at_a_time() {
    for database in stores() {
        let storage = &database.storage;
        storage
            .write_blocking(|repo| {
                for number in 0..10 {
                    repo.keep_answer(&claim(&format!("{number}")), Some(b"x"), at(number))?;
                }
                Ok(())
            })
            .unwrap();
        let forget = || {
            storage
                .write_blocking(|repo| repo.forget_carried_out(at(7), 5))
                .unwrap()
        };
        assert_eq!([forget(), forget(), forget()], [5, 3, 0]);
        let found = |key: &'static str| {
            storage
                .read_blocking(move |repo| repo.carried_out(&claim(key), at(0)))
                .unwrap()
        };
        assert_eq!((found("7"), found("8")), (None, Some(done(Some(b"x")))));
    }
}
