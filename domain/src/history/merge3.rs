//! Three ways into one: what two people made of the same state, section by section and word by word.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::lists::arranged;
use super::words::{Clash, weave};
use super::{Document, Field, Part};
use crate::article::Article;
use crate::id::SectionId;
use crate::section::Section;
use crate::text;

/// A place in a client's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The section that it belongs to, if it does.
    pub section: Option<SectionId>,
}

/// A place where two people wrote different things over the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Where.
    pub place: Place,
    /// What both saw; null where there was nothing.
    pub base: Value,
    /// What is there by now; null where it is gone.
    pub theirs: Value,
    /// What the client wrote; null where it took it away.
    pub yours: Value,
    /// Of a text whose words were laid over each other: those that clash.
    pub words: Vec<Clash>,
}

/// What became of two changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// Both; where they clash, what was there.
    pub document: Document,
    /// Where they clash.
    pub conflicts: Vec<Conflict>,
    /// What the client's change brought.
    pub applied: Vec<Place>,
}

/// Lays the client's version over what is there by now; both were made of the base.
#[must_use]
pub fn merge(base: &Document, theirs: &Document, yours: &Document) -> Merged {
    let mut merger = Merger::new(true);
    let document = merger.document(base, theirs, yours);
    Merged {
        document,
        conflicts: merger.conflicts,
        applied: merger.applied,
    }
}

/// Everything that both changed, and not to the same: whole values, also where their words would go together.
#[must_use]
pub fn conflicts(base: &Document, theirs: &Document, yours: &Document) -> Vec<Conflict> {
    let mut merger = Merger::new(false);
    merger.document(base, theirs, yours);
    merger.conflicts
}

/// The same of one section, whose document is the section itself; `None` of one that the client takes away.
#[must_use]
pub fn section_conflicts(base: &Section, theirs: &Section, yours: Option<&Section>) -> Vec<Conflict> {
    let mut merger = Merger::new(false);
    let (base, theirs, yours) = (Part::from(base), Part::from(theirs), yours.map(Part::from));
    let place = Place {
        pointer: String::new(),
        section: Some(theirs.id),
    };
    match yours {
        Some(yours) => {
            merger.part(&place, &base, &theirs, &yours);
        }
        None if base != theirs => {
            merger.conflict(place, Some(&base.object()), Some(&theirs.object()), None);
        }
        None => {}
    }
    merger.conflicts
}

struct Merger {
    /// Whether texts and lists that both changed are laid over each other.
    weaves: bool,
    conflicts: Vec<Conflict>,
    applied: Vec<Place>,
}

impl Place {
    fn field(field: Field) -> Self {
        Self {
            pointer: format!("/{field}"),
            section: None,
        }
    }

    fn within(&self, name: &str) -> Self {
        let name = name.replace('~', "~0").replace('/', "~1");
        Self {
            pointer: format!("{}/{name}", self.pointer),
            section: self.section,
        }
    }
}

impl Merger {
    const fn new(weaves: bool) -> Self {
        Self {
            weaves,
            conflicts: Vec::new(),
            applied: Vec::new(),
        }
    }

    fn conflict(
        &mut self,
        place: Place,
        base: Option<&Value>,
        theirs: Option<&Value>,
        yours: Option<&Value>,
    ) {
        let value = |value: Option<&Value>| value.cloned().unwrap_or_default();
        self.conflicts.push(Conflict {
            place,
            base: value(base),
            theirs: value(theirs),
            yours: value(yours),
            words: Vec::new(),
        });
    }

    fn document(&mut self, base: &Document, theirs: &Document, yours: &Document) -> Document {
        let mut merged = Document::default();
        for (field, their) in &theirs.fields {
            let values = (base.fields.get(field), Some(their), yours.fields.get(field));
            let value = self.value(&Place::field(*field), values);
            merged.fields.insert(*field, value.unwrap_or_default());
        }
        for (field, their) in &theirs.lists {
            let nothing = Vec::new();
            let was = base.lists.get(field).unwrap_or(&nothing);
            let list = self.list(*field, was, their, yours.lists.get(field).unwrap_or(&nothing));
            merged.lists.insert(*field, list);
        }
        merged.sections = self.sections(base, theirs, yours);
        merged
    }

    /// One value of three; objects by their keys.
    fn value(
        &mut self,
        place: &Place,
        (base, theirs, yours): (Option<&Value>, Option<&Value>, Option<&Value>),
    ) -> Option<Value> {
        if yours == theirs || yours == base {
            return theirs.cloned();
        }
        if theirs == base {
            self.applied.push(place.clone());
            return yours.cloned();
        }
        match (base, theirs, yours) {
            (Some(Value::Object(base)), Some(Value::Object(theirs)), Some(Value::Object(yours))) => {
                Some(self.object(place, base, theirs, yours))
            }
            (Some(Value::String(base)), Some(Value::String(theirs)), Some(Value::String(yours)))
                if self.weaves && is_text(&place.pointer) =>
            {
                Some(Value::String(self.text(place, base, theirs, yours)))
            }
            _ => {
                self.conflict(place.clone(), base, theirs, yours);
                theirs.cloned()
            }
        }
    }

    fn object(
        &mut self,
        place: &Place,
        base: &Map<String, Value>,
        theirs: &Map<String, Value>,
        yours: &Map<String, Value>,
    ) -> Value {
        let names: BTreeSet<&String> = [base, theirs, yours].iter().flat_map(|map| map.keys()).collect();
        let merged = names.into_iter().filter_map(|name| {
            let values = (base.get(name), theirs.get(name), yours.get(name));
            let value = self.value(&place.within(name), values)?;
            Some((name.clone(), value))
        });
        Value::Object(merged.collect())
    }

    fn text(&mut self, place: &Place, base: &str, theirs: &str, yours: &str) -> String {
        let woven = weave(base, theirs, yours);
        let is_whole = fits(&place.pointer, &woven.text);
        if !is_whole || !woven.clashes.is_empty() {
            self.conflicts.push(Conflict {
                place: place.clone(),
                base: base.into(),
                theirs: theirs.into(),
                yours: yours.into(),
                words: if is_whole { woven.clashes } else { Vec::new() },
            });
        }
        if !is_whole || woven.text == theirs {
            return theirs.to_owned();
        }
        self.applied.push(place.clone());
        woven.text
    }

    /// Tags, authors or FAQs: things with names, in order.
    fn list(&mut self, field: Field, base: &[Value], theirs: &[Value], yours: &[Value]) -> Vec<Value> {
        let place = Place::field(field);
        if yours == theirs || yours == base {
            return theirs.to_vec();
        }
        if theirs == base {
            self.applied.push(place);
            return yours.to_vec();
        }
        let merged = self.weaves.then(|| joined(field, base, theirs, yours));
        let (list, clashes) = merged.unwrap_or_else(|| (theirs.to_vec(), true));
        if clashes {
            let whole = |list: &[Value]| Value::Array(list.to_vec());
            let (base, yours) = (whole(base), whole(yours));
            self.conflict(place.clone(), Some(&base), Some(&whole(theirs)), Some(&yours));
        }
        if list != theirs {
            self.applied.push(place);
        }
        list
    }

    fn sections(&mut self, base: &Document, theirs: &Document, yours: &Document) -> Vec<Part> {
        let (was, their, your) = (base.order(), theirs.order(), yours.order());
        let places: HashMap<_, _> = your.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let mut merged: BTreeMap<SectionId, Part> = BTreeMap::new();
        let mut met = BTreeSet::new();
        for id in your.iter().chain(&their).chain(&was) {
            if !met.insert(*id) {
                continue;
            }
            let place = Place {
                pointer: places
                    .get(id)
                    .map_or_else(|| "/sections".to_owned(), |index| format!("/sections/{index}")),
                section: Some(*id),
            };
            let parts = (base.section(*id), theirs.section(*id), yours.section(*id));
            if let Some(part) = self.section(place, parts) {
                merged.insert(*id, part);
            }
        }
        let arranged = arranged(&was, &their, &your, |id| merged.contains_key(id));
        let place = Place {
            pointer: "/sections".to_owned(),
            section: None,
        };
        let kept = |order: &[SectionId]| -> Vec<SectionId> {
            let both = order.iter().filter(|id| was.contains(id) && your.contains(id));
            both.filter(|id| their.contains(id)).copied().collect()
        };
        if arranged.clashes {
            let ids = |order: &[SectionId]| -> Value { order.iter().map(ToString::to_string).collect() };
            self.conflict(place, Some(&ids(&was)), Some(&ids(&their)), Some(&ids(&your)));
        } else if kept(&arranged.order) != kept(&their) {
            self.applied.push(place);
        }
        arranged.order.iter().filter_map(|id| merged.remove(id)).collect()
    }

    /// One section of three; `None` where it is gone.
    fn section(
        &mut self,
        place: Place,
        parts: (Option<&Part>, Option<&Part>, Option<&Part>),
    ) -> Option<Part> {
        let object = |part: Option<&Part>| part.map(Part::object);
        match parts {
            (Some(base), Some(theirs), Some(yours)) => Some(self.part(&place, base, theirs, yours)),
            (base, theirs, yours) if theirs == yours || yours == base => theirs.cloned(),
            (base, theirs, yours) if theirs == base => {
                self.applied.push(place);
                yours.cloned()
            }
            (base, theirs, yours) => {
                let values = (object(base), object(theirs), object(yours));
                self.conflict(place, values.0.as_ref(), values.1.as_ref(), values.2.as_ref());
                theirs.cloned()
            }
        }
    }

    fn part(&mut self, place: &Place, base: &Part, theirs: &Part, yours: &Part) -> Part {
        let mut merged = theirs.clone();
        let all = [base, theirs, yours];
        // A heading that comes or goes takes its level and anchor along.
        let headed = |part: &&Part| !part.get("heading").is_null();
        if all.iter().all(headed) || !all.iter().any(headed) {
            self.fields(place, &HEADING, (base, theirs, yours), &mut merged);
        } else {
            let of = |part: &Part| HEADING.map(|name| part.get(name).clone());
            self.unit(
                place,
                "heading",
                &HEADING,
                [of(base), of(theirs), of(yours)],
                (yours, &mut merged),
            );
        }
        let kind = |part: &Part| part.get("kind").clone();
        if kind(base) == kind(theirs) && kind(theirs) == kind(yours) {
            let names: Vec<_> = theirs.fields.keys().map(String::as_str).collect();
            let content: Vec<_> = names.into_iter().filter(|name| !HEADING.contains(name)).collect();
            self.fields(place, &content, (base, theirs, yours), &mut merged);
        } else {
            self.content(place, (base, theirs, yours), &mut merged);
        }
        merged
    }

    fn fields(
        &mut self,
        place: &Place,
        names: &[&str],
        (base, theirs, yours): (&Part, &Part, &Part),
        merged: &mut Part,
    ) {
        for name in names {
            let values = (
                base.fields.get(*name),
                theirs.fields.get(*name),
                yours.fields.get(*name),
            );
            if let Some(value) = self.value(&place.within(name), values) {
                merged.fields.insert((*name).to_owned(), value);
            }
        }
    }

    /// Values that come and go together; what is shown of them is the first.
    fn unit<const N: usize>(
        &mut self,
        place: &Place,
        shown: &str,
        names: &[&str; N],
        [base, theirs, yours]: [[Value; N]; 3],
        (from, merged): (&Part, &mut Part),
    ) {
        if yours == theirs || yours == base {
            return;
        }
        let place = place.within(shown);
        if theirs == base {
            for name in names {
                merged.fields.insert((*name).to_owned(), from.get(name).clone());
            }
            self.applied.push(place);
        } else {
            self.conflict(place, base.first(), theirs.first(), yours.first());
        }
    }

    /// What sections of different kinds hold is taken whole.
    fn content(&mut self, place: &Place, (base, theirs, yours): (&Part, &Part, &Part), merged: &mut Part) {
        let of = |part: &Part| -> BTreeMap<String, Value> {
            let fields = part.fields.clone().into_iter();
            fields
                .filter(|(name, _)| !HEADING.contains(&name.as_str()))
                .collect()
        };
        let (was, their, your) = (of(base), of(theirs), of(yours));
        if your == their || your == was {
            return;
        }
        if their == was {
            merged.fields.retain(|name, _| HEADING.contains(&name.as_str()));
            merged.fields.extend(your);
            self.applied.push(place.clone());
        } else {
            let values = [base, theirs, yours].map(Part::object);
            self.conflict(
                place.clone(),
                Some(&values[0]),
                Some(&values[1]),
                Some(&values[2]),
            );
        }
    }
}

/// What a section has beside what it holds.
const HEADING: [&str; 3] = ["heading", "level", "anchor"];

/// What tells the things of a list apart.
fn key(field: Field, item: &Value) -> Value {
    match field {
        Field::Authors => item["author_id"].clone(),
        _ => item.clone(),
    }
}

/// A list with both changes, and whether they clash.
fn joined(field: Field, base: &[Value], theirs: &[Value], yours: &[Value]) -> (Vec<Value>, bool) {
    let keys = |list: &[Value]| -> Vec<Value> { list.iter().map(|item| key(field, item)).collect() };
    let (was, their, your) = (keys(base), keys(theirs), keys(yours));
    let distinct = |keys: &[Value]| keys.iter().enumerate().all(|(at, key)| !keys[..at].contains(key));
    if ![&was, &their, &your].iter().all(|keys| distinct(keys)) {
        return (theirs.to_vec(), true);
    }
    let stays = |key: &Value| {
        if was.contains(key) {
            their.contains(key) && your.contains(key)
        } else {
            true
        }
    };
    let arranged = arranged(&was, &their, &your, stays);
    let mut clashes = arranged.clashes;
    let find =
        |list: &'_ [Value], wanted: &Value| list.iter().find(|item| key(field, item) == *wanted).cloned();
    let items = arranged.order.iter().filter_map(|key| {
        let (base, theirs, yours) = (find(base, key), find(theirs, key), find(yours, key));
        clashes |= theirs.is_some() && yours.is_some() && theirs != yours && theirs != base && yours != base;
        if yours == base {
            theirs.or(yours)
        } else if theirs == base || theirs.is_none() {
            yours
        } else {
            theirs
        }
    });
    let merged: Vec<_> = items.collect();
    let limit = match field {
        Field::Authors => Article::AUTHORS,
        Field::Faqs => Article::FAQS,
        _ => Article::TAGS,
    };
    if merged.len() > limit {
        return (theirs.to_vec(), true);
    }
    (merged, clashes)
}

/// The name at the end of a pointer, where what stands there is a text that people read.
fn text_name(pointer: &str) -> Option<&str> {
    let name = pointer.rsplit('/').next()?;
    let is_text = matches!(
        name,
        "title"
            | "heading"
            | "dek"
            | "excerpt"
            | "description"
            | "alt"
            | "caption"
            | "credit"
            | "attribution"
            | "body"
            | "question"
            | "answer"
    );
    (is_text && !pointer.starts_with("/metadata")).then_some(name)
}

fn is_text(pointer: &str) -> bool {
    text_name(pointer).is_some()
}

/// Whether a text that was put together may stand where it is to stand.
fn fits(pointer: &str, woven: &str) -> bool {
    let text = woven.to_owned();
    match text_name(pointer) {
        Some("body") => text::markdown(text, text::BODY_LIMIT),
        Some("answer") => text::markdown(text, text::ANSWER_LIMIT),
        Some("question") => text::line(text, text::QUESTION_LIMIT),
        Some("title" | "heading") => text::line(text, text::TITLE_LIMIT),
        _ => text::line(text, text::LINE_LIMIT),
    }
    .is_ok()
}
