//! What is built in, under which licences, and what the tracked files give away.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use masthead_tests::workspace;
use serde_json::Value;

/// Runs a program in the workspace; answers what it printed.
fn printed(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(workspace())
        .output()
        .unwrap_or_else(|error| panic!("{program} does not run: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every crate that the lock file names.
fn packages() -> Vec<Value> {
    let text = printed(
        env!("CARGO"),
        &["metadata", "--locked", "--offline", "--format-version", "1"],
    );
    let metadata: Value = serde_json::from_str(&text).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The strings in the list that follows a key of deny.toml, without the remarks between them.
fn listed(deny: &str, key: &str) -> BTreeSet<String> {
    let (_, list) = deny
        .split_once(&format!("\n{key} = [\n"))
        .unwrap_or_else(|| panic!("deny.toml has no {key}"));
    let lines = list.lines().take_while(|line| *line != "]");
    let values = lines.filter_map(|line| {
        let value = line.trim().strip_prefix("{ crate = ").unwrap_or(line.trim());
        value
            .strip_prefix('"')?
            .split_once('"')
            .map(|(value, _)| value.to_owned())
    });
    values.collect()
}

/// Whether terms such as `(MIT OR Apache-2.0) AND Unicode-3.0` can be met with these licences.
fn is_met(terms: &str, allowed: &BTreeSet<String>) -> bool {
    // The old way to write OR.
    let terms = terms.replace('/', " OR ");
    let mut rest = terms.as_str();
    any(&mut rest, allowed)
}

fn any(rest: &mut &str, allowed: &BTreeSet<String>) -> bool {
    let mut met = all(rest, allowed);
    while let Some(after) = rest.trim_start().strip_prefix("OR ") {
        *rest = after;
        met |= all(rest, allowed);
    }
    met
}

fn all(rest: &mut &str, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(rest, allowed);
    while let Some(after) = rest.trim_start().strip_prefix("AND ") {
        *rest = after;
        met &= one(rest, allowed);
    }
    met
}

fn one(rest: &mut &str, allowed: &BTreeSet<String>) -> bool {
    *rest = rest.trim_start();
    if let Some(inner) = rest.strip_prefix('(') {
        *rest = inner;
        let met = any(rest, allowed);
        *rest = rest.trim_start().strip_prefix(')').expect("a bracket is closed");
        return met;
    }
    let end = [" OR ", " AND ", ")"]
        .iter()
        .filter_map(|stop| rest.find(stop))
        .min();
    let (licence, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after;
    allowed.contains(licence.trim())
}

#[test]
fn every_licence_is_one_that_was_agreed_on() {
    let deny = fs::read_to_string(workspace().join("deny.toml")).unwrap();
    let (allowed, named) = (listed(&deny, "allow"), listed(&deny, "exceptions"));
    assert!(allowed.contains("MIT") && !allowed.contains("MPL-2.0"));
    let packages = packages();
    assert!(packages.len() > 100, "cargo names {} crates", packages.len());
    for package in &packages {
        let (name, terms) = (package["name"].as_str().unwrap(), package["license"].as_str());
        let met = terms.is_some_and(|terms| is_met(terms, &allowed));
        assert!(met || named.contains(name), "{name} is under {terms:?}");
    }
    for name in &named {
        let needed = packages.iter().any(|package| package["name"] == **name);
        assert!(needed, "deny.toml has an exception for {name}, which nobody uses");
    }
}

#[test]
fn no_crate_that_is_banned_is_in_the_lock_file() {
    let deny = fs::read_to_string(workspace().join("deny.toml")).unwrap();
    let banned = listed(&deny, "deny");
    assert!(banned.contains("openssl-sys"), "{banned:?}");
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.contains(name), "{name} is banned");
        let source = package["source"].as_str();
        assert!(
            source.is_none_or(|source| source.starts_with("registry+")),
            "{name} comes from {source:?}"
        );
    }
}

#[test]
fn terms_are_read_as_they_are_meant() {
    let allowed = ["MIT", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"]
        .map(str::to_owned)
        .into();
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/Apache-2.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
    ] {
        assert!(is_met(good, &allowed), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR GPL-3.0) AND OFL-1.1",
        "Apache-2.0",
        "",
    ] {
        assert!(!is_met(bad, &allowed), "{bad}");
    }
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    // Put together here, so that this file does not hold what it looks for.
    let places =
        [["/ro", "ot/"], ["/wo", "rk/"], ["/ho", "me/"], ["/Us", "ers/"]].map(|parts| parts.concat());
    let hosts = [
        ["registry.npm", "js.org"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
    ]
    .map(|parts| parts.concat());
    let files = printed(
        "git",
        &["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    );
    let files: Vec<_> = files.split('\0').filter(|file| !file.is_empty()).collect();
    assert!(files.len() > 200, "git names {} files", files.len());
    for file in files {
        // A lock file of cargo's names the index it was made with; a file may be gone and not yet forgotten.
        let Ok(text) = fs::read(workspace().join(file)) else {
            continue;
        };
        let text = String::from_utf8_lossy(&text);
        if file == "Cargo.lock" {
            continue;
        }
        for word in places.iter().chain(&hosts) {
            // In the middle of a path it is a folder of ours, at its beginning somebody's.
            let mut found = text
                .match_indices(word.as_str())
                .map(|(at, _)| text[..at].chars().next_back());
            let is_ours = |before: Option<char>| before.is_some_and(|c| c.is_alphanumeric() || c == '.');
            assert!(found.all(is_ours), "{file} holds {word}");
        }
    }
}
