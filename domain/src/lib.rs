//! The editorial model of Masthead: what things are, what may happen to them, and who may do it.
//!
//! Nothing here reads a clock, makes a random number, talks to a database or knows HTTP: time, ids, the store
//! and the caller are given. To add a thing:
//!
//! 1. its shape and its rules in a file of its own, with newtypes that refuse what cannot be;
//! 2. what it needs of a store as a method of a trait in [`repository`];
//! 3. what happens to it as a function in [`use_cases`]: load, check the caller's rights, decide, save.

pub mod account;
pub mod article;
pub mod audit;
pub mod author;
pub mod change;
pub mod clock;
pub mod cost;
pub mod delivering;
pub mod email;
pub mod error;
pub mod faq;
pub mod following;
pub mod history;
pub mod id;
pub mod limit;
pub mod locale;
pub mod mail;
pub mod note;
pub mod once;
pub mod page;
pub mod preflight;
pub mod prepared;
pub mod preview;
pub mod proposal;
pub mod published;
pub mod redirect;
pub mod release;
pub mod rendering;
pub mod repository;
pub mod rights;
pub mod searching;
pub mod second_factor;
pub mod section;
pub mod slug;
pub mod sso;
pub mod story;
pub mod syndicating;
pub mod tag;
pub mod text;
pub mod trash;
pub mod use_cases;
pub mod workflow;

pub use error::{Error, Result};
