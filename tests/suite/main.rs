//! All tests of the whole service, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop where something is not as it should be"
)]

mod foundation;
mod delivery;
mod faults;
mod leaks;
mod management;
mod architecture;
mod clients;
mod docs_page;
mod contract;
mod readme;
