//! The contract of Masthead: every body in and out, the problem codes, and the finished documents.
//!
//! A body is a struct here with its JSON names, limits and descriptions; its `From` turns the domain's things into
//! it, or it into the domain's input. Requests are checked against these schemas before anything else happens, so
//! what a document says of a body is what the service does.

pub mod delivery;
pub mod document;
mod examples;
pub mod forms;
pub mod management;
pub mod parameters;
pub mod preview;
pub mod problem;
mod words;

/// A body that holds one thing in the envelope.
macro_rules! data_of {
    ($(#[$doc:meta])* $name:ident, $data:ty) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// What was asked for.
            pub data: $data,
        }
    };
}
pub(crate) use data_of;

/// A body that holds a page of a list in the envelope. Each is a struct of its own, so that its items keep the name
/// of their schema.
macro_rules! list_of {
    ($(#[$doc:meta])* $name:ident, $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The page.
            pub data: Vec<$item>,
            /// About the page.
            pub meta: $crate::parameters::PageMeta,
            /// Where to go from here.
            pub links: $crate::parameters::PageLinks,
        }
    };
}
pub(crate) use list_of;
