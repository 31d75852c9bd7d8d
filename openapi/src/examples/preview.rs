//! Examples of preview links.

use masthead_domain::id::PreviewLinkId;
use masthead_domain::preview::PreviewLink;
use masthead_domain::use_cases::preview_links::LinkView;
use masthead_domain::use_cases::reading::ArticleView;

use super::answers::{Answers, page, put};
use crate::management as m;

pub(super) fn add(all: &mut Answers, view: &ArticleView) -> Option<()> {
    const TOKEN: &str = "mhp_c2hvd24gb25jZSwgYW5kIG5ldmVyIGFnYWluLCBvayE";
    let article = &view.article;
    let link = || {
        let link = PreviewLink {
            id: PreviewLinkId::from_uuid(view.tags.first()?.id.uuid()),
            article: article.id,
            created_by: article.updated_by,
            created_at: article.updated_at,
            expires_at: article
                .updated_at
                .checked_add_signed(chrono::TimeDelta::seconds(PreviewLink::USUAL.into()))?,
        };
        let created_by = Some("Ada Marsh".to_owned());
        Some(m::PreviewLink::from(LinkView { link, created_by }))
    };
    put(
        all,
        "PreviewLinkResponse",
        m::PreviewLinkResponse { data: link()? },
    )?;
    let this = format!("/preview/v1/articles/{}?token={TOKEN}", article.id);
    let data = m::PreviewLinkSecret {
        link: link()?,
        url: super::site().api(&this),
        token: TOKEN.to_owned(),
    };
    put(
        all,
        "PreviewLinkSecretResponse",
        m::PreviewLinkSecretResponse { data },
    )?;
    let (meta, links) = page("/management/v1/articles/0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0001/preview-links");
    let data = vec![link()?];
    put(all, "PreviewLinkList", m::PreviewLinkList { data, meta, links })
}
