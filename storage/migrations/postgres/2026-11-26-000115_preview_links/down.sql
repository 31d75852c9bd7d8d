drop index articles_slug_alone;
drop table preview_links;
