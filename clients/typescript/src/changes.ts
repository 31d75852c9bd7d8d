// The change log in parts: what has happened since a cursor, and keeping a copy in step with it.

import { MastheadError } from "./errors.js";
import type { QueryOf, Schemas } from "./narrowing.js";
import type { Answer, QueryValues, RequestOptions, Transport } from "./transport.js";

/** One change of what readers see. */
export type Change = Schemas["Change"];
/** Something came or is different: fetch it again. */
export type Upsert = Change & { readonly op: "upsert" };
/** Something is gone; with `reason: "renamed"` only from its old slug, which leads to `redirect_to` now. */
export type Tombstone = Change & { readonly op: "delete" };

/** What the list of changes can be asked for. */
export type ChangesQuery = QueryOf<"list_changes">;
/** A part of the log. */
export type ChangesPage = Answer<Schemas["ChangesResponse"]>;

/**
 * How far a copy has come: a text to keep and to send back. After the last batch it is the number of an entry, and goes
 * into `client.events({ lastEventId })` as well.
 */
export type Cursor = string;

/** A part of the log to apply. */
export interface Batch {
  /** The entries, oldest first. */
  readonly changes: Change[];
  /** Keep it when the batch has been applied; not before. */
  readonly cursor: Cursor;
  /** Whether this is the first batch of a new beginning: clear the copy before it is applied. */
  readonly restarted: boolean;
  /** Whether more follows already. */
  readonly hasMore: boolean;
}

/** How the log is read in batches. */
export interface BatchOptions extends RequestOptions {
  /** The cursor kept last; the beginning where missing. */
  readonly since?: Cursor | number | undefined;
  /** Entries in a batch at most, 1 to 500; 500 where missing. */
  readonly limit?: number;
  /**
   * What to do when the log does not go back so far any more (410 `cursor_too_old`): begin again with a batch that says
   * `restarted`, or throw. It throws where missing, for a copy that is not cleared would keep what is gone.
   */
  readonly restart?: boolean;
}

/** How a copy is kept in step. */
export interface SyncOptions extends Omit<BatchOptions, "restart"> {
  /** Something came or is different. What is fetched then may be newer than the entry, or gone again. */
  readonly onUpsert: (change: Upsert) => void | Promise<void>;
  /** Something is gone. It may be something the copy never had. */
  readonly onTombstone: (change: Tombstone) => void | Promise<void>;
  /** A batch was applied: keep the cursor. */
  readonly onCursor?: (cursor: Cursor) => void | Promise<void>;
  /**
   * The log does not go back as far as `since`: clear the copy, and everything comes again from the beginning. Without
   * it `sync` throws the 410.
   */
  readonly onRestart?: () => void | Promise<void>;
  /**
   * Passes over an upsert when the same batch holds a later entry of the same thing: fewer fetches for a copy by id. Not
   * for those who purge by `cache_tags`, which every entry has of its own.
   */
  readonly latestOnly?: boolean;
}

/** The change log. */
export interface Changes {
  /** One part of the log as it is. */
  list(query?: ChangesQuery, options?: RequestOptions): Promise<ChangesPage>;
  /** The number of the newest entry, to go on from; 0 while there is none. */
  head(options?: RequestOptions): Promise<number>;
  /** Batch after batch, until nothing more follows. */
  batches(options?: BatchOptions): AsyncGenerator<Batch, void, undefined>;
  /**
   * Calls the handlers with every change since `since`, one after another in the order of the log, until nothing more
   * follows; answers the cursor to keep. A handler that throws stops it, and the batch comes again next time: handlers
   * meet an entry at least once.
   */
  sync(options: SyncOptions): Promise<Cursor>;
}

const PATH = "/delivery/v1/changes";

/** The change log over this transport. */
export function changes(transport: Transport): Changes {
  const list = (query: QueryValues = {}, options?: RequestOptions) =>
    transport.json<Schemas["ChangesResponse"]>(PATH, query, options);

  async function* batches(options: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const { since, limit = 500, restart = false, ...request } = options;
    let place = parse(since);
    let restarted = false;
    for (;;) {
      let page: ChangesPage;
      try {
        // A part of the log is read once: keeping it would push out what is read often.
        page = await list({ ...place, limit }, { ...request, cache: false });
      } catch (error) {
        const tooOld = error instanceof MastheadError && error.code === "cursor_too_old";
        if (!restart || !tooOld || place.since === 0) throw error;
        place = { since: 0 };
        restarted = true;
        continue;
      }
      place = after(page);
      yield { changes: page.data, cursor: format(place), restarted, hasMore: page.meta.has_more };
      restarted = false;
      if (!page.meta.has_more) return;
    }
  }

  return {
    list,
    async head(options) {
      const page = await list({ limit: 1 }, { ...options, cache: false });
      return page.meta.head;
    },
    batches,
    async sync({ onUpsert, onTombstone, onCursor, onRestart, latestOnly = false, ...options }) {
      let cursor = format(parse(options.since));
      for await (const batch of batches({ ...options, restart: onRestart !== undefined })) {
        if (batch.restarted) await onRestart?.();
        const due = latestOnly ? latest(batch.changes) : batch.changes;
        for (const change of due) {
          options.signal?.throwIfAborted();
          if (isUpsert(change)) await onUpsert(change);
          else await onTombstone(change as Tombstone);
        }
        cursor = batch.cursor;
        await onCursor?.(cursor);
      }
      return cursor;
    },
  };
}

/** Where a reader of the log stands. Whoever began at 0 says what was pruned then, and may go on through it. */
interface Place {
  readonly since: number;
  readonly begun_above?: number;
}

function parse(cursor: Cursor | number | undefined): Place {
  const [, since, begun] = /^(\d+)(?::(\d+))?$/.exec(String(cursor ?? 0)) ?? [];
  if (since === undefined) throw new TypeError(`'${cursor}' is no cursor of the change log`);
  return begun === undefined ? { since: Number(since) } : { since: Number(since), begun_above: Number(begun) };
}

function format(place: Place): Cursor {
  return place.begun_above === undefined ? String(place.since) : `${place.since}:${place.begun_above}`;
}

function after(page: ChangesPage): Place {
  const since = page.meta.cursor;
  if (page.links.next === null) return { since };
  const begun = new URL(page.links.next, "http://service.invalid").searchParams.get("begun_above");
  return begun === null ? { since } : { since, begun_above: Number(begun) };
}

function isUpsert(change: Change): change is Upsert {
  return change.op === "upsert";
}

function latest(changes: readonly Change[]): Change[] {
  const last = new Map(changes.map((change) => [`${change.type} ${change.id}`, change.seq]));
  return changes.filter((change) => !isUpsert(change) || last.get(`${change.type} ${change.id}`) === change.seq);
}
