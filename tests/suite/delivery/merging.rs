//! What readers see of two tags that become one.

use std::collections::BTreeSet;

use masthead_domain::clock::Clock as _;
use masthead_tests::{App, Caller, create_article};
use serde_json::{Value, json};

use super::changes::{all_since, head, listed, replayed, told};
use super::site::{act, column, patch, published, published_faq, tag};

/// Merges a tag, as last seen, into another; answers what was said.
#[track_caller]
pub(super) fn merge(editor: &Caller, gone: &Value, stays: &Value) -> Value {
    let path = format!("/management/v1/tags/{}/merge", gone["id"].as_str().unwrap());
    let seen = editor.clone().seen(gone["etag"].as_str().unwrap());
    seen.post(&path, &json!({ "into": stays["id"] }))
        .expect(200)
        .body()
}

fn slugs(things: &Value) -> Vec<String> {
    column(things, "slug")
}

#[track_caller]
fn data(reader: &Caller, path: &str) -> Value {
    reader.get(&format!("/delivery/v1/{path}")).expect(200).data()
}

#[track_caller]
fn leads(reader: &Caller, from: &str, to: &str) {
    let answer = reader.get(&format!("/delivery/v1/{from}")).expect(308);
    let expected = format!("/delivery/v1/{to}");
    assert_eq!(answer.header("location"), Some(expected.as_str()), "{from}");
    reader.get(&expected).expect(200);
}

#[test]
fn readers_see_the_tag_that_stays_where_they_saw_the_other() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let [sea, ocean] = ["sea", "ocean"].map(|slug| tag(&editor, slug, slug));
    tag(&editor, "moon", "Moon");
    published(&editor, "One", json!({ "tags": ["sea", "moon"] }));
    published(&editor, "Two", json!({ "tags": ["moon", "ocean", "sea"] }));
    published(&editor, "Three", json!({ "tags": ["ocean"] }));
    let faq = json!({ "locale": "en", "question": "Why?", "answer": "So.", "tags": ["sea"] });
    let faq = published_faq(&editor, &faq);
    let faq = format!("faqs/{}", faq["id"].as_str().unwrap());
    let pages = [
        "articles/by-slug/one",
        "articles/by-slug/two",
        "articles",
        "articles?tag=ocean",
        "articles?tag=sea",
        "feeds/rss.xml?tag=ocean",
        "faqs",
        "tags",
        "tags/ocean",
        faq.as_str(),
    ];
    let ask = |path: &str| reader.get(&format!("/delivery/v1/{path}")).expect(200);
    // Twice, so that both the store and this node have kept what they keep.
    let before = pages.map(|page| (ask(page), ask(page)).1.etag());
    let was = app.clock().now().to_rfc3339().replace("+00:00", "Z");
    app.clock().advance(5);

    let merged = merge(&editor, &sea, &ocean);
    assert_eq!(merged["data"]["slug"], "ocean");
    assert_eq!(merged["meta"], json!({ "moved_articles": 2, "moved_faqs": 1 }));

    for (page, before) in pages.iter().zip(&before) {
        assert_ne!(&ask(page).etag(), before, "{page}");
    }
    assert_eq!(
        slugs(&data(&reader, "articles/by-slug/one")["tags"]),
        ["ocean", "moon"]
    );
    assert_eq!(
        slugs(&data(&reader, "articles/by-slug/two")["tags"]),
        ["moon", "ocean"]
    );
    assert_eq!(slugs(&data(&reader, &faq)["tags"]), ["ocean"]);
    let rows = data(&reader, "articles");
    assert_eq!(slugs(&rows[2]["tags"]), ["ocean", "moon"]);
    assert_eq!(
        column(&data(&reader, "articles?tag=ocean"), "title"),
        ["Three", "Two", "One"]
    );
    // As with a slug that a renamed tag left: lists are filtered by present slugs.
    assert_eq!(data(&reader, "articles?tag=sea"), json!([]));
    assert_eq!(
        data(&reader, "articles?tag=moon&not_tag=sea")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(slugs(&data(&reader, "tags")), ["moon", "ocean"]);
    assert_eq!(data(&reader, "tags/ocean")["articles_count"], 3);
    assert_eq!(data(&reader, "suggest?q=sea"), json!([]));
    assert_eq!(column(&data(&reader, "suggest?q=ocea"), "text"), ["ocean"]);
    let found = reader
        .get("/delivery/v1/search?q=begins&tag=ocean&facets=tag")
        .expect(200)
        .body();
    let facets = found["data"]["facets"]["tag"].as_array().unwrap();
    let counted: Vec<_> = facets
        .iter()
        .map(|one| (one["value"].clone(), one["count"].clone()))
        .collect();
    assert_eq!(counted, [(json!("ocean"), json!(3)), (json!("moon"), json!(2))]);
    leads(&reader, "tags/sea", "tags/ocean");
    leads(&reader, "feeds/rss.xml?tag=sea", "feeds/rss.xml?tag=ocean");
    let one = rows[2]["id"].as_str().unwrap();
    let past = data(&editor, &format!("articles/{one}?as_of={was}"));
    assert_eq!(slugs(&past["tags"]), ["sea", "moon"], "the past is as it was");
}

#[test]
fn every_slug_that_led_to_the_merged_tag_leads_on_in_one_step() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let [sea, ocean, world] = ["sea", "ocean", "world"].map(|slug| tag(&editor, slug, slug));
    published(&editor, "One", json!({ "tags": ["sea"] }));
    published(&editor, "Two", json!({ "tags": ["ocean", "world"] }));
    let hand = json!({ "type": "tag", "slug": "waves", "target_id": sea["id"] });
    editor.post("/management/v1/redirects", &hand).expect(201);
    let sea = patch(&editor, &sea, "tags", &json!({ "slug": "seas" }));
    merge(&editor, &sea, &ocean);
    for old in ["sea", "seas", "waves"] {
        leads(&reader, &format!("tags/{old}"), "tags/ocean");
    }
    let ocean = patch(&editor, &ocean, "tags", &json!({ "slug": "oceans" }));
    merge(&editor, &ocean, &world);
    for old in ["sea", "seas", "waves", "ocean", "oceans"] {
        leads(&reader, &format!("tags/{old}"), "tags/world");
    }
    // The slug is free, and a redirect sleeps while something has it.
    let sea = tag(&editor, "sea", "Another sea");
    published(&editor, "Three", json!({ "tags": ["sea"] }));
    assert_eq!(data(&reader, "tags/sea")["id"], sea["id"]);
    merge(&editor, &sea, &world);
    leads(&reader, "tags/sea", "tags/world");
}

#[test]
fn the_log_tells_of_a_merge_in_an_order_that_can_be_followed() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let [sea, ocean] = ["sea", "ocean"].map(|slug| tag(&editor, slug, slug));
    let faq = json!({ "locale": "en", "question": "Why?", "answer": "So.", "tags": ["sea"] });
    published_faq(&editor, &faq);
    published(&editor, "One", json!({ "tags": ["sea"] }));
    published(&editor, "Two", json!({}));
    let at = head(&reader);
    let there = reader.get("/delivery/v1/tags/sea").expect(200);
    merge(&editor, &sea, &ocean);
    assert_eq!(
        told(&reader, at),
        [
            "upsert tag ocean published -",
            "upsert faq why updated -",
            "upsert article one updated -",
            "delete tag sea merged ocean",
        ]
    );
    let entries = all_since(&reader, at, 500);
    let both = [&sea, &ocean].map(|tag| json!(format!("tag:{}", tag["id"].as_str().unwrap())));
    for entry in &entries[1..] {
        let tags = entry["cache_tags"].as_array().unwrap();
        assert!(both.iter().all(|tag| tags.contains(tag)), "{entry}");
        assert!(tags.contains(&json!("tags")), "{entry}");
        let distinct: BTreeSet<_> = tags.iter().map(Value::to_string).collect();
        assert_eq!(distinct.len(), tags.len(), "{entry}");
    }
    assert_eq!(entries[3]["id"], sea["id"]);
    let named = entries[3]["cache_tags"].as_array().unwrap();
    // Lists by the slug showed nothing of the tag itself.
    assert!(
        ["articles", "faqs"]
            .iter()
            .all(|list| named.contains(&json!(list)))
    );
    let shown = there.header("cache-tag").unwrap();
    assert!(shown.split(',').all(|tag| named.contains(&json!(tag))), "{shown}");
    assert_eq!(replayed(&all_since(&reader, 0, 3)), listed(&reader));
}

#[test]
fn a_tag_that_only_drafts_carry_does_not_become_public() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let make = |slug: &str| tag(&editor, slug, slug);
    let (sea, idle, secret, hidden) = (make("sea"), make("idle"), make("secret"), make("hidden"));
    published(&editor, "Shown", json!({ "tags": ["sea"] }));
    let draft = |title: &str, slug: &str| {
        create_article(
            &editor,
            &json!({ "locale": "en", "title": title, "tags": [slug] }),
        )
    };
    draft("Draft", "secret");
    draft("Other draft", "idle");
    let at = head(&reader);
    let lists = ["tags", "articles", "tags/sea"].map(|path| {
        let path = format!("/delivery/v1/{path}");
        (reader.get(&path).expect(200).etag(), path)
    });
    // Nobody knew any of them; nothing that readers see changes, and nothing leads from one to another.
    merge(&editor, &secret, &hidden);
    merge(&editor, &idle, &sea);
    for slug in ["secret", "hidden", "idle"] {
        reader
            .get(&format!("/delivery/v1/tags/{slug}"))
            .expect_problem(404, "not_found");
    }
    assert_eq!(head(&reader), at);
    for (etag, path) in &lists {
        assert_eq!(&reader.get(path).expect(200).etag(), etag, "{path}");
    }
    // The other way round, what was public stays public under its new name, and the drafts stay drafts.
    merge(&editor, &sea, &hidden);
    leads(&reader, "tags/sea", "tags/hidden");
    assert_eq!(data(&reader, "tags/hidden")["articles_count"], 1);
    assert_eq!(column(&data(&reader, "articles?tag=hidden"), "title"), ["Shown"]);
    reader
        .get("/delivery/v1/tags/idle")
        .expect_problem(404, "not_found");
    assert_eq!(replayed(&all_since(&reader, 0, 500)), listed(&reader));
}

#[test]
fn a_tag_that_readers_saw_once_leads_on_by_the_slug_they_knew() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let [sea, ocean] = ["sea", "ocean"].map(|slug| tag(&editor, slug, slug));
    published(&editor, "Shown", json!({ "tags": ["ocean"] }));
    let tides = published(&editor, "Tides", json!({ "tags": ["sea"] }));
    let tides = act(&editor, &tides, "articles", "unpublish");
    let sea = patch(&editor, &sea, "tags", &json!({ "slug": "unseen" }));
    let at = head(&reader);
    merge(&editor, &sea, &ocean);
    assert_eq!(told(&reader, at), ["delete tag sea merged ocean"]);
    leads(&reader, "tags/sea", "tags/ocean");
    reader
        .get("/delivery/v1/tags/unseen")
        .expect_problem(404, "not_found");
    let path = format!("/management/v1/articles/{}", tides["id"].as_str().unwrap());
    let tides = editor.get(&path).expect(200).data();
    act(&editor, &tides, "articles", "publish");
    assert_eq!(slugs(&data(&reader, "articles/by-slug/tides")["tags"]), ["ocean"]);
    assert_eq!(replayed(&all_since(&reader, 0, 500)), listed(&reader));
}

#[test]
fn whoever_walks_through_a_list_meanwhile_meets_every_row_once() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let [sea, ocean] = ["sea", "ocean"].map(|slug| tag(&editor, slug, slug));
    for number in 0..12 {
        let carried = if number % 3 == 0 { "sea" } else { "ocean" };
        published(&editor, &format!("T{number}"), json!({ "tags": [carried] }));
        app.clock().advance(1);
    }
    let page = |path: &str| {
        let body = reader.get(path).expect(200).body();
        let next = body["links"]["next"].as_str().map(str::to_owned);
        (column(&body["data"], "title"), next)
    };
    let walks = ["articles?limit=2", "articles?tag=ocean&limit=2"];
    let begun = walks.map(|walk| page(&format!("/delivery/v1/{walk}")));
    merge(&editor, &sea, &ocean);
    let [all, of_tag] = begun.map(|(mut met, mut next)| {
        while let Some(path) = next {
            let (more, after) = page(&path);
            (met, next) = ([met, more].concat(), after);
        }
        met
    });
    let numbers = |numbers: &mut dyn Iterator<Item = u32>| -> Vec<_> {
        numbers.map(|number| format!("T{number}")).collect()
    };
    assert_eq!(all, numbers(&mut (0..12).rev()));
    // Those that carry the tag since then stand where they stood; none that carried it before is left out.
    let distinct: BTreeSet<_> = of_tag.iter().collect();
    assert_eq!(distinct.len(), of_tag.len(), "{of_tag:?}");
    let carried = numbers(&mut (0..12).filter(|number| number % 3 != 0));
    assert!(carried.iter().all(|title| of_tag.contains(title)), "{of_tag:?}");
    let (now, _) = page("/delivery/v1/articles?tag=ocean&limit=100");
    assert_eq!(now, numbers(&mut (0..12).rev()));
}
