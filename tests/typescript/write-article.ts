// An editor's script: logs in, writes an article, publishes what it has seen, and reads it back as readers do.
// Prints what happened as JSON.
//
//     node out/write-article.js BASE_URL EMAIL PASSWORD

import createClient from "openapi-fetch";
import type { paths as DeliveryPaths } from "./delivery";
import type { components, paths as ManagementPaths } from "./management";

type Problem = components["schemas"]["Problem"];
type CreateArticle = components["schemas"]["CreateArticle"];

const [, , baseUrl, email, password] = process.argv;
if (baseUrl === undefined || email === undefined || password === undefined) {
  throw new Error("usage: write-article BASE_URL EMAIL PASSWORD");
}

const management = createClient<ManagementPaths>({ baseUrl });
// An article has other forms too; this client does not ask for them.
const delivery = createClient<DeliveryPaths, "application/json" | "application/problem+json">({ baseUrl });

/** What was answered, or an exception with the problem in it. */
function good<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error !== undefined) throw new Error(`${answer.error.code}: ${answer.error.detail}`);
  if (answer.data === undefined) throw new Error("neither an answer nor a problem");
  return answer.data;
}

const login = good(await management.POST("/management/v1/auth/login", { body: { email, password } }));
management.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${login.data.access_token}`);
    return request;
  },
});

good(await management.POST("/management/v1/tags", { body: { name: "Clocks" } }));
good(await management.POST("/management/v1/authors", { body: { name: "Edda Lund" } }));

const draft: CreateArticle = {
  locale: "en",
  title: "How a sundial keeps time",
  dek: "A shadow, a stick and one correction.",
  sections: [
    { kind: "text", heading: "The stick", body: "It does **not** stand upright." },
    { kind: "quote", body: "I count only the sunny hours.", attribution: "An old dial" },
    { kind: "image", image: "https://example.org/dial.jpg", alt: "A dial on a wall" },
    { kind: "embed", url: "https://example.org/noon" },
    { kind: "callout", tone: "tip", body: "Look at it at noon." },
  ],
  faqs: [{ question: "Does it know about summer time?", answer: "No. *Add* an hour." }],
  tags: ["clocks"],
  authors: [{ slug: "edda-lund", role: "writer" }],
};
const made = good(await management.POST("/management/v1/articles", { body: draft }));

const path = { id: made.data.id };
const published = good(
  await management.POST("/management/v1/articles/{id}/publish", {
    params: { path, header: { "If-Match": made.data.etag } },
    body: { published_at: "2020-02-29T12:00:00Z" },
  }),
);
// A body may be left out where it says nothing. What is shown already is not published anew.
const again = good(
  await management.POST("/management/v1/articles/{id}/publish", {
    params: { path, header: { "If-Match": published.data.etag } },
  }),
);

// null clears, a missing key stays; the section has an entity tag of its own.
const section = published.data.sections[0];
if (section === undefined) throw new Error("the sections are gone");
const changed = good(
  await management.PATCH("/management/v1/articles/{id}/sections/{section_id}", {
    params: { path: { ...path, section_id: section.id }, header: { "If-Match": section.etag } },
    body: { heading: null },
  }),
);
const stale = await management.PATCH("/management/v1/articles/{id}", {
  params: { path, header: { "If-Match": made.data.etag } },
  body: { dek: null },
});

const slug = published.data.slug;
const page = good(await delivery.GET("/delivery/v1/articles/by-slug/{slug}", { params: { path: { slug } } }));

console.log(
  JSON.stringify({
    slug,
    status: again.data.status,
    published_faqs: published.meta.published_faqs.length,
    published_at: page.data.published_at,
    heading: changed.data.heading,
    kinds: page.data.sections.map((section) => section.kind),
    stale: stale.error?.code,
    current_revision: stale.error?.current_revision,
  }),
);
