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
        .args(["plan", "--format", "markdown"])
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
        (16, 4),
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
    for bound in ["2000", "9000", "60000"] {
        let markdown = comment(&sandbox, folder.path(), &["--max-bytes", bound]);
        assert!(
            markdown.len() <= bound.parse().unwrap(),
            "{}",
            markdown.len()
        );
        let rows = rendered(&markdown)
            .matches("<tr>")
            .count()
            .saturating_sub(1);
        let words = format!("**Not shown here: {} creates**", 2_000 - rows);
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
        format!(
            "  - {{ misId: L-{at}, role: learner, firstName: Ann{at}, lastName: Abbotsley, email: a{at}@example.ac.uk, classroom: C, placement: P, defaultAssessor: A-1{more} }}\n"
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
