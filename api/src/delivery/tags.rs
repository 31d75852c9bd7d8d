//! Tags that something published carries.

use actix_web::get;
use masthead_domain::change::{ChangeType, cache_tag};
use masthead_domain::cost::Cost;
use masthead_domain::delivering::{self, AsOf, Found};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::published::{NameSort, PublishedTagQuery};
use masthead_openapi::delivery::{TagList, TagListParameters, TagResponse};
use masthead_openapi::parameters::SlugPath;

use crate::answer::{Answer, Public};
use crate::delivery::{elsewhere, filters, tags_of_list};
use crate::extract::{Here, PathSlug, Query};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List tags
///
/// Tags that something published carries, with how many published articles carry them.
#[utoipa::path(
    operation_id = "list_tags",
    tag = "Tags",
    params(TagListParameters),
    responses((status = 200, description = "A page of tags.", body = TagList)),
    extensions(("x-problems" = json!(["query_too_costly"])))
)]
#[get("/tags")]
pub async fn list_tags(
    service: Service,
    here: Here,
    Query(asked): Query<TagListParameters>,
) -> Answer<Public<TagList>> {
    let list = List::new(here);
    let query = PublishedTagQuery {
        kind: asked.kind,
        slugs: asked.slug.as_deref().map(filters::slugs),
        ids: asked.id.as_deref().map(filters::ids),
        updated_from: asked.updated_from,
        words: filters::words(asked.q.as_deref()),
    };
    let values = filters::values([asked.slug.as_ref()]) + filters::values([asked.id.as_ref()]);
    let page = asked!(asked);
    let by_name = SortKey {
        field: NameSort::Name,
        direction: Direction::Ascending,
    };
    let page = list.request(service.keys()?, page, by_name)?;
    filters::affordable(Cost {
        values,
        words: filters::number(&query.words),
        ..filters::cost(&page)
    })?;
    let limit = page.limit;
    let AsOf { value: page, head } = service
        .deliver(move |store| delivering::tags(store, &query, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let mut cache_tags = tags_of_list(ChangeType::Tag);
    cache_tags.extend(
        page.items
            .iter()
            .map(|row| cache_tag(ChangeType::Tag, row.tag.id)),
    );
    let data = page.items.into_iter().map(Into::into).collect();
    let link = link_header(&links);
    Ok(Public::new(TagList { data, meta, links }, head, cache_tags).linked(link))
}

/// Get a tag
///
/// One tag that something published carries.
#[utoipa::path(
    operation_id = "get_tag",
    tag = "Tags",
    params(SlugPath),
    responses(
        (status = 308, description = "It has another slug now, which `Location` names."),
        (status = 200, description = "The tag.", body = TagResponse))
)]
#[get("/tags/{slug}")]
pub async fn get_tag(service: Service, here: Here, PathSlug(slug): PathSlug) -> Answer<Public<TagResponse>> {
    let default = service.options().default_locale.clone();
    let found = service
        .deliver(move |store| delivering::tag(store, &slug, &default))
        .await?;
    let AsOf { value, head } = match found {
        Found::Here(found) => found,
        Found::Moved(moved) => return Ok(elsewhere(&service, moved, &here)),
    };
    let cache_tags = vec![cache_tag(ChangeType::Tag, value.tag.id)];
    Ok(Public::new(TagResponse { data: value.into() }, head, cache_tags))
}
