//! Tests of what Markdown becomes.

use super::*;

/// The HTML of a text that loses nothing.
fn html(markdown: &str) -> String {
    let rendered = render(markdown, "s1");
    assert_eq!(rendered.warnings, [], "{markdown}");
    rendered.html
}

fn codes(markdown: &str) -> Vec<&'static str> {
    render(markdown, "s1")
        .warnings
        .into_iter()
        .map(|warning| warning.code)
        .collect()
}

#[test]
fn ordinary_markdown_is_rendered_without_warnings() {
    assert_eq!(
        html("# A\n\n*b* **c** `d` ~~e~~ &copy; <3 & \\*\n\n---\n\n> f\n\n1. g\n"),
        "<h1>A</h1>\n<p><em>b</em> <strong>c</strong> <code>d</code> <del>e</del> © &lt;3 &amp; *</p>\n<hr>\n\
         <blockquote>\n<p>f</p>\n</blockquote>\n<ol>\n<li>g</li>\n</ol>"
    );
    assert_eq!(html(""), "");
    assert_eq!(html("3. x"), "<ol start=\"3\">\n<li>x</li>\n</ol>");
    assert_eq!(html("a  \nb"), "<p>a<br>\nb</p>");
}

#[test]
fn tables_keep_their_alignment() {
    assert_eq!(
        html("| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |"),
        "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"center\">b</th>\n<th align=\"right\">c</th>\n</tr>\n</thead>\n\
         <tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"center\">2</td>\n<td align=\"right\">3</td>\n</tr>\n</tbody>\n</table>"
    );
}

#[test]
fn task_lists_keep_disabled_boxes() {
    let out = html("- [x] a\n- [ ] b");
    assert_eq!(out.matches("<input type=\"checkbox\"").count(), 2, "{out}");
    assert_eq!(out.matches("disabled").count(), 2, "{out}");
    assert_eq!(out.matches("checked").count(), 1, "{out}");
}

#[test]
fn code_keeps_its_language_and_its_content() {
    assert_eq!(
        html("```rust ignore\nlet a = \"<b>\";\n```"),
        "<pre><code class=\"language-rust\">let a = \"&lt;b&gt;\";\n</code></pre>"
    );
}

#[test]
fn footnotes_lead_there_and_back() {
    let out = html("One[^a] two[^Ünï] again[^a].\n\n[^a]: Alpha.\n[^Ünï]: Beta.\n");
    for id in ["s1-fn-1", "s1-fn-2", "s1-fnref-1", "s1-fnref-2", "s1-fnref-1-2"] {
        assert_eq!(out.matches(&format!("id=\"{id}\"")).count(), 1, "{id} in {out}");
        assert!(out.contains(&format!("href=\"#{id}\"")), "{id} in {out}");
    }
    assert!(
        out.contains("<section class=\"footnotes\" data-footnotes=\"\">"),
        "{out}"
    );
    assert!(out.contains("class=\"footnote-backref\""), "{out}");
    assert!(out.contains("<sup class=\"footnote-ref\">"), "{out}");
}

#[test]
fn footnotes_of_two_texts_do_not_collide() {
    let one = render("a[^1]\n\n[^1]: b", "s1").html;
    let two = render("a[^1]\n\n[^1]: b", "s2").html;
    assert_eq!(one.replace("s1-", "s2-"), two);
}

#[test]
fn footnotes_refer_to_footnotes() {
    let out = html("a[^x] b[^y]\n\n[^y]: why[^x]\n[^x]: ex");
    assert!(out.contains("<li id=\"s1-fn-1\">\n<p>ex"), "{out}");
    assert!(
        out.contains("<li id=\"s1-fn-2\">\n<p>why<sup class=\"footnote-ref\"><a href=\"#s1-fn-1\""),
        "{out}"
    );
}

#[test]
fn links_carry_what_they_need() {
    assert_eq!(
        html("[a](https://a.b \"t\") <c@d.e> https://f.g [h](/i) [j](tel:+1)"),
        "<p><a href=\"https://a.b\" title=\"t\" rel=\"noopener\">a</a> <a href=\"mailto:c@d.e\">c@d.e</a> \
         <a href=\"https://f.g\" rel=\"noopener\">https://f.g</a> <a href=\"/i\">h</a> <a href=\"tel:+1\">j</a></p>"
    );
    assert_eq!(
        html("<a href=\"https://a.b\" rel=\"sponsored\">c</a>"),
        "<p><a href=\"https://a.b\" rel=\"sponsored noopener\">c</a></p>"
    );
    assert_eq!(
        html("[a](http://[::1]/?b=1&c=2)"),
        "<p><a href=\"http://[::1]/?b=1&amp;c=2\" rel=\"noopener\">a</a></p>"
    );
}

#[test]
fn links_within_the_text_are_prefixed_and_links_to_the_page_are_not() {
    assert_eq!(
        html("[a](#x) [b](#y) [c](#ü)\n\n<span id=\"x\">d</span> <span id=\"ü\">e</span>"),
        "<p><a href=\"#s1-x\">a</a> <a href=\"#y\">b</a> <a href=\"#s1-%C3%BC\">c</a></p>\n\
         <p><span id=\"s1-x\">d</span> <span id=\"s1-ü\">e</span></p>"
    );
}

#[test]
fn images_load_lazily() {
    assert_eq!(
        html("![a *b*](/c.png \"d\")"),
        "<p><img src=\"/c.png\" alt=\"a b\" title=\"d\" loading=\"lazy\"></p>"
    );
    assert_eq!(
        html("<img src=\"c.png\" width=\"10\" height=\"20\" alt=\"a\" loading=\"eager\">"),
        "<img src=\"c.png\" width=\"10\" height=\"20\" alt=\"a\" loading=\"lazy\">"
    );
}

#[test]
fn safe_html_passes() {
    for same in [
        "<p>H<sub>2</sub>O x<sup>2</sup> <kbd>Ctrl</kbd> <mark>m</mark> <abbr title=\"t\">a</abbr></p>",
        "<figure>\n<img src=\"/a.png\" alt=\"\" loading=\"lazy\">\n<figcaption>c</figcaption>\n</figure>",
        "<details open=\"\">\n<summary>s</summary>\n<p>t</p>\n</details>",
        "<table>\n<tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>",
    ] {
        assert_eq!(html(same), same);
    }
    assert_eq!(
        html("<details>\n<summary>A</summary>\n\n**b**\n\n</details>\n\nc"),
        "<details>\n<summary>A</summary>\n<p><strong>b</strong></p>\n</details>\n<p>c</p>"
    );
    assert_eq!(html("a<br>b<br/>c <!-- note -->"), "<p>a<br>b<br>c </p>");
    assert_eq!(
        html("<ul>\n<li>a\n<li>b\n</ul>"),
        "<ul>\n<li>a\n</li><li>b\n</li></ul>"
    );
}

#[test]
fn unclosed_html_stays_in_its_block() {
    let rendered = render("<b>a\n\nb", "s1");
    assert_eq!(rendered.html, "<p><b>a</b></p>\n<p>b</p>");
    let rendered = render("<div>\n\na[^1]\n\n[^1]: b", "s1");
    assert!(
        rendered.html.contains("</div>\n<section") || rendered.html.contains("</div><section"),
        "{}",
        rendered.html
    );
}

#[test]
fn what_is_lost_is_reported() {
    assert_eq!(codes("<script>a</script>"), ["html_removed"]);
    assert_eq!(codes("a <span onclick=\"b\">c</span>"), ["html_removed"]);
    assert_eq!(codes("<p style=\"color:red\">a</p>"), ["html_removed"]);
    assert_eq!(codes("<marquee>a</marquee>"), ["html_removed"]);
    assert_eq!(codes("[a](javascript:b)"), ["link_removed"]);
    assert_eq!(codes("<a href=\"javascript:b\">a</a>"), ["link_removed"]);
    assert_eq!(codes("![a](data:image/png;base64,AAAA)"), ["image_removed"]);
    assert_eq!(codes("a</div>b"), ["html_removed"]);
    assert_eq!(codes("`<script>` \\<script> &lt;script&gt; a < b"), [""; 0]);
}

#[test]
fn the_text_of_a_removed_link_or_image_is_kept() {
    assert_eq!(render("[a *b*](javascript:c)", "s1").html, "<p>a <em>b</em></p>");
    assert_eq!(render("![a <b>](data:c)", "s1").html, "<p>a</p>");
    assert_eq!(render("<marquee>a</marquee>", "s1").html, "<p>a</p>");
}

#[test]
fn plain_text_reads_like_the_page() {
    let markdown = "# Tides\n\nThe *moon*\npulls[^1] [water](https://a.b) &amp; ![buoy](b.png)`x`.\\\nDaily.\n\n\
        - a\n- b\n  1. c\n  2. d\n\n    e\n- [x] f\n\n> quote\n\n```\ncode\n  more\n```\n\n\
        | k | v |\n|---|---|\n| 1 | 2 |\n\n<div>h<br>t<script>no</script></div>\n\nx <kbd>K</kbd> <style>no</style> y\n\n[^1]: Note.\n";
    assert_eq!(
        plain_text(markdown),
        "Tides\n\nThe moon pulls water & buoyx.\nDaily.\n\n- a\n- b\n  1. c\n  2. d\n  e\n- [x] f\n\nquote\n\n\
         code\n  more\n\nk | v\n1 | 2\n\nh\nt\n\nx K  y\n\n1. Note."
    );
    assert_eq!(render(markdown, "s1").text, plain_text(markdown));
}

#[test]
fn inline_text_is_one_line() {
    assert_eq!(inline_text("a\n\n*b*  \nc"), "a b c");
    assert_eq!(inline_text(""), "");
}
