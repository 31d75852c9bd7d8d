//! Proposals: made by whoever may propose, decided by whoever may write the article.

use actix_web::{get, post};
use masthead_domain::id::{ArticleId, ProposalId};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::proposal::ProposalSort;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::proposals::{self, ProposalView};
use masthead_openapi::management::{
    AcceptOperations, CreateProposal, ProposalList, ProposalListParameters, ProposalResponse,
    RejectOperations, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};
use masthead_openapi::problem::ProblemError;

use crate::answer::{Answer, Created, Fresh};
use crate::error::validation;
use crate::extract::{Body, Caller, Here, Id, OptionalBody, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// The order of lists of proposals.
const NEWEST: SortKey<ProposalSort> = SortKey {
    field: ProposalSort::CreatedAt,
    direction: Direction::Descending,
};

fn created(view: ProposalView) -> Created<ProposalResponse> {
    let outline = &view.row.outline;
    let tag = etag(outline.id.uuid(), outline.revision);
    let location = format!("/management/v1/proposals/{}", outline.id);
    Created::new(view.into(), tag, location)
}

fn fresh(view: ProposalView) -> Fresh<ProposalResponse> {
    let tag = etag(view.row.outline.id.uuid(), view.row.outline.revision);
    Fresh::revision(view.into(), tag)
}

/// List the proposals of an article
///
/// What was suggested of the article, and where it stands. Without `content:read` you see those that you made.
#[utoipa::path(
    operation_id = "list_article_proposals",
    tag = "Proposals",
    params(IdPath, ProposalListParameters),
    responses((status = 200, description = "A page of proposals.", body = ProposalList))
)]
#[get("/articles/{id}/proposals")]
pub async fn list_article_proposals(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    here: Here,
    Query(asked): Query<ProposalListParameters>,
) -> Answer<Fresh<ProposalList>> {
    let list = List::new(here);
    let status = asked.status.map(Into::into);
    let page = list.request(service.keys()?, asked!(asked), NEWEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| proposals::list(unit, *id, status, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(ProposalList { data, meta, links }).linked(link))
}

/// Propose changes of an article
///
/// Operations on sections and fields, made of a revision of the article, each of which an editor accepts or rejects.
/// Nothing changes until then. All that is wrong with them is told at once. An article has at most 50 open proposals,
/// and a credential makes at most 60 in an hour.
#[utoipa::path(
    operation_id = "create_article_proposal",
    tag = "Proposals",
    params(IdPath),
    request_body = CreateProposal,
    responses((status = 201, description = "The new proposal.", body = ProposalResponse)),
    extensions(("x-problems" = json!(["not_open", "too_many_requests"])))
)]
#[post("/articles/{id}/proposals")]
pub async fn create_article_proposal(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    Body(body): Body<CreateProposal>,
) -> Answer<Created<ProposalResponse>> {
    let input = body.into_input().map_err(|torn| {
        let message = "`after` and `before` do not go together; name one neighbour.";
        let errors = torn.into_iter();
        let at = |index| format!("/operations/{index}/before");
        validation(
            errors
                .map(|index| ProblemError::at(at(index), "conflict", message))
                .collect(),
        )
    })?;
    let create = move |unit: &mut Unit<'_>| proposals::create(unit, *id, input.clone());
    service.answer(actor, create, created).await
}

/// List proposals
///
/// Those of all articles: `status=open` is the queue of editors. Without `content:read` you see those that you made.
#[utoipa::path(
    operation_id = "list_proposals",
    tag = "Proposals",
    params(ProposalListParameters),
    responses((status = 200, description = "A page of proposals.", body = ProposalList))
)]
#[get("/proposals")]
pub async fn list_proposals(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<ProposalListParameters>,
) -> Answer<Fresh<ProposalList>> {
    let list = List::new(here);
    let status = asked.status.map(Into::into);
    let page = list.request(service.keys()?, asked!(asked), NEWEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| proposals::queue(unit, status, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(ProposalList { data, meta, links }).linked(link))
}

/// Get a proposal
///
/// Each operation with what it changes in the base revision, word by word, and whether it goes together with what is
/// there by now.
#[utoipa::path(
    operation_id = "get_proposal",
    tag = "Proposals",
    params(IdPath),
    responses((status = 200, description = "The proposal.", body = ProposalResponse))
)]
#[get("/proposals/{id}")]
pub async fn get_proposal(
    service: Service,
    Caller(actor): Caller,
    id: Id<ProposalId>,
) -> Answer<Fresh<ProposalResponse>> {
    let found = service.read(actor, move |unit| proposals::get(unit, *id)).await?;
    Ok(fresh(found))
}

/// Accept operations of a proposal
///
/// Lays them over the working copy as it is by now, in one new revision of it: all that are named, or all that are
/// `pending`. What others wrote since stays; where an operation and they changed the same thing to something else, this
/// is 409 with both, and nothing is changed. It publishes nothing, and ends an approval like every change.
#[utoipa::path(
    operation_id = "accept_proposal",
    tag = "Proposals",
    params(IdPath, IfMatch),
    request_body = Option<AcceptOperations>,
    responses((status = 200, description = "The proposal.", body = ProposalResponse)),
    extensions(("x-problems" = json!(["already_exists", "conflicting_operations", "not_open"])))
)]
#[post("/proposals/{id}/accept")]
pub async fn accept_proposal(
    service: Service,
    Caller(actor): Caller,
    id: Id<ProposalId>,
    seen: Seen,
    OptionalBody(body): OptionalBody<AcceptOperations>,
) -> Answer<Fresh<ProposalResponse>> {
    let seen = seen.of(id.uuid());
    let accept = move |unit: &mut Unit<'_>| proposals::accept(unit, *id, &seen, body.operations.as_deref());
    service.answer(actor, accept, fresh).await
}

/// Reject operations of a proposal
///
/// All that are named, or all that wait. The working copy stays as it is.
#[utoipa::path(
    operation_id = "reject_proposal",
    tag = "Proposals",
    params(IdPath, IfMatch),
    request_body = Option<RejectOperations>,
    responses((status = 200, description = "The proposal.", body = ProposalResponse)),
    extensions(("x-problems" = json!(["not_open"])))
)]
#[post("/proposals/{id}/reject")]
pub async fn reject_proposal(
    service: Service,
    Caller(actor): Caller,
    id: Id<ProposalId>,
    seen: Seen,
    OptionalBody(body): OptionalBody<RejectOperations>,
) -> Answer<Fresh<ProposalResponse>> {
    let seen = seen.of(id.uuid());
    let reject = move |unit: &mut Unit<'_>| {
        proposals::reject(unit, *id, &seen, body.operations.as_deref(), body.reason.clone())
    };
    service.answer(actor, reject, fresh).await
}

/// Withdraw a proposal
///
/// Takes back, by whoever made it, what nobody has decided.
#[utoipa::path(
    operation_id = "withdraw_proposal",
    tag = "Proposals",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The proposal.", body = ProposalResponse)),
    extensions(("x-problems" = json!(["not_open"])))
)]
#[post("/proposals/{id}/withdraw")]
pub async fn withdraw_proposal(
    service: Service,
    Caller(actor): Caller,
    id: Id<ProposalId>,
    seen: Seen,
) -> Answer<Fresh<ProposalResponse>> {
    let seen = seen.of(id.uuid());
    let withdraw = move |unit: &mut Unit<'_>| proposals::withdraw(unit, *id, &seen);
    service.answer(actor, withdraw, fresh).await
}
