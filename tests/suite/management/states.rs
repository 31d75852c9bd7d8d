//! Every state that an article can be in, with every act.

use masthead_domain::article::{Review, Status};
use masthead_domain::workflow::{Action, State};
use masthead_tests::{App, Caller, publish};
use serde_json::{Value, json};

use super::support::{article_path, fresh, plain_article, seeing};

const LATER: &str = "2030-01-01T00:00:00Z";
const LATEST: &str = "2031-01-01T00:00:00Z";

/// Every state that can be reached.
fn states() -> Vec<State> {
    let all = |status, reviews: &[Review], is_ahead, ends| {
        let state = |review: &Review| State {
            status,
            review: *review,
            is_ahead,
            ends,
        };
        reviews.iter().map(state).collect::<Vec<_>>()
    };
    // Publishing settles a review that is open, so what readers see already has none.
    let settled = [Review::None, Review::ChangesRequested, Review::Approved];
    [
        all(Status::Draft, Review::ALL, false, false),
        all(Status::Scheduled, Review::ALL, false, false),
        all(Status::Published, &settled, false, false),
        all(Status::Published, &settled, false, true),
        all(Status::Published, &Review::ALL[..3], true, false),
        all(Status::Published, Review::ALL, true, true),
        all(Status::Archived, &[Review::None], false, false),
    ]
    .concat()
}

fn route(action: Action) -> String {
    action.as_str().replace('_', "-")
}

/// Asks for an act in the way that its state allows, if it does.
fn ask(caller: &Caller, thing: &Value, state: State, action: Action) -> masthead_tests::Response {
    let path = format!("{}/{}", article_path(thing), route(action));
    let caller = seeing(caller, thing);
    match action {
        Action::Schedule if state.status == Status::Published => {
            caller.post(&path, &json!({ "unpublish_at": LATEST }))
        }
        Action::Schedule => caller.post(&path, &json!({ "publish_at": LATER })),
        _ => caller.act(&path),
    }
}

fn act(caller: &Caller, thing: &Value, action: &str) -> Value {
    let path = format!("{}/{action}", article_path(thing));
    seeing(caller, thing).act(&path).expect(200).data()
}

fn set(caller: &Caller, thing: &Value, moments: &Value) -> Value {
    let path = format!("{}/schedule", article_path(thing));
    seeing(caller, thing).post(&path, moments).expect(200).data()
}

fn review(caller: &Caller, mut thing: Value, review: Review) -> Value {
    let steps: &[&str] = match review {
        Review::None => &[],
        Review::Requested => &["submit"],
        Review::ChangesRequested => &["submit", "request-changes"],
        Review::Approved => &["submit", "approve"],
    };
    for step in steps {
        thing = act(caller, &thing, step);
    }
    thing
}

/// An article in a state.
fn make(caller: &Caller, state: State) -> Value {
    let draft = plain_article(caller, "State");
    let made = match state.status {
        Status::Draft => review(caller, draft, state.review),
        Status::Scheduled => {
            let draft = review(caller, draft, state.review);
            set(caller, &draft, &json!({ "publish_at": LATER }))
        }
        Status::Archived => act(caller, &draft, "archive"),
        Status::Published if state.is_ahead => {
            let published = publish(caller, &draft).data();
            let path = article_path(&published);
            let changed = seeing(caller, &published).patch(&path, &json!({ "title": "Ahead" }));
            review(caller, changed.expect(200).data(), state.review)
        }
        Status::Published => {
            let approved = match state.review {
                Review::None => draft,
                _ => review(caller, draft, Review::Approved),
            };
            let published = publish(caller, &approved).data();
            match state.review {
                Review::ChangesRequested => act(caller, &published, "request-changes"),
                _ => published,
            }
        }
    };
    let made = if state.ends {
        set(caller, &made, &json!({ "unpublish_at": LATER }))
    } else {
        made
    };
    assert_eq!(made["status"], state.status.as_str(), "{state:?}");
    assert_eq!(made["review"], state.review.as_str(), "{state:?}");
    assert_eq!(made["has_unpublished_changes"], state.is_ahead, "{state:?}");
    assert_eq!(made["unpublish_at"].is_string(), state.ends, "{state:?}");
    made
}

#[test]
fn every_act_that_a_state_does_not_allow_is_refused_with_those_it_does() {
    let app = App::start();
    let editor = app.editor();
    let mut refused = 0;
    for state in states() {
        let thing = make(&editor, state);
        let allowed: Vec<_> = state.allowed().iter().map(|action| action.as_str()).collect();
        for action in Action::ALL.iter().filter(|action| !state.allows(**action)) {
            let answer = ask(&editor, &thing, state, *action).expect_problem(409, "illegal_transition");
            assert_eq!(answer.body()["allowed"], json!(allowed), "{state:?} {action}");
            assert_eq!(fresh(&editor, &article_path(&thing)), thing, "{state:?} {action}");
            refused += 1;
        }
    }
    assert!(refused > 80, "only {refused} were refused");
}

/// What an act makes of a state.
fn after(state: State, action: Action) -> (Status, Review) {
    let settled = match state.review {
        Review::Approved => Review::Approved,
        _ => Review::None,
    };
    match action {
        Action::Submit => (state.status, Review::Requested),
        Action::Approve => (state.status, Review::Approved),
        Action::RequestChanges => (state.status, Review::ChangesRequested),
        Action::Schedule | Action::Unschedule if state.status == Status::Published => {
            (Status::Published, state.review)
        }
        Action::Schedule => (Status::Scheduled, state.review),
        Action::Unschedule | Action::Unpublish => (Status::Draft, state.review),
        // What readers see already is not published again.
        Action::Publish if state.status == Status::Published && !state.is_ahead => {
            (Status::Published, state.review)
        }
        Action::Publish => (Status::Published, settled),
        Action::Archive => (Status::Archived, Review::None),
        Action::Reopen => (Status::Draft, Review::None),
    }
}

#[test]
fn every_act_that_a_state_allows_leads_where_the_table_says_and_changes_no_revision() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    for state in states() {
        for action in state.allowed() {
            let thing = make(&editor, state);
            let answer = ask(&editor, &thing, state, action).expect(200);
            let (status, review) = after(state, action);
            let now = answer.data();
            assert_eq!(now["status"], status.as_str(), "{state:?} {action}");
            assert_eq!(now["review"], review.as_str(), "{state:?} {action}");
            assert_eq!(now["revision"], thing["revision"], "{state:?} {action}");
            assert_eq!(now["etag"], thing["etag"], "{state:?} {action}");
            assert_eq!(fresh(&editor, &article_path(&thing)), now, "{state:?} {action}");
            let set = now["publish_at"].is_string() || now["unpublish_at"].is_string();
            assert_eq!(now["schedule_state"].is_string(), set, "{state:?} {action}");
            let id = now["id"].as_str().unwrap();
            let seen = reader.get(&format!("/delivery/v1/articles/{id}")).status();
            let expected = match (status, state.status) {
                (Status::Published, _) => 200,
                (_, Status::Published) => 410,
                _ => 404,
            };
            assert_eq!(seen, expected, "{state:?} {action}");
        }
    }
}

#[test]
fn what_is_published_cannot_be_scheduled_to_appear() {
    let app = App::start();
    let editor = app.editor();
    let published = publish(&editor, &plain_article(&editor, "There already")).data();
    let path = format!("{}/schedule", article_path(&published));
    for moments in [
        json!({ "publish_at": LATER }),
        json!({ "publish_at": LATER, "unpublish_at": LATEST }),
    ] {
        let answer = seeing(&editor, &published)
            .post(&path, &moments)
            .expect_problem(409, "illegal_transition");
        assert_eq!(
            answer.body()["allowed"],
            json!(["publish", "unpublish", "archive"])
        );
    }
    assert_eq!(fresh(&editor, &article_path(&published)), published);
}

#[test]
fn what_was_archived_comes_back_as_a_draft_and_can_be_shown_again() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let published = publish(&editor, &plain_article(&editor, "Put away")).data();
    let delivered = format!("/delivery/v1/articles/{}", published["id"].as_str().unwrap());
    let ends = set(&editor, &published, &json!({ "unpublish_at": LATER }));
    let away = act(&editor, &ends, "archive");
    assert_eq!(
        (&away["published_revision"], &away["published_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(away["unpublish_at"], Value::Null);
    let gone = reader.get(&delivered).expect_problem(410, "gone");
    assert_eq!(gone.body()["gone"]["reason"], "unpublished");
    assert_eq!(reader.get("/delivery/v1/articles").expect(200).data(), json!([]));
    let back = act(&editor, &away, "reopen");
    assert_eq!(back["first_published_at"], published["first_published_at"]);
    reader.get(&delivered).expect_problem(410, "gone");
    publish(&editor, &back);
    reader.get(&delivered).expect(200);
}
