-- Mail that waits to be sent; what it says is made when it is.
create table mail (
    id          blob not null primary key,
    kind        text not null,
    address     text not null,
    created_at  integer not null,
    due_at      integer not null,
    tries       integer not null
) strict, without rowid;
create index mail_due on mail (due_at);

-- What the links of mails are good for, by the SHA-256 of their tokens.
create table tickets (
    digest      blob not null primary key,
    kind        text not null,
    user_id     blob not null references users (id) on delete cascade,
    address     text not null,
    expires_at  integer not null
) strict, without rowid;
create index tickets_user on tickets (user_id);
create index tickets_expired on tickets (expires_at);

-- When the owner of an account showed that its address is theirs.
alter table users add column email_verified_at integer;
