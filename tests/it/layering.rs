//! Data flows one way: a module names only those above it in this table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::harness::root;

/// The modules, from the top. Those in one row may name each other's types in neither direction.
const LAYERS: &[&[&str]] = &[
    &["clock"],
    &["source"],
    &["suggest"],
    &["diagnostic"],
    &["field"],
    &["model"],
    &["redact"],
    &["schema"],
    &["manifest"],
    &["validate"],
    &["plan"],
    &["review"],
    &["journal"],
    &["client"],
    &["apply"],
    &["export"],
    &["adopt"],
    &["rehearse"],
    &["doctor"],
    &["init"],
    &["view"],
    &["sandbox"],
    &["files"],
    &["ui"],
    &["settings"],
    &["cli"],
    &["exit"],
    &["commands"],
];

/// What a module must not know although it stands above, and crates that only some may know.
const NEVER: &[(&str, &[&str])] = &[
    (
        "sandbox",
        &[
            "crate::client",
            "crate::plan",
            "crate::model",
            "crate::field",
        ],
    ),
    (
        "client",
        &["crate::plan", "crate::manifest", "crate::validate"],
    ),
    ("validate", &["crate::client"]),
    (
        "apply",
        &["crate::manifest", "crate::validate", "println!", "print!"],
    ),
    (
        "plan",
        &[
            "crate::clock",
            "tokio",
            "serde",
            "async ",
            "std::env",
            "std::fs",
        ],
    ),
    ("model", &["serde", "std::fs"]),
    ("view", &["std::io", "is_terminal"]),
    ("diagnostic", &["miette", "anstyle"]),
];

/// Crates that one module keeps to itself.
const ONLY: &[(&str, &[&str])] = &[
    ("miette", &["ui"]),
    ("granit_parser", &["manifest"]),
    ("jsonschema", &["manifest"]),
    ("redb", &["sandbox"]),
    ("clap", &["cli"]),
    ("reqwest", &["client", "settings"]),
    ("axum", &["sandbox"]),
];

fn files_of(module: &str) -> Vec<PathBuf> {
    let folder = root().join("src").join(module);
    let mut files = vec![root().join(format!("src/{module}.rs"))];
    files.extend(
        walkdir::WalkDir::new(folder)
            .into_iter()
            .flatten()
            .map(walkdir::DirEntry::into_path),
    );
    files.retain(|file| {
        file.extension().is_some_and(|extension| extension == "rs") && file.is_file()
    });
    files
}

/// A file without comments and without its unit tests, which may look around.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The modules that a file names by `crate::…`.
fn named(code: &str) -> BTreeSet<String> {
    let direct = code.split("crate::").skip(1).map(word).map(str::to_owned);
    let grouped = code
        .split("crate::{")
        .skip(1)
        .flat_map(|rest| rest.split('}').next().unwrap().split(','));
    direct
        .chain(grouped.map(|name| word(name.trim()).to_owned()))
        .filter(|name| !name.is_empty())
        .collect()
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap()
}

#[test]
fn a_module_names_only_those_above_it() {
    for (at, layer) in LAYERS.iter().enumerate() {
        let below: BTreeSet<&str> = LAYERS[at + 1..]
            .iter()
            .flat_map(|layer| layer.iter().copied())
            .collect();
        for file in layer.iter().flat_map(|module| files_of(module)) {
            let names = named(&code(&file));
            let wrong: Vec<_> = names
                .iter()
                .filter(|name| below.contains(name.as_str()))
                .collect();
            assert!(wrong.is_empty(), "{} names {wrong:?}", file.display());
            let by_the_back_door = ["super::super", "crate as", "crate::*"];
            assert!(
                !by_the_back_door
                    .iter()
                    .any(|door| code(&file).contains(door)),
                "{}",
                file.display()
            );
        }
    }
}

#[test]
fn every_module_has_its_layer() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared: BTreeSet<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let layered: BTreeSet<&str> = LAYERS
        .iter()
        .flat_map(|layer| layer.iter().copied())
        .collect();
    assert_eq!(declared, layered);
}

#[test]
fn a_module_keeps_away_from_what_it_must_not_know() {
    for (module, never) in NEVER {
        for file in files_of(module) {
            let code = code(&file);
            let found: Vec<_> = never.iter().filter(|word| code.contains(**word)).collect();
            assert!(found.is_empty(), "{} knows {found:?}", file.display());
        }
    }
    for (name, homes) in ONLY {
        for module in LAYERS
            .iter()
            .flat_map(|layer| layer.iter())
            .filter(|module| !homes.contains(module))
        {
            for file in files_of(module) {
                let uses = code(&file).contains(&format!("{name}::"));
                assert!(!uses, "{} knows {name}", file.display());
            }
        }
    }
}
