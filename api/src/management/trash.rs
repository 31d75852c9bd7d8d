//! What was deleted and can come back.

use actix_web::{delete, get, post};
use masthead_domain::id::TrashId;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::trash::TrashSort;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::trash::{self, Restored};
use masthead_openapi::management::{
    RestoreResponse, RestoreTrashItem, TrashItem, TrashItemResponse, TrashList, TrashListParameters,
};
use masthead_openapi::parameters::IdPath;

use crate::answer::{Answer, Fresh, Gone};
use crate::extract::{Caller, Here, Id, OptionalBody, Query};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List the trash
///
/// Articles and FAQs that were deleted, the last one first. Each stays until it is restored or purged, by an admin or
/// when `purge_at` has come.
#[utoipa::path(
    operation_id = "list_trash",
    tag = "Trash",
    params(TrashListParameters),
    responses((status = 200, description = "A page of the trash.", body = TrashList))
)]
#[get("/trash")]
pub async fn list_trash(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<TrashListParameters>,
) -> Answer<Fresh<TrashList>> {
    let list = List::new(here);
    let kind = asked.kind.map(Into::into);
    let newest = SortKey {
        field: TrashSort::DeletedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked!(asked), newest)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| trash::list(unit, kind, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let (link, keeping) = (link_header(&links), service.options().trash);
    let items = page.items.into_iter();
    let data = items.map(|view| TrashItem::new(view, keeping)).collect();
    Ok(Fresh::new(TrashList { data, meta, links }).linked(link))
}

/// Get something in the trash
///
/// Who deleted it, when, and until when it can come back. Its id is that of the article or FAQ.
#[utoipa::path(
    operation_id = "get_trash_item",
    tag = "Trash",
    params(IdPath),
    responses((status = 200, description = "What lies there.", body = TrashItemResponse))
)]
#[get("/trash/{id}")]
pub async fn get_trash_item(
    service: Service,
    Caller(actor): Caller,
    id: Id<TrashId>,
) -> Answer<Fresh<TrashItemResponse>> {
    let view = service.read(actor, move |unit| trash::get(unit, *id)).await?;
    let data = TrashItem::new(view, service.options().trash);
    Ok(Fresh::new(TrashItemResponse { data }))
}

/// Restore something from the trash
///
/// It comes back with its id, its sections and their ids, its links and its history, as a draft (as archived where it
/// was archived): readers see nothing of it until it is published, and what was scheduled is not any more. What could
/// not come back, because it was deleted meanwhile, is told in `meta.warnings`. Where its slug was taken meanwhile it
/// comes back under another, named in the body; the refusal offers one that is free. It needs no `If-Match`: what lies
/// in the trash does not change.
#[utoipa::path(
    operation_id = "restore_trash_item",
    tag = "Trash",
    params(IdPath),
    request_body = Option<RestoreTrashItem>,
    responses((status = 200, description = "The working copy.", body = RestoreResponse)),
    extensions(("x-problems" = json!(["already_exists", "slug_taken"])))
)]
#[post("/trash/{id}/restore")]
pub async fn restore_trash_item(
    service: Service,
    Caller(actor): Caller,
    id: Id<TrashId>,
    OptionalBody(body): OptionalBody<RestoreTrashItem>,
) -> Answer<Fresh<RestoreResponse>> {
    let restore = move |unit: &mut Unit<'_>| trash::restore(unit, *id, body.slug.as_deref());
    service.answer(actor, restore, restored).await
}

fn restored(restored: Restored) -> Fresh<RestoreResponse> {
    let (body, tag) = RestoreResponse::new(restored);
    Fresh::revision(body, tag)
}

/// Purge something from the trash
///
/// It is taken away for ever, with its history. Its id is never given again, and its old addresses stay 410 for
/// readers who knew them.
#[utoipa::path(
    operation_id = "delete_trash_item",
    tag = "Trash",
    params(IdPath),
    responses((status = 204, description = "It is gone for ever."))
)]
#[delete("/trash/{id}")]
pub async fn delete_trash_item(service: Service, Caller(actor): Caller, id: Id<TrashId>) -> Answer<Gone> {
    service.write(actor, move |unit| trash::purge(unit, *id)).await?;
    Ok(Gone)
}
