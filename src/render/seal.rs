//! What `seal` says of sealed overlays. No value of a row, but for the one that was asked for.

use std::fmt::Write;

use crate::domain::field::Key;
use crate::findings::{Finding, tally};
use crate::manifest::sealed::{Recipients, SealCounts, SealedTable};
use crate::render::words::{count, listed, shown};

/// What became of a sealed file.
pub fn sealed(name: &str, update: SealCounts, pruned: usize) -> String {
    let SealCounts {
        added,
        changed,
        unchanged,
        others,
        removed,
    } = update;
    let name = shown(name);
    let numbers = [
        (added, "new"),
        (changed, "changed"),
        (removed + pruned, "taken out"),
        (unchanged, "unchanged"),
    ];
    let mut parts = Vec::new();
    for (number, what) in numbers.into_iter().filter(|(number, _)| *number > 0) {
        let rows = count(number, "row", "rows");
        parts.push(format!("{rows} {what}"));
    }
    if parts.is_empty() {
        parts.push("no row has a value".to_owned());
    }
    let mut text = format!("{name}: {}.", listed(&parts));
    if others > 0 {
        let rows = count(others, "other row stays", "other rows stay");
        let _ = write!(
            text,
            " {rows}: the plain file doesn't have those people. `--prune` takes them out."
        );
    }
    text + "\n"
}

/// What a manifest has to say, so that a sealed file is read.
pub fn joining_sealed(name: &str, headers: &[String]) -> String {
    let known = headers.iter().filter(|header| Key::named(header).is_some());
    let columns: Vec<String> = known.map(|header| format!("{header}: {header}")).collect();
    let columns = if columns.is_empty() {
        "FIELD: HEADER".to_owned()
    } else {
        columns.join(", ")
    };
    let name = shown(name);
    format!(
        "\nNo manifest names it yet. Write this into one; the path counts from the manifest's folder:\n\nfromTable:\n  path: {name}\n  columns: {{ misId: misId, {columns} }}\n  overlay: true\n  sealed: true\n"
    )
}

/// The columns that are sealed and that no manifest reads.
pub fn unread_columns(unread: &[&String]) -> String {
    if unread.is_empty() {
        return String::new();
    }
    let titles: Vec<String> = unread
        .iter()
        .map(|title| format!("`{}`", shown(title)))
        .collect();
    format!(
        "No manifest reads {}. If a header is misspelt, correct it and seal again; if it isn't needed, take the column out.\n",
        listed(&titles)
    )
}

/// What a check found.
pub fn sealed_checked(name: &str, findings: &[Finding], table: &SealedTable) -> String {
    let name = shown(name);
    let rows = count(table.len(), "row", "rows");
    let (errors, warnings) = tally(findings);
    let looked = if table.is_open() {
        "opened with the key of this run"
    } else {
        "looked at from outside: no key is set"
    };
    let found = match (errors, warnings) {
        (0, 0) if table.is_open() => "nothing is wrong".to_owned(),
        (0, 0) => "nothing wrong shows".to_owned(),
        _ => format!(
            "{}, {}",
            count(errors, "error", "errors"),
            count(warnings, "warning", "warnings")
        ),
    };
    format!("{name}: {rows}, {looked}; {found}.\n")
}

/// What became of a file that was sealed again.
pub fn rotated(name: &str, rows: usize, recipients: &Recipients) -> String {
    let names: Vec<String> = recipients.named().map(|(name, _)| shown(name)).collect();
    format!(
        "{}: {} sealed again for {}. Former recipients can still open the rows that git keeps from before.\n",
        shown(name),
        count(rows, "row", "rows"),
        listed(&names)
    )
}

/// One row, a line for each column that isn't empty.
pub fn opened<'r>(name: &str, row: impl Iterator<Item = (&'r str, &'r str)>) -> String {
    let mut text = format!("{}\n", shown(name));
    for (header, cell) in row.filter(|(_, cell)| !cell.is_empty()) {
        let _ = writeln!(text, "  {}: {}", shown(header), shown(cell));
    }
    text
}
