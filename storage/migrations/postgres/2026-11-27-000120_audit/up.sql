-- Who changed what: appended to and never changed. Each entry's hash covers the one before, and the head keeps the last
-- one's, so that neither a change nor a missing entry goes unseen.
create table audit_entries (
    seq              bigint not null primary key,
    id               uuid not null,
    created_at       timestamptz not null,
    action           text collate "C" not null,
    actor            text collate "C" not null,
    session_id       uuid,
    request_id       text collate "C",
    resource         text collate "C" not null,
    resource_id      text collate "C" not null,
    revision_before  bigint,
    revision_after   bigint,
    previous_hash    bytea not null,
    hash             bytea not null
);
create index audit_entries_actor on audit_entries (actor, seq);
create index audit_entries_action on audit_entries (action, seq);
create index audit_entries_resource on audit_entries (resource_id, seq);
create index audit_entries_request on audit_entries (request_id, seq);
create index audit_entries_created on audit_entries (created_at);

create table audit_head (
    id    bigint not null primary key check (id = 1),
    seq   bigint not null,
    hash  bytea not null
);
insert into audit_head (id, seq, hash) values (1, 0, decode(repeat('00', 32), 'hex'));

-- The head follows by itself, which spares whoever appends a question to the database.
create function follow_audit() returns trigger language plpgsql as $$
begin
    update audit_head set hash = new.hash;
    return null;
end
$$;
create trigger audit_head_follows after insert on audit_entries
    for each row execute function follow_audit();

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is only ever appended to';
end
$$;
create trigger audit_entries_append_only before update or delete on audit_entries
    for each row execute function refuse_change_of_audit();
create trigger audit_entries_not_emptied before truncate on audit_entries
    for each statement execute function refuse_change_of_audit();
create trigger audit_head_kept before delete on audit_head
    for each row execute function refuse_change_of_audit();
