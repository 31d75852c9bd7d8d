//! The contract of the store, on both engines: SQLite always, PostgreSQL when `MASTHEAD_TEST_POSTGRES_URL`
//! names a server whose superuser needs no password.

mod accounts;
mod articles;
mod audit;
mod connections;
mod delivery;
mod faqs;
mod history;
mod limits;
mod log;
mod mail;
mod maps;
mod merging;
mod migrations;
mod notes;
mod once;
mod pages;
mod prepared;
mod previews;
mod proposals;
mod releases;
mod search;
mod shared;
mod transactions;
mod trash;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use masthead_domain::article::{Article, ArticleKind, Overview, Review, Status};
use masthead_domain::author::Author;
use masthead_domain::clock::Instant;
use masthead_domain::faq::{Faq, FaqStatus};
use masthead_domain::id::{ArticleId, AuthorId, FaqId, SectionId, TagId};
use masthead_domain::locale::Locale;
use masthead_domain::page::{Direction, PageRequest, SortKey};
use masthead_domain::rendering::Length;
use masthead_domain::rights::Credential;
use masthead_domain::section::{Heading, Section, SectionContent};
use masthead_domain::slug::Slug;
use masthead_domain::tag::Tag;
use masthead_domain::workflow::{Reviewed, ScheduleError};
use r2d2::ManageConnection;
use uuid::Uuid;

use crate::connection::{Connection, on_engine};
use crate::postgres::PostgresManager;
use crate::{Storage, StorageOptions};

/// A store on a database of its own.
struct Database {
    storage: Storage,
    url: String,
    /// SQLite's directory, or PostgreSQL's server and the name on it.
    place: Place,
}

enum Place {
    Directory(PathBuf),
    Server(String, String),
}

impl Drop for Database {
    fn drop(&mut self) {
        match &self.place {
            Place::Directory(path) => drop(std::fs::remove_dir_all(path)),
            Place::Server(server, name) => {
                execute(server, &format!("drop database if exists {name} with (force)"));
            }
        }
    }
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

fn unique_name() -> String {
    format!(
        "masthead_test_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    )
}

#[expect(clippy::disallowed_methods, reason = "tests read where their server is")]
fn server() -> Option<String> {
    std::env::var("MASTHEAD_TEST_POSTGRES_URL").ok()
}

/// Says something to a server beside any store.
fn execute(url: &str, sql: &str) {
    let mut link = PostgresManager::new(&StorageOptions::new(url))
        .unwrap()
        .connect()
        .unwrap();
    on_engine!(&mut link.connection, |c| c.batch_execute(sql)).unwrap();
}

fn on_sqlite() -> Database {
    let directory = std::env::temp_dir().join(unique_name());
    let url = format!("sqlite://{}", directory.join("new/masthead.db").display());
    Database {
        storage: open(&url),
        url,
        place: Place::Directory(directory),
    }
}

fn on_postgres() -> Option<Database> {
    let server = server()?;
    let name = unique_name();
    execute(&server, &format!("create database {name} template template0"));
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    Some(Database {
        storage: open(&url),
        url,
        place: Place::Server(server, name),
    })
}

fn options(url: &str) -> StorageOptions {
    StorageOptions {
        acquire_timeout: Duration::from_secs(10),
        ..StorageOptions::new(url)
    }
}

fn open(url: &str) -> Storage {
    Storage::open(&options(url)).unwrap()
}

/// Empty databases, one on each engine.
fn empty() -> impl Iterator<Item = Database> {
    [Some(on_sqlite()), on_postgres()].into_iter().flatten()
}

/// Migrated databases, one on each engine.
fn stores() -> impl Iterator<Item = Database> {
    empty().inspect(|database| drop(database.storage.migrate().unwrap()))
}

/// Reads or writes past the repositories.
fn raw(database: &Database, sql: &str) {
    crate::transaction::write(&database.storage.pools.writing, |connection: &mut Connection| {
        on_engine!(connection, |c| c.batch_execute(sql)).unwrap();
        Ok(())
    })
    .unwrap();
}

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn at(second: i64) -> Instant {
    Instant::from_timestamp_micros(1_700_000_000_123_456 + second * 1_000_000).unwrap()
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn locale(text: &str) -> Locale {
    Locale::parse(text).unwrap()
}

fn sorted<F>(field: F, direction: Direction, limit: u32) -> PageRequest<F> {
    PageRequest {
        sort: vec![SortKey { field, direction }],
        limit,
        cursor: None,
        count: true,
    }
}

fn tag(number: u128, word: &str) -> Tag {
    Tag {
        id: TagId::from_uuid(uuid(number)),
        slug: slug(word),
        name: format!("{word} ñ"),
        description: None,
        kind: "topic".to_owned(),
        revision: 1,
        created_at: at(1),
        updated_at: at(2),
    }
}

fn author(number: u128, word: &str) -> Author {
    Author {
        id: AuthorId::from_uuid(uuid(number)),
        slug: slug(word),
        name: format!("{word} 你好"),
        bio: Some("A few sentences.\n".to_owned()),
        avatar: None,
        links: Vec::new(),
        revision: 1,
        created_at: at(1),
        updated_at: at(2),
    }
}

fn faq(number: u128, word: &str) -> Faq {
    Faq {
        id: FaqId::from_uuid(uuid(number)),
        locale: locale("en"),
        slug: slug(word),
        question: format!("Why {word}? 潮汐"),
        answer: "Because of the *Moon*.".to_owned(),
        tags: Vec::new(),
        status: FaqStatus::Draft,
        revision: 1,
        published_revision: None,
        published_at: None,
        first_published_at: None,
        created_at: at(1),
        created_by: Credential::CommandLine,
        updated_at: at(2),
        updated_by: Credential::Scheduler,
    }
}

fn section(number: u128, body: &str) -> Section {
    Section {
        id: SectionId::from_uuid(uuid(number)),
        heading: Some(Heading {
            text: format!("Heading {number}"),
            level: 2,
            anchor: format!("heading-{number}"),
        }),
        anchor_aliases: vec!["old".to_owned()],
        content: SectionContent::Text {
            body: body.to_owned(),
        },
        revision: 1,
        created_at: at(1),
        updated_at: at(2),
    }
}

fn article(number: u128, word: &str) -> Article {
    let overview = Overview {
        id: ArticleId::from_uuid(uuid(number)),
        story: None,
        kind: ArticleKind::Article,
        locale: locale("en"),
        slug: slug(word),
        title: format!("Title {word} 🌊"),
        dek: None,
        excerpt: None,
        cover: None,
        seo: masthead_domain::article::Seo::default(),
        metadata: masthead_domain::article::Metadata::default(),
        tags: Vec::new(),
        authors: Vec::new(),
        length: Length {
            words: 3,
            characters: 1,
        },
        status: Status::Draft,
        review: Review::None,
        reviewed: Reviewed::default(),
        revision: 1,
        published_revision: None,
        publish_at: None,
        unpublish_at: None,
        schedule_error: None,
        published_at: None,
        first_published_at: None,
        created_at: at(1),
        created_by: Credential::CommandLine,
        updated_at: at(2),
        updated_by: Credential::Scheduler,
    };
    Article {
        overview,
        sections: Vec::new(),
        faqs: Vec::new(),
    }
}

/// An article with everything in it, and what it links to in the store.
fn full_article(storage: &Storage) -> Article {
    use masthead_domain::article::{Byline, BylineRole, Cover, Image, Metadata, Seo};
    let (one, two) = (tag(101, "sea"), tag(102, "moon"));
    let (ada, bob) = (author(201, "ada"), author(202, "bob"));
    let (why, how) = (faq(301, "why"), faq(302, "how"));
    let mut article = article(1, "tides");
    article.cover = Some(Cover {
        url: "/a.jpg".into(),
        alt: Some("Sea".into()),
        caption: None,
        credit: Some("Ada".into()),
    });
    article.dek = Some("Twice a day".into());
    article.excerpt = Some("Short".into());
    article.seo = Seo {
        image: Some(Image {
            url: "/b.jpg".into(),
            alt: None,
        }),
        no_index: true,
        ..Seo::default()
    };
    article.metadata = Metadata(serde_json::from_str(r#"{"a":{"b":[1,null,"\u0000é"]}}"#).unwrap());
    article.tags = vec![two.id, one.id];
    article.authors = vec![
        Byline {
            author_id: bob.id,
            role: BylineRole::Writer,
        },
        Byline {
            author_id: ada.id,
            role: BylineRole::Editor,
        },
        Byline {
            author_id: bob.id,
            role: BylineRole::Photographer,
        },
    ];
    article.faqs = vec![how.id, why.id];
    article.publish_at = Some(at(50));
    article.unpublish_at = Some(at(60));
    article.reviewed = Reviewed {
        approved_revision: Some(1),
        note: Some("Good. 🌊".into()),
        by: Some(Credential::CommandLine),
        at: Some(at(3)),
    };
    article.schedule_error = Some(ScheduleError {
        code: "already_exists".into(),
        message: "Taken.".into(),
        at: at(51),
    });
    article.sections = vec![section(11, "First"), section(12, "Second"), section(13, "Third")];
    article.sections[1].heading = None;
    article.sections[2].content = SectionContent::Image {
        image: "/c.jpg".into(),
        alt: None,
        caption: Some("Ebb".into()),
        credit: None,
    };
    let kept = article.clone();
    storage
        .write_blocking(move |repo| {
            for tag in [&one, &two] {
                repo.insert_tag(tag)?;
            }
            for author in [&ada, &bob] {
                repo.insert_author(author)?;
            }
            for faq in [&why, &how] {
                repo.insert_faq(faq)?;
            }
            repo.insert_article(&kept)
        })
        .unwrap();
    article
}
