//! The tours in README.md and in the writer's guide, run as a reader would: every line, against the real binary, with what it shows.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use masthead_tests::{Database, Engine, Masthead, binary, free_port, node_modules, workspace};

/// Where the tour says that the demo listens; the one line that this test changes.
const ADDRESS: &str = "MASTHEAD=http://127.0.0.1:8080\n";

/// A block of commands, with what the block right after it says they print.
#[derive(Debug)]
struct Step {
    commands: String,
    prints: Option<String>,
}

#[test]
fn every_line_of_the_tour_does_what_it_says() {
    walk("README.md");
}

#[test]
fn every_line_of_the_writers_guide_does_what_it_says() {
    walk("docs/writers-guide.md");
}

/// Runs a page against a demo of its own.
#[track_caller]
fn walk(page: &str) {
    let steps = steps(&fs::read_to_string(workspace().join(page)).unwrap());
    assert!(steps.len() >= 10, "the tour has {} blocks", steps.len());
    let folder = tempfile::tempdir().unwrap();
    // What a reader has in the folder of the project after `cargo run --release -- demo`.
    fs::create_dir_all(folder.path().join("target/release")).unwrap();
    symlink(binary(), folder.path().join("target/release/masthead")).unwrap();
    symlink(node_modules(), folder.path().join("node_modules")).unwrap();

    let port = free_port();
    let database = (Engine::of_environment() == Engine::Postgres).then(Database::empty);
    let mut demo = Masthead::command(&["demo", "--listen", &format!("127.0.0.1:{port}")]);
    demo.current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(database) = &database {
        demo.env("MASTHEAD_DATABASE_URL", database.url());
    }
    let mut demo = Masthead::start(demo);
    demo.wait_until_ready(port);

    let script = script(&steps, port, database.as_ref());
    let log = folder.path().join("errors");
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        // What is asked for is in node_modules; nothing is fetched.
        .env("npm_config_offline", "true")
        .stdin(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .output()
        .expect("bash runs");
    let printed = String::from_utf8_lossy(&run.stdout);
    let errors = fs::read_to_string(&log).unwrap();
    assert!(run.status.success(), "the tour stopped:\n{printed}\n{errors}");
    for (number, step) in steps.iter().enumerate() {
        let after = printed.split_once(&marker(number)).expect("every block runs").1;
        let output = after
            .split_once(&marker(number + 1))
            .map_or(after, |found| found.0);
        let Some(expected) = &step.prints else { continue };
        assert!(
            is_like(output, expected),
            "{page} shows\n{expected}\nfor\n{}\nwhich prints\n{output}\n{errors}",
            step.commands
        );
    }
}

/// The commands of all blocks in one shell, so that variables carry on.
fn script(steps: &[Step], port: u16, database: Option<&Database>) -> String {
    let mut script = String::from("set -E\ntrap 'printf \"failed: %s\\n\" \"$BASH_COMMAND\" >&2' ERR\n");
    script.push_str("unset \"${!MASTHEAD_@}\"\n");
    if let Some(database) = database {
        writeln!(script, "export MASTHEAD_DATABASE_URL={}", database.url()).unwrap();
    }
    for (number, step) in steps.iter().enumerate() {
        let Step { commands, .. } = step;
        write!(script, "printf '%s' '{}'\n{commands}", marker(number)).unwrap();
    }
    assert_eq!(
        script.matches(ADDRESS).count(),
        1,
        "the tour names its server once"
    );
    script.replace(ADDRESS, &format!("MASTHEAD=http://127.0.0.1:{port}\n"))
}

fn marker(number: usize) -> String {
    format!("@@ block {number} @@")
}

/// The blocks marked `sh`, each with the block of `text` or `json` that is the next thing after it.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        let block = block.join("\n") + "\n";
        match (language, steps.last_mut()) {
            ("sh", _) => steps.push(Step {
                commands: block,
                prints: None,
            }),
            ("text" | "json", Some(step)) if step.prints.is_none() => step.prints = Some(block),
            ("ts", _) => {}
            _ => panic!("a block of {language} says what no command prints:\n{block}"),
        }
    }
    steps
}

/// Whether a text is what was expected: `…` stands for anything, and spaces and line ends do not count.
fn is_like(text: &str, expected: &str) -> bool {
    let bare = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
    let (text, expected) = (bare(text), bare(expected));
    let parts: Vec<_> = expected.split('…').collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return text == expected;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn dots_stand_for_anything_and_spaces_for_nothing() {
    assert!(is_like("{\"a\":1,\"b\":2,\"c\":3}\n", "{ \"a\": 1, … \"c\": 3 }"));
    assert!(is_like("abc", "a b c"));
    assert!(is_like("abc", "… c"));
    assert!(!is_like("abc", "ab"));
    assert!(!is_like("abc", "… d …"));
    assert!(!is_like("abd", "a … c"));
}
