//! The history of articles: what was written when, by whom, what differs, and the way back.

use actix_web::{get, post};
use masthead_domain::history::{RevisionSort, Subject};
use masthead_domain::id::ArticleId;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::use_cases::reading::ArticleView;
use masthead_domain::use_cases::reverting::{self, Reverted};
use masthead_domain::use_cases::{Unit, history};
use masthead_openapi::management::{
    ArticleRevertResponse, ArticleRevisionResponse, BlameResponse, DiffPath, RevertArticle, RevisionDiff,
    RevisionDiffResponse, RevisionList, RevisionListParameters, RevisionPath, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Fresh};
use crate::extract::{Between, Caller, Here, Id, Nth, OptionalBody, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// The order of lists of revisions.
pub(super) const NEWEST: SortKey<RevisionSort> = SortKey {
    field: RevisionSort::Revision,
    direction: Direction::Descending,
};

/// List the revisions of an article
///
/// Every write that changed the article, its sections, their order or its links, with who, when, through which
/// credential, and what changed in a line.
#[utoipa::path(
    operation_id = "list_article_revisions",
    tag = "History",
    params(IdPath, RevisionListParameters),
    responses((status = 200, description = "A page of revisions.", body = RevisionList))
)]
#[get("/articles/{id}/revisions")]
pub async fn list_article_revisions(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    here: Here,
    Query(asked): Query<RevisionListParameters>,
) -> Answer<Fresh<RevisionList>> {
    let list = List::new(here);
    let page = list.request(service.keys()?, asked!(asked), NEWEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| {
            history::list(unit, Subject::Article(*id), &page)
        })
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(RevisionList { data, meta, links }).linked(link))
}

/// Get a revision of an article
///
/// The article as this revision left it.
#[utoipa::path(
    operation_id = "get_article_revision",
    tag = "History",
    params(RevisionPath),
    responses((status = 200, description = "The article then.", body = ArticleRevisionResponse))
)]
#[get("/articles/{id}/revisions/{n}")]
pub async fn get_article_revision(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    Nth(number): Nth,
) -> Answer<Fresh<ArticleRevisionResponse>> {
    let then = service
        .read(actor, move |unit| history::article(unit, *id, number))
        .await?;
    Ok(Fresh::new(ArticleRevisionResponse { data: then.into() }))
}

/// Compare two revisions of an article
///
/// Sections are told apart by their ids: what was added, removed, moved and changed, and of texts which words. A pure
/// reorder shows only what moved.
#[utoipa::path(
    operation_id = "get_article_diff",
    tag = "History",
    params(DiffPath),
    responses((status = 200, description = "What differs.", body = RevisionDiffResponse))
)]
#[get("/articles/{id}/revisions/{a}/diff/{b}")]
pub async fn get_article_diff(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    between: Between,
) -> Answer<Fresh<RevisionDiffResponse>> {
    let Between { from, to } = between;
    let found = service
        .read(actor, move |unit| {
            history::difference(unit, Subject::Article(*id), from, to)
        })
        .await?;
    let data = RevisionDiff::new(from, to, found);
    Ok(Fresh::new(RevisionDiffResponse { data }))
}

/// Revert an article to a revision
///
/// A new revision of the working copy that holds what the old one held: all of it, or only the sections that are
/// named. The state stays as it is, and readers see nothing of it. What cannot come back, because it was deleted or
/// its slug is another's by now, is told in `meta.warnings`.
#[utoipa::path(
    operation_id = "revert_article",
    tag = "History",
    params(RevisionPath, IfMatch),
    request_body = Option<RevertArticle>,
    responses((status = 200, description = "The working copy.", body = ArticleRevertResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/articles/{id}/revisions/{n}/revert")]
pub async fn revert_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    Nth(number): Nth,
    seen: Seen,
    OptionalBody(body): OptionalBody<RevertArticle>,
) -> Answer<Fresh<ArticleRevertResponse>> {
    let seen = seen.of(id.uuid());
    let revert =
        move |unit: &mut Unit<'_>| reverting::article(unit, *id, number, &seen, body.sections.as_deref());
    service
        .answer(actor, revert, move |done| reverted(number, done))
        .await
}

fn reverted(number: u32, done: Reverted<ArticleView>) -> Fresh<ArticleRevertResponse> {
    let article = &done.view.article;
    let tag = etag(article.id.uuid(), article.revision);
    Fresh::revision(ArticleRevertResponse::new(number, done), tag)
}

/// Tell who wrote what is in an article
///
/// For each field and section the revision that last changed it, with who and when.
#[utoipa::path(
    operation_id = "get_article_blame",
    tag = "History",
    params(IdPath),
    responses((status = 200, description = "Who wrote what.", body = BlameResponse))
)]
#[get("/articles/{id}/blame")]
pub async fn get_article_blame(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
) -> Answer<Fresh<BlameResponse>> {
    let view = service
        .read(actor, move |unit| history::blame(unit, Subject::Article(*id)))
        .await?;
    let tag = etag(id.uuid(), view.revision);
    Ok(Fresh::revision(BlameResponse { data: view.into() }, tag))
}
