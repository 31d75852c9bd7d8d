//! The harness: a whole service on a database of its own, callers as objects, and every answer held against the
//! OpenAPI documents.
//!
//! ```no_run
//! let app = masthead_tests::App::start();
//! let editor = app.editor();
//! editor.post("/management/v1/tags", &serde_json::json!({ "name": "Sea" })).expect(201);
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a harness that cannot go on says so and stops"
)]

mod app;
mod binary;
mod caller;
mod clock;
mod contract;
mod database;
mod listener;
mod nginx;
mod provider;
mod relay;
mod sample;
mod smtp;
mod tools;

pub use app::{App, AppBuilder, PASSWORD};
pub use binary::{Masthead, binary, free_port, workspace};
pub use caller::{Caller, Response};
pub use clock::{TestClock, TestIds};
pub use contract::check;
pub use database::{Database, Engine, number};
pub use listener::{Heard, Listener};
pub use nginx::Nginx;
pub use provider::{Provider, SigningKey};
pub use relay::Relay;
pub use sample::{article, create_article, publish, published_article};
pub use smtp::{Received, Smtp};
pub use tools::{chromium, node_modules, packages_of, python};
