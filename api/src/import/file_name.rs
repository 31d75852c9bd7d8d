//! What a path says of an article: its locale and its slug.

use masthead_domain::locale::Locale;
use masthead_domain::rendering::slugify;
use masthead_domain::slug::Slug;

/// Names that say nothing; the folder's is taken instead.
const NAMELESS: &[&str] = &["index", "_index", "readme"];

/// What a path says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hints {
    /// `tides.fr.md` and `fr/tides.md` are French.
    pub locale: Option<Locale>,
    /// `2026-03-04-why-tides-turn.en.md` is `why-tides-turn`.
    pub slug: Option<Slug>,
}

/// Reads a path that is relative to the imported folder, with `/` between its parts.
pub(super) fn hints(path: &str) -> Hints {
    let mut folders: Vec<&str> = path.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let (stem, suffix) = match stem.rsplit_once('.') {
        Some((stem, suffix)) if locale(suffix).is_some() => (stem, locale(suffix)),
        _ => (stem, None),
    };
    let nameless = NAMELESS.contains(&stem.to_ascii_lowercase().as_str());
    let name = if nameless {
        folders.last().copied().filter(|folder| locale(folder).is_none())
    } else {
        Some(stem)
    };
    Hints {
        locale: suffix.or_else(|| folders.iter().rev().find_map(|folder| locale(folder))),
        slug: name.and_then(|name| slug(without_date(name))),
    }
}

/// A part of a name that is a locale. A language of three letters is not believed: `old`, `new` and `img` would
/// be some.
fn locale(text: &str) -> Option<Locale> {
    let language = text.split('-').next()?;
    let believable = language.len() == 2 && language.bytes().all(|b| b.is_ascii_lowercase());
    Locale::parse(text).ok().filter(|_| believable)
}

/// Static sites put dates before names.
fn without_date(name: &str) -> &str {
    let shape = |head: &str| {
        head.bytes().enumerate().all(|(at, b)| {
            if matches!(at, 4 | 7) {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        })
    };
    match name.split_at_checked(10) {
        Some((head, rest)) if shape(head) => rest.trim_start_matches(['-', '_', ' ']),
        _ => name,
    }
}

fn slug(name: &str) -> Option<Slug> {
    Slug::parse(name).or_else(|_| Slug::parse(&slugify(name))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> (Option<String>, Option<String>) {
        let hints = hints(path);
        (
            hints.locale.map(|locale| locale.to_string()),
            hints.slug.map(|slug| slug.to_string()),
        )
    }

    #[test]
    fn a_path_gives_locale_and_slug() {
        for (path, locale, slug) in [
            ("why-tides-turn.en.md", Some("en"), Some("why-tides-turn")),
            ("tides.pt-BR.markdown", Some("pt-BR"), Some("tides")),
            ("fr/2026/2026-03-04-marées.md", Some("fr"), Some("marées")),
            ("fr/tides.en.md", Some("en"), Some("tides")),
            ("Why Tides Turn.md", None, Some("why-tides-turn")),
            ("tides/index.md", None, Some("tides")),
            ("fr/index.md", Some("fr"), None),
            ("README.md", None, None),
            ("notes.old.md", None, Some("notes-old")),
            ("img/tides.md", None, Some("tides")),
            ("2026-03-04.md", None, None),
            ("活字.md", None, Some("活字")),
            ("†.md", None, None),
            (".md", None, None),
        ] {
            let expected = (locale.map(str::to_owned), slug.map(str::to_owned));
            assert_eq!(read(path), expected, "{path}");
        }
    }
}
