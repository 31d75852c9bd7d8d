//! Authors.

use actix_web::{delete, get, patch, post};
use masthead_domain::author::Author;
use masthead_domain::id::AuthorId;

use masthead_domain::use_cases::authors::{self, AuthorInput, AuthorPatch};
use masthead_domain::use_cases::{Unit, reading};
use masthead_openapi::management::{
    AuthorList, AuthorListParameters, AuthorResponse, CreateAuthor, UpdateAuthor, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};

use super::articles::LATEST;
use crate::answer::{Answer, Created, Fresh, Gone};
use crate::extract::{Body, Caller, Here, Id, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List authors
///
/// All authors, used or not.
#[utoipa::path(
    operation_id = "list_authors",
    tag = "Authors",
    params(AuthorListParameters),
    responses((status = 200, description = "A page of authors.", body = AuthorList))
)]
#[get("/authors")]
pub async fn list_authors(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<AuthorListParameters>,
) -> Answer<Fresh<AuthorList>> {
    let list = List::new(here);

    let page = list.request(service.keys()?, asked!(asked), LATEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| reading::authors(unit, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(AuthorList { data, meta, links }).linked(link))
}

/// Create an author
///
/// Readers see it once something published carries it.
#[utoipa::path(
    operation_id = "create_author",
    tag = "Authors",
    request_body = CreateAuthor,
    responses((status = 201, description = "The new author.", body = AuthorResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/authors")]
pub async fn create_author(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateAuthor>,
) -> Answer<Created<AuthorResponse>> {
    let input = AuthorInput::from(body);
    let create = move |unit: &mut Unit<'_>| authors::create(unit, None, input.clone());
    service.answer(actor, create, created).await
}

fn created(made: Author) -> Created<AuthorResponse> {
    let tag = etag(made.id.uuid(), made.revision);
    let location = format!("/management/v1/authors/{}", made.id);
    Created::new(AuthorResponse { data: made.into() }, tag, location)
}

/// Get an author
///
/// One author, used or not.
#[utoipa::path(
    operation_id = "get_author",
    tag = "Authors",
    params(IdPath),
    responses((status = 200, description = "The author.", body = AuthorResponse))
)]
#[get("/authors/{id}")]
pub async fn get_author(
    service: Service,
    Caller(actor): Caller,
    id: Id<AuthorId>,
) -> Answer<Fresh<AuthorResponse>> {
    let found = service
        .read(actor, move |unit| reading::author(unit, *id))
        .await?;
    let tag = etag(id.uuid(), found.revision);
    Ok(Fresh::revision(AuthorResponse { data: found.into() }, tag))
}

/// Change an author
///
/// Changes the fields that are there. Where something published carries it, readers see the change at once.
#[utoipa::path(
    operation_id = "update_author",
    tag = "Authors",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateAuthor = "application/merge-patch+json"),
        (UpdateAuthor = "application/json")
    )),
    responses((status = 200, description = "The changed author.", body = AuthorResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[patch("/authors/{id}")]
pub async fn update_author(
    service: Service,
    Caller(actor): Caller,
    id: Id<AuthorId>,
    seen: Seen,
    Body(patch): Body<UpdateAuthor>,
) -> Answer<Fresh<AuthorResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), AuthorPatch::from(patch));
    let changed = service
        .write(actor, move |unit| authors::patch(unit, *id, &seen, patch.clone()))
        .await?;
    let tag = etag(id.uuid(), changed.revision);
    Ok(Fresh::revision(AuthorResponse { data: changed.into() }, tag))
}

/// Delete an author
///
/// One that is in use stays, and the answer says where.
#[utoipa::path(
    operation_id = "delete_author",
    tag = "Authors",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problems" = json!(["in_use"])))
)]
#[delete("/authors/{id}")]
pub async fn delete_author(
    service: Service,
    Caller(actor): Caller,
    id: Id<AuthorId>,
    seen: Seen,
) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| authors::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}
