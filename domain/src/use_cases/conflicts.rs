//! What a client whose state is stale would undo: told, so that no edit is lost.

use crate::article::{Article, Expected};
use crate::error::{Error, Resource, Result, Since, Violations};
use crate::faq::Faq;
use crate::history::{self, Document, Field, How, Revision, Subject};
use crate::id::SectionId;
use crate::section::Section;
use crate::use_cases::drafting::{DraftFaq, FaqEntry};
use crate::use_cases::history::touched;
use crate::use_cases::{Unit, naming};

/// Revisions that are read at a time on the way back to a section's state.
const STRIDE: u32 = 200;
/// Revisions that are looked through for a section's state; beyond them it is told without.
const REACH: u32 = 5_000;

/// Lets a write pass that has seen the present state of an article. Another is told what it would undo: `yours` makes
/// the client's version of the state that it has seen.
pub(super) fn expect_article(
    unit: &mut Unit<'_>,
    current: &Article,
    expected: &Expected,
    yours: impl FnOnce(&mut Unit<'_>, &Article) -> Result<Option<Document>>,
) -> Result<()> {
    let Some(mut since) = expected.since(current.revision, (Some(current.updated_by), current.updated_at))
    else {
        return Ok(());
    };
    since.conflicts = None;
    let base = match since.base {
        Some(seen) => unit.repository.article_at(current.id, seen)?,
        None => None,
    };
    since.base = base.as_ref().map(|base| base.revision);
    if let Some(base) = base
        && let Some(yours) = lenient(yours(unit, &base))?
    {
        let found = history::conflicts(&(&base).into(), &current.into(), &yours);
        since.conflicts = Some(naming::conflicts(unit, found)?);
    }
    Err(stale(Resource::Article, current.id, current.revision, since))
}

/// The same of a FAQ.
pub(super) fn expect_faq(
    unit: &mut Unit<'_>,
    current: &Faq,
    expected: &Expected,
    yours: impl FnOnce(&mut Unit<'_>, &Faq) -> Result<Faq>,
) -> Result<()> {
    let Some(mut since) = expected.since(current.revision, (Some(current.updated_by), current.updated_at))
    else {
        return Ok(());
    };
    since.conflicts = None;
    let base = match since.base {
        Some(seen) => unit.repository.faq_at(current.id, seen)?,
        None => None,
    };
    since.base = base.as_ref().map(|base| base.revision);
    if let Some(base) = base {
        let yours = yours(unit, &base)?;
        let found = history::conflicts(&(&base).into(), &current.into(), &(&yours).into());
        since.conflicts = Some(naming::conflicts(unit, found)?);
    }
    Err(stale(Resource::Faq, current.id, current.revision, since))
}

/// The same of a section, whose revisions are its own. `yours` answers `None` where the client takes it away.
pub(super) fn expect_section(
    unit: &mut Unit<'_>,
    article: &Article,
    current: &Section,
    expected: &Expected,
    yours: impl FnOnce(&mut Unit<'_>, &Section) -> Result<Option<Section>>,
) -> Result<()> {
    let Some(mut since) = expected.since(current.revision, (Some(article.updated_by), current.updated_at))
    else {
        return Ok(());
    };
    since.conflicts = None;
    let way = way_back(unit, article, current.id, since.base)?;
    since.by = way.last.map(|revision| revision.credential);
    since.base = way.seen.as_ref().map(|seen| seen.revision);
    if let Some(seen) = way.seen {
        let yours = yours(unit, &seen)?;
        since.conflicts = Some(history::section_conflicts(&seen, current, yours.as_ref()));
    }
    Err(stale(Resource::Section, current.id, current.revision, since))
}

/// The client's version of an article that it replaces the FAQs of; new ones have no id yet.
pub(super) fn with_faqs(base: &Article, entries: &[FaqEntry]) -> Document {
    let mut document = Document::from(base);
    let faqs = entries.iter().map(|entry| match entry {
        FaqEntry::Existing(id) => id.clone().into(),
        FaqEntry::New(faq) => serde_json::json!({ "question": faq.question, "answer": faq.answer }),
    });
    document.lists.insert(Field::Faqs, faqs.collect());
    document
}

/// The same of a draft.
pub(super) fn with_draft_faqs(base: &Article, drafts: &[DraftFaq]) -> Document {
    let entries: Vec<_> = drafts
        .iter()
        .map(|draft| match draft {
            DraftFaq::Existing(id) => FaqEntry::Existing(id.to_string()),
            DraftFaq::New(new) => FaqEntry::New(crate::faq::FaqInput {
                question: new.question.clone(),
                answer: new.answer.clone(),
                slug: None,
                tags: Vec::new(),
            }),
        })
        .collect();
    with_faqs(base, &entries)
}

/// A version that is not valid cannot be compared; that it is stale is said first all the same.
fn lenient(yours: Result<Option<Document>>) -> Result<Option<Document>> {
    match yours {
        Err(Error::Invalid(Violations(_))) => Ok(None),
        other => other,
    }
}

fn stale(resource: Resource, id: impl ToString, current: u32, since: Since) -> Error {
    Error::Stale {
        resource,
        id: id.to_string(),
        current,
        since: Some(Box::new(since)),
    }
}

/// What was found on the way back through an article's history.
struct WayBack {
    /// The revision of the article that last changed the section.
    last: Option<Revision>,
    /// The section as it was in the revision of its own that was looked for.
    seen: Option<Section>,
}

fn way_back(unit: &mut Unit<'_>, article: &Article, id: SectionId, wanted: Option<u32>) -> Result<WayBack> {
    let subject = Subject::Article(article.id);
    let mut way = WayBack {
        last: None,
        seen: None,
    };
    let mut before = article.revision.saturating_add(1);
    let end = before.saturating_sub(REACH);
    while before > end {
        let stretch = unit.repository.revisions_before(subject, before, STRIDE)?;
        let Some(oldest) = stretch.last() else { break };
        before = oldest.number;
        for revision in &stretch {
            let touched = touched(unit, subject, revision)?;
            let own = touched
                .sections
                .iter()
                .find(|section| section.id == id && matches!(section.how, How::Added | How::Changed));
            // Nothing is noted of the first revision, in which everything is new.
            let is_first = revision.number == 1;
            if own.is_none() && !is_first {
                continue;
            }
            if way.last.is_none() {
                way.last = Some(revision.clone());
            }
            let Some(wanted) = wanted else { return Ok(way) };
            if is_first || own.is_some_and(|own| own.revision <= wanted) {
                let then = unit.repository.article_at(article.id, revision.number)?;
                let mut sections = then.into_iter().flat_map(|then| then.sections);
                way.seen = sections.find(|section| section.id == id && section.revision == wanted);
                return Ok(way);
            }
        }
    }
    Ok(way)
}
