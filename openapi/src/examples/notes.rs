//! Examples of editorial notes.

use masthead_domain::history::Subject;
use masthead_domain::id::NoteId;
use masthead_domain::note::Note;
use masthead_domain::rights::Credential;
use masthead_domain::use_cases::notes::{Names, NoteView};

use super::answers::{Answers, page, put};
use super::world::{World, user};
use crate::management as m;

/// Adds them.
pub(super) fn add(all: &mut Answers, world: &World) -> Option<()> {
    let id = NoteId::from_uuid(world.tag.id.uuid());
    let (by, at) = (Credential::User(user()), world.tag.created_at);
    let first = Note {
        id,
        thread: id,
        subject: Subject::Article(world.article.id),
        section: world.article.sections.first().map(|section| section.id),
        quote: Some("The sea is never still.".into()),
        body: "Is this so **everywhere**? @ada knows.".into(),
        mentions: vec![user()],
        replies: 1,
        resolved: None,
        revision: 2,
        created_at: at,
        created_by: by,
        updated_at: at,
    };
    let reply = Note {
        id: NoteId::from_uuid(world.author.id.uuid()),
        section: None,
        quote: None,
        body: "Not in the Mediterranean; I have added a line.".into(),
        mentions: Vec::new(),
        replies: 0,
        revision: 1,
        ..first.clone()
    };
    let view = || NoteView {
        note: first.clone(),
        first: first.clone(),
        replies: vec![reply.clone()],
        section_missing: false,
        names: Names::from([(by, Some("Ada Marsh".into()))]),
    };
    put(all, "NoteResponse", m::NoteResponse::from(view()))?;
    let (meta, links) = page("/management/v1/notes");
    let data = vec![view().into()];
    put(all, "NoteList", m::NoteList { data, meta, links })
}
