-- Who works here and under which name: authors, accounts, keys, and the installation's secrets.

create table authors (
    id          uuid not null primary key,
    slug        text collate "C" not null,
    name        text collate "C" not null,
    bio         text,
    avatar      text,
    links       text not null,
    revision    bigint not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create unique index authors_slug on authors (slug);
create index authors_name on authors (name, id);
create index authors_updated on authors (updated_at, id);
create index authors_created on authors (created_at, id);

create table users (
    id             uuid not null primary key,
    email          text collate "C" not null,
    name           text not null,
    role           text not null,
    author_id      uuid references authors (id) on delete set null,
    password_hash  text not null,
    created_at     timestamptz not null,
    updated_at     timestamptz not null
);
create unique index users_email on users (email);
create index users_author on users (author_id);

create table api_keys (
    id          uuid not null primary key,
    name        text not null,
    prefix      text not null,
    digest      bytea not null,
    scopes      text not null,
    created_at  timestamptz not null,
    expires_at  timestamptz,
    revoked_at  timestamptz
);
create unique index api_keys_digest on api_keys (digest);

create table secrets (
    name        text collate "C" not null primary key,
    value       bytea not null,
    created_at  timestamptz not null
);
