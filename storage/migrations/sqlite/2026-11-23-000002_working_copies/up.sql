-- What editors work on: tags, articles with their sections, FAQs, the links between them, and their history.

create table tags (
    id           blob not null primary key,
    slug         text not null,
    name         text not null,
    description  text,
    kind         text not null,
    revision     integer not null,
    created_at   integer not null,
    updated_at   integer not null
) strict;
create unique index tags_slug on tags (slug);
create index tags_name on tags (name, id);
create index tags_updated on tags (updated_at, id);
create index tags_created on tags (created_at, id);

create table articles (
    id                  blob not null primary key,
    kind                text not null,
    locale              text not null,
    slug                text not null,
    title               text not null,
    dek                 text,
    excerpt             text,
    cover               text,
    seo                 text not null,
    metadata            text not null,
    words               integer not null,
    characters          integer not null,
    status              text not null,
    review              text not null,
    revision            integer not null,
    published_revision  integer,
    publish_at          integer,
    unpublish_at        integer,
    published_at        integer,
    first_published_at  integer,
    created_at          integer not null,
    created_by          text not null,
    updated_at          integer not null,
    updated_by          text not null,
    deleted_at          integer,
    deleted_by          text,
    -- Title, dek and sections in lower case, for the filter by text; last, because it is long.
    search_text         text not null
) strict;
-- The slug of what was deleted is free.
create unique index articles_slug on articles (locale, slug) where deleted_at is null;
create index articles_updated on articles (updated_at, id) where deleted_at is null;
create index articles_created on articles (created_at, id) where deleted_at is null;
create index articles_title on articles (title, id) where deleted_at is null;
create index articles_due on articles (publish_at, id) where status = 'scheduled' and deleted_at is null;

create table sections (
    id              blob not null primary key,
    article_id      blob not null references articles (id) on delete cascade,
    position        integer not null,
    kind            text not null,
    heading         text,
    level           integer,
    anchor          text,
    anchor_aliases  text not null,
    content         text not null,
    revision        integer not null,
    created_at      integer not null,
    updated_at      integer not null
) strict;
create index sections_article on sections (article_id, position);

create table faqs (
    id                  blob not null primary key,
    locale              text not null,
    slug                text not null,
    question            text not null,
    answer              text not null,
    status              text not null,
    revision            integer not null,
    published_revision  integer,
    published_at        integer,
    first_published_at  integer,
    created_at          integer not null,
    created_by          text not null,
    updated_at          integer not null,
    updated_by          text not null,
    deleted_at          integer,
    deleted_by          text,
    search_text         text not null
) strict;
create unique index faqs_slug on faqs (locale, slug) where deleted_at is null;
create index faqs_updated on faqs (updated_at, id) where deleted_at is null;
create index faqs_created on faqs (created_at, id) where deleted_at is null;
create index faqs_question on faqs (question, id) where deleted_at is null;

create table article_tags (
    article_id  blob not null references articles (id) on delete cascade,
    tag_id      blob not null references tags (id),
    position    integer not null,
    primary key (article_id, tag_id)
) strict, without rowid;
create index article_tags_tag on article_tags (tag_id);

-- One author may stand twice in a byline, with two roles.
create table article_authors (
    article_id  blob not null references articles (id) on delete cascade,
    author_id   blob not null references authors (id),
    role        text not null,
    position    integer not null,
    primary key (article_id, position)
) strict, without rowid;
create index article_authors_author on article_authors (author_id);

create table article_faqs (
    article_id  blob not null references articles (id) on delete cascade,
    faq_id      blob not null references faqs (id),
    position    integer not null,
    primary key (article_id, faq_id)
) strict, without rowid;
create index article_faqs_faq on article_faqs (faq_id);

create table faq_tags (
    faq_id    blob not null references faqs (id) on delete cascade,
    tag_id    blob not null references tags (id),
    position  integer not null,
    primary key (faq_id, tag_id)
) strict, without rowid;
create index faq_tags_tag on faq_tags (tag_id);

create table article_revisions (
    article_id  blob not null references articles (id),
    revision    integer not null,
    snapshot    text not null,
    credential  text not null,
    note        text not null,
    created_at  integer not null,
    primary key (article_id, revision)
) strict;

create table faq_revisions (
    faq_id      blob not null references faqs (id),
    revision    integer not null,
    snapshot    text not null,
    credential  text not null,
    note        text not null,
    created_at  integer not null,
    primary key (faq_id, revision)
) strict;
