//! `explain` of placements and classrooms, of their fields, and of the setting that further staff need.

use crate::domain::EntryKind;
use crate::domain::field::{ENTRY_FIELDS, Field, Key, ValueKind};
use crate::render::explain::takes;
use crate::render::words::listed;
use crate::render::wrap::wrapped;

/// The width of a line, in columns.
const WIDTH: usize = 80;

/// The lists of a manifest besides that of users, each with a sentence.
pub(crate) fn list_words() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.iter().map(|row| (row.kind.list(), row.meaning))
}

/// The explanation of a word: a list of a manifest, a field of its items, or `assignPath`.
pub(crate) fn explanation(word: &str) -> Option<String> {
    let is_word = |name: &str| name.eq_ignore_ascii_case(word);
    if is_word(ASSIGN_PATH) {
        return Some(assign_path());
    }
    let mut rows = ROWS.iter();
    if let Some(row) = rows.find(|row| is_word(row.kind.list())) {
        return Some(list(row));
    }
    let is_field = |field: &&Field| is_word(field.name) || field.api.is_some_and(is_word);
    ENTRY_FIELDS.iter().find(is_field).map(of_field)
}

/// What `explain` says of one list.
struct ListRow {
    kind: EntryKind,
    meaning: &'static str,
    /// By which keys one of them is found.
    found: &'static str,
    example: &'static str,
}

const ROWS: [ListRow; 2] = [
    ListRow {
        kind: EntryKind::Placement,
        meaning: "Placements that the files declare: created if OneFile lacks them, updated where they differ.",
        found: "by `id`, or else by `misId`, or else by its name",
        example: "    placements:
      - name: Riverside Care Home
        misId: P-204
        address: |
          1 High Street
          Bath
",
    },
    ListRow {
        kind: EntryKind::Classroom,
        meaning: "Classrooms that the files declare: created if OneFile lacks them, updated where they differ.",
        found: "by `id`, or else by its name",
        example: "    classrooms:
      - name: Business Administrator L3 2026
        startOn: 2026-09-01
",
    },
];

const NOTES: &str = "Only the keys that stand here are compared. Nothing is deleted: one that the files don't declare stays as \
it is. Users of the same plan may refer to a new one.";

fn list(row: &ListRow) -> String {
    let kind = row.kind;
    let mut text = format!(
        "{}: a list at the top of a manifest\n\n{}\n{}\n",
        kind.list(),
        wrapped(row.meaning, "", 0, WIDTH),
        row.example
    );
    for key in kind.keys() {
        let meaning = match key.row().kind {
            ValueKind::Text(_) => kind.meaning(*key).to_owned(),
            other => format!("{} Takes {}.", kind.meaning(*key), takes(other)),
        };
        text += &wrapped(&meaning, &format!("  {:22}", key.name()), 24, WIDTH);
    }
    let notes = format!("It is found {}. {NOTES}", row.found);
    text + "\n" + &wrapped(&notes, "", 0, WIDTH)
}

fn of_field(field: &Field) -> String {
    let mut lists = Vec::new();
    for kind in EntryKind::ALL {
        if kind.keys().contains(&field.key) {
            lists.push(kind.list());
        }
    }
    let mut text = format!(
        "{}: a field of {}\n\n{}\n",
        field.name,
        listed(&lists),
        wrapped(field.meaning, "", 0, WIDTH)
    );
    for (name, value) in [
        ("takes", takes(field.kind)),
        ("name in OneFile", field.api.unwrap_or("none").to_owned()),
    ] {
        text += &wrapped(&value, &format!("  {name:22}"), 24, WIDTH);
    }
    text
}

/// The key of `policy` that says whose number a call takes.
pub(crate) const ASSIGN_PATH: &str = "assignPath";
pub(crate) const ASSIGN_PATH_MEANING: &str = "Below `policy`: whose number OneFile takes in the call that assigns further staff, `assignee` or `learner`.";

const WHY: &str = "The guide of OneFile and public code contradict each other about this call. One passes the number of the person \
who is assigned, the other passes the learner's. rosterctl doesn't guess. Until this setting says it, further staff are not assigned:";

const STEPS: &str =
    "    1. Choose a learner and an assessor who have nothing to do with each other.
    2. Write in rosterctl.yaml:  policy: { assignPath: assignee }
    3. Give the learner `additionalAssessors: [ASSESSOR]`, and commit that line.
    4. Run `rosterctl apply --target practice --base HEAD~1`.
    5. Look at the learner in OneFile: is the assessor an additional one now?
";

const THEN: &str = "If so, keep `assignee`. If the call was refused, or something else has changed, write `learner` and try with \
another pair. Undo the trial in OneFile: no call of the API takes it back.";

fn assign_path() -> String {
    let staff = [
        Key::AdditionalAssessors,
        Key::AdditionalIqas,
        Key::AdditionalEmployers,
        Key::AdditionalObservers,
    ];
    let why = format!("{WHY} {}.", listed(&staff.map(Key::name)));
    format!(
        "{ASSIGN_PATH}: a setting in rosterctl.yaml\n\n{}\n{}\nTo find out, try it on the practice server with one pair:\n\n{STEPS}\n{}",
        wrapped(ASSIGN_PATH_MEANING, "", 0, WIDTH),
        wrapped(&why, "", 0, WIDTH),
        wrapped(THEN, "", 0, WIDTH)
    )
}
