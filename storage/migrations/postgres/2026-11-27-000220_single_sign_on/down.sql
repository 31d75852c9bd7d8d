alter table sessions drop column external;
drop table provider_identities;
drop table pending_logins;
