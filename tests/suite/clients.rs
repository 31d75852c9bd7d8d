//! TypeScript clients made of the committed documents: generated, compiled as strictly as can be, and run.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use masthead_tests::{App, PASSWORD, node_modules, published_article, workspace};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The compiled clients, made once for all tests.
static CLIENTS: LazyLock<TempDir> = LazyLock::new(compile);

fn compile() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let sources = workspace().join("tests/typescript");
    for file in [
        "package.json",
        "tsconfig.json",
        "read-article.ts",
        "write-article.ts",
    ] {
        fs::copy(sources.join(file), here.join(file)).unwrap();
    }
    fs::write(here.join("readme.ts"), snippet()).unwrap();
    symlink(node_modules(), here.join("node_modules")).unwrap();
    for name in ["delivery", "management"] {
        let document = workspace().join(format!("openapi/{name}.json"));
        let types = format!("{name}.d.ts");
        let arguments = [
            "--no-install",
            "openapi-typescript",
            document.to_str().unwrap(),
            "-o",
            &types,
        ];
        good(&run(here, "npx", &arguments));
    }
    good(&run(here, "npx", &["--no-install", "tsc", "--project", "."]));
    folder
}

/// The client that README.md shows.
fn snippet() -> String {
    let page = fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, rest) = page.split_once("```ts\n").expect("README.md shows a client");
    rest.split_once("```\n").expect("a block has an end").0.to_owned()
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| {
            panic!("{program} does not run: {error}; install Node.js 20, or run ./scripts/test")
        })
}

#[track_caller]
fn good(output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{errors}");
    printed
}

/// Runs a client; answers what it printed.
#[track_caller]
fn node(script: &str, arguments: &[&str]) -> Value {
    let script = format!("out/{script}.js");
    let arguments: Vec<_> = [&[script.as_str()], arguments].concat();
    let printed = good(&run(CLIENTS.path(), "node", &arguments));
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

#[test]
fn a_generated_client_reads_an_article_with_everything_in_it() {
    let app = App::start();
    let editor = app.editor();
    editor
        .post("/management/v1/tags", &json!({ "name": "Oceans" }))
        .expect(201);
    editor
        .post("/management/v1/authors", &json!({ "name": "Ada Marsh" }))
        .expect(201);
    let article = json!({
        "locale": "en",
        "title": "Why tides turn",
        "sections": [
            { "kind": "text", "heading": "Introduction", "body": "The sea is **never** still." },
            { "kind": "quote", "body": "Wait.", "attribution": "A proverb" },
            { "kind": "image", "image": "/ebb.jpg", "alt": "Mud" },
            { "kind": "embed", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ" },
            { "kind": "callout", "tone": "tip", "body": "Look first." }
        ],
        "faqs": [{ "question": "How often?", "answer": "Every *six* hours." }],
        "tags": ["oceans"],
        "authors": [{ "slug": "ada-marsh", "role": "photographer" }]
    });
    published_article(&editor, &article);

    let read = node("read-article", &[&app.url(""), "oceans"]);
    let expected = json!({
        "title": "Why tides turn",
        "dek": null,
        "published": "2026-03-01T12:00:00Z",
        "byline": ["Ada Marsh, photographer"],
        "contents": ["introduction"],
        "sections": [
            "Introduction|<p>The sea is <strong>never</strong> still.</p>",
            "<p>Wait.</p>|A proverb",
            "/ebb.jpg|Mud",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ|YouTube",
            "tip|<p>Look first.</p>"
        ],
        "faqs": [["How often?", "Every six hours."]],
        "missing": "not_found"
    });
    assert_eq!(read, expected);
}

#[test]
fn a_generated_client_writes_publishes_and_learns_of_a_conflict() {
    let app = App::start();
    app.editor();
    let written = node("write-article", &[&app.url(""), "editor@example.org", PASSWORD]);
    let expected = json!({
        "slug": "how-a-sundial-keeps-time",
        "status": "published",
        "published_faqs": 1,
        "published_at": "2020-02-29T12:00:00Z",
        "heading": null,
        "kinds": ["text", "quote", "image", "embed", "callout"],
        "stale": "stale_revision",
        "current_revision": 2
    });
    assert_eq!(written, expected);
}

#[test]
fn json_ld_is_what_the_types_of_schema_org_take() {
    let app = App::builder()
        .with(|settings| settings.publisher_logo_url = Some("/logo.png".to_owned()))
        .start();
    let editor = app.editor();
    editor
        .post("/management/v1/tags", &json!({ "name": "Oceans" }))
        .expect(201);
    let ada = json!({
        "name": "Ada Marsh",
        "bio": "Writes.",
        "avatar": { "url": "/ada.jpg" },
        "links": [{ "label": "Her site", "url": "https://example.org/ada" }]
    });
    editor.post("/management/v1/authors", &ada).expect(201);
    let whole = json!({
        "locale": "en",
        "title": "Why tides turn",
        "dek": "A line.",
        "cover": { "url": "/tide.jpg", "alt": "A beach" },
        "seo": { "title": "Tides" },
        "sections": [{ "kind": "text", "heading": "Introduction", "body": "The sea." }],
        "faqs": [{ "question": "How often?", "answer": "Every *six* hours." }],
        "tags": ["oceans"],
        "authors": [{ "slug": "ada-marsh", "role": "writer" }]
    });
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    symlink(node_modules(), here.join("node_modules")).unwrap();
    fs::copy(
        workspace().join("tests/typescript/tsconfig.json"),
        here.join("tsconfig.json"),
    )
    .unwrap();
    let page = json!({ "locale": "en", "title": "About", "kind": "page" });
    let mut source = "import type { Graph } from \"schema-dts\";\n".to_owned();
    for (name, body) in [("whole", &whole), ("page", &page)] {
        let article = published_article(&editor, body);
        let answer = app
            .anonymous()
            .with("Accept", "application/ld+json")
            .get(&format!(
                "/delivery/v1/articles/{}",
                article["id"].as_str().unwrap()
            ))
            .expect(200);
        writeln!(source, "export const {name}: Graph = {};", answer.text()).unwrap();
    }
    fs::write(here.join("json-ld.ts"), &source).unwrap();
    good(&run(
        here,
        "npx",
        &["--no-install", "tsc", "--project", ".", "--noEmit"],
    ));
    // The compiler would say so if something were wrong.
    fs::write(
        here.join("json-ld.ts"),
        source.replace("\"headline\"", "\"headlin\""),
    )
    .unwrap();
    let wrong = run(
        here,
        "npx",
        &["--no-install", "tsc", "--project", ".", "--noEmit"],
    );
    assert!(!wrong.status.success());
}

#[test]
fn the_types_of_the_typescript_client_are_those_of_the_document() {
    let made = fs::read_to_string(CLIENTS.path().join("delivery.d.ts")).unwrap();
    let committed = "clients/typescript/src/generated/delivery.ts";
    assert!(
        fs::read_to_string(workspace().join(committed)).unwrap() == made,
        "openapi/delivery.json says something else than {committed}: run ./scripts/generate"
    );
}
