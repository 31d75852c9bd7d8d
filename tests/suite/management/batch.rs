//! Many operations in one request: all or nothing, or each for itself, and never otherwise than through the main door.

use std::sync::Barrier;

use masthead_domain::rights::Permission;
use masthead_tests::{App, Caller, Response, article, create_article, published_article};
use serde_json::{Value, json};

use super::cases::{case, operations};
use super::support::{
    ARTICLES, TAGS, article_path, expect_errors, faq, faq_path, fresh, plain_article, section_path, tag,
    text, totals,
};

const BATCH: &str = "/management/v1/batch";

fn operation(method: &str, path: &str, seen: Option<&Value>, body: Option<Value>) -> Value {
    let mut operation = json!({ "method": method, "path": path });
    if let Some(thing) = seen {
        operation["if_match"] = thing["etag"].clone();
    }
    if let Some(body) = body {
        operation["body"] = body;
    }
    operation
}

fn patch(path: &str, seen: &Value, body: Value) -> Value {
    operation("PATCH", path, Some(seen), Some(body))
}

fn run(caller: &Caller, atomic: bool, operations: &[Value]) -> Response {
    caller.post(BATCH, &json!({ "atomic": atomic, "operations": operations }))
}

fn statuses(answer: &Response) -> Vec<u64> {
    let results = answer.data();
    let results = results.as_array().unwrap();
    results
        .iter()
        .map(|result| result["status"].as_u64().unwrap())
        .collect()
}

#[test]
fn all_of_a_batch_is_done_in_one_instant_and_readers_see_it_at_once() {
    let app = App::start();
    let editor = app.editor();
    let first = published_article(&editor, &article("First"));
    let second = published_article(&editor, &article("Second"));
    let [one, two] = [&first, &second].map(|made| fresh(&editor, &article_path(made)));
    let id = "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f4711";
    let new = format!("{ARTICLES}/{id}");
    let mut create = operation(
        "PUT",
        &new,
        None,
        Some(json!({ "locale": "en", "title": "Third" })),
    );
    create["if_none_match"] = json!("*");
    let mut show = operation("POST", &format!("{new}/publish"), None, Some(json!({})));
    show["if_match"] = json!("*");
    let answer = run(
        &editor,
        true,
        &[
            patch(&article_path(&one), &one, json!({ "title": "First, again" })),
            operation(
                "POST",
                &format!("{}/unpublish", article_path(&two)),
                Some(&two),
                None,
            ),
            create,
            show,
            operation("POST", TAGS, None, Some(json!({ "name": "Made on the way" }))),
        ],
    )
    .expect(200);
    assert_eq!(statuses(&answer), [200, 200, 201, 200, 201]);
    assert_eq!(
        answer.body()["meta"],
        json!({ "atomic": true, "succeeded": 5, "failed": 0 })
    );
    let results = answer.data();
    assert_eq!(results[0]["body"]["data"]["title"], "First, again");
    assert_eq!(results[0]["etag"], results[0]["body"]["data"]["etag"]);
    assert_eq!(results[2]["location"], new.as_str());
    let reader = app.anonymous();
    reader.get(&format!("/delivery/v1/articles/{id}")).expect(200);
    reader
        .get(&format!("/delivery/v1/articles/{}", text(&two["id"])))
        .expect(410);
    assert_eq!(fresh(&editor, &article_path(&one))["title"], "First, again");
    // One moment for all of it.
    let moments: Vec<_> = [0, 1, 2]
        .map(|index| text(&results[index]["body"]["data"]["updated_at"]))
        .to_vec();
    assert!(moments.windows(2).all(|pair| pair[0] == pair[1]), "{moments:?}");
    // The audit log calls each by its own name, under the id of the one request.
    let request = answer.header("x-request-id").unwrap();
    let told = app
        .admin()
        .get(&format!(
            "/management/v1/audit-entries?sort=seq&request_id={request}"
        ))
        .expect(200)
        .data();
    let told: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(&entry["action"]))
        .collect();
    assert_eq!(
        told,
        [
            "update_article",
            "unpublish_article",
            "put_article",
            "publish_article",
            "create_tag"
        ]
    );
}

#[test]
fn of_a_batch_with_one_bad_operation_nothing_is_done() {
    let app = App::start();
    let editor = app.editor();
    let shown = published_article(&editor, &article("Shown"));
    let made = plain_article(&editor, "Made");
    let faq = faq(&editor, "Why?");
    let tag = tag(&editor, "Tag");
    let audited = || {
        let admin = app.admin();
        let before = admin
            .get("/management/v1/audit-entries?limit=1")
            .expect(200)
            .data();
        before[0]["seq"].as_i64().unwrap()
    };
    let (before, seq) = (totals(&editor), audited());
    let head = || {
        app.anonymous()
            .get("/delivery/v1/changes?since=0&limit=500")
            .expect(200)
            .data()
    };
    let changes = head();
    let now = fresh(&editor, &article_path(&shown));
    let good = [
        patch(&article_path(&made), &made, json!({ "title": "Other" })),
        patch(&faq_path(&faq), &faq, json!({ "question": "Why not?" })),
        operation("POST", TAGS, None, Some(json!({ "name": "New" }))),
        operation(
            "POST",
            &format!("{}/unpublish", article_path(&now)),
            Some(&now),
            None,
        ),
        operation(
            "DELETE",
            &format!("{TAGS}/{}", text(&tag["id"])),
            Some(&tag),
            None,
        ),
    ];
    for (bad, status, code, place) in [
        (
            operation(
                "POST",
                ARTICLES,
                None,
                Some(json!({ "locale": "en", "title": "" })),
            ),
            422,
            "validation_failed",
            "/operations/5/body/title",
        ),
        (
            operation(
                "PATCH",
                &article_path(&now),
                None,
                Some(json!({ "title": "Unseen" })),
            ),
            428,
            "precondition_required",
            "/operations/5/if_match",
        ),
        (
            operation(
                "PATCH",
                &format!("{}?really=yes", article_path(&now)),
                Some(&now),
                Some(json!({ "title": "X" })),
            ),
            400,
            "unknown_parameter",
            "/operations/5/path",
        ),
    ] {
        let answer = run(&editor, true, &[&good[..], &[bad]].concat());
        assert_eq!(answer.status(), status, "{}", answer.text());
        let problem = answer.body();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["operation"], 5);
        assert_eq!(answer.errors()[0].0, place, "{problem}");
        assert!(
            text(&problem["detail"]).starts_with("Operation 5 was refused, so nothing was done."),
            "{problem}"
        );
    }
    assert_eq!(totals(&editor), before);
    assert_eq!(fresh(&editor, &article_path(&made)), made);
    assert_eq!(fresh(&editor, &faq_path(&faq)), faq);
    assert_eq!(fresh(&editor, &article_path(&shown)), now);
    assert_eq!(head(), changes);
    // But for the logins of whoever looks.
    let admin = app.admin();
    let told = admin
        .get(&format!("/management/v1/audit-entries/export?after_seq={seq}"))
        .expect(200)
        .text();
    assert!(
        told.lines().all(|line| line.contains("\"action\":\"login\"")),
        "{told}"
    );
}

#[test]
fn each_for_itself_goes_on_after_what_was_refused() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &article("Made"));
    let section = &made["sections"][0];
    let stale = json!({ "etag": format!("\"{}-99\"", text(&made["id"])) });
    let answer = run(
        &editor,
        false,
        &[
            operation("POST", TAGS, None, Some(json!({ "name": "Sea", "slug": "sea" }))),
            operation("POST", TAGS, None, Some(json!({ "name": "Sea", "slug": "sea" }))),
            patch(&article_path(&made), &stale, json!({ "title": "Stale" })),
            patch(&section_path(&made, 0), section, json!({ "heading": "Fresh" })),
            operation(
                "DELETE",
                &format!("{ARTICLES}/{}", text(&made["id"])),
                Some(&made),
                None,
            ),
        ],
    )
    .expect(200);
    assert_eq!(statuses(&answer), [201, 409, 412, 200, 412]);
    assert_eq!(
        answer.body()["meta"],
        json!({ "atomic": false, "succeeded": 2, "failed": 3 })
    );
    let results = answer.data();
    assert_eq!(results[1]["body"]["code"], "already_exists");
    assert_eq!(results[1]["body"]["free"], "sea-2");
    assert_eq!(
        results[1]["body"]["request_id"],
        answer.header("x-request-id").unwrap()
    );
    // What somebody wrote meanwhile is told as it is at the main door: here the batch itself did.
    let problem = &results[4]["body"];
    assert_eq!(
        (&problem["code"], &problem["base_revision"]),
        (&json!("stale_revision"), &json!(1))
    );
    assert_eq!(problem["current_revision"], 2);
    assert_eq!(
        fresh(&editor, &article_path(&made))["sections"][0]["heading"],
        "Fresh"
    );
}

#[test]
fn a_conflict_in_a_batch_shows_base_theirs_and_yours() {
    let app = App::start();
    let editor = app.editor();
    let made = create_article(&editor, &article("Made"));
    let path = article_path(&made);
    let theirs = editor
        .clone()
        .seen(&text(&made["etag"]))
        .patch(&path, &json!({ "title": "Theirs" }))
        .expect(200)
        .data();
    let yours = [
        operation("POST", TAGS, None, Some(json!({ "name": "Undone" }))),
        patch(&path, &made, json!({ "title": "Yours" })),
    ];
    let problem = run(&editor, true, &yours)
        .expect_problem(412, "stale_revision")
        .body();
    assert_eq!(problem["operation"], 1);
    let conflict = &problem["conflicts"][0];
    assert_eq!(conflict["pointer"], "/operations/1/body/title");
    assert_eq!(
        (&conflict["base"], &conflict["theirs"], &conflict["yours"]),
        (&made["title"], &json!("Theirs"), &json!("Yours"))
    );
    assert_eq!(fresh(&editor, &path), theirs);
    assert_eq!(super::support::total(&editor, TAGS), 0);
}

#[test]
fn what_a_batch_cannot_hold_is_said_of_every_operation_at_once() {
    let app = App::start();
    let admin = app.admin();
    let of = |method: &str, path: &str| json!({ "method": method, "path": path });
    let operations = [
        of("POST", BATCH),
        of("POST", "/management/v1/auth/logout"),
        of("POST", "/management/v1/users"),
        of("POST", "/management/v1/api-keys"),
        of(
            "POST",
            "/management/v1/articles/0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f4711/preview-links",
        ),
        of("POST", "/delivery/v1/articles"),
        of("POST", "http://example.org/management/v1/tags"),
        of("POST", "/management/v1/../v1/users"),
        of("POST", "management/v1/tags"),
        of("POST", "/management/v1/tags/a/b/c"),
        of("PUT", TAGS),
        of("POST", "/management/v1/tags with a space"),
        json!({ "method": "POST", "path": TAGS, "if_match": "\u{e9}\n" }),
    ];
    let answer = run(&admin, true, &operations);
    let place = |number: usize, field: &str| format!("/operations/{number}/{field}");
    let expected: Vec<_> = [
        ("path", "not_allowed"),
        ("path", "not_allowed"),
        ("path", "not_allowed"),
        ("path", "not_allowed"),
        ("path", "not_allowed"),
        ("path", "not_allowed"),
        ("path", "not_allowed"),
        ("path", "not_allowed"),
        ("path", "invalid_format"),
        ("path", "unknown_operation"),
        ("method", "method_not_allowed"),
        ("path", "invalid_format"),
        ("if_match", "invalid_format"),
    ]
    .iter()
    .enumerate()
    .map(|(number, (field, code))| (place(number, field), *code))
    .collect();
    let expected: Vec<_> = expected.iter().map(|(at, code)| (at.as_str(), *code)).collect();
    assert_eq!(answer.status(), 422, "{}", answer.text());
    expect_errors(&answer, &expected);
    let many = vec![of("POST", TAGS); 101];
    for (operations, code) in [(json!([]), "too_few"), (json!(many), "too_many")] {
        let answer = admin.post(BATCH, &json!({ "operations": operations }));
        assert_eq!(answer.status(), 422, "{}", answer.text());
        expect_errors(&answer, &[("/operations", code)]);
    }
    let answer = admin.post(
        BATCH,
        &json!({ "operations": [{ "method": "GET", "path": TAGS, "body": [], "headers": {} }] }),
    );
    expect_errors(
        &answer,
        &[
            ("/operations/0/method", "unknown_value"),
            ("/operations/0/body", "wrong_type"),
            ("/operations/0/headers", "unknown_field"),
        ],
    );
    // As many as there may be.
    let many: Vec<_> = (0..100)
        .map(|number| {
            operation(
                "POST",
                TAGS,
                None,
                Some(json!({ "name": format!("Tag {number}") })),
            )
        })
        .collect();
    let answer = run(&admin, true, &many).expect(200);
    assert_eq!(answer.body()["meta"]["succeeded"], 100);
}

#[test]
fn a_batch_decides_as_the_main_door_does() {
    let app = App::start();
    let (admin, editor, author) = (app.admin(), app.editor(), app.author());
    let proposer = app.key(&[Permission::ArticlesPropose]);
    let mut compared = 0;
    for id in operations().into_keys() {
        for caller in [&editor, &author, &proposer] {
            let alone = case(&app, &admin, &admin, &id);
            let rooms = [
                "articles",
                "faqs",
                "tags",
                "authors",
                "redirects",
                "trash",
                "notes",
                "proposals",
                "releases",
                "settings",
            ];
            let is_held = rooms
                .iter()
                .any(|room| alone.path.starts_with(&format!("/management/v1/{room}")));
            if alone.method == "GET" || !is_held || alone.path.contains("preview-links") {
                break;
            }
            let expected = alone.send_seeing(caller);
            // Another one: what one door did, the other must find undone.
            let within = case(&app, &admin, &admin, &id);
            let mut one = operation(within.method, &within.path, None, within.body.clone());
            if let Some(etag) = within.etag() {
                one["if_match"] = json!(etag);
            }
            let each = run(caller, false, std::slice::from_ref(&one)).expect(200);
            assert_eq!(
                statuses(&each),
                [u64::from(expected.status())],
                "{id}: {} {}",
                expected.text(),
                each.text()
            );
            if expected.status() >= 400 {
                let code = &expected.body()["code"];
                assert_eq!(&each.data()[0]["body"]["code"], code, "{id}");
                let whole = run(caller, true, &[one]);
                assert_eq!(whole.status(), expected.status(), "{id}: {}", whole.text());
                assert_eq!(&whole.body()["code"], code, "{id}");
            }
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
    app.anonymous()
        .post(
            BATCH,
            &json!({ "operations": [{ "method": "POST", "path": TAGS, "body": { "name": "X" } }] }),
        )
        .expect_problem(401, "authentication_required");
}

#[test]
fn a_batch_that_is_sent_again_is_done_once() {
    let app = App::start();
    let editor = app.editor();
    for atomic in [true, false] {
        let name = format!("Once {atomic}");
        let tags = [
            operation("POST", TAGS, None, Some(json!({ "name": name }))),
            operation("POST", TAGS, None, Some(json!({ "name": name }))),
        ];
        let keyed = editor.clone().with("Idempotency-Key", &format!("batch-{atomic}"));
        let before = super::support::total(&editor, TAGS);
        let first = run(&keyed, atomic, &tags).expect(200);
        let again = run(&keyed, atomic, &tags).expect(200);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.body(), first.body());
        assert_eq!(super::support::total(&editor, TAGS), before + 2);
        run(&keyed, atomic, &tags[..1]).expect_problem(422, "idempotency_key_reused");
        // What was refused can be mended and sent again under its key.
        let keyed = editor
            .clone()
            .with("Idempotency-Key", &format!("refused-{atomic}"));
        if atomic {
            let bad = operation("POST", TAGS, None, Some(json!({ "name": "" })));
            for _ in 0..2 {
                let answer = run(&keyed, true, &[tags[0].clone(), bad.clone()]).expect(422);
                assert_eq!(answer.header("idempotent-replayed"), None);
            }
            assert_eq!(super::support::total(&editor, TAGS), before + 2);
        }
    }
}

#[test]
fn batches_that_want_the_same_things_in_another_order_all_come_through() {
    let app = App::start();
    let editor = app.editor();
    let things: Vec<_> = (0..4)
        .map(|n| plain_article(&editor, &format!("Thing {n}")))
        .collect();
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (editor, things, start) = (editor.clone(), &things, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..5 {
                    let mut order: Vec<_> = things.iter().collect();
                    order.rotate_left(thread);
                    if thread % 2 == 1 {
                        order.reverse();
                    }
                    let operations: Vec<_> = order
                        .iter()
                        .map(|thing| {
                            let mut one = operation(
                                "PATCH",
                                &article_path(thing),
                                None,
                                Some(json!({ "dek": format!("{thread}/{round}") })),
                            );
                            one["if_match"] = json!("*");
                            one
                        })
                        .collect();
                    run(&editor, true, &operations).expect(200);
                }
            });
        }
    });
    // Each batch wrote all four at once: they agree, and each counts every change.
    let now: Vec<_> = things
        .iter()
        .map(|thing| fresh(&editor, &article_path(thing)))
        .collect();
    for thing in &now {
        assert_eq!(thing["revision"], 21, "{thing}");
        assert_eq!(thing["dek"], now[0]["dek"]);
    }
}

#[test]
fn of_a_batch_whose_sender_hangs_up_all_is_done_or_nothing() {
    use std::io::Write as _;
    let app = App::start();
    let editor = app.editor();
    for round in 0..12_u64 {
        let tags: Vec<_> = (0..40)
            .map(|number| {
                operation(
                    "POST",
                    TAGS,
                    None,
                    Some(json!({ "name": format!("{round}/{number}") })),
                )
            })
            .collect();
        let body = json!({ "operations": tags }).to_string();
        let mut stream = std::net::TcpStream::connect(app.address()).unwrap();
        write!(
            stream,
            "POST {BATCH} HTTP/1.1\r\nHost: masthead\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            editor.token().unwrap(),
            body.len()
        )
        .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(round * 15));
        drop(stream);
    }
    // Each that began is over when one that came after it is.
    run(
        &editor,
        true,
        &[operation("POST", TAGS, None, Some(json!({ "name": "Last" })))],
    )
    .expect(200);
    let done = super::support::total(&editor, TAGS) - 1;
    assert!(done.is_multiple_of(40), "{done} tags of batches of 40");
}
