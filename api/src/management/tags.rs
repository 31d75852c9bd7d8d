//! Tags.

use actix_web::{delete, get, patch, post};
use masthead_domain::id::TagId;
use masthead_domain::published::TagQuery;
use masthead_domain::tag::Tag;
use masthead_domain::use_cases::tags::{self, TagInput, TagPatch};
use masthead_domain::use_cases::{Unit, reading};
use masthead_openapi::management::{CreateTag, TagList, TagListParameters, TagResponse, UpdateTag, etag};
use masthead_openapi::parameters::{IdPath, IfMatch};

use super::articles::LATEST;
use crate::answer::{Answer, Created, Fresh, Gone};
use crate::extract::{Body, Caller, Here, Id, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List tags
///
/// All tags, used or not.
#[utoipa::path(
    operation_id = "list_tags",
    tag = "Tags",
    params(TagListParameters),
    responses((status = 200, description = "A page of tags.", body = TagList))
)]
#[get("/tags")]
pub async fn list_tags(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<TagListParameters>,
) -> Answer<Fresh<TagList>> {
    let list = List::new(here);
    let query = TagQuery { kind: asked.kind };
    let page = list.request(service.keys()?, asked!(asked), LATEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| reading::tags(unit, &query, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(TagList { data, meta, links }).linked(link))
}

/// Create a tag
///
/// Readers see it once something published carries it.
#[utoipa::path(
    operation_id = "create_tag",
    tag = "Tags",
    request_body = CreateTag,
    responses((status = 201, description = "The new tag.", body = TagResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/tags")]
pub async fn create_tag(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateTag>,
) -> Answer<Created<TagResponse>> {
    let input = TagInput::from(body);
    let create = move |unit: &mut Unit<'_>| tags::create(unit, None, input.clone());
    service.answer(actor, create, created).await
}

fn created(made: Tag) -> Created<TagResponse> {
    let tag = etag(made.id.uuid(), made.revision);
    let location = format!("/management/v1/tags/{}", made.id);
    Created::new(TagResponse { data: made.into() }, tag, location)
}

/// Get a tag
///
/// One tag, used or not.
#[utoipa::path(
    operation_id = "get_tag",
    tag = "Tags",
    params(IdPath),
    responses((status = 200, description = "The tag.", body = TagResponse))
)]
#[get("/tags/{id}")]
pub async fn get_tag(service: Service, Caller(actor): Caller, id: Id<TagId>) -> Answer<Fresh<TagResponse>> {
    let found = service.read(actor, move |unit| reading::tag(unit, *id)).await?;
    let tag = etag(id.uuid(), found.revision);
    Ok(Fresh::revision(TagResponse { data: found.into() }, tag))
}

/// Change a tag
///
/// Changes the fields that are there. Where something published carries it, readers see the change at once.
#[utoipa::path(
    operation_id = "update_tag",
    tag = "Tags",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateTag = "application/merge-patch+json"),
        (UpdateTag = "application/json")
    )),
    responses((status = 200, description = "The changed tag.", body = TagResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[patch("/tags/{id}")]
pub async fn update_tag(
    service: Service,
    Caller(actor): Caller,
    id: Id<TagId>,
    seen: Seen,
    Body(patch): Body<UpdateTag>,
) -> Answer<Fresh<TagResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), TagPatch::from(patch));
    let changed = service
        .write(actor, move |unit| tags::patch(unit, *id, &seen, patch.clone()))
        .await?;
    let tag = etag(id.uuid(), changed.revision);
    Ok(Fresh::revision(TagResponse { data: changed.into() }, tag))
}

/// Delete a tag
///
/// One that is in use stays, and the answer says where.
#[utoipa::path(
    operation_id = "delete_tag",
    tag = "Tags",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problems" = json!(["in_use"])))
)]
#[delete("/tags/{id}")]
pub async fn delete_tag(service: Service, Caller(actor): Caller, id: Id<TagId>, seen: Seen) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| tags::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}
