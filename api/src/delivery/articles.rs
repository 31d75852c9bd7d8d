//! Published articles.

use std::collections::HashSet;

use actix_web::get;
use masthead_domain::change::{ChangeType, cache_tag, list_tag, story_of, story_tag};
use masthead_domain::cost::{self, Cost};
use masthead_domain::delivering::{self, AsOf, Delivered, Found, Parts, Row};
use masthead_domain::id::ArticleId;
use masthead_domain::locale::Locale;
use masthead_domain::page::{Direction, Page, PageRequest, SortKey};
use masthead_domain::prepared::Card;
use masthead_domain::published::{ArticleQuery, ArticleSort, Span};
use masthead_domain::searching::Question;
use masthead_domain::slug::Slug;
use masthead_domain::story::Languages;
use masthead_openapi::delivery::{
    ArticleAsOfParameters, ArticleField, ArticleList, ArticleListParameters, ArticleRelation,
    ArticleResponse, ArticleSummary, BySlugParameters, Faq, FaqsResponse, Formats, JsonLd,
    MarkdownParameters, Projection, Section, SectionParameters, SectionsResponse,
};
use masthead_openapi::forms;
use masthead_openapi::parameters::{IdPath, SlugPath};
use masthead_openapi::problem::{ProblemCode, ProblemError};

use crate::answer::{Answer, Public};
use crate::cache::slug_tag;
use crate::delivery::search::not_asked;
use crate::delivery::{at_home, distinct, elsewhere, filters, tags_of, tags_of_list};
use crate::error::ApiError;
use crate::extract::{Here, Id, PathSlug, Query, Wanted};
use crate::finished::{Text, body, card, list_body, stamp, tag_of};
use crate::negotiation::MediaType;
use crate::paging::{List, asked, link_header};
use crate::past::{Shown, Then};
use crate::service::Service;

/// List articles
///
/// Published articles, newest edition first. Rows carry no bodies unless `include` asks for them.
#[utoipa::path(
    operation_id = "list_articles",
    tag = "Articles",
    params(ArticleListParameters),
    responses((status = 200, description = "A page of articles.", body = ArticleList)),
    extensions(("x-problems" = json!(["query_too_costly"])))
)]
#[get("/articles")]
pub async fn list_articles(
    service: Service,
    here: Here,
    Query(asked): Query<ArticleListParameters>,
) -> Answer<Public<ArticleList>> {
    let projection = projection(&asked);
    let usual = asked.fields.is_none() && asked.include.is_none() && asked.format.is_none();
    let list = List::new(here);
    let words = asked.q.as_deref().map(Question::parse).transpose();
    let words = words.map_err(not_asked)?;
    let sought = words.as_ref().map_or(0, Question::size);
    let cache_tags = tags_of_filters(&asked);
    let languages = languages(asked.locale.as_deref(), asked.fallback.as_deref())?;
    let (query, values) = (query(&asked, words, languages), values(&asked));
    let page = asked!(asked);
    let newest = SortKey {
        field: ArticleSort::PublishedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, page, newest)?;
    filters::affordable(Cost {
        values,
        words: sought,
        ..cost(&projection, &page)
    })?;
    match query {
        Some(query) if usual => usual_rows(&service, &list, query, page, cache_tags).await,
        query => rows(&service, &list, query, page, &projection, cache_tags).await,
    }
}

/// A page of rows as they are where nothing was said of fields: finished ones are only put together.
async fn usual_rows(
    service: &Service,
    list: &List,
    query: ArticleQuery,
    page: PageRequest<ArticleSort>,
    mut cache_tags: Vec<String>,
) -> Answer<Public<ArticleList>> {
    let limit = page.limit;
    let maker = service.maker().to_owned();
    let AsOf { value: page, head } = service
        .deliver(move |store| delivering::article_rows(store, &maker, &query, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let mut data = Vec::with_capacity(page.items.len());
    for row in page.items {
        data.push(match row {
            Row::Finished(card) => card,
            Row::Joined(article) => {
                service.preparer().ask(article.article.id);
                let mut shown = Vec::new();
                tags_of(&article, &mut shown);
                let card = card(at_home(service, *article), &service.options().site)?;
                Card {
                    cache_tags: shown.join(","),
                    stamp: stamp(card.as_bytes()),
                    card,
                }
            }
        });
    }
    let mut seen = HashSet::new();
    let shown = data.iter().flat_map(|row| row.cache_tags.split(','));
    // A row shows no FAQs and no other languages, whatever the whole article shows.
    let unseen = |tag: &str| tag.is_empty() || tag.starts_with(FAQ) || story_of(tag).is_some();
    let shown = shown.filter(|tag| !unseen(tag) && seen.insert(*tag));
    cache_tags.extend(shown.map(str::to_owned));
    let link = link_header(&links);
    let (body, etag) = list_body(&data, &meta, &links)?;
    Ok(
        Public::bytes("application/json", body, head, distinct(cache_tags))
            .linked(link)
            .tagged(etag),
    )
}

/// How the cache tags of FAQs begin.
const FAQ: &str = "faq:";

/// A page of rows with what was asked for.
async fn rows(
    service: &Service,
    list: &List,
    query: Option<ArticleQuery>,
    page: PageRequest<ArticleSort>,
    projection: &Projection,
    mut cache_tags: Vec<String>,
) -> Answer<Public<ArticleList>> {
    let parts = Parts {
        sections: projection.sections,
        authors: projection.authors,
        tags: projection.tags,
        faqs: projection.faqs,
    };
    let limit = page.limit;
    let AsOf { value: page, head } = service
        .deliver(move |store| match &query {
            Some(query) => delivering::articles(store, query, &page, parts),
            // A slug that cannot be is nobody's.
            None => Ok(AsOf {
                value: empty(page.count),
                head: store.head()?,
            }),
        })
        .await?;
    let page = page.map(|article| at_home(service, article));
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    page.items
        .iter()
        .for_each(|article| tags_of(article, &mut cache_tags));
    let site = &service.options().site;
    let data = page
        .items
        .into_iter()
        .map(|article| ArticleSummary::new(article, projection).on_site(site))
        .collect();
    let link = link_header(&links);
    Ok(Public::new(ArticleList { data, meta, links }, head, distinct(cache_tags)).linked(link))
}

/// Get an article
///
/// One published article with everything a page needs. `Accept` chooses its form: JSON where nothing is said, the
/// whole document as Markdown with `text/markdown`, or what search engines read with `application/ld+json`.
/// `format` is about the bodies within JSON. With `as_of`, the edition that readers saw at a moment that has
/// passed, with its tags, authors and FAQs as they were then; 404 where they saw none.
#[utoipa::path(
    operation_id = "get_article",
    tag = "Articles",
    params(IdPath, ArticleAsOfParameters),
    responses((status = 200, description = "The article.", content(
        (ArticleResponse = "application/json"),
        (JsonLd = "application/ld+json"),
        (String = "text/markdown; charset=utf-8; variant=GFM")
    ))),
    extensions(("x-problems" = json!(["forbidden", "gone"])))
)]
#[get("/articles/{id}")]
pub async fn get_article(
    service: Service,
    here: Here,
    Wanted(form): Wanted,
    id: Id<ArticleId>,
    Query(asked): Query<ArticleAsOfParameters>,
    then: Then,
) -> Answer<Shown<ArticleResponse>> {
    let formats = Formats::new(asked.format.as_deref());
    let languages = languages(asked.locale.as_deref(), asked.fallback.as_deref())?;
    if languages.is_some() && asked.as_of.is_some() {
        let message = "`as_of` goes without `locale`: ask for the article of that language by its own id.";
        return Err(conflict("locale", message));
    }
    if let Some(past) = then.article(&service, *id).await? {
        let past = AsOf {
            value: past,
            head: None,
        };
        return Ok(Shown::Then(whole(&service, past, &form, formats, &here)?));
    }
    let found = service
        .deliver(move |store| match &languages {
            Some(languages) => delivering::article_in(store, *id, languages),
            None => delivering::article(store, *id),
        })
        .await?;
    Ok(Shown::Now(whole(&service, found, &form, formats, &here)?))
}

/// Get an article as Markdown
///
/// The whole document as Markdown, whatever `Accept` says.
#[utoipa::path(
    operation_id = "get_article_markdown",
    tag = "Articles",
    params(IdPath),
    responses((
        status = 200,
        description = "The article.",
        body = String,
        content_type = "text/markdown; charset=utf-8; variant=GFM"
    )),
    extensions(("x-problems" = json!(["gone"])))
)]
#[get("/articles/{id}.md")]
pub async fn get_article_markdown(service: Service, id: Id<ArticleId>) -> Answer<Public<()>> {
    let found = service
        .deliver(move |store| delivering::article(store, *id))
        .await?;
    Ok(as_markdown(&service, found))
}

/// Get an article by its slug
///
/// One published article with everything a page needs. A slug is unique in its locale. `Accept` chooses the form, as
/// for an article by its id.
#[utoipa::path(
    operation_id = "get_article_by_slug",
    tag = "Articles",
    params(SlugPath, BySlugParameters),
    responses(
        (status = 308, description = "It has another slug now, which `Location` names."),
        (status = 200, description = "The article.", content(
        (ArticleResponse = "application/json"),
        (JsonLd = "application/ld+json"),
        (String = "text/markdown; charset=utf-8; variant=GFM")
    ))),
    extensions(("x-problems" = json!(["gone"])))
)]
#[get("/articles/by-slug/{slug}")]
pub async fn get_article_by_slug(
    service: Service,
    here: Here,
    Wanted(form): Wanted,
    PathSlug(slug): PathSlug,
    Query(asked): Query<BySlugParameters>,
) -> Answer<Public<ArticleResponse>> {
    let formats = Formats::new(asked.format.as_deref());
    let (found, name) = by_slug(&service, slug, asked.locale, asked.fallback).await?;
    Ok(match found {
        Found::Here(found) => whole(&service, found, &form, formats, &here)?,
        Found::Moved(moved) => elsewhere(&service, moved, &here),
    }
    .found_by(name))
}

/// Get an article by its slug as Markdown
///
/// The whole document as Markdown, whatever `Accept` says.
#[utoipa::path(
    operation_id = "get_article_markdown_by_slug",
    tag = "Articles",
    params(SlugPath, MarkdownParameters),
    responses((status = 308, description = "It has another slug now, which `Location` names."), (
        status = 200,
        description = "The article.",
        body = String,
        content_type = "text/markdown; charset=utf-8; variant=GFM"
    )),
    extensions(("x-problems" = json!(["gone"])))
)]
#[get("/articles/by-slug/{slug}.md")]
pub async fn get_article_markdown_by_slug(
    service: Service,
    here: Here,
    PathSlug(slug): PathSlug,
    Query(asked): Query<MarkdownParameters>,
) -> Answer<Public<()>> {
    let (found, name) = by_slug(&service, slug, asked.locale, asked.fallback).await?;
    Ok(match found {
        Found::Here(found) => as_markdown(&service, found),
        Found::Moved(moved) => elsewhere(&service, moved, &here),
    }
    .found_by(name))
}

/// The article with the tag of the name it was found by, which another may hold tomorrow.
async fn by_slug(
    service: &Service,
    slug: Slug,
    locale: Option<String>,
    fallback: Option<Vec<String>>,
) -> Answer<(Found<Delivered>, String)> {
    let languages = languages(locale.as_deref(), fallback.as_deref())?;
    let default = service.options().default_locale.clone();
    let name = slug_tag(ChangeType::Article.as_str(), slug.as_str());
    let found = service
        .deliver(move |store| match &languages {
            Some(languages) => delivering::article_by_slug_in(store, &slug, languages, &default),
            None => delivering::article_by_slug(store, &slug, None, &default),
        })
        .await?;
    Ok((found, name))
}

/// The languages that are wanted; `None` where any will do. One that cannot be is no article's.
pub(crate) fn languages(locale: Option<&str>, fallback: Option<&[String]>) -> Answer<Option<Languages>> {
    let Some(locale) = locale else {
        if fallback.is_some() {
            let message = "`fallback` goes with `locale`: the language that is wanted first.";
            return Err(conflict("fallback", message));
        }
        return Ok(None);
    };
    let more = fallback.unwrap_or_default().iter().map(String::as_str);
    let wanted = std::iter::once(locale).chain(more.take_while(|word| *word != NO_FALLBACK));
    let locales = wanted.filter_map(|text| Locale::parse(text).ok());
    Ok(Some(Languages::new(locales)))
}

fn conflict(parameter: &str, message: &str) -> ApiError {
    let errors = vec![ProblemError::parameter(parameter, "conflict", message)];
    ApiError::new(ProblemCode::InvalidParameter, message).with_errors(errors)
}

/// Ends a list of languages.
const NO_FALLBACK: &str = "none";

/// List the sections of an article
///
/// All sections of one published article, in order.
#[utoipa::path(
    operation_id = "list_article_sections",
    tag = "Articles",
    params(IdPath, SectionParameters),
    responses((status = 200, description = "The sections.", body = SectionsResponse)),
    extensions(("x-problems" = json!(["gone"])))
)]
#[get("/articles/{id}/sections")]
pub async fn list_article_sections(
    service: Service,
    id: Id<ArticleId>,
    Query(asked): Query<SectionParameters>,
) -> Answer<Public<SectionsResponse>> {
    let formats = Formats::new(asked.format.as_deref());
    let AsOf { value, head } = service
        .deliver(move |store| delivering::sections(store, *id))
        .await?;
    let data = value
        .into_iter()
        .map(|section| Section::new(section, formats))
        .collect();
    Ok(Public::new(
        SectionsResponse { data },
        head,
        vec![cache_tag(ChangeType::Article, *id)],
    ))
}

/// List the FAQs of an article
///
/// The published FAQs of one published article, in order.
#[utoipa::path(
    operation_id = "list_article_faqs",
    tag = "Articles",
    params(IdPath, SectionParameters),
    responses((status = 200, description = "The FAQs.", body = FaqsResponse)),
    extensions(("x-problems" = json!(["gone"])))
)]
#[get("/articles/{id}/faqs")]
pub async fn list_article_faqs(
    service: Service,
    id: Id<ArticleId>,
    Query(asked): Query<SectionParameters>,
) -> Answer<Public<FaqsResponse>> {
    let formats = Formats::new(asked.format.as_deref());
    let AsOf { value, head } = service
        .deliver(move |store| delivering::faqs_of_article(store, *id))
        .await?;
    let mut tags = vec![cache_tag(ChangeType::Article, *id)];
    tags.extend(value.iter().map(|faq| cache_tag(ChangeType::Faq, faq.id)));
    let data = value.into_iter().map(|faq| Faq::new(faq, formats)).collect();
    Ok(Public::new(FaqsResponse { data }, head, tags))
}

/// A whole article in the form that the client likes best.
fn whole(
    service: &Service,
    found: AsOf<Delivered>,
    form: &MediaType,
    formats: Formats,
    here: &Here,
) -> Answer<Public<ArticleResponse>> {
    let site = &service.options().site;
    if *form == MediaType::MARKDOWN {
        return Ok(written(service, found, forms::MARKDOWN, |article| {
            forms::markdown(article, site)
        }));
    }
    if *form == MediaType::JSON_LD {
        return Ok(written(service, found, forms::JSON_LD, |article| {
            forms::json_ld(article, site)
        }));
    }
    let mut tags = Vec::new();
    tags_of(&found.value, &mut tags);
    // It names the other languages of its story.
    tags.push(story_tag(found.value.article.story_id()));
    let locale = found.value.article.locale.to_string();
    let this = here.address();
    if formats == Formats::new(None) && found.head.is_some() {
        service.preparer().ask(found.value.article.id);
    }
    let text = Text::of(at_home(service, found.value), formats, site)?;
    let (etag, body) = (tag_of(&text.stamp, &this), body(&text.data, &this)?);
    Ok(
        Public::bytes("application/json", body, found.head, distinct(tags))
            .tagged(etag)
            .in_locale(locale)
            .without_counts(),
    )
}

fn as_markdown(service: &Service, found: AsOf<Delivered>) -> Public<()> {
    let site = &service.options().site;
    written(service, found, forms::MARKDOWN, |article| {
        forms::markdown(article, site)
    })
}

/// A whole article as text.
fn written<T>(
    service: &Service,
    found: AsOf<Delivered>,
    content_type: &'static str,
    write: impl FnOnce(&Delivered) -> String,
) -> Public<T> {
    let mut tags = Vec::new();
    tags_of(&found.value, &mut tags);
    // It names the other languages of its story.
    tags.push(story_tag(found.value.article.story_id()));
    let delivered = at_home(service, found.value);
    let locale = delivered.article.locale.to_string();
    let bytes = write(&delivered).into_bytes();
    Public::bytes(content_type, bytes, found.head, distinct(tags))
        .in_locale(locale)
        .without_counts()
}

fn empty<T>(count: bool) -> Page<T> {
    Page {
        items: Vec::new(),
        next: None,
        previous: None,
        total: count.then_some(0),
    }
}

/// The filters; `None` when one of them can fit nothing.
fn query(
    asked: &ArticleListParameters,
    words: Option<Question>,
    languages: Option<Languages>,
) -> Option<ArticleQuery> {
    Some(ArticleQuery {
        tags: filters::tags(
            asked.tag.as_deref(),
            asked.tag_all.as_deref(),
            asked.not_tag.as_deref(),
        )?,
        authors: asked.author.as_deref().map(filters::slugs),
        languages,
        kind: asked.kind.map(Into::into),
        words,
        slugs: asked.slug.as_deref().map(filters::slugs),
        ids: asked.id.as_deref().map(filters::ids),
        published: Span {
            from: asked.published_from,
            to: asked.published_to,
        },
        updated_from: asked.updated_from,
    })
}

/// The cache tags of the lists that decide what a page holds: a renamed tag leads elsewhere, a corrected FAQ holds
/// other words.
fn tags_of_filters(asked: &ArticleListParameters) -> Vec<String> {
    let mut tags = tags_of_list(ChangeType::Article);
    let is_tagged = asked.tag.is_some() || asked.tag_all.is_some() || asked.not_tag.is_some();
    if is_tagged {
        tags.push(list_tag(ChangeType::Tag).to_owned());
    }
    if asked.author.is_some() {
        tags.push(list_tag(ChangeType::Author).to_owned());
    }
    if asked.q.is_some() {
        tags.push(list_tag(ChangeType::Faq).to_owned());
    }
    tags
}

/// How many values the filters have together.
fn values(asked: &ArticleListParameters) -> u32 {
    let tags = [&asked.tag, &asked.tag_all, &asked.not_tag];
    let texts = tags
        .into_iter()
        .chain([&asked.author, &asked.slug, &asked.fallback]);
    filters::values(texts.map(Option::as_ref)) + filters::values([asked.id.as_ref()])
}

fn cost(projection: &Projection, page: &PageRequest<ArticleSort>) -> Cost {
    let weight = |wanted, weight| if wanted { weight } else { 0 };
    Cost {
        bodies: weight(projection.sections, cost::SECTIONS) + weight(projection.faqs, cost::ANSWERS),
        formats: filters::forms(projection.formats),
        ..filters::cost(page)
    }
}

fn projection(asked: &ArticleListParameters) -> Projection {
    let included = |relation| {
        asked
            .include
            .as_ref()
            .is_some_and(|include| include.contains(&relation))
    };
    let named = |field| {
        asked
            .fields
            .as_ref()
            .is_some_and(|fields| fields.contains(&field))
    };
    let by_default = asked.fields.is_none();
    Projection {
        sections: included(ArticleRelation::Sections) || named(ArticleField::Sections),
        faqs: included(ArticleRelation::Faqs) || named(ArticleField::Faqs),
        authors: by_default || included(ArticleRelation::Authors) || named(ArticleField::Authors),
        tags: by_default || included(ArticleRelation::Tags) || named(ArticleField::Tags),
        formats: Formats::new(asked.format.as_deref()),
        fields: asked.fields.clone(),
    }
}
