// Answers kept by their entity tags: a 304 costs no body and no work.

/** An answer as it is kept. All of it is text, so that any store can hold it. */
export interface CachedAnswer {
  /** The entity tag that `If-None-Match` is sent with. */
  readonly etag: string;
  /** The body. */
  readonly body: string;
  /** Headers of the answer, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Where answers are kept between requests: a map, a KV namespace, Redis. Only what is public is ever put there. A store
 * that fails is passed over: the request is made as if it were empty.
 */
export interface AnswerStore {
  /** What is kept under this key. */
  get(key: string): CachedAnswer | undefined | Promise<CachedAnswer | undefined>;
  /** Keeps an answer in the place of one that is there. */
  set(key: string, answer: CachedAnswer): void | Promise<void>;
}

/** How much the store in memory holds; beyond it, what was not used for longest goes. */
export interface MemoryStoreLimits {
  /** Answers at most; 500 where missing. */
  readonly answers?: number;
  /** Characters of all bodies together; 10,000,000 where missing. */
  readonly characters?: number;
}

/** A store in this process's memory that forgets what was not used for longest. */
export function memoryStore(limits: MemoryStoreLimits = {}): AnswerStore {
  const { answers = 500, characters = 10_000_000 } = limits;
  // A map keeps the order in which its keys came: the first is the one not used for longest.
  const kept = new Map<string, CachedAnswer>();
  let held = 0;
  const drop = (key: string) => {
    held -= kept.get(key)?.body.length ?? 0;
    kept.delete(key);
  };
  return {
    get(key) {
      const answer = kept.get(key);
      if (answer !== undefined) {
        kept.delete(key);
        kept.set(key, answer);
      }
      return answer;
    },
    set(key, answer) {
      drop(key);
      if (answer.body.length > characters) return;
      kept.set(key, answer);
      held += answer.body.length;
      for (const oldest of kept.keys()) {
        if (kept.size <= answers && held <= characters) break;
        drop(oldest);
      }
    },
  };
}
