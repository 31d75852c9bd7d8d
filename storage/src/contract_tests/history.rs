//! The history: packed, read back, and as older versions kept it.

use super::*;
use masthead_domain::history::{Entry, Field, RevisionSort, Subject, Touched};
use masthead_domain::page::Cursor;

fn entry(note: &str) -> Entry {
    Entry {
        note: note.to_owned(),
        touched: Touched {
            fields: vec![Field::Title],
            sections: Vec::new(),
        },
    }
}

/// The text of an article of some two thousand words, in ten sections.
fn long_article(number: u128) -> Article {
    let mut article = article(number, &format!("long-{number}"));
    let mut seed = 7_u64;
    article.sections = (0..10)
        .map(|n| {
            let words = (0..200).map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                WORDS[usize::try_from(seed >> 40).unwrap() % WORDS.len()]
            });
            section(number * 1_000 + n, &words.collect::<Vec<_>>().join(" "))
        })
        .collect();
    article
}

/// Enough different words that a text of them is as hard to pack as one that people write.
const WORDS: [&str; 64] = [
    "tide",
    "moon",
    "harbour",
    "the",
    "of",
    "and",
    "water",
    "gravity",
    "twice",
    "daily",
    "estuary",
    "because",
    "bulge",
    "rotation",
    "fisherman",
    "mud",
    "boats",
    "lying",
    "neap",
    "spring",
    "current",
    "shallow",
    "resonance",
    "bay",
    "fundy",
    "sixteen",
    "metres",
    "almanac",
    "predicted",
    "by",
    "machine",
    "brass",
    "wheels",
    "kelvin",
    "harmonic",
    "constants",
    "ebb",
    "flood",
    "slack",
    "turn",
    "sea",
    "never",
    "still",
    "coast",
    "wind",
    "storm",
    "surge",
    "barrier",
    "london",
    "venice",
    "sluice",
    "gate",
    "lock",
    "salt",
    "marsh",
    "bird",
    "waders",
    "worm",
    "cockle",
    "rake",
    "basket",
    "dawn",
    "low",
    "high",
];

/// The next state: one word of one section is another.
fn edited(before: &Article, number: u32) -> Article {
    let mut after = before.clone();
    let index = usize::try_from(number).unwrap();
    let section = &mut after.sections[index % 10];
    let SectionContent::Text { body } = &mut section.content else {
        panic!("a text")
    };
    let mut words: Vec<&str> = body.split(' ').collect();
    let at = index * 37 % words.len();
    words[at] = WORDS[(index * 13 + 5) % WORDS.len()];
    *body = words.join(" ");
    section.revision += 1;
    after.revision = number;
    after.updated_at = at_second(number);
    after
}

fn at_second(number: u32) -> Instant {
    at(i64::from(number))
}

/// Keeps so many revisions; answers the states.
fn keep(storage: &Storage, article: Article, count: u32) -> Vec<Article> {
    let first = article.clone();
    storage
        .write_blocking(move |repo| {
            repo.insert_article(&first)?;
            repo.append_article_revision(&first, &Entry::first("created"))
        })
        .unwrap();
    let mut states = vec![article];
    for chunk in (2..=count).collect::<Vec<_>>().chunks(100) {
        let from = states.len();
        for number in chunk {
            states.push(edited(states.last().unwrap(), *number));
        }
        storage
            .write_blocking(|repo| {
                for at in from..states.len() {
                    let entry = Entry::of_article("section changed", &states[at - 1], &states[at]);
                    repo.append_article_revision(&states[at], &entry)?;
                }
                Ok(())
            })
            .unwrap();
    }
    states
}

#[test]
fn every_revision_comes_back_as_it_was() {
    for database in stores() {
        let storage = &database.storage;
        let states = keep(storage, long_article(1), 140);
        let id = states[0].id;
        storage
            .read_blocking(|repo| {
                for state in &states {
                    assert_eq!(repo.article_at(id, state.revision)?.as_ref(), Some(state));
                }
                assert_eq!(repo.article_at(id, 0)?, None);
                assert_eq!(repo.article_at(id, 141)?, None);
                assert_eq!(repo.article_at(id, u32::MAX)?, None);
                assert_eq!(repo.article_at(ArticleId::from_uuid(uuid(99)), 1)?, None);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn a_faq_has_a_history_too() {
    for database in stores() {
        let storage = &database.storage;
        let first = faq(1, "why");
        let mut second = first.clone();
        second.revision = 2;
        second.answer = "Because of the *Sun*, too.".into();
        let subject = Subject::Faq(first.id);
        storage
            .write_blocking(|repo| {
                repo.insert_faq(&first)?;
                repo.append_faq_revision(&first, &Entry::first("created"))?;
                repo.append_faq_revision(&second, &Entry::of_faq("changed", &first, &second))?;
                assert_eq!(repo.faq_at(first.id, 1)?.as_ref(), Some(&first));
                assert_eq!(repo.faq_at(first.id, 2)?.as_ref(), Some(&second));
                assert_eq!(repo.faq_at(first.id, 3)?, None);
                let told = repo.revision(subject, 2)?.unwrap();
                assert_eq!((told.note.as_str(), told.number), ("changed: answer", 2));
                assert_eq!(told.touched.unwrap().fields, [Field::Answer]);
                assert_eq!(repo.revisions_before(subject, 3, 10)?.len(), 2);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn revisions_are_paged_in_both_directions() {
    for database in stores() {
        let storage = &database.storage;
        let states = keep(storage, long_article(1), 7);
        keep(storage, long_article(2), 3);
        let subject = Subject::Article(states[0].id);
        let numbers = |direction, limit| {
            let mut request = sorted(RevisionSort::Revision, direction, limit);
            let mut pages = Vec::new();
            loop {
                let page = storage
                    .read_blocking(|repo| repo.revisions(subject, &request))
                    .unwrap();
                assert_eq!(page.total, Some(7));
                pages.push(page.items.iter().map(|one| one.number).collect::<Vec<_>>());
                match page.next {
                    Some(next) => request.cursor = Some(Cursor::After(next)),
                    None => return pages,
                }
            }
        };
        assert_eq!(
            numbers(Direction::Descending, 3),
            [vec![7, 6, 5], vec![4, 3, 2], vec![1]]
        );
        assert_eq!(
            numbers(Direction::Ascending, 4),
            [vec![1, 2, 3, 4], vec![5, 6, 7]]
        );
        let before = storage
            .read_blocking(|repo| repo.revisions_before(subject, 5, 2))
            .unwrap();
        assert_eq!(before.iter().map(|one| one.number).collect::<Vec<_>>(), [4, 3]);
        assert_eq!(before[0].at, at(4));
        assert_eq!(before[0].credential, Credential::Scheduler);
    }
}

#[test]
fn a_history_from_before_it_was_packed_is_read_and_goes_on() {
    for database in stores() {
        let storage = &database.storage;
        let states = keep(storage, long_article(1), 70);
        let id = states[0].id;
        // As an older version left it: back before the migration, and forth again.
        while !storage
            .revert_last()
            .unwrap()
            .unwrap()
            .ends_with("packed_history")
        {}
        storage.migrate().unwrap();
        let last = states.last().unwrap();
        let next = edited(last, 71);
        storage
            .write_blocking(|repo| repo.append_article_revision(&next, &entry("section changed")))
            .unwrap();
        storage
            .read_blocking(|repo| {
                for state in &states {
                    assert_eq!(repo.article_at(id, state.revision)?.as_ref(), Some(state));
                }
                assert_eq!(repo.article_at(id, 71)?.as_ref(), Some(&next));
                assert_eq!(repo.revision(Subject::Article(id), 70)?.unwrap().touched, None);
                assert!(
                    repo.revision(Subject::Article(id), 71)?
                        .unwrap()
                        .touched
                        .is_some()
                );
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn a_damaged_revision_is_named_and_others_are_read() {
    for database in stores() {
        let storage = &database.storage;
        let states = keep(storage, long_article(1), 70);
        let id = states[0].id;
        raw(
            &database,
            "update article_revisions set base = 9 where revision = 8",
        );
        raw(
            &database,
            "update article_revisions set base = 66 where revision = 70",
        );
        raw(&database, "delete from article_revisions where revision = 3");
        for (revision, column) in [(8, "base"), (70, "packed"), (4, "base")] {
            let error = storage
                .read_blocking(|repo| repo.article_at(id, revision))
                .unwrap_err();
            let expected = format!("corrupt row in article_revisions.{column} of {id}");
            assert!(error.to_string().starts_with(&expected), "{revision}: {error}");
        }
        for revision in [2, 9, 65, 68] {
            let state = &states[usize::try_from(revision).unwrap() - 1];
            let read = storage
                .read_blocking(|repo| repo.article_at(id, revision))
                .unwrap();
            assert_eq!(read.as_ref(), Some(state));
        }
    }
}

/// The numbers in docs/architecture.md come from here: `cargo test -p masthead-storage a_thousand -- --nocapture`.
#[test]
fn a_thousand_revisions_of_two_thousand_words_take_little() {
    for database in stores() {
        let storage = &database.storage;
        let states = keep(storage, long_article(1), 1_000);
        let id = states[0].id;
        let texts: usize = states
            .iter()
            .map(|state| serde_json::to_string(state).unwrap().len())
            .sum();
        let words: usize = states[0]
            .sections
            .iter()
            .filter_map(|section| section.content.body())
            .map(|body| body.split(' ').count())
            .sum();
        assert_eq!(words, 2_000);
        let sum = |of: &str| {
            let sql = format!("select cast(sum({of}) as bigint) as bytes from article_revisions");
            crate::transaction::read(&storage.pools.reading, |connection| {
                let rows = on_engine!(connection, |c| {
                    diesel::RunQueryDsl::load::<Bytes>(diesel::sql_query(&sql), c)
                });
                Ok(usize::try_from(rows.unwrap()[0].bytes).unwrap())
            })
            .unwrap()
        };
        let length = match storage.engine() {
            crate::Engine::Sqlite => "length",
            crate::Engine::Postgres => "octet_length",
        };
        let packed = sum(&format!("{length}(packed)"));
        let beside = sum(&format!(
            "{length}(touched) + {length}(note) + {length}(credential)"
        ));
        println!(
            "1,000 revisions of 2,000 words: {texts} bytes of JSON, {packed} packed, {beside} of what changed and who"
        );
        assert!(packed * 20 < texts, "{packed} of {texts}");
        assert!(beside < 300_000, "{beside}");
        let state = storage.read_blocking(|repo| repo.article_at(id, 1_000)).unwrap();
        assert_eq!(state.as_ref(), states.last());
    }
}

#[derive(diesel::QueryableByName)]
struct Bytes {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    bytes: i64,
}
