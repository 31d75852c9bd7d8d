//! An example of what became of a batch.

use serde_json::json;

use super::answers::{Answers, put};
use super::world::World;
use crate::management as m;

pub(super) fn add(all: &mut Answers, world: &World) -> Option<()> {
    let tag = m::Tag::from(world.tag.clone());
    let made = m::BatchResult {
        status: 201,
        etag: Some(tag.etag.clone()),
        location: Some(format!("/management/v1/tags/{}", tag.id)),
        body: Some(json!({ "data": tag })),
        body_left_out: false,
    };
    let gone = m::BatchResult {
        status: 204,
        etag: None,
        location: None,
        body: None,
        body_left_out: false,
    };
    put(
        all,
        "BatchResponse",
        m::BatchResponse::new(true, vec![made, gone]),
    )
}
