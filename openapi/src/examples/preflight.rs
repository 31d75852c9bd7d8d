//! Examples of what the checks before publishing find.

use masthead_domain::preflight::{Check, Finding, Levels, Severity};
use masthead_domain::use_cases::preflighting::{PreflightSettings, Report};
use masthead_domain::use_cases::reading::FaqView;

use super::answers::{Answers, put};
use super::world::World;
use crate::management as m;

/// Adds them.
pub(super) fn add(all: &mut Answers, world: &World) -> Option<()> {
    let settings = PreflightSettings {
        levels: Levels::default(),
        revision: 1,
        updated: None,
    };
    let data = settings.into();
    put(
        all,
        "PreflightSettingsResponse",
        m::PreflightSettingsResponse { data },
    )?;
    let finding = Finding {
        check: Check::MissingAlt,
        severity: Severity::Warning,
        pointer: "/answer".into(),
        message: "The picture `tides.png` has no description: write one between its brackets.".into(),
    };
    let view = FaqView {
        faq: world.faq.clone(),
        tags: vec![world.tag.clone()],
    };
    let report = Report {
        view,
        findings: vec![finding],
    };
    put(
        all,
        "FaqPublicationResponse",
        m::FaqPublicationResponse::new(report, false),
    )
}
