//! Front matter as a tree whose every value knows its line.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::{Options, Spanned};

/// A value and the line it stands on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub line: u64,
    pub value: Value,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Nothing,
    Text(String),
    /// With the text as it was written: a title may be `1984`, a slug `007`.
    Bool(bool, String),
    Number(Number, String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The text of one value, whatever type YAML takes it for.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Bool(_, text) | Value::Number(_, text) => Some(text),
            Value::Nothing | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The value as JSON.
    pub fn into_json(self) -> serde_json::Value {
        match self.value {
            Value::Nothing => serde_json::Value::Null,
            Value::Text(text) => text.into(),
            Value::Bool(on, _) => on.into(),
            Value::Number(number, _) => number.into(),
            Value::List(items) => items.into_iter().map(Self::into_json).collect(),
            Value::Map(entries) => {
                let entries = entries.into_iter().map(|(key, node)| (key, node.into_json()));
                serde_json::Value::Object(entries.collect())
            }
        }
    }

    /// What it is, for a message.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Nothing => "nothing",
            Value::Text(_) => "a text",
            Value::Bool(..) => "true or false",
            Value::Number(..) => "a number",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Reads YAML that stands in a file after `lines_before` other lines; an error names the line in the file.
pub(super) fn read(yaml: &str, lines_before: usize) -> Result<Node, String> {
    // With these lines in front, every line that the parser names is the file's.
    let source = format!("{}{yaml}", "\n".repeat(lines_before));
    if yaml
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(Node {
            line: 1,
            value: Value::Map(Vec::new()),
        });
    }
    match serde_saphyr::from_str_with_options::<Spanned<Shape>>(&source, options()) {
        Ok(tree) => Ok(node(&source, tree)),
        Err(error) => Err(error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

/// Front matter is small; whatever grows far beyond that by nesting or aliases is an attack, or a slip.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 24,
            flow_nesting_limit: 24,
            max_nodes: 20_000,
            max_events: 60_000,
            max_aliases: 100,
            max_anchors: 100,
            max_documents: 1,
            max_merge_keys: 100,
            max_recorded_anchor_events: 20_000,
            max_total_scalar_bytes: 1_048_576,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}

/// A value as the parser hands it over.
enum Shape {
    Nothing,
    Text(String),
    Bool(bool),
    Number(Number),
    List(Vec<Spanned<Self>>),
    Map(Vec<(String, Spanned<Self>)>),
}

fn node(source: &str, spanned: Spanned<Shape>) -> Node {
    let written = || {
        let span = spanned.defined.span();
        let start = usize::try_from(span.byte_offset()?).ok()?;
        let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
        source
            .get(start..end)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let value = match spanned.value {
        Shape::Nothing => Value::Nothing,
        Shape::Text(text) => Value::Text(text),
        Shape::Bool(on) => Value::Bool(on, written().unwrap_or_else(|| on.to_string())),
        Shape::Number(number) => {
            let text = written().unwrap_or_else(|| number.to_string());
            Value::Number(number, text)
        }
        Shape::List(items) => Value::List(items.into_iter().map(|item| node(source, item)).collect()),
        Shape::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key, node(source, value)))
                .collect(),
        ),
    };
    Node {
        line: spanned.referenced.line(),
        value,
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }

    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        Shape::deserialize(deserializer)
    }

    fn visit_bool<E>(self, on: bool) -> Result<Shape, E> {
        Ok(Shape::Bool(on))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Shape, E> {
        Ok(Shape::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Shape, E> {
        Ok(Shape::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Shape, E> {
        Number::from_f64(number)
            .map(Shape::Number)
            .ok_or_else(|| E::custom("a number must be finite"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Shape::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(node: &Node, key: &str) -> Node {
        let Value::Map(entries) = &node.value else {
            panic!("{node:?}")
        };
        entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.clone())
            .unwrap()
    }

    #[test]
    fn every_value_knows_its_line_in_the_file() {
        let root = read("title: Tides\ntags:\n  - Sea\n  - Moon\n", 1).unwrap();
        assert_eq!(entry(&root, "title").line, 2);
        let Value::List(tags) = entry(&root, "tags").value else {
            panic!()
        };
        assert_eq!(tags.iter().map(|tag| tag.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn a_number_keeps_the_text_it_was_written_as() {
        let root = read(
            "a: 1984\nb: 007\nc: 1.10\nd: true\ne: 2026-03-04\nf: yes\ng: 1_000\nh: '12'\n",
            1,
        )
        .unwrap();
        for (key, text) in [
            ("a", "1984"),
            ("b", "007"),
            ("c", "1.10"),
            ("d", "true"),
            ("e", "2026-03-04"),
            ("f", "yes"),
            ("g", "1_000"),
            ("h", "12"),
        ] {
            assert_eq!(entry(&root, key).text(), Some(text), "{key}");
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (yaml, line) in [
            ("title: a\n  b: c\n", "line 3"),
            ("a: 1\na: 2\n", "line 3"),
            ("a: [1\n", "line "),
            ("a: .inf\n", "line 2"),
        ] {
            let said = read(yaml, 1).unwrap_err();
            assert!(said.contains(line), "{yaml:?}: {said}");
            assert!(!said.contains('\n'));
        }
    }

    #[test]
    fn a_bomb_is_refused_and_costs_little() {
        let level = |n: usize| format!("a{n}: &a{n} [{}]", vec![format!("*a{}", n - 1); 9].join(", "));
        let levels: Vec<_> = (1..12).map(level).collect();
        let laughs = format!("a0: &a0 [{}]\n{}\n", vec!["lol"; 9].join(", "), levels.join("\n"));
        assert!(read(&laughs, 1).is_err());
        assert!(read(&"[".repeat(10_000), 1).is_err());
        assert!(read(&"- ".repeat(10_000), 1).is_err());
        let deep: Vec<_> = (0..5_000).map(|n| format!("{}a:", " ".repeat(n))).collect();
        assert!(read(&deep.join("\n"), 1).is_err());
        assert!(read("a: 1\n---\nb: 2\n", 1).is_err());
    }

    #[test]
    fn comments_alone_are_no_front_matter() {
        assert_eq!(read("# nothing\n\n", 1).unwrap().value, Value::Map(Vec::new()));
    }
}
