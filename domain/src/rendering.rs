//! Rendering: Markdown to sanitised HTML and plain text, anchors, lengths, contents, imports and embeds.
//!
//! Pure functions (which remember what they made lately) without a clock, randomness or I/O: the same text always renders to the same
//! bytes, on every node and in every test.

pub mod anatomy;
pub mod anchor;
pub mod contents;
pub mod document;
pub mod embed;
pub mod markdown;
pub mod reading;

mod definitions;
mod entities;
mod faqs;
mod html;
mod links;
mod memory;
mod page;
mod policy;
mod raw_html;
mod sanitiser;
mod syntax;
mod text;
mod warnings;

pub use anatomy::Anatomy;
pub use anchor::{anchor, slugify, unique_anchor};
pub use contents::{ContentsEntry, Heading, contents};
pub use document::{Document, DocumentFaq, DocumentSection, split};
pub use embed::{Embed, EmbedError, embed};
pub use markdown::{MarkdownError, Rendered, anatomy, check, inline_text, length, plain_text, render};
pub use reading::{Length, excerpt, measure};
pub use warnings::RenderWarning;
