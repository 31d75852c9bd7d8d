//! Authors whose names something published carries.

use actix_web::get;
use masthead_domain::change::{ChangeType, cache_tag};
use masthead_domain::cost::Cost;
use masthead_domain::delivering::{self, AsOf, Found};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::published::{NameSort, PublishedAuthorQuery};
use masthead_openapi::delivery::{AuthorList, AuthorListParameters, AuthorResponse};
use masthead_openapi::parameters::SlugPath;

use crate::answer::{Answer, Public};
use crate::delivery::{elsewhere, filters, tags_of_list};
use crate::extract::{Here, PathSlug, Query};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

/// List authors
///
/// Authors whose names something published carries, with how many published articles carry them.
#[utoipa::path(
    operation_id = "list_authors",
    tag = "Authors",
    params(AuthorListParameters),
    responses((status = 200, description = "A page of authors.", body = AuthorList)),
    extensions(("x-problems" = json!(["query_too_costly"])))
)]
#[get("/authors")]
pub async fn list_authors(
    service: Service,
    here: Here,
    Query(asked): Query<AuthorListParameters>,
) -> Answer<Public<AuthorList>> {
    let list = List::new(here);
    let query = PublishedAuthorQuery {
        slugs: asked.slug.as_deref().map(filters::slugs),
        ids: asked.id.as_deref().map(filters::ids),
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
        .deliver(move |store| delivering::authors(store, &query, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let mut cache_tags = tags_of_list(ChangeType::Author);
    cache_tags.extend(
        page.items
            .iter()
            .map(|row| cache_tag(ChangeType::Author, row.author.id)),
    );
    let data = page.items.into_iter().map(Into::into).collect();
    let link = link_header(&links);
    Ok(Public::new(AuthorList { data, meta, links }, head, cache_tags).linked(link))
}

/// Get an author
///
/// One author whose name something published carries.
#[utoipa::path(
    operation_id = "get_author",
    tag = "Authors",
    params(SlugPath),
    responses(
        (status = 308, description = "It has another slug now, which `Location` names."),
        (status = 200, description = "The author.", body = AuthorResponse))
)]
#[get("/authors/{slug}")]
pub async fn get_author(
    service: Service,
    here: Here,
    PathSlug(slug): PathSlug,
) -> Answer<Public<AuthorResponse>> {
    let default = service.options().default_locale.clone();
    let found = service
        .deliver(move |store| delivering::author(store, &slug, &default))
        .await?;
    let AsOf { value, head } = match found {
        Found::Here(found) => found,
        Found::Moved(moved) => return Ok(elsewhere(&service, moved, &here)),
    };
    let cache_tags = vec![cache_tag(ChangeType::Author, value.author.id)];
    Ok(Public::new(
        AuthorResponse { data: value.into() },
        head,
        cache_tags,
    ))
}
