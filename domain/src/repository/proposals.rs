//! What the domain asks of a store about proposals.

use crate::clock::Instant;
use crate::error::Result;
use crate::id::{ArticleId, ProposalId};
use crate::page::{Page, PageRequest};
use crate::proposal::{Outline, Proposal, ProposalSort, ProposalStatus};
use crate::rights::Credential;

/// Which proposals are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProposalFilter {
    /// Of this article.
    pub article: Option<ArticleId>,
    /// That stand here.
    pub status: Option<ProposalStatus>,
    /// Made through this credential.
    pub made_by: Option<Credential>,
}

/// Proposals.
pub trait ProposalRepository {
    /// One proposal, also of an article in the trash.
    fn proposal(&mut self, id: ProposalId) -> Result<Option<Proposal>>;
    /// One proposal that nobody else can change until this transaction ends. Whoever locks its article as well does so
    /// before.
    fn proposal_for_update(&mut self, id: ProposalId) -> Result<Option<Proposal>>;
    /// A part of the list of all proposals of articles that were not deleted, each with the article's title.
    fn proposals(
        &mut self,
        filter: &ProposalFilter,
        page: &PageRequest<ProposalSort>,
    ) -> Result<Page<(Outline, String)>>;
    /// How many open proposals an article has.
    fn count_open_proposals(&mut self, article: ArticleId) -> Result<u64>;
    /// When the proposals were made that a credential made after this moment; the newest first, at most so many.
    fn proposals_made_since(&mut self, by: Credential, since: Instant, limit: usize) -> Result<Vec<Instant>>;
    /// Adds a proposal.
    fn insert_proposal(&mut self, proposal: &Proposal) -> Result<()>;
    /// Saves a proposal.
    fn update_proposal(&mut self, proposal: &Proposal) -> Result<()>;
}
