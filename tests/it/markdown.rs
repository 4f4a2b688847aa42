//! The comment of a pull request: as GitHub and GitLab render it, within its bounds, and inert whatever a manifest holds.

use std::collections::BTreeMap;

use comrak::{Options, markdown_to_html};

use crate::harness::{Sandbox, copy_of, project, root, rosterctl, rosterctl_on};

fn rendered(markdown: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    // Both let through the tags that we write, and this parser should let through all others to be seen here.
    options.render.r#unsafe = true;
    markdown_to_html(markdown, &options)
}

fn comment(sandbox: &Sandbox, folder: &std::path::Path, args: &[&str]) -> String {
    let mut command = rosterctl_on(sandbox);
    let output = command
        .current_dir(folder)
        .args(["plan", "--format", "markdown", "--calls-per-minute", "0"])
        .args(args)
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_example_reads_as_a_table_with_totals_first() {
    let college = copy_of(&root().join("examples/college"));
    let mut command = rosterctl();
    let output = command
        .current_dir(college.path())
        .args(["plan", "--sandbox", "--format", "markdown"])
        .output()
        .unwrap();
    let markdown = String::from_utf8(output.stdout).unwrap();
    insta::assert_snapshot!(markdown);
    let html = rendered(&markdown);
    assert_eq!(
        (
            html.matches("<tr>").count(),
            html.matches("<table>").count()
        ),
        (28, 5),
        "{html}"
    );
    let totals = html
        .find("Plan: 4 to create, 4 to update, 3 assignments, 1 new placement")
        .unwrap();
    assert!(totals < html.find("<table>").unwrap(), "{html}");
    assert!(
        !markdown.contains("O'Neill")
            && !markdown.contains("example.ac.uk")
            && !markdown.contains("ethnicity")
    );
}

/// Tags, by how often a renderer makes them, without the empty ones that keep addresses from being links.
fn tags(html: &str) -> BTreeMap<&str, usize> {
    let mut tags = BTreeMap::new();
    let names = html
        .split('<')
        .skip(1)
        .map(|rest| rest.split(['>', ' ']).next().unwrap());
    // Sigils stand in code of their own.
    for tag in names.filter(|tag| !tag.ends_with("code")) {
        *tags.entry(tag).or_default() += 1;
    }
    tags
}

#[test]
fn nothing_that_a_manifest_holds_is_markup() {
    const HOSTILE: &[&str] = &[
        "@team #123 !45 ~a %1 a|b",
        "`a`",
        "<script>alert(1)</script>",
        "me@evil.example",
        "[a](http://example.ac.uk)",
        "www.example.ac.uk",
        "http://example.ac.uk",
        "**a**",
        "~~a~~",
        "</code></details>",
        "<!-- a",
        "&lt;",
        "\\\\a|",
        "#123",
        "!45",
        "| --- |",
    ];
    let user = |at: usize, mis_id: &str, more: &str| {
        format!(
            "  - {{ misId: \"{mis_id}\", role: learner, firstName: Ann, lastName: Abbotsley{at}, email: a{at}@example.ac.uk, classroom: C, placement: P, defaultAssessor: A-1{more} }}\n"
        )
    };
    let account = |id: usize, mis_id: &str| {
        format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: \"{mis_id}\", FirstName: Ann, LastName: Abbotsley{id}, Email: a{id}@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 900, EpisodeName: Old }}\n"
        )
    };
    let compared = |values: &[&str]| {
        let users: String = values
            .iter()
            .enumerate()
            .map(|(at, value)| {
                user(
                    at + 1,
                    &format!("{value}{at}"),
                    &format!(", episodeName: \"{value}\""),
                )
            })
            .collect();
        let held: String = values
            .iter()
            .enumerate()
            .map(|(at, value)| {
                user(
                    at + 50,
                    &format!("{value}{}", at + 50),
                    &format!(", provider: \"{value}\""),
                )
            })
            .collect();
        let accounts: String = values
            .iter()
            .enumerate()
            .map(|(at, value)| account(at + 1, &format!("{value}{at}")))
            .collect();
        let seed = format!(
            "organisations:\n  - {{ ID: 5740, Name: \"{}\" }}\nclassrooms:\n  - {{ ID: 1, OrganisationID: 5740, Name: C }}\nplacements:\n  - {{ ID: 1, OrganisationID: 5740, Name: P }}\nusers:\n  - {{ ID: 900, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: B, LastName: B, Email: b@example.ac.uk }}\n{accounts}",
            values[0]
        );
        // A pin on an account with another MIS value names that value in a sentence.
        let pinned = format!(
            "  - {{ id: 1, misId: \"{}x\", role: learner }}\n",
            values[0]
        );
        let sandbox = Sandbox::start(&seed);
        let folder = project(&[
            (
                "rosterctl.yaml",
                "organisation: 5740\nseverity: { double-encoded: ignore }\n",
            ),
            ("users/a.yaml", &format!("users:\n{users}{held}{pinned}")),
        ]);
        rendered(&comment(&sandbox, folder.path(), &[]))
    };
    let tame: Vec<String> = (0..HOSTILE.len()).map(|at| format!("tame{at}")).collect();
    let tame: Vec<&str> = tame.iter().map(String::as_str).collect();
    let unbroken = |html: String| html.replace("<span></span>", "");
    let (hostile, tame) = (unbroken(compared(HOSTILE)), unbroken(compared(&tame)));
    assert_eq!(tags(&hostile), tags(&tame), "{hostile}");
    assert!(!hostile.contains("<a "), "{hostile}");
    let outside: String = hostile
        .split("<code>")
        .map(|part| part.rsplit("</code>").next().unwrap())
        .collect();
    assert!(!outside.contains('@'), "{outside}");
}

pub fn a_long_plan_stays_within_its_bounds_and_says_what_is_left_out() {
    let users: String = (0..2_000).map(|at| format!("  - {{ misId: L-{at}, role: assessor, firstName: Ann{at}, lastName: Abbotsley, email: a{at}@example.ac.uk }}\n")).collect();
    let sandbox = Sandbox::start("organisations:\n  - { ID: 5740, Name: Example College }\n");
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", &format!("users:\n{users}")),
    ]);
    for bound in ["2000", "9000", "30000"] {
        let markdown = comment(&sandbox, folder.path(), &["--max-bytes", bound]);
        assert!(
            markdown.len() <= bound.parse().unwrap(),
            "{}",
            markdown.len()
        );
        let table = markdown
            .split("Created without being shown")
            .next()
            .unwrap();
        let shown = table.matches("<code>L-").count() + table.matches("<code>L&#45;").count();
        let words = format!("**Not shown here: {} creates**", 2_000 - shown);
        assert!(
            markdown.contains(&words) && markdown.contains("2000 to create"),
            "{words}: {markdown}"
        );
        assert!(
            markdown.contains("<code>&#45;&#45;allow") || markdown.contains("Are the"),
            "a limit that it passes: {markdown}"
        );
    }
    let whole = comment(&sandbox, folder.path(), &["--max-bytes", "1000000"]);
    assert!(!whole.contains("Not shown here"));
}

/// A value, a name or a path that is too long hides nobody else, and whoever is created without a row is named.
#[test]
fn nothing_long_takes_the_place_of_others() {
    let user = |at: usize, more: &str| {
        // The days keep them from sharing a row.
        format!(
            "  - {{ misId: L-{at}, role: learner, firstName: Ann{at}, lastName: Abbotsley, email: a{at}@example.ac.uk, classroom: C, placement: P, defaultAssessor: A-1, startOn: 2026-09-{day:02}{more} }}\n",
            day = at % 28 + 1
        )
    };
    let long = format!(", episodeName: {}", "x".repeat(60_000));
    let users: String = (0..31)
        .map(|at| user(at, if at == 0 { &long } else { "" }))
        .collect();
    let seed = format!(
        "organisations:\n  - {{ ID: 5740, Name: {} }}\nclassrooms:\n  - {{ ID: 1, OrganisationID: 5740, Name: C }}\nplacements:\n  - {{ ID: 1, OrganisationID: 5740, Name: P }}\nusers:\n  - {{ ID: 900, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: B, LastName: B, Email: b@example.ac.uk }}\n",
        "y".repeat(70_000)
    );
    let sandbox = Sandbox::start(&seed);
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", &format!("users:\n{users}")),
    ]);
    let markdown = comment(&sandbox, folder.path(), &[]);
    assert!(
        markdown.len() < 60_000 && !markdown.contains("Not shown here"),
        "{}",
        markdown.len()
    );
    for at in 0..31 {
        assert!(
            markdown.contains(&format!("<code>L&#45;{at}</code>"))
                || markdown.contains(&format!("<code>L-{at}</code>")),
            "{at}"
        );
    }
    let markdown = comment(&sandbox, folder.path(), &["--max-bytes", "4000"]);
    assert!(
        markdown.len() <= 4_000 && markdown.contains("Created without being shown: <code>L-"),
        "{markdown}"
    );
}

/// A college with starters who are in one classroom, employer and caseload, and with a few of whom each looks like the
/// owner of an account without a MIS value. Two leavers are archived.
fn big_intake(starters: usize, doubtful: usize) -> (Sandbox, tempfile::TempDir) {
    let user = |mis_id: &str, last_name: &str, email: &str| {
        format!(
            "  - {{ misId: {mis_id}, firstName: Ann, lastName: {last_name}, email: {email} }}\n"
        )
    };
    let (mut users, mut accounts) = (String::new(), String::new());
    for at in 0..starters {
        let email = format!("s{at}@example.ac.uk");
        users += &user(&format!("S-{at:03}"), &format!("Starter{at:03}"), &email);
    }
    for at in 0..doubtful {
        let email = format!("d{at}@example.ac.uk");
        users += &user(&format!("D-{at:02}"), &format!("Doubt{at:02}"), &email);
        accounts += &format!(
            "  - {{ ID: {}, OrganisationID: 5740, Role: 1, FirstName: Ann, LastName: Doubt{at:02}, Email: {email}, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 900 }}\n",
            1_000 + at
        );
    }
    for at in 0..2 {
        accounts += &format!(
            "  - {{ ID: {}, OrganisationID: 5740, Role: 1, MISID: Z-{at}, FirstName: Zoe, LastName: Leaver{at}, Email: z{at}@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 900 }}\n",
            3_000 + at
        );
    }
    let sandbox = Sandbox::start(&format!(
        "organisations:\n  - {{ ID: 5740, Name: Example College }}\nclassrooms:\n  - {{ ID: 1, OrganisationID: 5740, Name: Room }}\nplacements:\n  - {{ ID: 1, OrganisationID: 5740, Name: Works }}\nusers:\n  - {{ ID: 900, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: B, LastName: B, Email: b@example.ac.uk }}\n{accounts}"
    ));
    let folder = project(&[
        (
            "rosterctl.yaml",
            "organisation: 5740\npolicy: { archives: allowed }\n",
        ),
        (
            "users/a.yaml",
            &format!(
                "defaults: {{ role: learner, classroom: Room, placement: Works, defaultAssessor: A-1 }}\nusers:\n{users}"
            ),
        ),
        (
            "users/leavers.yaml",
            "defaults: { role: learner }\nusers:\n  - { misId: Z-0, archived: true }\n  - { misId: Z-1, archived: true }\n",
        ),
    ]);
    (sandbox, folder)
}

#[test]
fn starters_who_share_everything_are_one_entry_that_names_them_all() {
    let (sandbox, folder) = big_intake(120, 0);
    let markdown = comment(&sandbox, folder.path(), &[]);
    assert_eq!(markdown.matches("| **+** |").count(), 3, "{markdown}");
    for at in 0..120 {
        assert!(
            markdown.contains(&format!("<code>S-{at:03}</code>")),
            "{at}"
        );
    }
}

#[test]
fn whoever_waits_for_a_decision_or_goes_comes_first_and_always_has_a_name() {
    let (sandbox, folder) = big_intake(300, 29);
    for bound in ["60000", "9000", "4000"] {
        let markdown = comment(&sandbox, folder.path(), &["--max-bytes", bound]);
        assert!(markdown.len() <= bound.parse().unwrap(), "{bound}");
        for at in 0..29 {
            let name = format!("<code>D-{at:02}</code>");
            assert!(markdown.contains(&name), "{bound}: {name}: {markdown}");
        }
        for at in 0..2 {
            assert!(
                markdown.contains(&format!("<code>Z-{at}</code>")),
                "{markdown}"
            );
        }
        let at = |words: &str| markdown.find(words).unwrap_or(usize::MAX);
        let held = at("#### Held until a person decides: 29");
        let moves = at("#### To archive or bring back: 2");
        assert!(held < moves && moves < at("S-000"), "{bound}: {markdown}");
        assert!(!markdown.contains(" held**") && !markdown.contains("archived or brought"));
    }
}

/// A big intake is weighed by what each classroom, assessor and employer gets; a small one is counted at a glance. Of the
/// accounts that leave, only the one that shows how OneFile archives was read.
#[test]
fn a_long_plan_counts_by_classroom_assessor_and_placement() {
    let (sandbox, folder) = big_intake(30, 4);
    let markdown = comment(&sandbox, folder.path(), &[]);
    for row in [
        "| | create | update | assign | archive or bring back | on hold |\n",
        "\n| classroom <code>Room</code> | 30 | | | 1 | 4 |\n",
        "\n| no classroom, or none known | | | | 1 | |\n",
        "\n| assessor <code>A-1</code> | 30 | | | 1 | 4 |\n",
        "\n| placement <code>Works</code> | 30 | | | 1 | 4 |\n",
    ] {
        assert!(markdown.contains(row), "{row}: {markdown}");
    }
    let (sandbox, folder) = big_intake(3, 1);
    let markdown = comment(&sandbox, folder.path(), &[]);
    assert!(!markdown.contains("By classroom"), "{markdown}");
}

/// What doesn't fit even in short is counted, and those who are created are named after all.
#[test]
fn more_decisions_than_a_comment_has_room_for_are_counted() {
    let (sandbox, folder) = big_intake(2, 300);
    let markdown = comment(&sandbox, folder.path(), &["--max-bytes", "6000"]);
    assert!(markdown.len() <= 6_000, "{}", markdown.len());
    let named = markdown.matches("<code>D-").count();
    let left_out = format!("{} held, ", 300 - named);
    assert!(
        named > 50 && markdown.contains(&left_out),
        "{left_out}: {markdown}"
    );
    assert!(markdown.contains("S-001"), "{markdown}");
}

/// An address is personal, whether it stands as somebody's MIS value or in the name of a room.
#[test]
fn an_address_in_the_place_of_a_key_or_a_name_is_not_said() {
    let seed = "organisations:
  - { ID: 5740, Name: Example College }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Room of zqteacher@example.ac.uk, MISID: C1 }
placements:
  - { ID: 1, OrganisationID: 5740, Name: P }
users:
  - { ID: 100, OrganisationID: 5740, Role: 5, MISID: zqmis@example.ac.uk, FirstName: B, LastName: B, Email: b@example.ac.uk }
  - { ID: 101, OrganisationID: 5740, Role: 1, MISID: L-3, FirstName: C, LastName: C, Email: c@example.ac.uk, ClassroomID: 1 }
";
    let users = "defaults: { role: learner, classroom: C1, placement: P }
users:
  - { misId: L-1, firstName: Ann, lastName: Abbotsley, email: a@example.ac.uk, defaultAssessor: zqmis@example.ac.uk }
  - { misId: L-2, firstName: Bo, lastName: Babbage, email: bo@example.ac.uk, defaultAssessor: zqmis@example.ac }
  - { id: 100, misId: A-1, role: assessor }
";
    let sandbox = Sandbox::start(seed);
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", users),
    ]);
    let mut said = String::new();
    for args in [
        &["plan"][..],
        &["plan", "--format", "json"],
        &["plan", "--format", "markdown"],
        &["plan", "--explain", "L-2"],
    ] {
        said += &crate::harness::transcript(
            rosterctl_on(&sandbox).current_dir(folder.path()).args(args),
        );
    }
    assert!(said.contains("defaultAssessor  100\n"), "{said}");
    assert!(!said.contains("zq") && !said.contains("&#64;"), "{said}");
}
