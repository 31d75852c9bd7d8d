// The page of an article, at every address it ever had.

import { notFound, permanentRedirect } from "next/navigation";
import type { ReactNode } from "react";
import type { Section } from "@masthead/client";
import { getArticle } from "../../../lib/masthead";

export default async function Page({ params }: { params: Promise<{ slug: string }> }): Promise<ReactNode> {
  const resolved = await getArticle((await params).slug);
  if (resolved.state === "moved") permanentRedirect(`/articles/${resolved.movedTo.slug}`);
  if (resolved.state !== "found") notFound();
  const { title, dek, sections } = resolved.data;
  return (
    <article>
      <h1>{title}</h1>
      {dek !== null && <p>{dek}</p>}
      {sections.map((section) => (
        <section key={section.id} id={section.anchor ?? undefined}>
          {section.heading !== null && <h2>{section.heading}</h2>}
          {draw(section)}
        </section>
      ))}
    </article>
  );
}

/** The service has sanitised all HTML when it was published. */
function draw(section: Section): ReactNode {
  switch (section.kind) {
    case "text":
    case "callout":
      return <div dangerouslySetInnerHTML={{ __html: section.body.html }} />;
    case "quote":
      return <blockquote cite={section.source_url ?? undefined} dangerouslySetInnerHTML={{ __html: section.body.html }} />;
    case "image":
      return <img src={section.image} alt={section.alt ?? ""} />;
    case "embed":
      return section.html === null ? (
        <a href={section.url}>{section.url}</a>
      ) : (
        <div dangerouslySetInnerHTML={{ __html: section.html }} />
      );
  }
}
