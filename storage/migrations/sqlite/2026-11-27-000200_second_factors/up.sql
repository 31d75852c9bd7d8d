-- The authenticator of an account: what its codes are made of, sealed, and the step of the last one that was used.
create table second_factors (
    user_id       blob not null primary key references users (id) on delete cascade,
    sealed        blob not null,
    confirmed_at  integer,
    last_step     integer not null,
    created_at    integer not null
) strict;

-- Recovery codes by the SHA-256 of each; used ones stay until there are others.
create table recovery_codes (
    user_id  blob not null references users (id) on delete cascade,
    digest   blob not null,
    used_at  integer,
    primary key (user_id, digest)
) strict, without rowid;

-- Good for nothing but setting a second factor up.
alter table sessions add column restricted integer not null default 0;
