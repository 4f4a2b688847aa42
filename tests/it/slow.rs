//! The tests that take seconds each: most wait for real time-outs and searches, some look at everything.
//! They are listed here so that `--skip slow::` leaves them out; each stands beside the tests of its subject.

/// A test for each function, by its module and name.
macro_rules! slow {
    ($($(#[$only:meta])* $module:ident: $($(#[$on:meta])* $name:ident)*;)*) => {
        $($(#[$only])* mod $module {
            $(
                $(#[$on])*
                #[test]
                fn $name() {
                    crate::$module::$name();
                }
            )*
        })*
    };
}

slow! {
    address_keys:
        an_address_as_mis_value_is_shown_nowhere;
    adopt:
        no_pair_is_wrong_and_hardly_one_is_missed;
    apply:
        #[cfg(unix)]
        a_create_that_had_to_wait_is_not_begun_after_a_stop
        a_create_that_had_to_wait_is_searched_for_again
        a_create_that_had_to_wait_is_searched_for_by_name_again
        a_limit_of_calls_is_kept_to_however_the_server_counts
        a_long_wait_is_said_once_a_minute
        a_server_that_says_too_many_is_asked_less
        after_a_time_an_unclear_create_may_be_tried_again
        an_unclear_create_is_left_to_a_person
        no_more_is_created_while_the_first_account_does_not_show;
    assignment_recipes:
        every_recipe_for_assignments_works;
    assignments:
        a_learner_without_a_mis_value_is_settled_by_the_account
        a_new_placement_and_the_employer_there_are_created_in_one_run
        a_template_that_is_answered_and_does_not_show_is_told_and_assigned_later
        an_assignment_whose_answer_is_lost_is_read_and_not_repeated
        an_unclear_standard_is_planned_again_after_a_while_if_the_learner_does_not_have_it
        everything_at_once_is_done_once_on_every_kind_of_server;
    broken:
        hostile_files_end_in_a_finding;
    canary:
        nothing_personal_comes_out_of_any_command;
    client:
        a_server_that_is_not_there_is_exit_6_and_a_bad_one_says_why;
    doctor:
        a_service_that_goes_away_is_not_asked_for_ever
        what_passes_loses_no_fact_and_what_stays_loses_one;
    everyday:
        every_recipe_works_in_at_most_four_commands;
    export:
        an_export_then_a_plan_says_no_changes;
    faults:
        a_program_that_is_killed_at_any_moment_goes_on_where_it_was
        whatever_goes_wrong_nothing_is_lost_and_nothing_is_done_twice;
    history:
        away_from_ci_the_name_that_git_has_says_who_and_only_a_person_sees_it;
    leavers:
        an_archive_that_the_service_did_not_take_is_sent_again_in_the_same_run;
    once:
        a_create_that_was_answered_is_not_sent_again_before_a_person_has_said_so
        an_edited_mis_value_makes_no_second_account_while_searches_are_late
        who_was_created_is_known_however_often_the_journal_is_put_aside;
    outputs:
        every_plan_and_every_event_keeps_to_its_schema;
    planner:
        hardly_anybody_of_a_college_is_held_for_a_likeness_that_is_none;
    privacy:
        a_csv_says_no_value_however_it_is_broken
        no_command_says_a_personal_value_off_a_terminal;
    readme:
        every_command_works_and_says_what_is_shown;
    rehearse:
        limits_are_said_and_trouble_can_be_picked
        the_plan_of_the_invented_people_is_that_of_the_real_ones;
    #[cfg(unix)]
    serve:
        a_kill_of_the_first_start_leaves_nothing_that_is_in_the_way
        no_kill_loses_an_acknowledged_write;
    service:
        a_window_of_calls_ends_and_begins_again
        faults_strike_when_they_are_meant_to_and_the_same_way_each_time;
    silence:
        wait_0_ends_soon_however_a_server_is_silent;
    staff:
        a_create_whose_answer_is_lost_is_settled_by_role;
    tables:
        more_csv_than_memory_should_hold_is_refused;
    unsure:
        a_page_in_the_place_of_a_session_key_is_an_outage
        only_204_or_an_empty_list_ends_a_search;
}
