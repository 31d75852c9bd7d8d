//! Working copies of articles.

use super::*;
use masthead_domain::error::{Error, Resource, UsedIn};
use masthead_domain::history::Entry;
use masthead_domain::repository::{ArticleFilter, WorkingSort};
use masthead_domain::workflow::{Action, Due, ScheduleError, ScheduleState};

fn load(storage: &Storage, id: ArticleId) -> Option<Article> {
    storage.read_blocking(|repo| repo.article(id)).unwrap()
}

#[test]
fn an_article_is_read_as_it_was_written() {
    for database in stores() {
        let article = full_article(&database.storage);
        assert_eq!(load(&database.storage, article.id), Some(article.clone()));
        let locked = database
            .storage
            .write_blocking(|repo| repo.article_for_update(article.id))
            .unwrap();
        assert_eq!(locked, Some(article));
        assert_eq!(load(&database.storage, ArticleId::from_uuid(uuid(999))), None);
    }
}

#[test]
fn only_what_differs_is_saved_and_sections_keep_their_rows() {
    for database in stores() {
        let before = full_article(&database.storage);
        let mut after = before.clone();
        after.revision = 2;
        after.title = "Другой".into();
        after.dek = None;
        after.sections.remove(1);
        after.sections.insert(0, section(14, "New 🌒"));
        after.sections.insert(0, section(15, "Newer"));
        after.sections[3].revision = 2;
        after.sections[3].heading = None;
        after.tags.reverse();
        after.authors.pop();
        after.faqs.remove(0);
        save(&database.storage, &before, &after);
        let mut turned = after.clone();
        turned.revision = 3;
        turned.sections.reverse();
        save(&database.storage, &after, &turned);
        let mut bare = turned.clone();
        bare.revision = 4;
        bare.sections.clear();
        bare.tags.clear();
        bare.authors.clear();
        bare.faqs.clear();
        save(&database.storage, &turned, &bare);
    }
}

fn save(storage: &Storage, before: &Article, after: &Article) {
    storage
        .write_blocking(|repo| repo.update_article(before, after))
        .unwrap();
    assert_eq!(load(storage, after.id).as_ref(), Some(after));
}

#[test]
fn an_article_may_have_as_many_sections_as_the_model_allows() {
    for database in stores() {
        let before = full_article(&database.storage);
        let mut after = before.clone();
        after.revision = 2;
        after.sections = (0..Article::SECTIONS as u128)
            .map(|n| section(1_000 + n, "Ebb and flow"))
            .collect();
        save(&database.storage, &before, &after);
        let mut turned = after.clone();
        turned.revision = 3;
        turned.sections.rotate_left(1);
        save(&database.storage, &after, &turned);
    }
}

#[test]
fn a_state_that_is_no_longer_there_is_not_overwritten() {
    for database in stores() {
        let before = full_article(&database.storage);
        let mut after = before.clone();
        after.revision = 2;
        save(&database.storage, &before, &after);
        let stale = database
            .storage
            .write_blocking(|repo| repo.update_article(&before, &after));
        assert!(matches!(stale, Err(Error::Stale { current: 2, .. })), "{stale:?}");
        let unknown = article(77, "unknown");
        let mut changed = unknown.clone();
        changed.revision = 2;
        let missing = database
            .storage
            .write_blocking(|repo| repo.update_article(&unknown, &changed));
        assert!(matches!(
            missing,
            Err(Error::NotFound {
                resource: Resource::Article,
                ..
            })
        ));
    }
}

#[test]
fn a_deleted_article_is_nowhere_and_its_slug_is_free() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let id = article.id;
        storage
            .write_blocking(|repo| repo.delete_article(id, at(9), Credential::CommandLine))
            .unwrap();
        assert_eq!(load(storage, id), None);
        let again = storage.write_blocking(|repo| repo.delete_article(id, at(9), Credential::CommandLine));
        assert!(matches!(again, Err(Error::NotFound { .. })));
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.article_for_update(id)?, None);
                assert_eq!(repo.article_by_slug(&article.locale, &article.slug)?, None);
                assert_eq!(repo.article_slug_holders(&article.locale, &article.slug)?, []);
                let page = sorted(WorkingSort::Title, Direction::Ascending, 10);
                assert_eq!(repo.articles(&ArticleFilter::default(), &page)?.total, Some(0));
                assert_eq!(repo.due_articles(at(1_000), 10)?, []);
                for tag in &article.tags {
                    assert_eq!(repo.tag_uses(*tag)?.total, 0);
                    repo.delete_tag(*tag)?;
                }
                for byline in &article.authors[..2] {
                    assert_eq!(repo.author_uses(byline.author_id)?.total, 0);
                    repo.delete_author(byline.author_id)?;
                }
                assert_eq!(repo.faq_uses(article.faqs[0])?.total, 0);
                repo.insert_article(&super::article(2, "tides"))
            })
            .unwrap();
        // An id is never given again.
        let taken = storage.write_blocking(|repo| repo.insert_article(&super::article(1, "other")));
        assert!(
            matches!(
                taken,
                Err(Error::Exists {
                    resource: Resource::Article,
                    ..
                })
            ),
            "{taken:?}"
        );
    }
}

#[test]
fn filters_narrow_lists_and_their_counts() {
    for database in stores() {
        let storage = &database.storage;
        let mut full = full_article(storage);
        let mut other = article(2, "other");
        other.locale = locale("pt-BR");
        other.status = Status::Archived;
        storage
            .write_blocking(|repo| repo.insert_article(&other))
            .unwrap();
        let found = |filter: ArticleFilter| {
            let page = sorted(WorkingSort::CreatedAt, Direction::Ascending, 10);
            let page = storage
                .read_blocking(|repo| repo.articles(&filter, &page))
                .unwrap();
            assert_eq!(page.total, Some(page.items.len() as u64));
            page.items
                .iter()
                .map(|item| item.slug.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        let any = ArticleFilter::default;
        assert_eq!(found(any()), ["tides", "other"]);
        assert_eq!(
            found(ArticleFilter {
                status: Some(Status::Archived),
                ..any()
            }),
            ["other"]
        );
        assert_eq!(
            found(ArticleFilter {
                locale: Some(locale("en")),
                ..any()
            }),
            ["tides"]
        );
        assert_eq!(
            found(ArticleFilter {
                tag: Some(slug("sea")),
                ..any()
            }),
            ["tides"]
        );
        assert_eq!(
            found(ArticleFilter {
                tag: Some(slug("none")),
                ..any()
            }),
            [""; 0]
        );
        assert_eq!(
            found(ArticleFilter {
                author: Some(slug("bob")),
                ..any()
            }),
            ["tides"]
        );
        let text = |text: &str| {
            found(ArticleFilter {
                text: Some(text.to_owned()),
                ..any()
            })
        };
        assert_eq!(text("TWICE a"), ["tides"]);
        assert_eq!(text("second"), ["tides"]);
        assert_eq!(text("ebb"), ["tides"]);
        assert_eq!(text("%"), [""; 0]);
        assert_eq!(text("a\0b"), [""; 0]);
        let before = full.clone();
        full.revision = 2;
        full.sections[0].content = SectionContent::Text {
            body: "ПРИЛИВЫ 100%_ОК ΟΔΟΣ".into(),
        };
        storage
            .write_blocking(|repo| repo.update_article(&before, &full))
            .unwrap();
        assert_eq!(text("приливы 100%_ок"), ["tides"]);
        assert_eq!(text("οδος"), ["tides"]);
        assert_eq!(text("first"), [""; 0]);
    }
}

/// Articles with moments at which something is to happen, or not.
fn with_moments(storage: &Storage) {
    for (number, publish_at, unpublish_at, status) in [
        (1, Some(30), Some(35), Status::Scheduled),
        (2, Some(10), None, Status::Scheduled),
        (3, Some(40), None, Status::Scheduled),
        (4, Some(5), None, Status::Draft),
        (5, None, Some(20), Status::Published),
        (6, None, None, Status::Published),
        (7, Some(5), Some(6), Status::Archived),
    ] {
        let mut article = article(number, &format!("a{number}"));
        article.status = status;
        article.publish_at = publish_at.map(at);
        article.unpublish_at = unpublish_at.map(at);
        storage
            .write_blocking(|repo| repo.insert_article(&article))
            .unwrap();
    }
}

fn due(storage: &Storage, now: i64, limit: u32) -> Vec<Due> {
    storage
        .read_blocking(|repo| repo.due_articles(at(now), limit))
        .unwrap()
}

#[test]
fn what_is_to_happen_falls_due_in_the_order_of_its_moments() {
    for database in stores() {
        let storage = &database.storage;
        with_moments(storage);
        let made = |number, action, moment| Due {
            id: ArticleId::from_uuid(uuid(number)),
            action,
            at: at(moment),
        };
        let (two, five, one) = (
            made(2, Action::Publish, 10),
            made(5, Action::Unpublish, 20),
            made(1, Action::Publish, 30),
        );
        assert_eq!(due(storage, 30, 10), [two, five, one]);
        assert_eq!(due(storage, 99, 2), [two, five]);
        assert_eq!(due(storage, 9, 10), []);
    }
}

#[test]
fn what_failed_is_noted_once_and_never_due_again() {
    for database in stores() {
        let storage = &database.storage;
        with_moments(storage);
        let [two, five, one] = due(storage, 30, 10)[..] else {
            panic!("three are due")
        };
        let error = |message: &str| ScheduleError {
            code: "already_exists".into(),
            message: message.into(),
            at: at(31),
        };
        let fail = |due: &Due, message: &str| {
            storage
                .write_blocking(|repo| repo.fail_schedule(due, &error(message)))
                .unwrap()
        };
        assert!(fail(&two, "First"));
        assert!(!fail(&two, "Second"), "noted twice");
        assert!(fail(&five, "First"));
        assert!(!fail(&Due { at: at(29), ..one }, "Another moment was meant"));
        let other = Due {
            action: Action::Unpublish,
            ..one
        };
        assert!(!fail(&other, "It is not published"));
        assert_eq!(due(storage, 99, 1), [one]);
        let two = load(storage, two.id).unwrap();
        assert_eq!(two.schedule_error, Some(error("First")));
        assert_eq!((two.revision, two.status), (1, Status::Scheduled));
        let mut anew = two.clone();
        anew.schedule_error = None;
        save(storage, &two, &anew);
        assert_eq!(due(storage, 20, 10).len(), 1);
    }
}

#[test]
fn lists_are_narrowed_by_review_and_by_what_became_of_schedules() {
    for database in stores() {
        let storage = &database.storage;
        with_moments(storage);
        let one = load(storage, ArticleId::from_uuid(uuid(1))).unwrap();
        let mut failed = one.clone();
        failed.review = Review::Requested;
        failed.schedule_error = Some(ScheduleError {
            code: "x".into(),
            message: "x".into(),
            at: at(1),
        });
        save(storage, &one, &failed);
        let found = |filter: ArticleFilter| {
            let page = sorted(WorkingSort::CreatedAt, Direction::Ascending, 10);
            let page = storage
                .read_blocking(|repo| repo.articles(&filter, &page))
                .unwrap();
            page.items
                .iter()
                .map(|item| item.slug.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        let any = ArticleFilter::default;
        assert_eq!(
            found(ArticleFilter {
                review: Some(Review::Requested),
                ..any()
            }),
            ["a1"]
        );
        let state = |state| {
            found(ArticleFilter {
                schedule_state: Some(state),
                status: Some(Status::Scheduled),
                ..any()
            })
        };
        assert_eq!(state(ScheduleState::Failed), ["a1"]);
        assert_eq!(state(ScheduleState::Pending), ["a2", "a3"]);
    }
}

#[test]
fn a_slug_is_taken_once_in_a_locale() {
    for database in stores() {
        let storage = &database.storage;
        storage
            .write_blocking(|repo| repo.insert_article(&article(1, "tides")))
            .unwrap();
        let taken = storage.write_blocking(|repo| repo.insert_article(&article(2, "tides")));
        let Err(Error::AlreadyExists {
            resource,
            field,
            value,
            free,
            ..
        }) = taken
        else {
            panic!("{taken:?}")
        };
        assert_eq!(
            (resource, field, value.as_str(), free),
            (Resource::Article, "slug", "tides", None)
        );
        let mut elsewhere = article(3, "tides");
        elsewhere.locale = locale("de");
        storage
            .write_blocking(|repo| repo.insert_article(&elsewhere))
            .unwrap();
        let held = storage
            .read_blocking(|repo| repo.article_slug_holders(&locale("en"), &slug("tides")))
            .unwrap();
        assert_eq!(held, [ArticleId::from_uuid(uuid(1))]);
    }
}

#[test]
fn every_state_is_kept_once() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        storage
            .write_blocking(|repo| repo.append_article_revision(&article, &Entry::first("created")))
            .unwrap();
        assert!(
            storage
                .write_blocking(|repo| repo.append_article_revision(&article, &Entry::first("again")))
                .is_err()
        );
        let mut next = article.clone();
        next.revision = 2;
        storage
            .write_blocking(|repo| repo.append_article_revision(&next, &Entry::first("changed")))
            .unwrap();
    }
}

#[test]
fn uses_name_a_hundred_places_and_count_all() {
    for database in stores() {
        let storage = &database.storage;
        let tag = tag(5_000, "busy");
        storage
            .write_blocking(|repo| {
                repo.insert_tag(&tag)?;
                for number in 0..130 {
                    let mut article = article(number + 1, &format!("a{number}"));
                    article.tags = vec![tag.id];
                    repo.insert_article(&article)?;
                }
                let mut faq = faq(900, "faq");
                faq.tags = vec![tag.id];
                repo.insert_faq(&faq)
            })
            .unwrap();
        let uses = storage.read_blocking(|repo| repo.tag_uses(tag.id)).unwrap();
        assert_eq!((uses.places.len(), uses.total), (100, 131));
        assert!(matches!(&uses.places[0], UsedIn::Article(_, title) if title == "Title a0 🌊"));
    }
}

#[test]
fn a_corrupt_row_is_named() {
    for database in stores() {
        let article = full_article(&database.storage);
        raw(&database, "update articles set status = 'lost'");
        let error = database
            .storage
            .read_blocking(|repo| repo.article(article.id))
            .unwrap_err();
        let expected = format!("corrupt row in articles.status of {}", article.id);
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}
