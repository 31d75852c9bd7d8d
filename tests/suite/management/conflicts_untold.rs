//! Stale writes that cannot be compared with what is there, and say so.

use masthead_tests::{App, create_article};
use serde_json::json;

use super::conflicts::{change, conflicts};
use super::support::{article_path, section_path, seeing, text};

#[test]
fn a_tag_that_is_none_of_ours_is_compared_with_nothing() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Strange"));
    let path = article_path(&made);
    let name = text(&made["etag"])
        .trim_matches('"')
        .split('-')
        .next()
        .unwrap()
        .to_owned();
    for tag in [
        "\"nonsense\"".to_owned(),
        format!("\"{name}-9\""),
        format!("\"{name}-0\""),
        format!("\"{name}-4294967296\""),
    ] {
        for address in [path.clone(), section_path(&made, 0)] {
            let body = if address == path {
                json!({ "title": "No" })
            } else {
                json!({ "body": "No" })
            };
            let stale = editor
                .clone()
                .seen(&tag)
                .patch(&address, &body)
                .expect_problem(412, "stale_revision");
            let body = stale.body();
            assert!(
                body["base_revision"].is_null() && body["conflicts"].is_null(),
                "{tag}: {body}"
            );
            assert_eq!(body["current_revision"], 1);
            assert!(text(&body["detail"]).contains("cannot be compared"), "{body}");
        }
    }
    // Of several, the newest that there was counts.
    change(&editor, &path, &json!({ "title": "Two" }));
    change(&editor, &path, &json!({ "title": "Three" }));
    let tags = format!("\"{name}-1\", \"{name}-2\", \"{name}-8\", \"other-7\"");
    let body = editor
        .clone()
        .seen(&tags)
        .patch(&path, &json!({ "title": "No" }))
        .expect_problem(412, "stale_revision")
        .body();
    assert_eq!(
        (&body["base_revision"], &body["conflicts"][0]["base"]),
        (&json!(2), &json!("Two"))
    );
}

#[test]
fn a_stale_write_that_is_not_valid_either_is_stale_first() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Both"));
    let path = article_path(&made);
    change(&editor, &path, &json!({ "title": "Theirs" }));
    let fields = json!({ "title": "Yours", "slug": "No slug", "tags": ["unknown"] });
    let stale = seeing(&editor, &made)
        .patch(&path, &fields)
        .expect_problem(412, "stale_revision");
    assert_eq!(conflicts(&stale).len(), 1);
    let whole = json!({ "locale": "en", "title": "Yours", "tags": ["unknown"] });
    let stale = seeing(&editor, &made)
        .put(&path, &whole)
        .expect_problem(412, "stale_revision");
    assert!(stale.body()["conflicts"].is_null(), "{}", stale.text());
    assert_eq!(stale.body()["base_revision"], 1);
}
