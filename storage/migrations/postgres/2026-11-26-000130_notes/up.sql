-- What those who work on a text say to one another about it: threads of notes. The first note of a thread has no
-- `thread_id`; what it is about is one article or one FAQ, and perhaps a section, which may be gone and come back.
create table notes (
    id           uuid not null primary key,
    thread_id    uuid references notes (id) on delete cascade,
    article_id   uuid references articles (id) on delete cascade,
    faq_id       uuid references faqs (id) on delete cascade,
    section_id   uuid,
    quote        text,
    body         text not null,
    replies      bigint not null,
    resolved_at  timestamptz,
    resolved_by  text,
    revision     bigint not null,
    created_at   timestamptz not null,
    created_by   text collate "C" not null,
    updated_at   timestamptz not null,
    check ((article_id is null) <> (faq_id is null))
);
create index notes_thread on notes (thread_id, created_at, id);
create index notes_article on notes (article_id, created_at, id) where thread_id is null;
create index notes_faq on notes (faq_id, created_at, id) where thread_id is null;
create index notes_created on notes (created_at, id) where thread_id is null;
create index notes_updated on notes (updated_at, id) where thread_id is null;
-- What goes with an article or a FAQ is found by it, replies as well.
create index notes_of_article on notes (article_id);
create index notes_of_faq on notes (faq_id);

-- Whom a note speaks to, in order; `first_id` is the first note of its thread.
create table note_mentions (
    note_id   uuid not null references notes (id) on delete cascade,
    user_id   uuid not null references users (id) on delete cascade,
    first_id  uuid not null,
    position  bigint not null,
    primary key (note_id, user_id)
);
create index note_mentions_user on note_mentions (user_id, first_id);
