-- What readers find things by. All of it is made of the published tables, in the transactions that write them.

-- An article by its number in the index. Numbers are never used twice.
create table published_search_documents (
    number      integer not null primary key autoincrement,
    article_id  blob not null references published_articles (id) on delete cascade,
    -- The second of its first publication, since 1970.
    dated       integer not null,
    year        integer not null,
    kind        text not null
) strict;
create unique index published_search_documents_article on published_search_documents (article_id);

-- The texts of an article, with their words in order and the places of these.
create table published_search_parts (
    document    integer not null references published_search_documents (number) on delete cascade,
    position    integer not null,
    field       text not null,
    section_id  blob,
    faq_id      blob,
    anchor      text,
    words       text not null,
    spans       blob not null,
    text        text not null,
    primary key (document, position)
) strict;

-- Which articles hold a word, and what it weighs there. The date stands beside it, so that hits can be put in order
-- without a look at anything else.
create table published_search_postings (
    term      text not null,
    document  integer not null,
    weight    integer not null,
    dated     integer not null,
    primary key (term, document)
) strict, without rowid;

-- Titles, and the names of tags and authors.
create table published_search_names (
    number  integer not null primary key autoincrement,
    kind    text not null,
    item    blob not null,
    slug    text not null,
    locale  text,
    text    text not null,
    words   text not null
) strict;
create unique index published_search_names_item on published_search_names (kind, item);

create table published_search_name_words (
    word   text not null,
    name   integer not null references published_search_names (number) on delete cascade,
    place  integer not null,
    primary key (word, name)
) strict, without rowid;
create index published_search_name_words_name on published_search_name_words (name);

-- Words by their pairs of letters. A word that no name has any more does no harm here.
create table published_search_name_grams (
    gram  text not null,
    word  text not null,
    primary key (gram, word)
) strict, without rowid;
