-- Which texts of the article a word stands in: bit n for the text with position n, the highest but the sign for all from
-- 62 on. Where nobody has looked yet, it may be any of them.
alter table published_search_postings add column places integer not null default -1;

-- Where the text stands in the article; where it is null, its position says so. Positions stay as they are when texts
-- come and go around them.
alter table published_search_parts add column ordinal integer;

-- What was finished is made again.
drop table published_prepared;
create table published_prepared (
    article_id  blob not null primary key references published_articles (id) on delete cascade,
    made_by     text not null,
    stamp       text not null,
    made_at     integer not null,
    cache_tags  text not null,
    card_stamp  text not null,
    -- As what searches show of it; the longer ones last, so that nobody walks through what was not asked for.
    hit         text not null,
    -- As a row of a list.
    card        text not null,
    whole       text not null
) strict;

-- The newest migration at the time when all that older ones did not keep had been filled in: where it is the newest of
-- all, a start need not look through everything again.
create table filled_through (
    migration  text not null
) strict;
insert into filled_through (migration) values ('');
