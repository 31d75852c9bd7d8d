//! What goes wrong around the service: databases that are away or locked, clients that misbehave, processes that end.

mod away;
mod clients;
mod cluster;
mod command_line;
mod connections;
mod crash;
mod crash_edits;
mod locked;
mod log;
mod process;
mod restart;
mod retries;
mod schedules;
mod shared_cache;
mod shutdown;
mod smuggling;
mod streams;
mod tls;
pub(crate) mod wire;
