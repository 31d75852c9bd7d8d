-- Requests with an `Idempotency-Key` that were carried out, for a day. A row is written by the transaction that carries
-- the request out. `id` is a digest of the credential and the key, `request` one of all that was asked; `answer` is
-- compressed, and null where the answer is not kept.
create table idempotency_keys (
    id          bytea not null primary key,
    credential  text not null,
    request     bytea not null,
    created_at  timestamptz not null,
    answer      bytea
);
create index idempotency_keys_age on idempotency_keys (created_at);
-- It is compressed already.
alter table idempotency_keys alter column answer set storage external;
