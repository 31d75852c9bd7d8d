alter table published_authors drop column search_text;
alter table published_tags drop column search_text;
alter table published_faqs drop column search_text;
drop index published_articles_locale;
create index published_article_tags_tag on published_article_tags (tag_id);
drop index published_article_tags_newest;
alter table published_article_tags drop column published_at;
drop table history_bodies;
drop table published_history;
