-- Links that open one working copy, until they expire or somebody takes them back. A token is known by its SHA-256.
create table preview_links (
    id          uuid not null primary key,
    article_id  uuid not null references articles (id) on delete cascade,
    digest      bytea not null,
    created_by  text not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null
);
create unique index preview_links_digest on preview_links (digest);
create index preview_links_article on preview_links (article_id, created_at, id);
create index preview_links_expiry on preview_links (expires_at);

-- A preview by its slug alone.
create index articles_slug_alone on articles (slug, locale) where deleted_at is null;
