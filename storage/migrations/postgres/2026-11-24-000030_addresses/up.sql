-- Addresses: every change of a tag or author in the log, old slugs, and what was taken down.

-- Where the old slug of a renamed thing leads, for programs that follow the log.
alter table changes add column redirect_to text;
create index changes_resource on changes (resource, resource_id, seq);

-- The newest entry that was ever dropped from the log. One row.
create table published_log (
    id              bigint not null primary key check (id = 1),
    pruned_through  bigint not null
);
insert into published_log (id, pruned_through) values (1, 0);

-- Tags and authors that readers see already, so that reading the log from its beginning gives them too.
insert into changes (seq, op, resource, resource_id, slug, locale, reason, cache_tags, created_at)
select (select seq from log_head) + row_number() over (order by resource, id), 'upsert', resource, id, slug, null,
       'published', '["' || resource || ':' || id::text || '","' || resource || 's"]', changed_at
from (select 'tag' as resource, id, slug, coalesce((select max(created_at) from changes), updated_at) as changed_at
      from published_tags
      union all
      select 'author', id, slug, coalesce((select max(created_at) from changes), updated_at)
      from published_authors) as seen;
update log_head set seq = (select coalesce(max(seq), 0) from changes);

-- What readers saw once and see no more; for tags and authors only so that their old slugs are known.
create table published_gone (
    resource     text collate "C" not null,
    resource_id  uuid not null,
    locale       text collate "C" not null,
    slug         text collate "C" not null,
    reason       text not null,
    created_at   timestamptz not null,
    primary key (resource, resource_id)
);
create index published_gone_slug on published_gone (resource, slug, locale);
insert into published_gone (resource, resource_id, locale, slug, reason, created_at)
select resource, resource_id, coalesce(locale, ''), slug, reason, created_at
from changes
where op = 'delete' and resource in ('article', 'faq')
  and not exists (select 1 from changes as later
                  where later.resource = changes.resource and later.resource_id = changes.resource_id
                    and later.seq > changes.seq);

-- Old slugs, each with the thing that has it now or had it last. The locale of what has none is empty.
create table published_redirects (
    id           uuid not null primary key,
    resource     text collate "C" not null,
    locale       text collate "C" not null,
    slug         text collate "C" not null,
    resource_id  uuid not null,
    created_by   text not null,
    created_at   timestamptz not null
);
create unique index published_redirects_slug on published_redirects (resource, slug, locale);
create index published_redirects_target on published_redirects (resource, resource_id);
create index published_redirects_created on published_redirects (created_at, id);

