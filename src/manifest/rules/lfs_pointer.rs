//! `lfs-pointer`: a file that Git LFS has put in the place of the real one. The readers of YAML and CSV ask `check` first.

use crate::findings::source::{FileId, Span};
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "lfs-pointer",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A file that Git LFS has put in the place of the real one.",
    explanation: "The repository keeps large files in Git LFS, and this clone has only the note that says where the content is. Run \
`git lfs install` and `git lfs pull`. On GitHub Actions write `lfs: true` below `actions/checkout`. Manifests are small: they \
needn't be in LFS.",
};

/// How such a file begins.
const BEGINNING: &str = "version https://git-lfs.github.com/spec/";

pub(crate) fn check(file: FileId, text: &str) -> Option<Finding> {
    if !text.starts_with(BEGINNING) {
        return None;
    }
    let end = text.find('\n').unwrap_or(text.len());
    let message = "this is a note of Git LFS, and not the file";
    let help = "run `git lfs pull`; in CI fetch LFS files with the checkout (`lfs: true`)";
    Some(Finding::new(&RULE, Span::new(file, 0, end), message, help))
}
