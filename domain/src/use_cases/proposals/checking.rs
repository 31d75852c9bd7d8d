//! From what a client proposes to operations that can be carried out, in their order, on the base. Everything wrong is
//! gathered before anything is refused.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::OperationInput;
use crate::article::Article;
use crate::error::{Result, Violations};
use crate::history::{Document, Field};
use crate::id::{OperationId, SectionId};
use crate::proposal::{Change, Decision, Operation, Proposal, Spot, carry_out};
use crate::section::Section;
use crate::use_cases::Unit;
use crate::use_cases::articles::{self, ArticlePatch};
use crate::use_cases::drafting::{self, SectionInput};
use crate::use_cases::sections::Place;

/// Checks all operations.
pub(super) fn operations(
    unit: &mut Unit<'_>,
    v: &mut Violations,
    base: &Article,
    inputs: Vec<OperationInput>,
) -> Result<Vec<Operation>> {
    let limit = Proposal::OPERATIONS;
    if inputs.is_empty() || inputs.len() > limit {
        let message = format!("A proposal has 1 to {limit} operations, this {}.", inputs.len());
        v.add("/operations", "out_of_range", message);
        return Ok(Vec::new());
    }
    let mut checking = Checking {
        base,
        draft: base.clone(),
        written: HashSet::new(),
        moved: HashSet::new(),
        fields: BTreeSet::new(),
    };
    let mut made = Vec::new();
    for (index, input) in inputs.into_iter().enumerate() {
        let at = format!("/operations/{index}");
        let Some(change) = checking.change(unit, v, &at, input)? else {
            continue;
        };
        let operation = Operation {
            id: OperationId::next(unit.ids),
            change,
            decision: Decision::Waiting,
        };
        carry_out(&mut checking.draft, &operation.change, &[]);
        made.push(operation);
    }
    v.within("/operations", articles::within_limits(&checking.draft))?;
    Ok(made)
}

/// The article while operations are carried out on it, and what they were about.
struct Checking<'a> {
    base: &'a Article,
    draft: Article,
    /// Sections that are replaced, added or taken away: each by one operation.
    written: HashSet<SectionId>,
    /// Sections that stand elsewhere.
    moved: HashSet<SectionId>,
    /// Fields that are set.
    fields: BTreeSet<Field>,
}

impl Checking<'_> {
    fn change(
        &mut self,
        unit: &mut Unit<'_>,
        v: &mut Violations,
        at: &str,
        input: OperationInput,
    ) -> Result<Option<Change>> {
        Ok(match input {
            OperationInput::Replace { section, with } => self.replace(unit, v, at, &section, with),
            OperationInput::Insert { section, place } => self.insert(unit, v, at, section, &place),
            OperationInput::Remove { section } => {
                let found = self.section(v, at, &section);
                let found = found.filter(|section| self.once(v, at, section.id));
                found.map(|section| Change::Remove { section: section.id })
            }
            OperationInput::Move { section, place } => self.shift(v, at, &section, &place),
            OperationInput::Set(patch) => self.set(unit, v, at, *patch)?,
        })
    }

    fn replace(
        &mut self,
        unit: &Unit<'_>,
        v: &mut Violations,
        at: &str,
        id: &str,
        with: SectionInput,
    ) -> Option<Change> {
        let before = self.section(v, at, id);
        if with.id.as_deref().is_some_and(|own| own != id) {
            let message = "A section keeps its id: leave it out here, or give that of `section_id`.";
            v.add(format!("{at}/section/id"), "conflict", message);
        }
        let with = SectionInput { id: None, ..with };
        let mut taken = self.anchors(before.as_ref().map(|section| section.id));
        let section = drafting::section(
            unit,
            v,
            &format!("{at}/section"),
            with,
            before.as_ref(),
            &mut taken,
        );
        let before = before.filter(|before| self.once(v, at, before.id));
        section
            .filter(|_| before.is_some())
            .map(|section| Change::Replace { section })
    }

    fn insert(
        &mut self,
        unit: &Unit<'_>,
        v: &mut Violations,
        at: &str,
        input: SectionInput,
        place: &Place,
    ) -> Option<Change> {
        let limit = Article::SECTIONS;
        if self.draft.sections.len() >= limit {
            v.add(
                at,
                "too_many",
                format!("An article has at most {limit} sections."),
            );
        }
        if let Some(text) = &input.id {
            let known = |id: SectionId| {
                let mut all = self.base.sections.iter().chain(&self.draft.sections);
                all.any(|section| section.id == id)
            };
            match SectionId::parse(text) {
                None => v.add(
                    format!("{at}/section/id"),
                    "invalid_id",
                    "A section's id is a UUID.",
                ),
                Some(id) if known(id) => {
                    v.add(
                        format!("{at}/section/id"),
                        "duplicate",
                        "Another section has this id.",
                    );
                }
                Some(_) => {}
            }
        }
        let place = self.spot(v, at, place, None);
        let mut taken = self.anchors(None);
        let section = drafting::section(unit, v, &format!("{at}/section"), input, None, &mut taken);
        let (section, place) = section.zip(place)?;
        self.once(v, at, section.id)
            .then_some(Change::Insert { section, place })
    }

    fn shift(&mut self, v: &mut Violations, at: &str, id: &str, place: &Place) -> Option<Change> {
        let found = self.section(v, at, id).map(|section| section.id);
        let place = self.spot(v, at, place, found);
        let section = found?;
        if !self.moved.insert(section) {
            let message = "Another operation of this proposal moves this section already.";
            v.add(format!("{at}/section_id"), "duplicate", message);
            return None;
        }
        place.map(|place| Change::Move { section, place })
    }

    fn set(
        &mut self,
        unit: &mut Unit<'_>,
        v: &mut Violations,
        at: &str,
        patch: ArticlePatch,
    ) -> Result<Option<Change>> {
        let given = [
            (Field::Title, patch.title.is_some()),
            (Field::Dek, patch.dek.is_some()),
            (Field::Excerpt, patch.excerpt.is_some()),
            (Field::Cover, patch.cover.is_some()),
            (Field::Seo, patch.seo.is_some()),
        ];
        let given = given.into_iter().filter(|(_, given)| *given);
        let given: Vec<Field> = given.map(|(field, _)| field).collect();
        if given.is_empty() {
            let message = "Name at least one field: `title`, `dek`, `excerpt`, `cover` or `seo`.";
            v.add(at, "required", message);
        }
        for field in given.iter().filter(|field| !self.fields.insert(**field)) {
            let message = format!("Another operation of this proposal sets `{field}` already.");
            v.add(format!("{at}/{field}"), "duplicate", message);
        }
        let mut after = self.draft.clone();
        let mut own = Violations::default();
        articles::apply(unit, &mut own, &mut after, patch)?;
        let checked = v.within(at, own.finish())?;
        let document = Document::from(&after);
        let values = document.fields.into_iter();
        let fields: BTreeMap<_, _> = values.filter(|(field, _)| given.contains(field)).collect();
        Ok(checked.map(|()| Change::Set { fields }))
    }

    /// A section of the base that is still there.
    fn section(&self, v: &mut Violations, at: &str, text: &str) -> Option<Section> {
        let id = SectionId::parse(text);
        let of_base = id.and_then(|id| self.base.sections.iter().find(|section| section.id == id));
        let there = of_base.filter(|of_base| self.draft.sections.iter().any(|own| own.id == of_base.id));
        if there.is_none() {
            let message = match of_base {
                None => format!(
                    "The revision {} of this article has no section {text}.",
                    self.base.revision
                ),
                Some(_) => format!("An operation before this one takes the section {text} away."),
            };
            v.add(format!("{at}/section_id"), "unknown_section", message);
        }
        there.cloned()
    }

    /// Whether no operation before wrote this section.
    fn once(&mut self, v: &mut Violations, at: &str, id: SectionId) -> bool {
        let is_first = self.written.insert(id);
        if !is_first {
            let message = "Another operation of this proposal writes this section already.";
            v.add(format!("{at}/section_id"), "duplicate", message);
        }
        is_first
    }

    fn spot(&self, v: &mut Violations, at: &str, place: &Place, but: Option<SectionId>) -> Option<Spot> {
        let (name, text, spot): (_, _, fn(SectionId) -> Spot) = match place {
            Place::Last => return Some(Spot::Last),
            Place::After(id) => ("after", id, Spot::After),
            Place::Before(id) => ("before", id, Spot::Before),
        };
        let id = SectionId::parse(text).filter(|id| Some(*id) != but);
        let there = id.filter(|id| self.draft.sections.iter().any(|section| section.id == *id));
        if there.is_none() {
            let message = format!("There is no other section {text} here.");
            v.add(format!("{at}/{name}"), "unknown_section", message);
        }
        there.map(spot)
    }

    /// Every anchor but those of one section.
    fn anchors(&self, but: Option<SectionId>) -> BTreeSet<String> {
        let others = self.draft.sections.iter();
        let others = others.filter(|section| Some(section.id) != but);
        others.flat_map(Section::anchors).map(str::to_owned).collect()
    }
}
