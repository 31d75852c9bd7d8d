//! Deleting articles.

use masthead_tests::{App, create_article, publish};
use serde_json::json;

use super::support::{ARTICLES, article_path, plain_article, seeing, tag, text, total};

#[test]
fn a_deleted_article_is_gone_everywhere_and_its_slug_is_free() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    tag(&editor, "Sea");
    let mut body = masthead_tests::article("Going");
    body["tags"] = json!(["sea"]);
    let article = publish(&editor, &create_article(&editor, &body)).data();
    let path = article_path(&article);
    let delivered = format!("/delivery/v1/articles/{}", text(&article["id"]));
    reader.get(&delivered).expect(200);
    let gone = seeing(&editor, &article).delete(&path).expect(204);
    assert!(gone.bytes().is_empty());
    let any = editor.clone().seen("*");
    editor.get(&path).expect_problem(404, "not_found");
    any.delete(&path).expect_problem(404, "not_found");
    any.patch(&path, &json!({ "title": "Back" }))
        .expect_problem(404, "not_found");
    any.put(&path, &json!({ "locale": "en", "title": "Back" }))
        .expect_problem(404, "not_found");
    for action in ["publish", "unpublish", "unschedule"] {
        any.act(&format!("{path}/{action}"))
            .expect_problem(404, "not_found");
    }
    editor
        .get(&format!("{path}/sections"))
        .expect_problem(404, "not_found");
    let section = format!("{path}/sections/{}", text(&article["sections"][0]["id"]));
    editor.get(&section).expect_problem(404, "not_found");
    for address in [
        delivered.clone(),
        format!("{delivered}/sections"),
        "/delivery/v1/articles/by-slug/going".into(),
    ] {
        reader.get(&address).expect_problem(410, "gone");
    }
    assert_eq!(total(&editor, ARTICLES), 0);
    assert_eq!(reader.get("/delivery/v1/articles").expect(200).data(), json!([]));
    let used = editor.get("/management/v1/tags").expect(200).data()[0].clone();
    seeing(&editor, &used)
        .delete(&format!("/management/v1/tags/{}", text(&used["id"])))
        .expect(204);

    let creating = editor.clone().with("If-None-Match", "*");
    creating
        .put(&path, &json!({ "locale": "en", "title": "Going" }))
        .expect_problem(412, "precondition_failed");
    let next = plain_article(&editor, "Going");
    assert_eq!(next["slug"], "going");
    assert_ne!(next["id"], article["id"]);
}
