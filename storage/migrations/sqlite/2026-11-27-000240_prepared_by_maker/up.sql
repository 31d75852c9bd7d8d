-- Which articles somebody has finished, without walking through what was finished.
create index published_prepared_maker on published_prepared (made_by, article_id);
