// Drops what is kept under the given tags. The worker in ../../../worker.ts calls it, and nobody else can.

import { createHash, timingSafeEqual } from "node:crypto";
import { revalidateTag } from "next/cache";

/** Tags in one request at most. */
const MOST = 5000;

export async function POST(request: Request): Promise<Response> {
  const secret = process.env["REVALIDATE_SECRET"];
  const given = request.headers.get("authorization") ?? "";
  if (secret === undefined || !same(given, `Bearer ${secret}`)) return new Response(null, { status: 401 });
  const body: unknown = await request.json().catch(() => undefined);
  if (!isTags(body)) return new Response(null, { status: 422 });
  // Not "max", which would show the old page once more: what was unpublished has to go at once.
  for (const tag of body.tags) revalidateTag(tag, { expire: 0 });
  return new Response(null, { status: 204 });
}

/** Takes the same time however much of it is right. */
function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function isTags(body: unknown): body is { tags: string[] } {
  if (typeof body !== "object" || body === null || !("tags" in body) || !Array.isArray(body.tags)) return false;
  return body.tags.length <= MOST && body.tags.every((tag) => typeof tag === "string" && tag !== "" && tag.length <= 256);
}
