//! Data flows one way: a module names only those above it in this table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::harness::root;

/// The modules, from the top. A file belongs to the longest path here that leads to it.
const LAYERS: &[&str] = &[
    "apply::platform",
    "apply::private_files",
    "findings::source",
    "findings::suggest",
    "findings",
    "domain::clock",
    "domain::role",
    "domain::field",
    "domain",
    "domain::redact",
    "manifest::tree",
    "manifest::csv_format",
    "manifest::project_keys",
    "manifest::sealed_fault",
    "manifest::node_value",
    "manifest::declared_assignments",
    "manifest::unchecked_user",
    "manifest::unchecked_entry",
    "manifest::user_references",
    "manifest::duplicate_pairs",
    "manifest::rules",
    "manifest::schema",
    "manifest",
    "manifest::validate",
    "manifest::declared_lookup",
    "plan",
    "review",
    "apply::journal",
    "onefile",
    "apply",
    "onboarding::export",
    "onboarding::accept",
    "onboarding::listing",
    "onboarding::adopt",
    "onboarding::reassign",
    "onboarding::rehearse",
    "onboarding::doctor",
    "onboarding::init",
    "render",
    "sandbox",
    "project::files",
    "project::settings",
    "project::keyring",
    "project::error",
    "project::paths",
    "project::unsaved_texts",
    "project::discover",
    "project::data_folder",
    "project::journal_folder",
    "project::known_names",
    "project::atomic_write",
    "project::git_ignore",
    "project::extract",
    "project::intake",
    "project::file_memory",
    "project::check",
    "project::fix",
    "project::load",
    "project::seal",
    "project::base",
    "project::draft",
    "project::output_folder",
    "project::declared_places",
    "project::rewrite",
    "project::write_back",
    "cli::terminal",
    "cli::exit",
    "cli::args",
    "cli::error",
    "cli::context",
    "cli::run_starter",
    "cli::signal",
    "cli::connection",
    "cli::known_users",
    "cli::readings",
    "cli::all_accounts",
    "cli::other_checkouts",
    "cli::selection",
    "cli::pipeline",
    "cli::lsp::messages",
    "cli::lsp::protocol",
    "cli::lsp",
    "cli::commands",
];

/// Folders that only list their modules.
const FOLDERS: &[&str] = &["onboarding", "project", "cli"];

/// What a module must not know although it stands above, and crates that only some may know.
const NEVER: &[(&str, &[&str])] = &[
    (
        "sandbox",
        &[
            "crate::onefile",
            "crate::plan",
            "crate::domain::{",
            "crate::domain::field",
        ],
    ),
    ("onefile", &["crate::plan", "crate::manifest"]),
    ("manifest::rules", &["crate::onefile"]),
    ("apply", &["crate::manifest", "println!", "print!"]),
    (
        "plan",
        &[
            "crate::domain::clock",
            "tokio",
            "serde",
            "async ",
            "std::env",
            "std::fs",
        ],
    ),
    ("domain", &["serde", "std::fs"]),
    ("render", &["std::io", "is_terminal"]),
    ("findings", &["miette", "anstyle"]),
];

/// Crates that one module keeps to itself.
const ONLY: &[(&str, &[&str])] = &[
    ("miette", &["cli::terminal"]),
    ("granit_parser", &["manifest"]),
    ("jsonschema", &["manifest"]),
    ("redb", &["sandbox"]),
    ("clap", &["cli::args"]),
    ("reqwest", &["onefile", "project::settings"]),
    ("axum", &["sandbox"]),
    ("libc", &["apply::platform"]),
    ("lsp_server", &["cli::lsp::protocol"]),
    ("gen_lsp_types", &["cli::lsp::protocol"]),
];

/// Every source file with the layer that it belongs to.
fn files() -> Vec<(&'static str, PathBuf)> {
    let source = root().join("src");
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(&source).into_iter().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let module = module_of(path.strip_prefix(&source).unwrap());
        let is_program = ["lib", "main", "cli::build"].contains(&module.as_str());
        if is_program || FOLDERS.contains(&module.as_str()) {
            continue;
        }
        let layer = layer_of(&module).unwrap_or_else(|| panic!("{module} has no layer"));
        files.push((layer, path.to_owned()));
    }
    files
}

/// `src/plan/limits.rs` is `plan::limits`, and `src/plan/mod.rs` is `plan`.
fn module_of(path: &Path) -> String {
    let path = path.with_extension("");
    let mut names: Vec<&str> = path.iter().map(|name| name.to_str().unwrap()).collect();
    if names.last() == Some(&"mod") {
        names.pop();
    }
    names.join("::")
}

fn layer_of(path: &str) -> Option<&'static str> {
    let leads = |layer: &&&str| {
        let rest = path.strip_prefix(**layer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    LAYERS
        .iter()
        .filter(leads)
        .max_by_key(|layer| layer.len())
        .copied()
}

/// A file without comments and without its unit tests, which may look around.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The layers that a file names by `crate::…`.
fn named(code: &str) -> BTreeSet<&'static str> {
    let mut layers = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let path = rest.split(|c| !is_path(c)).next().unwrap();
        layers.extend(layer_of(path.trim_end_matches(':')));
    }
    layers
}

#[test]
fn a_module_names_only_those_above_it() {
    let at = |layer: &str| LAYERS.iter().position(|known| *known == layer).unwrap();
    for (layer, file) in files() {
        let code = code(&file);
        let wrong: Vec<_> = named(&code)
            .into_iter()
            .filter(|name| at(name) > at(layer))
            .collect();
        assert!(wrong.is_empty(), "{} names {wrong:?}", file.display());
        for door in ["super::super", "crate as", "crate::*", "crate::{"] {
            assert!(!code.contains(door), "{} has {door}", file.display());
        }
    }
}

/// What differs from system to system stands in one module, so that a look at it says what Windows and macOS do.
#[test]
fn only_the_platform_asks_for_the_system() {
    for (layer, file) in files() {
        let code = code(&file).replace("#[cfg(all(test, unix))]", "");
        for question in [
            "cfg(unix",
            "cfg(windows",
            "cfg!(windows",
            "cfg!(unix",
            "target_os",
            "cfg(not(unix",
        ] {
            let is_asked = code.contains(question);
            assert!(
                !is_asked || layer == "apply::platform",
                "{} asks {question}",
                file.display()
            );
        }
    }
}

#[test]
fn every_layer_has_files() {
    let layers: BTreeSet<&str> = files().into_iter().map(|(layer, _)| layer).collect();
    assert_eq!(layers, LAYERS.iter().copied().collect());
}

#[test]
fn a_module_keeps_away_from_what_it_must_not_know() {
    for (layer, file) in files() {
        let code = code(&file);
        for (module, never) in NEVER.iter().filter(|(module, _)| layer.starts_with(module)) {
            let found: Vec<_> = never.iter().filter(|word| code.contains(**word)).collect();
            assert!(
                found.is_empty(),
                "{module}: {} knows {found:?}",
                file.display()
            );
        }
        for (name, _) in ONLY.iter().filter(|(_, homes)| !homes.contains(&layer)) {
            assert!(
                !code.contains(&format!("{name}::")),
                "{} knows {name}",
                file.display()
            );
        }
    }
}

/// Fourteen entries fit on a screen, and read as the flow of the program.
#[test]
fn the_source_folder_can_be_read_at_one_look() {
    let entries = std::fs::read_dir(root().join("src")).unwrap().count();
    assert!(entries <= 14, "{entries} entries");
}

/// A name that two types share has to be looked up each time that it is read.
#[test]
fn a_type_name_is_defined_once() {
    let mut defined: BTreeSet<String> = BTreeSet::new();
    for (_, file) in files() {
        for line in code(&file).lines().filter(|line| !line.starts_with(' ')) {
            let words: Vec<&str> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .collect();
            let keyword = words
                .iter()
                .position(|word| ["struct", "enum", "trait", "type", "union"].contains(word));
            let is_definition = keyword.is_some_and(|at| {
                words[..at]
                    .iter()
                    .all(|word| ["pub", "crate", "super", "in", ""].contains(word))
            });
            if let Some(name) = keyword
                .filter(|_| is_definition)
                .and_then(|at| words.get(at + 1))
            {
                assert!(
                    defined.insert((*name).to_owned()),
                    "{name} is defined again in {}",
                    file.display()
                );
            }
        }
    }
    assert!(defined.len() > 200, "{} types were found", defined.len());
}
