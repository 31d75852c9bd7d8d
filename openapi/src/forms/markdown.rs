//! A whole article as one Markdown document, for readers that are programs.

use std::fmt::Write as _;

use masthead_domain::article::BylineRole;
use masthead_domain::delivering::Delivered;
use masthead_domain::published::{PublishedContent, PublishedSection};
use masthead_domain::section::Tone;

use super::{Site, modified};

/// The title, the line under it, who and when, the cover, every section, the FAQs, and where the original is.
#[must_use]
pub fn markdown(delivered: &Delivered, site: &Site) -> String {
    let article = &delivered.article;
    let mut blocks = vec![format!("# {}", inline(&article.title))];
    blocks.extend(article.dek.as_deref().map(paragraph));
    blocks.push(about(delivered));
    if let Some(cover) = &article.cover {
        let lines = [cover.caption.as_deref(), cover.credit.as_deref()];
        blocks.extend(picture(&site.absolute(&cover.url), cover.alt.as_deref(), lines));
    }
    for section in &delivered.sections {
        blocks.extend(part(section, site));
    }
    if !delivered.faqs.is_empty() {
        blocks.push("## FAQs".to_owned());
    }
    for faq in &delivered.faqs {
        blocks.push(format!("### {}", inline(&faq.question)));
        blocks.push(whole(&faq.answer.markdown));
    }
    blocks.push("---".to_owned());
    blocks.push(format!("Original: <{}>", destination(&site.address(article))));
    blocks.retain(|block| !block.is_empty());
    let mut document = blocks.join("\n\n");
    document.push('\n');
    document
}

/// `By Ada Marsh and … · Published 2026-03-04 · Updated 2026-03-05 · Tags: Oceans`
fn about(delivered: &Delivered) -> String {
    let article = &delivered.article;
    let names: Vec<_> = delivered
        .authors
        .iter()
        .map(|by| match by.role {
            BylineRole::Writer => inline(&by.author.name),
            role => format!("{} ({role})", inline(&by.author.name)),
        })
        .collect();
    let mut parts = Vec::new();
    if !names.is_empty() {
        parts.push(format!("By {}", names.join(", ")));
    }
    let (published, updated) = (
        article.first_published_at.date_naive(),
        modified(article).date_naive(),
    );
    parts.push(format!("Published {published}"));
    if updated != published {
        parts.push(format!("Updated {updated}"));
    }
    if !delivered.tags.is_empty() {
        let tags: Vec<_> = delivered.tags.iter().map(|tag| inline(&tag.name)).collect();
        parts.push(format!("Tags: {}", tags.join(", ")));
    }
    parts.join(" · ")
}

fn part(section: &PublishedSection, site: &Site) -> Vec<String> {
    let mut blocks = Vec::new();
    if let Some(heading) = &section.heading {
        let marks = "#".repeat(usize::from(heading.level));
        blocks.push(format!("{marks} {}", inline(&heading.text)));
    }
    match &section.content {
        PublishedContent::Text { body } => blocks.push(whole(&body.markdown)),
        PublishedContent::Quote {
            body,
            attribution,
            source_url,
        } => {
            let mut text = whole(&body.markdown);
            let source = source_url.as_deref().map(|url| site.absolute(url));
            let from = match (attribution, source) {
                (Some(name), Some(url)) => Some(link(name, &url)),
                (Some(name), None) => Some(inline(name)),
                (None, Some(url)) => Some(format!("<{}>", destination(&url))),
                (None, None) => None,
            };
            if let Some(from) = from {
                // Writing to a text cannot fail.
                let _ = write!(text, "\n\n— {from}");
            }
            blocks.push(quoted(&text));
        }
        PublishedContent::Image {
            image,
            alt,
            caption,
            credit,
        } => {
            let lines = [caption.as_deref(), credit.as_deref()];
            blocks.extend(picture(&site.absolute(image), alt.as_deref(), lines));
        }
        PublishedContent::Embed { url, title, .. } => {
            blocks.push(link(title.as_deref().unwrap_or(url), &site.absolute(url)));
        }
        PublishedContent::Callout { tone, body } => {
            let name = match tone {
                Tone::Note => "NOTE",
                Tone::Tip => "TIP",
                Tone::Important => "IMPORTANT",
                Tone::Warning => "WARNING",
            };
            blocks.push(quoted(&format!("[!{name}]\n{}", whole(&body.markdown))));
        }
    }
    blocks
}

fn picture(url: &str, alt: Option<&str>, lines: [Option<&str>; 2]) -> Vec<String> {
    let image = format!("![{}](<{}>)", inline(alt.unwrap_or_default()), destination(url));
    let below: Vec<_> = lines.into_iter().flatten().map(inline).collect();
    let mut blocks = vec![image];
    if !below.is_empty() {
        blocks.push(start_safe(below.join(" · ")));
    }
    blocks
}

fn link(label: &str, url: &str) -> String {
    format!("[{}](<{}>)", inline(label), destination(url))
}

/// An address between `<` and `>`.
fn destination(url: &str) -> String {
    url.chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            c if c.is_control() || c == ' ' => {}
            c => out.push(c),
        }
        out
    })
}

fn quoted(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            ">".to_owned()
        } else {
            format!("> {line}")
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Plain text on one line that stays what it is: nothing in it is a mark.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            if "\\`*_[]<>~|&#!$^".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// A paragraph of plain text.
fn paragraph(text: &str) -> String {
    start_safe(inline(text))
}

/// What would begin a list, a rule or an underlined heading at the start of a line.
fn start_safe(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text[digits..].chars().next();
    if text.starts_with(['-', '+', '=', ':']) {
        format!("\\{text}")
    } else if digits > 0 && matches!(after, Some('.' | ')')) {
        format!("{}\\{}", &text[..digits], &text[digits..])
    } else {
        text
    }
}

/// A text as it was written; a code block that it leaves open ends with it, or it would swallow what follows.
fn whole(markdown: &str) -> String {
    let text = markdown.trim_matches(['\n', '\r']).trim_end();
    let mut open: Option<(char, usize)> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let line = line.trim_start_matches(' ');
        let Some(mark) = line.chars().next().filter(|c| matches!(c, '`' | '~')) else {
            continue;
        };
        let length = line.chars().take_while(|c| *c == mark).count();
        let rest = &line[length..];
        open = match open {
            Some((with, least))
                if with == mark && length >= least && rest.trim().is_empty() && indent < 4 =>
            {
                None
            }
            None if length >= 3 && indent < 4 && !(mark == '`' && rest.contains('`')) => Some((mark, length)),
            open => open,
        };
    }
    match open {
        Some((mark, length)) => format!("{text}\n{}", mark.to_string().repeat(length)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_plain_text_holds_no_marks() {
        use masthead_domain::rendering::{plain_text, render};
        for text in [
            "# *Tides* & `code` <b>",
            "- one",
            "12. March",
            "+ plus",
            "--- rule",
            "[a](javascript:b)",
            "![x](y)",
            "a | b",
            "&amp; &lt;script&gt;",
            "~~gone~~ \\*",
            "=====",
            "> quoted",
            "A #hash #",
        ] {
            let rendered = render(&paragraph(text), "x").html;
            assert!(rendered.starts_with("<p>"), "{text}: {rendered}");
            assert_eq!(plain_text(&paragraph(text)), text);
            assert_eq!(plain_text(&format!("# {}", inline(text))), text);
        }
        assert_eq!(inline("two\nlines\u{2028}and \u{7}bell"), "two lines and bell");
    }

    #[test]
    fn an_open_code_block_ends_with_its_text() {
        assert_eq!(whole("a\n```rust\nlet x;\n"), "a\n```rust\nlet x;\n```");
        assert_eq!(whole("~~~~\n```\n~~~"), "~~~~\n```\n~~~\n~~~~");
        assert_eq!(whole("```\nx\n```"), "```\nx\n```");
        assert_eq!(whole("a `b` ```c``` d"), "a `b` ```c``` d");
    }
}
