//! Working copies of FAQs.

use super::*;
use masthead_domain::error::{Error, Resource, UsedIn};
use masthead_domain::history::Entry;
use masthead_domain::repository::{FaqFilter, WorkingSort};

#[test]
fn a_faq_is_read_as_it_was_written_and_changed() {
    for database in stores() {
        let storage = &database.storage;
        full_article(storage);
        let why = storage
            .read_blocking(|repo| repo.faq(FaqId::from_uuid(uuid(301))))
            .unwrap()
            .unwrap();
        assert_eq!(why, faq(301, "why"));
        let mut after = why.clone();
        after.question = "Why TWICE?".into();
        after.tags = vec![TagId::from_uuid(uuid(102)), TagId::from_uuid(uuid(101))];
        after.revision = 2;
        after.status = FaqStatus::Published;
        after.published_revision = Some(2);
        after.published_at = Some(at(8));
        after.first_published_at = Some(at(7));
        storage
            .write_blocking(|repo| repo.update_faq(&why, &after))
            .unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.faq(why.id)?.as_ref(), Some(&after));
                assert_eq!(repo.faq_for_update(why.id)?.as_ref(), Some(&after));
                assert_eq!(
                    repo.faqs_for_update(&[why.id].into())?.as_slice(),
                    [after.clone()]
                );
                let how = faq(302, "how");
                assert_eq!(repo.faqs_by_id(&[how.id, why.id])?, [how, after.clone()]);
                assert_eq!(repo.faq_slug_holders(&locale("en"), &slug("why"))?, [why.id]);
                assert_eq!(repo.faq_slug_holders(&locale("de"), &slug("why"))?, []);
                repo.append_faq_revision(&after, &Entry::first("answered"))
            })
            .unwrap();
        let stale = storage.write_blocking(|repo| repo.update_faq(&why, &after));
        assert!(matches!(
            stale,
            Err(Error::Stale {
                resource: Resource::Faq,
                current: 2,
                ..
            })
        ));
        let found = |filter: FaqFilter| {
            let page = sorted(WorkingSort::UpdatedAt, Direction::Descending, 10);
            let page = storage.read_blocking(|repo| repo.faqs(&filter, &page)).unwrap();
            assert_eq!(page.total, Some(page.items.len() as u64));
            page.items
                .iter()
                .map(|faq| faq.slug.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        let any = FaqFilter::default;
        assert_eq!(
            found(FaqFilter {
                text: Some("twice".into()),
                ..any()
            }),
            ["why"]
        );
        assert_eq!(
            found(FaqFilter {
                status: Some(FaqStatus::Draft),
                ..any()
            }),
            ["how"]
        );
        assert_eq!(
            found(FaqFilter {
                tag: Some(slug("sea")),
                ..any()
            }),
            ["why"]
        );
        assert_eq!(
            found(FaqFilter {
                locale: Some(locale("de")),
                ..any()
            }),
            [""; 0]
        );
        assert_eq!(found(any()).len(), 2);
    }
}

#[test]
fn a_deleted_faq_is_nowhere_and_cannot_be_linked() {
    for database in stores() {
        let storage = &database.storage;
        let article = full_article(storage);
        let why = FaqId::from_uuid(uuid(301));
        let uses = storage.read_blocking(|repo| repo.faq_uses(why)).unwrap();
        assert_eq!(
            (uses.places, uses.total),
            (vec![UsedIn::Article(article.id, article.title.clone())], 1)
        );
        storage
            .write_blocking(|repo| repo.delete_faq(why, at(5), Credential::CommandLine))
            .unwrap();
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.faq(why)?, None);
                assert_eq!(repo.faq_for_update(why)?, None);
                assert_eq!(repo.faqs_by_id(&[why])?, []);
                assert_eq!(repo.faq_slug_holders(&locale("en"), &slug("why"))?, []);
                assert_eq!(repo.faq_uses(why)?.total, 0);
                assert_eq!(
                    repo.article(article.id)?.unwrap().faqs,
                    [FaqId::from_uuid(uuid(302))]
                );
                repo.insert_faq(&faq(303, "why"))
            })
            .unwrap();
        let again = storage.write_blocking(|repo| repo.delete_faq(why, at(5), Credential::CommandLine));
        assert!(matches!(
            again,
            Err(Error::NotFound {
                resource: Resource::Faq,
                ..
            })
        ));
        let mut other = super::article(2, "other");
        other.faqs = vec![why];
        assert!(
            storage
                .write_blocking(|repo| repo.insert_article(&other))
                .is_err()
        );
        let exists = storage.write_blocking(|repo| repo.insert_faq(&faq(301, "new")));
        assert!(matches!(
            exists,
            Err(Error::Exists {
                resource: Resource::Faq,
                ..
            })
        ));
    }
}
