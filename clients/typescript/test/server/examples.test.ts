// The examples at work: Astro's loader on a store of its own, and the worker that tells a Next.js site what to drop.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import type { Article, Client } from "@masthead/client";

import { counting, editor } from "./service.js";

interface Entry {
  readonly id: string;
  readonly data: { readonly article: Article };
}

interface Site {
  readonly entries: Map<string, Entry>;
  readonly warnings: string[];
  build(client: Client, source?: string): Promise<void>;
}

/** Compiled beside these tests by examples/tsconfig.json, which holds them against the frameworks' types. */
async function example<T>(path: string): Promise<T> {
  return (await import(new URL(`../examples/${path}`, import.meta.url).href)) as T;
}

/** What Astro gives a loader, and keeps from one build to the next. */
async function site(): Promise<Site> {
  const { mastheadLoader } = await example<{
    mastheadLoader(options: { client: Client; source: string }): { load(context: object): Promise<void> };
  }>("astro/src/loaders/masthead.js");
  const entries = new Map<string, Entry>();
  const meta = new Map<string, string>();
  const warnings: string[] = [];
  const store = {
    get: (id: string) => entries.get(id),
    entries: () => [...entries],
    keys: () => [...entries.keys()],
    set: (entry: Entry) => entries.set(entry.id, entry),
    delete: (id: string) => entries.delete(id),
    clear: () => entries.clear(),
  };
  const logger = { info: () => {}, warn: (text: string) => warnings.push(text) };
  return {
    entries,
    warnings,
    build: (client, source = "here") =>
      mastheadLoader({ client, source }).load({ store, meta, logger, generateDigest: (data: object) => JSON.stringify(data) }),
  };
}

async function titles(client: Client): Promise<string[]> {
  const all: string[] = [];
  for await (const { title } of client.articles.all({ fields: ["title"] })) all.push(title);
  return all.sort();
}

function built({ entries }: Site): string[] {
  return [...entries.values()].map(({ data }) => data.article.title).sort();
}

test("Astro's loader reads everything once, and then what has changed", async () => {
  const tag = await editor.tag("Rivers");
  const carrying = await editor.published("Carrying", { tags: ["rivers"] });
  const renamed = await editor.published("Renamed", { slug: "old-name" });
  const leaving = await editor.published("Leaving");
  const { client, seen } = counting();
  const astro = await site();
  await astro.build(client);
  assert.deepEqual(built(astro), await titles(client));

  const asked = () => seen.splice(0).filter(({ path }) => path.startsWith("/delivery/v1/articles/")).length;
  asked();
  await astro.build(client);
  assert.equal(asked(), 0, "nothing has changed");

  await editor.publish(await editor.update(renamed, { slug: "new-name" }));
  await editor.unpublish(leaving);
  await editor.published("Arriving");
  await editor.renameTag(tag, "streams");
  await astro.build(client);
  assert.equal(asked(), 3, "the renamed one, the new one, and the one that carries the tag");
  assert.deepEqual(built(astro), await titles(client));
  assert.equal(astro.entries.get(renamed.id)?.data.article.slug, "new-name");
  assert.equal(astro.entries.get(carrying.id)?.data.article.tags[0]?.slug, "streams");

  astro.entries.set("stray", { id: "stray", data: astro.entries.get(carrying.id)!.data });
  await astro.build(client, "elsewhere");
  assert.deepEqual(built(astro), await titles(client), "what came from elsewhere is not kept");
});

test("Astro's loader begins again where the log does not go back far enough", async () => {
  const { client } = counting();
  const astro = await site();
  await astro.build(client);
  astro.entries.set("stray", { id: "stray", data: [...astro.entries.values()][0]!.data });
  let refused = false;
  const { client: late } = counting({
    async fetch(input, init) {
      if (refused || !input.includes("/changes")) return fetch(input, init);
      refused = true;
      return tooOld();
    },
  });
  await astro.build(late);
  assert.equal(astro.warnings.length, 1);
  assert.deepEqual(built(astro), await titles(client));
});

function tooOld(): Response {
  const problem = { type: "/", title: "", status: 410, code: "cursor_too_old", detail: "Begin again.", request_id: "r" };
  return new Response(JSON.stringify(problem), { status: 410, headers: { "content-type": "application/problem+json" } });
}

interface Following {
  follow(worker: object): Promise<void>;
  inFile(path: string): { load(): Promise<string | undefined>; save(cursor: string): Promise<void> };
}

test("the worker of Next.js names everything that shows a change, also of what it slept through", async () => {
  const { follow, inFile } = await example<Following>("next/worker.js");
  const folder = await mkdtemp(join(tmpdir(), "masthead-worker-"));
  const kept = inFile(join(folder, "cursor"));
  const dropped: string[] = [];
  const run = (client: Client) => {
    const ending = new AbortController();
    const revalidate = async (tags: string[]) => void dropped.push(...tags);
    const done = assert.rejects(follow({ client, revalidate, ...kept, signal: ending.signal }), { name: "AbortError" });
    return async () => {
      ending.abort();
      await done;
    };
  };
  const until = async (tag: string) => {
    for (const end = Date.now() + 15_000; !dropped.includes(tag); ) {
      assert.ok(Date.now() < end, `${tag} is not among ${dropped.join()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const { client } = counting();

  let stop = run(client);
  await until("masthead");
  const first = await editor.published("While it runs");
  await until(`article:${first.id}`);
  assert.ok(dropped.includes("articles"));
  await stop();

  const second = await editor.published("While it sleeps");
  assert.ok(!dropped.includes(`article:${second.id}`));
  dropped.length = 0;
  stop = run(client);
  await until(`article:${second.id}`);
  assert.ok(!dropped.includes("masthead"), "it knew where it was");
  await stop();

  dropped.length = 0;
  let refused = false;
  const { client: late } = counting({
    async fetch(input, init) {
      if (refused || !input.includes("/changes")) return fetch(input, init);
      refused = true;
      return tooOld();
    },
  });
  stop = run(late);
  await until("masthead");
  const third = await editor.published("After a new beginning");
  await until(`article:${third.id}`);
  await stop();
  await rm(folder, { recursive: true });
});
