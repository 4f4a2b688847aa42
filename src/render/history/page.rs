//! The journal as a page for the browser: how far OneFile and the files were apart, a night at a time, and what applies did.

use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::apply::checked_plans::{CheckedPlan, FoundCounts};
use crate::apply::journal::JournalRecord;
use crate::domain::OrganisationId;
use crate::domain::london::{day_at, day_in_words};
use crate::domain::redact::{Reveal, open_text};
use crate::render::history::text::history;
use crate::render::html::HtmlPage;
use crate::render::words::{count, shown};

/// The last plan of each day in London.
type Nights<'c> = BTreeMap<Date, &'c CheckedPlan>;

/// Writes the page. It shows only what is public.
///
/// # Errors
/// If some of it can't be written.
pub fn history_page(
    records: &[JournalRecord],
    checked: &[CheckedPlan],
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    let mut html = HtmlPage::begin(out, "OneFile and the files, night by night");
    html.markup("<h1>OneFile and the files, night by night</h1>\n")
        .markup("<p class=\"soft\">This page holds no names.</p>\n</header>\n<main id=\"main\">\n");
    let places = places(checked);
    if places.is_empty() {
        html.markup(NOTHING);
    }
    for (at, ((target, organisation), nights)) in places.iter().enumerate() {
        write_place(&mut html, at + 1, (target, *organisation), nights);
    }
    html.markup("<section aria-labelledby=\"applies\">\n<h2 id=\"applies\">What applies did</h2>\n<pre>")
        .text(&history(records, Reveal::Public))
        .markup("</pre>\n</section>\n</main>\n<footer>\n<p>Written by <code>rosterctl history</code>.</p>\n</footer>\n");
    html.end()
}

const NOTHING: &str = "<section aria-labelledby=\"drift\">\n<h2 id=\"drift\">What plans found</h2>\n<p>No plan is on record here. <code>rosterctl plan --journal DIR</code>, run every night, notes how much it found.</p>\n</section>\n";

/// The nights of each server and organisation.
fn places(checked: &[CheckedPlan]) -> BTreeMap<(&str, OrganisationId), Nights<'_>> {
    let mut places: BTreeMap<(&str, OrganisationId), Nights<'_>> = BTreeMap::new();
    for plan in checked {
        places
            .entry((&plan.target, plan.organisation))
            .or_default()
            .insert(day_at(plan.at), plan);
    }
    places
}

fn write_place(
    html: &mut HtmlPage<'_>,
    number: usize,
    (target, organisation): (&str, OrganisationId),
    nights: &Nights<'_>,
) {
    html.markup("<section aria-labelledby=\"drift")
        .number(number)
        .markup("\">\n<h2 id=\"drift")
        .number(number)
        .markup("\">What plans found: ")
        .isolated(&format!("organisation {organisation} on {}", shown(target)))
        .markup("</h2>\n<p class=\"lead\">")
        .text(&trend(nights))
        .markup("</p>\n");
    write_chart(html, number, nights);
    write_table(html, nights);
    html.markup("</section>\n");
}

/// What the last plan found, and what one found a week before.
fn trend(nights: &Nights<'_>) -> String {
    let Some((last_day, last)) = nights.last_key_value() else {
        return String::new();
    };
    let now = format!(
        "On {} a plan found {}.",
        day_in_words(last.at),
        found_words(last)
    );
    let week_ago = last_day.saturating_sub(SignedDuration::from_hours(7 * 24));
    match nights.range(..=week_ago).next_back() {
        Some((_, before)) => format!(
            "{now} On {} it was {}.",
            day_in_words(before.at),
            found_words(before)
        ),
        None => now,
    }
}

/// `5 differences, and 2 on hold`
fn found_words(plan: &CheckedPlan) -> String {
    let differences = count(plan.found.operations(), "difference", "differences");
    format!("{differences}, and {} on hold", plan.found.held)
}

/// A kind of what plans find: its heading in the table, its colour in the chart, and its number.
struct FoundKind {
    heading: &'static str,
    colour: &'static str,
    of: fn(&FoundCounts) -> usize,
}

const FOUND_KINDS: [FoundKind; 6] = [
    FoundKind {
        heading: "to create",
        colour: "c",
        of: |plan| plan.creates,
    },
    FoundKind {
        heading: "to update",
        colour: "u",
        of: |plan| plan.updates,
    },
    FoundKind {
        heading: "to archive or bring back",
        colour: "x",
        of: |plan| plan.archives + plan.unarchives,
    },
    FoundKind {
        heading: "assignments",
        colour: "a",
        of: |plan| plan.assignments,
    },
    FoundKind {
        heading: "placements and classrooms",
        colour: "e",
        of: |plan| plan.entries,
    },
    FoundKind {
        heading: "on hold",
        colour: "h",
        of: |plan| plan.held,
    },
];

/// The size of the chart, in its own units.
const WIDTH: usize = 10_000;
const HEIGHT: usize = 1_000;
/// A few nights don't fill the width, so that their bars don't look like walls.
const FEWEST: usize = 21;

fn write_chart(html: &mut HtmlPage<'_>, number: usize, nights: &Nights<'_>) {
    let highest = nights.values().map(|plan| height(plan)).max();
    let top = highest.unwrap_or_default().max(1);
    html.markup("<p class=\"axis\">").number(top);
    html.markup("</p>\n<svg class=\"chart\" viewBox=\"0 0 ")
        .number(WIDTH)
        .markup(" ")
        .number(HEIGHT)
        .markup("\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"chart")
        .number(number)
        .markup("\">\n<title id=\"chart")
        .number(number)
        .markup("\">What plans found, a bar a night; the table below has the numbers</title>\n");
    let slots = nights.len().max(FEWEST);
    for (slot, plan) in nights.values().enumerate() {
        let left = slot * WIDTH / slots;
        let width = ((slot + 1) * WIDTH / slots - left) * 4 / 5;
        write_bar(html, (left, width), plan, top);
    }
    html.markup("</svg>\n<p class=\"axis ends\"><span>");
    if let (Some((_, first)), Some((_, last))) = (nights.first_key_value(), nights.last_key_value())
    {
        html.text(&day_in_words(first.at));
        if nights.len() > 1 {
            html.markup("</span><span>").text(&day_in_words(last.at));
        }
    }
    html.markup("</span></p>\n");
    write_key(html, nights);
}

fn height(plan: &CheckedPlan) -> usize {
    FOUND_KINDS.iter().map(|kind| (kind.of)(&plan.found)).sum()
}

/// One night: what was found, from the bottom up.
fn write_bar(
    html: &mut HtmlPage<'_>,
    (left, width): (usize, usize),
    plan: &CheckedPlan,
    top: usize,
) {
    let mut below = 0;
    for kind in &FOUND_KINDS {
        let number = (kind.of)(&plan.found);
        let (from, to) = (below * HEIGHT / top, (below + number) * HEIGHT / top);
        below += number;
        if number == 0 {
            continue;
        }
        html.markup("<rect class=\"")
            .markup(kind.colour)
            .markup("\" x=\"")
            .number(left)
            .markup("\" y=\"")
            .number(HEIGHT - to)
            .markup("\" width=\"")
            .number(width)
            .markup("\" height=\"")
            .number(to - from)
            .markup("\"/>\n");
    }
}

/// What the colours mean, for the kinds that occur.
fn write_key(html: &mut HtmlPage<'_>, nights: &Nights<'_>) {
    let occurring = FOUND_KINDS
        .iter()
        .filter(|kind| nights.values().any(|plan| (kind.of)(&plan.found) > 0));
    let occurring: Vec<&FoundKind> = occurring.collect();
    if occurring.is_empty() {
        return;
    }
    html.markup("<ul class=\"key\">\n");
    for kind in occurring {
        html.markup("<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"")
            .markup(kind.colour)
            .markup("\" width=\"10\" height=\"10\" rx=\"2\"/></svg>")
            .markup(kind.heading)
            .markup("</li>\n");
    }
    html.markup("</ul>\n");
}

/// The same as numbers, the last night first.
fn write_table(html: &mut HtmlPage<'_>, nights: &Nights<'_>) {
    html.markup(WIDE)
        .markup("<table class=\"numbers\">\n<caption>")
        .text(&count(nights.len(), "night", "nights"))
        .markup(", the last one first. If there were several plans in a day, the last one counts.</caption>\n<thead><tr><th scope=\"col\">night</th>");
    for kind in &FOUND_KINDS {
        html.markup("<th scope=\"col\" class=\"n\">")
            .markup(kind.heading)
            .markup("</th>");
    }
    html.markup("<th scope=\"col\" class=\"n\">as declared</th><th scope=\"col\" class=\"n\">not declared</th><th scope=\"col\">commit</th></tr></thead>\n<tbody>\n");
    for plan in nights.values().rev() {
        html.markup("<tr><th scope=\"row\">")
            .text(&day_in_words(plan.at))
            .markup("</th>");
        let found = FOUND_KINDS.iter().map(|kind| (kind.of)(&plan.found));
        for number in found.chain([plan.found.unchanged, plan.found.undeclared]) {
            html.markup("<td class=\"n\">")
                .number(number)
                .markup("</td>");
        }
        html.markup("<td>")
            .text(&commit_words(plan))
            .markup("</td></tr>\n");
    }
    html.markup("</tbody>\n</table>\n</section>\n");
}

/// A narrow screen scrolls the table, also by keys.
const WIDE: &str =
    "<section class=\"wide\" aria-label=\"What plans found, as numbers\" tabindex=\"0\">\n";

/// The first characters of a commit, which are enough to find it.
fn commit_words(plan: &CheckedPlan) -> String {
    let commit = plan.commit.as_deref().and_then(open_text);
    commit.map_or_else(String::new, |commit| {
        shown(commit.get(..12).unwrap_or(commit))
    })
}
