//! What reaches every page at once: a renamed tag or author, a corrected FAQ.

use masthead_tests::App;
use serde_json::json;

use super::site::{act, author, column, patch, published, published_faq, tag};

#[test]
fn a_renamed_tag_reaches_every_page_at_once() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let sea = tag(&editor, "sea", "Sea");
    for title in ["One", "Two"] {
        published(&editor, title, json!({ "tags": ["sea"] }));
    }
    let before = reader.get("/delivery/v1/articles/by-slug/one").expect(200);
    patch(
        &editor,
        &sea,
        "tags",
        &json!({ "name": "Ocean", "slug": "ocean", "description": "Deep." }),
    );
    for slug in ["one", "two"] {
        let page = reader
            .get(&format!("/delivery/v1/articles/by-slug/{slug}"))
            .expect(200);
        assert_eq!(page.data()["tags"][0]["name"], "Ocean");
        assert_eq!(page.data()["tags"][0]["slug"], "ocean");
    }
    assert_ne!(
        reader.get("/delivery/v1/articles/by-slug/one").etag(),
        before.etag()
    );
    assert_eq!(
        column(
            &reader.get("/delivery/v1/articles?tag=ocean").expect(200).data(),
            "title"
        ),
        ["Two", "One"]
    );
    assert_eq!(
        reader.get("/delivery/v1/articles?tag=sea").expect(200).data(),
        json!([])
    );
    assert_eq!(
        reader.get("/delivery/v1/tags/ocean").expect(200).data()["articles_count"],
        2
    );
    assert_eq!(
        reader.get("/delivery/v1/tags/ocean").expect(200).data()["description"],
        "Deep."
    );
    reader.get("/delivery/v1/tags/sea").expect(308);
}

#[test]
fn a_renamed_author_reaches_every_page_at_once() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let ada = author(&editor, "ada", "Ada Byron");
    published(&editor, "One", json!({ "authors": [{ "slug": "ada" }] }));
    let changed = json!({ "name": "Ada Lovelace", "slug": "ada-lovelace", "bio": null });
    patch(&editor, &ada, "authors", &changed);
    let byline = &reader.get("/delivery/v1/articles/by-slug/one").expect(200).data()["authors"][0];
    assert_eq!(byline["name"], "Ada Lovelace");
    assert_eq!(byline["slug"], "ada-lovelace");
    assert_eq!(byline["bio"], json!(null));
    let rows = reader
        .get("/delivery/v1/articles?author=ada-lovelace")
        .expect(200)
        .data();
    assert_eq!(rows[0]["authors"][0]["name"], "Ada Lovelace");
    assert_eq!(
        reader.get("/delivery/v1/articles?author=ada").expect(200).data(),
        json!([])
    );
    reader.get("/delivery/v1/authors/ada").expect(308);
}

#[test]
fn a_corrected_faq_reaches_every_article_when_it_is_published_and_not_before() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let faq = published_faq(
        &editor,
        &json!({ "locale": "en", "question": "How often?", "answer": "Often." }),
    );
    for title in ["One", "Two"] {
        published(&editor, title, json!({ "faqs": [{ "id": faq["id"] }] }));
    }
    let answers = || {
        ["one", "two"].map(|slug| {
            let page = reader
                .get(&format!("/delivery/v1/articles/by-slug/{slug}?format=text"))
                .expect(200);
            page.data()["faqs"][0]["answer"]["text"]
                .as_str()
                .unwrap()
                .to_owned()
        })
    };
    assert_eq!(answers(), ["Often.", "Often."]);
    let corrected = patch(&editor, &faq, "faqs", &json!({ "answer": "Every *six* hours." }));
    assert_eq!(corrected["has_unpublished_changes"], true);
    assert_eq!(answers(), ["Often.", "Often."]);
    act(&editor, &corrected, "faqs", "publish");
    assert_eq!(answers(), ["Every six hours.", "Every six hours."]);
}

#[test]
fn an_edit_of_an_article_reaches_readers_when_it_is_published_and_not_before() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let article = published(&editor, "One", json!({}));
    let before = reader.get("/delivery/v1/articles/by-slug/one").expect(200);
    let edited = patch(
        &editor,
        &article,
        "articles",
        &json!({ "title": "Another title" }),
    );
    assert_eq!(
        reader
            .get("/delivery/v1/articles/by-slug/one")
            .expect(200)
            .bytes(),
        before.bytes()
    );
    act(&editor, &edited, "articles", "publish");
    assert_eq!(
        reader.get("/delivery/v1/articles/by-slug/one").expect(200).data()["title"],
        "Another title"
    );
}
