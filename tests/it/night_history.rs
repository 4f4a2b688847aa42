//! What plans found night by night: noted beside the journal, and drawn by `history --html`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{Sandbox, project, rosterctl_on, transcript};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";
const USERS: &str = "users:
  - { id: 1, misId: A-1, role: assessor, telephone: 01632 960001 }
  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }
";

struct Nights {
    sandbox: Sandbox,
    folder: TempDir,
}

impl Nights {
    fn new() -> Self {
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/a.yaml", USERS),
        ]);
        Self {
            sandbox: Sandbox::start(SEED),
            folder,
        }
    }

    fn run(&self, args: &str) -> String {
        let mut command = rosterctl_on(&self.sandbox);
        command
            .current_dir(self.folder.path())
            .args(args.split(' '));
        transcript(&mut command)
    }

    fn checked(&self) -> String {
        fs::read_to_string(self.folder.path().join("journal/checked.jsonl")).unwrap_or_default()
    }

    fn page(&self) -> String {
        let said = self.run("history --html page.html --journal journal");
        assert!(said.ends_with("exit 0\n"), "{said}");
        fs::read_to_string(self.folder.path().join("page.html")).unwrap()
    }

    /// Notes plans of other nights, as `(day, updates, on hold)`.
    fn note(&self, nights: &[(&str, usize, usize)]) {
        let folder = self.folder.path().join("journal");
        fs::create_dir_all(&folder).unwrap();
        let lines: String = nights
            .iter()
            .map(|(day, updates, held)| {
                format!("{{\"at\":\"{day}T02:17:00Z\",\"target\":\"sandbox\",\"organisation\":5740,\"updates\":{updates},\"held\":{held}}}\n")
            })
            .collect();
        fs::write(folder.join("checked.jsonl"), lines).unwrap();
    }
}

/// The cells of the rows of a table.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let body = page
        .split_once("<tbody>")
        .unwrap()
        .1
        .split_once("</tbody>")
        .unwrap()
        .0;
    body.lines()
        .filter(|line| line.starts_with("<tr>"))
        .map(|line| {
            let cells = line.split("</t").filter(|part| part.contains("<t"));
            cells.map(|part| part.rsplit('>').next().unwrap()).collect()
        })
        .collect()
}

#[test]
fn a_plan_off_a_terminal_notes_how_much_it_found() {
    let nights = Nights::new();
    git(nights.folder.path(), &["init", "-q"]);
    commit(nights.folder.path());
    nights.run("plan --journal journal");
    let checked = nights.checked();
    assert_eq!(checked.lines().count(), 1, "{checked}");
    for part in [
        "\"creates\":1",
        "\"updates\":1",
        "\"held\":0",
        "\"organisation\":5740",
        "\"commit\":\"",
    ] {
        assert!(checked.contains(part), "{part}: {checked}");
    }
    for word in ["Ann", "Ben", "example.ac.uk", "A-1", "01632"] {
        assert!(!checked.contains(word), "{word}: {checked}");
    }
    nights.run("plan --journal journal");
    assert_eq!(nights.checked().lines().count(), 2);
}

#[test]
fn a_plan_of_a_part_or_of_a_change_is_no_measure() {
    let nights = Nights::new();
    git(nights.folder.path(), &["init", "-q"]);
    commit(nights.folder.path());
    for args in [
        "plan",
        "plan --journal journal --only A-1",
        "plan --journal journal --exclude A-1",
        "plan --journal journal --base HEAD",
        "apply --journal journal --auto-approve",
    ] {
        nights.run(args);
        assert_eq!(nights.checked(), "", "{args}");
    }
}

#[test]
fn the_page_draws_a_bar_a_night_and_has_the_same_as_a_table() {
    let nights = Nights::new();
    nights.note(&[
        ("2026-11-19", 1, 0),
        ("2026-11-20", 2, 0),
        ("2026-11-27", 30, 0),
        ("2026-11-28", 5, 1),
        // The last plan of a day counts.
        ("2026-11-28", 8, 2),
    ]);
    let page = nights.page();
    assert!(
        page.contains("On 28 November 2026 a plan found 8 differences, and 2 on hold. On 20 November 2026 it was 2 differences, and 0 on hold."),
        "{page}"
    );
    assert_eq!(page.matches("<rect class=\"u\" x=").count(), 4, "{page}");
    assert_eq!(page.matches("<rect class=\"h\" x=").count(), 1, "{page}");
    // The highest night reaches the top of the chart.
    assert!(
        page.contains("y=\"0\"") && page.contains("height=\"1000\""),
        "{page}"
    );
    let rows = rows(&page);
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert_eq!(
        rows[0][..7],
        ["28 November 2026", "0", "8", "0", "0", "0", "2"]
    );
    assert_eq!(rows[3][..3], ["19 November 2026", "0", "1"]);
}

#[test]
fn what_is_said_beside_the_numbers_cannot_be_markup() {
    let nights = Nights::new();
    let folder = nights.folder.path().join("journal");
    fs::create_dir_all(&folder).unwrap();
    let line = "{\"at\":\"2026-11-28T02:17:00Z\",\"target\":\"<script>alert(1)</script>\",\"organisation\":5740,\"commit\":\"<b>\\u202e\"}\n";
    fs::write(folder.join("checked.jsonl"), line).unwrap();
    let page = nights.page();
    assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn the_page_has_the_runs_without_names() {
    let nights = Nights::new();
    git(nights.folder.path(), &["init", "-q"]);
    commit(nights.folder.path());
    git(
        nights.folder.path(),
        &["config", "user.name", "Olu Winterbourney"],
    );
    nights.run("apply --journal journal --auto-approve");
    let page = nights.page();
    let said = nights.run("history --journal journal");
    let counted = said
        .lines()
        .find(|line| line.contains("to create"))
        .unwrap();
    assert!(page.contains(counted.trim()), "{counted}: {page}");
    assert!(page.contains("No plan is on record here."), "{page}");
    assert!(!page.contains("Winterbourney"), "{page}");
}

#[test]
fn what_plans_found_stands_in_nobodys_way() {
    let nights = Nights::new();
    nights.note(&[("2026-11-28", 1, 0)]);
    let file = nights.folder.path().join("journal/checked.jsonl");
    for broken in ["no line\n", "{\n", "\u{0}\u{0}\n"] {
        fs::write(&file, broken).unwrap();
        for args in [
            "plan --journal journal",
            "history --journal journal",
            "history --html page.html --journal journal",
        ] {
            let said = nights.run(args);
            assert!(said.ends_with("exit 0\n"), "{args}: {said}");
        }
    }
    // A folder in its place is told, and the plan goes on.
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let said = nights.run("plan --journal journal");
    assert!(
        said.contains("note: how much this plan found can't be noted")
            && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert!(Path::new(&file).is_dir());
}
