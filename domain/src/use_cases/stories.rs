//! Which story an article tells: one article in each language.

use crate::article::Article;
use crate::error::{Refused, Result};
use crate::id::{ArticleId, StoryId};
use crate::use_cases::Unit;

/// The story that an article tells from now on: that of another.
pub(super) fn of(unit: &mut Unit<'_>, article: &Article, other: &str) -> Result<Option<StoryId>> {
    let id = ArticleId::parse(other).filter(|id| *id != article.id);
    let found = match id {
        // Held, so that its story is what is read.
        Some(id) => unit.repository.article_for_update(id)?,
        None => None,
    };
    let Some(found) = found else {
        let message = format!("There is no other article `{other}` to be a translation of.");
        return Err(Refused::new("unknown", message).at("/translation_of"));
    };
    let mut told = article.clone();
    told.story = named(article.id, found.story_id());
    expect_free(unit, &told, "/translation_of")?;
    Ok(told.story)
}

/// A story of its own, as long as nobody else tells it.
pub(super) fn alone(unit: &mut Unit<'_>, article: &Article) -> Result<Option<StoryId>> {
    if !is_shared(unit, article, article.story_id())? {
        return Ok(article.story);
    }
    // Others may tell the story that is named after this article.
    let own = StoryId::from(article.id);
    if is_shared(unit, article, own)? {
        return Ok(Some(StoryId::next(unit.ids)));
    }
    Ok(None)
}

fn is_shared(unit: &mut Unit<'_>, article: &Article, story: StoryId) -> Result<bool> {
    let told = unit.repository.translations(story)?;
    Ok(told.iter().any(|one| one.id != article.id))
}

/// Refuses a second article in one language of a story; `at` says what is to blame.
pub(super) fn expect_free(unit: &mut Unit<'_>, article: &Article, at: &str) -> Result<()> {
    let told = unit.repository.translations(article.story_id())?;
    let Some(same) = told
        .iter()
        .find(|one| one.id != article.id && one.locale == article.locale)
    else {
        return Ok(());
    };
    let message = format!(
        "The article {} tells this story in `{}` already.",
        same.id, same.locale
    );
    Err(Refused::new("taken", message).at(at))
}

fn named(article: ArticleId, story: StoryId) -> Option<StoryId> {
    Some(story).filter(|story| *story != StoryId::from(article))
}
