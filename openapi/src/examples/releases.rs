//! Examples of releases.

use masthead_domain::id::ReleaseId;
use masthead_domain::release::{Item, Outline, ReleaseAction, ReleaseStatus, Subject};
use masthead_domain::use_cases::releases::{ItemView, ReleaseView, Released};

use super::answers::{Answers, page, put};
use super::world::World;
use crate::management as m;

pub(super) fn add(all: &mut Answers, world: &World) -> Option<()> {
    let article = &world.article;
    let outline = Outline {
        id: ReleaseId::from_uuid(world.tag.id.uuid()),
        name: "Spring issue".to_owned(),
        description: Some("Goes out with the newsletter.".to_owned()),
        status: ReleaseStatus::Open,
        count: 2,
        revision: 1,
        created_at: article.updated_at,
        created_by: article.updated_by,
        updated_at: article.updated_at,
        published: None,
    };
    let item = |subject, revision, title: &str, present| ItemView {
        item: Item {
            subject,
            action: ReleaseAction::Publish,
            revision,
        },
        present: Some((title.to_owned(), present)),
    };
    let open = ReleaseView {
        items: vec![
            item(
                Subject::Article(article.id),
                Some(article.revision),
                &article.title,
                article.revision,
            ),
            item(
                Subject::Faq(world.faq.id),
                None,
                &world.faq.question,
                world.faq.revision,
            ),
        ],
        outline: outline.clone(),
    };
    let mut published = open.clone();
    published.outline.status = ReleaseStatus::Published;
    published.outline.revision = 2;
    published.outline.published = Some((article.updated_at, article.updated_by));
    let released = Released {
        view: published,
        findings: Vec::new(),
    };
    put(all, "ReleaseResponse", m::ReleaseResponse { data: open.into() })?;
    put(
        all,
        "ReleasePublicationResponse",
        m::ReleasePublicationResponse::new(released, false),
    )?;
    let (meta, links) = page("/management/v1/releases");
    let data = vec![outline.into()];
    put(all, "ReleaseList", m::ReleaseList { data, meta, links })
}
