//! A pattern of file names, as people write it: `users/learners/*.yaml`.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Matches names of files with `/` between their parts. `*` and `?` stay within a part, `**` stands for any parts. A pattern that
/// names a folder matches every file below it. A pattern of one part matches at any depth.
#[derive(Clone, Debug)]
pub struct FileGlob {
    written: String,
    set: GlobSet,
}

/// What to write, for somebody whose pattern can't be read.
const ADVICE: &str =
    "write a file or a folder, as in `file:users/staff.yaml` or `file:users/*.yaml`";

impl FileGlob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, and what to type.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let slashes = pattern.replace('\\', "/");
        let mut parts: Vec<&str> = slashes
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        if parts.is_empty() {
            return Err(ADVICE.to_owned());
        }
        if parts.len() == 1 {
            parts.insert(0, "**");
        }
        let written = parts.join("/");
        let set =
            file_or_folder(&written).map_err(|error| format!("{}; {ADVICE}", error.kind()))?;
        Ok(Self { written, set })
    }

    /// Whether the pattern names this file, or a folder above it.
    pub fn matches(&self, file: &str) -> bool {
        self.set.is_match(file.strip_prefix("./").unwrap_or(file))
    }

    /// The pattern, with `/` between its parts.
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl PartialEq for FileGlob {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for FileGlob {}

fn file_or_folder(pattern: &str) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in [pattern, &format!("{pattern}/**")] {
        set.add(GlobBuilder::new(pattern).literal_separator(true).build()?);
    }
    set.build()
}

#[cfg(test)]
mod tests {
    use super::FileGlob;

    fn matches(pattern: &str, file: &str) -> bool {
        FileGlob::new(pattern).is_ok_and(|glob| glob.matches(file))
    }

    #[test]
    fn a_pattern_matches_files_folders_and_names_at_any_depth() {
        for (pattern, file) in [
            (
                "users/learners/business.yaml",
                "users/learners/business.yaml",
            ),
            ("./users/staff.yaml", "users/staff.yaml"),
            ("users\\staff.yaml", "users/staff.yaml"),
            ("business.yaml", "users/learners/business.yaml"),
            ("users/learners", "users/learners/2026/business.yaml"),
            ("users/learners/", "users/learners/business.yaml"),
            ("learners", "users/learners/business.yaml"),
            ("users/*/business.yaml", "users/learners/business.yaml"),
            ("users/**/business.yaml", "users/business.yaml"),
            ("users/**/business.yaml", "users/a/b/business.yaml"),
            ("**/*.csv", "private/starters.csv"),
            ("*.yaml", "users/staff.yaml"),
            ("b?siness*", "users/business.yaml"),
            ("*é*", "users/café.yaml"),
            ("users/{staff,learners}*", "users/staff.yaml"),
            ("users/[a-s]*.yaml", "users/staff.yaml"),
        ] {
            assert!(matches(pattern, file), "{pattern} {file}");
        }
        for (pattern, file) in [
            ("", "users/staff.yaml"),
            ("/", "users/staff.yaml"),
            (".", "users/staff.yaml"),
            ("users/*.yaml", "users/learners/business.yaml"),
            ("users/learner", "users/learners/business.yaml"),
            ("staff", "users/staff.yaml"),
            ("Users/staff.yaml", "users/staff.yaml"),
            ("b?siness.yaml", "users/bsiness.yaml"),
            ("users/*/*/business.yaml", "users/a/business.yaml"),
        ] {
            assert!(!matches(pattern, file), "{pattern} {file}");
        }
    }

    #[test]
    fn what_is_no_pattern_says_what_to_write() {
        for pattern in ["", " /", "users/[a", "users/{a,b", "[b-a].yaml"] {
            let pattern = pattern.trim();
            assert!(
                FileGlob::new(pattern).unwrap_err().contains("file:users/"),
                "{pattern}"
            );
        }
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_time() {
        let many = "**/*a*a*a*a*a*a*a*a*a*a*b/".repeat(20);
        assert!(!matches(&many, &format!("{}/x", "a".repeat(200))));
    }
}
