//! Tags and authors: what all articles share.

use masthead_tests::{App, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    AUTHORS, TAGS, article_path, author, each, expect_errors, fresh, seeing, tag, text, total,
};

#[test]
fn a_tag_is_made_read_changed_and_deleted() {
    let app = App::start();
    let editor = app.editor();
    let body = json!({ "name": "The Sea", "description": "All of it.", "kind": "place" });
    let answer = editor.post(TAGS, &body).expect(201);
    let made = answer.data();
    let path = format!("{TAGS}/{}", text(&made["id"]));
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(answer.etag(), text(&made["etag"]));
    assert_eq!(
        (&made["slug"], &made["kind"]),
        (&json!("the-sea"), &json!("place"))
    );
    assert_eq!(fresh(&editor, &path), made);
    assert_eq!(tag(&editor, "The Sea")["slug"], "the-sea-2");
    assert_eq!(tag(&editor, "Other")["kind"], "topic");
    assert_eq!(total(&editor, &format!("{TAGS}?kind=place")), 1);

    let change = json!({ "name": "Seas", "description": null });
    let changed = seeing(&editor, &made).patch(&path, &change).expect(200).data();
    assert_eq!(
        (&changed["name"], &changed["slug"]),
        (&json!("Seas"), &json!("the-sea"))
    );
    assert_eq!(
        (&changed["description"], &changed["kind"]),
        (&Value::Null, &json!("place"))
    );
    assert_eq!(changed["revision"], 2);
    let same = seeing(&editor, &changed).patch(&path, &change).expect(200).data();
    assert_eq!(same, changed);
    let taken = seeing(&editor, &changed)
        .patch(&path, &json!({ "slug": "other" }))
        .expect_problem(409, "already_exists");
    assert_eq!(taken.body()["free"], "other-2");
    expect_errors(&taken, &[("/slug", "taken")]);
    let wrong = json!({ "name": null, "slug": "A B", "kind": "No Word", "colour": "blue" });
    let wrong = seeing(&editor, &changed)
        .patch(&path, &wrong)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &wrong,
        &[
            ("/colour", "unknown_field"),
            ("/kind", "invalid_format"),
            ("/name", "wrong_type"),
        ],
    );
    seeing(&editor, &changed).delete(&path).expect(204);
    editor.get(&path).expect_problem(404, "not_found");
    assert_eq!(tag(&editor, "The Sea")["slug"], "the-sea");
}

#[test]
fn an_author_is_made_read_changed_and_deleted() {
    let app = App::start();
    let editor = app.editor();
    let body = json!({
        "name": "Ada Marsh", "bio": "Writes.\nSails.", "avatar": { "url": "/ada.jpg", "alt": "Ada" },
        "links": [{ "label": "Site", "url": "https://example.org/ada" }]
    });
    let answer = editor.post(AUTHORS, &body).expect(201);
    let made = answer.data();
    let path = format!("{AUTHORS}/{}", text(&made["id"]));
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(made["slug"], "ada-marsh");
    assert_eq!(made["links"], body["links"]);
    assert_eq!(fresh(&editor, &path), made);
    let change = json!({ "bio": null, "avatar": { "alt": null } });
    let changed = seeing(&editor, &made).patch(&path, &change).expect(200).data();
    assert_eq!(changed["bio"], Value::Null);
    assert_eq!(changed["avatar"]["url"], "/ada.jpg");
    assert_eq!(changed["avatar"]["alt"], Value::Null);
    assert_eq!(changed["links"], body["links"]);
    assert_eq!(changed["revision"], 2);
    let cleared = seeing(&editor, &changed)
        .patch(&path, &json!({ "avatar": null, "links": [] }))
        .expect(200)
        .data();
    assert_eq!(
        (&cleared["avatar"], &cleared["links"]),
        (&Value::Null, &json!([]))
    );
    let wrong =
        json!({ "name": " ", "avatar": { "alt": "No address" }, "links": [{ "label": " ", "url": "x" }] });
    let wrong = seeing(&editor, &cleared)
        .patch(&path, &wrong)
        .expect_problem(422, "validation_failed");
    expect_errors(
        &wrong,
        &[
            ("/avatar/url", "required"),
            ("/links/0/label", "blank"),
            ("/links/0/url", "invalid_url"),
            ("/name", "blank"),
        ],
    );
    seeing(&editor, &cleared).delete(&path).expect(204);
    editor.get(&path).expect_problem(404, "not_found");
    assert_eq!(total(&editor, AUTHORS), 0);
}

#[test]
fn a_new_name_reaches_readers_at_once() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let (sea, ada) = (tag(&editor, "Sea"), author(&editor, "Ada Marsh"));
    let mut body = masthead_tests::article("Named");
    body["tags"] = json!(["sea"]);
    body["authors"] = json!([{ "slug": "ada-marsh" }]);
    let article = publish(&editor, &create_article(&editor, &body)).data();
    let page = || {
        reader
            .get("/delivery/v1/articles/by-slug/named")
            .expect(200)
            .data()
    };
    assert_eq!(page()["tags"][0]["name"], "Sea");
    seeing(&editor, &sea)
        .patch(
            &format!("{TAGS}/{}", text(&sea["id"])),
            &json!({ "name": "Seas", "slug": "seas" }),
        )
        .expect(200);
    seeing(&editor, &ada)
        .patch(
            &format!("{AUTHORS}/{}", text(&ada["id"])),
            &json!({ "name": "Ada Brook", "bio": "Now inland." }),
        )
        .expect(200);
    let now = page();
    assert_eq!(
        (&now["tags"][0]["name"], &now["tags"][0]["slug"]),
        (&json!("Seas"), &json!("seas"))
    );
    assert_eq!(now["authors"][0]["name"], "Ada Brook");
    assert_eq!(now["authors"][0]["bio"], "Now inland.");
    assert_eq!(
        reader.get("/delivery/v1/tags/seas").expect(200).data()["name"],
        "Seas"
    );
    reader.get("/delivery/v1/tags/sea").expect(308);
    let working = fresh(&editor, &article_path(&article));
    assert_eq!(each(&working["tags"], "slug"), ["seas"]);
    assert_eq!(working["revision"], 1, "a tag's change is none of the article's");
    assert_eq!(working["has_unpublished_changes"], false);
}

#[test]
fn a_tag_or_author_in_use_is_not_deleted_and_says_where() {
    let app = App::start();
    let editor = app.editor();
    let (sea, ada) = (tag(&editor, "Sea"), author(&editor, "Ada Marsh"));
    let body = json!({
        "locale": "en", "title": "Using", "tags": ["sea"], "authors": [{ "slug": "ada-marsh" }],
        "faqs": [{ "question": "Asked?", "answer": "A", "tags": ["sea"] }]
    });
    let article = create_article(&editor, &body);
    let sea_path = format!("{TAGS}/{}", text(&sea["id"]));
    let ada_path = format!("{AUTHORS}/{}", text(&ada["id"]));
    let used = seeing(&editor, &sea)
        .delete(&sea_path)
        .expect_problem(409, "in_use")
        .body();
    assert_eq!(used["used_in_total"], 2);
    let mut places: Vec<_> = each(&used["used_in"], "type")
        .into_iter()
        .zip(each(&used["used_in"], "title"))
        .collect();
    places.sort();
    assert_eq!(
        places,
        [
            ("article".to_owned(), "Using".to_owned()),
            ("faq".to_owned(), "Asked?".to_owned())
        ]
    );
    let used = seeing(&editor, &ada)
        .delete(&ada_path)
        .expect_problem(409, "in_use")
        .body();
    assert_eq!(each(&used["used_in"], "title"), ["Using"]);
    assert_eq!(fresh(&editor, &sea_path), sea);

    // Readers still see both after the working copy has let go of them.
    let published = publish(&editor, &article).data();
    let path = article_path(&published);
    let question = format!("/management/v1/faqs/{}", text(&published["faqs"][0]["id"]));
    let any = editor.clone().seen("*");
    let changed = any
        .patch(&path, &json!({ "tags": [], "authors": [] }))
        .expect(200)
        .data();
    any.patch(&question, &json!({ "tags": [] })).expect(200);
    seeing(&editor, &sea)
        .delete(&sea_path)
        .expect_problem(409, "in_use");
    seeing(&editor, &ada)
        .delete(&ada_path)
        .expect_problem(409, "in_use");
    publish(&editor, &changed);
    any.act(&format!("{question}/publish")).expect(200);
    seeing(&editor, &sea).delete(&sea_path).expect(204);
    seeing(&editor, &ada).delete(&ada_path).expect(204);
}

#[test]
fn somebody_with_the_role_author_changes_neither_tags_nor_authors() {
    let app = App::start();
    let (editor, ada) = (app.editor(), app.author());
    let (sea, name) = (tag(&editor, "Sea"), author(&editor, "Ada Marsh"));
    for (list, thing) in [(TAGS, sea), (AUTHORS, name)] {
        let path = format!("{list}/{}", text(&thing["id"]));
        ada.post(list, &json!({ "name": "Mine" }))
            .expect_problem(403, "forbidden");
        seeing(&ada, &thing)
            .patch(&path, &json!({ "name": "Mine" }))
            .expect_problem(403, "forbidden");
        seeing(&ada, &thing)
            .delete(&path)
            .expect_problem(403, "forbidden");
        assert_eq!(fresh(&ada, &path), thing);
        assert_eq!(total(&ada, list), 1);
    }
}
