drop index articles_ending;
drop index articles_due;
create index articles_due on articles (publish_at, id) where status = 'scheduled' and deleted_at is null;
alter table articles drop column schedule_error;
alter table articles drop column reviewed;
