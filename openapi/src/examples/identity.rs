//! Examples of accounts, sessions and API keys.

use masthead_domain::account::{ApiKey, Device, Session, User};
use masthead_domain::email::Email;
use masthead_domain::id::{KeyId, SessionId, UserId};
use masthead_domain::rights::{Permission, Role};
use masthead_domain::use_cases::second_factors::{SecuritySettings, Standing};

use super::answers::{Answers, page, put};
use super::world::World;
use crate::management as m;

/// Adds them.
pub(super) fn add(all: &mut Answers, world: &World) -> Option<()> {
    let at = world.tag.created_at;
    let user = || {
        Some(User {
            id: UserId::from_uuid(world.author.id.uuid()),
            email: Email::parse("grace@example.org").ok()?,
            name: "Grace Hopper".into(),
            role: Role::Author,
            author_id: Some(world.author.id),
            revision: 1,
            email_verified_at: None,
            suspended_at: None,
            created_at: at,
            updated_at: at,
        })
    };
    let session = Session {
        id: SessionId::from_uuid(world.tag.id.uuid()),
        user_id: user()?.id,
        device: Device {
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".into(),
            address: "192.0.2.7".into(),
        },
        created_at: at,
        last_used_at: at,
        expires_at: at + masthead_domain::use_cases::sessions::LIFE,
        ended: None,
        external: false,
        restricted: false,
    };
    let key = || {
        m::ApiKey::from(ApiKey {
            id: KeyId::from_uuid(world.tag.id.uuid()),
            name: "Build server".into(),
            prefix: "mhk_9fKq2ZtV".into(),
            scopes: vec![Permission::ContentRead],
            addresses: vec!["192.0.2.0/24".into()],
            revision: 1,
            created_by: world.article.created_by,
            created_at: at,
            updated_at: at,
            last_used_at: None,
            expires_at: None,
            revoked_at: None,
            previous_until: None,
        })
    };
    let login = m::AccessToken {
        access_token: "header.claims.signature".into(),
        token_type: "Bearer".into(),
        expires_in: 900,
        refresh_token: "mhr_9fKq2ZtV5mXw8RbN1cYd7GhJ4LsPaE6uT3oC0iDx1WvBn2".into(),
        refresh_expires_at: at + masthead_domain::use_cases::sessions::IDLE,
        session_id: session.id.to_string(),
        needs_second_factor: false,
    };
    add_security(all, world)?;
    put(all, "LoginResponse", m::LoginResponse { data: login })?;
    put(all, "UserResponse", m::UserResponse { data: user()?.into() })?;
    let (meta, links) = page("/management/v1/users");
    let data = vec![user()?.into()];
    put(all, "UserList", m::UserList { data, meta, links })?;
    let (meta, links) = page("/management/v1/auth/sessions");
    let current = Some(session.id);
    let data = vec![m::Session::new(session, current)];
    put(all, "SessionList", m::SessionList { data, meta, links })?;
    put(all, "ApiKeyResponse", m::ApiKeyResponse { data: key() })?;
    let secret = "mhk_9fKq2ZtV5mXw8RbN1cYd7GhJ4LsPaE6uT3oC0iDx1WvBn2".to_owned();
    let data = m::ApiKeySecret { key: key(), secret };
    put(all, "ApiKeySecretResponse", m::ApiKeySecretResponse { data })?;
    let (meta, links) = page("/management/v1/api-keys");
    let data = vec![key()];
    put(all, "ApiKeyList", m::ApiKeyList { data, meta, links })?;
    let key = m::Jwk {
        kty: "OKP".into(),
        crv: "Ed25519".into(),
        alg: "EdDSA".into(),
        use_: "sig".into(),
        kid: "J7hBq0aR2fXc".into(),
        x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into(),
    };
    put(all, "JwkSet", m::JwkSet { keys: vec![key] })
}

fn add_security(all: &mut Answers, world: &World) -> Option<()> {
    let at = world.tag.created_at;
    let standing = Standing {
        enabled_at: Some(at),
        recovery_codes: 10,
        required: true,
    };
    let data = standing.into();
    put(all, "SecondFactorResponse", m::SecondFactorResponse { data })?;
    let data = m::NewSecondFactor {
        secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
        uri: "otpauth://totp/Masthead:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Masthead"
            .into(),
    };
    put(
        all,
        "NewSecondFactorResponse",
        m::NewSecondFactorResponse { data },
    )?;
    let letters = [
        "abcd", "efgh", "ijkm", "npqr", "stuv", "wxyz", "2345", "6789", "bcde", "fghi",
    ];
    let recovery_codes = letters.map(|first| format!("{first}-7mrt-x2kq-v9ph")).to_vec();
    let data = m::RecoveryCodes { recovery_codes };
    put(all, "RecoveryCodesResponse", m::RecoveryCodesResponse { data })?;
    let data = m::BegunSignOn {
        authorization_url:
            "https://login.example.org/authorize?response_type=code&client_id=masthead&state=af0ifjsldkj"
                .into(),
        state: "af0ifjsldkj".into(),
        binding: "n-0S6_WzA2Mj".into(),
        expires_at: at,
    };
    put(all, "BegunSignOnResponse", m::BegunSignOnResponse { data })?;
    let settings = SecuritySettings {
        required: [Role::Editor, Role::Admin].into(),
        revision: 2,
        updated: Some((at, world.article.created_by)),
    };
    let data = settings.into();
    put(
        all,
        "SecuritySettingsResponse",
        m::SecuritySettingsResponse { data },
    )
}
