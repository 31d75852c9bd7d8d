//! How often somebody may ask: counted for each address, account and key where the settings say so, and for each attempt
//! to log in always.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest};
use masthead_domain::clock::Instant;
use masthead_domain::id::UserId;
use masthead_domain::limit::{
    LOGIN, LOGIN_ACCOUNT, LOGIN_ADDRESS, LimitKey, MAIL, MAIL_ADDRESS, PASSWORD, Rule, SSO_ADDRESS, Spent,
    place,
};
use masthead_domain::rights::Credential;
use masthead_openapi::problem::ProblemCode;
use masthead_storage::Engine;

use crate::auth::{self, Identity};
use crate::error::ApiError;
use crate::inner::Within;
use crate::service::Service;

/// The limits and their windows (draft-ietf-httpapi-ratelimit-headers).
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What is left of them.
pub const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// So many requests within so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub requests: u32,
    /// Seconds.
    pub seconds: u32,
}

/// What the settings allow; where one is missing, nothing is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas {
    /// For each address.
    pub address: Option<Quota>,
    /// For each account.
    pub account: Option<Quota>,
    /// For each API key.
    pub key: Option<Quota>,
}

fn rule(name: &'static str, quota: Quota) -> Rule {
    Rule {
        name,
        quota: quota.requests,
        window: quota.seconds,
    }
}

/// What one process counts by itself, where it is the only one on its database.
#[derive(Default)]
pub struct Counted(Mutex<HashMap<LimitKey, Instant>>);

impl Counted {
    /// Subjects that are remembered at once.
    const LIMIT: usize = 100_000;

    /// Does something so many times more, or not once.
    fn spend(&self, key: LimitKey, rule: Rule, times: usize, now: Instant) -> Option<Spent> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= Self::LIMIT && !all.contains_key(&key) {
            all.retain(|_, paid| *paid > now);
            if all.len() >= Self::LIMIT {
                all.clear();
            }
        }
        let (mut paid, mut last) = (all.get(&key).copied(), None);
        for _ in 0..times {
            let (spent, then) = rule.spend(paid, now);
            last = Some(spent);
            if !spent.allowed {
                return last;
            }
            paid = Some(then);
        }
        if let Some(paid) = paid {
            all.insert(key, paid);
        }
        last
    }
}

/// What was spent for a request, told with its answer.
#[derive(Debug, Clone, Default)]
pub struct Told(Vec<Spent>);

impl Told {
    /// Says what is left.
    pub fn write(&self, headers: &mut HeaderMap) {
        // A refusal has said it already, of what was asked for in vain.
        if self.0.is_empty() || headers.contains_key(&STATE) {
            return;
        }
        let (policy, state) = lines(&self.0);
        for (name, text) in [(POLICY, policy), (STATE, state)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}

/// The values of both headers. Names of rules are plain words, so they need no escape.
fn lines(spent: &[Spent]) -> (String, String) {
    let policy = |spent: &Spent| {
        let Rule { name, quota, window } = spent.rule;
        format!("\"{name}\";q={quota};w={window}")
    };
    let state = |spent: &Spent| {
        format!(
            "\"{}\";r={};t={}",
            spent.rule.name,
            spent.remaining,
            spent.reset.max(spent.retry_after)
        )
    };
    let joined = |line: &dyn Fn(&Spent) -> String| spent.iter().map(line).collect::<Vec<_>>().join(", ");
    (joined(&policy), joined(&state))
}

/// 429 for whoever asks too often.
fn refusal(spent: &[Spent], what: &str) -> ApiError {
    let wait = spent
        .iter()
        .filter(|spent| !spent.allowed)
        .map(|spent| spent.retry_after)
        .max()
        .unwrap_or(1);
    let detail = format!("{what} Try again in {wait} seconds.");
    let mut error = ApiError::new(ProblemCode::TooManyRequests, detail);
    error.0.retry_after = Some(wait);
    error.0.rate_limit = Some(lines(spent));
    error
}

/// Counts a request against the address that it comes from, before anything is asked about who sends it.
pub async fn of_address(service: &Service, request: &HttpRequest) -> Result<(), ApiError> {
    let Some(quota) = service.options().quotas.address else {
        return Ok(());
    };
    let rule = rule("address", quota);
    if request.extensions().get::<Within>().is_some() {
        return Ok(());
    }
    let key = LimitKey::new(rule, &[&place(auth::address(request))]);
    count(service, request, key, rule, 1).await
}

/// Counts a request against the account or key that sends it.
pub async fn of_caller(service: &Service, request: &HttpRequest) -> Result<(), ApiError> {
    match subject(service, request) {
        Some((key, rule)) => count(service, request, key, rule, 1).await,
        None => Ok(()),
    }
}

/// Counts the operations of a batch, of which the request itself was the first, before any of them is begun.
pub async fn of_batch(service: &Service, request: &HttpRequest, operations: usize) -> Result<(), ApiError> {
    match subject(service, request) {
        Some((key, rule)) => count(service, request, key, rule, operations.saturating_sub(1)).await,
        None => Ok(()),
    }
}

fn subject(service: &Service, request: &HttpRequest) -> Option<(LimitKey, Rule)> {
    if request.extensions().get::<Within>().is_some() {
        return None;
    }
    let credential = request
        .extensions()
        .get::<Identity>()
        .map(|identity| identity.actor.credential);
    let quotas = service.options().quotas;
    let (name, quota) = match credential {
        Some(Credential::User(_)) => ("account", quotas.account),
        Some(Credential::Key(_)) => ("key", quotas.key),
        _ => return None,
    };
    let rule = rule(name, quota?);
    Some((LimitKey::new(rule, &[&credential?.to_string()]), rule))
}

async fn count(
    service: &Service,
    request: &HttpRequest,
    key: LimitKey,
    rule: Rule,
    times: usize,
) -> Result<(), ApiError> {
    let last = match service.storage().engine() {
        // One process has the file to itself, and a write for each request would cost more than most requests.
        Engine::Sqlite => service.counted().spend(key, rule, times, service.now()),
        Engine::Postgres if times > 0 => service.spend(vec![(key, rule); times]).await?.pop(),
        Engine::Postgres => None,
    };
    let Some(spent) = last else { return Ok(()) };
    if !spent.allowed {
        return Err(refusal(&[spent], "You ask too often."));
    }
    let mut extensions = request.extensions_mut();
    if let Some(told) = extensions.get_mut::<Told>() {
        told.0.retain(|known| known.rule.name != spent.rule.name);
        told.0.push(spent);
    } else {
        extensions.insert(Told(vec![spent]));
    }
    Ok(())
}

/// What an attempt to log in is counted against.
pub struct Attempt {
    pair: (LimitKey, Rule),
    account: Option<(LimitKey, Rule)>,
    address: (LimitKey, Rule),
}

impl Attempt {
    /// An attempt to log in as somebody from somewhere. The account as a whole is counted only for addresses that it is
    /// not known to be used from: whoever tries its password from elsewhere keeps nobody out of their own account.
    #[must_use]
    pub fn new(email: &str, from: Option<IpAddr>, is_known: bool) -> Self {
        let (email, from) = (email.trim().to_lowercase(), place(from));
        let of = |rule, subject: &[&str]| (LimitKey::new(rule, subject), rule);
        Self {
            pair: of(LOGIN, &[&email, &from]),
            account: (!is_known).then(|| of(LOGIN_ACCOUNT, &[&email])),
            address: of(LOGIN_ADDRESS, &[&from]),
        }
    }

    /// Counts it before the password is looked at, so that many at once are no more than many after each other.
    pub async fn begin(&self, service: &Service) -> Result<(), ApiError> {
        let asked = [Some(self.address), self.account, Some(self.pair)];
        let what =
            "There were too many attempts to log in. Whether this password is right was not looked at.";
        within(service, asked.into_iter().flatten().collect(), what).await
    }

    /// What is taken back when it was the right password.
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        let refunded = [Some(self.address), self.account];
        Forgiven {
            keys: vec![self.pair.0],
            refunded: refunded.into_iter().flatten().collect(),
        }
    }
}

/// What is forgotten of the attempts before a right one.
#[derive(Debug, Clone)]
pub struct Forgiven {
    keys: Vec<LimitKey>,
    refunded: Vec<(LimitKey, Rule)>,
}

impl Forgiven {
    /// Forgets it, in the transaction of what the right password is good for.
    pub fn settle(&self, unit: &mut masthead_domain::use_cases::Unit<'_>) -> masthead_domain::Result<()> {
        for key in &self.keys {
            unit.repository.forgive(key)?;
        }
        for (key, rule) in &self.refunded {
            unit.repository.refund(key, *rule)?;
        }
        Ok(())
    }
}

/// 429 for whoever shows too many wrong codes.
#[must_use]
pub fn too_many_codes(spent: Spent) -> ApiError {
    let what =
        "There were too many wrong codes for this account. Whether this one is right was not looked at.";
    refusal(&[spent], what)
}

/// Counts a login at the provider before it is begun or finished.
pub async fn of_sign_on(service: &Service, from: Option<IpAddr>) -> Result<(), ApiError> {
    let asked = vec![(LimitKey::new(SSO_ADDRESS, &[&place(from)]), SSO_ADDRESS)];
    within(service, asked, "Too many logins were begun.").await
}

/// Does things once more that have a limit, or says what there was too much of.
async fn within(service: &Service, asked: Vec<(LimitKey, Rule)>, what: &str) -> Result<(), ApiError> {
    let spent = service.spend(asked).await?;
    if spent.iter().all(|spent| spent.allowed) {
        return Ok(());
    }
    Err(refusal(&spent, what))
}

/// Counts a mail before it is asked for: against whom it is sent to, and where nobody is logged in against where that is
/// asked from.
pub async fn of_mail(service: &Service, to: &str, from: Option<Option<IpAddr>>) -> Result<(), ApiError> {
    let mut asked = vec![(LimitKey::new(MAIL, &[&to.trim().to_lowercase()]), MAIL)];
    if let Some(from) = from {
        asked.insert(0, (LimitKey::new(MAIL_ADDRESS, &[&place(from)]), MAIL_ADDRESS));
    }
    within(service, asked, "Too many mails were asked for.").await
}

/// Counts an attempt to tell the password of an account that one is logged in to.
pub async fn of_password(service: &Service, user: UserId) -> Result<Forgiven, ApiError> {
    let key = LimitKey::new(PASSWORD, &[&user.to_string()]);
    let what =
        "There were too many attempts to tell the password. Whether this one is right was not looked at.";
    within(service, vec![(key, PASSWORD)], what).await?;
    Ok(Forgiven {
        keys: vec![key],
        refunded: Vec::new(),
    })
}
