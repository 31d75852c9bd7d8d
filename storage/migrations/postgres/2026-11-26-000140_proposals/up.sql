-- What somebody suggests of an article: operations, as JSON, which an editor accepts or rejects one by one. The counts
-- are those of the operations, so that lists need not read them.
create table proposals (
    id             uuid not null primary key,
    article_id     uuid not null references articles (id) on delete cascade,
    base_revision  bigint not null,
    message        text,
    status         text not null,
    undecided      bigint not null,
    accepted       bigint not null,
    rejected       bigint not null,
    withdrawn      bigint not null,
    revision       bigint not null,
    created_at     timestamptz not null,
    created_by     text collate "C" not null,
    updated_at     timestamptz not null,
    operations     text not null
);
create index proposals_article on proposals (article_id, created_at, id);
create index proposals_status on proposals (status, created_at, id);
create index proposals_created on proposals (created_at, id);
create index proposals_updated on proposals (updated_at, id);
create index proposals_maker on proposals (created_by, created_at);
