// Reading from a running service: the types tell the truth, pages, entity tags, addresses that changed, search.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import type { Article } from "@masthead/client";
import { GoneError, MastheadError, MovedError, createClient } from "@masthead/client";

import type { Written } from "./service.js";
import { baseUrl, closedUrl, counting, editor, gather, key } from "./service.js";

const NAMING = ["id", "kind", "locale", "slug", "title"];
const ALWAYS = [
  ...NAMING,
  ...["authors", "cover", "dek", "excerpt", "first_published_at", "metadata", "published_at", "reading_time_minutes"],
  ...["seo", "tags", "toc", "updated_at", "word_count"],
];

let whole: Written;
let series: Written;

before(async () => {
  series = await editor.tag("Oceans");
  await editor.author("Ada Marsh");
  whole = await editor.published("Why tides turn", {
    dek: "Twice a day the sea changes its mind.",
    sections: [
      { kind: "text", heading: "Introduction", body: "The sea is **never** still." },
      { kind: "quote", body: "Wait.", attribution: "A proverb" },
      { kind: "image", image: "/ebb.jpg", alt: "Mud" },
    ],
    faqs: [{ question: "How often?", answer: "Every *six* hours." }],
    tags: ["oceans"],
    authors: [{ slug: "ada-marsh", role: "writer" }],
  });
  for (let number = 1; number <= 6; number += 1) await editor.published(`Piece ${number}`, { tags: ["oceans"] });
});

function keys(row: object | undefined): string[] {
  return Object.keys(row ?? {}).sort();
}

test("rows hold what their types say: include and fields", async () => {
  const { client } = counting();
  const first = async (list: Promise<{ data: object[] }>) => keys((await list).data[0]);
  const { articles } = client;
  assert.deepEqual(await first(articles.list()), [...ALWAYS].sort());
  assert.deepEqual(await first(articles.list({ include: ["faqs"] })), [...ALWAYS, "faqs"].sort());
  assert.deepEqual(await first(articles.list({ include: ["tags", "sections"] })), [...ALWAYS, "sections"].sort());
  assert.deepEqual(await first(articles.list({ fields: ["dek", "cover"] })), [...NAMING, "dek", "cover"].sort());
  assert.deepEqual(await first(articles.list({ fields: ["faqs"] })), [...NAMING, "faqs"].sort());
  const both = articles.list({ fields: ["dek"], include: ["tags", "sections"] });
  assert.deepEqual(await first(both), [...NAMING, "dek", "sections", "tags"].sort());
});

test("texts hold the forms that their types say", async () => {
  const { client } = counting();
  const plain = await client.articles.get({ slug: "why-tides-turn" });
  const [text, quote, image] = plain.data.sections;
  assert.ok(text?.kind === "text" && quote?.kind === "quote" && image?.kind === "image");
  assert.deepEqual(text.body, { html: "<p>The sea is <strong>never</strong> still.</p>" });
  assert.deepEqual(keys(quote.body), ["html"]);
  assert.ok(!("body" in image));
  const other = await client.articles.get({ id: whole.id, format: ["markdown", "text"] });
  assert.deepEqual(other.data.faqs[0]?.answer, { markdown: "Every *six* hours.", text: "Every six hours." });
  const faq = await client.faqs.get({ id: other.data.faqs[0].id, format: ["text"] });
  assert.deepEqual(faq.data.answer, { text: "Every six hours." });
  const sections = await client.articles.sections({ id: whole.id, format: ["text"] });
  assert.deepEqual(sections.data[0]?.kind === "text" && sections.data[0].body, { text: "The sea is never still." });
  const faqs = await client.articles.faqs({ id: whole.id });
  assert.deepEqual(keys(faqs.data[0]?.answer), ["html"]);
});

test("an article is a Markdown document and JSON-LD as well", async () => {
  const { client } = counting();
  const markdown = await client.articles.markdown({ slug: "why-tides-turn" });
  assert.match(markdown.data, /^# Why tides turn/m);
  const jsonLd = await client.articles.jsonLd({ id: whole.id });
  assert.equal(jsonLd.data["@context"], "https://schema.org");
  assert.ok(markdown.http.etag !== jsonLd.http.etag);
});

test("pages hold as many rows as they may, and together every row once", async () => {
  const { client, seen } = counting();
  const pages = await gather(client.articles.pages({ limit: 3, count: "exact", sort: ["title"] }));
  const total = pages[0]?.meta.total;
  assert.deepEqual(pages.map(({ data }) => data.length), [3, 3, 1]);
  assert.equal(total, 7);
  assert.equal(seen.length, 3);
  const titles = pages.flatMap(({ data }) => data.map(({ title }) => title));
  assert.deepEqual(titles, [...[1, 2, 3, 4, 5, 6].map((number) => `Piece ${number}`), "Why tides turn"]);
  const rows = await gather(client.articles.all({ limit: 2, sort: ["title"], fields: ["dek"] }));
  assert.deepEqual(rows.map(({ title }) => title), titles);
  const backwards = await client.articles.list({ limit: 3, sort: ["title"], before: cursor(pages[2]?.links.prev) });
  assert.deepEqual(backwards.data.map(({ title }) => title), titles.slice(3, 6));
});

function cursor(link: string | null | undefined): string {
  const found = new URL(link ?? "", baseUrl).searchParams.get("before");
  assert.ok(found);
  return found;
}

test("a page is fetched when it is asked for and not before, and an abort ends the walk", async () => {
  const { client, seen } = counting();
  for await (const row of client.articles.all({ limit: 2, sort: ["title"] })) {
    if (row.title === "Piece 2") break;
  }
  assert.equal(seen.length, 1);
  const controller = new AbortController();
  const reason = new Error("enough");
  const titles: string[] = [];
  const walk = async () => {
    for await (const row of client.articles.all({ limit: 2, sort: ["title"] }, { signal: controller.signal })) {
      titles.push(row.title);
      if (row.title === "Piece 3") controller.abort(reason);
    }
  };
  await assert.rejects(walk(), reason);
  assert.deepEqual(titles, ["Piece 1", "Piece 2", "Piece 3"]);
});

test("a second look is a 304, until something changes", async () => {
  const { client, seen } = counting();
  const article = await editor.published("Kept");
  const get = () => client.articles.get({ id: article.id });
  const first = await get();
  const second = await get();
  assert.deepEqual(seen.map(({ status }) => status), [200, 304]);
  assert.equal(seen[1]?.headers["if-none-match"], first.http.etag);
  assert.deepEqual([second.http.fromCache, second.data], [true, first.data]);
  assert.deepEqual(second.http.cacheTags, first.http.cacheTags);
  assert.ok(first.http.cacheTags.includes(`article:${article.id}`), String(first.http.cacheTags));
  const published = await editor.publish(await editor.update(article, { title: "Kept and changed" }));
  assert.equal((await get()).data.title, "Kept and changed");
  assert.equal(seen[2]?.status, 200);
  const other = await client.articles.get({ id: article.id, format: ["text"] });
  assert.equal(other.http.fromCache, false, "another address is another answer");
  await editor.unpublish(published);
  await assert.rejects(get(), GoneError);
});

test("what never was is 404, and what is asked wrongly says all that is wrong", async () => {
  const { client } = counting();
  await assert.rejects(client.articles.get({ slug: "there-is-no-such-article" }), (error) => {
    assert.ok(error instanceof MastheadError && !(error instanceof GoneError));
    assert.deepEqual([error.status, error.code], [404, "not_found"]);
    assert.ok(error.requestId);
    return true;
  });
  assert.deepEqual(await client.articles.resolve({ slug: "there-is-no-such-article" }), { state: "missing" });
  await assert.rejects(client.articles.list({ limit: 101, after: "nonsense" }), (error) => {
    assert.ok(error instanceof MastheadError);
    assert.equal(error.status, 400);
    assert.ok(error.violations.some(({ parameter }) => parameter === "limit"));
    return true;
  });
});

test("an old slug leads to the new one, and what was taken away says so", async () => {
  const { client } = counting();
  let article = await editor.published("Before", { slug: "before-it-was-renamed" });
  article = await editor.publish(await editor.update(article, { slug: "after-it-was-renamed" }));
  const query = { slug: "before-it-was-renamed", format: ["text"] } as const;
  await assert.rejects(client.articles.get(query), (error) => {
    assert.ok(error instanceof MovedError);
    assert.equal(error.location, "/delivery/v1/articles/by-slug/after-it-was-renamed?format=text");
    assert.equal(error.movedTo.slug, "after-it-was-renamed");
    return true;
  });
  const moved = await client.articles.resolve(query);
  assert.ok(moved.state === "moved");
  const found = await client.articles.resolve({ slug: moved.movedTo.slug });
  assert.ok(found.state === "found" && found.data.id === article.id);
  assert.ok(moved.cacheTags.length > 0);

  await editor.unpublish(article);
  for (const slug of ["before-it-was-renamed", "after-it-was-renamed"]) {
    const gone = await client.articles.resolve({ slug });
    assert.ok(gone.state === "gone", slug);
    assert.equal(gone.reason, "unpublished");
    assert.ok(Date.parse(gone.at) > 0);
  }
  series = await editor.renameTag(series, "seas");
  const tag = await client.tags.resolve({ slug: "oceans" });
  assert.ok(tag.state === "moved" && tag.movedTo.slug === "seas");
});

test("tags, authors and FAQs: one, a list and all of them", async () => {
  const { client } = counting();
  const author = (await client.authors.get({ slug: "ada-marsh" })).data;
  assert.equal(author.articles_count, 1);
  const authors = await client.authors.list({ count: "exact" });
  assert.deepEqual([authors.meta.total, authors.data[0]?.id], [1, author.id]);
  assert.deepEqual((await gather(client.tags.all({ limit: 1 }))).map(({ id }) => id), [series.id]);
  assert.deepEqual((await gather(client.faqs.all({ format: ["text"] }))).map(({ answer }) => answer), [
    { text: "Every six hours." },
  ]);
});

test("words are found and completed", async () => {
  const { client } = counting();
  const found = await client.search({ q: "tide*", facets: ["author"], count: "exact" });
  assert.deepEqual([found.meta.total, found.data.hits[0]?.article.slug], [1, "why-tides-turn"]);
  assert.deepEqual(Object.keys(found.data.facets), ["author"]);
  assert.equal((await gather(client.searchAll({ q: "piece", limit: 4 }))).length, 6);
  const names = await client.suggest({ q: "why tid" });
  assert.equal(names.data[0]?.slug, "why-tides-turn");
});

test("the site says what it is called", async () => {
  const { client } = counting();
  const site = await client.site();
  assert.ok(site.data.locales.includes("en"), JSON.stringify(site.data));
});

test("every address of the document can be asked by its own types", async () => {
  const { client } = counting();
  const answer = await client.request("/delivery/v1/articles/by-slug/{slug}", {
    path: { slug: "why-tides-turn" },
    query: { format: ["text"] },
  });
  const article: Pick<Article, "id"> = answer.data;
  assert.equal(article.id, whole.id);
});

test("a key opens a service that asks for one, and what it answers is not kept", async () => {
  const { client, seen } = counting({ baseUrl: closedUrl, key });
  await client.articles.list();
  const again = await client.articles.list();
  assert.ok(again.data.length > 0);
  assert.deepEqual(seen.map(({ status }) => status), [200, 200], "no-store is no-store");
  const stranger = createClient({ baseUrl: closedUrl, key: "mh_nobody" });
  await assert.rejects(stranger.articles.list(), { status: 401, code: "invalid_token" });
  const nobody = createClient({ baseUrl: closedUrl });
  await assert.rejects(nobody.articles.list(), { status: 401, code: "authentication_required" });
});

test("a service that cannot be reached is another error than one that refuses", async () => {
  const nowhere = createClient({ baseUrl: "http://127.0.0.1:1", retry: { tries: 0 } });
  await assert.rejects(nowhere.tags.list(), { name: "ConnectionError", timedOut: false });
});
