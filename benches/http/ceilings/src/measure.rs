//! Durations of requests, and the numbers that are told of them.

use std::time::Duration;

use serde_json::{Value, json};

/// How long each request took.
#[derive(Default)]
pub struct Durations(Vec<u32>);

impl Durations {
    /// One more; whole microseconds.
    pub fn push(&mut self, took: Duration) {
        self.0.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// Those of another connection too.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Count, rate and the usual quantiles, for all that began within `span`.
    pub fn told(mut self, span: Duration) -> Value {
        self.0.sort_unstable();
        let at = |part: usize| {
            let place = (self.0.len() * part / 100).min(self.0.len().saturating_sub(1));
            f64::from(self.0.get(place).copied().unwrap_or_default()) / 1000.0
        };
        #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
        let rate = self.0.len() as f64 / span.as_secs_f64();
        json!({
            "requests": self.0.len(),
            "seconds": span.as_secs_f64(),
            "rps": rate,
            "p50_ms": at(50),
            "p99_ms": at(99),
        })
    }
}
