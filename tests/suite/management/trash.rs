//! What is deleted lies in the trash, comes back whole, and is purged in the end.

use masthead_domain::id::ArticleId;
use masthead_domain::rights::{Actor, Permission};
use masthead_domain::use_cases::{Unit, trash};
use masthead_tests::{App, Caller, Response, article, create_article, publish};
use serde_json::{Value, json};

use super::support::{
    ARTICLES, FAQS, TRASH, article_path, author, each, eventually, expect_errors, faq, faq_path, fresh,
    plain_article, seeing, tag, text, total,
};

fn delete(caller: &Caller, thing: &Value, path: &str) {
    seeing(caller, thing).delete(path).expect(204);
}

fn delete_article(caller: &Caller, article: &Value) {
    delete(caller, article, &article_path(article));
}

fn item(thing: &Value) -> String {
    format!("{TRASH}/{}", text(&thing["id"]))
}

fn restore(caller: &Caller, thing: &Value) -> Response {
    caller.act(&format!("{}/restore", item(thing)))
}

fn restore_as(caller: &Caller, thing: &Value, slug: &str) -> Response {
    caller.post(&format!("{}/restore", item(thing)), &json!({ "slug": slug }))
}

fn delivered(article: &Value) -> String {
    format!("/delivery/v1/articles/{}", text(&article["id"]))
}

/// An article with everything that can be linked.
fn linked(editor: &Caller, title: &str) -> Value {
    let (sea, ada) = (
        tag(editor, &format!("Of {title}")),
        author(editor, &format!("By {title}")),
    );
    let mut body = article(title);
    body["tags"] = json!([sea["slug"]]);
    body["authors"] = json!([{ "slug": ada["slug"], "role": "editor" }]);
    create_article(editor, &body)
}

#[test]
fn a_deleted_article_comes_back_with_all_that_it_had_and_readers_see_nothing_of_it() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let made = publish(&editor, &linked(&editor, "Going")).data();
    let path = article_path(&made);
    let page = delivered(&made);
    delete_article(&editor, &made);
    let listed = editor.get(TRASH).expect(200).data();
    assert_eq!(each(&listed, "id"), [text(&made["id"])]);
    let me = editor.get("/management/v1/auth/me").expect(200).data();
    let thing = fresh(&editor, &item(&made));
    assert_eq!(listed[0], thing);
    for (field, expected) in [
        ("kind", json!("article")),
        ("title", json!("Going")),
        ("slug", json!("going")),
        ("revision", made["revision"].clone()),
        ("deleted_at", json!("2026-03-01T12:00:00Z")),
        ("purge_at", json!("2026-03-31T12:00:00Z")),
        (
            "actor",
            json!({ "kind": "user", "id": me["id"], "name": me["name"] }),
        ),
    ] {
        assert_eq!(thing[field], expected, "{field}");
    }
    reader.get(&page).expect_problem(410, "gone");

    let back = restore(&editor, &made).expect(200);
    assert_eq!(back.body()["meta"], json!({ "kind": "article", "warnings": [] }));
    let back = back.data();
    assert_eq!(back, fresh(&editor, &path));
    assert_eq!(
        (&back["status"], &back["published_at"]),
        (&json!("draft"), &Value::Null)
    );
    for field in [
        "id",
        "slug",
        "title",
        "sections",
        "tags",
        "authors",
        "revision",
        "etag",
        "created_at",
        "created_by",
        "first_published_at",
    ] {
        assert_eq!(back[field], made[field], "{field}");
    }
    assert_eq!(each(&back["faqs"], "id"), each(&made["faqs"], "id"));
    let gone = reader.get(&page).expect_problem(410, "gone").body();
    assert_eq!(gone["gone"]["reason"], "unpublished");
    assert_eq!(editor.get(TRASH).expect(200).data(), json!([]));
    editor.get(&item(&made)).expect_problem(404, "not_found");
    let revisions = editor.get(&format!("{path}/revisions")).expect(200).data();
    assert_eq!(revisions.as_array().unwrap().len(), 1);
    publish(&editor, &back).expect(200);
    let shown = reader.get(&page).expect(200).data();
    assert_eq!(each(&shown["tags"], "slug"), ["of-going"]);
    assert_eq!(shown["first_published_at"], made["first_published_at"]);
}

#[test]
fn a_deleted_faq_comes_back_and_can_be_linked_again() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let made = faq(&editor, "Why twice?");
    let path = faq_path(&made);
    let made = seeing(&editor, &made)
        .act(&format!("{path}/publish"))
        .expect(200)
        .data();
    delete(&editor, &made, &path);
    let page = format!("/delivery/v1/faqs/{}", text(&made["id"]));
    reader.get(&page).expect_problem(410, "gone");
    assert_eq!(total(&editor, &format!("{TRASH}?kind=faq")), 1);
    assert_eq!(total(&editor, &format!("{TRASH}?kind=article")), 0);
    let linking = json!({ "locale": "en", "title": "Linking", "faqs": [{ "id": made["id"] }] });
    let refused = editor.post(ARTICLES, &linking);
    assert_eq!(refused.status(), 422, "{}", refused.text());
    let back = restore(&editor, &made).expect(200);
    assert_eq!(back.body()["meta"]["kind"], "faq");
    let back = back.data();
    assert_eq!(back, fresh(&editor, &path));
    assert_eq!(
        (&back["status"], &back["answer"]),
        (&json!("draft"), &made["answer"])
    );
    reader.get(&page).expect_problem(410, "gone");
    create_article(&editor, &linking);
}

#[test]
fn a_slug_that_was_taken_meanwhile_is_told_with_one_that_is_free() {
    let app = App::start();
    let editor = app.editor();
    let made = plain_article(&editor, "Tides");
    delete_article(&editor, &made);
    let taker = plain_article(&editor, "Tides");
    assert_eq!(taker["slug"], "tides");
    let refused = restore(&editor, &made).expect_problem(409, "slug_taken");
    assert_eq!(refused.body()["free"], "tides-2");
    expect_errors(&refused, &[("/slug", "taken")]);
    restore_as(&editor, &made, "tides").expect_problem(409, "slug_taken");
    let wrong = restore_as(&editor, &made, "Not A Slug").expect_problem(422, "validation_failed");
    assert_eq!(wrong.errors()[0].0, "/slug");
    editor
        .post(&format!("{}/restore", item(&made)), &json!({ "slog": "x" }))
        .expect_problem(422, "unknown_field");
    let back = restore_as(&editor, &made, "ebb").expect(200).data();
    assert_eq!((&back["slug"], &back["revision"]), (&json!("ebb"), &json!(2)));
    let summary = editor
        .get(&format!("{}/revisions", article_path(&made)))
        .expect(200)
        .data()[0]
        .clone();
    assert_eq!(summary["summary"], "restored from the trash: slug");
    assert_eq!(summary["changes"]["fields"], json!(["slug"]));

    let why = faq(&editor, "Why?");
    delete(&editor, &why, &faq_path(&why));
    faq(&editor, "Why?");
    let refused = restore(&editor, &why).expect_problem(409, "slug_taken");
    assert_eq!(refused.body()["free"], "why-2");
    restore_as(&editor, &why, "why-2").expect(200);
}

#[test]
fn what_it_linked_and_is_gone_by_now_is_told_and_the_rest_comes_back() {
    let app = App::start();
    let editor = app.editor();
    let (sea, moon) = (tag(&editor, "Sea"), tag(&editor, "Moon"));
    let ada = author(&editor, "Ada");
    let mut body = article("Linked");
    body["tags"] = json!(["sea", "moon"]);
    body["authors"] = json!([{ "slug": "ada" }]);
    body["translation_of"] = plain_article(&editor, "First").get("id").cloned().unwrap();
    body["locale"] = json!("de");
    let made = create_article(&editor, &body);
    let question = fresh(&editor, &format!("{FAQS}/{}", text(&made["faqs"][0]["id"])));
    delete_article(&editor, &made);
    // Nothing holds them any more.
    delete(
        &editor,
        &sea,
        &format!("/management/v1/tags/{}", text(&sea["id"])),
    );
    delete(
        &editor,
        &ada,
        &format!("/management/v1/authors/{}", text(&ada["id"])),
    );
    delete(&editor, &question, &faq_path(&question));
    let other = json!({ "locale": "de", "title": "Instead", "translation_of": body["translation_of"] });
    create_article(&editor, &other);

    let back = restore(&editor, &made).expect(200);
    let told = back.body()["meta"]["warnings"].clone();
    assert_eq!(
        each(&told, "pointer"),
        ["/tags", "/authors", "/faqs", "/translation_of"]
    );
    assert_eq!(each(&told, "code"), ["gone", "gone", "gone", "taken"]);
    let back = back.data();
    assert_eq!(each(&back["tags"], "id"), [text(&moon["id"])]);
    assert_eq!((&back["authors"], &back["faqs"]), (&json!([]), &json!([])));
    assert_eq!(back["sections"], made["sections"]);
    assert_eq!(back["revision"], 2);
    assert_ne!(back["story_id"], made["story_id"]);

    // The other way round nothing is lost.
    let again = linked(&editor, "Again");
    let question = fresh(&editor, &format!("{FAQS}/{}", text(&again["faqs"][0]["id"])));
    delete_article(&editor, &again);
    delete(&editor, &question, &faq_path(&question));
    restore(&editor, &question).expect(200);
    let back = restore(&editor, &again).expect(200);
    assert_eq!(back.body()["meta"]["warnings"], json!([]));
    assert_eq!(back.data()["faqs"][0]["id"], question["id"]);
}

#[test]
fn nothing_that_was_set_to_happen_happens_to_what_was_deleted_or_restored() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let soon = |title: &str| {
        let made = plain_article(&editor, title);
        let path = format!("{}/schedule", article_path(&made));
        let body = json!({ "publish_at": "2026-03-01T12:10:00Z" });
        seeing(&editor, &made).post(&path, &body).expect(200).data()
    };
    let (lost, found, kept) = (soon("Lost"), soon("Found"), soon("Kept"));
    delete_article(&editor, &lost);
    delete_article(&editor, &found);
    let back = restore(&editor, &found).expect(200).data();
    assert_eq!(
        (&back["status"], &back["publish_at"]),
        (&json!("draft"), &Value::Null)
    );
    app.clock().advance(601);
    eventually("the third appears", || {
        reader.get(&delivered(&kept)).status() == 200
    });
    std::thread::sleep(std::time::Duration::from_millis(1_200));
    reader.get(&delivered(&lost)).expect_problem(404, "not_found");
    reader.get(&delivered(&found)).expect_problem(404, "not_found");
    let back = restore(&editor, &lost).expect(200).data();
    assert_eq!(
        (&back["status"], &back["publish_at"]),
        (&json!("draft"), &Value::Null)
    );
}

#[test]
fn what_was_archived_comes_back_archived_and_an_approval_stays_with_its_revision() {
    let app = App::start();
    let editor = app.editor();
    let act = |thing: &Value, action: &str| {
        let path = format!("{}/{action}", article_path(thing));
        seeing(&editor, thing).act(&path).expect(200).data()
    };
    let old = act(&plain_article(&editor, "Old"), "archive");
    delete_article(&editor, &old);
    assert_eq!(restore(&editor, &old).expect(200).data()["status"], "archived");
    let good = act(&act(&plain_article(&editor, "Good"), "submit"), "approve");
    delete_article(&editor, &good);
    assert_eq!(restore(&editor, &good).expect(200).data()["review"], "approved");
    delete_article(&editor, &good);
    let back = restore_as(&editor, &good, "better").expect(200).data();
    assert_eq!(
        (&back["review"], &back["revision"]),
        (&json!("requested"), &json!(2))
    );
}

#[test]
fn purging_takes_everything_away_and_spends_the_id() {
    let app = App::start();
    let (admin, reader) = (app.admin(), app.anonymous());
    let made = publish(&admin, &linked(&admin, "Purged")).data();
    let never_seen = plain_article(&admin, "Draft");
    let question = faq(&admin, "Purged?");
    let page = delivered(&made);
    app.clock().advance(60);
    admin
        .get(&format!("{page}?as_of=2026-03-01T12:00:30Z"))
        .expect(200);
    delete_article(&admin, &made);
    delete_article(&admin, &never_seen);
    delete(&admin, &question, &faq_path(&question));
    for thing in [&made, &never_seen, &question] {
        admin.delete(&item(thing)).expect(204);
        admin.delete(&item(thing)).expect_problem(404, "not_found");
        restore(&admin, thing).expect_problem(404, "not_found");
        admin.get(&item(thing)).expect_problem(404, "not_found");
    }
    assert_eq!(total(&admin, TRASH), 0);
    reader.get(&page).expect_problem(410, "gone");
    admin
        .get(&format!("{page}?as_of=2026-03-01T12:00:30Z"))
        .expect_problem(404, "not_found");
    let id = ArticleId::parse(&text(&made["id"])).unwrap();
    let left = app
        .storage()
        .read_blocking(move |repository| repository.article_at(id, 1));
    assert_eq!(left.unwrap(), None);
    let log = reader.get("/delivery/v1/changes?since=0").expect(200).data();
    assert!(
        log.as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["id"] == made["id"])
    );
    let creating = admin.clone().with("If-None-Match", "*");
    let plain = json!({ "locale": "en", "title": "Purged" });
    for thing in [&made, &question] {
        let path = format!("{ARTICLES}/{}", text(&thing["id"]));
        creating
            .put(&path, &plain)
            .expect_problem(412, "precondition_failed");
    }
    assert_eq!(plain_article(&admin, "Purged")["slug"], "purged");
}

#[test]
fn what_has_been_in_the_trash_long_enough_is_purged_once_on_however_many_nodes() {
    let app = App::builder()
        .with(|settings| settings.trash_keep_days = Some(7))
        .start();
    let editor = app.editor();
    let (old, new) = (plain_article(&editor, "Old"), plain_article(&editor, "New"));
    delete_article(&editor, &old);
    app.clock().advance(86_400);
    let editor = app.editor();
    delete_article(&editor, &new);
    app.clock().advance(6 * 86_400);
    let editor = app.editor();
    // Each node looks when it starts; the first one here keeps things for as long as nobody purges them.
    let for_ever = app
        .second_node()
        .with(|settings| settings.trash_keep_days = None)
        .start();
    let on_it = Caller::new(for_ever.address(), editor.token().map(str::to_owned));
    assert_eq!(fresh(&on_it, &item(&old))["purge_at"], Value::Null);
    assert_eq!(fresh(&editor, &item(&old))["purge_at"], "2026-03-08T12:00:00Z");
    let _one = app
        .second_node()
        .with(|settings| settings.trash_keep_days = Some(7))
        .start();
    let _two = app
        .second_node()
        .with(|settings| settings.trash_keep_days = Some(7))
        .start();
    eventually("the old one is purged", || {
        editor.get(&item(&old)).status() == 404
    });
    restore(&editor, &old).expect_problem(404, "not_found");
    restore(&editor, &new).expect(200);
}

#[test]
fn purging_goes_in_small_steps_the_longest_deleted_first() {
    let app = App::start();
    let editor = app.editor();
    for number in 0..5 {
        let made = plain_article(&editor, &format!("Number {number}"));
        delete_article(&editor, &made);
        app.clock().advance(1);
    }
    let purge = |actor: Actor, limit: u32| {
        app.storage().write_blocking(|repository| {
            let now = masthead_domain::clock::Clock::now(app.clock());
            let unit = &mut Unit {
                repository,
                now,
                ids: &masthead_tests::TestIds::default(),
                actor: &actor,
                acting: None,
                site: None,
            };
            trash::purge_expired(unit, now - std::time::Duration::from_secs(2), limit)
        })
    };
    let titles = |things: Vec<masthead_domain::trash::Trashed>| {
        things.into_iter().map(|thing| thing.title).collect::<Vec<_>>()
    };
    assert_eq!(
        titles(purge(Actor::scheduler(), 3).unwrap()),
        ["Number 0", "Number 1", "Number 2"]
    );
    assert_eq!(titles(purge(Actor::scheduler(), 3).unwrap()), ["Number 3"]);
    assert!(purge(Actor::scheduler(), 3).unwrap().is_empty());
    assert_eq!(total(&editor, TRASH), 1);
}

#[test]
fn the_trash_is_listed_in_pages_and_by_kind() {
    let app = App::start();
    let editor = app.editor();
    let mut expected = Vec::new();
    for number in 0..7 {
        let title = format!("Number {number}");
        if number % 2 == 0 {
            delete_article(&editor, &plain_article(&editor, &title));
        } else {
            let made = faq(&editor, &title);
            delete(&editor, &made, &faq_path(&made));
        }
        expected.insert(0, title);
        // Three were deleted at one moment.
        app.clock().advance(i64::from(number > 2));
    }
    let walk = |first: &str| {
        let (mut next, mut titles) = (first.to_owned(), Vec::new());
        loop {
            let page = editor.get(&next).expect(200).body();
            titles.extend(each(&page["data"], "title"));
            match page["links"]["next"].as_str() {
                Some(more) => more.clone_into(&mut next),
                None => return titles,
            }
        }
    };
    let all = walk(&format!("{TRASH}?limit=2"));
    assert_eq!(all, expected);
    let backwards: Vec<_> = expected.iter().rev().cloned().collect();
    assert_eq!(walk(&format!("{TRASH}?limit=3&sort=deleted_at")), backwards);
    let faqs = walk(&format!("{TRASH}?limit=1&kind=faq"));
    assert_eq!(faqs, ["Number 5", "Number 3", "Number 1"]);
    for wrong in ["kind=tag", "limit=0", "sort=title", "colour=red", "after=x"] {
        editor.get(&format!("{TRASH}?{wrong}")).expect(400);
    }
    editor
        .get(&format!("{TRASH}/no-id"))
        .expect_problem(404, "not_found");
}

#[test]
fn an_author_brings_back_their_own_and_only_who_may_purge_purges() {
    let app = App::start();
    let (ada, editor, viewer) = (app.author(), app.editor(), app.viewer());
    let (own, other) = (plain_article(&ada, "Own"), plain_article(&editor, "Other"));
    delete_article(&editor, &own);
    delete_article(&editor, &other);
    restore(&viewer, &own).expect_problem(403, "forbidden");
    restore(&ada, &other).expect_problem(403, "forbidden");
    for caller in [&ada, &editor, &viewer, &app.key(&[Permission::ArticlesWrite])] {
        caller.delete(&item(&own)).expect_problem(403, "forbidden");
    }
    restore(&ada, &own).expect(200);
    app.key(&[Permission::TrashPurge])
        .delete(&item(&other))
        .expect(204);
}

#[test]
fn a_restore_that_is_sent_again_gets_the_first_answer() {
    let app = App::start();
    let editor = app.editor();
    let made = plain_article(&editor, "Once");
    delete_article(&editor, &made);
    let keyed = editor.clone().with("Idempotency-Key", "back");
    let first = restore(&keyed, &made).expect(200);
    let again = restore(&keyed, &made).expect(200);
    assert_eq!(first.bytes(), again.bytes());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    restore(&editor, &made).expect_problem(404, "not_found");
}

#[test]
fn deleting_again_after_a_restore_works_as_often_as_one_likes() {
    let app = App::start();
    let editor = app.editor();
    let mut made = plain_article(&editor, "To and fro");
    for round in 1..4 {
        delete_article(&editor, &made);
        made = restore(&editor, &made).expect(200).data();
        made = seeing(&editor, &made)
            .patch(&article_path(&made), &json!({ "dek": format!("Round {round}") }))
            .expect(200)
            .data();
        assert_eq!(made["revision"], round + 1);
    }
    let then = fresh(&editor, &format!("{}/revisions/2", article_path(&made)));
    assert_eq!(then["dek"], "Round 1");
}
