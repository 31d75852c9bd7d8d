//! `serve`: bare actix-web with finished answers, which is the least that can be done for a request.
//!
//!     /mem/{kind}          one answer of that kind from memory
//!     /sqlite/{key}        diesel, by primary key, on the thread that serves, one connection each
//!     /sqlite-pool/{key}   the same through r2d2 and `web::block`
//!     /pg/{key}            the same on PostgreSQL through libpq, if it was built with it

use std::cell::RefCell;
use std::io::BufRead as _;

use actix_web::{App, HttpResponse, HttpServer, get, http::header, web};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use serde_json::Value;

use crate::arguments::{Arguments, Doing as _, Outcome};

/// What `serve` takes.
pub const SERVE: &[&str] = &["port", "bodies", "file", "postgres"];

diesel::table! {
    answers (key) {
        key -> Text,
        body -> Text,
    }
}

const TABLE: &str =
    "drop table if exists answers; create table answers (key text primary key, body text not null)";
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = normal; pragma mmap_size = 268435456;";

type Sqlite = ConnectionManager<SqliteConnection>;

struct Answers {
    /// One of each kind, of middling length.
    memory: Vec<(String, web::Bytes)>,
    file: String,
    sqlite: Pool<Sqlite>,
    #[cfg(feature = "postgres")]
    postgres: Option<Pool<ConnectionManager<PgConnection>>>,
}

#[derive(Debug)]
struct Pragmas;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Pragmas {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        connection
            .batch_execute(PRAGMAS)
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

thread_local! {
    static OWN: RefCell<Option<SqliteConnection>> = const { RefCell::new(None) };
}

fn json(body: impl Into<web::Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(body.into())
}

fn answer(found: QueryResult<Option<String>>) -> HttpResponse {
    match found {
        Ok(Some(body)) => json(body),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// Looks an answer up; the same words for both engines.
macro_rules! find {
    ($connection:expr, $key:expr) => {
        answers::table
            .find($key)
            .select(answers::body)
            .first::<String>($connection)
            .optional()
    };
}

/// Puts all bodies into the table of an engine.
macro_rules! fill {
    ($connection:expr, $bodies:expr) => {{
        for (_, key, body) in $bodies {
            diesel::insert_into(answers::table)
                .values((answers::key.eq(key), answers::body.eq(body)))
                .execute($connection)?;
        }
        QueryResult::Ok(())
    }};
}

#[get("/mem/{kind}")]
async fn from_memory(answers: web::Data<Answers>, kind: web::Path<String>) -> HttpResponse {
    let found = answers.memory.iter().find(|(name, _)| *name == *kind);
    found.map_or_else(
        || HttpResponse::NotFound().finish(),
        |(_, body)| json(body.clone()),
    )
}

#[get("/sqlite/{key}")]
async fn from_sqlite(answers: web::Data<Answers>, key: web::Path<String>) -> HttpResponse {
    OWN.with_borrow_mut(|own| {
        if own.is_none() {
            *own = SqliteConnection::establish(&answers.file)
                .ok()
                .and_then(|mut fresh| fresh.batch_execute(PRAGMAS).ok().map(|()| fresh));
        }
        match own {
            Some(connection) => answer(find!(connection, key.as_str())),
            None => HttpResponse::InternalServerError().finish(),
        }
    })
}

#[get("/sqlite-pool/{key}")]
async fn from_sqlite_pool(answers: web::Data<Answers>, key: web::Path<String>) -> HttpResponse {
    let pool = answers.sqlite.clone();
    let found = web::block(move || {
        pool.get()
            .ok()
            .map(|mut connection| find!(&mut connection, key.as_str()))
    })
    .await;
    match found {
        Ok(Some(found)) => answer(found),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

#[cfg(feature = "postgres")]
#[get("/pg/{key}")]
async fn from_postgres(answers: web::Data<Answers>, key: web::Path<String>) -> HttpResponse {
    let Some(pool) = answers.postgres.clone() else {
        return HttpResponse::NotFound().finish();
    };
    let found = web::block(move || {
        pool.get()
            .ok()
            .map(|mut connection| find!(&mut connection, key.as_str()))
    })
    .await;
    match found {
        Ok(Some(found)) => answer(found),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

/// Fills the tables and serves until it is stopped. A line of the bodies is `{"kind", "key", "body"}`.
pub fn serve(arguments: &Arguments) -> Outcome<()> {
    let port: u16 = arguments.number("port", 0)?;
    let bodies = bodies(arguments.need("bodies")?)?;
    let file = arguments.need("file")?.to_owned();
    let mut connection = SqliteConnection::establish(&file).doing(&file)?;
    connection.batch_execute(PRAGMAS).doing(&file)?;
    connection.batch_execute(TABLE).doing(&file)?;
    connection
        .transaction(|connection| fill!(connection, &bodies))
        .doing("filling SQLite")?;
    let sqlite = Pool::builder()
        .max_size(4)
        .connection_customizer(Box::new(Pragmas))
        .build(Sqlite::new(&file))
        .doing("the pool of SQLite")?;
    let answers = web::Data::new(Answers {
        memory: middling(&bodies),
        file,
        sqlite,
        #[cfg(feature = "postgres")]
        postgres: arguments
            .get("postgres")
            .map(|url| postgres(url, &bodies))
            .transpose()?,
    });
    #[cfg(not(feature = "postgres"))]
    if arguments.get("postgres").is_some() {
        return Err("this was built without the feature postgres".to_owned());
    }
    let server = HttpServer::new(move || {
        let app = App::new()
            .app_data(answers.clone())
            .service(from_memory)
            .service(from_sqlite)
            .service(from_sqlite_pool);
        #[cfg(feature = "postgres")]
        let app = app.service(from_postgres);
        app
    })
    .workers(2)
    .bind(("127.0.0.1", port))
    .doing("listening")?;
    actix_web::rt::System::new()
        .block_on(server.run())
        .doing("serving")
}

#[cfg(feature = "postgres")]
fn postgres(
    url: &str,
    bodies: &[(String, String, String)],
) -> Outcome<Pool<ConnectionManager<PgConnection>>> {
    let mut connection = PgConnection::establish(url).doing("PostgreSQL")?;
    connection.batch_execute(TABLE).doing("PostgreSQL")?;
    connection
        .transaction(|connection| fill!(connection, bodies))
        .doing("filling PostgreSQL")?;
    connection.batch_execute("analyze answers").doing("PostgreSQL")?;
    Pool::builder()
        .max_size(8)
        .build(ConnectionManager::new(url))
        .doing("the pool of PostgreSQL")
}

fn bodies(file: &str) -> Outcome<Vec<(String, String, String)>> {
    let lines = std::io::BufReader::new(std::fs::File::open(file).doing(file)?).lines();
    lines
        .map(|line| {
            let line: Value = serde_json::from_str(&line.doing(file)?).doing(file)?;
            let text = |name: &str| {
                let text = line[name].as_str().map(str::to_owned);
                text.ok_or_else(|| format!("{file}: a line without {name}"))
            };
            Ok((text("kind")?, text("key")?, text("body")?))
        })
        .collect()
}

/// Of each kind the body whose length is nearest to the mean.
fn middling(bodies: &[(String, String, String)]) -> Vec<(String, web::Bytes)> {
    let mut kinds: Vec<&str> = bodies.iter().map(|(kind, _, _)| kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
        .into_iter()
        .filter_map(|kind| {
            let of_kind: Vec<_> = bodies
                .iter()
                .filter(|body| body.0 == kind)
                .map(|body| &body.2)
                .collect();
            let mean = of_kind.iter().map(|body| body.len()).sum::<usize>() / of_kind.len();
            let nearest = of_kind.into_iter().min_by_key(|body| body.len().abs_diff(mean))?;
            Some((kind.to_owned(), nearest.clone().into()))
        })
        .collect()
}
