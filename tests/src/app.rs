//! A whole service in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use masthead_api::config::{DatabaseUrl, SecretKey, Settings};
use masthead_api::credentials::{Cost, NewKey};
use masthead_api::server;
use masthead_domain::account::PasswordHash;
use masthead_domain::clock::Clock as _;
use masthead_domain::email::Email;
use masthead_domain::id::MailId;
use masthead_domain::mail::{Mail, MailKind};
use masthead_domain::rights::{Actor, Permission, Role};
use masthead_domain::use_cases::{Unit, accounts, keys, mailing};
use masthead_storage::Storage;
use tokio::sync::oneshot;

use crate::caller::Caller;
use crate::clock::{TestClock, TestIds};
use crate::database::Database;
use crate::provider::Provider;
use crate::smtp::Smtp;

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "correct horse battery staple";
/// Its hash, made with the least memory that Argon2id takes, so that tests do not wait for it.
const CHEAP_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$bWFzdGhlYWQtdGVzdA$GGorJrGh2LPyFa9YByfBKPqh2sTa2boVxzC9rSs5y14";

/// A running service.
pub struct App {
    address: SocketAddr,
    storage: Storage,
    clock: Arc<TestClock>,
    ids: Arc<TestIds>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    // Last, so that it goes when nobody uses it any more.
    database: Arc<Database>,
}

/// A service with settings of its own.
pub struct AppBuilder {
    settings: Settings,
    database: Arc<Database>,
    clock: Arc<TestClock>,
    ids: Arc<TestIds>,
}

impl AppBuilder {
    /// Changes settings.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// With mail that this server takes.
    #[must_use]
    pub fn with_mail(self, smtp: &Smtp) -> Self {
        let url = smtp.url();
        self.with(|settings| settings.smtp_url = Some(url))
    }

    /// On this database.
    #[must_use]
    pub fn on(mut self, database: Arc<Database>) -> Self {
        self.settings.database_url = DatabaseUrl::new(database.url());
        self.database = database;
        self
    }

    /// Starts it and waits until it is ready.
    pub fn start(self) -> App {
        let app = self.start_unready();
        app.wait_until_ready();
        app
    }

    /// Starts it, ready or not.
    pub fn start_unready(self) -> App {
        let Self {
            settings,
            database,
            clock,
            ids,
        } = self;
        let options = masthead_storage::StorageOptions {
            acquire_timeout: settings.acquire_timeout,
            max_connections: settings.max_connections,
            ..masthead_storage::StorageOptions::new(settings.database_url.expose())
        };
        let storage = Storage::open(&options).expect("the database can be opened");
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = std::sync::mpsc::channel();
        let (serving, given, numbered) = (storage.clone(), clock.clone(), ids.clone());
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = server::bind_with(settings, serving, given, numbered).expect("a port is free");
                ready.send(server.local_addr()).expect("the test waits");
                let stop = async {
                    let _ = stopped.await;
                };
                server.run_until(stop).await.expect("the server runs");
            });
        });
        let address = address
            .recv_timeout(Duration::from_secs(10))
            .expect("the server starts");
        App {
            address,
            storage,
            clock,
            ids,
            stop: Some(stop),
            thread: Some(thread),
            database,
        }
    }
}

impl App {
    /// A service on a fresh database, with the clock and ids of tests.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// A service to be.
    pub fn builder() -> AppBuilder {
        let database = Arc::new(Database::migrated());
        let mut settings = Settings {
            database_url: DatabaseUrl::new(database.url()),
            listen: "127.0.0.1:0".to_owned(),
            workers: 1,
            max_connections: 4,
            password_cost: Cost { memory: 8, passes: 1 },
            secret_key: SecretKey::new(vec![7; 32]),
            smtp_url: Some(Smtp::shared().url()),
            mail_from: Some("The News <news@example.org>".parse().expect("a mailbox")),
            shutdown_timeout: Duration::from_secs(1),
            ..Settings::default()
        };
        Provider::shared().set(&mut settings);
        AppBuilder {
            settings,
            database,
            clock: Arc::default(),
            ids: Arc::default(),
        }
    }

    /// Another node on the same database, with the same clock and ids.
    pub fn second_node(&self) -> AppBuilder {
        let mut builder = Self::builder().on(self.database.clone());
        builder.clock = self.clock.clone();
        builder.ids = self.ids.clone();
        builder
    }

    fn wait_until_ready(&self) {
        for _ in 0..200 {
            if self.anonymous().get("/health/ready").status() == 200 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the service does not get ready");
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The whole address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Its store.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Its database.
    pub fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// Its clock.
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// Somebody who says nothing of themselves: a reader.
    pub fn anonymous(&self) -> Caller {
        Caller::new(self.address, None)
    }

    /// Somebody with the role `viewer`.
    pub fn viewer(&self) -> Caller {
        self.user(Role::Viewer, "viewer@example.org")
    }

    /// Somebody with the role `author`.
    pub fn author(&self) -> Caller {
        self.user(Role::Author, "author@example.org")
    }

    /// Somebody with the role `editor`.
    pub fn editor(&self) -> Caller {
        self.user(Role::Editor, "editor@example.org")
    }

    /// Somebody with the role `admin`.
    pub fn admin(&self) -> Caller {
        self.user(Role::Admin, "admin@example.org")
    }

    /// Somebody with a role and an address; the account is made where it is missing, and logged in.
    pub fn user(&self, role: Role, email: &str) -> Caller {
        self.ensure_user(role, email);
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let log_in = || self.anonymous().post("/management/v1/auth/login", &body);
        let mut answer = log_in();
        if answer.status() == 401 {
            self.forget_second_factor(email);
            answer = log_in();
        }
        let answer = answer.expect(200);
        let token = answer.body()["data"]["access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        Caller::new(self.address, Some(token))
    }

    /// The token that a mail of this kind to this address would hold.
    pub fn ticket(&self, kind: MailKind, address: &str) -> String {
        let made = NewKey::link_token().expect("a token");
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let (actor, digest) = (Actor::command_line(), made.digest);
        let mail = Mail {
            id: MailId::next(&*ids),
            kind,
            address: Email::parse(address).expect("an address"),
            created_at: clock.now(),
            due_at: clock.now(),
            tries: 1,
        };
        let user = self.storage.write_blocking(move |repository| {
            let mut unit = Unit {
                repository,
                now: clock.now(),
                ids: &*ids,
                actor: &actor,
                acting: None,
                site: None,
            };
            mailing::prepare(&mut unit, &mail, &digest)
        });
        user.expect("a ticket is kept").expect("somebody has the address");
        made.text
    }

    /// Takes away the second factor that a test has left to an account.
    pub fn forget_second_factor(&self, email: &str) {
        let (clock, ids, email) = (self.clock.clone(), self.ids.clone(), email.to_owned());
        let actor = Actor::command_line();
        self.storage
            .write_blocking(move |repository| {
                let mut unit = Unit {
                    repository,
                    now: clock.now(),
                    ids: &*ids,
                    actor: &actor,
                    acting: None,
                    site: None,
                };
                let Some((user, _)) = accounts::login_candidate(&mut unit, &email)? else {
                    return Ok(());
                };
                unit.repository.delete_second_factor(user.id)?;
                Ok(())
            })
            .expect("a second factor is gone");
    }

    /// Makes an account where it is missing.
    pub fn ensure_user(&self, role: Role, email: &str) {
        let (clock, ids, email) = (self.clock.clone(), self.ids.clone(), email.to_owned());
        let actor = Actor::command_line();
        self.storage
            .write_blocking(move |repository| {
                let mut unit = Unit {
                    repository,
                    now: clock.now(),
                    ids: &*ids,
                    actor: &actor,
                    acting: None,
                    site: None,
                };
                if accounts::login_candidate(&mut unit, &email)?.is_none() {
                    let input = accounts::UserInput {
                        email: email.clone(),
                        name: "Somebody".into(),
                        role,
                        author_id: None,
                    };
                    accounts::create_user(&mut unit, input, Ok(PasswordHash(CHEAP_HASH.into())))?;
                }
                Ok(())
            })
            .expect("the account is made");
    }

    /// Something with an API key of these scopes.
    pub fn key(&self, scopes: &[Permission]) -> Caller {
        let key = NewKey::generate().expect("a key can be made");
        let (clock, ids, scopes) = (self.clock.clone(), self.ids.clone(), scopes.to_vec());
        let (prefix, digest) = (key.prefix.clone(), key.digest);
        let actor = Actor::command_line();
        self.storage
            .write_blocking(move |repository| {
                let mut unit = Unit {
                    repository,
                    now: clock.now(),
                    ids: &*ids,
                    actor: &actor,
                    acting: None,
                    site: None,
                };
                let input = keys::KeyInput {
                    name: "Test".into(),
                    scopes: scopes.clone(),
                    ..keys::KeyInput::default()
                };
                keys::create(&mut unit, input, &prefix, &digest)
            })
            .expect("the key is made");
        Caller::new(self.address, Some(key.text))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
