//! One request that would succeed, for every operation of the document: tests that walk the document build on it.

use std::collections::BTreeMap;

use masthead_api::documents;
use masthead_openapi::document::Surface;
use masthead_tests::{App, Caller, PASSWORD, Provider, Response, article, create_article, publish};
use serde_json::{Value, json};

pub use super::account_cases::new_user;
use super::account_cases::{key_case, second_factor_case, ticket_case, user_case};
use super::mailing::{INVITATIONS, RESET, VERIFICATION};
use super::proposals::{proposal_path, propose};
use super::releases::{RELEASES, gather, release_path};
use super::second_factor::{Authenticator, log_in};
use super::sign_on::{BEGIN, FINISH};
use super::support::{
    ARTICLES, AUTHORS, FAQS, NOTES, PROPOSALS, REDIRECTS, TAGS, TRASH, article_path, author, faq, faq_path,
    plain_article, section_path, tag, text,
};

/// Where the weights of the checks before publishing are.
pub const SETTINGS: &str = "/management/v1/settings/preflight";
/// Where it stands what accounts need.
pub const SECURITY: &str = "/management/v1/settings/security";
/// Where accounts are.
pub const USERS: &str = "/management/v1/users";
/// Where API keys are.
pub const KEYS: &str = "/management/v1/api-keys";
/// Where one's own sessions are.
pub const SESSIONS: &str = "/management/v1/auth/sessions";

/// Operations that end the session of whoever sends them.
pub const PARTING: [&str; 3] = ["logout", "change_password", "delete_sessions"];

/// A request that succeeds when an admin sends it.
pub struct Case {
    /// Its method.
    pub method: &'static str,
    /// Its address.
    pub path: String,
    /// Its body.
    pub body: Option<Value>,
    /// The thing that `If-Match` speaks of.
    pub thing: Option<Value>,
    /// Where that thing is read.
    pub read: String,
}

impl Case {
    pub(super) fn open(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            thing: None,
            read: String::new(),
        }
    }

    pub(super) fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn on(mut self, thing: &Value, read: impl Into<String>) -> Self {
        self.thing = Some(thing.clone());
        self.read = read.into();
        self
    }

    /// The entity tag of the present state.
    pub fn etag(&self) -> Option<String> {
        self.thing.as_ref().map(|thing| text(&thing["etag"]))
    }

    /// Sends it without a precondition of its own.
    pub fn send(&self, caller: &Caller) -> Response {
        let kind = match self.method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let body = self.body.as_ref().map(|body| body.to_string().into_bytes());
        caller.send(
            self.method,
            &self.path,
            body.as_ref().map(|body| (kind, body.as_slice())),
        )
    }

    /// Sends it, having seen the present state where that is asked for.
    pub fn send_seeing(&self, caller: &Caller) -> Response {
        match self.etag() {
            Some(etag) => self.send(&caller.clone().seen(&etag)),
            None => self.send(caller),
        }
    }
}

/// The operations of the document by their ids.
pub fn operations() -> BTreeMap<String, Value> {
    let document = documents::document(Surface::Management);
    let items = document["paths"].as_object().expect("paths").values();
    let operations = items.flat_map(|item| item.as_object().expect("operations").values().cloned());
    operations
        .map(|operation| (text(&operation["operationId"]), operation))
        .collect()
}

/// Whether an operation takes a header.
pub fn takes_header(operation: &Value, name: &str) -> bool {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    parameters
        .iter()
        .any(|parameter| parameter["in"] == "header" && parameter["name"] == name)
}

/// A request of this operation, with new things to act upon: `maker`'s own where they belong to somebody.
///
/// A new operation gets a line here; until then, the tests that walk the document fail.
#[expect(clippy::too_many_lines, reason = "a table, one arm an operation")]
#[track_caller]
pub fn case(app: &App, maker: &Caller, editor: &Caller, operation: &str) -> Case {
    match operation {
        "login" => {
            app.ensure_user(masthead_domain::rights::Role::Viewer, "login@example.org");
            Case::open("POST", "/management/v1/auth/login")
                .with(json!({ "email": "login@example.org", "password": PASSWORD }))
        }
        "get_me" => Case::open("GET", "/management/v1/auth/me"),
        "refresh_login" => {
            app.ensure_user(masthead_domain::rights::Role::Viewer, "login@example.org");
            let body = json!({ "email": "login@example.org", "password": PASSWORD });
            let login = app.anonymous().post("/management/v1/auth/login", &body);
            let token = login.expect(200).data()["refresh_token"].clone();
            Case::open("POST", "/management/v1/auth/refresh").with(json!({ "refresh_token": token }))
        }
        "get_jwks" => Case::open("GET", "/management/v1/auth/jwks"),
        "logout" => Case::open("POST", "/management/v1/auth/logout"),
        // The same again: whoever the harness logs in next finds the account as it was.
        "change_password" => Case::open("POST", "/management/v1/auth/password")
            .with(json!({ "current_password": PASSWORD, "new_password": PASSWORD })),
        "list_sessions" => Case::open("GET", SESSIONS),
        "delete_sessions" => Case::open("DELETE", SESSIONS),
        "delete_session" => {
            let me = maker.get("/management/v1/auth/me").expect(200).data();
            let body = json!({ "email": me["email"], "password": PASSWORD });
            let other = app
                .anonymous()
                .post("/management/v1/auth/login", &body)
                .expect(200);
            Case::open(
                "DELETE",
                format!("{SESSIONS}/{}", text(&other.data()["session_id"])),
            )
        }
        "get_preflight_settings" => Case::open("GET", SETTINGS),
        "set_preflight_settings" => {
            let seen = app.admin().get(SETTINGS).expect(200).data();
            Case::open("PUT", SETTINGS)
                .with(json!({ "checks": { "long_title": "off" } }))
                .on(&seen, SETTINGS)
        }
        "get_security_settings" => Case::open("GET", SECURITY),
        "set_security_settings" => {
            let seen = app.admin().get(SECURITY).expect(200).data();
            Case::open("PUT", SECURITY)
                .with(json!({ "second_factor": { "required_for": [] } }))
                .on(&seen, SECURITY)
        }
        "get_second_factor"
        | "begin_second_factor"
        | "confirm_second_factor"
        | "renew_recovery_codes"
        | "disable_second_factor" => second_factor_case(app, maker, operation),
        "delete_user_second_factor" => {
            let body = new_user("acted-upon");
            let made = app.admin().post(USERS, &body).expect(201).data();
            let (email, password) = (text(&body["email"]), text(&body["password"]));
            Authenticator::of(app, &log_in(app, &email, &password), &password).confirm(app);
            Case::open("DELETE", format!("{USERS}/{}/second-factor", text(&made["id"])))
        }
        "request_password_reset" => {
            // One that nobody was mailed at yet.
            let email = new_user("forgetful")["email"].clone();
            Case::open("POST", RESET).with(json!({ "email": email }))
        }
        "request_email_verification" => Case::open("POST", VERIFICATION),
        "create_invitation" => {
            let mut body = new_user("invited");
            body.as_object_mut().expect("a body").remove("password");
            Case::open("POST", INVITATIONS).with(body)
        }
        "resend_invitation" => {
            let made = app
                .admin()
                .post(USERS, &new_user("acted-upon"))
                .expect(201)
                .data();
            Case::open("POST", format!("{USERS}/{}/invitation", text(&made["id"])))
        }
        "confirm_password_reset" | "confirm_email_verification" | "accept_invitation" => {
            ticket_case(app, operation)
        }
        "begin_sign_on" => Case::open("POST", BEGIN),
        "finish_sign_on" => {
            let begun = app.anonymous().act(BEGIN).expect(200).data();
            let (code, state) = Provider::shared().visit(&text(&begun["authorization_url"]));
            let body = json!({ "code": code, "state": state, "binding": begun["binding"] });
            Case::open("POST", FINISH).with(body)
        }
        "list_users" => Case::open("GET", USERS),
        "create_user" => Case::open("POST", USERS).with(new_user("made")),
        "get_user"
        | "update_user"
        | "delete_user"
        | "suspend_user"
        | "reactivate_user"
        | "set_user_password"
        | "list_user_sessions"
        | "delete_user_sessions" => user_case(app, operation),
        "list_api_keys" => Case::open("GET", KEYS),
        "create_api_key" => {
            Case::open("POST", KEYS).with(json!({ "name": "Made", "scopes": ["content:read"] }))
        }
        "get_api_key" | "update_api_key" | "rotate_api_key" | "revoke_api_key" => key_case(app, operation),
        "list_articles" => Case::open("GET", ARTICLES),
        "create_article" => Case::open("POST", ARTICLES).with(article("Made")),
        "list_faqs" => Case::open("GET", FAQS),
        "create_faq" => {
            Case::open("POST", FAQS).with(json!({ "locale": "en", "question": "Q?", "answer": "A." }))
        }
        "list_tags" => Case::open("GET", TAGS),
        "create_tag" => Case::open("POST", TAGS).with(json!({ "name": "Made" })),
        "list_authors" => Case::open("GET", AUTHORS),
        "create_author" => Case::open("POST", AUTHORS).with(json!({ "name": "Made" })),
        "get_faq" | "update_faq" | "delete_faq" | "publish_faq" | "unpublish_faq" | "list_faq_revisions"
        | "get_faq_revision" | "get_faq_diff" | "get_faq_blame" | "revert_faq" => {
            faq_case(maker, editor, operation)
        }
        "get_tag" | "update_tag" | "delete_tag" => {
            let made = tag(editor, "Shared");
            shared_case(&made, TAGS, operation)
        }
        "merge_tag" => {
            let (made, stays) = (tag(editor, "Shared"), tag(editor, "Staying"));
            let path = format!("{TAGS}/{}", text(&made["id"]));
            Case::open("POST", format!("{path}/merge"))
                .with(json!({ "into": stays["id"] }))
                .on(&made, path)
        }
        "get_author" | "update_author" | "delete_author" => {
            let made = author(editor, "Shared");
            shared_case(&made, AUTHORS, operation)
        }
        "list_faq_notes" | "create_faq_note" | "list_notes" | "get_note" | "update_note" | "delete_note"
        | "create_note_reply" | "resolve_note" | "reopen_note" => note_case(maker, operation),
        "list_proposals" => Case::open("GET", PROPOSALS),
        "get_proposal" | "accept_proposal" | "reject_proposal" | "withdraw_proposal" => {
            proposal_case(maker, operation)
        }
        "list_redirects" => Case::open("GET", REDIRECTS),
        "get_preview_link" | "delete_preview_link" => {
            let made = create_article(maker, &article("Whose"));
            let links = format!("{}/preview-links", article_path(&made));
            let link = maker.act(&links).expect(201).data();
            let method = if operation == "get_preview_link" {
                "GET"
            } else {
                "DELETE"
            };
            let id = text(&link["id"]);
            Case::open(method, format!("/management/v1/preview-links/{id}"))
        }
        "list_releases" => Case::open("GET", RELEASES),
        "create_release" | "get_release" | "update_release" | "delete_release" | "publish_release" => {
            release_case(maker, editor, operation)
        }
        "run_batch" => Case::open("POST", "/management/v1/batch").with(json!({
            "operations": [{
                "method": "POST", "path": "/management/v1/tags", "body": { "name": "Of a batch" }
            }]
        })),
        "list_audit_entries" => Case::open("GET", "/management/v1/audit-entries"),
        "export_audit_entries" => Case::open("GET", "/management/v1/audit-entries/export"),
        "list_trash" => Case::open("GET", TRASH),
        "get_trash_item" | "restore_trash_item" | "delete_trash_item" => trash_case(maker, operation),
        "create_redirect" | "get_redirect" | "delete_redirect" => redirect_case(editor, operation),
        _ => article_case(maker, editor, operation),
    }
}

/// Operations that take nobody's credential.
pub const OPEN: [&str; 9] = [
    "begin_sign_on",
    "finish_sign_on",
    "login",
    "refresh_login",
    "get_jwks",
    "request_password_reset",
    "confirm_password_reset",
    "confirm_email_verification",
    "accept_invitation",
];

fn trash_case(maker: &Caller, operation: &str) -> Case {
    let made = create_article(maker, &article("Whose"));
    let seen = maker.clone().seen(&text(&made["etag"]));
    seen.delete(&article_path(&made)).expect(204);
    let path = format!("{TRASH}/{}", text(&made["id"]));
    match operation {
        "get_trash_item" => Case::open("GET", path),
        "restore_trash_item" => Case::open("POST", format!("{path}/restore")),
        _ => Case::open("DELETE", path),
    }
}

fn release_case(maker: &Caller, editor: &Caller, operation: &str) -> Case {
    let thing = create_article(maker, &article("Released"));
    let items = json!([{ "type": "article", "id": thing["id"] }]);
    let body = json!({ "name": "Spring issue", "items": items });
    if operation == "create_release" {
        return Case::open("POST", RELEASES).with(body);
    }
    let made = gather(editor, items.as_array().expect("a list"));
    let path = release_path(&made);
    match operation {
        "get_release" => Case::open("GET", path),
        "update_release" => Case::open("PATCH", path.clone())
            .with(json!({ "name": "Summer issue" }))
            .on(&made, path),
        "delete_release" => Case::open("DELETE", path.clone()).on(&made, path),
        _ => Case::open("POST", format!("{path}/publish")).on(&made, path),
    }
}

fn redirect_case(editor: &Caller, operation: &str) -> Case {
    let target = tag(editor, "Led to");
    let slug = format!("was-{}", text(&target["slug"]));
    let body = json!({ "type": "tag", "slug": slug, "target_id": target["id"] });
    if operation == "create_redirect" {
        return Case::open("POST", REDIRECTS).with(body);
    }
    let made = editor.post(REDIRECTS, &body).expect(201).data();
    shared_case(&made, REDIRECTS, operation)
}

fn proposal_case(maker: &Caller, operation: &str) -> Case {
    let about = create_article(maker, &article("Proposed upon"));
    let made = propose(maker, &about, &json!([{ "op": "set", "title": "Proposed" }]));
    let path = proposal_path(&made);
    let act = operation.trim_end_matches("_proposal");
    match act {
        "get" => Case::open("GET", path),
        _ => Case::open("POST", format!("{path}/{act}")).on(&made, path),
    }
}

fn note_case(maker: &Caller, operation: &str) -> Case {
    let about = format!("{}/notes", faq_path(&faq(maker, "About what?")));
    let body = json!({ "body": "Is this so?" });
    match operation {
        "list_notes" => return Case::open("GET", NOTES),
        "list_faq_notes" => return Case::open("GET", about),
        "create_faq_note" => return Case::open("POST", about).with(body),
        _ => {}
    }
    let made = maker.post(&about, &body).expect(201).data();
    let path = format!("{NOTES}/{}", text(&made["id"]));
    match operation {
        "get_note" => Case::open("GET", path),
        "create_note_reply" => Case::open("POST", format!("{path}/replies")).with(body),
        "update_note" => Case::open("PATCH", &path)
            .with(json!({ "body": "Is it?" }))
            .on(&made, path),
        "delete_note" => Case::open("DELETE", &path).on(&made, path),
        "resolve_note" => Case::open("POST", format!("{path}/resolve")).on(&made, path),
        _ => {
            let seen = maker.clone().seen(&text(&made["etag"]));
            let made = seen.act(&format!("{path}/resolve")).expect(200).data();
            Case::open("POST", format!("{path}/reopen")).on(&made, path)
        }
    }
}

fn faq_case(maker: &Caller, editor: &Caller, operation: &str) -> Case {
    let mut made = faq(maker, "Whose?");
    let path = faq_path(&made);
    if operation == "unpublish_faq" {
        let seen = editor.clone().seen(&text(&made["etag"]));
        made = seen.act(&format!("{path}/publish")).expect(200).data();
    }
    let case = match operation {
        "get_faq" => return Case::open("GET", path),
        "list_faq_revisions" => return Case::open("GET", format!("{path}/revisions")),
        "get_faq_revision" => return Case::open("GET", format!("{path}/revisions/1")),
        "get_faq_diff" => return Case::open("GET", format!("{path}/revisions/1/diff/1")),
        "get_faq_blame" => return Case::open("GET", format!("{path}/blame")),
        "revert_faq" => Case::open("POST", format!("{path}/revisions/1/revert")),
        "update_faq" => Case::open("PATCH", &path).with(json!({ "answer": "Another." })),
        "delete_faq" => Case::open("DELETE", &path),
        "publish_faq" => Case::open("POST", format!("{path}/publish")),
        _ => Case::open("POST", format!("{path}/unpublish")),
    };
    case.on(&made, path)
}

fn shared_case(made: &Value, list: &str, operation: &str) -> Case {
    let path = format!("{list}/{}", text(&made["id"]));
    match operation.split('_').next() {
        Some("get") => Case::open("GET", path),
        Some("update") => Case::open("PATCH", &path)
            .with(json!({ "name": "Renamed" }))
            .on(made, path),
        _ => Case::open("DELETE", &path).on(made, path),
    }
}

fn article_case(maker: &Caller, editor: &Caller, operation: &str) -> Case {
    let made = create_article(maker, &article("Whose"));
    let path = article_path(&made);
    let at = |part: &str| format!("{path}/{part}");
    let (section, first) = (section_path(&made, 0), made["sections"][0].clone());
    let order = json!([made["sections"][1]["id"], made["sections"][0]["id"]]);
    match operation {
        "get_article" => Case::open("GET", path),
        "list_article_proposals" => Case::open("GET", at("proposals")),
        "create_article_proposal" => Case::open("POST", at("proposals"))
            .with(json!({ "base_revision": 1, "operations": [{ "op": "set", "title": "Proposed" }] })),
        "list_article_notes" => Case::open("GET", at("notes")),
        "create_article_note" => Case::open("POST", at("notes"))
            .with(json!({ "body": "Is this so?", "section_id": made["sections"][0]["id"] })),
        "put_article" => Case::open("PUT", &path)
            .with(json!({ "locale": "en", "title": "Whole" }))
            .on(&made, path),
        "update_article" => Case::open("PATCH", &path)
            .with(json!({ "title": "Other" }))
            .on(&made, path),
        "delete_article" => Case::open("DELETE", &path).on(&made, path),
        "set_article_faqs" => Case::open("PUT", at("faqs"))
            .with(json!({ "faqs": [] }))
            .on(&made, path),
        "set_article_tags" => {
            tag(editor, "To link");
            Case::open("PUT", at("tags"))
                .with(json!({ "tags": ["to-link"] }))
                .on(&made, path)
        }
        "set_article_authors" => {
            author(editor, "To name");
            Case::open("PUT", at("authors"))
                .with(json!({ "authors": [{ "slug": "to-name" }] }))
                .on(&made, path)
        }
        "publish_article" => Case::open("POST", at("publish")).on(&made, path),
        "unpublish_article" => {
            let made = publish(editor, &made).data();
            Case::open("POST", at("unpublish")).on(&made, path)
        }
        "schedule_article" => Case::open("POST", at("schedule"))
            .with(json!({ "publish_at": "2030-01-01T00:00:00Z" }))
            .on(&made, path),
        "submit_article" => Case::open("POST", at("submit"))
            .with(json!({ "note": "Ready." }))
            .on(&made, path),
        "approve_article" | "request_article_changes" => {
            let seen = maker.clone().seen(&text(&made["etag"]));
            let made = seen.act(&at("submit")).expect(200).data();
            let act = if operation == "approve_article" {
                "approve"
            } else {
                "request-changes"
            };
            Case::open("POST", at(act)).on(&made, path)
        }
        "archive_article" => Case::open("POST", at("archive")).on(&made, path),
        "reopen_article" => {
            let seen = editor.clone().seen(&text(&made["etag"]));
            let made = seen.act(&at("archive")).expect(200).data();
            Case::open("POST", at("reopen")).on(&made, path)
        }
        "unschedule_article" => {
            let seen = editor.clone().seen(&text(&made["etag"]));
            let body = json!({ "publish_at": "2030-01-01T00:00:00Z" });
            let made = seen.post(&at("schedule"), &body).expect(200).data();
            Case::open("POST", at("unschedule")).on(&made, path)
        }
        "list_article_revisions" => Case::open("GET", at("revisions")),
        "get_article_revision" => Case::open("GET", at("revisions/1")),
        "get_article_diff" => Case::open("GET", at("revisions/1/diff/1")),
        "create_preview_link" => Case::open("POST", at("preview-links")).with(json!({ "expires_in": 60 })),
        "list_preview_links" => Case::open("GET", at("preview-links")),
        "get_article_blame" => Case::open("GET", at("blame")),
        "revert_article" => Case::open("POST", at("revisions/1/revert")).on(&made, path),
        "merge_article" => {
            let version = json!({ "locale": "en", "title": "Merged" });
            Case::open("POST", at("merge")).with(json!({ "base_revision": 1, "article": version }))
        }
        "list_sections" => Case::open("GET", at("sections")),
        "create_section" => {
            Case::open("POST", at("sections")).with(json!({ "kind": "text", "body": "More." }))
        }
        "get_section" => Case::open("GET", section),
        "update_section" => Case::open("PATCH", &section)
            .with(json!({ "body": "Other." }))
            .on(&first, section),
        "delete_section" => Case::open("DELETE", &section).on(&first, section),
        "set_section_order" => Case::open("PUT", at("sections/order"))
            .with(json!({ "sections": order }))
            .on(&made, path),
        other => panic!("the operation {other} has no case; add one"),
    }
}

/// Something whose entity tag is good, and not for the thing in question.
pub fn other_thing(editor: &Caller) -> Value {
    plain_article(editor, "Another")
}
