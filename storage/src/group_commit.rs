//! Group commit: on SQLite, those who wait for the writer join the transaction that is open.
//!
//! One writes at a time there, and each commit waits until the disk has it. Many who write at once would wait for the
//! disk one after another; together they wait once. Each use case that joins runs behind a savepoint, so one that is
//! refused takes back what it did and nothing else, and nobody is answered before the commit. Whoever had bad luck
//! only because of the others, as when the commit of all of them fails, is run again alone.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use masthead_domain::error::StorageError;
use masthead_domain::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::connection::Connection;
use crate::error::Retryable;
use crate::pool::{Gate, Pools};
use crate::transaction::{self, Kind, Transaction};

/// Use cases that share a commit at most: the first is not to wait for any number of others.
const TOGETHER: usize = 16;

/// A use case that waits to be run, whatever it answers.
trait Work: Send {
    /// Runs it on an open transaction and keeps its answer; whether it may be committed.
    fn run(&mut self, connection: &mut Connection) -> bool;
    /// Hands its answer out; or itself, where it is to be run again.
    fn told(self: Box<Self>, pools: &Pools) -> Option<Box<dyn Work>>;
    /// Runs it in a transaction of its own, again where that helps, and hands its answer out.
    fn alone(self: Box<Self>, pools: &Pools);
    /// Hands out why it could not be run.
    fn refused(self: Box<Self>, error: Error);
}

/// A use case, what it came to, and who wants to know.
struct UseCase<T, F> {
    f: F,
    outcome: Option<Result<T>>,
    appended: Option<i64>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> Work for UseCase<T, F>
where
    T: Send + 'static,
    F: Fn(&mut Transaction<'_>) -> Result<T> + Send + 'static,
{
    fn run(&mut self, connection: &mut Connection) -> bool {
        let mut transaction = Transaction::new(connection);
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.f)(&mut transaction)));
        let outcome = outcome.unwrap_or_else(|panic| Err(transaction::panicked(panic.as_ref())));
        self.appended = transaction.appended.filter(|_| outcome.is_ok());
        self.outcome.insert(outcome).is_ok()
    }

    fn told(mut self: Box<Self>, pools: &Pools) -> Option<Box<dyn Work>> {
        match self.outcome.take() {
            Some(Err(error)) if Retryable::of(&error).is_none() => self.refused(error),
            Some(Ok(value)) => {
                pools.note_written(self.appended);
                self.answer_with(Ok(value));
            }
            _ => return Some(self),
        }
        None
    }

    fn alone(self: Box<Self>, pools: &Pools) {
        let outcome = write(pools, &self.f);
        self.answer_with(outcome);
    }

    fn refused(self: Box<Self>, error: Error) {
        self.answer_with(Err(error));
    }
}

impl<T, F> UseCase<T, F> {
    fn answer_with(self, outcome: Result<T>) {
        // What it holds on to is free before anybody hears that it is done.
        drop(self.f);
        // Whoever asked may have gone; what is written stays written.
        drop(self.answer.send(outcome));
    }
}

/// A use case in the queue, until somebody takes it.
type Place = Arc<Mutex<Option<Box<dyn Work>>>>;

fn take(place: &Place) -> Option<Box<dyn Work>> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Takes the use case out of the queue with whoever waits for it: nobody would hear of it.
struct Queued(Place);

impl Drop for Queued {
    fn drop(&mut self) {
        drop(take(&self.0));
    }
}

/// Those who wait for the writer, first come first served.
#[derive(Default)]
pub(crate) struct Queue {
    places: Mutex<VecDeque<Place>>,
}

impl Queue {
    fn join(&self, work: Box<dyn Work>) -> Queued {
        let place = Arc::new(Mutex::new(Some(work)));
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.push_back(Arc::clone(&place));
        Queued(place)
    }

    /// The one who has waited longest. Places that were left are cleared away on the way.
    fn next(&self) -> Option<Box<dyn Work>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(place) = places.pop_front() {
            if let Some(work) = take(&place) {
                return Some(work);
            }
        }
        None
    }
}

/// Runs a use case in a transaction, its own or that of somebody before it.
pub(crate) async fn write_together<T, F>(
    pools: &Arc<Pools>,
    gate: &Gate,
    queue: &Arc<Queue>,
    f: F,
) -> Result<T>
where
    T: Send + 'static,
    F: Fn(&mut Transaction<'_>) -> Result<T> + Send + 'static,
{
    let (answer, mut answered) = oneshot::channel();
    let work = Box::new(UseCase {
        f,
        outcome: None,
        appended: None,
        answer,
    });
    if let Some(place) = gate.try_enter() {
        begin(pools, queue, work, place);
    } else {
        let queued = queue.join(work);
        tokio::select! {
            biased;
            told = &mut answered => return told.unwrap_or_else(|_| Err(lost())),
            place = gate.wait() => match (take(&queued.0), place) {
                (Some(work), Ok(place)) => begin(pools, queue, work, place),
                (Some(_), Err(refused)) => return Err(refused),
                // Somebody is just running it.
                (None, _) => {}
            },
        }
    }
    answered.await.unwrap_or_else(|_| Err(lost()))
}

fn begin(pools: &Arc<Pools>, queue: &Arc<Queue>, work: Box<dyn Work>, place: OwnedSemaphorePermit) {
    let (pools, queue) = (Arc::clone(pools), Arc::clone(queue));
    // The place in the queue goes with the work and not with whoever waits for it.
    tokio::task::spawn_blocking(move || {
        lead(&pools, &queue, work);
        drop(place);
    });
}

/// Runs a use case and those who wait behind it, commits, and tells all of them.
fn lead(pools: &Pools, queue: &Queue, first: Box<dyn Work>) {
    let mut loan = match transaction::begun(&pools.writing, Kind::Write) {
        Ok(loan) => loan,
        Err(error) => return first.refused(error),
    };
    let link = loan.link();
    let mut group = Group {
        members: Vec::new(),
        is_whole: true,
    };
    if group.begin(&mut link.connection, first) {
        while group.is_whole && group.members.len() < TOGETHER {
            let Some(work) = queue.next() else { break };
            group.join(&mut link.connection, work);
        }
        group.is_whole = group.is_whole && transaction::commit(&mut link.connection, Kind::Write).is_ok();
    } else {
        // It was all there is in the transaction, so what it is told does not hang on a commit.
        transaction::roll_back(link);
        drop(loan);
        return group.tell(pools);
    }
    if !group.is_whole {
        // A savepoint may be left open; closed, the connection takes everything back.
        link.discard();
    }
    // Whoever is run again needs the connection.
    drop(loan);
    group.tell(pools);
}

/// The use cases of one transaction.
struct Group {
    members: Vec<Box<dyn Work>>,
    /// What those who may be committed did is in the transaction, and nothing else.
    is_whole: bool,
}

impl Group {
    /// Runs the first, which needs no savepoint; whether it may be committed.
    fn begin(&mut self, connection: &mut Connection, mut work: Box<dyn Work>) -> bool {
        let may_stay = work.run(connection);
        self.members.push(work);
        may_stay
    }

    /// Runs another one, behind a savepoint.
    fn join(&mut self, connection: &mut Connection, mut work: Box<dyn Work>) {
        self.is_whole = is_open(connection) && saved(connection, |connection| work.run(connection));
        self.members.push(work);
    }

    /// Tells all of them; those who are to be run again are, one after another.
    fn tell(self, pools: &Pools) {
        let again: Vec<_> = if self.is_whole {
            self.members
                .into_iter()
                .filter_map(|work| work.told(pools))
                .collect()
        } else {
            self.members
        };
        for work in again {
            work.alone(pools);
        }
    }
}

/// Runs something behind a savepoint, and takes it back where it is not to stay; whether that worked.
fn saved(connection: &mut Connection, work: impl FnOnce(&mut Connection) -> bool) -> bool {
    let begun = match connection {
        Connection::Sqlite(c) => AnsiTransactionManager::begin_transaction(c),
        Connection::Postgres(_) => return false,
    };
    if begun.is_err() {
        return false;
    }
    let may_stay = work(connection);
    let ended = match connection {
        Connection::Sqlite(c) if may_stay => AnsiTransactionManager::commit_transaction(c),
        Connection::Sqlite(c) => AnsiTransactionManager::rollback_transaction(c),
        Connection::Postgres(_) => return false,
    };
    ended.is_ok()
}

/// Whether the transaction is still there. SQLite rolls it back by itself when the disk is full; a savepoint would then
/// begin one of its own and commit it when it is released.
fn is_open(connection: &mut Connection) -> bool {
    match connection {
        // Nothing begins inside a transaction.
        Connection::Sqlite(c) => c.batch_execute("begin").is_err(),
        Connection::Postgres(_) => false,
    }
}

/// Runs a use case that writes, and notes how far the change log has come by it.
pub(crate) fn write<T>(pools: &Pools, f: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
    let appended = Cell::new(None);
    let value = transaction::write(&pools.writing, |connection| {
        let mut transaction = Transaction::new(connection);
        let value = f(&mut transaction)?;
        appended.set(transaction.appended);
        Ok(value)
    })?;
    pools.note_written(appended.get());
    Ok(value)
}

fn lost() -> Error {
    StorageError::Database {
        context: "a transaction was not finished".to_owned(),
        source: "the thread that ran it has ended".into(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use diesel::sql_query;
    use diesel::{QueryableByName, RunQueryDsl as _};

    use super::*;
    use crate::error::{Failure, during};
    use crate::{Storage, StorageOptions};

    /// A store on SQLite, with a runtime of one worker.
    struct Store {
        _directory: tempfile::TempDir,
        wal: std::path::PathBuf,
        storage: Storage,
    }

    fn store() -> Store {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("masthead.db");
        let storage = Storage::open(&StorageOptions::new(format!("sqlite://{}", file.display()))).unwrap();
        let tables = "create table parents (id integer primary key); \
             create table children (id integer primary key references parents (id) deferrable initially deferred)";
        transaction::write(&storage.pools.writing, |connection| {
            run(connection, &[tables]).map_err(during("making tables"))
        })
        .unwrap();
        Store {
            wal: file.with_extension("db-wal"),
            _directory: directory,
            storage,
        }
    }

    fn run(connection: &mut Connection, statements: &[&str]) -> std::result::Result<(), Failure> {
        let Connection::Sqlite(c) = connection else {
            unreachable!("these tests are on SQLite")
        };
        for statement in statements {
            c.batch_execute(statement)?;
        }
        Ok(())
    }

    impl Store {
        async fn write(
            &self,
            work: impl Fn(&mut Transaction<'_>) -> Result<u32> + Send + 'static,
        ) -> Result<u32> {
            let pools = &self.storage.pools;
            let writers = pools.writers.as_ref().unwrap();
            write_together(pools, &writers.gate, &writers.queue, work).await
        }

        /// Has these run behind one that takes its time, so that all of them wait when it is done.
        async fn together(&self, cases: Vec<Case>) -> Vec<Result<u32>> {
            let slow = self.write(|_| {
                std::thread::sleep(Duration::from_millis(200));
                Ok(0)
            });
            let all = cases.into_iter().map(|case| async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                self.write(case).await
            });
            let (slow, all) = tokio::join!(slow, futures_util::future::join_all(all));
            assert_eq!(slow.unwrap(), 0);
            all
        }

        fn parents(&self) -> Vec<i32> {
            #[derive(QueryableByName)]
            struct Row {
                #[diesel(sql_type = diesel::sql_types::Integer)]
                id: i32,
            }
            transaction::read(&self.storage.pools.reading, |connection| {
                let Connection::Sqlite(c) = connection else {
                    unreachable!("these tests are on SQLite")
                };
                let rows: std::result::Result<Vec<Row>, _> =
                    sql_query("select id from parents order by id").load(c);
                rows.map_err(|error| during("reading parents")(error.into()))
            })
            .unwrap()
            .into_iter()
            .map(|row| row.id)
            .collect()
        }

        /// How often the log was brought to a state that readers may see: frames that say how long the file then is.
        fn commits(&self) -> usize {
            const HEADER: usize = 32;
            const FRAME: usize = 24 + 4096;
            let log = std::fs::read(&self.wal).unwrap();
            log[HEADER..]
                .chunks_exact(FRAME)
                .filter(|frame| frame[4..8] != [0; 4])
                .count()
        }
    }

    type Case = Box<dyn Fn(&mut Transaction<'_>) -> Result<u32> + Send>;

    fn case(statement: &'static str) -> Case {
        Box::new(move |transaction| {
            run(transaction.connection, &[statement]).map_err(during("writing"))?;
            Ok(1)
        })
    }

    fn refused() -> Error {
        crate::error::unavailable("not today")
    }

    fn alone<F: Future>(future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn those_who_wait_share_one_commit_and_keep_apart() {
        let store = store();
        let before = store.commits();
        let outcomes = alone(store.together(vec![
            case("insert into parents values (1)"),
            Box::new(|transaction| {
                run(transaction.connection, &["insert into parents values (2)"])
                    .map_err(during("writing"))?;
                Err(refused())
            }),
            case("insert into parents values (1), (3)"),
            Box::new(|transaction| {
                run(transaction.connection, &["insert into parents values (4)"])
                    .map_err(during("writing"))?;
                panic!("out of ink")
            }),
            case("insert into parents values (5)"),
        ]));
        let went_well: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(went_well, [true, false, false, false, true], "{outcomes:?}");
        assert!(outcomes[3].as_ref().unwrap_err().to_string().contains("panicked"));
        assert_eq!(store.parents(), [1, 5]);
        assert_eq!(store.commits() - before, 1);
    }

    #[test]
    fn whoever_breaks_the_commit_of_all_breaks_only_their_own() {
        let store = store();
        let outcomes = alone(store.together(vec![
            case("insert into parents values (1)"),
            case("insert into children values (7)"),
            case("insert into parents values (2)"),
        ]));
        let went_well: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(went_well, [true, false, true], "{outcomes:?}");
        assert_eq!(store.parents(), [1, 2]);
    }

    #[test]
    fn a_transaction_that_the_engine_rolled_back_is_noticed() {
        let store = store();
        let outcomes = alone(store.together(vec![
            case("insert into parents values (1)"),
            // As after a full disk, of which the use case says nothing.
            Box::new(|transaction| {
                let gone = run(
                    transaction.connection,
                    &["insert into parents values (2)", "rollback"],
                );
                gone.map_err(during("writing"))?;
                Ok(1)
            }),
            case("insert into parents values (3)"),
            case("insert into parents values (4)"),
        ]));
        let went_well: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(went_well, [true, false, true, true], "{outcomes:?}");
        assert_eq!(store.parents(), [1, 3, 4]);
    }

    #[test]
    fn whoever_goes_before_their_turn_leaves_nothing() {
        let store = store();
        alone(async {
            let slow = store.write(|_| {
                std::thread::sleep(Duration::from_millis(300));
                Ok(0)
            });
            let impatient = async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let waiting = store.write(case("insert into parents values (1)"));
                tokio::time::timeout(Duration::from_millis(100), waiting).await
            };
            let (slow, impatient) = tokio::join!(slow, impatient);
            assert_eq!(slow.unwrap(), 0);
            assert!(impatient.is_err());
            store.write(case("insert into parents values (2)")).await.unwrap();
        });
        assert_eq!(store.parents(), [2]);
    }

    #[test]
    fn what_a_use_case_holds_is_free_when_it_is_answered() {
        let store = store();
        alone(async {
            for _ in 0..500 {
                let held = Arc::new(());
                let mine = Arc::clone(&held);
                let outcome = store.write(move |_| {
                    if Arc::strong_count(&mine) == 2 {
                        Ok(1)
                    } else {
                        Ok(2)
                    }
                });
                assert_eq!(outcome.await.unwrap(), 1);
                assert_eq!(Arc::strong_count(&held), 1);
            }
        });
    }

    #[test]
    fn many_writers_are_all_answered_once() {
        let store = store();
        let runs = Arc::new(AtomicU32::new(0));
        let outcomes = alone(futures_util::future::join_all((0..200).map(|id| {
            let runs = Arc::clone(&runs);
            let statement = format!("insert into parents values ({id})");
            store.write(move |transaction| {
                runs.fetch_add(1, Ordering::Relaxed);
                run(transaction.connection, &[&statement]).map_err(during("writing"))?;
                if id % 7 == 0 { Err(refused()) } else { Ok(id) }
            })
        })));
        for (id, outcome) in (0..).zip(&outcomes) {
            assert_eq!(outcome.as_ref().ok().copied(), (id % 7 != 0).then_some(id));
        }
        assert_eq!(
            store.parents().len(),
            outcomes.iter().filter(|outcome| outcome.is_ok()).count()
        );
        assert_eq!(runs.load(Ordering::Relaxed), 200);
    }
}
