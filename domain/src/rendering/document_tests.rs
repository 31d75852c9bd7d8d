//! Tests of splitting documents.

use super::super::render;
use super::*;

fn section(heading: &str, level: u8, body: &str) -> DocumentSection {
    let heading = (!heading.is_empty()).then(|| heading.to_owned());
    DocumentSection {
        heading,
        level,
        body: body.to_owned(),
    }
}

fn faq(question: &str, answer: &str) -> DocumentFaq {
    DocumentFaq {
        question: question.to_owned(),
        answer: answer.to_owned(),
    }
}

fn codes(document: &Document) -> Vec<&str> {
    document.warnings.iter().map(|warning| warning.code).collect()
}

const ARTICLE: &str = "# Why tides turn

The sea breathes twice a day.

## Introduction

The moon pulls, the earth turns.[^1]

## What the moon does

See [the almanac].

### Spring tides

Sun and moon in line.

## Conclusion

Look up.

## FAQs

### Why are there two high tides a day?

Because water bulges *on both sides*[^1].

### Does the sun pull too?

About half as much, says [the almanac].

Less in summer.

[the almanac]: https://almanac.example \"The Almanac\"
[^1]: Once around in a day.
";

#[test]
fn an_article_is_divided_at_its_headings() {
    let document = split(ARTICLE);
    assert_eq!(document.title.as_deref(), Some("Why tides turn"));
    assert_eq!(document.warnings, []);
    let almanac = "[the almanac]: https://almanac.example \"The Almanac\"";
    assert_eq!(
        document.sections,
        [
            section("", 2, "The sea breathes twice a day."),
            section(
                "Introduction",
                2,
                "The moon pulls, the earth turns.[^1]\n\n[^1]: Once around in a day."
            ),
            section(
                "What the moon does",
                2,
                &format!("See [the almanac].\n\n{almanac}")
            ),
            section("Spring tides", 3, "Sun and moon in line."),
            section("Conclusion", 2, "Look up."),
        ]
    );
    assert_eq!(
        document.faqs,
        [
            faq(
                "Why are there two high tides a day?",
                "Because water bulges *on both sides*[^1].\n\n[^1]: Once around in a day."
            ),
            faq(
                "Does the sun pull too?",
                "About half as much, says [the almanac].\n\nLess in summer.\n\n\
                 [the almanac]: https://almanac.example \"The Almanac\""
            ),
        ]
    );
}

#[test]
fn every_part_renders_like_the_whole() {
    let document = split(ARTICLE);
    let bodies = document.sections.iter().map(|section| &section.body);
    for body in bodies.chain(document.faqs.iter().map(|faq| &faq.answer)) {
        let html = render(body, "s").html;
        assert!(!html.contains('['), "{html}");
        assert_eq!(
            html.contains("almanac"),
            html.contains("href=\"https://almanac.example\""),
            "{html}"
        );
    }
}

#[test]
fn headings_of_every_spelling_divide() {
    let document = split("a\n\nB\n--\nb\n## C ##\nc\n\nD\nd\n===\ne\n##### F\nf");
    assert_eq!(
        document.sections,
        [
            section("", 2, "a"),
            section("B", 2, "b"),
            section("C", 2, "c"),
            section("D d", 2, "e\n##### F\nf")
        ]
    );
    assert_eq!(document.title, None);
}

#[test]
fn headings_inside_blocks_do_not_divide() {
    for body in [
        "```\n## no\n```",
        "    ## no",
        "> ## no",
        "- ## no",
        "<div>\n## no\n</div>",
        "\\## no",
        "a[^1]\n\n[^1]: b\n\n    ## no",
    ] {
        let document = split(&format!("## Yes\n\n{body}\n"));
        assert_eq!(document.sections, [section("Yes", 2, body)]);
    }
}

#[test]
fn nothing_an_author_wrote_is_written_anew() {
    let body = "* a\n+ b\n\n\n__c__  \n&copy;\t*d*\n\n***\n\n| x |\n|-|\n| y |";
    assert_eq!(split(&format!("## A\n\n{body}\n\n## B")).sections[0].body, body);
    let windows = "## A\r\n\r\nb\r\nc\r\n\r\n## D\r\n\r\n    e\r\n";
    assert_eq!(
        split(windows).sections,
        [section("A", 2, "b\r\nc"), section("D", 2, "    e")]
    );
}

#[test]
fn headings_become_plain_text() {
    let document = split("# *A* `b` &amp; [c](d)\n\n## <b>E</b>\n");
    assert_eq!(document.title.as_deref(), Some("A b & c"));
    assert_eq!(document.sections, [section("E", 2, "")]);
    assert_eq!(codes(&document), ["heading_simplified"]);
}

#[test]
fn only_the_first_heading_can_be_the_title() {
    let document = split("<!-- x -->\n\n# A\n\n# B\n\nc");
    assert_eq!(document.title.as_deref(), Some("A"));
    assert_eq!(document.sections, [section("B", 2, "c")]);
    assert_eq!(codes(&document), ["heading_level_changed"]);
    let document = split("a\n\n# B");
    assert_eq!(document.title, None);
    assert_eq!(document.sections, [section("", 2, "a"), section("B", 2, "")]);
}

#[test]
fn an_empty_document_has_no_sections() {
    assert_eq!(split(""), Document::default());
    assert_eq!(split("\n \n"), Document::default());
    assert_eq!(split("# A").sections, []);
}

#[test]
fn bold_paragraphs_are_questions_where_headings_are_missing() {
    let document = split("## Faq\n\n**Who?**\n\nMe.\n\n**Really?**\n\nYes?\n\nYes.\n\n## After\n\nx");
    assert_eq!(
        document.faqs,
        [faq("Who?", "Me."), faq("Really?", "Yes?\n\nYes.")]
    );
    assert_eq!(document.sections, [section("After", 2, "x")]);
}

#[test]
fn questions_alone_on_a_line_are_questions_where_nothing_else_is() {
    let document = split("## Frequently Asked Questions\n\nWho is it?\n\nMe.\n\n谁？\n\n我。\n");
    assert_eq!(document.faqs, [faq("Who is it?", "Me."), faq("谁？", "我。")]);
    assert_eq!(document.sections, []);
}

#[test]
fn text_that_belongs_to_no_question_is_kept() {
    let document = split("## FAQs\n\nAsk away.\n\n### Who?\n\nMe.\n\n### Why?\n");
    assert_eq!(document.faqs, [faq("Who?", "Me.")]);
    assert_eq!(
        document.sections,
        [section("FAQs", 2, "Ask away."), section("Why?", 3, "")]
    );
    assert_eq!(codes(&document), ["faq_text_kept", "faq_unanswered"]);
    let document = split("## FAQ\n\nSoon.");
    assert_eq!(document.sections, [section("FAQ", 2, "Soon.")]);
    assert_eq!(codes(&document), ["faq_without_questions"]);
}

#[test]
fn footnotes_go_with_the_text_that_uses_them() {
    let document =
        split("## A\n\na[^X]\n\n[^y]: Why, see [z].\n[^x]: Ex[^y]\n\n    more\n\n## B\n\nb[^Y]\n\n[z]: /z\n");
    let html = render(&document.sections[0].body, "s").html;
    assert!(
        html.contains("more") && html.contains("Why") && html.contains("href=\"/z\""),
        "{html}"
    );
    let html = render(&document.sections[1].body, "s").html;
    assert!(
        html.contains("Why") && !html.contains("more") && html.contains("href=\"/z\""),
        "{html}"
    );
}

#[test]
fn a_footnote_nobody_refers_to_stays_where_it_is() {
    let document = split("## A\n\na\n\n[^1]: See[^1].\n\n[^2]: Other.\n\n## B\n\nb");
    assert_eq!(document.sections[0].body, "a\n\n[^1]: See[^1].\n\n[^2]: Other.");
}

#[test]
fn definitions_survive_odd_places_and_odd_characters() {
    let document = split(
        "## A\n\n[x] [Ünï  Code] [q]\n\n## B\n\n> [x]: </a b\\>&amp;c> 'say \"hi\"'\n\n- [ünï code]: /u\n\n```\n[q]: /q\n",
    );
    let html = render(&document.sections[0].body, "s").html;
    assert!(
        html.contains("href=\"/a%20b%3E&amp;c\" title=\"say &quot;hi&quot;\""),
        "{html}"
    );
    assert!(html.contains("href=\"/u\"") && html.contains("[q]"), "{html}");
}

#[test]
fn an_unclosed_code_block_does_not_swallow_definitions() {
    let document = split("## A\n\n[x]: /x\n\n## B\n\n[x]\n\n```\ncode\n");
    assert_eq!(document.sections[1].body, "[x]: /x\n\n[x]\n\n```\ncode");
}

#[test]
fn a_document_that_cannot_be_rendered_stays_whole() {
    let markdown = "## A\n\n".to_owned() + &"> ".repeat(1000) + "x";
    let document = split(&markdown);
    assert_eq!(document.sections, [section("", 2, &markdown)]);
    assert_eq!(codes(&document), ["not_split"]);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether something is fast can only be measured"
)]
fn large_documents_are_divided_quickly() {
    let begun = std::time::Instant::now();
    let many = (0..3000)
        .map(|n| format!("## H{n}\n\n[a] [b{n}] x[^1]\n\n[b{n}]: /b\n\n"))
        .collect::<Vec<_>>()
        .concat();
    let document = split(&(many + "[a]: /a\n[^1]: note\n"));
    assert_eq!(document.sections.len(), 3000);
    let long = "[^1]: ".to_owned() + &"x".repeat(100_000) + "\n\n" + &"## H\n\nx[^1]\n\n".repeat(3000);
    let document = split(&long);
    assert!(
        document
            .sections
            .iter()
            .map(|section| section.body.len())
            .sum::<usize>()
            < 3_000_000
    );
    assert_eq!(codes(&document), ["definitions_not_repeated"]);
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
}
