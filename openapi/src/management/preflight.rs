//! What the checks before publishing find, and what the site makes of them.

use chrono::{DateTime, Utc};
use masthead_domain::preflight as domain;
use masthead_domain::preflight::{Finding, Levels};
use masthead_domain::use_cases::preflighting::{PreflightSettings as Settings, Report};
use masthead_domain::use_cases::reading::FaqView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::etag;
use super::faq::Faq;
use crate::data_of;
use crate::problem::PreflightCheck;
use crate::words::mirror;

mirror! {
    /// What the site makes of a check.
    CheckLevel = domain::Level {
        Off = "off",
        Warning = "warning",
        Error = "error",
    }
}

macro_rules! levels {
    ($($(#[$doc:meta])* $field:ident = $check:ident,)+) => {
        /// What the site makes of each check.
        #[derive(Debug, Clone, Serialize, ToSchema)]
        pub struct CheckLevels {
            $($(#[$doc])* pub $field: CheckLevel,)+
        }

        impl From<&Levels> for CheckLevels {
            fn from(levels: &Levels) -> Self {
                Self { $($field: levels.of(domain::Check::$check).into(),)+ }
            }
        }

        /// What the site is to make of each check; one that is left out gets its default.
        #[derive(Debug, Clone, Default, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct SetCheckLevels {
            $($(#[$doc])* #[schema(nullable = false)] pub $field: Option<CheckLevel>,)+
        }

        impl From<SetCheckLevels> for Levels {
            fn from(levels: SetCheckLevels) -> Self {
                let named = [$((domain::Check::$check, levels.$field),)+];
                let named = named.into_iter().filter_map(|(check, level)| Some((check, level?.into())));
                Self(named.collect())
            }
        }
    };
}

levels! {
    /// An article without the line under its headline.
    missing_dek = MissingDek,
    /// A picture that nobody described.
    missing_alt = MissingAlt,
    /// Two headings with the same words.
    duplicate_heading = DuplicateHeading,
    /// A heading without words.
    empty_heading = EmptyHeading,
    /// A section without words.
    empty_section = EmptySection,
    /// A FAQ whose answer has no words.
    empty_answer = EmptyAnswer,
    /// A link within the site that leads nowhere.
    broken_link = BrokenLink,
    /// A link to an article that readers do not see.
    unpublished_link = UnpublishedLink,
    /// A slug that something else has.
    slug_taken = SlugTaken,
    /// Moments that cannot all be kept.
    date_conflict = DateConflict,
    /// A title that search engines cut off: more than 60 characters.
    long_title = LongTitle,
    /// A description that search engines cut off: more than 160 characters.
    long_description = LongDescription,
    /// A name that is spelled in two ways, a letter apart.
    similar_names = SimilarNames,
}

/// The id that stands in the entity tags of this setting.
const ID: Uuid = Uuid::from_u128(0x0193_0000_0000_7000_8000_5e77_1465_0001);

/// What the site makes of the checks before publishing.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreflightSettings {
    /// Each check.
    pub checks: CheckLevels,
    /// Counts its changes.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// For `If-Match`.
    pub etag: String,
    /// When it was last changed; null where nobody did.
    #[schema(required = true)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Through which credential.
    #[schema(required = true)]
    pub updated_by: Option<String>,
}

impl PreflightSettings {
    /// The thing that its entity tags are of.
    #[must_use]
    pub const fn id() -> Uuid {
        ID
    }
}

impl From<Settings> for PreflightSettings {
    fn from(settings: Settings) -> Self {
        Self {
            checks: (&settings.levels).into(),
            revision: settings.revision,
            etag: etag(ID, settings.revision),
            updated_at: settings.updated.map(|(at, _)| at),
            updated_by: settings.updated.map(|(_, by)| by.to_string()),
        }
    }
}

/// What the site is to make of the checks before publishing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "checks": { "missing_alt": "error", "long_title": "off" } }))]
pub struct SetPreflightSettings {
    /// Each check; one that is left out gets its default.
    pub checks: SetCheckLevels,
}

data_of!(
    /// What the site makes of the checks.
    PreflightSettingsResponse,
    PreflightSettings
);

/// What else is known of a FAQ that was published, or looked over.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChecksMeta {
    /// What the checks before publishing found, errors first, at most a hundred.
    pub checks: Vec<PreflightCheck>,
}

/// A FAQ that was published, or looked over.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedFaqCopy {
    /// The working copy.
    #[serde(flatten)]
    pub faq: Faq,
    /// What a dry run adds.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A published FAQ's working copy.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaqPublicationResponse {
    /// The working copy.
    pub data: PublishedFaqCopy,
    /// What was found.
    pub meta: ChecksMeta,
}

impl FaqPublicationResponse {
    /// Of a FAQ that was published, or with `is_dry` only looked over.
    #[must_use]
    pub fn new(report: Report<FaqView>, is_dry: bool) -> Self {
        let verdict = if is_dry {
            Verdict::of(&report.findings)
        } else {
            Verdict::none()
        };
        Self {
            data: PublishedFaqCopy {
                faq: report.view.into(),
                verdict,
            },
            meta: ChecksMeta {
                checks: report.findings.into_iter().map(Into::into).collect(),
            },
        }
    }
}

/// What a dry run adds to the working copy.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verdict {
    /// With `dry_run`: whether it can be published as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ok: Option<bool>,
    /// With `dry_run`: what the checks found, errors first, at most a hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub checks: Option<Vec<PreflightCheck>>,
}

impl Verdict {
    /// Of an act that was carried out.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            ok: None,
            checks: None,
        }
    }

    /// Of a dry run.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        Self {
            ok: Some(domain::is_ok(findings)),
            checks: Some(findings.iter().cloned().map(Into::into).collect()),
        }
    }
}
