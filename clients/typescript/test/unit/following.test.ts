// Changes and events against a log that a test writes: cursors, new beginnings, broken streams.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Change } from "@masthead/client";
import { createClient } from "@masthead/client";

import type { Asked } from "./fake.js";
import { fake, gather, json, problem } from "./fake.js";

const baseUrl = "https://cms.example.org";

function change(seq: number, more: Partial<Change> = {}): Change {
  return {
    seq,
    op: "upsert",
    type: "article",
    id: `a-${seq}`,
    slug: `slug-${seq}`,
    locale: "en",
    reason: "published",
    redirect_to: null,
    cache_tags: [],
    at: "2026-03-01T12:00:00Z",
    ...more,
  };
}

function part(changes: Change[], cursor: number, next: string | null = null): Response {
  const meta = { limit: 500, head: 9, cursor, has_more: next !== null, pruned_through: 0 };
  return json({ data: changes, meta, links: { self: "/", next } });
}

function stream(...pieces: string[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** A stream that says this much and then nothing, until it is aborted. */
function stalling(...pieces: string[]): (asked: Asked) => Response {
  return ({ init }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}

function event(one: Change): string {
  return `id: ${one.seq}\nevent: change\ndata: ${JSON.stringify(one)}\n\n`;
}

async function take<T>(from: AsyncGenerator<T, void, undefined>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const one of from) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}

test("a sync goes on through what was pruned while it read, and can be taken up in the middle", async () => {
  const next = "/delivery/v1/changes?since=2&begun_above=5&limit=500";
  const { fetch, asked } = fake(part([change(1), change(2)], 2, next), part([change(7)], 9));
  const cursors: string[] = [];
  const seen: number[] = [];
  const sync = (since?: string) =>
    createClient({ baseUrl, fetch }).changes.sync({
      since,
      onUpsert: ({ seq }) => void seen.push(seq),
      onTombstone: () => assert.fail(),
      onCursor: (cursor) => void cursors.push(cursor),
    });
  assert.equal(await sync(), "9");
  assert.deepEqual([cursors, seen], [["2:5", "9"], [1, 2, 7]]);
  assert.deepEqual(asked.map(({ url }) => url.search), ["?since=0&limit=500", "?since=2&begun_above=5&limit=500"]);
  await sync("2:5");
  assert.equal(asked[2]?.url.search, "?since=2&begun_above=5&limit=500");
  await assert.rejects(sync("yesterday"), TypeError);
});

test("a cursor that is too old begins again, if there is somebody to clear the copy", async () => {
  const log = () => fake(problem(410, "cursor_too_old"), part([change(8)], 9));
  const steps: string[] = [];
  const handlers = {
    since: 3,
    onUpsert: (one: Change) => void steps.push(`upsert ${one.seq}`),
    onTombstone: () => {},
    onCursor: (cursor: string) => void steps.push(`cursor ${cursor}`),
  };
  const { fetch, asked } = log();
  await createClient({ baseUrl, fetch }).changes.sync({ ...handlers, onRestart: () => void steps.push("clear") });
  assert.deepEqual(steps, ["clear", "upsert 8", "cursor 9"]);
  assert.equal(asked[1]?.url.search, "?since=0&limit=500");
  const without = createClient({ baseUrl, fetch: log().fetch }).changes.sync(handlers);
  await assert.rejects(without, { code: "cursor_too_old", status: 410 });
});

test("a batch whose handler throws is not counted as applied", async () => {
  const { fetch } = fake(part([change(1), change(2)], 2));
  const cursors: string[] = [];
  const sync = createClient({ baseUrl, fetch }).changes.sync({
    onUpsert: ({ seq }) => {
      if (seq === 2) throw new Error("disk full");
    },
    onTombstone: () => {},
    onCursor: (cursor) => void cursors.push(cursor),
  });
  await assert.rejects(sync, /disk full/);
  assert.deepEqual(cursors, []);
});

test("with latestOnly an upsert is passed over that a later entry of the same thing supersedes", async () => {
  const log = [
    change(1, { id: "a" }),
    change(2, { id: "b" }),
    change(3, { id: "a", op: "delete", reason: "renamed", redirect_to: "new" }),
    change(4, { id: "a", slug: "new" }),
    change(5, { id: "b", op: "delete", reason: "unpublished" }),
    change(6, { id: "a", type: "tag", locale: null }),
  ];
  const { fetch } = fake(part(log, 6));
  const seen: number[] = [];
  const note = ({ seq }: Change) => void seen.push(seq);
  await createClient({ baseUrl, fetch }).changes.sync({ onUpsert: note, onTombstone: note, latestOnly: true });
  assert.deepEqual(seen, [3, 4, 5, 6]);
});

test("a broken stream is taken up after the last event, wherever it broke", async () => {
  const [one, two, three] = [change(4), change(5), change(6)];
  const half = event(two).slice(0, 30);
  const { fetch, asked } = fake(
    stream("retry: 1\n\n", event(one), half),
    // What a node says again is passed over.
    stream(event(one), event(two)),
    new TypeError("connection reset"),
    problem(503, "unavailable", { "retry-after": "0" }),
    stream(event(three)),
  );
  const events = createClient({ baseUrl, fetch, retry: { tries: 0 } }).events({ lastEventId: "3" });
  assert.deepEqual((await take(events, 3)).map(({ seq }) => seq), [4, 5, 6]);
  assert.deepEqual(asked.map(({ headers }) => headers["last-event-id"]), ["3", "4", "5", "5", "5"]);
  assert.ok(asked.every(({ url, headers }) => url.search === "" && headers["accept"] === "text/event-stream"));
});

test("events are whole however the bytes are cut", async () => {
  const lines = event(change(3)).replaceAll("\n", "\r\n");
  const all = `: hello\r\n\r\n${event(change(1, { slug: "größe" }))}event: change\rdata: ${JSON.stringify(change(2))}\r\r${lines}`;
  const bytes = new TextEncoder().encode(`${all}:\n\n`);
  for (const size of [1, 2, 3, 7, 64, 100_000]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const { fetch } = fake(new Response(body, { headers: { "content-type": "text/event-stream" } }));
    const seen = await take(createClient({ baseUrl, fetch }).events({ lastEventId: 0 }), 3);
    assert.deepEqual(seen.map(({ slug }) => slug), ["größe", "slug-2", "slug-3"]);
  }
});

test("a stream without a sign of life is left", async () => {
  const { fetch, asked } = fake(stalling(event(change(1))), stream(event(change(2))));
  const broke: (string | undefined)[] = [];
  const events = createClient({ baseUrl, fetch }).events({
    lastEventId: 0,
    heartbeatTimeout: 20,
    firstWait: 1,
    onReconnect: ({ error, lastEventId }) => void broke.push(`${error?.name} after ${lastEventId}`),
  });
  assert.deepEqual((await take(events, 2)).map(({ seq }) => seq), [1, 2]);
  assert.deepEqual(broke, ["ConnectionError after 1"]);
  assert.equal(asked[0]?.init.signal?.aborted, true);
});

test("an event named dropped and the end after it are a reason to come back", async () => {
  const { fetch, asked } = fake(
    stream(event(change(1)), 'event: dropped\ndata: {"code":"too_slow"}\n\n'),
    stream(event(change(2))),
  );
  const events = createClient({ baseUrl, fetch }).events({ lastEventId: 0, firstWait: 1 });
  assert.deepEqual((await take(events, 2)).map(({ seq }) => seq), [1, 2]);
  assert.equal(asked[1]?.headers["last-event-id"], "1");
});

test("tries that bring nothing wait longer and longer", async () => {
  const { fetch } = fake(stream("retry: 3600000\n\n"));
  const waits: number[] = [];
  const controller = new AbortController();
  const events = createClient({ baseUrl, fetch }).events({
    lastEventId: 0,
    firstWait: 1,
    longestWait: 4,
    signal: controller.signal,
    onReconnect: ({ failures, wait }) => {
      waits.push(wait);
      assert.equal(failures, waits.length - 1, "a greeting is no sign of success");
      if (waits.length === 8) controller.abort();
    },
  });
  await assert.rejects(gather(events), { name: "AbortError" });
  waits.forEach((wait, tries) => assert.ok(wait <= Math.min(4, 2 ** tries)));
});

test("what no waiting mends is thrown", async () => {
  for (const [status, code] of [[410, "cursor_too_old"], [400, "invalid_header"], [401, "authentication_required"]] as const) {
    const { fetch } = fake(problem(status, code));
    await assert.rejects(gather(createClient({ baseUrl, fetch }).events({ lastEventId: 7 })), { status, code });
  }
  const { fetch } = fake();
  await assert.rejects(gather(createClient({ baseUrl, fetch }).events({ lastEventId: "2:5" })), TypeError);
});

test("a stream without a place to begin has one before it is opened", async () => {
  const { fetch, asked } = fake(part([change(1)], 1, "/next"), stream(), stream(event(change(10))));
  const seen = await take(createClient({ baseUrl, fetch }).events({ firstWait: 1 }), 1);
  assert.equal(seen[0]?.seq, 10);
  assert.deepEqual(asked.map(({ headers }) => headers["last-event-id"]), [undefined, "9", "9"]);
});

test("whoever has enough closes the stream, and a signal ends it while it waits", async () => {
  const { fetch, asked } = fake(stalling(event(change(1))));
  const client = createClient({ baseUrl, fetch });
  await take(client.events({ lastEventId: 0 }), 1);
  assert.equal(asked[0]?.init.signal?.aborted, true);

  const controller = new AbortController();
  const reason = new Error("enough");
  const events = client.events({ lastEventId: 1, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 5);
  await assert.rejects(gather(events), reason);
});
