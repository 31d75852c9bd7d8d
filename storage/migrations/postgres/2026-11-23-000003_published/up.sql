-- What readers see, and the log of its changes.
--
-- References into the working side are checked at the commit: a use case may write both sides in any order.

create table published_articles (
    id                    uuid not null primary key references articles (id) deferrable initially deferred,
    kind                  text not null,
    locale                text collate "C" not null,
    slug                  text collate "C" not null,
    title                 text collate "C" not null,
    dek                   text,
    excerpt               text not null,
    cover                 text,
    seo                   text not null,
    metadata              text not null,
    toc                   text not null,
    word_count            bigint not null,
    reading_time_minutes  bigint not null,
    revision              bigint not null,
    published_at          timestamptz not null,
    first_published_at    timestamptz not null,
    updated_at            timestamptz not null,
    -- Last, so that lists never walk through it.
    sections              text not null
);
create unique index published_articles_slug on published_articles (slug, locale);
create index published_articles_published on published_articles (published_at, id);
create index published_articles_first_published on published_articles (first_published_at, id);
create index published_articles_updated on published_articles (updated_at, id);
create index published_articles_title on published_articles (title, id);

create table published_faqs (
    id                  uuid not null primary key references faqs (id) deferrable initially deferred,
    locale              text collate "C" not null,
    slug                text collate "C" not null,
    question            text collate "C" not null,
    answer_html         text not null,
    answer_markdown     text not null,
    answer_text         text not null,
    revision            bigint not null,
    published_at        timestamptz not null,
    first_published_at  timestamptz not null,
    updated_at          timestamptz not null
);
create unique index published_faqs_slug on published_faqs (slug, locale);
create index published_faqs_published on published_faqs (published_at, id);
create index published_faqs_updated on published_faqs (updated_at, id);
create index published_faqs_question on published_faqs (question, id);

create table published_tags (
    id           uuid not null primary key references tags (id) deferrable initially deferred,
    slug         text collate "C" not null,
    name         text collate "C" not null,
    description  text,
    kind         text collate "C" not null,
    revision     bigint not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null
);
create unique index published_tags_slug on published_tags (slug);
create index published_tags_name on published_tags (name, id);

create table published_authors (
    id          uuid not null primary key references authors (id) deferrable initially deferred,
    slug        text collate "C" not null,
    name        text collate "C" not null,
    bio         text,
    avatar      text,
    links       text not null,
    revision    bigint not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create unique index published_authors_slug on published_authors (slug);
create index published_authors_name on published_authors (name, id);

create table published_article_tags (
    article_id  uuid not null references published_articles (id) on delete cascade,
    tag_id      uuid not null references tags (id) deferrable initially deferred,
    position    bigint not null,
    primary key (article_id, tag_id)
);
create index published_article_tags_tag on published_article_tags (tag_id);

create table published_article_authors (
    article_id  uuid not null references published_articles (id) on delete cascade,
    author_id   uuid not null references authors (id) deferrable initially deferred,
    role        text not null,
    position    bigint not null,
    primary key (article_id, position)
);
create index published_article_authors_author on published_article_authors (author_id);

-- The FAQ itself need not be published: it shows as soon as it is.
create table published_article_faqs (
    article_id  uuid not null references published_articles (id) on delete cascade,
    faq_id      uuid not null references faqs (id) deferrable initially deferred,
    position    bigint not null,
    primary key (article_id, faq_id)
);
create index published_article_faqs_faq on published_article_faqs (faq_id);

create table published_faq_tags (
    faq_id    uuid not null references published_faqs (id) on delete cascade,
    tag_id    uuid not null references tags (id) deferrable initially deferred,
    position  bigint not null,
    primary key (faq_id, tag_id)
);
create index published_faq_tags_tag on published_faq_tags (tag_id);

create table changes (
    seq          bigint not null primary key,
    op           text not null,
    resource     text not null,
    resource_id  uuid not null,
    slug         text not null,
    locale       text,
    reason       text not null,
    cache_tags   text not null,
    created_at   timestamptz not null
);

-- The number of the newest change. Its one row is the lock that puts the log in the order of commits.
create table log_head (
    id   bigint not null primary key check (id = 1),
    seq  bigint not null
);
insert into log_head (id, seq) values (1, 0);
