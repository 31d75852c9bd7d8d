//! One story in several languages: tied, found from each other, and chosen by what the reader wants.

use masthead_domain::rights::Permission;
use masthead_tests::{App, Caller, create_article};
use serde_json::{Value, json};

use super::site::{act, column, patch, published};

/// The same story in English, French and German; each published.
fn story(editor: &Caller) -> [Value; 3] {
    let english = published(editor, "Tides", json!({ "slug": "tides" }));
    let of = &english["id"];
    let french = published(
        editor,
        "Marées",
        json!({ "slug": "marees", "locale": "fr", "translation_of": of }),
    );
    let german = published(
        editor,
        "Gezeiten",
        json!({ "slug": "gezeiten", "locale": "de", "translation_of": french["id"] }),
    );
    [english, french, german]
}

#[track_caller]
fn locale(reader: &Caller, path: &str) -> String {
    let answer = reader.get(&format!("/delivery/v1/articles{path}")).expect(200);
    let locale = answer.data()["locale"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("content-language"), Some(locale.as_str()));
    locale
}

#[test]
fn each_language_names_the_others_for_editors_and_for_readers() {
    let app = App::builder()
        .with(|settings| settings.site_url = Some("https://www.example.org".to_owned()))
        .start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let [english, french, german] = story(&editor);
    for article in [&french, &german] {
        assert_eq!(article["story_id"], english["id"]);
    }
    let path = format!("/management/v1/articles/{}", english["id"].as_str().unwrap());
    let working = editor.get(&path).expect(200).data();
    assert_eq!(working["revision"], 1, "what others say is no change of its own");
    assert_eq!(column(&working["translations"], "locale"), ["de", "fr"]);
    assert_eq!(working["translations"][1]["slug"], "marees");
    assert_eq!(working["translations"][1]["status"], "published");
    let page = reader.get("/delivery/v1/articles/by-slug/tides").expect(200);
    let data = page.data();
    assert_eq!(
        data["alternates"],
        json!([
            { "id": german["id"], "locale": "de", "slug": "gezeiten", "url": "https://www.example.org/de/gezeiten" },
            { "id": french["id"], "locale": "fr", "slug": "marees", "url": "https://www.example.org/fr/marees" },
        ])
    );
    let hreflang = json!([
        { "locale": "de", "url": "https://www.example.org/de/gezeiten" },
        { "locale": "en", "url": "https://www.example.org/tides" },
        { "locale": "fr", "url": "https://www.example.org/fr/marees" },
        { "locale": "x-default", "url": "https://www.example.org/tides" },
    ]);
    assert_eq!(data["seo"]["alternates"], hreflang);
    for other in ["gezeiten?locale=de", "marees?locale=fr"] {
        let page = reader
            .get(&format!("/delivery/v1/articles/by-slug/{other}"))
            .expect(200);
        assert_eq!(page.data()["seo"]["alternates"], hreflang, "all name all");
    }
    let tag = format!("story:{}", english["id"].as_str().unwrap());
    assert!(page.header("cache-tag").unwrap().split(',').any(|one| one == tag));
    act(&editor, &french, "articles", "unpublish");
    let after = reader.get("/delivery/v1/articles/by-slug/tides").expect(200);
    assert_eq!(column(&after.data()["alternates"], "locale"), ["de"]);
    assert_ne!(after.etag(), page.etag());
    let log = reader.get("/delivery/v1/changes?limit=500").expect(200).data();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert!(
        last["cache_tags"].as_array().unwrap().contains(&json!(tag)),
        "{last}"
    );
}

#[test]
fn a_draft_is_no_alternate_and_ties_are_published_like_words() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let english = published(&editor, "Tides", json!({}));
    let french = create_article(
        &editor,
        &json!({ "locale": "fr", "title": "Marées", "translation_of": english["id"] }),
    );
    let alternates = || {
        let page = reader.get("/delivery/v1/articles/by-slug/tides").expect(200);
        page.data()["alternates"].clone()
    };
    assert_eq!(alternates(), json!([]));
    let french = act(&editor, &french, "articles", "publish");
    let slug = column(&alternates(), "slug");
    assert_eq!(slug, [french["slug"].as_str().unwrap()]);
    let alone = patch(&editor, &french, "articles", &json!({ "translation_of": null }));
    assert_eq!(alone["revision"], 2);
    assert_eq!(
        (&alone["story_id"], &alone["translations"]),
        (&alone["id"], &json!([]))
    );
    assert_eq!(column(&alternates(), "slug"), slug, "not yet");
    act(&editor, &alone, "articles", "publish");
    assert_eq!(alternates(), json!([]));
}

#[test]
fn the_first_of_a_story_can_leave_it() {
    let app = App::start();
    let editor = app.editor();
    let [english, french, _] = story(&editor);
    let alone = patch(&editor, &english, "articles", &json!({ "translation_of": null }));
    assert_ne!(alone["story_id"], english["story_id"]);
    assert_eq!(alone["translations"], json!([]));
    let path = format!("/management/v1/articles/{}", french["id"].as_str().unwrap());
    let left = editor.get(&path).expect(200).data();
    assert_eq!(column(&left["translations"], "locale"), ["de"]);
    let again = patch(&editor, &alone, "articles", &json!({ "translation_of": null }));
    assert_eq!(again["revision"], alone["revision"], "alone already");
    let back = patch(
        &editor,
        &again,
        "articles",
        &json!({ "translation_of": french["id"] }),
    );
    assert_eq!(back["story_id"], english["story_id"]);
}

#[test]
fn a_story_is_told_once_in_a_language() {
    let app = App::start();
    let editor = app.editor();
    let [english, french, _] = story(&editor);
    let at = |answer: masthead_tests::Response| answer.expect_problem(422, "validation_failed").errors();
    let taken = |pointer: &str| vec![(pointer.to_owned(), "taken".to_owned())];
    let create = |of: &Value| {
        let body = json!({ "locale": "fr", "title": "Encore", "translation_of": of });
        editor.post("/management/v1/articles", &body)
    };
    assert_eq!(at(create(&english["id"])), taken("/translation_of"));
    let unknown = vec![("/translation_of".to_owned(), "unknown".to_owned())];
    assert_eq!(
        at(create(&json!("0193ffff-0000-7000-8000-000000000000"))),
        unknown
    );
    let path = format!("/management/v1/articles/{}", french["id"].as_str().unwrap());
    let seen = editor.clone().seen("*");
    assert_eq!(
        at(seen.patch(&path, &json!({ "locale": "de" }))),
        taken("/locale")
    );
    let own = seen.patch(&path, &json!({ "translation_of": french["id"] }));
    assert_eq!(at(own), unknown);
    // A replacement keeps the story; a deleted article leaves its language to another.
    let whole = seen.put(
        &path,
        &json!({ "locale": "fr", "title": "Whole", "slug": "marees" }),
    );
    assert_eq!(whole.expect(200).data()["story_id"], english["id"]);
    seen.delete(&path).expect(204);
    create(&english["id"]).expect(201);
}

#[test]
fn two_who_add_the_same_language_at_once_do_not_both() {
    let app = App::start();
    let editor = app.editor();
    let english = published(&editor, "Tides", json!({}));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6)
            .map(|number| {
                let (editor, of) = (editor.clone(), english["id"].clone());
                scope.spawn(move || {
                    let title = format!("M{number}");
                    let body = json!({ "locale": "fr", "title": title, "translation_of": of });
                    editor.post("/management/v1/articles", &body).status()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [201, 409, 422].contains(status)),
        "{statuses:?}"
    );
}

#[test]
fn a_reader_gets_the_first_language_there_is() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let [english, ..] = story(&editor);
    let id = english["id"].as_str().unwrap();
    for (query, expected) in [
        ("", "en"),
        ("?locale=fr", "fr"),
        ("?locale=fr&fallback=de", "fr"),
        ("?locale=es&fallback=de,en", "de"),
        ("?locale=es&fallback=en,none", "en"),
        ("?locale=es&fallback=it,de", "de"),
    ] {
        for address in [format!("/{id}"), "/by-slug/tides".to_owned()] {
            assert_eq!(
                locale(&reader, &format!("{address}{query}")),
                expected,
                "{address}{query}"
            );
        }
    }
    assert_eq!(locale(&reader, "/by-slug/gezeiten?locale=fr"), "fr");
    for query in [
        "?locale=es",
        "?locale=es&fallback=none",
        "?locale=es&fallback=none,en",
        "?locale=es&fallback=it",
        "?locale=%3F",
    ] {
        for address in [format!("/{id}"), "/by-slug/tides".to_owned()] {
            reader
                .get(&format!("/delivery/v1/articles{address}{query}"))
                .expect_problem(404, "not_found");
        }
    }
    for address in ["", "/by-slug/tides"] {
        reader
            .get(&format!("/delivery/v1/articles{address}?fallback=en"))
            .expect_problem(400, "invalid_parameter");
    }
    // Nobody's headers choose.
    let polite = reader.clone().with("Accept-Language", "fr");
    assert_eq!(locale(&polite, "/by-slug/tides"), "en");
}

#[test]
fn a_list_has_each_story_once_in_the_best_language() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    story(&editor);
    published(&editor, "Alone", json!({ "slug": "alone" }));
    published(&editor, "Seul", json!({ "slug": "seul", "locale": "fr" }));
    let list = |query: &str| {
        let rows = reader
            .get(&format!("/delivery/v1/articles?sort=title&count=exact&{query}"))
            .expect(200)
            .body();
        let slugs = column(&rows["data"], "slug");
        assert_eq!(rows["meta"]["total"], slugs.len());
        slugs
    };
    assert_eq!(list("locale=fr"), ["marees", "seul"]);
    assert_eq!(list("locale=fr&fallback=en"), ["alone", "marees", "seul"]);
    assert_eq!(list("locale=es&fallback=de,fr,en"), ["alone", "gezeiten", "seul"]);
    assert_eq!(
        list("locale=fr&fallback=fr,en,fr,en"),
        ["alone", "marees", "seul"],
        "twice is once"
    );
    assert_eq!(list("locale=es&fallback=none,en"), [""; 0]);
    assert_eq!(list("locale=%3F&fallback=en"), ["alone", "tides"]);
}

#[test]
fn a_language_that_was_missed_is_found_once_it_is_there() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let english = published(&editor, "Tides", json!({}));
    let path = "/delivery/v1/articles/by-slug/tides?locale=fr";
    let either = format!("{path}&fallback=en");
    reader.get(path).expect_problem(404, "not_found");
    assert_eq!(reader.get(&either).expect(200).data()["locale"], "en");
    let french = published(
        &editor,
        "Marées",
        json!({ "locale": "fr", "slug": "marees", "translation_of": english["id"] }),
    );
    for address in [path, &either] {
        assert_eq!(
            reader.get(address).expect(200).data()["locale"],
            "fr",
            "{address}"
        );
    }
    act(&editor, &french, "articles", "unpublish");
    reader.get(path).expect_problem(404, "not_found");
    assert_eq!(reader.get(&either).expect(200).data()["locale"], "en");
    let id = english["id"].as_str().unwrap();
    app.key(&[Permission::ContentRead, Permission::ContentPreview])
        .get(&format!(
            "/delivery/v1/articles/{id}?as_of=2024-01-01T00:00:00Z&locale=fr"
        ))
        .expect_problem(400, "invalid_parameter");
}

#[test]
fn languages_that_are_published_at_once_name_each_other() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let english = create_article(
        &editor,
        &json!({ "locale": "en", "title": "Tides", "slug": "tides" }),
    );
    let draft = |locale: &str| {
        let body =
            json!({ "locale": locale, "title": locale, "slug": locale, "translation_of": english["id"] });
        create_article(&editor, &body)
    };
    let mut story = vec![english.clone(), draft("de"), draft("fr"), draft("it")];
    std::thread::scope(|scope| {
        for article in &story {
            let (editor, reader) = (editor.clone(), reader.clone());
            scope.spawn(move || {
                act(&editor, article, "articles", "publish");
                // Each is asked for at once, so that what is kept of it may lack those that come later.
                for _ in 0..20 {
                    let id = article["id"].as_str().unwrap();
                    reader.get(&format!("/delivery/v1/articles/{id}")).expect(200);
                }
            });
        }
    });
    story.sort_by_key(|article| article["locale"].as_str().unwrap().to_owned());
    for _ in 0..3 {
        for article in &story {
            let id = article["id"].as_str().unwrap();
            let page = reader
                .get(&format!("/delivery/v1/articles/{id}"))
                .expect(200)
                .data();
            let others: Vec<_> = story
                .iter()
                .filter(|other| other["id"] != article["id"])
                .collect();
            let others: Vec<_> = others
                .iter()
                .map(|other| other["locale"].as_str().unwrap())
                .collect();
            assert_eq!(column(&page["alternates"], "locale"), others);
        }
        std::thread::sleep(std::time::Duration::from_millis(60));
    }
}
