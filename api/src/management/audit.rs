//! The audit log: who changed what.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use masthead_domain::audit::{AuditEntry, AuditSort};
use masthead_domain::id::{KeyId, UserId};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::repository::AuditFilter;
use masthead_domain::rights::Credential;
use masthead_domain::use_cases::auditing;
use masthead_openapi::management::{AuditEntryList, AuditExportParameters, AuditListParameters};
use masthead_openapi::problem::{ProblemCode, ProblemError};
use uuid::Uuid;

use crate::answer::{Answer, Fresh};
use crate::error::ApiError;
use crate::extract::{Caller, Here, Query};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// Lines in one answer of the export.
const LINES: usize = 10_000;

/// What is wanted, of the parameters that the list and the export share.
macro_rules! filter {
    ($asked:expr) => {
        AuditFilter {
            actors: actors($asked.actor_id.as_deref())?,
            action: $asked.action.clone(),
            resource: $asked.resource_type.map(Into::into),
            resource_id: $asked.resource_id.clone(),
            request_id: $asked.request_id.clone(),
            from: $asked.from,
            to: $asked.to,
        }
    };
}

/// An id is that of an account or of a key; which, the log knows.
fn actors(id: Option<&str>) -> Result<Vec<Credential>, ApiError> {
    let Some(id) = id else {
        return Ok(Vec::new());
    };
    let id = Uuid::parse_str(id).map_err(|_| {
        let message = "`actor_id` is the id of an account or a key, a UUID.";
        let errors = vec![ProblemError::parameter("actor_id", "invalid_id", message)];
        ApiError::new(ProblemCode::InvalidParameter, message).with_errors(errors)
    })?;
    Ok(vec![
        Credential::User(UserId::from_uuid(id)),
        Credential::Key(KeyId::from_uuid(id)),
    ])
}

/// List audit entries
///
/// Everything that was changed: by whom, through which credential, by which request, and to which revision. What
/// changed nothing left no entry. Entries are never changed, and hold no text and no secret.
#[utoipa::path(
    operation_id = "list_audit_entries",
    tag = "Audit",
    params(AuditListParameters),
    responses((status = 200, description = "A page of entries.", body = AuditEntryList))
)]
#[get("/audit-entries")]
pub async fn list_audit_entries(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<AuditListParameters>,
) -> Answer<Fresh<AuditEntryList>> {
    let list = List::new(here);
    let filter = filter!(asked);
    let newest = SortKey {
        field: AuditSort::Seq,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked!(asked), newest)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| auditing::list(unit, &filter, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(AuditEntryList { data, meta, links }).linked(link))
}

/// Export the audit log
///
/// Entries as lines of JSON, the oldest first, at most 10,000 in one answer: the `Link` header leads on while there are
/// more. A line without its `hash` is, byte by byte, what the hash is made of, so that an export can be verified
/// without the service.
#[utoipa::path(
    operation_id = "export_audit_entries",
    tag = "Audit",
    params(AuditExportParameters),
    responses((
        status = 200,
        description = "Entries, one a line.",
        body = String,
        content_type = "application/x-ndjson"
    ))
)]
#[get("/audit-entries/export")]
pub async fn export_audit_entries(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<AuditExportParameters>,
) -> Answer<Lines> {
    let filter = filter!(asked);
    let begin = asked.after_seq.unwrap_or(0);
    let (entries, has_more) = service
        .read(actor, move |unit| {
            let (mut entries, mut seq) = (Vec::new(), begin);
            loop {
                let stretch = auditing::stretch(unit, &filter, seq)?;
                let is_last = stretch.len() < auditing::STRETCH as usize;
                seq = stretch.last().map_or(seq, |last| last.seq);
                entries.extend(stretch);
                if is_last || entries.len() >= LINES {
                    return Ok((entries, !is_last));
                }
            }
        })
        .await?;
    let next = entries.last().filter(|_| has_more).map(|last| {
        let pairs = here.query.split('&');
        let mut kept: Vec<_> = pairs
            .filter(|pair| !pair.is_empty() && !pair.starts_with("after_seq="))
            .collect();
        let after = format!("after_seq={}", last.seq);
        kept.push(&after);
        format!("<{}?{}>; rel=\"next\"", here.path, kept.join("&"))
    });
    Ok(Lines { entries, next })
}

/// Entries as lines.
pub struct Lines {
    entries: Vec<AuditEntry>,
    next: Option<String>,
}

impl Responder for Lines {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let text: String = self.entries.iter().map(|entry| entry.line() + "\n").collect();
        let mut response = HttpResponse::Ok();
        response.content_type("application/x-ndjson");
        if let Some(next) = self.next {
            response.insert_header((header::LINK, next));
        }
        response.body(text)
    }
}
