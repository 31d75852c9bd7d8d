-- Nothing is lost: what is still packed stops this. The service unpacks it first.
create table revisions_still_packed (number integer not null check (number = 0));
insert into revisions_still_packed select count(*) from article_revisions where snapshot = '';
insert into revisions_still_packed select count(*) from faq_revisions where snapshot = '';
drop table revisions_still_packed;

alter table article_revisions drop column packed;
alter table article_revisions drop column base;
alter table article_revisions drop column touched;

alter table faq_revisions drop column packed;
alter table faq_revisions drop column base;
alter table faq_revisions drop column touched;
