//! The table of contents of an article.

use std::iter::Peekable;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A section's heading, in the order of the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading<'a> {
    /// The section it belongs to.
    pub section_id: Uuid,
    /// The fragment that leads to it, without `#`.
    pub anchor: &'a str,
    /// The heading's plain text.
    pub title: &'a str,
    /// Its level, 2 to 4.
    pub level: u8,
}

/// A heading with the headings under it.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct ContentsEntry {
    /// The section it belongs to.
    pub section_id: Uuid,
    /// The fragment that leads to it, without `#`.
    pub anchor: String,
    /// The heading's plain text.
    pub title: String,
    /// The level the author gave it, 2 to 4; not the depth in this tree.
    pub level: u8,
    /// Headings below it, up to the next one of the same or a shallower level.
    pub children: Vec<ContentsEntry>,
}

/// Nests headings by level.
///
/// Where a level is skipped, a heading nests under the nearest shallower one before it; where there
/// is none, it stands at the top.
#[must_use]
pub fn contents(headings: &[Heading<'_>]) -> Vec<ContentsEntry> {
    below(0, &mut headings.iter().peekable())
}

/// The headings that follow, as long as they are deeper than `level`. Each call goes at least one
/// level down, so the recursion ends after 255 of them.
fn below<'h, 'a: 'h>(
    level: u8,
    headings: &mut Peekable<impl Iterator<Item = &'h Heading<'a>>>,
) -> Vec<ContentsEntry> {
    let mut entries = Vec::new();
    while let Some(heading) = headings.next_if(|next| next.level > level) {
        entries.push(ContentsEntry {
            section_id: heading.section_id,
            anchor: heading.anchor.to_owned(),
            title: heading.title.to_owned(),
            level: heading.level,
            children: below(heading.level, headings),
        });
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as nested brackets of levels.
    fn shape(levels: &[u8]) -> String {
        fn draw(entries: &[ContentsEntry]) -> String {
            let one = |entry: &ContentsEntry| format!("{}({})", entry.level, draw(&entry.children));
            entries.iter().map(one).collect::<Vec<_>>().concat()
        }
        let heading = |level: &u8| Heading {
            section_id: Uuid::nil(),
            anchor: "a",
            title: "A",
            level: *level,
        };
        draw(&contents(&levels.iter().map(heading).collect::<Vec<_>>()))
    }

    #[test]
    fn headings_nest_by_level() {
        assert_eq!(shape(&[2, 3, 3, 4, 2]), "2(3()3(4()))2()");
    }

    #[test]
    fn a_skipped_level_nests_under_the_nearest_shallower_one() {
        assert_eq!(shape(&[2, 4, 3, 4]), "2(4()3(4()))");
    }

    #[test]
    fn a_first_heading_may_be_deep() {
        assert_eq!(shape(&[3, 4, 2, 3]), "3(4())2(3())");
        assert_eq!(shape(&[4, 3, 2]), "4()3()2()");
    }

    #[test]
    fn no_headings_make_no_contents() {
        assert_eq!(contents(&[]), []);
    }

    #[test]
    fn many_headings_are_nested_in_order() {
        let levels: Vec<u8> = [2, 3, 4].repeat(3000);
        assert!(shape(&levels).starts_with("2(3(4()))2("));
    }
}
