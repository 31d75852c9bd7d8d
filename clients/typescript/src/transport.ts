// One request: its address and headers, its tries, its time, the answer kept from before, and its errors.

import type { AnswerStore, CachedAnswer } from "./cache.js";
import { memoryStore } from "./cache.js";
import type { Failure, Problem } from "./errors.js";
import { ConnectionError, GoneError, MastheadError, MovedError } from "./errors.js";
import { backoff, deadline, pause, retryAfter } from "./waiting.js";

/** How a client is made. */
export interface ClientOptions {
  /** Where the service is, such as `https://cms.example.org`. A path in it stays in front of every address. */
  readonly baseUrl: string;
  /**
   * A credential, sent as `Authorization: Bearer …`. Reading needs none unless the service is set to ask for one, and
   * what is asked with one is `no-store`: no cache keeps it, neither this client's nor any on the way.
   */
  readonly key?: string;
  /** What requests are made with; the platform's own `fetch` where missing. */
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>;
  /** Where answers are kept by their entity tags; memory where missing, nowhere with `false`. */
  readonly cache?: AnswerStore | false;
  /** Milliseconds a try may take, body included; 10,000 where missing. `Infinity` waits for ever. */
  readonly timeout?: number;
  /** When a request is tried again. */
  readonly retry?: RetryOptions;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** When a request is tried again: after 429 and 503, and where no answer came. */
export interface RetryOptions {
  /** Tries after the first one; 2 where missing, 0 for none. */
  readonly tries?: number;
  /** Milliseconds to wait at most; 10,000 where missing. An answer whose `Retry-After` is later is an error at once. */
  readonly longestWait?: number;
  /** Milliseconds from which waiting doubles where there is no `Retry-After`; 250 where missing. */
  readonly firstWait?: number;
}

/** What one request can be given. */
export interface RequestOptions {
  /** Aborts it: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds a try may take, in the place of the client's. */
  readonly timeout?: number;
  /** `false`: neither answered from what is kept, nor kept. */
  readonly cache?: boolean;
  /** Headers beside the client's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What else `fetch` takes, such as `{ next: { tags } }` in Next.js or `{ cf }` on Cloudflare. */
  readonly init?: Omit<RequestInit, "method" | "body" | "signal" | "headers" | "redirect">;
}

/** About the answer. */
export interface HttpInfo {
  /** The entity tag. */
  readonly etag: string | undefined;
  /** When anything readers see last changed. */
  readonly lastModified: Date | undefined;
  /** What to purge the answer by: everything that it shows. */
  readonly cacheTags: readonly string[];
  /** Names the request in the service's logs. */
  readonly requestId: string | undefined;
  /** Whether the service said 304 and the body is the one kept from before. */
  readonly fromCache: boolean;
}

/** A body and what is known about its answer. */
export type Answer<Body> = Body & { readonly http: HttpInfo };

/** What a query can hold. */
export type QueryValues = Readonly<Record<string, unknown>>;

/** An answer that is no error. */
export interface Reply {
  readonly text: string;
  readonly http: HttpInfo;
}

const JSON_TYPE = "application/json";
/** Headers worth keeping with a body. */
const KEPT = ["cache-tag", "last-modified", "content-type"];

/** Makes requests for the rest of the client. */
export class Transport {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #fetch: (input: string, init: RequestInit) => Promise<Response>;
  readonly #store: AnswerStore | undefined;
  readonly #timeout: number;
  readonly #retry: Required<RetryOptions>;

  constructor(options: ClientOptions) {
    // Says at once what is wrong with it.
    new URL(options.baseUrl);
    this.#base = options.baseUrl.replace(/\/+$/, "");
    this.#headers = lowerCase(options.headers);
    if (options.key !== undefined) this.#headers["authorization"] = `Bearer ${options.key}`;
    const given = options.fetch;
    // Looked up at each request: frameworks put their own in its place. And called as what it is, for browsers ask.
    this.#fetch = given ?? ((input, init) => globalThis.fetch(input, init));
    this.#store = options.cache === false ? undefined : (options.cache ?? memoryStore());
    this.#timeout = options.timeout ?? 10_000;
    this.#retry = { tries: 2, longestWait: 10_000, firstWait: 250, ...options.retry };
  }

  /** Asks for JSON. */
  async json<Body extends object>(path: string, query: QueryValues = {}, options: RequestOptions = {}): Promise<Answer<Body>> {
    const { text, http } = await this.text(path, query, JSON_TYPE, options);
    return { ...(JSON.parse(text) as Body), http };
  }

  /** Asks for a text of this type. */
  async text(path: string, query: QueryValues, type: string, options: RequestOptions = {}): Promise<Reply> {
    const url = this.address(path, query);
    const store = options.cache === false ? undefined : this.#store;
    const key = `${type} ${url}`;
    const kept = await read(store, key);
    const headers = {
      ...this.#headers,
      ...lowerCase(options.headers),
      accept: type,
      ...(kept === undefined ? {} : { "if-none-match": kept.etag }),
    };
    for (let tries = 0; ; tries += 1) {
      const wait = await this.#try(url, headers, tries, options, async (response, request) => {
        if (response.status === 304 && kept !== undefined) {
          return { text: kept.body, http: about(response.headers, kept) };
        }
        if (response.status !== 200) throw await failure(response, url, this.#followed(url, request));
        const text = await response.text();
        const answer = { text, http: about(response.headers, undefined) };
        await keep(store, key, response.headers, text);
        return answer;
      });
      if (typeof wait === "object") return wait;
      await pause(wait, options.signal);
    }
  }

  /** Opens a stream; throws where the answer is not one. The caller's signal ends it. */
  async stream(path: string, query: QueryValues, type: string, headers: Record<string, string>, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const url = this.address(path, query);
    const request: RequestInit = { headers: { ...this.#headers, ...headers, accept: type }, redirect: "manual", signal };
    let response: Response;
    try {
      response = await this.#fetch(url, request);
    } catch (cause) {
      throw new ConnectionError(url, false, cause);
    }
    const found = response.headers.get("content-type") ?? "";
    if (response.status !== 200 || !found.startsWith(type) || response.body === null) {
      throw await failure(response, url, undefined);
    }
    return response.body;
  }

  /** Milliseconds that a request may take where nothing else is said. */
  get timeout(): number {
    return this.#timeout;
  }

  /** The whole address of a path with a query. Lists are written with commas. */
  address(path: string, query: QueryValues): string {
    const pairs = Object.entries(query)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const words = (Array.isArray(value) ? value : [value]).map((word) => encodeURIComponent(String(word)));
        return `${encodeURIComponent(name)}=${words.join(",")}`;
      });
    return `${this.#base}${path}${pairs.length > 0 ? "?" : ""}${pairs.join("&")}`;
  }

  /** Tries once. Answers what `use` makes of the answer, or how many milliseconds to wait before the next try. */
  async #try(
    url: string,
    headers: Record<string, string>,
    tries: number,
    options: RequestOptions,
    use: (response: Response, request: RequestInit) => Promise<Reply>,
  ): Promise<Reply | number> {
    const { signal } = options;
    signal?.throwIfAborted();
    const again = tries < this.#retry.tries;
    const soon = backoff(tries, this.#retry.firstWait, this.#retry.longestWait);
    const time = deadline(signal, options.timeout ?? this.#timeout);
    try {
      // 308 says where a thing is now, which nobody would learn from a redirect that was followed.
      const request: RequestInit = { ...options.init, headers, redirect: "manual", signal: time.signal };
      const response = await this.#fetch(url, request);
      if (again && (response.status === 429 || response.status === 503)) {
        const seconds = retryAfter(response.headers.get("retry-after"));
        const wait = seconds === undefined ? soon : seconds * 1000;
        if (wait <= this.#retry.longestWait) {
          discard(response);
          return wait;
        }
      }
      return await use(response, request);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof MastheadError) throw cause;
      // Whoever took too long once would be asked for several times as long.
      if (again && !time.passed()) return soon;
      throw new ConnectionError(url, time.passed(), cause);
    } finally {
      time.release();
    }
  }

  /** Browsers do not show where a redirect leads: following it tells. */
  #followed(url: string, request: RequestInit): () => Promise<string | undefined> {
    return async () => {
      const response = await this.#fetch(url, { ...request, redirect: "follow" });
      discard(response);
      return response.redirected ? response.url : undefined;
    };
  }
}

function lowerCase(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

async function read(store: AnswerStore | undefined, key: string): Promise<CachedAnswer | undefined> {
  try {
    return await store?.get(key);
  } catch {
    return undefined;
  }
}

async function keep(store: AnswerStore | undefined, key: string, headers: Headers, body: string): Promise<void> {
  const etag = headers.get("etag");
  const control = headers.get("cache-control") ?? "";
  if (store === undefined || etag === null || /\b(no-store|private)\b/.test(control)) return;
  const found = KEPT.map((name) => [name, headers.get(name)] as const);
  const kept = Object.fromEntries(found.filter((pair): pair is readonly [string, string] => pair[1] !== null));
  try {
    await store.set(key, { etag, body, headers: kept });
  } catch {
    // What is not kept is asked for again.
  }
}

function about(headers: Headers, kept: CachedAnswer | undefined): HttpInfo {
  const header = (name: string) => headers.get(name) ?? kept?.headers[name];
  const modified = header("last-modified");
  return {
    etag: headers.get("etag") ?? kept?.etag,
    lastModified: modified === undefined ? undefined : new Date(modified),
    cacheTags: tags(header("cache-tag")),
    requestId: headers.get("x-request-id") ?? undefined,
    fromCache: kept !== undefined,
  };
}

function tags(header: string | null | undefined): string[] {
  return (header ?? "").split(",").filter((tag) => tag !== "");
}

/** Lets go of a body. Nobody waits for it: that of a copied answer is only gone when its copies are. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** The error that an answer is. */
async function failure(
  response: Response,
  url: string,
  followed: (() => Promise<string | undefined>) | undefined,
): Promise<MastheadError> {
  const { headers, status } = response;
  const base = {
    url,
    status,
    requestId: headers.get("x-request-id") ?? undefined,
    retryAfter: retryAfter(headers.get("retry-after")),
    cacheTags: tags(headers.get("cache-tag")),
  };
  if (status === 308 || response.type === "opaqueredirect") {
    discard(response);
    const location = headers.get("location") ?? (await followed?.());
    if (location !== undefined) {
      const moved: Failure = { ...base, status: 308, code: "moved", message: `It has moved to ${location}` };
      return new MovedError(moved, location);
    }
  }
  const problem = await problemOf(response);
  if (problem === undefined) {
    const type = headers.get("content-type") ?? "no type";
    return new MastheadError({ ...base, code: "unexpected_answer", message: `${url} answered ${status} (${type})` });
  }
  const told: Failure = { ...base, code: problem.code, message: `${problem.code}: ${problem.detail}`, problem };
  return problem.gone === undefined ? new MastheadError(told) : new GoneError(told, problem.gone);
}

async function problemOf(response: Response): Promise<Problem | undefined> {
  if (!(response.headers.get("content-type") ?? "").startsWith("application/problem+json")) {
    discard(response);
    return undefined;
  }
  try {
    return (await response.json()) as Problem;
  } catch {
    return undefined;
  }
}
