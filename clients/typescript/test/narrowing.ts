// Holds the types against what the service does. Compiling is the test; test/server/narrowing.test.ts holds the same
// against real answers.

import type { Article, ArticleListQuery, Client, Prose, Section } from "@masthead/client";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where both types are the same. */
function same<A, B>(_: Same<A, B>): void {}

type Naming = "id" | "kind" | "locale" | "slug" | "title";

export async function narrowing(client: Client, words: string[], wide: ArticleListQuery): Promise<void> {
  // Nothing asked for: everything but sections and FAQs.
  const plain = (await client.articles.list()).data[0]!;
  same<keyof typeof plain, Exclude<keyof Article, "sections" | "faqs">>(true);
  same<typeof plain.dek, string | null>(true);
  // @ts-expect-error -- not asked for
  plain.faqs;

  // `include` adds; bodies are HTML where nothing else is said.
  const included = (await client.articles.list({ include: ["faqs"] })).data[0]!;
  same<(typeof included.faqs)[number]["answer"], { html: string }>(true);
  // @ts-expect-error -- not asked for
  included.sections;

  // `fields` picks, beside what names the article.
  const picked = (await client.articles.list({ fields: ["dek", "cover"] })).data[0]!;
  same<keyof typeof picked, Naming | "dek" | "cover">(true);
  // @ts-expect-error -- not picked
  picked.excerpt;
  // Not even authors and tags, which are there otherwise.
  // @ts-expect-error -- not picked
  picked.tags;

  // Both together; and a relation may stand among the fields.
  const both = (await client.articles.list({ fields: ["dek"], include: ["tags", "sections"] })).data[0]!;
  same<keyof typeof both, Naming | "dek" | "tags" | "sections">(true);
  const named = (await client.articles.list({ fields: ["faqs"], format: ["text"] })).data[0]!;
  same<keyof typeof named, Naming | "faqs">(true);
  same<(typeof named.faqs)[number]["answer"], { text: string }>(true);

  // `format` says which forms are there.
  const article = (await client.articles.get({ slug: "a", format: ["html", "markdown"] })).data;
  same<(typeof article.faqs)[number]["answer"], { html: string; markdown: string }>(true);
  const section: Section<readonly ["html", "markdown"]> = article.sections[0]!;
  if (section.kind === "text") {
    same<typeof section.body, { html: string; markdown: string }>(true);
    // @ts-expect-error -- not asked for
    section.body.text;
  }
  // @ts-expect-error -- a picture has no body
  if (section.kind === "image") section.body;

  // What is known only at run time may be there.
  const format = words.length > 0 ? (["html"] as const) : (["text"] as const);
  const either = (await client.faqs.get({ id: "a", format })).data;
  same<typeof either.answer, { html: string } | { text: string }>(true);
  const unknown = (await client.articles.list(wide)).data[0]!;
  same<typeof unknown.title, string>(true);
  // @ts-expect-error -- perhaps there
  unknown.faqs?.[0]?.answer.html.length;
  const forms: ("html" | "text")[] = ["html"];
  const perhaps = (await client.faqs.list({ format: forms })).data[0]!;
  same<typeof perhaps.answer, { html?: string; text?: string }>(true);
  same<Prose<readonly ["html" | "text"]>, { html?: string; text?: string }>(true);
  same<Prose<readonly ["markdown", "html" | "text"]>, { markdown: string; html?: string; text?: string }>(true);

  // Totals and facets are there when they were asked for.
  const tags = await client.tags.list();
  same<typeof tags.meta, { limit: number }>(true);
  const counted = await client.tags.list({ count: "exact" });
  same<typeof counted.meta.total, number>(true);
  const uncounted = await client.articles.list({ limit: 5 });
  // @ts-expect-error -- nothing is counted without being asked
  uncounted.meta.total;
  const found = await client.search({ q: "tide", facets: ["tag"] });
  found.data.facets.tag.length;
  // @ts-expect-error -- not asked for
  found.data.facets.year;

  // Rows keep their types when they are iterated.
  for await (const row of client.articles.all({ fields: ["dek"], include: ["faqs"], format: ["text"] })) {
    same<keyof typeof row, Naming | "dek" | "faqs">(true);
    same<(typeof row.faqs)[number]["answer"], { text: string }>(true);
  }

  // What became of an address is one of four.
  const resolved = await client.articles.resolve({ slug: "a", locale: "en" });
  switch (resolved.state) {
    case "found":
      same<typeof resolved.data, Article>(true);
      break;
    case "moved":
      same<typeof resolved.movedTo.slug, string>(true);
      break;
    case "gone":
    case "missing":
      break;
    default: {
      const forgotten: never = resolved;
      throw forgotten;
    }
  }

  // What no route knows does not compile.
  // @ts-expect-error -- no such parameter
  await client.articles.list({ tags: "sea" });
  // @ts-expect-error -- no such relation
  await client.articles.list({ include: ["comments"] });
  // @ts-expect-error -- no such field
  await client.articles.list({ fields: ["body"] });
  // @ts-expect-error -- no such form
  await client.articles.get({ id: "a", format: ["pdf"] });
  // @ts-expect-error -- an article is named by its id or by its slug
  await client.articles.get({ locale: "en" });
  // @ts-expect-error -- from end to end there is no way back
  client.articles.all({ before: "x" });
  // @ts-expect-error -- a search needs words
  await client.search({});

  // Every address of the document, by its own types.
  const one = await client.request("/delivery/v1/tags/{slug}", { path: { slug: "sea" } });
  same<typeof one.data.articles_count, number>(true);
  // @ts-expect-error -- no such address
  await client.request("/delivery/v1/drafts", {});
}
