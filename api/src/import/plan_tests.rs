//! What a file becomes.

use masthead_domain::error::Error;

use super::*;

fn now() -> Instant {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn planned(path: &str, text: &str) -> Result<Plan, Vec<String>> {
    plan(
        path,
        text.as_bytes().to_vec(),
        &Locale::parse("en").unwrap(),
        now(),
    )
}

fn good(path: &str, text: &str) -> Plan {
    planned(path, text).unwrap()
}

fn problems(text: &str) -> String {
    planned("a.md", text).unwrap_err().join("\n")
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.notes.iter().map(|note| note.code).collect()
}

#[test]
fn a_file_becomes_an_article_with_everything_it_says() {
    let plan = good(
        "why-tides-turn.md",
        "---
title: Why tides turn
dek: Twice a day.
slug: tides
locale: en-gb
kind: page
authors:
  - Mara Ellingsen
  - { name: Tobias Renn, slug: tobias, role: editor }
tags: [Oceans, moon]
date: 2026-03-04
status: published
excerpt: It stretches.
cover: { image: https://x.example/a.jpg, alt: '', caption: Low water, credit: Ines }
seo: { title: Tides, no_index: true, image: https://x.example/b.jpg }
metadata: { hero: { wide: true }, order: 7 }
faqs:
  - question: Why?
    answer: |
      Because.
---
Before any heading.

## A pull

Text.

### Deeper

More.

## FAQs

### Where?

Here.
",
    );
    let article = &plan.import.article;
    assert_eq!(
        (article.title.as_str(), article.dek.as_deref()),
        ("Why tides turn", Some("Twice a day."))
    );
    assert_eq!(
        (article.slug.as_deref(), article.locale.as_str()),
        (Some("tides"), "en-GB")
    );
    assert_eq!(article.kind, ArticleKind::Page);
    assert_eq!(article.excerpt.as_deref(), Some("It stretches."));
    let bylines: Vec<_> = article
        .authors
        .iter()
        .map(|by| (by.slug.as_str(), by.role.as_str()))
        .collect();
    assert_eq!(bylines, [("mara-ellingsen", "writer"), ("tobias", "editor")]);
    assert_eq!(article.tags, ["oceans", "moon"]);
    assert_eq!(plan.import.tags[0].name, "Oceans");
    assert_eq!(article.cover.as_ref().unwrap().alt.as_deref(), Some(""));
    assert!(article.seo.no_index && article.seo.image.is_some());
    assert_eq!(article.metadata["hero"]["wide"], true);
    let headings: Vec<_> = article
        .sections
        .iter()
        .map(|section| (section.heading.as_deref(), section.level))
        .collect();
    assert_eq!(
        headings,
        [
            (None, Some(2)),
            (Some("A pull"), Some(2)),
            (Some("Deeper"), Some(3))
        ]
    );
    let FaqEntry::New(first) = &article.faqs[0] else {
        panic!()
    };
    assert_eq!(
        (first.question.as_str(), first.answer.as_str()),
        ("Why?", "Because.")
    );
    assert_eq!(article.faqs.len(), 2);
    assert_eq!(
        plan.import.visibility,
        Visibility::Published(Some("2026-03-04T00:00:00Z".parse().unwrap()))
    );
    assert!(plan.notes.is_empty(), "{:?}", plan.notes);
}

#[test]
fn what_the_front_matter_leaves_out_is_taken_from_text_and_path() {
    let plan = good("fr/2026-03-04-les-marées.md", "# Les marées\n\nTexte.\n");
    assert_eq!(plan.import.article.title, "Les marées");
    assert_eq!((plan.locale.as_str(), plan.slug.as_str()), ("fr", "les-marées"));
    assert_eq!(plan.import.visibility, Visibility::Draft);
    let plan = good("index.md", "---\ntitle: 1984\n---\n");
    assert_eq!(
        (plan.import.article.title.as_str(), plan.slug.as_str()),
        ("1984", "1984")
    );
}

#[test]
fn everything_wrong_with_a_file_is_said_at_once_with_its_line() {
    let said = problems(
        "---\nslug: A b\nlocale: english\nkind: post\nstatus: live\ndate: soon\ntags: a, b\nfaqs:\n  - question: q\nauthors:\n  - role: boss\n---\n",
    );
    for part in [
        "line 2, /slug: ",
        "line 3, /locale: ",
        "line 4, /kind: ",
        "line 5, /status: ",
        "line 6, /date: ",
        "line 7, /tags: ",
        "line 9, /faqs/0/answer: ",
        "line 11, /authors/0/role: ",
        "line 11, /authors/0: ",
        "/title: There is no title",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn what_is_not_known_is_reported_and_not_dropped_in_silence() {
    let plan = good(
        "a.md",
        "---\ntitle: a\nlayout: post\nseo:\n  robots: none\ncover:\n  image: /a.jpg\n  width: 3\n---\n",
    );
    let said: Vec<_> = plan.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(codes(&plan), ["unknown_key"; 3]);
    assert!(
        said.iter()
            .any(|said| said.starts_with("line 3, /layout: ") && said.contains("metadata")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|said| said.starts_with("line 5, /seo/robots: ")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|said| said.starts_with("line 8, /cover/width: ")),
        "{said:?}"
    );
}

#[test]
fn a_published_date_to_come_is_scheduled_and_said() {
    let plan = good(
        "a.md",
        "---\ntitle: a\nstatus: published\ndate: 2030-01-01\n---\n",
    );
    assert!(matches!(plan.import.visibility, Visibility::Scheduled(_)));
    assert_eq!(codes(&plan), ["scheduled_instead"]);
    assert_eq!(plan.status(), "scheduled for 2030-01-01T00:00:00Z");
    assert!(problems("---\ntitle: a\nstatus: scheduled\n---\n").contains("needs a `date`"));
    assert_eq!(
        codes(&good("a.md", "---\ntitle: a\ndate: 2026-01-01\n---\n")),
        ["date_not_kept"]
    );
}

#[test]
fn a_name_that_stands_twice_is_kept_once() {
    let plan = good(
        "a.md",
        "---\ntitle: a\ntags: [C, C++, Sea]\nauthors: [Ada, { name: Ada, role: editor }]\n---\n",
    );
    assert_eq!(plan.import.article.tags, ["c", "sea"]);
    assert_eq!(plan.import.article.authors.len(), 1);
    assert_eq!(codes(&plan), ["named_twice", "named_twice"]);
    assert!(problems("---\ntitle: a\ntags: ['?!']\n---\n").contains("give one"));
}

#[test]
fn a_question_that_stands_twice_is_one_question() {
    let plan = good(
        "a.md",
        "---\ntitle: a\nfaqs:\n  - question: Why?\n    answer: Above.\n---\n## FAQ\n### Why?\nBelow.\n",
    );
    assert_eq!(plan.import.article.faqs.len(), 1);
    let FaqEntry::New(faq) = &plan.import.article.faqs[0] else {
        panic!()
    };
    assert_eq!(faq.answer, "Above.");
    assert_eq!(codes(&plan), ["faq_twice"]);
}

#[test]
fn html_that_readers_will_not_get_is_reported_with_its_section() {
    let plan = good("a.md", "# A\n\n## Sources\n\n<script>alert(1)</script>\n");
    assert!(
        plan.notes
            .iter()
            .any(|note| note.message.starts_with("section \"Sources\": ")),
        "{:?}",
        plan.notes
    );
}

#[test]
fn a_refusal_of_the_domain_is_found_in_the_file() {
    let plan = good(
        "a.md",
        "---\ntitle: a\ncover:\n  image: x\nfaqs:\n  - question: q\n    answer: a\n---\n## One\n\n## FAQ\n\n### Two?\n\nYes.\n",
    );
    let mut violations = masthead_domain::error::Violations::default();
    for pointer in [
        "/cover/url",
        "/sections/0/body",
        "/faqs/0/answer",
        "/faqs/1/answer",
        "/title",
    ] {
        violations.add(pointer, "x", "No.");
    }
    let said = plan.explain(&Error::Invalid(violations));
    let expected = [
        "line 4, /cover/url: No.",
        "section \"One\": No.",
        "line 7, /faqs/0/answer: No.",
        "question \"Two?\": No.",
        "line 2, /title: No.",
    ];
    assert_eq!(said, expected);
}

#[test]
fn no_bytes_make_it_panic() {
    let pieces = [
        "---\n",
        "title: a\n",
        "\0",
        "&a [*a]",
        "# \n",
        "\u{202e}",
        "|\n",
        "{",
        "- ",
        "🎉",
        "\t",
        "!!binary x\n",
        "? a\n",
    ];
    for one in pieces {
        for two in pieces {
            for three in pieces {
                let _ = planned(
                    &format!("{two}.md"),
                    &format!("---\n{one}{two}{three}\n---\n{three}{one}"),
                );
                let _ = planned("a.md", &format!("{one}{two}{three}"));
            }
        }
    }
}
