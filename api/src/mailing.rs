//! Sends the mail that waits: on every node, each mail once unless a node dies over it, and ever more rarely while the
//! server does not take it.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{Address, AsyncTransport as _, Tokio1Executor};
use masthead_domain::account::User;
use masthead_domain::mail::{Mail, MailKind};
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::mailing;

use crate::config::{Settings, SmtpUrl};
use crate::credentials::NewKey;
use crate::service::Service;

/// Between two looks for mail that is due; what is asked for on this node is sent at once.
const BEAT: Duration = Duration::from_secs(5);
/// How long a conversation with the server may take.
const PATIENCE: Duration = Duration::from_secs(20);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Whether a connection can be made of an address.
#[must_use]
pub fn is_good(url: &SmtpUrl) -> bool {
    Transport::from_url(url.expose()).is_ok()
}

/// Whoever sends mail.
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
    site: String,
    page: String,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer(from {})", self.from)
    }
}

/// Why a mail was not sent.
struct Refusal {
    /// Whether it would be refused for ever.
    is_final: bool,
    /// What the server or the network said, without whom it is for.
    reason: String,
}

impl Mailer {
    /// What the settings say, if they say anything of mail.
    #[must_use]
    pub fn of(settings: &Settings, address: SocketAddr) -> Option<Self> {
        let url = settings.smtp_url.as_ref()?;
        let transport = Transport::from_url(url.expose()).ok()?;
        Some(Self {
            transport: transport.timeout(Some(PATIENCE)).build(),
            from: settings.mail_from.clone()?,
            site: settings.site_title.clone(),
            page: settings.account_page(address),
        })
    }

    async fn send(&self, kind: MailKind, user: &User, token: &str) -> Result<(), Refusal> {
        let message = self.message(kind, user, token).map_err(|reason| Refusal {
            is_final: true,
            reason,
        })?;
        let sent = tokio::time::timeout(PATIENCE * 2, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Refusal {
                is_final: error.is_permanent(),
                reason: told(&error).replace(user.email.as_str(), "…"),
            }),
            Err(_) => Err(Refusal {
                is_final: false,
                reason: "the server does not answer in time".to_owned(),
            }),
        }
    }

    fn message(&self, kind: MailKind, user: &User, token: &str) -> Result<Message, String> {
        let address = user.email.as_str().parse::<Address>();
        let address = address.map_err(|_| "no mail can be sent to an address like this".to_owned())?;
        let (subject, body) = self.text(kind, token);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(subject)
            // Nobody is to answer with a note that they are on holiday (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|error| error.to_string())
    }

    fn text(&self, kind: MailKind, token: &str) -> (String, String) {
        let Self { site, page, .. } = self;
        match kind {
            MailKind::PasswordReset => (
                format!("Choose a new password for {site}"),
                format!(
                    "Somebody, most likely you, asked for a new password for your account at {site}.\n\n\
                     Choose it here within an hour:\n\n{page}#password-reset={token}\n\n\
                     It ends every session of yours. If it was not you who asked, nothing has to be done: your \
                     password is what it was.\n"
                ),
            ),
            MailKind::EmailVerification => (
                format!("Is this your address at {site}?"),
                format!(
                    "An account at {site} has this address.\n\n\
                     If it is yours, say so here within a day:\n\n{page}#email-verification={token}\n\n\
                     If it is not, nothing has to be done.\n"
                ),
            ),
            MailKind::Invitation => (
                format!("You are invited to {site}"),
                format!(
                    "An account was made for you at {site}.\n\n\
                     Choose its password here within seven days:\n\n{page}#invitation={token}\n\n\
                     If you expected none, nothing has to be done.\n"
                ),
            ),
        }
    }
}

/// `Auto-Submitted: auto-generated`.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// An error with what it comes from.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Sends what is due, for as long as the service runs.
pub async fn keep_sending(service: &Service) {
    let Some(mailer) = service.options().mailer.clone() else {
        return;
    };
    let mut is_blind = false;
    loop {
        match send_all(service, &mailer).await {
            Ok(()) => is_blind = false,
            Err(error) if !is_blind => {
                tracing::warn!(%error, "cannot look for mail that waits; trying until it works");
                is_blind = true;
            }
            Err(_) => {}
        }
        let _ = tokio::time::timeout(BEAT, service.post().notified()).await;
    }
}

async fn send_all(service: &Service, mailer: &Mailer) -> masthead_domain::Result<()> {
    let scheduler = Actor::scheduler;
    while let Some(mail) = service.carry_out(scheduler(), "take_mail", mailing::take).await? {
        if !send_one(service, mailer, &mail).await? {
            continue;
        }
        let id = mail.id;
        service
            .carry_out(scheduler(), "forget_mail", move |unit| mailing::forget(unit, id))
            .await?;
    }
    Ok(())
}

/// Sends one; answers whether it is settled.
async fn send_one(service: &Service, mailer: &Mailer, mail: &Mail) -> masthead_domain::Result<bool> {
    let (id, kind, tries) = (mail.id, mail.kind, mail.tries);
    let Ok(token) = NewKey::link_token() else {
        return Ok(false);
    };
    let (asked, digest) = (mail.clone(), token.digest);
    let user = service
        .carry_out(Actor::scheduler(), "prepare_mail", move |unit| {
            mailing::prepare(unit, &asked, &digest)
        })
        .await?;
    let Some(user) = user else {
        tracing::info!(mail = %id, %kind, "a mail was asked for that is for nobody");
        return Ok(true);
    };
    match mailer.send(kind, &user, &token.text).await {
        Ok(()) => {
            tracing::info!(mail = %id, %kind, user = %user.id, "sent");
            Ok(true)
        }
        Err(refusal) if refusal.is_final || tries >= Mail::TRIES => {
            tracing::error!(mail = %id, %kind, user = %user.id, error = refusal.reason, tries, "a mail was not sent");
            Ok(true)
        }
        Err(refusal) => {
            tracing::warn!(
                mail = %id, %kind, user = %user.id, error = refusal.reason, tries,
                "a mail was not taken and will be sent later"
            );
            Ok(false)
        }
    }
}
