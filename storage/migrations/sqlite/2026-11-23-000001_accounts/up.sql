-- Who works here and under which name: authors, accounts, keys, and the installation's secrets.

create table authors (
    id          blob not null primary key,
    slug        text not null,
    name        text not null,
    bio         text,
    avatar      text,
    links       text not null,
    revision    integer not null,
    created_at  integer not null,
    updated_at  integer not null
) strict;
create unique index authors_slug on authors (slug);
create index authors_name on authors (name, id);
create index authors_updated on authors (updated_at, id);
create index authors_created on authors (created_at, id);

create table users (
    id             blob not null primary key,
    email          text not null,
    name           text not null,
    role           text not null,
    author_id      blob references authors (id) on delete set null,
    password_hash  text not null,
    created_at     integer not null,
    updated_at     integer not null
) strict;
create unique index users_email on users (email);
create index users_author on users (author_id);

create table api_keys (
    id          blob not null primary key,
    name        text not null,
    prefix      text not null,
    digest      blob not null,
    scopes      text not null,
    created_at  integer not null,
    expires_at  integer,
    revoked_at  integer
) strict;
create unique index api_keys_digest on api_keys (digest);

create table secrets (
    name        text not null primary key,
    value       blob not null,
    created_at  integer not null
) strict;
