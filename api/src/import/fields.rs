//! Taking keys out of front matter one by one: what is wrong and what is left over is noted with its line.

use std::collections::BTreeMap;

use super::Note;
use super::yaml::{Node, Value};

/// What was noticed while reading a file.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// Why the file cannot come in.
    pub problems: Vec<String>,
    /// What could not be carried.
    pub notes: Vec<Note>,
    /// The line of each value, by JSON Pointer.
    pub lines: BTreeMap<String, u64>,
}

impl Noticed {
    /// Notes what is wrong with a value.
    pub fn problem(&mut self, pointer: &str, message: impl AsRef<str>) {
        let place = self.place(pointer);
        self.problems.push(format!("{place}: {}", message.as_ref()));
    }

    /// Notes what cannot be carried.
    pub fn note(&mut self, code: &'static str, message: impl Into<String>) {
        self.notes.push(Note {
            code,
            message: message.into(),
        });
    }

    /// A place as people find it: the line of the value, or of the nearest one around it.
    pub fn place(&self, pointer: &str) -> String {
        let mut around = pointer;
        loop {
            if let Some(line) = self.lines.get(around) {
                return format!("line {line}, {pointer}");
            }
            match around.rfind('/') {
                Some(at) if at > 0 => around = &around[..at],
                _ => return pointer.to_owned(),
            }
        }
    }

    /// What a parser refused becomes a problem.
    pub fn take<T>(
        &mut self,
        pointer: &str,
        parsed: Result<T, masthead_domain::error::Refused>,
    ) -> Option<T> {
        parsed
            .map_err(|refused| self.problem(pointer, refused.message))
            .ok()
    }
}

/// The keys of one mapping that nobody took yet.
pub(super) struct Fields {
    at: String,
    left: Vec<(String, Node)>,
    taken: Vec<&'static str>,
}

impl Fields {
    /// The mapping at a place; empty, with a problem, if it is none.
    pub fn of(node: Node, at: &str, noticed: &mut Noticed) -> Self {
        noticed.lines.insert(at.to_owned(), node.line);
        let left = match node.value {
            Value::Map(entries) => entries,
            Value::Nothing => Vec::new(),
            _ => {
                noticed.problem(at, format!("This is {}; write `key: value` lines.", node.kind()));
                Vec::new()
            }
        };
        for (key, value) in &left {
            noticed.lines.insert(format!("{at}/{key}"), value.line);
        }
        Self {
            at: at.to_owned(),
            left,
            taken: Vec::new(),
        }
    }

    /// Where a key of this mapping stands.
    pub fn pointer(&self, key: &str) -> String {
        format!("{}/{key}", self.at)
    }

    /// The value of a key, unless it is missing or says nothing.
    pub fn take(&mut self, key: &'static str) -> Option<Node> {
        self.taken.push(key);
        let at = self.left.iter().position(|(name, _)| name == key)?;
        let (_, node) = self.left.remove(at);
        (node.value != Value::Nothing).then_some(node)
    }

    /// One line of text.
    pub fn text(&mut self, key: &'static str, noticed: &mut Noticed) -> Option<String> {
        let node = self.take(key)?;
        let text = node.text().map(|text| text.trim().to_owned());
        if text.is_none() {
            noticed.problem(
                &self.pointer(key),
                format!("This is {}; write one text.", node.kind()),
            );
        }
        text
    }

    /// Text of several lines.
    pub fn lines(&mut self, key: &'static str, noticed: &mut Noticed) -> Option<String> {
        let node = self.take(key)?;
        let text = node.text().map(|text| text.trim_end().to_owned());
        if text.is_none() {
            noticed.problem(
                &self.pointer(key),
                format!("This is {}; write one text.", node.kind()),
            );
        }
        text
    }

    /// True or false; false where it is missing.
    pub fn switch(&mut self, key: &'static str, noticed: &mut Noticed) -> bool {
        match self.take(key).map(|node| node.value) {
            None => false,
            Some(Value::Bool(on, _)) => on,
            Some(_) => {
                noticed.problem(&self.pointer(key), "Write true or false.");
                false
            }
        }
    }

    /// A list with the place of each item; one value alone is a list of one.
    pub fn list(&mut self, key: &'static str, noticed: &mut Noticed) -> Vec<(String, Node)> {
        let Some(node) = self.take(key) else {
            return Vec::new();
        };
        let at = self.pointer(key);
        let Value::List(items) = node.value else {
            return vec![(at, node)];
        };
        let items = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| (format!("{at}/{index}"), item));
        items
            .inspect(|(pointer, item)| _ = noticed.lines.insert(pointer.clone(), item.line))
            .collect()
    }

    /// Says what nobody took.
    pub fn finish(self, noticed: &mut Noticed) {
        for (key, _) in self.left {
            let place = noticed.place(&format!("{}/{key}", self.at));
            let known = self.taken.join(", ");
            noticed.note(
                "unknown_key",
                format!("{place}: this key is not known and not carried; known here: {known}."),
            );
        }
    }
}
