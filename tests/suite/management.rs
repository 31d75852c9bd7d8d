//! The management surface: what editors, scripts and agents write.

mod articles_change;
mod articles_create;
mod articles_delete;
mod bad_addresses;
mod bad_input;
mod cases;
mod faqs;
mod lists;
mod names;
mod permissions;
mod preconditions;
mod publishing;
mod raw;
mod redirects;
mod retries;
mod retries_at_once;
mod reviews;
mod schedules;
mod sections;
mod session;
mod states;
mod support;
mod tag_merging;
mod writers;
