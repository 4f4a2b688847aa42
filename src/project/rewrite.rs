//! Changes declared values in the files where they stand, and checks that nothing else changed: the new texts are read like
//! any others, and every user has to be as before but for the values that were meant.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::domain::field::{Class, Key};
use crate::domain::{DeclaredUser, Fields, Roster, Value};
use crate::findings::Finding;
use crate::findings::source::{FileId, Place, Sources};
use crate::manifest::edit::{CsvEditor, EditedText, TextEdit, YamlEditor, apply};
use crate::manifest::sealed::SealedTable;
use crate::manifest::{CsvSource, TableForm};
use crate::onboarding::accept::NotTaken;
use crate::project::check::{CheckedManifests, ManifestCheck};
use crate::project::declared_places::{DeclaredPlaces, FileKind, ProjectTable, UserSpot};
use crate::project::error::ProjectError;
use crate::project::files::{GitSees, Manifests, git_sees};
use crate::project::load::ProjectFolder;
use crate::project::settings::{PROJECT_FILE, Project, project};

/// A field of a user, by the user's index in the roster.
pub type UserField = (usize, Key);

/// A value in a file, beside those of users: in a mapping of defaults, for instance.
#[derive(Clone, Debug)]
pub struct PlaceEdit {
    pub spot: UserSpot,
    pub key: Key,
    pub to: Value,
}

/// What the files are to declare.
pub struct Wanted {
    /// The values that users get.
    pub values: BTreeMap<UserField, Value>,
    /// Where to change values first. Users who don't get theirs by it get a value of their own.
    pub places: Vec<PlaceEdit>,
}

/// New texts that declare what was wanted.
pub struct Rewrite {
    pub files: Vec<RewrittenFile>,
    /// What the new texts declare.
    pub roster: Roster,
    /// The values that aren't written, in order.
    pub left: BTreeMap<UserField, NotTaken>,
    /// The texts as they were and as they are going to be.
    pub before: Sources,
    pub after: Sources,
}

/// A file that changes.
pub struct RewrittenFile {
    /// Its index among the project's files.
    pub index: usize,
    pub before: FileId,
    pub after: FileId,
    pub bytes: Vec<u8>,
}

/// What is rewritten: the files, and what they declare now.
pub struct Rewriting<'r> {
    pub folder: ProjectFolder<'r>,
    pub project: &'r Project,
    pub places: &'r DeclaredPlaces,
    pub roster: &'r Roster,
}

/// How often values are left out or added. Each round has a reason of its own, so a few are enough.
const MAX_ROUNDS: usize = 50;

impl Rewriting<'_> {
    /// The texts that declare what is wanted. Values that can't be written are left as they are. Fails if something else
    /// would change.
    pub fn run(&self, wanted: Wanted) -> Result<Rewrite, ProjectError> {
        let mut round = Round {
            own: BTreeMap::new(),
            left: BTreeMap::new(),
            wanted,
        };
        if round.wanted.places.is_empty() {
            round.own.clone_from(&round.wanted.values);
        }
        let mut editors = Editors::new(self);
        for _ in 0..MAX_ROUNDS {
            let texts = editors.texts(&mut round)?;
            let checked = self.check(&texts)?;
            let Some(declared) = checked.declared else {
                if round.blame(&checked.findings, &checked.sources, &texts)? {
                    continue;
                }
                return Err(ProjectError::Invalid {
                    findings: checked.findings,
                    sources: checked.sources,
                });
            };
            let roster = declared.into_roster(&checked.sources);
            if round.compare(self.roster, &roster)? {
                return self.finished(&texts, (roster, checked.sources), round.left);
            }
        }
        Err(others_would_change())
    }

    /// What the project is with these texts in the place of its own.
    fn check(&self, texts: &EditedTexts) -> Result<CheckedManifests, ProjectError> {
        let mut sources = Sources::default();
        let mut manifests = Manifests::default();
        let mut edited_project = None;
        for (index, file) in self.places.files.iter().enumerate() {
            let text = texts.get(&index).map(|edited| edited.text.as_str());
            match (file.kind, text) {
                (FileKind::Settings, Some(text)) => edited_project = Some(settings(text)?),
                (FileKind::Settings, None) | (FileKind::Csv, _) => {}
                (FileKind::Manifest, text) => {
                    let text = text.unwrap_or(&file.text).to_owned();
                    let id = sources.add(file.name.as_str(), text);
                    manifests.files.push((id, file.path.clone()));
                }
            }
        }
        let project = edited_project.as_ref().unwrap_or(self.project);
        let check = ManifestCheck {
            today: self.folder.today,
            project: Some(project),
            searched: &project.manifests.join(", "),
            read_csv: &|manifest, csv| Ok(self.csv_bytes(texts, manifest, csv)),
            keyring: self.folder.keyring,
            checks_recipients: true,
            memory: None,
        };
        Ok(check.run(manifests, sources))
    }

    fn csv_bytes(&self, texts: &EditedTexts, manifest: &Path, csv: &CsvSource) -> Option<Vec<u8>> {
        let is_named = |table: &&ProjectTable| {
            table.manifest == manifest && table.source.path.value == csv.path.value
        };
        let table = self.places.tables.iter().find(is_named)?;
        let file = &self.places.files[table.file];
        Some(match texts.get(&table.file) {
            Some(edited) => file.encode(&edited.text),
            None => file.bytes.clone(),
        })
    }

    fn finished(
        &self,
        texts: &EditedTexts,
        (roster, mut after): (Roster, Sources),
        left: BTreeMap<UserField, NotTaken>,
    ) -> Result<Rewrite, ProjectError> {
        let mut before = self.check(&EditedTexts::new())?.sources;
        let mut files = Vec::new();
        for (index, edited) in texts {
            let file = &self.places.files[*index];
            if *file.text == edited.text {
                continue;
            }
            files.push(RewrittenFile {
                index: *index,
                before: named_or_added(&mut before, &file.name, &file.text),
                after: named_or_added(&mut after, &file.name, &edited.text),
                bytes: file.encode(&edited.text),
            });
        }
        Ok(Rewrite {
            files,
            roster,
            left,
            before,
            after,
        })
    }
}

/// `rosterctl.yaml` isn't among the texts of a check.
fn named_or_added(sources: &mut Sources, name: &str, text: &str) -> FileId {
    match sources.named(name) {
        Some(id) => id,
        None => sources.add(name, text.to_owned()),
    }
}

fn settings(text: &str) -> Result<Project, ProjectError> {
    let mut sources = Sources::default();
    let file = sources.add(PROJECT_FILE, text.to_owned());
    project(file, text).map_err(|findings| ProjectError::Invalid { findings, sources })
}

fn others_would_change() -> ProjectError {
    ProjectError::Refused(
        "Nothing was written.\nThe files share these values in a way that can't be taken apart; change them by hand."
            .to_owned(),
    )
}

/// New texts, by the index of their file.
type EditedTexts = BTreeMap<usize, EditedFile>;

/// The new text of a file, and which field each new piece is for.
struct EditedFile {
    name: String,
    text: String,
    pieces: Vec<(Range<usize>, Option<UserField>)>,
}

/// What is tried in a round.
struct Round {
    wanted: Wanted,
    /// The fields of users that are changed where the user stands.
    own: BTreeMap<UserField, Value>,
    left: BTreeMap<UserField, NotTaken>,
}

impl Round {
    /// Leaves a value as it is. Fails if it isn't one that was wanted: then the value of somebody else can't be kept.
    fn leave(&mut self, field: UserField, why: NotTaken) -> Result<(), ProjectError> {
        self.own.remove(&field);
        if self.wanted.values.remove(&field).is_none() {
            return Err(others_would_change());
        }
        self.left.insert(field, why);
        Ok(())
    }

    /// Leaves out the values that errors are about. `false` if an error is about none of them.
    fn blame(
        &mut self,
        findings: &[Finding],
        sources: &Sources,
        texts: &EditedTexts,
    ) -> Result<bool, ProjectError> {
        let mut blamed = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.is_error()) {
            let Some(field) = nearest_field(finding, sources, texts) else {
                return Ok(false);
            };
            blamed.insert(field, finding.rule);
        }
        for (field, rule) in blamed {
            if self.own.contains_key(&field) {
                self.leave(field, NotTaken::Refused(rule))?;
            }
        }
        Ok(true)
    }

    /// Whether the users are as they are meant to be. If not, those who aren't get a value of their own, and values that
    /// are read back as something else are left as they were.
    fn compare(&mut self, before: &Roster, after: &Roster) -> Result<bool, ProjectError> {
        if before.users().len() != after.users().len() {
            return Err(others_would_change());
        }
        let mut is_as_meant = true;
        for (index, (was, is)) in before.users().iter().zip(after.users()).enumerate() {
            if without_values(was) != without_values(is) {
                return Err(others_would_change());
            }
            let keys: BTreeSet<Key> = was.values.keys().chain(is.values.keys()).collect();
            for key in keys {
                let field = (index, key);
                let wanted = self.wanted.values.get(&field);
                let meant = wanted.or_else(|| was.values.get(key));
                if is.values.get(key) == meant {
                    continue;
                }
                is_as_meant = false;
                let Some(meant) = meant.filter(|_| !self.own.contains_key(&field)) else {
                    let rule = is.unfit.get(key).copied();
                    self.leave(field, rule.map_or(NotTaken::NotReadBack, NotTaken::Refused))?;
                    continue;
                };
                self.own.insert(field, meant.clone());
            }
        }
        Ok(is_as_meant)
    }
}

/// What a user is, but for values and place: a new line moves the users behind it.
fn without_values(user: &DeclaredUser) -> DeclaredUser {
    DeclaredUser {
        values: Fields::default(),
        unfit: Fields::default(),
        place: Place {
            file: Arc::clone(&user.place.file),
            line: 0,
        },
        ..user.clone()
    }
}

/// The field whose new piece a finding is about: one that it touches, or else the nearest in the same file.
fn nearest_field(finding: &Finding, sources: &Sources, texts: &EditedTexts) -> Option<UserField> {
    let mut nearest: Option<(usize, UserField)> = None;
    for label in &finding.labels {
        let name = &sources.file(label.span.file).name;
        let (start, end) = (label.span.start as usize, label.span.end as usize);
        for edited in texts.values().filter(|edited| *edited.name == **name) {
            for (piece, field) in &edited.pieces {
                let gap = piece
                    .start
                    .saturating_sub(end)
                    .max(start.saturating_sub(piece.end));
                if let Some(field) = field
                    && nearest.is_none_or(|(least, _)| gap < least)
                {
                    nearest = Some((gap, *field));
                }
            }
        }
    }
    nearest.map(|(_, field)| field)
}

/// The editors of the files that were needed so far.
struct Editors<'r> {
    rewriting: &'r Rewriting<'r>,
    manifests: HashMap<usize, YamlEditor<'r>>,
    /// By the index of the table.
    tables: HashMap<usize, CsvEditor<'r>>,
    /// Whether git keeps a file, or would.
    in_git: HashMap<usize, bool>,
}

/// Edits of one file.
type FileEdits = (usize, Vec<TextEdit>);

impl<'r> Editors<'r> {
    fn new(rewriting: &'r Rewriting<'r>) -> Self {
        Self {
            rewriting,
            manifests: HashMap::new(),
            tables: HashMap::new(),
            in_git: HashMap::new(),
        }
    }

    /// The new texts of a round. Values that can't be written anywhere are left out of it.
    fn texts(&mut self, round: &mut Round) -> Result<EditedTexts, ProjectError> {
        let mut edits: BTreeMap<usize, Vec<(TextEdit, Option<UserField>)>> = BTreeMap::new();
        for place in &round.wanted.places {
            let (file, some) = self
                .at(place.spot, place.key, &place.to)
                .map_err(|_| others_would_change())?;
            let tagged = some.into_iter().map(|edit| (edit, None));
            edits.entry(file).or_default().extend(tagged);
        }
        let mut sealed: BTreeMap<(usize, usize), Vec<(UserField, Value)>> = BTreeMap::new();
        for (field, value) in round.own.clone() {
            if let Some(row) = self.sealed_row(field) {
                sealed.entry(row).or_default().push((field, value));
                continue;
            }
            match self.of_user(field, &value) {
                Ok((file, some)) => {
                    let tagged = some.into_iter().map(|edit| (edit, Some(field)));
                    edits.entry(file).or_default().extend(tagged);
                }
                Err(why) => round.leave(field, why)?,
            }
        }
        for (row, values) in sealed {
            let first = values[0].0;
            match self.reseal(row, &values) {
                Ok((file, edit)) => edits.entry(file).or_default().push((edit, Some(first))),
                Err((field, why)) => round.leave(field, why)?,
            }
        }
        let mut texts = EditedTexts::new();
        for (index, some) in edits {
            let file = &self.rewriting.places.files[index];
            let some = round.without_overlaps(some)?;
            texts.insert(index, EditedFile::of(&file.name, &file.text, some)?);
        }
        Ok(texts)
    }

    /// The sealed row that has a value of a user: the table, and where the row begins.
    fn sealed_row(&mut self, (index, key): UserField) -> Option<(usize, usize)> {
        match self.spot(index, key)? {
            UserSpot::Row { table, start } if self.sealed_table(table).is_some() => {
                Some((table, start))
            }
            UserSpot::Row { .. } | UserSpot::Mapping { .. } => None,
        }
    }

    fn sealed_table(&self, table: usize) -> Option<&'r SealedTable> {
        let places = self.rewriting.places;
        match &places.files[places.tables[table].file].form {
            Some(TableForm::Sealed(sealed)) => Some(sealed),
            Some(TableForm::Csv | TableForm::Sheet(_)) | None => None,
        }
    }

    /// The edit that seals a row again with some new values. Fails with a value that can't be written, which is to be left.
    fn reseal(
        &mut self,
        (table, start): (usize, usize),
        values: &[(UserField, Value)],
    ) -> Result<(usize, TextEdit), (UserField, NotTaken)> {
        let file = self.rewriting.places.tables[table].file;
        let mut cells: Vec<(usize, String)> = Vec::new();
        for ((index, key), value) in values {
            let texts = self.table(table).texts(*key, value);
            let texts =
                texts.ok_or_else(|| ((*index, *key), NotTaken::NotInCells(self.name(file))));
            cells.extend(texts?);
        }
        let sealed = self.sealed_table(table);
        let recipients = &self.rewriting.project.recipients;
        let resealed = sealed.and_then(|sealed| sealed.resealed(start, cells, recipients));
        let (range, text) = resealed.ok_or((values[0].0, NotTaken::NotReadBack))?;
        Ok((file, TextEdit { range, text }))
    }

    /// The edits that give a user a value, where the value of that user stands.
    fn of_user(&mut self, field: UserField, value: &Value) -> Result<FileEdits, NotTaken> {
        let (index, key) = field;
        let spot = self.spot(index, key).ok_or(NotTaken::NotReadBack)?;
        let (file, edits) = self.at(spot, key, value)?;
        if key.row().class == Class::Special && self.is_in_git(file) {
            return Err(NotTaken::SpecialInGit(self.name(file)));
        }
        Ok((file, edits))
    }

    /// Where the value of a user stands, or is to stand: with the user, or in an overlay that gives it.
    fn spot(&mut self, index: usize, key: Key) -> Option<UserSpot> {
        let places = self.rewriting.places;
        let own = places.user(index)?;
        let has_own = match own {
            UserSpot::Mapping { file, start } => self.manifest(file).has(start, key),
            UserSpot::Row { table, .. } => self.table(table).gives(key),
        };
        if has_own {
            return Some(own);
        }
        let mut rows = places.overlay_rows(&self.rewriting.roster.users()[index]);
        rows.retain(|(table, start)| self.table(*table).is_filled(*start, key));
        let overlaid = rows.first().map(|(table, start)| UserSpot::Row {
            table: *table,
            start: *start,
        });
        Some(overlaid.unwrap_or(own))
    }

    fn at(&mut self, spot: UserSpot, key: Key, value: &Value) -> Result<FileEdits, NotTaken> {
        match spot {
            UserSpot::Mapping { file, start } => {
                let edits = self.manifest(file).set(start, key, value);
                Ok((file, edits.ok_or(NotTaken::NotReadBack)?))
            }
            UserSpot::Row { table, start } => {
                let file = self.rewriting.places.tables[table].file;
                if !self.table(table).gives(key) {
                    return Err(NotTaken::NoColumn(self.name(file)));
                }
                if self.sealed_table(table).is_some() {
                    return Err(NotTaken::NotInCells(self.name(file)));
                }
                if let Some(TableForm::Sheet(sheet)) = &self.rewriting.places.files[file].form {
                    let cell = self.table(table).address(start, key);
                    return Err(NotTaken::InWorkbook {
                        file: self.name(file),
                        sheet: sheet.name().to_owned(),
                        cell: cell.ok_or(NotTaken::NotReadBack)?,
                    });
                }
                let edits = self.table(table).set(start, key, value);
                let edits = edits.ok_or_else(|| NotTaken::NotInCells(self.name(file)))?;
                let source = &self.rewriting.places.files[file];
                if edits.iter().all(|edit| source.can_hold(&edit.text)) {
                    Ok((file, edits))
                } else {
                    Err(NotTaken::NotInEncoding(self.name(file)))
                }
            }
        }
    }

    fn manifest(&mut self, file: usize) -> &YamlEditor<'r> {
        let text = &self.rewriting.places.files[file].text;
        let made = || YamlEditor::new(text);
        self.manifests.entry(file).or_insert_with(made)
    }

    fn table(&mut self, index: usize) -> &CsvEditor<'r> {
        let table = &self.rewriting.places.tables[index];
        let file = &self.rewriting.places.files[table.file];
        let form = file.form.as_ref().unwrap_or(&TableForm::Csv);
        let made = || CsvEditor::new(&file.text, form, &table.source);
        self.tables.entry(index).or_insert_with(made)
    }

    fn name(&self, file: usize) -> String {
        self.rewriting.places.files[file].name.clone()
    }

    /// Whether git keeps a file, or doesn't pass over it. Where git doesn't say, it may.
    fn is_in_git(&mut self, file: usize) -> bool {
        let dir = self.rewriting.folder.dir;
        let name = &self.rewriting.places.files[file].name;
        let asked = || match git_sees(dir, name) {
            Ok(Some(GitSees::Tracked | GitSees::Untracked)) | Err(_) => true,
            Ok(Some(GitSees::Nothing) | None) => false,
        };
        *self.in_git.entry(file).or_insert_with(asked)
    }
}

impl Round {
    /// The edits without those that another one overlaps. Of two that differ, one that was wanted is left out; the same
    /// edit twice is one.
    fn without_overlaps(
        &mut self,
        mut edits: Vec<(TextEdit, Option<UserField>)>,
    ) -> Result<Vec<(TextEdit, Option<UserField>)>, ProjectError> {
        edits.sort_by_key(|(edit, field)| (edit.range.start, edit.range.end, *field));
        let mut kept: Vec<(TextEdit, Option<UserField>)> = Vec::with_capacity(edits.len());
        for (edit, field) in edits {
            let Some((last, last_field)) = kept.last() else {
                kept.push((edit, field));
                continue;
            };
            let is_apart = edit.range.start >= last.range.end
                && (edit.range != last.range || edit.range.is_empty());
            if is_apart {
                kept.push((edit, field));
            } else if *last != edit {
                let is_wanted = |field: &UserField| self.wanted.values.contains_key(field);
                let out = field.filter(is_wanted).or(*last_field);
                let out = out.ok_or_else(others_would_change)?;
                if out != field.unwrap_or(out) {
                    kept.pop();
                    kept.push((edit, field));
                }
                self.leave(out, NotTaken::NotReadBack)?;
            }
        }
        Ok(kept)
    }
}

impl EditedFile {
    fn of(
        name: &str,
        text: &str,
        edits: Vec<(TextEdit, Option<UserField>)>,
    ) -> Result<Self, ProjectError> {
        let (edits, fields): (Vec<_>, Vec<_>) = edits.into_iter().unzip();
        let EditedText { text, places } = apply(text, edits).ok_or_else(others_would_change)?;
        Ok(Self {
            name: name.to_owned(),
            text,
            pieces: places.into_iter().zip(fields).collect(),
        })
    }
}
