//! Tells the program its commit and its target.

use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "cargo is asked and told so")]
fn main() {
    let asked = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output();
    let commit = asked
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok());
    let commit = commit.map_or_else(
        || "unknown commit".to_owned(),
        |commit| commit.trim().to_owned(),
    );
    let target = std::env::var("TARGET").unwrap_or_default();
    println!(
        "cargo::rustc-env=ROSTERCTL_VERSION={} ({commit}, {target})",
        env!("CARGO_PKG_VERSION")
    );
    println!("cargo::rerun-if-changed=.git/logs/HEAD");
    println!("cargo::rerun-if-changed=src/cli/build.rs");
}
