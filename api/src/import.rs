//! Bringing Markdown files in: each file is understood on its own and written in one transaction of its own.

use std::collections::HashMap;

use masthead_domain::clock::Clock as _;
use masthead_domain::error::{Error, Resource, StorageError};
use masthead_domain::id::ArticleId;
use masthead_domain::locale::Locale;
use masthead_domain::repository::Repository;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::import::{Imported, import};
use masthead_domain::use_cases::{Unit, auditing};
use masthead_storage::Storage;

use crate::deeds;
use crate::system::{RandomIds, SystemClock};

mod dates;
mod explain;
mod fields;
mod file_name;
mod front_matter;
mod header;
mod names;
mod plan;
mod report;
mod walk;
mod yaml;

pub use report::{Entry, Note, Outcome, Report};
pub use walk::{Found, find, read};

use names::Named;
use plan::Plan;

/// Takes files one by one and remembers what became of them.
pub struct Importer<'a> {
    storage: &'a Storage,
    default_locale: Locale,
    is_rehearsal: bool,
    /// Which file brought which article, so that two files never take turns on one.
    brought: HashMap<(Locale, String), String>,
    report: Report,
}

impl<'a> Importer<'a> {
    /// One that writes into a store; `default_locale` is that of files which name none.
    #[must_use]
    pub fn new(storage: &'a Storage, default_locale: Locale) -> Self {
        Self {
            storage,
            default_locale,
            is_rehearsal: false,
            brought: HashMap::new(),
            report: Report::default(),
        }
    }

    /// Says of each file only whether it would come in; for a store that is thrown away.
    #[must_use]
    pub fn rehearsing(self) -> Self {
        Self {
            is_rehearsal: true,
            ..self
        }
    }

    /// Brings one file in. A file that fails is one line of the report; only a store that is away is an error,
    /// because the files after it would fail as well.
    pub fn file(&mut self, name: &str, bytes: Result<Vec<u8>, String>) -> Result<(), Error> {
        let planned = bytes
            .map_err(|reason| vec![reason])
            .and_then(|bytes| plan::plan(name, bytes, &self.default_locale, SystemClock.now()))
            .and_then(|plan| self.claim(name, plan));
        let entry = match planned {
            Ok(plan) => self.write(name, plan)?,
            Err(lines) => failed(name, lines),
        };
        self.report.entries.push(entry);
        Ok(())
    }

    /// Everything that came of it.
    #[must_use]
    pub fn finish(self) -> Report {
        self.report
    }

    fn claim(&mut self, name: &str, plan: Plan) -> Result<Plan, Vec<String>> {
        let key = (plan.locale.clone(), plan.slug.to_string());
        if let Some(other) = self.brought.get(&key) {
            let (locale, slug) = key;
            return Err(vec![format!(
                "{other} has the locale {locale} and the slug {slug} already; give one of the two files another slug."
            )]);
        }
        self.brought.insert(key, name.to_owned());
        Ok(plan)
    }

    fn write(&self, name: &str, plan: Plan) -> Result<Entry, Error> {
        let written = self.storage.write_blocking(|repository| bring(repository, &plan));
        let (imported, notes) = match written {
            Ok((_, imported, notes)) => (imported, notes),
            Err(error @ Error::Storage(StorageError::Unavailable(_))) => return Err(error),
            Err(error) => return Ok(failed(name, plan.explain(&error))),
        };
        let outcome = match imported {
            _ if self.is_rehearsal => Outcome::Ready,
            Imported::Created => Outcome::Created,
            Imported::Updated => Outcome::Updated,
            Imported::Unchanged => Outcome::Unchanged,
        };
        let subject = format!("{}/{}, {}", plan.locale, plan.slug, plan.status());
        let notes = plan.notes.into_iter().chain(notes).collect();
        Ok(Entry {
            file: name.to_owned(),
            outcome,
            lines: vec![subject],
            notes,
        })
    }
}

fn failed(name: &str, lines: Vec<String>) -> Entry {
    Entry {
        file: name.to_owned(),
        outcome: Outcome::Failed,
        lines,
        notes: Vec::new(),
    }
}

/// The unit of work of one file.
fn bring(repository: &mut dyn Repository, plan: &Plan) -> Result<(ArticleId, Imported, Vec<Note>), Error> {
    let notes = called_otherwise(repository, plan)?;
    let actor = Actor::command_line();
    let mut unit = Unit {
        repository,
        now: SystemClock.now(),
        ids: &RandomIds,
        actor: &actor,
        acting: None,
        site: None,
    };
    let (id, imported) = import(&mut unit, plan.import.clone())?;
    auditing::settle(&mut unit, deeds::own("import_markdown", &actor))?;
    Ok((id, imported, notes))
}

/// Tags and authors that are there under another name, which stays.
fn called_otherwise(repository: &mut dyn Repository, plan: &Plan) -> Result<Vec<Note>, Error> {
    let slugs = |named: &[Named]| named.iter().map(|named| named.slug.clone()).collect::<Vec<_>>();
    let tags = repository.tags_by_slug(&slugs(&plan.tags))?;
    let authors = repository.authors_by_slug(&slugs(&plan.authors))?;
    let tags = tags.into_iter().map(|tag| (Resource::Tag, tag.slug, tag.name));
    let authors = authors
        .into_iter()
        .map(|author| (Resource::Author, author.slug, author.name));
    let differs = |(resource, slug, name): (Resource, _, String)| {
        let named = if resource == Resource::Tag {
            &plan.tags
        } else {
            &plan.authors
        };
        let other = named
            .iter()
            .find(|named| named.slug == slug && named.has_name && named.name != name)?;
        let message = format!(
            "The {resource} `{slug}` is called \"{name}\" and stays so; the file says \"{}\". Rename it in Masthead, or give \
             another {resource} a slug of its own.",
            other.name
        );
        Some(Note {
            code: "called_otherwise",
            message,
        })
    };
    Ok(tags.chain(authors).filter_map(differs).collect())
}

#[cfg(test)]
#[path = "import/tests.rs"]
mod tests;
