// The same package in a browser, on a page of another origin: what browsers hide, forbid and stream differently.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { baseUrl, closedUrl, editor, key } from "./service.js";

const DIST = new URL("../../dist/", import.meta.url);

/** What the page does; every line of it runs in the browser. */
const PAGE = `<script type="module">
import { createClient } from "/dist/index.js";
const told = {};
try {
  const client = createClient({ baseUrl: ${JSON.stringify(baseUrl)} });
  const [first, second] = [await client.articles.list(), await client.articles.list()];
  told.rows = second.data.length;
  told.kept = [first.http.fromCache, second.http.fromCache];
  told.tags = second.http.cacheTags.includes("articles");
  const moved = await client.tags.resolve({ slug: "harbours" });
  told.moved = [moved.state, moved.movedTo.slug];
  told.missing = (await client.articles.resolve({ slug: "nowhere" })).state;
  told.refused = await client.articles.list({ limit: 0 }).catch((error) => [error.code, typeof error.requestId]);
  told.events = [];
  for await (const change of client.events({ lastEventId: 0 })) {
    told.events.push(change.type);
    if (change.type === "article") break;
  }
  const keyed = createClient({ baseUrl: ${JSON.stringify(closedUrl)}, key: ${JSON.stringify(key)} });
  told.keyed = (await keyed.articles.list()).data.length;
} catch (error) {
  told.error = String(error?.stack ?? error) + " " + String(error?.cause);
}
await fetch("/told", { method: "POST", body: JSON.stringify(told) });
</script>`;

test("a page of another origin reads, learns what moved, and follows", async () => {
  const tag = await editor.tag("Harbours");
  await editor.published("At sea", { tags: ["harbours"] });
  await editor.renameTag(tag, "ports");

  const { promise, resolve, reject } = later<Record<string, unknown>>();
  const site = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/told") {
      let body = "";
      request.on("data", (piece: Buffer) => (body += piece.toString()));
      request.on("end", () => resolve(JSON.parse(body) as Record<string, unknown>));
      response.end();
    } else if (path.startsWith("/dist/")) {
      response.setHeader("content-type", "text/javascript");
      readFile(new URL(path.slice("/dist/".length), DIST)).then((file) => response.end(file), () => response.destroy());
    } else {
      response.setHeader("content-type", "text/html");
      response.end(path === "/" ? PAGE : "");
    }
  });
  await new Promise<void>((ready) => site.listen(0, "127.0.0.1", ready));
  const profile = await mkdtemp(join(tmpdir(), "masthead-browser-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"];
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = spawn(
    process.env["MASTHEAD_TEST_CHROMIUM"] ?? "chromium",
    // Nothing but what it is told reaches beyond this machine; without a port to be debugged by it would leave at once.
    [...flags, ...quiet, "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--remote-debugging-port=0",
      `--user-data-dir=${profile}`, `http://127.0.0.1:${(site.address() as AddressInfo).port}/`],
    { stdio: "ignore" },
  );
  browser.on("error", (error) => reject(new Error("Chromium does not run; set MASTHEAD_TEST_CHROMIUM", { cause: error })));
  const left = new Promise<void>((done) => browser.on("close", () => done()));
  const late = setTimeout(() => reject(new Error("the page told nothing")), 60_000);
  try {
    assert.deepEqual(await promise, {
      rows: 1,
      kept: [false, true],
      tags: true,
      moved: ["moved", "ports"],
      missing: "missing",
      refused: ["invalid_parameter", "string"],
      events: ["tag", "article"],
      keyed: 1,
    });
  } finally {
    clearTimeout(late);
    browser.kill();
    await left;
    site.closeAllConnections();
    site.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

function later<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}
