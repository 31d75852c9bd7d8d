//! Searching, and completing what is typed.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::get;
use masthead_domain::change::{ChangeType, list_tag};
use masthead_domain::delivering::AsOf;
use masthead_domain::error::Refused;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Cursor, Direction, Page, PageRequest, SortKey};
use masthead_domain::published::{ArticleQuery, TagFilter};
use masthead_domain::searching::{self, Find, Hits, Place, Question, Shown, Suggest};
use masthead_domain::slug::Slug;
use masthead_domain::story::Languages;
use masthead_openapi::delivery::{
    SearchParameters, SearchResponse, SearchResult, SuggestParameters, SuggestResponse,
};

use crate::answer::{Answer, Public};
use crate::error::ApiError;
use crate::extract::{Here, Query};
use crate::paging::{Asked, List, link_header, refused};
use crate::service::Service;

/// Suggestions when nothing is said.
const SUGGESTIONS: u32 = 8;

/// Search articles
///
/// Published articles that hold all words of `q`: in title, dek, headings, FAQs or what sections hold. One that has
/// them in its title comes before all that do not, then dek, heading, FAQ and body in this order; in FAQs and body it
/// counts how often, within bounds. Among equals the one that was published first later comes first. Each hit says
/// where the words stand, with the anchor to jump to.
#[utoipa::path(
    operation_id = "search_articles",
    tag = "Search",
    params(SearchParameters),
    responses((status = 200, description = "A page of hits.", body = SearchResponse))
)]
#[get("/search")]
pub async fn search_articles(
    service: Service,
    here: Here,
    Query(asked): Query<SearchParameters>,
) -> Answer<Public<SearchResponse>> {
    let question = Question::parse(&asked.q).map_err(not_asked)?;
    let among = among(&asked);
    let facets: BTreeSet<_> = asked.facets.into_iter().flatten().map(Into::into).collect();
    let list = List::new(here);
    let page = list.request(
        service.keys()?,
        Asked {
            sort: Some(ORDER.to_vec()),
            limit: asked.limit,
            after: asked.after,
            before: None,
            count: asked.count,
        },
        ORDER[0],
    )?;
    let find = Find {
        question,
        among: among.clone().unwrap_or_default(),
        limit: page.limit,
        after: place(&page),
        count: page.count,
        facets,
    };
    let AsOf { value, head } = if among.is_some() {
        hits(&service, find).await?
    } else {
        // A slug or locale that cannot be is nobody's.
        let value = nothing(&find);
        service
            .deliver(|store| {
                let head = store.head()?;
                Ok(AsOf { value, head })
            })
            .await?
    };
    let shown: Page<()> = Page {
        items: Vec::new(),
        next: value.next,
        previous: None,
        total: value.total,
    };
    let (meta, links) = list.describe(service.keys()?, &shown, page.limit);
    let link = link_header(&links);
    let hits: Result<_, _> = value.hits.into_iter().map(TryInto::try_into).collect();
    let data = SearchResult {
        hits: hits.map_err(ApiError::internal)?,
        facets: value.facets.into(),
    };
    Ok(Public::new(SearchResponse { data, meta, links }, head, everything()).linked(link))
}

/// Complete what is typed
///
/// Titles of published articles and names of tags and authors that hold the words of `q`, the last of which need not
/// be finished. Where these are too few, names with words like them follow: typing errors are forgiven.
#[utoipa::path(
    operation_id = "suggest_names",
    tag = "Search",
    params(SuggestParameters),
    responses((status = 200, description = "Suggestions, the best first.", body = SuggestResponse))
)]
#[get("/suggest")]
pub async fn suggest_names(
    service: Service,
    Query(asked): Query<SuggestParameters>,
) -> Answer<Public<SuggestResponse>> {
    let locale = match asked.locale.as_deref().map(Locale::parse) {
        None => Some(None),
        Some(Ok(locale)) => Some(Some(locale)),
        Some(Err(_)) => None,
    };
    let limit = asked.limit.unwrap_or(SUGGESTIONS);
    let suggest = Suggest::parse(&asked.q, locale.clone().flatten(), limit).map_err(not_asked)?;
    let AsOf { value, head } = service
        .deliver(move |store| {
            let mut found = searching::suggest(store, &suggest)?;
            if locale.is_none() {
                // No article is in a locale that cannot be.
                found.value.retain(|completion| completion.locale.is_none());
            }
            Ok(found)
        })
        .await?;
    let data = value.into_iter().map(Into::into).collect();
    Ok(Public::new(SuggestResponse { data }, head, everything()))
}

/// What is found: with one statement where that is enough.
async fn hits(service: &Service, find: Find) -> Answer<AsOf<Hits>> {
    let (maker, find) = (Arc::<str>::from(service.maker()), Arc::new(find));
    let mut before = None;
    if find.is_plain() {
        let (maker, asked) = (maker.clone(), find.clone());
        let found = service.glance(move |store| store.found(&maker, &asked)).await;
        match found.map(|found| searching::finished(&find, found)) {
            Ok(Ok(finished)) => return Ok(finished),
            Ok(Err(found)) => before = Some(found),
            // What went wrong, such as a connection that was closed meanwhile, is found out or made good below.
            Err(_) => {}
        }
    }
    let found = service
        .deliver(move |store| searching::find(store, &maker, &find, before))
        .await?;
    for hit in &found.value.hits {
        if let Shown::Joined(joined) = &hit.article {
            service.preparer().ask(joined.article.id);
        }
    }
    Ok(found)
}

/// The order of hits: score, date and number, the greatest first.
const ORDER: [SortKey<u8>; 3] = [key(0), key(1), key(2)];

const fn key(field: u8) -> SortKey<u8> {
    SortKey {
        field,
        direction: Direction::Descending,
    }
}

fn place(page: &PageRequest<u8>) -> Option<Place> {
    match &page.cursor {
        Some(Cursor::After(position) | Cursor::Before(position)) => Place::at(position),
        None => None,
    }
}

/// The filters; `None` when one of them can fit nothing.
fn among(asked: &SearchParameters) -> Option<ArticleQuery> {
    let slug = |text: &Option<String>| text.as_deref().map(Slug::parse).transpose().ok();
    let one = |slug: Slug| vec![slug];
    let locale = asked.locale.as_deref().map(Locale::parse).transpose().ok()?;
    Some(ArticleQuery {
        tags: TagFilter {
            any: slug(&asked.tag)?.map(one),
            ..TagFilter::default()
        },
        authors: slug(&asked.author)?.map(one),
        languages: locale.map(Languages::only),
        kind: asked.kind.map(Into::into),
        ..ArticleQuery::default()
    })
}

fn nothing(find: &Find) -> Hits {
    Hits {
        hits: Vec::new(),
        next: None,
        total: find.count.then_some(0),
        facets: find.facets.iter().map(|facet| (*facet, Vec::new())).collect(),
    }
}

pub(super) fn not_asked(why: Refused) -> ApiError {
    refused("q", why.code, &why.message)
}

/// Any change of an article, FAQ, tag or author may be one of a hit, or make another one.
fn everything() -> Vec<String> {
    let kinds = [
        ChangeType::Article,
        ChangeType::Faq,
        ChangeType::Tag,
        ChangeType::Author,
    ];
    kinds.map(|kind| list_tag(kind).to_owned()).to_vec()
}
