//! The TypeScript client: its types compile, it keeps its promises, and its examples compile and run.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use masthead_domain::rights::Permission;
use masthead_tests::{App, packages_of, workspace};
use serde_json::Value;
use tempfile::TempDir;

/// Where the package lives.
const PACKAGE: &str = "clients/typescript";
/// Its lock files, and that of the tests beside it.
const LOCKS: [&str; 3] = [
    "clients/typescript",
    "clients/typescript/examples",
    "tests/typescript",
];
/// Licences of what the package and its examples are built with.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT OR Apache-2.0",
    "(MIT OR Apache-2.0)",
    "(MIT OR CC0-1.0)",
    "Python-2.0",
];

/// The package with its tests and examples, compiled once in a folder of its own.
static BUILT: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let (package, here) = (workspace().join(PACKAGE), folder.path());
    copy(&package, here);
    for part in ["", "examples"] {
        let installed = packages_of(&format!("{PACKAGE}/{part}"), &["typescript"]);
        symlink(installed, here.join(part).join("node_modules")).unwrap();
    }
    fs::write(here.join("test/readme.ts"), snippets()).unwrap();
    for project in ["tsconfig.json", "tsconfig.test.json", "examples/tsconfig.json"] {
        run(here, "npx", &["--no-install", "tsc", "--project", project], &[]);
    }
    folder
});

/// The program that the package's README.md shows, block by block.
fn snippets() -> String {
    let page = fs::read_to_string(workspace().join(PACKAGE).join("README.md")).unwrap();
    let blocks = page.split("```ts\n").skip(1);
    let blocks: Vec<_> = blocks.map(|rest| rest.split("```\n").next().unwrap()).collect();
    assert!(blocks.len() >= 5, "README.md shows {} blocks", blocks.len());
    blocks.join("\n")
}

/// Everything that somebody wrote.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if ["node_modules", "dist", "out"].iter().any(|made| name == *made) {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[track_caller]
fn run(folder: &Path, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| {
            panic!("{program} does not run: {error}; install Node.js 20, or run ./scripts/test")
        });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}\n{printed}\n{errors}"
    );
    printed
}

/// Runs the package's own tests in these files: all of them pass, and none is left out.
#[track_caller]
fn node_tests(files: &[&str], environment: &[(&str, &str)]) {
    let arguments = [&["--test", "--test-reporter=tap"], files].concat();
    let printed = run(BUILT.path(), "node", &arguments, environment);
    let count = |what: &str| -> usize {
        let line = printed.lines().rev().find_map(|line| line.strip_prefix(what));
        line.expect("a summary").trim().parse().unwrap()
    };
    let total = count("# tests ");
    assert!(total > 0, "{printed}");
    assert_eq!(count("# pass "), total, "{printed}");
    assert_eq!(count("# skipped ") + count("# todo "), 0, "{printed}");
}

/// Runs tests that read from a running service, where an editor writes meanwhile.
#[track_caller]
fn tests_with_a_service(file: &str) {
    // Pages of any origin may read, for the browser among the tests.
    let app = App::builder()
        .with(|settings| settings.cors_origins.any_for_delivery = true)
        .start();
    let closed = app
        .second_node()
        .with(|settings| {
            settings.cors_origins.any_for_delivery = true;
            settings.delivery_requires_key = true;
        })
        .start();
    let (editor, reader) = (app.editor(), app.key(&[Permission::ContentRead]));
    node_tests(
        &[&format!("out/server/{file}.test.js")],
        &[
            ("MASTHEAD_TEST_URL", &app.url("")),
            ("MASTHEAD_TEST_CLOSED_URL", &closed.url("")),
            ("MASTHEAD_TEST_TOKEN", editor.token().unwrap()),
            ("MASTHEAD_TEST_KEY", reader.token().unwrap()),
        ],
    );
}

#[test]
fn the_package_keeps_its_promises_without_a_service() {
    node_tests(&["out/unit/transport.test.js", "out/unit/following.test.js"], &[]);
}

#[test]
fn the_package_reads_from_a_running_service_what_its_types_say() {
    tests_with_a_service("reading");
}

#[test]
fn the_package_follows_a_running_service_without_gap_or_repeat() {
    tests_with_a_service("following");
}

#[test]
fn the_package_reads_and_follows_from_a_page_in_a_browser() {
    tests_with_a_service("browser");
}

#[test]
fn the_examples_of_the_package_keep_sites_in_step() {
    tests_with_a_service("examples");
}

#[test]
fn no_test_of_the_package_is_forgotten() {
    let mut found = BTreeSet::new();
    for kind in ["unit", "server"] {
        for entry in fs::read_dir(workspace().join(PACKAGE).join("test").join(kind)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            found.extend(name.strip_suffix(".test.ts").map(|name| format!("{kind}/{name}")));
        }
    }
    let run = [
        "server/browser",
        "server/examples",
        "server/following",
        "server/reading",
        "unit/following",
        "unit/transport",
    ];
    assert!(found.iter().eq(run), "{found:?}");
}

#[test]
fn the_packed_package_is_whole_and_small() {
    let listed = run(
        BUILT.path(),
        "npm",
        &["pack", "--dry-run", "--json", "--ignore-scripts"],
        &[],
    );
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let files: Vec<PathBuf> = listed[0]["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| PathBuf::from(file["path"].as_str().unwrap()))
        .collect();
    for needed in ["package.json", "README.md", "dist/index.js", "dist/index.d.ts"] {
        assert!(files.contains(&PathBuf::from(needed)), "{needed}: {files:?}");
    }
    let strange = files.iter().find(|file| {
        !file.starts_with("dist") && !file.starts_with("README.md") && file.components().count() > 1
    });
    assert_eq!(strange, None);
    let package = fs::read_to_string(BUILT.path().join("package.json")).unwrap();
    let package: Value = serde_json::from_str(&package).unwrap();
    assert_eq!(
        package["dependencies"],
        Value::Null,
        "it needs nothing at run time"
    );
    assert_eq!(package["sideEffects"], false);
}

#[test]
fn lock_files_name_no_registry_and_only_permissive_licences() {
    for folder in LOCKS {
        let lock = fs::read_to_string(workspace().join(folder).join("package-lock.json")).unwrap();
        let lock: Value = serde_json::from_str(&lock).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(packages.len() > 3);
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert_eq!(package["resolved"], Value::Null, "{name} says where it came from");
            assert!(package["integrity"].is_string(), "{name} has no digest");
            let licence = package["license"].as_str().unwrap_or("none");
            assert!(LICENCES.contains(&licence), "{folder}: {name} is under {licence}");
        }
    }
}
