//! One tag in the place of another.

use actix_web::post;
use masthead_domain::id::TagId;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::tag_merging::{self, Merged};
use masthead_openapi::management::{MergeTag, TagMergeResponse, etag};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Fresh};
use crate::extract::{Body, Caller, Id, Seen};
use crate::service::Service;

/// Merge a tag into another
///
/// The tag goes; the one that `into` names takes its place, in the same order, in every working copy of an article and
/// FAQ and wherever readers see it. The revisions of these articles and FAQs rise, and their histories say why. For
/// readers its slug, and each that led to it before, leads to the tag that stays. At most 1,000 articles and FAQs are
/// changed at once; with more of them nothing is changed. The answer and its `ETag` are the tag that stays.
#[utoipa::path(
    operation_id = "merge_tag",
    tag = "Tags",
    params(IdPath, IfMatch),
    request_body = MergeTag,
    responses((status = 200, description = "The tag that stays.", body = TagMergeResponse)),
    extensions(("x-problems" = json!(["too_many_uses"])))
)]
#[post("/tags/{id}/merge")]
pub async fn merge_tag(
    service: Service,
    Caller(actor): Caller,
    id: Id<TagId>,
    seen: Seen,
    Body(body): Body<MergeTag>,
) -> Answer<Fresh<TagMergeResponse>> {
    let seen = seen.of(id.uuid());
    let merge = move |unit: &mut Unit<'_>| tag_merging::merge(unit, *id, &seen, &body.into);
    service.answer(actor, merge, merged).await
}

fn merged(merge: Merged) -> Fresh<TagMergeResponse> {
    let tag = etag(merge.tag.id.uuid(), merge.tag.revision);
    Fresh::revision(merge.into(), tag)
}
