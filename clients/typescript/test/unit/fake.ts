// A service that says what a test tells it to.

/** What was asked. */
export interface Asked {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly init: RequestInit;
}

type Say = Response | Error | ((asked: Asked) => Response | Promise<Response>);

/** Answers one after another; the last one again and again. */
export function fake(...answers: Say[]): { fetch: (input: string, init: RequestInit) => Promise<Response>; asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    async fetch(input, init) {
      const one = { url: new URL(input), headers: init.headers as Record<string, string>, init };
      const say = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(one);
      if (say === undefined) throw new Error("nothing was to be asked");
      if (say instanceof Error) throw say;
      return typeof say === "function" ? await say(one) : say.clone();
    },
  };
}

/** An answer in JSON. */
export function json(body: unknown, headers: Record<string, string> = {}, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

/** A problem. */
export function problem(status: number, code: string, headers: Record<string, string> = {}, more: object = {}): Response {
  const body = { type: `/docs/problems/${code}`, title: code, status, code, detail: "So it is.", request_id: "r-1", ...more };
  return json(body, { "content-type": "application/problem+json", ...headers }, status);
}

/** A request that is never answered, until it is aborted. */
export function silence({ init }: Asked): Promise<Response> {
  return new Promise((_, reject) => {
    const { signal } = init;
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

/** Everything that comes. */
export async function gather<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
}
