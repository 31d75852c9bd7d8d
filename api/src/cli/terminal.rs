//! Printing: answers to standard output, everything about them to standard error.

use std::io::{self, Write as _};

/// Prints an answer; fails where nobody reads it.
pub(crate) fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Prints something about the answer; it is no loss where nobody reads it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
