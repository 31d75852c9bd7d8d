//! Dates as people write them in front matter.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, SubsecRound as _};
use masthead_domain::clock::Instant;

/// Reads RFC 3339, or a day, which begins at midnight UTC; refuses years that nobody means.
pub(super) fn read(text: &str) -> Result<Instant, String> {
    let expected = || {
        format!("`{text}` is no date; write 2026-03-04T08:00:00Z (RFC 3339), or 2026-03-04 for midnight UTC.")
    };
    let moment = DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc());
    let moment = moment.or_else(|_| {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN).and_utc())
    });
    let moment = moment.map_err(|_| expected())?;
    if (1000..=9999).contains(&moment.year()) {
        Ok(moment.trunc_subsecs(6))
    } else {
        Err(expected())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_or_a_day_is_read() {
        for (text, moment) in [
            ("2026-03-04T08:00:00Z", "2026-03-04T08:00:00+00:00"),
            (
                "2026-03-04T08:00:00.123456789+02:00",
                "2026-03-04T06:00:00.123456+00:00",
            ),
            ("2026-03-04", "2026-03-04T00:00:00+00:00"),
        ] {
            assert_eq!(read(text).unwrap().to_rfc3339(), moment);
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for text in [
            "04/03/2026",
            "2026-02-30",
            "2026",
            "yesterday",
            "",
            "2026-03-04 08:00",
            "0026-03-04",
            "12026-03-04",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
