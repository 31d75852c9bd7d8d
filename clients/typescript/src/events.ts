// The change log as it is written: a stream that is taken up again where it broke, without gap or repeat.

import type { Change, Changes, Cursor } from "./changes.js";
import { ConnectionError, MastheadError } from "./errors.js";
import { EventParser } from "./sse.js";
import type { Transport } from "./transport.js";
import { backoff, deadline, pause } from "./waiting.js";

/** How changes are followed. */
export interface EventsOptions {
  /** The number of the last entry that was seen; where missing, only what changes from now on is sent. */
  readonly lastEventId?: Cursor | number | undefined;
  /** Ends it: the iterator then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a sign of life after which the stream counts as broken; 45,000 where missing. */
  readonly heartbeatTimeout?: number;
  /** Milliseconds from which waiting doubles between tries; what the service says where missing, which is 2,000. */
  readonly firstWait?: number;
  /** Milliseconds to wait at most; 30,000 where missing. */
  readonly longestWait?: number;
  /** Told each time the stream broke, before it is waited for. */
  readonly onReconnect?: (info: Reconnect) => void;
}

/** A stream that broke. */
export interface Reconnect {
  /** Why, where something went wrong; a service that stops ends its streams without a word. */
  readonly error: Error | undefined;
  /** Milliseconds until the next try. */
  readonly wait: number;
  /** Tries in a row that brought nothing. */
  readonly failures: number;
  /** The number of the last entry that was seen. */
  readonly lastEventId: number;
}

const PATH = "/delivery/v1/events";

/** Follows the change log for as long as it is iterated. */
export async function* events(
  transport: Transport,
  changes: Changes,
  options: EventsOptions = {},
): AsyncGenerator<Change, void, undefined> {
  const { signal, heartbeatTimeout = 45_000, longestWait = 30_000, onReconnect } = options;
  let firstWait = options.firstWait ?? 2_000;
  let last = options.lastEventId === undefined ? undefined : parse(options.lastEventId);
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    const life = deadline(signal, transport.timeout);
    let error: Error | undefined;
    try {
      // A stream that breaks before its first event would have no place to go on from: the head is one.
      last ??= await changes.head({ signal });
      const body = await transport.stream(PATH, {}, "text/event-stream", { "last-event-id": String(last) }, life.signal);
      const reader = body.getReader();
      const parser = new EventParser();
      const decoder = new TextDecoder();
      for (;;) {
        life.extend(heartbeatTimeout);
        const { done, value } = await reader.read();
        // Whoever iterates may take his time.
        life.extend(Infinity);
        if (done) break;
        for (const message of parser.push(decoder.decode(value, { stream: true }))) {
          if (message.retry !== undefined && options.firstWait === undefined) firstWait = message.retry;
          if (message.comment || message.event !== undefined) failures = 0;
          if (message.event !== "change") continue;
          const change = JSON.parse(message.data) as Change;
          if (change.seq <= last) continue;
          last = change.seq;
          yield change;
        }
      }
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof MastheadError && !passing(cause)) throw cause;
      error = life.passed() ? new ConnectionError(transport.address(PATH, {}), true, cause) : asError(cause);
    } finally {
      // Also when whoever iterates has enough.
      life.abort(undefined);
      life.release();
    }
    const told = error instanceof MastheadError ? (error.retryAfter ?? 0) * 1000 : 0;
    const wait = Math.max(told, backoff(failures, firstWait, longestWait));
    onReconnect?.({ error, wait, failures, lastEventId: last ?? 0 });
    failures += 1;
    await pause(wait, signal);
  }
}

/** Whether it may be otherwise in a moment. */
function passing(error: MastheadError): boolean {
  return error.status === 408 || error.status === 429 || error.status >= 500;
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

function parse(cursor: Cursor | number): number {
  if (!/^\d+$/.test(String(cursor))) {
    throw new TypeError(`'${cursor}' is no number of an entry; a cursor is one after the last batch of a sync`);
  }
  return Number(cursor);
}
