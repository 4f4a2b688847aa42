//! `overlay-stranger`: rows of an overlay whose MIS values no manifest declares. Joining finds them.

use std::collections::HashMap;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

use crate::domain::redact::open_text;
use crate::domain::{Normalisation, normalise};
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "overlay-stranger",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "Rows of an overlay whose MIS values no manifest declares.",
    explanation: "These rows are left out. Either a key is misspelt, or the overlay has more people than the manifests declare. \
Spreadsheets spoil keys, too: `00102` becomes `102`, `1e5` becomes `100000`, and `é` becomes `Ã©`. If a row's key is what a \
spreadsheet makes of a declared key, the finding names both.",
};

/// A row whose MIS value no manifest declares.
pub(crate) struct StrangerRow {
    pub(crate) mis_id: String,
    pub(crate) span: Span,
}

/// What happened to a declared key on its way through a spreadsheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyDamage {
    LostZeros,
    Number,
    WrongEncoding,
    Typing,
}

impl KeyDamage {
    /// The order of the findings. If a key can be spoilt in several ways, the first counts.
    const ALL: [Self; 4] = [
        Self::LostZeros,
        Self::Number,
        Self::WrongEncoding,
        Self::Typing,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::LostZeros => "that lost its leading zeros",
            Self::Number => "that a spreadsheet took for a number",
            Self::WrongEncoding => "that was read or saved in the wrong encoding",
            Self::Typing => "that differs from a declared one only by case, blanks or zeros",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::LostZeros | Self::Number => {
                "format the `misId` column as text in the spreadsheet, import the data again, and export again"
            }
            Self::WrongEncoding => {
                "open the CSV in the spreadsheet as UTF-8, and save it as `CSV UTF-8`"
            }
            Self::Typing => "write the key as the manifest has it",
        }
    }

    /// What the damage makes of a declared key. Empty if the key doesn't suffer from it.
    fn forms_of(self, declared: &str) -> Vec<String> {
        match self {
            Self::LostZeros => without_zeros(declared).into_iter().collect(),
            Self::Number => as_number(declared).into_iter().collect(),
            Self::WrongEncoding => in_wrong_encodings(declared),
            Self::Typing => normalise(Normalisation::Key, declared)
                .map(String::from)
                .into_iter()
                .collect(),
        }
    }

    /// The form by which a key of the overlay is looked up.
    fn form_of_row(self, mis_id: &str) -> Option<String> {
        match self {
            Self::LostZeros | Self::Number | Self::WrongEncoding => Some(mis_id.to_owned()),
            Self::Typing => normalise(Normalisation::Key, mis_id).map(String::from),
        }
    }
}

/// One finding for each kind of damage, and one for all other rows.
pub(crate) fn findings(mut rows: Vec<StrangerRow>, declared: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for damage in KeyDamage::ALL {
        if rows.is_empty() {
            break;
        }
        let spoilt = spoilt_keys(damage, declared);
        let mut pairs: Vec<(StrangerRow, &str)> = Vec::new();
        let mut others = Vec::new();
        for row in rows {
            let form = damage.form_of_row(&row.mis_id);
            match form.and_then(|form| spoilt.get(&form).copied().flatten()) {
                Some(key) => pairs.push((row, key)),
                None => others.push(row),
            }
        }
        findings.extend(of_damage(damage, &pairs));
        rows = others;
    }
    findings.extend(of_strangers(&rows));
    findings
}

/// The declared key of each spoilt form; `None` if several keys come to one form.
fn spoilt_keys<'d>(damage: KeyDamage, declared: &[&'d str]) -> HashMap<String, Option<&'d str>> {
    let mut keys: HashMap<String, Option<&str>> = HashMap::new();
    for key in declared {
        for form in damage.forms_of(key) {
            keys.entry(form)
                .and_modify(|known| *known = known.filter(|known| known == key))
                .or_insert(Some(*key));
        }
    }
    keys
}

fn of_damage(damage: KeyDamage, pairs: &[(StrangerRow, &str)]) -> Option<Finding> {
    let (first, _) = pairs.first()?;
    let words = damage.words();
    let rows = match pairs.len() {
        1 => "1 row has".to_owned(),
        number => format!("{number} rows have"),
    };
    let message = format!("{rows} a `misId` {words}{}", examples(pairs));
    Some(Finding::new(&RULE, first.span, message, damage.help()))
}

/// How many pairs of keys a finding names.
const EXAMPLES: usize = 3;

/// Some keys with those that they should be. Keys that are personal are left out.
fn examples(pairs: &[(StrangerRow, &str)]) -> String {
    let mut named = Vec::new();
    for (row, key) in pairs {
        if let (Some(found), Some(key)) = (open_text(&row.mis_id), open_text(key))
            && named.len() < EXAMPLES
        {
            named.push(format!("`{found}` for `{key}`"));
        }
    }
    if named.is_empty() {
        return String::new();
    }
    let more = if pairs.len() > named.len() {
        ", …"
    } else {
        ""
    };
    format!(": {}{more}", named.join(", "))
}

/// One finding for all rows that are like no declared user.
fn of_strangers(rows: &[StrangerRow]) -> Option<Finding> {
    let first = rows.first()?;
    let noun = if rows.len() == 1 { "row" } else { "rows" };
    let message = format!(
        "{} {noun} with a `misId` that no manifest declares; this is the first",
        rows.len()
    );
    let help = "fix the key, or declare the user; what isn't declared isn't managed";
    Some(Finding::new(&RULE, first.span, message, help))
}

/// A key of digits without its leading zeros. Spreadsheets take such a key for a number.
fn without_zeros(key: &str) -> Option<String> {
    let digits = key.trim_start_matches('0');
    let is_number = key.bytes().all(|byte| byte.is_ascii_digit());
    let is_shorter = digits.len() < key.len() && key.len() > 1;
    let kept = if digits.is_empty() { "0" } else { digits };
    (is_number && is_shorter).then(|| kept.to_owned())
}

/// How many digits of a number a spreadsheet keeps. It replaces the others by zeros.
const KEPT_DIGITS: usize = 15;
/// The largest exponent whose number a spreadsheet may still write with all its digits.
const LARGEST_EXPONENT: usize = 20;

/// A key that a spreadsheet takes for a number, as it writes that number: `1e5` is `100000`.
fn as_number(key: &str) -> Option<String> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((number, exponent)) = key.split_once(['e', 'E']) {
        let zeros: usize = exponent.parse().ok()?;
        let is_number = is_digits(number) && is_digits(exponent) && zeros <= LARGEST_EXPONENT;
        let digits = number.trim_start_matches('0');
        return (is_number && !digits.is_empty()).then(|| digits.to_owned() + &"0".repeat(zeros));
    }
    let digits = key.trim_start_matches('0');
    let is_too_long = is_digits(key) && digits.len() > KEPT_DIGITS;
    is_too_long.then(|| {
        let (kept, lost) = digits.split_at(KEPT_DIGITS);
        kept.to_owned() + &"0".repeat(lost.len())
    })
}

/// The encodings of Excel on Windows and on a Mac.
const OTHER_ENCODINGS: [&Encoding; 2] = [WINDOWS_1252, MACINTOSH];

/// A key as it looks if its UTF-8 is read in another encoding, or if its letters are saved in one that lacks them.
fn in_wrong_encodings(key: &str) -> Vec<String> {
    if key.is_ascii() {
        return Vec::new();
    }
    let mut forms = Vec::new();
    for encoding in OTHER_ENCODINGS {
        let (read, _) = encoding.decode_without_bom_handling(key.as_bytes());
        forms.push(read.into_owned());
        let letter = |letter: char| {
            let (_, _, is_lost) = encoding.encode(letter.encode_utf8(&mut [0; 4]));
            if is_lost { '?' } else { letter }
        };
        forms.push(key.chars().map(letter).collect());
    }
    forms.retain(|form| form != key);
    forms
}
