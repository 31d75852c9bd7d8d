//! The delivery side: what readers may see, from tables that hold nothing else.
//!
//! Code below this module takes its tables from `delivery::schema` alone.

pub(crate) mod addresses;
pub(crate) mod articles;
mod authors;
mod changes;
pub(crate) mod faqs;
mod filters;
mod maps;
pub(crate) mod parts;
mod prepared;
pub(crate) mod rows;
pub(crate) mod schema;
mod search;
mod tags;
mod walking;

use std::collections::BTreeMap;

use masthead_domain::Result;
use masthead_domain::change::{Change, ChangeType, Head};
use masthead_domain::clock::Instant;
use masthead_domain::id::{ArticleId, FaqId, StoryId};
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest};
use masthead_domain::prepared::{Line, Named, Prepared, Unfinished};
use masthead_domain::published::{
    ArticleQuery, ArticleSort, FaqQuery, FaqSort, NameSort, PublishedArticle, PublishedAuthor,
    PublishedAuthorQuery, PublishedByline, PublishedFaq, PublishedSection, PublishedSummary, PublishedTag,
    PublishedTagQuery,
};
use masthead_domain::redirect::{Gone, Moved};
use masthead_domain::repository::Delivery;
use masthead_domain::searching::{Facets, Find, Found, NameMatch, Term};
use masthead_domain::slug::Slug;
use masthead_domain::story::Telling;
use masthead_domain::syndicating::MapEntry;
use masthead_domain::tag::Tag;
use uuid::Uuid;

use crate::connection::Connection;
use crate::error::during;
use crate::types::RowId;

/// What readers see, on one open transaction.
pub(crate) struct Window<'a> {
    pub(crate) connection: &'a mut Connection,
}

impl Delivery for Window<'_> {
    fn head(&mut self) -> Result<Head> {
        changes::head(self.connection).map_err(during("reading the head of the change log"))
    }

    fn with_slug(&mut self, slug: &Slug) -> Result<Vec<Telling>> {
        addresses::with_slug(self.connection, slug).map_err(during("looking for articles by slug"))
    }

    fn tellings(&mut self, stories: &[StoryId]) -> Result<Vec<Telling>> {
        addresses::tellings(self.connection, &filters::ids(stories))
            .map_err(during("reading the languages of stories"))
    }

    fn moved(
        &mut self,
        kind: ChangeType,
        slug: &Slug,
        locale: Option<&Locale>,
        default: &Locale,
    ) -> Result<Option<Moved>> {
        addresses::moved(self.connection, kind, slug, locale, default)
            .map_err(during("looking for what had a slug"))
    }

    fn gone(&mut self, kind: ChangeType, id: Uuid) -> Result<Option<Gone>> {
        addresses::gone(self.connection, kind, RowId(id)).map_err(during("looking for what is gone"))
    }

    fn gone_by_slug(
        &mut self,
        kind: ChangeType,
        slug: &Slug,
        locale: Option<&Locale>,
    ) -> Result<Option<Gone>> {
        addresses::gone_by_slug(self.connection, kind, slug, locale)
            .map_err(during("looking for what is gone by its slug"))
    }

    fn changes(&mut self, since: i64, limit: u32) -> Result<Vec<Change>> {
        changes::since(self.connection, since, limit).map_err(during("reading the change log"))
    }

    fn pruned_through(&mut self) -> Result<i64> {
        changes::pruned_through(self.connection).map_err(during("reading where the change log begins"))
    }

    fn article(&mut self, id: ArticleId) -> Result<Option<PublishedArticle>> {
        articles::find(self.connection, id.into()).map_err(during("reading a published article"))
    }

    fn article_by_slug(
        &mut self,
        slug: &Slug,
        locale: Option<&Locale>,
        default: &Locale,
    ) -> Result<Option<PublishedArticle>> {
        articles::by_slug(self.connection, slug, locale, default)
            .map_err(during("reading a published article by slug"))
    }

    fn prepared_article(&mut self, made_by: &str, named: &Named, text: bool) -> Result<Option<Prepared>> {
        prepared::article(self.connection, made_by, named, text).map_err(during("reading a finished answer"))
    }

    fn unfinished(&mut self, made_by: &str, before: Option<ArticleId>, limit: u32) -> Result<Unfinished> {
        prepared::unfinished(self.connection, made_by, before, limit)
            .map_err(during("looking for unfinished answers"))
    }

    fn article_lines(
        &mut self,
        made_by: &str,
        query: &ArticleQuery,
        page: &PageRequest<ArticleSort>,
    ) -> Result<Page<Line>> {
        articles::lines(self.connection, made_by, query, page)
            .map_err(during("listing finished rows of articles"))
    }

    fn articles_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, PublishedArticle>> {
        articles::by_ids(self.connection, &row_ids(ids)).map_err(during("reading published articles"))
    }

    fn articles(
        &mut self,
        query: &ArticleQuery,
        page: &PageRequest<ArticleSort>,
    ) -> Result<Page<PublishedArticle>> {
        articles::list(self.connection, query, page).map_err(during("listing published articles"))
    }

    fn sections_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<PublishedSection>>> {
        parts::sections(self.connection, &row_ids(ids)).map_err(during("reading published sections"))
    }

    fn bylines_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<PublishedByline>>> {
        parts::bylines(self.connection, &row_ids(ids)).map_err(during("reading published bylines"))
    }

    fn tags_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<Tag>>> {
        parts::tags(self.connection, &row_ids(ids)).map_err(during("reading the tags of published articles"))
    }

    fn faqs_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<PublishedFaq>>> {
        faqs::of_articles(self.connection, &row_ids(ids))
            .map_err(during("reading the FAQs of published articles"))
    }

    fn faq(&mut self, id: FaqId) -> Result<Option<PublishedFaq>> {
        faqs::find(self.connection, id.into()).map_err(during("reading a published FAQ"))
    }

    fn faqs(&mut self, query: &FaqQuery, page: &PageRequest<FaqSort>) -> Result<Page<PublishedFaq>> {
        faqs::list(self.connection, query, page).map_err(during("listing published FAQs"))
    }

    fn tags_of_faqs(&mut self, ids: &[FaqId]) -> Result<BTreeMap<FaqId, Vec<Tag>>> {
        let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
        parts::tags_of_faqs(self.connection, &ids).map_err(during("reading the tags of published FAQs"))
    }

    fn tag(&mut self, slug: &Slug) -> Result<Option<PublishedTag>> {
        tags::by_slug(self.connection, slug).map_err(during("reading a published tag"))
    }

    fn tags(
        &mut self,
        query: &PublishedTagQuery,
        page: &PageRequest<NameSort>,
    ) -> Result<Page<PublishedTag>> {
        tags::list(self.connection, query, page).map_err(during("listing published tags"))
    }

    fn author(&mut self, slug: &Slug) -> Result<Option<PublishedAuthor>> {
        authors::by_slug(self.connection, slug).map_err(during("reading a published author"))
    }

    fn authors(
        &mut self,
        query: &PublishedAuthorQuery,
        page: &PageRequest<NameSort>,
    ) -> Result<Page<PublishedAuthor>> {
        authors::list(self.connection, query, page).map_err(during("listing published authors"))
    }

    fn found(&mut self, made_by: &str, find: &Find) -> Result<Found> {
        search::found(self.connection, made_by, find).map_err(during("searching"))
    }

    fn facets(&mut self, find: &Find) -> Result<Facets> {
        search::facets(self.connection, find).map_err(during("counting what a search found"))
    }

    fn summaries_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, PublishedSummary>> {
        search::summaries(self.connection, &row_ids(ids)).map_err(during("reading articles that were found"))
    }

    fn names_with(
        &mut self,
        meant: &[Vec<Term>],
        locale: Option<&Locale>,
        limit: u32,
    ) -> Result<Vec<NameMatch>> {
        search::names_with(self.connection, meant, locale, limit).map_err(during("looking for names"))
    }

    fn words_sharing(&mut self, grams: &[String], least: usize) -> Result<Vec<String>> {
        search::words_sharing(self.connection, grams, least).map_err(during("looking for words"))
    }

    fn filled_maps(&mut self, size: u32) -> Result<Vec<u64>> {
        maps::filled(self.connection, size).map_err(during("looking for sitemaps"))
    }

    fn map_entries(&mut self, number: u64, size: u32) -> Result<Vec<MapEntry>> {
        maps::list(self.connection, number, size).map_err(during("listing the entries of a sitemap"))
    }

    fn news_entries(&mut self, since: Instant, limit: u32) -> Result<Vec<MapEntry>> {
        maps::news(self.connection, since, limit).map_err(during("listing news"))
    }

    fn locales(&mut self) -> Result<Vec<Locale>> {
        maps::locales(self.connection).map_err(during("listing the locales of what is published"))
    }
}

fn row_ids(ids: &[ArticleId]) -> Vec<RowId> {
    ids.iter().map(|id| (*id).into()).collect()
}
