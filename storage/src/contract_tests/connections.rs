//! Connections: async callers, queues, and a database that goes away and comes back.

use super::*;
use diesel::{QueryableByName, RunQueryDsl};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use masthead_domain::error::{Error, StorageError};

/// A runtime as each worker of the server has one.
fn worker<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn is_unavailable<T>(outcome: &masthead_domain::Result<T>) -> bool {
    matches!(outcome, Err(Error::Storage(StorageError::Unavailable(_))))
}

#[test]
fn a_worker_reads_and_writes_and_drops_the_last_handle() {
    for database in stores() {
        let url = database.url.clone();
        worker(async move {
            let storage = open(&url);
            storage.ping().await.unwrap();
            storage
                .write(|repo| repo.insert_tag(&tag(1, "one")))
                .await
                .unwrap();
            assert!(
                storage
                    .read(|repo| repo.tag(tag(1, "one").id))
                    .await
                    .unwrap()
                    .is_some()
            );
            assert_eq!(storage.deliver(|d| d.head()).await.unwrap(), None);
            let failed: masthead_domain::Result<()> = storage.write(|_| panic!("out of ink")).await;
            assert!(failed.is_err());
            drop(storage);
        });
    }
}

#[test]
fn a_write_outlives_whoever_waits_for_it() {
    for database in stores() {
        let storage = database.storage.clone();
        worker(async {
            let slow = storage.write(|repo| {
                repo.insert_tag(&tag(1, "one"))?;
                std::thread::sleep(Duration::from_millis(300));
                repo.insert_tag(&tag(2, "two"))
            });
            let hung_up = tokio::time::timeout(Duration::from_millis(100), slow).await;
            assert!(hung_up.is_err());
            tokio::time::sleep(Duration::from_millis(500)).await;
        });
        let tags = [tag(1, "one"), tag(2, "two")];
        let found = database
            .storage
            .read_blocking(|repo| repo.tags_by_id(&tags.each_ref().map(|tag| tag.id)));
        assert_eq!(found.unwrap(), tags);
    }
}

#[test]
fn whoever_waits_too_long_or_behind_too_many_is_turned_away() {
    for database in stores() {
        let options = StorageOptions {
            max_connections: 1,
            max_waiting: 1,
            acquire_timeout: Duration::from_millis(200),
            ..StorageOptions::new(&database.url)
        };
        let storage = Storage::open(&options).unwrap();
        worker(async {
            let busy = storage.read(|_| {
                std::thread::sleep(Duration::from_millis(600));
                Ok(())
            });
            let (busy, late, refused) = tokio::join!(
                busy,
                async {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    storage.read(|_| Ok(())).await
                },
                async {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    storage.read(|_| Ok(())).await
                }
            );
            busy.unwrap();
            assert!(is_unavailable(&late) && is_unavailable(&refused));
            assert!(
                refused
                    .unwrap_err()
                    .to_string()
                    .contains("wait for the database already")
            );
            storage.read(|_| Ok(())).await.unwrap();
        });
    }
}

#[test]
fn a_file_that_cannot_be_made_is_said_at_once() {
    let error = Storage::open(&StorageOptions::new("sqlite:///proc/nowhere/masthead.db")).unwrap_err();
    assert!(error.to_string().contains("/proc/nowhere/masthead.db"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_new_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let database = on_sqlite();
    database.storage.migrate().unwrap();
    let path = PathBuf::from(database.url.trim_start_matches("sqlite://"));
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
}

#[test]
fn a_server_that_is_away_is_said_in_time() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = StorageOptions {
        acquire_timeout: Duration::from_millis(500),
        ..StorageOptions::new(format!("postgres://me:hunter2@{unused}/d"))
    };
    let storage = Storage::open(&options).unwrap();
    worker(async {
        let answer = tokio::time::timeout(Duration::from_secs(1), storage.ping())
            .await
            .unwrap();
        assert!(is_unavailable(&answer));
        let error = storage.read(|_| Ok(())).await.unwrap_err();
        assert!(!format!("{error:?} {storage:?}").contains("hunter2"));
    });
}

/// A way to the server that can be cut, as a restart cuts it.
struct Wire {
    port: u16,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Self {
            port,
            is_cut: Arc::default(),
            open: Arc::default(),
        };
        let (is_cut, open) = (Arc::clone(&wire.is_cut), Arc::clone(&wire.open));
        std::thread::spawn(move || {
            for near in listener.incoming().map(Result::unwrap) {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let far = TcpStream::connect(&server).unwrap();
                for (mut from, mut to) in [
                    (near.try_clone().unwrap(), far.try_clone().unwrap()),
                    (far.try_clone().unwrap(), near.try_clone().unwrap()),
                ] {
                    std::thread::spawn(move || {
                        let mut buffer = [0; 8192];
                        while let Ok(read @ 1..) = from.read(&mut buffer) {
                            if to.write_all(&buffer[..read]).is_err() {
                                break;
                            }
                        }
                        drop(to.shutdown(Shutdown::Both));
                    });
                }
                open.lock().unwrap().extend([near, far]);
            }
        });
        wire
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

#[test]
fn a_server_that_comes_back_is_found_again_without_a_failed_read() {
    let Some(database) = on_postgres() else { return };
    database.storage.migrate().unwrap();
    let (head, tail) = database.url.rsplit_once('@').unwrap();
    let (address, name) = tail.split_once('/').unwrap();
    let wire = Wire::to(address.to_owned());
    let url = format!("{head}@127.0.0.1:{}/{name}", wire.port);
    let options = StorageOptions {
        acquire_timeout: Duration::from_millis(700),
        ..StorageOptions::new(url)
    };
    let storage = Storage::open(&options).unwrap();
    let read_by_many = || {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        storage.read_blocking(|repo| {
                            std::thread::sleep(Duration::from_millis(30));
                            repo.count_users()
                        })
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect::<Vec<_>>()
        })
    };
    assert!(read_by_many().iter().all(Result::is_ok));
    // A restart that nobody noticed: every idle connection is closed.
    wire.cut();
    wire.mend();
    let after = read_by_many();
    assert!(after.iter().all(Result::is_ok), "{after:?}");
    wire.cut();
    worker(async { assert!(is_unavailable(&storage.ping().await)) });
    assert!(is_unavailable(
        &storage.write_blocking(|repo| repo.insert_tag(&tag(1, "one")))
    ));
    // Cut in the middle of a transaction: it is not there, and said to be so.
    wire.mend();
    std::thread::sleep(Duration::from_millis(800));
    let torn = storage.write_blocking(|repo| {
        repo.insert_tag(&tag(1, "one"))?;
        wire.cut();
        repo.insert_tag(&tag(2, "two"))
    });
    assert!(is_unavailable(&torn), "{torn:?}");
    wire.mend();
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(
        storage.read_blocking(|repo| repo.tag(tag(1, "one").id)).unwrap(),
        None
    );
}

#[test]
fn connections_that_the_server_closes_cost_no_read() {
    let Some(database) = on_postgres() else { return };
    database.storage.migrate().unwrap();
    let storage = &database.storage;
    for _ in 0..3 {
        storage.read_blocking(|repo| repo.count_users()).unwrap();
        execute(
            &database.url,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        );
        storage.read_blocking(|repo| repo.count_users()).unwrap();
        storage
            .write_blocking(|repo| repo.touch_key(masthead_domain::id::KeyId::from_uuid(uuid(1)), at(1)))
            .unwrap();
    }
}

#[derive(QueryableByName)]
struct CompileOption {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

#[test]
fn sqlite_is_compiled_as_the_build_says() {
    for database in stores() {
        let storage = &database.storage;
        let options: Vec<CompileOption> = crate::transaction::read(&storage.pools.reading, |connection| {
            let Connection::Sqlite(c) = connection else {
                return Ok(Vec::new());
            };
            let all = diesel::sql_query("select compile_options as name from pragma_compile_options");
            Ok(all.load(c).unwrap())
        })
        .unwrap();
        if options.is_empty() {
            assert!(matches!(database.place, Place::Server(..)));
            continue;
        }
        for wanted in ["ENABLE_QPSG", "THREADSAFE=2"] {
            assert!(
                options.iter().any(|option| option.name == wanted),
                "{wanted}; `cargo clean -p libsqlite3-sys` compiles it as `.cargo/config.toml` says"
            );
        }
    }
}
