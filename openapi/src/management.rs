//! Bodies of management: working copies out, and everything that clients write.

mod account;
mod api_key;
mod article;
mod article_input;
mod audit;
mod author;
mod batch;
mod faq;
mod history;
mod mailing;
mod merge;
mod note;
mod parameters;
mod preflight;
mod preview_link;
mod proposal;
mod proposal_input;
mod redirect;
mod release;
mod revision_diff;
mod second_factor;
mod section;
mod section_input;
mod security;
mod session;
mod sign_on;
mod tag;
mod tag_merging;
mod trash;
mod user;
mod workflow;

use uuid::Uuid;

pub use account::{AccessToken, LoginRequest, LoginResponse, Me, MeKind, MeResponse};
pub use api_key::{
    ApiKey, ApiKeyList, ApiKeyListParameters, ApiKeyResponse, ApiKeySecret, ApiKeySecretResponse,
    ApiKeySortKey, CreateApiKey, RotateApiKey, Scope, UpdateApiKey,
};
pub use article::{
    Article, ArticleList, ArticleResponse, ArticleSummary, Byline, PublicationMeta, PublicationResponse,
    PublishedWorkingCopy, Review, Status, Translation, Warning, WarningMeta,
};
pub use article_input::{
    BylineInput, CoverInput, CreateArticle, FaqEntry, FaqReference, PictureInput, PublishArticle, SeoInput,
    SetAuthors, SetFaqs, SetTags, UpdateArticle,
};
pub use audit::{
    AuditEntry, AuditEntryList, AuditExportParameters, AuditListParameters, AuditResource, AuditSortKey,
    AuditedThing,
};
pub use author::{Author, AuthorList, AuthorResponse, CreateAuthor, LinkInput, UpdateAuthor};
pub use batch::{Batch, BatchMeta, BatchMethod, BatchOperation, BatchResponse, BatchResult};
pub use faq::{CreateFaq, Faq, FaqList, FaqResponse, FaqStatus, NewFaq, UpdateFaq};
pub use history::{
    Actor, ArticleRevertResponse, ArticleRevision, ArticleRevisionResponse, Blame, BlameLine, BlameResponse,
    FaqRevertResponse, FaqRevision, FaqRevisionResponse, RevertArticle, RevertMeta, Revision, RevisionByline,
    RevisionChanges, RevisionList, RevisionListParameters, RevisionPath, RevisionSortKey, SectionBlame,
    SectionChange, SectionChangeKind,
};
pub use mailing::{ChoosePassword, ConfirmEmail, CreateInvitation, RequestPasswordReset};
pub use merge::{AppliedChange, ArticleMergeMeta, ArticleMergeResponse, MergeArticle};
pub use note::{
    ArticleNoteListParameters, CreateArticleNote, CreateFaqNote, CreateReply, FaqNoteListParameters,
    Mentioned, Note, NoteList, NoteListParameters, NoteMention, NoteMeta, NoteReply, NoteResponse,
    NoteSortKey, UpdateNote,
};
pub use parameters::{
    ArticleListParameters, AuthorListParameters, FaqListParameters, NoParameters, TagListParameters,
    WorkingSortKey,
};
pub use preflight::{
    CheckLevel, CheckLevels, ChecksMeta, FaqPublicationResponse, PreflightSettings,
    PreflightSettingsResponse, PublishedFaqCopy, SetCheckLevels, SetPreflightSettings, Verdict,
};
pub use preview_link::{
    CreatePreviewLink, PreviewLink, PreviewLinkList, PreviewLinkListParameters, PreviewLinkResponse,
    PreviewLinkSecret, PreviewLinkSecretResponse, PreviewLinkSortKey,
};
pub use proposal::{
    OperationStatus, Proposal, ProposalCounts, ProposalDiff, ProposalList, ProposalListParameters,
    ProposalMeta, ProposalOperation, ProposalResponse, ProposalSortKey, ProposalStatus, ProposalSummary,
};
pub use proposal_input::{
    AcceptOperations, CreateProposal, InsertOperation, MoveOperation, OperationInput, RejectOperations,
    RemoveOperation, ReplaceOperation, SetOperation,
};
pub use redirect::{
    CreateRedirect, Redirect, RedirectList, RedirectListParameters, RedirectResponse, RedirectSortKey,
    RedirectType,
};
pub use release::{
    CreateRelease, PublishedRelease, Release, ReleaseAction, ReleaseItem, ReleaseItemInput, ReleaseItemType,
    ReleaseList, ReleaseListParameters, ReleasePublicationResponse, ReleaseResponse, ReleaseSortKey,
    ReleaseStatus, ReleaseSummary, UpdateRelease,
};
pub use revision_diff::{
    ChangedSection, DiffPath, FieldDiff, Hunk, HunkKind, MovedSection, PlacedSection, RevisionDiff,
    RevisionDiffResponse,
};
pub use second_factor::{
    BeginSecondFactor, NewSecondFactor, NewSecondFactorResponse, RecoveryCodes, RecoveryCodesResponse,
    SecondFactor, SecondFactorCode, SecondFactorResponse,
};
pub use section::{Section, SectionMeta, SectionResponse, SectionsResponse};
pub use section_input::{NewSection, SectionInput, SetSectionOrder, UpdateSection};
pub use security::{
    SecondFactorPolicy, SecuritySettings, SecuritySettingsResponse, SetSecondFactorPolicy,
    SetSecuritySettings,
};
pub use session::{
    ChangePassword, Jwk, JwkSet, RefreshRequest, Session, SessionList, SessionListParameters, SessionSortKey,
};
pub use sign_on::{BegunSignOn, BegunSignOnResponse, FinishSignOn};
pub use tag::{CreateTag, Tag, TagList, TagResponse, TagSummary, UpdateTag};
pub use tag_merging::{MergeTag, TagMergeMeta, TagMergeResponse};
pub use trash::{
    RestoreMeta, RestoreResponse, RestoreTrashItem, RestoredThing, TrashItem, TrashItemResponse, TrashKind,
    TrashList, TrashListParameters, TrashSortKey,
};
pub use user::{
    CreateUser, Role, SetPassword, UpdateUser, User, UserList, UserListParameters, UserResponse, UserSortKey,
};
pub use workflow::{ReviewNote, ScheduleArticle, ScheduleError, ScheduleState};

/// The entity tag of one revision of one thing. The id's random end is part of it, so that the tag of a section
/// never passes for that of its article.
#[must_use]
pub fn etag(id: Uuid, revision: u32) -> String {
    let id = id.simple().to_string();
    format!("\"{}-{revision}\"", &id[20..])
}

/// The revision that an entity tag (with its quotes) names, if it is a tag of this thing.
#[must_use]
pub fn revision_of(tag: &str, id: Uuid) -> Option<u32> {
    let (name, revision) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    let id = id.simple().to_string();
    let revision: u32 = revision.parse().ok().filter(|_| name == &id[20..])?;
    // `007` and `+7` are not how a tag is written.
    (etag_text(revision) == tag.rsplit_once('-')?.1).then_some(revision)
}

fn etag_text(revision: u32) -> String {
    format!("{revision}\"")
}

/// Reads a field of a merge patch that can be cleared: missing, null, or a value.
pub(crate) mod clearable {
    use serde::{Deserialize, Deserializer};

    #[expect(
        clippy::option_option,
        reason = "missing, null and a value are three different things in a merge patch"
    )]
    pub fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
        d: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::<T>::deserialize(d).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_one_revision_of_one_thing() {
        let (one, other) = (
            Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001),
            Uuid::from_u128(2),
        );
        let tag = etag(one, 7);
        assert_eq!(tag, "\"000000000001-7\"");
        assert_eq!(revision_of(&tag, one), Some(7));
        assert_eq!(revision_of(&tag, other), None);
        for wrong in [
            "7",
            "\"7\"",
            "\"000000000001-07\"",
            "\"000000000001-+7\"",
            "W/\"000000000001-7\"",
            "\"\"",
            "*",
        ] {
            assert_eq!(revision_of(wrong, one), None, "{wrong}");
        }
    }
}
