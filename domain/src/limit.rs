//! How often something may be done: so many times within a window, evenly, and as many at once where nothing was done
//! before.
//!
//! Kept is one moment for each subject, the one at which everything that was done would have been paid for if it had
//! been done evenly: the generic cell rate algorithm (ITU-T I.371), which needs no timer and no list.

use std::net::IpAddr;

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::clock::Instant;

/// A limit, by its name in `RateLimit-Policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What it is called.
    pub name: &'static str,
    /// How many times; at least once.
    pub quota: u32,
    /// Seconds of the window; at least one.
    pub window: u32,
}

/// Attempts to log in to one account from one address: an attacker elsewhere takes none of them.
pub const LOGIN: Rule = Rule {
    name: "login",
    quota: 10,
    window: 900,
};
/// Attempts to log in to one account from addresses that it has not been used from.
pub const LOGIN_ACCOUNT: Rule = Rule {
    name: "login-account",
    quota: 50,
    window: 3_600,
};
/// Attempts to log in from one address, whatever the account.
pub const LOGIN_ADDRESS: Rule = Rule {
    name: "login-address",
    quota: 100,
    window: 900,
};
/// Attempts to tell one's password while one is logged in.
pub const PASSWORD: Rule = Rule {
    name: "password",
    quota: 10,
    window: 900,
};

/// Attempts to show a second factor of one account, wherever from: whoever makes them knows the password, and a code has
/// only six digits.
pub const SECOND_FACTOR: Rule = Rule {
    name: "second-factor",
    quota: 20,
    window: 21_600,
};

/// Logins at a provider that somebody begins from one address of the network.
pub const SSO_ADDRESS: Rule = Rule {
    name: "sign-on-address",
    quota: 100,
    window: 900,
};
/// Mails to one address, whoever asks for them.
pub const MAIL: Rule = Rule {
    name: "mail",
    quota: 5,
    window: 3_600,
};
/// Mails that somebody who is not logged in asks for from one address of the network.
pub const MAIL_ADDRESS: Rule = Rule {
    name: "mail-address",
    quota: 30,
    window: 3_600,
};

/// A subject under a rule, as a digest: whoever reads the store learns no address from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LimitKey(pub [u8; 32]);

impl LimitKey {
    /// The subject that these words name.
    #[must_use]
    pub fn new(rule: Rule, subject: &[&str]) -> Self {
        let mut name = Sha256::new();
        name.update(rule.name);
        for part in subject {
            // No part holds this byte, so that two lists of parts are never one.
            name.update([0]);
            name.update(part);
        }
        Self(name.finalize().into())
    }
}

/// What counts as one address: an IPv6 network of 64 bits belongs to one customer.
#[must_use]
pub fn place(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(address) => address.to_string(),
        None => "nowhere".to_owned(),
    }
}

/// What came of asking whether something may be done once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// The rule.
    pub rule: Rule,
    /// Whether it may.
    pub allowed: bool,
    /// How many times it may be done at once after this.
    pub remaining: u32,
    /// Seconds until the whole quota is there again.
    pub reset: u32,
    /// Seconds until it may be done again; 0 where it may now.
    pub retry_after: u32,
}

impl Rule {
    fn span(self) -> i64 {
        i64::from(self.window.max(1)) * 1_000_000
    }

    /// Microseconds that one time costs.
    fn cost(self) -> i64 {
        (self.span() / i64::from(self.quota.max(1))).max(1)
    }

    /// Does it once more at `now`, where everything is paid for at `paid`: what came of it, and when everything is paid
    /// for then.
    #[must_use]
    pub fn spend(self, paid: Option<Instant>, now: Instant) -> (Spent, Instant) {
        let at = |micros: i64| now + TimeDelta::microseconds(micros);
        let owed = paid.map_or(0, |paid| (paid - now).num_microseconds().unwrap_or(0).max(0));
        let then = owed.saturating_add(self.cost());
        let allowed = then <= self.span();
        let after = if allowed { then } else { owed };
        let free = (self.span() - after).max(0) / self.cost();
        let spent = Spent {
            rule: self,
            allowed,
            remaining: u32::try_from(free).unwrap_or(u32::MAX),
            reset: seconds(after),
            retry_after: if allowed { 0 } else { seconds(then - self.span()) },
        };
        (spent, at(after))
    }

    /// Takes one time back.
    #[must_use]
    pub fn refund(self, paid: Instant) -> Instant {
        paid - TimeDelta::microseconds(self.cost())
    }
}

/// Whole seconds, rounded up.
fn seconds(micros: i64) -> u32 {
    let whole = micros.max(0).saturating_add(999_999) / 1_000_000;
    u32::try_from(whole).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        name: "test",
        quota: 5,
        window: 10,
    };

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn so_many_at_once_and_then_evenly() {
        let mut paid = None;
        for left in (0..5).rev() {
            let (spent, then) = RULE.spend(paid, at(0));
            assert!(spent.allowed);
            assert_eq!((spent.remaining, spent.retry_after), (left, 0));
            assert_eq!(spent.reset, (5 - left) * 2);
            paid = Some(then);
        }
        let (refused, then) = RULE.spend(paid, at(0));
        assert!(!refused.allowed);
        assert_eq!(
            (refused.remaining, refused.retry_after, refused.reset),
            (0, 2, 10)
        );
        assert_eq!(Some(then), paid, "what is refused costs nothing");
        let (spent, then) = RULE.spend(paid, at(2));
        assert!(spent.allowed && spent.remaining == 0);
        assert!(!RULE.spend(Some(then), at(2)).0.allowed);
        // After a window of nothing it is all there again.
        assert_eq!(RULE.spend(Some(then), at(60)).0.remaining, 4);
    }

    #[test]
    fn nobody_is_kept_out_for_good_however_often_they_ask() {
        let mut paid = None;
        let mut allowed = 0;
        for second in 0..1_000 {
            for _ in 0..10 {
                let (spent, then) = RULE.spend(paid, at(second));
                allowed += u32::from(spent.allowed);
                paid = Some(then);
            }
        }
        assert_eq!(allowed, 5 + 499);
    }

    #[test]
    fn what_is_refunded_was_never_spent() {
        let (_, once) = RULE.spend(None, at(0));
        assert_eq!(RULE.refund(once), at(0));
    }

    #[test]
    fn a_network_of_one_customer_is_one_place() {
        let of = |text: &str| place(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn subjects_are_told_apart_by_all_of_their_parts() {
        let keys = [
            LimitKey::new(LOGIN, &["a", "b"]),
            LimitKey::new(LOGIN, &["ab"]),
            LimitKey::new(LOGIN, &["ab", ""]),
            LimitKey::new(LOGIN_ACCOUNT, &["a", "b"]),
        ];
        let apart: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(apart.len(), keys.len());
    }
}
