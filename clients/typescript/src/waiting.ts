// Waiting, in ways that a signal can end.

/** Waits; throws the signal's reason as soon as it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** A time between nothing and `base` doubled for each try before, so that clients do not come back all at once. */
export function backoff(tries: number, base: number, most: number): number {
  return Math.random() * Math.min(most, base * 2 ** tries);
}

/** Seconds that `Retry-After` names, as a number or as a date. */
export function retryAfter(header: string | null): number | undefined {
  if (header === null || header === "") return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** A signal that a caller's signal aborts, or the passing of time. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether it was time that aborted it. */
  readonly passed: () => boolean;
  /** Begins the time anew. */
  readonly extend: (milliseconds: number) => void;
  /** Aborts at once. */
  readonly abort: (reason: unknown) => void;
  /** Forgets timer and listener. To be called when all is done. */
  readonly release: () => void;
}

/** Makes a signal that aborts with the caller's, or after this time; an infinite time never passes. */
export function deadline(outer: AbortSignal | undefined, milliseconds: number): Deadline {
  const controller = new AbortController();
  let late = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = () => controller.abort(outer?.reason);
  const extend = (span: number) => {
    clearTimeout(timer);
    timer = undefined;
    if (!Number.isFinite(span)) return;
    timer = setTimeout(() => {
      late = true;
      controller.abort(new DOMException("It took too long.", "TimeoutError"));
    }, span);
  };
  if (outer?.aborted) follow();
  outer?.addEventListener("abort", follow, { once: true });
  extend(milliseconds);
  return {
    signal: controller.signal,
    passed: () => late,
    extend,
    abort: (reason) => controller.abort(reason),
    release: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", follow);
    },
  };
}
