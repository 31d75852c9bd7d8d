// Articles: one, a list, all of them, and their other forms.

import type { Article, ArticleRow, Counting, Faq, Fields, Formats, QueryOf, Relations, Schemas, Section } from "./narrowing.js";
import type { Page, Walk } from "./pages.js";
import { pages, rows } from "./pages.js";
import type { Resolved } from "./resolve.js";
import { resolve } from "./resolve.js";
import type { Answer, QueryValues, RequestOptions, Transport } from "./transport.js";

/** An article by its id. */
export type ArticleById = { readonly id: string } & Omit<QueryOf<"get_article">, "format">;
/** An article by its slug; without `locale` in the site's default locale, or else the first one that has the slug. */
export type ArticleBySlug = { readonly slug: string } & Omit<QueryOf<"get_article_by_slug">, "format">;

/** Which article, and in which forms its texts are wanted; `html` where `format` is missing. */
export type ArticleQuery<F extends Formats = Formats> = (ArticleById | ArticleBySlug) & { readonly format?: F };

/** What a list of articles can be asked for. */
export type ArticleListQuery<
  I extends Relations = Relations,
  P extends Fields = Fields,
  F extends Formats = Formats,
  C extends Counting = Counting,
> = Omit<QueryOf<"list_articles">, "include" | "fields" | "format" | "count"> & {
  /** What rows leave out unless it is asked for, such as `["faqs"]`. */
  readonly include?: I;
  /** Only these fields, beside `id`, `kind`, `locale`, `slug` and `title`, which are always there. */
  readonly fields?: P;
  /** Forms of the texts; `html` where missing. */
  readonly format?: F;
  /** `"exact"` adds `meta.total`. */
  readonly count?: C;
};

/** An answer with one article. */
export type ArticleAnswer<F extends Formats = undefined> = Answer<{
  readonly data: Article<F>;
  readonly links: Schemas["SelfLink"];
}>;

/** Published articles. */
export interface Articles {
  /**
   * One article, by id or by slug, with everything a page needs. Throws `MovedError` for a slug it had before and
   * `GoneError` for what was taken away; `resolve` answers these as values.
   */
  get<const F extends Formats = undefined>(query: ArticleQuery<F>, options?: RequestOptions): Promise<ArticleAnswer<F>>;
  /** What became of an address: `found`, `moved`, `gone` or `missing`. */
  resolve<const F extends Formats = undefined>(
    query: ArticleQuery<F>,
    options?: RequestOptions,
  ): Promise<Resolved<{ readonly data: Article<F>; readonly links: Schemas["SelfLink"] }>>;
  /** The whole article as a Markdown document. */
  markdown(query: ArticleById | ArticleBySlug, options?: RequestOptions): Promise<Answer<{ readonly data: string }>>;
  /** What search engines read: put it into a `<script type="application/ld+json">`. */
  jsonLd(query: ArticleById | ArticleBySlug, options?: RequestOptions): Promise<Answer<{ readonly data: Schemas["JsonLd"] }>>;
  /** Its sections alone. */
  sections<const F extends Formats = undefined>(
    query: { readonly id: string; readonly format?: F },
    options?: RequestOptions,
  ): Promise<Answer<{ readonly data: Section<F>[] }>>;
  /** Its FAQs alone. */
  faqs<const F extends Formats = undefined>(
    query: { readonly id: string; readonly format?: F },
    options?: RequestOptions,
  ): Promise<Answer<{ readonly data: Faq<F>[] }>>;
  /** One page of the list, newest edition first where `sort` says nothing else. */
  list<
    const I extends Relations = undefined,
    const P extends Fields = undefined,
    const F extends Formats = undefined,
    const C extends Counting = undefined,
  >(query?: ArticleListQuery<I, P, F, C>, options?: RequestOptions): Promise<Page<ArticleRow<I, P, F>, C>>;
  /** The list page by page; each is fetched when it is asked for. */
  pages<
    const I extends Relations = undefined,
    const P extends Fields = undefined,
    const F extends Formats = undefined,
    const C extends Counting = undefined,
  >(
    query?: Walk<ArticleListQuery<I, P, F, C>>,
    options?: RequestOptions,
  ): AsyncGenerator<Page<ArticleRow<I, P, F>, C>, void, undefined>;
  /** Every article of the list; `limit` is how many are fetched at a time. */
  all<const I extends Relations = undefined, const P extends Fields = undefined, const F extends Formats = undefined>(
    query?: Walk<ArticleListQuery<I, P, F, undefined>>,
    options?: RequestOptions,
  ): AsyncGenerator<ArticleRow<I, P, F>, void, undefined>;
}

const PATH = "/delivery/v1/articles";

/** Articles over this transport. */
export function articles(transport: Transport): Articles {
  const get: Articles["get"] = (query, options) => {
    const { path, rest } = place(query);
    return transport.json(path, rest, options);
  };
  const walk: Articles["pages"] = (query, options) => pages(transport, PATH, query, options);
  return {
    get,
    resolve: (query, options) => resolve(get(query, options)),
    async markdown(query, options) {
      const { path, rest } = place(query);
      const { text, http } = await transport.text(path, rest, "text/markdown", options);
      return { data: text, http };
    },
    async jsonLd(query, options) {
      const { path, rest } = place(query);
      const { text, http } = await transport.text(path, rest, "application/ld+json", options);
      return { data: JSON.parse(text) as Schemas["JsonLd"], http };
    },
    sections: ({ id, ...rest }, options) => transport.json(`${PATH}/${encodeURIComponent(id)}/sections`, rest, options),
    faqs: ({ id, ...rest }, options) => transport.json(`${PATH}/${encodeURIComponent(id)}/faqs`, rest, options),
    list: (query, options) => transport.json(PATH, query, options),
    pages: walk,
    all: (query, options) => rows(walk(query, options), options?.signal),
  };
}

function place(query: ArticleById | ArticleBySlug): { path: string; rest: QueryValues } {
  if ("id" in query) {
    const { id, ...rest } = query;
    return { path: `${PATH}/${encodeURIComponent(id)}`, rest };
  }
  const { slug, ...rest } = query;
  return { path: `${PATH}/by-slug/${encodeURIComponent(slug)}`, rest };
}
