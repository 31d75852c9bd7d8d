//! Every state with every act.

use super::*;

const REVIEWS: [Review; 4] = [
    Review::None,
    Review::Requested,
    Review::ChangesRequested,
    Review::Approved,
];

fn state(status: Status, review: Review) -> State {
    State {
        status,
        review,
        is_ahead: false,
        ends: false,
    }
}

/// The acts that one review adds to those of a status.
fn of_review(review: Review) -> &'static [Action] {
    match review {
        Review::None | Review::ChangesRequested => &[Action::Submit],
        Review::Requested => &[Action::Approve, Action::RequestChanges],
        Review::Approved => &[Action::RequestChanges],
    }
}

#[test]
fn each_state_allows_what_the_table_says_and_refuses_the_rest_by_name() {
    use Action::{Archive, Publish, Reopen, Schedule, Submit, Unpublish, Unschedule};
    let mut seen = 0;
    for review in REVIEWS {
        let published = state(Status::Published, review);
        let rows: [(State, &[Action], bool); 7] = [
            (state(Status::Draft, review), &[Schedule, Publish, Archive], true),
            (
                state(Status::Scheduled, review),
                &[Schedule, Unschedule, Publish],
                true,
            ),
            (published, &[Schedule, Publish, Unpublish, Archive], false),
            (
                State {
                    is_ahead: true,
                    ..published
                },
                &[Schedule, Publish, Unpublish, Archive],
                true,
            ),
            (
                State {
                    ends: true,
                    ..published
                },
                &[Schedule, Unschedule, Publish, Unpublish, Archive],
                false,
            ),
            (
                State {
                    ends: true,
                    is_ahead: true,
                    ..published
                },
                &[Schedule, Unschedule, Publish, Unpublish, Archive],
                true,
            ),
            (state(Status::Archived, review), &[Reopen], false),
        ];
        for (state, of_status, can_be_submitted) in rows {
            let mut expected: Vec<Action> = Vec::new();
            if state.status != Status::Archived {
                expected.extend(
                    of_review(review)
                        .iter()
                        .filter(|action| **action != Submit || can_be_submitted),
                );
            }
            expected.extend(of_status);
            assert_eq!(state.allowed(), expected, "{state:?}");
            for action in Action::ALL {
                seen += 1;
                let answer = state.allow(*action);
                if expected.contains(action) {
                    assert!(answer.is_ok(), "{state:?} refuses {action}");
                    continue;
                }
                let Err(Error::IllegalTransition {
                    from,
                    review,
                    action: refused,
                    allowed,
                }) = answer
                else {
                    panic!("{state:?} allows {action}");
                };
                assert_eq!(
                    (from, review, refused),
                    (state.status, Some(state.review), *action)
                );
                assert_eq!(allowed, expected, "{state:?} and {action}");
            }
        }
    }
    assert_eq!(seen, 4 * 7 * 9);
}

#[test]
fn an_act_that_is_refused_for_how_it_was_asked_is_not_among_those_allowed() {
    let refusal = state(Status::Published, Review::None).refusal(Action::Schedule);
    let Error::IllegalTransition { allowed, .. } = refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(allowed, [Action::Publish, Action::Unpublish, Action::Archive]);
}

#[test]
fn what_broke_below_is_not_told_to_editors() {
    let at = Instant::from_timestamp(0, 0).unwrap();
    let broken = Error::Storage(StorageError::Database {
        context: "at 10.0.0.1".into(),
        source: "secret".into(),
    });
    let told = ScheduleError::of(&broken, at);
    assert_eq!(told.code, "internal_error");
    assert!(!told.message.contains("secret") && !told.message.contains("10.0.0.1"));
    let taken = Error::AlreadyExists {
        resource: crate::error::Resource::Article,
        within: String::new(),
        field: "slug",
        value: "x".repeat(5_000),
        free: None,
    };
    let told = ScheduleError::of(&taken, at);
    assert_eq!(told.code, "already_exists");
    assert_eq!(told.message.chars().count(), ScheduleError::LIMIT);
}
