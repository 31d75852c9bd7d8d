-- What readers saw before: one row for each state of each thing, from the change that began it to the one that
-- ended it. Lists read its keys, so that a walk stays in one order while others publish; what a state showed is
-- kept apart, where lists have no name for it.

create table published_history (
    resource            text not null,
    resource_id         blob not null,
    since_seq           integer not null,
    until_seq           integer,
    since_at            integer not null,
    until_at            integer,
    title               text not null,
    slug                text not null,
    published_at        integer,
    first_published_at  integer,
    updated_at          integer not null,
    primary key (resource, resource_id, since_seq)
) strict, without rowid;
create index published_history_since on published_history (resource, since_seq);
create index published_history_until on published_history (resource, until_seq);

create table history_bodies (
    resource     text not null,
    resource_id  blob not null,
    since_seq    integer not null,
    body         text not null,
    primary key (resource, resource_id, since_seq)
) strict;

-- The newest articles of a tag are a walk along one index.
alter table published_article_tags add column published_at integer not null default 0;
update published_article_tags set published_at = (
    select published_articles.published_at from published_articles
    where published_articles.id = published_article_tags.article_id
);
create index published_article_tags_newest on published_article_tags (tag_id, published_at, article_id);
drop index published_article_tags_tag;
create index published_articles_locale on published_articles (locale, published_at, id);

-- What is looked for with `q`, in lower case; filled where it is missing when the service migrates.
alter table published_faqs add column search_text text not null default '';
alter table published_tags add column search_text text not null default '';
alter table published_authors add column search_text text not null default '';
