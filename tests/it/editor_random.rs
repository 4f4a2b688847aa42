//! Random edits and questions: `rosterctl lsp` answers each, meets no bug, and keeps no more memory than it needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fastrand::Rng;
use rosterctl::domain::clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::editor_client::{EditorClient, uri};
use crate::harness::{copy_of, root};

/// What is typed, besides parts of the files themselves.
const TYPED: &[&str] = &[
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    ":",
    ": ",
    "- ",
    "\n- ",
    "\n  - ",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "|",
    ">",
    "!",
    "---\n",
    "users:\n",
    "defaults:\n",
    "fromTable: { path: ../private/special.csv, overlay: true }\n",
    "misId: ",
    "role: learner\n",
    "defaultAssessor: A-001\n",
    "classroom: ",
    "00301",
    "True",
    "ë",
    "👩‍🎓",
    "\u{feff}",
    "\u{2028}",
    "\u{0}",
    "<<<<<<< ours\n",
    "severity: { bad-email: ignore }\n",
    "organisation: 5\n",
    "manifests: [.]\n",
];

/// The questions, and how many files there are to ask about.
const QUESTIONS: &[&str] = &[
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/hover",
    "textDocument/codeAction",
];

struct RandomEditor {
    random: Rng,
    folder: TempDir,
    client: EditorClient,
    files: Vec<PathBuf>,
    open: Vec<PathBuf>,
}

impl RandomEditor {
    fn start(seed: u64) -> Self {
        let folder = copy_of(&root().join("examples/college"));
        let college = folder.path().canonicalize().unwrap();
        let mut names = vec![
            "rosterctl.yaml",
            "users/learners/business.yaml",
            "users/staff.yaml",
            "users/new.yaml",
        ];
        // Without tables, what was found in files that haven't changed is remembered.
        if seed.is_multiple_of(2) {
            names.extend(["users/special.yaml", "private/special.csv"]);
        } else {
            std::fs::remove_file(college.join("users/special.yaml")).unwrap();
        }
        Self {
            random: Rng::with_seed(seed),
            client: EditorClient::start_with(
                &[&college],
                json!({ "initializationOptions": { "fileFirst": seed % 4 < 2 } }),
            ),
            files: names.iter().map(|name| college.join(name)).collect(),
            open: Vec::new(),
            folder,
        }
    }

    fn step(&mut self) {
        let path = self.files[self.random.usize(..self.files.len())].clone();
        if !self.open.contains(&path) {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            self.client.open(&path, &text);
            self.open.push(path);
            return;
        }
        match self.random.u32(..100) {
            0..60 => self.type_something(&path),
            60..92 => self.ask(&path),
            92..94 => {
                self.open.retain(|open| *open != path);
                self.client.close(&path);
            }
            94..96 => {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                self.client.retype(&path, &text);
            }
            96..98 => self.save(&path),
            _ => self.ask_nonsense(&path),
        }
    }

    fn type_something(&mut self, path: &Path) {
        let text = self.client.text(path).to_owned();
        let start = self.boundary(&text);
        let mut end = start;
        if self.random.bool() {
            let longest = if self.random.u32(..20) == 0 {
                text.len()
            } else {
                12
            };
            end = (start + self.random.usize(..=longest)).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
        }
        let new = TYPED[self.random.usize(..TYPED.len())];
        // Texts grow no longer than people's.
        let new = if text.len() > 50_000 { "" } else { new };
        self.client.replace(path, start..end, new);
    }

    fn boundary(&mut self, text: &str) -> usize {
        let mut at = self.random.usize(..=text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn ask(&mut self, path: &Path) {
        let byte = {
            let text = self.client.text(path).to_owned();
            self.boundary(&text)
        };
        let method = QUESTIONS[self.random.usize(..QUESTIONS.len())];
        let answer = if method == "textDocument/codeAction" {
            Value::Array(self.client.fixes(path, byte))
        } else {
            self.client.ask_at(method, path, byte)
        };
        assert!(answer.get("code").is_none(), "{method}: {answer}");
    }

    /// Asks about places that the text doesn't have.
    fn ask_nonsense(&mut self, path: &Path) {
        let line = [0, 5, 100_000, u32::MAX >> 1][self.random.usize(..4)];
        let parameters = json!({
            "textDocument": { "uri": uri(path) },
            "position": { "line": line, "character": self.random.u32(..200) },
            "range": { "start": { "line": line, "character": 7 }, "end": { "line": 0, "character": 0 } },
            "context": { "diagnostics": [], "includeDeclaration": false },
        });
        let method = QUESTIONS[self.random.usize(..QUESTIONS.len())];
        let answer = self.client.ask(method, &parameters);
        assert!(answer.get("code").is_none(), "{method}: {answer}");
    }

    /// Writes the text to disk, or deletes the file.
    fn save(&mut self, path: &Path) {
        if self.random.u32(..4) == 0 {
            let _ = std::fs::remove_file(path);
        } else {
            std::fs::write(path, self.client.text(path)).unwrap();
        }
        let change = json!({ "changes": [{ "uri": uri(path), "type": 2 }] });
        self.client.tell("workspace/didChangeWatchedFiles", &change);
    }

    /// The memory of the server, in MiB; `None` if this machine doesn't say.
    fn memory(&self) -> Option<u64> {
        let status = format!("/proc/{}/status", self.client.process());
        let status = std::fs::read_to_string(status).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes >> 10)
    }

    /// Shows the same as a server that sees all of it for the first time.
    fn agrees_with_a_fresh_server(&mut self) {
        let college = self.folder.path().canonicalize().unwrap();
        let mut fresh = EditorClient::start(&[&college]);
        for path in &self.open {
            fresh.open(path, self.client.text(path));
        }
        for path in &self.files {
            assert_eq!(
                self.client.found(path),
                fresh.found(path),
                "{}",
                path.display()
            );
        }
        fresh.stop();
    }

    fn end(mut self) {
        self.agrees_with_a_fresh_server();
        assert_eq!(self.client.log, [""; 0]);
        assert_eq!(self.client.stop(), Some(0));
        drop(self.folder);
    }
}

#[test]
fn random_edits_and_questions_meet_no_bug() {
    for seed in 0..4 {
        let mut editor = RandomEditor::start(seed);
        for step in 0..250 {
            editor.step();
            if step % 50 == 0 {
                editor.agrees_with_a_fresh_server();
            }
        }
        editor.end();
    }
}

#[test]
#[ignore = "takes ten minutes"]
#[expect(clippy::print_stdout, reason = "what it is run for")]
fn ten_minutes_of_random_edits_neither_panic_nor_grow() {
    let begun = Clock::REAL.moment();
    let mut editor = RandomEditor::start(fastrand::u64(..));
    let mut steps = 0;
    let mut early = None;
    while Clock::REAL.elapsed(begun) < Duration::from_mins(10) {
        editor.step();
        steps += 1;
        if steps == 20_000 {
            early = editor.memory();
        }
    }
    let late = editor.memory();
    println!("{steps} steps; {early:?} MiB after 20,000, {late:?} MiB at the end");
    if let (Some(early), Some(late)) = (early, late) {
        assert!(late < early * 2 + 50, "{early} MiB, then {late}");
    }
    editor.end();
}
