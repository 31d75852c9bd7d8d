-- How often something was done by whom, as the moment at which it is paid for. A crash of the server may forget all of
-- it, which costs nobody anything.
create unlogged table limits (
    key      bytea not null primary key,
    paid_at  timestamptz not null
);
create index limits_paid on limits (paid_at);
