//! What a text is made of, as far as somebody who looks over it before it is published wants to know.

use comrak::Node;
use comrak::nodes::NodeValue;

use super::text;

/// Parts of one kind that are kept; a text has more only to try us.
const MOST: usize = 200;

/// The parts of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anatomy {
    /// Where its links lead, as they are written.
    pub links: Vec<String>,
    /// Pictures that nobody described, by their addresses.
    pub undescribed: Vec<String>,
    /// Its headings; one without words is empty.
    pub headings: Vec<String>,
}

impl Anatomy {
    /// Of a text that was read.
    pub(super) fn of(root: Node<'_>) -> Self {
        let mut found = Self::default();
        for node in root.descendants() {
            match &node.data().value {
                NodeValue::Link(link) if found.links.len() < MOST => found.links.push(link.url.clone()),
                NodeValue::Image(image)
                    if found.undescribed.len() < MOST && text::inline(node).is_empty() =>
                {
                    found.undescribed.push(image.url.clone());
                }
                NodeValue::Heading(_) if found.headings.len() < MOST => {
                    found.headings.push(text::inline(node));
                }
                _ => {}
            }
        }
        found
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.links.iter().chain(&self.undescribed).chain(&self.headings);
        texts.map(|text| text.len() + size_of::<String>()).sum()
    }
}
