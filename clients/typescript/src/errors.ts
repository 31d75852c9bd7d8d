// What can go wrong, as errors that say what a program needs to know.

import type { Schemas } from "./narrowing.js";

/** The body of every answer that is an error (RFC 9457). */
export type Problem = Schemas["Problem"];
/** One thing that is wrong with a request, with the place it stands at. */
export type Violation = Schemas["ProblemError"];
/**
 * The stable word for machines. All but two are the service's; `moved` is a 308, and `unexpected_answer` is one that no
 * Masthead gives, such as the error page of a proxy.
 */
export type ErrorCode = Schemas["ProblemCode"] | "moved" | "unexpected_answer";

/** Where something is now. */
export interface Destination {
  /** The slug it has now. */
  readonly slug: string;
  /** Its locale, where the new address names one. */
  readonly locale: string | undefined;
}

/** What every error is made of. */
export interface Failure {
  readonly url: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly requestId?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cacheTags?: readonly string[];
  readonly problem?: Problem | undefined;
}

/** An answer that is not what was asked for. */
export class MastheadError extends Error {
  override readonly name: string = "MastheadError";
  /** The address that was asked. */
  readonly url: string;
  /** The HTTP status. */
  readonly status: number;
  /** The stable word for machines. */
  readonly code: ErrorCode;
  /** Everything that is wrong with the request, not only the first; empty where nothing is. */
  readonly violations: readonly Violation[];
  /** Names this request in the service's logs. */
  readonly requestId: string | undefined;
  /** Seconds after which to try again, where the answer says so. */
  readonly retryAfter: number | undefined;
  /** What to purge this answer by, where it may be cached. */
  readonly cacheTags: readonly string[];
  /** The whole problem; `undefined` where the answer was none. */
  readonly problem: Problem | undefined;

  constructor(failure: Failure) {
    super(failure.message);
    this.url = failure.url;
    this.status = failure.status;
    this.code = failure.code;
    this.violations = failure.problem?.errors ?? [];
    this.requestId = failure.requestId ?? failure.problem?.request_id;
    this.retryAfter = failure.retryAfter;
    this.cacheTags = failure.cacheTags ?? [];
    this.problem = failure.problem;
  }
}

/** 308: the thing has another slug now. Send readers there, with a permanent redirect of your own. */
export class MovedError extends MastheadError {
  override readonly name = "MovedError";
  /** The `Location` of the answer: the address on the service. */
  readonly location: string;
  /** The slug and locale it names. */
  readonly movedTo: Destination;

  constructor(failure: Failure, location: string) {
    super(failure);
    this.location = location;
    const address = new URL(location, failure.url);
    const last = address.pathname.split("/").at(-1) ?? "";
    this.movedTo = {
      // A slug has no dot: what follows one names the form.
      slug: decodeURIComponent(last.split(".")[0] ?? ""),
      locale: address.searchParams.get("locale") ?? undefined,
    };
  }
}

/** 410: readers saw it once, and it was taken away on purpose. */
export class GoneError extends MastheadError {
  override readonly name = "GoneError";
  /** Why and when it went. */
  readonly gone: Schemas["GoneDetails"];

  constructor(failure: Failure, gone: Schemas["GoneDetails"]) {
    super(failure);
    this.gone = gone;
  }
}

/** No answer came: the service cannot be reached, or took longer than `timeout`. `cause` says more. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** The address that was asked. */
  readonly url: string;
  /** Whether it took too long. */
  readonly timedOut: boolean;

  constructor(url: string, timedOut: boolean, cause: unknown) {
    super(timedOut ? `${url} did not answer in time` : `${url} cannot be reached`, { cause });
    this.url = url;
    this.timedOut = timedOut;
  }
}
