//! The totals as a bar, with the same in words.

use crate::plan::{Effect, OperationKind, Plan};
use crate::render::html::HtmlPage;
use crate::render::plan::totals::{
    by_kind, compared, counts_by_kind, effect_sentences, held_words, left_as_it_is,
};

/// The width of the bar, in its own units.
const WIDTH: usize = 1000;
/// Between two parts.
const GAP: usize = 2;
/// The narrowest part that can still be seen.
const NARROWEST: usize = 8;

/// A part of the bar.
struct BarPart {
    number: usize,
    words: String,
    colour: &'static str,
}

/// Writes the bar, its key, and what else the totals say.
pub(super) fn write_numbers(html: &mut HtmlPage<'_>, plan: &Plan) {
    html.markup("<section aria-labelledby=\"numbers\">\n<h2 id=\"numbers\">In numbers</h2>\n");
    let parts = parts(plan);
    if !parts.is_empty() {
        write_bar(html, &parts);
        write_key(html, &parts);
    }
    let lines = by_kind(plan)
        + &effect_sentences(plan, &[Effect::Stays])
        + &compared(plan)
        + &left_as_it_is(plan);
    if !lines.is_empty() {
        html.markup("<ul>\n");
        for line in lines.lines() {
            html.markup("<li>").sentence(line).markup("</li>\n");
        }
        html.markup("</ul>\n");
    }
    html.markup("</section>\n");
}

fn parts(plan: &Plan) -> Vec<BarPart> {
    let mut parts = Vec::new();
    for count in counts_by_kind(plan) {
        if count.number > 0 {
            parts.push(BarPart {
                number: count.number,
                words: count.words,
                colour: colour(count.kind),
            });
        }
    }
    let held = plan.held.len() + plan.held_entries.len();
    if held > 0 {
        parts.push(BarPart {
            number: held,
            words: held_words(plan),
            colour: "h",
        });
    }
    parts
}

fn colour(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::CreateEntry | OperationKind::UpdateEntry => "e",
        OperationKind::Unarchive => "r",
        OperationKind::Create => "c",
        OperationKind::Update => "u",
        OperationKind::Assign => "a",
        OperationKind::Archive => "x",
    }
}

fn write_bar(html: &mut HtmlPage<'_>, parts: &[BarPart]) {
    html.markup("<svg class=\"bar\" viewBox=\"0 0 ")
        .number(WIDTH)
        .markup(" 28\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"bar\">\n<title id=\"bar\">");
    for (at, part) in parts.iter().enumerate() {
        html.markup(if at > 0 { ", " } else { "" })
            .text(&part.words);
    }
    html.markup("</title>\n");
    let mut x = 0;
    for (part, width) in parts.iter().zip(widths(parts)) {
        html.markup("<rect class=\"")
            .markup(part.colour)
            .markup("\" x=\"")
            .number(x)
            .markup("\" width=\"")
            .number(width - GAP)
            .markup("\" height=\"28\"/>\n");
        x += width;
    }
    html.markup("</svg>\n");
}

/// The widths of the parts: by their numbers, and none too narrow to be seen. Together they have the width of the bar.
fn widths(parts: &[BarPart]) -> Vec<usize> {
    let total: usize = parts.iter().map(|part| part.number).sum();
    let room = WIDTH - NARROWEST * parts.len();
    parts
        .iter()
        .map(|part| NARROWEST + room * part.number / total)
        .collect()
}

fn write_key(html: &mut HtmlPage<'_>, parts: &[BarPart]) {
    html.markup("<ul class=\"key\">\n");
    for part in parts {
        html.markup("<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"")
            .markup(part.colour)
            .markup("\" width=\"10\" height=\"10\" rx=\"2\"/></svg>")
            .text(&part.words)
            .markup("</li>\n");
    }
    html.markup("</ul>\n");
}
