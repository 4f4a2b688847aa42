//! `export`: what is live, as manifests that declare just that.

use std::path::Path;

use rosterctl::domain::field::{Class, Key};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, Directory, ObservedValue, Organisation, OrganisationId, ShownArchive,
    Snapshot,
};
use rosterctl::onboarding::export::{Choice, GroupBy, PrivateValues};

use crate::change::{commit, git};
use crate::harness::{Sandbox, project, rosterctl, rosterctl_on, transcript};

fn run(folder: &Path, args: &str) -> String {
    transcript(rosterctl().current_dir(folder).args(args.split(' ')))
}

/// A project without manifests, whose sandbox is a seeded college in which accounts lack MIS values and names are shared.
fn college(seed: u64, more: &str) -> tempfile::TempDir {
    let college = tempfile::tempdir().unwrap();
    let args = format!(
        "sandbox seed --learners 120 --seed {seed} --without-mis 25 --shared-names 10 --out college"
    );
    assert!(run(college.path(), &args).ends_with("exit 0\n"));
    let state =
        std::fs::read_to_string(college.path().join("college/sandbox.yaml")).unwrap() + more;
    let settings = std::fs::read_to_string(college.path().join("college/rosterctl.yaml")).unwrap();
    project(&[("rosterctl.yaml", &settings), ("sandbox.yaml", &state)])
}

pub fn an_export_then_a_plan_says_no_changes() {
    for seed in 1..=6 {
        let rows = if seed % 3 == 0 {
            "behaviour:\n  searchRows: full\n"
        } else {
            ""
        };
        let folder = college(seed, rows);
        let by = if seed % 2 == 0 {
            "export --by classroom"
        } else {
            "export --reveal special"
        };
        let said = run(folder.path(), by);
        assert!(
            said.contains("No changes: ") && said.ends_with("exit 0\n"),
            "{seed}: {said}"
        );
        let validated = run(folder.path(), "validate");
        assert!(validated.ends_with("exit 0\n"), "{seed}: {validated}");
        let planned = run(folder.path(), "plan --detailed-exitcode");
        let users = said
            .split("Wrote ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap();
        assert!(
            planned.starts_with(&format!("No changes: {users} users are as declared.\n")),
            "{seed}: {planned}"
        );
        assert!(planned.ends_with("exit 0\n"), "{seed}: {planned}");
    }
}

const ORGANISATION: &str = "organisations:\n  - { ID: 5740, Name: Example College }\nclassrooms:\n  - { ID: 1, OrganisationID: 5740, Name: Room }\n  - { ID: 2, OrganisationID: 5740, Name: room }\n  - { ID: 3, OrganisationID: 5740, Name: \"3\" }\nplacements:\n  - { ID: 1, OrganisationID: 5740, Name: \"Firm: #1\" }\n";
/// Values that manifests don't take, names that several have, a MIS value twice, and texts that YAML would read as something else.
const ODD: &str = "users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: \"NO\", LastName: \"0123\", Email: not an address, MISID: A-1, Telephone: \"+44 1632\" }
  - { ID: 2, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: \"Abbots\\\"ley\", Email: ann@example.ac.uk, MISID: A-2, HomeAddress: \"1 Example Street\\nExampleton\" }
  - { ID: 3, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk, MISID: A-2 }
  - { ID: 4, OrganisationID: 5740, Role: 1, FirstName: Chidi, LastName: Catterpole, Email: chidi@example.ac.uk, MISID: \"007\", ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 2, ULN: \"123\", DOB: 1850-01-01, NINO: QQ123456C }
  - { ID: 5, OrganisationID: 5740, Role: 1, FirstName: Dana, LastName: Dunmarrow, Email: dana@example.ac.uk, MISID: L-5, ClassroomID: 3, DefaultAssessorID: 1 }
  - { ID: 6, OrganisationID: 5740, Role: 40, FirstName: Ewan, LastName: Eddlestone, Email: ewan@example.ac.uk }
";

#[test]
fn what_manifests_do_not_take_is_left_out_and_the_rest_is_as_it_is() {
    let settings = "organisation: 5740\ntarget: sandbox\n";
    let folder = project(&[
        ("rosterctl.yaml", settings),
        ("sandbox.yaml", &format!("{ORGANISATION}{ODD}")),
    ]);
    let said = run(folder.path(), "export");
    insta::assert_snapshot!(said);
    let file =
        |name: &str| std::fs::read_to_string(folder.path().join("users").join(name)).unwrap();
    insta::assert_snapshot!(
        file("assessors.yaml") + &file("learners.yaml") + &file("employers.yaml")
    );
    assert!(run(folder.path(), "plan").starts_with("No changes: 6 users are as declared.\n"));
}

#[test]
fn nothing_is_overwritten_without_a_word() {
    let settings = "organisation: 5740\ntarget: sandbox\n";
    let mine = ("users/learners.yaml", "users: []\n");
    let folder = project(&[
        ("rosterctl.yaml", settings),
        ("sandbox.yaml", &format!("{ORGANISATION}{ODD}")),
        mine,
    ]);
    let said = run(folder.path(), "export");
    assert!(
        said.contains("1 file is there already") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("users/learners.yaml")).unwrap(),
        mine.1
    );
    assert!(!folder.path().join("users/assessors.yaml").exists());
    assert!(run(folder.path(), "export --dir elsewhere").contains("below elsewhere."));
    assert!(run(folder.path(), "export --force").ends_with("exit 0\n"));
    assert!(run(folder.path(), "plan").starts_with("No changes: "));
}

/// CI stops at warnings, and a first push shouldn't be red without a word.
#[test]
fn what_validate_will_warn_of_is_said() {
    let user = |id: usize| {
        format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 5, FirstName: Ann{id}, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-{id} }}\n"
        )
    };
    let state = format!(
        "organisations:\n  - {{ ID: 5740, Name: Example College }}\nusers:\n{}{}",
        user(1),
        user(2)
    );
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\ntarget: sandbox\n"),
        ("sandbox.yaml", &state),
    ]);
    let said = run(folder.path(), "export").replace("\n  ", " ");
    assert!(
        said.contains("`shared-email` (1)")
            && said.contains("`severity: { shared-email: ignore }`"),
        "{said}"
    );
    assert!(run(folder.path(), "validate --deny warnings").ends_with("exit 3\n"));
}

#[test]
fn nobody_is_declared_twice() {
    let settings = "organisation: 5740\ntarget: sandbox\n";
    let mine = ("users/mine.yaml", "users:\n  - { id: 2, role: assessor }\n");
    let folder = project(&[
        ("rosterctl.yaml", settings),
        ("sandbox.yaml", &format!("{ORGANISATION}{ODD}")),
        mine,
    ]);
    for args in ["export", "export --force"] {
        let said = run(folder.path(), args);
        assert!(
            said.contains("1 manifest declares users of this project already")
                && said.ends_with("exit 4\n"),
            "{said}"
        );
    }
    assert!(!folder.path().join("users/assessors.yaml").exists());
    assert!(run(folder.path(), "export --dir elsewhere").ends_with("exit 0\n"));
}

/// A list that shifts while it is read may lack somebody, who would then be nobody's.
#[test]
fn nothing_is_written_from_a_picture_that_is_not_whole() {
    let sandbox = Sandbox::start(&format!(
        "{ORGANISATION}{ODD}faults:\n  - {{ on: POST /User/Search/1/*, do: repeatRow }}\n"
    ));
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
    let said = transcript(
        rosterctl_on(&sandbox)
            .current_dir(folder.path())
            .arg("export"),
    );
    assert!(
        said.contains("Nothing was written.") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert!(!folder.path().join("users").exists());
}

/// The files hold what is personal; what is said of them doesn't, and special values want to be asked for.
#[test]
fn special_values_are_written_on_request_and_not_where_ci_is_set() {
    let settings = "organisation: 5740\ntarget: sandbox\n";
    let export = |args: &str, ci: bool| {
        let folder = project(&[
            ("rosterctl.yaml", settings),
            ("sandbox.yaml", &format!("{ORGANISATION}{ODD}")),
        ]);
        let mut command = rosterctl();
        if ci {
            command.env("CI", "true");
        }
        let said = transcript(command.current_dir(folder.path()).args(args.split(' ')));
        assert!(
            !said.contains("Dunmarrow") && !said.contains("QQ123456C"),
            "{said}"
        );
        std::fs::read_to_string(folder.path().join("users/learners.yaml"))
            .unwrap()
            .contains("QQ123456C")
    };
    assert!(
        !export("export", false)
            && export("export --reveal special", false)
            && !export("export --reveal special", true)
    );
}

/// The manifests hold nothing of a person, the CSV all of it, and together they are what is live.
pub fn personal_values_go_into_a_csv_that_git_does_not_know() {
    for (seed, by) in [
        (1, "--reveal special"),
        (2, "--by classroom --dir users/live/now"),
    ] {
        let folder = college(seed, "");
        std::fs::write(folder.path().join(".gitignore"), "target").unwrap();
        let said = run(
            folder.path(),
            &format!("export --overlay secret/people.csv {by}"),
        );
        assert!(
            said.contains("No changes: ") && said.ends_with("exit 0\n"),
            "{said}"
        );
        assert!(said.contains("MIS value to be joined by"), "{said}");
        let planned = run(folder.path(), "plan --detailed-exitcode");
        assert!(
            planned.starts_with("No changes: ") && planned.ends_with("exit 0\n"),
            "{planned}"
        );
        let mut manifests = String::new();
        for file in walkdir::WalkDir::new(folder.path().join("users"))
            .into_iter()
            .flatten()
        {
            manifests += &std::fs::read_to_string(file.path()).unwrap_or_default();
        }
        let csv = std::fs::read_to_string(folder.path().join("secret/people.csv")).unwrap();
        for value in ["@example.ac.uk", "son,", "07700 900"] {
            assert!(csv.contains(value) && !manifests.contains(value), "{value}");
        }
        for value in ["@", "Aisha", "son\n", "07700", "dob: 2"] {
            assert!(!manifests.contains(value), "{value}: {manifests}");
        }
        let ignored = std::fs::read_to_string(folder.path().join(".gitignore")).unwrap();
        assert_eq!(ignored, "target\n/secret/people.csv\n");
        // Where it isn't, its fields aren't managed, and nothing is done.
        std::fs::remove_file(folder.path().join("secret/people.csv")).unwrap();
        let without = run(folder.path(), "plan");
        assert!(
            without.contains("0 to create, 0 to update") || without.contains("Nothing to change"),
            "{without}"
        );
        assert!(without.ends_with("exit 0\n"), "{without}");
    }
}

#[test]
fn odd_values_of_an_overlay_are_left_out_cell_by_cell() {
    let settings = "organisation: 5740\ntarget: sandbox\n";
    let odd = ODD
        .replace("Dana", "\\\"Dana, \\\\\\\"D\\\\\\\"\\\"")
        .replace("Birdwhistle", "\"#####\"");
    let state = format!(
        "{ORGANISATION}{}",
        odd.replace("\\\"Dana", "\"Dana")
            .replace("\\\"\\\"", "\\\"\"")
    );
    let files = [
        ("rosterctl.yaml", settings),
        ("sandbox.yaml", &state),
        (".gitignore", "private/\n"),
    ];
    let folder = project(&files);
    let said = run(
        folder.path(),
        "export --overlay private/p.csv --reveal special",
    );
    let csv = std::fs::read_to_string(folder.path().join("private/p.csv")).unwrap();
    let manifests = ["assessors", "learners", "employers", "personal"].map(|name| {
        std::fs::read_to_string(folder.path().join(format!("users/{name}.yaml"))).unwrap()
    });
    insta::assert_snapshot!(format!("{said}\n{csv}\n{}", manifests.join("\n")));
    assert_eq!(
        std::fs::read_to_string(folder.path().join(".gitignore")).unwrap(),
        "private/\n"
    );
    assert!(run(folder.path(), "plan").starts_with("No changes: 6 users are as declared.\n"));
    let again = run(folder.path(), "export --overlay private/p.csv --dir users");
    assert!(again.contains("files are there already"), "{again}");
    for (args, words) in [
        ("export --overlay ../p.csv", "below the project's folder"),
        (
            "export --overlay private/q.csv --dir /tmp/elsewhere",
            "below the project's folder",
        ),
        ("export --overlay .", "names a CSV"),
        ("export --overlay .gitignore", "names a CSV"),
        ("export --overlay users/learners.yaml", "names a CSV"),
    ] {
        let said = run(folder.path(), args);
        assert!(
            said.contains(words) && said.ends_with("exit 64\n"),
            "{said}"
        );
    }
}

/// Where git is asked, it says; where it isn't there, the line is as git would read it.
#[test]
fn no_overlay_is_written_where_git_sees_it() {
    let settings = "organisation: 5740\ntarget: sandbox\n";
    let export = |name: &str, ignore: &str, prepare: &dyn Fn(&Path)| {
        let state = format!("{ORGANISATION}{ODD}");
        let folder = project(&[
            ("rosterctl.yaml", settings),
            ("sandbox.yaml", &state),
            (".gitignore", ignore),
        ]);
        git(folder.path(), &["init", "-q"]);
        prepare(folder.path());
        let said = transcript(
            rosterctl()
                .current_dir(folder.path())
                .args(["export", "--force", "--overlay", name])
                .env("PATH", "/usr/bin:/bin"),
        );
        let seen = std::process::Command::new("git")
            .current_dir(folder.path())
            .args(["status", "--porcelain", "-uall"])
            .output()
            .unwrap();
        (said, String::from_utf8(seen.stdout).unwrap())
    };
    for (name, ignore) in [
        ("private/p.csv", ""),
        ("private/p[1].csv", ""),
        ("a b/#p!.csv", ""),
        ("private/p.csv", "/private/\n!/private/\n!/private/p.csv\n"),
    ] {
        let (said, seen) = export(name, ignore, &|_| {});
        assert!(
            said.ends_with("exit 0\n") && !seen.contains(".csv"),
            "{name}: {said}{seen}"
        );
    }
    let (said, _) = export("private/p.csv", "", &|folder| {
        std::fs::create_dir(folder.join("private")).unwrap();
        std::fs::write(folder.join("private/p.csv"), "misId\n").unwrap();
        commit(folder);
    });
    assert!(
        said.contains("is in git already") && said.ends_with("exit 4\n"),
        "{said}"
    );
}

#[test]
fn what_is_written_is_what_a_plan_reads() {
    let export = |settings: &str, prepare: &dyn Fn(&Path)| {
        let folder = project(&[
            ("rosterctl.yaml", settings),
            ("sandbox.yaml", &format!("{ORGANISATION}{ODD}")),
        ]);
        prepare(folder.path());
        let said = run(folder.path(), "export");
        (said, run(folder.path(), "plan"))
    };
    let (said, planned) = export(
        "organisation: 5740\ntarget: sandbox\nmanifests: [staff.yaml, people]\n",
        &|folder| {
            std::fs::write(folder.join("staff.yaml"), "x-nothing: 1\n").unwrap();
        },
    );
    assert!(
        said.contains("below people.") || said.contains("staff.yaml"),
        "{said}{planned}"
    );
    let (said, _) = export(
        "organisation: 5740\ntarget: sandbox\nmanifests: [staff.yaml]\n",
        &|_| {},
    );
    assert!(
        said.contains("names no folder to write to") && said.ends_with("exit 64\n"),
        "{said}"
    );
    let outside = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    {
        let (said, _) = export("organisation: 5740\ntarget: sandbox\n", &|folder| {
            std::os::unix::fs::symlink(outside.path(), folder.join("users")).unwrap();
        });
        assert!(
            said.contains("leads out of the project") && said.ends_with("exit 4\n"),
            "{said}"
        );
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    let (said, _) = export(
        "organisation: 5740\ntarget: sandbox\ndefaults: { telephone: 01632 960000 }\n",
        &|_| {},
    );
    assert!(
        said.contains("give accounts values that they don't have"),
        "{said}"
    );
}

/// However many of them there are, and whatever they refer to.
#[test]
fn odd_texts_and_lost_references_are_left_out() {
    let name = |text: &str, id: usize| {
        format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 5, FirstName: \"{text}\", LastName: Odd{id}, Email: o{id}@example.ac.uk, MISID: O-{id} }}\n"
        )
    };
    let texts = [
        "Jo\\u007fhn",
        "Jo\\u0092hn",
        "Jo\\u0085hn",
        "Jo\\u2028hn",
        "Jo\\ufeffhn",
        "\\u202eJohn",
        "Jo\\thn",
        "\\U0001F600",
        "Jo\\u0007hn",
    ];
    let odd: String = texts
        .iter()
        .enumerate()
        .map(|(at, text)| name(text, 100 + at))
        .collect();
    let state = format!("{}{ODD}{odd}  - {{ ID: 200, OrganisationID: 1, Role: 5, FirstName: Far, LastName: Away }}\n  - {{ ID: 201, OrganisationID: 5740, Role: 1, FirstName: Lee, LastName: Lost, Email: lee@example.ac.uk, MISID: L-201, ClassroomID: 9, PlacementID: 1, DefaultAssessorID: 200 }}\n", ORGANISATION.replace("organisations:\n", "organisations:\n  - { ID: 1, Name: Another }\n").replace("placements:", &format!("  - {{ ID: 4, OrganisationID: 5740, Name: {} }}\n  - {{ ID: 9, OrganisationID: 1, Name: Theirs }}\nplacements:", "a".repeat(300))).replace("ClassroomID: 3", "ClassroomID: 4"));
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\ntarget: sandbox\n"),
        ("sandbox.yaml", &state),
    ]);
    let said = run(folder.path(), "export --by classroom");
    assert!(
        said.contains("account 201: classroom, defaultAssessor")
            && said.contains("No changes: ")
            && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert!(run(folder.path(), "plan").starts_with("No changes: "));
}

/// A room whose name no manifest may hold.
#[test]
fn what_cannot_be_named_goes_by_number() {
    let users = "users:
  - { ID: 2, OrganisationID: 5740, Role: 1, FirstName: Bo, LastName: Babbage, Email: bo@example.ac.uk, MISID: L-2, ClassroomID: 7 }
";
    let state = format!(
        "organisations:\n  - {{ ID: 5740, Name: Example College }}\nclassrooms:\n  - {{ ID: 7, OrganisationID: 5740, Name: \"Right\\u202eLeft\" }}\n{users}"
    );
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\ntarget: sandbox\n"),
        ("sandbox.yaml", &state),
    ]);
    let said = run(folder.path(), "export --by classroom");
    assert!(
        !said.contains("Left out") && said.contains("No changes: 1 user"),
        "{said}"
    );
    let text =
        std::fs::read_to_string(folder.path().join("users/learners/right-left-7.yaml")).unwrap();
    assert!(text.contains("    classroom: { id: 7 }\n"), "{text}");
}

/// Some servers show 0 where there is nothing.
#[test]
fn a_reference_of_0_is_none() {
    let keys = [
        Key::Classroom,
        Key::Placement,
        Key::DefaultAssessor,
        Key::Provider,
        Key::LearnerStatus,
    ];
    let account = |id: i64, role: Role| {
        let named = (
            Key::MisId,
            Some(ObservedValue::of_text(
                Key::MisId.row().kind,
                &format!("U-{id}"),
            )),
        );
        let shown = keys
            .iter()
            .map(|key| (*key, Some(ObservedValue::of_number(key.row().kind, 0))))
            .chain([named])
            .collect();
        Account {
            archive: ShownArchive::NotShown,
            id: AccountId::new(id),
            role,
            shown,
        }
    };
    let organisation = Organisation {
        id: OrganisationId::new(1),
        name: String::new(),
        keychain_creation: None,
        email_suppression: None,
    };
    let accounts = vec![account(1, Role::Learner), account(2, Role::Assessor)];
    let snapshot = Snapshot::new(
        organisation,
        Directory::default(),
        Role::all().collect(),
        accounts,
    );
    let choice = Choice {
        by: GroupBy::Classroom,
        highest: Class::Personal,
        personal: PrivateValues::Manifests,
        entries: &[],
    };
    let draft = rosterctl::onboarding::export::export(&snapshot, choice);
    assert!(draft.left_out.is_empty(), "{:?}", draft.left_out);
    assert_eq!(
        draft.files.keys().collect::<Vec<_>>(),
        ["assessors.yaml", "learners.yaml"]
    );
}

/// Nothing is written through a link, over another's file, or by halves; and what is personal is for its owner alone.
#[test]
#[cfg(unix)]
fn files_are_written_whole_and_not_through_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let state = format!("{ORGANISATION}{ODD}");
    let files = [
        ("rosterctl.yaml", "organisation: 5740\ntarget: sandbox\n"),
        ("sandbox.yaml", state.as_str()),
    ];
    let outside = tempfile::tempdir().unwrap();
    let linked = project(&files);
    std::fs::create_dir(linked.path().join("users")).unwrap();
    symlink(outside.path(), linked.path().join("users/learners")).unwrap();
    let said = run(linked.path(), "export --by classroom");
    assert!(
        said.contains("leads out of the project") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);

    let blocked = project(&files);
    std::fs::create_dir_all(blocked.path().join("users/learners.yaml")).unwrap();
    let said = run(blocked.path(), "export --force");
    assert!(
        said.contains("is a folder, and a file is to be written there")
            && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(
        std::fs::read_dir(blocked.path().join("users"))
            .unwrap()
            .count(),
        1
    );

    let own = project(
        &[
            &files[..],
            &[
                ("private/personal.csv.partial", "precious"),
                (".gitignore.partial", "precious"),
            ],
        ]
        .concat(),
    );
    let said = run(own.path(), "export --overlay private/personal.csv");
    assert!(said.ends_with("exit 0\n"), "{said}");
    for name in ["private/personal.csv.partial", ".gitignore.partial"] {
        assert_eq!(
            std::fs::read_to_string(own.path().join(name)).unwrap(),
            "precious"
        );
    }
    let mode = |name: &str| {
        std::fs::metadata(own.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (
            mode("private/personal.csv"),
            mode("users/personal.yaml") & 0o600
        ),
        (0o600, 0o600)
    );
}
