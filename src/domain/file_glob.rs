//! A pattern of file names, as people write it: `users/learners/*.yaml`.

use std::fmt;

/// Matches names of files with `/` between their parts. `*` stands for any letters within a part, `?` for one letter, `**` for
/// any parts. A pattern that names a folder matches every file below it. A pattern of one part matches at any depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGlob {
    parts: Vec<String>,
}

const ANY_PARTS: &str = "**";

impl FileGlob {
    /// `None` if the pattern names nothing.
    pub fn new(pattern: &str) -> Option<Self> {
        let pattern = pattern.replace('\\', "/");
        let mut parts = Vec::new();
        for part in pattern.split('/') {
            if !part.is_empty() && part != "." {
                parts.push(part.to_owned());
            }
        }
        if parts.len() == 1 {
            parts.insert(0, ANY_PARTS.to_owned());
        }
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// Whether the pattern names this file, or a folder above it.
    pub fn matches(&self, file: &str) -> bool {
        let end = self.parts.len();
        // Which numbers of parts of the pattern the parts of the name so far may be.
        let mut reached = vec![false; end + 1];
        reached[0] = true;
        self.pass_over(&mut reached);
        for name in file.split('/').filter(|name| *name != ".") {
            let mut next = vec![false; end + 1];
            for at in 0..end {
                if reached[at] && self.parts[at] == ANY_PARTS {
                    next[at] = true;
                } else if reached[at] && is_like(&self.parts[at], name) {
                    next[at + 1] = true;
                }
            }
            next[end] |= reached[end];
            self.pass_over(&mut next);
            reached = next;
        }
        reached[end]
    }

    /// `**` may stand for no part at all.
    fn pass_over(&self, reached: &mut [bool]) {
        for (at, part) in self.parts.iter().enumerate() {
            if part == ANY_PARTS {
                reached[at + 1] |= reached[at];
            }
        }
    }
}

impl fmt::Display for FileGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join("/"))
    }
}

/// Whether a part of a name is as a part of a pattern says.
fn is_like(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut read) = (0, 0);
    // The last `*`, and the first letter that it doesn't stand for.
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else {
                    return false;
                };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                read = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::FileGlob;

    fn matches(pattern: &str, file: &str) -> bool {
        FileGlob::new(pattern).is_some_and(|glob| glob.matches(file))
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
            ("***.yaml", "users/staff.yaml"),
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
    fn a_pattern_of_many_stars_takes_no_time() {
        let many = "**/*a*a*a*a*a*a*a*a*a*a*b/".repeat(20);
        assert!(!matches(&many, &format!("{}/x", "a".repeat(200))));
    }
}
