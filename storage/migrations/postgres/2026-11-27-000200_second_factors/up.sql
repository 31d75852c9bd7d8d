-- The authenticator of an account: what its codes are made of, sealed, and the step of the last one that was used.
create table second_factors (
    user_id       uuid not null primary key references users (id) on delete cascade,
    sealed        bytea not null,
    confirmed_at  timestamptz,
    last_step     bigint not null,
    created_at    timestamptz not null
);

-- Recovery codes by the SHA-256 of each; used ones stay until there are others.
create table recovery_codes (
    user_id  uuid not null references users (id) on delete cascade,
    digest   bytea not null,
    used_at  timestamptz,
    primary key (user_id, digest)
);

-- Good for nothing but setting a second factor up.
alter table sessions add column restricted bigint not null default 0;
