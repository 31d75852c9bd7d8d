-- Articles and FAQs that are published, or taken away, together. What a release does stands as JSON in the order of the
-- editors' choosing; the count is that of its things, so that lists need not read them.
create table releases (
    id            blob not null primary key,
    name          text not null,
    description   text,
    status        text not null,
    item_count    integer not null,
    revision      integer not null,
    created_at    integer not null,
    created_by    text not null,
    updated_at    integer not null,
    published_at  integer,
    published_by  text,
    items         text not null
) strict;
create index releases_status on releases (status, created_at, id);
create index releases_created on releases (created_at, id);
create index releases_updated on releases (updated_at, id);
create index releases_name on releases (name, id);
