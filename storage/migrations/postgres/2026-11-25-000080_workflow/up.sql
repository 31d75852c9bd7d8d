-- What was said of a working copy when its review last moved, and why a moment that came could not be kept.

alter table articles add column reviewed text;
alter table articles add column schedule_error text;
-- What failed is not looked at again until somebody schedules it anew.
drop index articles_due;
create index articles_due on articles (publish_at, id)
    where status = 'scheduled' and schedule_error is null and deleted_at is null;
create index articles_ending on articles (unpublish_at, id)
    where status = 'published' and unpublish_at is not null and schedule_error is null and deleted_at is null;
