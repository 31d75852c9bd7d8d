//! Old slugs, kept by renaming or made by hand.

use actix_web::{delete, get, post};
use masthead_domain::id::RedirectId;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::redirect::{Redirect, RedirectSort};
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::redirects::{self, RedirectInput};
use masthead_openapi::management::{
    CreateRedirect, RedirectList, RedirectListParameters, RedirectResponse, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Created, Fresh, Gone};
use crate::extract::{Body, Caller, Here, Id, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List redirects
///
/// Old slugs of articles, tags and authors, those made by hand and those that renaming left. What has a slug now counts
/// more than a redirect from it, which sleeps until the slug is free again.
#[utoipa::path(
    operation_id = "list_redirects",
    tag = "Redirects",
    params(RedirectListParameters),
    responses((status = 200, description = "A page of redirects.", body = RedirectList))
)]
#[get("/redirects")]
pub async fn list_redirects(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<RedirectListParameters>,
) -> Answer<Fresh<RedirectList>> {
    let list = List::new(here);
    let kind = asked.kind.map(Into::into);
    let newest = SortKey {
        field: RedirectSort::CreatedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked!(asked), newest)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| redirects::list(unit, kind, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(RedirectList { data, meta, links }).linked(link))
}

/// Create a redirect
///
/// Lets a slug that nothing has lead to an article, a tag or an author: to the slug which that has when it is asked.
/// Renaming something that readers see does so by itself.
#[utoipa::path(
    operation_id = "create_redirect",
    tag = "Redirects",
    request_body = CreateRedirect,
    responses((status = 201, description = "The new redirect.", body = RedirectResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/redirects")]
pub async fn create_redirect(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateRedirect>,
) -> Answer<Created<RedirectResponse>> {
    let input = RedirectInput::from(body);
    let create = move |unit: &mut Unit<'_>| redirects::create(unit, input.clone());
    service.answer(actor, create, created).await
}

fn created(made: Redirect) -> Created<RedirectResponse> {
    let tag = etag(made.id.uuid(), 1);
    let location = format!("/management/v1/redirects/{}", made.id);
    Created::new(RedirectResponse { data: made.into() }, tag, location)
}

/// Get a redirect
///
/// One old slug with the thing it leads to.
#[utoipa::path(
    operation_id = "get_redirect",
    tag = "Redirects",
    params(IdPath),
    responses((status = 200, description = "The redirect.", body = RedirectResponse))
)]
#[get("/redirects/{id}")]
pub async fn get_redirect(
    service: Service,
    Caller(actor): Caller,
    id: Id<RedirectId>,
) -> Answer<Fresh<RedirectResponse>> {
    let found = service.read(actor, move |unit| redirects::get(unit, *id)).await?;
    let tag = etag(id.uuid(), 1);
    Ok(Fresh::revision(RedirectResponse { data: found.into() }, tag))
}

/// Delete a redirect
///
/// The slug then leads nowhere.
#[utoipa::path(
    operation_id = "delete_redirect",
    tag = "Redirects",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone."))
)]
#[delete("/redirects/{id}")]
pub async fn delete_redirect(
    service: Service,
    Caller(actor): Caller,
    id: Id<RedirectId>,
    seen: Seen,
) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| redirects::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}
