//! Why a draft cannot leak: the code that answers readers has no word for one. Read from the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use masthead_tests::workspace;

/// A source without its comments, and where it stands.
struct Source {
    path: PathBuf,
    code: String,
}

impl Source {
    fn read(path: PathBuf) -> Self {
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let code: Vec<_> = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .collect();
        Self {
            path,
            code: code.join("\n"),
        }
    }

    /// Whether a name stands there as a whole word.
    fn has(&self, word: &str) -> bool {
        self.words().contains(word)
    }

    fn words(&self) -> BTreeSet<&str> {
        self.code
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .collect()
    }
}

fn at(path: &str) -> PathBuf {
    workspace().join(path)
}

/// `module.rs` and every file below `module/`.
fn module(path: &str) -> Vec<Source> {
    let mut found = vec![Source::read(at(&format!("{path}.rs")))];
    below(&at(path), &mut found);
    assert!(found.len() > 3, "{path} has moved; this test has to follow it");
    found
}

fn below(folder: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(Source::read(path));
        }
    }
}

/// The tables that a schema declares: each a line `name (key) {` in a `table!`.
fn tables(schema: &Source) -> BTreeSet<String> {
    schema
        .code
        .split("diesel::table!")
        .skip(1)
        .map(|block| {
            let line = block
                .lines()
                .map(str::trim)
                .find(|line| line.ends_with('{') && line.contains('('));
            line.expect("a table").split(' ').next().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn the_schema_of_delivery_declares_published_tables_and_the_log_alone() {
    let tables = tables(&Source::read(at("storage/src/delivery/schema.rs")));
    assert!(tables.len() >= 9, "{tables:?}");
    for table in &tables {
        assert!(table.starts_with("published_") || table == "changes", "{table}");
    }
}

#[test]
fn the_queries_of_delivery_name_no_table_of_the_working_side() {
    let published = tables(&Source::read(at("storage/src/delivery/schema.rs")));
    let working = tables(&Source::read(at("storage/src/schema.rs")));
    assert!(
        working.contains("articles") && working.contains("article_revisions"),
        "{working:?}"
    );
    assert!(working.is_disjoint(&published));
    // These are also words for things; as tables they would be followed by `::` and a column or `table`.
    let things = ["articles", "sections", "faqs", "tags", "authors"];
    for source in module("storage/src/delivery") {
        let at = source.path.display();
        for table in &working {
            if !things.contains(&table.as_str()) {
                assert!(!source.has(table), "{at} names the table {table}");
            }
        }
        for (end, _) in source.code.match_indices("::table") {
            let name: String = source.code[..end]
                .chars()
                .rev()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            assert!(
                name == "diesel" || published.contains(&name),
                "{at} asks the table {name}"
            );
        }
    }
}

#[test]
fn the_queries_of_delivery_reach_no_code_that_knows_the_working_side() {
    let neutral = [
        "among",
        "connection",
        "error",
        "keyset",
        "row",
        "rows",
        "types",
        "delivery",
    ];
    for source in module("storage/src/delivery") {
        let at = source.path.display();
        for rest in source.code.split("crate::").skip(1) {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            assert!(neutral.contains(&name.as_str()), "{at} uses crate::{name}");
        }
        for word in [
            "working",
            "publishing",
            "transaction",
            "Transaction",
            "sql_query",
            "sql",
        ] {
            assert!(!source.has(word), "{at} mentions {word}");
        }
        assert!(!source.code.contains("super::super"), "{at}");
    }
    // What it shares with the working side knows neither.
    for name in neutral.iter().filter(|name| **name != "delivery") {
        let source = Source::read(at(&format!("storage/src/{name}.rs")));
        for word in ["schema", "working"] {
            assert!(!source.has(word), "storage/src/{name}.rs mentions {word}");
        }
    }
}

#[test]
fn the_handlers_of_delivery_have_no_way_to_the_repository() {
    for source in module("api/src/delivery") {
        let at = source.path.display();
        for word in [
            "Repository",
            "repository",
            "use_cases",
            "Unit",
            "storage",
            "management",
            "Actor",
            "Caller",
            "Identity",
        ] {
            assert!(!source.has(word), "{at} mentions {word}");
        }
        for call in [".read(", ".write(", ".read_blocking(", ".write_blocking("] {
            assert!(!source.code.contains(call), "{at} calls {call}");
        }
    }
}

#[test]
fn what_delivery_is_given_has_no_word_for_a_draft() {
    let repository = Source::read(at("domain/src/repository.rs"));
    let start = repository.code.find("trait Delivery").expect("the trait");
    let rest = &repository.code[start..];
    let header = &rest[..rest.find('{').unwrap()];
    assert!(!header.contains(':'), "Delivery is more than itself: {header}");
    let body = &rest[..rest.find("\n}").unwrap()];
    let allowed = ["Article", "Faq", "Author", "Section"].map(|name| format!("Published{name}"));
    for word in body
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
    {
        for name in [
            "Article",
            "Faq",
            "Author",
            "Section",
            "Revision",
            "View",
            "Repository",
        ] {
            assert!(word != name, "Delivery speaks of {word}, not of {allowed:?}");
        }
    }
    let delivering = Source::read(at("domain/src/delivering.rs"));
    for word in ["Repository", "Unit", "use_cases", "article", "faq"] {
        let path = format!("crate::{word}::");
        assert!(
            !delivering.code.contains(&path),
            "domain/src/delivering.rs uses {path}"
        );
    }
    assert!(!delivering.has("Repository"));
}
