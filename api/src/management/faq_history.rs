//! The history of FAQs: what was written when, by whom, what differs, and the way back.

use actix_web::{get, post};
use masthead_domain::history::Subject;
use masthead_domain::id::FaqId;
use masthead_domain::use_cases::reading::FaqView;
use masthead_domain::use_cases::reverting::{self, Reverted};
use masthead_domain::use_cases::{Unit, history};
use masthead_openapi::management::{
    BlameResponse, DiffPath, FaqRevertResponse, FaqRevisionResponse, RevisionDiff, RevisionDiffResponse,
    RevisionList, RevisionListParameters, RevisionPath, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Fresh};
use crate::extract::{Between, Caller, Here, Id, Nth, Query, Seen};
use crate::management::history::NEWEST;
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List the revisions of a FAQ
///
/// Every write that changed the FAQ, with who, when, through which credential, and what changed in a line.
#[utoipa::path(
    operation_id = "list_faq_revisions",
    tag = "History",
    params(IdPath, RevisionListParameters),
    responses((status = 200, description = "A page of revisions.", body = RevisionList))
)]
#[get("/faqs/{id}/revisions")]
pub async fn list_faq_revisions(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    here: Here,
    Query(asked): Query<RevisionListParameters>,
) -> Answer<Fresh<RevisionList>> {
    let list = List::new(here);
    let page = list.request(service.keys()?, asked!(asked), NEWEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| history::list(unit, Subject::Faq(*id), &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(RevisionList { data, meta, links }).linked(link))
}

/// Get a revision of a FAQ
///
/// The FAQ as this revision left it.
#[utoipa::path(
    operation_id = "get_faq_revision",
    tag = "History",
    params(RevisionPath),
    responses((status = 200, description = "The FAQ then.", body = FaqRevisionResponse))
)]
#[get("/faqs/{id}/revisions/{n}")]
pub async fn get_faq_revision(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    Nth(number): Nth,
) -> Answer<Fresh<FaqRevisionResponse>> {
    let then = service
        .read(actor, move |unit| history::faq(unit, *id, number))
        .await?;
    Ok(Fresh::new(FaqRevisionResponse { data: then.into() }))
}

/// Compare two revisions of a FAQ
///
/// Fields that differ, and of texts which words. A FAQ has no sections, so nothing else stands there.
#[utoipa::path(
    operation_id = "get_faq_diff",
    tag = "History",
    params(DiffPath),
    responses((status = 200, description = "What differs.", body = RevisionDiffResponse))
)]
#[get("/faqs/{id}/revisions/{a}/diff/{b}")]
pub async fn get_faq_diff(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    between: Between,
) -> Answer<Fresh<RevisionDiffResponse>> {
    let Between { from, to } = between;
    let found = service
        .read(actor, move |unit| {
            history::difference(unit, Subject::Faq(*id), from, to)
        })
        .await?;
    let data = RevisionDiff::new(from, to, found);
    Ok(Fresh::new(RevisionDiffResponse { data }))
}

/// Revert a FAQ to a revision
///
/// A new revision of the working copy that holds what the old one held. The state stays as it is, and readers see
/// nothing of it. What cannot come back, because it was deleted or its slug is another's by now, is told in
/// `meta.warnings`.
#[utoipa::path(
    operation_id = "revert_faq",
    tag = "History",
    params(RevisionPath, IfMatch),
    responses((status = 200, description = "The working copy.", body = FaqRevertResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/faqs/{id}/revisions/{n}/revert")]
pub async fn revert_faq(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    Nth(number): Nth,
    seen: Seen,
) -> Answer<Fresh<FaqRevertResponse>> {
    let seen = seen.of(id.uuid());
    let revert = move |unit: &mut Unit<'_>| reverting::faq(unit, *id, number, &seen);
    service
        .answer(actor, revert, move |done| reverted(number, done))
        .await
}

fn reverted(number: u32, done: Reverted<FaqView>) -> Fresh<FaqRevertResponse> {
    let faq = &done.view.faq;
    let tag = etag(faq.id.uuid(), faq.revision);
    Fresh::revision(FaqRevertResponse::new(number, done), tag)
}

/// Tell who wrote what is in a FAQ
///
/// For each field the revision that last changed it, with who and when.
#[utoipa::path(
    operation_id = "get_faq_blame",
    tag = "History",
    params(IdPath),
    responses((status = 200, description = "Who wrote what.", body = BlameResponse))
)]
#[get("/faqs/{id}/blame")]
pub async fn get_faq_blame(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
) -> Answer<Fresh<BlameResponse>> {
    let view = service
        .read(actor, move |unit| history::blame(unit, Subject::Faq(*id)))
        .await?;
    let tag = etag(id.uuid(), view.revision);
    Ok(Fresh::revision(BlameResponse { data: view.into() }, tag))
}
