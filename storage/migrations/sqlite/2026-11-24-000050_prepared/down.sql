drop table published_prepared;
