//! The history of working copies: who wrote what when, what differs, and who is to ask about a line.

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, create_article};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, article_path, author, each, faq, faq_path, fresh, plain_article, section_path, seeing, tag,
    text,
};

/// Changes a section's body; answers the section.
#[track_caller]
fn write(caller: &Caller, article: &Value, index: usize, body: &str) -> Value {
    let path = section_path(article, index);
    let seen = seeing(caller, &fresh(caller, &path));
    seen.patch(&path, &json!({ "body": body })).expect(200).data()
}

/// Changes an article's fields; answers the article.
#[track_caller]
fn change(caller: &Caller, article: &Value, body: &Value) -> Value {
    let path = article_path(article);
    seeing(caller, &fresh(caller, &path))
        .patch(&path, body)
        .expect(200)
        .data()
}

#[test]
fn every_write_is_one_revision_and_says_who_when_and_what() {
    let app = App::start();
    let ada = app.user(Role::Editor, "ada@example.org");
    let machine = app.key(&[Permission::ContentRead, Permission::ArticlesWrite]);
    let made = create_article(&ada, &masthead_tests::article("Written"));
    let revisions = format!("{}/revisions", article_path(&made));
    app.clock().advance(60);
    write(&machine, &made, 0, "The sea is seldom still.");
    app.clock().advance(60);
    change(&ada, &made, &json!({ "title": "Other", "dek": null }));
    // What changes nothing is no revision.
    change(&ada, &made, &json!({ "title": "Other" }));
    let list = ada.get(&format!("{revisions}?count=exact")).expect(200).body();
    assert_eq!(list["meta"]["total"], 3);
    let data = &list["data"];
    assert_eq!(
        each(data, "summary"),
        [
            "fields changed: title, dek",
            "section changed: “Introduction”",
            "created"
        ]
    );
    let numbers: Vec<_> = data
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["revision"].clone())
        .collect();
    assert_eq!(numbers, [3, 2, 1]);
    assert_eq!(data[0]["actor"]["kind"], "user");
    assert_eq!(data[0]["actor"]["name"], "Somebody");
    assert_eq!(data[0]["credential"], made["created_by"]);
    assert_eq!(data[1]["actor"]["kind"], "key");
    assert_eq!(data[1]["actor"]["name"], "Test");
    assert_eq!(data[1]["created_at"], "2026-03-01T12:01:00Z");
    assert_eq!(data[0]["changes"]["fields"], json!(["title", "dek"]));
    let section = json!([{ "section_id": made["sections"][0]["id"], "change": "changed" }]);
    assert_eq!(data[1]["changes"], json!({ "fields": [], "sections": section }));
}

#[test]
fn revisions_are_paged_as_all_lists_and_nothing_is_skipped_while_others_write() {
    let app = App::start();
    let editor = app.editor();
    let made = plain_article(&editor, "T");
    for n in 0..6 {
        change(&editor, &made, &json!({ "title": format!("T {n}") }));
    }
    let revisions = format!("{}/revisions", article_path(&made));
    let mut seen = Vec::new();
    let mut next = json!(format!("{revisions}?limit=3"));
    while let Value::String(path) = next {
        let page = editor.get(&path).expect(200);
        let links = page.header("link").unwrap_or_default().to_owned();
        let page = page.body();
        assert_eq!(links.contains("rel=\"next\""), !page["links"]["next"].is_null());
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["revision"].as_u64().unwrap()),
        );
        change(
            &editor,
            &made,
            &json!({ "title": format!("Meanwhile {}", seen.len()) }),
        );
        next = page["links"]["next"].clone();
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    let oldest = editor
        .get(&format!("{revisions}?sort=revision&limit=2"))
        .expect(200)
        .body();
    assert_eq!(oldest["data"][0]["revision"], 1);
    for (query, code) in [
        ("limit=0", "invalid_parameter"),
        ("limit=101", "invalid_parameter"),
        ("sort=title", "invalid_parameter"),
        ("author=x", "unknown_parameter"),
        ("after=nonsense", "invalid_cursor"),
    ] {
        editor
            .get(&format!("{revisions}?{query}"))
            .expect_problem(400, code);
    }
}

#[test]
fn a_revision_shows_the_article_as_it_was() {
    let app = App::start();
    let editor = app.editor();
    tag(&editor, "Sea");
    author(&editor, "Ada Marsh");
    let mut body = masthead_tests::article("Then");
    body["tags"] = json!(["sea"]);
    body["authors"] = json!([{ "slug": "ada-marsh", "role": "editor" }]);
    let made = create_article(&editor, &body);
    write(&editor, &made, 1, "It was.");
    change(
        &editor,
        &made,
        &json!({ "title": "Now", "tags": [], "authors": [] }),
    );
    let path = article_path(&made);
    let first = fresh(&editor, &format!("{path}/revisions/1"));
    for field in [
        "id", "kind", "locale", "slug", "title", "dek", "sections", "seo", "metadata", "tags",
    ] {
        assert_eq!(first[field], made[field], "{field}");
    }
    assert_eq!(first["authors"][0]["slug"], "ada-marsh");
    assert_eq!(first["authors"][0]["role"], "editor");
    assert_eq!(first["faqs"], json!([made["faqs"][0]["id"]]));
    assert_eq!(
        (&first["revision"], &first["summary"]),
        (&json!(1), &json!("created"))
    );
    let second = fresh(&editor, &format!("{path}/revisions/2"));
    assert_eq!(second["sections"][1]["body"], "It was.");
    assert_eq!(second["title"], "Then");
    assert_eq!(fresh(&editor, &format!("{path}/revisions/3"))["title"], "Now");
}

#[test]
fn two_revisions_differ_by_the_identity_of_sections_and_by_words() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Compared"));
    let path = article_path(&made);
    write(&editor, &made, 0, "The sea is **seldom** still.");
    let order = json!({ "sections": [made["sections"][1]["id"], made["sections"][0]["id"]] });
    seeing(&editor, &fresh(&editor, &path))
        .put(&format!("{path}/sections/order"), &order)
        .expect(200);
    let second = section_path(&made, 1);
    seeing(&editor, &fresh(&editor, &second))
        .delete(&second)
        .expect(204);
    let added = editor
        .post(
            &format!("{path}/sections"),
            &json!({ "kind": "text", "body": "New." }),
        )
        .expect(201)
        .data();
    let diff = |a: u32, b: u32| fresh(&editor, &format!("{path}/revisions/{a}/diff/{b}"));

    let words = diff(1, 2);
    assert_eq!((&words["from"], &words["to"]), (&json!(1), &json!(2)));
    assert_eq!(words["changed"][0]["section_id"], made["sections"][0]["id"]);
    let field = &words["changed"][0]["fields"][0];
    assert_eq!(field["pointer"], "/body");
    assert_eq!(field["before"], "The sea is **never** still.");
    let hunks = json!([
        { "op": "equal", "text": "The sea is **" },
        { "op": "delete", "text": "never" },
        { "op": "insert", "text": "seldom" },
        { "op": "equal", "text": "** still." }
    ]);
    assert_eq!(field["hunks"], hunks);

    let moved = diff(2, 3);
    assert_eq!(moved["moved"].as_array().unwrap().len(), 1);
    for nothing in ["fields", "added", "removed", "changed"] {
        assert_eq!(moved[nothing], json!([]), "{nothing}");
    }
    let all = diff(1, 5);
    assert_eq!(all["removed"][0]["section_id"], made["sections"][1]["id"]);
    assert_eq!(all["added"][0]["section_id"], added["id"]);
    assert_eq!(all["added"][0]["section"]["body"], "New.");
    assert_eq!(all["moved"], json!([]));
    assert_eq!(all["changed"].as_array().unwrap().len(), 1);
    let back = diff(5, 1);
    assert_eq!(back["added"][0]["section_id"], made["sections"][1]["id"]);
    let same = diff(4, 4);
    for nothing in ["fields", "added", "removed", "moved", "changed"] {
        assert_eq!(same[nothing], json!([]), "{nothing}");
    }
}

#[test]
fn a_chinese_paragraph_differs_by_words() {
    let app = App::start();
    let editor = app.editor();
    let section = json!({ "kind": "text", "body": "我们今天去北京大学学习。" });
    let made = create_article(
        &editor,
        &json!({ "locale": "zh", "title": "潮汐", "sections": [section] }),
    );
    write(&editor, &made, 0, "我们明天去北京大学学习。");
    let diff = fresh(&editor, &format!("{}/revisions/1/diff/2", article_path(&made)));
    let hunks = &diff["changed"][0]["fields"][0]["hunks"];
    assert_eq!(each(hunks, "text"), ["我们", "今天", "明天", "去北京大学学习。"]);
}

#[test]
fn blame_names_the_last_writer_of_each_field_and_section() {
    let app = App::start();
    let (ada, bob) = (app.editor(), app.user(Role::Editor, "bob@example.org"));
    let made = create_article(&ada, &masthead_tests::article("Blamed"));
    let path = article_path(&made);
    app.clock().advance(60);
    write(&bob, &made, 1, "It was.");
    app.clock().advance(60);
    change(&bob, &made, &json!({ "dek": "By Bob." }));
    change(&ada, &made, &json!({ "title": "By Ada" }));
    let order = json!({ "sections": [made["sections"][1]["id"], made["sections"][0]["id"]] });
    seeing(&ada, &fresh(&ada, &path))
        .put(&format!("{path}/sections/order"), &order)
        .expect(200);
    let blame = fresh(&ada, &format!("{path}/blame"));
    assert_eq!(blame["revision"], 5);
    let field = |name: &str| {
        (
            blame["fields"][name]["revision"].clone(),
            blame["fields"][name]["credential"].clone(),
        )
    };
    let (ada, bob) = (
        made["created_by"].clone(),
        fresh(&bob, &format!("{path}/revisions/2"))["credential"].clone(),
    );
    assert_ne!(ada, bob);
    assert_eq!(field("title"), (json!(4), ada.clone()));
    assert_eq!(field("dek"), (json!(3), bob.clone()));
    assert_eq!(field("slug"), (json!(1), ada.clone()));
    assert_eq!(field("faqs"), (json!(1), ada));
    let sections = &blame["sections"];
    assert_eq!(sections[0]["section_id"], made["sections"][1]["id"]);
    assert_eq!(
        (&sections[0]["revision"], &sections[0]["credential"]),
        (&json!(2), &bob)
    );
    assert_eq!(sections[0]["changed_at"], "2026-03-01T12:01:00Z");
    assert_eq!(sections[1]["revision"], 1, "a move is nobody's writing");
    assert_eq!(sections[1]["actor"]["name"], "Somebody");
}

#[test]
fn a_faq_has_the_same_history() {
    let app = App::start();
    let editor = app.editor();
    let made = faq(&editor, "Why?");
    let path = faq_path(&made);
    seeing(&editor, &made)
        .patch(&path, &json!({ "answer": "It *never* depends." }))
        .expect(200);
    let list = editor
        .get(&format!("{path}/revisions?count=exact"))
        .expect(200)
        .body();
    assert_eq!(list["meta"]["total"], 2);
    assert_eq!(each(&list["data"], "summary"), ["changed: answer", "created"]);
    let first = fresh(&editor, &format!("{path}/revisions/1"));
    assert_eq!(
        (&first["answer"], &first["question"]),
        (&made["answer"], &made["question"])
    );
    let diff = fresh(&editor, &format!("{path}/revisions/1/diff/2"));
    assert_eq!(diff["fields"][0]["pointer"], "/answer");
    assert!(
        each(&diff["fields"][0]["hunks"], "text").contains(&"never ".to_owned())
            || !diff["fields"][0]["hunks"].as_array().unwrap().is_empty()
    );
    let blame = fresh(&editor, &format!("{path}/blame"));
    assert_eq!(blame["fields"]["answer"]["revision"], 2);
    assert_eq!(blame["fields"]["question"]["revision"], 1);
    assert_eq!(blame["sections"], json!([]));
}

#[test]
fn a_number_that_is_no_revision_of_the_thing_is_not_there() {
    let app = App::start();
    let editor = app.editor();
    let (one, other) = (plain_article(&editor, "One"), plain_article(&editor, "Other"));
    change(&editor, &other, &json!({ "title": "Other again" }));
    let path = article_path(&one);
    for n in [
        "0",
        "-1",
        "2",
        "01",
        "+1",
        "1.0",
        "x",
        "4294967296",
        "99999999999999999999999",
        "%31x",
    ] {
        editor
            .get(&format!("{path}/revisions/{n}"))
            .expect_problem(404, "not_found");
        editor
            .get(&format!("{path}/revisions/1/diff/{n}"))
            .expect_problem(404, "not_found");
        editor
            .get(&format!("{path}/revisions/{n}/diff/1"))
            .expect_problem(404, "not_found");
        seeing(&editor, &one)
            .act(&format!("{path}/revisions/{n}/revert"))
            .expect_problem(404, "not_found");
    }
    let unknown = format!("{ARTICLES}/0195aaaa-0000-7000-8000-000000000001");
    for part in ["revisions", "revisions/1", "revisions/1/diff/1", "blame"] {
        editor
            .get(&format!("{unknown}/{part}"))
            .expect_problem(404, "not_found");
    }
    assert_eq!(fresh(&editor, &path), one);
    // What is deleted has no history to show.
    seeing(&editor, &one).delete(&path).expect(204);
    for part in ["revisions", "revisions/1", "revisions/1/diff/1", "blame"] {
        editor
            .get(&format!("{path}/{part}"))
            .expect_problem(404, "not_found");
    }
}

#[test]
fn nothing_of_a_history_reaches_readers() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &masthead_tests::article("Seen"));
    let published = masthead_tests::publish(&editor, &made).data();
    write(&editor, &made, 0, "A secret of the draft.");
    let reader = app.anonymous();
    let id = text(&published["id"]);
    for part in ["revisions", "revisions/1", "revisions/1/diff/2", "blame", "merge"] {
        reader
            .get(&format!("/delivery/v1/articles/{id}/{part}"))
            .expect(404);
        let refused = reader.get(&format!("{}/{part}", article_path(&made)));
        assert!([401, 405].contains(&refused.status()), "{}", refused.text());
    }
    let page = reader.get(&format!("/delivery/v1/articles/{id}")).expect(200);
    assert!(!page.text().contains("secret"));
    let history = editor
        .get(&format!("{}/revisions/2", article_path(&made)))
        .expect(200);
    assert_eq!(history.header("cache-control"), Some("private, no-store"));
}
