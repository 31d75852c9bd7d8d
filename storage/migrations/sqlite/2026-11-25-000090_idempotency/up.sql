-- Requests with an `Idempotency-Key` that were carried out, for a day. A row is written by the transaction that carries
-- the request out. `id` is a digest of the credential and the key, `request` one of all that was asked; `answer` is
-- compressed, and null where the answer is not kept.
create table idempotency_keys (
    id          blob not null primary key,
    credential  text not null,
    request     blob not null,
    created_at  integer not null,
    answer      blob
) strict;
create index idempotency_keys_age on idempotency_keys (created_at);
