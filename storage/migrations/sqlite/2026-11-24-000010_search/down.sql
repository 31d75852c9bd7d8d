drop table published_search_name_grams;
drop table published_search_name_words;
drop table published_search_names;
drop table published_search_postings;
drop table published_search_parts;
drop table published_search_documents;
