// The collection of articles, for `getCollection("articles")` in pages.

import { defineCollection } from "astro/content/config";
import { z } from "astro/zod";
import { createClient } from "@masthead/client";
import { type ArticleEntry, mastheadLoader } from "./loaders/masthead";

const source = process.env["MASTHEAD_URL"] ?? "http://127.0.0.1:8080";

export const collections = {
  articles: defineCollection({
    loader: mastheadLoader({ client: createClient({ baseUrl: source, cache: false }), source }),
    // What the service answers is what its document says; here it only gets its type.
    schema: z.custom<ArticleEntry>(),
  }),
};
