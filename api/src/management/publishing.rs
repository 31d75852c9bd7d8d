//! Changes of state: each is an act of its own, never the side of a write.

use actix_web::post;
use masthead_domain::id::ArticleId;
use masthead_domain::use_cases::preflighting::{self, Report};
use masthead_domain::use_cases::publishing::{self, Publication};
use masthead_domain::use_cases::reading::ArticleView;
use masthead_domain::use_cases::{Unit, scheduling};
use masthead_openapi::management::{
    ArticleResponse, PublicationResponse, PublishArticle, ScheduleArticle, etag,
};
use masthead_openapi::parameters::{DryRun, IdPath, IfMatch, IfMatchUnlessDry};

use crate::answer::{Answer, Fresh};
use crate::extract::{Body, Caller, Id, MaybeSeen, OptionalBody, Query, Seen};
use crate::management::fresh_article;
use crate::service::Service;

/// Publish an article
///
/// Shows the working copy to readers, with the drafts among its FAQs. Publishing what is shown already changes
/// nothing. What the checks before publishing find is told; an error among it keeps the article from readers.
/// `dry_run=true` only makes the checks, and changes nothing.
#[utoipa::path(
    operation_id = "publish_article",
    tag = "Publishing",
    params(IdPath, IfMatchUnlessDry, DryRun),
    request_body = Option<PublishArticle>,
    responses((status = 200, description = "The published working copy.", body = PublicationResponse)),
    extensions(("x-problems" = json!(["already_exists", "illegal_transition", "preflight_failed"])))
)]
#[post("/articles/{id}/publish")]
pub async fn publish_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: MaybeSeen,
    Query(asked): Query<DryRun>,
    OptionalBody(how): OptionalBody<PublishArticle>,
) -> Answer<Fresh<PublicationResponse>> {
    if asked.dry_run == Some(true) {
        let seen = seen.or_any().of(id.uuid());
        let report = service
            .read(actor, move |unit| preflighting::article(unit, *id, &seen))
            .await?;
        return Ok(looked_over(report));
    }
    let seen = seen.needed()?.of(id.uuid());
    let publish = move |unit: &mut Unit<'_>| publishing::publish(unit, *id, &seen, how.published_at);
    service.answer(actor, publish, published).await
}

fn looked_over(report: Report<ArticleView>) -> Fresh<PublicationResponse> {
    let article = &report.view.article;
    let etag = etag(article.id.uuid(), article.revision);
    Fresh::revision(report.into(), etag)
}

fn published(publication: Publication) -> Fresh<PublicationResponse> {
    let article = &publication.view.article;
    let etag = etag(article.id.uuid(), article.revision);
    Fresh::revision(publication.into(), etag)
}

/// Unpublish an article
///
/// Takes it away from readers; the working copy is a draft again.
#[utoipa::path(
    operation_id = "unpublish_article",
    tag = "Publishing",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/unpublish")]
pub async fn unpublish_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let unpublish = move |unit: &mut Unit<'_>| publishing::unpublish(unit, *id, &seen);
    service.answer(actor, unpublish, fresh_article).await
}

/// Schedule an article
///
/// Lets it be published at `publish_at` and taken away at `unpublish_at`, each within five seconds, instead of at the
/// moments that were set before. A published article takes `unpublish_at` alone. What cannot be done when its moment
/// comes is `failed` in `schedule_state`, and `schedule_error` says why.
#[utoipa::path(
    operation_id = "schedule_article",
    tag = "Publishing",
    params(IdPath, IfMatch),
    request_body = ScheduleArticle,
    responses((status = 200, description = "The scheduled working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/schedule")]
pub async fn schedule_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
    Body(body): Body<ScheduleArticle>,
) -> Answer<Fresh<ArticleResponse>> {
    let (seen, moments) = (seen.of(id.uuid()), body.into());
    let schedule = move |unit: &mut Unit<'_>| scheduling::schedule(unit, *id, &seen, moments);
    service.answer(actor, schedule, fresh_article).await
}

/// Unschedule an article
///
/// Calls its moments off: a scheduled article is a draft again, a published one stays published.
#[utoipa::path(
    operation_id = "unschedule_article",
    tag = "Publishing",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The working copy.", body = ArticleResponse)),
    extensions(("x-problems" = json!(["illegal_transition"])))
)]
#[post("/articles/{id}/unschedule")]
pub async fn unschedule_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    seen: Seen,
) -> Answer<Fresh<ArticleResponse>> {
    let seen = seen.of(id.uuid());
    let unschedule = move |unit: &mut Unit<'_>| scheduling::unschedule(unit, *id, &seen);
    service.answer(actor, unschedule, fresh_article).await
}
