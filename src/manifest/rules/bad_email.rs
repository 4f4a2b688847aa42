//! `bad-email`: text that can't be an e-mail address, by the addr-spec of RFC 5322 (a dot-atom and a host) and the lengths
//! of RFC 5321. If a project lowers it to a warning, the address is left out.

use crate::domain::field::{Field, Shape, ValueKind};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::placeholder::holds_placeholder;
use crate::manifest::rules::{hidden_character, look_alike};
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "bad-email",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "Text that can't be an e-mail address.",
    explanation: "A new account joins a keychain by its e-mail address, and OneFile writes to its person. Write one address, without a \
name, `mailto:`, quotes or brackets around it: `aisha.khan@example.ac.uk`. With `severity: { bad-email: warning }` in \
rosterctl.yaml, rosterctl leaves out the address of that user and carries on with everyone else. It never sends such an address.",
};

const ONE_ADDRESS: &str = "write one address and nothing else: `first.last@example.ac.uk`";
const HOST: &str = "write the part after the @ as in `example.ac.uk`";

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    if field.kind != ValueKind::Text(Shape::Email) {
        return None;
    }
    let text = node.text()?.trim();
    // Other rules say more of these.
    if text.is_empty() || holds_placeholder(field, text) {
        return None;
    }
    let (what, help) = fault(text)?;
    let is_deceptive =
        hidden_character::check(field, node).is_some() || look_alike::check(field, node).is_some();
    if is_deceptive {
        return None;
    }
    let message = format!("`{}` isn't an e-mail address", field.name);
    Some(Finding::new(
        &RULE,
        node.span,
        message,
        format!("it {what}; {help}"),
    ))
}

/// RFC 5321, section 4.5.3.1.
const LONGEST_LOCAL: usize = 64;
const LONGEST_ADDRESS: usize = 254;
/// RFC 1035, section 2.3.4.
const LONGEST_LABEL: usize = 63;

/// What begins or ends a text that was copied with more than the address, and what that is.
const WRAPPED: &[(&str, &str)] = &[
    ("mailto:", "begins with `mailto:`"),
    ("<", "has brackets around it"),
    ("(", "has brackets around it"),
    ("[", "has brackets around it"),
    ("'", "begins with a quotation mark"),
    ("\"", "begins with a quotation mark"),
    ("`", "begins with a quotation mark"),
    ("=", "begins with a guard of a spreadsheet"),
];
const TRAILING: &[(char, &str)] = &[
    (';', "ends with a semicolon"),
    (',', "ends with a comma"),
    ('.', "ends with a full stop"),
    (':', "ends with a colon"),
    ('>', "has brackets around it"),
    (')', "has brackets around it"),
    ('\'', "ends with a quotation mark"),
    ('"', "ends with a quotation mark"),
];

/// What an address has that none may have, and what to type.
fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    if text.is_ascii() && is_plain(text) {
        return None;
    }
    if let Some(what) = wrapping(text) {
        return Some((what, ONE_ADDRESS));
    }
    let Some((local, host)) = text.rsplit_once('@') else {
        return Some(("has no @", ONE_ADDRESS));
    };
    if local.contains('@') {
        return Some(("has more than one @", ONE_ADDRESS));
    }
    fault_of_local(local)
        .or_else(|| fault_of_host(host))
        .or_else(|| {
            let is_long = text.len() > LONGEST_ADDRESS;
            is_long.then_some(("is longer than 254 characters", ONE_ADDRESS))
        })
}

/// Nearly every address is letters, digits, points and hyphens, with a letter or digit on both sides of each mark, and
/// ends in letters.
fn is_plain(text: &str) -> bool {
    const MUCH_SHORTER: usize = 60;
    let mut ats = 0;
    let mut points_of_host = 0;
    let mut was_mark = true;
    for byte in text.bytes() {
        let is_mark = matches!(byte, b'@' | b'.' | b'-' | b'_');
        let is_misplaced = is_mark && (was_mark || (ats > 0 && byte == b'_'));
        if is_misplaced || !(is_mark || byte.is_ascii_alphanumeric()) {
            return false;
        }
        ats += usize::from(byte == b'@');
        points_of_host += usize::from(ats > 0 && byte == b'.');
        was_mark = is_mark;
    }
    let ends_in_letter = text.ends_with(|c: char| c.is_ascii_alphabetic());
    let last = text.rsplit('.').next().unwrap_or_default();
    ats == 1 && points_of_host > 0 && ends_in_letter && last.len() > 1 && text.len() < MUCH_SHORTER
}

fn wrapping(text: &str) -> Option<&'static str> {
    let begins = |(begin, _): &&(&str, &str)| {
        let start = text.get(..begin.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(begin))
    };
    if let Some((_, what)) = WRAPPED.iter().find(begins) {
        return Some(what);
    }
    if text.contains(char::is_whitespace) {
        return Some("has a blank in it");
    }
    let last = text.chars().last()?;
    let ends = TRAILING.iter().find(|(end, _)| *end == last);
    if let Some((_, what)) = ends {
        return Some(what);
    }
    text.contains([',', ';']).then_some("seems to be several")
}

/// A dot-atom. RFC 5322 also takes quoted texts and comments, which no provider of mailboxes gives.
fn fault_of_local(local: &str) -> Option<(&'static str, &'static str)> {
    const MARKS: &[u8] = b"!#$%&'*+-/=?^_`{|}~.";
    if local.is_empty() {
        return Some(("has nothing before the @", ONE_ADDRESS));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Some((
            "has a full stop that doesn't stand between letters",
            ONE_ADDRESS,
        ));
    }
    if !local.is_ascii() {
        return Some((
            "has a letter before the @ that isn't one of A to Z",
            ONE_ADDRESS,
        ));
    }
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || MARKS.contains(&byte);
    if !local.bytes().all(is_known) {
        return Some(("has a mark before the @ that no address has", ONE_ADDRESS));
    }
    let is_long = local.len() > LONGEST_LOCAL;
    is_long.then_some(("has more than 64 characters before the @", ONE_ADDRESS))
}

/// A host name of labels, the last of which has a letter.
fn fault_of_host(host: &str) -> Option<(&'static str, &'static str)> {
    let labels: Vec<&str> = host.split('.').collect();
    if host.is_empty() {
        return Some(("has nothing after the @", ONE_ADDRESS));
    }
    if host.starts_with('[') {
        return Some(("has the number of a computer after the @", HOST));
    }
    if labels.len() < 2 {
        return Some(("has no full stop after the @", HOST));
    }
    if labels.iter().any(|label| label.is_empty()) {
        return Some((
            "has a full stop after the @ that doesn't stand between letters",
            HOST,
        ));
    }
    if !host.is_ascii() {
        let help = "write the host in its form for computers, which begins with `xn--`";
        return Some(("has a letter after the @ that isn't one of A to Z", help));
    }
    if labels.iter().any(|label| !is_label(label)) {
        return Some(("has a part after the @ that no host is called", HOST));
    }
    let top = labels.last()?;
    let is_domain = top.len() > 1 && top.starts_with(|c: char| c.is_ascii_alphabetic());
    (!is_domain).then_some(("doesn't end as addresses do", HOST))
}

/// Letters, digits and hyphens, with no hyphen at either end (RFC 1123, section 2.1).
fn is_label(label: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    label.len() <= LONGEST_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn impossible_addresses_are_found() {
        let long_local = format!("{}@example.ac.uk", "a".repeat(65));
        let long_label = format!("a@{}.ac.uk", "b".repeat(64));
        let long = format!("a@{}ac.uk", "bbbbbbbbb.".repeat(25));
        for text in [
            "mailto:a@example.ac.uk",
            "MAILTO:a@example.ac.uk",
            "a@example.ac.uk;",
            "a@example.ac.uk,",
            "a@example.ac.uk.",
            "'a@example.ac.uk'",
            "\"a@example.ac.uk\"",
            "<a@example.ac.uk>",
            "Ann <a@example.ac.uk>",
            "a@example.ac.uk>",
            "a@@example.ac.uk",
            "a@b@example.ac.uk",
            "a..b@example.ac.uk",
            ".a@example.ac.uk",
            "a.@example.ac.uk",
            "a@example..ac.uk",
            "a@.example.ac.uk",
            "a b@example.ac.uk",
            "a@ example.ac.uk",
            "a@exam ple.ac.uk",
            "a @example.ac.uk",
            "a@example",
            "a@localhost",
            "a@-example.ac.uk",
            "a@example-.ac.uk",
            "a@exam_ple.ac.uk",
            "a＠example.ac.uk",
            "a(comment)@example.ac.uk",
            "a@[192.0.2.1]",
            "a@192.0.2.1",
            "a@example.ac.uk, b@example.ac.uk",
            "a@example.ac.uk;b@example.ac.uk",
            "a@example.ac.uk b@example.ac.uk",
            "@example.ac.uk",
            "a@",
            "example.ac.uk",
            "a.example.ac.uk",
            "a@example.c",
            "a@example.123",
            "zoë@example.ac.uk",
            "a@exämple.ac.uk",
            "a\\b@example.ac.uk",
            "a:b@example.ac.uk",
            "a[b]@example.ac.uk",
            "\"a b\"@example.ac.uk",
            "a@example.ac.uk/",
            "http://a@example.ac.uk",
            "a@http://example.ac.uk",
            "a@example,ac.uk",
            "a@example.ac.uk (home)",
            "a@example.ac.uk\nb@example.ac.uk",
            "a@example.ac.uk?subject=x",
            "a at example.ac.uk",
            "=a@example.ac.uk",
            "n/a@n/a",
            "a@b.c",
            "a'@'example.ac.uk",
            "a@example.ac.u&k",
            &long_local,
            &long_label,
            &long,
        ] {
            assert!(fault(text).is_some(), "{text}");
        }
    }

    #[test]
    fn possible_addresses_are_fine() {
        let longest_local = format!("{}@example.ac.uk", "a".repeat(64));
        let longest_label = format!("a@{}.ac.uk", "b".repeat(63));
        for text in [
            "a@example.ac.uk",
            "ann.abbotsley@example.ac.uk",
            "Ann.Abbotsley@Example.AC.UK",
            "o'neill@example.ac.uk",
            "a+b@example.ac.uk",
            "a_b@example.ac.uk",
            "_a@example.ac.uk",
            "a-@example.ac.uk",
            "a--b@example.ac.uk",
            "1@example.ac.uk",
            "a@1.example.ac.uk",
            "a@123.com",
            "a@xn--exmple-cua.ac.uk",
            "a@example.museum",
            "a@example.xn--p1ai",
            "{a}@example.ac.uk",
            "a/b@example.ac.uk",
            "a=b@example.ac.uk",
            "!#$%&'*+/=?^_`{|}~@example.ac.uk",
            "a@e-x.ac.uk",
            "a@example.con",
            &longest_local,
            &longest_label,
        ] {
            assert!(fault(text).is_none(), "{text}: {:?}", fault(text));
        }
    }
}
