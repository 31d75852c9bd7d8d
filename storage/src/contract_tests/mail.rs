//! Mail that waits, and what its links are good for.

use super::*;
use masthead_domain::account::{KeyDigest, PasswordHash, User};
use masthead_domain::email::Email;
use masthead_domain::id::{MailId, UserId};
use masthead_domain::mail::{Mail, MailKind, Ticket};
use masthead_domain::rights::Role;

fn mail(number: u128, second: i64) -> Mail {
    Mail {
        id: MailId::from_uuid(uuid(number)),
        kind: MailKind::PasswordReset,
        address: Email::parse("ada@example.org").unwrap(),
        created_at: at(second),
        due_at: at(second),
        tries: 0,
    }
}

#[test]
fn of_many_who_send_each_mail_is_taken_by_one_and_again_when_it_is_due() {
    for database in stores() {
        let storage = &database.storage;
        for number in 1..=12 {
            let new = mail(number, 10);
            storage.write_blocking(|repo| repo.insert_mail(&new)).unwrap();
        }
        let take = |second| {
            storage
                .write_blocking(|repo| {
                    repo.take_mail(at(second), &|tries| at(second + i64::from(tries) * 30))
                })
                .unwrap()
        };
        assert_eq!(take(9), None);
        let mut taken: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| std::iter::from_fn(|| take(10)).collect::<Vec<_>>()))
                .collect();
            let taken = threads.into_iter().flat_map(|thread| thread.join().unwrap());
            taken.collect()
        });
        taken.extend(std::iter::from_fn(|| take(10)));
        taken.sort_by_key(|mail| mail.id);
        let ids: Vec<_> = taken.iter().map(|mail| mail.id).collect();
        assert_eq!(ids, (1..=12).map(|n| mail(n, 10).id).collect::<Vec<_>>());
        assert!(taken.iter().all(|mail| mail.tries == 1 && mail.due_at == at(40)));
        storage
            .write_blocking(|repo| repo.delete_mail(taken[0].id))
            .unwrap();
        assert_eq!(storage.read_blocking(|repo| repo.count_mail()).unwrap(), 11);
        assert_eq!(take(39), None);
        let again = take(40).unwrap();
        assert_eq!((again.tries, again.due_at), (2, at(100)));
    }
}

#[test]
fn a_ticket_is_used_once_and_goes_with_its_end_or_its_account() {
    for database in stores() {
        let storage = &database.storage;
        let ada = User {
            id: UserId::from_uuid(uuid(1)),
            email: Email::parse("ada@example.org").unwrap(),
            name: "Ada".into(),
            role: Role::Editor,
            author_id: None,
            revision: 1,
            email_verified_at: Some(at(3)),
            suspended_at: None,
            created_at: at(0),
            updated_at: at(0),
        };
        storage
            .write_blocking(|repo| repo.insert_user(&ada, &PasswordHash("x".into())))
            .unwrap();
        assert_eq!(
            storage.read_blocking(|repo| repo.user(ada.id)).unwrap(),
            Some(ada.clone())
        );
        let ticket = |kind, second| Ticket {
            kind,
            user: ada.id,
            address: ada.email.clone(),
            expires_at: at(second),
        };
        let digest = |byte| KeyDigest([byte; 32]);
        let put = |byte, kind, second| {
            let kept = ticket(kind, second);
            storage
                .write_blocking(|repo| repo.put_ticket(&digest(byte), &kept))
                .unwrap();
        };
        let find = |byte| storage.read_blocking(|repo| repo.ticket(&digest(byte))).unwrap();
        put(1, MailKind::PasswordReset, 100);
        put(2, MailKind::Invitation, 200);
        put(3, MailKind::EmailVerification, 300);
        assert_eq!(find(1), Some(ticket(MailKind::PasswordReset, 100)));
        let used: usize = std::thread::scope(|scope| {
            let use_it = || {
                storage
                    .write_blocking(|repo| repo.use_ticket(&digest(1)))
                    .unwrap()
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(use_it)).collect();
            let used = threads.into_iter().map(|thread| thread.join().unwrap());
            used.filter(|used| *used).count()
        });
        assert_eq!((used, find(1)), (1, None));
        put(4, MailKind::Invitation, 400);
        storage
            .write_blocking(|repo| repo.forget_tickets_of(ada.id, MailKind::Invitation))
            .unwrap();
        assert_eq!((find(2), find(4)), (None, None));
        assert!(find(3).is_some());
        put(5, MailKind::PasswordReset, 500);
        let forget = |second| storage.write_blocking(|repo| repo.forget_tickets(at(second), 10));
        assert_eq!(forget(300).unwrap(), 1);
        assert!(find(3).is_none() && find(5).is_some());
        storage
            .write_blocking(|repo| repo.delete_user(ada.id, at(9)))
            .unwrap();
        assert_eq!(find(5), None);
    }
}
