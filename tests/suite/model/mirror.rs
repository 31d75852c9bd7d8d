//! What an article should be: a few lists in memory.

use serde_json::{Value, json};

/// What people wrote in a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub id: String,
    pub heading: String,
    pub body: String,
}

/// What people wrote in an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub title: String,
    pub dek: String,
    pub sections: Vec<Section>,
    pub faqs: Vec<String>,
}

/// An article as it should be, with all it ever was.
#[derive(Debug, Clone)]
pub struct Mirror {
    pub now: Content,
    /// By revision, from the first.
    pub past: Vec<Content>,
    /// What readers should get; nothing before the first publication and after it was taken back.
    pub live: Option<String>,
}

impl Content {
    /// Of a working copy or an old revision.
    pub fn of(article: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |name: &str| article[name].as_array().cloned().unwrap_or_default();
        Self {
            title: text(&article["title"]),
            dek: text(&article["dek"]),
            sections: list("sections")
                .iter()
                .map(|one| Section {
                    id: text(&one["id"]),
                    heading: text(&one["heading"]),
                    body: text(&one["body"]),
                })
                .collect(),
            // A revision names them, a working copy shows them.
            faqs: list("faqs")
                .iter()
                .map(|one| one.get("id").map_or_else(|| text(one), text))
                .collect(),
        }
    }

    /// A section by its id.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|one| one.id == id)
    }

    /// A section by its id.
    pub fn section_mut(&mut self, id: &str) -> Option<&mut Section> {
        self.sections.iter_mut().find(|one| one.id == id)
    }

    /// The order of the sections.
    pub fn order(&self) -> Vec<&str> {
        self.sections.iter().map(|one| one.id.as_str()).collect()
    }
}

impl Mirror {
    /// Of an article that was just made.
    pub fn new(article: &Value) -> Self {
        let now = Content::of(article);
        Self {
            past: vec![now.clone()],
            now,
            live: None,
        }
    }

    /// The revision it has.
    pub fn revision(&self) -> usize {
        self.past.len()
    }

    /// Takes a change that was acknowledged: one more revision.
    pub fn change(&mut self, change: impl FnOnce(&mut Content)) {
        change(&mut self.now);
        self.past.push(self.now.clone());
    }
}

/// The body that makes an article of these sections.
pub fn begin(title: &str, sections: usize) -> Value {
    let sections: Vec<_> = (0..sections)
        .map(|at| json!({ "kind": "text", "heading": format!("Begun{at}"), "body": format!("Body{at}.") }))
        .collect();
    json!({
        "locale": "en",
        "title": title,
        "dek": "Dek0",
        "sections": sections,
        "faqs": [{ "question": format!("Why {title}?"), "answer": "So." }],
    })
}
