//! The change log: in parts, and as a stream of events.

use actix_web::get;
use masthead_domain::following::{self, Followed, Since};
use masthead_openapi::delivery::{ChangesParameters, ChangesResponse, EventsParameters, LastEventId};
use masthead_openapi::problem::{ProblemCode, ProblemError};

use crate::answer::{Answer, Public};
use crate::error::ApiError;
use crate::events::{self, EventStream, Start};
use crate::extract::{Here, Query, ResumeAfter};
use crate::service::Service;

/// Entries in a part where nothing was said.
const LIMIT: u32 = 100;

/// List changes
///
/// What readers see differently after an entry, oldest first: articles, FAQs, tags and authors that came, changed or
/// went. `since` is a cursor, the number of the last entry that was seen. Whoever applies all entries from 0 on has
/// exactly what is published: by `type` and `id`, `upsert` sets and `delete` takes away. How many articles a tag or an
/// author counts is no change of theirs, and neither is which other languages an article names; the entries of those
/// articles name them in `cache_tags`, as `story:{id}` where languages changed.
///
/// Entries are kept for ever unless the installation is told otherwise. Then old entries go that a later one of the
/// same thing supersedes, and those that tell of something gone; a `since` from before such an entry is 410
/// `cursor_too_old`. Begin again with `since=0` into an empty store, or list everything and go on from the `meta.head`
/// that was read before. The answer is never older than the request.
#[utoipa::path(
    operation_id = "list_changes",
    tag = "Changes",
    params(ChangesParameters),
    responses((status = 200, description = "A part of the log.", body = ChangesResponse)),
    extensions(("x-problems" = json!(["cursor_too_old"])))
)]
#[get("/changes")]
pub async fn list_changes(
    service: Service,
    here: Here,
    Query(asked): Query<ChangesParameters>,
) -> Answer<Public<ChangesResponse>> {
    let since = Since {
        seq: asked.since.unwrap_or(0),
        begun_above: asked.begun_above.unwrap_or(0),
    };
    let limit = asked.limit.unwrap_or(LIMIT);
    let followed = service
        .deliver(move |store| following::changes(store, since, limit))
        .await?;
    let Followed::On(stretch) = followed else {
        return Err(refused(&followed, &Named::Since));
    };
    let head = stretch.head;
    let begun_above = match since.seq {
        0 => stretch.pruned_through,
        _ => since.begun_above,
    };
    let path = here.path.clone();
    let next = |cursor: i64| {
        let begun = match begun_above {
            0 => String::new(),
            begun => format!("&begun_above={begun}"),
        };
        format!("{path}?since={cursor}{begun}&limit={limit}")
    };
    let body = ChangesResponse::new(stretch, limit, here.address(), next);
    Ok(Public::new(body, head, vec!["changes".to_owned()]).asked_every_time())
}

/// Follow changes
///
/// The same entries as they come, as server-sent events: `id` is the number of the entry, `event` is `change`, `data`
/// is the entry in JSON on one line (the schema `Change`). A client that comes back with `Last-Event-ID`, as browsers
/// do by themselves, gets what it has missed, without a gap and nothing twice, on any node. A comment is sent where
/// nothing happens for 15 seconds. A client that takes events too slowly gets a last event `dropped` and comes back
/// likewise; a stopping node ends its streams.
#[utoipa::path(
    operation_id = "follow_changes",
    tag = "Changes",
    params(EventsParameters, LastEventId),
    responses((
        status = 200,
        description = "Events, until one side ends the stream.",
        body = String,
        content_type = "text/event-stream"
    )),
    extensions(("x-problems" = json!(["cursor_too_old"])))
)]
#[get("/events")]
pub async fn follow_changes(
    service: Service,
    ResumeAfter(last): ResumeAfter,
    Query(asked): Query<EventsParameters>,
) -> Answer<EventStream> {
    let start = last.or(asked.since).map_or(Start::Now, Start::After);
    let named = last.map_or(Named::Since, |_| Named::LastEventId);
    events::open(&service, start)
        .await?
        .map_err(|followed| refused(&followed, &named))
}

/// Where a cursor came from.
enum Named {
    Since,
    LastEventId,
}

/// Why the log cannot be read on from somewhere.
fn refused(followed: &Followed, named: &Named) -> ApiError {
    match followed {
        Followed::Ahead { head } => {
            let message = format!("The newest entry is {head}; there is none of that number yet.");
            let (code, error) = match named {
                Named::Since => (
                    ProblemCode::InvalidParameter,
                    ProblemError::parameter("since", "out_of_range", message.clone()),
                ),
                Named::LastEventId => (
                    ProblemCode::InvalidHeader,
                    ProblemError::header("Last-Event-ID", "out_of_range", message.clone()),
                ),
            };
            ApiError::new(code, message).with_errors(vec![error])
        }
        Followed::TooOld { pruned_through } => ApiError::new(
            ProblemCode::CursorTooOld,
            format!(
                "Entries up to {pruned_through} were dropped, and some told of things that are gone. Begin again: with \
                 `since=0` into an empty store, or list everything and go on from the `meta.head` that was read before."
            ),
        ),
        Followed::On(_) => ApiError::internal("a part of the log was taken for a refusal"),
    }
}
