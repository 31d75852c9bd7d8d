//! The HTTP service of Masthead: routes, authentication, caching, problems, and the command line.
//!
//! To add an operation: a handler in `delivery/` or `management/` that extracts, makes one call and answers; its
//! `#[utoipa::path]` says what it takes and gives; one line in `routes` serves and documents it. What holds for
//! every operation (limits, credentials, unknown parameters, the form of errors) is done before and after it, in
//! `gate` and `observe`.

mod account_page;
pub mod answer;
mod auth;
mod cache;
pub mod cli;
pub mod config;
mod connections;
pub mod contract;
pub mod credentials;
mod cross_origin;
mod deeds;
mod delivery;
mod demo;
mod docs;
pub mod documents;
mod encoding;
mod error;
mod events;
mod extract;
mod finished;
mod gate;
mod hashing;
mod health;
pub mod import;
mod inner;
mod joint;
mod keys;
pub mod limits;
mod mailing;
mod management;
mod metrics;
mod negotiation;
mod observe;
pub mod oidc;
mod once;
mod paging;
mod passwords;
mod past;
mod preview;
mod purging;
mod routes;
mod scheduler;
mod second_factor;
pub mod server;
mod service;
mod strict_json;
pub mod system;
pub mod tagging;
pub mod tls;
mod violations;
