// What pages read. Next.js keeps it under the tags that the service names, until one of them is revalidated.

import { cacheLife, cacheTag } from "next/cache";
import type { Article, ArticleRow, Resolved, Schemas } from "@masthead/client";
import { createClient } from "@masthead/client";

/** Stands on everything that is kept, so that all of it can be dropped at once. */
export const EVERYTHING = "masthead";
/** Each change is announced under one of these. */
const LISTS = ["articles", "faqs", "tags", "authors"];
/** Tags that Next.js takes for one thing. */
const MOST = 128;

// Next.js keeps the answers, so the client need not.
const client = createClient({ baseUrl: process.env["MASTHEAD_URL"] ?? "http://127.0.0.1:8080", cache: false });

/** The tags of an answer as Next.js can take them: where they are too many, those of whole lists stand for them. */
export function tagsFor(cacheTags: readonly string[]): string[] {
  const tags = [EVERYTHING, ...cacheTags];
  return tags.length <= MOST ? tags : [EVERYTHING, ...LISTS];
}

/** What became of an article's address. Needs `cacheComponents: true` in next.config. */
export async function getArticle(
  slug: string,
): Promise<Resolved<{ readonly data: Article; readonly links: Schemas["SelfLink"] }>> {
  "use cache";
  cacheLife("max");
  const resolved = await client.articles.resolve({ slug });
  // The `Cache-Tag` header says what it shows. What is missing comes with a change of the list.
  const shown =
    resolved.state === "found" ? resolved.http.cacheTags : resolved.state === "missing" ? LISTS : resolved.cacheTags;
  cacheTag(...tagsFor(shown));
  return resolved;
}

/** The newest articles in a language. Here the tags are known before: every article's change names the list. */
export async function latest(locale: string): Promise<ArticleRow<undefined, readonly ["dek", "published_at"]>[]> {
  const page = await client.articles.list(
    { locale, fields: ["dek", "published_at"], limit: 20 },
    { init: { cache: "force-cache", next: { tags: [EVERYTHING, "articles"] } } },
  );
  return page.data;
}
