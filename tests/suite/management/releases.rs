//! Releases: gathered by editors, published in one instant or not at all.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use masthead_tests::{App, Caller, Response, article, create_article, publish, published_article};
use serde_json::{Value, json};

use super::support::{article_path, expect_errors, faq, faq_path, fresh, plain_article, seeing, text};

/// Where releases are.
pub const RELEASES: &str = "/management/v1/releases";

pub fn release_path(release: &Value) -> String {
    format!("{RELEASES}/{}", text(&release["id"]))
}

fn of(kind: &str, thing: &Value) -> Value {
    json!({ "type": kind, "id": thing["id"] })
}

fn out(kind: &str, thing: &Value) -> Value {
    json!({ "type": kind, "id": thing["id"], "action": "unpublish" })
}

#[track_caller]
pub fn gather(caller: &Caller, items: &[Value]) -> Value {
    let body = json!({ "name": "Spring issue", "items": items });
    caller.post(RELEASES, &body).expect(201).data()
}

fn bring_out(caller: &Caller, release: &Value) -> Response {
    seeing(caller, release).act(&format!("{}/publish", release_path(release)))
}

fn look(caller: &Caller, release: &Value) -> Response {
    caller.act(&format!("{}/publish?dry_run=true", release_path(release)))
}

fn status_of(app: &App, article: &Value) -> u16 {
    let path = format!("/delivery/v1/articles/{}", text(&article["id"]));
    app.anonymous().get(&path).status()
}

#[test]
fn a_release_is_made_read_changed_listed_and_deleted() {
    let app = App::start();
    let editor = app.editor();
    let (one, faq) = (plain_article(&editor, "One"), faq(&editor, "Why?"));
    let made = gather(&editor, &[of("article", &one), out("faq", &faq)]);
    assert_eq!(made["status"], "open");
    assert_eq!(made["item_count"], 2);
    assert_eq!(
        made["items"],
        json!([
            { "type": "article", "id": one["id"], "action": "publish", "revision": null,
              "title": "One", "current_revision": 1 },
            { "type": "faq", "id": faq["id"], "action": "unpublish", "revision": null,
              "title": "Why?", "current_revision": 1 },
        ])
    );
    let path = release_path(&made);
    assert_eq!(fresh(&editor, &path), made);
    let new = json!({ "name": "Summer issue", "description": "Later.", "items": [of("article", &one)] });
    editor
        .patch(&path, &new)
        .expect_problem(428, "precondition_required");
    let changed = seeing(&editor, &made).patch(&path, &new).expect(200).data();
    assert_eq!(changed["revision"], 2);
    assert_eq!(
        (&changed["name"], &changed["item_count"]),
        (&json!("Summer issue"), &json!(1))
    );
    seeing(&editor, &made)
        .patch(&path, &new)
        .expect_problem(412, "stale_revision");
    let same = seeing(&editor, &changed).patch(&path, &new).expect(200).data();
    assert_eq!(same["revision"], 2);
    let cleared = seeing(&editor, &changed)
        .patch(&path, &json!({ "description": null }))
        .expect(200)
        .data();
    assert_eq!(cleared["description"], Value::Null);
    let other = gather(&editor, &[]);
    let listed = editor
        .get(&format!("{RELEASES}?sort=name&count=exact&status=open"))
        .expect(200)
        .body();
    let names: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["name"]))
        .collect();
    assert_eq!(names, ["Spring issue", "Summer issue"]);
    assert_eq!(listed["meta"]["total"], 2);
    seeing(&editor, &cleared).delete(&path).expect(204);
    editor.get(&path).expect_problem(404, "not_found");
    assert_eq!(
        fresh(&editor, &article_path(&one)),
        one,
        "what it held stays as it was"
    );
    let path = release_path(&other);
    let answer = bring_out(&editor, &other).expect_problem(422, "validation_failed");
    expect_errors(&answer, &[("/items", "empty")]);
    seeing(&editor, &other).delete(&path).expect(204);
}

#[test]
fn what_a_release_cannot_hold_is_said_at_once() {
    let app = App::start();
    let editor = app.editor();
    let one = plain_article(&editor, "One");
    let nobody = "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f4711";
    let items = json!([
        of("article", &one),
        of("article", &one),
        { "type": "article", "id": nobody },
        { "type": "faq", "id": one["id"] },
    ]);
    let answer = editor.post(RELEASES, &json!({ "name": "  ", "items": items }));
    assert_eq!(answer.status(), 422, "{}", answer.text());
    expect_errors(
        &answer,
        &[
            ("/name", "blank"),
            ("/items/1/id", "duplicate"),
            ("/items/2/id", "unknown_article"),
            ("/items/3/id", "unknown_faq"),
        ],
    );
    let many = vec![of("article", &one); 101];
    let answer = editor.post(RELEASES, &json!({ "name": "Many", "items": many }));
    expect_errors(&answer, &[("/items", "too_many")]);
    for (body, place, code) in [
        (json!({ "items": [] }), "/name", "required"),
        (
            json!({ "name": "X", "status": "published" }),
            "/status",
            "unknown_field",
        ),
        (
            json!({ "name": "X", "items": [{ "type": "tag", "id": nobody }] }),
            "/items/0/type",
            "unknown_value",
        ),
    ] {
        let answer = editor.post(RELEASES, &body);
        assert_eq!(answer.status(), 422, "{}", answer.text());
        expect_errors(&answer, &[(place, code)]);
    }
}

#[test]
fn all_of_a_release_is_seen_in_the_same_instant_and_in_one_stretch_of_the_log() {
    let app = App::start();
    let editor = app.editor();
    let old = published_article(&editor, &article("Old"));
    let changed = published_article(&editor, &article("Changed"));
    let now = fresh(&editor, &article_path(&changed));
    let changed = seeing(&editor, &now)
        .patch(&article_path(&now), &json!({ "title": "Changed, again" }))
        .expect(200)
        .data();
    let new = create_article(&editor, &article("New"));
    let answer = faq(&editor, "Alone?");
    app.clock().advance(60);
    let head = |caller: &Caller| {
        let log = caller.get("/delivery/v1/changes?limit=500").expect(200).body();
        log["data"].as_array().unwrap().clone()
    };
    let before = head(&app.anonymous()).len();
    let release = gather(
        &editor,
        &[
            of("article", &new),
            of("article", &changed),
            out("article", &old),
            of("faq", &answer),
        ],
    );
    let done = bring_out(&editor, &release).expect(200);
    let data = done.data();
    assert_eq!(
        (&data["status"], &data["revision"]),
        (&json!("published"), &json!(2))
    );
    assert_eq!(data["published_at"], data["updated_at"]);
    assert_eq!(data.get("ok"), None);
    assert_eq!([status_of(&app, &new), status_of(&app, &old)], [200, 410]);
    let page = app
        .anonymous()
        .get(&format!("/delivery/v1/articles/{}", text(&changed["id"])))
        .expect(200)
        .data();
    assert_eq!(page["title"], "Changed, again");
    assert_eq!(fresh(&editor, &faq_path(&answer))["status"], "published");
    let log = head(&app.anonymous());
    let told = &log[before..];
    assert!(told.len() >= 4, "{told:?}");
    assert!(told.iter().all(|entry| entry["at"] == told[0]["at"]), "{told:?}");
    // What was published stays as it is.
    seeing(&editor, &data)
        .patch(&release_path(&data), &json!({ "name": "Another" }))
        .expect_problem(409, "not_open");
    bring_out(&editor, &data).expect_problem(409, "not_open");
    seeing(&editor, &data)
        .delete(&release_path(&data))
        .expect_problem(409, "not_open");
    let listed = editor.get(&format!("{RELEASES}?status=open")).expect(200).data();
    assert_eq!(listed, json!([]));
}

#[test]
fn readers_see_all_of_a_release_or_nothing_of_it() {
    let app = App::start();
    let editor = app.editor();
    for round in 0..4 {
        let things: Vec<_> = (0..6)
            .map(|number| {
                let body = json!({
                    "locale": "en", "title": format!("Round {round} number {number}"), "tags": []
                });
                create_article(&editor, &body)
            })
            .collect();
        let items: Vec<_> = things.iter().map(|thing| of("article", thing)).collect();
        let release = gather(&editor, &items);
        let ids: Vec<_> = things.iter().map(|thing| text(&thing["id"])).collect();
        let list = format!("/delivery/v1/articles?id={}&count=exact", ids.join(","));
        let over = AtomicBool::new(false);
        let start = Barrier::new(3);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let reader = app.anonymous();
                    start.wait();
                    loop {
                        let is_last = over.load(Ordering::SeqCst);
                        let seen = reader.get(&list).expect(200).body()["meta"]["total"].clone();
                        assert!(seen == 0 || seen == 6, "readers see {seen} of 6");
                        if is_last {
                            assert_eq!(seen, 6);
                            break;
                        }
                    }
                });
            }
            start.wait();
            bring_out(&editor, &release).expect(200);
            over.store(true, Ordering::SeqCst);
        });
    }
}

#[test]
fn one_thing_in_the_way_keeps_all_of_it_back_and_everything_is_told() {
    let app = App::start();
    let editor = app.editor();
    let good = create_article(&editor, &article("Good"));
    let pinned = create_article(&editor, &article("Pinned"));
    let gone = create_article(&editor, &article("Gone"));
    let draft = create_article(&editor, &article("Draft"));
    let empty = editor
        .post(
            "/management/v1/faqs",
            &json!({ "locale": "en", "question": "Empty?", "answer": "Yet." }),
        )
        .expect(201)
        .data();
    let mut pin = of("article", &pinned);
    pin["revision"] = json!(1);
    let release = gather(
        &editor,
        &[
            of("article", &good),
            pin,
            of("article", &gone),
            out("article", &draft),
            out("faq", &empty),
        ],
    );
    seeing(&editor, &pinned)
        .patch(&article_path(&pinned), &json!({ "title": "Pinned, and changed" }))
        .expect(200);
    seeing(&editor, &gone).delete(&article_path(&gone)).expect(204);
    let expected = [
        ("/items/1/revision", "stale_revision"),
        ("/items/2", "gone"),
        ("/items/3/action", "illegal_transition"),
        ("/items/4/action", "illegal_transition"),
    ];
    for answer in [bring_out(&editor, &release), look(&editor, &release)] {
        assert_eq!(answer.status(), 422, "{}", answer.text());
        expect_errors(&answer, &expected);
    }
    assert_eq!(status_of(&app, &good), 404);
    let now = fresh(&editor, &release_path(&release));
    assert_eq!(now["items"][2]["title"], Value::Null);
    assert_eq!(now["items"][1]["current_revision"], 2);
    // What the checks find keeps it back as well, each told with its place.
    let levels = json!({ "checks": { "missing_dek": "error" } });
    let admin = app.admin();
    let settings = fresh(&admin, "/management/v1/settings/preflight");
    seeing(&admin, &settings)
        .put("/management/v1/settings/preflight", &levels)
        .expect(200);
    let bare = plain_article(&editor, "Bare");
    let release = gather(&editor, &[of("article", &good), of("article", &bare)]);
    let answer = bring_out(&editor, &release).expect_problem(422, "preflight_failed");
    assert_eq!(
        answer.errors(),
        [("/items/1/dek".to_owned(), "missing_dek".to_owned())]
    );
    let looked = look(&editor, &release).expect(200).data();
    assert_eq!(
        (&looked["ok"], &looked["status"]),
        (&json!(false), &json!("open"))
    );
    assert!(
        looked["checks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["pointer"] == "/items/1/dek")
    );
    assert_eq!([status_of(&app, &good), status_of(&app, &bare)], [404, 404]);
    let fixed = seeing(&editor, &bare)
        .patch(&article_path(&bare), &json!({ "dek": "Not any more." }))
        .expect(200);
    assert_eq!(fixed.status(), 200);
    assert_eq!(look(&editor, &release).expect(200).data()["ok"], true);
    bring_out(&editor, &release).expect(200);
    assert_eq!([status_of(&app, &good), status_of(&app, &bare)], [200, 200]);
}

#[test]
fn articles_of_one_release_may_link_to_one_another() {
    let app = App::start();
    let (editor, admin) = (app.editor(), app.admin());
    let settings = fresh(&admin, "/management/v1/settings/preflight");
    seeing(&admin, &settings)
        .put(
            "/management/v1/settings/preflight",
            &json!({ "checks": { "unpublished_link": "error" } }),
        )
        .expect(200);
    let linking = |title: &str, to: &str| {
        let body = json!({
            "locale": "en", "title": title,
            "sections": [{ "kind": "text", "heading": "See", "body": format!("See [there](/{to}).") }],
        });
        create_article(&editor, &body)
    };
    let [one, two] = [linking("One", "two"), linking("Two", "one")];
    seeing(&editor, &one)
        .act(&format!("{}/publish", article_path(&one)))
        .expect_problem(422, "preflight_failed");
    let release = gather(&editor, &[of("article", &one), of("article", &two)]);
    assert_eq!(look(&editor, &release).expect(200).data()["ok"], true);
    bring_out(&editor, &release).expect(200);
    // And what the release takes away is no place to lead to.
    let three = linking("Three", "two");
    let release = gather(&editor, &[of("article", &three), out("article", &two)]);
    bring_out(&editor, &release).expect_problem(422, "preflight_failed");
    assert_eq!(status_of(&app, &two), 200);
}

#[test]
fn of_two_who_publish_a_release_at_once_one_does() {
    let app = App::start();
    let other = app.second_node().start();
    let editors = [app.editor(), other.editor()];
    for round in 0..5 {
        let things: Vec<_> = (0..3)
            .map(|n| plain_article(&editors[0], &format!("{round} {n}")))
            .collect();
        let items: Vec<_> = things.iter().map(|thing| of("article", thing)).collect();
        let release = gather(&editors[0], &items);
        let start = Barrier::new(2);
        let mut statuses = std::thread::scope(|scope| {
            let threads = editors.each_ref().map(|editor| {
                let (release, start) = (&release, &start);
                scope.spawn(move || {
                    start.wait();
                    bring_out(editor, release).status()
                })
            });
            threads.map(|thread| thread.join().unwrap())
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        for thing in &things {
            assert_eq!(status_of(&app, thing), 200);
        }
    }
}

#[test]
fn releases_and_single_publications_of_the_same_things_all_come_to_an_end() {
    let app = App::start();
    let editor = app.editor();
    let shared = faq(&editor, "Shared?");
    let things: Vec<_> = (0..4)
        .map(|n| {
            let body =
                json!({ "locale": "en", "title": format!("Thing {n}"), "faqs": [{ "id": shared["id"] }] });
            create_article(&editor, &body)
        })
        .collect();
    let start = Barrier::new(6);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (editor, things, start) = (&editor, &things, &start);
            scope.spawn(move || {
                let mut items: Vec<_> = things.iter().map(|thing| of("article", thing)).collect();
                if thread == 1 {
                    items.reverse();
                }
                let release = gather(editor, &items);
                start.wait();
                bring_out(editor, &release).expect(200);
            });
        }
        for thing in &things {
            let (editor, start) = (&editor, &start);
            scope.spawn(move || {
                start.wait();
                let answer = publish(editor, thing);
                assert_eq!(answer.status(), 200, "{}", answer.text());
            });
        }
    });
    for thing in &things {
        assert_eq!(status_of(&app, thing), 200);
    }
}

#[test]
fn a_release_that_is_published_again_under_its_key_is_published_once() {
    let app = App::start();
    let editor = app.editor();
    let thing = plain_article(&editor, "Once");
    let release = gather(&editor, &[of("article", &thing)]);
    let keyed = editor.clone().with("Idempotency-Key", "release-1");
    let first = bring_out(&keyed, &release).expect(200);
    let again = bring_out(&keyed, &release).expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body(), first.body());
    let told = app
        .admin()
        .get("/management/v1/audit-entries?action=publish_release&sort=seq")
        .expect(200)
        .data();
    let told: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (text(&entry["resource"]["type"]), entry["resource"]["id"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("article".to_owned(), thing["id"].clone()),
            ("release".to_owned(), release["id"].clone())
        ]
    );
}

#[test]
fn a_faq_that_a_release_takes_away_is_not_brought_out_by_an_article_that_links_it() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &article("Links"));
    publish(&editor, &made).expect(200);
    let now = fresh(&editor, &article_path(&made));
    let changed = seeing(&editor, &now)
        .patch(&article_path(&now), &json!({ "title": "Links no more" }))
        .expect(200)
        .data();
    let linked = changed["faqs"][0].clone();
    let release = gather(&editor, &[out("faq", &linked), of("article", &changed)]);
    bring_out(&editor, &release).expect(200);
    assert_eq!(fresh(&editor, &faq_path(&linked))["status"], "draft");
    let page = app
        .anonymous()
        .get(&format!("/delivery/v1/articles/{}", text(&made["id"])))
        .expect(200)
        .data();
    assert_eq!(
        (&page["title"], &page["faqs"]),
        (&json!("Links no more"), &json!([]))
    );
}
