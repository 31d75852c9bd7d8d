//! All tests of the whole service, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop where something is not as it should be"
)]

mod account_page;
mod architecture;
mod clients;
mod contract;
mod delivery;
mod docs_page;
mod faults;
mod foundation;
mod leaks;
mod management;
mod model;
mod preview;
mod readme;
mod supply;
mod typescript_client;
