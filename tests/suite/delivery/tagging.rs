//! The tags of an answer under the names in which other content networks look for them.

use std::time::Duration;

use masthead_api::tagging::{TagHeader, TagHeaders};
use masthead_domain::rights::Permission;
use masthead_tests::{App, AppBuilder, Response};
use serde_json::json;

use super::kept::counted;
use super::site::{act, patch, published, tag};

const PATH: &str = "/delivery/v1/articles/by-slug/tides";
const LIST: &str = "/delivery/v1/articles";

fn everywhere() -> AppBuilder {
    App::builder().with(|settings| {
        settings.cache_tag_headers = TagHeaders::with(TagHeader::ALL.iter().copied());
    })
}

/// Every header with tags; stops where one does not name the same tags as `Cache-Tag` does.
#[track_caller]
fn tags(answer: &Response) -> Vec<String> {
    let named = |header: TagHeader| -> Vec<String> {
        let name = header.as_str();
        let text = answer.header(name).unwrap_or_else(|| panic!("{name} is missing"));
        let items = match header {
            TagHeader::SurrogateKey => text.split(' '),
            _ => text.split(','),
        };
        items
            .map(|item| match header {
                TagHeader::CacheGroups => {
                    let quoted = item
                        .trim()
                        .strip_prefix('"')
                        .and_then(|item| item.strip_suffix('"'));
                    quoted.expect("a string of a structured field").to_owned()
                }
                _ => item.to_owned(),
            })
            .collect()
    };
    let tags = named(TagHeader::CacheTag);
    assert!(!tags.is_empty());
    for header in TagHeader::ALL {
        assert_eq!(named(*header), tags, "{}", header.as_str());
    }
    tags
}

#[test]
fn every_network_finds_the_tags_wherever_an_answer_comes_from() {
    let app = everywhere().start();
    let (editor, reader) = (app.editor(), app.anonymous());
    tag(&editor, "sea", "Sea");
    let article = published(&editor, "Tides", json!({ "tags": ["sea"] }));
    let own = format!("article:{}", article["id"].as_str().unwrap());
    for path in [PATH, LIST] {
        let made = reader.get(path).expect(200);
        assert!(tags(&made).contains(&own), "{path}");
        let before = counted(&app, "masthead_requests_total", &["source=\"memory\""]);
        let kept = reader.get(path).expect(200);
        assert_eq!(tags(&kept), tags(&made));
        let unchanged = reader.clone().with("If-None-Match", &made.etag()).get(path);
        assert_eq!(tags(&unchanged.expect(304)), tags(&made));
        let from_memory = counted(&app, "masthead_requests_total", &["source=\"memory\""]);
        assert_eq!(from_memory, before + 2, "{path}");
    }
    let renamed = patch(
        &editor,
        &article,
        "articles",
        &json!({ "slug": "tides-and-moons" }),
    );
    let renamed = act(&editor, &renamed, "articles", "publish");
    assert!(tags(&reader.get(PATH).expect(308)).contains(&own));
    act(&editor, &renamed, "articles", "unpublish");
    let gone = reader.get("/delivery/v1/articles/by-slug/tides-and-moons");
    assert!(tags(&gone.expect(410)).contains(&own));
}

#[test]
fn every_network_finds_the_tags_of_what_the_store_keeps_finished() {
    let app = everywhere()
        .with(|settings| settings.answer_cache_bytes = 0)
        .start();
    published(&app.editor(), "Tides", json!({}));
    let reader = app.anonymous();
    let made = reader.get(PATH).expect(200);
    let from_store = || counted(&app, "masthead_requests_total", &["source=\"store\""]);
    let begun = masthead_api::system::stopwatch();
    loop {
        let before = from_store();
        let answer = reader.get(PATH).expect(200);
        assert_eq!(tags(&answer), tags(&made));
        if from_store() > before {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "never finished");
        std::thread::sleep(Duration::from_millis(20));
    }
    let unchanged = reader.with("If-None-Match", &made.etag()).get(PATH);
    assert_eq!(tags(&unchanged.expect(304)), tags(&made));
}

#[test]
fn only_the_headers_that_were_asked_for_are_sent() {
    let app = App::start();
    published(&app.editor(), "Tides", json!({}));
    let answer = app.anonymous().get(PATH).expect(200);
    let sent = |answer: &Response| -> Vec<&str> {
        let all = TagHeader::ALL.iter().map(|header| header.as_str());
        all.filter(|name| answer.header(name).is_some()).collect()
    };
    assert_eq!(sent(&answer), ["cache-tag"]);
    let app = App::builder()
        .with(|settings| settings.cache_tag_headers = TagHeaders::with([TagHeader::SurrogateKey]))
        .start();
    published(&app.editor(), "Tides", json!({}));
    let answer = app.anonymous().get(PATH).expect(200);
    assert_eq!(sent(&answer), ["cache-tag", "surrogate-key"]);
    // What a credential opens is kept by nobody, and is the same otherwise.
    let private = app.key(&[Permission::ContentRead]).get(PATH).expect(200);
    assert_eq!(private.header("cache-control"), Some("private, no-store"));
}
