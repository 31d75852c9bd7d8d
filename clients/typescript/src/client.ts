// The client: everything a frontend reads, in one place.

import type { Articles } from "./articles.js";
import { articles } from "./articles.js";
import type { Change, Changes } from "./changes.js";
import { changes } from "./changes.js";
import type { EventsOptions } from "./events.js";
import { events } from "./events.js";
import type { paths } from "./generated/delivery.js";
import type { Counting, FacetNames, Facets, PageMeta, QueryOf, Schemas } from "./narrowing.js";
import { pages } from "./pages.js";
import type { Authors, Faqs, Tags } from "./things.js";
import { faqs, things } from "./things.js";
import type { Answer, ClientOptions, QueryValues, RequestOptions } from "./transport.js";
import { Transport } from "./transport.js";

/** What a search can be asked for. */
export type SearchQuery<N extends FacetNames = FacetNames, C extends Counting = Counting> = Omit<
  QueryOf<"search_articles">,
  "facets" | "count"
> & {
  /** What to count all hits by, such as `["tag", "year"]`. */
  readonly facets?: N;
  /** `"exact"` adds `meta.total`. */
  readonly count?: C;
};

/** A page of hits. */
export type SearchPage<N extends FacetNames = undefined, C extends Counting = undefined> = Answer<{
  /** The hits, best first, and all of them counted by what was asked for. */
  readonly data: { readonly hits: Schemas["SearchHit"][]; readonly facets: Facets<N> };
  /** About the page. */
  readonly meta: PageMeta<C>;
  /** Where to go from here; a search goes forward only. */
  readonly links: Schemas["PageLinks"];
}>;

/** Addresses that answer JSON. */
export type JsonPath = {
  [P in keyof paths]: paths[P] extends { get: { responses: { 200: { content: { "application/json": object } } } } } ? P : never;
}[keyof paths];

/** What an address answers. */
export type JsonOf<P extends JsonPath> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer Body extends object } } } };
}
  ? Body
  : never;

type Parameters<P extends JsonPath> = paths[P] extends { get: { parameters: infer Given } }
  ? Omit<Given, "header" | "cookie">
  : never;

/** Reads what a Masthead publishes. */
export interface Client {
  /** Published articles. */
  readonly articles: Articles;
  /** Published FAQs. */
  readonly faqs: Faqs;
  /** Tags that published things carry. */
  readonly tags: Tags;
  /** Authors of published articles. */
  readonly authors: Authors;
  /** What readers see differently since a cursor, and a copy kept in step with it. */
  readonly changes: Changes;
  /** One page of hits. */
  search<const N extends FacetNames = undefined, const C extends Counting = undefined>(
    query: SearchQuery<N, C>,
    options?: RequestOptions,
  ): Promise<SearchPage<N, C>>;
  /** Every hit, best first; `limit` is how many are fetched at a time. */
  searchAll(
    query: Omit<SearchQuery<undefined, undefined>, "facets" | "count">,
    options?: RequestOptions,
  ): AsyncGenerator<Schemas["SearchHit"], void, undefined>;
  /** Completions of titles and names, with a typing error forgiven. */
  suggest(
    query: QueryOf<"suggest_names">,
    options?: RequestOptions,
  ): Promise<Answer<Schemas["SuggestResponse"]>>;
  /** What the site is called, its languages, its links, and where its feeds are: enough for a header and a footer. */
  site(options?: RequestOptions): Promise<Answer<Schemas["SiteResponse"]>>;
  /**
   * Changes as they come, for as long as they are iterated. The stream is taken up again where it broke, and nothing is
   * missed or comes twice. Without `lastEventId` it begins when the first one is asked for.
   */
  events(options?: EventsOptions): AsyncGenerator<Change, void, undefined>;
  /** Any address of the document that answers JSON, with the document's own types. */
  request<P extends JsonPath>(path: P, parameters: Parameters<P>, options?: RequestOptions): Promise<Answer<JsonOf<P>>>;
}

/** Makes a client. It holds no connection; make one and keep it, for its answers are kept by their entity tags. */
export function createClient(options: ClientOptions): Client {
  const transport = new Transport(options);
  const log = changes(transport);
  const search: Client["search"] = (query, request) => transport.json("/delivery/v1/search", query, request);
  return {
    articles: articles(transport),
    faqs: faqs(transport),
    tags: things<Schemas["TagDetail"], QueryOf<"list_tags">>(transport, "tags"),
    authors: things<Schemas["AuthorDetail"], QueryOf<"list_authors">>(transport, "authors"),
    changes: log,
    search,
    async *searchAll(query, request) {
      for await (const page of pages<Schemas["SearchResponse"]>(transport, "/delivery/v1/search", query, request)) {
        yield* page.data.hits;
      }
    },
    suggest: (query, request) => transport.json("/delivery/v1/suggest", query, request),
    site: (request) => transport.json("/delivery/v1/site", {}, request),
    events: (given) => events(transport, log, given),
    request: (path, parameters, request) => {
      const { path: places = {}, query } = parameters as { path?: Record<string, unknown>; query?: QueryValues };
      const whole = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(places[name])));
      return transport.json(whole, query, request);
    },
  };
}
