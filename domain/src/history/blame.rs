//! Who wrote what is there: for each field and section, the revision that last changed it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Document, Field, How, Revision, Touched};
use crate::id::SectionId;

/// Who wrote what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// By field.
    pub fields: BTreeMap<Field, Revision>,
    /// By section, in order.
    pub sections: Vec<(SectionId, Revision)>,
}

/// A walk back through a history, from the newest revision to the one that explains the last field.
pub struct BlameWalk {
    fields: BTreeMap<Field, Option<Revision>>,
    order: Vec<SectionId>,
    sections: HashMap<SectionId, Revision>,
    open: HashSet<SectionId>,
    oldest: Option<Revision>,
}

impl BlameWalk {
    /// Begins at the present state.
    #[must_use]
    pub fn new(present: &Document) -> Self {
        let order = present.order();
        Self {
            fields: present.flat().into_keys().map(|field| (field, None)).collect(),
            open: order.iter().copied().collect(),
            sections: HashMap::new(),
            order,
            oldest: None,
        }
    }

    /// Whether everything is explained.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.open.is_empty() && self.fields.values().all(Option::is_some)
    }

    /// Goes one revision back.
    pub fn step(&mut self, revision: &Revision, touched: &Touched) {
        for field in &touched.fields {
            if let Some(found @ None) = self.fields.get_mut(field) {
                *found = Some(revision.clone());
            }
        }
        // A section that only moved was written by whoever wrote it.
        let written = touched
            .sections
            .iter()
            .filter(|section| section.how != How::Moved);
        for section in written {
            if self.open.remove(&section.id) {
                self.sections.insert(section.id, revision.clone());
            }
        }
        self.oldest = Some(revision.clone());
    }

    /// What nobody changed is as old as the history; `None` without a history.
    #[must_use]
    pub fn finish(self) -> Option<Blame> {
        let oldest = self.oldest?;
        let mut sections = self.sections;
        Some(Blame {
            fields: self
                .fields
                .into_iter()
                .map(|(field, found)| (field, found.unwrap_or_else(|| oldest.clone())))
                .collect(),
            sections: self
                .order
                .into_iter()
                .map(|id| (id, sections.remove(&id).unwrap_or_else(|| oldest.clone())))
                .collect(),
        })
    }
}
