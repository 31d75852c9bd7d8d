//! What an article links: FAQs, tags and its byline.

use actix_web::put;
use masthead_domain::id::ArticleId;
use masthead_domain::use_cases::articles;
use masthead_domain::use_cases::drafting::{BylineInput, FaqEntry};
use masthead_openapi::management::{ArticleResponse, SetAuthors, SetFaqs, SetTags};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Fresh};
use crate::extract::{Body, Caller, Id, Seen};
use crate::management::fresh_article;
use crate::service::Service;

/// Link FAQs to an article
///
/// Replaces all links, in this order. New FAQs are made as drafts.
#[utoipa::path(
    operation_id = "set_article_faqs",
    tag = "Articles",
    params(IdPath, IfMatch),
    request_body = SetFaqs,
    responses((status = 200, description = "The changed working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[put("/articles/{id}/faqs")]
pub async fn set_article_faqs(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    Body(body): Body<SetFaqs>,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let entries: Vec<FaqEntry> = body.faqs.into_iter().map(Into::into).collect();
    let view = service
        .write(actor, move |unit| {
            articles::set_faqs(unit, *id, &seen, entries.clone())
        })
        .await?;
    Ok(fresh_article(view))
}

/// Link tags to an article
///
/// Replaces all links, in this order; the first is the primary one.
#[utoipa::path(
    operation_id = "set_article_tags",
    tag = "Articles",
    params(IdPath, IfMatch),
    request_body = SetTags,
    responses((status = 200, description = "The changed working copy.", body = ArticleResponse))
)]
#[put("/articles/{id}/tags")]
pub async fn set_article_tags(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    Body(body): Body<SetTags>,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let view = service
        .write(actor, move |unit| {
            articles::set_tags(unit, *id, &seen, body.tags.clone())
        })
        .await?;
    Ok(fresh_article(view))
}

/// Set the byline of an article
///
/// Replaces all names, in this order.
#[utoipa::path(
    operation_id = "set_article_authors",
    tag = "Articles",
    params(IdPath, IfMatch),
    request_body = SetAuthors,
    responses((status = 200, description = "The changed working copy.", body = ArticleResponse))
)]
#[put("/articles/{id}/authors")]
pub async fn set_article_authors(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    Body(body): Body<SetAuthors>,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let authors: Vec<BylineInput> = body.authors.into_iter().map(Into::into).collect();
    let view = service
        .write(actor, move |unit| {
            articles::set_authors(unit, *id, &seen, authors.clone())
        })
        .await?;
    Ok(fresh_article(view))
}
