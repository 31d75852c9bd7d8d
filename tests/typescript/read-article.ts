// A frontend: finds an article in the list, fetches it by its slug, and draws it. Prints what it drew as JSON.
//
//     node out/read-article.js BASE_URL TAG

import createClient from "openapi-fetch";
import type { components, paths } from "./delivery";

type Article = components["schemas"]["Article"];
type Section = components["schemas"]["Section"];

const [, , baseUrl, tag] = process.argv;
if (baseUrl === undefined || tag === undefined) throw new Error("usage: read-article BASE_URL TAG");

// An article has other forms too; this client does not ask for them.
type Json = "application/json" | "application/problem+json";

// Lists in a query are written with commas, as the document says; openapi-fetch wants to be told.
const masthead = createClient<paths, Json>({
  baseUrl,
  querySerializer: { array: { style: "form", explode: false } },
});

/** Each kind has the fields it has, and the compiler knows when one is forgotten. */
function draw(section: Section): string {
  switch (section.kind) {
    case "text":
      return `${section.heading ?? ""}|${section.body.html ?? ""}`;
    case "quote":
      return `${section.body.html ?? ""}|${section.attribution ?? "anonymous"}`;
    case "image":
      return `${section.image}|${section.alt ?? ""}`;
    case "embed":
      return `${section.url}|${section.provider ?? "link"}`;
    case "callout":
      return `${section.tone}|${section.body.html ?? ""}`;
    default: {
      const forgotten: never = section;
      return forgotten;
    }
  }
}

async function find(tag: string): Promise<Article> {
  const list = await masthead.GET("/delivery/v1/articles", {
    params: { query: { tag: [tag], sort: ["-published_at", "title"], limit: 10, count: "exact" } },
  });
  if (list.error) throw new Error(`${list.error.code}: ${list.error.detail}`);
  const total: number | undefined = list.data.meta.total;
  const first = list.data.data[0];
  if (total !== 1 || first === undefined) throw new Error(`there are ${total} articles with this tag`);

  const page = await masthead.GET("/delivery/v1/articles/by-slug/{slug}", {
    params: { path: { slug: first.slug }, query: { locale: first.locale, format: ["html", "text"] } },
  });
  if (page.error) throw new Error(`${page.error.code}: ${page.error.detail}`);
  return page.data.data;
}

const article = await find(tag);
// Always there, and null where there is none: no guess between the two.
const dek: string | null = article.dek;
const published: string = article.published_at;

const missing = await masthead.GET("/delivery/v1/articles/by-slug/{slug}", {
  params: { path: { slug: "there-is-no-such-article" } },
});

console.log(
  JSON.stringify({
    title: article.title,
    dek,
    published,
    byline: article.authors.map((author) => `${author.name}, ${author.role}`),
    contents: article.toc.map((entry) => entry.anchor),
    sections: article.sections.map(draw),
    faqs: article.faqs.map((faq) => [faq.question, faq.answer.text]),
    missing: missing.error?.code,
  }),
);
