//! Reading the history of working copies: what was written when, by whom, and what differs.

use crate::article::Article;
use crate::error::{Error, Resource, Result};
use crate::faq::Faq;
use crate::history::{Blame, BlameWalk, Diff, Document, Revision, RevisionSort, Subject, Touched, diff};
use crate::id::{ArticleId, FaqId};
use crate::page::{Page, PageRequest};
use crate::rights::{Credential, Permission};
use crate::tag::Tag;
use crate::use_cases::reading::{self, NamedByline};
use crate::use_cases::{Unit, naming};

/// Revisions that are read at a time on a way back.
const STRIDE: u32 = 500;

/// A revision with what it changed and who wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct RevisionView {
    /// The revision.
    pub revision: Revision,
    /// What it changed.
    pub touched: Touched,
    /// What the one is called who wrote it.
    pub name: Option<String>,
}

/// An article as a revision left it, with those of the things it linked that are still there.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleRevision {
    /// The revision.
    pub view: RevisionView,
    /// The article then.
    pub article: Article,
    /// In order.
    pub tags: Vec<Tag>,
    /// In order.
    pub authors: Vec<NamedByline>,
}

/// A FAQ as a revision left it, with those of its tags that are still there.
#[derive(Debug, Clone, PartialEq)]
pub struct FaqRevision {
    /// The revision.
    pub view: RevisionView,
    /// The FAQ then.
    pub faq: Faq,
    /// In order.
    pub tags: Vec<Tag>,
}

/// Who wrote what is there, by names.
#[derive(Debug, Clone, PartialEq)]
pub struct BlameView {
    /// The present revision.
    pub revision: u32,
    /// Each field and section with the revision that last changed it.
    pub blame: Blame,
    /// What those are called who wrote them.
    pub names: Vec<(Credential, Option<String>)>,
}

/// A part of the list of an article's or a FAQ's revisions.
pub fn list(
    unit: &mut Unit<'_>,
    subject: Subject,
    page: &PageRequest<RevisionSort>,
) -> Result<Page<RevisionView>> {
    present(unit, subject)?;
    let page = unit.repository.revisions(subject, page)?;
    let credentials: Vec<_> = page.items.iter().map(|revision| revision.credential).collect();
    let mut names = unit.repository.names_of(&credentials)?.into_iter();
    let mut items = Vec::with_capacity(page.items.len());
    for revision in page.items {
        items.push(RevisionView {
            touched: touched(unit, subject, &revision)?,
            name: names.next().flatten(),
            revision,
        });
    }
    Ok(Page {
        items,
        next: page.next,
        previous: page.previous,
        total: page.total,
    })
}

/// An article as a revision left it.
pub fn article(unit: &mut Unit<'_>, id: ArticleId, number: u32) -> Result<ArticleRevision> {
    let subject = Subject::Article(id);
    present(unit, subject)?;
    let article = article_at(unit, id, number)?;
    let view = view(unit, subject, number)?;
    let then = reading::article_view(unit, article)?;
    Ok(ArticleRevision {
        view,
        tags: then.tags,
        authors: then.authors,
        article: then.article,
    })
}

/// A FAQ as a revision left it.
pub fn faq(unit: &mut Unit<'_>, id: FaqId, number: u32) -> Result<FaqRevision> {
    let subject = Subject::Faq(id);
    present(unit, subject)?;
    let faq = faq_at(unit, id, number)?;
    let view = view(unit, subject, number)?;
    let tags = unit.repository.tags_by_id(&faq.tags)?;
    Ok(FaqRevision { view, faq, tags })
}

/// What differs between two revisions of an article or a FAQ.
pub fn difference(unit: &mut Unit<'_>, subject: Subject, from: u32, to: u32) -> Result<Diff> {
    present(unit, subject)?;
    let found = diff(&document(unit, subject, from)?, &document(unit, subject, to)?);
    naming::diff(unit, found)
}

/// Who wrote what is there.
pub fn blame(unit: &mut Unit<'_>, subject: Subject) -> Result<BlameView> {
    let (document, revision) = present(unit, subject)?;
    let mut walk = BlameWalk::new(&document);
    let mut before = revision.saturating_add(1);
    while !walk.is_done() {
        let stretch = unit.repository.revisions_before(subject, before, STRIDE)?;
        let Some(last) = stretch.last() else { break };
        before = last.number;
        for revision in &stretch {
            let touched = touched(unit, subject, revision)?;
            walk.step(revision, &touched);
            if walk.is_done() {
                break;
            }
        }
    }
    let blame = walk
        .finish()
        .ok_or_else(|| Error::not_found(Resource::Revision, revision))?;
    let written = blame
        .fields
        .values()
        .chain(blame.sections.iter().map(|(_, revision)| revision));
    let mut credentials: Vec<Credential> = Vec::new();
    for revision in written {
        if !credentials.contains(&revision.credential) {
            credentials.push(revision.credential);
        }
    }
    let names = unit.repository.names_of(&credentials)?;
    Ok(BlameView {
        revision,
        blame,
        names: credentials.into_iter().zip(names).collect(),
    })
}

/// What a revision changed: noted with it, or told by its state and the one before.
pub(super) fn touched(unit: &mut Unit<'_>, subject: Subject, revision: &Revision) -> Result<Touched> {
    if let Some(touched) = &revision.touched {
        return Ok(touched.clone());
    }
    let Some(earlier) = revision.number.checked_sub(1).filter(|earlier| *earlier > 0) else {
        return Ok(Touched::default());
    };
    let told = match subject {
        Subject::Article(id) => {
            let states = (
                unit.repository.article_at(id, earlier)?,
                unit.repository.article_at(id, revision.number)?,
            );
            states
                .0
                .zip(states.1)
                .map(|(before, after)| Touched::between(&before, &after))
        }
        Subject::Faq(id) => {
            let states = (
                unit.repository.faq_at(id, earlier)?,
                unit.repository.faq_at(id, revision.number)?,
            );
            states
                .0
                .zip(states.1)
                .map(|(before, after)| Touched::between_faqs(&before, &after))
        }
    };
    Ok(told.unwrap_or_default())
}

/// The state that a revision of an article left.
pub(super) fn article_at(unit: &mut Unit<'_>, id: ArticleId, number: u32) -> Result<Article> {
    let found = unit.repository.article_at(id, number)?;
    found.ok_or_else(|| Error::not_found(Resource::Revision, number))
}

/// The state that a revision of a FAQ left.
pub(super) fn faq_at(unit: &mut Unit<'_>, id: FaqId, number: u32) -> Result<Faq> {
    let found = unit.repository.faq_at(id, number)?;
    found.ok_or_else(|| Error::not_found(Resource::Revision, number))
}

fn view(unit: &mut Unit<'_>, subject: Subject, number: u32) -> Result<RevisionView> {
    let found = unit.repository.revision(subject, number)?;
    let revision = found.ok_or_else(|| Error::not_found(Resource::Revision, number))?;
    let names = unit.repository.names_of(&[revision.credential])?;
    Ok(RevisionView {
        touched: touched(unit, subject, &revision)?,
        name: names.into_iter().next().flatten(),
        revision,
    })
}

/// What there is now, for those who may read it, with its revision.
fn present(unit: &mut Unit<'_>, subject: Subject) -> Result<(Document, u32)> {
    unit.actor.require(Permission::ContentRead)?;
    match subject {
        Subject::Article(id) => {
            let found = unit.repository.article(id)?;
            let article = found.ok_or_else(|| Error::not_found(Resource::Article, id))?;
            Ok(((&article).into(), article.revision))
        }
        Subject::Faq(id) => {
            let found = unit.repository.faq(id)?;
            let faq = found.ok_or_else(|| Error::not_found(Resource::Faq, id))?;
            Ok(((&faq).into(), faq.revision))
        }
    }
}

fn document(unit: &mut Unit<'_>, subject: Subject, number: u32) -> Result<Document> {
    match subject {
        Subject::Article(id) => Ok((&article_at(unit, id, number)?).into()),
        Subject::Faq(id) => Ok((&faq_at(unit, id, number)?).into()),
    }
}
