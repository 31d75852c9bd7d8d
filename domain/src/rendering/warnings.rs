//! Warnings: what a conversion could not carry over.

/// Something a conversion could not carry over, for `meta.warnings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderWarning {
    /// A stable word for programs, such as `html_removed`.
    pub code: &'static str,
    /// A sentence for the author.
    pub message: String,
}

/// How many different warnings one text reports; the rest is summed up in a last one.
const MOST_WARNINGS: usize = 50;

/// Collects warnings; saying the same thing twice leaves it said once.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    list: Vec<RenderWarning>,
}

impl Warnings {
    /// Notes one loss.
    pub(super) fn add(&mut self, code: &'static str, message: String) {
        if self.list.len() > MOST_WARNINGS {
            return;
        }
        let warning = RenderWarning { code, message };
        if self.list.contains(&warning) {
            return;
        }
        if self.list.len() == MOST_WARNINGS {
            self.list.push(RenderWarning {
                code: "more_warnings",
                message: "More was changed than is listed here.".to_owned(),
            });
        } else {
            self.list.push(warning);
        }
    }

    /// Everything noted, in the order of the text.
    pub(super) fn into_vec(self) -> Vec<RenderWarning> {
        self.list
    }
}

/// The first characters of a text, so that a message stays readable.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(LONGEST).map(clean).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_warning_is_kept_once() {
        let mut warnings = Warnings::default();
        warnings.add("html_removed", "a".to_owned());
        warnings.add("html_removed", "a".to_owned());
        assert_eq!(warnings.into_vec().len(), 1);
    }

    #[test]
    fn endless_warnings_end_in_a_summary() {
        let mut warnings = Warnings::default();
        for number in 0..1000 {
            warnings.add("html_removed", number.to_string());
        }
        let list = warnings.into_vec();
        assert_eq!(list.len(), MOST_WARNINGS + 1);
        assert_eq!(list[MOST_WARNINGS].code, "more_warnings");
    }
}
