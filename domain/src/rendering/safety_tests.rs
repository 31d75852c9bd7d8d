//! Tests that no input is dangerous or slow.

#![expect(
    clippy::disallowed_methods,
    reason = "whether something is fast can only be measured"
)]

use std::time::{Duration, Instant};

use super::*;

/// Attacks that have worked somewhere, each calling `alert` if it works here.
const ATTACKS: [&str; 48] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//a.b/alert.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:alert(1) onerror=eval(src)>",
    "<img src=\"x\" OnErRoR = 'alert(1)'>",
    "<img/src=\"x\"/onerror=\"alert(1)\">",
    "<img src='x' title='\"onerror=\"alert(1)'>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "![\" onerror=\"alert(1)](x)",
    "![a](x\"onerror=\"alert(1))",
    "![a](<x\" onerror=alert(1) a=\">)",
    "[a](x \"\" onclick=\"alert(1)\")",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](javascript&#58;alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](&#x6A;avascript:alert(1))",
    "[a](<java\tscript:alert(1)>)",
    "[a](< javascript:alert(1)>)",
    "[a](\u{1}javascript:alert(1))",
    "[a](vbscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a]: javascript:alert(1)\n\n[a]",
    "<javascript:alert(1)>",
    "<a href=\"java\nscript:alert(1)\">a</a>",
    "<a href=\" &#14; javascript:alert(1)\">a</a>",
    "<a href=&#106;&#97;&#118;&#97;script:alert(1)>a</a>",
    "<a href='javascript:alert(1)'\n>a</a>",
    "<a xlink:href=\"javascript:alert(1)\">a</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>a</text></a></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><a xlink:href=\"javascript:alert(1)\">a</a></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<style><img src=\"</style><img src=x onerror=alert(1)//\">",
    "<textarea><img title=\"</textarea><img src onerror=alert(1)>\"></textarea>",
    "<title><a title=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object><embed src=\"javascript:alert(1)\">",
    "<form action=\"javascript:alert(1)\"><button formaction=\"javascript:alert(1)\">a</button></form>",
    "<p style=\"background:url(javascript:alert(1))\">a</p>",
    "<base href=\"javascript:alert(1)//\"><meta http-equiv=refresh content=\"0;javascript:alert(1)\">",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<blockquote cite=\"javascript:alert(1)\">a</blockquote>",
];

/// Every tag of the HTML, as a browser reads well-formed HTML.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or(rest))
        .collect()
}

#[test]
fn attacks_leave_no_working_script() {
    for attack in ATTACKS {
        for markdown in [
            attack.to_owned(),
            format!("a {attack} b"),
            format!("> - {attack}\n\n*x*"),
        ] {
            let html = render(&markdown, "s1").html;
            for tag in tags(&html) {
                let name = tag
                    .split([' ', '/'])
                    .find(|part| !part.is_empty())
                    .unwrap_or_default();
                assert!(
                    name == "input" || super::super::policy::element(name).is_some(),
                    "<{tag}> from {markdown:?}"
                );
                // Quoted values may say anything, as long as they are no script's address.
                let bare: String = tag.split('"').step_by(2).collect();
                assert!(!bare.to_lowercase().contains("on"), "<{tag}> from {markdown:?}");
                let squeezed: String = tag.to_lowercase().split_whitespace().collect();
                for bad in [
                    "href=\"javascript",
                    "href=\"data",
                    "href=\"vbscript",
                    "src=\"javascript",
                    "cite=\"j",
                ] {
                    assert!(!squeezed.contains(bad), "<{tag}> from {markdown:?}");
                }
            }
            let again = sanitiser::sanitise(&html, "s1", BTreeSet::default());
            assert_eq!(tags(&again).len(), tags(&html).len(), "{markdown:?}");
        }
    }
}

#[test]
fn the_content_of_scripts_is_removed_too() {
    for markdown in [
        "<script>alert(1)</script>",
        "a <script>alert(1)</script> b",
        "a <script>*alert(1)*</script> b",
        "<div><script>\n\nalert(1)\n\n</script></div>",
        "<style>\n\n@import 'alert(1)';\n\n</style>",
        "<script>\nalert(1)",
        "<svg>\n\nalert(1)\n\n</svg>",
    ] {
        let rendered = render(markdown, "s1");
        assert!(
            !rendered.html.contains("alert"),
            "{markdown:?} became {}",
            rendered.html
        );
        assert!(
            !rendered.text.contains("alert"),
            "{markdown:?} became {}",
            rendered.text
        );
        assert!(!rendered.warnings.is_empty(), "{markdown:?}");
    }
    assert_eq!(render("a <script>x</script> b", "s1").html, "<p>a  b</p>");
}

#[test]
fn an_id_cannot_clobber_the_page() {
    let rendered = render("<a id=\"location\" name=\"body\">x</a><b id=\"fn-1\">y</b>", "s1");
    assert_eq!(rendered.html, "<p><a id=\"s1-location\">x</a><b>y</b></p>");
    assert_eq!(rendered.warnings.len(), 2);
    let twice = render("<b id=\"x\">1</b><b id=\"x\">2</b>", "s1");
    assert_eq!(twice.html, "<p><b id=\"s1-x\">1</b><b>2</b></p>");
}

/// Pieces that hurt some parser when they are repeated.
const SHORT_PIECES: [&str; 55] = [
    "[", "![", ">", "> ", "*a_ ", "*a ", "**a ", "_a__b ", "- ", "+ ", "1. ", "> - ", "`", "~~a ", "|", "<",
    "<a ", "<a b='", "<!--", "<?", "[a](", "[a](<b", "[^1]", "[^a]: ", "[^", "a@", "x@y.z ", "www.a<",
    "www.", "&", "&#", "\\", "***", "\"", "<div>", "<b>", "<b>\n", "<p>", "<i><b>", "<td>", "<li>", "<svg>",
    "</b>", "</p>", "- a\n", "# a\n", "a\n=\n", "|a|\n", "\n", "\t", "\r", "\0", "- [x] ", "[](", "潮",
];

/// Longer ones.
const LONG_PIECES: [&str; 19] = [
    "a <!-- ",
    "a <![CDATA[",
    "http://",
    "http://a<",
    "ftp://a<",
    "&eacute;",
    "<div>\n\n",
    "<p>\n\n",
    "<b x=1>",
    "<a href=x>",
    "<table>",
    "<table><td>",
    "<script>",
    "a <script>",
    "<style>\n\n",
    "<img src=x>",
    "<q id=a>",
    "[a]: b\n",
    "e\u{301}",
];

/// One piece for each number.
fn numbered(end: usize, piece: impl Fn(usize) -> String) -> String {
    (0..end).map(piece).collect::<Vec<_>>().concat()
}

/// Texts of some 100 KB that are known to hurt parsers.
fn pathological() -> Vec<String> {
    let size = 100_000;
    let mut texts: Vec<String> = SHORT_PIECES
        .iter()
        .chain(&LONG_PIECES)
        .map(|piece| piece.repeat(size / piece.len()))
        .collect();
    texts.push("- ".repeat(size / 2) + "x");
    texts.push("* ".repeat(10_000) + "x\n" + &"y\n".repeat(size / 2));
    texts.push(">".repeat(10_000) + "x\n" + &"y\n".repeat(size / 2));
    texts.push(numbered(600, |depth| "  ".repeat(depth) + "- a\n"));
    texts.push("*a ".repeat(30_000) + &"a* ".repeat(30_000));
    texts.push("![".repeat(30_000) + "a" + &"](b)".repeat(30_000));
    texts.push("[".repeat(100_000) + &"]".repeat(100_000));
    texts.push("<div>".repeat(10_000) + &"</div>".repeat(10_000));
    texts.push(numbered(9000, |n| format!("<b id=x{n}>\n\n")));
    texts.push(numbered(9000, |n| format!("<font a={n}><x{n}>")));
    texts.push(format!(
        "|{}\n|{}\n{}",
        "a|".repeat(900),
        "-|".repeat(900),
        "|a\n".repeat(60_000)
    ));
    texts.push("[^1]".repeat(50_000) + "\n\n[^1]: x");
    texts.push(numbered(12_000, |n| format!("[^{n}]\n\n[^{n}]: x\n\n")));
    texts.push(numbered(12_000, |n| format!("[{n}]: x\n[{n}]\n\n")));
    texts.push(format!(
        "[a]: /{}\n\n{}",
        "x".repeat(100_000),
        "[a]".repeat(30_000)
    ));
    texts.push(format!("<b {}>", numbered(20_000, |n| format!("a{n} "))));
    texts
}

/// As small a stack as a server's threads have.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(work)
        .expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn pathological_texts_are_rendered_quickly_on_a_small_stack() {
    on_a_small_stack(|| {
        for text in pathological() {
            let start: String = text.chars().take(30).collect();
            let begun = Instant::now();
            let rendered = render(&text, "s1");
            let took = begun.elapsed();
            // Generous: this is a debug build on a busy machine, and quadratic means minutes.
            assert!(took < Duration::from_secs(10), "{start:?} took {took:?}");
            let size = rendered.html.len();
            assert!(size < 20_000_000, "{start:?} became {size} bytes");
            assert_eq!(
                check(&text).is_err(),
                rendered.warnings.iter().any(|w| w.code == "not_rendered"),
                "{start:?}"
            );
        }
    });
}

#[test]
fn deep_nesting_is_refused_and_still_shown() {
    for text in [
        "> ".repeat(10_000) + "x",
        "- ".repeat(10_000) + "x",
        "*a ".repeat(10_000) + &"a* ".repeat(10_000),
    ] {
        assert!(matches!(check(&text), Err(MarkdownError::TooDeep { .. })));
        let rendered = render(&text, "s1");
        assert_eq!(rendered.warnings[0].code, "not_rendered");
        assert!(rendered.html.starts_with("<pre>"), "{}", rendered.html);
        assert!(!rendered.html.contains("<blockquote>"));
    }
    assert!(check("> - > *a **b***\n").is_ok());
}

#[test]
fn deep_html_is_flattened_and_reported() {
    let rendered = render(&("<div>".repeat(10_000) + "x"), "s1");
    assert!(rendered.html.contains('x'));
    assert_eq!(rendered.html.matches("<div>").count(), 50);
    assert!(
        rendered
            .warnings
            .iter()
            .any(|warning| warning.message.contains("flattened"))
    );
}
