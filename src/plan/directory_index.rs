//! Finds what a reference means among the entries of one part of the directory.

use foldhash::HashMap;

use crate::domain::field::ReferenceForm;
use crate::domain::{DirectoryEntry, EntryId, Reference};

/// The entries of one part of the directory, by MIS value, name and number.
#[derive(Default)]
pub(crate) struct DirectoryIndex<'p> {
    mis_ids: HashMap<&'p str, Vec<&'p DirectoryEntry>>,
    names: HashMap<&'p str, Vec<&'p DirectoryEntry>>,
    ids: HashMap<EntryId, Vec<&'p DirectoryEntry>>,
}

impl<'p> DirectoryIndex<'p> {
    pub(crate) fn of(entries: &'p [DirectoryEntry]) -> Self {
        let mut index = Self::default();
        for entry in entries {
            if let Some(mis_id) = &entry.mis_id {
                index.mis_ids.entry(mis_id).or_default().push(entry);
            }
            index.names.entry(&entry.name).or_default().push(entry);
            index.ids.entry(entry.id).or_default().push(entry);
        }
        index
    }

    /// The name of the entry with this number.
    pub(crate) fn name_of(&self, id: EntryId) -> Option<&'p str> {
        let entry = self.ids.get(&id)?.first()?;
        Some(&entry.name)
    }

    /// The entries that a reference means, if it is meant in this form.
    pub(crate) fn called(
        &self,
        form: ReferenceForm,
        reference: &Reference,
    ) -> &[&'p DirectoryEntry] {
        let found = match (form, reference) {
            (ReferenceForm::Id, Reference::Id(id)) => self.ids.get(id),
            (ReferenceForm::MisId, reference) => {
                text_of(reference).and_then(|text| self.mis_ids.get(text))
            }
            (ReferenceForm::Name, reference) => {
                text_of(reference).and_then(|text| self.names.get(text))
            }
            (ReferenceForm::Id | ReferenceForm::Email, _) => None,
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// The MIS values and names that could be suggested for a reference.
    pub(crate) fn like(&self, reference: &Reference) -> impl Iterator<Item = &'p str> {
        let forms = forms_of(reference);
        let mis_ids = self.mis_ids.keys();
        let mis_ids = mis_ids.filter(|_| forms.contains(&ReferenceForm::MisId));
        let names = self.names.keys();
        let names = names.filter(|_| forms.contains(&ReferenceForm::Name));
        mis_ids.chain(names).copied()
    }
}

/// The forms in which a reference may be meant, in the order in which they are tried.
pub(crate) fn forms_of(reference: &Reference) -> &'static [ReferenceForm] {
    match reference {
        Reference::Named(_) => &[ReferenceForm::MisId, ReferenceForm::Name],
        Reference::MisId(_) => &[ReferenceForm::MisId],
        Reference::Name(_) => &[ReferenceForm::Name],
        Reference::Id(_) => &[ReferenceForm::Id],
        Reference::Email(_) => &[],
    }
}

fn text_of(reference: &Reference) -> Option<&str> {
    match reference {
        Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => Some(text),
        Reference::Id(_) | Reference::Email(_) => None,
    }
}
