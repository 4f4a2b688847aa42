//! Tells the program its commit, its day, its target, and how it was built.

use std::env::var;
use std::path::Path;
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "cargo is asked and told so")]
fn main() {
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    // Without git, as in a source archive, nothing says of which day the source is.
    let day = git(&["show", "--no-patch", "--format=%cs", "HEAD"]);
    let (target, level) = (var("TARGET"), var("OPT_LEVEL"));
    // The profile `dist` is for what is handed out. Cargo names a profile only in the path: PROFILE/build/CRATE/out.
    let out = var("OUT_DIR").unwrap_or_default();
    let profile = Path::new(&out).ancestors().nth(3).and_then(Path::file_name);
    let is_release = profile.is_some_and(|profile| profile == "dist");
    let mut details = vec![commit.unwrap_or_else(|| "unknown commit".to_owned())];
    details.extend(day.clone());
    details.extend(target.ok());
    details.push(
        if is_release {
            "release"
        } else {
            "built from source"
        }
        .to_owned(),
    );
    if level.is_ok_and(|level| level == "0") {
        details.push("not optimised".to_owned());
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
