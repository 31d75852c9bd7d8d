//! Releases: gathering articles and FAQs, and publishing all of them in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use crate::article::{Article, Expected, Overview};
use crate::change::NewChange;
use crate::error::{Error, Resource, Result, Violations};
use crate::faq::{Faq, FaqStatus};
use crate::id::{ArticleId, FaqId, ReleaseId};
use crate::page::{Page, PageRequest};
use crate::preflight::{FINDINGS, Finding, Standing, Target, is_ok};
use crate::release::{Item, Outline, Release, ReleaseAction, ReleaseSort, ReleaseStatus, Subject};
use crate::rights::{Actor, Permission};
use crate::text::optional;
use crate::use_cases::{Unit, preflighting, publishing};
use crate::workflow::Action;

/// One thing as a client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemInput {
    /// Whether it is a FAQ, and no article.
    pub is_faq: bool,
    /// Its id.
    pub id: String,
    /// What is done to it.
    pub action: ReleaseAction,
    /// The revision that it has to have by then.
    pub revision: Option<u32>,
}

/// A new release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseInput {
    /// What editors call it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it does.
    pub items: Vec<ItemInput>,
}

/// What `PATCH` may change; a missing field stays, an inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleasePatch {
    /// What editors call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// What it does, instead of what it did.
    pub items: Option<Vec<ItemInput>>,
}

/// What is known of a thing of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemView {
    /// The thing.
    pub item: Item,
    /// Its headline or question, and its revision; `None` where it was deleted.
    pub present: Option<(String, u32)>,
}

/// A release, with what is known of its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseView {
    /// All but its things.
    pub outline: Outline,
    /// Its things.
    pub items: Vec<ItemView>,
}

/// A release that was published, or looked over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The release.
    pub view: ReleaseView,
    /// What was found before, errors first; pointers lead into the release.
    pub findings: Vec<Finding>,
}

/// Makes a release.
pub fn create(unit: &mut Unit<'_>, input: ReleaseInput) -> Result<ReleaseView> {
    unit.actor.require(Permission::ArticlesPublish)?;
    if unit.repository.count_open_releases()? >= Release::OPEN.into() {
        return Err(Error::TooMany {
            resource: Resource::Release,
            limit: Release::OPEN,
        });
    }
    let mut v = Violations::default();
    let name = v.take("/name", Release::name(input.name));
    let description = optional(&mut v, "/description", input.description, Release::description);
    let items = items(unit, &mut v, input.items)?;
    v.finish()?;
    let outline = Outline {
        id: ReleaseId::next(unit.ids),
        name: name.unwrap_or_default(),
        description,
        status: ReleaseStatus::Open,
        count: count(&items),
        revision: 1,
        created_at: unit.now,
        created_by: unit.actor.credential,
        updated_at: unit.now,
        published: None,
    };
    let release = Release { outline, items };
    unit.repository.insert_release(&release)?;
    view(unit, release)
}

/// A part of the list of all releases.
pub fn list(
    unit: &mut Unit<'_>,
    status: Option<ReleaseStatus>,
    page: &PageRequest<ReleaseSort>,
) -> Result<Page<Outline>> {
    unit.actor.require(Permission::ContentRead)?;
    unit.repository.releases(status, page)
}

/// One release.
pub fn get(unit: &mut Unit<'_>, id: ReleaseId) -> Result<ReleaseView> {
    unit.actor.require(Permission::ContentRead)?;
    let found = unit.repository.release(id)?;
    let release = found.ok_or_else(|| Error::not_found(Resource::Release, id))?;
    view(unit, release)
}

/// Changes a release that gathers.
pub fn patch(
    unit: &mut Unit<'_>,
    id: ReleaseId,
    expected: &Expected,
    patch: ReleasePatch,
) -> Result<ReleaseView> {
    let before = lock(unit, id, expected)?;
    let mut after = before.clone();
    let mut v = Violations::default();
    if let Some(name) = optional(&mut v, "/name", patch.name, Release::name) {
        after.outline.name = name;
    }
    if let Some(description) = patch.description {
        after.outline.description = optional(&mut v, "/description", description, Release::description);
    }
    if let Some(inputs) = patch.items {
        after.items = items(unit, &mut v, inputs)?;
        after.outline.count = count(&after.items);
    }
    v.finish()?;
    if after != before {
        after.outline.revision = before.outline.revision.saturating_add(1);
        after.outline.updated_at = unit.now;
        unit.repository.update_release(&after)?;
    }
    view(unit, after)
}

/// Takes a release away that gathers; its things stay as they are.
pub fn delete(unit: &mut Unit<'_>, id: ReleaseId, expected: &Expected) -> Result<()> {
    lock(unit, id, expected)?;
    unit.repository.delete_release(id)
}

/// Looks a release over as if it were published now; nothing is changed.
pub fn look(unit: &mut Unit<'_>, id: ReleaseId, expected: &Expected) -> Result<Released> {
    unit.actor.require(Permission::ArticlesPublish)?;
    let found = unit.repository.release(id)?;
    let release = found.ok_or_else(|| Error::not_found(Resource::Release, id))?;
    expect(&release, expected)?;
    let things = Things::read(unit, &release.items)?;
    fit(unit, &release, &things)?;
    let findings = findings(unit, &release, &things)?;
    Ok(Released {
        view: view(unit, release)?,
        findings,
    })
}

/// Does all that a release gathers, or nothing of it: readers see every one of its things change in the same instant.
pub fn publish(unit: &mut Unit<'_>, id: ReleaseId, expected: &Expected) -> Result<Released> {
    unit.actor.require(Permission::ArticlesPublish)?;
    unit.repository.begin_joint()?;
    let before = lock(unit, id, expected)?;
    let mut things = Things::hold(unit, &before.items)?;
    fit(unit, &before, &things)?;
    let findings = findings(unit, &before, &things)?;
    if !is_ok(&findings) {
        return Err(Error::Preflight(findings));
    }
    // The log is told last, of everything at once.
    let mut changes: Vec<NewChange> = Vec::new();
    let act = |action| before.items.iter().filter(move |item| item.action == action);
    for item in act(ReleaseAction::Unpublish) {
        if let Subject::Article(id) = item.subject
            && let Some(article) = things.articles.get(&id)
        {
            publishing::take_away(unit, article, &mut changes)?;
        }
    }
    let shown: Vec<_> = act(ReleaseAction::Publish)
        .filter_map(|item| match item.subject {
            Subject::Faq(id) => things.faqs.remove(&id),
            Subject::Article(_) => None,
        })
        .filter(|faq| faq.status != FaqStatus::Published || faq.has_unpublished_changes())
        .collect();
    publishing::bring_faqs_out(unit, shown, &mut changes)?;
    for (index, item) in before.items.iter().enumerate() {
        if let Subject::Article(id) = item.subject
            && item.action == ReleaseAction::Publish
            && let Some(article) = things.articles.remove(&id)
        {
            let faqs = publishing::lock_faqs(unit, &article)?;
            publishing::bring_out(unit, article, &faqs, None, &mut changes)
                .map_err(|error| error.within(&format!("/items/{index}")))?;
        }
    }
    // Last: an article that links it would bring it out again with its drafts.
    for item in act(ReleaseAction::Unpublish) {
        if let Subject::Faq(id) = item.subject
            && let Some(faq) = things.faqs.get(&id)
        {
            publishing::take_faq_away(unit, faq, &mut changes)?;
        }
    }
    unit.repository.append_changes(&changes)?;
    let mut after = before;
    after.outline.status = ReleaseStatus::Published;
    after.outline.revision = after.outline.revision.saturating_add(1);
    after.outline.updated_at = unit.now;
    after.outline.published = Some((unit.now, unit.actor.credential));
    unit.repository.update_release(&after)?;
    Ok(Released {
        view: view(unit, after)?,
        findings,
    })
}

/// The working copies of a release, by their ids; those that were deleted are missing.
struct Things {
    articles: BTreeMap<ArticleId, Article>,
    faqs: BTreeMap<FaqId, Faq>,
}

impl Things {
    fn read(unit: &mut Unit<'_>, items: &[Item]) -> Result<Self> {
        let (article_ids, faq_ids) = ids(items);
        let mut articles = BTreeMap::new();
        for id in article_ids {
            articles.extend(unit.repository.article(id)?.map(|article| (id, article)));
        }
        let faq_ids: Vec<_> = faq_ids.into_iter().collect();
        let faqs = unit.repository.faqs_by_id(&faq_ids)?;
        let faqs = faqs.into_iter().map(|faq| (faq.id, faq)).collect();
        Ok(Self { articles, faqs })
    }

    /// The same, which nobody else can change until this transaction ends; in the order of their ids, as everybody does
    /// who holds several.
    fn hold(unit: &mut Unit<'_>, items: &[Item]) -> Result<Self> {
        let (article_ids, faq_ids) = ids(items);
        let mut articles = BTreeMap::new();
        for id in article_ids {
            let found = unit.repository.article_for_update(id)?;
            articles.extend(found.map(|article| (id, article)));
        }
        let faqs = unit.repository.faqs_for_update(&faq_ids)?;
        let faqs = faqs.into_iter().map(|faq| (faq.id, faq)).collect();
        Ok(Self { articles, faqs })
    }
}

fn ids(items: &[Item]) -> (BTreeSet<ArticleId>, BTreeSet<FaqId>) {
    let (mut articles, mut faqs) = (BTreeSet::new(), BTreeSet::new());
    for item in items {
        match item.subject {
            Subject::Article(id) => _ = articles.insert(id),
            Subject::Faq(id) => _ = faqs.insert(id),
        }
    }
    (articles, faqs)
}

/// Refuses a release of which something is not in the state that the release needs, and says so of each.
fn fit(unit: &Unit<'_>, release: &Release, things: &Things) -> Result<()> {
    let mut v = Violations::default();
    if release.items.is_empty() {
        v.add(
            "/items",
            "empty",
            "There is nothing in this release; add an article or a FAQ.",
        );
    }
    for (index, item) in release.items.iter().enumerate() {
        let at = format!("/items/{index}");
        let (what, known) = match item.subject {
            Subject::Article(id) => {
                let article = things.articles.get(&id);
                let known = article.map(|article| {
                    let refusal = refused_article(unit.actor, article, item.action)?;
                    Ok::<_, Error>((article.revision, refusal))
                });
                ("article", known.transpose()?)
            }
            Subject::Faq(id) => {
                let faq = things.faqs.get(&id);
                let known = faq.map(|faq| (faq.revision, refused_faq(faq, item.action)));
                ("FAQ", known)
            }
        };
        let Some((revision, refusal)) = known else {
            let message =
                format!("This {what} was deleted; take it out of the release, or out of the trash.");
            v.add(at, "gone", message);
            continue;
        };
        if let Some(wanted) = item.revision.filter(|wanted| *wanted != revision) {
            let message = format!(
                "This is to be at revision {wanted} and has {revision} by now. Look at it again, and change the release."
            );
            v.add(format!("{at}/revision"), "stale_revision", message);
        }
        if let Some(message) = refusal {
            v.add(format!("{at}/action"), "illegal_transition", message);
        }
    }
    v.finish()
}

/// Why the state of an article does not allow the act; a right that is missing is an error of its own.
fn refused_article(actor: &Actor, article: &Article, action: ReleaseAction) -> Result<Option<String>> {
    let action = match action {
        ReleaseAction::Publish => Action::Publish,
        ReleaseAction::Unpublish => Action::Unpublish,
    };
    actor.require_act(action, article.created_by)?;
    Ok(article.state().allow(action).err().map(|error| error.to_string()))
}

fn refused_faq(faq: &Faq, action: ReleaseAction) -> Option<String> {
    let is_out = action == ReleaseAction::Unpublish && faq.status == FaqStatus::Draft;
    is_out.then(|| "Readers do not see this FAQ.".to_owned())
}

/// What the checks find of all that is to be published, errors first. What a release shows or takes away counts as
/// shown or taken away already, so that its articles may link to one another.
fn findings(unit: &mut Unit<'_>, release: &Release, things: &Things) -> Result<Vec<Finding>> {
    let address = |overview: &Overview| -> Target { (overview.locale.clone(), overview.slug.clone()) };
    let mut standings = BTreeMap::new();
    for item in &release.items {
        if let Subject::Article(id) = item.subject
            && let Some(article) = things.articles.get(&id)
        {
            let standing = match item.action {
                ReleaseAction::Publish => Standing::Published,
                ReleaseAction::Unpublish => Standing::Unpublished,
            };
            standings.insert(address(&article.overview), standing);
        }
    }
    let mut all = Vec::new();
    for (index, item) in release.items.iter().enumerate() {
        if item.action == ReleaseAction::Unpublish {
            continue;
        }
        let found = match item.subject {
            Subject::Article(id) => match things.articles.get(&id) {
                Some(article) if article.is_live() && !article.has_unpublished_changes() => Vec::new(),
                Some(article) => preflighting::of_article_among(unit, article, &standings)?,
                None => Vec::new(),
            },
            Subject::Faq(id) => match things.faqs.get(&id) {
                Some(faq) => preflighting::of_faq_among(unit, faq, &standings)?,
                None => Vec::new(),
            },
        };
        all.extend(found.into_iter().map(|finding| Finding {
            pointer: format!("/items/{index}{}", finding.pointer),
            ..finding
        }));
    }
    all.sort_by_key(|finding| finding.severity);
    all.truncate(FINDINGS);
    Ok(all)
}

/// Loads a release for a change by this caller, who has seen this revision; what was published does not change.
fn lock(unit: &mut Unit<'_>, id: ReleaseId, expected: &Expected) -> Result<Release> {
    unit.actor.require(Permission::ArticlesPublish)?;
    let found = unit.repository.release_for_update(id)?;
    let release = found.ok_or_else(|| Error::not_found(Resource::Release, id))?;
    expect(&release, expected)?;
    Ok(release)
}

fn expect(release: &Release, expected: &Expected) -> Result<()> {
    let outline = &release.outline;
    let last = (outline.published.map(|(_, by)| by), outline.updated_at);
    expected.check_known(Resource::Release, outline.id, outline.revision, last)?;
    match outline.status {
        ReleaseStatus::Open => Ok(()),
        ReleaseStatus::Published => {
            let detail =
                "This release was published, and stays as a record of what it did; make another one.";
            Err(Error::NotOpen(detail.to_owned()))
        }
    }
}

/// The things that are named, each there and named once.
fn items(unit: &mut Unit<'_>, v: &mut Violations, inputs: Vec<ItemInput>) -> Result<Vec<Item>> {
    if inputs.len() > Release::ITEMS {
        let message = format!("A release has at most {} things.", Release::ITEMS);
        v.add("/items", "too_many", message);
        return Ok(Vec::new());
    }
    let mut items = Vec::with_capacity(inputs.len());
    let mut seen = BTreeSet::new();
    for (index, input) in inputs.into_iter().enumerate() {
        let at = format!("/items/{index}/id");
        let subject = if input.is_faq {
            FaqId::parse(&input.id).map(Subject::Faq)
        } else {
            ArticleId::parse(&input.id).map(Subject::Article)
        };
        let Some(subject) = subject else {
            v.add(at, "invalid_id", "An id is a UUID.");
            continue;
        };
        if !seen.insert(subject) {
            v.add(at, "duplicate", "This stands twice in the list.");
            continue;
        }
        items.push((
            at,
            Item {
                subject,
                action: input.action,
                revision: input.revision,
            },
        ));
    }
    let named: Vec<_> = items.iter().map(|(_, item)| item.clone()).collect();
    let present = present(unit, &named)?;
    for (at, item) in &items {
        if !present.contains_key(&item.subject) {
            match item.subject {
                Subject::Article(id) => v.add(at, "unknown_article", format!("There is no article {id}.")),
                Subject::Faq(id) => v.add(at, "unknown_faq", format!("There is no FAQ {id}.")),
            }
        }
    }
    Ok(named)
}

fn count(items: &[Item]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// The headline or question of those that are there, with their revisions.
fn present(unit: &mut Unit<'_>, items: &[Item]) -> Result<BTreeMap<Subject, (String, u32)>> {
    let (articles, faqs) = ids(items);
    let articles: Vec<_> = articles.into_iter().collect();
    let faqs: Vec<_> = faqs.into_iter().collect();
    let mut present = BTreeMap::new();
    for (id, title, revision) in unit.repository.article_titles(&articles)? {
        present.insert(Subject::Article(id), (title, revision));
    }
    for faq in unit.repository.faqs_by_id(&faqs)? {
        present.insert(Subject::Faq(faq.id), (faq.question, faq.revision));
    }
    Ok(present)
}

fn view(unit: &mut Unit<'_>, release: Release) -> Result<ReleaseView> {
    let mut present = present(unit, &release.items)?;
    let items = release.items.into_iter();
    let items = items.map(|item| ItemView {
        present: present.remove(&item.subject),
        item,
    });
    Ok(ReleaseView {
        outline: release.outline,
        items: items.collect(),
    })
}
