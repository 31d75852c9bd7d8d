-- Which texts of the article a word stands in: bit n for the text with position n, the highest but the sign for all from
-- 62 on. Where nobody has looked yet, it may be any of them.
alter table published_search_postings add column places bigint not null default -1;
alter table published_search_postings
    drop constraint published_search_postings_pkey,
    add primary key (term, document) include (weight, dated, places);
-- The hits of one word in their order, so that a page of them costs the same however many there are. Rows lie scattered
-- until a vacuum has been there, and each would have to be looked at.
create index published_search_postings_rank
    on published_search_postings (term, weight desc, dated desc, document desc);

-- Where the text stands in the article; where it is null, its position says so. Positions stay as they are when texts
-- come and go around them.
alter table published_search_parts add column ordinal bigint;

-- What was finished is made again.
drop table published_prepared;
create table published_prepared (
    article_id  uuid not null primary key references published_articles (id) on delete cascade,
    made_by     text not null,
    stamp       text not null,
    made_at     timestamptz not null,
    cache_tags  text not null,
    card_stamp  text not null,
    -- As what searches show of it; the longer ones last, so that nobody walks through what was not asked for.
    hit         text not null,
    -- As a row of a list.
    card        text not null,
    whole       text not null
);

-- The newest migration at the time when all that older ones did not keep had been filled in: where it is the newest of
-- all, a start need not look through everything again.
create table filled_through (
    migration  text not null
);
insert into filled_through (migration) values ('');
