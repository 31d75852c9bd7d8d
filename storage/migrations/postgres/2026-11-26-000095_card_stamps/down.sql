drop table published_prepared;
create table published_prepared (
    article_id  uuid not null primary key references published_articles (id) on delete cascade,
    made_by     text not null,
    stamp       text not null,
    made_at     timestamptz not null,
    cache_tags  text not null,
    card        text not null,
    whole       text not null
);
