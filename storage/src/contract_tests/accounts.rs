//! Accounts, keys and secrets.

use super::*;
use masthead_domain::account::{ApiKey, KeyDigest, PasswordHash, User};
use masthead_domain::email::Email;
use masthead_domain::error::{Error, Resource};
use masthead_domain::id::{KeyId, UserId};
use masthead_domain::rights::{Permission, Role};

fn user(number: u128, email: &str) -> User {
    User {
        id: UserId::from_uuid(uuid(number)),
        email: Email::parse(email).unwrap(),
        name: "Ada".into(),
        role: Role::Editor,
        author_id: None,
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

#[test]
fn a_key_works_until_it_is_taken_back() {
    for database in stores() {
        let storage = &database.storage;
        let key = ApiKey {
            id: KeyId::from_uuid(uuid(1)),
            name: "CI".into(),
            scopes: vec![Permission::ContentRead, Permission::ArticlesWrite],
            created_at: at(1),
            expires_at: Some(at(100)),
            revoked_at: None,
        };
        let digest = KeyDigest([7; 32]);
        storage
            .write_blocking(|repo| repo.insert_key(&key, "mh_abc", &digest))
            .unwrap();
        let found = || storage.read_blocking(|repo| repo.key_by_digest(&digest)).unwrap();
        assert_eq!(found(), Some(key.clone()));
        assert_eq!(
            storage
                .read_blocking(|repo| repo.key_by_digest(&KeyDigest([8; 32])))
                .unwrap(),
            None
        );
        let revoke = |second| {
            storage
                .write_blocking(move |repo| repo.revoke_key(key.id, at(second)))
                .unwrap()
        };
        assert!(!revoke(100), "it has expired");
        assert!(revoke(50));
        assert!(!revoke(51));
        assert_eq!(found().unwrap().revoked_at, Some(at(50)));
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
