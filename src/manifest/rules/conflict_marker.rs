//! `conflict-marker`: a line that git leaves where two changes met. The readers of YAML and CSV ask `check` first: what
//! else is wrong in such a file comes of it.

use crate::findings::source::{FileId, Span};
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "conflict-marker",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A line that git leaves where two changes met: `<<<<<<<`, `=======`, `>>>>>>>`.",
    explanation: "Two people changed the same lines, and nobody has decided which of them count. Between `<<<<<<<` and `=======` stands one \
change, and between `=======` and `>>>>>>>` the other. Keep the lines that are right, delete these marks, and commit the file. \
rosterctl doesn't read the file before that.",
};

/// Seven times one character, at the beginning of a line, alone or with a blank behind it.
const MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// A finding for each such line.
pub(crate) fn check(file: FileId, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !MARKERS.iter().any(|marker| text.contains(marker)) {
        return findings;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if is_marker(line.trim_end_matches(['\n', '\r'])) {
            let span = Span::new(file, start, start + MARKERS[0].len());
            let help = "keep the lines that are right, delete this one, and commit the file";
            findings.push(Finding::new(
                &RULE,
                span,
                "a conflict that git left here isn't resolved",
                help,
            ));
        }
        start += line.len();
    }
    findings
}

fn is_marker(line: &str) -> bool {
    MARKERS.iter().any(|marker| {
        let rest = line.strip_prefix(marker);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::findings::source::FileId;

    #[test]
    fn only_lines_that_git_writes_are_markers() {
        let found = |text: &str| check(FileId::default(), text).len();
        assert_eq!(
            found("users:\n<<<<<<< HEAD\n- a\n=======\n- b\n>>>>>>> other\n"),
            3
        );
        assert_eq!(
            found("<<<<<<< HEAD\r\na\r\n||||||| base\r\n=======\r\nb\r\n>>>>>>> x y\r\n"),
            4
        );
        assert_eq!(found("a\n======="), 1);
        for text in [
            "# ======= users =======\n",
            "========\n",
            "  <<<<<<< x\n",
            "x: <<<<<<<\n",
            "=======x\n",
        ] {
            assert_eq!(found(text), 0, "{text}");
        }
    }
}
