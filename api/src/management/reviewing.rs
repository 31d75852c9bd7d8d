//! Reviews, and putting articles away.

use actix_web::post;
use masthead_domain::id::ArticleId;
use masthead_domain::use_cases::{Unit, reviewing};
use masthead_openapi::management::{ArticleResponse, ReviewNote};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Fresh};
use crate::extract::{Caller, Id, OptionalBody, Seen};
use crate::management::fresh_article;
use crate::service::Service;

/// Submit an article
///
/// Asks editors for a review of what is to be published. Authors submit their own articles.
#[utoipa::path(
    operation_id = "submit_article",
    tag = "Publishing",
    params(IdPath, IfMatch),
    request_body = Option<ReviewNote>,
    responses((status = 200, description = "The working copy, with its review requested.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/submit")]
pub async fn submit_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    OptionalBody(said): OptionalBody<ReviewNote>,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let submit = move |unit: &mut Unit<'_>| reviewing::submit(unit, *id, &seen, said.note.clone());
    service.answer(actor, submit, fresh_article).await
}

/// Approve an article
///
/// Says that the revision in `If-Match` may be published. The approval belongs to that revision: the next change of
/// the article ends it.
#[utoipa::path(
    operation_id = "approve_article",
    tag = "Publishing",
    params(IdPath, IfMatch),
    request_body = Option<ReviewNote>,
    responses((status = 200, description = "The approved working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/approve")]
pub async fn approve_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    OptionalBody(said): OptionalBody<ReviewNote>,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let approve = move |unit: &mut Unit<'_>| reviewing::approve(unit, *id, &seen, said.note.clone());
    service.answer(actor, approve, fresh_article).await
}

/// Request changes of an article
///
/// Says that it has to change before it is published, and best also what: in `note`. Takes an approval back, too.
#[utoipa::path(
    operation_id = "request_article_changes",
    tag = "Publishing",
    params(IdPath, IfMatch),
    request_body = Option<ReviewNote>,
    responses((status = 200, description = "The working copy, of which changes are requested.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/request-changes")]
pub async fn request_article_changes(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    OptionalBody(said): OptionalBody<ReviewNote>,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let request_changes =
        move |unit: &mut Unit<'_>| reviewing::request_changes(unit, *id, &seen, said.note.clone());
    service.answer(actor, request_changes, fresh_article).await
}

/// Archive an article
///
/// Puts a draft or a published article away. Readers who saw it are told with 410 that it is gone.
#[utoipa::path(
    operation_id = "archive_article",
    tag = "Publishing",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The archived working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/archive")]
pub async fn archive_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let archive = move |unit: &mut Unit<'_>| reviewing::archive(unit, *id, &seen);
    service.answer(actor, archive, fresh_article).await
}

/// Reopen an article
///
/// Makes an archived article a draft again. Authors reopen their own.
#[utoipa::path(
    operation_id = "reopen_article",
    tag = "Publishing",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The working copy, a draft again.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/reopen")]
pub async fn reopen_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let reopen = move |unit: &mut Unit<'_>| reviewing::reopen(unit, *id, &seen);
    service.answer(actor, reopen, fresh_article).await
}
