//! What the domain refused of a file, with the places of the file instead of those of a body.

use std::error::Error as _;

use masthead_domain::error::{Error, Resource, Violation};
use masthead_domain::use_cases::drafting::FaqEntry;

use super::plan::{Plan, place_of};

impl Plan {
    /// What the domain refused, with the places of the file.
    pub fn explain(&self, error: &Error) -> Vec<String> {
        match error {
            Error::Invalid(violations) => violations
                .0
                .iter()
                .map(|violation| self.locate(violation))
                .collect(),
            Error::AlreadyExists {
                resource: Resource::Article,
                ..
            } => {
                vec![format!("{error} Give this file another `slug`.")]
            }
            Error::AlreadyExists {
                resource: Resource::Faq,
                ..
            } => {
                vec![format!("{error} Ask the question in other words.")]
            }
            other => vec![with_causes(other)],
        }
    }

    fn locate(&self, violation: &Violation) -> String {
        let Violation { pointer, message, .. } = violation;
        let mut parts = pointer.split('/').skip(1);
        let index =
            |parts: &mut dyn Iterator<Item = &str>| parts.next().and_then(|part| part.parse::<usize>().ok());
        let place = match parts.next() {
            Some("sections") => index(&mut parts).and_then(|at| {
                let section = self.import.article.sections.get(at)?;
                Some(place_of(section.heading.as_deref()))
            }),
            Some("faqs") => index(&mut parts)
                .filter(|at| *at >= self.faqs_above)
                .and_then(|at| match self.import.article.faqs.get(at)? {
                    FaqEntry::New(faq) => Some(format!("question \"{}\"", faq.question)),
                    FaqEntry::Existing(_) => None,
                }),
            _ => None,
        };
        format!(
            "{}: {message}",
            place.unwrap_or_else(|| self.noticed.place(pointer))
        )
    }
}

/// What a database said stands below what was being done.
fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(below) = cause {
        text = format!("{text}: {below}");
        cause = below.source();
    }
    text
}
