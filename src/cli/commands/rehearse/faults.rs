//! Faults of the sandbox, by name or from a file.

use std::path::Path;

use crate::cli::error::CommandError;
use crate::findings::source::Sources;
use crate::project::files::read_named_text;
use crate::sandbox::Faults;

/// What `rehearse --faults` knows by name.
const NAMED_FAULTS: &[(&str, &str)] = &[
    (
        "lostAnswers",
        "[{on: POST /User, when: {every: 3}, do: resetAfter}, {on: POST /User/*, when: {every: 5}, do: resetAfter}]",
    ),
    (
        "outages",
        "[{on: GET /**, when: {chance: 0.05, seed: 7}, do: {status: 503, body: Down for maintenance}}, {on: POST /User/**, when: {every: 7}, do: {status: 503, body: Down for maintenance}}]",
    ),
    (
        "lateSearches",
        "[{on: POST /User, do: {hideCreatedMs: 5000}}]",
    ),
];

/// The faults of this name, or else of the file at this path.
pub(crate) fn named_faults(what: &Path) -> Result<Faults, CommandError> {
    let named = NAMED_FAULTS
        .iter()
        .find(|(name, _)| what == Path::new(name));
    if let Some((_, text)) = named {
        return parse(what, (*text).to_owned());
    }
    let text = read_named_text(what).map_err(|error| {
        let names: Vec<&str> = NAMED_FAULTS.iter().map(|(name, _)| *name).collect();
        CommandError::Misused(format!("{error}; or one of {}", names.join(", ")))
    })?;
    parse(what, text)
}

/// The faults in a file.
pub(crate) fn read_faults(path: &Path) -> Result<Faults, CommandError> {
    let text = read_named_text(path).map_err(CommandError::Misused)?;
    parse(path, text)
}

fn parse(path: &Path, text: String) -> Result<Faults, CommandError> {
    let mut sources = Sources::default();
    let file = sources.add(path.to_string_lossy(), text);
    let text = &sources.file(file).text;
    match Faults::parse(file, text) {
        Ok(faults) => Ok(faults),
        Err(findings) => Err(CommandError::Invalid { findings, sources }),
    }
}
