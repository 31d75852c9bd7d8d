//! Importing from the command line: progress while it runs, a report when it is done.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use masthead_storage::{Storage, StorageOptions};

use super::{note, ready, say};
use crate::config::Settings;
use crate::import::{self, Found, Importer, Outcome, Report};
use crate::system;

/// What to import.
#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// A folder of Markdown files, each an article with front matter
    #[command(after_help = "\
Examples:
  masthead import markdown ./articles
  masthead import markdown ./articles --dry-run
  masthead import markdown ./articles --database-url postgres://masthead@db/masthead

A file is YAML between two lines of ---, and Markdown:
  ---
  title: Why tides turn
  locale: en
  authors: [Mara Ellingsen]
  tags: [Oceans, Moon]
  date: 2026-03-04
  status: published          (draft, published or scheduled)
  ---
  ## A heading becomes a section
  ## FAQs
  ### A question under it becomes a FAQ
  And this is its answer.

Keys: title, dek, slug, locale, kind, authors, tags, date, status, faqs, cover, seo, excerpt and
metadata; others are reported. An article is found again by its locale and slug: running it twice
changes nothing. A file that fails does not stop the others; the exit code is 1 if any did.")]
    Markdown(Markdown),
}

#[derive(Debug, Args)]
pub(super) struct Markdown {
    /// The folder, read with the folders in it
    dir: PathBuf,
    /// Check every file against every rule, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// No progress bar, and in the report only what failed and the sum
    #[arg(long, short)]
    quiet: bool,
}

impl Markdown {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let shown = self.dir.display();
        let found = import::find(&self.dir).with_context(|| {
            format!("the folder {shown} cannot be imported; give one that exists and holds Markdown files")
        })?;
        anyhow::ensure!(
            !found.is_empty(),
            "there are no .md or .markdown files under {shown}"
        );
        let report = if self.dry_run {
            self.rehearse(settings, &found)?
        } else {
            self.bring_in(settings, &found)?
        };
        let failed = report.count(Outcome::Failed);
        say(&if self.quiet {
            report.failures().to_string()
        } else {
            report.to_string()
        })?;
        if failed > 0 {
            note("Put right what failed and run the import again; what came in stays as it is.");
        }
        Ok(if failed > 0 {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    fn bring_in(&self, settings: &Settings, found: &[Found]) -> anyhow::Result<Report> {
        let storage = ready(settings)?;
        self.files(Importer::new(&storage, settings.default_locale.clone()), found)
    }

    /// Imports into a database that is thrown away, so that every rule is asked.
    fn rehearse(&self, settings: &Settings, found: &[Found]) -> anyhow::Result<Report> {
        let folder = Scratch::new()?;
        let url = format!("sqlite://{}", folder.0.join("rehearsal.db").display());
        let storage = Storage::open(&StorageOptions::new(url))?;
        storage
            .migrate()
            .context("the database of the rehearsal cannot be made")?;
        self.files(
            Importer::new(&storage, settings.default_locale.clone()).rehearsing(),
            found,
        )
    }

    fn files(&self, mut importer: Importer<'_>, found: &[Found]) -> anyhow::Result<Report> {
        let bar = bar(found.len(), self.quiet);
        for file in found {
            bar.set_message(file.name.clone());
            let bytes = file
                .path
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|path| import::read(path));
            if let Err(error) = importer.file(&file.name, bytes) {
                bar.finish_and_clear();
                // What came in before the database went away is worth knowing.
                say(&importer.finish().to_string())?;
                return Err(error)
                    .with_context(|| format!("stopped at {}; run it again to go on", file.name));
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(importer.finish())
    }
}

/// A bar on standard error; indicatif shows none where that is no terminal.
fn bar(length: usize, quiet: bool) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(length as u64), target);
    match ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A folder that is gone when the rehearsal is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let name = format!(
            "masthead-rehearsal-{:016x}",
            u64::from_le_bytes(system::random_bytes()?)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_dir_all(path) {
        note(&format!(
            "warning: {} could not be removed: {error}",
            path.display()
        ));
    }
}
