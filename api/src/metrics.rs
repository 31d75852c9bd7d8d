//! What is counted, for those who run the service: `/metrics` in the form that Prometheus reads.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::service::Service;

/// Upper ends of the histogram's buckets, in seconds.
const BUCKETS: [f64; 12] = [
    0.000_1, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: &'static str,
    status: u16,
    source: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    operation: &'static str,
    source: &'static str,
}

/// Counters of one kept answer's operation, looked up once.
#[derive(Debug, Clone)]
pub struct KeptCounters {
    whole: Counter,
    unchanged: Counter,
    seconds: Histogram,
    total: Counter,
}

impl KeptCounters {
    /// Counts an answer that was given from memory.
    pub fn count(&self, status: StatusCode, took: Duration) {
        if status == StatusCode::NOT_MODIFIED {
            &self.unchanged
        } else {
            &self.whole
        }
        .inc();
        self.total.inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    seconds: Family<Timed, Histogram, fn() -> Histogram>,
    /// All answers together, for those who would stand back where many are asked for.
    total: Counter,
    kept_bytes: Gauge,
    kept_answers: Gauge,
    log_applied: Gauge,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Metrics {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("masthead");
        let answered = Family::<Answered, Counter>::default();
        let seconds = Family::<Timed, Histogram, fn() -> Histogram>::new_with_constructor(histogram);
        let (kept_bytes, kept_answers, log_applied) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register(
            "requests",
            "Requests answered, by operation, status and where the answer came from",
            answered.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time until an answer was made",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register_with_unit(
            "kept_answers",
            "Finished answers in memory",
            Unit::Bytes,
            kept_bytes.clone(),
        );
        registry.register("kept_answers", "Finished answers in memory", kept_answers.clone());
        registry.register(
            "change_log_applied",
            "The newest entry of the change log that kept answers know",
            log_applied.clone(),
        );
        Self {
            registry,
            answered,
            seconds,
            total: Counter::default(),
            kept_bytes,
            kept_answers,
            log_applied,
        }
    }

    /// The counters of an operation's kept answers.
    #[must_use]
    pub fn kept(&self, operation: &'static str) -> KeptCounters {
        self.counters(operation, "memory")
    }

    /// The counters of answers about one article that the store keeps finished: by its id, and by its slug.
    #[must_use]
    pub fn finished(&self) -> [KeptCounters; 2] {
        ["get_article", "get_article_by_slug"].map(|operation| self.counters(operation, "store"))
    }

    fn counters(&self, operation: &'static str, source: &'static str) -> KeptCounters {
        let answered = |status| {
            let labels = Answered {
                operation,
                status,
                source,
            };
            self.answered.get_or_create(&labels).clone()
        };
        let timed = Timed { operation, source };
        KeptCounters {
            whole: answered(200),
            unchanged: answered(304),
            seconds: self.seconds.get_or_create(&timed).clone(),
            total: self.total.clone(),
        }
    }

    /// How many answers there were, of whatever kind.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total.get()
    }

    /// Counts an answer that was made for this request.
    pub fn made(&self, operation: &'static str, status: StatusCode, took: Duration) {
        let source = "made";
        let labels = Answered {
            operation,
            status: status.as_u16(),
            source,
        };
        self.answered.get_or_create(&labels).inc();
        self.total.inc();
        self.seconds
            .get_or_create(&Timed { operation, source })
            .observe(took.as_secs_f64());
    }

    fn text(&self, service: &Service) -> Result<String, std::fmt::Error> {
        let (bytes, answers) = service.answers().size();
        self.kept_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.kept_answers.set(i64::try_from(answers).unwrap_or(i64::MAX));
        self.log_applied.set(service.answers().applied());
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Registers the route; it is no part of the contract.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(metrics);
}

/// Everything that was counted since the start.
#[get("/metrics")]
async fn metrics(service: Service) -> HttpResponse {
    match service.metrics().text(&service) {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(error) => HttpResponse::from_error(crate::error::ApiError::internal(error)),
    }
}
