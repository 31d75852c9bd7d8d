//! What the domain asks of a store. Working copies and published editions are different traits:
//! code that holds a [`Delivery`] cannot name a draft.

mod audit;
mod history;
mod limits;
mod mail;
mod merging;
mod notes;
mod once;
mod preview;
mod proposals;
mod releases;
mod second_factors;
mod settings;
mod sso;
mod trash;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::account::{
    ApiKey, KeyDigest, KeySort, PasswordHash, RefreshToken, Session, SessionEnd, SessionSort, User, UserSort,
};
use crate::article::{Article, Overview, Review, Status};
use crate::author::Author;
use crate::change::{Change, ChangeType, Head, NewChange};
use crate::clock::Instant;
use crate::email::Email;
use crate::error::{Result, UsedIn};
use crate::faq::{Faq, FaqStatus};
use crate::id::{ArticleId, AuthorId, FaqId, KeyId, RedirectId, SessionId, StoryId, TagId, UserId};
use crate::locale::Locale;
use crate::page::{Page, PageRequest};
use crate::prepared::{Line, Named, NewPrepared, Prepared, Unfinished};
use crate::published::{
    ArticleQuery, ArticleSort, Edition, EditionLinks, FaqLinks, FaqQuery, FaqSort, NameSort,
    PublishedArticle, PublishedAuthor, PublishedAuthorQuery, PublishedByline, PublishedFaq, PublishedSection,
    PublishedSummary, PublishedTag, PublishedTagQuery, TagQuery,
};
use crate::redirect::{Gone, Moved, Redirect, RedirectSort};
use crate::rights::{Credential, Role, words};
use crate::searching::{Facets, Find, Found, NameMatch, Term};
use crate::slug::Slug;
use crate::story::{Telling, Translation};
use crate::syndicating::MapEntry;
use crate::tag::Tag;
use crate::workflow::{Due, ScheduleError, ScheduleState};

pub use audit::{AuditFilter, AuditRepository};
pub use history::HistoryRepository;
pub use limits::LimitRepository;
pub use mail::MailRepository;
pub use merging::{Carriers, TagMergeRepository};
pub use notes::{NoteFilter, NoteRepository};
pub use once::OnceRepository;
pub use preview::PreviewRepository;
pub use proposals::{ProposalFilter, ProposalRepository};
pub use releases::ReleaseRepository;
pub use second_factors::SecondFactorRepository;
pub use settings::{PreflightRepository, Setting, SettingsRepository};
pub use sso::SsoRepository;
pub use trash::TrashRepository;

words! {
    /// What lists of working copies sort by.
    WorkingSort {
        /// When it was last changed.
        UpdatedAt = "updated_at",
        /// When it was made.
        CreatedAt = "created_at",
        /// By the bytes of the title, question or name.
        Title = "title",
    }
}

/// Which working copies of articles are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// In this state.
    pub status: Option<Status>,
    /// In this state of its review.
    pub review: Option<Review>,
    /// With moments that were set, of which this became.
    pub schedule_state: Option<ScheduleState>,
    /// With this author's slug in the byline.
    pub author: Option<Slug>,
    /// With this tag's slug.
    pub tag: Option<Slug>,
    /// Exactly this locale.
    pub locale: Option<Locale>,
    /// Holding this text in title, dek or sections, whatever its case.
    pub text: Option<String>,
}

/// Which working copies of FAQs are wanted; every field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaqFilter {
    /// In this state.
    pub status: Option<FaqStatus>,
    /// With this tag's slug.
    pub tag: Option<Slug>,
    /// Exactly this locale.
    pub locale: Option<Locale>,
    /// Holding this text in question or answer, whatever its case.
    pub text: Option<String>,
}

/// Places that use a thing: some of them, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// At most a hundred.
    pub places: Vec<UsedIn>,
    /// All of them.
    pub total: u64,
}

/// Working copies of articles. Deleted ones are not there for any of these.
pub trait ArticleRepository {
    /// One article.
    fn article(&mut self, id: ArticleId) -> Result<Option<Article>>;
    /// One article that nobody else can change until this transaction ends.
    fn article_for_update(&mut self, id: ArticleId) -> Result<Option<Article>>;
    /// The article with this slug, if there is one.
    fn article_by_slug(&mut self, locale: &Locale, slug: &Slug) -> Result<Option<ArticleId>>;
    /// A part of the list of all articles.
    fn articles(&mut self, filter: &ArticleFilter, page: &PageRequest<WorkingSort>)
    -> Result<Page<Overview>>;
    /// The titles and revisions of those of these that are there, in any order.
    fn article_titles(&mut self, ids: &[ArticleId]) -> Result<Vec<(ArticleId, String, u32)>>;
    /// Who holds a slug, in working copies or before readers' eyes; two when these differ, in no order.
    fn article_slug_holders(&mut self, locale: &Locale, slug: &Slug) -> Result<Vec<ArticleId>>;
    /// The articles of a story, by locale.
    fn translations(&mut self, story: StoryId) -> Result<Vec<Translation>>;
    /// Adds a new article with all of its parts.
    fn insert_article(&mut self, article: &Article) -> Result<()>;
    /// Saves what differs between two states of one article.
    fn update_article(&mut self, before: &Article, after: &Article) -> Result<()>;
    /// Puts an article in the trash; its slug is free, its id is not.
    fn delete_article(&mut self, id: ArticleId, at: Instant, by: Credential) -> Result<()>;
    /// What is to happen to articles by now and has not been tried in vain, the longest due first.
    fn due_articles(&mut self, now: Instant, limit: u32) -> Result<Vec<Due>>;
    /// Notes why what is due could not be done; `false` where it is not due any more, or that is noted already.
    fn fail_schedule(&mut self, due: &Due, error: &ScheduleError) -> Result<bool>;
}

/// Working copies of FAQs. Deleted ones are not there for any of these.
pub trait FaqRepository {
    /// One FAQ.
    fn faq(&mut self, id: FaqId) -> Result<Option<Faq>>;
    /// One FAQ that nobody else can change until this transaction ends.
    fn faq_for_update(&mut self, id: FaqId) -> Result<Option<Faq>>;
    /// Those of these FAQs that are there, by their ids; nobody else can change them until this transaction ends.
    fn faqs_for_update(&mut self, ids: &BTreeSet<FaqId>) -> Result<Vec<Faq>>;
    /// Those of these that are there, in the order asked.
    fn faqs_by_id(&mut self, ids: &[FaqId]) -> Result<Vec<Faq>>;
    /// A part of the list of all FAQs.
    fn faqs(&mut self, filter: &FaqFilter, page: &PageRequest<WorkingSort>) -> Result<Page<Faq>>;
    /// Who holds a slug, in working copies or before readers' eyes.
    fn faq_slug_holders(&mut self, locale: &Locale, slug: &Slug) -> Result<Vec<FaqId>>;
    /// Where it is used, by working copies or before readers' eyes.
    fn faq_uses(&mut self, id: FaqId) -> Result<Uses>;
    /// Adds a new FAQ.
    fn insert_faq(&mut self, faq: &Faq) -> Result<()>;
    /// Saves what differs between two states of one FAQ.
    fn update_faq(&mut self, before: &Faq, after: &Faq) -> Result<()>;
    /// Puts a FAQ in the trash; its slug is free, its id is not.
    fn delete_faq(&mut self, id: FaqId, at: Instant, by: Credential) -> Result<()>;
}

/// Tags.
pub trait TagRepository {
    /// One tag.
    fn tag(&mut self, id: TagId) -> Result<Option<Tag>>;
    /// One tag that nobody else can change until this transaction ends.
    fn tag_for_update(&mut self, id: TagId) -> Result<Option<Tag>>;
    /// Those of these that are there, in the order asked.
    fn tags_by_id(&mut self, ids: &[TagId]) -> Result<Vec<Tag>>;
    /// Those of these that are there, in any order.
    fn tags_by_slug(&mut self, slugs: &[Slug]) -> Result<Vec<Tag>>;
    /// A part of the list of all tags.
    fn tags(&mut self, query: &TagQuery, page: &PageRequest<WorkingSort>) -> Result<Page<Tag>>;
    /// Where it is used, by working copies or before readers' eyes.
    fn tag_uses(&mut self, id: TagId) -> Result<Uses>;
    /// Adds a new tag.
    fn insert_tag(&mut self, tag: &Tag) -> Result<()>;
    /// Saves a tag.
    fn update_tag(&mut self, tag: &Tag) -> Result<()>;
    /// Takes a tag away.
    fn delete_tag(&mut self, id: TagId) -> Result<()>;
}

/// Authors.
pub trait AuthorRepository {
    /// One author.
    fn author(&mut self, id: AuthorId) -> Result<Option<Author>>;
    /// One author that nobody else can change until this transaction ends.
    fn author_for_update(&mut self, id: AuthorId) -> Result<Option<Author>>;
    /// Those of these that are there, in the order asked.
    fn authors_by_id(&mut self, ids: &[AuthorId]) -> Result<Vec<Author>>;
    /// Those of these that are there, in any order.
    fn authors_by_slug(&mut self, slugs: &[Slug]) -> Result<Vec<Author>>;
    /// A part of the list of all authors.
    fn authors(&mut self, page: &PageRequest<WorkingSort>) -> Result<Page<Author>>;
    /// Where it is used, by working copies or before readers' eyes.
    fn author_uses(&mut self, id: AuthorId) -> Result<Uses>;
    /// Adds a new author.
    fn insert_author(&mut self, author: &Author) -> Result<()>;
    /// Saves an author.
    fn update_author(&mut self, author: &Author) -> Result<()>;
    /// Takes an author away.
    fn delete_author(&mut self, id: AuthorId) -> Result<()>;
}

/// Accounts, keys and the secrets that sign tokens.
pub trait AccountRepository {
    /// One account.
    fn user(&mut self, id: UserId) -> Result<Option<User>>;
    /// The account of an e-mail address, with its password's hash.
    fn user_by_email(&mut self, email: &Email) -> Result<Option<(User, PasswordHash)>>;
    /// Adds an account.
    fn insert_user(&mut self, user: &User, password: &PasswordHash) -> Result<()>;
    /// How many accounts there are.
    fn count_users(&mut self) -> Result<u64>;
    /// A part of the list of all accounts, of one role where one is given.
    fn users(&mut self, role: Option<Role>, page: &PageRequest<UserSort>) -> Result<Page<User>>;
    /// One account with its password's hash, which nobody else can change until this transaction ends.
    fn user_for_update(&mut self, id: UserId) -> Result<Option<(User, PasswordHash)>>;
    /// Saves an account.
    fn update_user(&mut self, user: &User) -> Result<()>;
    /// Keeps another hash of an account's password.
    fn set_password(&mut self, id: UserId, password: &PasswordHash) -> Result<()>;
    /// Takes an account away with what it says of anybody; its id is never given again.
    fn delete_user(&mut self, id: UserId, at: Instant) -> Result<()>;
    /// The admins who can log in; nobody else can change them until this transaction ends.
    fn active_admins_for_update(&mut self) -> Result<Vec<UserId>>;
    /// Adds a session.
    fn insert_session(&mut self, session: &Session) -> Result<()>;
    /// One session with its account, however they stand.
    fn session(&mut self, id: SessionId) -> Result<Option<(Session, User)>>;
    /// A part of the list of an account's sessions that are open at this moment.
    fn sessions(
        &mut self,
        user: UserId,
        now: Instant,
        page: &PageRequest<SessionSort>,
    ) -> Result<Page<Session>>;
    /// Ends one session; `false` where it was not open.
    fn end_session(&mut self, id: SessionId, at: Instant, why: SessionEnd) -> Result<bool>;
    /// Ends the open sessions of an account but for the newest `keep`; answers how many.
    fn end_sessions(&mut self, user: UserId, keep: u32, at: Instant, why: SessionEnd) -> Result<u64>;
    /// Notes that a session was renewed.
    fn touch_session(&mut self, id: SessionId, at: Instant) -> Result<()>;
    /// Forgets the sessions of an account that were over at this moment, with their tokens.
    fn forget_sessions(&mut self, user: UserId, over: Instant) -> Result<u64>;
    /// Adds a refresh token.
    fn insert_refresh_token(&mut self, digest: &KeyDigest, token: &RefreshToken) -> Result<()>;
    /// The refresh token with this digest; nobody else can use it until this transaction ends.
    fn refresh_token_for_update(&mut self, digest: &KeyDigest) -> Result<Option<RefreshToken>>;
    /// Notes that a refresh token was used.
    fn use_refresh_token(&mut self, digest: &KeyDigest, at: Instant) -> Result<()>;
    /// Forgets the refresh tokens of a session that had expired at this moment.
    fn forget_refresh_tokens(&mut self, id: SessionId, expired: Instant) -> Result<u64>;
    /// Refresh tokens of a session that were not used.
    fn unused_refresh_tokens(&mut self, id: SessionId) -> Result<u64>;
    /// The key with this digest, or with this digest before its rotation where that works at this moment.
    fn key_by_digest(&mut self, digest: &KeyDigest, now: Instant) -> Result<Option<ApiKey>>;
    /// One key.
    fn key(&mut self, id: KeyId) -> Result<Option<ApiKey>>;
    /// One key that nobody else can change until this transaction ends.
    fn key_for_update(&mut self, id: KeyId) -> Result<Option<ApiKey>>;
    /// A part of the list of all keys.
    fn keys(&mut self, page: &PageRequest<KeySort>) -> Result<Page<ApiKey>>;
    /// Adds a key.
    fn insert_key(&mut self, key: &ApiKey, digest: &KeyDigest) -> Result<()>;
    /// Saves a key; with a new digest, the one before works until `previous_until`.
    fn update_key(&mut self, key: &ApiKey, digest: Option<&KeyDigest>) -> Result<()>;
    /// Notes that a key was used.
    fn touch_key(&mut self, id: KeyId, at: Instant) -> Result<()>;
    /// A secret of the installation.
    fn secret(&mut self, name: &str) -> Result<Option<Vec<u8>>>;
    /// Keeps a secret unless there is one of that name; answers the one that is kept.
    fn keep_secret(&mut self, name: &str, value: &[u8], at: Instant) -> Result<Vec<u8>>;
}

/// Old slugs, and what readers saw once.
pub trait AddressRepository {
    /// One redirect.
    fn redirect(&mut self, id: RedirectId) -> Result<Option<Redirect>>;
    /// A part of the list of all redirects, of one kind of thing where one is given.
    fn redirects(
        &mut self,
        kind: Option<ChangeType>,
        page: &PageRequest<RedirectSort>,
    ) -> Result<Page<Redirect>>;
    /// Adds a redirect; a slug has one at most.
    fn insert_redirect(&mut self, redirect: &Redirect) -> Result<()>;
    /// Adds a redirect, instead of one that the slug may have.
    fn put_redirect(&mut self, redirect: &Redirect) -> Result<()>;
    /// Takes a redirect away.
    fn delete_redirect(&mut self, id: RedirectId) -> Result<()>;
    /// Notes that readers saw a thing and see it no more.
    fn put_gone(&mut self, gone: &Gone) -> Result<()>;
    /// Forgets that a thing is gone; answers what was noted.
    fn remove_gone(&mut self, kind: ChangeType, id: Uuid) -> Result<Option<Gone>>;
    /// Forgets every old slug of a thing, and that it is gone.
    fn forget_addresses(&mut self, kind: ChangeType, id: Uuid) -> Result<()>;
}

/// How a tag or an author stands with readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<I> {
    /// Which.
    pub id: I,
    /// Whether something that readers see carries it.
    pub carried: bool,
    /// Whether readers see it.
    pub published: bool,
}

/// The side of publishing that writes what readers see.
pub trait PublishedRepository {
    /// What readers see of an article now.
    fn edition_links(&mut self, id: ArticleId) -> Result<Option<EditionLinks>>;
    /// Shows an edition to readers instead of the one before.
    fn put_edition(&mut self, edition: &Edition) -> Result<()>;
    /// Takes an article away from readers.
    fn remove_edition(&mut self, id: ArticleId) -> Result<()>;
    /// Shows FAQs to readers instead of the editions before.
    fn put_published_faqs(&mut self, faqs: &[PublishedFaq]) -> Result<()>;
    /// The FAQs that readers see at these addresses.
    fn faqs_seen_at(&mut self, addresses: &[(&Locale, &Slug)]) -> Result<Vec<(Locale, Slug, FaqId)>>;
    /// Takes a FAQ away from readers; answers what they saw of it.
    fn remove_published_faq(&mut self, id: FaqId) -> Result<Option<FaqLinks>>;
    /// What readers see of a FAQ now.
    fn published_faq_links(&mut self, id: FaqId) -> Result<Option<FaqLinks>>;
    /// The published articles that link these FAQs.
    fn articles_showing_faqs(&mut self, ids: &[FaqId]) -> Result<Vec<(FaqId, ArticleId)>>;
    /// Whether readers see a tag.
    fn is_tag_published(&mut self, id: TagId) -> Result<bool>;
    /// How these tags stand with readers; nobody else can change them until this transaction ends.
    fn tags_seen(&mut self, ids: &BTreeSet<TagId>) -> Result<Vec<Seen<TagId>>>;
    /// Shows a tag to readers.
    fn put_published_tag(&mut self, tag: &Tag) -> Result<()>;
    /// Takes a tag away from readers.
    fn remove_published_tag(&mut self, id: TagId) -> Result<()>;
    /// Whether readers see an author.
    fn is_author_published(&mut self, id: AuthorId) -> Result<bool>;
    /// How these authors stand with readers; nobody else can change them until this transaction ends.
    fn authors_seen(&mut self, ids: &BTreeSet<AuthorId>) -> Result<Vec<Seen<AuthorId>>>;
    /// Shows an author to readers.
    fn put_published_author(&mut self, author: &Author) -> Result<()>;
    /// Takes an author away from readers.
    fn remove_published_author(&mut self, id: AuthorId) -> Result<()>;
}

/// Finished answers, which can be made again at any time.
pub trait PreparedRepository {
    /// Keeps those of these answers that nothing has touched since they were made.
    fn keep_prepared(&mut self, answers: &[NewPrepared]) -> Result<()>;
}

/// What readers saw at moments that have passed.
pub trait PastRepository {
    /// The edition of an article that readers saw at a moment.
    fn edition_at(&mut self, id: ArticleId, at: Instant) -> Result<Option<Edition>>;
    /// Those of these FAQs that readers saw at a moment, as they were, in the order asked.
    fn published_faqs_at(&mut self, ids: &[FaqId], at: Instant) -> Result<Vec<PublishedFaq>>;
    /// Those of these tags that readers saw at a moment, as they were, in the order asked.
    fn published_tags_at(&mut self, ids: &[TagId], at: Instant) -> Result<Vec<Tag>>;
    /// Those of these authors that readers saw at a moment, as they were.
    fn published_authors_at(&mut self, ids: &[AuthorId], at: Instant) -> Result<Vec<Author>>;
}

/// The ordered log of what readers see.
pub trait ChangeLog {
    /// Appends entries. Their numbers have no gap and follow the order of commits, so call it last in a
    /// transaction: it holds back every other writer of the log until the end, and what readers see of each thing
    /// by then is what the history keeps.
    fn append_changes(&mut self, changes: &[NewChange]) -> Result<()>;
    /// Drops entries from before this moment that readers who begin at the start can do without: those that a later
    /// entry of the same thing supersedes, and those of things that are gone. At most so many at once; answers how
    /// many there were.
    fn prune_changes(&mut self, before: Instant, limit: u32) -> Result<u64>;
}

/// Everything a use case may ask for, in one transaction.
pub trait Repository:
    ArticleRepository
    + FaqRepository
    + HistoryRepository
    + TagRepository
    + TagMergeRepository
    + AuthorRepository
    + AccountRepository
    + PublishedRepository
    + AddressRepository
    + PreparedRepository
    + PastRepository
    + OnceRepository
    + SettingsRepository
    + PreflightRepository
    + TrashRepository
    + PreviewRepository
    + NoteRepository
    + ProposalRepository
    + ReleaseRepository
    + AuditRepository
    + LimitRepository
    + SecondFactorRepository
    + MailRepository
    + SsoRepository
    + ChangeLog
{
}

impl<T> Repository for T where
    T: ArticleRepository
        + FaqRepository
        + HistoryRepository
        + TagRepository
        + TagMergeRepository
        + AuthorRepository
        + AccountRepository
        + PublishedRepository
        + AddressRepository
        + PreparedRepository
        + PastRepository
        + OnceRepository
        + SettingsRepository
        + PreflightRepository
        + TrashRepository
        + PreviewRepository
        + NoteRepository
        + ProposalRepository
        + ReleaseRepository
        + AuditRepository
        + LimitRepository
        + SecondFactorRepository
        + MailRepository
        + SsoRepository
        + ChangeLog
{
}

/// What readers may see, and nothing else. All calls of one handle see one state of the store.
pub trait Delivery {
    /// The newest entry of the change log.
    fn head(&mut self) -> Result<Head>;
    /// Where the thing is that an old slug leads to, if readers see it: in `locale` if one is given, else in
    /// `default`, else in the first locale that has it.
    fn moved(
        &mut self,
        kind: ChangeType,
        slug: &Slug,
        locale: Option<&Locale>,
        default: &Locale,
    ) -> Result<Option<Moved>>;
    /// What is known of a thing that readers saw once.
    fn gone(&mut self, kind: ChangeType, id: Uuid) -> Result<Option<Gone>>;
    /// What is known of the thing that readers saw last under a slug, if they see it no more.
    fn gone_by_slug(
        &mut self,
        kind: ChangeType,
        slug: &Slug,
        locale: Option<&Locale>,
    ) -> Result<Option<Gone>>;
    /// The entries after this one, in order; at most so many.
    fn changes(&mut self, since: i64, limit: u32) -> Result<Vec<Change>>;
    /// The newest entry of something gone that was ever dropped from the log; 0 while none was.
    fn pruned_through(&mut self) -> Result<i64>;
    /// One article.
    fn article(&mut self, id: ArticleId) -> Result<Option<PublishedArticle>>;
    /// The article with a slug: in `locale` if one is given, else in `default`, else in the first locale that has it.
    fn article_by_slug(
        &mut self,
        slug: &Slug,
        locale: Option<&Locale>,
        default: &Locale,
    ) -> Result<Option<PublishedArticle>>;
    /// The finished answer about an article, where there is one of this maker; with its text, or only what it is.
    fn prepared_article(&mut self, made_by: &str, named: &Named, text: bool) -> Result<Option<Prepared>>;
    /// Which of the next `limit` articles before this one this maker has not finished; from the newest on without one.
    fn unfinished(&mut self, made_by: &str, before: Option<ArticleId>, limit: u32) -> Result<Unfinished>;
    /// A part of the list of articles, with those of its rows that this maker has finished.
    fn article_lines(
        &mut self,
        made_by: &str,
        query: &ArticleQuery,
        page: &PageRequest<ArticleSort>,
    ) -> Result<Page<Line>>;
    /// Those of these articles that are published.
    fn articles_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, PublishedArticle>>;
    /// A part of the list of articles.
    fn articles(
        &mut self,
        query: &ArticleQuery,
        page: &PageRequest<ArticleSort>,
    ) -> Result<Page<PublishedArticle>>;
    /// All articles with a slug, by locale.
    fn with_slug(&mut self, slug: &Slug) -> Result<Vec<Telling>>;
    /// All articles of these stories, by locale.
    fn tellings(&mut self, stories: &[StoryId]) -> Result<Vec<Telling>>;
    /// The sections of articles, in order.
    fn sections_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<PublishedSection>>>;
    /// The bylines of articles, in order.
    fn bylines_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<PublishedByline>>>;
    /// The tags of articles, in order.
    fn tags_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<Tag>>>;
    /// The published FAQs of articles, in order.
    fn faqs_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, Vec<PublishedFaq>>>;
    /// One FAQ.
    fn faq(&mut self, id: FaqId) -> Result<Option<PublishedFaq>>;
    /// A part of the list of FAQs.
    fn faqs(&mut self, query: &FaqQuery, page: &PageRequest<FaqSort>) -> Result<Page<PublishedFaq>>;
    /// The tags of FAQs, in order.
    fn tags_of_faqs(&mut self, ids: &[FaqId]) -> Result<BTreeMap<FaqId, Vec<Tag>>>;
    /// One tag.
    fn tag(&mut self, slug: &Slug) -> Result<Option<PublishedTag>>;
    /// A part of the list of tags.
    fn tags(&mut self, query: &PublishedTagQuery, page: &PageRequest<NameSort>)
    -> Result<Page<PublishedTag>>;
    /// One author.
    fn author(&mut self, slug: &Slug) -> Result<Option<PublishedAuthor>>;
    /// A part of the list of authors.
    fn authors(
        &mut self,
        query: &PublishedAuthorQuery,
        page: &PageRequest<NameSort>,
    ) -> Result<Page<PublishedAuthor>>;
    /// What a search finds, best first, with the texts that hold it, and what this maker finished of it. One statement
    /// where the search [is plain](Find::is_plain).
    fn found(&mut self, made_by: &str, find: &Find) -> Result<Found>;
    /// Everything a search finds, counted.
    fn facets(&mut self, find: &Find) -> Result<Facets>;
    /// What is shown of articles that were found.
    fn summaries_of(&mut self, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, PublishedSummary>>;
    /// Titles and names that have, for each word that was typed, one of the words it may stand for; those that begin
    /// with the first of them come first. Titles of one locale only, where one is given.
    fn names_with(
        &mut self,
        meant: &[Vec<Term>],
        locale: Option<&Locale>,
        limit: u32,
    ) -> Result<Vec<NameMatch>>;
    /// Words of titles and names that share so many pairs of letters, those that share most first.
    fn words_sharing(&mut self, grams: &[String], least: usize) -> Result<Vec<String>>;
    /// The numbers, from 1, of those sitemaps of so many places in which something stands. An article or page that
    /// search engines may know keeps its place as long as readers see it.
    fn filled_maps(&mut self, size: u32) -> Result<Vec<u64>>;
    /// What stands in one of them, in the order in which it came.
    fn map_entries(&mut self, number: u64, size: u32) -> Result<Vec<MapEntry>>;
    /// Articles that search engines may know, first published since then, newest first.
    fn news_entries(&mut self, since: Instant, limit: u32) -> Result<Vec<MapEntry>>;
    /// The locales in which something is published, by their names.
    fn locales(&mut self) -> Result<Vec<Locale>>;
}
