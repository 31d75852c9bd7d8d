// Following a running service: a copy that equals what is published, and a stream that outlives its connections.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Change, Client } from "@masthead/client";

import { counting, editor, gather, key } from "./service.js";

/** What is published, by type and id. */
async function published(client: Client): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for await (const { id, slug } of client.articles.all({ fields: ["dek"] })) all.set(`article ${id}`, slug);
  for await (const { id, slug } of client.faqs.all()) all.set(`faq ${id}`, slug);
  for await (const { id, slug } of client.tags.all()) all.set(`tag ${id}`, slug);
  for await (const { id, slug } of client.authors.all()) all.set(`author ${id}`, slug);
  return new Map([...all].sort());
}

/** A copy that is kept in step, and its cursor. */
class Copy {
  readonly things = new Map<string, string>();
  cursor: string | undefined;

  async sync(client: Client, limit: number, latestOnly: boolean): Promise<void> {
    await client.changes.sync({
      since: this.cursor,
      limit,
      latestOnly,
      onUpsert: ({ type, id, slug }) => void this.things.set(`${type} ${id}`, slug),
      onTombstone: ({ type, id }) => void this.things.delete(`${type} ${id}`),
      onCursor: (cursor) => {
        this.cursor = cursor;
      },
    });
  }

  get sorted(): Map<string, string> {
    return new Map([...this.things].sort());
  }
}

/** An hour at an editor's desk: publishes, renames, unpublishes. */
async function write(round: number): Promise<void> {
  await editor.tag(`Tag ${round}`);
  const kept = await editor.published(`Kept ${round}`, {
    tags: [`tag-${round}`],
    faqs: [{ question: `Why ${round}?`, answer: "Because." }],
  });
  await editor.published(`Another ${round}`);
  const brief = await editor.published(`Brief ${round}`);
  await editor.publish(await editor.update(kept, { slug: `renamed-${round}` }));
  await editor.unpublish(brief);
}

test("a copy made from the beginning is what is published, also while editors write", async () => {
  const { client } = counting();
  await write(1);
  const copies = [new Copy(), new Copy()];
  let writing = true;
  const desk = (async () => {
    for (let round = 2; round <= 5; round += 1) await write(round);
    writing = false;
  })();
  // One in small steps, one in large ones that passes over what is superseded.
  while (writing) {
    await copies[0]?.sync(client, 3, false);
    await copies[1]?.sync(client, 500, true);
  }
  await desk;
  const expected = await published(client);
  assert.ok(expected.size >= 20, `${expected.size} things`);
  for (const [limit, copy] of [[1, copies[0]], [500, copies[1]], [2, new Copy()]] as const) {
    await copy?.sync(client, limit, false);
    assert.deepEqual(copy?.sorted, expected);
    assert.equal(copy?.cursor, String(await client.changes.head()));
  }
});

test("a cursor ahead of the log is refused with its parameter", async () => {
  const { client } = counting();
  const sync = client.changes.sync({ since: 1_000_000, onUpsert: () => {}, onTombstone: () => {}, onRestart: () => {} });
  await assert.rejects(sync, { status: 400, code: "invalid_parameter" });
  await assert.rejects(gather(client.events({ lastEventId: 1_000_000 })), { status: 400, code: "invalid_header" });
});

test("a stream goes on over dropped connections without gap or repeat", async () => {
  const opened: (string | undefined)[] = [];
  const cut: (() => void)[] = [];
  const { client } = counting({
    key,
    async fetch(input, init) {
      if (!input.endsWith("/events")) return fetch(input, init);
      const headers = init.headers as Record<string, string>;
      opened.push(headers["last-event-id"]);
      const response = await fetch(input, init);
      assert.equal(headers["authorization"], `Bearer ${key}`);
      // A network that drops the connection when the test says so.
      const broken = new TransformStream<Uint8Array, Uint8Array>();
      const dropping = new AbortController();
      cut.push(() => dropping.abort(new TypeError("connection reset")));
      response.body?.pipeTo(broken.writable, { signal: dropping.signal }).catch(() => {});
      return new Response(broken.readable, response);
    },
  });
  const since = await client.changes.head();
  const broke: number[] = [];
  const heard: Change[] = [];
  const ending = new AbortController();
  const listening = (async () => {
    const events = client.events({
      lastEventId: since,
      signal: ending.signal,
      firstWait: 20,
      onReconnect: ({ lastEventId }) => void broke.push(lastEventId),
    });
    for await (const change of events) heard.push(change);
  })();
  const done = assert.rejects(listening, { name: "AbortError" });

  const until = async (what: () => boolean) => {
    for (const end = Date.now() + 15_000; !what(); ) {
      assert.ok(Date.now() < end, `${heard.length} events, ${opened.length} streams`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  for (let round = 1; round <= 3; round += 1) {
    const before = heard.length;
    await editor.published(`Heard ${round}`);
    await until(() => heard.length > before);
    // Some of what is published now falls between two connections.
    cut.at(-1)?.();
    await editor.published(`Missed ${round}`);
    await until(() => broke.length >= round);
    await editor.published(`Late ${round}`);
  }
  const head = await client.changes.head();
  await until(() => (heard.at(-1)?.seq ?? 0) >= head);
  ending.abort();
  await done;

  const log = await gather(client.changes.batches({ since }));
  const entries = log.flatMap(({ changes }) => changes);
  assert.equal(entries.length, 9);
  assert.deepEqual(heard, entries);
  assert.ok(broke.length >= 3);
  assert.deepEqual(opened, [since, ...broke].map(String));
});

test("a stream without a place to begin tells what changes from then on", async () => {
  const { client } = counting();
  const ending = new AbortController();
  const events = client.events({ signal: ending.signal });
  let heard: Change | undefined;
  const first = events.next().then(({ value }) => {
    heard = value ?? undefined;
  });
  // What is published before its place is known is none of its business.
  for (let number = 1; heard === undefined && number < 100; number += 1) {
    await editor.published(`From now on ${number}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await first;
  ending.abort();
  assert.match(heard?.slug ?? "", /^from-now-on-\d+$/);
});
