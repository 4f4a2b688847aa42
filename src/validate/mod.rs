//! The rules that a schema can't say, one a file, and the making of the roster. The only maker of a roster; talks to no
//! server.

mod candidate;
mod days;
mod duplicate_users;
mod quotes;

use crate::diagnostic::{Finding, in_order};
use crate::field::FIELDS;
use crate::manifest::tree::Node;
use crate::model::Roster;
use crate::source::Sources;
use crate::validate::candidate::Candidate;

/// The roster that the documents declare, or every finding: those that reading the documents gave and those of the rules.
pub fn roster(documents: &[Node], read: Vec<Finding>, sources: &Sources) -> Result<Roster, Vec<Finding>> {
    let mut findings = read;
    for fields in documents.iter().flat_map(groups_of_fields) {
        let written = FIELDS.iter().filter_map(|field| Some((field, &fields.get(field.name)?.value)));
        findings.extend(
            written.flat_map(|(field, node)| quotes::check(field, node).into_iter().chain(days::check(field, node))),
        );
    }
    let candidates: Vec<Candidate> = documents.iter().flat_map(candidates).collect();
    findings.extend(duplicate_users::check(&candidates));
    if !findings.is_empty() {
        return Err(in_order(findings));
    }
    let users = candidates.into_iter().map(|candidate| candidate.into_user(sources));
    users.collect::<Result<_, _>>().map(Roster::new).map_err(|finding| vec![finding])
}

/// Every mapping of fields in a document: the defaults and each user.
fn groups_of_fields(document: &Node) -> impl Iterator<Item = &Node> {
    defaults(document).into_iter().chain(users(document))
}

fn candidates(document: &Node) -> impl Iterator<Item = Candidate> {
    let defaults = defaults(document);
    users(document).map(move |user| Candidate::new(user, defaults))
}

fn defaults(document: &Node) -> Option<&Node> {
    document.get("defaults").map(|entry| &entry.value)
}

fn users(document: &Node) -> impl Iterator<Item = &Node> {
    document.get("users").into_iter().flat_map(|entry| entry.value.items())
}
