//! Preflight: looking an article or FAQ over before it is published, and what the site makes of the checks.

use std::collections::{BTreeMap, BTreeSet};

use crate::article::{Article, Expected};
use crate::clock::Instant;
use crate::error::{Error, Resource, Result, StorageError};
use crate::faq::Faq;
use crate::id::{ArticleId, FaqId};
use crate::preflight::{self, ArticleSubject, Check, Finding, Level, Levels, Standing, Target, Texts, is_ok};
use crate::repository::Setting;
use crate::rights::{Actor, Credential, Permission};
use crate::use_cases::Unit;
use crate::use_cases::reading::{ArticleView, FaqView, article_view_with, faq_view};
use crate::workflow::Action;

/// The name of the setting.
const NAME: &str = "preflight";

/// What a look found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<V> {
    /// The working copy that was looked at.
    pub view: V,
    /// Errors first.
    pub findings: Vec<Finding>,
}

/// What the site makes of the checks, as a thing with revisions; the first is what nobody set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreflightSettings {
    /// What each check weighs.
    pub levels: Levels,
    /// Counts its changes.
    pub revision: u32,
    /// When it was last changed, and through which credential.
    pub updated: Option<(Instant, Credential)>,
}

/// Looks an article over as if it were published now; nothing is changed.
pub fn article(unit: &mut Unit<'_>, id: ArticleId, expected: &Expected) -> Result<Report<ArticleView>> {
    unit.actor.require(Actor::needed(Action::Publish))?;
    let found = unit.repository.article(id)?;
    let article = found.ok_or_else(|| Error::not_found(Resource::Article, id))?;
    unit.actor.require_act(Action::Publish, article.created_by)?;
    article.expect_revision(expected)?;
    article.state().allow(Action::Publish)?;
    let holders = unit
        .repository
        .article_slug_holders(&article.locale, &article.slug)?;
    let is_slug_taken = holders.into_iter().any(|holder| holder != id);
    let at = unit.now;
    let faqs = linked(unit, &article)?;
    let findings = of_article(unit, (&article, &faqs), at, is_slug_taken, &BTreeMap::new())?;
    Ok(Report {
        view: article_view_with(unit, article, faqs)?,
        findings,
    })
}

/// The same for a FAQ.
pub fn faq(unit: &mut Unit<'_>, id: FaqId, expected: &Expected) -> Result<Report<FaqView>> {
    unit.actor.require(Permission::ArticlesPublish)?;
    let faq = unit
        .repository
        .faq(id)?
        .ok_or_else(|| Error::not_found(Resource::Faq, id))?;
    faq.expect_revision(expected)?;
    let holders = unit.repository.faq_slug_holders(&faq.locale, &faq.slug)?;
    let is_slug_taken = holders.into_iter().any(|holder| holder != id);
    let findings = of_faq(unit, &faq, is_slug_taken, &BTreeMap::new())?;
    Ok(Report {
        view: faq_view(unit, faq)?,
        findings,
    })
}

/// What is found of an article that is about to be published, with these FAQs of its; an error keeps it from that.
pub(super) fn clear_article(
    unit: &mut Unit<'_>,
    article: &Article,
    faqs: &[Faq],
    at: Instant,
) -> Result<Vec<Finding>> {
    // A slug that is taken is refused with one that is free, by the act itself.
    cleared(of_article(unit, (article, faqs), at, false, &BTreeMap::new())?)
}

/// The same for a FAQ.
pub(super) fn clear_faq(unit: &mut Unit<'_>, faq: &Faq) -> Result<Vec<Finding>> {
    cleared(of_faq(unit, faq, false, &BTreeMap::new())?)
}

/// What is found of an article that is about to be published among others, by which the articles at these addresses
/// will stand so.
pub(super) fn of_article_among(
    unit: &mut Unit<'_>,
    article: &Article,
    others: &BTreeMap<Target, Standing>,
) -> Result<Vec<Finding>> {
    let at = unit.now;
    let faqs = linked(unit, article)?;
    of_article(unit, (article, &faqs), at, false, others)
}

/// The same for a FAQ.
pub(super) fn of_faq_among(
    unit: &mut Unit<'_>,
    faq: &Faq,
    others: &BTreeMap<Target, Standing>,
) -> Result<Vec<Finding>> {
    of_faq(unit, faq, false, others)
}

fn cleared(findings: Vec<Finding>) -> Result<Vec<Finding>> {
    if is_ok(&findings) {
        Ok(findings)
    } else {
        Err(Error::Preflight(findings))
    }
}

/// The FAQs of an article, in its order.
fn linked(unit: &mut Unit<'_>, article: &Article) -> Result<Vec<Faq>> {
    if article.faqs.is_empty() {
        return Ok(Vec::new());
    }
    unit.repository.faqs_by_id(&article.faqs)
}

fn of_article(
    unit: &mut Unit<'_>,
    (article, faqs): (&Article, &[Faq]),
    at: Instant,
    is_slug_taken: bool,
    others: &BTreeMap<Target, Standing>,
) -> Result<Vec<Finding>> {
    let levels = levels(unit)?;
    let texts = Texts::of_article(article, faqs);
    let targets = standings(unit, &texts.targets(unit.site), others)?;
    let subject = ArticleSubject {
        article,
        faqs,
        texts: &texts,
        site: unit.site,
        targets: &targets,
        at,
        is_slug_taken,
    };
    Ok(preflight::article(subject, &levels))
}

fn of_faq(
    unit: &mut Unit<'_>,
    faq: &Faq,
    is_slug_taken: bool,
    others: &BTreeMap<Target, Standing>,
) -> Result<Vec<Finding>> {
    let levels = levels(unit)?;
    let texts = Texts::of_faq(faq);
    let targets = standings(unit, &texts.targets(unit.site), others)?;
    Ok(preflight::faq(
        faq,
        &texts,
        (unit.site, &targets),
        is_slug_taken,
        &levels,
    ))
}

fn standings(
    unit: &mut Unit<'_>,
    targets: &BTreeSet<Target>,
    others: &BTreeMap<Target, Standing>,
) -> Result<BTreeMap<Target, Standing>> {
    if targets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut standings = unit.repository.standings(targets)?;
    let changed = others.iter().filter(|(target, _)| targets.contains(target));
    standings.extend(changed.map(|(target, standing)| (target.clone(), *standing)));
    Ok(standings)
}

fn levels(unit: &mut Unit<'_>) -> Result<Levels> {
    let kept = unit.repository.setting(NAME)?;
    read(kept.as_ref())
}

/// What was set. What a later version wrote and this one does not know is left out.
fn read(kept: Option<&Setting>) -> Result<Levels> {
    let Some(kept) = kept else {
        return Ok(Levels::default());
    };
    let words: BTreeMap<String, String> =
        serde_json::from_str(&kept.value).map_err(|error| StorageError::Corrupt {
            table: "settings",
            column: "value",
            id: kept.name.clone(),
            reason: error.to_string(),
        })?;
    let known = words
        .into_iter()
        .filter_map(|(check, level)| Some((Check::parse(&check).ok()?, Level::parse(&level).ok()?)));
    Ok(Levels(known.collect()))
}

/// What the site makes of the checks.
pub fn settings(unit: &mut Unit<'_>) -> Result<PreflightSettings> {
    unit.actor.require(Permission::ContentRead)?;
    known(unit.repository.setting(NAME)?)
}

fn known(kept: Option<Setting>) -> Result<PreflightSettings> {
    Ok(PreflightSettings {
        levels: read(kept.as_ref())?,
        revision: kept.as_ref().map_or(1, |kept| kept.revision),
        updated: kept.map(|kept| (kept.updated_at, kept.updated_by)),
    })
}

/// Sets what the site makes of the checks; those that are not named get their default.
pub fn set(unit: &mut Unit<'_>, expected: &Expected, levels: Levels) -> Result<PreflightSettings> {
    unit.actor.require(Permission::SettingsManage)?;
    let kept = unit.repository.setting_for_update(NAME)?;
    let is_new = kept.is_none();
    let before = known(kept)?;
    let last = before.updated.map_or((None, unit.now), |(at, by)| (Some(by), at));
    expected.check_known(Resource::Setting, NAME, before.revision, last)?;
    let words = levels.0.iter();
    let words: serde_json::Map<_, _> = words
        .map(|(check, level)| (check.as_str().to_owned(), level.as_str().into()))
        .collect();
    let setting = Setting {
        name: NAME.to_owned(),
        value: serde_json::Value::from(words).to_string(),
        revision: before.revision.saturating_add(1),
        updated_at: unit.now,
        updated_by: unit.actor.credential,
    };
    unit.repository.put_setting(&setting, is_new)?;
    known(Some(setting))
}
