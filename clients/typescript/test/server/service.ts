// A running service: clients that read from it, and an editor who writes there through the management API.
//
// MASTHEAD_TEST_URL names it, MASTHEAD_TEST_TOKEN is an editor's, MASTHEAD_TEST_KEY reads, and MASTHEAD_TEST_CLOSED_URL
// is another node of it, which asks readers for a key.

import assert from "node:assert/strict";

import type { Client, ClientOptions } from "@masthead/client";
import { createClient } from "@masthead/client";

function given(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is missing: cargo test -p masthead-tests --test suite typescript_client runs these tests`);
  return value;
}

/** Where the service is. */
export const baseUrl = given("MASTHEAD_TEST_URL");
/** A node that asks readers for a key. */
export const closedUrl = given("MASTHEAD_TEST_CLOSED_URL");
/** A credential that reads. */
export const key = given("MASTHEAD_TEST_KEY");
const token = given("MASTHEAD_TEST_TOKEN");

/** What was asked, and the status of the answer. */
export interface Seen {
  readonly path: string;
  readonly headers: Record<string, string>;
  status: number | undefined;
}

/** A client whose requests are counted. */
export function counting(options: Partial<ClientOptions> = {}): { client: Client; seen: Seen[] } {
  const seen: Seen[] = [];
  const client = createClient({
    baseUrl,
    async fetch(input, init) {
      const { pathname, search } = new URL(input);
      const one: Seen = { path: pathname + search, headers: init.headers as Record<string, string>, status: undefined };
      seen.push(one);
      const response = await fetch(input, init);
      one.status = response.status;
      return response;
    },
    ...options,
  });
  return { client, seen };
}

/** A thing of the management API. */
export interface Written {
  readonly id: string;
  readonly slug: string;
  readonly etag: string;
}

async function manage(method: string, path: string, body?: object, etag?: string): Promise<Written> {
  const response = await fetch(`${baseUrl}/management/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      ...(etag === undefined ? {} : { "if-match": etag }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  const { data } = (text === "" ? { data: {} } : JSON.parse(text)) as { data: { id: string; slug: string } };
  return { id: data.id, slug: data.slug, etag: response.headers.get("etag") ?? "" };
}

/** Who writes. */
export const editor = {
  tag: (name: string) => manage("POST", "/tags", { name }),
  author: (name: string) => manage("POST", "/authors", { name }),
  draft: (title: string, more: object = {}) => manage("POST", "/articles", { locale: "en", title, ...more }),
  publish: (article: Written) => manage("POST", `/articles/${article.id}/publish`, {}, article.etag),
  unpublish: (article: Written) => manage("POST", `/articles/${article.id}/unpublish`, undefined, article.etag),
  update: (article: Written, patch: object) => manage("PATCH", `/articles/${article.id}`, patch, article.etag),
  renameTag: (tag: Written, slug: string) => manage("PATCH", `/tags/${tag.id}`, { slug }, tag.etag),
  async published(title: string, more: object = {}): Promise<Written> {
    return editor.publish(await editor.draft(title, more));
  },
};

/** Everything that comes. */
export async function gather<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
}
