-- What admins set for the whole site, by name; `value` is JSON. What nobody set has no row.
create table settings (
    name        text not null primary key,
    value       text not null,
    revision    integer not null,
    updated_at  integer not null,
    updated_by  text not null
) strict;
