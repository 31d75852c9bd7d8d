//! Published FAQs on their own.

use actix_web::get;
use masthead_domain::change::{ChangeType, cache_tag};
use masthead_domain::cost::{self, Cost};
use masthead_domain::delivering::{self, AsOf};
use masthead_domain::id::FaqId;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Direction, Page, SortKey};
use masthead_domain::published::{FaqQuery, FaqSort, Span};
use masthead_openapi::delivery::{
    ArticleParameters, FaqDetail, FaqList, FaqListParameters, FaqResponse, Formats,
};
use masthead_openapi::parameters::IdPath;

use crate::answer::{Answer, Public};
use crate::delivery::{distinct, filters, tags_of_list};
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
    responses((status = 200, description = "A page of FAQs.", body = FaqList)),
    extensions(("x-problems" = json!(["query_too_costly"])))
)]
#[get("/faqs")]
pub async fn list_faqs(
    service: Service,
    here: Here,
    Query(asked): Query<FaqListParameters>,
) -> Answer<Public<FaqList>> {
    let formats = Formats::new(asked.format.as_deref());
    let words = filters::words(asked.q.as_deref());
    let (words_sought, values) = (filters::number(&words), values(&asked));
    let query = query(&asked, words);
    let list = List::new(here);
    let page = asked!(asked);
    let by_question = SortKey {
        field: FaqSort::Question,
        direction: Direction::Ascending,
    };
    let page = list.request(service.keys()?, page, by_question)?;
    filters::affordable(Cost {
        bodies: cost::ANSWERS,
        formats: filters::forms(formats),
        values,
        words: words_sought,
        ..filters::cost(&page)
    })?;
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
    Ok(Public::new(body, head, cache_tags)
        .in_locale(locale)
        .without_counts())
}

/// The filters; `None` when one of them can fit nothing.
fn query(asked: &FaqListParameters, words: Vec<String>) -> Option<FaqQuery> {
    Some(FaqQuery {
        tags: filters::tags(
            asked.tag.as_deref(),
            asked.tag_all.as_deref(),
            asked.not_tag.as_deref(),
        )?,
        locale: asked.locale.as_deref().map(Locale::parse).transpose().ok()?,
        slugs: asked.slug.as_deref().map(filters::slugs),
        ids: asked.id.as_deref().map(filters::ids),
        published: Span {
            from: asked.published_from,
            to: asked.published_to,
        },
        updated_from: asked.updated_from,
        words,
    })
}

/// How many values the filters have together.
fn values(asked: &FaqListParameters) -> u32 {
    let texts = [&asked.tag, &asked.tag_all, &asked.not_tag, &asked.slug];
    filters::values(texts.map(Option::as_ref)) + filters::values([asked.id.as_ref()])
}
