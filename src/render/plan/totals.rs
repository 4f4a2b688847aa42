//! The last lines of a plan: how much of what, what it sets off, what wasn't looked at, and which limits it passes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use crate::domain::{Creates, Limit, Policy};
use crate::plan::{Effect, FewMatched, LimitExcess, LimitKind, OperationCounts, Origin, Plan};
use crate::render::options::RenderOptions;
use crate::render::plan::holds::in_short;
use crate::render::plan::text::public_names;
use crate::render::words::{count, plural, role, wrapped};

/// The totals of a plan: all that `-q` shows of it.
pub fn totals_as(plan: &Plan, look: RenderOptions) -> String {
    totals(plan)
        .lines()
        .map(|line| wrapped(line, "", 2, look.width))
        .collect()
}

/// The same, a sentence a line.
pub(crate) fn totals(plan: &Plan) -> String {
    let mut text = first_line(plan) + "\n" + &by_kind(plan);
    if !plan.undeclared.is_empty() {
        let accounts = count(
            plan.undeclared.len(),
            "live account isn't",
            "live accounts aren't",
        );
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
    text.push_str(&emailing(plan));
    if plan.not_compared > 0 && !plan.operations.is_empty() {
        let fields = count(plan.not_compared, "field", "fields");
        let _ = writeln!(
            text,
            "{fields} not compared: no account of that role shows them."
        );
    }
    let (ours, others) = (
        plan.count_from(Origin::ThisChange),
        plan.count_from(Origin::Elsewhere),
    );
    if ours + others > 0 {
        let operations = count(ours, "operation is", "operations are");
        let _ = writeln!(text, "{operations} from this change, {others} not.");
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
    if plan.left_out > 0 {
        let users = count(
            plan.left_out,
            "declared user isn't",
            "declared users aren't",
        );
        let _ = writeln!(text, "{users} edited by this change, and not planned.");
    }
    if plan.unmanaged > 0 {
        let fields = count(plan.unmanaged, "field isn't", "fields aren't");
        let _ = writeln!(
            text,
            "{fields} managed in this run: an overlay isn't there."
        );
    }
    text
}

/// How many creates there are of each role, updates of each field, and users held for each reason: the most first.
fn by_kind(plan: &Plan) -> String {
    let roles = plan.creates().map(|create| role(create.user.role));
    let fields = plan
        .updates()
        .flat_map(|update| public_names(update.changes.iter().map(|change| change.key)));
    let reasons = plan
        .held
        .iter()
        .filter_map(|held| held.reasons.first())
        .map(in_short);
    let in_brackets = |word: &str, number: usize| format!("{word} ({number})");
    line_of("To create", roles, |role, number| {
        count(number, role, &plural(role))
    }) + &line_of("To update", fields, in_brackets)
        + &line_of("Held", reasons, in_brackets)
}

fn line_of(
    head: &str,
    words: impl Iterator<Item = &'static str>,
    said: impl Fn(&str, usize) -> String,
) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *numbers.entry(word).or_default() += 1;
    }
    if numbers.is_empty() {
        return String::new();
    }
    let mut counted: Vec<_> = numbers.into_iter().collect();
    counted.sort_by_key(|(_, number)| Reverse(*number));
    let items: Vec<String> = counted
        .into_iter()
        .map(|(word, number)| said(word, number))
        .collect();
    format!("{head}: {}.\n", items.join(", "))
}

/// What the operations set off: whom OneFile e-mails, said where accounts are created, even if it is nobody; and the rest.
pub fn emailing(plan: &Plan) -> String {
    let line = |verb: &str, number: usize| match number {
        0 => String::new(),
        number => format!(
            "OneFile {verb} e-mail {}.\n",
            count(number, "person", "people")
        ),
    };
    let (will, may) = (
        plan.count_having(Effect::EmailsPerson),
        plan.count_having(Effect::MayEmailPerson),
    );
    let nobody = plan.creates().next().is_some() && will + may == 0;
    let mut text = if nobody {
        "OneFile won't e-mail anybody.\n".to_owned()
    } else {
        String::new()
    };
    text += &(line("will", will) + &line("may", may));
    let changed = plan.count_having(Effect::KeychainStays);
    if changed > 0 {
        let addresses = count(changed, "e-mail address changes", "e-mail addresses change");
        let _ = writeln!(text, "{addresses}, and the keychain doesn't follow.");
    }
    let moved = plan.count_having(Effect::AssessorChanges);
    if moved > 0 {
        let _ = writeln!(
            text,
            "{} another assessor.",
            count(moved, "learner gets", "learners get")
        );
    }
    text
}

fn first_line(plan: &Plan) -> String {
    if !plan.operations.is_empty() {
        let OperationCounts { creates, updates } = plan.counts();
        return format!(
            "Plan: {} to create, {} to update, {} unchanged, {} held.",
            creates,
            updates,
            plan.unchanged,
            plan.held.len()
        );
    }
    let is_whole = plan.unmanaged == 0 && plan.left_out == 0;
    if plan.held.is_empty() && plan.not_compared == 0 && is_whole {
        let users = count(plan.unchanged, "user is", "users are");
        return format!("No changes: {users} as declared.");
    }
    let held = (
        plan.held.len(),
        count(plan.held.len(), "user", "users") + " held",
    );
    let fields = (
        plan.not_compared,
        count(plan.not_compared, "field", "fields") + " not compared",
    );
    let users = (
        plan.left_out,
        count(plan.left_out, "user", "users") + " not planned",
    );
    let absent = (
        plan.unmanaged,
        count(plan.unmanaged, "field", "fields") + " of an overlay missing",
    );
    let left: Vec<_> = [held, fields, absent, users]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(_, words)| words)
        .collect();
    format!("Nothing to do in what was compared; {}.", left.join(", "))
}

/// The flag that lets a plan pass a limit; none where the policy forbids it, or the keys are likely to be wrong.
pub fn allowing(excess: &LimitExcess) -> Option<String> {
    let flag = match excess.kind {
        LimitKind::Creates => "--allow-creates",
        LimitKind::Updates => "--allow-updates",
        LimitKind::CreatesForbidden => return None,
    };
    excess
        .few
        .is_none()
        .then(|| format!("{flag} {}", excess.planned))
}

/// A limit that the plan passes, and the flag that raises it; none where the keys are likely to be wrong.
pub(crate) fn past(excess: &LimitExcess) -> String {
    let LimitExcess {
        planned, allowed, ..
    } = excess;
    let (what, limit) = match excess.kind {
        LimitKind::Creates => (count(*planned, "create", "creates"), "maxCreates"),
        LimitKind::Updates => (count(*planned, "update", "updates"), "maxUpdates"),
        LimitKind::CreatesForbidden => {
            let what = count(*planned, "create", "creates");
            return format!("{what}, and the policy says `creates: never`: `apply` refuses.");
        }
    };
    if let Some(FewMatched { matched, declared }) = excess.few {
        return format!(
            "{what}, and `{limit}` is {allowed}: `apply` refuses.\nOnly {matched} of {declared} declared users have an \
             account. Are the `misId`s those that OneFile holds?"
        );
    }
    let flag = allowing(excess).unwrap_or_default();
    format!("{what}, and `{limit}` is {allowed}: `apply` needs `{flag}`.")
}

/// The limits that a change to `rosterctl.yaml` edits, so that nobody overlooks that.
pub fn policy_edits(former: &Policy, policy: &Policy) -> String {
    let creates = |policy: &Policy| match policy.creates {
        Creates::Allowed => "allowed".to_owned(),
        Creates::Never => "never".to_owned(),
    };
    let archived = |policy: &Policy| format!("{:?}", policy.archived).to_lowercase();
    let limit = |limit: Limit| match limit {
        Limit::Count(number) => number.to_string(),
        Limit::PerCent(share) => format!("{share} %"),
    };
    let rows = [
        ("creates", creates(former), creates(policy)),
        (
            "maxCreates",
            limit(former.max_creates),
            limit(policy.max_creates),
        ),
        (
            "maxUpdates",
            limit(former.max_updates),
            limit(policy.max_updates),
        ),
        ("archivedAccounts", archived(former), archived(policy)),
    ];
    let edited: Vec<_> = rows.iter().filter(|(_, from, to)| from != to).collect();
    if edited.is_empty() {
        return String::new();
    }
    let lines = edited
        .iter()
        .map(|(key, from, to)| format!("  {key}: {from} -> {to}\n"));
    format!(
        "This change edits the policy:\n{}\n",
        lines.collect::<Vec<_>>().concat()
    )
}
