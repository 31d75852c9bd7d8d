//! Searching, held against a plain model that looks at every text itself.

use std::collections::BTreeMap;

use masthead_domain::error::Error;
use masthead_domain::published::{ArticleQuery, Edition, PublishedFaq};
use masthead_domain::searching::{self, Facet, Field, Find, Found, Place, Question, Suggest, suggest};

use super::*;

/// Small numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }
}

/// As written, and as compared.
const WORDS: [(&str, &str); 12] = [
    ("sea", "sea"),
    ("Séa", "sea"),
    ("seal", "seal"),
    ("SEASIDE", "seaside"),
    ("moon", "moon"),
    ("Mond", "mond"),
    ("Größe", "grosse"),
    ("tide", "tide"),
    ("tides", "tides"),
    ("ebb", "ebb"),
    ("50", "50"),
    ("潮汐", "潮汐"),
];
const SIGNS: [&str; 5] = [" ", ", ", " — ", " 🌊 ", "\n\n"];

/// A text as the model knows it.
#[derive(Debug, Clone, Default)]
struct Text {
    written: String,
    words: Vec<&'static str>,
}

fn text(dice: &mut Dice, most: usize) -> Text {
    let mut text = Text::default();
    for index in 0..=dice.roll(most) {
        let (written, word) = *dice.pick(&WORDS);
        if index > 0 {
            let sign: &&str = dice.pick(&SIGNS);
            text.written.push_str(sign);
        }
        text.written.push_str(written);
        text.words.push(word);
    }
    text
}

/// Title, dek, headings, FAQs and bodies.
#[derive(Debug, Clone, Default)]
struct Page {
    number: u128,
    first: i64,
    /// Of its sections.
    ids: Vec<u128>,
    fields: [Vec<Text>; 5],
}

fn page(dice: &mut Dice, number: u128) -> Page {
    let mut page = Page {
        number,
        first: i64::try_from(dice.roll(4)).unwrap(),
        ..Page::default()
    };
    page.fields[0] = vec![text(dice, 3)];
    page.fields[1] = (0..dice.roll(2)).map(|_| text(dice, 5)).collect();
    page.fields[2] = (0..dice.roll(4)).map(|_| text(dice, 2)).collect();
    page.fields[4] = page.fields[2].iter().map(|_| text(dice, 40)).collect();
    page.ids = (1..)
        .map(|id| number * 1_000 + id)
        .take(page.fields[4].len())
        .collect();
    page
}

/// Another edition: of other texts, or with sections that moved, came and went, or hold what another one held.
fn edited(dice: &mut Dice, before: &Page, round: u128) -> Page {
    let mut page = before.clone();
    let sections = page.ids.len();
    match dice.roll(4) {
        0 => {
            let first = page.first;
            page = self::page(dice, page.number);
            page.first = page.first.min(first);
        }
        1 if sections > 0 => {
            let gone = dice.roll(sections);
            page.ids.remove(gone);
            page.fields[2].remove(gone);
            page.fields[4].remove(gone);
        }
        2 if sections > 1 => {
            page.ids.rotate_left(1);
            // The texts stay where they were, and so belong to other sections now.
            if dice.roll(2) == 0 {
                page.fields[2].rotate_left(1);
                page.fields[4].rotate_left(1);
            }
        }
        _ => {
            let place = dice.roll(sections + 1);
            page.ids.insert(place, page.number * 1_000_000 + round);
            page.fields[2].insert(place, text(dice, 2));
            page.fields[4].insert(place, text(dice, 40));
        }
    }
    page
}

fn edition(page: &Page, faqs: &[FaqId]) -> (Article, Edition) {
    let mut article = article(page.number, &format!("a{}", page.number));
    article
        .title
        .clone_from(&page.fields[0][0].written.replace('\n', " "));
    article.dek = page.fields[1].first().map(|text| text.written.replace('\n', " "));
    for (id, (heading, body)) in page.ids.iter().zip(page.fields[2].iter().zip(&page.fields[4])) {
        let mut section = section(*id, &body.written);
        section.heading.as_mut().unwrap().text = heading.written.replace('\n', " ");
        article.sections.push(section);
    }
    article.faqs = faqs.to_vec();
    let edition = Edition::render(&article, at(page.first + 100), at(page.first));
    (article, edition)
}

/// Something that is asked.
#[derive(Debug, Clone)]
enum Ask {
    Word(String),
    Beginning(String),
    Phrase(Vec<String>),
}

impl Ask {
    fn written(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Beginning(text) => format!("{text}*"),
            Self::Phrase(words) => format!("\"{}\"", words.join(" ")),
        }
    }

    /// The words by which it counts.
    fn counts(&self) -> Vec<Self> {
        match self {
            Self::Phrase(words) => words.iter().map(|word| Self::Word(word.clone())).collect(),
            other => vec![other.clone()],
        }
    }

    fn stands_in(&self, page: &Page) -> bool {
        page.fields.iter().flatten().any(|text| match self {
            Self::Word(word) => text.words.contains(&word.as_str()),
            Self::Beginning(start) => text.words.iter().any(|word| word.starts_with(start)),
            Self::Phrase(words) => text.words.windows(words.len()).any(|window| window == words),
        })
    }

    /// Ranked field by field.
    fn weight(&self, page: &Page) -> [usize; 5] {
        let meant: Vec<&str> = match self {
            Self::Word(word) => vec![word],
            Self::Beginning(start) => WORDS
                .iter()
                .map(|(_, word)| *word)
                .filter(|word| word.starts_with(start))
                .collect(),
            Self::Phrase(_) => Vec::new(),
        };
        let of_word = |word: &&str| {
            let count = |field: usize, most: usize| {
                let texts = page.fields[field].iter();
                let count = texts.flat_map(|text| &text.words).filter(|other| other == &word);
                count.count().min(most)
            };
            [count(0, 1), count(1, 1), count(2, 3), count(3, 3), count(4, 63)]
        };
        meant.iter().map(of_word).max().unwrap_or_default()
    }
}

fn ask(dice: &mut Dice) -> Ask {
    let word = |dice: &mut Dice| dice.pick(&WORDS).1.to_owned();
    match dice.roll(4) {
        0 => Ask::Beginning((*dice.pick(&["se", "sea", "tid", "mo", "gro"])).to_owned()),
        1 => Ask::Phrase(
            vec![word(dice), word(dice)]
                .into_iter()
                .filter(|word| word != "潮汐")
                .collect(),
        ),
        _ => Ask::Word(word(dice)),
    }
}

/// What the model finds, in order.
fn expected(pages: &BTreeMap<u128, Page>, wanted: &[Ask], unwanted: &[Ask]) -> Vec<u128> {
    let mut counted: Vec<Ask> = Vec::new();
    for ask in wanted.iter().flat_map(Ask::counts) {
        if !counted.iter().any(|other| other.written() == ask.written()) {
            counted.push(ask);
        }
    }
    let mut found: Vec<_> = pages
        .values()
        .filter(|page| wanted.iter().all(|ask| ask.stands_in(page)))
        .filter(|page| !unwanted.iter().any(|ask| ask.stands_in(page)))
        .map(|page| {
            let mut sum = [0; 5];
            for ask in &counted {
                for (total, weight) in sum.iter_mut().zip(ask.weight(page)) {
                    *total += weight;
                }
            }
            (sum, page.first, page.number)
        })
        .collect();
    found.sort_unstable();
    found.into_iter().rev().map(|(_, _, number)| number).collect()
}

fn find(q: &str, limit: u32, after: Option<Place>) -> Find {
    Find {
        question: Question::parse(q).unwrap(),
        among: ArticleQuery::default(),
        limit,
        after,
        count: true,
        facets: Facet::ALL.iter().copied().collect(),
    }
}

/// All pages of a search, joined.
fn walked(storage: &Storage, q: &str, limit: u32) -> Vec<u128> {
    delivery::deliver(storage, |d| {
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let Found {
                rows, is_more, total, ..
            } = d.found("nobody", &find(q, limit, after))?;
            numbers.extend(rows.iter().map(|row| row.article.uuid().as_u128() & 0xffff));
            after = rows.last().map(|row| row.place);
            if !is_more {
                assert_eq!(total, Some(numbers.len() as u64), "{q}");
                let kinds = &d.facets(&find(q, limit, None))?[&Facet::Kind];
                let counted: u64 = kinds.iter().map(|bucket| bucket.count).sum();
                assert_eq!(counted, numbers.len() as u64, "{q}");
                return Ok(numbers);
            }
        }
    })
}

#[test]
fn every_search_finds_what_a_look_at_every_text_would() {
    for database in stores() {
        let storage = &database.storage;
        let dice = &mut Dice(7);
        // Numbers in the index follow the first publication, as do these.
        let mut pages: BTreeMap<u128, Page> = (1..=40).map(|number| (number, page(dice, number))).collect();
        for page in pages.values() {
            let (article, edition) = edition(page, &[]);
            storage
                .write_blocking(|repo| {
                    repo.insert_article(&article)?;
                    repo.put_edition(&edition)
                })
                .unwrap();
        }
        let mut hits = 0;
        for round in 0..400 {
            if round % 10 == 9 {
                // Another edition of one article; of some the date of the first changes too.
                let number = 1 + dice.roll(40) as u128;
                let next = edited(dice, &pages[&number], round);
                let (_, edition) = edition(&next, &[]);
                storage.write_blocking(|repo| repo.put_edition(&edition)).unwrap();
                pages.insert(number, next);
            }
            let wanted: Vec<_> = (0..=dice.roll(3)).map(|_| ask(dice)).filter(usable).collect();
            let unwanted: Vec<_> = (0..dice.roll(3)).map(|_| ask(dice)).filter(usable).collect();
            if wanted.is_empty() {
                continue;
            }
            let mut q: Vec<_> = wanted.iter().map(Ask::written).collect();
            q.extend(unwanted.iter().map(|ask| format!("-{}", ask.written())));
            let (q, limit) = (q.join(" "), 1 + u32::try_from(dice.roll(7)).unwrap());
            let expected = expected(&pages, &wanted, &unwanted);
            assert_eq!(walked(storage, &q, limit), expected, "{q}");
            assert_eq!(shown(storage, &q), shown_of(&pages, &expected, &q), "{q}");
            hits += expected.len();
        }
        assert!(hits > 1_000, "{hits}");
    }
}

/// The places that are shown of each hit.
fn shown(storage: &Storage, q: &str) -> Vec<Vec<searching::Matched>> {
    let found = delivery::deliver(storage, |d| d.found("nobody", &find(q, 100, None)));
    let question = Question::parse(q).unwrap();
    let rows = found.rows.into_iter();
    rows.map(|row| searching::matches(&question, row.parts)).collect()
}

/// The same from a look at every text.
fn shown_of(pages: &BTreeMap<u128, Page>, found: &[u128], q: &str) -> Vec<Vec<searching::Matched>> {
    let question = Question::parse(q).unwrap();
    let of_page = |number: &u128| {
        let (_, edition) = edition(&pages[number], &[]);
        let article = &edition.article;
        let parts = searching::parts(&article.title, article.dek.as_deref(), &edition.sections, &[]);
        let parts = parts.into_iter().map(|part| {
            let indexed = searching::index(&part.text);
            searching::FoundPart {
                field: part.field,
                section_id: part.section_id,
                faq_id: part.faq_id,
                anchor: part.anchor,
                text: part.text,
                words: indexed.words,
                spans: indexed.spans,
            }
        });
        searching::matches(&question, parts.collect())
    };
    found.iter().map(of_page).collect()
}

fn usable(ask: &Ask) -> bool {
    !matches!(ask, Ask::Phrase(words) if words.is_empty())
}

fn rows(database: &Database, table: &str) -> i64 {
    use diesel::prelude::*;
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    crate::transaction::read(&database.storage.pools.reading, |connection| {
        let query = format!("select count(*) as count from {table}");
        let rows: Vec<Count> =
            on_engine!(connection, |c| diesel::sql_query(&query).load(c)).map_err(|error| {
                Error::from(masthead_domain::error::StorageError::Database {
                    context: query.clone(),
                    source: error.into(),
                })
            })?;
        Ok(rows[0].count)
    })
    .unwrap()
}

const TABLES: [&str; 5] = [
    "published_search_documents",
    "published_search_parts",
    "published_search_postings",
    "published_search_names",
    "published_search_name_words",
];

#[test]
fn what_is_taken_away_leaves_nothing_in_the_index() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let why = PublishedFaq::render(&faq(301, "why"), at(11), at(6));
        let edition = Edition::render(&article, at(10), at(5));
        storage
            .write_blocking(|repo| {
                repo.put_edition(&edition)?;
                repo.put_published_faqs(std::slice::from_ref(&why))?;
                repo.put_published_tag(&tag(101, "sea"))?;
                repo.put_published_author(&author(201, "ada"))
            })
            .unwrap();
        assert!(TABLES.iter().all(|table| rows(&database, table) > 0));
        assert_eq!(walked(storage, "because moon", 5), [1]);
        let hits = delivery::deliver(storage, |d| {
            searching::find(d, "nobody", &find("because moon", 5, None), None)
        });
        let matched = &hits.value.hits[0].matches[0];
        assert_eq!(
            (matched.field, matched.faq_id, matched.snippet.text.as_str()),
            (Field::Faq, Some(why.id), "Because of the Moon.")
        );
        storage
            .write_blocking(|repo| {
                repo.remove_published_faq(why.id)?;
                repo.remove_edition(article.id)?;
                repo.remove_published_tag(TagId::from_uuid(uuid(101)))?;
                repo.remove_published_author(AuthorId::from_uuid(uuid(201)))
            })
            .unwrap();
        for table in TABLES {
            assert_eq!(rows(&database, table), 0, "{table}");
        }
    }
}

#[test]
fn what_was_published_before_there_was_an_index_is_found_after_the_migration() {
    for database in stores() {
        let storage = &database.storage;
        let dice = &mut Dice(3);
        let pages: BTreeMap<u128, Page> = (1..=5).map(|number| (number, page(dice, number))).collect();
        for page in pages.values() {
            let (article, edition) = edition(page, &[]);
            storage
                .write_blocking(|repo| {
                    repo.insert_article(&article)?;
                    repo.put_edition(&edition)
                })
                .unwrap();
        }
        let sea = tag(101, "sea");
        storage
            .write_blocking(|repo| {
                repo.insert_tag(&sea)?;
                repo.put_published_tag(&sea)
            })
            .unwrap();
        let before = (walked(storage, "sea*", 2), completed(storage, "se"));
        assert!(!before.0.is_empty() && before.1.contains(&"sea ñ".to_owned()));
        let counts = TABLES.map(|table| rows(&database, table));
        for table in TABLES {
            raw(&database, &format!("delete from {table}"));
        }
        assert!(walked(storage, "sea*", 2).is_empty());
        // A start does not look for what it knows to be there.
        storage.migrate().unwrap();
        assert!(walked(storage, "sea*", 2).is_empty());
        raw(&database, "update filled_through set migration = ''");
        storage.migrate().unwrap();
        assert_eq!(TABLES.map(|table| rows(&database, table)), counts);
        assert_eq!(completed(storage, "se"), before.1);
        let mut found = (walked(storage, "sea*", 2), before.0);
        found.0.sort_unstable();
        found.1.sort_unstable();
        assert_eq!(found.0, found.1);
    }
}

fn completed(storage: &Storage, typed: &str) -> Vec<String> {
    let asked = Suggest::parse(typed, None, 20).unwrap();
    let found = delivery::deliver(storage, |d| suggest(d, &asked));
    found
        .value
        .into_iter()
        .map(|completion| completion.text)
        .collect()
}

#[test]
fn names_are_completed_with_and_without_errors() {
    for database in stores() {
        let storage = &database.storage;
        let names = [
            "Harbour lights",
            "The harbour",
            "Hard rock",
            "Quartz",
            "Broadside",
            "潮汐表",
        ];
        storage
            .write_blocking(|repo| {
                for (number, name) in (1..).zip(names) {
                    let mut tag = tag(number, &format!("t{number}"));
                    tag.name = name.to_owned();
                    repo.insert_tag(&tag)?;
                    repo.put_published_tag(&tag)?;
                }
                Ok(())
            })
            .unwrap();
        for (typed, found) in [
            ("har", &["Harbour lights", "Hard rock", "The harbour"][..]),
            ("harbou", &["Harbour lights", "The harbour"]),
            ("hrabour", &["Harbour lights", "The harbour"]),
            ("arbour", &["Harbour lights", "The harbour"]),
            ("the hrabour", &["The harbour"]),
            ("hrabour li", &["Harbour lights"]),
            ("lights harb", &["Harbour lights"]),
            ("quarzt", &["Quartz"]),
            ("braodsied", &["Broadside"]),
            ("hxr", &[]),
            ("quxxtz", &[]),
            ("潮", &["潮汐表"]),
            ("汐表", &["潮汐表"]),
            ("%", &[]),
        ] {
            if typed == "%" {
                assert!(Suggest::parse(typed, None, 8).is_err());
                continue;
            }
            assert_eq!(completed(storage, typed), found, "{typed}");
        }
    }
}
