//! Examples of proposals.

use std::collections::HashMap;

use masthead_domain::id::{OperationId, ProposalId};
use masthead_domain::proposal::{
    Change, Counts, Decision, Operation, OperationStatus, Outline, Proposal, ProposalStatus,
};
use masthead_domain::rights::Credential;
use masthead_domain::section::{Section, SectionContent};
use masthead_domain::use_cases::proposals::{OperationView, ProposalRow, ProposalView};

use super::answers::{Answers, page, put};
use super::world::{World, user};
use crate::management as m;

/// Adds them.
pub(super) fn add(all: &mut Answers, world: &World) -> Option<()> {
    let article = &world.article;
    let first = article.sections.first()?;
    let operation = Operation {
        id: OperationId::from_uuid(world.author.id.uuid()),
        change: Change::Replace {
            section: Section {
                content: SectionContent::Text {
                    body: "The sea is **seldom** still.".into(),
                },
                ..first.clone()
            },
        },
        decision: Decision::Waiting,
    };
    let outline = Outline {
        id: ProposalId::from_uuid(world.tag.id.uuid()),
        article: article.id,
        base_revision: article.revision,
        message: Some("The Mediterranean is nearly still.".into()),
        status: ProposalStatus::Open,
        counts: Counts::default(),
        revision: 0,
        created_at: article.updated_at,
        created_by: Credential::User(user()),
        updated_at: article.updated_at,
    };
    let proposal = Proposal {
        outline,
        operations: vec![operation.clone()],
    }
    .settled(article.updated_at);
    let row = || ProposalRow {
        outline: proposal.outline.clone(),
        title: article.title.clone(),
        name: Some("Ada Marsh".into()),
    };
    let view = ProposalView {
        row: row(),
        article_revision: Some(article.revision),
        operations: vec![OperationView {
            diff: proposal.difference(article, &operation),
            operation,
            status: OperationStatus::Pending,
            conflicts: Vec::new(),
        }],
        names: HashMap::new(),
    };
    put(all, "ProposalResponse", m::ProposalResponse::from(view))?;
    let (meta, links) = page("/management/v1/proposals");
    let data = vec![row().into()];
    put(all, "ProposalList", m::ProposalList { data, meta, links })
}
