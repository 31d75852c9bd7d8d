//! What readers get: shapes, lists, pages, caching, and what every answer carries.

mod absent;
mod addresses;
mod articles;
mod caching;
mod changes;
mod compression;
mod cors;
mod events;
mod faqs;
mod feeds;
mod forms;
mod headers;
mod kept;
mod keys;
mod lists;
mod live;
mod names;
mod paging;
mod search;
mod search_limits;
mod seo;
mod site;
mod sitemaps;
mod slugs;
mod suggest;
mod walking;
