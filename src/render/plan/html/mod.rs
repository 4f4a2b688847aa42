//! A plan as a page for the browser, for people who look after a part of the users: what will happen in sentences, what must be
//! decided, then a row a person. It needs no script and loads nothing, and shows what Markdown shows.

mod decisions;
mod people;
mod summary;
mod totals_bar;

use std::fmt;

use jiff::Timestamp;

use crate::domain::redact::Reveal;
use crate::plan::{GroupedBy, OperationKind, Plan, Service, UserGroups};
use crate::render::html::HtmlPage;
use crate::render::plan::html::decisions::{OpenQuestion, write_decisions};
use crate::render::plan::html::people::write_people;
use crate::render::plan::html::summary::write_summary;
use crate::render::plan::html::totals_bar::write_numbers;
use crate::render::words::moment;

/// A plan, and what a page says about it.
#[derive(Clone, Copy)]
pub struct PlanPage<'p> {
    pub plan: &'p Plan,
    pub by: GroupedBy,
    pub groups: &'p UserGroups,
    /// The organisation and the server, by name.
    pub heading: &'p str,
    /// Lines that come first.
    pub notes: &'p str,
    /// When the accounts were read.
    pub read_at: Timestamp,
    pub reveal: Reveal,
}

/// Writes the page.
///
/// # Errors
/// If some of it can't be written.
pub fn plan_page(page: &PlanPage<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    let title = format!("Plan for {}", page.heading);
    let mut html = HtmlPage::begin(out, &title);
    html.markup("<h1>").isolated(&title).markup("</h1>\n");
    html.markup("<p class=\"soft\">Accounts as they were on ")
        .text(&moment(page.read_at))
        .markup(".</p>\n");
    write_privacy(&mut html, page);
    html.markup("</header>\n<main id=\"main\">\n");
    let decisions = OpenQuestion::all(page.plan, page.reveal);
    write_summary(&mut html, page, &decisions);
    write_numbers(&mut html, page.plan);
    write_decisions(&mut html, &decisions, page.reveal);
    write_people(&mut html, page, &decisions);
    html.markup("</main>\n<footer>\n<p>Written by rosterctl. This page changes nothing. ")
        .markup("<code>rosterctl apply</code> makes these changes, after asking.</p>\n</footer>\n");
    html.end()
}

/// Says at the top whose data the page holds, and whether people are concerned at all.
fn write_privacy(html: &mut HtmlPage<'_>, page: &PlanPage<'_>) {
    html.markup(match page.reveal {
        Reveal::Public => PSEUDONYMOUS,
        Reveal::Personal | Reveal::Special => WITH_NAMES,
    });
    html.markup(match page.plan.service {
        Service::OneFile => "",
        Service::Sandbox => SIMULATED,
    });
}

const PSEUDONYMOUS: &str = "<p class=\"soft\">This page holds no names. People are named by learner reference (MIS value) and number of the account.</p>\n";
const WITH_NAMES: &str = "<div class=\"warning\" role=\"note\">\n<p><strong>This page holds names and other personal data.</strong> Show it only to people who may see them, and delete it when you have read it.</p>\n</div>\n";
const SIMULATED: &str = "<div class=\"warning\" role=\"note\">\n<p><strong>Simulated.</strong> This plan is for the sandbox. Nobody gets an e-mail.</p>\n</div>\n";

/// The mark of an operation, with its verb.
fn badge(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::CreateEntry => "<b class=\"e\">create</b>",
        OperationKind::UpdateEntry => "<b class=\"e\">update</b>",
        OperationKind::Unarchive => "<b class=\"r\">bring back</b>",
        OperationKind::Create => "<b class=\"c\">create</b>",
        OperationKind::Update => "<b>update</b>",
        OperationKind::Assign => "<b class=\"a\">assign</b>",
        OperationKind::Archive => "<b class=\"x\">archive</b>",
    }
}
