//! The people of a plan by classroom, assessor or placement, a row each. Nothing is folded, so that the browser's own search
//! finds everybody.

use std::collections::BTreeMap;

use crate::domain::AccountId;
use crate::domain::redact::Reveal;
use crate::findings::source::Place;
use crate::plan::{
    Change, GroupLabel, GroupedBy, Operation, OperationSubject, Origin, Service, UserGroups,
};
use crate::render::html::HtmlPage;
use crate::render::plan::field_diff::{former_and_new, unverified};
use crate::render::plan::html::decisions::OpenQuestion;
use crate::render::plan::html::{PlanPage, badge};
use crate::render::plan::shown_changes::ShownChanges;
use crate::render::plan::step::Step;
use crate::render::words::{
    count, effects_words, hidden_value, key_words, mis_id_and_name, role, shown, who,
};

/// The operations of one person, placement or classroom, or that it is on hold.
struct PersonRow<'p> {
    who: OperationSubject<'p>,
    account: Option<AccountId>,
    place: &'p Place,
    is_elsewhere: bool,
    steps: Vec<Step<'p>>,
    /// The number of the question, and what it is about in a few words.
    question: Option<(usize, &'static str)>,
}

/// What rows stand under, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PageGroup<'p> {
    Named(&'p GroupLabel),
    /// Users of whom no classroom, assessor or placement is known.
    Without,
    /// Placements and classrooms.
    Entries,
}

type Groups<'p> = BTreeMap<PageGroup<'p>, Vec<PersonRow<'p>>>;

/// Writes a table for each group, with a list of the groups before them.
pub(super) fn write_people(
    html: &mut HtmlPage<'_>,
    page: &PlanPage<'_>,
    decisions: &[OpenQuestion<'_>],
) {
    let groups = groups(page, decisions);
    if groups.is_empty() {
        return;
    }
    html.markup("<section aria-labelledby=\"people\">\n<h2 id=\"people\">By ")
        .markup(page.by.word())
        .markup("</h2>\n");
    if groups.len() > 1 {
        write_contents(html, page, &groups);
    }
    for (at, (group, rows)) in groups.iter().enumerate() {
        write_group(html, page, (at + 1, *group), rows);
    }
    html.markup("</section>\n");
}

fn groups<'p>(page: &PlanPage<'p>, decisions: &[OpenQuestion<'p>]) -> Groups<'p> {
    let mut groups: Groups<'p> = BTreeMap::new();
    for row in rows(page, decisions) {
        groups
            .entry(group_of(&row, page.groups))
            .or_default()
            .push(row);
    }
    for rows in groups.values_mut() {
        rows.sort_by_cached_key(|row| (sort_name(row.who), row.place));
    }
    groups
}

fn group_of<'p>(row: &PersonRow<'p>, groups: &'p UserGroups) -> PageGroup<'p> {
    match row.who {
        OperationSubject::Entry(_) => PageGroup::Entries,
        OperationSubject::User(user) => groups
            .group_of(user, row.place)
            .map_or(PageGroup::Without, PageGroup::Named),
    }
}

/// What rows of one group are sorted by. It isn't shown.
fn sort_name(who: OperationSubject<'_>) -> String {
    match who {
        OperationSubject::User(user) => user.mis_id.clone().unwrap_or_default(),
        OperationSubject::Entry(entry) => entry.name.clone(),
    }
}

fn rows<'p>(page: &PlanPage<'p>, decisions: &[OpenQuestion<'p>]) -> Vec<PersonRow<'p>> {
    let mut operations: Vec<&Operation> = page.plan.operations.iter().collect();
    operations.sort_by_cached_key(|operation| sort_name(operation.subject()));
    let mut rows: Vec<PersonRow<'p>> = Vec::new();
    for step in Step::all(operations) {
        let first = step.first();
        match rows.last_mut() {
            Some(row) if row.who == first.subject() && row.place == first.place() => {
                row.account = row.account.or(first.account());
                row.is_elsewhere &= first.origin() == Some(Origin::Elsewhere);
                row.steps.push(step);
            }
            _ => rows.push(PersonRow {
                who: first.subject(),
                account: first.account(),
                place: first.place(),
                is_elsewhere: first.origin() == Some(Origin::Elsewhere),
                steps: vec![step],
                question: None,
            }),
        }
    }
    for (at, decision) in decisions.iter().enumerate() {
        for held in &decision.about {
            rows.push(PersonRow {
                who: held.who,
                account: None,
                place: held.place,
                is_elsewhere: held.origin == Some(Origin::Elsewhere),
                steps: Vec::new(),
                question: Some((at + 1, decision.brief)),
            });
        }
    }
    rows
}

fn write_contents(html: &mut HtmlPage<'_>, page: &PlanPage<'_>, groups: &Groups<'_>) {
    html.markup("<nav class=\"contents\" aria-label=\"Parts of this page\">\n<ul>\n");
    for (at, (group, rows)) in groups.iter().enumerate() {
        html.markup("<li><a href=\"#g")
            .number(at + 1)
            .markup("\">")
            .isolated(&title(page, *group))
            .markup("</a> <span class=\"soft\">")
            .number(rows.len())
            .markup("</span></li>\n");
    }
    html.markup("</ul>\n</nav>\n");
}

fn title(page: &PlanPage<'_>, group: PageGroup<'_>) -> String {
    let word = page.by.word();
    match group {
        PageGroup::Named(label) => group_name(label, page),
        PageGroup::Without => format!("No {word} is known"),
        PageGroup::Entries => "Placements and classrooms".to_owned(),
    }
}

/// The name of a classroom or placement; the MIS value of an assessor, and the name if it may be shown.
fn group_name(label: &GroupLabel, page: &PlanPage<'_>) -> String {
    let key = key_words(&label.label, page.reveal);
    match (page.by, &label.person) {
        (GroupedBy::Assessor, Some(person)) if page.reveal >= Reveal::Personal => {
            format!("{key} {}", shown(person))
        }
        _ => key,
    }
}

fn write_group(
    html: &mut HtmlPage<'_>,
    page: &PlanPage<'_>,
    (number, group): (usize, PageGroup<'_>),
    rows: &[PersonRow<'_>],
) {
    html.markup("<section class=\"part\" aria-labelledby=\"g")
        .number(number)
        .markup("\">\n<h3 id=\"g")
        .number(number)
        .markup("\">")
        .isolated(&title(page, group))
        .markup("</h3>\n");
    let in_common = InCommon {
        file: only_file(rows),
        created: shared_by_created(rows, page.reveal),
    };
    if let Some(shared) = &in_common.created {
        html.markup("<p>All who are created here get the following, and what their rows say.<br>");
        write_shown(html, shared);
        html.markup("</p>\n");
    }
    html.markup("<table>\n<caption>");
    html.text(&caption(group, rows)).markup(TABLE_HEAD);
    for row in rows {
        write_row(html, page, row, &in_common);
    }
    html.markup("</tbody>\n</table>\n</section>\n");
}

/// What the rows of a group have in common, so that none of them needs to say it.
struct InCommon<'p> {
    file: Option<&'p str>,
    /// What is the same in all creates.
    created: Option<ShownChanges<'p>>,
}

/// Fewer creates are as quick to read one by one.
const FEWEST_CREATED: usize = 3;

fn shared_by_created<'p>(rows: &[PersonRow<'p>], reveal: Reveal) -> Option<ShownChanges<'p>> {
    let steps = rows.iter().flat_map(|row| &row.steps);
    let created: Vec<&Step<'p>> = steps.filter(|step| is_create(step)).collect();
    let (first, others) = created.split_first()?;
    if created.len() < FEWEST_CREATED {
        return None;
    }
    let mut shared = ShownChanges::of(first, reveal);
    for step in others {
        shared.keep_shared(&ShownChanges::of(step, reveal));
    }
    Some(shared)
}

fn is_create(step: &Step<'_>) -> bool {
    matches!(step.first(), Operation::Create(_))
}

/// How many there are, and the file that declares them if it is one.
fn caption(group: PageGroup<'_>, rows: &[PersonRow<'_>]) -> String {
    let counted = match group {
        PageGroup::Named(_) | PageGroup::Without => count(rows.len(), "person", "people"),
        PageGroup::Entries => count(
            rows.len(),
            "placement or classroom",
            "placements and classrooms",
        ),
    };
    match only_file(rows) {
        Some(file) => format!("{counted}, in {}", shown(file)),
        None => counted,
    }
}

fn only_file<'p>(rows: &[PersonRow<'p>]) -> Option<&'p str> {
    let file = &rows.first()?.place.file;
    let is_only = rows.iter().all(|row| row.place.file == *file);
    is_only.then_some(&**file)
}

// Rows have no end tags where HTML needs none: there may be 10,000.

const TABLE_HEAD: &str = "</caption>\n<thead><tr><th scope=\"col\" class=\"who\">Who<th scope=\"col\">What happens<th scope=\"col\" class=\"effect\">What it sets off</thead>\n<tbody>\n";

fn write_row(
    html: &mut HtmlPage<'_>,
    page: &PlanPage<'_>,
    row: &PersonRow<'_>,
    in_common: &InCommon<'_>,
) {
    html.markup("<tr><th scope=\"row\">")
        .isolated(&name_of(row.who, page.reveal))
        .markup("<small>")
        .text(&kind_words(row))
        .markup(", ");
    match in_common.file {
        Some(_) => html.markup("line ").number(row.place.line),
        None => html.text(&shown(&row.place.to_string())),
    };
    html.markup("</small><td>");
    for step in &row.steps {
        write_step(html, step, page.reveal, in_common);
    }
    if let Some((_, brief)) = row.question {
        html.markup("<b class=\"h\">on hold</b><br>")
            .sentence(brief)
            .markup("<br>");
    }
    if row.is_elsewhere {
        html.markup("<i>not from this change</i>");
    }
    html.markup("<td>");
    write_effects(html, page.plan.service, &row.steps);
    if let Some((number, _)) = row.question {
        html.markup("<a href=\"#q")
            .number(number)
            .markup("\">question ")
            .number(number)
            .markup("</a>");
    }
    html.markup("\n");
}

/// What people call it: the learner reference and the name, as far as they may be shown, or else the number of the account.
pub(super) fn name_of(subject: OperationSubject<'_>, reveal: Reveal) -> String {
    match subject {
        OperationSubject::User(user) => {
            let name = mis_id_and_name(user, reveal);
            if name.is_empty() {
                who(user, None, reveal)
            } else {
                name
            }
        }
        OperationSubject::Entry(entry) => key_words(&entry.name, reveal),
    }
}

/// `learner (122776)`
fn kind_words(row: &PersonRow<'_>) -> String {
    let (kind, id) = match row.who {
        OperationSubject::User(user) => (role(user.role), row.account.or(user.id).map(Into::into)),
        OperationSubject::Entry(entry) => (entry.kind.word(), entry.id),
    };
    match id {
        Some(id) => format!("{kind} ({id})"),
        None => kind.to_owned(),
    }
}

/// The mark of a step, and a line for each change.
fn write_step(html: &mut HtmlPage<'_>, step: &Step<'_>, reveal: Reveal, in_common: &InCommon<'_>) {
    let mut shown = ShownChanges::of(step, reveal);
    if let Some(shared) = in_common.created.as_ref().filter(|_| is_create(step)) {
        shown.leave_out(shared);
    }
    html.markup(badge(step.first().kind())).markup("<br>");
    write_shown(html, &shown);
}

fn write_shown(html: &mut HtmlPage<'_>, shown: &ShownChanges<'_>) {
    for change in &shown.with_value {
        write_change(html, change);
        html.markup("<br>");
    }
    if let Some(first) = shown.by_name.first() {
        for (at, change) in shown.by_name.iter().enumerate() {
            html.markup(if at > 0 { ", " } else { "" })
                .markup("<i>")
                .markup(change.key.name())
                .markup("</i>")
                .markup(unverified(change));
        }
        html.markup(" ")
            .markup(hidden_value(first.key.row().class))
            .markup("<br>");
    }
    for line in shown.hidden.iter().chain(&shown.remarks) {
        html.sentence(line).markup("<br>");
    }
}

/// `placement Mill (9001) → Bakery (9002)`
fn write_change(html: &mut HtmlPage<'_>, change: &Change) {
    html.markup("<i>").markup(change.key.name()).markup("</i> ");
    write_values(html, change);
}

/// `Mill (9001) → Bakery (9002)`
pub(super) fn write_values(html: &mut HtmlPage<'_>, change: &Change) {
    let (from, to) = former_and_new(change);
    if let Some(from) = from {
        html.isolated(&from).markup(" → ");
    }
    html.isolated(&to).markup(unverified(change));
}

fn write_effects(html: &mut HtmlPage<'_>, service: Service, steps: &[Step<'_>]) {
    for step in steps {
        let words = effects_words(step.first().effects(), service);
        if !words.is_empty() {
            html.text(&words).markup("<br>");
        }
    }
}
