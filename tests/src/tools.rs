//! Programs of others that tests run: Node.js with the generators, and a browser.

use std::path::PathBuf;
use std::process::Command;

use crate::binary::workspace;
use crate::database::variable;

/// Where the generators of clients are installed; stops with what to do where they are not.
pub fn node_modules() -> PathBuf {
    let folder = workspace().join("tests/typescript/node_modules");
    let needed = ["openapi-typescript", "typescript", "schema-dts"];
    assert!(
        needed.iter().all(|name| folder.join(name).is_dir()),
        "{} is not complete; ./scripts/test installs it, and so does `npm ci --ignore-scripts` in tests/typescript",
        folder.display()
    );
    folder
        .canonicalize()
        .expect("the folder can be named from everywhere")
}

/// The Chromium to use, as a command that can be given arguments.
pub fn chromium() -> Command {
    Command::new(variable("MASTHEAD_TEST_CHROMIUM").unwrap_or_else(|| "chromium".to_owned()))
}
