//! Old slugs: kept whenever something that readers see is renamed, and made by hand.

use uuid::Uuid;

use crate::article::Expected;
use crate::change::{ChangeOp, ChangeReason, ChangeType, NewChange};
use crate::error::{Error, Resource, Result, Violations};
use crate::id::{ArticleId, AuthorId, RedirectId, TagId};
use crate::locale::Locale;
use crate::page::{Page, PageRequest};
use crate::redirect::{Gone, Redirect, RedirectSort};
use crate::rights::Permission;
use crate::slug::Slug;
use crate::tag::Tag;
use crate::text::optional;
use crate::use_cases::{Unit, announcing};

/// A redirect as a client writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectInput {
    /// What kind of thing it leads to: an article, a tag or an author.
    pub kind: ChangeType,
    /// The old slug.
    pub slug: String,
    /// Its locale; for articles and for nothing else.
    pub locale: Option<String>,
    /// The thing.
    pub target: String,
}

/// A part of the list of redirects.
pub fn list(
    unit: &mut Unit<'_>,
    kind: Option<ChangeType>,
    page: &PageRequest<RedirectSort>,
) -> Result<Page<Redirect>> {
    unit.actor.require(Permission::ContentRead)?;
    unit.repository.redirects(kind, page)
}

/// One redirect.
pub fn get(unit: &mut Unit<'_>, id: RedirectId) -> Result<Redirect> {
    unit.actor.require(Permission::ContentRead)?;
    find(unit, id)
}

/// Lets a slug that nothing has lead to a thing.
pub fn create(unit: &mut Unit<'_>, input: RedirectInput) -> Result<Redirect> {
    unit.actor.require_shared_write()?;
    let mut v = Violations::default();
    let slug = v.take("/slug", Slug::parse(&input.slug));
    let locale = optional(&mut v, "/locale", input.locale.clone(), |text| {
        Locale::parse(&text)
    });
    match (input.kind, input.locale.is_some()) {
        (ChangeType::Article, false) => v.add("/locale", "required", "The slug of an article has a locale."),
        (ChangeType::Tag | ChangeType::Author, true) => {
            v.add(
                "/locale",
                "not_taken",
                "Slugs of tags and authors have no locale.",
            );
        }
        _ => {}
    }
    let target = target(unit, input.kind, &input.target)?;
    if target.is_none() {
        let message = format!("There is no {} `{}`.", input.kind, input.target);
        v.add("/target_id", "unknown", message);
    }
    v.finish()?;
    let (Some(slug), Some(target)) = (slug, target) else {
        return Err(Error::not_found(Resource::Redirect, input.slug));
    };
    if is_live(unit, input.kind, &slug, locale.as_ref())? {
        return Err(Error::AlreadyExists {
            resource: resource(input.kind),
            within: String::new(),
            field: "slug",
            value: slug.to_string(),
            free: None,
        });
    }
    let redirect = Redirect {
        id: RedirectId::next(unit.ids),
        kind: input.kind,
        slug,
        locale,
        target,
        created_by: unit.actor.credential,
        created_at: unit.now,
    };
    unit.repository.insert_redirect(&redirect)?;
    announce(unit, &redirect, true)?;
    Ok(redirect)
}

/// Takes a redirect away; it has one revision, the first.
pub fn delete(unit: &mut Unit<'_>, id: RedirectId, expected: &Expected) -> Result<()> {
    unit.actor.require(Permission::ArticlesWrite)?;
    let redirect = find(unit, id)?;
    unit.actor.require_shared_write()?;
    expected.check(Resource::Redirect, id, 1)?;
    unit.repository.delete_redirect(id)?;
    announce(unit, &redirect, false)
}

fn find(unit: &mut Unit<'_>, id: RedirectId) -> Result<Redirect> {
    unit.repository
        .redirect(id)?
        .ok_or_else(|| Error::not_found(Resource::Redirect, id))
}

fn target(unit: &mut Unit<'_>, kind: ChangeType, text: &str) -> Result<Option<Uuid>> {
    Ok(match kind {
        ChangeType::Article => match ArticleId::parse(text) {
            Some(id) => unit.repository.article(id)?.map(|article| article.id.uuid()),
            None => None,
        },
        ChangeType::Tag => match TagId::parse(text) {
            Some(id) => unit.repository.tag(id)?.map(|tag| tag.id.uuid()),
            None => None,
        },
        ChangeType::Author => match AuthorId::parse(text) {
            Some(id) => unit.repository.author(id)?.map(|author| author.id.uuid()),
            None => None,
        },
        ChangeType::Faq => None,
    })
}

const fn resource(kind: ChangeType) -> Resource {
    match kind {
        ChangeType::Article => Resource::Article,
        ChangeType::Faq => Resource::Faq,
        ChangeType::Tag => Resource::Tag,
        ChangeType::Author => Resource::Author,
    }
}

fn is_live(unit: &mut Unit<'_>, kind: ChangeType, slug: &Slug, locale: Option<&Locale>) -> Result<bool> {
    let slugs = std::slice::from_ref(slug);
    Ok(match (kind, locale) {
        (ChangeType::Article, Some(locale)) => {
            !unit.repository.article_slug_holders(locale, slug)?.is_empty()
        }
        (ChangeType::Tag, _) => !unit.repository.tags_by_slug(slugs)?.is_empty(),
        (ChangeType::Author, _) => !unit.repository.authors_by_slug(slugs)?.is_empty(),
        (ChangeType::Article | ChangeType::Faq, _) => false,
    })
}

/// Readers who see the thing see its old slug answered otherwise: caches and followers of the log are told.
fn announce(unit: &mut Unit<'_>, redirect: &Redirect, made: bool) -> Result<()> {
    let reason = ChangeReason::Updated;
    let shown = match redirect.kind {
        ChangeType::Article => {
            let id = ArticleId::from_uuid(redirect.target);
            let seen = unit.repository.edition_links(id)?;
            seen.map(|seen| announcing::seen_article(unit, id, &seen, reason))
        }
        ChangeType::Tag => {
            let id = TagId::from_uuid(redirect.target);
            let tag = unit.repository.tag(id)?;
            let tag = if unit.repository.is_tag_published(id)? {
                tag
            } else {
                None
            };
            tag.map(|tag| announcing::tag(unit, ChangeOp::Upsert, reason, &tag))
        }
        ChangeType::Author => {
            let id = AuthorId::from_uuid(redirect.target);
            let author = unit.repository.author(id)?;
            let author = if unit.repository.is_author_published(id)? {
                author
            } else {
                None
            };
            author.map(|author| announcing::author(unit, ChangeOp::Upsert, reason, &author))
        }
        ChangeType::Faq => None,
    };
    let Some(shown) = shown else { return Ok(()) };
    let left = announcing::renamed(&shown, &redirect.slug, redirect.locale.as_ref()).filter(|_| made);
    let changes: Vec<_> = left.into_iter().chain([shown]).collect();
    unit.repository.append_changes(&changes)
}

/// Keeps the slug that readers knew a thing by, where it has another now; answers what the log says of it.
pub(super) fn renamed(
    unit: &mut Unit<'_>,
    shown: &NewChange,
    known: Option<(Slug, Option<Locale>)>,
) -> Result<Option<NewChange>> {
    let Some((slug, locale)) = known else {
        return Ok(None);
    };
    let Some(left) = announcing::renamed(shown, &slug, locale.as_ref()) else {
        return Ok(None);
    };
    lead(unit, shown.resource, slug, locale, shown.id)?;
    Ok(Some(left))
}

/// Lets a slug that readers knew lead to a thing.
fn lead(
    unit: &mut Unit<'_>,
    kind: ChangeType,
    slug: Slug,
    locale: Option<Locale>,
    target: Uuid,
) -> Result<()> {
    unit.repository.put_redirect(&Redirect {
        id: RedirectId::next(unit.ids),
        kind,
        slug,
        locale,
        target,
        created_by: unit.actor.credential,
        created_at: unit.now,
    })
}

/// Lets every slug that readers knew a tag by, and every one made by hand, lead to another tag.
pub(super) fn merged(unit: &mut Unit<'_>, gone: TagId, known: Option<Slug>, stays: &Tag) -> Result<()> {
    let kind = ChangeType::Tag;
    unit.repository
        .hand_over_redirects(kind, gone.uuid(), stays.id.uuid())?;
    match known {
        Some(slug) if slug != stays.slug => lead(unit, kind, slug, None, stays.id.uuid()),
        _ => Ok(()),
    }
}

/// Notes that readers see a thing no more.
pub(super) fn gone(
    unit: &mut Unit<'_>,
    change: &NewChange,
    slug: Slug,
    locale: Option<Locale>,
) -> Result<()> {
    unit.repository.put_gone(&Gone {
        kind: change.resource,
        id: change.id,
        slug,
        locale,
        reason: change.reason,
        at: change.at,
    })
}

/// Readers see a thing again, perhaps under another slug than before; answers what the log says of it.
pub(super) fn come(unit: &mut Unit<'_>, shown: NewChange) -> Result<Vec<NewChange>> {
    let was = unit.repository.remove_gone(shown.resource, shown.id)?;
    let known = was.map(|gone| (gone.slug, gone.locale));
    let left = renamed(unit, &shown, known)?;
    Ok(left.into_iter().chain([shown]).collect())
}

/// Something that was deleted is there again, and readers do not see it.
pub(super) fn restored(unit: &mut Unit<'_>, kind: ChangeType, id: Uuid) -> Result<()> {
    let Some(gone) = unit.repository.remove_gone(kind, id)? else {
        return Ok(());
    };
    unit.repository.put_gone(&Gone {
        reason: ChangeReason::Unpublished,
        ..gone
    })
}

/// Something that readers see no more is now deleted, too.
pub(super) fn deleted(unit: &mut Unit<'_>, kind: ChangeType, id: Uuid) -> Result<()> {
    let Some(gone) = unit.repository.remove_gone(kind, id)? else {
        return Ok(());
    };
    unit.repository.put_gone(&Gone {
        reason: ChangeReason::Deleted,
        at: unit.now,
        ..gone
    })
}
