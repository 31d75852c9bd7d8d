//! Examples of the audit log.

use masthead_domain::audit::{AuditEntry, AuditHead, AuditResource, Deed, NewAuditEntry, Touched};
use masthead_domain::use_cases::auditing::EntryView;

use super::answers::{Answers, page, put};
use super::world::World;
use crate::management as m;

pub(super) fn add(all: &mut Answers, world: &World) -> Option<()> {
    let article = &world.article;
    let new = NewAuditEntry {
        id: world.tag.id.uuid(),
        at: article.updated_at,
        deed: Deed {
            action: "update_section".to_owned(),
            actor: article.updated_by,
            session: None,
            request_id: Some("0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f00aa".to_owned()),
        },
        touched: Touched::new(AuditResource::Article, article.id, Some(2), Some(3)),
    };
    let entry = AuditEntry::after(AuditHead::default(), new);
    put(all, "application/x-ndjson", entry.line() + "\n")?;
    let view = EntryView {
        entry,
        actor: Some("Ada Marsh".to_owned()),
    };
    let (meta, links) = page("/management/v1/audit-entries");
    let data = vec![view.into()];
    put(all, "AuditEntryList", m::AuditEntryList { data, meta, links })
}
