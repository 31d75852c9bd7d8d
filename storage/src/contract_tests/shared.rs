//! Tags and authors: what all articles share.

use super::*;
use masthead_domain::article::{Byline, BylineRole, Image};
use masthead_domain::author::Link;
use masthead_domain::error::{Error, Resource};
use masthead_domain::published::TagQuery;
use masthead_domain::repository::WorkingSort;

#[test]
fn a_tag_is_read_as_it_was_written_and_changed() {
    for database in stores() {
        let storage = &database.storage;
        let mut moon = tag(1, "moon");
        let sea = tag(2, "море");
        storage
            .write_blocking(|repo| repo.insert_tag(&moon).and_then(|()| repo.insert_tag(&sea)))
            .unwrap();
        moon.name = "The Moon".into();
        moon.description = Some("Pulls".into());
        moon.kind = "place".into();
        moon.revision = 2;
        storage.write_blocking(|repo| repo.update_tag(&moon)).unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.tag(moon.id)?.as_ref(), Some(&moon));
                assert_eq!(repo.tag_for_update(moon.id)?.as_ref(), Some(&moon));
                let unknown = TagId::from_uuid(uuid(9));
                assert_eq!(
                    repo.tags_by_id(&[sea.id, unknown, moon.id])?,
                    [sea.clone(), moon.clone()]
                );
                assert_eq!(repo.tags_by_id(&[])?, []);
                assert_eq!(
                    repo.tags_by_slug(&[slug("море"), slug("nix")])?,
                    std::slice::from_ref(&sea)
                );
                let page = sorted(WorkingSort::Title, Direction::Descending, 10);
                let places = TagQuery {
                    kind: Some("place".into()),
                };
                assert_eq!(repo.tags(&places, &page)?.items, [moon.clone()]);
                assert_eq!(repo.tags(&TagQuery::default(), &page)?.total, Some(2));
                assert_eq!(
                    repo.tags(
                        &TagQuery {
                            kind: Some("\0".into())
                        },
                        &page
                    )?
                    .total,
                    Some(0)
                );
                repo.delete_tag(moon.id)?;
                assert_eq!(repo.tag(moon.id)?, None);
                Ok(())
            })
            .unwrap();
        let gone = storage.write_blocking(|repo| repo.update_tag(&moon));
        assert!(matches!(
            gone,
            Err(Error::NotFound {
                resource: Resource::Tag,
                ..
            })
        ));
        let taken = storage.write_blocking(|repo| repo.insert_tag(&tag(7, "море")));
        assert!(matches!(
            taken,
            Err(Error::AlreadyExists {
                resource: Resource::Tag,
                field: "slug",
                ..
            })
        ));
        let exists = storage.write_blocking(|repo| repo.insert_tag(&tag(2, "other")));
        assert!(matches!(
            exists,
            Err(Error::Exists {
                resource: Resource::Tag,
                ..
            })
        ));
    }
}

#[test]
fn an_author_is_read_as_it_was_written_and_changed() {
    for database in stores() {
        let storage = &database.storage;
        let mut ada = author(1, "ada");
        let bob = author(2, "bob");
        storage
            .write_blocking(|repo| repo.insert_author(&ada).and_then(|()| repo.insert_author(&bob)))
            .unwrap();
        ada.bio = None;
        ada.avatar = Some(Image {
            url: "/ada.jpg".into(),
            alt: None,
        });
        ada.links = vec![Link {
            label: "Site".into(),
            url: "https://example.org".into(),
        }];
        ada.revision = 2;
        storage.write_blocking(|repo| repo.update_author(&ada)).unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.author(ada.id)?.as_ref(), Some(&ada));
                assert_eq!(repo.author_for_update(ada.id)?.as_ref(), Some(&ada));
                assert_eq!(repo.authors_by_id(&[bob.id, ada.id])?, [bob.clone(), ada.clone()]);
                assert_eq!(repo.authors_by_slug(&[slug("ada")])?, [ada.clone()]);
                let page = sorted(WorkingSort::Title, Direction::Ascending, 1);
                let page = repo.authors(&page)?;
                assert_eq!((page.items, page.total), (vec![ada.clone()], Some(2)));
                repo.delete_author(bob.id)?;
                assert_eq!(repo.author(bob.id)?, None);
                Ok(())
            })
            .unwrap();
        let gone = storage.write_blocking(|repo| repo.delete_author(bob.id));
        assert!(matches!(
            gone,
            Err(Error::NotFound {
                resource: Resource::Author,
                ..
            })
        ));
    }
}

#[test]
fn what_is_linked_cannot_be_taken_away_under_the_link() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let tag = article.tags[0];
        assert!(storage.write_blocking(|repo| repo.delete_tag(tag)).is_err());
        assert!(storage.read_blocking(|repo| repo.tag(tag)).unwrap().is_some());
        let mut other = super::article(2, "other");
        other.authors = vec![Byline {
            author_id: AuthorId::from_uuid(uuid(404)),
            role: BylineRole::Writer,
        }];
        assert!(
            storage
                .write_blocking(|repo| repo.insert_article(&other))
                .is_err()
        );
        assert_eq!(
            storage.read_blocking(|repo| repo.article(other.id)).unwrap(),
            None
        );
    }
}
