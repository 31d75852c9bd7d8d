//! Working copies of FAQs.

use actix_web::{delete, get, patch, post};
use masthead_domain::id::FaqId;
use masthead_domain::locale::Locale;
use masthead_domain::repository::FaqFilter;
use masthead_domain::slug::Slug;
use masthead_domain::use_cases::faqs::{self, FaqPatch};
use masthead_domain::use_cases::preflighting::{self, Report};
use masthead_domain::use_cases::reading::FaqView;
use masthead_domain::use_cases::{Unit, publishing, reading};
use masthead_openapi::management::{
    CreateFaq, FaqList, FaqListParameters, FaqPublicationResponse, FaqResponse, UpdateFaq, etag,
};
use masthead_openapi::parameters::{DryRun, IdPath, IfMatch, IfMatchUnlessDry};

use super::articles::LATEST;
use crate::answer::{Answer, Created, Fresh, Gone};
use crate::extract::{Body, Caller, Here, Id, MaybeSeen, Query, Seen};
use crate::management::fresh_faq;
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List FAQs
///
/// Working copies, in any state.
#[utoipa::path(
    operation_id = "list_faqs",
    tag = "FAQs",
    params(FaqListParameters),
    responses((status = 200, description = "A page of FAQs.", body = FaqList))
)]
#[get("/faqs")]
pub async fn list_faqs(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<FaqListParameters>,
) -> Answer<Fresh<FaqList>> {
    let list = List::new(here);
    let filter = filter(&asked);
    let page = list.request(service.keys()?, asked!(asked), LATEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| match filter {
            Some(filter) => reading::faqs(unit, &filter, &page),
            None => reading::none(unit, page.count),
        })
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(FaqList { data, meta, links }).linked(link))
}

/// Create a FAQ
///
/// A draft that stands alone; articles can link it.
#[utoipa::path(
    operation_id = "create_faq",
    tag = "FAQs",
    request_body = CreateFaq,
    responses((status = 201, description = "The new FAQ.", body = FaqResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/faqs")]
pub async fn create_faq(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateFaq>,
) -> Answer<Created<FaqResponse>> {
    let (locale, input) = body.into_parts();
    let create = move |unit: &mut Unit<'_>| faqs::create(unit, None, &locale, input.clone());
    service.answer(actor, create, created).await
}

fn created(view: FaqView) -> Created<FaqResponse> {
    let tag = etag(view.faq.id.uuid(), view.faq.revision);
    let location = format!("/management/v1/faqs/{}", view.faq.id);
    Created::new(FaqResponse { data: view.into() }, tag, location)
}

/// Get a FAQ
///
/// The working copy.
#[utoipa::path(
    operation_id = "get_faq",
    tag = "FAQs",
    params(IdPath),
    responses((status = 200, description = "The FAQ.", body = FaqResponse))
)]
#[get("/faqs/{id}")]
pub async fn get_faq(service: Service, Caller(actor): Caller, id: Id<FaqId>) -> Answer<Fresh<FaqResponse>> {
    let view = service.read(actor, move |unit| reading::faq(unit, *id)).await?;
    Ok(fresh_faq(view))
}

/// Change a FAQ
///
/// Changes the fields that are there. Readers see the change when the FAQ is published.
#[utoipa::path(
    operation_id = "update_faq",
    tag = "FAQs",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateFaq = "application/merge-patch+json"),
        (UpdateFaq = "application/json")
    )),
    responses((status = 200, description = "The changed FAQ.", body = FaqResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[patch("/faqs/{id}")]
pub async fn update_faq(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    seen: Seen,
    Body(patch): Body<UpdateFaq>,
) -> Answer<Fresh<FaqResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), FaqPatch::from(patch));
    let view = service
        .write(actor, move |unit| faqs::patch(unit, *id, &seen, patch.clone()))
        .await?;
    Ok(fresh_faq(view))
}

/// Delete a FAQ
///
/// One that articles link stays, and the answer says which.
#[utoipa::path(
    operation_id = "delete_faq",
    tag = "FAQs",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problems" = json!(["in_use"])))
)]
#[delete("/faqs/{id}")]
pub async fn delete_faq(service: Service, Caller(actor): Caller, id: Id<FaqId>, seen: Seen) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| faqs::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}

/// Publish a FAQ
///
/// Shows the working copy to readers, alone and in every article that links it. What the checks before publishing find
/// is told; an error among it keeps the FAQ from readers. `dry_run=true` only makes the checks, and changes nothing.
#[utoipa::path(
    operation_id = "publish_faq",
    tag = "Publishing",
    params(IdPath, IfMatchUnlessDry, DryRun),
    responses((status = 200, description = "The published FAQ.", body = FaqPublicationResponse)),
    extensions(("x-problems" = json!(["already_exists", "preflight_failed"])))
)]
#[post("/faqs/{id}/publish")]
pub async fn publish_faq(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    seen: MaybeSeen,
    Query(asked): Query<DryRun>,
) -> Answer<Fresh<FaqPublicationResponse>> {
    if asked.dry_run == Some(true) {
        let seen = seen.or_any().of(id.uuid());
        let report = service
            .read(actor, move |unit| preflighting::faq(unit, *id, &seen))
            .await?;
        return Ok(published(report, true));
    }
    let seen = seen.needed()?.of(id.uuid());
    let publish = move |unit: &mut Unit<'_>| publishing::publish_faq(unit, *id, &seen);
    service
        .answer(actor, publish, |report| published(report, false))
        .await
}

fn published(report: Report<FaqView>, is_dry: bool) -> Fresh<FaqPublicationResponse> {
    let etag = etag(report.view.faq.id.uuid(), report.view.faq.revision);
    Fresh::revision(FaqPublicationResponse::new(report, is_dry), etag)
}

/// Unpublish a FAQ
///
/// Takes it away from readers, out of every article too.
#[utoipa::path(
    operation_id = "unpublish_faq",
    tag = "Publishing",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The FAQ.", body = FaqResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/faqs/{id}/unpublish")]
pub async fn unpublish_faq(
    service: Service,
    Caller(actor): Caller,
    id: Id<FaqId>,
    seen: Seen,
) -> Answer<Fresh<FaqResponse>> {
    let seen = seen.of(id.uuid());
    let unpublish = move |unit: &mut Unit<'_>| publishing::unpublish_faq(unit, *id, &seen);
    service.answer(actor, unpublish, fresh_faq).await
}

/// The filters; `None` when one of them can fit nothing.
fn filter(asked: &FaqListParameters) -> Option<FaqFilter> {
    Some(FaqFilter {
        status: asked.status.map(Into::into),
        tag: asked.tag.as_deref().map(Slug::parse).transpose().ok()?,
        locale: asked.locale.as_deref().map(Locale::parse).transpose().ok()?,
        text: asked.text.clone(),
    })
}
