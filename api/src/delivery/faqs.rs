//! Published FAQs on their own.

use actix_web::get;
use masthead_domain::change::{ChangeType, cache_tag};
use masthead_domain::delivering::{self, AsOf};
use masthead_domain::id::FaqId;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Direction, Page, SortKey};
use masthead_domain::published::{FaqQuery, FaqSort};
use masthead_domain::slug::Slug;
use masthead_openapi::delivery::{
    ArticleParameters, FaqDetail, FaqList, FaqListParameters, FaqResponse, Formats,
};
use masthead_openapi::parameters::IdPath;

use crate::answer::{Answer, Public};
use crate::delivery::{distinct, tags_of_list};
use crate::extract::{Here, Id, Query};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List FAQs
///
/// Published FAQs with their answers, in the order of their questions.
#[utoipa::path(
    operation_id = "list_faqs",
    tag = "FAQs",
    params(FaqListParameters),
    responses((status = 200, description = "A page of FAQs.", body = FaqList))
)]
#[get("/faqs")]
pub async fn list_faqs(
    service: Service,
    here: Here,
    Query(asked): Query<FaqListParameters>,
) -> Answer<Public<FaqList>> {
    let formats = Formats::new(asked.format.as_deref());
    let query = query(&asked);
    let list = List::new(here);
    let page = asked!(asked);
    let by_question = SortKey {
        field: FaqSort::Question,
        direction: Direction::Ascending,
    };
    let page = list.request(service.keys()?, page, by_question)?;
    let (limit, total) = (page.limit, page.count.then_some(0));
    let AsOf { value: page, head } = service
        .deliver(move |store| match query {
            Some(query) => delivering::faqs(store, &query, &page),
            None => Ok(AsOf {
                value: Page {
                    items: Vec::new(),
                    next: None,
                    previous: None,
                    total,
                },
                head: store.head()?,
            }),
        })
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let mut cache_tags = tags_of_list(ChangeType::Faq);
    for (faq, tags) in &page.items {
        cache_tags.push(cache_tag(ChangeType::Faq, faq.id));
        cache_tags.extend(tags.iter().map(|tag| cache_tag(ChangeType::Tag, tag.id)));
    }
    let data = page
        .items
        .into_iter()
        .map(|(faq, tags)| FaqDetail::new(faq, tags, formats))
        .collect();
    let link = link_header(&links);
    Ok(Public::new(FaqList { data, meta, links }, head, distinct(cache_tags)).linked(link))
}

/// Get a FAQ
///
/// One published FAQ with its answer.
#[utoipa::path(
    operation_id = "get_faq",
    tag = "FAQs",
    params(IdPath, ArticleParameters),
    responses((status = 200, description = "The FAQ.", body = FaqResponse)),
    extensions(("x-problems" = json!(["gone"])))
)]
#[get("/faqs/{id}")]
pub async fn get_faq(
    service: Service,
    id: Id<FaqId>,
    Query(asked): Query<ArticleParameters>,
) -> Answer<Public<FaqResponse>> {
    let formats = Formats::new(asked.format.as_deref());
    let AsOf {
        value: (faq, tags),
        head,
    } = service.deliver(move |store| delivering::faq(store, *id)).await?;
    let mut cache_tags = vec![cache_tag(ChangeType::Faq, faq.id)];
    cache_tags.extend(tags.iter().map(|tag| cache_tag(ChangeType::Tag, tag.id)));
    let locale = faq.locale.to_string();
    let body = FaqResponse {
        data: FaqDetail::new(faq, tags, formats),
    };
    Ok(Public::new(body, head, cache_tags).in_locale(locale))
}

/// The filters; `None` when one of them can fit nothing.
fn query(asked: &FaqListParameters) -> Option<FaqQuery> {
    Some(FaqQuery {
        tag: asked.tag.as_deref().map(Slug::parse).transpose().ok()?,
        locale: asked.locale.as_deref().map(Locale::parse).transpose().ok()?,
    })
}
