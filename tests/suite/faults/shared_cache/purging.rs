//! Throwing away what changed, by the tags that the change log names.

use std::collections::{BTreeMap, BTreeSet};

use masthead_tests::{App, Nginx};
use serde_json::{Value, json};

use super::{TIDES, cached, get, unchanged};
use crate::delivery::site::{act, patch, published, tag};

#[test]
fn whoever_purges_by_the_tags_of_the_log_throws_away_what_changed_and_nothing_else() {
    let app = App::start();
    let editor = app.editor();
    let [sea, _] = ["sea", "moon"].map(|slug| tag(&editor, slug, slug));
    let tides = published(&editor, "Tides", json!({ "tags": ["sea"] }));
    published(&editor, "Phases", json!({ "tags": ["moon"] }));
    let nginx = Nginx::in_front_of(app.address(), unchanged);
    let touched = [
        TIDES,
        "/delivery/v1/articles?tag=sea",
        "/delivery/v1/feeds/rss.xml",
        "/delivery/v1/sitemaps/1.xml",
    ];
    let of_the_tag = ["/delivery/v1/tags/sea", "/delivery/v1/tags"];
    let others = [
        "/delivery/v1/articles/by-slug/phases",
        "/delivery/v1/tags/moon",
        "/delivery/v1/faqs",
    ];
    let all = [&touched[..], &of_the_tag, &others].concat();
    let before: BTreeMap<_, _> = all
        .iter()
        .map(|path| (*path, (get(&nginx, path, &[]), get(&nginx, path, &[])).1.body))
        .collect();
    let mut since = head(&app);
    app.clock().advance(60);
    let fresh = patch(&editor, &tides, "articles", &json!({ "title": "Otherwise" }));
    act(&editor, &fresh, "articles", "publish");
    purge(&app, &nginx, &mut since);
    for path in touched {
        let answer = get(&nginx, path, &[]);
        assert_eq!(cached(&answer), "MISS", "{path}");
        assert_ne!(answer.body, before[path], "{path}");
    }
    for path in others {
        assert_eq!(cached(&get(&nginx, path, &[])), "HIT", "{path}");
    }
    let moved = patch(&editor, &sea, "tags", &json!({ "name": "The sea" }));
    purge(&app, &nginx, &mut since);
    for path in [TIDES].iter().chain(&of_the_tag) {
        let answer = get(&nginx, path, &[]);
        assert_eq!(cached(&answer), "MISS", "{path}");
        assert!(answer.text().contains(moved["name"].as_str().unwrap()), "{path}");
    }
    for path in others {
        assert_eq!(cached(&get(&nginx, path, &[])), "HIT", "{path}");
    }
}

fn changes(app: &App, since: i64) -> Value {
    let path = format!("/delivery/v1/changes?since={since}&limit=500");
    app.anonymous().get(&path).expect(200).body()
}

fn head(app: &App) -> i64 {
    changes(app, 0)["meta"]["head"].as_i64().unwrap()
}

/// What a follower of the log does: removes every kept answer with a tag that an entry names.
fn purge(app: &App, nginx: &Nginx, since: &mut i64) {
    let body = changes(app, *since);
    *since = body["meta"]["cursor"].as_i64().unwrap();
    let entries = body["data"].as_array().unwrap().iter();
    let named: BTreeSet<_> = entries
        .flat_map(|entry| entry["cache_tags"].as_array().unwrap())
        .map(|tag| tag.as_str().unwrap().to_owned())
        .collect();
    assert!(!named.is_empty());
    for file in nginx.kept() {
        let kept = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&kept);
        let tags = text.lines().find_map(|line| {
            let (name, tags) = line.split_once(':')?;
            name.eq_ignore_ascii_case("cache-tag")
                .then(|| tags.trim().to_owned())
        });
        let tags = tags.expect("what is kept has its tags");
        if tags.split(',').any(|tag| named.contains(tag)) {
            std::fs::remove_file(&file).unwrap();
        }
    }
}
