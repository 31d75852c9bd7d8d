//! The trash: what is put there, comes back, and goes for ever.

use super::*;
use masthead_domain::error::{Error, Resource};
use masthead_domain::history::Entry;
use masthead_domain::id::TrashId;
use masthead_domain::trash::{TrashKind, TrashSort, Trashed};

fn trashed(storage: &Storage, kind: Option<TrashKind>) -> Vec<Trashed> {
    let page = sorted(TrashSort::DeletedAt, Direction::Descending, 10);
    let page = storage.read_blocking(|repo| repo.trash(kind, &page)).unwrap();
    assert_eq!(page.total, Some(page.items.len() as u64));
    page.items
}

#[test]
fn a_deleted_article_lies_in_the_trash_and_comes_back_as_it_is_told() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let id = TrashId::from_uuid(article.id.uuid());
        storage
            .write_blocking(|repo| {
                repo.append_article_revision(&article, &Entry::first("created"))?;
                repo.delete_article(article.id, at(9), Credential::Scheduler)
            })
            .unwrap();
        let found = trashed(storage, Some(TrashKind::Article));
        let expected = Trashed {
            id,
            kind: TrashKind::Article,
            locale: article.locale.clone(),
            slug: article.slug.clone(),
            title: article.title.clone(),
            revision: article.revision,
            created_by: article.created_by,
            deleted_at: at(9),
            deleted_by: Credential::Scheduler,
        };
        assert_eq!(found, std::slice::from_ref(&expected));
        assert_eq!(trashed(storage, Some(TrashKind::Faq)), []);
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.trashed(id)?.as_ref(), Some(&expected));
                assert_eq!(repo.trashed_for_update(id)?.as_ref(), Some(&expected));
                assert!(!repo.is_id_spent(id.uuid())?);
                let kept = repo.trashed_article(article.id)?.unwrap();
                assert_eq!(kept.sections, article.sections);
                assert!(kept.tags.is_empty() && kept.authors.is_empty() && kept.faqs.is_empty());
                assert_eq!(repo.article(article.id)?, None);
                repo.restore_article(&article)
            })
            .unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.article(article.id)?.as_ref(), Some(&article));
                assert_eq!(repo.trashed(id)?, None);
                assert_eq!(repo.trashed_article(article.id)?, None);
                Ok(())
            })
            .unwrap();
        let again = storage.write_blocking(|repo| repo.restore_article(&article));
        assert!(matches!(
            again,
            Err(Error::NotFound {
                resource: Resource::Trashed,
                ..
            })
        ));
    }
}

#[test]
fn a_slug_that_was_taken_meanwhile_keeps_a_thing_in_the_trash() {
    for database in stores() {
        let storage = &database.storage;
        let (old, why) = (article(1, "tides"), faq(2, "why"));
        storage
            .write_blocking(|repo| {
                repo.insert_article(&old)?;
                repo.insert_faq(&why)?;
                repo.delete_article(old.id, at(9), Credential::CommandLine)?;
                repo.delete_faq(why.id, at(8), Credential::CommandLine)?;
                repo.insert_article(&article(3, "tides"))?;
                repo.insert_faq(&faq(4, "why"))
            })
            .unwrap();
        assert_eq!(trashed(storage, None).len(), 2);
        for refused in [
            storage.write_blocking(|repo| repo.restore_article(&old)),
            storage.write_blocking(|repo| repo.restore_faq(&why)),
        ] {
            assert!(matches!(refused, Err(Error::AlreadyExists { field: "slug", .. })));
        }
        assert_eq!(trashed(storage, None).len(), 2);
    }
}

#[test]
fn a_faq_comes_back_with_its_tags() {
    for database in stores() {
        let storage = &database.storage;
        full_article(storage);
        let mut alone = faq(7, "alone");
        alone.tags = vec![TagId::from_uuid(uuid(102)), TagId::from_uuid(uuid(101))];
        storage
            .write_blocking(|repo| {
                repo.insert_faq(&alone)?;
                repo.delete_faq(alone.id, at(9), Credential::CommandLine)?;
                let kept = repo.trashed_faq(alone.id)?.unwrap();
                assert_eq!((kept.question, kept.tags), (alone.question.clone(), Vec::new()));
                repo.restore_faq(&alone)?;
                assert_eq!(repo.faq(alone.id)?.as_ref(), Some(&alone));
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn what_is_purged_leaves_nothing_but_its_spent_id() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let alone = faq(7, "alone");
        storage
            .write_blocking(|repo| {
                repo.append_article_revision(&article, &Entry::first("created"))?;
                repo.insert_faq(&alone)?;
                repo.append_faq_revision(&alone, &Entry::first("created"))?;
                repo.delete_article(article.id, at(8), Credential::CommandLine)?;
                repo.delete_faq(alone.id, at(9), Credential::CommandLine)
            })
            .unwrap();
        let purged = storage
            .write_blocking(|repo| {
                assert_eq!(repo.expired_trash(at(7), 10)?, []);
                assert_eq!(repo.expired_trash(at(9), 1)?[0].kind, TrashKind::Article);
                let things = repo.expired_trash(at(9), 10)?;
                for thing in &things {
                    repo.purge(thing, at(20))?;
                }
                Ok(things)
            })
            .unwrap();
        assert_eq!(purged.len(), 2);
        storage
            .write_blocking(|repo| {
                for thing in &purged {
                    assert_eq!(repo.trashed(thing.id)?, None);
                    assert!(repo.is_id_spent(thing.id.uuid())?);
                }
                assert_eq!(repo.trashed_article(article.id)?, None);
                assert_eq!(repo.article_at(article.id, 1)?, None);
                assert_eq!(repo.trashed_faq(alone.id)?, None);
                assert_eq!(repo.faq_at(alone.id, 1)?, None);
                // What it linked is free.
                repo.delete_tag(TagId::from_uuid(uuid(101)))
            })
            .unwrap();
        let twice = storage.write_blocking(|repo| repo.purge(&purged[0], at(21)));
        assert!(matches!(
            twice,
            Err(Error::NotFound {
                resource: Resource::Trashed,
                ..
            })
        ));
    }
}
