//! Preview links, and what stands beside a working copy once it is published.

use super::*;
use masthead_domain::account::KeyDigest;
use masthead_domain::error::{Error, Resource};
use masthead_domain::id::PreviewLinkId;
use masthead_domain::preview::{PreviewLink, PreviewLinkSort};
use masthead_domain::published::PublishedFaq;
use masthead_domain::trash::TrashKind;

fn link(number: u128, article: ArticleId, expires: i64) -> PreviewLink {
    PreviewLink {
        id: PreviewLinkId::from_uuid(uuid(number)),
        article,
        created_by: Credential::CommandLine,
        created_at: at(1),
        expires_at: at(expires),
    }
}

#[test]
fn a_link_is_found_by_its_digest_and_listed_as_long_as_it_works() {
    for database in stores() {
        let storage = &database.storage;
        let (draft, other) = (article(1, "draft"), article(2, "other"));
        let (short, long) = (link(11, draft.id, 10), link(12, draft.id, 20));
        let elsewhere = link(13, other.id, 20);
        storage
            .write_blocking(|repo| {
                repo.insert_article(&draft)?;
                repo.insert_article(&other)?;
                for (number, link) in [(1, &short), (2, &long), (3, &elsewhere)] {
                    repo.insert_preview_link(link, &KeyDigest([number; 32]))?;
                }
                Ok(())
            })
            .unwrap();
        storage
            .read_blocking(|repo| {
                assert_eq!(repo.preview_link(short.id)?.as_ref(), Some(&short));
                let found = repo.preview_link_by_digest(&KeyDigest([2; 32]))?;
                assert_eq!(found.as_ref(), Some(&long));
                assert_eq!(repo.preview_link_by_digest(&KeyDigest([9; 32]))?, None);
                let page = sorted(PreviewLinkSort::CreatedAt, Direction::Ascending, 10);
                let all = repo.preview_links(draft.id, at(9), &page)?;
                assert_eq!(
                    (all.items, all.total),
                    (vec![short.clone(), long.clone()], Some(2))
                );
                let live = repo.preview_links(draft.id, at(10), &page)?;
                assert_eq!((live.items, live.total), (vec![long.clone()], Some(1)));
                assert_eq!(repo.count_preview_links(draft.id, at(10))?, 1);
                assert_eq!(repo.count_preview_links(other.id, at(10))?, 1);
                Ok(())
            })
            .unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.forget_preview_links(at(9), 10)?, 0);
                assert_eq!(repo.forget_preview_links(at(10), 10)?, 1);
                assert_eq!(repo.preview_link(short.id)?, None);
                repo.delete_preview_link(elsewhere.id)
            })
            .unwrap();
        let twice = storage.write_blocking(|repo| repo.delete_preview_link(elsewhere.id));
        assert!(matches!(
            twice,
            Err(Error::NotFound {
                resource: Resource::PreviewLink,
                ..
            })
        ));
    }
}

#[test]
fn purging_an_article_takes_its_links_along_and_deleting_it_does_not() {
    for database in stores() {
        let storage = &database.storage;
        let draft = article(1, "draft");
        let made = link(11, draft.id, 90);
        storage
            .write_blocking(|repo| {
                repo.insert_article(&draft)?;
                repo.insert_preview_link(&made, &KeyDigest([1; 32]))?;
                repo.delete_article(draft.id, at(5), Credential::CommandLine)?;
                assert_eq!(repo.preview_link(made.id)?.as_ref(), Some(&made));
                let things = repo.expired_trash(at(5), 10)?;
                assert_eq!(things[0].kind, TrashKind::Article);
                repo.purge(&things[0], at(6))?;
                assert_eq!(repo.preview_link(made.id)?, None);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn what_stands_beside_a_working_copy_is_what_readers_see() {
    for database in stores() {
        let storage = &database.storage;
        let draft = full_article(storage);
        let mut why = faq(301, "why");
        why.tags = vec![TagId::from_uuid(uuid(102)), TagId::from_uuid(uuid(101))];
        storage
            .write_blocking(|repo| {
                for id in [101, 102] {
                    let tag = repo.tag(TagId::from_uuid(uuid(id)))?.unwrap();
                    repo.put_published_tag(&tag)?;
                }
                let shown = PublishedFaq::render(&why, at(7), at(7));
                repo.put_published_faqs(std::slice::from_ref(&shown))?;
                assert_eq!(repo.published_faqs(&draft.faqs)?, [shown]);
                assert_eq!(repo.published_faqs(&[])?, []);
                let found = repo.working_tellings(&draft.slug)?;
                assert_eq!(found.len(), 1);
                assert_eq!(
                    (found[0].article.id, found[0].story),
                    (draft.id, draft.story_id())
                );
                assert_eq!(repo.working_tellings(&slug("nothing"))?, []);
                assert_eq!(repo.published_tellings(draft.story_id())?, []);
                repo.delete_article(draft.id, at(9), Credential::CommandLine)?;
                assert_eq!(repo.working_tellings(&draft.slug)?, []);
                Ok(())
            })
            .unwrap();
    }
}
