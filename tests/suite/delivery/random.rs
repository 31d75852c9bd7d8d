//! Random lists of random content, held against a plain model of the right answer.
//!
//! A failure prints the seed; `MASTHEAD_TEST_SEED` repeats it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _};

use masthead_domain::clock::Clock as _;
use masthead_tests::{App, Caller};
use serde_json::{Value, json};

use super::site::{act, author, column, patch, published_faq, tag};

/// Numbers that only look random (xorshift).
struct Dice(u64);

impl Dice {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever repeats a failure names its seed"
    )]
    fn new() -> Self {
        let given = std::env::var("MASTHEAD_TEST_SEED").ok();
        let seed = given.map_or_else(
            || std::hash::RandomState::new().build_hasher().finish(),
            |text| text.parse().expect("a number"),
        );
        println!("MASTHEAD_TEST_SEED={seed}");
        Self(seed | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Each with a chance of its own, in their order.
    fn some(&mut self, of: &[&str], one_in: usize) -> Vec<String> {
        let chosen = of.iter().filter(|_| self.chance(one_in));
        chosen.map(ToString::to_string).collect()
    }
}

const TAGS: [&str; 5] = ["sea", "moon", "wind", "ebb", "flood"];
const AUTHORS: [&str; 3] = ["ada", "ben", "eve"];
const LOCALES: [&str; 3] = ["en", "de", "fr"];
const WORDS: [&str; 7] = ["Zebra", "apple", "Ähre", "a b", "a-b", "日本", "ÄPFEL"];

/// What the model knows of a row.
#[derive(Debug, Clone)]
struct Row {
    id: String,
    slug: String,
    title: String,
    text: String,
    locale: String,
    /// What articles in other languages share.
    story: String,
    kind: String,
    tags: BTreeSet<String>,
    authors: BTreeSet<String>,
    published_at: String,
    first_published_at: String,
    updated_at: String,
}

impl Row {
    fn value(&self, key: &str) -> &str {
        match key {
            "title" | "question" | "name" => &self.title,
            "slug" => &self.slug,
            "published_at" => &self.published_at,
            "first_published_at" => &self.first_published_at,
            "updated_at" => &self.updated_at,
            other => panic!("no rows are sorted by {other}"),
        }
    }
}

/// A moment with all its microseconds, so that texts compare as moments do.
fn moment(app: &App) -> String {
    app.clock().now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// A filter, the order and the size of a query.
#[derive(Debug, Default)]
struct Query {
    filters: Vec<(&'static str, String)>,
    sort: Vec<(&'static str, bool)>,
    limit: usize,
}

impl Query {
    fn address(&self, list: &str) -> String {
        let mut address = format!("/delivery/v1/{list}?limit={}&count=exact", self.limit);
        for (name, value) in &self.filters {
            write!(address, "&{name}=").expect("a text takes it");
            for byte in value.bytes() {
                write!(address, "%{byte:02X}").expect("a text takes it");
            }
        }
        if !self.sort.is_empty() {
            let keys: Vec<_> = self
                .sort
                .iter()
                .map(|(key, down)| format!("{}{key}", if *down { "-" } else { "" }))
                .collect();
            write!(address, "&sort={}", keys.join(",")).expect("a text takes it");
        }
        address
    }

    fn keeps(&self, row: &Row) -> bool {
        self.filters.iter().all(|(name, value)| {
            let values: BTreeSet<String> = value.split(',').map(str::to_owned).collect();
            match *name {
                "tag" => !values.is_disjoint(&row.tags),
                "tag_all" => values.is_subset(&row.tags),
                "not_tag" => values.is_disjoint(&row.tags),
                "author" => !values.is_disjoint(&row.authors),
                "slug" => values.contains(&row.slug),
                "id" => values.contains(&row.id),
                // See `is_told`.
                "locale" | "fallback" => true,
                "kind" => *value == row.kind,
                "published_from" => row.published_at >= *value,
                "published_to" => row.published_at < *value,
                "updated_from" => row.updated_at >= *value,
                "q" => {
                    let text = row.text.to_lowercase();
                    value
                        .split_whitespace()
                        .all(|word| text.contains(&word.to_lowercase()))
                }
                other => panic!("the model knows no filter {other}"),
            }
        })
    }

    /// Whether a row is in a language that is wanted, and no other tells its story in one that is wanted more.
    fn is_told(&self, row: &Row, rows: &[Row]) -> bool {
        let all = |name: &str| {
            let found = self.filters.iter().find(|(given, _)| *given == name);
            found.map_or(Vec::new(), |(_, value)| value.split(',').collect())
        };
        let mut wanted = all("locale");
        if wanted.is_empty() {
            return true;
        }
        wanted.extend(all("fallback").into_iter().take_while(|locale| *locale != "none"));
        let Some(rank) = wanted.iter().position(|locale| *locale == row.locale) else {
            return false;
        };
        let is_better =
            |other: &Row| other.story == row.story && wanted[..rank].contains(&other.locale.as_str());
        !rows.iter().any(is_better)
    }

    /// The ids of the right answer, in its order.
    fn answer(&self, rows: &[Row], by_default: (&'static str, bool)) -> Vec<String> {
        let default = [by_default];
        let sort = if self.sort.is_empty() {
            &default[..]
        } else {
            &self.sort
        };
        let mut kept: Vec<&Row> = rows
            .iter()
            .filter(|row| self.keeps(row) && self.is_told(row, rows))
            .collect();
        kept.sort_by(|one, other| {
            let keys = sort
                .iter()
                .map(|(key, down)| (one.value(key), other.value(key), *down));
            let last = sort.last().is_some_and(|(_, down)| *down);
            keys.chain([(one.id.as_str(), other.id.as_str(), last)])
                .map(|(one, other, down)| {
                    let order = one.as_bytes().cmp(other.as_bytes());
                    if down { order.reverse() } else { order }
                })
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        kept.into_iter().map(|row| row.id.clone()).collect()
    }
}

/// A random query with some of these filters and sort keys.
fn query(dice: &mut Dice, rows: &[Row], filters: &[&'static str], keys: &[&'static str]) -> Query {
    let most = if dice.chance(3) { 100 } else { 9 };
    let mut query = Query {
        limit: 1 + dice.below(most),
        ..Query::default()
    };
    for name in filters
        .iter()
        .copied()
        .filter(|_| dice.chance(4))
        .collect::<Vec<_>>()
    {
        let has_locale = query.filters.iter().any(|(name, _)| *name == "locale");
        if name == "fallback" && !has_locale {
            continue;
        }
        let value = value(dice, rows, name);
        query.filters.push((name, value));
    }
    let mut open = keys.to_vec();
    for _ in 0..dice.below(3.min(open.len() + 1)) {
        let key = open.remove(dice.below(open.len()));
        query.sort.push((key, dice.chance(2)));
    }
    query
}

/// A value that often finds something.
fn value(dice: &mut Dice, rows: &[Row], name: &str) -> String {
    let some = |dice: &mut Dice, of: &[&str]| {
        let mut values = dice.some(of, 3);
        if values.is_empty() || dice.chance(6) {
            values.push((*dice.one(of)).to_owned());
        }
        if dice.chance(8) {
            values.push("nothing-has-this".to_owned());
        }
        values.truncate(20);
        values.join(",")
    };
    match name {
        "tag" | "tag_all" | "not_tag" => some(dice, &TAGS),
        "author" => some(dice, &AUTHORS),
        "slug" => {
            let slugs: Vec<&str> = rows.iter().map(|row| row.slug.as_str()).collect();
            some(dice, &slugs)
        }
        "id" => {
            let count = 1 + dice.below(20);
            let ids: Vec<_> = (0..count).map(|_| dice.one(rows).id.clone()).collect();
            ids.join(",")
        }
        "locale" => (*dice.one(&LOCALES)).to_owned(),
        "fallback" => {
            let others = ["none", "es", LOCALES[0], LOCALES[1], LOCALES[2]];
            let count = 1 + dice.below(4);
            let all: Vec<_> = (0..count).map(|_| *dice.one(&others)).collect();
            all.join(",")
        }
        "kind" => dice.one(rows).kind.clone(),
        "published_from" | "published_to" => dice.one(rows).published_at.clone(),
        "updated_from" => dice.one(rows).updated_at.clone(),
        "q" => {
            let word = |dice: &mut Dice| {
                let text = dice.one(rows).text.clone();
                let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
                dice.one(&words)
                    .chars()
                    .take(1 + dice.below(4))
                    .collect::<String>()
            };
            let (one, other) = (word(dice), word(dice));
            if dice.chance(2) {
                one.to_uppercase()
            } else {
                format!("{one} {other}")
            }
        }
        other => panic!("no values for {other}"),
    }
}

/// Walks the list to its end and back, and holds both against the model.
fn check(reader: &Caller, list: &str, query: &Query, expected: &[String]) {
    let (mut forward, mut path) = (Vec::new(), Some(query.address(list)));
    let mut page = Value::Null;
    while let Some(at) = path {
        page = reader.get(&at).expect(200).body();
        assert_eq!(page["meta"]["total"], expected.len(), "{list} {query:?}");
        forward.extend(column(&page["data"], "id"));
        path = page["links"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(forward, expected, "{list} {query:?}");
    let mut backward = column(&page["data"], "id");
    while let Some(at) = page["links"]["prev"].as_str().map(str::to_owned) {
        page = reader.get(&at).expect(200).body();
        backward.splice(0..0, column(&page["data"], "id"));
    }
    assert_eq!(backward, expected, "{list} {query:?}, backwards");
}

fn names(app: &App, editor: &Caller) {
    for slug in TAGS {
        tag(editor, slug, slug);
    }
    for slug in AUTHORS {
        author(editor, slug, slug);
    }
    app.clock().advance(60);
}

fn articles(app: &App, editor: &Caller, dice: &mut Dice, count: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut told = BTreeSet::new();
    for number in 0..count {
        // Several share a moment and a title.
        if dice.chance(3) {
            app.clock().advance(1);
        }
        let (tags, authors) = (dice.some(&TAGS, 3), dice.some(&AUTHORS, 3));
        let mut row = Row {
            id: String::new(),
            slug: format!("article-{number}"),
            title: (*dice.one(&WORDS)).to_owned(),
            text: String::new(),
            locale: (*dice.one(&LOCALES)).to_owned(),
            story: String::new(),
            kind: if dice.chance(4) { "page" } else { "article" }.to_owned(),
            published_at: moment(app),
            first_published_at: moment(app),
            updated_at: moment(app),
            tags: tags.iter().cloned().collect(),
            authors: authors.iter().cloned().collect(),
        };
        let bylines: Vec<_> = authors.iter().map(|slug| json!({ "slug": slug })).collect();
        let body = json!({
            "locale": row.locale, "kind": row.kind, "slug": row.slug, "title": row.title,
            "tags": tags, "authors": bylines,
            "sections": [{ "kind": "text", "body": "Text." }],
        });
        let mut body = body;
        let untold = |other: &&Row| !told.contains(&(other.story.clone(), row.locale.clone()));
        let stories: Vec<&Row> = rows.iter().filter(untold).collect();
        if !stories.is_empty() && !dice.chance(3) {
            body["translation_of"] = json!(dice.one(&stories).id);
        }
        let draft = masthead_tests::create_article(editor, &body);
        draft["id"].as_str().unwrap().clone_into(&mut row.id);
        draft["story_id"].as_str().unwrap().clone_into(&mut row.story);
        assert!(told.insert((row.story.clone(), row.locale.clone())));
        if dice.chance(5) {
            app.clock().advance(1);
            row.published_at = moment(app);
            row.first_published_at = moment(app);
        }
        let shown = act(editor, &draft, "articles", "publish");
        if dice.chance(3) {
            app.clock().advance(1);
            // Another title, for publishing what is shown already changes nothing.
            let others: Vec<_> = WORDS.into_iter().filter(|word| *word != row.title).collect();
            (*dice.one(&others)).clone_into(&mut row.title);
            row.tags = dice.some(&TAGS, 3).into_iter().collect();
            row.updated_at = moment(app);
            let change = json!({ "title": row.title, "tags": row.tags });
            let changed = patch(editor, &shown, "articles", &change);
            app.clock().advance(1);
            row.published_at = moment(app);
            act(editor, &changed, "articles", "publish");
        } else if dice.chance(8) {
            act(editor, &shown, "articles", "unpublish");
            continue;
        }
        rows.push(row);
    }
    rows
}

#[test]
fn lists_of_articles_are_those_of_the_model() {
    let app = App::start();
    let (editor, reader, mut dice) = (app.editor(), app.anonymous(), Dice::new());
    names(&app, &editor);
    let rows = articles(&app, &editor, &mut dice, 50);
    let filters = [
        "tag",
        "tag_all",
        "not_tag",
        "author",
        "slug",
        "id",
        "locale",
        "fallback",
        "kind",
        "published_from",
        "published_to",
        "updated_from",
    ];
    let keys = ["published_at", "first_published_at", "updated_at", "title"];
    for _ in 0..80 {
        let query = query(&mut dice, &rows, &filters, &keys);
        let expected = query.answer(&rows, ("published_at", true));
        check(&reader, "articles", &query, &expected);
    }
    // The usual lists, in both directions.
    for down in [true, false] {
        for slug in TAGS {
            let query = Query {
                filters: vec![("tag", slug.to_owned())],
                sort: vec![("published_at", down)],
                limit: 4,
            };
            check(
                &reader,
                "articles",
                &query,
                &query.answer(&rows, ("published_at", true)),
            );
        }
    }
}

#[test]
fn lists_of_faqs_are_those_of_the_model() {
    let app = App::start();
    let (editor, reader, mut dice) = (app.editor(), app.anonymous(), Dice::new());
    names(&app, &editor);
    let mut rows = Vec::new();
    for number in 0..30 {
        if dice.chance(3) {
            app.clock().advance(1);
        }
        let (tags, locale) = (dice.some(&TAGS, 3), *dice.one(&LOCALES));
        let (question, answer) = (*dice.one(&WORDS), *dice.one(&WORDS));
        let slug = format!("faq-{number}");
        let body =
            json!({ "locale": locale, "slug": slug, "question": question, "answer": answer, "tags": tags });
        let faq = published_faq(&editor, &body);
        rows.push(Row {
            id: faq["id"].as_str().unwrap().to_owned(),
            slug,
            title: question.to_owned(),
            text: format!("{question}\n{answer}"),
            locale: locale.to_owned(),
            story: String::new(),
            kind: String::new(),
            tags: tags.into_iter().collect(),
            authors: BTreeSet::new(),
            published_at: moment(&app),
            first_published_at: moment(&app),
            updated_at: moment(&app),
        });
    }
    let filters = [
        "tag",
        "tag_all",
        "not_tag",
        "slug",
        "id",
        "locale",
        "published_from",
        "published_to",
        "updated_from",
        "q",
    ];
    for _ in 0..50 {
        let query = query(
            &mut dice,
            &rows,
            &filters,
            &["question", "published_at", "updated_at"],
        );
        check(&reader, "faqs", &query, &query.answer(&rows, ("question", false)));
    }
}

#[test]
fn lists_of_names_are_those_of_the_model() {
    let app = App::start();
    let (editor, reader, mut dice) = (app.editor(), app.anonymous(), Dice::new());
    let (mut tags, mut authors) = (Vec::new(), Vec::new());
    for number in 0..20 {
        let (word, other, kind) = (
            *dice.one(&WORDS),
            *dice.one(&WORDS),
            *dice.one(&["topic", "place"]),
        );
        let slug = format!("name-{number}");
        let name = format!("{word} {number}");
        for (list, rows) in [("tags", &mut tags), ("authors", &mut authors)] {
            let body = match list {
                "tags" => json!({ "slug": slug, "name": name, "kind": kind, "description": other }),
                _ => json!({ "slug": slug, "name": name, "bio": other }),
            };
            let made = editor
                .post(&format!("/management/v1/{list}"), &body)
                .expect(201)
                .data();
            rows.push(Row {
                id: made["id"].as_str().unwrap().to_owned(),
                slug: slug.clone(),
                title: name.clone(),
                text: format!("{name}\n{slug}\n{other}"),
                locale: String::new(),
                story: String::new(),
                kind: kind.to_owned(),
                tags: BTreeSet::new(),
                authors: BTreeSet::new(),
                published_at: String::new(),
                first_published_at: String::new(),
                updated_at: moment(&app),
            });
        }
        app.clock().advance(i64::from(dice.chance(2)));
    }
    // They are there as soon as something published carries them.
    let slugs = |rows: &[Row]| rows.iter().map(|row| row.slug.clone()).collect::<Vec<_>>();
    let bylines: Vec<_> = slugs(&authors)
        .iter()
        .map(|slug| json!({ "slug": slug }))
        .collect();
    let all = json!({ "tags": slugs(&tags), "authors": bylines });
    super::site::published(&editor, "All of them", all);
    for _ in 0..40 {
        let query_ = query(
            &mut dice,
            &tags,
            &["kind", "slug", "id", "updated_from", "q"],
            &["name", "slug"],
        );
        check(&reader, "tags", &query_, &query_.answer(&tags, ("name", false)));
        let query_ = query(&mut dice, &authors, &["slug", "id", "q"], &["name", "slug"]);
        check(
            &reader,
            "authors",
            &query_,
            &query_.answer(&authors, ("name", false)),
        );
    }
}
