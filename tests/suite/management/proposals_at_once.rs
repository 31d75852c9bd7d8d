//! Proposals at their limits, and decided by several at once, while others write.

use masthead_domain::rights::Permission;
use masthead_tests::{App, article, create_article};
use serde_json::json;

use super::proposals::{proposal_path, propose, replaced};
use super::support::{PROPOSALS, article_path, expect_errors, fresh, plain_article, seeing, text, total};

#[test]
fn an_article_has_so_many_open_proposals_and_a_credential_makes_so_many_an_hour() {
    let app = App::start();
    let editor = app.editor();
    let key = app.key(&[Permission::ArticlesPropose]);
    let (full, other) = (plain_article(&editor, "Full"), plain_article(&editor, "Other"));
    let operations = json!([{ "op": "set", "dek": "Shorter." }]);
    let body = json!({ "base_revision": 1, "operations": operations });
    let of_full = format!("{}/proposals", article_path(&full));
    for _ in 0..49 {
        propose(&key, &full, &operations);
    }
    let last = propose(&key, &full, &operations);
    let refused = key.post(&of_full, &body).expect_problem(422, "validation_failed");
    expect_errors(&refused, &[("", "too_many")]);
    seeing(&key, &last)
        .act(&format!("{}/withdraw", proposal_path(&last)))
        .expect(200);
    app.clock().advance(600);
    propose(&key, &full, &operations);
    for _ in 0..9 {
        propose(&key, &other, &operations);
    }
    let of_other = format!("{}/proposals", article_path(&other));
    let refused = key
        .post(&of_other, &body)
        .expect_problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("3001"));
    // Each credential counts for itself, and an hour later the first are forgotten.
    propose(&editor, &other, &operations);
    app.clock().advance(3_001);
    propose(&key, &other, &operations);
    // The token of before is over.
    assert_eq!(total(&app.editor(), &format!("{PROPOSALS}?status=open")), 61);
}

#[test]
fn of_two_editors_who_accept_at_once_one_does() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    let made = create_article(&editor, &article("Contested"));
    for precondition in ["tag", "star"] {
        let now = fresh(&editor, &article_path(&made));
        let operations = json!([replaced(&now, &format!("Accepted once, {precondition}."))]);
        let proposal = propose(&editor, &now, &operations);
        let accept = format!("{}/accept", proposal_path(&proposal));
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let both = [&editor, &admin].map(|caller| {
                let seen = match precondition {
                    "tag" => seeing(caller, &proposal),
                    _ => caller.clone().seen("*"),
                };
                let accept = accept.clone();
                scope.spawn(move || seen.act(&accept).status())
            });
            both.into_iter()
                .map(|one| one.join().expect("an answer"))
                .collect()
        });
        let mut sorted = statuses.clone();
        sorted.sort_unstable();
        let loser = if precondition == "tag" { 412 } else { 409 };
        assert_eq!(sorted, [200, loser], "{precondition}: {statuses:?}");
        let after = fresh(&editor, &article_path(&made));
        assert_eq!(
            after["revision"].as_u64(),
            now["revision"].as_u64().map(|revision| revision + 1),
            "it went in once"
        );
    }
}

#[test]
fn accepting_and_editing_at_once_loses_neither() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    for _ in 0..4 {
        let made = create_article(&editor, &article("Raced"));
        let path = article_path(&made);
        let section = format!("{path}/sections/{}", text(&made["sections"][0]["id"]));
        let proposal = propose(
            &editor,
            &made,
            &json!([replaced(&made, "The sea is **never** still at all.")]),
        );
        let accept = format!("{}/accept", proposal_path(&proposal));
        let (edited, accepted) = std::thread::scope(|scope| {
            let edit = scope.spawn(|| {
                let words = json!({ "body": "The old sea is **never** still." });
                seeing(&admin, &made["sections"][0])
                    .patch(&section, &words)
                    .status()
            });
            let accept = scope.spawn(|| seeing(&editor, &proposal).act(&accept).status());
            (edit.join().expect("an answer"), accept.join().expect("an answer"))
        });
        let body = text(&fresh(&editor, &section)["body"]);
        assert_eq!(accepted, 200);
        match edited {
            // The edit was first, and the proposal was laid over it.
            200 => assert_eq!(body, "The old sea is **never** still at all."),
            // The proposal was first, and the edit is told so.
            412 => assert_eq!(body, "The sea is **never** still at all."),
            other => panic!("the edit answers {other}"),
        }
    }
}
