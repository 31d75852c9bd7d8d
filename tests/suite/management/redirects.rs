//! Redirects made, listed and taken away by hand.

use masthead_tests::{App, create_article, publish};
use serde_json::json;

use super::support::{REDIRECTS, tag, text};

#[test]
fn a_redirect_is_made_listed_and_taken_away() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let sea = tag(&editor, "Sea");
    let article = json!({ "locale": "en", "title": "Tides", "tags": ["sea"] });
    let tides = publish(&editor, &create_article(&editor, &article)).data();
    let changes = || {
        reader
            .get("/delivery/v1/changes?limit=500")
            .expect(200)
            .data()
            .as_array()
            .unwrap()
            .len()
    };
    let before = changes();
    let body = json!({ "type": "article", "slug": "old-tides", "locale": "en", "target_id": tides["id"] });
    let made = editor.post(REDIRECTS, &body).expect(201);
    let path = made.header("location").unwrap().to_owned();
    assert_eq!(changes(), before + 2, "caches are told");
    let made = made.data();
    assert_eq!(editor.get(&path).expect(200).data(), made);
    let body = json!({ "type": "tag", "slug": "ocean", "target_id": sea["id"] });
    editor.post(REDIRECTS, &body).expect(201);
    reader.get("/delivery/v1/tags/ocean").expect(308);
    reader.get("/delivery/v1/articles/by-slug/old-tides").expect(308);
    let listed = |query: &str| {
        let body = editor.get(&format!("{REDIRECTS}{query}")).expect(200).body();
        let rows = body["data"].as_array().unwrap().clone();
        rows.iter().map(|row| text(&row["slug"])).collect::<Vec<_>>()
    };
    assert_eq!(listed("?sort=slug"), ["ocean", "old-tides"]);
    assert_eq!(listed("?type=tag"), ["ocean"]);
    assert_eq!(listed("?limit=1&sort=-slug"), ["old-tides"]);
    let next = editor
        .get(&format!("{REDIRECTS}?limit=1&sort=-slug"))
        .expect(200)
        .body()["links"]["next"]
        .clone();
    assert_eq!(editor.get(&text(&next)).expect(200).data()[0]["slug"], "ocean");
    editor
        .get(&format!("{REDIRECTS}?type=faq"))
        .expect_problem(400, "invalid_parameter");
    editor.delete(&path).expect_problem(428, "precondition_required");
    editor
        .clone()
        .seen(&text(&made["etag"]))
        .delete(&path)
        .expect(204);
    editor.get(&path).expect_problem(404, "not_found");
    reader
        .get("/delivery/v1/articles/by-slug/old-tides")
        .expect_problem(404, "not_found");
}

#[test]
fn a_redirect_that_cannot_be_is_refused() {
    let app = App::start();
    let editor = app.editor();
    let sea = tag(&editor, "Sea");
    let moon = tag(&editor, "Moon");
    let tides = create_article(&editor, &json!({ "locale": "en", "title": "Tides" }));
    let taken = json!({ "type": "tag", "slug": "moon", "target_id": sea["id"] });
    editor
        .post(REDIRECTS, &taken)
        .expect_problem(409, "already_exists");
    let own = json!({ "type": "article", "slug": "tides", "locale": "en", "target_id": tides["id"] });
    editor.post(REDIRECTS, &own).expect_problem(409, "already_exists");
    let free = json!({ "type": "tag", "slug": "luna", "target_id": moon["id"] });
    editor.post(REDIRECTS, &free).expect(201);
    editor
        .post(REDIRECTS, &free)
        .expect_problem(409, "already_exists");
    for (body, pointer) in [
        (
            json!({ "type": "tag", "slug": "x", "target_id": tides["id"] }),
            "/target_id",
        ),
        (
            json!({ "type": "author", "slug": "x", "target_id": sea["id"] }),
            "/target_id",
        ),
        (
            json!({ "type": "tag", "slug": "x", "target_id": "no-id" }),
            "/target_id",
        ),
        (
            json!({ "type": "tag", "slug": "X y", "target_id": sea["id"] }),
            "/slug",
        ),
        (
            json!({ "type": "tag", "slug": "x", "locale": "en", "target_id": sea["id"] }),
            "/locale",
        ),
        (
            json!({ "type": "article", "slug": "x", "target_id": tides["id"] }),
            "/locale",
        ),
        (
            json!({ "type": "article", "slug": "x", "locale": "e?", "target_id": tides["id"] }),
            "/locale",
        ),
        (
            json!({ "type": "faq", "slug": "x", "target_id": sea["id"] }),
            "/type",
        ),
        (json!({ "type": "tag", "slug": "x" }), "/target_id"),
    ] {
        let refused = editor
            .post(REDIRECTS, &body)
            .expect_problem(422, "validation_failed");
        assert!(
            refused.errors().iter().any(|(at, _)| at == pointer),
            "{body}: {:?}",
            refused.errors()
        );
    }
}

#[test]
fn what_goes_takes_its_old_slugs_with_it() {
    let app = App::start();
    let editor = app.editor();
    let sea = tag(&editor, "Sea");
    let body = json!({ "type": "tag", "slug": "ocean", "target_id": sea["id"] });
    editor.post(REDIRECTS, &body).expect(201);
    let path = format!("/management/v1/tags/{}", text(&sea["id"]));
    editor.clone().seen(&text(&sea["etag"])).delete(&path).expect(204);
    assert_eq!(editor.get(REDIRECTS).expect(200).data(), json!([]));
}
