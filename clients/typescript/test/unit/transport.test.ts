// One request: tries, time, entity tags and errors, against a service that says what a test tells it to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ConnectionError, GoneError, MastheadError, MovedError, createClient, memoryStore } from "@masthead/client";

import { fake, json, problem, silence } from "./fake.js";

const baseUrl = "https://cms.example.org/cms/";
const tag = { data: { id: "1", slug: "sea", name: "Sea", kind: "topic", description: null, articles_count: 1 } };
const soon = { firstWait: 1, tries: 2 };

test("an address keeps the path of the base, and a list stands with commas", async () => {
  const { fetch, asked } = fake(json({ data: [], meta: { limit: 20 }, links: { self: "/", next: null, prev: null } }));
  const client = createClient({ baseUrl, key: "secret", fetch, headers: { "X-Site": "a" } });
  await client.articles.list({ fields: ["dek", "cover"], locale: "pt-BR" }, { headers: { "X-Page": "b" } });
  assert.equal(asked[0]?.url.href, "https://cms.example.org/cms/delivery/v1/articles?fields=dek,cover&locale=pt-BR");
  assert.deepEqual(asked[0]?.headers, {
    accept: "application/json",
    authorization: "Bearer secret",
    "x-site": "a",
    "x-page": "b",
  });
  await client.articles.list({ after: "a&b=c,d" });
  assert.equal(asked[1]?.url.search, "?after=a%26b%3Dc%2Cd");
});

test("a slug stays one part of the path, whatever stands in it", async () => {
  const { fetch, asked } = fake(json(tag));
  await createClient({ baseUrl, fetch }).tags.get({ slug: "../faqs?x=1" });
  assert.equal(asked[0]?.url.pathname, "/cms/delivery/v1/tags/..%2Ffaqs%3Fx%3D1");
});

test("a base that is no address is refused at once", () => {
  assert.throws(() => createClient({ baseUrl: "cms" }), TypeError);
});

test("503 and 429 are tried again after the time they name", async () => {
  const { fetch, asked } = fake(
    problem(503, "unavailable", { "retry-after": "0" }),
    problem(429, "too_many_requests"),
    json(tag),
  );
  const answer = await createClient({ baseUrl, fetch, retry: soon }).tags.get({ slug: "sea" });
  assert.equal(answer.data.name, "Sea");
  assert.equal(asked.length, 3);
});

test("tries have an end, and the error says when to come back", async () => {
  const { fetch, asked } = fake(problem(503, "unavailable", { "retry-after": "0", "x-request-id": "r-2" }));
  await assert.rejects(createClient({ baseUrl, fetch, retry: soon }).tags.get({ slug: "sea" }), (error) => {
    assert.ok(error instanceof MastheadError);
    assert.deepEqual([error.status, error.code, error.retryAfter, error.requestId], [503, "unavailable", 0, "r-2"]);
    return true;
  });
  assert.equal(asked.length, 3);
});

test("a time that is too far away is not waited for", async () => {
  const { fetch, asked } = fake(problem(429, "too_many_requests", { "retry-after": "3600" }));
  const asking = createClient({ baseUrl, fetch }).tags.get({ slug: "sea" });
  await assert.rejects(asking, { code: "too_many_requests", retryAfter: 3600 });
  assert.equal(asked.length, 1);
});

test("other errors are not tried again", async () => {
  const { fetch, asked } = fake(problem(500, "internal_error"));
  await assert.rejects(createClient({ baseUrl, fetch, retry: soon }).tags.get({ slug: "sea" }), { code: "internal_error" });
  assert.equal(asked.length, 1);
});

test("a connection that fails is tried again, then is an error with its cause", async () => {
  const refused = new TypeError("refused");
  const { fetch, asked } = fake(refused);
  await assert.rejects(createClient({ baseUrl, fetch, retry: soon }).tags.get({ slug: "sea" }), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.deepEqual([error.cause, error.timedOut], [refused, false]);
    return true;
  });
  assert.equal(asked.length, 3);
});

test("what takes too long is given up", async () => {
  const { fetch, asked } = fake(silence);
  const asking = createClient({ baseUrl, fetch, timeout: 20 }).tags.get({ slug: "sea" });
  await assert.rejects(asking, { name: "ConnectionError", timedOut: true });
  assert.equal(asked.length, 1);
});

test("a caller's signal ends a request and a wait with its own reason", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const waiting = fake(silence);
  const once = { tries: 0 };
  const asking = createClient({ baseUrl, fetch: waiting.fetch, retry: once }).tags.get({ slug: "sea" }, { signal: controller.signal });
  const ended = assert.rejects(asking, reason);
  while (waiting.asked.length === 0) await new Promise((done) => setImmediate(done));
  controller.abort(reason);
  await ended;

  const later = new AbortController();
  const { fetch } = fake(problem(503, "unavailable", { "retry-after": "9" }));
  const pausing = createClient({ baseUrl, fetch }).tags.get({ slug: "sea" }, { signal: later.signal });
  setTimeout(() => later.abort(reason), 5);
  await assert.rejects(pausing, reason);

  const before = fake(json(tag));
  const never = createClient({ baseUrl, fetch: before.fetch }).tags.get({ slug: "sea" }, { signal: later.signal });
  await assert.rejects(never, reason);
  assert.equal(before.asked.length, 0);
});

test("a second look sends the entity tag, and a 304 answers with what was kept", async () => {
  const headers = { etag: '"a"', "cache-tag": "tag:1,tags", "last-modified": "Tue, 24 Nov 2026 01:00:00 GMT" };
  const same = new Response(null, { status: 304, headers: { etag: '"a"' } });
  const { fetch, asked } = fake(json(tag, headers), same, json(tag, headers));
  const client = createClient({ baseUrl, fetch });
  const first = await client.tags.get({ slug: "sea" });
  const second = await client.tags.get({ slug: "sea" });
  assert.equal(asked[0]?.headers["if-none-match"], undefined);
  assert.equal(asked[1]?.headers["if-none-match"], '"a"');
  assert.deepEqual(second.data, first.data);
  assert.notEqual(second.data, first.data, "nobody's changes show in somebody else's answer");
  assert.deepEqual([first.http.fromCache, second.http.fromCache], [false, true]);
  assert.deepEqual(second.http.cacheTags, ["tag:1", "tags"]);
  assert.equal(second.http.lastModified?.toISOString(), "2026-11-24T01:00:00.000Z");
  await client.tags.get({ slug: "sea" }, { cache: false });
  assert.equal(asked[2]?.headers["if-none-match"], undefined);
});

test("what is private is not kept, and a store that fails is passed over", async () => {
  const secret = fake(json(tag, { etag: '"a"', "cache-control": "private, no-store" }));
  const careful = createClient({ baseUrl, fetch: secret.fetch });
  await careful.tags.get({ slug: "sea" });
  await careful.tags.get({ slug: "sea" });
  assert.equal(secret.asked[1]?.headers["if-none-match"], undefined);

  const broken = {
    get: () => Promise.reject(new Error("away")),
    set: () => {
      throw new Error("full");
    },
  };
  const { fetch } = fake(json(tag, { etag: '"a"' }));
  const answer = await createClient({ baseUrl, fetch, cache: broken }).tags.get({ slug: "sea" });
  assert.equal(answer.data.slug, "sea");
});

test("memory forgets what was not used for longest, by number and by size", async () => {
  const kept = (body: string) => ({ etag: '"a"', body, headers: {} });
  const few = memoryStore({ answers: 2 });
  await few.set("a", kept("1"));
  await few.set("b", kept("2"));
  await few.get("a");
  await few.set("c", kept("3"));
  assert.deepEqual([(await few.get("a"))?.body, await few.get("b"), (await few.get("c"))?.body], ["1", undefined, "3"]);

  const small = memoryStore({ characters: 10 });
  await small.set("a", kept("12345"));
  await small.set("b", kept("12345"));
  await small.set("b", kept("1234567"));
  assert.equal(await small.get("a"), undefined);
  await small.set("c", kept("12345678901"));
  assert.equal(await small.get("c"), undefined, "what is larger than all is not kept");
  assert.equal((await small.get("b"))?.body, "1234567");
});

test("a redirect is an error that says where to", async () => {
  const location = "/delivery/v1/articles/by-slug/new-%C3%A9?locale=fr&format=html";
  const { fetch } = fake(new Response(null, { status: 308, headers: { location, "cache-tag": "article:1" } }));
  await assert.rejects(createClient({ baseUrl, fetch }).articles.get({ slug: "old" }), (error) => {
    assert.ok(error instanceof MovedError);
    assert.deepEqual([error.status, error.code, error.location], [308, "moved", location]);
    assert.deepEqual(error.movedTo, { slug: "new-é", locale: "fr" });
    assert.deepEqual(error.cacheTags, ["article:1"]);
    return true;
  });
});

test("where the platform hides a redirect, following it tells where it leads", async () => {
  const hidden = Object.defineProperties(new Response(null), { type: { value: "opaqueredirect" }, status: { value: 0 } });
  const there = Object.defineProperties(json({}), {
    redirected: { value: true },
    url: { value: "https://cms.example.org/cms/delivery/v1/tags/seas" },
  });
  const { fetch, asked } = fake(() => hidden, () => there);
  await assert.rejects(createClient({ baseUrl, fetch }).tags.get({ slug: "sea" }), (error) => {
    assert.ok(error instanceof MovedError);
    assert.deepEqual([error.status, error.movedTo.slug], [308, "seas"]);
    return true;
  });
  assert.deepEqual(asked.map(({ init }) => init.redirect), ["manual", "follow"]);
});

test("a problem tells everything that is wrong", async () => {
  const errors = [{ parameter: "limit", code: "out_of_range", message: "1 to 100." }];
  const { fetch } = fake(problem(400, "invalid_parameter", {}, { errors }));
  await assert.rejects(createClient({ baseUrl, fetch }).tags.list({ limit: 0 }), (error) => {
    assert.ok(error instanceof MastheadError);
    assert.deepEqual(error.violations, errors);
    assert.equal(error.requestId, "r-1");
    assert.match(error.message, /invalid_parameter: So it is\./);
    return true;
  });
});

test("what is gone says why and since when", async () => {
  const gone = { reason: "unpublished", at: "2026-03-01T12:00:00Z" };
  const { fetch } = fake(problem(410, "gone", {}, { gone }));
  await assert.rejects(createClient({ baseUrl, fetch }).faqs.get({ id: "1" }), (error) => {
    assert.ok(error instanceof GoneError);
    assert.deepEqual(error.gone, gone);
    return true;
  });
});

test("an answer that no Masthead gives is told apart", async () => {
  const page = new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } });
  const { fetch } = fake(page);
  await assert.rejects(createClient({ baseUrl, fetch }).tags.list(), { code: "unexpected_answer", status: 502 });
});
