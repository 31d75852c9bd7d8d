-- Logins at a provider that were begun, by the SHA-256 of the state that comes back.
create table pending_logins (
    state       bytea not null primary key,
    binding     bytea not null,
    nonce       text not null,
    verifier    text not null,
    expires_at  timestamptz not null
);
create index pending_logins_expired on pending_logins (expires_at);

-- Whose account belongs to whom at a provider.
create table provider_identities (
    issuer      text not null,
    subject     text not null,
    user_id     uuid not null references users (id) on delete cascade,
    created_at  timestamptz not null,
    primary key (issuer, subject)
);
create index provider_identities_user on provider_identities (user_id);

-- Begun by whomever the provider has let in.
alter table sessions add column external bigint not null default 0;
