-- What somebody suggests of an article: operations, as JSON, which an editor accepts or rejects one by one. The counts
-- are those of the operations, so that lists need not read them.
create table proposals (
    id             blob not null primary key,
    article_id     blob not null references articles (id) on delete cascade,
    base_revision  integer not null,
    message        text,
    status         text not null,
    undecided      integer not null,
    accepted       integer not null,
    rejected       integer not null,
    withdrawn      integer not null,
    revision       integer not null,
    created_at     integer not null,
    created_by     text not null,
    updated_at     integer not null,
    operations     text not null
) strict;
create index proposals_article on proposals (article_id, created_at, id);
create index proposals_status on proposals (status, created_at, id);
create index proposals_created on proposals (created_at, id);
create index proposals_updated on proposals (updated_at, id);
create index proposals_maker on proposals (created_by, created_at);
