//! An error as a person reads it: one line that says what happened and why, and one that says what to do.

use std::io;
use std::process::ExitCode;

use masthead_domain::error::{Error as DomainError, Resource, StorageError};
use masthead_storage::OpenError;

use super::note;
use crate::config::ConfigError;

/// Prints an error and answers the exit code.
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    // `masthead … | head` is no failure: whoever reads has read enough.
    let unread = error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    if unread {
        return ExitCode::SUCCESS;
    }
    note(&explain(error));
    ExitCode::FAILURE
}

/// The whole text.
fn explain(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = text_of(cause);
        // Some errors already say what their cause says.
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    let line = format!("error: {}", parts.join(": "));
    match error.chain().find_map(advice) {
        Some(advice) => format!("{line}\n  what to do: {advice}"),
        None => line,
    }
}

fn text_of(cause: &(dyn std::error::Error + 'static)) -> String {
    if let Some(DomainError::Invalid(violations)) = cause.downcast_ref() {
        // What a body calls `/name` is a flag here.
        let flag = |pointer: &str| format!("--{}", pointer.trim_start_matches('/'));
        let each = violations
            .0
            .iter()
            .map(|it| format!("{}: {}", flag(&it.pointer), it.message));
        return each.collect::<Vec<_>>().join("; ");
    }
    if cause.downcast_ref::<ConfigError>().is_some() {
        return cause.to_string();
    }
    // What databases say may have several lines.
    cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn advice(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    let known = match (
        cause.downcast_ref(),
        cause.downcast_ref(),
        cause.downcast_ref::<io::Error>(),
    ) {
        (
            Some(DomainError::AlreadyExists {
                resource: Resource::User,
                ..
            }),
            _,
            _,
        ) => "log in with that account, or give another --email",
        (Some(DomainError::Storage(StorageError::Unavailable(_))), _, _) => DATABASE_AWAY,
        (_, Some(OpenError::File { .. }), _) => {
            "name a file in a directory that this user may write to, with --database-url sqlite://PATH or --data-dir DIR"
        }
        (
            _,
            Some(OpenError::Scheme { .. } | OpenError::SqlitePath { .. } | OpenError::PostgresUrl { .. }),
            _,
        ) => {
            "put it right in --database-url, MASTHEAD_DATABASE_URL or database_url of the configuration file"
        }
        (_, _, Some(error)) => return io_advice(error).map(str::to_owned),
        _ => return None,
    };
    Some(known.to_owned())
}

const DATABASE_AWAY: &str =
    "see that the database runs and that --database-url names it; it is safe to try again";

fn io_advice(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::AddrInUse => Some(
            "another program listens there, perhaps another Masthead; stop it, or listen elsewhere: --listen 127.0.0.1:8081",
        ),
        io::ErrorKind::AddrNotAvailable => Some(
            "this machine has no such address; give one that it has: --listen 127.0.0.1:8080, or 0.0.0.0:8080 for all",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;
    use masthead_domain::error::Refused;

    #[test]
    fn an_error_is_one_line_with_its_causes_and_one_with_what_to_do() {
        let busy = io::Error::from(io::ErrorKind::AddrInUse);
        let error = Err::<(), _>(busy)
            .context("cannot listen on 127.0.0.1:8080")
            .unwrap_err();
        let said = explain(&error);
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), 2, "{said}");
        assert!(
            lines[0].starts_with("error: cannot listen on 127.0.0.1:8080: "),
            "{said}"
        );
        assert!(lines[1].contains("--listen"), "{said}");
    }

    #[test]
    fn every_violation_is_said() {
        let error = anyhow::Error::from(Refused::new("blank", "Say something.").at("/name"));
        assert_eq!(explain(&error), "error: --name: Say something.");
    }

    #[test]
    fn a_database_that_is_away_comes_with_what_to_do() {
        let away = DomainError::from(StorageError::Unavailable("connection\nrefused".into()));
        let said = explain(&anyhow::Error::from(away));
        assert!(
            said.starts_with("error: the database is not available: connection refused\n"),
            "{said}"
        );
        assert!(said.contains("--database-url"), "{said}");
    }

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let inner = io::Error::other("no");
        let error = Err::<(), _>(inner).context("it failed: no").unwrap_err();
        assert_eq!(explain(&error), "error: it failed: no");
    }
}
