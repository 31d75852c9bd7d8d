-- Articles and FAQs that are published, or taken away, together. What a release does stands as JSON in the order of the
-- editors' choosing; the count is that of its things, so that lists need not read them.
create table releases (
    id            uuid not null primary key,
    name          text collate "C" not null,
    description   text,
    status        text not null,
    item_count    bigint not null,
    revision      bigint not null,
    created_at    timestamptz not null,
    created_by    text collate "C" not null,
    updated_at    timestamptz not null,
    published_at  timestamptz,
    published_by  text collate "C",
    items         text not null
);
create index releases_status on releases (status, created_at, id);
create index releases_created on releases (created_at, id);
create index releases_updated on releases (updated_at, id);
create index releases_name on releases (name, id);
