//! Links: how they are made, listed and revoked, and how many there are.

use std::sync::Barrier;
use std::thread;

use masthead_domain::clock::Clock as _;
use masthead_domain::rights::Role;
use masthead_tests::{App, Caller, Response, article, create_article};
use serde_json::{Value, json};

use super::{LINKS, link, links_of, page, with_token};
use crate::management::support::{article_path, each, eventually, plain_article, seeing, text, total};

#[test]
fn a_link_opens_one_working_copy_to_who_has_no_account() {
    let app = App::builder()
        .with(|settings| settings.api_url = Some("https://api.example.org".to_owned()))
        .start();
    let editor = app.editor();
    let draft = create_article(&editor, &article("Not yet"));
    let made = editor.act(&links_of(&draft)).expect(201);
    let link = made.data();
    let location = format!("{LINKS}/{}", text(&link["id"]));
    assert_eq!(made.header("location"), Some(location.as_str()));
    let token = text(&link["token"]);
    assert!(token.starts_with("mhp_") && token.len() == 47, "{token}");
    let path = format!("{}?token={token}", page(&draft));
    assert_eq!(link["url"], format!("https://api.example.org{path}"));
    assert_eq!(link["created_at"], "2026-03-01T12:00:00Z");
    assert_eq!(link["expires_at"], "2026-03-08T12:00:00Z");
    let shown = app.anonymous().get(&path).expect(200);
    for (name, value) in [
        ("cache-control", Some("private, no-store")),
        ("x-robots-tag", Some("noindex")),
        ("referrer-policy", Some("no-referrer")),
        ("content-language", Some("en")),
        ("etag", None),
        ("last-modified", None),
        ("cache-tag", None),
    ] {
        assert_eq!(shown.header(name), value, "{name}");
    }
    assert_eq!(shown.data()["title"], "Not yet");
    assert_eq!(shown.body()["links"]["self"], page(&draft));
    let bearer = Caller::new(app.address(), Some(token));
    assert_eq!(bearer.get(&page(&draft)).expect(200).data(), shown.data());
    let by_slug = with_token(&app, "/preview/v1/articles/by-slug/not-yet", &link["token"]);
    assert_eq!(by_slug.expect(200).data(), shown.data());
    // It shows what the working copy is by then.
    seeing(&editor, &draft)
        .patch(&article_path(&draft), &json!({ "title": "Almost" }))
        .expect(200);
    assert_eq!(app.anonymous().get(&path).expect(200).data()["title"], "Almost");
    app.anonymous()
        .get("/delivery/v1/articles/by-slug/not-yet")
        .expect_problem(404, "not_found");
}

#[test]
fn the_address_is_made_of_the_settings_whatever_the_request_says_of_its_host() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Draft");
    let made = editor
        .clone()
        .with("X-Forwarded-Host", "evil.example")
        .with("Forwarded", "host=evil.example")
        .act(&links_of(&draft))
        .expect(201);
    let url = text(&made.data()["url"]);
    assert!(url.starts_with(&app.url("/preview/v1/articles/")), "{url}");
}

#[test]
fn a_link_lasts_between_a_minute_and_ninety_days() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Draft");
    for wrong in [
        json!(59),
        json!(7_776_001),
        json!(-1),
        json!(60.5),
        json!("60"),
        Value::Null,
    ] {
        let refused = editor.post(&links_of(&draft), &json!({ "expires_in": wrong }));
        assert_eq!(refused.status(), 422, "{wrong}: {}", refused.text());
        assert_eq!(refused.errors()[0].0, "/expires_in", "{wrong}");
    }
    editor
        .post(&links_of(&draft), &json!({ "expires": 60 }))
        .expect_problem(422, "unknown_field");
    link(&editor, &draft, 60);
    assert_eq!(
        link(&editor, &draft, 7_776_000)["expires_at"],
        "2026-05-30T12:00:00Z"
    );
    editor
        .act("/management/v1/articles/0193ffff-0000-7000-8000-000000000000/preview-links")
        .expect_problem(404, "not_found");
}

#[test]
fn links_are_listed_without_their_tokens_as_long_as_they_work() {
    let app = App::start();
    let (editor, author) = (app.editor(), app.author());
    let draft = plain_article(&author, "Draft");
    let mut made = Vec::new();
    for seconds in [60, 120, 180, 240] {
        app.clock().advance(1);
        made.insert(0, link(&editor, &draft, seconds));
    }
    let path = links_of(&draft);
    let list = editor.get(&format!("{path}?count=exact&limit=3")).expect(200);
    for link in &made {
        assert!(!list.text().contains(&text(&link["token"])));
    }
    let list = list.body();
    assert_eq!(list["meta"]["total"], 4);
    assert_eq!(each(&list["data"], "id"), each(&json!(made[..3]), "id"));
    assert_eq!(
        (&list["data"][0]["url"], &list["data"][0]["token"]),
        (&Value::Null, &Value::Null)
    );
    let next = list["links"]["next"].as_str().unwrap();
    let rest = editor.get(next).expect(200).data();
    assert_eq!(each(&rest, "id"), [text(&made[3]["id"])]);
    let one = format!("{LINKS}/{}", text(&made[3]["id"]));
    let shown = editor.get(&one).expect(200).data();
    assert_eq!(shown, rest[0]);
    assert_eq!(shown["article_id"], draft["id"]);
    app.clock().advance(60);
    assert_eq!(total(&editor, &path), 3);
    editor.get(&one).expect_problem(404, "not_found");
    editor.delete(&one).expect_problem(404, "not_found");
}

#[test]
fn a_link_is_revoked_by_its_maker_or_by_who_may_write_the_article() {
    let app = App::start();
    let (editor, author, viewer) = (app.editor(), app.author(), app.viewer());
    let draft = plain_article(&author, "Draft");
    let at = |link: &Value| format!("{LINKS}/{}", text(&link["id"]));
    let by_editor = at(&link(&editor, &draft, 60));
    viewer.delete(&by_editor).expect_problem(403, "forbidden");
    author.delete(&by_editor).expect(204);
    author.delete(&by_editor).expect_problem(404, "not_found");
    let by_viewer = link(&viewer, &draft, 60);
    viewer.delete(&at(&by_viewer)).expect(204);
    with_token(&app, &page(&draft), &by_viewer["token"]).expect_problem(404, "not_found");
    let other = plain_article(&editor, "Other");
    let not_theirs = at(&link(&editor, &other, 60));
    author.delete(&not_theirs).expect_problem(403, "forbidden");
}

#[test]
fn a_link_opens_nothing_once_its_maker_may_not_preview() {
    let app = App::start();
    let admin = app.admin();
    let draft = plain_article(&admin, "Draft");
    let viewer = app.user(Role::Viewer, "leaving@example.org");
    let token = link(&viewer, &draft, 3_600)["token"].clone();
    let key = json!({ "name": "Preview", "scopes": ["content:preview"] });
    let key = admin.post("/management/v1/api-keys", &key).expect(201).data();
    let by_key = Caller::new(app.address(), Some(text(&key["secret"])));
    let by_key = link(&by_key, &draft, 3_600)["token"].clone();
    with_token(&app, &page(&draft), &token).expect(200);
    with_token(&app, &page(&draft), &by_key).expect(200);
    let me = viewer.get("/management/v1/auth/me").expect(200).data();
    let account = format!("/management/v1/users/{}", text(&me["id"]));
    let any = admin.clone().seen("*");
    any.act(&format!("{account}/suspend")).expect(200);
    any.act(&format!("/management/v1/api-keys/{}/revoke", text(&key["id"])))
        .expect(200);
    with_token(&app, &page(&draft), &token).expect_problem(404, "not_found");
    with_token(&app, &page(&draft), &by_key).expect_problem(404, "not_found");
    any.act(&format!("{account}/reactivate")).expect(200);
    with_token(&app, &page(&draft), &token).expect(200);
    any.patch(&account, &json!({ "role": "reader" })).expect(200);
    with_token(&app, &page(&draft), &token).expect_problem(404, "not_found");
}

#[test]
fn an_article_has_fifty_links_that_work_however_many_are_made_at_once() {
    let app = App::start();
    let other = app.second_node().start();
    let ada = app.editor();
    let bob = Caller::new(other.address(), ada.token().map(str::to_owned));
    let draft = plain_article(&ada, "Draft");
    for _ in 0..49 {
        link(&ada, &draft, 60);
    }
    let path = links_of(&draft);
    let barrier = Barrier::new(2);
    let make = |caller: &Caller| {
        barrier.wait();
        caller.act(&path)
    };
    let mut both = thread::scope(|scope| {
        let first = scope.spawn(|| make(&ada));
        let second = make(&bob);
        [first.join().unwrap(), second]
    });
    both.sort_by_key(Response::status);
    let [one, refused] = both;
    one.expect(201);
    refused.expect_problem(409, "limit_reached");
    assert_eq!(total(&ada, &path), 50);
    // What stopped working makes room.
    app.clock().advance(604_800);
    link(&app.editor(), &draft, 60);
}

#[test]
fn links_that_stopped_working_are_dropped() {
    let app = App::start();
    let editor = app.editor();
    let draft = plain_article(&editor, "Draft");
    link(&editor, &draft, 60);
    link(&editor, &draft, 3_600);
    app.clock().advance(60);
    let now = app.clock().now();
    let _node = app.second_node().start();
    eventually("the first is dropped", || {
        let left = app
            .storage()
            .read_blocking(|repository| {
                let page = masthead_domain::page::PageRequest {
                    sort: vec![masthead_domain::page::SortKey {
                        field: masthead_domain::preview::PreviewLinkSort::CreatedAt,
                        direction: masthead_domain::page::Direction::Ascending,
                    }],
                    limit: 10,
                    cursor: None,
                    count: true,
                };
                let id = masthead_domain::id::ArticleId::parse(&text(&draft["id"])).unwrap();
                let long_ago = now - std::time::Duration::from_hours(24);
                Ok(repository.preview_links(id, long_ago, &page)?.total)
            })
            .unwrap();
        left == Some(1)
    });
}
