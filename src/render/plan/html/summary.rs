//! What a plan means, in sentences: who is e-mailed, who changes assessor, who leaves, and what waits for a decision.

use std::collections::BTreeSet;

use crate::domain::field::Key;
use crate::domain::redact::Reveal;
use crate::plan::{Effect, Operation, Plan};
use crate::render::html::HtmlPage;
use crate::render::options::TextLength;
use crate::render::plan::html::PlanPage;
use crate::render::plan::html::decisions::OpenQuestion;
use crate::render::plan::html::people::{name_of, write_values};
use crate::render::plan::limits::limit_message;
use crate::render::plan::removed::removed_line;
use crate::render::plan::shown_changes::shows_value;
use crate::render::plan::still_named::still_named_lines;
use crate::render::plan::totals::{effect_sentences, first_line, first_reading};
use crate::render::words::{count, counted_entries, role};

/// A part of what a plan means.
struct Card {
    title: &'static str,
    class: &'static str,
    effects: &'static [Effect],
    /// What is said if the plan has none of the effects.
    nothing: &'static str,
}

const CARDS: [Card; 3] = [
    Card {
        title: "Who is e-mailed",
        class: "<div class=\"card m\">\n",
        effects: &[
            Effect::EmailsPerson,
            Effect::MayEmailPerson,
            Effect::KeychainStays,
        ],
        nothing: "No accounts will be created, so OneFile should not e-mail anyone.",
    },
    Card {
        title: "Who changes assessor",
        class: "<div class=\"card s\">\n",
        effects: &[Effect::AssessorChanges],
        nothing: "Nobody changes assessor.",
    },
    Card {
        title: "Who leaves",
        class: "<div class=\"card l\">\n",
        effects: &[Effect::Archives, Effect::ComesBack],
        nothing: "Nobody leaves.",
    },
];

/// Of the people of a card this many are named; the rows below name them all.
const NAMED: usize = 60;

pub(super) fn write_summary(
    html: &mut HtmlPage<'_>,
    page: &PlanPage<'_>,
    decisions: &[OpenQuestion<'_>],
) {
    let plan = page.plan;
    html.markup(
        "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">What will happen</h2>\n",
    );
    html.markup("<p class=\"lead\">")
        .sentence(first_line(plan).trim_end())
        .markup("</p>\n");
    write_warnings(html, page);
    html.markup("<div class=\"cards\">\n");
    for card in &CARDS {
        write_card(html, page, card);
    }
    write_held_card(html, plan, decisions);
    html.markup("</div>\n</section>\n");
}

/// What keeps the plan from being applied, what it says about the project, and who still names somebody who left.
fn write_warnings(html: &mut HtmlPage<'_>, page: &PlanPage<'_>) {
    let mut lines: Vec<String> = page.plan.excesses.iter().map(limit_message).collect();
    lines.push(still_named_lines(page.plan, TextLength::Full));
    lines.push(first_reading(page.plan));
    lines.push(page.notes.to_owned());
    let text = lines.join("\n");
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let Some(first) = lines.next() else {
        return;
    };
    html.markup("<div class=\"warning\" role=\"note\">\n");
    for line in std::iter::once(first).chain(lines) {
        html.markup("<p>").sentence(line.trim()).markup("</p>\n");
    }
    html.markup("</div>\n");
}

fn write_card(html: &mut HtmlPage<'_>, page: &PlanPage<'_>, card: &Card) {
    html.markup(card.class)
        .markup("<h3>")
        .markup(card.title)
        .markup("</h3>\n");
    let mut sentences = effect_sentences(page.plan, card.effects);
    let is_about_leavers = card.effects.contains(&Effect::Archives);
    if is_about_leavers {
        sentences += &removed_line(page.plan, TextLength::Full);
    }
    if sentences.is_empty() {
        sentences.push_str(card.nothing);
    }
    for sentence in sentences.lines() {
        html.markup("<p>").sentence(sentence).markup("</p>\n");
    }
    write_names(html, page, card);
    html.markup("</div>\n");
}

/// The people of a card, once each. Of a changed assessor both are said.
fn write_names(html: &mut HtmlPage<'_>, page: &PlanPage<'_>, card: &Card) {
    let mut names: BTreeSet<(String, usize)> = BTreeSet::new();
    for (at, operation) in page.plan.operations.iter().enumerate() {
        let has_one = operation
            .effects()
            .iter()
            .any(|effect| card.effects.contains(effect));
        if has_one {
            names.insert((name_of(operation.subject(), page.reveal), at));
        }
    }
    if names.is_empty() {
        return;
    }
    html.markup("<ul class=\"names\">\n");
    for (name, at) in names.iter().take(NAMED) {
        let operation = &page.plan.operations[*at];
        html.markup("<li>").isolated(name);
        if let Some(user) = operation.user() {
            html.markup(" <span class=\"soft\">")
                .markup(role(user.role))
                .markup("</span>");
        }
        write_other_assessor(html, operation, page.reveal);
        html.markup("</li>\n");
    }
    if names.len() > NAMED {
        html.markup("<li>and ")
            .number(names.len() - NAMED)
            .markup(" more, in the tables below</li>\n");
    }
    html.markup("</ul>\n");
}

fn write_other_assessor(html: &mut HtmlPage<'_>, operation: &Operation, reveal: Reveal) {
    if !operation.effects().contains(&Effect::AssessorChanges) {
        return;
    }
    let changes = operation.changes().iter();
    for change in changes.filter(|change| change.key == Key::DefaultAssessor) {
        if shows_value(change, reveal) {
            html.markup("<small>");
            write_values(html, change);
            html.markup("</small>");
        }
    }
}

fn write_held_card(html: &mut HtmlPage<'_>, plan: &Plan, decisions: &[OpenQuestion<'_>]) {
    html.markup("<div class=\"card h\">\n<h3>What waits for a decision</h3>\n<p>");
    if decisions.is_empty() {
        html.markup("Nothing waits for a decision.</p>\n</div>\n");
        return;
    }
    html.text(&held_sentence(plan))
        .markup("</p>\n<ul class=\"names\">\n");
    for (at, decision) in decisions.iter().enumerate().take(NAMED) {
        html.markup("<li><a href=\"#q")
            .number(at + 1)
            .markup("\">")
            .isolated(&decision.head)
            .markup("</a>: ")
            .sentence(decision.brief)
            .markup("</li>\n");
    }
    html.markup("</ul>\n</div>\n");
}

/// How many are on hold: `2 users and 1 placement are on hold until a person decides.`
fn held_sentence(plan: &Plan) -> String {
    let mut words = Vec::new();
    if !plan.held.is_empty() {
        words.push(count(plan.held.len(), "user", "users"));
    }
    if !plan.held_entries.is_empty() {
        let entries = plan.held_entries.iter().map(|held| held.entry.kind);
        words.push(counted_entries(entries.collect()));
    }
    let are = if plan.held.len() + plan.held_entries.len() == 1 {
        "is"
    } else {
        "are"
    };
    format!(
        "{} {are} on hold until a person decides.",
        words.join(" and ")
    )
}
