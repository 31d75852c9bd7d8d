//! What a query of a list costs before it is run, and how much that may be.

/// What a query of a list asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Rows on a page.
    pub rows: u32,
    /// What each row carries with bodies: the sum of [`SECTIONS`] and [`ANSWERS`], as far as they are included.
    pub bodies: u32,
    /// Forms in which bodies are wanted.
    pub formats: u32,
    /// Values of all filters together.
    pub values: u32,
    /// Words that are looked for.
    pub words: u32,
    /// Whether all rows are counted.
    pub is_counted: bool,
}

/// The weight of the sections of an article, in each form.
pub const SECTIONS: u32 = 4;
/// The weight of answers, in each form.
pub const ANSWERS: u32 = 2;
/// The weight of a word that is looked for.
pub const WORD: u32 = 10;
/// The weight of counting.
pub const COUNT: u32 = 50;
/// What a query may cost.
pub const LIMIT: u32 = 1_000;

impl Cost {
    /// `rows × (1 + bodies × formats) + values + 10 × words`, and 50 for counting.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.rows
            .saturating_mul(self.of_row())
            .saturating_add(self.of_filters())
    }

    /// Whether the query may be run.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        self.total() <= LIMIT
    }

    /// The most rows with which the rest could be run; 0 where none help.
    #[must_use]
    pub const fn rows_allowed(self) -> u32 {
        LIMIT.saturating_sub(self.of_filters()) / self.of_row()
    }

    const fn of_row(self) -> u32 {
        self.bodies.saturating_mul(self.formats).saturating_add(1)
    }

    const fn of_filters(self) -> u32 {
        let counting = if self.is_counted { COUNT } else { 0 };
        self.words
            .saturating_mul(WORD)
            .saturating_add(self.values)
            .saturating_add(counting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole_page(formats: u32) -> Cost {
        Cost {
            rows: 100,
            bodies: SECTIONS + ANSWERS,
            formats,
            ..Cost::default()
        }
    }

    #[test]
    fn a_full_page_with_all_bodies_is_allowed_in_one_form() {
        assert_eq!(whole_page(1).total(), 700);
        let filtered = Cost {
            values: 120,
            words: 12,
            is_counted: true,
            ..whole_page(1)
        };
        assert!(filtered.is_allowed());
        assert_eq!((whole_page(2).total(), whole_page(3).total()), (1_300, 1_900));
        assert!(!whole_page(2).is_allowed() && !whole_page(3).is_allowed());
    }

    #[test]
    fn fewer_rows_help_as_long_as_the_filters_alone_are_not_too_much() {
        let cost = whole_page(3);
        assert_eq!(cost.rows_allowed(), 52);
        assert!(Cost { rows: 52, ..cost }.is_allowed());
        assert!(!Cost { rows: 53, ..cost }.is_allowed());
        let words = Cost { words: 101, ..cost };
        assert_eq!(words.rows_allowed(), 0);
    }
}
