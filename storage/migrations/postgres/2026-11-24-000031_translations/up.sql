-- The story that an article tells in its language. One that stands alone is named after its article.

alter table articles add column story_id uuid;
alter table published_articles add column story_id uuid;
update articles set story_id = id;
update published_articles set story_id = id;
alter table articles alter column story_id set not null;
alter table published_articles alter column story_id set not null;
create unique index articles_story on articles (story_id, locale) where deleted_at is null;
create index published_articles_story on published_articles (story_id, locale);
