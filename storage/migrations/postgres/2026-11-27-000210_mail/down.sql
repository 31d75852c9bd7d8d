alter table users drop column email_verified_at;
drop table tickets;
drop table mail;
