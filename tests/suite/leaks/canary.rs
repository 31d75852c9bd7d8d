//! Canaries in every private place, and a crawl that must not meet one.

use std::collections::BTreeSet;

use masthead_tests::{App, Response};
use serde_json::{Value, json};

use super::crawl::{Values, crawl, everything, requests};
use super::world::{
    CANARY, Desk, ONCE_PUBLIC, PRIVATE_LOCALE, World, bygone, drafts, public, secret_article,
};

fn locales() -> Vec<String> {
    ["en", "de", PRIVATE_LOCALE, "fr"].map(str::to_owned).to_vec()
}

/// Canaries in what an answer says; the words of the request itself are no leak.
fn leaks(path: &str, answer: &Response, world: &World) -> Vec<String> {
    let mut said = everything(answer).to_lowercase();
    if path.starts_with("/delivery/v1/changes") {
        said = untold(answer, &said);
    }
    let path = path.to_lowercase();
    let (address, query) = path.split_once('?').unwrap_or((&path, ""));
    if answer.status() == 410 {
        // Readers saw it; it is named as it was asked for, and by the tag that clears it from caches.
        let tags = answer.header("cache-tag").unwrap_or_default();
        said = said.replace(tags, "");
        for name in address.split('/') {
            let name = name.trim_end_matches(".md");
            said = said.replace(&format!(" {name} is gone"), " … is gone");
        }
    }
    if answer.status() == 404 {
        // It says that there is no such thing, by the name that it was asked for.
        let filters = query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1));
        for name in address
            .split('/')
            .chain(filters)
            // Without an ending, such as `.md`.
            .filter_map(|part| part.split('.').next())
            .filter(|part| part.contains(CANARY) || world.private_ids.contains(*part))
        {
            said = said.replace(&format!(" {name}."), " ….");
        }
    } else {
        // A list names its own address, and so do the links to its neighbours.
        let is_private = |pair: &&str| {
            pair.contains(CANARY) || world.private_ids.iter().any(|id| pair.contains(id.as_str()))
        };
        for pair in query.split('&').filter(is_private) {
            said = said
                .replace(&format!("?{pair}"), "")
                .replace(&format!("&{pair}"), "");
        }
    }
    let mut found: Vec<_> = said
        .match_indices(CANARY)
        .map(|(at, _)| said[at..].chars().take(40).collect())
        .collect();
    found.extend(
        world
            .private_ids
            .iter()
            .filter(|id| said.contains(id.as_str()))
            .cloned(),
    );
    found
}

/// What the log says beside what it must: that things which readers saw once, and these alone, came and went.
fn untold(answer: &Response, said: &str) -> String {
    let mut said = said.to_owned();
    for entry in answer.body()["data"].as_array().into_iter().flatten() {
        let slug = entry["slug"].as_str().unwrap();
        if !ONCE_PUBLIC
            .iter()
            .any(|word| slug.starts_with(&format!("{CANARY}-{word}")))
        {
            continue;
        }
        // An entry holds no object of its own, so that the first brace closes it.
        let start = said
            .find(&format!("{{\"seq\":{},", entry["seq"]))
            .expect("the entry");
        let end = start + said[start..].find('}').expect("its end");
        said.replace_range(start..=end, "{}");
    }
    said
}

/// The ids and slugs of everything that readers ever saw, from the log.
fn told(app: &App) -> BTreeSet<String> {
    let log = app
        .anonymous()
        .get("/delivery/v1/changes?limit=500")
        .expect(200)
        .body();
    assert_eq!(log["meta"]["has_more"], false);
    let entries = log["data"].as_array().unwrap();
    let words = entries.iter().flat_map(|entry| [&entry["id"], &entry["slug"]]);
    words.map(|word| word.as_str().unwrap().to_owned()).collect()
}

struct Site {
    app: App,
    desk: Desk,
    world: World,
}

fn site() -> Site {
    let app = App::start();
    let desk = Desk(app.editor());
    let published = public(&desk);
    drafts(&desk, &published);
    bygone(&desk, &published);
    let world = World::survey(&desk, &published);
    Site { app, desk, world }
}

#[test]
fn no_answer_of_any_route_holds_a_private_word_or_id() {
    let Site { app, world, .. } = site();
    assert!(world.private_ids.len() > 30, "{}", world.private_ids.len());
    assert!(world.private_slugs.len() > 12, "{:?}", world.private_slugs);
    let values = Values {
        world: &world,
        locales: locales(),
    };
    let requests = requests(&app.anonymous(), &values);
    let told = told(&app);
    let mut found = Vec::new();
    let count = crawl(&app.anonymous(), requests, |path, answer| {
        if answer.status() == 410 {
            let public = path
                .split(['/', '?'])
                .any(|part| told.contains(part.trim_end_matches(".md")));
            assert!(public, "{path} is said to be gone, and was never there");
        }
        let leaked = leaks(path, answer, &world);
        if !leaked.is_empty() {
            found.push(format!("{path}: {leaked:?}"));
        }
    });
    assert!(count > 2_000, "only {count} requests");
    assert!(
        found.is_empty(),
        "{} leaks in {count} answers, first: {:#?}",
        found.len(),
        &found[..found.len().min(5)]
    );
}

#[test]
fn private_words_find_nothing_and_count_for_nothing() {
    let Site { app, desk, .. } = site();
    let reader = app.anonymous();
    let all = "count=exact&facets=tag,author,year,kind";
    // Every private word begins like this, those of private names too.
    for q in [
        format!("{CANARY}*"),
        format!("{CANARY}draftbody"),
        format!("tides {CANARY}*"),
    ] {
        let body = reader
            .get(&format!("/delivery/v1/search?q={}&{all}", q.replace(' ', "+")))
            .expect(200)
            .body();
        let nothing = json!({ "hits": [], "facets": { "tag": [], "author": [], "year": [], "kind": [] } });
        assert_eq!(
            (&body["data"], &body["meta"]["total"]),
            (&nothing, &json!(0)),
            "{q}"
        );
    }
    for q in [CANARY, "qanarydrafttitle", "qanraydrafttitle", "qanarytagname"] {
        let found = reader
            .get(&format!("/delivery/v1/suggest?q={q}&limit=20"))
            .expect(200);
        assert_eq!(found.data(), json!([]), "{q}");
    }
    // What is excluded is compared with what readers see alone.
    let counted = |q: &str| {
        let path = format!("/delivery/v1/search?q={q}&{all}");
        let body = reader.get(&path).expect(200).body();
        (body["data"].clone(), body["meta"].clone())
    };
    assert_eq!(counted("tides"), counted(&format!("tides+-{CANARY}*")));
    // The searches above would find it.
    desk.publish(
        "articles",
        &desk.create("articles", &secret_article("control", "sea", "by-sea", "en")),
    );
    assert_eq!(counted(&format!("{CANARY}*")).1["total"], 1);
}

#[test]
fn the_crawl_would_find_a_leak() {
    let Site { app, desk, world } = site();
    let reader = app.anonymous();
    let values = Values {
        world: &world,
        locales: locales(),
    };
    let mut found = String::new();
    desk.publish(
        "articles",
        &desk.create("articles", &secret_article("control", "sea", "by-sea", "en")),
    );
    let lists: Vec<_> = requests(&reader, &values)
        .into_iter()
        .filter(|path| path.starts_with("/delivery/v1/articles?include") && path.contains("limit=1"))
        .collect();
    crawl(&reader, lists, |path, answer| {
        found.push_str(&leaks(path, answer, &world).join(" "));
    });
    for field in [
        "title",
        "dek",
        "excerpt",
        "cover",
        "alt",
        "caption",
        "credit",
        "seotitle",
        "canonical",
        "key",
        "value",
        "heading",
        "body",
        "attribution",
        "image",
        "callout",
        "question",
        "answer",
    ] {
        assert!(
            found.contains(&format!("{CANARY}control{field}")),
            "the crawl misses {field}"
        );
    }
}

#[test]
fn private_things_are_answered_like_things_that_never_were() {
    let Site { app, world, .. } = site();
    let reader = app.anonymous();
    let problem = |path: &str| {
        let answer = reader.get(path).expect_problem(404, "not_found");
        let mut body = answer.body();
        body["request_id"] = Value::Null;
        let mut headers: Vec<_> = answer
            .headers()
            .iter()
            .filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        // A problem may repeat what was asked for, and nothing else.
        let asked = path
            .rsplit('/')
            .find(|part| !["sections", "faqs"].contains(part))
            .unwrap()
            .trim_end_matches(".md");
        (body.to_string().replace(asked, "…"), headers)
    };
    // What readers saw once may be said to be gone.
    let told = told(&app);
    let is_gone = |path: &str, name: &str| told.contains(name) && reader.get(path).status() == 410;
    let nobody = "0193ffff-0000-7000-8000-000000000000";
    for route in [
        "articles/{}",
        "articles/{}.md",
        "articles/{}/sections",
        "articles/{}/faqs",
        "faqs/{}",
    ] {
        let path = |id: &str| format!("/delivery/v1/{}", route.replace("{}", id));
        let expected = problem(&path(nobody));
        for id in &world.private_ids {
            if !is_gone(&path(id), id) {
                assert_eq!(problem(&path(id)), expected, "{}", path(id));
            }
        }
    }
    for route in [
        "articles/by-slug/{}",
        "articles/by-slug/{}.md",
        "tags/{}",
        "authors/{}",
    ] {
        let path = |slug: &str| format!("/delivery/v1/{}", route.replace("{}", slug));
        let expected = problem(&path("never-was"));
        for slug in &world.private_slugs {
            if !is_gone(&path(slug), slug) {
                assert_eq!(problem(&path(slug)), expected, "{}", path(slug));
            }
        }
    }
}

#[test]
fn totals_and_counts_are_those_of_what_is_published() {
    let Site { app, world, .. } = site();
    let reader = app.anonymous();
    let total = |query: &str| {
        let body = reader
            .get(&format!("/delivery/v1/{query}count=exact"))
            .expect(200)
            .body();
        assert_eq!(
            body["data"].as_array().unwrap().len() as u64,
            body["meta"]["total"].as_u64().unwrap(),
            "{query}"
        );
        body["meta"]["total"].as_u64().unwrap()
    };
    assert_eq!(
        ["articles?", "faqs?", "tags?", "authors?"].map(total),
        [3, 4, 2, 2]
    );
    assert_eq!(
        [
            "articles?locale=en&",
            "articles?locale=de&",
            "articles?locale=tlh&"
        ]
        .map(total),
        [2, 1, 0]
    );
    assert_eq!(
        [
            "articles?tag=sea&",
            "articles?tag=moon&",
            "articles?author=by-sea&",
            "articles?author=by-moon&"
        ]
        .map(total),
        [2, 1, 2, 1]
    );
    for slug in &world.private_slugs {
        for list in ["articles?tag", "articles?author", "faqs?tag"] {
            assert_eq!(total(&format!("{list}={slug}&")), 0, "{list} {slug}");
        }
    }
    assert_eq!(total(&format!("tags?kind={CANARY}kind&")), 0);
    for (list, counts) in [("tags", [1, 2]), ("authors", [1, 2])] {
        let rows = reader.get(&format!("/delivery/v1/{list}")).expect(200).data();
        let shown: Vec<_> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["articles_count"].as_u64().unwrap())
            .collect();
        assert_eq!(shown, counts, "{list}");
    }
}

#[test]
fn a_published_article_stays_as_it_was_published_however_much_of_it_is_changed() {
    let app = App::start();
    let desk = Desk(app.editor());
    let published = public(&desk);
    let reader = app.anonymous();
    let paths: Vec<_> = published
        .iter()
        .flat_map(|article| {
            let id = article["id"].as_str().unwrap();
            ["", "/sections", "/faqs"]
                .map(|rest| format!("/delivery/v1/articles/{id}{rest}?format=html,markdown,text"))
        })
        .collect();
    let state = || -> Vec<_> {
        paths
            .iter()
            .map(|path| reader.get(path).expect(200).bytes().to_vec())
            .collect()
    };
    let before = state();
    drafts(&desk, &published);
    assert_eq!(state(), before);
    let fresh = desk.fresh("articles", &published[0]);
    assert_eq!(
        (&fresh["has_unpublished_changes"], &fresh["status"]),
        (&json!(true), &json!("published"))
    );
}
