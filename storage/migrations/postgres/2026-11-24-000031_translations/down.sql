drop index published_articles_story;
drop index articles_story;
alter table published_articles drop column story_id;
alter table articles drop column story_id;
