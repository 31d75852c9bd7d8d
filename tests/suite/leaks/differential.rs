//! Two databases that differ in what is private answer readers alike.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use masthead_tests::{App, Caller, Response};

use super::crawl::{Values, requests};
use super::world::{Desk, PRIVATE_LOCALE, World, drafts, public};

/// Requests that are sent to both; the private words are known to whoever asks.
fn questions(reader: &Caller, world: &World) -> Vec<String> {
    let values = Values {
        world,
        locales: ["en", "de", PRIVATE_LOCALE].map(str::to_owned).to_vec(),
    };
    requests(reader, &values)
}

/// A service whose answers do not name the port it happens to have.
fn start() -> App {
    App::builder()
        .with(|settings| settings.site_url = Some("https://tides.example".to_owned()))
        .start()
}

/// An answer without what is different each time.
fn lasting(answer: &Response, dropped: &[&str]) -> String {
    let mut lines: Vec<_> = answer
        .headers()
        .iter()
        .filter(|(name, _)| {
            !["x-request-id", "date"].contains(&name.as_str()) && !dropped.contains(&name.as_str())
        })
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    let id = answer.header("x-request-id").unwrap();
    format!(
        "{}\n{}\n\n{}",
        answer.status(),
        lines.join("\n"),
        answer.text().replace(id, "…")
    )
}

#[test]
fn drafts_change_no_byte_of_any_answer() {
    let (with, without) = (start(), start());
    let desks = [&with, &without].map(|app| Desk(app.editor()));
    let mut published = desks.iter().map(public);
    let (of_with, of_without) = (published.next().unwrap(), published.next().unwrap());
    // The same ids, or nothing below would compare.
    assert_eq!(of_with[2]["faqs"], of_without[2]["faqs"]);
    drafts(&desks[0], &of_with);
    // In either order of time: the private content is both older and younger than the next publication.
    let world = World::survey(&desks[0], &of_with);
    for app in [&with, &without] {
        app.clock().advance(60);
    }
    let (a, b) = (with.anonymous(), without.anonymous());
    let mut compared = 0;
    let mut open = questions(&a, &world);
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let (first, second) = (a.get(&path), b.get(&path));
        assert_eq!(lasting(&first, &[]), lasting(&second, &[]), "{path}");
        compared += 1;
        if first.status() == 200 {
            let is_json = first.header("content-type") == Some("application/json");
            let body = if is_json {
                first.body()
            } else {
                serde_json::Value::Null
            };
            open.extend(
                ["next", "prev"]
                    .into_iter()
                    .filter_map(|name| body["links"][name].as_str().map(str::to_owned)),
            );
            // What one of them was answered, the other takes for its own.
            if compared % 50 == 0 {
                b.clone()
                    .with("If-None-Match", &first.etag())
                    .get(&path)
                    .expect(304);
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}

/// Ids by the order in which they first appear, and no cursors.
#[derive(Default)]
struct Renamed(BTreeMap<String, usize>);

impl Renamed {
    fn text(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let head: String = rest.chars().take(36).collect();
            if uuid::Uuid::parse_str(&head).is_ok() && head.len() == 36 {
                let next = self.0.len();
                let number = *self.0.entry(head).or_insert(next);
                write!(out, "<{number}>").expect("a text takes it");
                rest = &rest[36..];
            } else {
                let one = rest.chars().next().unwrap();
                out.push(one);
                rest = &rest[one.len_utf8()..];
            }
        }
        for name in ["after=", "before="] {
            while let Some(at) = out.find(name) {
                let tail = &out[at + name.len()..];
                let end = tail
                    .find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c))
                    .unwrap_or(tail.len());
                out.replace_range(at..at + name.len() + end, "<cursor>");
            }
        }
        out
    }
}

/// The walk of a reader who knows nothing: every list and every thing it names, in order.
fn transcript(app: &App) -> Vec<String> {
    let reader = app.anonymous();
    let mut renamed = Renamed::default();
    let mut said = Vec::new();
    let mut open: Vec<String> = [
        "articles?limit=1&count=exact&include=sections,faqs",
        "articles?sort=title&limit=2",
        "articles?sort=-first_published_at,title",
        "articles?tag=sea&count=exact",
        "articles?author=by-moon&locale=de",
        "faqs?count=exact&limit=2",
        "tags?count=exact",
        "authors?count=exact",
        "tags/sea",
        "authors/by-moon",
        "articles/by-slug/tides",
        "articles/by-slug/gezeiten?format=html,markdown,text",
    ]
    .iter()
    .rev()
    .map(|path| format!("/delivery/v1/{path}"))
    .collect();
    while let Some(path) = open.pop() {
        let answer = reader.get(&path);
        if let Some(next) = answer.body()["links"]["next"].as_str() {
            open.push(next.to_owned());
        }
        said.push(renamed.text(&format!(
            "{path}\n{}",
            lasting(&answer, &["etag", "content-length"])
        )));
    }
    said
}

#[test]
fn drafts_before_between_and_after_change_nothing_but_the_numbers_of_ids() {
    let (with, without) = (start(), start());
    let desks = [&with, &without].map(|app| Desk(app.editor()));
    for number in 0..3 {
        let body = super::world::secret_article(&format!("before{number}"), "sea", "by-sea", "en");
        let mut body = body;
        (body["tags"], body["authors"]) = (serde_json::json!([]), serde_json::json!([]));
        desks[0].create("articles", &body);
        desks[0].create(
            "tags",
            &serde_json::json!({ "name": format!("Qanary before {number}") }),
        );
    }
    let first = public(&desks[0]);
    public(&desks[1]);
    drafts(&desks[0], &first);
    for app in [&with, &without] {
        app.clock().advance(300);
    }
    for desk in &desks {
        let body = serde_json::json!({ "locale": "en", "title": "Later", "tags": ["sea"], "faqs": [{ "question": "Later?", "answer": "Yes." }] });
        desk.publish("articles", &desk.create("articles", &body));
    }
    for app in [&with, &without] {
        app.clock().advance(300);
    }
    let (first, second) = (transcript(&with), transcript(&without));
    assert_eq!(first.len(), second.len());
    assert!(first.len() > 15, "{}", first.len());
    for (with, without) in first.iter().zip(&second) {
        assert_eq!(with, without);
    }
}
