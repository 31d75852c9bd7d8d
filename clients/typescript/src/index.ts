// What the package gives: the client, its errors and its types.

export type { ArticleAnswer, ArticleById, ArticleBySlug, ArticleListQuery, ArticleQuery, Articles } from "./articles.js";
export type { AnswerStore, CachedAnswer, MemoryStoreLimits } from "./cache.js";
export { memoryStore } from "./cache.js";
export type {
  Batch,
  BatchOptions,
  Change,
  Changes,
  ChangesPage,
  ChangesQuery,
  Cursor,
  SyncOptions,
  Tombstone,
  Upsert,
} from "./changes.js";
export type { Client, JsonOf, JsonPath, SearchPage, SearchQuery } from "./client.js";
export { createClient } from "./client.js";
export type { Destination, ErrorCode, Failure, Problem, Violation } from "./errors.js";
export { ConnectionError, GoneError, MastheadError, MovedError } from "./errors.js";
export type { EventsOptions, Reconnect } from "./events.js";
export type { components, operations, paths } from "./generated/delivery.js";
export type {
  Article,
  ArticleRow,
  BodyFormat,
  Counting,
  FacetNames,
  Facets,
  Faq,
  FaqDetail,
  Fields,
  Formats,
  PageMeta,
  Prose,
  QueryOf,
  Relations,
  Schemas,
  Section,
  Words,
} from "./narrowing.js";
export type { Page, Walk } from "./pages.js";
export type { Found, Gone, Missing, Moved, Resolved } from "./resolve.js";
export type { Authors, FaqListQuery, Faqs, Tags, Things } from "./things.js";
export type {
  Answer,
  ClientOptions,
  HttpInfo,
  QueryValues,
  RequestOptions,
  RetryOptions,
} from "./transport.js";
