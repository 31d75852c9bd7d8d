//! Examples of the trash.

use masthead_domain::id::TrashId;
use masthead_domain::trash::{Keeping, TrashKind, Trashed};
use masthead_domain::use_cases::reading::ArticleView;
use masthead_domain::use_cases::reverting::Reverted;
use masthead_domain::use_cases::trash::{Restored, TrashView};
use masthead_domain::use_cases::warnings::Warning;

use super::answers::{Answers, page, put};
use crate::management as m;

pub(super) fn add(all: &mut Answers, view: &ArticleView) -> Option<()> {
    let article = &view.article;
    let item = || {
        let thing = Trashed {
            id: TrashId::from_uuid(article.id.uuid()),
            kind: TrashKind::Article,
            locale: article.locale.clone(),
            slug: article.slug.clone(),
            title: article.title.clone(),
            revision: article.revision,
            created_by: article.created_by,
            deleted_at: article.updated_at,
            deleted_by: article.updated_by,
        };
        let deleted_by = Some("Ada Marsh".to_owned());
        m::TrashItem::new(TrashView { thing, deleted_by }, Keeping(Some(30)))
    };
    put(all, "TrashItemResponse", m::TrashItemResponse { data: item() })?;
    let (meta, links) = page("/management/v1/trash");
    let data = vec![item()];
    put(all, "TrashList", m::TrashList { data, meta, links })?;
    let back = Reverted {
        view: view.clone(),
        warnings: vec![Warning {
            pointer: "/tags".to_owned(),
            code: "gone",
            message: "1 of the tags that it had were deleted since, and did not come back.".to_owned(),
        }],
    };
    let (back, _) = m::RestoreResponse::new(Restored::Article(Box::new(back)));
    put(all, "RestoreResponse", back)
}
