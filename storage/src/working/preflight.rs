//! Where the links of an article lead.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::change::ChangeType;
use masthead_domain::locale::Locale;
use masthead_domain::preflight::{Standing, Target};
use masthead_domain::repository::PreflightRepository;
use masthead_domain::slug::Slug;

use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{published_articles, published_redirects};
use crate::error::{Failure, during};
use crate::schema::articles;
use crate::transaction::Transaction;

/// Slugs that are asked for in one statement.
const AT_ONCE: usize = 200;

impl PreflightRepository for Transaction<'_> {
    fn standings(&mut self, targets: &BTreeSet<Target>) -> Result<BTreeMap<Target, Standing>> {
        standings(self.connection, targets).map_err(during("looking where links lead"))
    }
}

/// What readers see counts more than a working copy of the same slug, and so does an old slug that leads on.
fn standings(
    connection: &mut Connection,
    targets: &BTreeSet<Target>,
) -> Result<BTreeMap<Target, Standing>, Failure> {
    let slugs: Vec<&str> = targets.iter().map(|(_, slug)| slug.as_str()).collect();
    let mut found = BTreeMap::new();
    for slugs in slugs.chunks(AT_ONCE) {
        let working: Vec<(String, String)> = on_engine!(connection, |c| articles::table
            .filter(articles::slug.eq_any(slugs))
            .filter(articles::deleted_at.is_null())
            .select((articles::locale, articles::slug))
            .load(c))?;
        let published: Vec<(String, String)> = on_engine!(connection, |c| published_articles::table
            .filter(published_articles::slug.eq_any(slugs))
            .select((published_articles::locale, published_articles::slug))
            .load(c))?;
        let led: Vec<(String, String)> = on_engine!(connection, |c| published_redirects::table
            .filter(published_redirects::resource.eq(ChangeType::Article.as_str()))
            .filter(published_redirects::slug.eq_any(slugs))
            .select((published_redirects::locale, published_redirects::slug))
            .load(c))?;
        let told = working.into_iter().map(|at| (at, Standing::Unpublished));
        let seen = published.into_iter().chain(led);
        for ((locale, slug), standing) in told.chain(seen.map(|at| (at, Standing::Published))) {
            let (Ok(locale), Ok(slug)) = (Locale::parse(&locale), Slug::parse(&slug)) else {
                continue;
            };
            let target = (locale, slug);
            if targets.contains(&target) {
                let known = found.entry(target).or_insert(standing);
                *known = standing.max(*known);
            }
        }
    }
    Ok(found)
}
