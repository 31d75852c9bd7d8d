//! Programs of others that tests run: Node.js with the generators, Python with a reader of feeds, a browser, and a
//! shared cache.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::binary::workspace;
use crate::database::variable;

/// Where the generators of clients are installed; stops with what to do where they are not.
pub fn node_modules() -> PathBuf {
    packages_of(
        "tests/typescript",
        &["openapi-typescript", "typescript", "schema-dts", "sitemap"],
    )
}

/// Where the packages of a folder are installed; stops with what to do where one of the needed is not.
pub fn packages_of(folder: &str, needed: &[&str]) -> PathBuf {
    let installed = workspace().join(folder).join("node_modules");
    assert!(
        needed.iter().all(|name| installed.join(name).is_dir()),
        "{} is not complete; ./scripts/test installs it, and so does `npm ci --ignore-scripts` in {folder}",
        installed.display()
    );
    installed
        .canonicalize()
        .expect("the folder can be named from everywhere")
}

/// The Chromium to use, as a command that can be given arguments.
pub fn chromium() -> Command {
    Command::new(variable("MASTHEAD_TEST_CHROMIUM").unwrap_or_else(|| "chromium".to_owned()))
}

/// The nginx to use, as a command that can be given arguments.
pub fn nginx() -> Command {
    // Where Debian has it, which is on the path of root alone.
    let usual = ["/usr/sbin/nginx", "/opt/homebrew/bin/nginx"].into_iter();
    let found = usual
        .filter(|path| std::path::Path::new(path).exists())
        .map(str::to_owned)
        .next();
    let named = variable("MASTHEAD_TEST_NGINX").or(found);
    Command::new(named.unwrap_or_else(|| "nginx".to_owned()))
}

/// What a script of `tests/python` makes of these bytes, as the JSON that it prints.
pub fn python(script: &str, arguments: &[PathBuf], input: &[u8]) -> Value {
    let own = workspace().join("target/test-tools/python/bin/python");
    let interpreter = variable("MASTHEAD_TEST_PYTHON").map_or(own, PathBuf::from);
    let mut child = Command::new(&interpreter)
        .arg(workspace().join("tests/python").join(script))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            let shown = interpreter.display();
            panic!("{shown} does not run: {error}; ./scripts/test makes it, of tests/python/requirements.txt")
        });
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the script ends");
    writing.join().expect("no panic").expect("the script reads");
    assert!(output.status.success(), "{script} fails; it says why above");
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}
