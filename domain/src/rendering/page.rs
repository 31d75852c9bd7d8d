//! What the HTML of a text consists of so far: open raw elements, ids, losses.

use std::collections::BTreeSet;

use comrak::html::escape_href;
use comrak::nodes::{NodeLink, NodeValue};

use super::entities::{escape, escape_markup};
use super::raw_html::{Scanner, Tag, Token};
use super::warnings::{Warnings, shortened};
use super::{links, policy};

/// How many raw elements may be open at once.
const MOST_OPEN: usize = 50;

/// What has been written so far.
#[derive(Default)]
pub(super) struct Page {
    scanner: Scanner,
    /// Raw elements that are open, outermost first.
    open: Vec<&'static str>,
    /// How many of them were open at the start of each Markdown node around the current place.
    frames: Vec<usize>,
    /// How many frames there were when an element that goes with its content began.
    removing_from: usize,
    /// Whether the next call is the end of a node that was skipped.
    skipped: bool,
    ids: BTreeSet<String>,
    warnings: Warnings,
}

impl Page {
    /// A page whose Markdown defines some ids already.
    pub(super) fn new(ids: BTreeSet<String>, warnings: Warnings) -> Self {
        Self {
            ids,
            warnings,
            ..Self::default()
        }
    }

    /// Every id that was written, and what was lost.
    pub(super) fn finish(self) -> (BTreeSet<String>, Warnings) {
        (self.ids, self.warnings)
    }

    /// Whether the node that starts now is inside an element that goes with its content.
    pub(super) fn skips(&mut self) -> bool {
        self.skipped = self.scanner.is_removing();
        self.skipped
    }

    /// Whether the node that ends now was skipped.
    pub(super) fn has_skipped(&mut self) -> bool {
        std::mem::take(&mut self.skipped)
    }

    /// A Markdown node starts: raw elements opened from here on end with it.
    pub(super) fn start_frame(&mut self) {
        self.frames.push(self.open.len());
    }

    /// The innermost raw element that was opened in the current Markdown node.
    fn innermost(&self) -> Option<&'static str> {
        let start = self.frames.last().copied().unwrap_or_default();
        self.open.get(start..).and_then(<[_]>::last).copied()
    }

    fn close_down_to(&mut self, mark: usize) -> String {
        let mut html = String::new();
        while self.open.len() > mark {
            if let Some(name) = self.open.pop() {
                html.extend(["</", name, ">"]);
            }
        }
        html
    }

    /// A Markdown node ends. Returns the end tags of raw elements still open in it.
    pub(super) fn end_frame(&mut self) -> String {
        let mark = self.frames.pop().unwrap_or_default();
        if self.frames.len() < self.removing_from {
            self.scanner.stop_removing();
        }
        self.close_down_to(mark)
    }

    /// End tags that have to stand before a Markdown node.
    pub(super) fn before(&mut self, value: &NodeValue) -> String {
        let start = self.frames.last().copied().unwrap_or_default();
        if matches!(value, NodeValue::FootnoteDefinition(_)) {
            return self.close_down_to(start);
        }
        if value.block() && self.innermost() == Some("p") {
            return self.close_down_to(self.open.len() - 1);
        }
        String::new()
    }

    /// The end of a link and of raw elements still open in it.
    pub(super) fn end_link(&mut self, link: &NodeLink) -> String {
        let mut html = self.end_frame();
        if destination(&link.url, links::is_safe).is_some() {
            html.push_str("</a>");
        }
        html
    }

    /// The start tag of a link; nothing if its address is not allowed.
    pub(super) fn start_link(&mut self, link: &NodeLink) -> String {
        self.start_frame();
        let Some(address) = destination(&link.url, links::is_safe) else {
            let message = format!(
                "The link to \"{}\" was removed; its text was kept.",
                shortened(&link.url)
            );
            self.warnings.add("link_removed", message);
            return String::new();
        };
        let mut html = format!("<a href=\"{address}\"");
        add_attribute(&mut html, "title", self.fitting(&link.title));
        add_attribute(&mut html, "rel", &links::relation(&link.url, ""));
        html + ">"
    }

    /// An image, or its alternative text if its address is not allowed.
    pub(super) fn image(&mut self, image: &NodeLink, alt: &str) -> String {
        let Some(address) = destination(&image.url, links::is_safe_image) else {
            return self.lost_image(&image.url, alt);
        };
        let mut html = format!("<img src=\"{address}\" alt=\"{}\"", escape(self.fitting(alt)));
        add_attribute(&mut html, "title", self.fitting(&image.title));
        html + ">"
    }

    /// The text as far as an attribute may hold it.
    fn fitting<'t>(&mut self, text: &'t str) -> &'t str {
        let mut end = text.len().min(policy::LONGEST_VALUE);
        if end == text.len() {
            return text;
        }
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let message = format!("The title or alternative text \"{}\" was cut.", shortened(text));
        self.warnings.add("text_cut", message);
        &text[..end]
    }

    fn lost_image(&mut self, address: &str, alt: &str) -> String {
        let message = format!(
            "The image \"{}\" was replaced by its alternative text.",
            shortened(address)
        );
        self.warnings.add("image_removed", message);
        escape(alt)
    }

    /// Raw HTML, reduced to what is allowed.
    pub(super) fn raw(&mut self, literal: &str) -> String {
        let mut html = String::new();
        let mut scanner = std::mem::take(&mut self.scanner);
        let was_removing = scanner.is_removing();
        scanner.scan(literal, |token| match token {
            Token::Text(text) => html.push_str(&escape_markup(text)),
            Token::Start(tag) => self.start(&tag, &mut html),
            Token::End(name) => self.end(&name, &mut html),
            Token::Removed(name) => {
                self.lost(format!(
                    "The element <{}> was removed with its content.",
                    shortened(&name)
                ));
            }
            Token::Declaration => {
                self.lost("A declaration in the HTML was removed.".to_owned());
            }
        });
        if scanner.is_removing() && !was_removing {
            self.removing_from = self.frames.len();
        }
        self.scanner = scanner;
        html
    }

    fn lost(&mut self, message: String) {
        self.warnings.add("html_removed", message);
    }

    fn start(&mut self, tag: &Tag, html: &mut String) {
        let Some(name) = policy::element(&tag.name) else {
            self.lost(format!("The element <{}> was removed.", shortened(&tag.name)));
            return;
        };
        while self
            .innermost()
            .is_some_and(|open| policy::ends_implicitly(open, name))
        {
            html.push_str(&self.close_down_to(self.open.len() - 1));
        }
        if name == "img" && !tag.attribute("src").is_some_and(links::is_safe_image) {
            let address = tag.attribute("src").unwrap_or_default();
            let lost = self.lost_image(address, tag.attribute("alt").unwrap_or_default());
            html.push_str(&lost);
            return;
        }
        if !policy::is_void(name) {
            if self.open.len() >= MOST_OPEN {
                self.lost(format!(
                    "HTML nested deeper than {MOST_OPEN} elements was flattened."
                ));
                return;
            }
            self.open.push(name);
        }
        html.extend(["<", name]);
        for (attribute, value) in &tag.attributes {
            self.attribute(name, attribute, value, html);
        }
        if let ("a", Some(address)) = (name, tag.attribute("href")) {
            let written = tag.attribute("rel").unwrap_or_default();
            add_attribute(html, "rel", &links::relation(address, written));
        }
        html.push('>');
    }

    fn attribute(&mut self, element: &str, name: &str, value: &str, html: &mut String) {
        let allowed = policy::allows(element, name, value) && (name != "id" || self.takes_id(value));
        match name {
            // The renderer sets these itself.
            "rel" if element == "a" => {}
            "loading" if element == "img" => {}
            _ if allowed => html.extend([" ", name, "=\"", &escape(value), "\""]),
            "href" if element == "a" => {
                let message = format!(
                    "The link to \"{}\" was removed; its text was kept.",
                    shortened(value)
                );
                self.warnings.add("link_removed", message);
            }
            _ => self.lost(format!(
                "The attribute {} of <{element}> was removed.",
                shortened(name)
            )),
        }
    }

    /// Notes an id of the author's. One that is taken, or that footnotes use, is refused.
    fn takes_id(&mut self, id: &str) -> bool {
        let free = !id.starts_with("fn-") && !id.starts_with("fnref-") && !self.ids.contains(id);
        if free {
            // Links may spell it percent-encoded.
            self.ids
                .extend(destination(&format!("#{id}"), links::is_safe).map(|link| link[1..].to_owned()));
            self.ids.insert(id.to_owned());
        }
        free
    }

    fn end(&mut self, name: &str, html: &mut String) {
        if policy::is_void(name) {
            return;
        }
        let start = self.frames.last().copied().unwrap_or_default();
        let opened = self
            .open
            .get(start..)
            .unwrap_or_default()
            .iter()
            .rposition(|open| *open == name);
        if let Some(opened) = opened {
            html.push_str(&self.close_down_to(start + opened));
        } else if policy::element(name).is_some() || policy::goes_with_content(name) {
            self.lost(format!(
                "The end tag </{name}> was removed: it ends nothing here."
            ));
        }
    }
}

fn add_attribute(html: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        html.extend([" ", name, "=\"", &escape(value), "\""]);
    }
}

/// The escaped address as it will stand in the attribute, if it is allowed.
fn destination(address: &str, allowed: fn(&str) -> bool) -> Option<String> {
    let mut escaped = String::new();
    escape_href(&mut escaped, address, false).ok()?;
    // Percent-encoding can turn a good address into a bad one, so both are judged.
    let read = escaped.replace("&amp;", "&").replace("&#x27;", "'");
    let fits = escaped.len() <= policy::LONGEST_VALUE;
    (fits && allowed(address) && allowed(&read)).then_some(escaped)
}
