-- What readers see, and the log of its changes.
--
-- References into the working side are checked at the commit: a use case may write both sides in any order.

create table published_articles (
    id                    blob not null primary key references articles (id) deferrable initially deferred,
    kind                  text not null,
    locale                text not null,
    slug                  text not null,
    title                 text not null,
    dek                   text,
    excerpt               text not null,
    cover                 text,
    seo                   text not null,
    metadata              text not null,
    toc                   text not null,
    word_count            integer not null,
    reading_time_minutes  integer not null,
    revision              integer not null,
    published_at          integer not null,
    first_published_at    integer not null,
    updated_at            integer not null,
    -- Last, so that lists never walk through it.
    sections              text not null
) strict;
create unique index published_articles_slug on published_articles (slug, locale);
create index published_articles_published on published_articles (published_at, id);
create index published_articles_first_published on published_articles (first_published_at, id);
create index published_articles_updated on published_articles (updated_at, id);
create index published_articles_title on published_articles (title, id);

create table published_faqs (
    id                  blob not null primary key references faqs (id) deferrable initially deferred,
    locale              text not null,
    slug                text not null,
    question            text not null,
    answer_html         text not null,
    answer_markdown     text not null,
    answer_text         text not null,
    revision            integer not null,
    published_at        integer not null,
    first_published_at  integer not null,
    updated_at          integer not null
) strict;
create unique index published_faqs_slug on published_faqs (slug, locale);
create index published_faqs_published on published_faqs (published_at, id);
create index published_faqs_updated on published_faqs (updated_at, id);
create index published_faqs_question on published_faqs (question, id);

create table published_tags (
    id           blob not null primary key references tags (id) deferrable initially deferred,
    slug         text not null,
    name         text not null,
    description  text,
    kind         text not null,
    revision     integer not null,
    created_at   integer not null,
    updated_at   integer not null
) strict;
create unique index published_tags_slug on published_tags (slug);
create index published_tags_name on published_tags (name, id);

create table published_authors (
    id          blob not null primary key references authors (id) deferrable initially deferred,
    slug        text not null,
    name        text not null,
    bio         text,
    avatar      text,
    links       text not null,
    revision    integer not null,
    created_at  integer not null,
    updated_at  integer not null
) strict;
create unique index published_authors_slug on published_authors (slug);
create index published_authors_name on published_authors (name, id);

create table published_article_tags (
    article_id  blob not null references published_articles (id) on delete cascade,
    tag_id      blob not null references tags (id) deferrable initially deferred,
    position    integer not null,
    primary key (article_id, tag_id)
) strict, without rowid;
create index published_article_tags_tag on published_article_tags (tag_id);

create table published_article_authors (
    article_id  blob not null references published_articles (id) on delete cascade,
    author_id   blob not null references authors (id) deferrable initially deferred,
    role        text not null,
    position    integer not null,
    primary key (article_id, position)
) strict, without rowid;
create index published_article_authors_author on published_article_authors (author_id);

-- The FAQ itself need not be published: it shows as soon as it is.
create table published_article_faqs (
    article_id  blob not null references published_articles (id) on delete cascade,
    faq_id      blob not null references faqs (id) deferrable initially deferred,
    position    integer not null,
    primary key (article_id, faq_id)
) strict, without rowid;
create index published_article_faqs_faq on published_article_faqs (faq_id);

create table published_faq_tags (
    faq_id    blob not null references published_faqs (id) on delete cascade,
    tag_id    blob not null references tags (id) deferrable initially deferred,
    position  integer not null,
    primary key (faq_id, tag_id)
) strict, without rowid;
create index published_faq_tags_tag on published_faq_tags (tag_id);

create table changes (
    seq          integer not null primary key,
    op           text not null,
    resource     text not null,
    resource_id  blob not null,
    slug         text not null,
    locale       text,
    reason       text not null,
    cache_tags   text not null,
    created_at   integer not null
) strict;

-- The number of the newest change. Its one row is the lock that puts the log in the order of commits.
create table log_head (
    id   integer not null primary key check (id = 1),
    seq  integer not null
) strict;
insert into log_head (id, seq) values (1, 0);
