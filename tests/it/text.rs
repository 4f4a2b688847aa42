//! A plan as text: as wide as there is room, folded where it is long, and nothing lost by that.

use crate::harness::{copy_of, project, root, rosterctl};

fn said(command: &mut assert_cmd::Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

pub fn no_line_is_wider_than_there_is_room() {
    let college = copy_of(&root().join("examples/college"));
    // A first plan says that there was no reading before.
    said(
        rosterctl()
            .current_dir(college.path())
            .args(["plan", "--sandbox"]),
    );
    let mut texts = Vec::new();
    // The first plan says that there is no earlier reading.
    said(
        rosterctl()
            .current_dir(college.path())
            .args(["plan", "--sandbox"]),
    );
    for columns in [60, 61, 72, 80, 100, 132, 200] {
        let mut command = rosterctl();
        command
            .current_dir(college.path())
            .env("COLUMNS", columns.to_string());
        let text = said(command.args(["plan", "--sandbox", "--reveal", "special"]));
        for line in text.lines().take_while(|line| !line.starts_with("Plan: ")) {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
        texts.push(
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        );
    }
    assert!(
        texts.iter().all(|words| *words == texts[0]),
        "the words are the same at every width"
    );
    let narrow = said(
        rosterctl()
            .current_dir(college.path())
            .env("COLUMNS", "20")
            .args(["plan", "--sandbox"]),
    );
    assert!(
        narrow.lines().any(|line| line.chars().count() > 40),
        "below 60 columns nothing gets narrower"
    );
}

/// So many learners whose accounts differ: all in the classroom, every seventh in the episode, every eleventh in the address.
fn drifted(users: usize) -> tempfile::TempDir {
    let user = |at: usize| {
        format!(
            "  - {{ misId: L-{at:04}, id: {at}, role: learner, classroom: New, homeAddress: \"{at} Example Street\", episodeName: Old{} }}\n",
            if at.is_multiple_of(7) {
                at.to_string()
            } else {
                String::new()
            }
        )
    };
    let account = |at: usize| {
        let address = if at.is_multiple_of(11) {
            "elsewhere".to_owned()
        } else {
            format!("{at} Example Street")
        };
        format!(
            "  - {{ ID: {at}, OrganisationID: 5740, Role: 1, MISID: L-{at:04}, ClassroomID: 1, HomeAddress: {address}, EpisodeName: Old }}\n"
        )
    };
    let many = |of: &dyn Fn(usize) -> String| (1..=users).map(of).collect::<String>();
    let seed = format!(
        "organisations:\n  - {{ ID: 5740, Name: Example College }}\nclassrooms:\n  - {{ ID: 1, OrganisationID: 5740, Name: Old }}\n  - {{ ID: 2, OrganisationID: 5740, Name: New }}\nusers:\n{}",
        many(&account)
    );
    let manifest = format!("users:\n{}", many(&user));
    let settings = "organisation: 5740\ntarget: sandbox\n";
    project(&[
        ("rosterctl.yaml", settings),
        ("sandbox.yaml", &seed),
        ("users/l.yaml", &manifest),
    ])
}

#[test]
fn the_same_change_of_many_is_one_entry() {
    let folder = drifted(60);
    let text = said(rosterctl().current_dir(folder.path()).arg("plan"));
    let first = text.split("\n\n").next().unwrap();
    insta::assert_snapshot!(first);
    assert!(
        !text.contains("`--full` shows"),
        "60 updates are few entries: {text}"
    );
    assert!(
        text.contains("\nTo update: classroom (60), episodeName (8), homeAddress (5).\n"),
        "{text}"
    );
    let full = said(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--full"]),
    );
    assert!(full.contains("L-0060") && !full.contains(" more"), "{full}");
}

pub fn a_long_plan_is_folded_and_every_update_is_counted() {
    let folder = drifted(900);
    let text = said(rosterctl().current_dir(folder.path()).arg("plan"));
    let folded: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("… "))
        .collect();
    assert_eq!(
        folded,
        [
            "112 more updates of classroom, episodeName",
            "6 more updates of classroom, homeAddress, episodeName"
        ],
        "{text}"
    );
    let together = |line: &str| {
        let number = line.split_once("~ ")?.1.strip_suffix(" learners")?;
        number.parse::<usize>().ok()
    };
    let alone = text
        .lines()
        .filter(|line| line.contains("~ learner L-"))
        .count();
    assert_eq!(
        112 + 6 + alone + text.lines().filter_map(together).sum::<usize>(),
        900,
        "{text}"
    );
    let full = said(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--full"]),
    );
    for at in 1..=900 {
        assert!(full.contains(&format!("L-{at:04}")), "L-{at:04}");
    }
    let quiet = said(rosterctl().current_dir(folder.path()).args(["plan", "-q"]));
    assert!(
        text.ends_with(&quiet) && quiet.starts_with("Plan: ") && quiet.lines().count() < 6,
        "{quiet}"
    );
}

/// Who is created is said however long the plan is: that can't be undone.
#[test]
fn creates_are_folded_to_their_names_and_never_to_a_number() {
    let user = |at: usize| {
        format!(
            "  - {{ misId: A-{at:03}, role: assessor, firstName: Ann{at}, lastName: Abbotsley, email: a{at}@example.ac.uk }}\n"
        )
    };
    let manifest = format!("users:\n{}", (1..=60).map(user).collect::<String>());
    let seed = "organisations:\n  - { ID: 5740, Name: Example College }\n";
    let settings = "organisation: 5740\ntarget: sandbox\n";
    let folder = project(&[
        ("rosterctl.yaml", settings),
        ("sandbox.yaml", seed),
        ("users/a.yaml", &manifest),
    ]);
    let text = said(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--reveal", "personal"]),
    );
    assert!(
        text.contains("… 55 more creates of assessors: A-006 Ann6 Abbotsley, A-007"),
        "{text}"
    );
    assert!(
        (1..=60).all(|at| text.contains(&format!("A-{at:03}"))),
        "{text}"
    );
    let hidden = said(rosterctl().current_dir(folder.path()).arg("plan"));
    assert!(
        hidden.contains("A-006, A-007") && !hidden.contains("Ann6"),
        "{hidden}"
    );
}
