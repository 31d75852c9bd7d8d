//! Working copies of articles.

use actix_web::{delete, get, patch, post, put};
use masthead_domain::id::ArticleId;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::repository::{ArticleFilter, WorkingSort};
use masthead_domain::slug::Slug;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::articles::{self, ArticlePatch};
use masthead_domain::use_cases::drafting::ArticleInput;
use masthead_domain::use_cases::reading;
use masthead_openapi::management::{
    ArticleList, ArticleListParameters, ArticleResponse, CreateArticle, UpdateArticle,
};
use masthead_openapi::parameters::{IdPath, IfMatch, ReplaceOrCreate};

use crate::answer::{Answer, Created, Fresh, Gone, Put};
use crate::extract::{Body, Caller, Here, Id, PutMode, Query, Seen};
use crate::management::{created_article, fresh_article};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// The order of lists of working copies: what was touched last comes first.
pub(super) const LATEST: SortKey<WorkingSort> = SortKey {
    field: WorkingSort::UpdatedAt,
    direction: Direction::Descending,
};

/// List articles
///
/// Working copies, in any state; rows carry no bodies.
#[utoipa::path(
    operation_id = "list_articles",
    tag = "Articles",
    params(ArticleListParameters),
    responses((status = 200, description = "A page of working copies.", body = ArticleList))
)]
#[get("/articles")]
pub async fn list_articles(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<ArticleListParameters>,
) -> Answer<Fresh<ArticleList>> {
    let list = List::new(here);
    let filter = filter(&asked);
    let page = list.request(service.keys()?, asked!(asked), LATEST)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| match filter {
            Some(filter) => reading::articles(unit, &filter, &page),
            None => reading::none(unit, page.count),
        })
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(ArticleList { data, meta, links }).linked(link))
}

/// Create an article
///
/// A draft with its sections, FAQs, tags and byline, all or nothing. Nothing of it is shown to readers.
#[utoipa::path(
    operation_id = "create_article",
    tag = "Articles",
    request_body = CreateArticle,
    responses((status = 201, description = "The new working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/articles")]
pub async fn create_article(
    service: Service,
    Caller(actor): Caller,
    Body(article): Body<CreateArticle>,
) -> Answer<Created<ArticleResponse>> {
    let input = ArticleInput::from(article);
    let create = move |unit: &mut Unit<'_>| articles::create(unit, None, input.clone());
    service.answer(actor, create, created_article).await
}

/// Get an article
///
/// The working copy, whole.
#[utoipa::path(
    operation_id = "get_article",
    tag = "Articles",
    params(IdPath),
    responses((status = 200, description = "The working copy.", body = ArticleResponse))
)]
#[get("/articles/{id}")]
pub async fn get_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
) -> Answer<Fresh<ArticleResponse>> {
    let view = service
        .read(actor, move |unit| reading::article(unit, *id))
        .await?;
    Ok(fresh_article(view))
}

/// Replace an article, or create it with an id of your own
///
/// With `If-Match` everything is replaced; sections that are named by their ids keep them, with their anchors. With
/// `If-None-Match: *` the article is created with the id in the address.
#[utoipa::path(
    operation_id = "put_article",
    tag = "Articles",
    params(IdPath, ReplaceOrCreate),
    request_body = CreateArticle,
    responses(
        (status = 200, description = "The replaced working copy.", body = ArticleResponse),
        (status = 201, description = "The new working copy.", body = ArticleResponse)
    ),
    extensions(("x-problems" = json!(["already_exists", "precondition_failed"])))
)]
#[put("/articles/{id}")]
pub async fn put_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    mode: PutMode,
    Body(article): Body<CreateArticle>,
) -> Answer<Put<ArticleResponse>> {
    let input = ArticleInput::from(article);
    match mode {
        PutMode::Create => {
            let view = service
                .write(actor, move |unit| {
                    articles::create(unit, Some(*id), input.clone())
                })
                .await?;
            Ok(Put::Created(created_article(view)))
        }
        PutMode::Replace(seen) => {
            let seen = seen.of(id.uuid());
            let view = service
                .write(actor, move |unit| {
                    articles::replace(unit, *id, &seen, input.clone())
                })
                .await?;
            Ok(Put::Replaced(fresh_article(view)))
        }
    }
}

/// Change an article
///
/// Changes the fields that are there. Sections and FAQs are changed through their own routes.
#[utoipa::path(
    operation_id = "update_article",
    tag = "Articles",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateArticle = "application/merge-patch+json"),
        (UpdateArticle = "application/json")
    )),
    responses((status = 200, description = "The changed working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[patch("/articles/{id}")]
pub async fn update_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    Body(patch): Body<UpdateArticle>,
) -> Answer<Fresh<ArticleResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), ArticlePatch::from(patch));
    let view = service
        .write(actor, move |unit| {
            articles::patch(unit, *id, &seen, patch.clone())
        })
        .await?;
    Ok(fresh_article(view))
}

/// Delete an article
///
/// It is gone for editors and readers at once, and its slug is free. It lies in the trash, from where it can be restored
/// until it is purged; its id is never given again.
#[utoipa::path(
    operation_id = "delete_article",
    tag = "Articles",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone."))
)]
#[delete("/articles/{id}")]
pub async fn delete_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| articles::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}

/// The filters; `None` when one of them can fit nothing.
fn filter(asked: &ArticleListParameters) -> Option<ArticleFilter> {
    let slug = |text: &Option<String>| text.as_deref().map(Slug::parse).transpose().ok();
    Some(ArticleFilter {
        status: asked.status.map(Into::into),
        review: asked.review.map(Into::into),
        schedule_state: asked.schedule_state.map(Into::into),
        author: slug(&asked.author)?,
        tag: slug(&asked.tag)?,
        locale: asked.locale.as_deref().map(Locale::parse).transpose().ok()?,
        text: asked.text.clone(),
    })
}
