drop table filled_through;
drop index published_search_postings_rank;
alter table published_search_postings
    drop constraint published_search_postings_pkey,
    add primary key (term, document) include (weight, dated);
alter table published_search_postings drop column places;
alter table published_search_parts drop column ordinal;

drop table published_prepared;
create table published_prepared (
    article_id  uuid not null primary key references published_articles (id) on delete cascade,
    made_by     text not null,
    stamp       text not null,
    made_at     timestamptz not null,
    cache_tags  text not null,
    card_stamp  text not null,
    -- As a row of a list; before the whole, so that lists never walk through that.
    card        text not null,
    whole       text not null
);
