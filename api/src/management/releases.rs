//! Releases: articles and FAQs that are published in the same instant.

use actix_web::{delete, get, patch, post};
use masthead_domain::id::ReleaseId;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::release::ReleaseSort;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::releases::{self, ReleaseInput, ReleasePatch, ReleaseView, Released};
use masthead_openapi::management::{
    CreateRelease, ReleaseList, ReleaseListParameters, ReleasePublicationResponse, ReleaseResponse,
    UpdateRelease, etag,
};
use masthead_openapi::parameters::{DryRun, IdPath, IfMatch, IfMatchUnlessDry};

use crate::answer::{Answer, Created, Fresh, Gone};
use crate::extract::{Body, Caller, Here, Id, MaybeSeen, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List releases
///
/// Those that gather and those that were published.
#[utoipa::path(
    operation_id = "list_releases",
    tag = "Releases",
    params(ReleaseListParameters),
    responses((status = 200, description = "A page of releases.", body = ReleaseList))
)]
#[get("/releases")]
pub async fn list_releases(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<ReleaseListParameters>,
) -> Answer<Fresh<ReleaseList>> {
    let list = List::new(here);
    let status = asked.status.map(Into::into);
    let newest = SortKey {
        field: ReleaseSort::CreatedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked!(asked), newest)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| releases::list(unit, status, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(ReleaseList { data, meta, links }).linked(link))
}

/// Create a release
///
/// Gathers articles and FAQs that are to be published, or taken away, together: up to 100. Nothing happens to them before
/// it is published. At most 1,000 releases gather at once.
#[utoipa::path(
    operation_id = "create_release",
    tag = "Releases",
    request_body = CreateRelease,
    responses((status = 201, description = "The new release.", body = ReleaseResponse)),
    extensions(("x-problems" = json!(["limit_reached"])))
)]
#[post("/releases")]
pub async fn create_release(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateRelease>,
) -> Answer<Created<ReleaseResponse>> {
    let input = ReleaseInput::from(body);
    let create = move |unit: &mut Unit<'_>| releases::create(unit, input.clone());
    service.answer(actor, create, created).await
}

fn created(made: ReleaseView) -> Created<ReleaseResponse> {
    let id = made.outline.id;
    let tag = etag(id.uuid(), made.outline.revision);
    let location = format!("/management/v1/releases/{id}");
    Created::new(ReleaseResponse { data: made.into() }, tag, location)
}

/// Get a release
///
/// With its things, and what they are called by now.
#[utoipa::path(
    operation_id = "get_release",
    tag = "Releases",
    params(IdPath),
    responses((status = 200, description = "The release.", body = ReleaseResponse))
)]
#[get("/releases/{id}")]
pub async fn get_release(
    service: Service,
    Caller(actor): Caller,
    id: Id<ReleaseId>,
) -> Answer<Fresh<ReleaseResponse>> {
    let found = service.read(actor, move |unit| releases::get(unit, *id)).await?;
    Ok(fresh(found))
}

fn fresh(view: ReleaseView) -> Fresh<ReleaseResponse> {
    let tag = etag(view.outline.id.uuid(), view.outline.revision);
    Fresh::revision(ReleaseResponse { data: view.into() }, tag)
}

/// Change a release
///
/// Changes the fields that are there; `items` are replaced whole. What was published does not change.
#[utoipa::path(
    operation_id = "update_release",
    tag = "Releases",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateRelease = "application/merge-patch+json"),
        (UpdateRelease = "application/json")
    )),
    responses((status = 200, description = "The changed release.", body = ReleaseResponse)),
    extensions(("x-problems" = json!(["not_open"])))
)]
#[patch("/releases/{id}")]
pub async fn update_release(
    service: Service,
    Caller(actor): Caller,
    id: Id<ReleaseId>,
    seen: Seen,
    Body(body): Body<UpdateRelease>,
) -> Answer<Fresh<ReleaseResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), ReleasePatch::from(body));
    let changed = service
        .write(actor, move |unit| {
            releases::patch(unit, *id, &seen, patch.clone())
        })
        .await?;
    Ok(fresh(changed))
}

/// Delete a release
///
/// Its articles and FAQs stay as they are. One that was published stays as a record of what it did.
#[utoipa::path(
    operation_id = "delete_release",
    tag = "Releases",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problems" = json!(["not_open"])))
)]
#[delete("/releases/{id}")]
pub async fn delete_release(
    service: Service,
    Caller(actor): Caller,
    id: Id<ReleaseId>,
    seen: Seen,
) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| releases::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}

/// Publish a release
///
/// In one transaction: readers see all of it change in the same instant, or nothing of it. Every article and FAQ is
/// checked as if it were published alone, but what the release itself shows or takes away counts as shown or taken away
/// already. Whatever is in the way is told of each thing at once. `dry_run=true` only looks, and changes nothing.
#[utoipa::path(
    operation_id = "publish_release",
    tag = "Releases",
    params(IdPath, IfMatchUnlessDry, DryRun),
    responses((status = 200, description = "The published release.", body = ReleasePublicationResponse)),
    extensions(("x-problems" = json!(["already_exists", "not_open", "preflight_failed", "validation_failed"])))
)]
#[post("/releases/{id}/publish")]
pub async fn publish_release(
    service: Service,
    Caller(actor): Caller,
    id: Id<ReleaseId>,
    seen: MaybeSeen,
    Query(asked): Query<DryRun>,
) -> Answer<Fresh<ReleasePublicationResponse>> {
    if asked.dry_run == Some(true) {
        let seen = seen.or_any().of(id.uuid());
        let looked = service
            .read(actor, move |unit| releases::look(unit, *id, &seen))
            .await?;
        return Ok(released(looked, true));
    }
    let seen = seen.needed()?.of(id.uuid());
    let publish = move |unit: &mut Unit<'_>| releases::publish(unit, *id, &seen);
    service.answer(actor, publish, |done| released(done, false)).await
}

fn released(released: Released, is_dry: bool) -> Fresh<ReleasePublicationResponse> {
    let outline = &released.view.outline;
    let tag = etag(outline.id.uuid(), outline.revision);
    Fresh::revision(ReleasePublicationResponse::new(released, is_dry), tag)
}
