//! Releases.

use super::*;
use masthead_domain::id::ReleaseId;
use masthead_domain::release::{Item, Outline, Release, ReleaseAction, ReleaseSort, ReleaseStatus, Subject};

fn release(number: u128, name: &str) -> Release {
    Release {
        outline: Outline {
            id: ReleaseId::from_uuid(uuid(number)),
            name: name.into(),
            description: number.is_multiple_of(2).then(|| "What for".into()),
            status: ReleaseStatus::Open,
            count: 2,
            revision: 1,
            created_at: at(i64::try_from(number).unwrap()),
            created_by: Credential::CommandLine,
            updated_at: at(50),
            published: None,
        },
        items: vec![
            Item {
                subject: Subject::Article(ArticleId::from_uuid(uuid(1))),
                action: ReleaseAction::Publish,
                revision: Some(3),
            },
            Item {
                subject: Subject::Faq(FaqId::from_uuid(uuid(2))),
                action: ReleaseAction::Unpublish,
                revision: None,
            },
        ],
    }
}

#[test]
fn a_release_reads_back_is_changed_and_is_gone() {
    for database in stores() {
        let storage = &database.storage;
        let made = release(7, "Spring");
        storage.write_blocking(|repo| repo.insert_release(&made)).unwrap();
        let id = made.outline.id;
        let read = || storage.read_blocking(|repo| repo.release(id)).unwrap();
        assert_eq!(read(), Some(made.clone()));
        let mut after = made;
        after.outline.status = ReleaseStatus::Published;
        after.outline.published = Some((at(60), Credential::Scheduler));
        after.outline.description = Some("Done".into());
        after.outline.revision = 2;
        after.items.clear();
        storage
            .write_blocking(|repo| {
                assert!(repo.release_for_update(id)?.is_some());
                repo.update_release(&after)
            })
            .unwrap();
        assert_eq!(read(), Some(after));
        assert_eq!(
            storage.read_blocking(|repo| repo.count_open_releases()).unwrap(),
            0
        );
        storage.write_blocking(|repo| repo.delete_release(id)).unwrap();
        assert_eq!(read(), None);
        assert!(storage.write_blocking(|repo| repo.delete_release(id)).is_err());
    }
}

#[test]
fn releases_are_listed_by_status_and_in_any_order() {
    for database in stores() {
        let storage = &database.storage;
        storage
            .write_blocking(|repo| {
                for (number, name) in [(1, "b"), (2, "a"), (3, "c")] {
                    let mut release = release(number, name);
                    if number == 3 {
                        release.outline.status = ReleaseStatus::Published;
                    }
                    repo.insert_release(&release)?;
                }
                Ok(())
            })
            .unwrap();
        let names = |status, field, direction| {
            let page = PageRequest {
                sort: vec![SortKey { field, direction }],
                limit: 10,
                cursor: None,
                count: true,
            };
            let page = storage
                .read_blocking(|repo| repo.releases(status, &page))
                .unwrap();
            let names: Vec<_> = page.items.into_iter().map(|outline| outline.name).collect();
            (names.concat(), page.total)
        };
        let (up, down) = (Direction::Ascending, Direction::Descending);
        assert_eq!(names(None, ReleaseSort::Name, up), ("abc".into(), Some(3)));
        assert_eq!(names(None, ReleaseSort::CreatedAt, down), ("cab".into(), Some(3)));
        let open = Some(ReleaseStatus::Open);
        assert_eq!(names(open, ReleaseSort::UpdatedAt, down), ("ab".into(), Some(2)));
    }
}
