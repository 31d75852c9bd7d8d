//! Editors who act on what they saw last, and what has to come of it.

use std::sync::atomic::{AtomicU64, Ordering};

use masthead_tests::{Caller, Response, create_article};
use serde_json::{Value, json};

use super::dice::Dice;
use super::mirror::{self, Content, Mirror};
use crate::management::merging::{merge, version};
use crate::management::support::{article_path, each, faq_path, fresh, seeing, text};

/// What happened over all sequences.
#[derive(Debug, Default)]
pub struct Tally {
    done: AtomicU64,
    stale: AtomicU64,
    merged: AtomicU64,
    clashed: AtomicU64,
    reverted: AtomicU64,
    published: AtomicU64,
}

impl Tally {
    /// Insists that there was something to be seen of everything.
    pub fn insist_on_variety(&self, sequences: u64) {
        let counts = [
            (&self.done, 4),
            (&self.stale, 1),
            (&self.published, 1),
            (&self.merged, 1),
            (&self.reverted, 0),
            (&self.clashed, 0),
        ];
        for (count, each) in counts {
            let count = count.load(Ordering::Relaxed);
            assert!(count > 0 && count >= each * sequences / 2, "{self:?}");
        }
    }
}

fn more(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// One sequence: an article, those who edit it, and the model.
pub struct Play<'a> {
    editors: &'a [Caller],
    reader: &'a Caller,
    dice: Dice,
    tally: &'a Tally,
    mirror: Mirror,
    /// The article as it is.
    article: Value,
    /// As each editor saw it last.
    views: Vec<Value>,
    /// What happened, for whoever has to find out why.
    story: Vec<String>,
    words: u32,
}

impl<'a> Play<'a> {
    /// Makes an article; everybody has seen it.
    pub fn begin(editors: &'a [Caller], reader: &'a Caller, mut dice: Dice, tally: &'a Tally) -> Self {
        let body = mirror::begin(&format!("Play {}", dice.seed), 2 + dice.below(3));
        let article = create_article(&editors[0], &body);
        Self {
            editors,
            reader,
            tally,
            mirror: Mirror::new(&article),
            views: vec![article.clone(); editors.len()],
            story: Vec::new(),
            words: 0,
            dice,
            article,
        }
    }

    fn path(&self) -> String {
        article_path(&self.article)
    }

    fn live_path(&self) -> String {
        format!("/delivery/v1/articles/{}", text(&self.article["id"]))
    }

    /// A text that nobody wrote before.
    fn word(&mut self) -> String {
        self.words += 1;
        format!("Word{}", self.words)
    }

    /// Somebody does something; then everything is looked at.
    pub fn step(&mut self) {
        let who = self.dice.below(self.editors.len());
        let what = self.dice.below(22);
        self.story.push(format!("{who} does {what}"));
        // Most look before they publish or go back, so that much of that is done.
        if what >= 17 && self.dice.below(3) > 0 {
            self.views[who] = fresh(&self.editors[who], &self.path());
        }
        match what {
            0..3 => self.views[who] = fresh(&self.editors[who], &self.path()),
            3..7 => self.edit_section(who),
            7..9 => self.edit_article(who),
            9 | 10 => self.add_section(who),
            11 => self.delete_section(who),
            12 => self.reorder(who),
            13 => self.link(who),
            14 => self.edit_question(),
            15 => self.merge_dek(who),
            16 => self.merge_heading(who),
            17 | 18 => self.publish(who),
            19 => self.unpublish(who),
            _ => self.revert(who),
        }
        self.look();
    }

    /// A change with what this editor saw: done where it is so still, refused where it is not.
    fn settle(&mut self, answer: &Response, is_fresh: bool, status: u16, change: impl FnOnce(&mut Content)) {
        let story = self.story.join(", ");
        let seed = self.dice.seed;
        if is_fresh {
            assert_eq!(answer.status(), status, "{seed}: {story}: {}", answer.text());
            self.mirror.change(change);
            more(&self.tally.done);
        } else {
            assert_eq!(answer.status(), 412, "{seed}: {story}: {}", answer.text());
            let body = answer.body();
            assert_eq!(body["code"], "stale_revision", "{seed}: {story}");
            assert!(body["conflicts"].is_array(), "{seed}: {story}: {body}");
            more(&self.tally.stale);
        }
    }

    fn has_seen_the_article(&self, who: usize) -> bool {
        self.views[who]["revision"] == self.mirror.revision()
    }

    /// A section out of what this editor saw: its id, the tag they saw, and whether it is the same still.
    fn some_section(&mut self, who: usize) -> Option<(String, String, bool)> {
        let sections = self.views[who]["sections"].as_array().unwrap().clone();
        if sections.is_empty() {
            return None;
        }
        let seen = self.dice.one(&sections);
        let id = text(&seen["id"]);
        // A section that is not there any more is not found, which the callers of this ask for themselves.
        let now = self.article["sections"].as_array().unwrap();
        let same = now
            .iter()
            .any(|one| one["id"] == seen["id"] && one["etag"] == seen["etag"]);
        Some((id, text(&seen["etag"]), same))
    }

    fn is_there(&self, section: &str) -> bool {
        self.mirror.now.section(section).is_some()
    }

    fn edit_section(&mut self, who: usize) {
        let Some((id, seen, same)) = self.some_section(who) else {
            return;
        };
        let word = self.word();
        let path = format!("{}/sections/{id}", self.path());
        let field = *self.dice.one(&["heading", "body"]);
        let answer = self.editors[who]
            .clone()
            .seen(&seen)
            .patch(&path, &json!({ field: word }));
        if !self.is_there(&id) {
            answer.expect_problem(404, "not_found");
            return;
        }
        self.settle(&answer, same, 200, |now| {
            let section = now.section_mut(&id).unwrap();
            if field == "heading" {
                section.heading = word;
            } else {
                section.body = word;
            }
        });
    }

    fn edit_article(&mut self, who: usize) {
        let word = self.word();
        let field = *self.dice.one(&["title", "dek"]);
        let answer =
            seeing(&self.editors[who], &self.views[who]).patch(&self.path(), &json!({ field: word }));
        let seen = self.has_seen_the_article(who);
        if !seen {
            assert_eq!(answer.body()["current_revision"], self.mirror.revision());
        }
        self.settle(&answer, seen, 200, |now| {
            if field == "title" {
                now.title = word;
            } else {
                now.dek = word;
            }
        });
    }

    /// Always goes, beside whatever others do.
    fn add_section(&mut self, who: usize) {
        let word = self.word();
        let mut body = json!({ "kind": "text", "heading": word, "body": "Added." });
        let beside = self.some_section(who).map(|found| found.0);
        let beside = beside.filter(|id| self.is_there(id));
        if let Some(id) = &beside {
            body["before"] = json!(id);
        }
        let answer = self.editors[who]
            .post(&format!("{}/sections", self.path()), &body)
            .expect(201);
        let id = text(&answer.data()["id"]);
        assert!(
            self.mirror.past.iter().all(|past| past.section(&id).is_none()),
            "{id} was there before"
        );
        self.settle(&answer, true, 201, |now| {
            let at = beside
                .and_then(|id| now.order().iter().position(|one| *one == id))
                .unwrap_or(now.sections.len());
            let section = mirror::Section {
                id,
                heading: word,
                body: "Added.".into(),
            };
            now.sections.insert(at, section);
        });
    }

    fn delete_section(&mut self, who: usize) {
        let Some((id, seen, same)) = self.some_section(who) else {
            return;
        };
        let path = format!("{}/sections/{id}", self.path());
        let answer = self.editors[who].clone().seen(&seen).delete(&path);
        if !self.is_there(&id) {
            answer.expect_problem(404, "not_found");
            return;
        }
        self.settle(&answer, same, 204, |now| {
            now.sections.retain(|section| section.id != id);
        });
    }

    fn reorder(&mut self, who: usize) {
        let seen = self.has_seen_the_article(who);
        let mut order = each(&self.views[who]["sections"], "id");
        if order.len() < 2 {
            return;
        }
        let by = 1 + self.dice.below(order.len() - 1);
        order.rotate_left(by);
        let path = format!("{}/sections/order", self.path());
        let answer = seeing(&self.editors[who], &self.views[who]).put(&path, &json!({ "sections": order }));
        self.settle(&answer, seen, 200, |now| {
            now.sections
                .sort_by_key(|section| order.iter().position(|id| *id == section.id));
        });
    }

    /// Takes the question off the article, or puts it on again.
    fn link(&mut self, who: usize) {
        let seen = self.has_seen_the_article(who);
        let first = self.mirror.past[0].faqs.clone();
        let now_linked = self.mirror.now.faqs.is_empty();
        let faqs = if now_linked { first } else { Vec::new() };
        let list: Vec<_> = faqs.iter().map(|id| json!({ "id": id })).collect();
        let path = format!("{}/faqs", self.path());
        let answer = seeing(&self.editors[who], &self.views[who]).put(&path, &json!({ "faqs": list }));
        self.settle(&answer, seen, 200, |now| now.faqs = faqs);
    }

    /// A question is a thing of its own: neither the article nor what readers see is changed by it.
    fn edit_question(&mut self) {
        let word = self.word();
        let path = faq_path(&json!({ "id": self.mirror.past[0].faqs[0] }));
        let faq = fresh(&self.editors[0], &path);
        seeing(&self.editors[0], &faq)
            .patch(&path, &json!({ "answer": word }))
            .expect(200);
    }

    fn publish(&mut self, who: usize) {
        let seen = self.has_seen_the_article(who);
        let answer = seeing(&self.editors[who], &self.views[who]).act(&format!("{}/publish", self.path()));
        if !seen {
            answer.expect_problem(412, "stale_revision");
            return;
        }
        answer.expect(200);
        more(&self.tally.published);
        let live = self.reader.get(&self.live_path()).expect(200);
        let mut shown = Content::of(&live.data());
        let mut meant = self.mirror.now.clone();
        for section in &mut meant.sections {
            section.body = String::new();
        }
        for section in &mut shown.sections {
            section.body = String::new();
        }
        assert_eq!(shown, meant, "{}: {}", self.dice.seed, self.story.join(", "));
        let bodies: Vec<_> = live.data()["sections"]
            .as_array()
            .unwrap()
            .iter()
            .map(|section| text(&section["body"]["html"]))
            .collect();
        for (section, body) in self.mirror.now.sections.iter().zip(&bodies) {
            assert!(body.contains(&section.body), "{body} is not {}", section.body);
        }
        self.mirror.live = Some(live.text());
    }

    fn unpublish(&mut self, who: usize) {
        let seen = self.has_seen_the_article(who);
        let answer = seeing(&self.editors[who], &self.views[who]).act(&format!("{}/unpublish", self.path()));
        match (seen, self.mirror.live.is_some()) {
            (true, true) => {
                answer.expect(200);
                self.mirror.live = None;
            }
            (true, false) => {
                answer.expect_problem(409, "illegal_transition");
            }
            (false, _) => {
                answer.expect_problem(412, "stale_revision");
            }
        }
    }

    fn revert(&mut self, who: usize) {
        let seen = self.has_seen_the_article(who);
        let number = 1 + self.dice.below(self.mirror.revision());
        let was = self.mirror.past[number - 1].clone();
        if was == self.mirror.now {
            return;
        }
        let path = format!("{}/revisions/{number}/revert", self.path());
        let answer = seeing(&self.editors[who], &self.views[who]).post(&path, &json!({}));
        if seen {
            more(&self.tally.reverted);
        }
        self.settle(&answer, seen, 200, |now| *now = was);
    }

    fn merged(&mut self, answer: &Response, goes: bool, pointer: &str, change: impl FnOnce(&mut Content)) {
        let conflicts = each(&answer.body()["meta"]["conflicts"], "pointer");
        let story = format!("{}: {}", self.dice.seed, self.story.join(", "));
        if goes {
            assert!(conflicts.is_empty(), "{story}: {}", answer.text());
            self.mirror.change(change);
            more(&self.tally.merged);
        } else {
            assert!(
                conflicts.iter().any(|one| one.starts_with(pointer)),
                "{story}: {}",
                answer.text()
            );
            more(&self.tally.clashed);
        }
    }

    fn merge_dek(&mut self, who: usize) {
        let word = self.word();
        let base = Content::of(&self.views[who]);
        let mut yours = version(&self.views[who]);
        yours["dek"] = json!(word);
        let answer = merge(&self.editors[who], &self.views[who], &yours).expect(200);
        let goes = base.dek == self.mirror.now.dek;
        self.merged(&answer, goes, "/dek", |now| now.dek = word);
    }

    fn merge_heading(&mut self, who: usize) {
        let base = Content::of(&self.views[who]);
        if base.sections.is_empty() {
            return;
        }
        let at = self.dice.below(base.sections.len());
        let word = self.word();
        let mut yours = version(&self.views[who]);
        yours["sections"][at]["heading"] = json!(word);
        let answer = merge(&self.editors[who], &self.views[who], &yours).expect(200);
        let id = base.sections[at].id.clone();
        let now = self.mirror.now.section(&id);
        let goes = now.is_some_and(|now| now.heading == base.sections[at].heading);
        self.merged(&answer, goes, "/sections", |now| {
            now.section_mut(&id).unwrap().heading = word;
        });
    }

    /// Everything is as the model says, and a tag changed exactly where its thing did.
    fn look(&mut self) {
        let story = format!("{}: {}", self.dice.seed, self.story.join(", "));
        let before = std::mem::replace(&mut self.article, Value::Null);
        self.article = fresh(&self.editors[0], &article_path(&before));
        let now = Content::of(&self.article);
        assert_eq!(now, self.mirror.now, "{story}");
        assert_eq!(self.article["revision"], self.mirror.revision(), "{story}");
        assert_eq!(
            self.article["etag"] == before["etag"],
            self.article["revision"] == before["revision"],
            "{story}"
        );
        let was = Content::of(&before);
        for (section, told) in now
            .sections
            .iter()
            .zip(self.article["sections"].as_array().unwrap())
        {
            let earlier = before["sections"].as_array().unwrap();
            let Some(earlier) = earlier.iter().find(|one| one["id"] == told["id"]) else {
                continue;
            };
            assert_eq!(
                told["etag"] == earlier["etag"],
                was.section(&section.id) == Some(section),
                "{story}: {told} was {earlier}"
            );
        }
        let live = self.reader.get(&self.live_path());
        match &self.mirror.live {
            Some(text) => assert_eq!(&live.text(), text, "{story}"),
            None => assert!(matches!(live.status(), 404 | 410), "{story}: {}", live.text()),
        }
    }

    /// Every revision is what the article was.
    pub fn end(self) {
        let path = self.path();
        for (at, was) in self.mirror.past.iter().enumerate() {
            let told = self.editors[0]
                .get(&format!("{path}/revisions/{}", at + 1))
                .expect(200)
                .data();
            let told = told.get("article").unwrap_or(&told);
            assert_eq!(
                &Content::of(told),
                was,
                "{}: revision {}: {}",
                self.dice.seed,
                at + 1,
                self.story.join(", ")
            );
        }
        let next = self.mirror.revision() + 1;
        self.editors[0]
            .get(&format!("{path}/revisions/{next}"))
            .expect_problem(404, "not_found");
    }
}
