//! Examples of histories, differences, conflicts and merges.

use masthead_domain::history::{
    BlameWalk, Document, Entry, Revision, diff, merge as merged, section_conflicts,
};
use masthead_domain::section::SectionContent;
use masthead_domain::use_cases::history as told;
use masthead_domain::use_cases::merge::Combined;
use masthead_domain::use_cases::reading::{ArticleView, FaqView};
use masthead_domain::use_cases::reverting::Reverted;

use super::answers::{Answers, page, put};
use super::world::World;
use crate::management as m;
use crate::problem::Conflict;

/// The first section with another text.
fn changed(world: &World, body: &str) -> masthead_domain::article::Article {
    let mut article = world.article.clone();
    if let Some(first) = article.sections.first_mut() {
        first.content = SectionContent::Text { body: body.into() };
        first.revision += 1;
    }
    article.revision += 1;
    article
}

fn revision(world: &World) -> told::RevisionView {
    let article = &world.article;
    let after = changed(world, "The sea is **seldom** still.");
    let Entry { note, touched } = Entry::of_article("section changed", article, &after);
    told::RevisionView {
        revision: Revision {
            number: after.revision,
            note,
            credential: article.updated_by,
            at: article.updated_at,
            touched: Some(touched.clone()),
        },
        touched,
        name: Some("Ada Marsh".into()),
    }
}

/// Two people on one paragraph.
pub(super) fn conflict() -> Option<Conflict> {
    let world = World::new()?;
    let theirs = changed(&world, "The sea is **seldom** still.");
    let yours = changed(&world, "The sea is **hardly** still.");
    let (base, theirs, yours) = (&world.article.sections, &theirs.sections, &yours.sections);
    let found = section_conflicts(base.first()?, theirs.first()?, yours.first());
    found.into_iter().next().map(Into::into)
}

pub(super) fn add(all: &mut Answers, world: &World, view: &ArticleView) -> Option<()> {
    let row = || m::Revision::from(revision(world));
    let (meta, links) = page("/management/v1/articles/0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001/revisions");
    let data = vec![row()];
    put(all, "RevisionList", m::RevisionList { data, meta, links })?;
    let then = told::ArticleRevision {
        view: revision(world),
        article: changed(world, "The sea is **seldom** still."),
        tags: view.tags.clone(),
        authors: view.authors.clone(),
    };
    put(
        all,
        "ArticleRevisionResponse",
        m::ArticleRevisionResponse { data: then.into() },
    )?;
    let then = told::FaqRevision {
        view: revision(world),
        faq: world.faq.clone(),
        tags: view.tags.clone(),
    };
    put(
        all,
        "FaqRevisionResponse",
        m::FaqRevisionResponse { data: then.into() },
    )?;
    let base = Document::from(&world.article);
    let theirs = Document::from(&changed(world, "The sea is **seldom** still."));
    let data = m::RevisionDiff::new(4, 5, diff(&base, &theirs));
    put(all, "RevisionDiffResponse", m::RevisionDiffResponse { data })?;
    let mut walk = BlameWalk::new(&base);
    let newest = revision(world);
    walk.step(&newest.revision, &newest.touched);
    let blame = told::BlameView {
        revision: newest.revision.number,
        blame: walk.finish()?,
        names: vec![(newest.revision.credential, newest.name)],
    };
    put(all, "BlameResponse", m::BlameResponse { data: blame.into() })?;
    let reverted = Reverted {
        view: view.clone(),
        warnings: Vec::new(),
    };
    put(
        all,
        "ArticleRevertResponse",
        m::ArticleRevertResponse::new(2, reverted),
    )?;
    let reverted = Reverted {
        view: FaqView {
            faq: world.faq.clone(),
            tags: view.tags.clone(),
        },
        warnings: Vec::new(),
    };
    put(all, "FaqRevertResponse", m::FaqRevertResponse::new(2, reverted))?;
    let mut yours = changed(world, "The sea is **hardly** still.");
    yours.title = "Why the tides turn".into();
    let combined = merged(&base, &theirs, &Document::from(&yours));
    let combined = Combined {
        view: view.clone(),
        applied: combined.applied,
        conflicts: combined.conflicts,
    };
    put(
        all,
        "ArticleMergeResponse",
        m::ArticleMergeResponse::new(4, combined),
    )
}
