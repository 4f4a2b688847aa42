//! Who is on hold, as questions with their answers. Users with the same reasons share a question.

use crate::domain::redact::Reveal;
use crate::findings::source::Place;
use crate::plan::{HeldEntry, HeldUser, OperationSubject, Origin, Plan};
use crate::render::grouping::{Groupable, alike, group_head};
use crate::render::html::HtmlPage;
use crate::render::plan::entry_holds::{entry_hold_in_brief, entry_hold_words};
use crate::render::plan::hold_question::HoldQuestion;
use crate::render::plan::holds::{reason_in_brief, reason_words};
use crate::render::plan::html::people::name_of;
use crate::render::words::{count, shown, subject};

/// One question, about a user or several, or about a placement or a classroom.
pub(super) struct OpenQuestion<'p> {
    pub(super) about: Vec<HeldSubject<'p>>,
    /// The reason in a few words.
    pub(super) brief: &'static str,
    /// `learner L-0104 (137945)`, `12 learners`
    pub(super) head: String,
    questions: Vec<HoldQuestion>,
}

/// Who or what is on hold, and where it is declared.
#[derive(Clone, Copy)]
pub(super) struct HeldSubject<'p> {
    pub(super) who: OperationSubject<'p>,
    pub(super) place: &'p Place,
    pub(super) origin: Option<Origin>,
}

impl<'p> OpenQuestion<'p> {
    /// The questions of a plan; those of this change come first.
    pub(super) fn all(plan: &'p Plan, reveal: Reveal) -> Vec<Self> {
        let mut decisions = Vec::new();
        let mut held: Vec<&HeldUser> = plan.held.iter().collect();
        held.sort_by_key(|held| (held.origin, &held.place));
        let words = |held: &HeldUser| Some((held.origin, reasons(held, reveal)));
        for group in alike(&held, words) {
            decisions.push(Self::of_users(&group, reveal));
        }
        for held in &plan.held_entries {
            decisions.push(Self::of_entry(held, reveal));
        }
        decisions.sort_by_key(|decision| decision.about[0].origin);
        decisions
    }

    fn of_users(group: &[&'p HeldUser], reveal: Reveal) -> Self {
        let first = group[0];
        let subject_of = |held: &&'p HeldUser| HeldSubject {
            who: OperationSubject::User(&held.who),
            place: &held.place,
            origin: held.origin,
        };
        let words = reasons(first, reveal);
        Self {
            about: group.iter().map(subject_of).collect(),
            brief: first.reasons.first().map_or("held", reason_in_brief),
            head: group_head(group, || subject(first.who(), None, reveal)),
            questions: words.iter().map(|words| HoldQuestion::of(words)).collect(),
        }
    }

    fn of_entry(held: &'p HeldEntry, reveal: Reveal) -> Self {
        Self {
            about: vec![HeldSubject {
                who: OperationSubject::Entry(&held.entry),
                place: &held.place,
                origin: held.origin,
            }],
            brief: entry_hold_in_brief(&held.reason),
            head: subject(held.who(), None, reveal),
            questions: vec![HoldQuestion::of(&entry_hold_words(held, reveal))],
        }
    }
}

fn reasons(held: &HeldUser, reveal: Reveal) -> Vec<String> {
    let words = held.reasons.iter();
    words.map(|reason| reason_words(reason, reveal)).collect()
}

/// Writes the questions; nothing if there are none.
pub(super) fn write_decisions(
    html: &mut HtmlPage<'_>,
    decisions: &[OpenQuestion<'_>],
    reveal: Reveal,
) {
    if decisions.is_empty() {
        return;
    }
    html.markup(
        "<section aria-labelledby=\"decide\">\n<h2 id=\"decide\">What you must decide</h2>\n",
    );
    html.markup("<p class=\"soft\">Each question has an answer that is written into the files, or a command that is run. Until then these are left as they are; everything else can go ahead.</p>\n");
    for (at, decision) in decisions.iter().enumerate() {
        write_decision(html, at + 1, decision, reveal);
    }
    html.markup("</section>\n");
}

fn write_decision(
    html: &mut HtmlPage<'_>,
    number: usize,
    decision: &OpenQuestion<'_>,
    reveal: Reveal,
) {
    html.markup("<article class=\"question\" id=\"q")
        .number(number)
        .markup("\">\n<h3>")
        .number(number)
        .markup(". ")
        .isolated(&decision.head)
        .markup(": ")
        .sentence(decision.brief)
        .markup("</h3>\n");
    write_subjects(html, &decision.about, reveal);
    for question in &decision.questions {
        for fact in &question.facts {
            html.markup("<p>").sentence(fact).markup("</p>\n");
        }
        if !question.answers.is_empty() {
            html.markup("<h4>What to do</h4>\n<ol>\n");
            for answer in &question.answers {
                html.markup("<li>").sentence(answer).markup("</li>\n");
            }
            html.markup("</ol>\n");
        }
    }
    html.markup("</article>\n");
}

/// Where the only one is declared, or all of several by name.
fn write_subjects(html: &mut HtmlPage<'_>, about: &[HeldSubject<'_>], reveal: Reveal) {
    let first = about[0];
    html.markup("<p><small>");
    if first.origin == Some(Origin::Elsewhere) {
        html.markup("Not from this change. ");
    }
    if about.len() == 1 {
        html.text(&shown(&first.place.to_string()))
            .markup("</small></p>\n");
        return;
    }
    html.text(&count(about.len(), "user", "users"))
        .markup(":</small></p>\n<ul class=\"names\">\n");
    for one in about {
        let name = name_of(one.who, reveal);
        html.markup("<li>").isolated(&name);
        html.markup("<small>")
            .text(&shown(&one.place.to_string()))
            .markup("</small></li>\n");
    }
    html.markup("</ul>\n");
}
