//! Tells the program its commit, its day, its target, and how it was built.

use std::env::var;
use std::path::Path;
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "cargo is asked and told so")]
fn main() {
    // Without git, as in a source archive, nothing says which commit the source is, or of which day.
    let head = git(&[
        "show",
        "--no-patch",
        "--abbrev=12",
        "--format=%h %cs",
        "HEAD",
    ]);
    let (commit, day) = head
        .as_deref()
        .and_then(|head| head.split_once(' '))
        .unzip();
    let (target, level) = (var("TARGET").ok(), var("OPT_LEVEL"));
    // The profile `dist` is for what is handed out. Cargo names a profile only in the path: PROFILE/build/CRATE/out.
    let out = var("OUT_DIR").unwrap_or_default();
    let profile = Path::new(&out).ancestors().nth(3).and_then(Path::file_name);
    let is_release = profile.is_some_and(|profile| profile == "dist");
    let mut details = vec![commit.unwrap_or("unknown commit")];
    details.extend(day);
    details.extend(target.as_deref());
    details.push(if is_release {
        "release"
    } else {
        "built from source"
    });
    if level.is_ok_and(|level| level == "0") {
        details.push("not optimised");
    }
    println!(
        "cargo::rustc-env=ROSTERCTL_VERSION={} ({})",
        env!("CARGO_PKG_VERSION"),
        details.join(", ")
    );
    println!("cargo::rustc-env=ROSTERCTL_DAY={}", day.unwrap_or_default());
    println!("cargo::rerun-if-changed=.git/logs/HEAD");
    println!("cargo::rerun-if-changed=src/cli/build.rs");
}

/// What git says in one line; `None` if there is no git or no repository.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
