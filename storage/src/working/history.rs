//! The history: every state a thing had, numbered, never changed, packed.

mod packing;
mod tables;

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::article::Article;
use masthead_domain::faq::Faq;
use masthead_domain::history::{Entry, Revision, RevisionSort, Subject};
use masthead_domain::id::{ArticleId, FaqId};
use masthead_domain::page::{Page, PageRequest};
use masthead_domain::repository::HistoryRepository;
use masthead_domain::rights::Credential;

use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::{Failure, during};
use crate::row::{Named, json};
use crate::schema::{api_keys, users};
use crate::transaction::Transaction;
use crate::types::RowId;
use tables::{Kept, NewRow, articles, faqs};

impl HistoryRepository for Transaction<'_> {
    fn append_article_revision(&mut self, article: &Article, entry: &Entry) -> Result<()> {
        append_article(self.connection, article, entry).map_err(during("keeping a revision of an article"))
    }

    fn append_faq_revision(&mut self, faq: &Faq, entry: &Entry) -> Result<()> {
        append_faq(self.connection, faq, entry).map_err(during("keeping a revision of a FAQ"))
    }

    fn article_at(&mut self, id: ArticleId, revision: u32) -> Result<Option<Article>> {
        let read = |named: Named, text: &str| Ok(named.json("snapshot", text)?);
        state(self.connection, Subject::Article(id), revision, read)
            .map_err(during("reading a revision of an article"))
    }

    fn faq_at(&mut self, id: FaqId, revision: u32) -> Result<Option<Faq>> {
        let read = |named: Named, text: &str| Ok(named.json("snapshot", text)?);
        state(self.connection, Subject::Faq(id), revision, read)
            .map_err(during("reading a revision of a FAQ"))
    }

    fn revision(&mut self, subject: Subject, number: u32) -> Result<Option<Revision>> {
        let found = match subject {
            Subject::Article(id) => articles::one(self.connection, id.into(), number.into()),
            Subject::Faq(id) => faqs::one(self.connection, id.into(), number.into()),
        };
        found.map_err(during("looking for a revision"))
    }

    fn revisions(&mut self, subject: Subject, page: &PageRequest<RevisionSort>) -> Result<Page<Revision>> {
        let found = match subject {
            Subject::Article(id) => articles::page(self.connection, id.into(), page),
            Subject::Faq(id) => faqs::page(self.connection, id.into(), page),
        };
        found.map_err(during("listing revisions"))
    }

    fn revisions_before(&mut self, subject: Subject, number: u32, limit: u32) -> Result<Vec<Revision>> {
        let found = match subject {
            Subject::Article(id) => articles::before(self.connection, id.into(), number.into(), limit.into()),
            Subject::Faq(id) => faqs::before(self.connection, id.into(), number.into(), limit.into()),
        };
        found.map_err(during("walking back through revisions"))
    }

    fn names_of(&mut self, credentials: &[Credential]) -> Result<Vec<Option<String>>> {
        names(self.connection, credentials).map_err(during("reading who wrote revisions"))
    }
}

fn append_article(connection: &mut Connection, article: &Article, entry: &Entry) -> Result<(), Failure> {
    let (id, revision) = (RowId::from(article.id), i64::from(article.revision));
    let (packed, base) = packed(
        connection,
        Subject::Article(article.id),
        revision,
        &json(article)?,
    )?;
    let row = NewRow {
        id,
        revision,
        packed,
        base,
        touched: json(&entry.touched)?,
        credential: article.updated_by.to_string(),
        note: entry.note.clone(),
        created_at: article.updated_at.into(),
    };
    articles::insert(connection, row)
}

fn append_faq(connection: &mut Connection, faq: &Faq, entry: &Entry) -> Result<(), Failure> {
    let (id, revision) = (RowId::from(faq.id), i64::from(faq.revision));
    let (packed, base) = packed(connection, Subject::Faq(faq.id), revision, &json(faq)?)?;
    let row = NewRow {
        id,
        revision,
        packed,
        base,
        touched: json(&entry.touched)?,
        credential: faq.updated_by.to_string(),
        note: entry.note.clone(),
        created_at: faq.updated_at.into(),
    };
    faqs::insert(connection, row)
}

/// Packs a state by the one that its number names, where that saves something.
fn packed(
    connection: &mut Connection,
    subject: Subject,
    revision: i64,
    text: &str,
) -> Result<(Vec<u8>, Option<i64>), Failure> {
    let base = match packing::base_of(revision) {
        Some(base) => unpacked(connection, subject, base)?.map(|text| (base, text)),
        None => None,
    };
    if let Some((base, by)) = base {
        let told = packing::pack(text, Some(&by))?;
        // Packing it alone as well would only be work where the answer is clear.
        if told.len() * 16 <= text.len() || packing::is_worth_it(told.len(), packing::pack(text, None)?.len())
        {
            return Ok((told, Some(base)));
        }
    }
    Ok((packing::pack(text, None)?, None))
}

fn named(subject: Subject) -> Named {
    match subject {
        Subject::Article(id) => Named {
            table: articles::NAME,
            id: id.into(),
        },
        Subject::Faq(id) => Named {
            table: faqs::NAME,
            id: id.into(),
        },
    }
}

fn kept(connection: &mut Connection, subject: Subject, revision: i64) -> Result<Option<Kept>, Failure> {
    match subject {
        Subject::Article(id) => articles::kept(connection, id.into(), revision),
        Subject::Faq(id) => faqs::kept(connection, id.into(), revision),
    }
}

/// The text of a state, whichever way it is kept.
fn unpacked(connection: &mut Connection, subject: Subject, revision: i64) -> Result<Option<String>, Failure> {
    let named = named(subject);
    let mut told = Vec::new();
    let mut at = revision;
    let mut text = loop {
        let Some(Kept {
            snapshot,
            packed,
            base,
        }) = kept(connection, subject, at)?
        else {
            if told.is_empty() {
                return Ok(None);
            }
            return Err(named
                .corrupt("base", format_args!("there is no revision {at}"))
                .into());
        };
        match (packed, base) {
            (None, _) => break snapshot,
            (Some(packed), None) => {
                break packing::unpack(&packed, None).map_err(|error| named.corrupt("packed", error))?;
            }
            (Some(packed), Some(base)) if base < at => {
                told.push(packed);
                at = base;
            }
            (Some(_), Some(base)) => {
                let reason = format!("the revision {at} is told by {base}");
                return Err(named.corrupt("base", reason).into());
            }
        }
    };
    for packed in told.iter().rev() {
        text = packing::unpack(packed, Some(&text)).map_err(|error| named.corrupt("packed", error))?;
    }
    Ok(Some(text))
}

fn state<T>(
    connection: &mut Connection,
    subject: Subject,
    revision: u32,
    read: impl FnOnce(Named, &str) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let text = unpacked(connection, subject, revision.into())?;
    text.map(|text| read(named(subject), &text)).transpose()
}

/// Keeps every revision as a text again, for a version that knows no other way.
pub(crate) fn unpack_all(connection: &mut Connection) -> Result<(), Failure> {
    /// Rows at a time.
    const ROWS: i64 = 200;
    macro_rules! unpack {
        ($table:ident, $subject:path) => {
            loop {
                let rows = $table::packed(connection, ROWS)?;
                for (id, revision) in &rows {
                    let text = unpacked(connection, $subject((*id).into()), *revision)?;
                    $table::unpack(connection, *id, *revision, &text.unwrap_or_default())?;
                }
                if rows.is_empty() {
                    break;
                }
            }
        };
    }
    unpack!(articles, Subject::Article);
    unpack!(faqs, Subject::Faq);
    Ok(())
}

fn names(connection: &mut Connection, credentials: &[Credential]) -> Result<Vec<Option<String>>, Failure> {
    let mut people = Vec::new();
    let mut keys = Vec::new();
    for credential in credentials {
        match credential {
            Credential::User(id) => people.push(RowId::from(*id)),
            Credential::Key(id) => keys.push(RowId::from(*id)),
            Credential::CommandLine | Credential::Scheduler => {}
        }
    }
    let people: Vec<(RowId, String)> = on_engine!(connection, |c| users::table
        .filter(users::id.among(&people))
        .select((users::id, users::name))
        .load(c))?;
    let keys: Vec<(RowId, String)> = on_engine!(connection, |c| api_keys::table
        .filter(api_keys::id.among(&keys))
        .select((api_keys::id, api_keys::name))
        .load(c))?;
    let (people, keys) = (BTreeMap::from_iter(people), BTreeMap::from_iter(keys));
    let name = |credential: &Credential| match credential {
        Credential::User(id) => people.get(&RowId::from(*id)).cloned(),
        Credential::Key(id) => keys.get(&RowId::from(*id)).cloned(),
        Credential::CommandLine | Credential::Scheduler => None,
    };
    Ok(credentials.iter().map(name).collect())
}
