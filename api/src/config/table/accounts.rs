//! Settings of those who come in: mail to them, and the provider that vouches for them.

use super::super::{SecretText, merge, read};
use super::{Flag, Setting, Shape};

const MAIL: &str = "Mail";
const SSO: &str = "Single sign-on";

/// In the order of `--help`.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        key: "smtp_url",
        name: "smtp-url",
        value: "URL",
        heading: MAIL,
        flag: Flag::Nowhere,
        shape: Shape::Secret,
        default: "none: no mail is sent",
        help: "The server that takes mail: smtps://USER:PASSWORD@HOST, smtp://USER:PASSWORD@HOST:587?tls=required, or \
               smtp://localhost for a relay on this machine",
        read: |settings, text| merge::smtp_url(text).map(|url| settings.smtp_url = Some(url)),
    },
    Setting {
        key: "smtp_url_file",
        name: "smtp-url-file",
        value: "FILE",
        heading: MAIL,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none: no mail is sent",
        help: "A file that holds the address of the server that takes mail: smtps://USER:PASSWORD@HOST, \
               smtp://USER:PASSWORD@HOST:587?tls=required, or smtp://localhost for a relay on this machine. The \
               address itself can be given as MASTHEAD_SMTP_URL, never as a flag",
        read: |settings, text| merge::smtp_url_file(text).map(|url| settings.smtp_url = Some(url)),
    },
    Setting {
        key: "mail_from",
        name: "mail-from",
        value: "ADDRESS",
        heading: MAIL,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "Whom mail is from: \"The News <news@example.org>\"",
        read: |settings, text| read::mailbox(text).map(|from| settings.mail_from = Some(from)),
    },
    Setting {
        key: "account_url",
        name: "account-url",
        value: "URL",
        heading: MAIL,
        flag: Flag::Service,
        shape: Shape::One,
        default: "the api-url with /account/",
        help: "The page that links of mails lead to, with their token behind `#`, such as \
               https://admin.example.org/account; Masthead has one of its own, where a password is chosen",
        read: |settings, text| read::site_url(text).map(|url| settings.account_url = Some(url)),
    },
    Setting {
        key: "oidc_issuer",
        name: "oidc-issuer",
        value: "URL",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "The provider of single sign-on (OpenID Connect), exactly as it names itself: https://login.example.org",
        read: |settings, text| read::issuer(text).map(|url| settings.oidc_issuer = Some(url)),
    },
    Setting {
        key: "oidc_client_id",
        name: "oidc-client-id",
        value: "TEXT",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "What this service is called at the provider",
        read: |settings, text| read::word(text).map(|id| settings.oidc_client_id = Some(id)),
    },
    Setting {
        key: "oidc_client_secret",
        name: "oidc-client-secret",
        value: "TEXT",
        heading: SSO,
        flag: Flag::Nowhere,
        shape: Shape::Secret,
        default: "none",
        help: "What this service proves that with at the provider; a public client has none",
        read: |settings, text| {
            let secret = SecretText::new(text).ok_or("give 1 to 4096 bytes")?;
            settings.oidc_client_secret = Some(secret);
            Ok(())
        },
    },
    Setting {
        key: "oidc_client_secret_file",
        name: "oidc-client-secret-file",
        value: "FILE",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "A file that holds the secret of this service at the provider, which can be given as \
               MASTHEAD_OIDC_CLIENT_SECRET too, never as a flag",
        read: |settings, text| {
            merge::secret_text_file(text).map(|secret| settings.oidc_client_secret = Some(secret))
        },
    },
    Setting {
        key: "oidc_redirect_url",
        name: "oidc-redirect-url",
        value: "URL",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "The page of yours that the provider sends people back to, as it is registered there: \
               https://admin.example.org/signed-on",
        read: |settings, text| read::site_url(text).map(|url| settings.oidc_redirect_url = Some(url)),
    },
    Setting {
        key: "oidc_role_claim",
        name: "oidc-role-claim",
        value: "NAME",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::One,
        default: "roles",
        help: "The claim that roles are made of, a text or a list of texts; dots lead into it: realm_access.roles",
        read: |settings, text| read::word(text).map(|claim| settings.oidc_role_claim = claim),
    },
    Setting {
        key: "oidc_roles",
        name: "oidc-roles",
        value: "VALUE=ROLE",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::Many,
        default: "none",
        help: "Which value of the claim gives which role, separated by commas: editors=editor,chiefs=admin. Of several, the \
               highest",
        read: |settings, text| read::roles(text).map(|roles| settings.oidc_roles = roles),
    },
    Setting {
        key: "oidc_default_role",
        name: "oidc-default-role",
        value: "ROLE",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::One,
        default: "none",
        help: "The role of those whom no value gives one; without it they stay out",
        read: |settings, text| read::role(text).map(|role| settings.oidc_default_role = Some(role)),
    },
    Setting {
        key: "oidc_scopes",
        name: "oidc-scopes",
        value: "TEXT",
        heading: SSO,
        flag: Flag::Service,
        shape: Shape::One,
        default: "openid email profile",
        help: "What the provider is asked for, separated by spaces",
        read: |settings, text| read::scopes(text).map(|scopes| settings.oidc_scopes = scopes),
    },
];
