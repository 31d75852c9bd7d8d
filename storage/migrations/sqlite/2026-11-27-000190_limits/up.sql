-- How often something was done by whom, as the moment at which it is paid for.
create table limits (
    key      blob not null primary key,
    paid_at  integer not null
) strict, without rowid;
create index limits_paid on limits (paid_at);
