//! The OpenAPI documents as files: written from the code, or held against it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::say;
use crate::documents;
use masthead_openapi::document::Surface;

#[derive(Debug, Args)]
pub(super) struct Openapi {
    /// Write nothing; exit with 1 if a file differs from what the code says
    #[arg(long)]
    check: bool,
    /// Where the documents are
    #[arg(long, value_name = "DIR", default_value = "openapi")]
    dir: PathBuf,
}

impl Openapi {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let documents = [
            ("delivery.json", documents::text(Surface::Delivery)),
            ("management.json", documents::text(Surface::Management)),
            ("preview.json", documents::text(Surface::Preview)),
        ];
        let documents = documents.map(|(name, text)| (self.dir.join(name), text));
        if self.check {
            check(&documents, &self.dir)
        } else {
            write(&documents, &self.dir)
        }
    }
}

fn write(documents: &[(PathBuf, String)], dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("the directory {} cannot be made", dir.display()))?;
    for (path, text) in documents {
        let outcome = if is_same(path, text) {
            "unchanged"
        } else {
            fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
            "written"
        };
        say(&format!("{outcome:<9}  {}", path.display()))?;
    }
    Ok(())
}

fn check(documents: &[(PathBuf, String)], dir: &Path) -> anyhow::Result<()> {
    let differing = documents.iter().filter(|(path, text)| !is_same(path, text));
    let differing: Vec<_> = differing.map(|(path, _)| path.display().to_string()).collect();
    if differing.is_empty() {
        say("the documents say what the code does")?;
        return Ok(());
    }
    let verb = if differing.len() == 1 { "differs" } else { "differ" };
    let again = if dir == Path::new("openapi") {
        String::new()
    } else {
        format!(" --dir {}", dir.display())
    };
    anyhow::bail!(
        "{} {verb} from what the code says; run `cargo run -- openapi{again}` and commit the result with the change",
        differing.join(" and ")
    )
}

fn is_same(path: &Path, text: &str) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes == text.as_bytes())
}
