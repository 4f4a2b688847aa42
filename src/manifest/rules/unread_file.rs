//! `unread-file`: a file that looks meant and isn't read. The reader of files finds it.

use crate::findings::source::FileId;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "unread-file",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A file that looks meant and isn't read: `x.yaml.txt`, a table that no manifest names, a manifest beside rosterctl.yaml.",
    explanation: "rosterctl reads files that end in .yaml or .yml below the folders that `manifests` in rosterctl.yaml lists (`users` \
unless you say so), and the tables that they name with `fromTable`. The users in any other file aren't managed. Rename the file, name it, \
or move it out of the folder. Windows hides the ending .txt: turn on \"File name extensions\" to see it.",
};

/// Why a file that looks meant isn't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedOver {
    /// Its name ends in `.yaml.txt` or the like.
    Misnamed,
    /// A table that no manifest names.
    Table,
    /// A workbook in a format that isn't read.
    Workbook,
    /// A manifest beside `rosterctl.yaml`, which doesn't list it.
    Beside,
}

/// `file` is in the place of the text.
pub(crate) fn finding(file: FileId, why: PassedOver) -> Finding {
    let (message, help) = match why {
        PassedOver::Misnamed => (
            "this file isn't read: its name doesn't end in .yaml",
            "rename it so that it ends in .yaml, or move it out of this folder",
        ),
        PassedOver::Table => (
            "this file isn't read: no manifest names it",
            "name it in a manifest, `fromTable: { path: … }`, or move it out of this folder",
        ),
        PassedOver::Workbook => (
            "this workbook isn't read: no manifest names it",
            "save it as Excel Workbook (.xlsx) and name that with `fromTable`, or move it out of this folder",
        ),
        PassedOver::Beside => (
            "this manifest isn't read: `manifests` in rosterctl.yaml doesn't list it",
            "move it to a folder that `manifests` lists (`users` unless you say so), or list it there",
        ),
    };
    Finding::new(&RULE, Span::new(file, 0, 0), message, help)
}

/// Why a file in a folder of manifests isn't read, by its name; `None` if nobody would take it for one that is.
pub fn by_name(name: &str) -> Option<PassedOver> {
    // Excel keeps such a file beside a workbook while it is open.
    if name.starts_with("~$") {
        return None;
    }
    let lower = name.to_lowercase();
    let endings = ENDINGS.iter().find(|(ending, _)| lower.ends_with(ending));
    endings.map(|(_, why)| *why)
}

const ENDINGS: &[(&str, PassedOver)] = &[
    (".yaml.txt", PassedOver::Misnamed),
    (".yml.txt", PassedOver::Misnamed),
    (".ymal", PassedOver::Misnamed),
    (".yalm", PassedOver::Misnamed),
    (".yaml_", PassedOver::Misnamed),
    (".csv.txt", PassedOver::Table),
    (".csv", PassedOver::Table),
    (".tsv", PassedOver::Table),
    (".xlsx", PassedOver::Table),
    (".xlsm", PassedOver::Workbook),
    (".xls", PassedOver::Workbook),
    (".ods", PassedOver::Table),
];
