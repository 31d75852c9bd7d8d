drop index published_prepared_maker;
