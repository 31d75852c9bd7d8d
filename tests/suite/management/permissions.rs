//! Who may do what: every operation of the document with every kind of caller.

use std::collections::BTreeSet;

use masthead_domain::rights::{Permission, Role};
use masthead_tests::{App, Caller, article, create_article, publish};
use serde_json::json;

use super::cases::{case, operations};
use super::support::{
    article_path, author, faq, faq_path, fresh, plain_article, section_path, seeing, tag, text, totals,
};

/// For each operation, what it answers: nobody, reader, viewer, author (to their own things), editor, admin.
const TABLE: &[(&str, [u16; 6])] = &[
    ("login", [200, 200, 200, 200, 200, 200]),
    ("get_me", [401, 200, 200, 200, 200, 200]),
    ("refresh_login", [200, 200, 200, 200, 200, 200]),
    ("get_jwks", [200, 200, 200, 200, 200, 200]),
    ("logout", [401, 204, 204, 204, 204, 204]),
    ("change_password", [401, 200, 200, 200, 200, 200]),
    ("list_sessions", [401, 200, 200, 200, 200, 200]),
    ("delete_session", [401, 404, 404, 204, 404, 204]),
    ("delete_sessions", [401, 204, 204, 204, 204, 204]),
    ("get_second_factor", [401, 200, 200, 200, 200, 200]),
    ("confirm_second_factor", [401, 404, 404, 200, 404, 200]),
    ("renew_recovery_codes", [401, 404, 404, 200, 404, 200]),
    ("disable_second_factor", [401, 404, 404, 204, 404, 204]),
    ("delete_user_second_factor", [401, 403, 403, 403, 403, 204]),
    // After those that nobody has begun for.
    ("begin_second_factor", [401, 200, 200, 200, 200, 200]),
    ("begin_sign_on", [200, 200, 200, 200, 200, 200]),
    ("finish_sign_on", [200, 200, 200, 200, 200, 200]),
    ("request_password_reset", [202, 202, 202, 202, 202, 202]),
    ("confirm_password_reset", [204, 204, 204, 204, 204, 204]),
    ("request_email_verification", [401, 202, 202, 202, 202, 202]),
    ("confirm_email_verification", [204, 204, 204, 204, 204, 204]),
    ("create_invitation", [401, 403, 403, 403, 403, 201]),
    ("resend_invitation", [401, 403, 403, 403, 403, 202]),
    ("accept_invitation", [204, 204, 204, 204, 204, 204]),
    ("get_security_settings", [401, 403, 403, 403, 403, 200]),
    ("set_security_settings", [401, 403, 403, 403, 403, 200]),
    ("get_preflight_settings", [401, 403, 200, 200, 200, 200]),
    ("set_preflight_settings", [401, 403, 403, 403, 403, 200]),
    ("list_users", [401, 403, 403, 403, 403, 200]),
    ("create_user", [401, 403, 403, 403, 403, 201]),
    ("get_user", [401, 403, 403, 403, 403, 200]),
    ("update_user", [401, 403, 403, 403, 403, 200]),
    ("delete_user", [401, 403, 403, 403, 403, 204]),
    ("suspend_user", [401, 403, 403, 403, 403, 200]),
    ("reactivate_user", [401, 403, 403, 403, 403, 200]),
    ("set_user_password", [401, 403, 403, 403, 403, 200]),
    ("list_user_sessions", [401, 403, 403, 403, 403, 200]),
    ("delete_user_sessions", [401, 403, 403, 403, 403, 204]),
    ("list_api_keys", [401, 403, 403, 403, 403, 200]),
    ("create_api_key", [401, 403, 403, 403, 403, 201]),
    ("get_api_key", [401, 403, 403, 403, 403, 200]),
    ("update_api_key", [401, 403, 403, 403, 403, 200]),
    ("rotate_api_key", [401, 403, 403, 403, 403, 200]),
    ("revoke_api_key", [401, 403, 403, 403, 403, 200]),
    ("list_articles", [401, 403, 200, 200, 200, 200]),
    ("create_article", [401, 403, 403, 201, 201, 201]),
    ("get_article", [401, 403, 200, 200, 200, 200]),
    ("put_article", [401, 403, 403, 200, 200, 200]),
    ("update_article", [401, 403, 403, 200, 200, 200]),
    ("delete_article", [401, 403, 403, 204, 204, 204]),
    ("set_article_faqs", [401, 403, 403, 200, 200, 200]),
    ("set_article_tags", [401, 403, 403, 200, 200, 200]),
    ("set_article_authors", [401, 403, 403, 200, 200, 200]),
    ("publish_article", [401, 403, 403, 403, 200, 200]),
    ("unpublish_article", [401, 403, 403, 403, 200, 200]),
    ("schedule_article", [401, 403, 403, 403, 200, 200]),
    ("unschedule_article", [401, 403, 403, 403, 200, 200]),
    ("submit_article", [401, 403, 403, 200, 200, 200]),
    ("approve_article", [401, 403, 403, 403, 200, 200]),
    ("request_article_changes", [401, 403, 403, 403, 200, 200]),
    ("archive_article", [401, 403, 403, 403, 200, 200]),
    ("reopen_article", [401, 403, 403, 200, 200, 200]),
    ("list_article_revisions", [401, 403, 200, 200, 200, 200]),
    ("get_article_revision", [401, 403, 200, 200, 200, 200]),
    ("get_article_diff", [401, 403, 200, 200, 200, 200]),
    ("get_article_blame", [401, 403, 200, 200, 200, 200]),
    ("revert_article", [401, 403, 403, 200, 200, 200]),
    ("merge_article", [401, 403, 403, 200, 200, 200]),
    ("list_faq_revisions", [401, 403, 200, 200, 200, 200]),
    ("get_faq_revision", [401, 403, 200, 200, 200, 200]),
    ("get_faq_diff", [401, 403, 200, 200, 200, 200]),
    ("get_faq_blame", [401, 403, 200, 200, 200, 200]),
    ("revert_faq", [401, 403, 403, 200, 200, 200]),
    ("list_sections", [401, 403, 200, 200, 200, 200]),
    ("create_section", [401, 403, 403, 201, 201, 201]),
    ("get_section", [401, 403, 200, 200, 200, 200]),
    ("update_section", [401, 403, 403, 200, 200, 200]),
    ("delete_section", [401, 403, 403, 204, 204, 204]),
    ("set_section_order", [401, 403, 403, 200, 200, 200]),
    ("list_article_proposals", [401, 403, 200, 200, 200, 200]),
    ("create_article_proposal", [401, 403, 403, 201, 201, 201]),
    ("list_proposals", [401, 403, 200, 200, 200, 200]),
    ("get_proposal", [401, 403, 200, 200, 200, 200]),
    ("accept_proposal", [401, 403, 403, 200, 200, 200]),
    ("reject_proposal", [401, 403, 403, 200, 200, 200]),
    // Nobody takes back what somebody else proposed.
    ("withdraw_proposal", [401, 403, 403, 200, 403, 200]),
    ("list_article_notes", [401, 403, 200, 200, 200, 200]),
    ("create_article_note", [401, 403, 403, 201, 201, 201]),
    ("list_faq_notes", [401, 403, 200, 200, 200, 200]),
    ("create_faq_note", [401, 403, 403, 201, 201, 201]),
    ("list_notes", [401, 403, 200, 200, 200, 200]),
    ("get_note", [401, 403, 200, 200, 200, 200]),
    // Nobody changes what somebody else said.
    ("update_note", [401, 403, 403, 200, 403, 200]),
    ("delete_note", [401, 403, 403, 204, 204, 204]),
    ("create_note_reply", [401, 403, 403, 201, 201, 201]),
    ("resolve_note", [401, 403, 403, 200, 200, 200]),
    ("reopen_note", [401, 403, 403, 200, 200, 200]),
    ("list_faqs", [401, 403, 200, 200, 200, 200]),
    ("create_faq", [401, 403, 403, 201, 201, 201]),
    ("get_faq", [401, 403, 200, 200, 200, 200]),
    ("update_faq", [401, 403, 403, 200, 200, 200]),
    ("delete_faq", [401, 403, 403, 204, 204, 204]),
    ("publish_faq", [401, 403, 403, 403, 200, 200]),
    ("unpublish_faq", [401, 403, 403, 403, 200, 200]),
    ("list_tags", [401, 403, 200, 200, 200, 200]),
    ("create_tag", [401, 403, 403, 403, 201, 201]),
    ("get_tag", [401, 403, 200, 200, 200, 200]),
    ("update_tag", [401, 403, 403, 403, 200, 200]),
    ("delete_tag", [401, 403, 403, 403, 204, 204]),
    ("merge_tag", [401, 403, 403, 403, 200, 200]),
    ("list_authors", [401, 403, 200, 200, 200, 200]),
    ("create_author", [401, 403, 403, 403, 201, 201]),
    ("get_author", [401, 403, 200, 200, 200, 200]),
    ("update_author", [401, 403, 403, 403, 200, 200]),
    ("delete_author", [401, 403, 403, 403, 204, 204]),
    ("list_redirects", [401, 403, 200, 200, 200, 200]),
    ("create_redirect", [401, 403, 403, 403, 201, 201]),
    ("get_redirect", [401, 403, 200, 200, 200, 200]),
    ("delete_redirect", [401, 403, 403, 403, 204, 204]),
    ("create_preview_link", [401, 403, 201, 201, 201, 201]),
    ("list_preview_links", [401, 403, 200, 200, 200, 200]),
    ("get_preview_link", [401, 403, 200, 200, 200, 200]),
    ("delete_preview_link", [401, 403, 403, 204, 204, 204]),
    ("list_trash", [401, 403, 200, 200, 200, 200]),
    ("get_trash_item", [401, 403, 200, 200, 200, 200]),
    ("restore_trash_item", [401, 403, 403, 200, 200, 200]),
    ("delete_trash_item", [401, 403, 403, 403, 403, 204]),
    ("list_releases", [401, 403, 200, 200, 200, 200]),
    ("create_release", [401, 403, 403, 403, 201, 201]),
    ("get_release", [401, 403, 200, 200, 200, 200]),
    ("update_release", [401, 403, 403, 403, 200, 200]),
    ("delete_release", [401, 403, 403, 403, 204, 204]),
    ("publish_release", [401, 403, 403, 403, 200, 200]),
    // The operation in it decides.
    ("run_batch", [401, 403, 403, 403, 200, 200]),
    ("list_audit_entries", [401, 403, 403, 403, 403, 200]),
    ("export_audit_entries", [401, 403, 403, 403, 403, 200]),
];

fn callers(app: &App) -> [(&'static str, Caller); 6] {
    [
        ("nobody", app.anonymous()),
        ("reader", app.user(Role::Reader, "reader@example.org")),
        ("viewer", app.viewer()),
        ("author", app.author()),
        ("editor", app.editor()),
        ("admin", app.admin()),
    ]
}

#[test]
fn every_operation_of_the_document_stands_in_the_table() {
    let documented: BTreeSet<_> = operations().into_keys().collect();
    let listed: BTreeSet<_> = TABLE.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(
        listed.len(),
        TABLE.len(),
        "an operation stands twice in the table"
    );
    assert_eq!(
        documented, listed,
        "the left are documented, the right in the table"
    );
}

#[test]
fn everybody_may_what_the_table_says_and_nothing_more() {
    let app = App::start();
    for (id, row) in TABLE {
        // Anew, because some operations end the session of whoever sends them.
        let callers = callers(&app);
        let (author, editor) = (callers[3].1.clone(), callers[5].1.clone());
        for ((who, caller), expected) in callers.iter().zip(row) {
            let maker = if *who == "author" { &author } else { &editor };
            let case = case(&app, maker, &editor, id);
            let before = totals(&editor);
            let answer = case.send_seeing(caller);
            assert_eq!(answer.status(), *expected, "{id} by {who}: {}", answer.text());
            if *expected >= 400 {
                let code = match *expected {
                    401 => "authentication_required",
                    404 => "not_found",
                    _ => "forbidden",
                };
                assert_eq!(answer.body()["code"], code, "{id} by {who}");
                assert_eq!(totals(&editor), before, "{id} by {who} left something");
                if let Some(thing) = &case.thing {
                    assert_eq!(&fresh(&editor, &case.read), thing, "{id} by {who}");
                }
            }
        }
    }
}

#[test]
fn a_key_without_a_scope_that_fits_is_refused_everywhere() {
    let app = App::start();
    let editor = app.admin();
    let key = app.key(&[Permission::KeysManage]);
    for id in operations().into_keys() {
        let answer = case(&app, &editor, &editor, &id).send_seeing(&key);
        let expected = match id.as_str() {
            // It sees keys, and makes or touches none that may more than itself.
            "login" | "refresh_login" | "get_jwks" | "get_me" | "list_api_keys" | "get_api_key"
            | "begin_sign_on" | "finish_sign_on" => 200,
            "request_password_reset" => 202,
            "confirm_password_reset" | "confirm_email_verification" | "accept_invitation" => 204,
            _ => 403,
        };
        assert_eq!(answer.status(), expected, "{id}: {}", answer.text());
    }
}

#[test]
fn an_author_touches_nothing_that_somebody_else_made() {
    let app = App::start();
    let (author, other, editor) = (
        app.author(),
        app.user(Role::Author, "other@example.org"),
        app.editor(),
    );
    let mine = |operation: &str| {
        ["_article", "_section", "_faq"]
            .iter()
            .any(|part| operation.contains(part))
            && !["create_article", "create_faq", "list_", "get_"]
                .iter()
                .any(|open| operation.starts_with(open))
    };
    let refused: Vec<_> = operations().into_keys().filter(|id| mine(id)).collect();
    assert!(refused.len() >= 17, "{refused:?}");
    for maker in [&other, &editor] {
        for id in &refused {
            let case = case(&app, maker, &editor, id);
            let answer = case.send_seeing(&author);
            assert_eq!(answer.status(), 403, "{id}: {}", answer.text());
            assert_eq!(answer.body()["code"], "forbidden", "{id}");
            if let Some(thing) = &case.thing {
                assert_eq!(&fresh(&author, &case.read), thing, "{id}");
            }
        }
    }
}

#[test]
fn an_author_does_not_take_away_what_readers_see() {
    let app = App::start();
    let (ada, editor) = (app.author(), app.editor());
    let article = create_article(&ada, &article("Mine"));
    let published = publish(&editor, &article).data();
    let path = article_path(&published);
    seeing(&ada, &published)
        .delete(&path)
        .expect_problem(403, "forbidden");
    let alone = faq(&ada, "Mine?");
    let question = faq_path(&alone);
    seeing(&editor, &alone)
        .act(&format!("{question}/publish"))
        .expect(200);
    seeing(&ada, &alone)
        .delete(&question)
        .expect_problem(403, "forbidden");
    assert_eq!(fresh(&ada, &question)["status"], "published");
    let section = section_path(&published, 0);
    seeing(&ada, &published["sections"][0])
        .patch(&section, &json!({ "body": "A draft of more." }))
        .expect(200);
    let page = app
        .anonymous()
        .get(&format!(
            "/delivery/v1/articles/{}?format=markdown",
            text(&published["id"])
        ))
        .expect(200)
        .data();
    assert_eq!(
        page["sections"][0]["body"]["markdown"],
        "The sea is **never** still."
    );
}

#[test]
fn what_may_not_be_done_is_refused_before_the_revision_is_looked_at() {
    let app = App::start();
    let (viewer, author_, editor) = (app.viewer(), app.author(), app.editor());
    let article = plain_article(&editor, "Old");
    let stale = "\"000000000000-1\"";
    for caller in [&viewer, &author_] {
        caller
            .clone()
            .seen(stale)
            .patch(&article_path(&article), &json!({ "title": "No" }))
            .expect_problem(403, "forbidden");
        caller
            .clone()
            .seen(stale)
            .act(&format!("{}/publish", article_path(&article)))
            .expect_problem(403, "forbidden");
    }
    let shared = [
        ("/management/v1/tags", tag(&editor, "Sea")),
        ("/management/v1/authors", author(&editor, "Ada")),
    ];
    for (list, thing) in shared {
        author_
            .clone()
            .seen(stale)
            .patch(
                &format!("{list}/{}", text(&thing["id"])),
                &json!({ "name": "No" }),
            )
            .expect_problem(403, "forbidden");
    }
    let own = faq(&author_, "Mine?");
    author_
        .clone()
        .seen(stale)
        .patch(&faq_path(&own), &json!({ "answer": "Yes." }))
        .expect_problem(412, "stale_revision");
}
