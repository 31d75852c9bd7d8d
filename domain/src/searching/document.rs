//! What an article is found by: its texts with their places, and how much a word in each of them weighs.

use std::collections::BTreeMap;

use crate::id::{FaqId, SectionId};
use crate::published::{PublishedContent, PublishedFaq, PublishedSection};
use crate::rights::words as word_enum;

use super::words::{clean, words};

word_enum! {
    /// Where in an article a text stands, in the order in which they rank.
    Field {
        /// The headline.
        Title = "title",
        /// The line under the headline.
        Dek = "dek",
        /// The heading of a section.
        Heading = "heading",
        /// A question or its answer.
        Faq = "faq",
        /// What sections hold.
        Body = "body",
    }
}

/// One text of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it stands.
    pub field: Field,
    /// In which section.
    pub section_id: Option<SectionId>,
    /// In which FAQ.
    pub faq_id: Option<FaqId>,
    /// Where on the page that is.
    pub anchor: Option<String>,
    /// The text, cleaned.
    pub text: String,
}

/// All texts of an article that readers see, in order.
#[must_use]
pub fn parts(
    title: &str,
    dek: Option<&str>,
    sections: &[PublishedSection],
    faqs: &[PublishedFaq],
) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |field, section: Option<&PublishedSection>, faq: Option<&PublishedFaq>, text: &str| {
        let heading = section.and_then(|section| section.heading.as_ref());
        let text = clean(text);
        if !text.is_empty() {
            parts.push(Part {
                field,
                section_id: section.map(|section| section.id),
                faq_id: faq.map(|faq| faq.id),
                anchor: heading
                    .map(|heading| heading.anchor.clone())
                    .or_else(|| faq.map(PublishedFaq::anchor)),
                text,
            });
        }
    };
    add(Field::Title, None, None, title);
    add(Field::Dek, None, None, dek.unwrap_or_default());
    for section in sections {
        if let Some(heading) = &section.heading {
            add(Field::Heading, Some(section), None, &heading.text);
        }
        for text in texts(&section.content).into_iter().flatten() {
            add(Field::Body, Some(section), None, text);
        }
    }
    for faq in faqs {
        add(Field::Faq, None, Some(faq), &faq.question);
        add(Field::Faq, None, Some(faq), &faq.answer.text);
    }
    parts
}

/// Everything that a reader can read in a section, besides its heading.
fn texts(content: &PublishedContent) -> [Option<&str>; 3] {
    match content {
        PublishedContent::Text { body } | PublishedContent::Callout { body, .. } => {
            [Some(&body.text), None, None]
        }
        PublishedContent::Quote {
            body, attribution, ..
        } => [Some(&body.text), attribution.as_deref(), None],
        PublishedContent::Image {
            alt, caption, credit, ..
        } => [alt.as_deref(), caption.as_deref(), credit.as_deref()],
        PublishedContent::Embed { title, .. } => [title.as_deref(), None, None],
    }
}

/// A text as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Its words in order, with a space around each.
    pub words: String,
    /// Where each of them stands: the distance from the beginning of the one before, and the length, as numbers of
    /// seven bits a byte.
    pub spans: Vec<u8>,
}

/// The words of a cleaned text.
#[must_use]
pub fn index(text: &str) -> Indexed {
    let mut kept = String::from(" ");
    let mut spans = Vec::new();
    let mut before = 0;
    for word in words(text) {
        kept.push_str(&word.term);
        kept.push(' ');
        put(&mut spans, word.start - before);
        put(&mut spans, word.end - word.start);
        before = word.start;
    }
    Indexed { words: kept, spans }
}

fn put(spans: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            spans.push(low);
            return;
        }
        spans.push(low | 0x80);
    }
}

/// Beginnings and ends of words, in order.
pub(super) fn places(spans: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut bytes = spans.iter();
    let mut take = move || {
        let (mut number, mut shift) = (0_usize, 0);
        loop {
            let byte = *bytes.next()?;
            number |= usize::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
    };
    let mut start = 0;
    std::iter::from_fn(move || {
        start += take()?;
        Some((start, start + take()?))
    })
}

/// How often a word in a heading or FAQ counts.
const FEW: i64 = 3;
/// How often a word in the body counts.
const MANY: i64 = 63;
/// What a word weighs in each field: more than everything that all words of one search can weigh in those below.
const FAQ: i64 = 1 << 11;
const HEADING: i64 = 1 << 18;
const DEK: i64 = 1 << 25;
const TITLE: i64 = 1 << 31;

/// The number of the last place that parts have to themselves; those behind it share one.
pub const LAST_PLACE: i64 = 62;

/// A word of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// What it weighs.
    pub weight: i64,
    /// The parts that it stands in: one bit for each place, the part with number 0 in the lowest.
    pub places: i64,
}

/// What each word of an article that is asked for weighs and where it stands, from the numbers, fields and words of its
/// parts.
///
/// A word counts once in the title and once in the dek, up to three times each in headings and FAQs, and up to 63 times
/// in the body. No other article has a say in it.
pub fn postings<'a>(
    parts: impl IntoIterator<Item = (i64, Field, &'a str)>,
    is_asked: impl Fn(&str) -> bool,
) -> BTreeMap<&'a str, Posting> {
    let mut counts: BTreeMap<&str, ([i64; 5], i64)> = BTreeMap::new();
    for (number, field, kept) in parts {
        for word in kept.split(' ').filter(|word| !word.is_empty() && is_asked(word)) {
            let (counts, places) = counts.entry(word).or_default();
            counts[field as usize] += 1;
            *places |= 1 << number.clamp(0, LAST_PLACE);
        }
    }
    let weight = |[title, dek, heading, faq, body]: [i64; 5]| {
        title.min(1) * TITLE
            + dek.min(1) * DEK
            + heading.min(FEW) * HEADING
            + faq.min(FEW) * FAQ
            + body.min(MANY)
    };
    counts
        .into_iter()
        .map(|(word, (counts, places))| {
            let weight = weight(counts);
            (word, Posting { weight, places })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::searching::INDEX_TERMS;

    #[test]
    fn a_field_outweighs_all_that_rank_below_it() {
        let words = i64::try_from(INDEX_TERMS).unwrap();
        assert!(words * MANY < FAQ);
        assert!(words * (MANY + FEW * FAQ) < HEADING);
        assert!(words * (MANY + FEW * FAQ + FEW * HEADING) < DEK);
        let most = MANY + FEW * FAQ + FEW * HEADING + DEK;
        assert!(words * most < TITLE);
        // Every score is a whole number to clients that only know floating point.
        assert!(words * (most + TITLE) < 1 << 53);
    }

    #[test]
    fn a_word_weighs_what_its_places_say() {
        let parts = [
            (0, Field::Title, " sea sea "),
            (3, Field::Body, " the sea and the moon "),
            (70, Field::Faq, " moon moon moon moon "),
        ];
        let found = postings(parts, |_| true);
        let posting = |weight, places| Posting { weight, places };
        assert_eq!(found["sea"], posting(TITLE + 1, 0b1001));
        assert_eq!(found["the"], posting(2, 0b1000));
        assert_eq!(found["moon"], posting(FEW * FAQ + 1, 0b1000 | 1 << LAST_PLACE));
        let sea = " sea".repeat(100);
        assert_eq!(
            postings([(0, Field::Body, sea.as_str())], |_| true)["sea"],
            posting(MANY, 1)
        );
    }

    #[test]
    fn places_come_back_as_they_were() {
        let text = format!("Low water {} at noon", "…".repeat(500));
        let kept = index(&text);
        assert_eq!(kept.words, " low water at noon ");
        let places: Vec<_> = places(&kept.spans).collect();
        assert_eq!(places, [(0, 3), (4, 9), (511, 513), (514, 518)]);
        assert_eq!(index("…").words, " ");
        assert_eq!(super::places(&[0x80, 0x80]).count(), 0);
    }
}
