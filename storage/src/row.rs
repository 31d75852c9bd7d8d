//! From the columns of a row to the words of the model, and back; what the model refuses is a corrupt row.

use std::fmt::Display;

use masthead_domain::clock::Instant;
use masthead_domain::error::{Refused, StorageError};
use masthead_domain::locale::Locale;
use masthead_domain::slug::Slug;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Failure;
use crate::types::{Micros, RowId};

/// Names a row in what is said of its columns.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub id: RowId,
}

impl Named {
    /// The error of a column that cannot be read.
    pub(crate) fn corrupt(self, column: &'static str, reason: impl Display) -> StorageError {
        StorageError::Corrupt {
            table: self.table,
            column,
            id: self.id.0.to_string(),
            reason: reason.to_string(),
        }
    }

    /// A text that the model parses.
    pub(crate) fn word<T>(
        self,
        column: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Result<T, StorageError> {
        parse(text).map_err(|refused| self.corrupt(column, refused))
    }

    /// The column `slug`.
    pub(crate) fn slug(self, text: &str) -> Result<Slug, StorageError> {
        self.word("slug", text, Slug::parse)
    }

    /// The column `locale`.
    pub(crate) fn locale(self, text: &str) -> Result<Locale, StorageError> {
        self.word("locale", text, Locale::parse)
    }

    /// A number that cannot be negative.
    pub(crate) fn count(self, column: &'static str, number: i64) -> Result<u32, StorageError> {
        u32::try_from(number).map_err(|error| self.corrupt(column, error))
    }

    /// A number that cannot be negative, where there is one.
    pub(crate) fn some_count(
        self,
        column: &'static str,
        number: Option<i64>,
    ) -> Result<Option<u32>, StorageError> {
        number.map(|number| self.count(column, number)).transpose()
    }

    /// A moment.
    pub(crate) fn instant(self, column: &'static str, micros: Micros) -> Result<Instant, StorageError> {
        Instant::from_timestamp_micros(micros.0)
            .ok_or_else(|| self.corrupt(column, format_args!("{} µs is no moment", micros.0)))
    }

    /// A moment, where there is one.
    pub(crate) fn some_instant(
        self,
        column: &'static str,
        micros: Option<Micros>,
    ) -> Result<Option<Instant>, StorageError> {
        micros.map(|micros| self.instant(column, micros)).transpose()
    }

    /// JSON.
    pub(crate) fn json<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StorageError> {
        serde_json::from_str(text).map_err(|error| self.corrupt(column, error))
    }

    /// JSON, where there is some.
    pub(crate) fn some_json<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StorageError> {
        text.map(|text| self.json(column, text)).transpose()
    }
}

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| {
        Failure::from(StorageError::Database {
            context: "writing JSON for a column".to_owned(),
            source: Box::new(error),
        })
    })
}

/// A value as JSON text, where there is one.
pub(crate) fn some_json(value: Option<&impl Serialize>) -> Result<Option<String>, Failure> {
    value.map(json).transpose()
}

/// Where a thing stands in an ordered list of a row.
pub(crate) fn position(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// A number of rows.
pub(crate) fn total(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

/// Text as the filter by text compares it: in lower case letter by letter, so that a word reads the same
/// wherever it stands, with the final sigma as any other.
pub(crate) fn folded(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == 'ς' { 'σ' } else { letter })
        .collect()
}

/// A pattern for `LIKE … ESCAPE '\'` that finds a text anywhere.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in folded(&bindable(text)).chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// PostgreSQL refuses a text with NUL even as a parameter. No text kept here holds a control character, so
/// another of them finds as little as NUL would.
pub(crate) fn bindable(text: &str) -> String {
    text.replace('\0', "\u{1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_literally_and_in_any_case() {
        assert_eq!(containing(r"50%_\Ä"), r"%50\%\_\\ä%");
        assert_eq!(containing("a\0b"), "%a\u{1}b%");
        assert_eq!(folded("ΟΔΟΣ"), folded("οδος"));
        assert_eq!(folded("ПРИЛИВ"), "прилив");
    }

    #[test]
    fn a_corrupt_column_names_its_row() {
        let row = Named {
            table: "tags",
            id: RowId(uuid::Uuid::from_u128(7)),
        };
        let error = row.count("revision", -1).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("corrupt row in tags.revision of 00000000-0000-0000-0000-000000000007")
        );
        assert!(row.instant("created_at", Micros(i64::MAX)).is_err());
    }
}
