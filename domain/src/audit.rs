//! The audit log: who changed what, and through which credential; each entry is chained to the one before by its hash.
//!
//! An entry names things by their ids and holds nothing of what they say, so that no secret and no text can be in it.

use std::fmt;

use chrono::SecondsFormat;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::clock::Instant;
use crate::error::Refused;
use crate::id::SessionId;
use crate::rights::{Credential, words};

words! {
    /// What kind of thing was changed.
    AuditResource {
        /// The working copy of an article with its sections and links, or what readers see of it.
        Article = "article",
        /// The same of a FAQ.
        Faq = "faq",
        /// A tag.
        Tag = "tag",
        /// An author.
        Author = "author",
        /// A redirect that was made by hand.
        Redirect = "redirect",
        /// A link that opens a working copy.
        PreviewLink = "preview_link",
        /// A note.
        Note = "note",
        /// A proposal.
        Proposal = "proposal",
        /// A release.
        Release = "release",
        /// Settings of the site, by their name.
        Setting = "setting",
        /// An account, or all of its sessions.
        User = "user",
        /// One session.
        Session = "session",
        /// An API key.
        ApiKey = "api_key",
    }
}

words! {
    /// What lists of entries sort by.
    AuditSort {
        /// The order in which they were written.
        Seq = "seq",
    }
}

/// A thing that a transaction changed, with its revisions before and after; without one where it was not there, or
/// where such a thing has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// What it is.
    pub resource: AuditResource,
    /// Which.
    pub id: String,
    /// Its revision before.
    pub before: Option<u32>,
    /// Its revision afterwards.
    pub after: Option<u32>,
}

impl Touched {
    /// A thing with its revisions.
    #[must_use]
    pub fn new(
        resource: AuditResource,
        id: impl fmt::Display,
        before: Option<u32>,
        after: Option<u32>,
    ) -> Self {
        let id = id.to_string();
        Self {
            resource,
            id,
            before,
            after,
        }
    }

    /// Each thing once, as it was at first and is in the end, in the order in which they were first touched.
    #[must_use]
    pub fn together(all: Vec<Self>) -> Vec<Self> {
        let mut each: Vec<Self> = Vec::with_capacity(all.len());
        let mut places = std::collections::HashMap::new();
        for touched in all {
            let place = *places
                .entry((touched.resource, touched.id.clone()))
                .or_insert(each.len());
            match each.get_mut(place) {
                // What says nothing of revisions, as a new password does, takes none away.
                Some(known) if touched.before.or(touched.after).is_some() => {
                    known.before = known.before.or(touched.before.filter(|_| known.after.is_none()));
                    known.after = touched.after;
                }
                Some(_) => {}
                None => each.push(touched),
            }
        }
        each
    }
}

/// What is done, by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The operation, by its name in the contract, or what the service and the command line call what they do.
    pub action: String,
    /// In whose name.
    pub actor: Credential,
    /// The session that an access token belongs to.
    pub session: Option<SessionId>,
    /// Of the request, where it was one.
    pub request_id: Option<String>,
}

/// Characters that are kept of the id of a request.
pub const REQUEST_ID: usize = 200;

/// A SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuditHash(pub [u8; 32]);

impl fmt::Display for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl AuditHash {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = || Refused::new("invalid_hash", "A hash has 64 hexadecimal digits.");
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(refused());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| refused())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| refused())?;
        }
        Ok(Self(bytes))
    }
}

/// The last entry of the log; number 0 and a hash of zeros while there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuditHead {
    /// Its number.
    pub seq: i64,
    /// Its hash.
    pub hash: AuditHash,
}

/// An entry before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEntry {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Instant,
    /// What was done, by whom.
    pub deed: Deed,
    /// To what.
    pub touched: Touched,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// From 1, without a gap, in the order of commits.
    pub seq: i64,
    /// What it says.
    pub entry: NewAuditEntry,
    /// The hash of the entry before; zeros for the first.
    pub previous_hash: AuditHash,
    /// The hash of this one.
    pub hash: AuditHash,
}

/// What is hashed of an entry, in this order and without a space; hashes of stored entries hang on it for ever.
#[derive(Serialize)]
struct Hashed<'a> {
    seq: i64,
    id: Uuid,
    created_at: String,
    action: &'a str,
    actor: String,
    session_id: Option<String>,
    request_id: Option<&'a str>,
    resource_type: &'static str,
    resource_id: &'a str,
    revision_before: Option<u32>,
    revision_after: Option<u32>,
    previous_hash: String,
}

impl AuditEntry {
    /// The entry that follows `head`.
    #[must_use]
    pub fn after(head: AuditHead, entry: NewAuditEntry) -> Self {
        let seq = head.seq + 1;
        let hash = hash_of(&hashed(seq, &entry, head.hash));
        Self {
            seq,
            entry,
            previous_hash: head.hash,
            hash,
        }
    }

    /// Where the log stands with this as its last entry.
    #[must_use]
    pub const fn head(&self) -> AuditHead {
        AuditHead {
            seq: self.seq,
            hash: self.hash,
        }
    }

    /// The entry as one line of JSON, as it is exported: what is hashed, and the hash as the last key.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = hashed(self.seq, &self.entry, self.previous_hash);
        line.truncate(line.len() - 1);
        line.push_str(",\"hash\":\"");
        line.push_str(&self.hash.to_string());
        line.push_str("\"}");
        line
    }

    /// What is wrong with this entry as the one that follows `head`.
    #[must_use]
    pub fn fault(&self, head: AuditHead) -> Option<Fault> {
        if self.seq != head.seq + 1 {
            return Some(Fault::Missing {
                from: head.seq + 1,
                to: self.seq - 1,
            });
        }
        if self.previous_hash != head.hash || hash_of(&hashed(self.seq, &self.entry, head.hash)) != self.hash
        {
            return Some(Fault::Changed { seq: self.seq });
        }
        None
    }
}

/// What is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Entries are not there.
    Missing {
        /// The first of them.
        from: i64,
        /// The last.
        to: i64,
    },
    /// An entry is not what was written, or the one before it is not.
    Changed {
        /// Which.
        seq: i64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { from, to } if from == to => write!(f, "entry {from} is missing"),
            Self::Missing { from, to } => write!(f, "entries {from} to {to} are missing"),
            Self::Changed { seq } => write!(
                f,
                "entry {seq} is not what was written, or does not follow the entry before it"
            ),
        }
    }
}

fn hashed(seq: i64, new: &NewAuditEntry, previous: AuditHash) -> String {
    let (deed, touched) = (&new.deed, &new.touched);
    let hashed = Hashed {
        seq,
        id: new.id,
        created_at: new.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        action: &deed.action,
        actor: deed.actor.to_string(),
        session_id: deed.session.map(|id| id.to_string()),
        request_id: deed.request_id.as_deref(),
        resource_type: touched.resource.as_str(),
        resource_id: &touched.id,
        revision_before: touched.before,
        revision_after: touched.after,
        previous_hash: previous.to_string(),
    };
    // Texts and numbers are always JSON.
    serde_json::to_string(&hashed).unwrap_or_else(|_| "{}".to_owned())
}

fn hash_of(text: &str) -> AuditHash {
    AuditHash(Sha256::digest(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    fn entry(n: u128) -> NewAuditEntry {
        NewAuditEntry {
            id: Uuid::from_u128(n),
            at: Instant::from_timestamp_micros(1_700_000_000_000_001).unwrap(),
            deed: Deed {
                action: "update_section".to_owned(),
                actor: Credential::User(UserId::from_uuid(Uuid::from_u128(7))),
                session: None,
                request_id: Some("r-1".to_owned()),
            },
            touched: Touched::new(AuditResource::Article, Uuid::from_u128(9), Some(3), Some(4)),
        }
    }

    #[test]
    fn a_chain_of_entries_has_no_fault() {
        let mut head = AuditHead::default();
        for n in 1..5 {
            let next = AuditEntry::after(head, entry(n));
            assert_eq!(next.fault(head), None);
            head = next.head();
        }
        assert_eq!(head.seq, 4);
    }

    #[test]
    fn whatever_is_changed_shows() {
        let head = AuditEntry::after(AuditHead::default(), entry(1)).head();
        let good = AuditEntry::after(head, entry(2));
        let changes: [fn(&mut AuditEntry); 9] = [
            |it| it.entry.id = Uuid::from_u128(99),
            |it| it.entry.at += chrono::TimeDelta::microseconds(1),
            |it| it.entry.deed.action.push('x'),
            |it| it.entry.deed.actor = Credential::Scheduler,
            |it| it.entry.deed.session = Some(SessionId::from_uuid(Uuid::from_u128(1))),
            |it| it.entry.deed.request_id = None,
            |it| it.entry.touched.resource = AuditResource::Faq,
            |it| it.entry.touched.before = None,
            |it| it.hash.0[31] ^= 1,
        ];
        for change in changes {
            let mut bad = good.clone();
            change(&mut bad);
            assert_eq!(bad.fault(head), Some(Fault::Changed { seq: 2 }), "{bad:?}");
        }
        assert_eq!(
            good.fault(AuditHead::default()),
            Some(Fault::Missing { from: 1, to: 1 })
        );
    }

    /// The form is written down: whoever kept an export can hold it against the log years later.
    #[test]
    fn a_line_is_what_is_hashed_with_its_hash() {
        let line = AuditEntry::after(AuditHead::default(), entry(1)).line();
        let (hashed, hash) = line.rsplit_once(",\"hash\":\"").unwrap();
        let hashed = format!("{hashed}}}");
        assert_eq!(hash.trim_end_matches("\"}"), hash_of(&hashed).to_string());
        assert_eq!(
            hashed,
            "{\"seq\":1,\"id\":\"00000000-0000-0000-0000-000000000001\",\
             \"created_at\":\"2023-11-14T22:13:20.000001Z\",\"action\":\"update_section\",\
             \"actor\":\"user:00000000-0000-0000-0000-000000000007\",\"session_id\":null,\"request_id\":\"r-1\",\
             \"resource_type\":\"article\",\"resource_id\":\"00000000-0000-0000-0000-000000000009\",\
             \"revision_before\":3,\"revision_after\":4,\
             \"previous_hash\":\"0000000000000000000000000000000000000000000000000000000000000000\"}"
        );
    }

    #[test]
    fn what_is_touched_twice_stands_once() {
        let touch = |before, after| Touched::new(AuditResource::Article, 1, before, after);
        let other = Touched::new(AuditResource::Faq, 1, None, Some(1));
        let together = Touched::together(vec![
            touch(Some(1), Some(2)),
            other.clone(),
            touch(Some(2), Some(3)),
        ]);
        assert_eq!(together, [touch(Some(1), Some(3)), other]);
        let with_password = vec![touch(None, None), touch(Some(1), Some(2)), touch(None, None)];
        assert_eq!(Touched::together(with_password), [touch(Some(1), Some(2))]);
        let come_and_gone = vec![touch(None, Some(1)), touch(Some(1), None)];
        assert_eq!(Touched::together(come_and_gone), [touch(None, None)]);
    }

    #[test]
    fn a_hash_reads_back_what_it_wrote() {
        let hash = hash_of("x");
        assert_eq!(AuditHash::parse(&hash.to_string()).unwrap(), hash);
        for bad in ["", "00", &"g".repeat(64), &"+1".repeat(32)] {
            assert!(AuditHash::parse(bad).is_err(), "{bad}");
        }
    }
}
