drop table purged;
drop table trash;
