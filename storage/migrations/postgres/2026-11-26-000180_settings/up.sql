-- What admins set for the whole site, by name; `value` is JSON. What nobody set has no row.
create table settings (
    name        text collate "C" not null primary key,
    value       text not null,
    revision    bigint not null,
    updated_at  timestamptz not null,
    updated_by  text not null
);
