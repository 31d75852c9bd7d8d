//! What people wrote of an article or a FAQ, without its state: fields, lists and sections by their names.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Field;
use crate::article::Article;
use crate::faq::Faq;
use crate::id::SectionId;
use crate::section::Section;

/// What people wrote; all values are JSON in the names of the contract, links are ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Everything but lists and sections.
    pub fields: BTreeMap<Field, Value>,
    /// Tags, authors, FAQs: in order.
    pub lists: BTreeMap<Field, Vec<Value>>,
    /// In order.
    pub sections: Vec<Part>,
}

/// A section without its revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name for ever.
    pub id: SectionId,
    /// Its kind, heading and what it holds.
    pub fields: BTreeMap<String, Value>,
}

/// The model's own types turn into JSON without fail.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn list<T: Serialize>(items: &[T]) -> Vec<Value> {
    items.iter().map(json).collect()
}

impl From<&Article> for Document {
    fn from(article: &Article) -> Self {
        Self {
            fields: BTreeMap::from([
                (Field::Kind, json(&article.kind)),
                (Field::Locale, json(&article.locale)),
                (Field::Slug, json(&article.slug)),
                (Field::TranslationOf, json(&article.story)),
                (Field::Title, json(&article.title)),
                (Field::Dek, json(&article.dek)),
                (Field::Excerpt, json(&article.excerpt)),
                (Field::Cover, json(&article.cover)),
                (Field::Seo, json(&article.seo)),
                (Field::Metadata, json(&article.metadata)),
            ]),
            lists: BTreeMap::from([
                (Field::Tags, list(&article.tags)),
                (Field::Authors, list(&article.authors)),
                (Field::Faqs, list(&article.faqs)),
            ]),
            sections: article.sections.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Faq> for Document {
    fn from(faq: &Faq) -> Self {
        Self {
            fields: BTreeMap::from([
                (Field::Locale, json(&faq.locale)),
                (Field::Slug, json(&faq.slug)),
                (Field::Question, json(&faq.question)),
                (Field::Answer, json(&faq.answer)),
            ]),
            lists: BTreeMap::from([(Field::Tags, list(&faq.tags))]),
            sections: Vec::new(),
        }
    }
}

impl From<&Section> for Part {
    fn from(section: &Section) -> Self {
        let heading = section.heading.as_ref();
        let mut fields = BTreeMap::from([
            ("heading".to_owned(), json(&heading.map(|heading| &heading.text))),
            ("level".to_owned(), json(&heading.map(|heading| heading.level))),
            ("anchor".to_owned(), json(&heading.map(|heading| &heading.anchor))),
        ]);
        if let Value::Object(content) = json(&section.content) {
            fields.extend(content);
        }
        Self {
            id: section.id,
            fields,
        }
    }
}

impl Document {
    /// The fields and lists by their names.
    pub(super) fn flat(&self) -> BTreeMap<Field, Value> {
        let lists = self.lists.iter();
        let lists = lists.map(|(field, items)| (*field, Value::Array(items.clone())));
        self.fields.clone().into_iter().chain(lists).collect()
    }

    /// The section of this id.
    #[must_use]
    pub fn section(&self, id: SectionId) -> Option<&Part> {
        self.sections.iter().find(|part| part.id == id)
    }

    /// The sections' ids, in order.
    pub(super) fn order(&self) -> Vec<SectionId> {
        self.sections.iter().map(|part| part.id).collect()
    }
}

impl Part {
    /// The section as one object, with its id.
    #[must_use]
    pub fn object(&self) -> Value {
        let id = ("id".to_owned(), json(&self.id));
        Value::Object([id].into_iter().chain(self.fields.clone()).collect())
    }

    /// A field; null where it has none.
    pub(super) fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }
}
