//! Finding the Markdown files of a folder, in an order that is the same on every machine.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Bytes of one file.
pub(super) const FILE_LIMIT: u64 = 2 * 1024 * 1024;
/// Files of one import.
pub(super) const FILES_LIMIT: usize = 100_000;
/// Folders inside each other.
const DEPTH_LIMIT: usize = 64;

/// A file, or something that should have been one.
#[derive(Debug)]
pub struct Found {
    /// Its path within the folder, with `/` between the parts.
    pub name: String,
    /// Where it is, or why it cannot be read.
    pub path: Result<PathBuf, String>,
}

/// Every Markdown file under a folder, sorted by name. Links are followed, each folder is entered once; what
/// begins with a dot is left out.
pub fn find(folder: &Path) -> io::Result<Vec<Found>> {
    let mut walk = Walk {
        entered: HashSet::new(),
        found: Vec::new(),
    };
    // The folder itself must be there; what is wrong below it is one line of the report.
    fs::read_dir(folder)?;
    walk.enter(folder, "", 0);
    if walk.found.len() > FILES_LIMIT {
        let message =
            format!("there are more than {FILES_LIMIT} Markdown files; import its folders one by one");
        return Err(io::Error::other(message));
    }
    walk.found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(walk.found)
}

/// The bytes of a found file.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: io::Error| format!("The file cannot be read: {error}.");
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(format!(
            "The file has more than {FILE_LIMIT} bytes; divide it into several articles."
        ));
    }
    Ok(bytes)
}

struct Walk {
    entered: HashSet<PathBuf>,
    found: Vec<Found>,
}

impl Walk {
    fn enter(&mut self, folder: &Path, name: &str, depth: usize) {
        let entries = fs::canonicalize(folder).and_then(|whole| {
            // A link back to a folder above, or a second one to the same folder, ends here.
            if self.entered.insert(whole) {
                fs::read_dir(folder).map(Some)
            } else {
                Ok(None)
            }
        });
        match entries {
            Ok(Some(_)) if depth > DEPTH_LIMIT => {
                self.failed(name, "More folders inside each other than are read.");
            }
            Ok(Some(entries)) => {
                let mut entries: Vec<_> = entries.collect();
                entries.sort_by_key(|entry| entry.as_ref().ok().map(fs::DirEntry::file_name));
                for entry in entries {
                    match entry {
                        Ok(entry) => self.look(&entry, name, depth),
                        Err(error) => self.failed(name, &format!("The folder cannot be read: {error}.")),
                    }
                }
            }
            Ok(None) => {}
            Err(error) => self.failed(name, &format!("The folder cannot be read: {error}.")),
        }
    }

    fn look(&mut self, entry: &fs::DirEntry, parent: &str, depth: usize) {
        if self.found.len() > FILES_LIMIT {
            return;
        }
        let file_name = entry.file_name();
        let shown = file_name.to_string_lossy();
        if shown.starts_with('.') {
            return;
        }
        let name = if parent.is_empty() {
            shown.to_string()
        } else {
            format!("{parent}/{shown}")
        };
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.enter(&path, &name, depth + 1),
            _ if !is_markdown(&path) => {}
            Ok(_) if file_name.to_str().is_none() => {
                self.failed(&name, "The file's name is not UTF-8; rename it.");
            }
            // Opening a pipe would wait for somebody to write into it.
            Ok(metadata) if !metadata.is_file() => self.failed(&name, "This is no plain file."),
            Ok(_) => self.found.push(Found { name, path: Ok(path) }),
            Err(error) => self.failed(&name, &format!("The file cannot be read: {error}.")),
        }
    }

    fn failed(&mut self, name: &str, reason: &str) {
        let name = if name.is_empty() { "." } else { name };
        self.found.push(Found {
            name: name.to_owned(),
            path: Err(reason.to_owned()),
        });
    }
}

fn is_markdown(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    ["md", "markdown"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}
