//! Merging a version into what is there by now.

use actix_web::post;
use masthead_domain::id::ArticleId;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::merge::{self, Combined, MergeInput};
use masthead_openapi::management::{ArticleMergeResponse, MergeArticle, etag};
use masthead_openapi::parameters::IdPath;

use crate::answer::{Answer, Fresh};
use crate::extract::{Body, Caller, Id, MaybeSeen};
use crate::service::Service;

/// Merge a version of an article
///
/// Takes your whole version and the revision that you made it of, and brings into the working copy what does not
/// clash with what others wrote since: sections by their ids, texts word by word, objects key by key, lists by what
/// they name. Where both changed the same thing to something else, the working copy stays as it is, and
/// `meta.conflicts` shows both. No precondition is needed; an `If-Match` that is sent all the same is held to.
#[utoipa::path(
    operation_id = "merge_article",
    tag = "History",
    params(IdPath),
    request_body = MergeArticle,
    responses((status = 200, description = "The working copy.", body = ArticleMergeResponse)),
    extensions(("x-problems" = json!(["already_exists", "invalid_header", "stale_revision"])))
)]
#[post("/articles/{id}/merge")]
pub async fn merge_article(
    service: Service,
    Caller(actor): Caller,
    id: Id<ArticleId>,
    MaybeSeen(seen): MaybeSeen,
    Body(body): Body<MergeArticle>,
) -> Answer<Fresh<ArticleMergeResponse>> {
    let seen = seen.map(|seen| seen.of(id.uuid()));
    let input = MergeInput::from(body);
    let base = input.base;
    let merge = move |unit: &mut Unit<'_>| merge::article(unit, *id, seen.as_ref(), input.clone());
    service
        .answer(actor, merge, move |combined| merged(base, combined))
        .await
}

fn merged(base: u32, combined: Combined) -> Fresh<ArticleMergeResponse> {
    let article = &combined.view.article;
    let tag = etag(article.id.uuid(), article.revision);
    Fresh::revision(ArticleMergeResponse::new(base, combined), tag)
}
