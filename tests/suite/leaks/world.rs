//! A site with content in every private state, each of its words a canary.

use std::collections::BTreeSet;

use masthead_tests::Caller;
use serde_json::{Value, json};

/// What every private word begins with, whatever it is part of.
pub(super) const CANARY: &str = "qanary";
/// What follows in the slugs of things that readers saw once.
pub(super) const ONCE_PUBLIC: [&str; 4] = ["bygone", "unpublished", "destroyed", "withdrawn"];
/// A locale that only drafts are in.
pub(super) const PRIVATE_LOCALE: &str = "tlh";

/// What readers may see, and what they may not.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) public_ids: BTreeSet<String>,
    pub(super) public_slugs: BTreeSet<String>,
    pub(super) private_ids: BTreeSet<String>,
    pub(super) private_slugs: BTreeSet<String>,
}

/// Sends what editors send, always having seen the newest state.
pub(super) struct Desk(pub(super) Caller);

impl Desk {
    pub(super) fn create(&self, kind: &str, body: &Value) -> Value {
        self.0
            .post(&format!("/management/v1/{kind}"), body)
            .expect(201)
            .data()
    }

    pub(super) fn fresh(&self, kind: &str, thing: &Value) -> Value {
        let id = thing["id"].as_str().unwrap();
        self.0
            .get(&format!("/management/v1/{kind}/{id}"))
            .expect(200)
            .data()
    }

    /// Any request on a thing in its newest state.
    pub(super) fn on(
        &self,
        method: &str,
        kind: &str,
        thing: &Value,
        rest: &str,
        body: Option<&Value>,
    ) -> Value {
        let fresh = self.fresh(kind, thing);
        let caller = self.0.clone().seen(fresh["etag"].as_str().unwrap());
        let path = format!("/management/v1/{kind}/{}{rest}", fresh["id"].as_str().unwrap());
        let text = body.map(Value::to_string);
        let answer = caller.send(
            method,
            &path,
            text.as_ref().map(|text| ("application/json", text.as_bytes())),
        );
        assert!(answer.status() < 300, "{method} {path}: {}", answer.text());
        if answer.status() == 204 {
            Value::Null
        } else {
            answer.data()
        }
    }

    pub(super) fn publish(&self, kind: &str, thing: &Value) -> Value {
        self.on("POST", kind, thing, "/publish", None)
    }
}

fn word(name: &str) -> String {
    format!("{CANARY}{name}")
}

/// Every field of an article, each with a canary of its own.
pub(super) fn secret_article(name: &str, tag: &str, author: &str, locale: &str) -> Value {
    let w = |field: &str| word(&format!("{name}{field}"));
    json!({
        "locale": locale, "slug": format!("{CANARY}-{name}"), "title": w("title"), "dek": w("dek"), "excerpt": w("excerpt"),
        "cover": { "url": format!("https://img.example.org/{}.jpg", w("cover")), "alt": w("alt"), "caption": w("caption"), "credit": w("credit") },
        "seo": { "title": w("seotitle"), "description": w("seodescription"), "canonical_url": format!("https://example.org/{}", w("canonical")) },
        "metadata": { w("key"): w("value") },
        "tags": [tag], "authors": [{ "slug": author }],
        "sections": [
            { "kind": "text", "heading": w("heading"), "body": w("body") },
            { "kind": "quote", "body": w("quote"), "attribution": w("attribution") },
            { "kind": "image", "image": format!("https://img.example.org/{}.jpg", w("image")), "alt": w("imagealt") },
            { "kind": "callout", "heading": w("calloutheading"), "level": 3, "body": w("callout") }
        ],
        "faqs": [{ "question": w("question"), "answer": w("answer"), "slug": format!("{CANARY}-{name}-faq") }]
    })
}

/// What both databases of a comparison have: three articles, FAQs alone and linked, names.
pub(super) fn public(desk: &Desk) -> Vec<Value> {
    for (slug, name) in [("sea", "Sea"), ("moon", "Moon")] {
        desk.create("tags", &json!({ "slug": slug, "name": name }));
        desk.create(
            "authors",
            &json!({ "slug": format!("by-{slug}"), "name": format!("By {name}") }),
        );
    }
    let shared = desk.create(
        "faqs",
        &json!({ "locale": "en", "question": "Shared?", "answer": "Yes.", "tags": ["moon"] }),
    );
    desk.publish("faqs", &shared);
    [("Tides", "sea", "en"), ("Waves", "sea", "en"), ("Gezeiten", "moon", "de")]
        .into_iter()
        .enumerate()
        .map(|(number, (title, tag, locale))| {
            let body = json!({
                "locale": locale, "title": title, "dek": format!("Of {title}."), "tags": [tag],
                "authors": [{ "slug": format!("by-{tag}") }],
                "sections": [{ "kind": "text", "heading": "Introduction", "body": format!("{title} come.") },
                             { "kind": "text", "heading": "Conclusion", "body": format!("{title} go.") }],
                "faqs": [{ "id": shared["id"] }, { "question": format!("What of {title}?"), "answer": "It depends." }]
            });
            // An id of our choosing, whatever else was made before.
            let id = format!("0193aaaa-0000-7000-8000-00000000000{number}");
            let caller = desk.0.clone().with("If-None-Match", "*");
            let made = caller.put(&format!("/management/v1/articles/{id}"), &body).expect(201).data();
            desk.publish("articles", &made)
        })
        .collect()
}

/// Private content that leaves no trace in what readers see and have seen.
pub(super) fn drafts(desk: &Desk, published: &[Value]) {
    desk.create("tags", &json!({ "slug": format!("{CANARY}-tag"), "name": word("tagname"), "description": word("tagtext"), "kind": word("kind") }));
    desk.create(
        "tags",
        &json!({ "slug": format!("{CANARY}-unused"), "name": word("unusedtag") }),
    );
    desk.create(
        "authors",
        &json!({ "slug": format!("{CANARY}-author"), "name": word("authorname"), "bio": word("bio"),
        "links": [{ "label": word("label"), "url": format!("https://example.org/{}", word("link")) }] }),
    );
    let (tag, author) = (format!("{CANARY}-tag"), format!("{CANARY}-author"));
    desk.create("articles", &secret_article("draft", &tag, &author, "en"));
    desk.create(
        "articles",
        &secret_article("klingon", &tag, "by-sea", PRIVATE_LOCALE),
    );
    // A draft beside what is published carries the same tag and author.
    desk.create("articles", &secret_article("beside", "sea", "by-sea", "en"));
    let scheduled = desk.create("articles", &secret_article("scheduled", &tag, &author, "en"));
    desk.on(
        "POST",
        "articles",
        &scheduled,
        "/schedule",
        Some(&json!({ "publish_at": "2030-01-15T09:00:00Z" })),
    );
    let deleted = desk.create("articles", &secret_article("deleted", &tag, &author, "en"));
    desk.on("DELETE", "articles", &deleted, "", None);
    let faq = desk.create("faqs", &json!({ "locale": "en", "question": word("faqquestion"), "answer": word("faqanswer"), "slug": format!("{CANARY}-faq"), "tags": [tag] }));
    let gone = desk.create(
        "faqs",
        &json!({ "locale": "en", "question": word("gonequestion"), "answer": word("goneanswer") }),
    );
    desk.on("DELETE", "faqs", &gone, "", None);
    notes(desk, &published[0], &faq);
    proposal(desk, &published[0]);
    edits(desk, &published[0], &faq);
}

/// What editors say about what readers see, and about what they do not.
fn notes(desk: &Desk, article: &Value, faq: &Value) {
    let of = |thing: &Value, kind: &str| format!("{kind}/{}/notes", thing["id"].as_str().unwrap());
    let section = &article["sections"][1]["id"];
    let said = json!({ "body": word("note"), "section_id": section, "quote": word("notequote") });
    let thread = desk.create(&of(article, "articles"), &said);
    let replies = format!("notes/{}/replies", thread["id"].as_str().unwrap());
    desk.create(&replies, &json!({ "body": word("notereply") }));
    desk.create(
        &of(&article["faqs"][0], "faqs"),
        &json!({ "body": word("faqnote") }),
    );
    desk.create(&of(faq, "faqs"), &json!({ "body": word("draftnote") }));
}

/// What somebody suggests of what readers see.
fn proposal(desk: &Desk, article: &Value) {
    let section = &article["sections"][0]["id"];
    let body = json!({ "base_revision": article["revision"], "message": word("proposal"), "operations": [
        { "op": "replace", "section_id": section,
          "section": { "kind": "text", "heading": word("proposedheading"), "body": word("proposedbody") } },
        { "op": "insert", "section": { "kind": "text", "body": word("insertedbody") } },
        { "op": "set", "title": word("proposedtitle") }
    ]});
    desk.create(
        &format!("articles/{}/proposals", article["id"].as_str().unwrap()),
        &body,
    );
}

/// Every part of a published article and its FAQ is changed, and none of it published.
fn edits(desk: &Desk, article: &Value, faq: &Value) {
    let secret = secret_article("edited", "moon", "by-moon", "en");
    let mut patch = json!({});
    for name in ["title", "slug", "dek", "excerpt", "cover", "seo", "metadata"] {
        patch[name] = secret[name].clone();
    }
    (patch["tags"], patch["authors"]) = (
        json!(["moon", format!("{CANARY}-tag")]),
        json!([{ "slug": format!("{CANARY}-author") }]),
    );
    desk.on("PATCH", "articles", article, "", Some(&patch));
    let sections = desk.fresh("articles", article)["sections"].clone();
    let section = sections[0]["id"].as_str().unwrap();
    let of_article = format!("articles/{}/sections", article["id"].as_str().unwrap());
    desk.on(
        "PATCH",
        &of_article,
        &sections[0],
        "",
        Some(&json!({ "heading": word("newheading"), "body": word("newbody") })),
    );
    desk.create(
        &of_article,
        &json!({ "kind": "text", "heading": word("added"), "body": word("addedbody"), "after": section }),
    );
    desk.on("DELETE", &of_article, &sections[1], "", None);
    let links = json!({ "faqs": [{ "id": faq["id"] }, { "question": word("linked"), "answer": word("linkedanswer") }] });
    desk.on("PUT", "articles", article, "/faqs", Some(&links));
    let own = &article["faqs"][1];
    let correction = json!({ "question": word("corrected"), "answer": word("correction"), "slug": format!("{CANARY}-corrected"), "tags": [format!("{CANARY}-tag")] });
    desk.on("PATCH", "faqs", own, "", Some(&correction));
}

/// Private content that readers could see once.
pub(super) fn bygone(desk: &Desk, published: &[Value]) {
    let (tag, author) = (format!("{CANARY}-bygone-tag"), format!("{CANARY}-bygone-author"));
    desk.create("tags", &json!({ "slug": tag, "name": word("bygonetag") }));
    desk.create(
        "authors",
        &json!({ "slug": author, "name": word("bygoneauthor") }),
    );
    let unpublished = desk.create("articles", &secret_article("unpublished", &tag, &author, "en"));
    desk.publish("articles", &unpublished);
    let faq = unpublished["faqs"][0].clone();
    desk.on("POST", "articles", &unpublished, "/unpublish", None);
    desk.on("POST", "faqs", &faq, "/unpublish", None);
    let deleted = desk.create("articles", &secret_article("destroyed", &tag, &author, "en"));
    desk.publish("articles", &deleted);
    let faq = deleted["faqs"][0].clone();
    desk.on("DELETE", "articles", &deleted, "", None);
    desk.on("POST", "faqs", &faq, "/unpublish", None);
    // A FAQ that the edition of a published article links, and that is a draft again.
    let body = json!({ "locale": "en", "question": word("withdrawn"), "answer": word("withdrawnanswer"), "slug": format!("{CANARY}-withdrawn") });
    let withdrawn = desk.create("faqs", &body);
    let mut links: Vec<_> = desk.fresh("articles", &published[2])["faqs"]
        .as_array()
        .unwrap()
        .clone();
    links.push(withdrawn.clone());
    let links: Vec<_> = links.iter().map(|faq| json!({ "id": faq["id"] })).collect();
    desk.on(
        "PUT",
        "articles",
        &published[2],
        "/faqs",
        Some(&json!({ "faqs": links })),
    );
    desk.publish("articles", &published[2]);
    desk.on("POST", "faqs", &withdrawn, "/unpublish", None);
}

impl World {
    /// Everything there is, asked of management; what has a canary for a slug or is not in `published` is private.
    pub(super) fn survey(desk: &Desk, published: &[Value]) -> Self {
        let mut world = Self::default();
        for kind in ["articles", "faqs", "tags", "authors"] {
            let mut path = Some(format!("/management/v1/{kind}?limit=100"));
            while let Some(at) = path {
                let body = desk.0.get(&at).expect(200).body();
                for row in body["data"].as_array().unwrap() {
                    world.note(row);
                    if kind == "articles" {
                        for section in desk.fresh("articles", row)["sections"].as_array().unwrap() {
                            world
                                .private_ids
                                .insert(section["id"].as_str().unwrap().to_owned());
                        }
                    }
                }
                path = body["links"]["next"].as_str().map(str::to_owned);
            }
        }
        let notes = desk.0.get("/management/v1/notes?limit=100").expect(200).data();
        for note in notes.as_array().unwrap() {
            let replies = note["replies"].as_array().unwrap().iter();
            let ids = [note].into_iter().chain(replies).map(|note| &note["id"]);
            world
                .private_ids
                .extend(ids.map(|id| id.as_str().unwrap().to_owned()));
        }
        let proposals = desk
            .0
            .get("/management/v1/proposals?limit=100")
            .expect(200)
            .data();
        for made in proposals.as_array().unwrap() {
            let whole = desk.fresh("proposals", made);
            let operations = whole["operations"].as_array().unwrap().iter();
            let ids = [made].into_iter().chain(operations).map(|thing| &thing["id"]);
            world
                .private_ids
                .extend(ids.map(|id| id.as_str().unwrap().to_owned()));
            world
                .private_ids
                .insert(whole["operations"][1]["section_id"].as_str().unwrap().to_owned());
        }
        // The sections and FAQs of the editions were returned when they were published.
        for article in published {
            for part in ["sections", "faqs", "tags", "authors"] {
                for thing in article[part].as_array().unwrap() {
                    let id = thing["id"].as_str().unwrap().to_owned();
                    world.private_ids.remove(&id);
                    world.public_ids.insert(id);
                }
            }
            let id = article["id"].as_str().unwrap().to_owned();
            world.private_ids.remove(&id);
            world.public_ids.insert(id);
            world
                .public_slugs
                .insert(article["slug"].as_str().unwrap().to_owned());
        }
        world
    }

    fn note(&mut self, row: &Value) {
        let (id, slug) = (
            row["id"].as_str().unwrap().to_owned(),
            row["slug"].as_str().unwrap().to_owned(),
        );
        if slug.starts_with(CANARY) {
            self.private_slugs.insert(slug);
            self.private_ids.insert(id);
        } else {
            self.public_slugs.insert(slug);
            self.public_ids.insert(id);
        }
    }
}
