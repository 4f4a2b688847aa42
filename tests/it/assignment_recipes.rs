//! `docs/assignments.md`: each recipe does what it says, in the sandbox.

use crate::everyday::{Edit, Task, check, recipes};

const FARAH: &str = "  - misId: L-0102\n";

/// In the order of the page.
fn tasks() -> Vec<Task> {
    vec![
        Task::new(
            "Give a cohort a standard",
            vec![Edit::Below("  defaultAssessor: A-0012\n")],
            &[("& 3 learners", 0), ("3 assignments made", 0)],
        ),
        Task::new(
            "Give one learner a second standard and a unit",
            vec![Edit::InPlaceOf(FARAH)],
            &[
                ("Reading (41 of standard 32)", 0),
                ("3 assignments made", 0),
            ],
        ),
        Task::new(
            "Start new learners from a template",
            vec![Edit::Written("users/october.yaml")],
            &[
                ("Business Administrator with English (51)", 0),
                ("1 created", 0),
            ],
        ),
        Task::new(
            "A new employer and its placement",
            vec![
                Edit::Written("users/placements.yaml"),
                Edit::InPlaceOf(FARAH),
            ],
            &[("+ placement Riverside Care Home", 0), ("1 updated", 0)],
        ),
        Task::new(
            "A second assessor",
            vec![
                Edit::SettingsInPlaceOf("policy: { archives: allowed }\n"),
                Edit::InPlaceOf(FARAH),
            ],
            &[("A-0031 (1031)", 0), ("1 assignment made", 0)],
        ),
    ]
}

pub fn every_recipe_for_assignments_works() {
    let mut recipes = recipes("assignments.md");
    recipes.retain(|(_, _, steps)| !steps.is_empty());
    let titles: Vec<&str> = recipes.iter().map(|(title, ..)| title.as_str()).collect();
    let tasks = tasks();
    let tested: Vec<&str> = tasks.iter().map(|task| task.title).collect();
    assert_eq!(titles, tested);
    for (task, (_, text, steps)) in tasks.iter().zip(&recipes) {
        check(task, text, steps);
    }
}
