-- What was deleted and can come back: a row for each thing whose own row is marked as deleted, with what the list of the
-- trash shows. What it held stays in its own tables, what it linked is told by its history.
create table trash (
    id          uuid not null primary key,
    kind        text collate "C" not null,
    locale      text collate "C" not null,
    slug        text collate "C" not null,
    title       text not null,
    revision    bigint not null,
    created_by  text not null,
    deleted_at  timestamptz not null,
    deleted_by  text not null
);
create index trash_deleted on trash (deleted_at, id);
create index trash_kind on trash (kind, deleted_at, id);
insert into trash (id, kind, locale, slug, title, revision, created_by, deleted_at, deleted_by)
select id, 'article', locale, slug, title, revision, created_by, deleted_at, coalesce(deleted_by, 'command_line')
from articles where deleted_at is not null;
insert into trash (id, kind, locale, slug, title, revision, created_by, deleted_at, deleted_by)
select id, 'faq', locale, slug, question, revision, created_by, deleted_at, coalesce(deleted_by, 'command_line')
from faqs where deleted_at is not null;

-- Ids of what was taken away for ever; they are never given again.
create table purged (
    id         uuid not null primary key,
    kind       text not null,
    purged_at  timestamptz not null
);
