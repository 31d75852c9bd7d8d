drop table published_redirects;
drop table published_gone;
drop table published_log;
drop index changes_resource;
alter table changes drop column redirect_to;
