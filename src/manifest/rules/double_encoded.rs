//! `double-encoded`: text that was encoded or escaped once too often, or that lost a letter on the way. The value is left
//! out, so the field of that user isn't managed.

use encoding_rs::WINDOWS_1252;

use crate::domain::field::{Field, Key, Shape, ValueKind};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::{MULTI_LINE, NAMES};
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "double-encoded",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "Text that was encoded or escaped twice, or lost a letter: `ZoÃ«`, `Oâ€™Neill`, `O&#39;Neill`, `Zo\\u00eb`, `Zo?`.",
    explanation: "A program read the text in the wrong encoding, or escaped it for a web page or a database. OneFile would show it \
as it is. rosterctl doesn't send it: it leaves the field as it is in OneFile, and puts the user on hold if creating the \
account needs the field. Type the text again, or export the data again as UTF-8. If the text is meant, write \
`severity: { double-encoded: ignore }` in rosterctl.yaml.",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    let takes_words = match field.kind {
        ValueKind::Text(shape) => shape == Shape::Free,
        ValueKind::Reference(_) => true,
        ValueKind::Day
        | ValueKind::Instant
        | ValueKind::Flag
        | ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Accounts
        | ValueKind::Role
        | ValueKind::Word(_)
        | ValueKind::References(_)
        | ValueKind::Units => false,
    };
    if !takes_words {
        return None;
    }
    let (what, help) = if text.is_ascii() {
        escape(field, text)?
    } else if is_misread(text) {
        let help = "export the data again as UTF-8, or type this text again";
        ("was read in the wrong encoding", help)
    } else {
        escape(field, text)?
    };
    let message = format!("the text of `{}` {what}", field.name);
    Some(Finding::new(&RULE, node.span, message, help))
}

const TYPE_IT: &str = "type the text as people write it: `O'Neill`, `Zoë`, `A & B`";

/// What is left of an escape, and what to type; `None` if nothing is.
fn escape(field: &Field, text: &str) -> Option<(&'static str, &'static str)> {
    let mut has_mark = false;
    for byte in text.bytes() {
        has_mark |= matches!(byte, b'&' | b'\\' | b'?' | b'%' | b'\'' | b'=' | b'_');
    }
    if !has_mark {
        return None;
    }
    let is_name = NAMES.contains(&field.key);
    // `spreadsheet-key` finds guards there.
    let is_key = field.key.is_mis_id() || field.referent().is_some();
    if holds_entity(text) {
        Some(("holds an escape of web pages, such as `&#39;`", TYPE_IT))
    } else if holds_backslash_escape(field, text) {
        Some(("holds an escape with a backslash", TYPE_IT))
    } else if !is_key && holds_office_escape(text) {
        Some((
            "holds an escape of office files, such as `_x0027_`",
            TYPE_IT,
        ))
    } else if is_name && text.contains("''") {
        Some(("holds an apostrophe that a database doubled", TYPE_IT))
    } else if is_name && holds_percent_escape(text) {
        Some(("holds an escape of web addresses, such as `%27`", TYPE_IT))
    } else if lost_a_letter(field, text) {
        Some((
            "has a `?` where a letter was lost",
            "type the letter that was there",
        ))
    } else if !is_key && text.starts_with("=\"") && text.ends_with('"') {
        Some((
            "is a formula of a spreadsheet",
            "take `=` and the quotes away",
        ))
    } else {
        None
    }
}

/// Whether a text holds `_x000D_`, as workbooks write characters that XML doesn't take.
fn holds_office_escape(text: &str) -> bool {
    text.split("_x").skip(1).any(|rest| {
        rest.split_once('_').is_some_and(|(hex, _)| {
            hex.len() == 4 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    })
}

/// Names of characters in web pages that people write in names and addresses. The rest end as in [`ACCENTS`].
const ENTITIES: &[&str] = &[
    "amp", "lt", "gt", "quot", "apos", "nbsp", "szlig", "eth", "thorn", "ndash", "mdash", "lsquo",
    "rsquo", "ldquo", "rdquo", "hellip", "pound", "euro", "deg", "middot", "bull", "shy", "ordf",
    "ordm", "copy", "reg", "trade", "sup2", "frac12", "inodot", "comma", "period", "lpar", "rpar",
    "sol", "hyphen", "num", "ast", "plus", "colon",
];
const ACCENTS: &[&str] = &[
    "acute", "grave", "circ", "uml", "tilde", "cedil", "ring", "slash", "caron", "lig", "macr",
    "ogon", "strok", "breve", "dot", "dblac",
];

/// Whether a text holds `&#39;`, `&#x27;`, `&amp;` or `&eacute;`.
fn holds_entity(text: &str) -> bool {
    text.split('&').skip(1).any(|rest| {
        let Some((name, _)) = rest.split_once(';') else {
            return false;
        };
        is_character_number(name) || is_entity_name(name)
    })
}

fn is_character_number(name: &str) -> bool {
    let Some(number) = name.strip_prefix('#') else {
        return false;
    };
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn is_entity_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let has_accent = |accent: &&str| {
        let letter = lower.strip_suffix(*accent);
        letter.is_some_and(|letter| matches!(letter.len(), 1 | 2))
    };
    ENTITIES.contains(&lower.as_str()) || ACCENTS.iter().any(has_accent)
}

/// Whether a text holds `\u00eb`, `\xeb`, `\'` or `\"`; in names any backslash, and in addresses a `\n` that wasn't made
/// a line end.
fn holds_backslash_escape(field: &Field, text: &str) -> bool {
    if !text.contains('\\') {
        return false;
    }
    let has_lines = MULTI_LINE.contains(&field.key);
    let is_escape = |rest: &str| {
        rest.starts_with(['\'', '"'])
            || rest
                .strip_prefix(['u', 'U'])
                .is_some_and(|hex| has_hex(hex, 4))
            || rest.strip_prefix('x').is_some_and(|hex| has_hex(hex, 2))
            || (has_lines && rest.starts_with(['n', 'r']))
    };
    NAMES.contains(&field.key) || text.split('\\').skip(1).any(is_escape)
}

/// Whether a text begins with so many hexadecimal digits. JavaScript also writes `{eb}`.
fn has_hex(text: &str, length: usize) -> bool {
    let digits = text.bytes().take(length);
    let is_hex = |byte: u8| byte.is_ascii_hexdigit();
    text.starts_with('{') || (text.len() >= length && digits.into_iter().all(is_hex))
}

fn holds_percent_escape(text: &str) -> bool {
    text.split('%').skip(1).any(|rest| has_hex(rest, 2))
}

/// Whether a `?` stands for a letter: in a name among the characters of names, elsewhere between letters. Web addresses have
/// them.
fn lost_a_letter(field: &Field, text: &str) -> bool {
    if !text.contains('?') || field.key == Key::Website {
        return false;
    }
    if NAMES.contains(&field.key) {
        let is_of_name = |c: char| c.is_alphabetic() || "?'’-.".contains(c);
        return text
            .split_whitespace()
            .any(|word| word.contains('?') && word.chars().all(is_of_name));
    }
    let bytes = text.as_bytes();
    let is_between = |three: &[u8]| {
        three[0].is_ascii_alphabetic() && three[1] == b'?' && three[2].is_ascii_alphabetic()
    };
    bytes.windows(3).any(is_between)
}

/// Text in UTF-8 that was read as an old Macintosh or DOS encoding begins with these.
const OTHER_ENCODINGS: &[&str] = &[
    "‚Äô", "‚Äò", "‚Äì", "‚Äî", "‚Äú", "‚Äù", "ÔÇÖ", "ÔÇô", "ÔÇ£", "ÔÇØ", "ÔÇª",
];
/// The first byte of accented letters in UTF-8, in those encodings.
const FIRST_BYTES: &[char] = &['√', '├', '┬', '┼', '┤'];

/// Whether a text in UTF-8 was read in another encoding.
fn is_misread(text: &str) -> bool {
    is_windows_misread(text)
        || OTHER_ENCODINGS.iter().any(|begin| text.contains(begin))
        || FIRST_BYTES.iter().any(|first| {
            let mut after = text.split(*first).skip(1);
            after.any(|rest| rest.starts_with(|c: char| !c.is_ascii()))
        })
}

/// Whether a run of letters, written in Windows-1252, is text in UTF-8. `São` and `Ângela` have no such run. A run that
/// reads as letters of another script counts only if the text has several, and no other accents: `ÍŠ` is Czech.
fn is_windows_misread(text: &str) -> bool {
    let mut likely = 0;
    let mut possible = 0;
    let mut others = 0;
    for run in text
        .split(|c: char| c.is_ascii())
        .filter(|run| !run.is_empty())
    {
        let Some(bytes) = windows_bytes(run) else {
            others += 1;
            continue;
        };
        match std::str::from_utf8(&bytes) {
            Ok(read) if read.chars().all(is_common) => likely += 1,
            Ok(read) => possible += read.chars().filter(|c| *c >= '\u{370}').count(),
            Err(_) if ends_in_misread(&bytes) => likely += 1,
            Err(_) => others += 1,
        }
    }
    likely > 0 || (possible > 1 && others == 0)
}

/// The bytes of a run in Windows-1252; `None` if it has a letter that isn't in it.
fn windows_bytes(run: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(run.len());
    for c in run.chars() {
        // ISO 8859-1 has control characters where Windows-1252 has letters.
        if let Ok(byte) = u8::try_from(u32::from(c)) {
            bytes.push(byte);
            continue;
        }
        let mut buffer = [0; 4];
        let (encoded, _, has_unknown) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
        if has_unknown {
            return None;
        }
        bytes.extend_from_slice(&encoded);
    }
    Some(bytes)
}

/// Whether two neighbouring bytes within a longer run are a common letter: `â€™` behind an accent that is sound.
fn ends_in_misread(bytes: &[u8]) -> bool {
    for length in [2, 3] {
        for part in bytes.windows(length) {
            let read = std::str::from_utf8(part)
                .ok()
                .filter(|read| read.chars().count() == 1);
            if read.is_some_and(|read| read.chars().all(is_common)) {
                return true;
            }
        }
    }
    false
}

/// Letters and signs of names and addresses in western Europe, and what word processors make of quotation marks.
fn is_common(c: char) -> bool {
    matches!(c,
        '\u{a0}'..='\u{17f}' | '\u{218}'..='\u{21b}' | '\u{1e00}'..='\u{1eff}' | '\u{2010}'..='\u{203a}' | '\u{20ac}'
        | '\u{2122}' | '\u{feff}' | '\u{fffd}' | '\u{1f300}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::domain::field::Key;
    use crate::findings::source::Span;
    use crate::manifest::tree::node::{Node, NodeData};

    fn is_found(key: Key, text: &str) -> bool {
        let node = Node::new(Span::default(), NodeData::Text(text.into()));
        check(key.row(), &node).is_some()
    }

    #[test]
    fn text_that_was_encoded_or_escaped_twice_is_found() {
        for text in [
            "ZoÃ«",
            "SiÃ¢n",
            "JosÃ©",
            "Oâ€™Neill",
            "MÃ¼ller",
            "FranÃ§ois",
            "NoÃ«l",
            "Å\u{a0}ura",
            "Åukasz Å»ak",
            "BjÃ¶rk",
            "ZoÃƒÂ«",
            "Â\u{a0}Ann",
            "ï¿½",
            "ï»¿Ann",
            "ÃŽle",
            "Ã‰mile",
            "Ã\u{81}ngel",
            "Nguyá»…n",
            "ÐŸÐµÑ‚Ñ€",
            "ZoÃ\u{ab}",
            "Oâ\u{80}\u{99}Neill",
            "Zo√´",
            "Zo├½",
            "O‚ÄôNeill",
            "OÔÇÖNeill",
            "O&#39;Neill",
            "O&#x27;Neill",
            "O&apos;Neill",
            "Zo&euml;",
            "Zo&#235;",
            "Ann &amp; Bea",
            "Ann&nbsp;Bea",
            "&lt;Ann&gt;",
            "Zo\\u00eb",
            "Zo\\xeb",
            "O\\'Neill",
            "O''Neill",
            "O_x0027_Neill",
            "Zo_x00EB_",
            "O%27Neill",
            "Zo%C3%AB",
            "Zo?",
            "O?Neill",
            "?va",
            "=\"Ann\"",
        ] {
            assert!(is_found(Key::FirstName, text), "{text}");
        }
        for (key, text) in [
            (Key::HomeAddress, "CafÃ© Row"),
            (Key::HomeAddress, "1 High Street\\nBath"),
            (Key::HomeAddress, "Flat 2 &amp; 3"),
            (Key::HomeAddress, "1 High Street_x000D_\nBath"),
            (Key::CompanyName, "Br&uuml;der"),
            (Key::CompanyName, "Caf?s of Bath"),
            (Key::EpisodeName, "Health &amp; Care"),
            (Key::Classroom, "Health &amp; Social Care"),
            (Key::Placement, "CafÃ© Nord"),
        ] {
            assert!(is_found(key, text), "{text}");
        }
    }

    #[test]
    fn letters_that_people_have_in_their_names_are_fine() {
        for text in [
            "Zoë",
            "ann_x12_b",
            "_x00zz_",
            "São João",
            "JOÃO",
            "ÂNGELA",
            "Ângela",
            "IRMÃ",
            "CONCEIÇÃO",
            "Ãngela",
            "O’Neill",
            "D’Ângelo",
            "ÉLOÏSE",
            "Łukasz",
            "LÍŠKOVÁ",
            "ŠÍPKOVÁ",
            "ÅSA",
            "Åsa",
            "MÄKELÄ",
            "ÄÄNIÖ",
            "Søren",
            "Ðóra",
            "Þór",
            "JOSÉ’S",
            "Nguyễn",
            "Пётр",
            "王小明",
            "Ιωάννης",
            "محمد",
            "Anne-Marie",
            "O'Neill",
            "van 't Hoff",
            "D'Arcy",
            "Zoé–Marie",
            "Ğülçin",
            "ÇAĞLAR",
            "ÖZIŞIK",
            "ÑÚÑEZ",
            "ÎLE",
        ] {
            assert!(!is_found(Key::LastName, text), "{text}");
        }
        for (key, text) in [
            (Key::CompanyName, "Marks & Spencer"),
            (Key::CompanyName, "Who's next?"),
            (Key::CompanyName, "R&D; and more"),
            (Key::Website, "https://example.ac.uk/?a=1&b=2"),
            (Key::Website, "https://example.ac.uk/a%20b"),
            (Key::EpisodeName, "50% off"),
            (Key::HomeAddress, "1 High Street\nBath"),
            (Key::CompanyName, "C:\\work"),
        ] {
            assert!(!is_found(key, text), "{text}");
        }
    }
}
