//! `rosterctl lsp`, driven by an editor: what it shows, offers and finds, and how it ends.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::editor_client::{EditorClient, part, position, uri};
use crate::harness::{project, rosterctl, transcript};

const STAFF: &str = "users:
  - { misId: A-1, role: assessor, firstName: Ann, lastName: Ash, email: a1@example.ac.uk }
  - { misId: S-1, role: assessor, firstName: Sue, lastName: Sand, email: s1@example.ac.uk }
  - { misId: S-1, role: iqa, firstName: Sue, lastName: Sand, email: s1@example.ac.uk }
";

const LEARNERS: &str = "defaults: { role: learner, placement: Firm }
users:
  - misId: L-1
    firstName: Lou
    lastName: Lake
    email: l1@example.ac.uk
    classroom: Room
    defaultAssessor: A-1
";

/// A project in a folder without links, as editors name it.
struct Opened {
    folder: TempDir,
    root: PathBuf,
}

impl Opened {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut all = vec![("rosterctl.yaml", "organisation: 1\n")];
        all.extend(files);
        let folder = project(&all);
        let root = folder.path().canonicalize().unwrap();
        Self { folder, root }
    }

    fn college() -> Self {
        Self::new(&[("users/staff.yaml", STAFF), ("users/l.yaml", LEARNERS)])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn editor(&self) -> EditorClient {
        EditorClient::start(&[&self.root])
    }
}

fn lines_of(places: &Value) -> Vec<(String, u64)> {
    let mut lines = Vec::new();
    for place in places.as_array().unwrap() {
        let name = place["uri"].as_str().unwrap().rsplit('/').next().unwrap();
        let line = place["range"]["start"]["line"].as_u64().unwrap() + 1;
        lines.push((name.to_owned(), line));
    }
    lines
}

fn labels(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
    let labels = items.iter().map(|item| item["label"].as_str().unwrap());
    labels.collect()
}

#[test]
fn findings_of_the_whole_project_come_by_themselves_and_go_when_they_are_answered() {
    let college = Opened::college();
    let wrong = LEARNERS.replace("defaultAssessor: A-1", "defaultAssessor: L-1");
    college.write("users/l.yaml", &wrong);
    let mut editor = college.editor();
    let path = college.path("users/l.yaml");
    // No file is open, and nothing is asked.
    while !editor.published.contains_key(&uri(&path)) {
        editor.hear();
    }
    let found = editor.found(&path);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "wrong-role");
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["source"], "rosterctl");
    assert_eq!(part(&wrong, &found[0]["range"]), "L-1");
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("help: name somebody"), "{message}");
    let related = &found[0]["relatedInformation"][0];
    assert_eq!(related["message"], "declared here");
    assert_eq!(part(&wrong, &related["location"]["range"]), "L-1");
    // It is answered in the editor, and not saved.
    editor.open(&path, LEARNERS);
    assert_eq!(editor.codes(&path), [""; 0]);
    editor.retype(&path, &wrong);
    assert_eq!(editor.codes(&path), ["wrong-role"]);
    // Closed without saving, the file on disk counts again.
    editor.retype(&path, LEARNERS);
    editor.close(&path);
    assert_eq!(editor.codes(&path), ["wrong-role"]);
    assert_eq!(editor.stop(), Some(0));
}

#[test]
fn it_finds_what_validate_finds() {
    let college = Opened::college();
    let wrong = LEARNERS
        .replace("misId: L-1", "misId: 00301")
        .replace("firstName", "frstName");
    college.write("users/l.yaml", &wrong);
    let mut command = rosterctl();
    command
        .current_dir(&college.root)
        .args(["validate", "--format", "short"]);
    let said = transcript(&mut command);
    let mut editor = college.editor();
    let path = college.path("users/l.yaml");
    let found = editor.found(&path);
    assert!(found.len() > 1, "{found:?}");
    for one in &found {
        let start = &one["range"]["start"];
        let (line, column) = (
            start["line"].as_u64().unwrap(),
            start["character"].as_u64().unwrap(),
        );
        let code = one["code"].as_str().unwrap();
        let place = format!("users/l.yaml:{}:{}:", line + 1, column + 1);
        let shown = said
            .lines()
            .find(|shown| shown.starts_with(&place))
            .unwrap_or("");
        assert!(shown.contains(code), "{place} {code}\n{said}");
    }
    assert_eq!(said.matches("users/l.yaml:").count(), found.len(), "{said}");
}

#[test]
fn texts_that_nobody_has_saved_count() {
    let college = Opened::college();
    let mut editor = college.editor();
    // A new manifest.
    let new = college.path("users/new.yaml");
    editor.open(
        &new,
        "users:\n  - { id: 5, role: learner, defaultAssessor: L-1 }\n",
    );
    assert_eq!(editor.codes(&new), ["wrong-role"]);
    // A table, and a manifest that names it.
    let table = college.path("users/more.csv");
    let names = "fromTable: { path: more.csv }\ndefaults: { role: iqa }\n";
    editor.retype(&new, names);
    assert_eq!(editor.codes(&new), ["unreadable-file"]);
    let text =
        "misId,firstName,lastName,email\nI-1,Ida,Ivy,i1@example.ac.uk\nI-2,Ian,Ice,nowhere\n";
    editor.open(&table, text);
    assert_eq!(editor.codes(&new), [""; 0]);
    let found = editor.found(&table);
    assert_eq!(found[0]["code"], "bad-email");
    assert_eq!(part(text, &found[0]["range"]), "nowhere");
    // The settings.
    let settings = college.path("rosterctl.yaml");
    editor.open(&settings, "organisation: 1\ntarget: nowhere\n");
    assert_eq!(editor.codes(&settings), ["unknown-word"]);
    assert_eq!(
        editor.codes(&table),
        [""; 0],
        "as validate says nothing else then"
    );
    editor.retype(
        &settings,
        "organisation: 1\nseverity: { bad-email: ignore }\n",
    );
    assert_eq!(editor.codes(&settings), [""; 0]);
}

#[test]
fn columns_are_counted_as_the_editor_counts() {
    let text = "users:\n  - { firstName: \"👩‍🎓 Zoë\", misId: 00301, role: iqa, lastName: Ö, email: z@example.ac.uk }\n";
    for (offered, chosen) in [
        (json!(["utf-16"]), "utf-16"),
        (json!(["utf-8", "utf-16"]), "utf-8"),
        (json!(["utf-32", "utf-16"]), "utf-16"),
        (Value::Null, "utf-16"),
    ] {
        let college = Opened::new(&[("users/a.yaml", text)]);
        let parameters = json!({ "capabilities": { "general": { "positionEncodings": offered } } });
        let mut editor = EditorClient::start_with(&[&college.root], parameters);
        let capabilities = &editor.introduced["capabilities"];
        assert_eq!(capabilities["positionEncoding"], chosen);
        let path = college.path("users/a.yaml");
        editor.open_saved(&path);
        let found = editor.found(&path);
        let one = found
            .iter()
            .find(|one| one["code"] == "needs-quotes")
            .unwrap();
        let byte = text.find("00301").unwrap();
        let in_utf8 = byte - text.find('\n').unwrap() - 1;
        let expected = match chosen {
            "utf-8" => json!({ "line": 1, "character": in_utf8 }),
            _ => position(text, byte),
        };
        assert_eq!(one["range"]["start"], expected, "{chosen}");
        // What is typed behind the emoji lands where it should.
        if chosen == "utf-16" {
            editor.replace(&path, byte..byte + 5, "\"00301\"");
            assert_eq!(editor.codes(&path), [""; 0]);
        }
    }
}

#[test]
fn a_quick_fix_does_what_validate_fix_does() {
    let cases = [
        (
            "misId: L-1",
            "misId: 00301",
            "misId: \"00301\"",
            "Put it in quotes",
        ),
        ("firstName", "frstName", "firstName", "Write `firstName`"),
        ("Lou", "\" Lou \"", "\"Lou\"", "Take the blanks away"),
        ("Lake", "True", "\"True\"", "Put it in quotes"),
    ];
    for (right, wrong, fixed, title) in cases {
        let college = Opened::college();
        let text = LEARNERS.replace(right, wrong);
        college.write("users/l.yaml", &text);
        let mut editor = college.editor();
        let path = college.path("users/l.yaml");
        editor.open_saved(&path);
        let byte = text.find(wrong).unwrap() + wrong.find(' ').map_or(1, |at| at + 1);
        let fixes = editor.fixes(&path, byte);
        let fix = fixes.iter().find(|fix| fix["title"] == title);
        let fix = fix.unwrap_or_else(|| panic!("{wrong}: {fixes:?}"));
        assert_eq!(fix["kind"], "quickfix");
        assert_eq!(fix["isPreferred"], true);
        let after = editor.fixed(&path, fix);
        assert_eq!(after, text.replace(wrong, fixed));
        let mut command = rosterctl();
        command
            .current_dir(&college.root)
            .args(["validate", "--fix"]);
        transcript(&mut command);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), after, "{wrong}");
        editor.retype(&path, &after);
        assert_eq!(editor.codes(&path), [""; 0]);
    }
}

#[test]
fn missing_keys_are_offered_as_a_skeleton_and_several_fixes_at_once() {
    let college = Opened::college();
    let mut editor = college.editor();
    let path = college.path("users/new.yaml");
    let text = "users:\n  - misId: L-2\n    role: learner\n    placement: Firm\n";
    editor.open(&path, text);
    let fixes = editor.fixes(&path, text.find("misId").unwrap());
    assert_eq!(fixes.len(), 1, "{fixes:?}");
    let title = fixes[0]["title"].as_str().unwrap();
    for key in [
        "firstName",
        "lastName",
        "email",
        "classroom",
        "defaultAssessor",
    ] {
        assert!(title.contains(&format!("`{key}`")), "{title}");
        let added = format!("\n    {key}: \n");
        assert!(editor.fixed(&path, &fixes[0]).contains(&added), "{key}");
    }
    assert_eq!(fixes[0]["isPreferred"], Value::Null);
    let wrong = LEARNERS.replace("Lou", "True").replace("Lake", "\" Lake\"");
    let path = college.path("users/l.yaml");
    editor.open(&path, &wrong);
    let fixes = editor.fixes(&path, wrong.find("True").unwrap());
    let all = fixes
        .iter()
        .find(|fix| fix["title"].as_str().unwrap().starts_with("Fix 2"));
    let after = editor.fixed(&path, all.unwrap_or_else(|| panic!("{fixes:?}")));
    assert_eq!(
        after,
        LEARNERS
            .replace("Lou", "\"True\"")
            .replace("Lake", "\"Lake\"")
    );
}

#[test]
fn a_fix_that_would_break_something_is_not_offered() {
    let college = Opened::college();
    let mut editor = college.editor();
    let path = college.path("users/l.yaml");
    let text = LEARNERS.replace("    lastName", "    frstName: Lo\n    lastName");
    editor.open(&path, &text);
    assert!(editor.codes(&path).contains(&"unknown-key".to_owned()));
    let fixes = editor.fixes(&path, text.find("frstName").unwrap());
    assert!(fixes.is_empty(), "{fixes:?}");
}

const DIRECTORY: &str = r#"{
  "formatVersion": "1.0",
  "organisation": 1,
  "read": "2020-01-02T03:04:05Z",
  "names": {
    "classrooms": [{ "id": 7, "name": "Bakery: Level 2" }, { "id": 8, "name": "Room" }],
    "standards": [{ "id": 9, "name": "Baker L2" }]
  },
  "staff": [
    { "role": "assessor", "id": 31, "misId": "A-9" },
    { "role": "employer", "id": 32, "misId": "E-9" }
  ]
}"#;

#[test]
fn names_of_onefile_and_of_the_project_are_offered() {
    let college = Opened::college();
    std::fs::create_dir(college.path(".rosterctl")).unwrap();
    college.write(".rosterctl/directory.json", DIRECTORY);
    college.write("users/rooms.yaml", "classrooms:\n  - name: New Room\n");
    let mut editor = college.editor();
    let path = college.path("users/l.yaml");
    editor.open_saved(&path);
    editor.found(&path);
    let mut offered = |text: &str| editor.ask_at_cursor("textDocument/completion", &path, text);
    let with = |line: &str| LEARNERS.replace("    classroom: Room", &format!("    {line}"));
    let rooms = offered(&with("classroom: ¦"));
    assert_eq!(labels(&rooms), ["Bakery: Level 2", "New Room", "Room"]);
    let item = &rooms["items"][0];
    assert_eq!(item["textEdit"]["newText"], "\"Bakery: Level 2\"");
    let detail = item["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("classroom in OneFile, read ") && detail.ends_with(" days ago"),
        "{detail}"
    );
    assert_eq!(rooms["items"][1]["detail"], "classroom of this project");
    // What is typed counts, and the quotes that are there.
    let quoted = offered(&with("classroom: \"ba¦"));
    assert_eq!(labels(&quoted), ["Bakery: Level 2"]);
    assert_eq!(quoted["items"][0]["filterText"], "\"Bakery: Level 2\"");
    assert_eq!(labels(&offered(&with("standards: [¦]"))), ["Baker L2"]);
    assert_eq!(
        labels(&offered(&with("standards:\n      - B¦"))),
        ["Baker L2"]
    );
    assert_eq!(
        labels(&offered(&with("classroom: { name: Ro¦ }"))),
        ["New Room", "Room"]
    );
    // Staff by MIS value: those who can serve, of the project and of OneFile.
    let text = LEARNERS.replace("defaultAssessor: A-1", "defaultAssessor: ¦");
    let staff = offered(&text);
    assert_eq!(labels(&staff), ["A-1", "A-9", "S-1"]);
    assert_eq!(staff["items"][0]["detail"], "assessor of this project");
    assert_eq!(
        labels(&offered(
            &text
                .replace("role: learner", "role: learner, defaultEmployer: ¦")
                .replacen("defaultAssessor: ¦", "", 1)
        )),
        ["E-9"]
    );
    // Nothing is offered for keys and for texts.
    assert_eq!(offered(&LEARNERS.replace("Lou", "L¦")), Value::Null);
    assert_eq!(offered(&LEARNERS.replace("firstName", "fi¦")), Value::Null);
}

#[test]
fn names_are_offered_in_the_cells_of_a_table() {
    let college = Opened::college();
    let names = "defaults: { role: learner, placement: Firm }
fromTable: { path: more.csv, columns: { misId: Ref, lastName: Name, classroom: Course, defaultAssessor: Tutor } }
classrooms:
  - name: \"Room; old\"
  - name: Room
";
    college.write("users/more.yaml", names);
    let saved = "Ref;Name;Course;Tutor\nL-7;Lo;Room;A-1\n";
    college.write("users/more.csv", saved);
    let mut editor = college.editor();
    let path = college.path("users/more.csv");
    editor.open_saved(&path);
    let mut offered = |row: &str| {
        let text = format!("{saved}{row}");
        editor.ask_at_cursor("textDocument/completion", &path, &text)
    };
    assert_eq!(labels(&offered("L-8;Li;¦;A-1\n")), ["Room", "Room; old"]);
    let rooms = offered("L-8;\"Li; Lu\";ro¦");
    assert_eq!(labels(&rooms), ["Room", "Room; old"]);
    assert_eq!(rooms["items"][1]["textEdit"]["newText"], "\"Room; old\"");
    let start = &rooms["items"][1]["textEdit"]["range"]["start"];
    assert_eq!(start, &json!({ "line": 2, "character": 13 }));
    assert_eq!(labels(&offered("L-8;Li;Room;¦")), ["A-1", "S-1"]);
    assert_eq!(offered("L-8;¦;Room;A-1"), Value::Null);
    assert_eq!(offered("L-8;Li;Room;A-1;¦"), Value::Null);
}

#[test]
fn a_mis_value_leads_to_its_user_and_to_those_who_name_it() {
    let college = Opened::college();
    let more = "users:
  - { id: 5, role: learner, defaultAssessor: \"S-1\", additionalAssessors: [A-1, S-1], additionalIqas: [S-1] }
  - { id: 6, role: learner, defaultAssessor: iqa:S-1, alsoHas: [L-1] }
fromTable: { path: more.csv, overlay: true }
";
    college.write("users/more.yaml", more);
    college.write("users/more.csv", "misId,mobileNumber\nA-1,07700 900123\n");
    college.write("users/rooms.yaml", "classrooms:\n  - { name: Room }\n");
    let mut editor = college.editor();
    let learners = college.path("users/l.yaml");
    editor.open_saved(&learners);
    let mut ask = |method: &str, at: &str| {
        let byte = LEARNERS.find(at).unwrap() + at.len() - 1;
        let answer = editor.ask_at(&format!("textDocument/{method}"), &learners, byte);
        if answer.is_null() {
            Vec::new()
        } else {
            lines_of(&answer)
        }
    };
    let place = |name: &str, line: u64| (name.to_owned(), line);
    assert_eq!(
        ask("definition", "defaultAssessor: A-1"),
        [place("staff.yaml", 2)]
    );
    assert_eq!(
        ask("references", "defaultAssessor: A-1"),
        [
            place("l.yaml", 8),
            place("more.csv", 2),
            place("more.yaml", 2),
            place("staff.yaml", 2)
        ]
    );
    assert_eq!(
        ask("references", "misId: L-1"),
        [place("l.yaml", 3), place("more.yaml", 3)]
    );
    assert_eq!(
        ask("definition", "classroom: Room"),
        [place("rooms.yaml", 2)]
    );
    assert_eq!(ask("definition", "firstName: Lou"), []);
    // Two roles have the value: a reference means the one that can serve.
    let path = college.path("users/more.yaml");
    editor.open_saved(&path);
    let mut ask = |method: &str, at: &str| {
        let byte = more.find(at).unwrap() + at.len() - 1;
        lines_of(&editor.ask_at(&format!("textDocument/{method}"), &path, byte))
    };
    assert_eq!(
        ask("definition", "defaultAssessor: iqa:S-1"),
        [place("staff.yaml", 4)]
    );
    assert_eq!(
        ask("definition", "additionalIqas: [S-1"),
        [place("staff.yaml", 4)]
    );
    assert_eq!(
        ask("definition", "additionalAssessors: [A-1, S-1"),
        [place("staff.yaml", 3)]
    );
    let places = ask("references", "additionalAssessors: [A-1");
    assert!(places.contains(&place("l.yaml", 8)), "{places:?}");
    // From a row of a table.
    let table = college.path("users/more.csv");
    editor.open_saved(&table);
    let byte = editor.text(&table).find("A-1").unwrap();
    let found = editor.ask_at("textDocument/definition", &table, byte);
    assert_eq!(lines_of(&found), [place("staff.yaml", 2)]);
}

#[test]
fn hovering_says_what_a_field_means_and_where_its_value_comes_from() {
    let college = Opened::new(&[
        ("users/staff.yaml", STAFF),
        (
            "users/l.yaml",
            &format!("{LEARNERS}fromTable: {{ path: ../private.csv, overlay: true }}\n"),
        ),
        ("private.csv", "misId,homeAddress\nL-1,1 High Street\n"),
    ]);
    college.write(
        "rosterctl.yaml",
        "organisation: 1\ndefaults:\n  episodeName: Autumn\n",
    );
    let mut editor = college.editor();
    let path = college.path("users/l.yaml");
    editor.open_saved(&path);
    let text = editor.text(&path).to_owned();
    let mut hover = |at: &str| {
        let answer = editor.ask_at("textDocument/hover", &path, text.find(at).unwrap() + 1);
        answer["contents"]["value"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    };
    let said = hover("classroom");
    assert!(
        said.contains("The classroom, by name or MIS value."),
        "{said}"
    );
    assert!(
        said.contains("It comes from the user's own keys."),
        "{said}"
    );
    let said = hover("L-1");
    for line in [
        "the user's own keys: `misId`, `firstName`, `lastName`, `email`, `classroom`, `defaultAssessor`",
        "the defaults of users/l.yaml, line 1: `role`, `placement`",
        "the defaults of rosterctl.yaml, line 3: `episodeName`",
        "the overlay private.csv, row 2, column `homeAddress`: `homeAddress`",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("High Street"), "{said}");
    assert!(hover("A-1").contains("assessor, declared in users/staff.yaml, line 2"));
    assert!(hover("Firm").contains("1 user takes this default."));
    assert_eq!(hover("path"), "");
    // In the table itself.
    let table = college.path("private.csv");
    editor.open_saved(&table);
    let byte = editor.text(&table).find("High").unwrap();
    let answer = editor.ask_at("textDocument/hover", &table, byte);
    let said = answer["contents"]["value"].as_str().unwrap();
    assert!(said.contains("Address at home"), "{said}");
    assert!(said.contains("the overlay private.csv, row 2"), "{said}");
}

#[test]
fn half_typed_texts_are_no_obstacle() {
    let college = Opened::college();
    let mut editor = college.editor();
    let path = college.path("users/l.yaml");
    editor.open(&path, "");
    // Letter by letter: whatever stands there, the server answers.
    for (end, _) in LEARNERS.char_indices() {
        editor.replace(&path, end..end, &LEARNERS[end..=end]);
        if end % 7 == 0 {
            editor.ask_at("textDocument/completion", &path, end);
            editor.ask_at("textDocument/hover", &path, end);
        }
    }
    assert_eq!(editor.text(&path), LEARNERS);
    assert_eq!(editor.codes(&path), [""; 0]);
    // While one file can't be read, the others are as they were, and staff is offered.
    let half = LEARNERS.replace("defaultAssessor: A-1", "\"x\n    defaultAssessor: ¦");
    let offered = editor.ask_at_cursor("textDocument/completion", &path, &half);
    assert_eq!(labels(&offered), ["A-1", "S-1"]);
    assert_eq!(editor.codes(&path), ["syntax"]);
    let staff = college.path("users/staff.yaml");
    assert_eq!(editor.codes(&staff), [""; 0]);
    // The staff of the half-typed file itself is offered, too, and while the settings can't be read.
    let users = LEARNERS.split_once("users:\n").unwrap().1;
    let one_file = format!("{STAFF}{users}    role: learner\n    placement: Firm\n");
    let text = one_file.replace("A-1\n", "\"¦\n");
    editor.retype(&path, "users: []\n");
    editor.open(&staff, &one_file);
    assert_eq!(editor.codes(&staff), [""; 0]);
    editor.retype(&staff, &text.replace('¦', ""));
    assert_eq!(editor.codes(&staff), ["syntax"]);
    let settings = college.path("rosterctl.yaml");
    editor.open(&settings, "organisation: [\n");
    assert_eq!(editor.codes(&settings), ["syntax"]);
    let offered = editor.ask_at_cursor("textDocument/completion", &staff, &text);
    assert_eq!(labels(&offered), ["A-1", "S-1"]);
    assert_eq!(editor.log, [""; 0]);
}

#[test]
fn two_projects_in_one_workspace_stay_apart() {
    let folder = project(&[
        ("one/rosterctl.yaml", "organisation: 1\n"),
        ("one/users/a.yaml", STAFF),
        ("two/deep/rosterctl.yaml", "organisation: 2\n"),
        ("two/deep/users/a.yaml", &STAFF.replace("A-1", "B-1")),
        ("notes/users/a.yaml", "users: 5\n"),
    ]);
    let root = folder.path().canonicalize().unwrap();
    let mut editor = EditorClient::start(&[&root]);
    let one = root.join("one/users/l.yaml");
    let two = root.join("two/deep/users/l.yaml");
    editor.open(&one, LEARNERS);
    editor.open(&two, LEARNERS);
    let at = LEARNERS.find("A-1").unwrap();
    let found = editor.ask_at("textDocument/definition", &one, at);
    assert_eq!(lines_of(&found), [("a.yaml".to_owned(), 2)]);
    let found = editor.ask_at("textDocument/definition", &two, at);
    assert_eq!(lines_of(&found), []);
    // What belongs to no project isn't looked at.
    let notes = root.join("notes/users/a.yaml");
    editor.open_saved(&notes);
    assert_eq!(editor.codes(&notes), [""; 0]);
    // A finding in one says nothing about the other.
    editor.retype(&one, "users: 5\n");
    assert_eq!(editor.codes(&one), ["wrong-kind"]);
    assert_eq!(editor.codes(&two), [""; 0]);
}

#[cfg(unix)]
#[test]
fn files_are_named_as_the_editor_names_their_folder() {
    let college = Opened::college();
    college.write("users/l.yaml", "users: 5\n");
    let links = tempfile::tempdir().unwrap();
    let link = links.path().canonicalize().unwrap().join("college");
    std::os::unix::fs::symlink(&college.root, &link).unwrap();
    let mut editor = EditorClient::start(&[&link]);
    let path = link.join("users/l.yaml");
    assert_eq!(editor.codes(&path), ["wrong-kind"]);
    editor.open(&path, LEARNERS);
    assert_eq!(editor.codes(&path), [""; 0]);
    let found = editor.ask_at(
        "textDocument/definition",
        &path,
        LEARNERS.find("A-1").unwrap(),
    );
    assert_eq!(found[0]["uri"], uri(&link.join("users/staff.yaml")));
}

#[test]
fn files_come_and_go_and_a_project_moves() {
    let college = Opened::college();
    college.write("users/l.yaml", &LEARNERS.replace("firstName", "frstName"));
    let parameters = json!({ "capabilities": { "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } } });
    let mut editor = EditorClient::start_with(&[&college.root], parameters);
    let path = college.path("users/l.yaml");
    assert!(!editor.found(&path).is_empty());
    let watches = editor.requests[0]["params"]["registrations"][0]["method"].as_str();
    assert_eq!(watches, Some("workspace/didChangeWatchedFiles"));
    let changed = |editor: &mut EditorClient, paths: &[&PathBuf]| {
        let changes: Vec<_> = paths
            .iter()
            .map(|path| json!({ "uri": uri(path), "type": 2 }))
            .collect();
        editor.tell(
            "workspace/didChangeWatchedFiles",
            &json!({ "changes": changes }),
        );
    };
    // Changed outside of the editor, gone, and back.
    college.write("users/l.yaml", LEARNERS);
    changed(&mut editor, &[&path]);
    assert_eq!(editor.codes(&path), [""; 0]);
    let staff = college.path("users/staff.yaml");
    std::fs::remove_file(&staff).unwrap();
    college.write("users/l.yaml", "users: 5\n");
    changed(&mut editor, &[&staff, &path]);
    assert_eq!(editor.codes(&path), ["wrong-kind"]);
    // The whole project is moved within the folder that is open.
    let there = college.path("moved");
    std::fs::create_dir(&there).unwrap();
    for name in ["users", "rosterctl.yaml"] {
        std::fs::rename(college.path(name), there.join(name)).unwrap();
    }
    changed(
        &mut editor,
        &[
            &college.path("rosterctl.yaml"),
            &there.join("rosterctl.yaml"),
        ],
    );
    assert_eq!(editor.codes(&path), [""; 0]);
    assert_eq!(editor.codes(&there.join("users/l.yaml")), ["wrong-kind"]);
    assert_eq!(editor.log, [""; 0]);
}

#[test]
fn beside_yaml_language_server_nothing_is_said_twice() {
    let modeline = "# yaml-language-server: $schema=../schema/users.schema.json\n";
    let wrong = LEARNERS
        .replace("firstName", "frstName")
        .replace("L-1", "00301")
        .replace("A-1", "S-9");
    let wrong = format!("{wrong}  - {{ id: 5, role: learner, defaultAssessor: \"00301\" }}\n");
    let plain = wrong.replace("00301", "00302").replace("l1@", "l2@");
    let plain = plain.replace("Lake", "Lane").replace("id: 5", "id: 6");
    let college = Opened::new(&[
        ("users/staff.yaml", STAFF),
        ("users/named.yaml", &format!("{modeline}{wrong}")),
        ("users/plain.yaml", &plain),
        ("users/half.yaml", "users: [\n"),
    ]);
    let options = json!({ "initializationOptions": { "schemaFindings": false } });
    let mut editor = EditorClient::start_with(&[&college.root], options);
    let named = college.path("users/named.yaml");
    assert_eq!(editor.codes(&named), ["needs-quotes", "wrong-role"]);
    let plain = college.path("users/plain.yaml");
    assert_eq!(
        editor.codes(&plain),
        ["needs-quotes", "unknown-key", "wrong-role"]
    );
    let half = college.path("users/half.yaml");
    assert_eq!(editor.codes(&half), [""; 0]);
    // It applies the schema to the first document alone.
    let several = college.path("users/several.yaml");
    let text = format!("{modeline}---\nusers: 5\n---\nusers: 6\n");
    editor.open(&several, &text);
    let found = editor.found(&several);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(part(&text, &found[0]["range"]), "6");
    // The meaning of a field is left to it, too.
    editor.open_saved(&named);
    let byte = editor.text(&named).find("classroom").unwrap();
    let answer = editor.ask_at("textDocument/hover", &named, byte);
    assert_eq!(
        answer["contents"]["value"],
        "It comes from the user's own keys."
    );
    // By default everything is said here.
    let mut editor = college.editor();
    assert!(editor.codes(&named).contains(&"unknown-key".to_owned()));
    assert_eq!(editor.codes(&half), ["syntax"]);
}

#[test]
fn in_a_large_project_the_file_comes_first_and_the_project_after_a_pause() {
    let overlay =
        "fromTable: { path: ../o.csv, overlay: true, columns: { misId: Ref, placement: Firm } }\n";
    let college = Opened::new(&[
        ("users/staff.yaml", STAFF),
        ("users/o.yaml", overlay),
        ("o.csv", "Ref,Firm\nL-1,Bakers\n"),
    ]);
    let learners = LEARNERS.replace(", placement: Firm", "");
    let wrong = learners.replace("A-1", "L-1");
    college.write("users/l.yaml", &wrong);
    let options = json!({ "initializationOptions": { "fileFirst": true } });
    let mut editor = EditorClient::start_with(&[&college.root], options);
    let path = college.path("users/l.yaml");
    editor.open_saved(&path);
    assert_eq!(editor.codes(&path), ["wrong-role"]);
    // What the file shows by itself comes first, and what the project showed stays, at its place.
    let next = wrong.replace("firstName", "fistName");
    let next = format!("# A note.\n{next}");
    editor.retype(&path, &next);
    let first = editor.hear_of(&path);
    let shown: Vec<_> = first
        .iter()
        .map(|one| (one["code"].as_str().unwrap(), part(&next, &one["range"])))
        .collect();
    assert_eq!(shown, [("unknown-key", "fistName"), ("wrong-role", "L-1")]);
    // What only the project shows comes next.
    let next = learners.replace(
        "    defaultAssessor: A-1",
        "    defaultAssessor: S-1\n    defaultEmployer: A-1",
    );
    editor.retype(&path, &next);
    assert_eq!(editor.hear_of(&path), [Value::Null; 0]);
    let second = editor.hear_of(&path);
    assert_eq!(second.len(), 1, "{second:?}");
    assert_eq!(part(&next, &second[0]["range"]), "A-1");
    assert_eq!(second[0]["code"], "wrong-role");
}

#[test]
fn it_ends_with_its_editor() {
    let college = Opened::college();
    assert_eq!(college.editor().stop(), Some(0));
    assert_eq!(college.editor().crash(), Some(0));
    let mut rude = college.editor();
    rude.tell("exit", &Value::Null);
    assert_eq!(rude.ended(), Some(1));
    let mut silent = EditorClient::spawn();
    silent.tell("exit", &Value::Null);
    assert_eq!(silent.ended(), Some(1));
    let mut ending = college.editor();
    ending.ask("shutdown", &Value::Null);
    let path = college.path("users/l.yaml");
    let refused = ending.ask_at("textDocument/hover", &path, 0);
    assert_eq!(refused["code"], -32600);
}

#[test]
fn what_it_can_not_read_is_refused_and_it_goes_on() {
    let college = Opened::college();
    let mut editor = college.editor();
    let refused = editor.ask("textDocument/rename", &json!({}));
    assert_eq!(refused["code"], -32601);
    let refused = editor.ask("textDocument/hover", &json!({ "position": 5 }));
    assert_eq!(refused["code"], -32602);
    editor.tell("textDocument/didChange", &json!([1, 2]));
    editor.tell("$/cancelRequest", &json!({ "id": 1 }));
    let path = college.path("users/l.yaml");
    // What was never opened can't be changed or closed.
    let document = json!({ "uri": uri(&path), "version": 7 });
    editor.tell(
        "textDocument/didChange",
        &json!({ "textDocument": document, "contentChanges": [{ "text": "users: 5" }] }),
    );
    editor.close(&path);
    let document = json!({ "uri": "untitled:Untitled-1", "languageId": "yaml", "version": 1, "text": "users: 5" });
    editor.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    editor.open_saved(&path);
    assert_eq!(editor.codes(&path), [""; 0]);
    assert_eq!(editor.log.len(), 1, "{:?}", editor.log);
    assert_eq!(editor.stop(), Some(0));
}

/// An editor that is killed may leave stdin open, if another process has it, too.
#[cfg(unix)]
pub fn it_ends_after_its_editor_was_killed() {
    let college = Opened::college();
    let mut other = std::process::Command::new("cat")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let parameters = json!({ "processId": other.id() });
    let mut editor = EditorClient::start_with(&[&college.root], parameters);
    let path = college.path("users/l.yaml");
    assert_eq!(editor.codes(&path), [""; 0]);
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(editor.ended(), Some(0));
}
