-- Who changed what: appended to and never changed. Each entry's hash covers the one before, and the head keeps the last
-- one's, so that neither a change nor a missing entry goes unseen.
create table audit_entries (
    seq              integer not null primary key,
    id               blob not null,
    created_at       integer not null,
    action           text not null,
    actor            text not null,
    session_id       blob,
    request_id       text,
    resource         text not null,
    resource_id      text not null,
    revision_before  integer,
    revision_after   integer,
    previous_hash    blob not null,
    hash             blob not null
) strict;
create index audit_entries_actor on audit_entries (actor, seq);
create index audit_entries_action on audit_entries (action, seq);
create index audit_entries_resource on audit_entries (resource_id, seq);
create index audit_entries_request on audit_entries (request_id, seq);
create index audit_entries_created on audit_entries (created_at);

create table audit_head (
    id    integer not null primary key check (id = 1),
    seq   integer not null,
    hash  blob not null
) strict;
insert into audit_head (id, seq, hash) values (1, 0, zeroblob(32));

-- The head follows by itself, which spares whoever appends a question to the database.
create trigger audit_head_follows after insert on audit_entries begin
    update audit_head set hash = new.hash;
end;
create trigger audit_entries_not_changed before update on audit_entries begin
    select raise(abort, 'the audit log is only ever appended to');
end;
create trigger audit_entries_not_deleted before delete on audit_entries begin
    select raise(abort, 'the audit log is only ever appended to');
end;
create trigger audit_head_kept before delete on audit_head begin
    select raise(abort, 'the audit log is only ever appended to');
end;
