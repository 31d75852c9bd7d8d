//! The change log: what it says of each act, how it is read on, and that reading it whole gives what is published.

use std::collections::BTreeMap;

use masthead_domain::change::{ChangeOp, ChangeReason, ChangeType, NewChange};
use masthead_domain::clock::Clock as _;
use masthead_tests::{App, Caller, create_article, publish};
use serde_json::{Value, json};
use uuid::Uuid;

use super::site::{act, author, patch, published, published_faq, tag};

const CHANGES: &str = "/delivery/v1/changes";

/// All entries after one, read in small parts by following the links.
#[track_caller]
pub(super) fn all_since(reader: &Caller, since: i64, limit: u32) -> Vec<Value> {
    let mut entries = Vec::new();
    let mut path = Some(format!("{CHANGES}?since={since}&limit={limit}"));
    while let Some(at) = path {
        let body = reader.get(&at).expect(200).body();
        let data = body["data"].as_array().unwrap().clone();
        assert!(data.len() <= usize::try_from(limit).unwrap());
        assert_eq!(
            body["meta"]["has_more"],
            json!(!body["links"]["next"].is_null()),
            "{body:#}"
        );
        if let Some(last) = data.last() {
            assert_eq!(body["meta"]["cursor"], last["seq"]);
        }
        entries.extend(data);
        path = body["links"]["next"].as_str().map(str::to_owned);
    }
    let seqs: Vec<_> = entries
        .iter()
        .map(|entry| entry["seq"].as_i64().unwrap())
        .collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
    entries
}

pub(super) fn head(reader: &Caller) -> i64 {
    reader.get(CHANGES).expect(200).body()["meta"]["head"]
        .as_i64()
        .unwrap()
}

/// What is in the entries since then, in words.
#[track_caller]
pub(super) fn told(reader: &Caller, since: i64) -> Vec<String> {
    let word = |entry: &Value, key: &str| entry[key].as_str().unwrap_or("-").to_owned();
    all_since(reader, since, 500)
        .iter()
        .map(|entry| {
            ["op", "type", "slug", "reason", "redirect_to"]
                .map(|key| word(entry, key))
                .join(" ")
        })
        .collect()
}

/// What somebody has who applied all entries from the first on: the slug and locale of each thing.
pub(super) fn replayed(entries: &[Value]) -> BTreeMap<(String, String), (String, Value)> {
    let mut things = BTreeMap::new();
    for entry in entries {
        let word = |key: &str| entry[key].as_str().unwrap().to_owned();
        let key = (word("type"), word("id"));
        if entry["op"] == "upsert" {
            things.insert(key, (word("slug"), entry["locale"].clone()));
        } else {
            things.remove(&key);
        }
    }
    things
}

/// What is published, from the lists.
pub(super) fn listed(reader: &Caller) -> BTreeMap<(String, String), (String, Value)> {
    let mut things = BTreeMap::new();
    for kind in ["article", "faq", "tag", "author"] {
        let mut path = Some(format!("/delivery/v1/{kind}s?limit=100"));
        while let Some(at) = path {
            let body = reader.get(&at).expect(200).body();
            for row in body["data"].as_array().unwrap() {
                let word = |key: &str| row[key].as_str().unwrap().to_owned();
                things.insert(
                    (kind.to_owned(), word("id")),
                    (word("slug"), row["locale"].clone()),
                );
            }
            path = body["links"]["next"].as_str().map(str::to_owned);
        }
    }
    things
}

#[test]
fn every_act_says_what_came_changed_and_went() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    tag(&editor, "sea", "Sea");
    let moon = tag(&editor, "moon", "Moon");
    author(&editor, "ada", "Ada");
    assert_eq!(told(&reader, 0), [""; 0], "drafts are nobody's business");
    let links = json!({ "tags": ["sea"], "authors": [{ "slug": "ada" }],
                        "faqs": [{ "question": "Why?", "answer": "So." }] });
    let tides = published(&editor, "Tides", links);
    assert_eq!(
        told(&reader, 0),
        [
            "upsert faq why published -",
            "upsert tag sea published -",
            "upsert author ada published -",
            "upsert article tides published -",
        ]
    );
    let mut at = head(&reader);
    let tides = patch(
        &editor,
        &tides,
        "articles",
        &json!({ "tags": ["moon"], "authors": [] }),
    );
    assert_eq!(told(&reader, at), [""; 0]);
    let tides = act(&editor, &tides, "articles", "publish");
    assert_eq!(
        told(&reader, at),
        [
            "upsert tag moon published -",
            "upsert article tides published -",
            "delete tag sea unpublished -",
            "delete author ada unpublished -",
        ]
    );
    at = head(&reader);
    patch(&editor, &moon, "tags", &json!({ "name": "Luna" }));
    assert_eq!(told(&reader, at), ["upsert tag moon updated -"]);
    at = head(&reader);
    let tides = act(&editor, &tides, "articles", "unpublish");
    assert_eq!(
        told(&reader, at),
        [
            "delete article tides unpublished -",
            "delete tag moon unpublished -"
        ]
    );
    at = head(&reader);
    let tides = act(&editor, &tides, "articles", "publish");
    let path = format!("/management/v1/articles/{}", tides["id"].as_str().unwrap());
    let seen = editor.clone().seen(tides["etag"].as_str().unwrap());
    seen.delete(&path).expect(204);
    assert_eq!(
        told(&reader, at)[2..],
        ["delete article tides deleted -", "delete tag moon unpublished -"]
    );
}

#[test]
fn a_renamed_thing_leaves_its_old_slug_and_appears_under_the_new_one() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let sea = tag(&editor, "sea", "Sea");
    let ada = author(&editor, "ada", "Ada");
    let tides = published(
        &editor,
        "Tides",
        json!({ "tags": ["sea"], "authors": [{ "slug": "ada" }] }),
    );
    let why = published_faq(
        &editor,
        &json!({ "locale": "en", "question": "Why?", "answer": "So." }),
    );
    let at = head(&reader);
    patch(&editor, &sea, "tags", &json!({ "slug": "ocean" }));
    patch(&editor, &ada, "authors", &json!({ "slug": "ada-lovelace" }));
    let tides = patch(&editor, &tides, "articles", &json!({ "slug": "why-tides-turn" }));
    act(&editor, &tides, "articles", "publish");
    let why = patch(&editor, &why, "faqs", &json!({ "slug": "why-ever" }));
    act(&editor, &why, "faqs", "publish");
    assert_eq!(
        told(&reader, at),
        [
            "delete tag sea renamed ocean",
            "upsert tag ocean updated -",
            "delete author ada renamed ada-lovelace",
            "upsert author ada-lovelace updated -",
            "delete article tides renamed why-tides-turn",
            "upsert article why-tides-turn published -",
            "delete faq why renamed why-ever",
            "upsert faq why-ever published -",
        ]
    );
    let entries = all_since(&reader, at, 500);
    for pair in entries.chunks(2) {
        assert_eq!(
            (&pair[0]["id"], &pair[0]["cache_tags"]),
            (&pair[1]["id"], &pair[1]["cache_tags"])
        );
    }
    let tags = entries[4]["cache_tags"].as_array().unwrap();
    for tag in ["articles", "tags", "authors"] {
        assert!(tags.contains(&json!(tag)), "{tags:?}");
    }
    assert_eq!(entries[4]["locale"], "en");
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

#[test]
fn reading_the_whole_log_gives_what_is_published_after_any_acts() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let mut chance = Chance(0x5EED);
    let names = ["a", "b", "c", "d"];
    for name in names {
        tag(&editor, name, name);
        author(&editor, name, name);
    }
    for number in 0..4 {
        let body = json!({ "locale": "en", "question": format!("Q{number}?"), "answer": "A." });
        editor.post("/management/v1/faqs", &body).expect(201);
        create_article(&editor, &json!({ "locale": "en", "title": format!("T{number}") }));
    }
    let mut checked = 0;
    for round in 0..160 {
        let kind = ["articles", "articles", "articles", "faqs", "tags", "authors"][chance.below(6)];
        let rows = editor
            .get(&format!("/management/v1/{kind}?limit=100&sort=created_at"))
            .expect(200)
            .data();
        let rows = rows.as_array().unwrap();
        if rows.is_empty() {
            continue;
        }
        let path = format!(
            "/management/v1/{kind}/{}",
            rows[chance.below(rows.len())]["id"].as_str().unwrap()
        );
        let seen = editor.clone().seen("*");
        let some: Vec<_> = names.iter().filter(|_| chance.below(3) == 0).collect();
        let tags: Vec<_> = editor
            .get("/management/v1/tags?limit=100")
            .expect(200)
            .data()
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag["slug"].clone())
            .filter(|_| !some.is_empty())
            .take(some.len())
            .collect();
        let authors: Vec<_> = editor
            .get("/management/v1/authors?limit=100")
            .expect(200)
            .data()
            .as_array()
            .unwrap()
            .iter()
            .map(|author| json!({ "slug": author["slug"] }))
            .take(some.len())
            .collect();
        let slug = json!({ "slug": format!("s-{round}") });
        match (kind, chance.below(6)) {
            ("articles", 0) => drop(seen.patch(&path, &json!({ "tags": tags, "authors": authors }))),
            ("faqs", 0 | 1) => drop(seen.patch(&path, &json!({ "tags": tags }))),
            ("articles", 1) | ("tags" | "authors", 0 | 1) | ("faqs", 2) => drop(seen.patch(&path, &slug)),
            ("articles" | "faqs", 4) => drop(seen.act(&format!("{path}/unpublish"))),
            ("articles" | "faqs", 5) if chance.below(4) == 0 => drop(seen.delete(&path)),
            ("articles" | "faqs", _) => drop(seen.act(&format!("{path}/publish"))),
            ("tags" | "authors", 2) => drop(seen.delete(&path)),
            ("tags", 3) => {
                let into = rows[chance.below(rows.len())]["id"].clone();
                drop(seen.post(&format!("{path}/merge"), &json!({ "into": into })));
                tag(&editor, &format!("new-{round}"), "New");
            }
            _ => drop(seen.patch(&path, &json!({ "name": format!("N {round}") }))),
        }
        if round % 8 == 0 {
            assert_eq!(
                replayed(&all_since(&reader, 0, 7)),
                listed(&reader),
                "after act {round}"
            );
            checked += listed(&reader).len();
        }
    }
    assert_eq!(replayed(&all_since(&reader, 0, 500)), listed(&reader));
    assert!(checked > 50, "too little was ever published: {checked}");
}

#[test]
fn a_cursor_that_cannot_be_is_refused() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let empty = reader.get(CHANGES).expect(200).body();
    assert_eq!(empty["data"], json!([]));
    assert_eq!(
        (&empty["meta"]["head"], &empty["meta"]["cursor"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(empty["links"]["next"], json!(null));
    published(&editor, "Tides", json!({}));
    let head = head(&reader);
    reader.get(&format!("{CHANGES}?since={head}")).expect(200);
    let ahead = reader.get(&format!("{CHANGES}?since={}", head + 1));
    let ahead = ahead.expect_problem(400, "invalid_parameter");
    assert_eq!(ahead.errors(), [("since".to_owned(), "out_of_range".to_owned())]);
    for query in [
        "since=-1",
        "since=x",
        "since=1.0",
        "since=",
        "limit=0",
        "limit=501",
        "begun_above=-1",
    ] {
        reader
            .get(&format!("{CHANGES}?{query}"))
            .expect_problem(400, "invalid_parameter");
    }
    reader
        .get(&format!("{CHANGES}?after=1"))
        .expect_problem(400, "unknown_parameter");
}

#[test]
fn the_log_is_never_answered_from_an_old_copy() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    published(&editor, "One", json!({}));
    let first = reader.get(CHANGES).expect(200);
    assert_eq!(first.header("cache-control"), Some("public, no-cache"));
    let again = reader.clone().with("If-None-Match", &first.etag());
    again.get(CHANGES).expect(304);
    published(&editor, "Two", json!({}));
    let second = again.get(CHANGES).expect(200).data();
    assert_eq!(second.as_array().unwrap().len(), 2);
}

/// Drops what is older than this many seconds.
fn prune(app: &App, seconds: u64) -> u64 {
    let before = app.clock().now() - std::time::Duration::from_secs(seconds);
    app.storage()
        .write_blocking(move |repository| repository.prune_changes(before, 1000))
        .unwrap()
}

#[test]
fn what_is_dropped_from_the_log_is_missed_by_nobody_who_is_not_told() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let one = published(&editor, "One", json!({}));
    let at_one = head(&reader);
    let one = patch(&editor, &one, "articles", &json!({ "slug": "uno" }));
    act(&editor, &one, "articles", "publish");
    let two = published(&editor, "Two", json!({}));
    act(&editor, &two, "articles", "unpublish");
    let before_three = head(&reader);
    let whole = listed(&reader);
    app.clock().advance(3600);
    let editor = app.editor();
    published(&editor, "Three", json!({}));
    let everything = all_since(&reader, 0, 500);
    assert_eq!(everything.len(), 6);
    // The first edition, the old slug, the article that came and went: four of the five entries that are old enough.
    assert_eq!(prune(&app, 60), 4);
    assert_eq!(prune(&app, 60), 0);
    let left = all_since(&reader, 0, 1);
    assert_eq!(replayed(&left), listed(&reader));
    assert_eq!(left.len(), 2);
    assert!(whole.len() == 1 && listed(&reader).len() == 2);
    let gone = reader.get(&format!("{CHANGES}?since={at_one}"));
    let gone = gone.expect_problem(410, "cursor_too_old");
    let detail = gone.body()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("since=0") && detail.contains("meta.head"),
        "{detail}"
    );
    assert_eq!(told(&reader, before_three), ["upsert article three published -"]);
    // Whoever began at 0 afterwards is not taken for somebody who missed something.
    let begun = reader
        .get(&format!("{CHANGES}?since=0&limit=1"))
        .expect(200)
        .body();
    let next = begun["links"]["next"].as_str().unwrap().to_owned();
    reader.get(&next).expect(200);
    let floor = begun["meta"]["pruned_through"].as_i64().unwrap();
    assert_eq!(floor, before_three);
}

#[test]
fn the_newest_entry_stays_whatever_it_tells() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let one = published(&editor, "One", json!({}));
    act(&editor, &one, "articles", "unpublish");
    let head_before = head(&reader);
    app.clock().advance(3600);
    prune(&app, 60);
    assert_eq!(head(&reader), head_before);
    assert_eq!(listed(&reader), replayed(&all_since(&reader, 0, 500)));
    let editor = app.editor();
    let next = create_article(&editor, &json!({ "locale": "en", "title": "Next" }));
    publish(&editor, &next);
    assert_eq!(told(&reader, head_before), ["upsert article next published -"]);
}

#[test]
fn many_slow_writers_at_once_are_all_seen_once_and_in_order() {
    const WRITERS: u64 = 8;
    const ROUNDS: u64 = 12;
    let app = App::builder()
        .with(|settings| settings.max_connections = 16)
        .start();
    let reader = app.anonymous();
    let now = app.clock().now();
    let entry = |number: u64| NewChange {
        op: ChangeOp::Upsert,
        resource: ChangeType::Article,
        id: Uuid::from_u128(number.into()),
        slug: format!("n-{number}"),
        locale: Some("en".to_owned()),
        reason: ChangeReason::Published,
        redirect_to: None,
        cache_tags: Vec::new(),
        at: now,
    };
    let seen = std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let app = &app;
            scope.spawn(move || {
                let mut chance = Chance(writer + 1);
                for round in 0..ROUNDS {
                    let pauses = [chance.below(12), chance.below(12), chance.below(12)];
                    let pause = move |at: usize| {
                        std::thread::sleep(std::time::Duration::from_millis(
                            u64::try_from(pauses[at]).unwrap(),
                        ));
                    };
                    let number = writer * 1000 + round * 2;
                    let both = [entry(number), entry(number + 1)];
                    app.storage()
                        .write_blocking(move |repository| {
                            pause(0);
                            repository.append_changes(&both[..1])?;
                            pause(1);
                            repository.append_changes(&both[1..])?;
                            pause(2);
                            Ok(())
                        })
                        .unwrap();
                }
            });
        }
        let (mut seen, mut since) = (Vec::new(), 0);
        while seen.len() < usize::try_from(WRITERS * ROUNDS * 2).unwrap() {
            let body = reader
                .get(&format!("{CHANGES}?since={since}&limit=5"))
                .expect(200)
                .body();
            since = body["meta"]["cursor"].as_i64().unwrap();
            seen.extend(body["data"].as_array().unwrap().clone());
        }
        seen
    });
    let seqs: Vec<_> = seen.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
    let expected: Vec<i64> = (1..=i64::try_from(WRITERS * ROUNDS * 2).unwrap()).collect();
    assert_eq!(seqs, expected, "each once, in order, without a gap");
    let mut slugs: Vec<_> = seen
        .iter()
        .map(|entry| entry["slug"].clone().to_string())
        .collect();
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), expected.len());
    for pair in seen.chunks(2) {
        let number = |entry: &Value| entry["slug"].as_str().unwrap()[2..].parse::<u64>().unwrap();
        assert_eq!(
            number(&pair[0]) + 1,
            number(&pair[1]),
            "what was written together stands together"
        );
    }
}
