//! Identifiers: a type for each thing, so that one cannot be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Makes new identifiers; the service gives random ones that sort by time, tests give known ones.
pub trait Ids: Send + Sync {
    /// A `UUIDv7` that nobody was given before.
    fn next(&self) -> Uuid;
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes a UUID that is already known to name such a thing.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// A new one.
            #[must_use]
            pub fn next(ids: &dyn Ids) -> Self {
                Self(ids.next())
            }

            /// Reads the hyphenated form in lower case; `None` for anything that cannot be an id, the nil and the max UUID too.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                parse_uuid(text).map(Self)
            }

            /// The UUID behind it.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

impl From<ArticleId> for StoryId {
    fn from(id: ArticleId) -> Self {
        Self(id.uuid())
    }
}

/// Only the 36 characters of the hyphenated form in lower case, so that one thing has one address.
fn parse_uuid(text: &str) -> Option<Uuid> {
    if text.len() != 36 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    Uuid::try_parse(text)
        .ok()
        .filter(|uuid| !uuid.is_nil() && !uuid.is_max())
}

id!(
    /// Names an article over its whole life.
    ArticleId
);
id!(
    /// Names a section; it stays over edits, moves, publishing and reverting.
    SectionId
);
id!(
    /// Names a FAQ.
    FaqId
);
id!(
    /// Names a tag.
    TagId
);
id!(
    /// Names an author, the byline.
    AuthorId
);
id!(
    /// Names a user, the account.
    UserId
);
id!(
    /// Names an API key.
    KeyId
);
id!(
    /// Names a session: a login on one device.
    SessionId
);
id!(
    /// Names a story: one article in each of its languages. One that stands alone is named after its article.
    StoryId
);
id!(
    /// Names a redirect.
    RedirectId
);
id!(
    /// Names a mail that waits.
    MailId
);
id!(
    /// Names a preview link.
    PreviewLinkId
);
id!(
    /// Names a thing in the trash: the id of the article or FAQ that it was and may be again.
    TrashId
);
id!(
    /// Names a proposal.
    ProposalId
);
id!(
    /// Names a release.
    ReleaseId
);
id!(
    /// Names an operation of a proposal.
    OperationId
);
id!(
    /// Names an editorial note: the first of a thread, or a reply.
    NoteId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_hyphenated_form_alone() {
        let text = "01930000-0000-7000-8000-000000000001";
        assert_eq!(ArticleId::parse(text).unwrap().to_string(), text);
        for wrong in [
            "",
            "1",
            "01930000000070008000000000000001",
            "{01930000-0000-7000-8000-000000000001}",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "0193000g-0000-7000-8000-000000000001",
        ] {
            assert!(ArticleId::parse(wrong).is_none(), "{wrong}");
        }
    }
}
