//! The last lines of a plan: how much of what, the side effects, and what wasn't looked at.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::field::Key;
use crate::domain::redact::{SPECIAL_DATA, open_name, public_names};
use crate::domain::role::Role;
use crate::domain::{EntryCounts, EntryKind};
use crate::plan::{Effect, Operation, OperationCounts, OperationKind, Origin, Plan, Service};
use crate::render::options::RenderOptions;
use crate::render::plan::entry_holds::entry_hold_in_brief;
use crate::render::plan::holds::reason_in_brief;
use crate::render::plan::removed::removed_line;
use crate::render::plan::still_named::still_named_lines;
use crate::render::readings::remembered;
use crate::render::selection::unselected;
use crate::render::words::{count, counted_entries, listed, plural, role, shown};
use crate::render::wrap::wrapped;

/// The totals of a plan, wrapped to the width: all that `-q` shows of it.
pub fn totals_as(plan: &Plan, options: RenderOptions) -> String {
    let text = totals(plan)
        + &first_reading(plan)
        + &removed_line(plan, options.length)
        + &still_named_lines(plan, options.length);
    text.lines()
        .map(|line| wrapped(line, "", 2, options.width))
        .collect()
}

/// The totals of a plan, one sentence a line.
pub(crate) fn totals(plan: &Plan) -> String {
    first_line(plan) + &by_kind(plan) + &compared(plan) + &side_effects(plan) + &left_as_it_is(plan)
}

/// What OneFile has besides, and what the plan couldn't be compared with.
pub(crate) fn compared(plan: &Plan) -> String {
    not_read_again(plan)
        + &undeclared(plan)
        + &assignments(plan)
        + &not_showing(plan)
        + &notes(plan)
}

/// What differs or is declared, and isn't done.
pub(crate) fn left_as_it_is(plan: &Plan) -> String {
    kept(plan)
        + &left_alone(plan)
        + &not_compared(plan)
        + &of_this_change(plan)
        + &not_planned(plan)
        + &leavers(plan)
        + &unconfirmed(plan)
        + &unneeded_answers(plan)
}

/// What isn't said by the first line: a part of the accounts is as earlier readings have seen it.
fn not_read_again(plan: &Plan) -> String {
    let is_settled = plan.operations.is_empty() && left(plan).is_empty();
    match remembered(plan.remembered) {
        Some(readings) if !is_settled => {
            format!("The rest is as of {readings}; `--fresh` reads them all.\n")
        }
        _ => String::new(),
    }
}

/// What learners have besides, and what nothing shows.
fn assignments(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.undeclared_aims > 0 {
        let standards = count(
            plan.undeclared_aims,
            "standard of these learners isn't",
            "standards of these learners aren't",
        );
        let _ = writeln!(text, "{standards} declared here: nothing is taken away.");
    }
    if plan.assignments_not_compared > 0 {
        let (declared, they_are) = match plan.assignments_not_compared {
            1 => ("1 declared assignment".to_owned(), "it is"),
            number => (format!("{number} declared assignments"), "they are"),
        };
        let _ = writeln!(
            text,
            "OneFile doesn't show {declared}, so {they_are} neither compared nor sent; `--base` sends what a change adds."
        );
    }
    if plan.late_templates > 0 {
        let learners = count(plan.late_templates, "learner has", "learners have");
        let _ = writeln!(
            text,
            "{learners} a new `frameworkTemplate` and an account already, so rosterctl doesn't assign it: write `standards`, or assign the template in OneFile."
        );
    }
    text
}

fn undeclared(plan: &Plan) -> String {
    let mut text = String::new();
    let number = plan.undeclared.len();
    if number > 0 {
        let accounts = count(number, "live account isn't", "live accounts aren't");
        let suspected = match plan.suspected() {
            0 => String::new(),
            number => format!("; {number} may belong to users who are held"),
        };
        let _ = writeln!(text, "{accounts} declared here{suspected}.");
    }
    if plan.unseen > 0 && plan.creates().next().is_some() {
        let accounts = count(
            plan.unseen,
            "of these accounts was",
            "of these accounts were",
        );
        let _ = writeln!(
            text,
            "{accounts} compared with who is created by name and MIS value alone: lists don't show more."
        );
    }
    text
}

fn kept(plan: &Plan) -> String {
    let number = plan.count_kept();
    if number == 0 {
        return String::new();
    }
    let values = count(number, "value differs", "values differ");
    let users = count(plan.kept.len(), "user", "users");
    format!("{values}, of {users}, because OneFile keeps another form.\n")
}

/// The differing values that the project leaves alone. Special fields are counted together.
fn left_alone(plan: &Plan) -> String {
    if plan.left_alone.users == 0 {
        return String::new();
    }
    let mut fields: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, number) in &plan.left_alone.fields {
        for name in public_names([*key]) {
            *fields.entry(name).or_default() += number;
        }
    }
    let users = count(plan.left_alone.users, "user differs", "users differ");
    let by_field: Vec<String> = fields
        .iter()
        .map(|(name, number)| in_brackets(name, *number))
        .collect();
    format!(
        "{users} in what `fields` in rosterctl.yaml leaves alone: {}.\n",
        by_field.join(", ")
    )
}

/// The accounts with which updates couldn't be compared.
fn not_showing(plan: &Plan) -> String {
    let keys = plan.not_showing.keys().copied();
    accounts_not_showing(plan, keys, "the updates of it weren't compared there")
}

/// How many accounts don't show these fields, a line each, and what that means.
pub fn accounts_not_showing(plan: &Plan, keys: impl Iterator<Item = Key>, so: &str) -> String {
    let mut text = String::new();
    for key in keys {
        let Some(number) = plan.not_showing.get(&key) else {
            continue;
        };
        let accounts = count(*number, "account doesn't show", "accounts don't show");
        let name = match open_name(key) {
            open if open == key.name() => format!("`{open}`"),
            _ => SPECIAL_DATA.to_owned(),
        };
        let _ = writeln!(text, "{accounts} {name}: {so}.");
    }
    text
}

fn notes(plan: &Plan) -> String {
    let number = plan
        .creates()
        .filter(|create| !create.notes.is_empty())
        .count();
    if number == 0 {
        return String::new();
    }
    let users = count(
        number,
        "user to be created looks",
        "users to be created look",
    );
    format!("{users} like somebody who has an account: see the notes.\n")
}

/// Said if somebody is created and nobody can tell who was here before.
pub(crate) fn first_reading(plan: &Plan) -> String {
    if plan.known > 0 || plan.creates().next().is_none() {
        return String::new();
    }
    "This is the first plan here: rosterctl can't tell who had an account before.\n".to_owned()
}

fn not_compared(plan: &Plan) -> String {
    if plan.not_compared == 0 || plan.operations.is_empty() {
        return String::new();
    }
    let fields = count(plan.not_compared, "field", "fields");
    format!("{fields} not compared: no account of that role shows them.\n")
}

/// The leavers for whom nothing is done: their accounts aren't shown, or their last day isn't over.
fn leavers(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.leavers_gone > 0 {
        let users = count(plan.leavers_gone, "leaver has", "leavers have");
        let _ = writeln!(text, "{users} no account that OneFile shows.");
    }
    if plan.leavers_to_come > 0 {
        let users = count(plan.leavers_to_come, "user leaves", "users leave");
        let _ = writeln!(
            text,
            "{users} later: an account is archived when `lastDay` is over."
        );
    }
    text
}

/// What is sent once, because nothing shows afterwards whether it was done.
fn unconfirmed(plan: &Plan) -> String {
    let mut has_moves = false;
    let mut keys = BTreeSet::new();
    for operation in plan.operations.iter().filter(|one| one.is_unconfirmed()) {
        if operation.archive_move().is_some() {
            has_moves = true;
        } else {
            keys.extend(operation.keys());
        }
    }
    let mut text = String::new();
    if has_moves {
        text += "OneFile doesn't show whether an account is archived, so rosterctl sends each archive once and can't confirm it.\n";
    }
    if !keys.is_empty() {
        let names: Vec<String> = public_names(keys)
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let _ = writeln!(
            text,
            "OneFile doesn't show {}, so rosterctl sends each once and can't confirm it.",
            listed(&names)
        );
    }
    text
}

fn of_this_change(plan: &Plan) -> String {
    let mut text = String::new();
    let ours = plan.count_from(Origin::ThisChange);
    let others = plan.count_from(Origin::Elsewhere);
    if ours + others > 0 {
        let _ = writeln!(text, "{} {}", ours_by_kind(plan), waiting(others));
    }
    let held = plan
        .held
        .iter()
        .filter(|held| held.origin == Some(Origin::ThisChange))
        .count();
    if held > 0 {
        let users = count(held, "user of this change is", "users of this change are");
        let _ = writeln!(
            text,
            "{users} held: nothing is done before a person decides."
        );
    }
    text
}

/// `This change makes 2 creates and 1 update.`
fn ours_by_kind(plan: &Plan) -> String {
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for operation in &plan.operations {
        if operation.origin() == Some(Origin::ThisChange) {
            *kinds.entry(nouns(operation.kind())).or_default() += 1;
        }
    }
    let counted: Vec<String> = kinds
        .iter()
        .map(|((one, many), number)| count(*number, one, many))
        .collect();
    if counted.is_empty() {
        "Nothing here is from this change.".to_owned()
    } else {
        format!("This change makes {}.", listed(&counted))
    }
}

fn nouns(kind: OperationKind) -> (&'static str, &'static str) {
    match kind {
        OperationKind::CreateEntry => {
            ("new placement or classroom", "new placements or classrooms")
        }
        OperationKind::UpdateEntry => (
            "update of a placement or classroom",
            "updates of placements or classrooms",
        ),
        OperationKind::Unarchive => ("return from the archive", "returns from the archive"),
        OperationKind::Create => ("create", "creates"),
        OperationKind::Update => ("update", "updates"),
        OperationKind::Assign => ("set of assignments", "sets of assignments"),
        OperationKind::Archive => ("archive", "archives"),
    }
}

/// What isn't from this change and would be done all the same.
fn waiting(others: usize) -> String {
    match others {
        0 => "Nothing else is waiting.".to_owned(),
        1 => "1 other operation is waiting.".to_owned(),
        _ => format!("{others} other operations are waiting."),
    }
}

fn not_planned(plan: &Plan) -> String {
    let mut text = String::new();
    let unedited = plan.left_out - plan.unselected;
    if unedited > 0 {
        let users = count(unedited, "declared user isn't", "declared users aren't");
        let _ = writeln!(text, "{users} edited by this change: not checked.");
    }
    text += &unselected(plan);
    if !plan.unfit.is_empty() {
        let values = count(unfit_values(plan), "value isn't", "values aren't");
        let by_code: Vec<String> = plan
            .unfit
            .iter()
            .map(|(rule, number)| in_brackets(rule.name, *number))
            .collect();
        let _ = writeln!(
            text,
            "{values} managed in this run, because of findings: {}. `rosterctl validate` shows where.",
            by_code.join(", ")
        );
    }
    if plan.unmanaged > plan.locked {
        let number = plan.unmanaged - plan.locked;
        let fields = count(number, "field isn't", "fields aren't");
        let _ = writeln!(
            text,
            "{fields} managed in this run: an overlay isn't there."
        );
    }
    if plan.locked > 0 {
        let fields = count(plan.locked, "field isn't", "fields aren't");
        let _ = writeln!(
            text,
            "{fields} managed in this run: an overlay is sealed, and no key is set (ROSTERCTL_AGE_KEY). This plan can't see changes of them."
        );
    }
    text
}

/// The first answers that have no effect any more, and where to delete them.
fn unneeded_answers(plan: &Plan) -> String {
    const NAMED: usize = 3;
    if plan.unneeded.is_empty() {
        return String::new();
    }
    let mut named = Vec::new();
    for answer in plan.unneeded.iter().take(NAMED) {
        let place = shown(&answer.place.to_string());
        named.push(format!("{} at {place}", answer.key.name()));
    }
    let more = plan.unneeded.len().saturating_sub(NAMED);
    if more > 0 {
        named.push(count(more, "more", "more"));
    }
    let answers = count(plan.unneeded.len(), "answer isn't", "answers aren't");
    let delete = if plan.unneeded.len() == 1 {
        "Delete it, or it also answers the next question"
    } else {
        "Delete them, or they also answer the next question"
    };
    format!(
        "{answers} needed any more. {delete}: {}.\n",
        named.join(", ")
    )
}

/// How many creates there are of each role, updates of each field, and users held for each reason. The most come first.
pub(crate) fn by_kind(plan: &Plan) -> String {
    let mut roles = BTreeMap::new();
    for create in plan.creates() {
        *roles.entry(role(create.user.role)).or_default() += 1;
    }
    let mut fields = BTreeMap::new();
    for update in plan.updates() {
        for name in public_names(update.changes.iter().map(|change| change.key)) {
            *fields.entry(name).or_default() += 1;
        }
    }
    let mut assigned = BTreeMap::new();
    for operation in &plan.operations {
        if let Operation::Assign(assign) = operation {
            for name in public_names(assign.changes.iter().map(|change| change.key)) {
                *assigned.entry(name).or_default() += 1;
            }
        }
    }
    let mut reasons = BTreeMap::new();
    for reason in plan.held.iter().filter_map(|held| held.reasons.first()) {
        *reasons.entry(reason_in_brief(reason)).or_default() += 1;
    }
    for held in &plan.held_entries {
        *reasons
            .entry(entry_hold_in_brief(&held.reason))
            .or_default() += 1;
    }
    counts_line("To create", roles, |role, number| {
        count(number, role, &plural(role))
    }) + &counts_line("To update", fields, in_brackets)
        + &counts_line("To assign", assigned, in_brackets)
        + &counts_line("Held", reasons, in_brackets)
}

fn unfit_values(plan: &Plan) -> usize {
    plan.unfit.values().sum()
}

fn in_brackets(word: &str, number: usize) -> String {
    format!("{word} ({number})")
}

fn counts_line(
    head: &str,
    numbers: BTreeMap<&'static str, usize>,
    words: impl Fn(&str, usize) -> String,
) -> String {
    if numbers.is_empty() {
        return String::new();
    }
    let mut counted: Vec<_> = numbers.into_iter().collect();
    counted.sort_by_key(|(_, number)| Reverse(*number));
    let items: Vec<String> = counted
        .into_iter()
        .map(|(word, number)| words(word, number))
        .collect();
    format!("{head}: {}.\n", items.join(", "))
}

/// The side effects of the plan. If accounts are created, the text always says whether OneFile e-mails anybody.
pub fn side_effects(plan: &Plan) -> String {
    let mut text = String::new();
    for (_, sentences) in EFFECTS {
        text += &sentences(plan);
    }
    text
}

/// What a plan says about these effects, a sentence a line.
pub(crate) fn effect_sentences(plan: &Plan, wanted: &[Effect]) -> String {
    let mut text = String::new();
    for (effects, sentences) in EFFECTS {
        if effects.iter().any(|effect| wanted.contains(effect)) {
            text += &sentences(plan);
        }
    }
    text
}

/// What a plan says about some effects.
type EffectSentences = fn(&Plan) -> String;

/// The effects, each with what is said about it, in the order in which that is said.
const EFFECTS: [(&[Effect], EffectSentences); 6] = [
    (&[Effect::EmailsPerson, Effect::MayEmailPerson], e_mails),
    (&[Effect::KeychainStays], keychains),
    (&[Effect::AssessorChanges], other_assessors),
    (&[Effect::Archives], archives),
    (&[Effect::ComesBack], returns),
    (&[Effect::Stays], stays),
];

fn keychains(plan: &Plan) -> String {
    let changed = plan.count_having(Effect::KeychainStays);
    if changed == 0 {
        return String::new();
    }
    let people = count(
        changed,
        "e-mail address changes, and its person still logs in with the old one",
        "e-mail addresses change, and their people still log in with the old ones",
    );
    format!("{people}.\n")
}

fn other_assessors(plan: &Plan) -> String {
    let moved = plan.count_having(Effect::AssessorChanges);
    if moved == 0 {
        return String::new();
    }
    let learners = count(moved, "learner gets", "learners get");
    format!("{learners} another assessor.\n")
}

/// What no call takes away. Each line of the plan would say so, so the totals say it once.
fn stays(plan: &Plan) -> String {
    let mut assignments = 0;
    let mut entries = EntryCounts::default();
    for operation in &plan.operations {
        if operation.effects().contains(&Effect::Stays) {
            match operation.entry_kind() {
                Some(kind) => entries.add(kind),
                None => assignments += 1,
            }
        }
    }
    let mut words = Vec::new();
    if assignments > 0 {
        words.push(count(assignments, "assignment", "assignments"));
    }
    if entries.total() > 0 {
        words.push(counted_entries(entries));
    }
    if words.is_empty() {
        return String::new();
    }
    let words = words.join(" and ");
    match plan.service {
        Service::OneFile => format!("rosterctl can't take {words} away again.\n"),
        Service::Sandbox => format!("Simulated: rosterctl could not take {words} away again.\n"),
    }
}

/// The accounts that leave the lists.
fn archives(plan: &Plan) -> String {
    let archived = plan.count_having(Effect::Archives);
    if archived == 0 {
        return String::new();
    }
    let accounts = count(archived, "account is archived", "accounts are archived");
    format!("{}{accounts}{}.\n", simulated(plan), read_only(plan))
}

/// The accounts that come back.
fn returns(plan: &Plan) -> String {
    let back = plan.count_having(Effect::ComesBack);
    if back == 0 {
        return String::new();
    }
    let accounts = count(back, "account uses", "accounts use");
    format!("{}{accounts} a licence again.\n", simulated(plan))
}

/// What a sentence about the sandbox begins with.
fn simulated(plan: &Plan) -> &'static str {
    match plan.service {
        Service::OneFile => "",
        Service::Sandbox => "Simulated: ",
    }
}

/// What an archive means for a learner; nothing if only others leave.
fn read_only(plan: &Plan) -> &'static str {
    let is_learner = |operation: &Operation| matches!(operation, Operation::Archive(archive) if archive.user.role == Role::Learner);
    if plan.operations.iter().any(is_learner) {
        ", and a learner's portfolio is read-only then"
    } else {
        ""
    }
}

fn e_mails(plan: &Plan) -> String {
    let will = plan.count_having(Effect::EmailsPerson);
    let may = plan.count_having(Effect::MayEmailPerson);
    if plan.creates().next().is_some() && will + may == 0 {
        return match plan.service {
            Service::OneFile => "OneFile won't e-mail anybody.\n",
            Service::Sandbox => "Simulated: OneFile would not e-mail anybody.\n",
        }
        .to_owned();
    }
    let [will_verb, may_verb] = match plan.service {
        Service::OneFile => ["OneFile will", "OneFile may"],
        Service::Sandbox => ["Simulated: OneFile would", "Simulated: OneFile might"],
    };
    let mut text = String::new();
    for (verb, number) in [(will_verb, will), (may_verb, may)] {
        if number > 0 {
            let people = count(number, "person", "people");
            let _ = writeln!(text, "{verb} e-mail {people}.");
        }
    }
    text
}

/// How many operations of each kind a plan has: `2 to create, 1 to update, 28 assignments, 1 new placement`.
pub fn operation_counts(plan: &Plan) -> String {
    let counts = counts_by_kind(plan);
    let words: Vec<&str> = counts.iter().map(|count| count.words.as_str()).collect();
    listed(&words)
}

/// How many operations of one kind there are.
pub(crate) struct KindCount {
    pub(crate) kind: OperationKind,
    pub(crate) number: usize,
    /// `2 to create`
    pub(crate) words: String,
}

/// How many operations there are of each kind that the plan has; always how many accounts are created and updated.
pub(crate) fn counts_by_kind(plan: &Plan) -> Vec<KindCount> {
    let OperationCounts {
        new_entries: _,
        changed_entries: _,
        assignments,
        unarchives,
        creates,
        updates,
        archives,
    } = plan.counts();
    let mut counts = Vec::new();
    for (kind, number, words) in [
        (
            OperationKind::Unarchive,
            unarchives,
            format!("{unarchives} to bring back"),
        ),
        (
            OperationKind::Create,
            creates,
            format!("{creates} to create"),
        ),
        (
            OperationKind::Update,
            updates,
            format!("{updates} to update"),
        ),
        (
            OperationKind::Archive,
            archives,
            format!("{archives} to archive"),
        ),
        (
            OperationKind::Assign,
            assignments,
            count(assignments, "assignment", "assignments"),
        ),
    ] {
        let is_always_said = matches!(kind, OperationKind::Create | OperationKind::Update);
        if number > 0 || is_always_said {
            counts.push(KindCount {
                kind,
                number,
                words,
            });
        }
    }
    counts.extend(entry_counts(plan));
    counts
}

/// `1 new placement`, `2 changed classrooms`: each kind that the plan has.
fn entry_counts(plan: &Plan) -> Vec<KindCount> {
    let mut counts = Vec::new();
    for (operation, adjective) in [
        (OperationKind::CreateEntry, "new"),
        (OperationKind::UpdateEntry, "changed"),
    ] {
        for kind in EntryKind::ALL {
            let is_one =
                |one: &&Operation| one.kind() == operation && one.entry_kind() == Some(kind);
            let number = plan.operations.iter().filter(is_one).count();
            if number > 0 {
                let one = format!("{adjective} {}", kind.word());
                counts.push(KindCount {
                    kind: operation,
                    number,
                    words: count(number, &one, &plural(&one)),
                });
            }
        }
    }
    counts
}

/// `2 held`, and the placements and classrooms on hold behind that.
pub(crate) fn held_words(plan: &Plan) -> String {
    let users = format!("{} held", plan.held.len());
    if plan.held_entries.is_empty() {
        return users;
    }
    let entries = format!("{} held", counted_entries(held_entries(plan)));
    if plan.held.is_empty() {
        entries
    } else {
        format!("{users}, {entries}")
    }
}

fn held_entries(plan: &Plan) -> EntryCounts {
    plan.held_entries
        .iter()
        .map(|held| held.entry.kind)
        .collect()
}

pub(crate) fn first_line(plan: &Plan) -> String {
    if !plan.operations.is_empty() {
        return format!(
            "Plan: {}, {} unchanged, {}.\n",
            operation_counts(plan),
            plan.unchanged,
            held_words(plan)
        );
    }
    let left = left(plan);
    if !left.is_empty() {
        return format!("Nothing to change. {}.\n", left.join(". "));
    }
    match remembered(plan.remembered) {
        Some(readings) => format!("No changes since {readings}; `--fresh` reads them all.\n"),
        None => format!("No changes: {} as declared.\n", unchanged(plan)),
    }
}

/// What keeps a plan without operations from being settled, a clause each.
fn left(plan: &Plan) -> Vec<String> {
    let held_entries = held_entries(plan);
    let (unfit, kept) = (unfit_values(plan), plan.count_kept());
    let mut clauses = Vec::new();
    if !plan.held_entries.is_empty() {
        let is = if plan.held_entries.len() == 1 {
            "is"
        } else {
            "are"
        };
        clauses.push(format!("{} {is} on hold", counted_entries(held_entries)));
    }
    let numbers = [
        (plan.held.len(), "user is on hold", "users are on hold"),
        (
            plan.not_compared,
            "field was not compared",
            "fields were not compared",
        ),
        (unfit, "value is not managed", "values are not managed"),
        (
            kept,
            "value is kept differently by OneFile",
            "values are kept differently by OneFile",
        ),
        (
            plan.left_alone.values(),
            "value is left alone",
            "values are left alone",
        ),
        (
            plan.unmanaged,
            "field is in an overlay that can't be read",
            "fields are in overlays that can't be read",
        ),
        (
            plan.left_out,
            "user was not checked",
            "users were not checked",
        ),
        (
            plan.leavers_to_come,
            "user leaves later",
            "users leave later",
        ),
        (
            plan.removed.len(),
            "user is no longer managed",
            "users are no longer managed",
        ),
    ];
    for (number, one, many) in numbers {
        if number > 0 {
            clauses.push(count(number, one, many));
        }
    }
    clauses
}

/// `64 users are`, or `64 users and 1 placement are`.
fn unchanged(plan: &Plan) -> String {
    if plan.unchanged_entries.total() == 0 {
        return count(plan.unchanged, "user is", "users are");
    }
    format!(
        "{} and {} are",
        count(plan.unchanged, "user", "users"),
        counted_entries(plan.unchanged_entries)
    )
}
