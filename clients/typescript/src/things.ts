// FAQs, tags and authors on their own.

import type { Counting, FaqDetail, Formats, QueryOf, Schemas } from "./narrowing.js";
import type { Page, Walk } from "./pages.js";
import { pages, rows } from "./pages.js";
import type { Resolved } from "./resolve.js";
import { resolve } from "./resolve.js";
import type { Answer, RequestOptions, Transport } from "./transport.js";

/** What a list of FAQs can be asked for. */
export type FaqListQuery<F extends Formats = Formats, C extends Counting = Counting> = Omit<
  QueryOf<"list_faqs">,
  "format" | "count"
> & {
  /** Forms of the answers; `html` where missing. */
  readonly format?: F;
  /** `"exact"` adds `meta.total`. */
  readonly count?: C;
};

/** Published FAQs. */
export interface Faqs {
  /** One FAQ; throws `GoneError` for what was taken away. */
  get<const F extends Formats = undefined>(
    query: { readonly id: string; readonly format?: F } & Omit<QueryOf<"get_faq">, "format">,
    options?: RequestOptions,
  ): Promise<Answer<{ readonly data: FaqDetail<F> }>>;
  /** One page of the list. */
  list<const F extends Formats = undefined, const C extends Counting = undefined>(
    query?: FaqListQuery<F, C>,
    options?: RequestOptions,
  ): Promise<Page<FaqDetail<F>, C>>;
  /** The list page by page. */
  pages<const F extends Formats = undefined, const C extends Counting = undefined>(
    query?: Walk<FaqListQuery<F, C>>,
    options?: RequestOptions,
  ): AsyncGenerator<Page<FaqDetail<F>, C>, void, undefined>;
  /** Every FAQ of the list; `limit` is how many are fetched at a time. */
  all<const F extends Formats = undefined>(
    query?: Walk<FaqListQuery<F, undefined>>,
    options?: RequestOptions,
  ): AsyncGenerator<FaqDetail<F>, void, undefined>;
}

/** Things that have a slug and a list: tags and authors. */
export interface Things<Detail, Query> {
  /** One by its slug; throws `MovedError` for a slug it had before. */
  get(query: { readonly slug: string }, options?: RequestOptions): Promise<Answer<{ readonly data: Detail }>>;
  /** What became of an address: `found`, `moved` or `missing`. */
  resolve(query: { readonly slug: string }, options?: RequestOptions): Promise<Resolved<{ readonly data: Detail }>>;
  /** One page of the list. */
  list<const C extends Counting = undefined>(
    query?: Omit<Query, "count"> & { readonly count?: C },
    options?: RequestOptions,
  ): Promise<Page<Detail, C>>;
  /** The list page by page. */
  pages<const C extends Counting = undefined>(
    query?: Walk<Omit<Query, "count"> & { readonly count?: C }>,
    options?: RequestOptions,
  ): AsyncGenerator<Page<Detail, C>, void, undefined>;
  /** Every one of the list; `limit` is how many are fetched at a time. */
  all(query?: Walk<Omit<Query, "count">>, options?: RequestOptions): AsyncGenerator<Detail, void, undefined>;
}

/** Tags that published things carry. */
export type Tags = Things<Schemas["TagDetail"], QueryOf<"list_tags">>;
/** Authors of published articles. */
export type Authors = Things<Schemas["AuthorDetail"], QueryOf<"list_authors">>;

/** FAQs over this transport. */
export function faqs(transport: Transport): Faqs {
  const path = "/delivery/v1/faqs";
  const walk: Faqs["pages"] = (query, options) => pages(transport, path, query, options);
  return {
    get: ({ id, ...rest }, options) => transport.json(`${path}/${encodeURIComponent(id)}`, rest, options),
    list: (query, options) => transport.json(path, query, options),
    pages: walk,
    all: (query, options) => rows(walk(query, options), options?.signal),
  };
}

/** Tags or authors over this transport. */
export function things<Detail, Query>(transport: Transport, name: "tags" | "authors"): Things<Detail, Query> {
  const path = `/delivery/v1/${name}`;
  const get: Things<Detail, Query>["get"] = ({ slug, ...rest }, options) =>
    transport.json(`${path}/${encodeURIComponent(slug)}`, rest, options);
  const walk: Things<Detail, Query>["pages"] = (query, options) => pages(transport, path, query, options);
  return {
    get,
    resolve: (query, options) => resolve(get(query, options)),
    list: (query, options) => transport.json(path, query, options),
    pages: walk,
    all: (query, options) => rows<Detail>(walk(query, options), options?.signal),
  };
}
