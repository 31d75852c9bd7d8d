// How what is asked for decides what the answer's type holds: `include`, `fields`, `format`, `facets` and `count`.

import type { components, operations } from "./generated/delivery.js";

/** The shapes of the OpenAPI document, by name. */
export type Schemas = components["schemas"];

/** The query of an operation, as the document has it, with arrays that may be `as const`. */
export type QueryOf<Operation extends keyof operations> = operations[Operation] extends {
  parameters: { query?: infer Query };
}
  ? Frozen<NonNullable<Query>>
  : never;

type Frozen<T> = { [K in keyof T]: T[K] extends (infer Item)[] | undefined ? readonly Item[] : T[K] };

/** A list of words as it stands in a query; `undefined` where nothing was asked for. */
export type Words<Word extends string> = readonly Word[] | undefined;

/** A form of a text: `html`, `markdown` or `text`. */
export type BodyFormat = Schemas["BodyFormat"];
/** Forms that are asked for. */
export type Formats = Words<BodyFormat>;
/** Relations that a list of articles can be asked to include. */
export type Relations = Words<Schemas["ArticleRelation"]>;
/** Fields that a list of articles can be cut down to. */
export type Fields = Words<Schemas["ArticleField"]>;
/** Facets that a search can be asked for. */
export type FacetNames = Words<Schemas["Facet"]>;
/** Whether a list counts all its rows. */
export type Counting = Schemas["Count"] | undefined;

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never;

/** The words that certainly stand in a list: those of a literal list, none of a list that is only known at run time. */
type Certain<List> = List extends readonly [infer Head, ...infer Rest]
  ? (IsUnion<Head> extends false ? Head : never) | Certain<Rest>
  : never;

/** The words that can stand in a list. */
type Possible<List> = List extends readonly (infer Word)[] ? Word : never;

type Flat<T> = { [K in keyof T]: T[K] };

/** The keys of `T` that are surely there as always there, those that may be there as optional, and no other. */
type Keep<T, Sure extends PropertyKey, Maybe extends PropertyKey> = Flat<
  { [K in keyof T as K extends Sure ? K : never]-?: T[K] } & {
    [K in keyof T as K extends Sure ? never : K extends Maybe ? K : never]?: T[K];
  }
>;

/** A text in the forms that were asked for, and in no other; `html` where none was. */
export type Prose<F extends Formats = undefined> = F extends undefined
  ? { html: string }
  : Keep<Record<BodyFormat, string>, Certain<F> & string, Possible<F> & string>;

/** The same thing with its bodies and answers in the forms that were asked for. */
type InForms<T, F extends Formats> = T extends unknown
  ? { [K in keyof T]: K extends "body" | "answer" ? Prose<F> : T[K] }
  : never;

/** A part of an article; `kind` tells its shape. */
export type Section<F extends Formats = undefined> = InForms<Schemas["Section"], F>;
/** A FAQ on an article. */
export type Faq<F extends Formats = undefined> = InForms<Schemas["Faq"], F>;
/** A FAQ on its own. */
export type FaqDetail<F extends Formats = undefined> = InForms<Schemas["FaqDetail"], F>;

/** A whole article. */
export type Article<F extends Formats = undefined> = Flat<
  Omit<Schemas["Article"], "sections" | "faqs"> & { sections: Section<F>[]; faqs: Faq<F>[] }
>;

/** What names an article: always there, however few fields are asked for. */
type Naming = "id" | "kind" | "locale" | "slug" | "title";
/** What a list leaves out where neither `include` nor `fields` asks for it. Authors and tags are there anyway. */
type OnDemand = "sections" | "faqs";

/**
 * A row in a list of articles: what `fields` picks (or everything but sections and FAQs), what `include` adds, and
 * always what names the article. Words that are only known at run time make optional what they may ask for.
 */
export type ArticleRow<
  I extends Relations = undefined,
  P extends Fields = undefined,
  F extends Formats = undefined,
> = P extends undefined
  ? RowOf<Naming | Exclude<keyof Article, OnDemand>, never, I, F>
  : RowOf<Naming | (Certain<P> & string), Possible<P> & string, I, F>;

type RowOf<Sure extends string, Maybe extends string, I extends Relations, F extends Formats> = I extends unknown
  ? Keep<Article<F>, Sure | (Certain<I> & string), Maybe | (Possible<I> & string)>
  : never;

/** Hits counted by what was asked for. */
export type Facets<N extends FacetNames = undefined> = N extends undefined
  ? Record<never, never>
  : Keep<Required<Schemas["Facets"]>, Certain<N> & string, Possible<N> & string>;

/** About a page; `total` is there with `count: "exact"`. */
export type PageMeta<C extends Counting = undefined> = [C] extends ["exact"]
  ? Flat<Omit<Schemas["PageMeta"], "total"> & { total: number }>
  : [C] extends [undefined]
    ? Flat<Omit<Schemas["PageMeta"], "total">>
    : Schemas["PageMeta"];
