//! Editorial notes: threads about articles, sections and FAQs.

use actix_web::{delete, get, patch, post};
use masthead_domain::history::Subject;
use masthead_domain::id::{ArticleId, FaqId, NoteId, SectionId};
use masthead_domain::note::NoteSort;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::notes::{self, NoteInput, NotePatch, NoteView, ThreadQuery};
use masthead_openapi::management::{
    ArticleNoteListParameters, CreateArticleNote, CreateFaqNote, CreateReply, FaqNoteListParameters,
    NoteList, NoteListParameters, NoteResponse, UpdateNote, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Created, Fresh, Gone};
use crate::extract::{Body, Caller, Here, Id, Query, Seen};
use crate::paging::{List, asked, link_header, refused};
use crate::service::Service;

/// The order of lists of threads.
const NEWEST: SortKey<NoteSort> = SortKey {
    field: NoteSort::CreatedAt,
    direction: Direction::Descending,
};

/// One page of threads: what is listed differs, what surrounds it does not.
macro_rules! list_threads {
    ($service:expr, $actor:expr, $here:expr, $asked:expr, |$unit:ident, $page:ident| $threads:expr) => {{
        let list = List::new($here);
        let asked = $asked;
        let page = list.request($service.keys()?, asked!(asked), NEWEST)?;
        let limit = page.limit;
        let page = $service
            .read($actor, move |$unit| {
                let $page = &page;
                $threads
            })
            .await?;
        let (meta, links) = list.describe($service.keys()?, &page, limit);
        let link = link_header(&links);
        let data = page.items.into_iter().map(Into::into).collect();
        Ok(Fresh::new(NoteList { data, meta, links }).linked(link))
    }};
}

fn created(view: NoteView) -> Created<NoteResponse> {
    let tag = etag(view.note.id.uuid(), view.note.revision);
    let location = format!("/management/v1/notes/{}", view.note.id);
    Created::new(view.into(), tag, location)
}

fn fresh(view: NoteView) -> Fresh<NoteResponse> {
    let tag = etag(view.note.id.uuid(), view.note.revision);
    Fresh::revision(view.into(), tag)
}

/// List the notes about an article
///
/// Threads about the article and its sections, those about sections that are not there now as well; each with its
/// latest ten replies. Without `content:read` you see the threads that you began.
#[utoipa::path(
    operation_id = "list_article_notes",
    tag = "Notes",
    params(IdPath, ArticleNoteListParameters),
    responses((status = 200, description = "A page of threads.", body = NoteList))
)]
#[get("/articles/{id}/notes")]
pub async fn list_article_notes(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    here: Here,
    Query(asked): Query<ArticleNoteListParameters>,
) -> Answer<Fresh<NoteList>> {
    let section = asked.section_id.as_deref().map(|text| {
        let message = "An id is a UUID in lower case.";
        SectionId::parse(text).ok_or_else(|| refused("section_id", "invalid_format", message))
    });
    let query = ThreadQuery {
        section: section.transpose()?,
        resolved: asked.resolved,
    };
    list_threads!(service, actor, here, asked, |unit, page| notes::list(
        unit,
        Subject::Article(*id),
        query,
        page
    ))
}

/// Write a note about an article
///
/// Begins a thread about the article or one of its sections. Neither the article nor its revision changes, and readers
/// never see it. There are at most 1,000 threads about an article.
#[utoipa::path(
    operation_id = "create_article_note",
    tag = "Notes",
    params(IdPath),
    request_body = CreateArticleNote,
    responses((status = 201, description = "The new thread.", body = NoteResponse))
)]
#[post("/articles/{id}/notes")]
pub async fn create_article_note(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    Body(body): Body<CreateArticleNote>,
) -> Answer<Created<NoteResponse>> {
    let input = NoteInput::from(body);
    let create = move |unit: &mut Unit<'_>| notes::create(unit, Subject::Article(*id), input.clone());
    service.answer(actor, create, created).await
}

/// List the notes about a FAQ
///
/// Threads about the FAQ, each with its latest ten replies.
#[utoipa::path(
    operation_id = "list_faq_notes",
    tag = "Notes",
    params(IdPath, FaqNoteListParameters),
    responses((status = 200, description = "A page of threads.", body = NoteList))
)]
#[get("/faqs/{id}/notes")]
pub async fn list_faq_notes(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    here: Here,
    Query(asked): Query<FaqNoteListParameters>,
) -> Answer<Fresh<NoteList>> {
    let query = ThreadQuery {
        section: None,
        resolved: asked.resolved,
    };
    list_threads!(service, actor, here, asked, |unit, page| notes::list(
        unit,
        Subject::Faq(*id),
        query,
        page
    ))
}

/// Write a note about a FAQ
///
/// Begins a thread about the FAQ. Neither the FAQ nor its revision changes, and readers never see it. There are at most
/// 1,000 threads about a FAQ.
#[utoipa::path(
    operation_id = "create_faq_note",
    tag = "Notes",
    params(IdPath),
    request_body = CreateFaqNote,
    responses((status = 201, description = "The new thread.", body = NoteResponse))
)]
#[post("/faqs/{id}/notes")]
pub async fn create_faq_note(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    Body(body): Body<CreateFaqNote>,
) -> Answer<Created<NoteResponse>> {
    let input = NoteInput::from(body);
    let create = move |unit: &mut Unit<'_>| notes::create(unit, Subject::Faq(*id), input.clone());
    service.answer(actor, create, created).await
}

/// List notes
///
/// Threads about all articles and FAQs; `mentions=me` makes it an inbox, `resolved=false` a list of what is open. Without
/// `content:read` you see the threads that you began.
#[utoipa::path(
    operation_id = "list_notes",
    tag = "Notes",
    params(NoteListParameters),
    responses((status = 200, description = "A page of threads.", body = NoteList))
)]
#[get("/notes")]
pub async fn list_notes(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<NoteListParameters>,
) -> Answer<Fresh<NoteList>> {
    let (resolved, mentioning_me) = (asked.resolved, asked.mentions.is_some());
    list_threads!(service, actor, here, asked, |unit, page| notes::inbox(
        unit,
        resolved,
        mentioning_me,
        page
    ))
}

/// Get a note
///
/// The first note of a thread with all of its replies, or one reply.
#[utoipa::path(
    operation_id = "get_note",
    tag = "Notes",
    params(IdPath),
    responses((status = 200, description = "The note.", body = NoteResponse))
)]
#[get("/notes/{id}")]
pub async fn get_note(
    service: Service,
    Caller(actor): Caller,
    id: Id<NoteId>,
) -> Answer<Fresh<NoteResponse>> {
    let found = service.read(actor, move |unit| notes::get(unit, *id)).await?;
    Ok(fresh(found))
}

/// Change a note
///
/// Changes the words of your own note, and whom it speaks to.
#[utoipa::path(
    operation_id = "update_note",
    tag = "Notes",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateNote = "application/merge-patch+json"),
        (UpdateNote = "application/json")
    )),
    responses((status = 200, description = "The changed note.", body = NoteResponse))
)]
#[patch("/notes/{id}")]
pub async fn update_note(
    service: Service,
    Caller(actor): Caller,
    id: Id<NoteId>,
    seen: Seen,
    Body(patch): Body<UpdateNote>,
) -> Answer<Fresh<NoteResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), NotePatch::from(patch));
    let changed = service
        .write(actor, move |unit| notes::patch(unit, *id, &seen, patch.clone()))
        .await?;
    Ok(fresh(changed))
}

/// Delete a note
///
/// A reply goes alone, the first note of a thread with all replies. You delete your own notes, but for a thread in which
/// others have replied; editors delete any.
#[utoipa::path(
    operation_id = "delete_note",
    tag = "Notes",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone."))
)]
#[delete("/notes/{id}")]
pub async fn delete_note(
    service: Service,
    Caller(actor): Caller,
    id: Id<NoteId>,
    seen: Seen,
) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| notes::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}

/// Reply to a note
///
/// Adds a reply to a thread, which is named by its first note. This needs no precondition. A thread has at most 200
/// replies, and a reply leaves it resolved where it is.
#[utoipa::path(
    operation_id = "create_note_reply",
    tag = "Notes",
    params(IdPath),
    request_body = CreateReply,
    responses((status = 201, description = "The new reply.", body = NoteResponse))
)]
#[post("/notes/{id}/replies")]
pub async fn create_note_reply(
    service: Service,
    Caller(actor): Caller,
    id: Id<NoteId>,
    Body(body): Body<CreateReply>,
) -> Answer<Created<NoteResponse>> {
    let input = NoteInput::from(body);
    let reply = move |unit: &mut Unit<'_>| notes::reply(unit, *id, input.clone());
    service.answer(actor, reply, created).await
}

/// Resolve a thread
///
/// Says that what its first note is about is settled. The precondition is that note's, whose revision counts the replies
/// as well, so that nobody settles what they have not read.
#[utoipa::path(
    operation_id = "resolve_note",
    tag = "Notes",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The thread.", body = NoteResponse))
)]
#[post("/notes/{id}/resolve")]
pub async fn resolve_note(
    service: Service,
    Caller(actor): Caller,
    id: Id<NoteId>,
    seen: Seen,
) -> Answer<Fresh<NoteResponse>> {
    let seen = seen.of(id.uuid());
    let resolve = move |unit: &mut Unit<'_>| notes::settle(unit, *id, &seen, true);
    service.answer(actor, resolve, fresh).await
}

/// Reopen a thread
///
/// Says that what its first note is about is not settled after all.
#[utoipa::path(
    operation_id = "reopen_note",
    tag = "Notes",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The thread.", body = NoteResponse))
)]
#[post("/notes/{id}/reopen")]
pub async fn reopen_note(
    service: Service,
    Caller(actor): Caller,
    id: Id<NoteId>,
    seen: Seen,
) -> Answer<Fresh<NoteResponse>> {
    let seen = seen.of(id.uuid());
    let reopen = move |unit: &mut Unit<'_>| notes::settle(unit, *id, &seen, false);
    service.answer(actor, reopen, fresh).await
}
