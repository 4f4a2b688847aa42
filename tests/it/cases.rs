//! `tests/cases/<rule>/`: a project, its sandbox and the commands of `commands`, one a line; `= FOLDER` lays the files of a
//! folder over the project, `git commit` commits all of it. `COLUMNS=75 plan` has lines of another width: one that shows the
//! day of the run needs a width at which `1 May` and `30 September` wrap alike. The snapshot `outcome.snap` beside them holds
//! what was said, every request, and every row that isn't as it was.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{Sandbox, copy_into, copy_of, root, rosterctl_on, transcript};

/// A test for each folder of `tests/cases`, by the name of the folder.
macro_rules! cases {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*
    };
}

cases! {
    a_column_that_was_sorted_on_its_own_is_held
    a_create_sends_what_is_declared_and_staff_come_first
    a_learner_who_restarts_after_a_break_comes_back_with_a_new_mis_value
    a_leaver_is_archived_after_a_review_and_comes_back
    a_namesake_with_other_numbers_is_no_duplicate
    a_new_mis_value_is_given_to_the_account_that_had_the_former_one
    a_pin_does_not_give_a_mis_value_that_is_taken
    a_pin_on_another_mis_value_is_held
    a_pin_on_nobody_is_held
    a_pin_settles_an_ambiguous_mis_value
    a_plan_is_explained_user_by_user
    a_plan_past_a_limit_is_shown_and_not_applied
    a_policy_of_no_creates_is_raised_by_no_flag
    a_role_that_differs_is_held
    a_second_programme_a_restart_and_a_new_mis_value
    a_selection_plans_the_named_users_alone
    a_suppressed_keychain_e_mails_nobody
    a_value_that_an_export_spoilt_leaves_its_field_alone
    a_value_that_is_somebody_elses_is_not_given_to_another_account
    an_account_of_another_role_holds_the_create
    an_account_that_is_somebody_elses_is_not_matched
    an_account_that_may_be_the_persons_holds_the_create
    an_account_without_a_mis_value_is_adopted_by_its_id
    an_ambiguous_mis_value_is_held
    an_archive_is_proved_by_lists_that_hide_it
    an_archive_that_nothing_shows_is_sent_once
    an_assessor_with_learners_is_not_archived
    an_organisation_that_is_not_there_says_what_to_check
    an_overlay_adds_its_fields_and_rows_of_a_csv_are_users
    an_update_sends_only_what_differs
    an_update_that_makes_somebody_else_of_an_account_is_held
    another_way_to_write_a_name_is_the_same_person
    answers_for_a_new_account_are_named_once_there_is_one
    answers_that_have_no_effect_any_more_are_named
    archives_are_off_until_the_policy_allows_them
    edited_mis_values_are_held_as_re_keys
    effects_are_said_of_each_operation_and_counted
    equal_values_in_other_clothes_are_no_change
    fields_that_are_the_persons_own_are_left_alone
    invalid_manifests_make_no_call
    live_values_are_taken_into_the_files_that_declare_others
    namesakes_are_read_whole_where_rows_are_brief
    people_with_one_name_are_compared
    project_defaults_fill_what_files_leave_out
    references_in_every_form_are_resolved
    somebody_who_has_another_last_name_is_noticed
    somebody_who_left_and_is_still_named_is_told
    this_change_is_told_from_drift
    two_roles_of_one_person_are_two_accounts
    two_users_on_one_account_are_both_held
    unknown_keychain_settings_may_e_mail
    unknown_names_are_held_with_what_was_probably_meant
    users_who_leave_the_files_are_named
    what_cannot_be_assigned_yet_holds_the_learner
    what_learners_get_follows_their_accounts
    what_learners_get_is_planned_once_and_unknown_titles_hold
    what_onefile_keeps_in_its_own_form_is_told_once
    what_was_reviewed_is_applied_and_nothing_else
    where_a_list_is_not_whole_nobody_is_created_and_updates_go_on
    while_an_overlay_is_missing_its_fields_are_not_managed
    who_looks_like_another_declared_user_is_not_created
    who_names_a_held_user_is_held_and_the_rest_goes_on
    who_needs_a_create_that_failed_is_not_attempted
    without_consent_nothing_is_written
}

#[test]
fn every_folder_of_cases_has_a_test() {
    let entries = std::fs::read_dir(root().join("tests/cases")).unwrap();
    let mut folders: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(
        folders, NAMES,
        "list each folder of tests/cases in cases! of tests/it/cases.rs"
    );
}

fn check(name: &str) {
    let case = root().join("tests/cases").join(name);
    let outcome = run(&case);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&case);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("outcome", outcome));
}

fn run(case: &Path) -> String {
    let (project, sandbox) = prepared(case);
    let before = sandbox.state();
    let mut text = String::new();
    for line in commands(case) {
        writeln!(text, "{}", step(&line, project.path(), &sandbox)).unwrap();
    }
    text + &requests(&sandbox.requests()) + &changed_rows(&before, &sandbox.state())
}

/// The project of a case, and its sandbox.
pub fn prepared(case: &Path) -> (TempDir, Sandbox) {
    let seed = std::fs::read_to_string(case.join("sandbox.yaml")).unwrap();
    (copy_of(case), Sandbox::start(&seed))
}

fn commands(case: &Path) -> Vec<String> {
    std::fs::read_to_string(case.join("commands"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Takes the steps of a case that write no account.
pub fn steps(case: &Path, project: &Path, sandbox: &Sandbox) {
    for line in commands(case)
        .iter()
        .filter(|line| !line.starts_with("apply"))
    {
        step(line, project, sandbox);
    }
}

/// Takes only the steps of a case that change its files: another test looks at its plans.
pub fn changes(case: &Path, project: &Path, sandbox: &Sandbox) {
    for line in commands(case) {
        if line.starts_with("= ") || line.starts_with("git ") || line.starts_with("accept") {
            step(&line, project, sandbox);
        }
    }
}

fn step(line: &str, project: &Path, sandbox: &Sandbox) -> String {
    if let Some(folder) = line.strip_prefix("= ") {
        copy_into(&project.join(folder), project);
        return format!("{line}\n");
    }
    if line == "git commit" {
        git(project, &["init", "-q"]);
        commit(project);
        return format!("{line}\n");
    }
    let mut command = rosterctl_on(sandbox);
    let columns = line.strip_prefix("COLUMNS=");
    let (columns, args) = columns
        .and_then(|rest| rest.split_once(' '))
        .unwrap_or(("80", line));
    command.env("COLUMNS", columns);
    command.current_dir(project).args(args.split(' '));
    format!("$ rosterctl {args}\n{}", transcript(&mut command))
}

/// Reads go side by side, and so come in any order: counted. Writes are shown whole.
pub fn requests(requests: &[Value]) -> String {
    let line = |request: &Value| {
        let body = request["body"]
            .as_object()
            .map(|body| format!(" {}", Value::from(body.clone())))
            .unwrap_or_default();
        format!(
            "{} {}{body}\n",
            request["method"].as_str().unwrap(),
            request["path"].as_str().unwrap()
        )
    };
    let (mut writes, reads): (Vec<_>, Vec<_>) =
        requests.iter().partition(|request| is_write(request));
    // Creates come in their order; updates go side by side, after them.
    writes.sort_by_key(|write| {
        if write["path"] == "/User" {
            String::new()
        } else {
            line(write)
        }
    });
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for read in reads {
        *counts.entry(line(read)).or_default() += 1;
    }
    let reads: String = counts
        .iter()
        .map(|(line, count)| format!("{count} x {line}"))
        .collect();
    format!(
        "reads:\n{reads}writes:\n{}",
        writes.into_iter().map(line).collect::<String>()
    )
}

pub fn is_write(request: &Value) -> bool {
    let path = request["path"].as_str().unwrap();
    request["method"] == "POST"
        && !path.to_lowercase().contains("/search")
        && path != "/Authentication"
}

/// Rows that are new or differ, without the times of this run.
fn changed_rows(before: &Value, after: &Value) -> String {
    let mut text = "state that changed:\n".to_owned();
    for (table, rows) in after.as_object().unwrap() {
        let old = before[table].as_array().unwrap();
        for row in rows
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| !old.contains(row))
        {
            let was = old.iter().find(|old| old["ID"] == row["ID"]);
            let differs =
                |name: &str, value: &Value| was.map_or(!value.is_null(), |was| was[name] != *value);
            let cells = row
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, value)| differs(name, value));
            let timeless =
                cells.filter(|(name, _)| !matches!(name.as_str(), "LastModified" | "CreatedOn"));
            let shown: Vec<_> = timeless
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            if shown.is_empty() {
                // Only its times moved, as those of a learner who is assigned something.
                continue;
            }
            writeln!(text, "{table} {}: {}", row["ID"], shown.join(", ")).unwrap();
        }
    }
    text
}
