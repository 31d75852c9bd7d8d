//! Editorial notes.

use super::*;
use masthead_domain::account::{PasswordHash, User};
use masthead_domain::email::Email;
use masthead_domain::error::{Error, Resource};
use masthead_domain::history::Subject;
use masthead_domain::id::{NoteId, UserId};
use masthead_domain::note::{Note, NoteSort};
use masthead_domain::page::Cursor;
use masthead_domain::repository::NoteFilter;
use masthead_domain::rights::Role;

fn account(number: u128, email: &str) -> User {
    User {
        id: UserId::from_uuid(uuid(number)),
        email: Email::parse(email).unwrap(),
        name: "Ada".into(),
        role: Role::Editor,
        author_id: None,
        revision: 1,
        email_verified_at: None,
        suspended_at: None,
        created_at: at(1),
        updated_at: at(2),
    }
}

fn note(number: u128, subject: Subject) -> Note {
    let id = NoteId::from_uuid(uuid(number));
    Note {
        id,
        thread: id,
        subject,
        section: None,
        quote: None,
        body: "Is this so? 潮".into(),
        mentions: Vec::new(),
        replies: 0,
        resolved: None,
        revision: 1,
        created_at: at(i64::try_from(number).unwrap()),
        created_by: Credential::CommandLine,
        updated_at: at(2),
    }
}

fn reply(number: u128, to: &Note) -> Note {
    Note {
        thread: to.id,
        ..note(number, to.subject)
    }
}

fn page(limit: u32) -> PageRequest<NoteSort> {
    sorted(NoteSort::CreatedAt, Direction::Descending, limit)
}

/// An article with three sections, and two accounts, in the store.
fn world(storage: &Storage) -> (Article, [User; 2]) {
    let article = full_article(storage);
    let users = [account(51, "ada@example.org"), account(52, "bob_x@example.org")];
    storage
        .write_blocking(|repo| {
            for user in &users {
                repo.insert_user(user, &PasswordHash("x".into()))?;
            }
            Ok(())
        })
        .unwrap();
    (article, users)
}

#[test]
fn a_thread_is_kept_whole_and_goes_with_its_first_note() {
    for database in stores() {
        let storage = &database.storage;
        let (article, [ada, bob]) = world(storage);
        let mut first = note(401, Subject::Article(article.id));
        first.section = Some(article.sections[1].id);
        first.quote = Some("Second\nline".into());
        first.mentions = vec![bob.id, ada.id];
        let replies: Vec<Note> = (0..4).map(|n| reply(402 + n, &first)).collect();
        storage
            .write_blocking(|repo| {
                repo.insert_note(&first)?;
                replies.iter().rev().try_for_each(|reply| repo.insert_note(reply))
            })
            .unwrap();
        let mut after = first.clone();
        after.mentions = vec![ada.id];
        after.replies = 4;
        after.resolved = Some((at(9), Credential::User(ada.id)));
        after.revision = 6;
        storage.write_blocking(|repo| repo.update_note(&after)).unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.note(first.id)?.as_ref(), Some(&after));
                assert_eq!(repo.note(replies[2].id)?.as_ref(), Some(&replies[2]));
                assert_eq!(repo.thread_for_update(replies[2].id)?.as_ref(), Some(&after));
                assert_eq!(repo.replies(&[first.id], 2)?, replies[2..]);
                assert_eq!(repo.replies(&[first.id], 200)?, replies);
                assert!(repo.replies(&[], 2)?.is_empty());
                assert!(!repo.others_replied(first.id, Credential::CommandLine)?);
                assert!(repo.others_replied(first.id, Credential::Scheduler)?);
                assert_eq!(repo.count_threads(Subject::Article(article.id))?, 1);
                repo.delete_note(first.id)
            })
            .unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.note(replies[2].id)?, None);
                assert_eq!(repo.thread_for_update(replies[2].id)?, None);
                Ok(())
            })
            .unwrap();
        let twice = storage.write_blocking(|repo| repo.delete_note(first.id));
        assert!(matches!(
            twice,
            Err(Error::NotFound {
                resource: Resource::Note,
                ..
            })
        ));
    }
}

#[test]
fn threads_are_listed_by_what_they_are_about_and_whom_they_mention() {
    for database in stores() {
        let storage = &database.storage;
        let (article, [ada, bob]) = world(storage);
        let (of_article, of_faq) = (Subject::Article(article.id), Subject::Faq(article.faqs[0]));
        let mut in_section = note(401, of_article);
        in_section.section = Some(article.sections[0].id);
        let mut resolved = note(402, of_article);
        resolved.resolved = Some((at(5), Credential::CommandLine));
        resolved.created_by = Credential::User(ada.id);
        let mut in_faq = note(403, of_faq);
        in_faq.mentions = vec![ada.id];
        let mut answer = reply(404, &in_section);
        answer.mentions = vec![ada.id, bob.id];
        let all = [&in_section, &resolved, &in_faq, &answer];
        storage
            .write_blocking(|repo| all.iter().try_for_each(|note| repo.insert_note(note)))
            .unwrap();
        let listed = |filter: NoteFilter| -> Vec<Note> {
            let found = storage.read_blocking(|repo| repo.threads(&filter, &page(10)));
            let found = found.unwrap();
            assert_eq!(found.total, Some(found.items.len() as u64));
            found.items
        };
        let any = NoteFilter::default;
        assert_eq!(
            listed(any()),
            [in_faq.clone(), resolved.clone(), in_section.clone()]
        );
        let subject = |subject| NoteFilter {
            subject: Some(subject),
            ..any()
        };
        assert_eq!(
            listed(subject(of_article)),
            [resolved.clone(), in_section.clone()]
        );
        assert_eq!(listed(subject(of_faq)), [in_faq.clone()]);
        let by_section = NoteFilter {
            section: in_section.section,
            ..any()
        };
        assert_eq!(listed(by_section), [in_section.clone()]);
        let is_resolved = |resolved| NoteFilter {
            resolved: Some(resolved),
            ..any()
        };
        assert_eq!(listed(is_resolved(true)), [resolved.clone()]);
        assert_eq!(listed(is_resolved(false)), [in_faq.clone(), in_section.clone()]);
        let mentioning = |user| NoteFilter {
            mentions: Some(user),
            ..any()
        };
        assert_eq!(listed(mentioning(ada.id)), [in_faq.clone(), in_section.clone()]);
        assert_eq!(listed(mentioning(bob.id)), [in_section.clone()]);
        let begun = NoteFilter {
            begun_by: Some(Credential::User(ada.id)),
            ..any()
        };
        assert_eq!(listed(begun), [resolved.clone()]);

        let first = storage
            .read_blocking(|repo| repo.threads(&any(), &page(2)))
            .unwrap();
        let mut rest = page(2);
        rest.cursor = Some(Cursor::After(first.next.unwrap()));
        let rest = storage.read_blocking(|repo| repo.threads(&any(), &rest)).unwrap();
        assert_eq!(rest.items, [in_section.clone()]);
        assert!(rest.next.is_none() && rest.previous.is_some());

        let there = storage.read_blocking(|repo| {
            repo.sections_there(&[article.sections[0].id, SectionId::from_uuid(uuid(999))])
        });
        assert_eq!(there.unwrap(), [(article.sections[0].id, article.id)]);

        // What is about something deleted is not there, and is not gone either.
        storage
            .write_blocking(|repo| repo.delete_article(article.id, at(9), Credential::CommandLine))
            .unwrap();
        assert_eq!(listed(any()), [in_faq]);
        assert_eq!(storage.read_blocking(|repo| repo.note(answer.id)).unwrap(), None);
        raw(
            &database,
            "update articles set deleted_at = null, deleted_by = null",
        );
        assert_eq!(
            storage.read_blocking(|repo| repo.note(answer.id)).unwrap(),
            Some(answer)
        );
    }
}

#[test]
fn an_account_is_called_by_what_stands_before_its_at() {
    for database in stores() {
        let storage = &database.storage;
        let (_, [ada, bob]) = world(storage);
        let others = [
            account(53, "ada@example.net"),
            account(54, "adam@example.org"),
            account(55, "eve@example.org"),
        ];
        storage
            .write_blocking(|repo| {
                for user in &others {
                    repo.insert_user(user, &PasswordHash("x".into()))?;
                }
                repo.delete_user(others[2].id, at(3))
            })
            .unwrap();
        let called = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            storage
                .read_blocking(move |repo| repo.accounts_called(&names))
                .unwrap()
        };
        assert_eq!(called(&["bob_x"]), [("bob_x".to_owned(), bob.id)]);
        let both: Vec<UserId> = called(&["ada"]).into_iter().map(|(_, id)| id).collect();
        assert_eq!(both, [others[0].id, ada.id]);
        assert!(called(&["bobax", "eve", "ad", "a\0b", "%"]).is_empty());
    }
}
