//! `adopt`: which account is whose, by a MIS extract. No wrong pair, whatever the extract is like, and nearly all of the right ones.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use rosterctl::sandbox::{College, write_college};

use crate::harness::{project, rosterctl, transcript};

fn run(folder: &Path, args: &[&str]) -> String {
    transcript(rosterctl().current_dir(folder).args(args))
}

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }
}

/// A learner as the MIS has it, and the account that is theirs.
struct Person {
    id: i64,
    mis_id: String,
    /// First name, last name, e-mail address, date of birth, ULN.
    values: [String; 5],
}

/// A college in which accounts lack MIS values and people share names; its sandbox, with a ULN for most, and who is who.
fn college(seed: u64, learners: usize) -> (String, Vec<Person>) {
    let folder = tempfile::tempdir().unwrap();
    let college = College {
        learners,
        seed,
        drift: 0,
        absent: 4,
        shared_names: 5,
        without_mis: 40,
    };
    write_college(&college, folder.path()).unwrap();
    let text = std::fs::read_to_string(folder.path().join("sandbox.yaml")).unwrap();
    let mut random = Random(seed);
    let (directory, users) = text.split_once("users:\n").unwrap();
    let (mut sandbox, mut people) = (format!("{directory}users:\n"), Vec::new());
    for row in users.split("  - ID: ").skip(1) {
        let field = |name: &str| {
            let line = row
                .lines()
                .find_map(|line| line.trim().strip_prefix(&format!("{name}: ")));
            line.unwrap_or_default().to_owned()
        };
        let id: i64 = row.lines().next().unwrap().parse().unwrap();
        let _ = write!(sandbox, "  - ID: {row}");
        if field("Role") != "1" {
            continue;
        }
        let uln = format!("1{:09}", id % 1_000_000_000);
        if !random.one_in(5) {
            let _ = writeln!(sandbox, "    ULN: \"{uln}\"");
        }
        let values = [
            field("FirstName"),
            field("LastName"),
            field("Email"),
            field("DOB"),
            uln,
        ];
        people.push(Person {
            id,
            mis_id: format!("L-{:06}", id - 1_000_001),
            values,
        });
    }
    (sandbox, people)
}

/// The extract, in which values are missing or differ from what OneFile holds, and of people who have no account.
fn extract(people: &[Person], random: &mut Random) -> String {
    let mut leavers: Vec<&Person> = Vec::new();
    let mut csv = "Student Ref,Forename,Surname,E-mail,Born,ULN,Notes\n".to_owned();
    for person in people {
        let Person {
            mis_id,
            values: [first, last, email, dob, uln],
            ..
        } = person;
        if random.one_in(20) {
            leavers.push(person);
            continue;
        }
        let last = if random.one_in(30) {
            "Newnameson"
        } else {
            last
        };
        let first = if random.one_in(20) {
            first.to_uppercase()
        } else {
            first.clone()
        };
        let email = match random.below(4) {
            0 => format!("{mis_id}@home.example").to_lowercase(),
            1 => String::new(),
            _ => email.to_uppercase(),
        };
        let dob = match random.below(25) {
            0 => String::new(),
            1 => "2001-01-01".to_owned(),
            _ => dob.clone(),
        };
        let uln = match random.below(5) {
            0 => String::new(),
            1 => "9999999999".to_owned(),
            _ => uln.clone(),
        };
        let _ = writeln!(csv, "{mis_id},{first},{last},{email},{dob},{uln},");
    }
    // New people, with names of those who have left and of those who haven't.
    let namesakes = leavers.into_iter().chain(people.iter().step_by(20));
    for (
        number,
        Person {
            values: [first, last, ..],
            ..
        },
    ) in namesakes.enumerate()
    {
        let dob = if random.one_in(2) { "2005-05-05" } else { "" };
        let _ = writeln!(
            csv,
            "N-{number},{first},{last},new{number}@example.ac.uk,{dob},,"
        );
    }
    csv
}

const COLUMNS: &[&str] = &[
    "--column",
    "misId=Student Ref",
    "--column",
    "firstName=Forename",
    "--column",
    "lastName=Surname",
    "--column",
    "email=E-mail",
    "--column",
    "dob=Born",
    "--column",
    "uln=ULN",
];
const SETTINGS: &str = "organisation: 5740\ntarget: sandbox\n";

/// The pins of a manifest: the account and the MIS value beside it.
fn pins(folder: &Path) -> BTreeMap<i64, String> {
    let text = std::fs::read_to_string(folder.join("users/learners.yaml")).unwrap();
    let users = text.split("  - id: ").skip(1);
    let pin = |user: &str| {
        let id = user.split([' ', '\n']).next().unwrap().parse().unwrap();
        let mis_id = user
            .split("misId: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .trim_matches('"');
        (id, mis_id.to_owned())
    };
    users.map(pin).collect()
}

pub fn no_pair_is_wrong_and_hardly_one_is_missed() {
    let (mut right, mut people_in_all) = (0, 0);
    for seed in 1..=20 {
        let (sandbox, people) = college(seed, 300);
        let csv = extract(&people, &mut Random(seed + 1000));
        let folder = project(&[
            ("rosterctl.yaml", SETTINGS),
            ("sandbox.yaml", &sandbox),
            ("mis.csv", &csv),
        ]);
        let said = run(folder.path(), &[&["adopt", "mis.csv"], COLUMNS].concat());
        assert!(said.ends_with("exit 0\n"), "{seed}: {said}");
        let expected: BTreeMap<i64, &str> = people
            .iter()
            .map(|person| (person.id, person.mis_id.as_str()))
            .collect();
        let pins = pins(folder.path());
        for (id, mis_id) in &pins {
            assert_eq!(
                expected.get(id),
                Some(&mis_id.as_str()),
                "seed {seed}: account {id}"
            );
        }
        right += pins.len();
        people_in_all += people
            .iter()
            .filter(|person| csv.contains(&format!("\n{},", person.mis_id)))
            .count();
        let planned = run(folder.path(), &["plan"]);
        assert!(
            planned.contains("0 to create") && planned.contains(" 0 held."),
            "{seed}: {planned}"
        );
    }
    assert!(
        right * 100 >= people_in_all * 95,
        "{right} of {people_in_all}"
    );
}

/// What could be taken for one person and isn't, or not for sure.
const LIVE: &str = "organisations:
  - { ID: 5740, Name: Example College }
users:
  - { ID: 1, OrganisationID: 5740, Role: 1, FirstName: Ann, LastName: Twinley, Email: family@example.ac.uk, DOB: 2007-01-01 }
  - { ID: 2, OrganisationID: 5740, Role: 1, FirstName: Ben, LastName: Seniorson, Email: seniorsons@example.ac.uk, DOB: 1970-01-01 }
  - { ID: 3, OrganisationID: 5740, Role: 1, FirstName: Cara, LastName: Doubleday, Email: cara@example.ac.uk, DOB: 2007-03-03 }
  - { ID: 4, OrganisationID: 5740, Role: 1, FirstName: Cara, LastName: Doubleday, Email: cara.home@example.ac.uk, DOB: 2007-03-03 }
  - { ID: 5, OrganisationID: 5740, Role: 1, FirstName: Dee, LastName: Shiftley, Email: dee@example.ac.uk, MISID: L-5, DOB: 2007-05-05 }
  - { ID: 6, OrganisationID: 5740, Role: 1, FirstName: Eve, LastName: Shiftson, Email: eve@example.ac.uk, MISID: L-6, DOB: 2007-06-06 }
  - { ID: 7, OrganisationID: 5740, Role: 1, FirstName: Fay, LastName: O’Neíll, Email: fay@example.ac.uk, DOB: 2007-07-01 }
  - { ID: 8, OrganisationID: 5740, Role: 5, FirstName: Fay, LastName: O'Neill, Email: fay@example.ac.uk, DOB: 2007-07-01 }
  - { ID: 9, OrganisationID: 5740, Role: 5, FirstName: Gus, LastName: Takenson, Email: gus@example.ac.uk, MISID: L-9 }
  - { ID: 10, OrganisationID: 5740, Role: 1, FirstName: Hal, LastName: Repeatson, Email: hal@example.ac.uk, DOB: 2007-10-10 }
  - { ID: 11, OrganisationID: 5740, Role: 1, FirstName: Ida, LastName: Maidenson, Email: ida@example.ac.uk, DOB: 2007-11-11 }
  - { ID: 12, OrganisationID: 5740, Role: 1, FirstName: Jo, LastName: Samename, Email: none@example.ac.uk, DOB: 2007-12-12, ULN: \"1000000012\" }
  - { ID: 13, OrganisationID: 5740, Role: 1, FirstName: Jo, LastName: Samename, Email: none@example.ac.uk, DOB: 2007-12-12, ULN: \"1000000013\" }
  - { ID: 14, OrganisationID: 5740, Role: 1, FirstName: Lea, LastName: Otherson, MISID: L-99, ULN: \"1000000014\" }
  - { ID: 15, OrganisationID: 5740, Role: 1, FirstName: Mia, LastName: Secondkey, MISID: L-16, DOB: 2007-01-16 }
  - { ID: 16, OrganisationID: 5740, Role: 1, FirstName: Nia, LastName: Zeroes, Email: nia@example.ac.uk, DOB: 2007-02-17, ULN: \"0000000000\" }
  - { ID: 17, OrganisationID: 5740, Role: 1, FirstName: Ola, LastName: Nonumber, Email: ola@example.ac.uk, DOB: 2007-02-18, ULN: N/A }
  - { ID: 18, OrganisationID: 5740, Role: 1, FirstName: Pia, LastName: Shares, Email: pia@example.ac.uk, DOB: 2007-02-19, ULN: \"1000000018\" }
  - { ID: 19, OrganisationID: 5740, Role: 1, FirstName: Quin, LastName: Shares, Email: quin@example.ac.uk, DOB: 2007-02-20, ULN: \"1000000018\" }
  - { ID: 20, OrganisationID: 5740, Role: 1, FirstName: Ray, LastName: Nearly, MISID: l-20 }
";
const ROWS: &str = "misId,firstName,lastName,email,dob,uln,Notes
L-1,Bea,Twinley,family@example.ac.uk,2007-01-01,,a twin of account 1
L-2,Ben,Seniorson,seniorsons@example.ac.uk,2007-02-02,,the son of account 2
L-3,Cara,Doubleday,,2007-03-03,,has two accounts
L-6,Dee,Shiftley,dee@example.ac.uk,2007-05-05,,the MIS values have shifted by a row
L-7,Eve,Shiftson,eve@example.ac.uk,2007-06-06,,
L-8,O'NEILL,fay,fay@example.ac.uk,2007-07-01,,an assessor besides; her names are swapped
L-9,Gus,Takenson,gus@example.ac.uk,,,whose MIS value an assessor has
L-10,Hal,Repeatson,hal@example.ac.uk,2007-10-10,,twice
L-10,Hal,Repeatson,hal@example.ac.uk,2007-10-10,,
L-11,Ida,Marriedson,ida@example.ac.uk,2007-11-11,,has married
L-12,Jo,Samename,,2007-12-12,1000000012,a namesake of one date of birth
L-13,Jo,Samename,,2007-12-12,1000000013,another one
L-15,Lea,Otherson,,,1000000014,has another MIS value
L-16,Mia,Secondkey,,2007-01-16,,has two keys; the list tells whose account it is by the other
L-17,Mia,Secondkey,,2007-01-16,,
L-21,Zed,Zulu,zed@example.ac.uk,2007-02-17,0000000000,somebody else with the same ULN for none
L-22,Ola,Other,,,N/A,
L-23,Quin,Other,,2007-02-19,1000000018,a ULN that two accounts have
L-20,Ray,Someone,,,,the MIS value of account 20 but for its case
=L-24,Ray,Nearly,,,,a formula
L-14,Kim,Newson,none@example.ac.uk,2007-01-14,9999999999,new
";

#[test]
fn what_is_not_sure_is_left_to_a_person() {
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", LIVE),
        ("mis.csv", ROWS),
    ]);
    let said = run(folder.path(), &["adopt", "mis.csv"]);
    let file = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    insta::assert_snapshot!(format!(
        "{said}\n{}\n{}",
        file("users/learners.yaml"),
        file("doubtful.csv")
    ));
    for value in ["Twinley", "Newson", "@example", "2007-0"] {
        assert!(
            !format!(
                "{said}{}{}",
                file("users/learners.yaml"),
                file("doubtful.csv")
            )
            .contains(value),
            "{value}"
        );
    }
    // The list of an earlier run may have a person's notes in it.
    let again = run(folder.path(), &["adopt", "mis.csv"]);
    assert!(
        again.contains("Nothing was written.\n2 files are there already")
            && again.ends_with("exit 4\n"),
        "{again}"
    );
    assert!(run(folder.path(), &["adopt", "mis.csv", "--force"]).ends_with("exit 0\n"));
}

#[test]
fn what_is_wrong_with_an_extract_is_said_and_nothing_is_written() {
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", LIVE),
        ("mis.csv", ROWS),
        ("role.csv", "misId,role\nL-1,learnr\n,learner\n"),
        ("book.csv", "PK\u{3}\u{4}"),
        ("days.csv", "misId,dob\nL-1,2007-01-01\n"),
        ("empty.csv", "misId,dob\n"),
        (
            "nobody.csv",
            "misId,firstName,lastName\nX-1,Xenia,Xylander\n",
        ),
    ]);
    std::fs::write(
        folder.path().join("old.csv"),
        b"misId,firstName\nL-1,Zo\xeb\n",
    )
    .unwrap();
    let cases: &[(&[&str], &str, &str)] = &[
        (&["none.csv"], "isn't there", "64"),
        (&["book.csv"], "is a workbook", "64"),
        (&["role.csv"], "a role that isn't known", "3"),
        (&["role.csv"], "a row without `misId`", "3"),
        (
            &["mis.csv", "--column", "misId=MIS ID"],
            "no column `MIS ID` (`misId`; is `misId` meant?)",
            "64",
        ),
        (
            &["mis.csv", "--column", "misId=misid"],
            "is `misId` meant?",
            "64",
        ),
        (
            &["mis.csv", "--column", "misID"],
            "write it as in `misId=Student Ref`",
            "64",
        ),
        (
            &["mis.csv", "--column", "surname=lastName"],
            "no field of an extract",
            "64",
        ),
        (
            &["mis.csv", "--column", "email=email"],
            "--column \"misId=misId\"",
            "64",
        ),
        (
            &["mis.csv", "--fields", "startOn"],
            "--column startOn=HEADER",
            "64",
        ),
        (&["mis.csv", "--fields", "nino"], "of class special", "64"),
        (
            &["mis.csv", "--date-format", "DD/MM/YYYY"],
            "isn't a day in the form DD/MM/YYYY",
            "3",
        ),
        (&["mis.csv", "--role", "lerner"], "learner", "64"),
        (
            &["mis.csv", "--doubtful", "mis.csv", "--force"],
            "is the extract itself",
            "64",
        ),
        (
            &["days.csv", "--date-format", "DD/MM/YYYY"],
            "or give `--date-format YYYY-MM-DD`",
            "3",
        ),
        (
            &["empty.csv"],
            "look whether the export has gone wrong",
            "3",
        ),
        (&["old.csv"], "give `--encoding windows-1252`", "64"),
        (&["nobody.csv"], "no row could be paired", "4"),
        (&["mis.csv", "--dir", "mis.csv"], "mis.csv", "1"),
    ];
    for (args, words, exit) in cases {
        let said = run(folder.path(), &[&["adopt"], *args].concat());
        assert!(
            said.contains(words) && said.ends_with(&format!("exit {exit}\n")),
            "{args:?}: {said}"
        );
        assert!(!folder.path().join("users").exists(), "{args:?}");
    }
}

#[test]
fn declared_fields_come_from_the_extract_and_a_plan_shows_what_differs() {
    let csv = "misId,firstName,lastName,email,dob,uln\nL-7,Fay,O'Neill,fay@example.ac.uk,2007-07-01,12345\n";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", LIVE),
        ("mis.csv", csv),
    ]);
    let said = run(
        folder.path(),
        &["adopt", "mis.csv", "--fields", "lastName,uln"],
    );
    // A ULN of five digits is none.
    assert!(
        said.replace("\n  ", " ")
            .contains("doesn't take what the extract holds"),
        "{said}"
    );
    assert!(
        said.contains("account 7: uln") && said.contains("lastName (1), misId (1)"),
        "{said}"
    );
    let text = std::fs::read_to_string(folder.path().join("users/learners.yaml")).unwrap();
    assert!(
        text.ends_with("    misId: L-7\n    lastName: O'Neill\n"),
        "{text}"
    );
}

/// Who has a MIS value and the name that goes with it needs no look.
#[test]
fn only_accounts_that_have_to_be_told_cost_a_call() {
    let sandbox = crate::harness::Sandbox::start(LIVE);
    let csv =
        "misId,firstName,lastName,dob\nL-5,Dee,Shiftley,2007-05-05\nL-6,Eve,Shiftson,2007-06-06\n";
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n"), ("mis.csv", csv)]);
    let said = transcript(
        crate::harness::rosterctl_on(&sandbox)
            .current_dir(folder.path())
            .args(["adopt", "mis.csv"]),
    );
    assert!(said.contains("Paired 2 of 2 rows"), "{said}");
    let requests = sandbox.requests();
    let looks = requests.iter().filter(|request| {
        request["path"].as_str().unwrap().contains("/User/") && request["method"] == "GET"
    });
    // There are eighteen learners, and the lists tell two of them.
    assert_eq!(looks.count(), 16);
    assert!(!requests.iter().any(crate::cases::is_write));
}

/// An extract whose keys have shifted by a row would give everybody somebody else's: the MIS values that OneFile has say so.
#[test]
fn keys_that_have_shifted_are_found_out_by_those_that_are_known() {
    let (sandbox, people) = college(3, 120);
    let shifted = people
        .iter()
        .zip(people.iter().skip(1))
        .map(|(person, next)| {
            let [first, last, email, dob, _] = &person.values;
            format!("{},{first},{last},{email},{dob}\n", next.mis_id)
        });
    let csv = "misId,firstName,lastName,email,dob\n".to_owned() + &shifted.collect::<String>();
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", &sandbox),
        ("mis.csv", &csv),
    ]);
    let said = run(folder.path(), &["adopt", "mis.csv"]);
    assert!(
        said.contains("another MIS value in OneFile: has a column") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert!(!folder.path().join("users").exists() && !folder.path().join("doubtful.csv").exists());
    assert!(run(folder.path(), &["adopt", "mis.csv", "--renumbered"]).ends_with("exit 0\n"));
}

/// A member of staff with two roles is a row a role, and an account a role.
#[test]
fn each_role_of_a_member_of_staff_is_paired_with_its_own_account() {
    let state = "
organisations:
  - { ID: 5740, Name: Example College }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: S-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 2, OrganisationID: 5740, Role: 10, MISID: S-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 3, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
  - { ID: 4, OrganisationID: 5740, Role: 10, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
";
    let csv = "misId,role,firstName,lastName,email\nS-1,assessor,Ann,Abbotsley,ann@example.ac.uk\nS-1,iqa,Ann,Abbotsley,ann@example.ac.uk\nS-2,assessor,Ben,Birdwhistle,ben@example.ac.uk\nS-2,iqa,Ben,Birdwhistle,ben@example.ac.uk\n";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", state),
        ("mis.csv", csv),
    ]);
    let said = run(folder.path(), &["adopt", "mis.csv"]);
    assert!(
        said.contains("Paired 4 of 4 rows") && said.ends_with("exit 0\n"),
        "{said}"
    );
    let planned = run(folder.path(), &["plan"]);
    assert!(planned.contains("0 to create"), "{planned}");
}

/// What holds personal data is kept out of git, and the example makes room.
#[test]
fn a_new_project_adopts() {
    let folder = project(&[("mis.csv", ROWS)]);
    let said = run(
        folder.path(),
        &["init", "--organisation", "5740", "--target", "sandbox"],
    );
    assert!(said.ends_with("exit 0\n"), "{said}");
    std::fs::write(folder.path().join("sandbox.yaml"), LIVE).unwrap();
    let said = run(folder.path(), &["adopt", "mis.csv"]);
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert!(!folder.path().join("users/example.yaml").exists());
    let ignored = std::fs::read_to_string(folder.path().join(".gitignore")).unwrap();
    assert!(ignored.ends_with("doubtful.csv\n/mis.csv\n"), "{ignored}");
    assert!(run(folder.path(), &["rehearse", "-q"]).contains("Applied: 0 created, 5 updated.\n"));
}

/// One of more accounts than are worth naming: a person has to look, and nobody is said to be new.
#[test]
fn a_name_that_many_have_is_not_nobodys() {
    let users: String = (1..=21)
        .map(|id| format!("  - {{ ID: {id}, OrganisationID: 5740, Role: 1, FirstName: Jo, LastName: Common }}\n"))
        .collect();
    let state =
        format!("organisations:\n  - {{ ID: 5740, Name: Example College }}\nusers:\n{users}");
    let csv = "misId,firstName,lastName,dob\nL-1,Jo,Common,2007-01-01\n";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", &state),
        ("mis.csv", csv),
    ]);
    let said = run(folder.path(), &["adopt", "mis.csv"]);
    let words = "1 row is doubtful: more than 20 accounts have this name (1).";
    assert!(
        said.contains(words) && !said.contains("no account that could be"),
        "{said}"
    );
    // Nobody is paired, and so nothing is in the way of the next try.
    assert!(
        said.ends_with("exit 4\n") && !folder.path().join("doubtful.csv").exists(),
        "{said}"
    );
    let csv = "misId,firstName,lastName,dob\nL-1,Jo,Common,2007-01-01\nL-2,Al,Single,2007-01-01\n";
    std::fs::write(folder.path().join("mis.csv"), csv).unwrap();
    let one = "  - { ID: 50, OrganisationID: 5740, Role: 1, FirstName: Al, LastName: Single, DOB: 2007-01-01 }\n";
    std::fs::write(folder.path().join("sandbox.yaml"), format!("{state}{one}")).unwrap();
    run(folder.path(), &["sandbox", "reset"]);
    assert!(run(folder.path(), &["adopt", "mis.csv"]).ends_with("exit 0\n"));
    let list = std::fs::read_to_string(folder.path().join("doubtful.csv")).unwrap();
    assert!(
        list.contains("2,L-1,more than 20 accounts have this name,,,,\n"),
        "{list}"
    );
}

/// Siblings have their parent's address, and their MIS values have been swapped in the extract: two marks speak for the wrong ones.
#[test]
fn a_mis_value_and_a_shared_address_are_not_enough_where_the_rest_differs() {
    let state = "organisations:
  - { ID: 5740, Name: Example College }
users:
  - { ID: 1, OrganisationID: 5740, Role: 1, FirstName: Yusuf, LastName: Sibling, Email: parent@example.ac.uk, MISID: L-1, DOB: 2006-01-01, ULN: \"1000000079\" }
  - { ID: 2, OrganisationID: 5740, Role: 1, FirstName: Zara, LastName: Sibling, Email: parent@example.ac.uk, MISID: L-2, DOB: 2008-09-09, ULN: \"1000000109\" }
  - { ID: 3, OrganisationID: 5740, Role: 1, FirstName: Ann, LastName: Twin, Email: twins@example.ac.uk, MISID: L-3, DOB: 2007-03-03 }
  - { ID: 4, OrganisationID: 5740, Role: 1, FirstName: Bea, LastName: Twin, Email: twins@example.ac.uk, MISID: L-4, DOB: 2007-03-03 }
  - { ID: 5, OrganisationID: 5740, Role: 1, FirstName: Cy, LastName: Maiden, Email: cy@example.ac.uk, MISID: L-5, DOB: 2007-04-04 }
";
    let csv = "misId,firstName,lastName,email,dob,uln
L-2,Yusuf,Sibling,parent@example.ac.uk,2006-01-01,1000000079
L-1,Zara,Sibling,parent@example.ac.uk,2008-09-09,1000000109
L-4,Ann,Twin,twins@example.ac.uk,2007-03-03,
L-3,Bea,Twin,twins@example.ac.uk,2007-03-03,
L-5,Cy,Married,cy@example.ac.uk,2007-04-04,
";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", state),
        ("mis.csv", csv),
    ]);
    let said = run(folder.path(), &["adopt", "mis.csv"]);
    assert!(
        said.contains("Paired 1 of 5 rows") && said.contains("4 rows are doubtful"),
        "{said}"
    );
    assert_eq!(pins(folder.path()), BTreeMap::from([(5, "L-5".to_owned())]));
}

/// Where columns have shifted, names and numbers stand in the place of MIS values: rows are then named by their numbers.
#[test]
fn what_stands_in_the_place_of_a_mis_value_may_be_personal_and_is_not_said() {
    let csv = "misId,firstName,lastName,email,uln
Zqkhan,Yusuf,L-1,q@example.ac.uk,
Zqfa L-7,Zqfa,Zqla,zq@example.ac.uk,
1000000125,Jo,X,yy@example.ac.uk,
2007-03-14,Jo,Y,yz@example.ac.uk,
QQ123456C,Jo,Z,yx@example.ac.uk,
L-9,Fay,O'Neill,fay@example.ac.uk,
";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", LIVE),
        ("mis.csv", csv),
    ]);
    let said = run(folder.path(), &["adopt", "mis.csv"]);
    assert!(
        said.replace("\n ", "")
            .contains("row 2, row 3, row 4, row 5, row 6"),
        "{said}"
    );
    for value in ["Zq", "1000000125", "2007-03-14", "QQ123456C"] {
        assert!(!said.contains(value), "{value}: {said}");
    }
}

/// From an export there is a way over, and the plan of it shows whose accounts they are.
pub fn what_was_exported_has_to_make_room() {
    let csv = "misId,firstName,lastName,dob\nL-7,Fay,O'Neill,2007-07-01\n";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", LIVE),
        ("mis.csv", csv),
    ]);
    assert!(run(folder.path(), &["export"]).ends_with("exit 0\n"));
    for args in [
        &["adopt", "mis.csv", "--force"][..],
        &["adopt", "mis.csv", "--dir", "users/adopted"],
    ] {
        let said = run(folder.path(), args);
        assert!(
            said.contains("of this project already: users/assessors.yaml"),
            "{said}"
        );
        assert!(
            said.contains("adopt, and apply; then `rosterctl export` writes them anew"),
            "{said}"
        );
        assert!(
            said.ends_with("exit 4\n") && !folder.path().join("users/adopted").exists(),
            "{said}"
        );
    }
    std::fs::rename(folder.path().join("users"), folder.path().join("before")).unwrap();
    assert!(run(folder.path(), &["adopt", "mis.csv"]).ends_with("exit 0\n"));
    let said = run(folder.path(), &["plan", "--reveal", "personal"]);
    assert!(said.contains("~ learner L-7  Fay O’Neíll (7)"), "{said}");
    assert!(!run(folder.path(), &["plan"]).contains("Fay"));
    let said = run(
        folder.path(),
        &["plan", "--explain", "L-7", "--detailed-exitcode"],
    );
    assert!(
        said.ends_with("exit 2\n"),
        "its update is found again: {said}"
    );
    assert!(run(folder.path(), &["apply", "--auto-approve"]).ends_with("exit 0\n"));
    assert!(run(folder.path(), &["export", "--force"]).ends_with("exit 0\n"));
    let text = std::fs::read_to_string(folder.path().join("users/learners.yaml")).unwrap();
    assert!(text.contains("misId: L-7\n"), "{text}");
}

/// Lists show MIS values, and what no row has tells nobody.
#[test]
fn an_extract_of_mis_values_alone_costs_no_look() {
    let sandbox = crate::harness::Sandbox::start(LIVE);
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("mis.csv", "misId\nL-5\nL-404\n"),
    ]);
    let said = transcript(
        crate::harness::rosterctl_on(&sandbox)
            .current_dir(folder.path())
            .args(["adopt", "mis.csv"]),
    );
    assert!(
        said.contains("1 row has a MIS value that no account has") && said.contains("L-404"),
        "{said}"
    );
    let is_look = |request: &serde_json::Value| {
        request["path"].as_str().unwrap().contains("/User/") && request["method"] == "GET"
    };
    assert!(!sandbox.requests().iter().any(is_look));
}

/// Learners by number, their MIS values, and a date of birth or a ULN of each.
fn renumbered(accounts: &[(i64, &str, &str)]) -> String {
    let mut sandbox =
        "organisations:\n  - { ID: 5740, Name: Example College }\nusers:\n".to_owned();
    for (id, mis_id, last) in accounts {
        sandbox += &format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: {mis_id}, FirstName: Fay, LastName: {last}, Email: {last}@example.ac.uk, DOB: 2006-07-{id:02}, ULN: \"\" }}\n"
        );
    }
    sandbox
}

#[test]
fn new_keys_of_the_mis_become_updates_that_the_accounts_prove() {
    let sandbox = renumbered(&[
        (11, "L-1", "Fernhollow"),
        (12, "L-2", "Glenside"),
        (13, "L-3", "Hillcrest"),
        (14, "L-4", "Islemoor"),
    ]);
    // One is as before, one has only a name that agrees, and two have new keys.
    let csv = "misId,firstName,lastName,dob\nN-1,Fay,Fernhollow,2006-07-11\nN-2,Fay,GLENSIDE,2006-07-12\nL-3,Fay,Hillcrest,2006-07-13\nN-4,Fay,Islemoor,\n";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", &sandbox),
        ("mis.csv", csv),
    ]);
    let refused = run(folder.path(), &["adopt", "mis.csv"]);
    assert!(refused.contains("Paired 1 of 4 rows"), "{refused}");
    std::fs::remove_dir_all(folder.path().join("users")).unwrap();
    std::fs::remove_file(folder.path().join("doubtful.csv")).unwrap();

    let said = run(folder.path(), &["adopt", "mis.csv", "--renumbered"]);
    assert!(said.contains("Paired 3 of 4 rows"), "{said}");
    assert!(said.contains("2 accounts get another MIS value"), "{said}");
    let text = std::fs::read_to_string(folder.path().join("users/learners.yaml")).unwrap();
    assert!(
        text.contains("    misId: N-1\n    formerMisId: L-1\n    firstName: Fay\n    lastName: Fernhollow\n    dob: 2006-07-11\n"),
        "{text}"
    );
    assert!(!text.contains("N-4"), "{text}");
    let applied = run(folder.path(), &["apply", "--auto-approve"]);
    assert!(
        applied.contains("Applied: 0 created, 2 updated."),
        "{applied}"
    );
    let again = run(folder.path(), &["plan"]);
    assert!(
        again.starts_with("No changes: 3 users are as declared."),
        "{again}"
    );
    assert!(
        again.contains("2 answers aren't needed any more"),
        "{again}"
    );
}

/// L-1 becomes L-2 while another account has L-2, which becomes L-3: in one change nobody could tell whose L-2 is.
#[test]
fn a_new_key_that_another_account_has_waits_for_that_account() {
    let accounts = [(11, "L-1", "Fernhollow"), (12, "L-2", "Glenside")];
    let csv = "misId,firstName,lastName,dob\nL-2,Fay,Fernhollow,2006-07-11\nL-3,Fay,Glenside,2006-07-12\n";
    let folder = project(&[
        ("rosterctl.yaml", SETTINGS),
        ("sandbox.yaml", &renumbered(&accounts)),
        ("mis.csv", csv),
    ]);
    let said = run(folder.path(), &["adopt", "mis.csv", "--renumbered"]);
    assert!(
        said.contains("Paired 1 of 2 rows") && said.contains("1 row is doubtful"),
        "{said}"
    );
    let list = std::fs::read_to_string(folder.path().join("doubtful.csv")).unwrap();
    assert!(
        list.contains("L-2,\"another account still has the new or the former MIS value"),
        "{list}"
    );
    let applied = run(folder.path(), &["apply", "--auto-approve"]);
    assert!(applied.contains("0 created, 1 updated"), "{applied}");
    // Then the other one is free.
    std::fs::remove_dir_all(folder.path().join("users")).unwrap();
    let said = run(folder.path(), &["adopt", "mis.csv", "--renumbered"]);
    assert!(said.contains("Paired 2 of 2 rows"), "{said}");
    let applied = run(folder.path(), &["apply", "--auto-approve"]);
    assert!(applied.contains("0 created, 1 updated"), "{applied}");
}
