//! `unreadable-file`: a file that can't be opened or decoded. The reader of files finds it.

use crate::findings::{Rule, Severity};

pub static RULE: Rule = Rule {
    name: "unreadable-file",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A file can't be opened, is in another encoding, or is larger than 64 MiB.",
    explanation: "Manifests are regular files of UTF-8 text below the project's folder; links, pipes and folders that end in .yaml \
aren't read. A CSV may be in Windows-1252 if its manifest says so: `encoding: windows-1252`. A CSV that isn't always there \
is `optional: true`, if it is an overlay.",
};
