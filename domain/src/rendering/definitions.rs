//! Slices of a document's source that keep their links and footnotes when they stand alone.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use comrak::nodes::NodeValue;
use comrak::options::BrokenLinkReference;
use comrak::{Arena, Node, Options};

use super::markdown::MarkdownError;
use super::warnings::Warnings;
use super::{syntax, text};

/// A document's source, with what parts of it need from other parts.
pub(super) struct Source<'m> {
    markdown: &'m str,
    /// The lines, each with its end.
    lines: Vec<&'m str>,
    footnotes: BTreeMap<String, Footnote>,
    /// The line of each reference to a footnote outside footnotes, and the footnote's name.
    references: Vec<(usize, String)>,
    /// Names of the footnotes that text outside footnotes leads to.
    used: BTreeSet<String>,
    /// Labels in brackets that have no definition anywhere.
    undefined: BTreeSet<String>,
}

struct Footnote {
    /// Its lines, if they are whole lines: a footnote inside a quote or a list has none.
    lines: Option<Range<usize>>,
    source: String,
    /// Names of the footnotes it refers to.
    references: BTreeSet<String>,
}

impl<'m> Source<'m> {
    /// Reads a document, and whatever `look` reads from its tree.
    pub(super) fn read<T>(
        markdown: &'m str,
        look: impl FnOnce(Node<'_>) -> T,
    ) -> Result<(Self, T), MarkdownError> {
        let arena = Arena::new();
        let undefined = Undefined::default();
        let root = syntax::parse_with(&arena, markdown, undefined.watching())?;
        let mut source = Self {
            markdown,
            lines: lines(markdown),
            footnotes: BTreeMap::new(),
            references: Vec::new(),
            used: BTreeSet::new(),
            undefined: undefined.labels().into_keys().collect(),
        };
        for node in root.descendants() {
            source.note(node);
        }
        let everywhere = 0..source.line_count();
        source.used = source.wanted(&everywhere);
        Ok((source, look(root)))
    }

    fn note(&mut self, node: Node<'_>) {
        let ast = node.data();
        match &ast.value {
            NodeValue::FootnoteDefinition(definition) => {
                let whole = node.parent().is_some_and(|parent| parent.parent().is_none());
                let lines = ast.sourcepos.start.line.saturating_sub(1)..ast.sourcepos.end.line;
                let source = if whole {
                    self.slice(lines.clone()).trim_end().to_owned()
                } else {
                    let words = text::document(node);
                    let words: Vec<_> = words.split_whitespace().collect();
                    format!("[^{}]: {}", definition.name, words.join(" "))
                };
                let lines = whole.then_some(lines);
                let footnote = Footnote {
                    lines,
                    source,
                    references: references(node),
                };
                self.footnotes.entry(definition.name.clone()).or_insert(footnote);
            }
            NodeValue::FootnoteReference(reference) => {
                let inside =
                    |parent: Node<'_>| matches!(parent.data().value, NodeValue::FootnoteDefinition(_));
                // The top-level block's line: those of inlines are less sure.
                let block = node
                    .ancestors()
                    .find(|parent| parent.parent().is_some_and(|above| above.parent().is_none()));
                if let Some(block) = block.filter(|_| !node.ancestors().skip(1).any(inside)) {
                    let line = block.data().sourcepos.start.line.saturating_sub(1);
                    self.references.push((line, reference.name.clone()));
                }
            }
            _ => {}
        }
    }

    /// How many lines there are.
    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    fn slice(&self, lines: Range<usize>) -> String {
        self.lines.get(lines).unwrap_or_default().concat()
    }

    /// The text of some lines without blank lines around it, and without definitions of footnotes
    /// that only other parts use.
    pub(super) fn body(&self, lines: Range<usize>) -> String {
        let wanted = self.wanted(&lines);
        let mut kept = String::new();
        let mut at = lines.start;
        let mut elsewhere: Vec<Range<usize>> = self
            .footnotes
            .iter()
            .filter(|(name, _)| self.used.contains(*name) && !wanted.contains(*name))
            .filter_map(|(_, footnote)| footnote.lines.clone())
            .filter(|gone| lines.contains(&gone.start))
            .collect();
        elsewhere.sort_by_key(|gone| gone.start);
        for gone in elsewhere {
            kept.push_str(&self.slice(at..gone.start));
            at = gone.end.max(at);
        }
        kept.push_str(&self.slice(at..lines.end.max(at)));
        without_blank_ends(&kept).to_owned()
    }

    fn wanted(&self, lines: &Range<usize>) -> BTreeSet<String> {
        let here = self.references.iter().filter(|(line, _)| lines.contains(line));
        self.reachable(here.map(|(_, name)| name.clone()).collect())
    }

    /// Names and the names their footnotes refer to, and so on.
    fn reachable(&self, mut open: Vec<String>) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        while let Some(name) = open.pop() {
            if let Some(footnote) = self.footnotes.get(&name).filter(|_| !reached.contains(&name)) {
                open.extend(footnote.references.iter().cloned());
                reached.insert(name);
            }
        }
        reached
    }

    /// Repeats below each body the definitions of footnotes and links it uses and does not hold.
    pub(super) fn repeat_definitions(&self, mut bodies: Vec<&mut String>, warnings: &mut Warnings) {
        // Many parts could each repeat one long footnote.
        let mut room = self.markdown.len().saturating_mul(4).max(1 << 20);
        let mut append = |body: &mut String, definitions: &[String]| {
            let added = definitions.iter().map(String::len).sum();
            if room < added {
                let message = "Some definitions of footnotes and links were not repeated: they are too long.";
                warnings.add("definitions_not_repeated", message.to_owned());
            } else if added > 0 {
                room -= added;
                join(body, &definitions.join("\n"));
            }
        };
        for body in &mut bodies {
            let missing = undefined_in(body).into_keys();
            let names = missing.filter_map(|label| Some(label.strip_prefix('^')?.to_owned()));
            let footnotes = self.reachable(names.collect());
            let held = held_in(body);
            let sources = footnotes.iter().filter(|name| !held.contains(*name));
            let sources: Vec<String> = sources
                .filter_map(|name| Some(self.footnotes.get(name)?.source.clone()))
                .collect();
            append(body, &sources);
        }
        let missing: Vec<BTreeMap<String, String>> = bodies
            .iter()
            .map(|body| {
                let mut labels = undefined_in(body);
                labels.retain(|label, _| !label.starts_with('^') && !self.undefined.contains(label));
                labels
            })
            .collect();
        let links = self.links(missing.iter().flatten().collect());
        for (body, labels) in bodies.into_iter().zip(&missing) {
            let found: Vec<String> = labels
                .keys()
                .filter_map(|label| links.get(label).cloned())
                .collect();
            append(body, &found);
        }
    }

    /// Definitions of links by label. The parser does not tell what it has read in definitions, so
    /// it is shown each label in front of the document and asked what became of it.
    fn links(&self, labels: BTreeMap<&String, &String>) -> BTreeMap<String, String> {
        if labels.is_empty() {
            return BTreeMap::new();
        }
        let mut question = String::new();
        for written in labels.values() {
            question.extend(["[", written.as_str(), "]\n\n"]);
        }
        let arena = Arena::new();
        let root = syntax::read(&arena, &(question + self.markdown), &Options::default());
        let definition = |written: &str, node: Node<'_>| match &node.first_child()?.data().value {
            NodeValue::Link(link) => Some(definition(written, &link.url, &link.title)),
            _ => None,
        };
        let answers = labels.into_iter().zip(root.children());
        answers
            .filter_map(|((label, written), node)| Some((label.clone(), definition(written, node)?)))
            .collect()
    }
}

fn definition(label: &str, address: &str, title: &str) -> String {
    let escaped = |text: &str| {
        let mut escaped = String::new();
        for character in text.chars() {
            if matches!(character, '\\' | '<' | '>' | '&' | '"') {
                escaped.push('\\');
            }
            escaped.push(if matches!(character, '\n' | '\r') {
                ' '
            } else {
                character
            });
        }
        escaped
    };
    let title = if title.is_empty() {
        String::new()
    } else {
        format!(" \"{}\"", escaped(title))
    };
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '(' | ')' | '\\');
    if !address.is_empty() && address.chars().all(plain) {
        return format!("[{label}]: {}{title}", escaped(address));
    }
    format!("[{label}]: <{}>{title}", escaped(address))
}

/// Puts definitions below a text, or above it where an unclosed block would swallow them.
fn join(body: &mut String, definitions: &str) {
    let arena = Arena::new();
    let root = syntax::read(&arena, body, &syntax::options());
    let swallows = root.last_child().is_some_and(|last| match &last.data().value {
        NodeValue::CodeBlock(code) => code.fenced && !code.closed,
        NodeValue::HtmlBlock(html) => html.block_type <= 5,
        _ => false,
    });
    *body = match body.is_empty() {
        true => definitions.to_owned(),
        false if swallows => format!("{definitions}\n\n{body}"),
        false => format!("{body}\n\n{definitions}"),
    };
}

/// Names of the footnotes that a node refers to.
fn references(node: Node<'_>) -> BTreeSet<String> {
    let name = |node: Node<'_>| match &node.data().value {
        NodeValue::FootnoteReference(reference) => Some(reference.name.clone()),
        _ => None,
    };
    node.descendants().filter_map(name).collect()
}

/// Names of the footnotes that a text defines.
fn held_in(markdown: &str) -> BTreeSet<String> {
    let arena = Arena::new();
    let mut options = syntax::options();
    options.parse.leave_footnote_definitions = true;
    let name = |node: Node<'_>| match &node.data().value {
        NodeValue::FootnoteDefinition(definition) => Some(definition.name.clone()),
        _ => None,
    };
    syntax::read(&arena, markdown, &options)
        .descendants()
        .filter_map(name)
        .collect()
}

/// Labels in brackets without a definition in the text, normalised and as they were written.
fn undefined_in(markdown: &str) -> BTreeMap<String, String> {
    let undefined = Undefined::default();
    syntax::read(&Arena::new(), markdown, &undefined.watching());
    undefined.labels()
}

/// Collects labels the parser finds no definition for.
#[derive(Default)]
struct Undefined(Arc<Mutex<BTreeMap<String, String>>>);

impl Undefined {
    fn watching(&self) -> Options<'static> {
        let found = Arc::clone(&self.0);
        let mut options = syntax::options();
        options.extension.autolink = false;
        options.parse.leave_footnote_definitions = true;
        options.parse.broken_link_callback = Some(Arc::new(move |broken: BrokenLinkReference<'_>| {
            let written = broken.original.split_whitespace().collect::<Vec<_>>().join(" ");
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.entry(broken.normalized.to_owned()).or_insert(written);
            None
        }));
        options
    }

    fn labels(&self) -> BTreeMap<String, String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Lines with their ends; a line ends where Markdown ends it.
fn lines(markdown: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = markdown;
    while !rest.is_empty() {
        let end = match rest.find(['\n', '\r']) {
            Some(at) if rest[at..].starts_with("\r\n") => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let (line, after) = rest.split_at(end);
        lines.push(line);
        rest = after;
    }
    lines
}

/// The text without blank lines at its start and end; the first line keeps its indentation.
fn without_blank_ends(text: &str) -> &str {
    let blank = |line: &&&str| line.trim().is_empty();
    let leading: usize = lines(text).iter().take_while(blank).map(|line| line.len()).sum();
    text[leading..].trim_end()
}
