// Four ways an address can go, as one typed value: found, moved, gone, or never there.

import type { Destination } from "./errors.js";
import { GoneError, MastheadError, MovedError } from "./errors.js";
import type { Answer } from "./transport.js";

/** It is there. */
export type Found<Body> = Answer<Body> & { readonly state: "found" };

/** It has another slug now: answer readers with a permanent redirect. */
export interface Moved {
  readonly state: "moved";
  /** The slug and locale it has now. */
  readonly movedTo: Destination;
  /** The `Location` of the answer, an address on the service. */
  readonly location: string;
  /** What to purge your own answer by. */
  readonly cacheTags: readonly string[];
}

/** It was taken away on purpose: answer readers with 410. */
export interface Gone {
  readonly state: "gone";
  /** `unpublished` or `deleted`. */
  readonly reason: string;
  /** When. */
  readonly at: string;
  /** What to purge your own answer by. */
  readonly cacheTags: readonly string[];
}

/** Readers never saw such a thing: answer them with 404. */
export interface Missing {
  readonly state: "missing";
}

/** What became of an address. */
export type Resolved<Body> = Found<Body> | Moved | Gone | Missing;

/** Turns what `get` throws for an address into a value; other errors stay errors. */
export async function resolve<Body>(getting: Promise<Answer<Body>>): Promise<Resolved<Body>> {
  try {
    return { state: "found", ...(await getting) };
  } catch (error) {
    if (error instanceof MovedError) {
      return { state: "moved", movedTo: error.movedTo, location: error.location, cacheTags: error.cacheTags };
    }
    if (error instanceof GoneError) return { state: "gone", ...error.gone, cacheTags: error.cacheTags };
    if (error instanceof MastheadError && error.code === "not_found") return { state: "missing" };
    throw error;
  }
}
