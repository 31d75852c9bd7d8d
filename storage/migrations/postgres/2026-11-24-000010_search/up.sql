-- What readers find things by. All of it is made of the published tables, in the transactions that write them.

-- An article by its number in the index. Numbers are never used twice.
create table published_search_documents (
    number      bigint generated always as identity primary key,
    article_id  uuid not null references published_articles (id) on delete cascade,
    -- The second of its first publication, since 1970.
    dated       bigint not null,
    year        bigint not null,
    kind        text collate "C" not null
);
create unique index published_search_documents_article on published_search_documents (article_id);

-- The texts of an article, with their words in order and the places of these.
create table published_search_parts (
    document    bigint not null references published_search_documents (number) on delete cascade,
    position    bigint not null,
    field       text not null,
    section_id  uuid,
    faq_id      uuid,
    anchor      text,
    words       text collate "C" not null,
    spans       bytea not null,
    text        text not null,
    primary key (document, position)
);

-- Which articles hold a word, and what it weighs there. The date stands beside it, so that hits can be put in order
-- without a look at anything else.
create table published_search_postings (
    term      text collate "C" not null,
    document  bigint not null,
    weight    bigint not null,
    dated     bigint not null,
    primary key (term, document) include (weight, dated)
);

-- Titles, and the names of tags and authors.
create table published_search_names (
    number  bigint generated always as identity primary key,
    kind    text collate "C" not null,
    item    uuid not null,
    slug    text collate "C" not null,
    locale  text collate "C",
    text    text collate "C" not null,
    words   text collate "C" not null
);
create unique index published_search_names_item on published_search_names (kind, item);

create table published_search_name_words (
    word   text collate "C" not null,
    name   bigint not null references published_search_names (number) on delete cascade,
    place  bigint not null,
    primary key (word, name)
);
create index published_search_name_words_name on published_search_name_words (name);

-- Words by their pairs of letters. A word that no name has any more does no harm here.
create table published_search_name_grams (
    gram  text collate "C" not null,
    word  text collate "C" not null,
    primary key (gram, word)
);
