//! Proposals: what is suggested, shown, accepted, rejected and taken back.

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, article, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, FAQS, PROPOSALS, TRASH, article_path, each, expect_errors, fresh, plain_article, seeing, text,
    total,
};

/// A proposal of these operations, made of the present revision.
#[track_caller]
pub fn propose(caller: &Caller, article: &Value, operations: &Value) -> Value {
    let body = json!({ "base_revision": article["revision"], "operations": operations });
    let path = format!("{}/proposals", article_path(article));
    caller.post(&path, &body).expect(201).data()
}

pub fn proposal_path(proposal: &Value) -> String {
    format!("{PROPOSALS}/{}", text(&proposal["id"]))
}

/// The body of a text that replaces the first section.
pub fn replaced(article: &Value, body: &str) -> Value {
    json!({
        "op": "replace", "section_id": article["sections"][0]["id"],
        "section": { "kind": "text", "heading": article["sections"][0]["heading"], "body": body }
    })
}

fn contributor(app: &App) -> Caller {
    app.key(&[Permission::ArticlesPropose])
}

fn bodies(article: &Value) -> Vec<String> {
    each(&article["sections"], "body")
}

/// An article whose review was approved.
fn approved(editor: &Caller, title: &str) -> Value {
    let made = create_article(editor, &article(title));
    let path = article_path(&made);
    seeing(editor, &made).act(&format!("{path}/submit")).expect(200);
    seeing(editor, &made)
        .act(&format!("{path}/approve"))
        .expect(200)
        .data()
}

/// What an editor is shown of a replacement, an insertion, a move and new fields.
#[track_caller]
fn expect_shown(operations: &Value, first: &Value, new: &str) {
    assert_eq!(each(operations, "op"), ["replace", "insert", "move", "set"]);
    let hunks = &operations[0]["diff"]["changed"][0]["fields"][0]["hunks"];
    assert!(
        hunks
            .as_array()
            .expect("hunks")
            .contains(&json!({ "op": "insert", "text": "seldom" })),
        "{hunks}"
    );
    assert_eq!(
        operations[1]["diff"]["added"][0]["section"]["body"],
        "Time and tide."
    );
    assert_eq!(
        (&operations[1]["after"], &operations[1]["section_id"]),
        (first, &json!(new))
    );
    assert_eq!(operations[2]["diff"]["moved"].as_array().map(Vec::len), Some(1));
    assert_eq!(operations[3]["fields"]["title"], "Better");
}

#[test]
fn what_a_contributor_suggests_goes_in_when_an_editor_accepts_it() {
    let app = App::start();
    let (editor, key) = (app.editor(), contributor(&app));
    let made = approved(&editor, "Suggested upon");
    let path = article_path(&made);
    let (first, second) = (
        made["sections"][0]["id"].clone(),
        made["sections"][1]["id"].clone(),
    );
    let new = "0193aaaa-0000-7000-8000-000000000077";
    let body = json!({
        "base_revision": made["revision"],
        "message": "Mostly so.",
        "operations": [
            replaced(&made, "The sea is **seldom** still."),
            { "op": "insert", "section": { "kind": "quote", "id": new, "body": "Time and tide." }, "after": first },
            { "op": "move", "section_id": second, "before": first },
            { "op": "set", "title": "Better", "dek": null, "seo": { "title": "Best" } },
        ]
    });
    let answer = key.post(&format!("{path}/proposals"), &body).expect(201);
    let proposal = answer.data();
    assert_eq!(answer.header("location"), Some(proposal_path(&proposal).as_str()));
    assert_eq!(
        (&proposal["status"], &proposal["message"]),
        (&json!("open"), &json!("Mostly so."))
    );
    assert_eq!(proposal["counts"]["undecided"], 4);
    assert_eq!(answer.body()["meta"]["article_etag"], made["etag"]);
    assert_eq!(fresh(&editor, &path), made, "nothing changes until then");
    let operations = proposal["operations"].as_array().expect("operations").clone();
    expect_shown(&proposal["operations"], &first, new);

    let queue = editor.get(&format!("{PROPOSALS}?status=open")).expect(200).data();
    assert_eq!(each(&queue, "id"), [text(&proposal["id"])]);
    assert_eq!(queue[0]["article_title"], made["title"]);
    assert_eq!(queue[0]["created_by"]["kind"], "key");
    let accept = format!("{}/accept", proposal_path(&proposal));
    let two = json!({ "operations": [operations[0]["id"], operations[3]["id"]] });
    let answer = seeing(&editor, &proposal).post(&accept, &two).expect(200);
    let after = answer.data();
    assert_eq!(
        (&after["status"], &after["revision"]),
        (&json!("open"), &json!(2))
    );
    assert_eq!(
        each(&after["operations"], "status"),
        ["accepted", "pending", "pending", "accepted"]
    );
    let now = fresh(&editor, &path);
    assert_eq!(answer.body()["meta"]["article_etag"], now["etag"]);
    assert_eq!(after["operations"][0]["article_revision"], now["revision"]);
    assert_eq!(
        now["revision"],
        made["revision"].as_u64().unwrap() + 1,
        "one revision for both"
    );
    assert_eq!((&now["title"], &now["dek"]), (&json!("Better"), &Value::Null));
    assert_eq!(now["seo"]["title"], "Best");
    assert_eq!(now["sections"][0]["body"], "The sea is **seldom** still.");
    assert_eq!(now["sections"][0]["anchor"], made["sections"][0]["anchor"]);
    assert_eq!(now["sections"][0]["revision"], 2);
    assert_eq!(now["review"], "requested", "the approval ends");
    let rest = seeing(&editor, &after).act(&accept).expect(200).data();
    assert_eq!(
        (&rest["status"], &rest["counts"]["accepted"]),
        (&json!("closed"), &json!(4))
    );
    let now = fresh(&editor, &path);
    assert_eq!(
        each(&now["sections"], "id"),
        [text(&second), text(&first), new.to_owned()],
    );
    let history = editor
        .get(&format!("{path}/revisions?limit=1"))
        .expect(200)
        .data();
    let summary = text(&history[0]["summary"]);
    assert!(
        summary.starts_with("accepted from a proposal of key:"),
        "{summary}"
    );
    assert_eq!(history[0]["actor"]["kind"], "user");
    seeing(&editor, &rest)
        .act(&accept)
        .expect_problem(409, "not_open");
    assert_eq!(total(&editor, &format!("{PROPOSALS}?status=open")), 0);
    assert_eq!(total(&key, &format!("{path}/proposals?status=closed")), 1);
}

#[test]
fn what_others_wrote_since_stays_and_what_clashes_is_shown() {
    let app = App::start();
    let (editor, key) = (app.editor(), contributor(&app));
    let made = create_article(&editor, &article("Moved on"));
    let path = article_path(&made);
    let (first, second) = (&made["sections"][0], &made["sections"][1]);
    let operations = json!([
        replaced(&made, "The sea is **never** still, they say."),
        { "op": "remove", "section_id": second["id"] },
        { "op": "set", "title": "Proposed" },
    ]);
    let proposal = propose(&key, &made, &operations);
    let accept = format!("{}/accept", proposal_path(&proposal));
    let of = |article: &Value, index: usize| {
        let section = &article["sections"][index];
        format!("{path}/sections/{}", text(&section["id"]))
    };
    seeing(&editor, first)
        .patch(
            &of(&made, 0),
            &json!({ "body": "The cold sea is **never** still." }),
        )
        .expect(200);
    seeing(&editor, second)
        .patch(&of(&made, 1), &json!({ "heading": "Reworded" }))
        .expect(200);
    let shown = fresh(&key, &proposal_path(&proposal));
    assert_eq!(
        each(&shown["operations"], "status"),
        ["pending", "conflicting", "pending"]
    );
    let conflict = &shown["operations"][1]["conflicts"][0];
    assert_eq!(conflict["pointer"], "/operations/1");
    assert_eq!(conflict["section_id"], second["id"]);
    assert_eq!(
        (&conflict["yours"], &conflict["theirs"]["heading"]),
        (&Value::Null, &json!("Reworded"))
    );
    let clashing = json!({ "operations": [shown["operations"][0]["id"], shown["operations"][1]["id"]] });
    let before = fresh(&editor, &path);
    let refused = seeing(&editor, &proposal).post(&accept, &clashing);
    let refused = refused.expect_problem(409, "conflicting_operations").body();
    assert_eq!(refused["conflicts"], json!([conflict]));
    assert_eq!(fresh(&editor, &path), before, "all or none");
    // Without names, those go in that can.
    let after = seeing(&editor, &proposal).act(&accept).expect(200).data();
    assert_eq!(
        each(&after["operations"], "status"),
        ["accepted", "conflicting", "accepted"]
    );
    let now = fresh(&editor, &path);
    assert_eq!(bodies(&now)[0], "The cold sea is **never** still, they say.");
    assert_eq!(
        (&now["title"], &now["sections"][1]["heading"]),
        (&json!("Proposed"), &json!("Reworded"))
    );
    seeing(&editor, &after)
        .act(&accept)
        .expect_problem(409, "conflicting_operations");
    // Where the section goes back to what it was, the operation goes in.
    let section = &fresh(&editor, &path)["sections"][1];
    seeing(&editor, section)
        .patch(&of(&made, 1), &json!({ "heading": second["heading"] }))
        .expect(200);
    let closed = seeing(&editor, &after).act(&accept).expect(200).data();
    assert_eq!(closed["status"], "closed");
    assert_eq!(
        fresh(&editor, &path)["sections"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn an_editor_rejects_with_a_reason_and_a_contributor_withdraws() {
    let app = App::start();
    let (editor, key) = (app.editor(), contributor(&app));
    let made = create_article(&editor, &article("Refused"));
    let operations = json!([replaced(&made, "No."), { "op": "set", "title": "No" }]);
    let proposal = propose(&key, &made, &operations);
    let path = proposal_path(&proposal);
    let first = proposal["operations"][0]["id"].clone();
    let body = json!({ "operations": [first], "reason": "Not so." });
    let after = seeing(&editor, &proposal)
        .post(&format!("{path}/reject"), &body)
        .expect(200)
        .data();
    let told = fresh(&key, &path);
    assert_eq!(told["operations"][0]["reason"], "Not so.");
    assert_eq!(told["operations"][0]["decided_by"]["name"], "Somebody");
    assert_eq!(told["counts"]["rejected"], 1);
    let again = seeing(&editor, &after).post(&format!("{path}/accept"), &json!({ "operations": [first] }));
    let again = again.expect_problem(409, "not_open");
    assert!(
        text(&again.body()["detail"]).contains("decided already"),
        "{}",
        again.text()
    );
    editor
        .clone()
        .seen("*")
        .act(&format!("{path}/withdraw"))
        .expect_problem(403, "forbidden");
    let taken = seeing(&key, &after)
        .act(&format!("{path}/withdraw"))
        .expect(200)
        .data();
    assert_eq!(each(&taken["operations"], "status"), ["rejected", "withdrawn"]);
    assert_eq!(taken["status"], "withdrawn");
    for act in ["accept", "reject", "withdraw"] {
        let caller = if act == "withdraw" { &key } else { &editor };
        let refused = seeing(caller, &taken).act(&format!("{path}/{act}"));
        let refused = refused.expect_problem(409, "not_open");
        assert!(
            text(&refused.body()["detail"]).contains("withdrawn"),
            "{}",
            refused.text()
        );
    }
    assert_eq!(fresh(&editor, &article_path(&made)), made);
    let all = propose(&key, &made, &operations);
    let closed = seeing(&editor, &all).act(&format!("{}/reject", proposal_path(&all)));
    assert_eq!(closed.expect(200).data()["status"], "closed");
}

#[test]
fn who_only_proposes_changes_nothing_and_sees_what_they_need() {
    let app = App::start();
    let editor = app.editor();
    let (key, other) = (contributor(&app), contributor(&app));
    let made = create_article(&editor, &article("Read"));
    let path = article_path(&made);
    let section = format!("{path}/sections/{}", text(&made["sections"][0]["id"]));
    for readable in [&path, &section, &format!("{path}/sections")] {
        key.get(readable).expect(200);
    }
    for closed in [
        ARTICLES.to_owned(),
        FAQS.to_owned(),
        format!("{path}/revisions"),
        format!("{path}/blame"),
    ] {
        key.get(&closed).expect_problem(403, "forbidden");
    }
    let any = key.clone().seen("*");
    any.patch(&path, &json!({ "title": "Mine" }))
        .expect_problem(403, "forbidden");
    any.patch(&section, &json!({ "body": "Mine." }))
        .expect_problem(403, "forbidden");
    any.put(&format!("{path}/tags"), &json!({ "tags": [] }))
        .expect_problem(403, "forbidden");
    for act in ["submit", "publish", "archive"] {
        any.act(&format!("{path}/{act}")).expect_problem(403, "forbidden");
    }
    let proposal = propose(&key, &made, &json!([{ "op": "set", "title": "Mine" }]));
    let place = proposal_path(&proposal);
    for act in ["accept", "reject"] {
        any.act(&format!("{place}/{act}"))
            .expect_problem(403, "forbidden");
    }
    // Somebody else's is not there for them.
    other.get(&place).expect_problem(404, "not_found");
    other
        .clone()
        .seen("*")
        .act(&format!("{place}/withdraw"))
        .expect_problem(404, "not_found");
    assert_eq!(total(&other, PROPOSALS), 0);
    assert_eq!(total(&other, &format!("{path}/proposals")), 0);
    assert_eq!(total(&app.viewer(), &format!("{path}/proposals")), 1);
    // An author decides what is proposed of their own articles, and no other.
    let author = app.author();
    author
        .clone()
        .seen("*")
        .act(&format!("{place}/accept"))
        .expect_problem(403, "forbidden");
    let own = create_article(&author, &article("Own"));
    let proposal = propose(&key, &own, &json!([{ "op": "set", "title": "Theirs" }]));
    seeing(&author, &proposal)
        .act(&format!("{}/accept", proposal_path(&proposal)))
        .expect(200);
    assert_eq!(fresh(&author, &article_path(&own))["title"], "Theirs");
    assert_eq!(fresh(&editor, &path), made);
}

#[test]
fn nothing_of_it_reaches_a_reader_before_somebody_publishes() {
    let app = App::start();
    let (editor, key) = (app.editor(), contributor(&app));
    let made = publish(&editor, &create_article(&editor, &article("Public"))).data();
    let address = format!("/delivery/v1/articles/{}", text(&made["id"]));
    let before = app.anonymous().get(&address).expect(200);
    let log = app.anonymous().get("/delivery/v1/changes").expect(200);
    let proposal = propose(&key, &made, &json!([replaced(&made, "Secret XYZZY.")]));
    let accept = format!("{}/accept", proposal_path(&proposal));
    let unchanged = || {
        let now = app.anonymous().get(&address).expect(200);
        assert_eq!((now.bytes(), now.etag()), (before.bytes(), before.etag()));
        assert_eq!(
            app.anonymous().get("/delivery/v1/changes").expect(200).bytes(),
            log.bytes()
        );
    };
    unchanged();
    seeing(&editor, &proposal).act(&accept).expect(200);
    unchanged();
    let now = fresh(&editor, &article_path(&made));
    assert_eq!(now["has_unpublished_changes"], true);
    publish(&editor, &now);
    assert!(app.anonymous().get(&address).expect(200).text().contains("XYZZY"));
}

#[test]
fn an_article_that_takes_no_changes_takes_no_proposals() {
    let app = App::start();
    let (editor, key) = (app.admin(), contributor(&app));
    let made = create_article(&editor, &article("Closed"));
    let path = article_path(&made);
    let operations = json!([{ "op": "set", "title": "Late" }]);
    let proposal = propose(&key, &made, &operations);
    let place = proposal_path(&proposal);
    let body = json!({ "base_revision": 1, "operations": operations });
    let refused = |word: &str| {
        for answer in [
            key.post(&format!("{path}/proposals"), &body),
            seeing(&editor, &proposal).act(&format!("{place}/accept")),
        ] {
            let answer = answer.expect_problem(409, "not_open");
            assert!(text(&answer.body()["detail"]).contains(word), "{}", answer.text());
        }
    };
    let seen = seeing(&editor, &made);
    seen.post(
        &format!("{path}/schedule"),
        &json!({ "publish_at": "2030-01-01T00:00:00Z" }),
    )
    .expect(200);
    refused("scheduled");
    seen.act(&format!("{path}/unschedule")).expect(200);
    seen.act(&format!("{path}/archive")).expect(200);
    refused("archived");
    seen.act(&format!("{path}/reopen")).expect(200);
    seen.delete(&path).expect(204);
    key.post(&format!("{path}/proposals"), &body)
        .expect_problem(404, "not_found");
    for act in ["accept", "reject"] {
        let answer = seeing(&editor, &proposal).act(&format!("{place}/{act}"));
        let answer = answer.expect_problem(409, "not_open");
        assert!(
            text(&answer.body()["detail"]).contains("trash"),
            "{}",
            answer.text()
        );
    }
    // Who made it still sees it, and may take it back; queues do not show it.
    let shown = key.get(&place).expect(200).body();
    assert_eq!(shown["meta"]["article_revision"], Value::Null);
    assert_eq!(
        shown["data"]["operations"][0]["diff"]["fields"][0]["after"],
        "Late"
    );
    assert_eq!(total(&editor, PROPOSALS), 0);
    editor
        .act(&format!("{TRASH}/{}/restore", text(&made["id"])))
        .expect(200);
    assert_eq!(total(&editor, PROPOSALS), 1);
    seeing(&editor, &proposal)
        .act(&format!("{place}/accept"))
        .expect(200);
    seeing(&editor, &fresh(&editor, &path)).delete(&path).expect(204);
    editor
        .delete(&format!("{TRASH}/{}", text(&made["id"])))
        .expect(204);
    editor.get(&place).expect_problem(404, "not_found");
}

#[test]
fn everything_wrong_with_a_proposal_is_told_at_once() {
    let app = App::start();
    let (editor, key) = (app.editor(), contributor(&app));
    let made = create_article(&editor, &article("Wrong"));
    let path = format!("{}/proposals", article_path(&made));
    let (first, second) = (&made["sections"][0]["id"], &made["sections"][1]["id"]);
    let absent = "01930000-0000-7000-8000-0000000fffff";
    let text_section = |body: &str| json!({ "kind": "text", "body": body });
    let body = json!({ "base_revision": 1, "message": " ", "operations": [
        { "op": "replace", "section_id": absent, "section": text_section("x") },
        { "op": "replace", "section_id": first, "section": { "kind": "text", "body": "a\u{1}", "id": second } },
        { "op": "remove", "section_id": second },
        { "op": "move", "section_id": second, "after": first },
        { "op": "insert", "section": { "kind": "text", "id": first, "body": "x" }, "before": absent },
        { "op": "insert", "section": { "kind": "quote", "body": "x", "source_url": "ftp://x" } },
        { "op": "remove", "section_id": first },
        { "op": "move", "section_id": first, "after": first },
        { "op": "set" },
        { "op": "set", "title": "\n", "seo": { "canonical_url": "x y" } },
        { "op": "set", "title": "Twice" },
    ]});
    let refused = key.post(&path, &body).expect_problem(422, "validation_failed");
    expect_errors(
        &refused,
        &[
            ("/message", "blank"),
            ("/operations/0/section_id", "unknown_section"),
            ("/operations/1/section/body", "invalid_character"),
            ("/operations/1/section/id", "conflict"),
            ("/operations/10/title", "duplicate"),
            ("/operations/3/section_id", "unknown_section"),
            ("/operations/4/before", "unknown_section"),
            ("/operations/4/section/id", "duplicate"),
            ("/operations/5/section/source_url", "invalid_url"),
            ("/operations/6/section_id", "duplicate"),
            ("/operations/7/after", "unknown_section"),
            ("/operations/8", "required"),
            ("/operations/9/seo/canonical_url", "invalid_url"),
            ("/operations/9/title", "blank"),
        ],
    );
    let both = json!({ "base_revision": 1, "operations": [
        { "op": "move", "section_id": first, "after": second, "before": second }
    ]});
    let refused = key.post(&path, &both).expect_problem(422, "validation_failed");
    expect_errors(&refused, &[("/operations/0/before", "conflict")]);
    for (body, place, code) in [
        (
            json!({ "base_revision": 9, "operations": [{ "op": "set", "title": "x" }] }),
            "/base_revision",
            "unknown_revision",
        ),
        (
            json!({ "base_revision": 1, "operations": [] }),
            "/operations",
            "too_few",
        ),
        (
            json!({ "base_revision": 1, "operations": vec![json!({ "op": "remove", "section_id": first }); 101] }),
            "/operations",
            "too_many",
        ),
        (
            json!({ "base_revision": 1, "operations": [{ "op": "rename" }] }),
            "/operations/0/op",
            "unknown_value",
        ),
    ] {
        let refused = key.post(&path, &body).expect(422);
        assert!(
            refused.errors().contains(&(place.into(), code.into())),
            "{}",
            refused.text()
        );
    }
    let proposal = propose(&key, &made, &json!([{ "op": "set", "title": "x" }]));
    let own = &proposal["operations"][0]["id"];
    let named = json!({ "operations": [absent, own, own, "x"] });
    let refused = seeing(&editor, &proposal).post(&format!("{}/accept", proposal_path(&proposal)), &named);
    expect_errors(
        &refused.expect_problem(422, "validation_failed"),
        &[
            ("/operations/0", "unknown_operation"),
            ("/operations/2", "duplicate"),
            ("/operations/3", "unknown_operation"),
        ],
    );
    assert_eq!(fresh(&editor, &article_path(&made)), made);
}

#[test]
fn a_proposal_of_an_older_revision_is_laid_over_the_present_one() {
    let app = App::start();
    let (editor, key) = (app.editor(), contributor(&app));
    let made = create_article(&editor, &article("Old"));
    let path = article_path(&made);
    seeing(&editor, &made)
        .patch(&path, &json!({ "title": "Newer" }))
        .expect(200);
    // Made of the first revision, when the second is there.
    let proposal = propose(&key, &made, &json!([replaced(&made, "Of the first.")]));
    assert_eq!(
        (&proposal["base_revision"], &proposal["operations"][0]["status"]),
        (&json!(1), &json!("pending"))
    );
    let seen = seeing(&editor, &proposal);
    seen.act(&format!("{}/accept", proposal_path(&proposal)))
        .expect(200);
    let now = fresh(&editor, &path);
    assert_eq!(
        (&now["title"], bodies(&now)[0].as_str()),
        (&json!("Newer"), "Of the first.")
    );
}

#[test]
fn queues_come_in_pages() {
    let app = App::start();
    let (editor, key) = (app.editor(), contributor(&app));
    let made = plain_article(&editor, "Queued");
    let all: Vec<String> = (0..5)
        .map(|n| {
            app.clock().advance(1);
            let operations = json!([{ "op": "set", "title": format!("Title {n}") }]);
            text(&propose(&key, &made, &operations)["id"])
        })
        .collect();
    let mut path = format!("{PROPOSALS}?limit=2&sort=created_at&count=exact&status=open");
    let mut seen = Vec::new();
    for rows in [2, 2, 1] {
        let page = editor.get(&path).expect(200);
        assert_eq!(page.body()["meta"]["total"], 5);
        assert_eq!(page.data().as_array().map(Vec::len), Some(rows));
        seen.extend(each(&page.data(), "id"));
        path = page.body()["links"]["next"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
    }
    assert_eq!(seen, all);
    let other = app.user(Role::Author, "other@example.org");
    assert_eq!(total(&other, &format!("{PROPOSALS}?status=withdrawn")), 0);
    editor
        .get(&format!("{PROPOSALS}?status=pending"))
        .expect_problem(400, "invalid_parameter");
}
