-- The history is kept packed: a revision as what differs from an earlier one. Rows from before stay as they are, with
-- their snapshot; packed rows have an empty one.
alter table article_revisions add column packed bytea;
-- The revision it is told by; null where it stands alone.
alter table article_revisions add column base bigint;
-- Which fields and sections it changed.
alter table article_revisions add column touched text;

alter table faq_revisions add column packed bytea;
alter table faq_revisions add column base bigint;
alter table faq_revisions add column touched text;
