//! Accounts, as admins manage them.

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, PASSWORD, create_article};
use serde_json::{Value, json};

use super::cases::{USERS, new_user};
use super::support::{author, each, expect_errors, fresh, seeing, text};
use super::writers::{at_once, statuses};

const ME: &str = "/management/v1/auth/me";

fn path(user: &Value) -> String {
    format!("{USERS}/{}", text(&user["id"]))
}

#[track_caller]
fn made(admin: &Caller, role: &str) -> Value {
    let mut body = new_user("made");
    body["role"] = json!(role);
    admin.post(USERS, &body).expect(201).data()
}

/// The account that asks.
#[track_caller]
fn own(admin: &Caller, caller: &Caller) -> Value {
    let id = caller.get(ME).expect(200).data()["id"].clone();
    fresh(admin, &format!("{USERS}/{}", text(&id)))
}

#[test]
fn an_account_is_made_changed_and_found_again() {
    let app = App::start();
    let admin = app.admin();
    let byline = author(&admin, "Grace Hopper");
    let mut body = new_user("grace");
    body["author_id"] = byline["id"].clone();
    let answer = admin.post(USERS, &body).expect(201);
    let user = answer.data();
    assert_eq!(answer.header("location"), Some(path(&user).as_str()));
    assert_eq!(answer.etag(), text(&user["etag"]));
    assert_eq!(
        (&user["role"], &user["author_id"]),
        (&json!("author"), &byline["id"])
    );
    assert_eq!(
        (&user["suspended_at"], &user["revision"]),
        (&Value::Null, &json!(1))
    );
    assert!(!answer.text().contains("password"), "{}", answer.text());
    let login = json!({ "email": body["email"], "password": body["password"] });
    app.anonymous()
        .post("/management/v1/auth/login", &login)
        .expect(200);

    app.clock().advance(60);
    let patch = json!({ "name": "Rear Admiral Hopper", "email": "Grace@Example.ORG", "author_id": null });
    let changed = seeing(&admin, &user)
        .patch(&path(&user), &patch)
        .expect(200)
        .data();
    assert_eq!(changed["email"], "grace@example.org");
    assert_eq!(
        (&changed["author_id"], &changed["revision"]),
        (&Value::Null, &json!(2))
    );
    assert_eq!(fresh(&admin, &path(&user)), changed);
    seeing(&admin, &user)
        .patch(&path(&user), &patch)
        .expect_problem(412, "stale_revision");
    let list = admin
        .get(&format!("{USERS}?role=author&sort=email"))
        .expect(200)
        .data();
    assert_eq!(each(&list, "email"), ["grace@example.org"]);
}

#[test]
fn everything_that_is_wrong_with_an_account_is_told() {
    let app = App::start();
    let admin = app.admin();
    let user = made(&admin, "viewer");
    let refused = |change: &dyn Fn(&mut Value), errors: &[(&str, &str)]| {
        let mut body = new_user("no");
        change(&mut body);
        let answer = admin.post(USERS, &body).expect_problem(422, "validation_failed");
        expect_errors(&answer, errors);
    };
    refused(
        &|body| body["email"] = json!("nobody"),
        &[("/email", "invalid_email")],
    );
    refused(
        &|body| body["role"] = json!("owner"),
        &[("/role", "unknown_value")],
    );
    refused(
        &|body| body["password"] = json!("passwordpassword"),
        &[("/password", "common_password")],
    );
    refused(
        &|body| body["author_id"] = json!("01930000-0000-7000-8000-0000000fffff"),
        &[("/author_id", "unknown_author")],
    );
    refused(
        &|body| {
            body["email"] = json!("nobody");
            body["password"] = json!("passwordpassword");
            body["author_id"] = json!("01930000-0000-7000-8000-0000000fffff");
        },
        &[
            ("/email", "invalid_email"),
            ("/password", "common_password"),
            ("/author_id", "unknown_author"),
        ],
    );
    let mut taken = new_user("taken");
    taken["email"] = json!(text(&user["email"]).to_uppercase());
    admin.post(USERS, &taken).expect_problem(409, "already_exists");
    let me = own(&admin, &admin);
    seeing(&admin, &me)
        .patch(&path(&me), &json!({ "email": user["email"] }))
        .expect_problem(409, "already_exists");
    // No field sets what is not the client's to set.
    for field in [
        "id",
        "revision",
        "suspended_at",
        "password_hash",
        "created_at",
        "permissions",
    ] {
        let mut body = new_user("assigned");
        body[field] = json!("x");
        let answer = admin.post(USERS, &body).expect_problem(422, "unknown_field");
        assert_eq!(answer.errors()[0].0, format!("/{field}"));
    }
}

#[test]
fn the_last_admin_stays_one() {
    let app = App::start();
    let admin = app.admin();
    let me = own(&admin, &admin);
    let refuse = |caller: &Caller| {
        let seen = || seeing(caller, &fresh(caller, &path(&me)));
        seen()
            .patch(&path(&me), &json!({ "role": "editor" }))
            .expect_problem(409, "last_admin");
        seen()
            .act(&format!("{}/suspend", path(&me)))
            .expect_problem(409, "last_admin");
        seen().delete(&path(&me)).expect_problem(409, "last_admin");
    };
    refuse(&admin);
    // One who is suspended does not count.
    let other = made(&admin, "admin");
    let other = seeing(&admin, &other)
        .act(&format!("{}/suspend", path(&other)))
        .expect(200)
        .data();
    refuse(&admin);
    seeing(&admin, &other)
        .act(&format!("{}/reactivate", path(&other)))
        .expect(200);
    seeing(&admin, &fresh(&admin, &path(&me)))
        .delete(&path(&me))
        .expect(204);
    admin.get(ME).expect_problem(401, "invalid_token");
}

#[test]
fn of_two_admins_who_remove_each_other_at_once_one_stays() {
    let app = App::start();
    let node = app.second_node().start();
    for round in 0..5 {
        let (one, other) = (
            app.user(Role::Admin, &format!("one{round}@example.org")),
            app.user(Role::Admin, &format!("other{round}@example.org")),
        );
        let (first, second) = (own(&one, &one), own(&one, &other));
        // Whoever was left of the rounds before.
        let list = one
            .get(&format!("{USERS}?role=admin&limit=100"))
            .expect(200)
            .data();
        for left in list.as_array().unwrap() {
            if left["id"] != first["id"] && left["id"] != second["id"] {
                seeing(&one, left).delete(&path(left)).expect(204);
            }
        }
        let there = Caller::new(node.address(), other.token().map(str::to_owned));
        let answers = at_once(
            || seeing(&one, &second).patch(&path(&second), &json!({ "role": "editor" })),
            || seeing(&there, &first).act(&format!("{}/suspend", path(&first))),
        );
        let statuses = statuses(&answers);
        assert_eq!(statuses[0], 200, "{} {}", answers[0].text(), answers[1].text());
        // The slower is the last admin by then, or not in any more.
        assert!([401, 409].contains(&statuses[1]), "{statuses:?}");
        let stays = if answers[0].status() == 200 { &one } else { &there };
        let admins = stays.get(&format!("{USERS}?role=admin")).expect(200).data();
        assert_eq!(
            admins
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| one["suspended_at"].is_null())
                .count(),
            1
        );
    }
}

#[test]
fn nobody_hands_on_a_right_that_they_do_not_have() {
    let app = App::start();
    let admin = app.admin();
    let (viewer, editor) = (made(&admin, "viewer"), made(&admin, "editor"));
    let key = app.key(&[
        Permission::UsersManage,
        Permission::ContentRead,
        Permission::ContentPreview,
    ]);
    let mut body = new_user("viewer");
    body["role"] = json!("viewer");
    key.post(USERS, &body).expect(201);
    body["role"] = json!("author");
    key.post(USERS, &body).expect_problem(403, "forbidden");
    seeing(&key, &viewer)
        .patch(&path(&viewer), &json!({ "role": "admin" }))
        .expect_problem(403, "forbidden");
    seeing(&key, &viewer)
        .patch(&path(&viewer), &json!({ "name": "Renamed" }))
        .expect(200);
    for request in [
        seeing(&key, &editor).patch(&path(&editor), &json!({ "name": "Mine" })),
        seeing(&key, &editor).act(&format!("{}/suspend", path(&editor))),
        seeing(&key, &editor).put(
            &format!("{}/password", path(&editor)),
            &json!({ "password": PASSWORD }),
        ),
        seeing(&key, &editor).delete(&path(&editor)),
        key.delete(&format!("{}/sessions", path(&editor))),
    ] {
        request.expect_problem(403, "forbidden");
    }
    assert_eq!(fresh(&admin, &path(&editor)), editor);
}

#[test]
fn what_a_deleted_account_wrote_stays_and_its_id_never_comes_back() {
    let app = App::start();
    let admin = app.admin();
    let ada = app.author();
    let article = create_article(&ada, &masthead_tests::article("Left behind"));
    let user = own(&admin, &ada);
    seeing(&admin, &user).delete(&path(&user)).expect(204);
    let kept = fresh(
        &admin,
        &format!("/management/v1/articles/{}", text(&article["id"])),
    );
    assert_eq!(kept["created_by"], article["created_by"]);
    admin.get(&path(&user)).expect_problem(404, "not_found");
    let list = admin.get(&format!("{USERS}?limit=100")).expect(200).data();
    assert!(!each(&list, "id").contains(&text(&user["id"])));
    // The address can be used again; it is somebody else then, who owns nothing of this.
    let again = app.author();
    assert_ne!(own(&admin, &again)["id"], user["id"]);
    let path = format!("/management/v1/articles/{}", text(&article["id"]));
    seeing(&again, &kept)
        .patch(&path, &json!({ "title": "Taken over" }))
        .expect_problem(403, "forbidden");
}

#[test]
fn accounts_are_walked_page_by_page() {
    let app = App::start();
    let admin = app.admin();
    for _ in 0..7 {
        made(&admin, "viewer");
    }
    let mut seen = Vec::new();
    let mut next = Some(format!("{USERS}?limit=3&sort=-email&role=viewer"));
    while let Some(at) = next {
        let body = admin.get(&at).expect(200).body();
        seen.extend(each(&body["data"], "email"));
        next = body["links"]["next"].as_str().map(str::to_owned);
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.reverse();
    assert_eq!((seen.len(), &seen), (7, &sorted));
}
