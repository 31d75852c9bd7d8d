// Lists: one page, page by page, and row by row.

import type { Counting, PageMeta, Schemas } from "./narrowing.js";
import type { Answer, QueryValues, RequestOptions, Transport } from "./transport.js";

/** A page of a list. */
export type Page<Row, C extends Counting = undefined> = Answer<{
  /** The rows. */
  readonly data: Row[];
  /** About the page. */
  readonly meta: PageMeta<C>;
  /** Where to go from here. */
  readonly links: Schemas["PageLinks"];
}>;

/** What a list takes that reads it from end to end: `limit` is the size of a page, and `after` where to begin. */
export type Walk<Query> = Omit<Query, "before">;

/** The cursor of the next page; `undefined` on the last one. */
export function next(links: Schemas["PageLinks"]): string | undefined {
  if (links.next === null) return undefined;
  // Only the query is taken of it: a proxy may have put the service elsewhere.
  return new URL(links.next, "http://service.invalid").searchParams.get("after") ?? undefined;
}

/** Reads page after page, and the next one only when it is asked for. */
export async function* pages<Body extends { readonly links: Schemas["PageLinks"] }>(
  transport: Transport,
  path: string,
  query: QueryValues = {},
  options: RequestOptions = {},
): AsyncGenerator<Answer<Body>, void, undefined> {
  let asked: QueryValues = query;
  for (;;) {
    options.signal?.throwIfAborted();
    const page = await transport.json<Body>(path, asked, options);
    yield page;
    const after = next(page.links);
    if (after === undefined) return;
    asked = { ...query, after };
  }
}

/** Reads row after row. */
export async function* rows<Row>(
  walk: AsyncIterable<{ readonly data: readonly Row[] }>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Row, void, undefined> {
  for await (const page of walk) {
    for (const row of page.data) {
      signal?.throwIfAborted();
      yield row;
    }
  }
}
