//! Proposals.

use super::*;
use masthead_domain::history::Field;
use masthead_domain::id::{OperationId, ProposalId};
use masthead_domain::page::Cursor;
use masthead_domain::proposal::{
    Change, Counts, Decision, Operation, Outline, Proposal, ProposalSort, ProposalStatus, Spot,
};
use masthead_domain::repository::ProposalFilter;

fn proposal(number: u128, article: &Article) -> Proposal {
    let second = i64::try_from(number).unwrap();
    let changes = [
        Change::Replace {
            section: article.sections[0].clone(),
        },
        Change::Insert {
            section: section(77, "New 潮"),
            place: Spot::After(article.sections[0].id),
        },
        Change::Move {
            section: article.sections[2].id,
            place: Spot::Last,
        },
        Change::Remove {
            section: article.sections[1].id,
        },
        Change::Set {
            fields: [(Field::Title, serde_json::json!("Other 🌊"))].into(),
        },
    ];
    let operations = changes.into_iter().zip(0..).map(|(change, n)| Operation {
        id: OperationId::from_uuid(uuid(number * 100 + n)),
        change,
        decision: Decision::Waiting,
    });
    let outline = Outline {
        id: ProposalId::from_uuid(uuid(number)),
        article: article.id,
        base_revision: 1,
        message: Some("Why\nnot?".into()),
        status: ProposalStatus::Open,
        counts: Counts::default(),
        revision: 0,
        created_at: at(second),
        created_by: Credential::CommandLine,
        updated_at: at(second),
    };
    Proposal {
        outline,
        operations: operations.collect(),
    }
    .settled(at(second))
}

fn page(limit: u32) -> PageRequest<ProposalSort> {
    sorted(ProposalSort::CreatedAt, Direction::Descending, limit)
}

#[test]
fn a_proposal_is_read_as_it_was_written_and_decided() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let made = proposal(500, &article);
        storage
            .write_blocking(|repo| {
                repo.insert_proposal(&made)?;
                assert_eq!(repo.proposal(made.outline.id)?.as_ref(), Some(&made));
                Ok(())
            })
            .unwrap();
        let mut decided = made.clone();
        decided.operations[0].decision = Decision::Accepted {
            by: Credential::Scheduler,
            at: at(600),
            revision: 2,
        };
        decided.operations[1].decision = Decision::Rejected {
            by: Credential::CommandLine,
            at: at(600),
            reason: Some("No. 潮".into()),
        };
        let decided = decided.settled(at(600));
        storage
            .write_blocking(|repo| {
                let locked = repo.proposal_for_update(made.outline.id)?;
                assert_eq!(locked.as_ref(), Some(&made));
                repo.update_proposal(&decided)
            })
            .unwrap();
        let read = storage.read_blocking(|repo| repo.proposal(made.outline.id));
        assert_eq!(read.unwrap(), Some(decided));
    }
}

#[test]
fn queues_are_narrowed_counted_and_come_in_pages() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let (first, mut second) = (proposal(500, &article), proposal(501, &article));
        second.outline.created_by = Credential::Scheduler;
        let mut third = proposal(502, &article);
        for operation in &mut third.operations {
            operation.decision = Decision::Withdrawn { at: at(502) };
        }
        let third = third.settled(at(700));
        storage
            .write_blocking(|repo| {
                for made in [&first, &second, &third] {
                    repo.insert_proposal(made)?;
                }
                Ok(())
            })
            .unwrap();
        let row = |made: &Proposal| (made.outline.clone(), article.title.clone());
        let listed = |filter: ProposalFilter| {
            let found = storage
                .read_blocking(|repo| repo.proposals(&filter, &page(10)))
                .unwrap();
            assert_eq!(found.total, Some(found.items.len() as u64));
            found.items
        };
        let any = ProposalFilter::default;
        assert_eq!(listed(any()), [row(&third), row(&second), row(&first)]);
        let standing = |status| ProposalFilter {
            status: Some(status),
            article: Some(article.id),
            ..any()
        };
        assert_eq!(
            listed(standing(ProposalStatus::Open)),
            [row(&second), row(&first)]
        );
        assert_eq!(listed(standing(ProposalStatus::Withdrawn)), [row(&third)]);
        let by = ProposalFilter {
            made_by: Some(Credential::Scheduler),
            ..any()
        };
        assert_eq!(listed(by), [row(&second)]);
        storage
            .read_blocking(|repo| {
                assert_eq!(repo.count_open_proposals(article.id)?, 2);
                let since = |repo: &mut dyn masthead_domain::repository::Repository, second, limit| {
                    repo.proposals_made_since(Credential::CommandLine, at(second), limit)
                };
                assert_eq!(since(repo, 499, 10)?, [at(502), at(500)]);
                assert_eq!(since(repo, 500, 10)?, [at(502)]);
                assert_eq!(since(repo, 0, 1)?, [at(502)]);
                Ok(())
            })
            .unwrap();
        let one = storage
            .read_blocking(|repo| repo.proposals(&any(), &page(1)))
            .unwrap();
        let mut rest = page(10);
        rest.cursor = Some(Cursor::After(one.next.unwrap()));
        let rest = storage
            .read_blocking(|repo| repo.proposals(&any(), &rest))
            .unwrap();
        assert_eq!(rest.items, [row(&second), row(&first)]);

        storage
            .write_blocking(|repo| repo.delete_article(article.id, at(9), Credential::CommandLine))
            .unwrap();
        assert!(listed(any()).is_empty());
        let kept = storage.read_blocking(|repo| repo.proposal(first.outline.id));
        assert_eq!(kept.unwrap(), Some(first));
    }
}
