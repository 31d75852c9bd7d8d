//! Accounts, keys and secrets.

use super::*;
use masthead_domain::account::{
    ApiKey, Device, KeyDigest, KeySort, PasswordHash, RefreshToken, Session, SessionEnd, SessionSort, User,
    UserSort,
};
use masthead_domain::email::Email;
use masthead_domain::error::{Error, Resource};
use masthead_domain::id::{KeyId, SessionId, UserId};
use masthead_domain::page::{Direction, PageRequest, SortKey};
use masthead_domain::rights::{Credential, Permission, Role};
use masthead_domain::second_factor::SecondFactor;

fn user(number: u128, email: &str) -> User {
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

#[test]
fn an_account_is_found_by_its_address() {
    for database in stores() {
        let storage = &database.storage;
        let ada = author(5, "ada");
        let mut tied = user(1, "ada@example.org");
        tied.author_id = Some(ada.id);
        let hash = PasswordHash("$argon2id$x".into());
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.count_users()?, 0);
                repo.insert_author(&ada)?;
                repo.insert_user(&tied, &hash)
            })
            .unwrap();
        storage
            .read_blocking(|repo| {
                assert_eq!(repo.count_users()?, 1);
                assert_eq!(repo.user(tied.id)?.as_ref(), Some(&tied));
                assert_eq!(
                    repo.user_by_email(&tied.email)?,
                    Some((tied.clone(), hash.clone()))
                );
                assert_eq!(repo.user_by_email(&Email::parse("b@example.org").unwrap())?, None);
                Ok(())
            })
            .unwrap();
        let taken = storage.write_blocking(|repo| repo.insert_user(&user(2, "ada@example.org"), &hash));
        let Err(Error::AlreadyExists {
            resource,
            field,
            value,
            ..
        }) = taken
        else {
            panic!("{taken:?}")
        };
        assert_eq!(
            (resource, field, value.as_str()),
            (Resource::User, "email", "ada@example.org")
        );
        let exists = storage.write_blocking(|repo| repo.insert_user(&user(1, "c@example.org"), &hash));
        assert!(matches!(
            exists,
            Err(Error::Exists {
                resource: Resource::User,
                ..
            })
        ));
        storage.write_blocking(|repo| repo.delete_author(ada.id)).unwrap();
        assert_eq!(
            storage
                .read_blocking(|repo| repo.user(tied.id))
                .unwrap()
                .unwrap()
                .author_id,
            None
        );
    }
}

fn key(number: u128) -> ApiKey {
    ApiKey {
        id: KeyId::from_uuid(uuid(number)),
        name: "CI".into(),
        prefix: "mhk_abc".into(),
        scopes: vec![Permission::ContentRead, Permission::ArticlesWrite],
        addresses: vec!["192.0.2.0/24".into()],
        revision: 1,
        created_by: Credential::CommandLine,
        created_at: at(1),
        updated_at: at(1),
        last_used_at: None,
        expires_at: Some(at(100)),
        revoked_at: None,
        previous_until: None,
    }
}

#[test]
fn a_key_is_found_by_its_digest_and_for_a_while_by_the_one_before() {
    for database in stores() {
        let storage = &database.storage;
        let mut kept = key(1);
        let (first, second, third) = (KeyDigest([7; 32]), KeyDigest([8; 32]), KeyDigest([9; 32]));
        storage
            .write_blocking(|repo| repo.insert_key(&kept, &first))
            .unwrap();
        let found = |digest: KeyDigest, second| {
            storage
                .read_blocking(move |repo| repo.key_by_digest(&digest, at(second)))
                .unwrap()
        };
        assert_eq!(found(first, 1), Some(kept.clone()));
        assert_eq!(found(second, 1), None);
        let mut rotate = |digest: KeyDigest, until| {
            kept.previous_until = Some(at(until));
            kept.revision += 1;
            let after = kept.clone();
            storage
                .write_blocking(|repo| repo.update_key(&after, Some(&digest)))
                .unwrap();
            after
        };
        let after = rotate(second, 50);
        assert_eq!(found(second, 60), Some(after.clone()));
        assert_eq!(found(first, 49), Some(after));
        assert_eq!(found(first, 50), None, "its time is over");
        let after = rotate(third, 90);
        assert_eq!(found(first, 49), None, "only one before works");
        assert_eq!(found(second, 49), Some(after.clone()));
        let mut revoked = after;
        revoked.revoked_at = Some(at(60));
        revoked.previous_until = None;
        storage
            .write_blocking(|repo| {
                repo.update_key(&revoked, None)?;
                repo.touch_key(revoked.id, at(61))
            })
            .unwrap();
        revoked.last_used_at = Some(at(61));
        let page = PageRequest {
            sort: vec![SortKey {
                field: KeySort::CreatedAt,
                direction: Direction::Descending,
            }],
            limit: 1,
            cursor: None,
            count: false,
        };
        let listed = storage.read_blocking(|repo| repo.keys(&page)).unwrap();
        assert_eq!(listed.items, std::slice::from_ref(&revoked));
        assert_eq!(found(third, 1), Some(revoked));
        assert_eq!(found(second, 49), None);
    }
}

fn session(number: u128, user: UserId, second: i64) -> Session {
    Session {
        id: SessionId::from_uuid(uuid(number)),
        user_id: user,
        device: Device {
            user_agent: "curl".into(),
            address: "192.0.2.7".into(),
        },
        created_at: at(second),
        last_used_at: at(second),
        expires_at: at(1_000),
        ended: None,
        external: false,
        restricted: false,
    }
}

#[test]
fn sessions_end_one_by_one_or_but_for_the_newest() {
    for database in stores() {
        let storage = &database.storage;
        let ada = user(1, "ada@example.org");
        let all: Vec<_> = (10..14)
            .map(|n| session(n, ada.id, i64::try_from(n).unwrap()))
            .collect();
        storage
            .write_blocking(|repo| {
                repo.insert_user(&ada, &PasswordHash("x".into()))?;
                all.iter().try_for_each(|session| repo.insert_session(session))
            })
            .unwrap();
        let open = |second| {
            let page = PageRequest {
                sort: vec![SortKey {
                    field: SessionSort::CreatedAt,
                    direction: Direction::Descending,
                }],
                limit: 10,
                cursor: None,
                count: false,
            };
            let page = storage
                .read_blocking(move |repo| repo.sessions(ada.id, at(second), &page))
                .unwrap();
            page.items.iter().map(|session| session.id).collect::<Vec<_>>()
        };
        let ids: Vec<_> = all.iter().rev().map(|session| session.id).collect();
        assert_eq!(open(20), ids);
        assert!(open(1_000).is_empty(), "they have expired");
        storage
            .write_blocking(|repo| {
                assert!(repo.end_session(ids[0], at(30), SessionEnd::LoggedOut)?);
                assert!(!repo.end_session(ids[0], at(31), SessionEnd::Revoked)?);
                assert_eq!(repo.end_sessions(ada.id, 1, at(32), SessionEnd::TooMany)?, 2);
                Ok(())
            })
            .unwrap();
        assert_eq!(open(40), [ids[1]]);
        storage
            .write_blocking(|repo| {
                let (ended, whose) = repo.session(ids[0])?.unwrap();
                assert_eq!(ended.ended, Some((at(30), SessionEnd::LoggedOut)));
                assert_eq!(whose.id, ada.id);
                assert_eq!(repo.forget_sessions(ada.id, at(31))?, 1);
                assert_eq!(repo.session(ids[0])?, None);
                repo.delete_user(ada.id, at(50))?;
                assert_eq!(repo.session(ids[1])?, None, "its account is gone");
                assert_eq!(repo.user(ada.id)?, None);
                assert_eq!(repo.user_by_email(&ada.email)?, None);
                assert_eq!(repo.count_users()?, 0);
                Ok(())
            })
            .unwrap();
        // The address is free again, the id is not.
        storage
            .write_blocking(|repo| repo.insert_user(&user(2, "ada@example.org"), &PasswordHash("y".into())))
            .unwrap();
        let again = storage
            .write_blocking(|repo| repo.insert_user(&user(1, "b@example.org"), &PasswordHash("y".into())));
        assert!(matches!(again, Err(Error::Exists { .. })), "{again:?}");
    }
}

#[test]
fn a_refresh_token_is_used_once() {
    for database in stores() {
        let storage = &database.storage;
        let ada = user(1, "ada@example.org");
        let session = session(10, ada.id, 1);
        let (one, other) = (KeyDigest([1; 32]), KeyDigest([2; 32]));
        let mut token = RefreshToken {
            session_id: session.id,
            expires_at: at(500),
            used_at: None,
        };
        storage
            .write_blocking(|repo| {
                repo.insert_user(&ada, &PasswordHash("x".into()))?;
                repo.insert_session(&session)?;
                repo.insert_refresh_token(&one, &token)?;
                assert_eq!(repo.refresh_token_for_update(&one)?.as_ref(), Some(&token));
                assert_eq!(repo.refresh_token_for_update(&other)?, None);
                assert_eq!(repo.unused_refresh_tokens(session.id)?, 1);
                repo.use_refresh_token(&one, at(20))?;
                repo.touch_session(session.id, at(20))
            })
            .unwrap();
        token.used_at = Some(at(20));
        storage
            .write_blocking(|repo| {
                assert_eq!(repo.refresh_token_for_update(&one)?.as_ref(), Some(&token));
                assert_eq!(repo.unused_refresh_tokens(session.id)?, 0);
                assert_eq!(repo.session(session.id)?.unwrap().0.last_used_at, at(20));
                assert_eq!(repo.forget_refresh_tokens(session.id, at(499))?, 0);
                assert_eq!(repo.forget_refresh_tokens(session.id, at(500))?, 1);
                assert_eq!(repo.refresh_token_for_update(&one)?, None);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn admins_who_can_log_in_are_told_from_the_others() {
    for database in stores() {
        let storage = &database.storage;
        let hash = PasswordHash("x".into());
        let mut people: Vec<_> = (1..5).map(|n| user(n, &format!("{n}@example.org"))).collect();
        for admin in &mut people[..3] {
            admin.role = Role::Admin;
        }
        people[1].suspended_at = Some(at(9));
        storage
            .write_blocking(|repo| {
                people.iter().try_for_each(|one| repo.insert_user(one, &hash))?;
                repo.delete_user(people[2].id, at(10))?;
                assert_eq!(repo.active_admins_for_update()?, [people[0].id]);
                let (mut seen, kept) = repo.user_for_update(people[3].id)?.unwrap();
                assert_eq!(kept, hash);
                seen.name = "Renamed".into();
                seen.role = Role::Admin;
                seen.revision = 2;
                repo.update_user(&seen)?;
                repo.set_password(seen.id, &PasswordHash("y".into()))?;
                assert_eq!(repo.active_admins_for_update()?, [people[0].id, people[3].id]);
                assert_eq!(
                    repo.user_for_update(seen.id)?,
                    Some((seen, PasswordHash("y".into())))
                );
                let page = PageRequest {
                    sort: vec![SortKey {
                        field: UserSort::Email,
                        direction: Direction::Descending,
                    }],
                    limit: 10,
                    cursor: None,
                    count: true,
                };
                let listed = repo.users(Some(Role::Admin), &page)?;
                let emails: Vec<_> = listed.items.iter().map(|user| user.email.as_str()).collect();
                assert_eq!(emails, ["4@example.org", "2@example.org", "1@example.org"]);
                assert_eq!(listed.total, Some(3));
                assert_eq!(repo.users(None, &page)?.items.len(), 3);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn the_first_secret_of_a_name_is_kept() {
    for database in stores() {
        let storage = &database.storage;
        assert_eq!(storage.read_blocking(|repo| repo.secret("tokens")).unwrap(), None);
        let kept: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4_u8)
                .map(|n| {
                    scope.spawn(move || {
                        storage.write_blocking(|repo| repo.keep_secret("tokens", &[n; 4], at(1)))
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap().unwrap())
                .collect()
        });
        assert!(kept.iter().all(|value| *value == kept[0]), "{kept:?}");
        assert_eq!(
            storage.read_blocking(|repo| repo.secret("tokens")).unwrap(),
            Some(kept[0].clone())
        );
    }
}

#[test]
fn a_second_factor_goes_with_its_codes_and_its_account() {
    for database in stores() {
        let storage = &database.storage;
        let ada = user(1, "ada@example.org");
        let mut factor = SecondFactor {
            user: ada.id,
            sealed: vec![0, 255, 7],
            confirmed_at: None,
            last_step: 0,
            created_at: at(1),
        };
        let codes = [KeyDigest([1; 32]), KeyDigest([2; 32])];
        let found = || storage.read_blocking(|repo| repo.second_factor(ada.id)).unwrap();
        let left = || {
            storage
                .read_blocking(|repo| repo.count_recovery_codes(ada.id))
                .unwrap()
        };
        assert_eq!((found(), left()), (None, 0));
        storage
            .write_blocking(|repo| {
                repo.insert_user(&ada, &PasswordHash("x".into()))?;
                repo.put_second_factor(&factor)?;
                repo.set_recovery_codes(ada.id, &codes)
            })
            .unwrap();
        assert_eq!((found(), left()), (Some(factor.clone()), 2));
        factor.confirmed_at = Some(at(2));
        factor.last_step = i64::MAX;
        storage
            .write_blocking(|repo| repo.put_second_factor(&factor))
            .unwrap();
        assert_eq!((found(), left()), (Some(factor.clone()), 2));
        let used: usize = std::thread::scope(|scope| {
            let use_it = || storage.write_blocking(|repo| repo.use_recovery_code(ada.id, &codes[0], at(3)));
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(use_it)).collect();
            let used = threads.into_iter().map(|thread| thread.join().unwrap().unwrap());
            used.filter(|used| *used).count()
        });
        assert_eq!((used, left()), (1, 1));
        let other = storage
            .write_blocking(|repo| repo.use_recovery_code(UserId::from_uuid(uuid(2)), &codes[1], at(3)))
            .unwrap();
        assert!(!other, "it is somebody else's");
        storage
            .write_blocking(|repo| repo.set_recovery_codes(ada.id, &[KeyDigest([3; 32])]))
            .unwrap();
        assert_eq!(left(), 1);
        storage
            .write_blocking(|repo| repo.delete_user(ada.id, at(4)))
            .unwrap();
        assert_eq!((found(), left()), (None, 0));
        assert!(
            !storage
                .write_blocking(|repo| repo.delete_second_factor(ada.id))
                .unwrap()
        );
    }
}
