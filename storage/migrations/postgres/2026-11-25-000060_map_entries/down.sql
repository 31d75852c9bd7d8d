drop table published_map_entries;
