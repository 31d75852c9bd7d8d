//! Links that open one working copy for a while.

use actix_web::{delete, get, post};
use masthead_domain::id::{ArticleId, PreviewLinkId};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::preview::PreviewLinkSort;
use masthead_domain::use_cases::preview_links as links;
use masthead_openapi::management::{
    CreatePreviewLink, PreviewLinkList, PreviewLinkListParameters, PreviewLinkResponse, PreviewLinkSecret,
    PreviewLinkSecretResponse, etag,
};
use masthead_openapi::parameters::IdPath;

use crate::answer::{Answer, Created, Fresh, Gone};
use crate::credentials::PreviewToken;
use crate::error::ApiError;
use crate::extract::{Caller, Here, Id, OptionalBody, Query};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// Create a preview link
///
/// Who holds it sees the working copy of this one article, whatever it is by then, without an account. The answer holds
/// its token and its address, which are shown this once: only a digest is kept. An article has at most 50 links that
/// work.
#[utoipa::path(
    operation_id = "create_preview_link",
    tag = "Preview links",
    params(IdPath),
    request_body = Option<CreatePreviewLink>,
    responses((status = 201, description = "The new link with its token.", body = PreviewLinkSecretResponse)),
    extensions(("x-problems" = json!(["limit_reached"])))
)]
#[post("/articles/{id}/preview-links")]
pub async fn create_preview_link(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    OptionalBody(body): OptionalBody<CreatePreviewLink>,
) -> Answer<Created<PreviewLinkSecretResponse>> {
    let PreviewToken { text, digest } = PreviewToken::generate().map_err(ApiError::internal)?;
    let made = service
        .write(actor, move |unit| {
            links::create(unit, *id, body.expires_in, &digest)
        })
        .await?;
    let made_id = made.link.id;
    let address = format!("/preview/v1/articles/{}?token={text}", made.link.article);
    let data = PreviewLinkSecret {
        link: made.into(),
        url: service.options().site.api(&address),
        token: text,
    };
    let location = format!("/management/v1/preview-links/{made_id}");
    let body = PreviewLinkSecretResponse { data };
    Ok(Created::new(body, etag(made_id.uuid(), 1), location))
}

/// List preview links
///
/// The links to an article that work, the newest first. No token is ever shown again.
#[utoipa::path(
    operation_id = "list_preview_links",
    tag = "Preview links",
    params(IdPath, PreviewLinkListParameters),
    responses((status = 200, description = "A page of links.", body = PreviewLinkList))
)]
#[get("/articles/{id}/preview-links")]
pub async fn list_preview_links(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    id: Id<ArticleId>,
    Query(asked): Query<PreviewLinkListParameters>,
) -> Answer<Fresh<PreviewLinkList>> {
    let list = List::new(here);
    let newest = SortKey {
        field: PreviewLinkSort::CreatedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked!(asked), newest)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| links::list(unit, *id, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(PreviewLinkList { data, meta, links }).linked(link))
}

/// Get a preview link
///
/// What it opens, who made it and when it stops working.
#[utoipa::path(
    operation_id = "get_preview_link",
    tag = "Preview links",
    params(IdPath),
    responses((status = 200, description = "The link without its token.", body = PreviewLinkResponse))
)]
#[get("/preview-links/{id}")]
pub async fn get_preview_link(
    service: Service,
    Caller(actor): Caller,
    id: Id<PreviewLinkId>,
) -> Answer<Fresh<PreviewLinkResponse>> {
    let found = service.read(actor, move |unit| links::get(unit, *id)).await?;
    Ok(Fresh::new(PreviewLinkResponse { data: found.into() }))
}

/// Revoke a preview link
///
/// It opens nothing from the next request on. Whoever made it may do so, and whoever may write the article.
#[utoipa::path(
    operation_id = "delete_preview_link",
    tag = "Preview links",
    params(IdPath),
    responses((status = 204, description = "It works no more."))
)]
#[delete("/preview-links/{id}")]
pub async fn delete_preview_link(
    service: Service,
    Caller(actor): Caller,
    id: Id<PreviewLinkId>,
) -> Answer<Gone> {
    service.write(actor, move |unit| links::revoke(unit, *id)).await?;
    Ok(Gone)
}
