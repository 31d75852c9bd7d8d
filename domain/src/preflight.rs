//! Preflight: what somebody with a checklist would say before an article or FAQ is published.

mod addresses;
mod names;
mod subject;

use std::collections::BTreeMap;

use crate::rights::words;

pub use addresses::{SiteAddress, Standing, Target};
pub use subject::{ArticleSubject, Texts, article, faq};

words! {
    /// What is looked for.
    Check {
        /// An article without the line under its headline.
        MissingDek = "missing_dek",
        /// A picture that nobody described.
        MissingAlt = "missing_alt",
        /// Two headings of one level with the same words.
        DuplicateHeading = "duplicate_heading",
        /// A heading without words within a text.
        EmptyHeading = "empty_heading",
        /// A section without words.
        EmptySection = "empty_section",
        /// A FAQ whose answer has no words.
        EmptyAnswer = "empty_answer",
        /// A link within the site that leads nowhere.
        BrokenLink = "broken_link",
        /// A link to an article that readers do not see.
        UnpublishedLink = "unpublished_link",
        /// A slug that something else has.
        SlugTaken = "slug_taken",
        /// Moments that cannot all be kept.
        DateConflict = "date_conflict",
        /// A title that search engines cut off.
        LongTitle = "long_title",
        /// A description that search engines cut off.
        LongDescription = "long_description",
        /// A name that is spelled in two ways, a letter apart.
        SimilarNames = "similar_names",
    }
}

words! {
    /// How much a finding weighs.
    Severity {
        /// Nothing is published.
        Error = "error",
        /// Somebody should have a look.
        Warning = "warning",
    }
}

words! {
    /// What a site makes of a check.
    Level {
        /// It is not made.
        Off = "off",
        /// What it finds is a warning.
        Warning = "warning",
        /// What it finds blocks publishing.
        Error = "error",
    }
}

impl Check {
    /// What it weighs where the site says nothing: what is broken for readers is an error, style is a warning.
    #[must_use]
    pub const fn default_level(self) -> Level {
        match self {
            Self::EmptyAnswer | Self::SlugTaken | Self::DateConflict => Level::Error,
            _ => Level::Warning,
        }
    }
}

/// Findings that are told at most.
pub const FINDINGS: usize = 100;
/// Characters of a title that search engines show.
pub const TITLE: usize = 60;
/// Characters of a description that search engines show.
pub const DESCRIPTION: usize = 160;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for.
    pub check: Check,
    /// How much it weighs.
    pub severity: Severity,
    /// JSON Pointer into the working copy.
    pub pointer: String,
    /// What was found, and what to do.
    pub message: String,
}

/// What a site makes of the checks; those that are not named keep their default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels(pub BTreeMap<Check, Level>);

impl Levels {
    /// What a check weighs.
    #[must_use]
    pub fn of(&self, check: Check) -> Level {
        self.0
            .get(&check)
            .copied()
            .unwrap_or_else(|| check.default_level())
    }

    const fn severity(level: Level) -> Option<Severity> {
        match level {
            Level::Off => None,
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }
}

/// The findings of a look, as the site weighs them.
#[derive(Debug)]
struct Findings<'a> {
    levels: &'a Levels,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    const fn new(levels: &'a Levels) -> Self {
        Self {
            levels,
            found: Vec::new(),
        }
    }

    /// Whether anybody wants to know.
    fn wants(&self, check: Check) -> bool {
        self.levels.of(check) != Level::Off
    }

    fn add(&mut self, check: Check, pointer: impl Into<String>, message: impl Into<String>) {
        if let Some(severity) = Levels::severity(self.levels.of(check)) {
            self.found.push(Finding {
                check,
                severity,
                pointer: pointer.into(),
                message: message.into(),
            });
        }
    }

    /// Errors first, each kind in the order of the text; no more than are told.
    fn finish(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| finding.severity);
        self.found.truncate(FINDINGS);
        self.found
    }
}

/// Whether nothing keeps it from being published.
#[must_use]
pub fn is_ok(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity != Severity::Error)
}

#[cfg(test)]
mod tests;
