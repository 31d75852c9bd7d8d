//! What readers will not see as it was written: said when it is written, and again when it is published.

use crate::rendering::{self, RenderWarning};
use crate::section::{Section, SectionContent};
use crate::use_cases::reading::ArticleView;

/// Something that was taken, and that rendering cannot carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// JSON Pointer into the article or section.
    pub pointer: String,
    /// Stable word for machines.
    pub code: &'static str,
    /// What will be different.
    pub message: String,
}

/// What rendering an article cannot carry.
#[must_use]
pub fn of_article(view: &ArticleView) -> Vec<Warning> {
    let sections = view.article.sections.iter().enumerate();
    let faqs = view.faqs.iter().enumerate();
    sections
        .flat_map(|(index, section)| of_section(&format!("/sections/{index}"), section))
        .chain(faqs.flat_map(|(index, view)| of_markdown(&format!("/faqs/{index}/answer"), &view.faq.answer)))
        .collect()
}

/// What rendering a section that stands at `at` cannot carry.
#[must_use]
pub fn of_section(at: &str, section: &Section) -> Vec<Warning> {
    if let SectionContent::Embed { url, title } = &section.content {
        return match rendering::embed(url, title.as_deref()) {
            Ok(_) => Vec::new(),
            Err(error) => {
                vec![Warning {
                    pointer: format!("{at}/url"),
                    code: "unknown_provider",
                    message: error.to_string(),
                }]
            }
        };
    }
    section
        .content
        .body()
        .map_or_else(Vec::new, |body| of_markdown(&format!("{at}/body"), body))
}

fn of_markdown(pointer: &str, markdown: &str) -> Vec<Warning> {
    let warnings = rendering::markdown::warnings(markdown).into_iter();
    warnings
        .map(|RenderWarning { code, message }| Warning {
            pointer: pointer.to_owned(),
            code,
            message,
        })
        .collect()
}
