drop table audit_entries;
drop table audit_head;
drop function refuse_change_of_audit();
drop function follow_audit();
