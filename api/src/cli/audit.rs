//! The audit log from the command line: holding it against itself, and writing it out.

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use masthead_domain::audit::AuditHash;
use masthead_domain::clock::Clock as _;
use masthead_domain::repository::{AuditFilter, Repository};
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::auditing::{self, STRETCH};

use super::{note, open, say};
use crate::config::Settings;
use crate::system::{RandomIds, SystemClock};

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Look whether an entry was changed or is missing; exits with 0 if none is and 1 if one is
    #[command(after_help = "\
Examples:
  masthead audit verify
  masthead audit verify --expect 1027:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b

Every entry is chained to the one before by its hash, so a change or a gap shows. Whoever can write
the whole database can write the whole chain anew: keep the last line of a run somewhere else, and
hand it to --expect later.")]
    Verify(Verify),
    /// Write all entries to standard output, one line of JSON each, the oldest first
    #[command(
        after_help = "Example:\n  masthead audit export > audit.ndjson\n  masthead audit export --after 1027 >> audit.ndjson"
    )]
    Export(Export),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An entry that was there once, as its number and hash: it still has to be
    #[arg(long, value_name = "SEQ:HASH", value_parser = expected)]
    expect: Option<(i64, AuditHash)>,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Begin after the entry with this number
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    after: i64,
}

fn expected(text: &str) -> Result<(i64, AuditHash), String> {
    let (seq, hash) = text
        .split_once(':')
        .ok_or("write it as `masthead audit verify` does: SEQ:HASH")?;
    let seq = seq.parse().map_err(|_| format!("`{seq}` is no number"))?;
    let hash = AuditHash::parse(hash).map_err(|refused| refused.message)?;
    Ok((seq, hash))
}

impl Audit {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(task) => task.run(settings),
            Self::Export(task) => task.run(settings).map(|()| ExitCode::SUCCESS),
        }
    }
}

/// A unit of work that only reads.
fn reading<T>(
    repository: &mut dyn Repository,
    f: impl FnOnce(&mut Unit<'_>) -> masthead_domain::Result<T>,
) -> masthead_domain::Result<T> {
    f(&mut Unit {
        repository,
        now: SystemClock.now(),
        ids: &RandomIds,
        actor: &Actor::command_line(),
        acting: None,
        site: None,
    })
}

impl Verify {
    fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let storage = open(settings)?;
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} entries") {
            bar.set_style(style);
        }
        let expect = self.expect;
        let (verdict, found) = storage
            .read_blocking(|repository| {
                reading(repository, |unit| {
                    let verdict = auditing::verify(unit, |read, all| {
                        bar.set_length(all);
                        bar.set_position(read);
                    })?;
                    let found = match expect {
                        Some((seq, _)) => unit
                            .repository
                            .audit_after(&AuditFilter::default(), seq.saturating_sub(1), 1)?
                            .into_iter()
                            .next(),
                        None => None,
                    };
                    Ok((verdict, found))
                })
            })
            .with_context(|| format!("the audit log of {} cannot be read", settings.database_url))?;
        bar.finish_and_clear();
        let mut faults: Vec<String> = verdict.faults.iter().map(ToString::to_string).collect();
        if let Some((seq, hash)) = expect
            && !found.is_some_and(|entry| entry.seq == seq && entry.hash == hash)
        {
            faults.push(format!("entry {seq} is not the one that was expected"));
        }
        if faults.is_empty() {
            let (entries, head) = (verdict.entries, verdict.head);
            note(&format!(
                "{entries} entries, none changed, none missing in {}",
                settings.database_url
            ));
            say(&format!("{}:{}", head.seq, head.hash))?;
            return Ok(ExitCode::SUCCESS);
        }
        for fault in &faults {
            say(fault)?;
        }
        if verdict.faults.len() == auditing::FAULTS {
            note("There may be more; only the first are listed.");
        }
        note(&format!(
            "error: the audit log in {} is not what was written",
            settings.database_url
        ));
        Ok(ExitCode::FAILURE)
    }
}

impl Export {
    fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let storage = open(settings)?;
        let mut out = BufWriter::new(io::stdout().lock());
        let mut seq = self.after;
        loop {
            let entries = storage
                .read_blocking(|repository| {
                    reading(repository, |unit| {
                        auditing::stretch(unit, &AuditFilter::default(), seq)
                    })
                })
                .with_context(|| format!("the audit log of {} cannot be read", settings.database_url))?;
            for entry in &entries {
                writeln!(out, "{}", entry.line())?;
                seq = entry.seq;
            }
            if entries.len() < STRETCH as usize {
                break;
            }
        }
        Ok(out.flush()?)
    }
}
