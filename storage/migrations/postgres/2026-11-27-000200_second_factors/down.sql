alter table sessions drop column restricted;
drop table recovery_codes;
drop table second_factors;
