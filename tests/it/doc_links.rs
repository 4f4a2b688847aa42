//! What the documentation refers to exists: links and anchors, paths, flags, keys, environment variables and messages.

use std::collections::BTreeSet;
use std::path::Path;

use comrak::{Arena, Options, parse_document};

use crate::doc_pages::{DocPage, page, pages, pages_of_the_book};
use crate::harness::root;

/// Where a link goes, seen from its page: a path from the root of the repository, and an anchor.
fn target(from: &str, link: &str) -> (String, Option<String>) {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    if path.is_empty() {
        return (from.to_owned(), anchor);
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => assert!(
                parts.pop().is_some(),
                "{from}: {link} leaves the repository"
            ),
            part => parts.push(part),
        }
    }
    (parts.join("/"), anchor)
}

#[test]
fn every_link_and_anchor_goes_somewhere() {
    let pages = pages();
    let mut wrong = Vec::new();
    for from in &pages {
        for link in &from.links {
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = target(&from.path, link);
            let is_there = root().join(&path).is_file();
            let has_anchor = anchor.is_none_or(|anchor| {
                let to = pages.iter().find(|page| page.path == path);
                to.is_some_and(|page| page.anchors.contains(&anchor))
            });
            if !is_there || !has_anchor {
                wrong.push(format!("{}: {link}", from.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_of_the_book_links_only_to_pages_of_the_book() {
    for page in pages().iter().filter(|page| page.path.starts_with("docs/")) {
        for link in &page.links {
            let (path, _) = target(&page.path, link);
            let stays = link.starts_with("https://") || path.starts_with("docs/");
            assert!(stays, "{}: {link} isn't in the book", page.path);
            // mdbook gives such a page another name, and not the links to it.
            let is_renamed = link
                .split('#')
                .next()
                .is_some_and(|path| path.ends_with("README.md"));
            assert!(!is_renamed, "{}: {link} is broken in the book", page.path);
        }
    }
}

#[test]
fn the_table_of_contents_has_every_page_once() {
    let arena = Arena::new();
    let text = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let mut listed = Vec::new();
    for node in parse_document(&arena, &text, &Options::default()).descendants() {
        if let comrak::nodes::NodeValue::Link(link) = &node.data().value {
            listed.push(format!("docs/{}", link.url));
        }
    }
    listed.sort();
    assert_eq!(listed, pages_of_the_book());
}

#[test]
fn the_readme_is_one_page() {
    let lines = page("README.md").text.lines().count();
    assert!(lines <= 150, "{lines} lines");
}

/// Everything that the program is made of, as one text.
fn sources() -> String {
    let mut text = String::new();
    for folder in ["src", "schema", "examples", "tests/it", "benches"] {
        let entries = walkdir::WalkDir::new(root().join(folder)).into_iter();
        // What npm installs beside the extension of an editor isn't ours.
        for entry in entries.filter_entry(|entry| entry.file_name() != "node_modules") {
            let path = entry.unwrap().into_path();
            if let Ok(file) = std::fs::read_to_string(&path) {
                text += &file;
            }
        }
    }
    text
}

/// What is on the pages, between backticks and in blocks.
fn code_of(page: &DocPage) -> String {
    let mut text = page.codes.join("\n");
    for block in &page.blocks {
        text.push('\n');
        text += &block.text;
    }
    text
}

/// The flags of git, cargo, node and PowerShell that the pages have.
const OTHER_FLAGS: &[&str] = &[
    "--no-edit",
    "--oneline",
    "--locked",
    "--path",
    "--skip",
    "--test",
    "--ignored",
    "--short",
    "--quiet",
    "--message",
    "--all",
    "--unshallow",
    "--filter",
    "--bench",
    "--test-threads",
    "--install-extension",
    "--no-run",
    "--release",
];

#[test]
fn every_flag_on_a_page_exists() {
    let known: BTreeSet<String> = flags(&code_of(&page("docs/reference/commands.md")));
    for page in pages() {
        for flag in flags(&code_of(&page)) {
            let is_known = known.contains(&flag) || OTHER_FLAGS.contains(&&*flag);
            assert!(is_known, "{}: {flag}", page.path);
        }
    }
}

fn flags(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
    let mut flags = BTreeSet::new();
    for (at, _) in text.match_indices("--") {
        let before = text[..at].chars().next_back();
        let flag: String = text[at..].chars().take_while(|c| is_part(*c)).collect();
        let begins =
            before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-' && c != '<' && c != '!');
        if begins && flag.len() > 3 && !flag.starts_with("---") {
            flags.insert(flag.trim_end_matches('-').to_owned());
        }
    }
    flags
}

/// Paths of the reader's own project or computer, of what a run makes, and names that stand for others.
const OTHER_PATHS: &[&str] = &[
    "users/",
    "private/",
    ".rosterctl",
    "keys/",
    "pages/",
    ".github/",
    ".vscode",
    "NAME",
    "YOUR_RULE",
    "target/",
    "application/",
];

#[test]
fn every_path_of_the_repository_on_a_page_exists() {
    let mut wrong = Vec::new();
    for page in pages() {
        for code in &page.codes {
            let is_path = code.contains('/')
                && code
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
            let is_here =
                code.starts_with(['.']) || code.starts_with(|c: char| c.is_ascii_lowercase());
            if !is_path || !is_here || OTHER_PATHS.iter().any(|path| code.contains(path)) {
                continue;
            }
            let exists = |folder: &str| root().join(folder).join(code).exists();
            if !["", "src", "docs", "tests", "tests/it"]
                .iter()
                .any(|folder| exists(folder))
                && !exists_below(code)
            {
                wrong.push(format!("{}: {code}", page.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether some file of `src` ends with this path, as `readings/spare.rs` does.
fn exists_below(code: &str) -> bool {
    let entries = walkdir::WalkDir::new(root().join("src")).into_iter();
    let ends = |path: &Path| path.ends_with(code);
    entries.flatten().any(|entry| ends(entry.path()))
}

#[test]
fn every_key_and_variable_on_a_page_is_one_that_the_program_knows() {
    let sources = sources();
    let mut wrong = Vec::new();
    for page in pages() {
        for code in &page.codes {
            let is_word = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let is_key = code.starts_with(|c: char| c.is_ascii_lowercase())
                && code.chars().any(|c| c.is_ascii_uppercase());
            let is_variable = code.contains('_') && code.chars().all(|c| !c.is_ascii_lowercase());
            if is_word && (is_key || is_variable) && !sources.contains(code.as_str()) {
                wrong.push(format!("{}: {code}", page.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A reader looks for the words on the screen, so they have to be those that the program prints.
#[test]
fn every_message_that_the_page_of_trouble_lists_is_one_of_the_program() {
    let sources = sources_without_line_ends();
    let page = page("docs/trouble.md");
    let (by_message, _) = page.text.split_once("## By what you see").unwrap();
    let mut listed = 0;
    for line in by_message.lines().filter(|line| line.starts_with("| `")) {
        let message = line.split('`').nth(1).unwrap();
        assert!(sources.contains(message), "nothing says {message:?}");
        listed += 1;
    }
    assert!(listed > 20, "{listed} messages");
}

/// The sources with each text of several lines on one.
fn sources_without_line_ends() -> String {
    let mut text = String::new();
    for line in sources().lines() {
        if let Some(begun) = line.strip_suffix('\\') {
            text += begun.trim_start();
        } else {
            text += line.trim_start();
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_page_that_a_source_names_exists() {
    let text = sources();
    let mut wrong = BTreeSet::new();
    for (at, _) in text.match_indices("docs/") {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        let before = text[..at].chars().next_back();
        let path: String = text[at..].chars().take_while(|c| is_part(*c)).collect();
        let path = path.trim_end_matches('.');
        let is_page = Path::new(path).extension().is_some_and(|name| name == "md");
        if is_page && before != Some('/') && !root().join(path).is_file() {
            wrong.insert(path.to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_link_is_found_from_the_page_that_has_it() {
    for (from, link, path, anchor) in [
        ("docs/ci.md", "scale.md#a", "docs/scale.md", Some("a")),
        ("docs/reference/json.md", "../ci.md", "docs/ci.md", None),
        ("README.md", "docs/ci.md", "docs/ci.md", None),
        ("docs/ci.md", "#a", "docs/ci.md", Some("a")),
    ] {
        let (found, at) = target(from, link);
        assert_eq!((found.as_str(), at.as_deref()), (path, anchor));
    }
}
