-- Accounts that change, are suspended and go; the row of one that went stays without what it said of anybody, so that
-- its id never comes back.
alter table users add column revision integer not null default 1;
alter table users add column suspended_at integer;
alter table users add column deleted_at integer;

-- A login, on one device, until it ends. `ended` says why.
create table sessions (
    id            blob not null primary key,
    user_id       blob not null references users (id) on delete cascade,
    user_agent    text not null,
    address       text not null,
    created_at    integer not null,
    last_used_at  integer not null,
    expires_at    integer not null,
    ended_at      integer,
    ended         text
) strict;
create index sessions_user on sessions (user_id, created_at);

-- Refresh tokens by the SHA-256 of each; used ones stay as long as their session, so that a second use is known.
create table refresh_tokens (
    digest      blob not null primary key,
    session_id  blob not null references sessions (id) on delete cascade,
    expires_at  integer not null,
    used_at     integer
) strict;
create index refresh_tokens_session on refresh_tokens (session_id);

-- Keys that change; while one is rotated, the digest before works until a moment.
alter table api_keys add column revision integer not null default 1;
alter table api_keys add column created_by text not null default 'command_line';
alter table api_keys add column updated_at integer not null default 0;
alter table api_keys add column last_used_at integer;
alter table api_keys add column addresses text not null default '[]';
alter table api_keys add column previous_digest blob;
alter table api_keys add column previous_until integer;
update api_keys set updated_at = created_at;
create unique index api_keys_previous_digest on api_keys (previous_digest);

create index users_created on users (created_at, id);
create index api_keys_created on api_keys (created_at, id);
