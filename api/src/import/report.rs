//! What came of an import, a line a file, as people read it.

use std::fmt;

/// Something that could not be carried as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A stable word.
    pub code: &'static str,
    /// A sentence with the place.
    pub message: String,
}

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// There was no such article.
    Created,
    /// There was one, and it differed.
    Updated,
    /// The article says what the file says.
    Unchanged,
    /// It would come in; nothing was written.
    Ready,
    /// Nothing of it was written.
    Failed,
}

impl Outcome {
    const ALL: [Self; 5] = [
        Self::Created,
        Self::Updated,
        Self::Unchanged,
        Self::Ready,
        Self::Failed,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path within the folder.
    pub file: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What it became, or why not: one line each.
    pub lines: Vec<String>,
    /// What could not be carried.
    pub notes: Vec<Note>,
}

/// Every file of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order they were read.
    pub entries: Vec<Entry>,
}

impl Report {
    /// How many files had an outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.outcome == outcome)
            .count()
    }

    /// What failed, and the sum of all.
    #[must_use]
    pub fn failures(&self) -> Failures<'_> {
        Failures(self)
    }

    fn sum(&self) -> String {
        let files = self.entries.len();
        let counts = Outcome::ALL
            .iter()
            .map(|outcome| (self.count(*outcome), outcome.as_str()));
        let mut parts: Vec<_> = counts
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}"))
            .collect();
        let warnings: usize = self.entries.iter().map(|entry| entry.notes.len()).sum();
        if warnings > 0 {
            parts.push(format!(
                "{warnings} {}",
                if warnings == 1 { "warning" } else { "warnings" }
            ));
        }
        let noun = if files == 1 { "file" } else { "files" };
        format!("{files} {noun}: {}", parts.join(", "))
    }
}

/// Where the third column begins on the lines below a file's first.
const INDENT: usize = 11;

/// The part of a report that asks for something to be done.
pub struct Failures<'a>(&'a Report);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(f, self.entries.iter().collect(), &self.sum())
    }
}

impl fmt::Display for Failures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self
            .0
            .entries
            .iter()
            .filter(|entry| entry.outcome == Outcome::Failed);
        table(f, failed.collect(), &self.0.sum())
    }
}

fn table(f: &mut fmt::Formatter<'_>, entries: Vec<&Entry>, sum: &str) -> fmt::Result {
    let longest = entries
        .iter()
        .map(|entry| entry.file.chars().count())
        .max()
        .unwrap_or(0);
    let width = longest.clamp(1, 40);
    for entry in &entries {
        let mut lines = entry.lines.iter().map(|line| printable(line));
        let first = lines.next().unwrap_or_default();
        writeln!(
            f,
            "{:<INDENT$}{:<width$}  {first}",
            entry.outcome.as_str(),
            printable(&entry.file)
        )?;
        for line in lines {
            writeln!(f, "{:INDENT$}{:width$}  {line}", "", "")?;
        }
        for note in &entry.notes {
            writeln!(
                f,
                "{:INDENT$}warning  {}  {}",
                "",
                note.code,
                printable(&note.message)
            )?;
        }
    }
    if !entries.is_empty() {
        writeln!(f)?;
    }
    f.write_str(sum)
}

/// Text of a file must not steer the terminal it is shown on.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(file: &str, outcome: Outcome, lines: &[&str]) -> Entry {
        Entry {
            file: file.into(),
            outcome,
            lines: lines.iter().map(|&line| line.into()).collect(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_report_has_a_line_a_file_and_a_sum() {
        let mut old = entry("old.md", Outcome::Created, &["en/old, draft"]);
        old.notes.push(Note {
            code: "html_removed",
            message: "section \"Sources\": <script> is left out.".into(),
        });
        let broken = entry(
            "broken.md",
            Outcome::Failed,
            &["line 3, /slug: no.", "line 4, /kind: no."],
        );
        let report = Report {
            entries: vec![old, broken],
        };
        let expected = "\
created    old.md     en/old, draft
           warning  html_removed  section \"Sources\": <script> is left out.
failed     broken.md  line 3, /slug: no.
                      line 4, /kind: no.

2 files: 1 created, 1 failed, 1 warning";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn a_file_cannot_steer_the_terminal() {
        let report = Report {
            entries: vec![entry("\u{1b}[2J.md", Outcome::Failed, &["a\u{7}"])],
        };
        assert!(!report.to_string().contains(['\u{1b}', '\u{7}']));
    }
}
