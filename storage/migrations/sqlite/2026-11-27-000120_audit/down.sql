drop table audit_entries;
drop table audit_head;
