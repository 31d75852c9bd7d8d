//! The writing side of what readers find: words of articles, titles and names, kept in the transactions that publish.

mod articles;
mod fill;
mod names;

pub(crate) use articles::{put_article, remove_article, renew_carriers};
pub(crate) use fill::fill;
pub(crate) use names::{Name, put_name, remove_name};
