// Runs beside the site: hears what readers will see differently, and has the site drop what shows it.
//
//     MASTHEAD_URL=… SITE_URL=… REVALIDATE_SECRET=… node worker.js

import { readFile, rename, writeFile } from "node:fs/promises";
import type { Client } from "@masthead/client";
import { MastheadError, createClient } from "@masthead/client";

/** What the worker works with. */
export interface Worker {
  readonly client: Client;
  /** Has the site drop what is kept under these tags; throws where it could not. */
  readonly revalidate: (tags: readonly string[]) => Promise<void>;
  /** The cursor that was kept last; `undefined` the first time. */
  readonly load: () => Promise<string | undefined>;
  readonly save: (cursor: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** The tag that lib/masthead.ts puts on everything. */
const EVERYTHING = "masthead";

/** Follows the changes until the signal ends it. */
export async function follow({ client, revalidate, load, save, signal }: Worker): Promise<void> {
  const request = { signal };
  const everything = async () => {
    // The head comes first: what changes while the site is told is heard afterwards.
    const head = String(await client.changes.head(request));
    await revalidate([EVERYTHING]);
    await save(head);
    return head;
  };
  for (;;) {
    let cursor = (await load()) ?? (await everything());
    try {
      // What has happened while nobody listened, a whole batch with one request.
      for await (const batch of client.changes.batches({ since: cursor, ...request })) {
        const tags = new Set(batch.changes.flatMap((change) => change.cache_tags));
        if (tags.size > 0) await revalidate([...tags]);
        cursor = batch.cursor;
        await save(cursor);
      }
      for await (const change of client.events({ lastEventId: cursor, ...request })) {
        await revalidate(change.cache_tags);
        // Afterwards: a worker that stops in between says it once more, which harms nobody.
        await save(String(change.seq));
      }
    } catch (error) {
      // Away for longer than the log goes back, or the service has another database: nothing kept can be trusted.
      const lost = error instanceof MastheadError && (error.status === 410 || error.status === 400);
      if (!lost) throw error;
      await everything();
    }
  }
}

/** Keeps the cursor in a file; a stop in the middle of writing leaves the old one. */
export function inFile(path: string): Pick<Worker, "load" | "save"> {
  return {
    load: () => readFile(path, "utf8").then((text) => text.trim() || undefined, () => undefined),
    async save(cursor) {
      await writeFile(`${path}.new`, cursor);
      await rename(`${path}.new`, path);
    },
  };
}

/** Tells a site at this address, a thousand tags at a time. */
export function tellSite(site: string, secret: string): Worker["revalidate"] {
  return async (tags) => {
    for (let at = 0; at < tags.length; at += 1000) {
      const response = await fetch(new URL("/api/revalidate", site), {
        method: "POST",
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
        body: JSON.stringify({ tags: tags.slice(at, at + 1000) }),
        signal: AbortSignal.timeout(10_000),
      });
      if (!response.ok) throw new Error(`the site answered ${response.status}`);
    }
  };
}

const { MASTHEAD_URL, SITE_URL, REVALIDATE_SECRET } = process.env;
if (MASTHEAD_URL !== undefined && SITE_URL !== undefined && REVALIDATE_SECRET !== undefined) {
  await follow({
    client: createClient({ baseUrl: MASTHEAD_URL }),
    revalidate: tellSite(SITE_URL, REVALIDATE_SECRET),
    ...inFile("masthead.cursor"),
  });
}
