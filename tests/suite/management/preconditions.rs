//! `If-Match` on every operation that the document says takes it.

use masthead_tests::App;
use serde_json::json;

use super::cases::{case, operations, other_thing, takes_header};
use super::support::{article_path, expect_errors, fresh, section_path, seeing, text};

/// Every operation with a precondition, by its id.
fn guarded() -> Vec<String> {
    let all = operations();
    let guarded = all
        .iter()
        .filter(|(_, operation)| takes_header(operation, "If-Match"));
    guarded.map(|(id, _)| id.clone()).collect()
}

#[test]
fn every_change_of_what_is_there_takes_a_precondition() {
    for (id, operation) in operations() {
        let case = |word: &str| id.starts_with(word);
        // A merge takes nothing from anybody: what it was made of stands in its body.
        // A session and a preview link have no revisions, and what lies in the trash does not change.
        let ends = id.contains("session")
            || case("refresh")
            || id.contains("trash")
            || id.contains("preview_link")
            // A second factor has none either; whoever changes it shows a code of it.
            || id.ends_with("second_factor")
            || id == "renew_recovery_codes"
            // Whoever does has the token of a mail.
            || id.contains("password_reset")
            || id.contains("email_verification")
            || id.contains("invitation")
            || id.contains("sign_on")
            // The operations of a batch have their own.
            || ["login", "logout", "change_password", "export_audit_entries", "run_batch"].contains(&id.as_str());
        let adds = case("create") || case("list") || case("get") || id == "merge_article" || ends;
        assert_eq!(takes_header(&operation, "If-Match"), !adds, "{id}");
    }
    assert!(guarded().len() >= 21, "{:?}", guarded());
}

#[test]
fn without_a_precondition_nothing_is_changed() {
    let app = App::start();
    let editor = app.admin();
    for id in guarded() {
        let case = case(&app, &editor, &editor, &id);
        let before = fresh(&editor, &case.read);
        let answer = case.send(&editor).expect_problem(428, "precondition_required");
        expect_errors(&answer, &[("If-Match", "required")]);
        assert_eq!(fresh(&editor, &case.read), before, "{id}");
    }
}

#[test]
fn a_tag_of_another_state_thing_or_kind_changes_nothing() {
    let app = App::start();
    let editor = app.admin();
    let other = text(&other_thing(&editor)["etag"]);
    for id in guarded() {
        let case = case(&app, &editor, &editor, &id);
        let before = fresh(&editor, &case.read);
        let (etag, revision) = (text(&before["etag"]), before["revision"].as_u64().unwrap());
        let name = etag.trim_matches('"').split('-').next().unwrap().to_owned();
        for wrong in [
            format!("\"{name}-{}\"", revision + 1),
            format!("\"{name}-0\""),
            format!("\"{name}-0{revision}\""),
            format!("\"{name}\""),
            format!("\"{revision}\""),
            "\"\"".to_owned(),
            format!("W/{etag}"),
            other.clone(),
            format!("{other}, W/{etag}"),
        ] {
            let answer = case.send(&editor.clone().seen(&wrong));
            assert_eq!(answer.status(), 412, "{id} with {wrong}: {}", answer.text());
            assert_eq!(answer.body()["code"], "stale_revision", "{id} with {wrong}");
            assert_eq!(answer.body()["current_revision"], revision, "{id} with {wrong}");
        }
        assert_eq!(fresh(&editor, &case.read), before, "{id}");
    }
}

#[test]
fn what_is_no_entity_tag_is_told_so() {
    let app = App::start();
    let editor = app.admin();
    for id in guarded() {
        let case = case(&app, &editor, &editor, &id);
        let before = fresh(&editor, &case.read);
        let bare = text(&before["etag"]).trim_matches('"').to_owned();
        for wrong in [
            bare.clone(),
            format!("\"{bare}"),
            format!("{bare}\""),
            "\"".to_owned(),
            "**".to_owned(),
            "*, \"x\"".to_owned(),
            format!("w/\"{bare}\""),
        ] {
            let answer = case.send(&editor.clone().seen(&wrong));
            assert_eq!(answer.status(), 400, "{id} with {wrong}: {}", answer.text());
            assert_eq!(answer.body()["code"], "invalid_header", "{id} with {wrong}");
            expect_errors(&answer, &[("If-Match", "invalid_format")]);
        }
        assert_eq!(fresh(&editor, &case.read), before, "{id}");
    }
}

#[test]
fn the_tag_of_the_present_state_is_let_through_alone_in_a_list_or_as_a_star() {
    let app = App::start();
    let editor = app.admin();
    let other = text(&other_thing(&editor)["etag"]);
    for id in guarded() {
        for form in ["alone", "list", "headers", "star"] {
            let case = case(&app, &editor, &editor, &id);
            let etag = case.etag().unwrap();
            let caller = match form {
                "alone" => editor.clone().seen(&etag),
                "list" => editor.clone().seen(&format!("W/\"x\" , {other},{etag}")),
                "headers" => editor.clone().seen(&other).seen(&etag),
                _ => editor.clone().seen("*"),
            };
            let answer = case.send(&caller);
            let expected = if case.method == "DELETE" { 204 } else { 200 };
            assert_eq!(answer.status(), expected, "{id} {form}: {}", answer.text());
            if expected == 200 {
                assert!(answer.header("etag").is_some(), "{id}: no ETag");
            }
        }
    }
}

#[test]
fn each_thing_has_a_tag_of_its_own_within_an_article() {
    let app = App::start();
    let editor = app.editor();
    let article = masthead_tests::create_article(&editor, &masthead_tests::article("Tagged"));
    let (path, section) = (article_path(&article), section_path(&article, 0));
    let first = &article["sections"][0];
    seeing(&editor, first)
        .patch(&path, &json!({ "title": "No" }))
        .expect_problem(412, "stale_revision");
    seeing(&editor, &article["sections"][1])
        .patch(&section, &json!({ "body": "No" }))
        .expect_problem(412, "stale_revision");
    seeing(&editor, &article)
        .patch(&section, &json!({ "body": "No" }))
        .expect_problem(412, "stale_revision");
    seeing(&editor, &article["faqs"][0])
        .act(&format!("{path}/publish"))
        .expect_problem(412, "stale_revision");
    let list = editor.get(&format!("{path}/sections")).expect(200);
    assert_eq!(list.data()[0]["etag"], first["etag"]);
    assert_eq!(editor.get(&section).expect(200).etag(), text(&first["etag"]));
    assert_eq!(fresh(&editor, &path), article);
}

#[test]
fn the_answer_to_a_change_carries_the_tag_for_the_next_one() {
    let app = App::start();
    let editor = app.editor();
    let article = masthead_tests::create_article(&editor, &masthead_tests::article("Chained"));
    let (path, section) = (article_path(&article), section_path(&article, 0));
    let mut seen = text(&article["etag"]);
    for title in ["One", "Two", "Three"] {
        let changed = editor
            .clone()
            .seen(&seen)
            .patch(&path, &json!({ "title": title }))
            .expect(200);
        let stale = editor
            .clone()
            .seen(&seen)
            .patch(&path, &json!({ "title": "Old" }));
        stale.expect_problem(412, "stale_revision");
        seen = changed.etag();
        assert_eq!(seen, text(&changed.data()["etag"]));
    }
    let mut seen = text(&article["sections"][0]["etag"]);
    for body in ["One", "Two", "Three"] {
        let changed = editor
            .clone()
            .seen(&seen)
            .patch(&section, &json!({ "body": body }))
            .expect(200);
        seen = changed.etag();
        assert_eq!(seen, text(&changed.data()["etag"]));
    }
    let now = fresh(&editor, &path);
    assert_eq!((&now["title"], &now["revision"]), (&json!("Three"), &json!(7)));
    assert_eq!(now["sections"][0]["revision"], 4);
}
