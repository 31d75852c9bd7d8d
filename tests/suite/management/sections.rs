//! Sections one by one.

use masthead_tests::{App, Caller, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    article_path, each, expect_errors, fresh, plain_article, section_path, seeing, text, totals,
};

/// An article with a section for each letter.
fn lettered(caller: &Caller, letters: &str) -> Value {
    let sections: Vec<_> = letters
        .chars()
        .map(|letter| json!({ "kind": "text", "heading": letter, "body": letter }))
        .collect();
    create_article(
        caller,
        &json!({ "locale": "en", "title": "Letters", "sections": sections }),
    )
}

fn headings(caller: &Caller, article: &Value) -> String {
    let list = caller
        .get(&format!("{}/sections", article_path(article)))
        .expect(200)
        .data();
    let whole = fresh(caller, &article_path(article));
    assert_eq!(whole["sections"], list);
    each(&list, "heading").concat()
}

#[test]
fn a_section_goes_behind_all_or_beside_the_one_that_is_named() {
    let app = App::start();
    let editor = app.editor();
    let article = lettered(&editor, "ab");
    let list = format!("{}/sections", article_path(&article));
    let (a, b) = (&article["sections"][0]["id"], &article["sections"][1]["id"]);
    let add = |heading: &str, beside: Value| {
        let mut body = json!({ "kind": "text", "heading": heading, "body": heading });
        body.as_object_mut()
            .unwrap()
            .extend(beside.as_object().unwrap().clone());
        editor.post(&list, &body).expect(201)
    };
    let end = add("c", json!({}));
    let path = format!("{list}/{}", text(&end.data()["id"]));
    assert_eq!(end.header("location"), Some(path.as_str()));
    assert_eq!(end.etag(), text(&end.data()["etag"]));
    assert_eq!(end.data()["revision"], 1);
    assert_eq!(end.body()["meta"]["article_revision"], 2);
    assert_eq!(headings(&editor, &article), "abc");
    add("d", json!({ "after": a }));
    assert_eq!(headings(&editor, &article), "adbc");
    add("e", json!({ "before": a }));
    assert_eq!(headings(&editor, &article), "eadbc");
    add("f", json!({ "before": b }));
    assert_eq!(headings(&editor, &article), "eadfbc");
    add("g", json!({ "after": end.data()["id"] }));
    assert_eq!(headings(&editor, &article), "eadfbcg");
    assert_eq!(fresh(&editor, &article_path(&article))["revision"], 6);
}

#[test]
fn a_place_that_cannot_be_is_refused() {
    let app = App::start();
    let editor = app.editor();
    let article = lettered(&editor, "ab");
    let other = lettered(&editor, "c");
    let list = format!("{}/sections", article_path(&article));
    let (a, elsewhere) = (&article["sections"][0]["id"], &other["sections"][0]["id"]);
    let refused = |beside: Value, errors: &[(&str, &str)]| {
        let mut body = json!({ "kind": "text", "body": "x" });
        body.as_object_mut()
            .unwrap()
            .extend(beside.as_object().unwrap().clone());
        let answer = editor.post(&list, &body).expect_problem(422, "validation_failed");
        expect_errors(&answer, errors);
    };
    refused(json!({ "after": a, "before": a }), &[("/before", "conflict")]);
    refused(json!({ "after": elsewhere }), &[("/after", "unknown_section")]);
    refused(
        json!({ "before": "01930000-0000-7000-8000-0000000fffff", "heading": " " }),
        &[("/before", "unknown_section"), ("/heading", "blank")],
    );
    refused(json!({ "after": "first" }), &[("/after", "invalid_id")]);
    refused(json!({ "after": 1 }), &[("/after", "wrong_type")]);
    assert_eq!(fresh(&editor, &article_path(&article)), article);
}

#[test]
fn a_level_is_a_whole_number_however_it_is_written() {
    let app = App::start();
    let editor = app.editor();
    let article = plain_article(&editor, "Levels");
    let list = format!("{}/sections", article_path(&article));
    let add = |level: &str| {
        let body = format!(r#"{{"kind":"text","heading":"H","body":"B","level":{level}}}"#);
        editor.send("POST", &list, Some(("application/json", body.as_bytes())))
    };
    for (level, kept) in [("2", 2), ("3.0", 3), ("4e0", 4)] {
        assert_eq!(add(level).expect(201).data()["level"], kept);
    }
    for (level, code) in [
        ("1", "out_of_range"),
        ("5.0", "out_of_range"),
        ("-0", "out_of_range"),
        ("99999999999999999999", "out_of_range"),
        ("2.5", "wrong_type"),
        ("\"2\"", "wrong_type"),
        ("true", "wrong_type"),
    ] {
        expect_errors(
            &add(level).expect_problem(422, "validation_failed"),
            &[("/level", code)],
        );
    }
    assert_eq!(fresh(&editor, &article_path(&article))["revision"], 4);
}

#[test]
fn a_section_can_have_an_id_of_the_clients_choosing_once() {
    let app = App::start();
    let editor = app.editor();
    let (article, other) = (lettered(&editor, "a"), lettered(&editor, "b"));
    let id = "0195aaaa-0000-7000-8000-000000000001";
    let body = json!({ "kind": "text", "id": id, "body": "Chosen." });
    let list = |article: &Value| format!("{}/sections", article_path(article));
    let made = editor.post(&list(&article), &body).expect(201).data();
    assert_eq!(made["id"], id);
    for taken in [&article, &other] {
        editor
            .post(&list(taken), &body)
            .expect_problem(409, "already_exists");
    }
    let before = totals(&editor);
    let whole = json!({ "locale": "en", "title": "Third", "sections": [body] });
    editor
        .post("/management/v1/articles", &whole)
        .expect_problem(409, "already_exists");
    assert_eq!(totals(&editor), before);
    assert_eq!(fresh(&editor, &article_path(&other)), other);
}

#[test]
fn each_kind_is_changed_field_by_field() {
    let app = App::start();
    let editor = app.editor();
    let sections = json!([
        { "kind": "text", "heading": "H", "body": "B" },
        { "kind": "quote", "body": "Q", "attribution": "Who", "source_url": "/q" },
        { "kind": "image", "image": "/a.jpg", "alt": "A", "caption": "C", "credit": "D" },
        { "kind": "embed", "url": "https://vimeo.com/1084537", "title": "T" },
        { "kind": "callout", "tone": "tip", "body": "B" }
    ]);
    let article = create_article(
        &editor,
        &json!({ "locale": "en", "title": "Kinds", "sections": sections }),
    );
    let patches = [
        json!({ "body": "New", "level": 4 }),
        json!({ "attribution": null, "source_url": "https://example.org/", "heading": "A heading" }),
        json!({ "image": "/b.jpg", "alt": "", "caption": null, "credit": "E" }),
        json!({ "url": "https://vimeo.com/2", "title": null }),
        json!({ "tone": "important", "body": "Mind." }),
    ];
    for (index, patch) in patches.iter().enumerate() {
        let before = &article["sections"][index];
        let path = section_path(&article, index);
        let answer = seeing(&editor, before).patch(&path, patch).expect(200);
        let after = answer.data();
        assert_eq!(after["revision"], 2);
        for (field, value) in after.as_object().unwrap() {
            let expected = match (patch.get(field), field.as_str()) {
                (Some(given), _) => given,
                (None, "revision" | "etag" | "updated_at") => continue,
                (None, "level" | "anchor") if patch.get("heading").is_some() => continue,
                (None, _) => &before[field],
            };
            assert_eq!(value, expected, "{field} of {}", before["kind"]);
        }
        assert_eq!(editor.get(&path).expect(200).data(), after);
        let again = seeing(&editor, &after).patch(&path, patch).expect(200).data();
        assert_eq!(again, after, "what changes nothing is no revision");
    }
    let changed = fresh(&editor, &article_path(&article));
    assert_eq!(changed["revision"], 6);
    assert_eq!(changed["sections"][1]["anchor"], "a-heading");
    assert_eq!(changed["sections"][1]["level"], 2);
}

#[test]
fn a_field_of_another_kind_and_another_kind_itself_are_refused() {
    let app = App::start();
    let editor = app.editor();
    let sections = json!([
        { "kind": "text", "body": "B" },
        { "kind": "image", "image": "/a.jpg" }
    ]);
    let article = create_article(
        &editor,
        &json!({ "locale": "en", "title": "Kinds", "sections": sections }),
    );
    let any = editor.clone().seen("*");
    let (text, image) = (section_path(&article, 0), section_path(&article, 1));
    let answer = any
        .patch(
            &text,
            &json!({ "tone": "tip", "image": "/x.jpg", "alt": null, "body": "Fine" }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/alt", "not_applicable"),
            ("/image", "not_applicable"),
            ("/tone", "not_applicable"),
        ],
    );
    let answer = any
        .patch(
            &image,
            &json!({ "body": "x", "image": "javascript:x", "anchor": "a" }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/anchor", "not_applicable"),
            ("/body", "not_applicable"),
            ("/image", "invalid_url"),
        ],
    );
    let answer = any
        .patch(&text, &json!({ "kind": "quote" }))
        .expect_problem(422, "unknown_field");
    expect_errors(&answer, &[("/kind", "unknown_field")]);
    let answer = any
        .patch(
            &text,
            &json!({ "body": null, "level": 1, "heading": "x".repeat(301) }),
        )
        .expect_problem(422, "validation_failed");
    expect_errors(
        &answer,
        &[
            ("/body", "wrong_type"),
            ("/heading", "too_long"),
            ("/level", "out_of_range"),
        ],
    );
    assert_eq!(fresh(&editor, &article_path(&article)), article);
}

#[test]
fn an_order_lists_every_section_once() {
    let app = App::start();
    let editor = app.editor();
    let article = lettered(&editor, "abc");
    let path = format!("{}/sections/order", article_path(&article));
    let ids = each(&article["sections"], "id");
    let order =
        |places: &[usize]| json!({ "sections": places.iter().map(|at| &ids[*at]).collect::<Vec<_>>() });
    let refused = |body: Value, errors: &[(&str, &str)]| {
        let answer = seeing(&editor, &article)
            .put(&path, &body)
            .expect_problem(422, "validation_failed");
        expect_errors(&answer, errors);
    };
    refused(order(&[0, 1]), &[("/sections", "missing_section")]);
    refused(order(&[0, 1, 2, 1]), &[("/sections/3", "duplicate")]);
    refused(
        json!({ "sections": [ids[0], ids[0], "01930000-0000-7000-8000-0000000fffff", "x"] }),
        &[
            ("/sections", "missing_section"),
            ("/sections", "missing_section"),
            ("/sections/1", "duplicate"),
            ("/sections/2", "unknown_section"),
            ("/sections/3", "unknown_section"),
        ],
    );
    refused(json!({ "sections": [1] }), &[("/sections/0", "wrong_type")]);
    refused(json!({}), &[("/sections", "required")]);
    assert_eq!(headings(&editor, &article), "abc");

    let ordered = seeing(&editor, &article)
        .put(&path, &order(&[2, 0, 1]))
        .expect(200);
    assert_eq!(each(&ordered.data(), "heading").concat(), "cab");
    assert_eq!(each(&ordered.data(), "etag"), {
        let tags = each(&article["sections"], "etag");
        [tags[2].clone(), tags[0].clone(), tags[1].clone()]
    });
    let now = fresh(&editor, &article_path(&article));
    assert_eq!(now["revision"], 2);
    assert_eq!(ordered.etag(), text(&now["etag"]), "the tag is the article's");
    let same = seeing(&editor, &now).put(&path, &order(&[2, 0, 1])).expect(200);
    assert_eq!(same.etag(), ordered.etag());
}

#[test]
fn the_order_stays_whole_over_many_changes() {
    let app = App::start();
    let editor = app.editor();
    let article = lettered(&editor, "abcd");
    let path = article_path(&article);
    let any = editor.clone().seen("*");
    any.delete(&section_path(&article, 1)).expect(204);
    editor
        .get(&section_path(&article, 1))
        .expect_problem(404, "not_found");
    assert_eq!(headings(&editor, &article), "acd");
    let before =
        json!({ "kind": "text", "heading": "e", "body": "e", "before": article["sections"][2]["id"] });
    editor.post(&format!("{path}/sections"), &before).expect(201);
    assert_eq!(headings(&editor, &article), "aecd");
    any.delete(&section_path(&article, 0)).expect(204);
    let ids = each(&fresh(&editor, &path)["sections"], "id");
    let turned: Vec<_> = ids.iter().rev().collect();
    any.put(&format!("{path}/sections/order"), &json!({ "sections": turned }))
        .expect(200);
    assert_eq!(headings(&editor, &article), "dce");
    let published = publish(&editor, &fresh(&editor, &path)).data();
    let page = app
        .anonymous()
        .get(&format!("/delivery/v1/articles/{}", text(&published["id"])))
        .expect(200)
        .data();
    assert_eq!(each(&page["sections"], "heading").concat(), "dce");
    assert_eq!(each(&page["toc"], "anchor").concat(), "dce");
}

#[test]
fn an_anchor_survives_rewording_and_an_old_one_stays_as_an_alias() {
    let app = App::start();
    let editor = app.editor();
    let article = lettered(&editor, "ab");
    let path = section_path(&article, 0);
    let any = editor.clone().seen("*");
    let patched = |body: Value| any.patch(&path, &body).expect(200).data();
    assert_eq!(patched(json!({ "heading": "Anew" }))["anchor"], "a");
    let chosen = patched(json!({ "anchor": "why-then" }));
    assert_eq!(chosen["anchor"], "why-then");
    assert_eq!(chosen["anchor_aliases"], json!(["a"]));
    let back = patched(json!({ "anchor": "a" }));
    assert_eq!(
        (&back["anchor"], &back["anchor_aliases"]),
        (&json!("a"), &json!(["why-then"]))
    );
    let bare = patched(json!({ "heading": null }));
    assert_eq!((&bare["anchor"], &bare["level"]), (&Value::Null, &Value::Null));
    assert_eq!(bare["anchor_aliases"], json!(["why-then", "a"]));
    for taken in ["b", "a", "why-then"] {
        let answer = any.patch(&section_path(&article, 1), &json!({ "anchor": taken }));
        match taken {
            "b" => assert_eq!(answer.expect(200).data()["revision"], 1),
            _ => expect_errors(
                &answer.expect_problem(422, "validation_failed"),
                &[("/anchor", "duplicate")],
            ),
        }
    }
    let again = json!({ "kind": "text", "heading": "B", "body": "b" });
    let again = editor
        .post(&format!("{}/sections", article_path(&article)), &again)
        .expect(201)
        .data();
    assert_eq!(again["anchor"], "b-2");
}

#[test]
fn a_section_is_found_in_its_own_article_alone() {
    let app = App::start();
    let editor = app.editor();
    let (article, other) = (lettered(&editor, "a"), plain_article(&editor, "Other"));
    let id = text(&article["sections"][0]["id"]);
    let wrong = format!("{}/sections/{id}", article_path(&other));
    let any = editor.clone().seen("*");
    editor.get(&wrong).expect_problem(404, "not_found");
    any.patch(&wrong, &json!({ "body": "x" }))
        .expect_problem(404, "not_found");
    any.delete(&wrong).expect_problem(404, "not_found");
    assert_eq!(fresh(&editor, &article_path(&article)), article);
}
