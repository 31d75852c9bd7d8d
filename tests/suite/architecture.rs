//! The house's rules, held against the sources themselves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use masthead_tests::workspace;

/// Names of all crates that a crate of ours is built from, itself included.
fn tree(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--package",
            package,
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let names: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    assert!(names.contains(package), "{package} is no crate of ours");
    names
}

fn never(package: &str, banned: &[&str]) {
    let tree = tree(package);
    let found: Vec<_> = tree
        .iter()
        .filter(|name| banned.iter().any(|banned| name.starts_with(banned)))
        .collect();
    assert!(found.is_empty(), "{package} is built from {found:?}");
}

/// Every Rust file of ours.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<_> = ["domain", "storage", "openapi", "api", "tests", "benches"]
        .map(|room| workspace().join(room))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir()
                && path
                    .file_name()
                    .is_none_or(|name| name != "node_modules" && name != "target")
            {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 100, "only {} files were found", found.len());
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_domain_knows_neither_database_nor_server_nor_runtime() {
    never(
        "masthead-domain",
        &[
            "diesel",
            "actix",
            "tokio",
            "utoipa",
            "libsqlite3",
            "masthead-storage",
            "masthead-api",
        ],
    );
}

#[test]
fn each_room_sees_only_what_stands_to_its_right() {
    never(
        "masthead-openapi",
        &[
            "diesel",
            "actix-web",
            "masthead-storage",
            "masthead-api",
            "masthead-tests",
        ],
    );
    never(
        "masthead-storage",
        &[
            "actix",
            "utoipa",
            "masthead-openapi",
            "masthead-api",
            "masthead-tests",
        ],
    );
    never("masthead-api", &["masthead-tests"]);
}

#[test]
fn nothing_links_a_database_library_or_tls_of_the_system() {
    never(
        "masthead-api",
        &["openssl-sys", "native-tls", "pq-sys", "actix-governor", "html2md"],
    );
}

#[test]
fn every_file_says_in_its_first_line_what_it_is_for() {
    for path in sources() {
        let text = read(&path);
        assert!(text.starts_with("//! "), "{} does not", path.display());
    }
}

#[test]
fn no_file_has_grown_to_two_subjects() {
    for path in sources() {
        let lines = read(&path).lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

#[test]
fn a_lint_is_set_aside_with_a_reason_or_not_at_all() {
    // Put together here, so that this file does not hold what it looks for.
    let silent = ["#[", "allow("].concat();
    for path in sources() {
        assert!(!read(&path).contains(&silent), "{} uses it", path.display());
    }
}

#[test]
fn the_image_is_small_and_runs_as_nobody() {
    let dockerfile = read(&workspace().join("Dockerfile"));
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    assert!(
        last.starts_with("scratch"),
        "the last stage is built on something"
    );
    assert!(
        last.contains("\nUSER 65532:65532\n"),
        "the last stage runs as root"
    );
    assert!(
        last.contains("\nHEALTHCHECK "),
        "the last stage has no health check"
    );
    assert!(
        last.contains("masthead\", \"health\""),
        "the health check is not the binary's own"
    );
}

/// The commands of the build stage, without what only an image builder understands.
fn build_commands() -> String {
    let dockerfile = read(&workspace().join("Dockerfile"));
    let stage = dockerfile.split("\nFROM ").nth(1).expect("a build stage");
    let run = stage
        .split("\nRUN ")
        .nth(1)
        .expect("a command in the build stage");
    let mut command = Vec::new();
    for line in run.lines() {
        let (text, more) = line.strip_suffix('\\').map_or((line, false), |text| (text, true));
        if !text.trim().starts_with("--mount=") {
            command.push(text.trim().to_owned());
        }
        if !more {
            break;
        }
    }
    command.join(" ")
}

#[test]
fn the_commands_of_the_build_stage_make_what_the_image_copies() {
    let folder = tempfile::tempdir().unwrap();
    let binary = masthead_tests::binary();
    let command = build_commands();
    let (build, collect) = command
        .split_once("&&")
        .expect("first the build, then what is collected");
    // The build itself is what made the binary of these tests, in another profile: only that differs here.
    assert_eq!(
        build.trim(),
        "cargo build --release --locked -p masthead-api --bin masthead"
    );
    std::fs::create_dir_all(folder.path().join("target/release")).unwrap();
    std::fs::copy(binary, folder.path().join("target/release/masthead")).unwrap();
    let status = Command::new("sh")
        .args(["-euc", collect])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success(), "{collect} fails");
    let root = folder.path().join("out/root");
    assert!(root.join("etc/ssl/certs/ca-certificates.crt").exists());
    assert!(folder.path().join("out/data").is_dir());
    // What was collected is enough: the binary runs with these libraries and no others.
    let loader = ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"].map(|path| root.join(path));
    let loader = loader
        .iter()
        .find(|path| path.exists())
        .expect("the loader is collected");
    let libraries = std::fs::read_dir(root.join("lib"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let libraries: Vec<_> = libraries.map(|path| path.display().to_string()).collect();
    let output = Command::new(loader)
        .args(["--inhibit-cache", "--library-path", &libraries.join(":")])
        .arg(root.join("usr/local/bin/masthead"))
        .arg("--version")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn what_the_security_page_names_is_there() {
    let page = std::fs::read_to_string(workspace().join("docs/security.md")).unwrap();
    let named: BTreeSet<_> = page
        .split('`')
        .filter(|word| word.contains('/') && Path::new(word).extension().is_some_and(|end| end == "rs"))
        .collect();
    assert!(named.len() >= 20, "{named:?}");
    for path in named {
        assert!(workspace().join(path).is_file(), "docs/security.md names {path}");
    }
}
