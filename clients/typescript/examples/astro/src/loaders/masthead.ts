// A content-layer loader: a first build reads everything, each later one only what has changed since.

import type { Loader } from "astro/loaders";
import type { Article, Client } from "@masthead/client";

/** What an entry of the collection holds. */
export interface ArticleEntry extends Record<string, unknown> {
  article: Article;
  /** Everything the article shows: a change that touches one of these touches the article. */
  cacheTags: readonly string[];
}

/** How many articles are fetched at a time. */
const AT_ONCE = 8;

/**
 * Loads all published articles, by id. `source` names what is read, such as the address of the service: an entry that
 * came from elsewhere is not kept. Let the client read from the service itself, not through a shared cache that could
 * be older than the log of changes.
 */
export function mastheadLoader({ client, source }: { client: Client; source: string }): Loader {
  return {
    name: "masthead",
    async load({ store, meta, logger, generateDigest }) {
      if (meta.get("source") !== source) {
        store.clear();
        meta.delete("cursor");
        meta.set("source", source);
      }

      const fetch = async (id: string) => {
        const found = await client.articles.resolve({ id });
        if (found.state !== "found") {
          // It went after the entry was written; its tombstone is on the way.
          store.delete(id);
          return;
        }
        const data: ArticleEntry = { article: found.data, cacheTags: found.http.cacheTags };
        store.set({ id, data, digest: generateDigest(data) });
      };

      let fetched = 0;
      for await (const batch of client.changes.batches({ since: meta.get("cursor"), restart: true })) {
        if (batch.restarted) {
          logger.warn("The log of changes does not go back as far as the last build: reading everything again.");
          store.clear();
        }
        const due = new Set<string>();
        for (const change of batch.changes) {
          if (change.type === "article" && change.op === "upsert") due.add(change.id);
          // With "renamed" only the old slug is gone, and an upsert follows; entries go by id.
          if (change.type === "article" && change.op === "delete" && change.reason !== "renamed") {
            due.delete(change.id);
            store.delete(change.id);
          }
        }
        // A tag was renamed, an FAQ corrected: the articles that show it are different, and have no entry of their own.
        const touched = new Set(batch.changes.flatMap((change) => change.cache_tags));
        for (const [id, { data }] of store.entries()) {
          if ((data as ArticleEntry).cacheTags.some((tag) => touched.has(tag))) due.add(id);
        }
        const ids = [...due];
        for (let at = 0; at < ids.length; at += AT_ONCE) await Promise.all(ids.slice(at, at + AT_ONCE).map(fetch));
        fetched += ids.length;
        // Last: a build that stops before takes the same batch again.
        meta.set("cursor", batch.cursor);
      }
      logger.info(`${fetched} articles fetched, ${store.keys().length} in the collection`);
    },
  };
}
