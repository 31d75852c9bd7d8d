-- Where articles stand in sitemaps: each in a place that it keeps as long as readers see it. A sitemap is a stretch of
-- places. What search engines are not to know has none.
create table published_map_entries (
    place       bigint not null primary key,
    article_id  uuid not null references published_articles (id) on delete cascade
);
create unique index published_map_entries_article on published_map_entries (article_id);
insert into published_map_entries (place, article_id)
select row_number() over (order by first_published_at, id), id
from published_articles
where seo not like '%"no\_index":true%' escape '\';
