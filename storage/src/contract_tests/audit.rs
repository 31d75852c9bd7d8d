//! The audit log: appended to in the order of commits, and changed by nobody unseen.

use super::*;
use masthead_domain::audit::{AuditHash, AuditResource, Deed, Fault, NewAuditEntry, Touched};
use masthead_domain::error::{Error, Resource};
use masthead_domain::repository::{AuditFilter, Repository};
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::auditing::{self, Verdict};

fn entry(number: u128) -> NewAuditEntry {
    NewAuditEntry {
        id: uuid(number),
        at: at(i64::try_from(number).unwrap()),
        deed: Deed {
            action: "update_tag".into(),
            actor: Credential::CommandLine,
            session: number
                .is_multiple_of(2)
                .then(|| masthead_domain::id::SessionId::from_uuid(uuid(7))),
            request_id: number.is_multiple_of(3).then(|| "request".into()),
        },
        touched: Touched::new(AuditResource::Tag, uuid(number), Some(1), None),
    }
}

struct NoIds;

impl masthead_domain::id::Ids for NoIds {
    fn next(&self) -> Uuid {
        Uuid::nil()
    }
}

fn verify(storage: &Storage) -> Verdict {
    let verdict = storage.read_blocking(|repository: &mut dyn Repository| {
        let mut unit = Unit {
            repository,
            now: at(0),
            ids: &NoIds,
            actor: &Actor::command_line(),
            acting: None,
            site: None,
        };
        auditing::verify(&mut unit, |_, _| ())
    });
    verdict.unwrap()
}

/// Says something to the database that the store never would.
fn tamper(database: &Database, sql: &str) -> Result<(), diesel::result::Error> {
    let answer = std::cell::RefCell::new(Ok(()));
    // Where the database refused, PostgreSQL commits nothing either.
    let _ = crate::transaction::write(&database.storage.pools.writing, |connection| {
        *answer.borrow_mut() = on_engine!(connection, |c| c.batch_execute(sql));
        Ok(())
    });
    answer.into_inner()
}

/// Whoever holds the database can take its guard away.
fn unguarded(database: &Database, sql: &str) {
    let off = match database.place {
        Place::Directory(_) => {
            "drop trigger audit_entries_not_changed; drop trigger audit_entries_not_deleted; \
             drop trigger audit_head_kept;"
        }
        Place::Server(..) => {
            "drop trigger audit_entries_append_only on audit_entries; \
             drop trigger audit_head_kept on audit_head;"
        }
    };
    tamper(database, &format!("{off} {sql}")).unwrap();
}

fn filled() -> Vec<Database> {
    let all: Vec<_> = stores().collect();
    for database in &all {
        let many = (1..=1_200).map(entry).collect::<Vec<_>>();
        database
            .storage
            .write_blocking(|repo| repo.append_audit(many.clone()))
            .unwrap();
    }
    all
}

#[test]
fn what_is_written_is_read_back_and_has_no_fault() {
    for database in filled() {
        let verdict = verify(&database.storage);
        assert_eq!((verdict.entries, verdict.head.seq), (1_200, 1_200));
        assert_eq!(verdict.faults, []);
        let read = database
            .storage
            .read_blocking(|repo| repo.audit_after(&AuditFilter::default(), 1_197, 2))
            .unwrap();
        let read: Vec<_> = read.into_iter().map(|it| it.entry).collect();
        assert_eq!(read, [entry(1_198), entry(1_199)]);
    }
}

#[test]
fn the_chain_has_no_gap_when_writers_meet_and_some_roll_back() {
    for database in stores() {
        let storage = &database.storage;
        std::thread::scope(|scope| {
            for thread in 0..6_u128 {
                scope.spawn(move || {
                    for round in 0..15_u128 {
                        let number = thread * 100 + round + 1;
                        let rolls_back = round % 3 == 2;
                        let outcome = storage.write_blocking(|repo| {
                            repo.append_audit(vec![entry(number), entry(number + 50)])?;
                            if rolls_back {
                                return Err(Error::not_found(Resource::Tag, number));
                            }
                            Ok(())
                        });
                        assert_eq!(outcome.is_err(), rolls_back, "{outcome:?}");
                    }
                });
            }
        });
        let verdict = verify(storage);
        assert_eq!((verdict.entries, verdict.faults), (6 * 10 * 2, Vec::new()));
    }
}

#[test]
fn the_store_refuses_to_change_or_drop_an_entry() {
    for database in filled() {
        let mut tries = vec![
            "update audit_entries set action = 'nothing' where seq = 5",
            "delete from audit_entries where seq = 5",
            "delete from audit_entries",
            "delete from audit_head",
        ];
        if matches!(database.place, Place::Server(..)) {
            tries.push("truncate audit_entries");
        }
        for sql in tries {
            let refused = tamper(&database, sql).unwrap_err();
            assert!(refused.to_string().contains("only ever appended to"), "{refused}");
        }
        assert_eq!(verify(&database.storage).faults, []);
    }
}

#[test]
fn whatever_is_changed_behind_its_back_shows() {
    let missing = |from, to| Fault::Missing { from, to };
    let changed = |seq| Fault::Changed { seq };
    for (sql, expected) in [
        (
            "update audit_entries set action = 'nothing' where seq = 700",
            vec![changed(700)],
        ),
        (
            "update audit_entries set actor = 'scheduler' where seq = 1",
            vec![changed(1)],
        ),
        (
            "update audit_entries set revision_after = 9 where seq = 1200",
            vec![changed(1_200)],
        ),
        (
            "delete from audit_entries where seq in (5, 6)",
            vec![missing(5, 6)],
        ),
        (
            "delete from audit_entries where seq > 1190",
            vec![missing(1_191, 1_200)],
        ),
        ("delete from audit_entries", vec![missing(1, 1_200)]),
        (
            "delete from audit_entries where seq > 1190; update audit_head set seq = 1190",
            vec![changed(1_190)],
        ),
    ] {
        for database in filled() {
            unguarded(&database, sql);
            assert_eq!(verify(&database.storage).faults, expected, "{sql}");
        }
    }
}

#[test]
fn a_transaction_knows_what_it_changed() {
    for database in stores() {
        let tag = tag(1, "sea");
        let touched = database.storage.write_blocking(|repo| {
            repo.insert_tag(&tag)?;
            let made = repo.take_touched();
            repo.delete_tag(tag.id)?;
            Ok((made, repo.take_touched()))
        });
        let of = |before, after| vec![Touched::new(AuditResource::Tag, tag.id, before, after)];
        assert_eq!(
            touched.unwrap(),
            (of(None, Some(tag.revision)), of(Some(tag.revision), None))
        );
        assert_eq!(AuditHash::default().to_string(), "0".repeat(64));
    }
}
