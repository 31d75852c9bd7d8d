//! An example of every answer, by the name of its schema.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use masthead_domain::change::{Change, ChangeOp, ChangeReason, ChangeType, NewChange, cache_tag, list_tag};
use masthead_domain::delivering::Delivered;
use masthead_domain::following::Stretch;
use masthead_domain::id::RedirectId;
use masthead_domain::published::{
    Edition, PublishedArticle, PublishedAuthor, PublishedByline, PublishedFaq, PublishedTag,
};
use masthead_domain::redirect::Redirect;
use masthead_domain::rights::Role;
use masthead_domain::syndicating::{Guide, MapEntry};
use masthead_domain::use_cases::publishing::Publication;
use masthead_domain::use_cases::reading::{ArticleRow, ArticleView, FaqView};
use masthead_domain::use_cases::sections::OfArticle;
use masthead_domain::use_cases::tag_merging::Merged;
use serde::Serialize;
use serde_json::Value;

use super::search::{search, suggest};
use super::world::{World, user};
use crate::delivery::{self as d, Formats, Projection};
use crate::document::Surface;
use crate::forms;
use crate::management as m;
use crate::parameters::{PageLinks, PageMeta, SelfLink};

/// Examples by the names of their schemas.
pub(super) type Answers = BTreeMap<&'static str, Value>;

const LIMIT: u32 = 20;

/// Every answer of a surface; `None` only where the world breaks the domain's rules.
pub(super) fn all(surface: Surface) -> Option<Answers> {
    let world = World::new()?;
    match surface {
        Surface::Delivery | Surface::Preview => delivery(world),
        Surface::Management => management(world),
    }
}

pub(super) fn put(answers: &mut Answers, name: &'static str, answer: impl Serialize) -> Option<()> {
    answers.insert(name, serde_json::to_value(answer).ok()?);
    Some(())
}

/// The envelope of a list with one row, the last there is.
pub(super) fn page(path: &str) -> (PageMeta, PageLinks) {
    let meta = PageMeta {
        limit: LIMIT,
        total: Some(1),
    };
    let links = PageLinks {
        this: format!("{path}?count=exact"),
        next: None,
        prev: None,
    };
    (meta, links)
}

macro_rules! list {
    ($list:ty, $path:literal, $row:expr) => {{
        let (meta, links) = page($path);
        {
            type List = $list;
            List {
                data: vec![$row],
                meta,
                links,
            }
        }
    }};
}

fn delivered(world: &World) -> Option<Delivered> {
    let article = &world.article;
    let edition = Edition::render(article, article.published_at?, article.first_published_at?);
    let byline = PublishedByline {
        author: world.author.clone(),
        role: article.authors.first()?.role,
    };
    let published: PublishedArticle = edition.article;
    Some(Delivered {
        article: published,
        sections: edition.sections,
        authors: vec![byline],
        tags: vec![world.tag.clone()],
        faqs: vec![published_faq(world)?],
        alternates: Vec::new(),
    })
}

fn published_faq(world: &World) -> Option<PublishedFaq> {
    let faq = &world.faq;
    Some(PublishedFaq::render(
        faq,
        faq.published_at?,
        faq.first_published_at?,
    ))
}

fn delivery(world: World) -> Option<Answers> {
    let formats = Formats::new(None);
    let whole = delivered(&world)?;
    let rows = Projection {
        fields: None,
        sections: false,
        faqs: false,
        authors: true,
        tags: true,
        formats,
    };
    let faq = || {
        Some(d::FaqDetail::new(
            published_faq(&world)?,
            vec![world.tag.clone()],
            formats,
        ))
    };
    let tag = || {
        d::TagDetail::from(PublishedTag {
            tag: world.tag.clone(),
            articles_count: 1,
        })
    };
    let author = || {
        d::AuthorDetail::from(PublishedAuthor {
            author: world.author.clone(),
            articles_count: 1,
        })
    };
    let article = d::ArticleResponse {
        data: d::Article::new(whole.clone(), formats).on_site(&super::site()),
        links: SelfLink {
            this: format!("/delivery/v1/articles/by-slug/{}", whole.article.slug),
        },
    };
    let site = super::site();
    let markdown = forms::markdown(&whole, &site);
    let json_ld: Value = serde_json::from_str(&forms::json_ld(&whole, &site)).ok()?;
    let whole_for_feeds = whole.clone();
    let sections = whole.sections.iter().cloned();
    let sections = d::SectionsResponse {
        data: sections
            .map(|section| d::Section::new(section, formats))
            .collect(),
    };
    let faqs = d::FaqsResponse {
        data: vec![d::Faq::new(published_faq(&world)?, formats)],
    };
    let (search, suggest) = (search(&whole)?, suggest(&whole));
    let articles = list!(
        d::ArticleList,
        "/delivery/v1/articles",
        d::ArticleSummary::new(whole, &rows).on_site(&site)
    );
    let mut all = Answers::new();
    put(&mut all, "ArticleResponse", article)?;
    put(&mut all, "JsonLd", json_ld)?;
    syndication(&mut all, &whole_for_feeds, &site)?;
    put(&mut all, forms::MARKDOWN, markdown)?;
    put(&mut all, "ArticleList", articles)?;
    let changes = changes(&world)?;
    put(&mut all, "text/event-stream", events(&changes)?)?;
    put(&mut all, "ChangesResponse", changes)?;
    put(&mut all, "SearchResponse", search)?;
    put(&mut all, "SuggestResponse", suggest)?;
    put(&mut all, "SectionsResponse", sections)?;
    put(&mut all, "FaqsResponse", faqs)?;
    put(&mut all, "FaqResponse", d::FaqResponse { data: faq()? })?;
    put(
        &mut all,
        "FaqList",
        list!(d::FaqList, "/delivery/v1/faqs", faq()?),
    )?;
    put(&mut all, "TagResponse", d::TagResponse { data: tag() })?;
    put(&mut all, "TagList", list!(d::TagList, "/delivery/v1/tags", tag()))?;
    put(&mut all, "AuthorResponse", d::AuthorResponse { data: author() })?;
    put(
        &mut all,
        "AuthorList",
        list!(d::AuthorList, "/delivery/v1/authors", author()),
    )?;
    Some(all)
}

fn changes(world: &World) -> Option<d::ChangesResponse> {
    let article = &world.article;
    let at = article.published_at?;
    let entry = NewChange {
        op: ChangeOp::Upsert,
        resource: ChangeType::Article,
        id: article.id.uuid(),
        slug: article.slug.to_string(),
        locale: Some(article.locale.to_string()),
        reason: ChangeReason::Published,
        redirect_to: None,
        cache_tags: vec![
            cache_tag(ChangeType::Article, article.id),
            list_tag(ChangeType::Article).to_owned(),
        ],
        at,
    };
    let stretch = Stretch {
        changes: vec![Change { seq: 1042, entry }],
        head: Some((1042, at)),
        pruned_through: 0,
        has_more: false,
    };
    let this = "/delivery/v1/changes?since=1041".to_owned();
    Some(d::ChangesResponse::new(stretch, 100, this, |_| String::new()))
}

/// The same as a stream.
fn events(changes: &d::ChangesResponse) -> Option<String> {
    let mut stream = String::from("retry: 2000\n\n");
    for change in &changes.data {
        let json = serde_json::to_string(change).ok()?;
        // Writing to a text cannot fail.
        let _ = write!(stream, "id: {}\nevent: change\ndata: {json}\n\n", change.seq);
    }
    Some(stream)
}

/// Feeds, sitemaps and what else the site says of itself.
fn syndication(all: &mut Answers, article: &Delivered, site: &forms::Site) -> Option<()> {
    let published = &article.article;
    let address = |name: &str| site.api(&format!("/delivery/v1/feeds/{name}"));
    let feed = |name: &str| forms::Feed {
        title: site.title.clone(),
        description: site.description.clone(),
        locale: Some(published.locale.clone()),
        address: address(name),
        id: address(name),
        next: None,
        articles: vec![article.clone()],
    };
    let entry = MapEntry {
        id: published.id,
        kind: published.kind,
        locale: published.locale.clone(),
        slug: published.slug.clone(),
        title: published.title.clone(),
        canonical_url: None,
        image: published.seo.image.clone(),
        first_published_at: published.first_published_at,
        updated_at: published.updated_at,
    };
    put(all, forms::RSS, forms::rss(&feed("rss.xml"), site))?;
    put(all, forms::ATOM, forms::atom(&feed("atom.xml"), site))?;
    put(all, "JsonFeed", forms::JsonFeed::new(&feed("feed.json"), site))?;
    let news = forms::news_sitemap(std::slice::from_ref(&entry), site);
    let map = forms::sitemap(1, &[entry], site);
    put(all, "get_sitemap", map)?;
    put(all, "get_sitemap_index", forms::sitemap_index(&[1], site))?;
    put(all, "get_news_sitemap", news)?;
    put(all, "get_robots", forms::robots(site))?;
    let guide = Guide {
        articles: vec![article.clone()],
        pages: Vec::new(),
    };
    put(all, "get_llms", forms::llms(&guide, site))?;
    let site = d::Site::new(site, std::slice::from_ref(&published.locale));
    put(all, "SiteResponse", d::SiteResponse { data: site })
}

fn management(world: World) -> Option<Answers> {
    let role = world.article.authors.first()?.role;
    let faq = FaqView {
        faq: world.faq.clone(),
        tags: vec![world.tag.clone()],
    };
    let view = ArticleView {
        article: world.article.clone(),
        tags: vec![world.tag.clone()],
        authors: vec![(world.author.clone(), role)],
        faqs: vec![faq.clone()],
        translations: Vec::new(),
    };
    let row = ArticleRow {
        overview: world.article.overview.clone(),
        tags: view.tags.clone(),
        authors: view.authors.clone(),
    };
    let publication = Publication {
        view: view.clone(),
        published_faqs: vec![world.faq.id],
        findings: Vec::new(),
    };
    let (id, revision) = (world.article.id, world.article.revision);
    let of_article = |value| OfArticle {
        value,
        article_revision: revision,
    };
    let section = OfArticle {
        value: world.article.sections.first()?.clone(),
        article_revision: revision,
    };
    let sections = of_article(world.article.sections.clone());
    let (tag, author) = (
        || m::Tag::from(world.tag.clone()),
        || m::Author::from(world.author.clone()),
    );
    let mut all = Answers::new();
    redirects(&mut all, &world)?;
    super::identity::add(&mut all, &world)?;
    super::preflight::add(&mut all, &world)?;
    super::history::add(&mut all, &world, &view)?;
    super::trash::add(&mut all, &view)?;
    super::audit::add(&mut all, &world)?;
    super::batch::add(&mut all, &world)?;
    super::releases::add(&mut all, &world)?;
    super::preview::add(&mut all, &view)?;
    super::notes::add(&mut all, &world)?;
    super::proposals::add(&mut all, &world)?;
    put(&mut all, "MeResponse", m::MeResponse { data: me() })?;
    put(&mut all, "ArticleResponse", m::ArticleResponse::from(view))?;
    put(
        &mut all,
        "ArticleList",
        list!(m::ArticleList, "/management/v1/articles", row.into()),
    )?;
    put(
        &mut all,
        "PublicationResponse",
        m::PublicationResponse::from(publication),
    )?;
    put(&mut all, "SectionResponse", m::SectionResponse::new(id, section))?;
    put(
        &mut all,
        "SectionsResponse",
        m::SectionsResponse::new(id, sections),
    )?;
    put(
        &mut all,
        "FaqResponse",
        m::FaqResponse {
            data: faq.clone().into(),
        },
    )?;
    put(
        &mut all,
        "FaqList",
        list!(m::FaqList, "/management/v1/faqs", faq.into()),
    )?;
    put(&mut all, "TagResponse", m::TagResponse { data: tag() })?;
    let merged = Merged {
        tag: world.tag.clone(),
        articles: 3,
        faqs: 1,
    };
    put(&mut all, "TagMergeResponse", m::TagMergeResponse::from(merged))?;
    put(
        &mut all,
        "TagList",
        list!(m::TagList, "/management/v1/tags", tag()),
    )?;
    put(&mut all, "AuthorResponse", m::AuthorResponse { data: author() })?;
    put(
        &mut all,
        "AuthorList",
        list!(m::AuthorList, "/management/v1/authors", author()),
    )?;
    Some(all)
}

fn redirects(all: &mut Answers, world: &World) -> Option<()> {
    let redirect = || {
        m::Redirect::from(Redirect {
            id: RedirectId::from_uuid(world.tag.id.uuid()),
            kind: ChangeType::Tag,
            slug: world.article.slug.clone(),
            locale: None,
            target: world.tag.id.uuid(),
            created_by: world.article.created_by,
            created_at: world.tag.created_at,
        })
    };
    put(all, "RedirectResponse", m::RedirectResponse { data: redirect() })?;
    put(
        all,
        "RedirectList",
        list!(m::RedirectList, "/management/v1/redirects", redirect()),
    )
}

fn me() -> m::Me {
    m::Me {
        kind: m::MeKind::User,
        id: user().to_string(),
        name: "Ada Marsh".into(),
        email: Some("ada@example.org".into()),
        role: Some(Role::Editor.to_string()),
        permissions: Role::Editor
            .permissions()
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}
