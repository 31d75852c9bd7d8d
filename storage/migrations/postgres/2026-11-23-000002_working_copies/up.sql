-- What editors work on: tags, articles with their sections, FAQs, the links between them, and their history.

create table tags (
    id           uuid not null primary key,
    slug         text collate "C" not null,
    name         text collate "C" not null,
    description  text,
    kind         text collate "C" not null,
    revision     bigint not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null
);
create unique index tags_slug on tags (slug);
create index tags_name on tags (name, id);
create index tags_updated on tags (updated_at, id);
create index tags_created on tags (created_at, id);

create table articles (
    id                  uuid not null primary key,
    kind                text not null,
    locale              text collate "C" not null,
    slug                text collate "C" not null,
    title               text collate "C" not null,
    dek                 text,
    excerpt             text,
    cover               text,
    seo                 text not null,
    metadata            text not null,
    words               bigint not null,
    characters          bigint not null,
    status              text collate "C" not null,
    review              text not null,
    revision            bigint not null,
    published_revision  bigint,
    publish_at          timestamptz,
    unpublish_at        timestamptz,
    published_at        timestamptz,
    first_published_at  timestamptz,
    created_at          timestamptz not null,
    created_by          text not null,
    updated_at          timestamptz not null,
    updated_by          text not null,
    deleted_at          timestamptz,
    deleted_by          text,
    -- Title, dek and sections in lower case, for the filter by text; last, because it is long.
    search_text         text not null
);
-- The slug of what was deleted is free.
create unique index articles_slug on articles (locale, slug) where deleted_at is null;
create index articles_updated on articles (updated_at, id) where deleted_at is null;
create index articles_created on articles (created_at, id) where deleted_at is null;
create index articles_title on articles (title, id) where deleted_at is null;
create index articles_due on articles (publish_at, id) where status = 'scheduled' and deleted_at is null;

create table sections (
    id              uuid not null primary key,
    article_id      uuid not null references articles (id) on delete cascade,
    position        bigint not null,
    kind            text not null,
    heading         text,
    level           bigint,
    anchor          text,
    anchor_aliases  text not null,
    content         text not null,
    revision        bigint not null,
    created_at      timestamptz not null,
    updated_at      timestamptz not null
);
create index sections_article on sections (article_id, position);

create table faqs (
    id                  uuid not null primary key,
    locale              text collate "C" not null,
    slug                text collate "C" not null,
    question            text collate "C" not null,
    answer              text not null,
    status              text collate "C" not null,
    revision            bigint not null,
    published_revision  bigint,
    published_at        timestamptz,
    first_published_at  timestamptz,
    created_at          timestamptz not null,
    created_by          text not null,
    updated_at          timestamptz not null,
    updated_by          text not null,
    deleted_at          timestamptz,
    deleted_by          text,
    search_text         text not null
);
create unique index faqs_slug on faqs (locale, slug) where deleted_at is null;
create index faqs_updated on faqs (updated_at, id) where deleted_at is null;
create index faqs_created on faqs (created_at, id) where deleted_at is null;
create index faqs_question on faqs (question, id) where deleted_at is null;

create table article_tags (
    article_id  uuid not null references articles (id) on delete cascade,
    tag_id      uuid not null references tags (id),
    position    bigint not null,
    primary key (article_id, tag_id)
);
create index article_tags_tag on article_tags (tag_id);

-- One author may stand twice in a byline, with two roles.
create table article_authors (
    article_id  uuid not null references articles (id) on delete cascade,
    author_id   uuid not null references authors (id),
    role        text not null,
    position    bigint not null,
    primary key (article_id, position)
);
create index article_authors_author on article_authors (author_id);

create table article_faqs (
    article_id  uuid not null references articles (id) on delete cascade,
    faq_id      uuid not null references faqs (id),
    position    bigint not null,
    primary key (article_id, faq_id)
);
create index article_faqs_faq on article_faqs (faq_id);

create table faq_tags (
    faq_id    uuid not null references faqs (id) on delete cascade,
    tag_id    uuid not null references tags (id),
    position  bigint not null,
    primary key (faq_id, tag_id)
);
create index faq_tags_tag on faq_tags (tag_id);

create table article_revisions (
    article_id  uuid not null references articles (id),
    revision    bigint not null,
    snapshot    text not null,
    credential  text not null,
    note        text not null,
    created_at  timestamptz not null,
    primary key (article_id, revision)
);

create table faq_revisions (
    faq_id      uuid not null references faqs (id),
    revision    bigint not null,
    snapshot    text not null,
    credential  text not null,
    note        text not null,
    created_at  timestamptz not null,
    primary key (faq_id, revision)
);
