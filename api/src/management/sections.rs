//! Sections one by one, each with its own entity tag.

use actix_web::{delete, get, patch, post, put};
use masthead_domain::id::{ArticleId, SectionId};
use masthead_domain::section::Section;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::sections::{self, OfArticle, SectionPatch};
use masthead_openapi::management::{
    NewSection, SectionResponse, SectionsResponse, SetSectionOrder, UpdateSection, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch, SectionPath};
use masthead_openapi::problem::ProblemError;

use crate::answer::{Answer, Created, Fresh, Gone};
use crate::error::validation;
use crate::extract::{Body, Caller, Id, Seen};
use crate::service::Service;

/// List the sections of an article
///
/// All sections of the working copy, in order, each with its own entity tag.
#[utoipa::path(
    operation_id = "list_sections",
    tag = "Sections",
    params(IdPath),
    responses((status = 200, description = "The sections.", body = SectionsResponse))
)]
#[get("/articles/{id}/sections")]
pub async fn list_sections(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
) -> Answer<Fresh<SectionsResponse>> {
    let found = service.read(actor, move |unit| sections::list(unit, *id)).await?;
    Ok(Fresh::new(SectionsResponse::new(*id, found)))
}

/// Add a section
///
/// Behind all others, or beside the one that `after` or `before` names. This needs no precondition.
#[utoipa::path(
    operation_id = "create_section",
    tag = "Sections",
    params(IdPath),
    request_body = NewSection,
    responses((status = 201, description = "The new section.", body = SectionResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/articles/{id}/sections")]
pub async fn create_section(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    Body(body): Body<NewSection>,
) -> Answer<Created<SectionResponse>> {
    let (input, after, before) = body.into_parts();
    let place = NewSection::place(after, before).ok_or_else(|| {
        let message = "`after` and `before` do not go together; name one neighbour.";
        validation(vec![ProblemError::at("/before", "conflict", message)])
    })?;
    let add = move |unit: &mut Unit<'_>| sections::add(unit, *id, &place, input.clone());
    service.answer(actor, add, move |made| created(*id, made)).await
}

fn created(article: ArticleId, made: OfArticle<Section>) -> Created<SectionResponse> {
    let section = made.value.id;
    let tag = etag(section.uuid(), made.value.revision);
    let location = format!("/management/v1/articles/{article}/sections/{section}");
    Created::new(SectionResponse::new(article, made), tag, location)
}

/// Get a section
///
/// One section of the working copy.
#[utoipa::path(
    operation_id = "get_section",
    tag = "Sections",
    params(SectionPath),
    responses((status = 200, description = "The section.", body = SectionResponse))
)]
#[get("/articles/{id}/sections/{section_id}")]
pub async fn get_section(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    section: Id<SectionId>,
) -> Answer<Fresh<SectionResponse>> {
    let found = service
        .read(actor, move |unit| sections::get(unit, *id, *section))
        .await?;
    let tag = etag(section.uuid(), found.value.revision);
    Ok(Fresh::revision(SectionResponse::new(*id, found), tag))
}

/// Change a section
///
/// Changes the fields that are there. The precondition is the section's own, so that two editors of two sections
/// never meet.
#[utoipa::path(
    operation_id = "update_section",
    tag = "Sections",
    params(SectionPath, IfMatch),
    request_body(content(
        (UpdateSection = "application/merge-patch+json"),
        (UpdateSection = "application/json")
    )),
    responses((status = 200, description = "The changed section.", body = SectionResponse))
)]
#[patch("/articles/{id}/sections/{section_id}")]
pub async fn update_section(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    section: Id<SectionId>,
    seen: Seen,
    Body(patch): Body<UpdateSection>,
) -> Answer<Fresh<SectionResponse>> {
    let (seen, patch) = (seen.of(section.uuid()), SectionPatch::from(patch));
    let changed = service
        .write(actor, move |unit| {
            sections::patch(unit, *id, *section, &seen, patch.clone())
        })
        .await?;
    let tag = etag(section.uuid(), changed.value.revision);
    Ok(Fresh::revision(SectionResponse::new(*id, changed), tag))
}

/// Delete a section
///
/// Takes it out of the working copy; readers see it until the article is published again.
#[utoipa::path(
    operation_id = "delete_section",
    tag = "Sections",
    params(SectionPath, IfMatch),
    responses((status = 204, description = "It is gone."))
)]
#[delete("/articles/{id}/sections/{section_id}")]
pub async fn delete_section(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    section: Id<SectionId>,
    seen: Seen,
) -> Answer<Gone> {
    let seen = seen.of(section.uuid());
    service
        .write(actor, move |unit| sections::delete(unit, *id, *section, &seen))
        .await?;
    Ok(Gone)
}

/// Order the sections of an article
///
/// Lists every section once. The precondition is the article's; no section's own revision changes.
#[utoipa::path(
    operation_id = "set_section_order",
    tag = "Sections",
    params(IdPath, IfMatch),
    request_body = SetSectionOrder,
    responses((status = 200, description = "The sections in their new order.", body = SectionsResponse))
)]
#[put("/articles/{id}/sections/order")]
pub async fn set_section_order(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    Body(body): Body<SetSectionOrder>,
) -> Answer<Fresh<SectionsResponse>> {
    let seen = seen.of(id.uuid());
    let ordered = service
        .write(actor, move |unit| {
            sections::order(unit, *id, &seen, &body.sections)
        })
        .await?;
    let tag = etag(id.uuid(), ordered.article_revision);
    Ok(Fresh::revision(SectionsResponse::new(*id, ordered), tag))
}
