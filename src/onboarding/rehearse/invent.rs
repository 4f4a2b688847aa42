//! Invented values that replace those of real people. Values that were equal or alike stay so, and different values stay
//! different. Nothing else of a value remains, not even its length.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use smol_str::SmolStr;

use crate::domain::field::Key;
use crate::domain::{FieldText, identifying};

/// The values invented so far.
#[derive(Debug, Default)]
pub(crate) struct Inventor {
    /// Numbered groups of values that people would call equal.
    alike: HashMap<(InventedForm, Option<SmolStr>), ValueGroups>,
    texts: HashMap<(Key, String), usize>,
    days: HashMap<Date, usize>,
    coin: FlagFlip,
}

/// Whether a rehearsal inverts flags. A flag has only two values, so nothing else can disguise it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlagFlip {
    #[default]
    Heads,
    Tails,
}

#[derive(Debug, Default)]
struct ValueGroups {
    number: usize,
    /// The spellings in this group, numbered in the order in which they were met.
    written: HashMap<String, usize>,
}

/// The form of an invented value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum InventedForm {
    Name,
    /// What stands before the `@` of an e-mail address.
    Mailbox,
    /// What stands behind it.
    MailDomain,
    Uln,
    Nino,
    Mobile,
    Address,
}

/// The identifying fields of class personal or special, and the forms of their invented values.
const FORMS: &[(Key, InventedForm)] = &[
    (Key::FirstName, InventedForm::Name),
    (Key::LastName, InventedForm::Name),
    (Key::Uln, InventedForm::Uln),
    (Key::Nino, InventedForm::Nino),
    (Key::MobileNumber, InventedForm::Mobile),
    (Key::HomeAddress, InventedForm::Address),
];

impl Inventor {
    pub(crate) fn new(coin: FlagFlip) -> Self {
        Self {
            coin,
            ..Self::default()
        }
    }

    pub(crate) fn text(&mut self, key: Key, text: &str) -> String {
        // Placeholders identify nobody, so they stay.
        if matches!(key, Key::Uln | Key::Nino) && identifying(key, text).is_none() {
            return text.trim().to_owned();
        }
        let plain = FieldText::new(key.row().kind, text).canonical().to_string();
        if plain.is_empty() {
            return String::new();
        }
        if key == Key::Email {
            return self.email(&plain);
        }
        let Some((_, form)) = FORMS.iter().find(|(known, _)| *known == key) else {
            let next = self.texts.len() + 1;
            return format!(
                "invented {}",
                self.texts.entry((key, plain)).or_insert(next)
            );
        };
        let normal = identifying(key, &plain);
        self.alike(*form, normal, plain)
    }

    /// Both parts of an address are invented by themselves: addresses may be alike in what stands before the `@`.
    fn email(&mut self, plain: &str) -> String {
        let (mailbox, domain) = plain.rsplit_once('@').unwrap_or((plain, ""));
        let part = |text: &str| (Some(SmolStr::from(text)), text.to_owned());
        let (normal, plain) = part(mailbox);
        let mailbox = self.alike(InventedForm::Mailbox, normal, plain);
        let (normal, plain) = part(domain);
        mailbox + &self.alike(InventedForm::MailDomain, normal, plain)
    }

    fn alike(&mut self, form: InventedForm, normal: Option<SmolStr>, plain: String) -> String {
        let says_something = normal.is_some();
        let next = self.alike.len() + 1;
        let alike = self
            .alike
            .entry((form, normal))
            .or_insert_with(|| ValueGroups {
                number: next,
                ..ValueGroups::default()
            });
        let next = alike.written.len();
        let way = *alike.written.entry(plain).or_insert(next);
        form.written(alike.number, way, says_something)
    }

    /// Days are numbered in the order in which they are met, so that the intervals between them are lost.
    pub(crate) fn day(&mut self, day: Date) -> Date {
        let next = self.days.len();
        let number = *self.days.entry(day).or_insert(next);
        FIRST_DAY.saturating_add(
            i64::try_from(number)
                .unwrap_or(i64::MAX)
                .min(A_MILLION)
                .days(),
        )
    }

    pub(crate) fn flag(&self, flag: bool) -> bool {
        flag == (self.coin == FlagFlip::Heads)
    }
}

const FIRST_DAY: Date = date(1900, 1, 1);
const A_MILLION: i64 = 1_000_000;

impl InventedForm {
    /// The invented value of group `number` in spelling `way`, counted from 0. A name that says nothing, such as `-`, stays so.
    fn written(self, number: usize, way: usize, says_something: bool) -> String {
        match self {
            Self::Name | Self::Mobile | Self::Address if !says_something => "-".repeat(way + 1),
            Self::Name | Self::Address => format!("I{}nvented{number}", "-".repeat(way)),
            Self::Mobile => format!("{}07{number:09}", " ".repeat(way)),
            // E-mail addresses in a group differ only in case, which doesn't count.
            Self::Mailbox => format!("invented{number}"),
            Self::MailDomain => format!("@d{number}.example.ac.uk"),
            Self::Uln => format!("0{}{number:09}", " ".repeat(way)),
            Self::Nino => format!("QQ{}{number:06}C", " ".repeat(way)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::Inventor;
    use crate::domain::field::Key;
    use crate::domain::{IdentityMark, identifying};

    #[test]
    fn what_is_equal_or_alike_stays_so_and_what_differs_differs() {
        let mut inventor = Inventor::default();
        let mut name = |text: &str| inventor.text(Key::LastName, text);
        let [plain, same, alike, accent, other] =
            ["O'Neill", " O'Neill ", "ONEILL", "O’Neíll", "Neill"].map(&mut name);
        assert_eq!(plain, same);
        let print = |text: &str| identifying(Key::LastName, text);
        assert!(
            plain != alike
                && alike != accent
                && print(&plain) == print(&alike)
                && print(&plain) == print(&accent)
        );
        assert_ne!(print(&plain), print(&other));
        let first = inventor.text(Key::FirstName, "O'Neill");
        let pair = |one: &str, other: &str| {
            let text = |key| {
                Some(Cow::Borrowed(if key == Key::FirstName {
                    one
                } else {
                    other
                }))
            };
            IdentityMark::Name.of(text)
        };
        assert_eq!(
            pair(&first, &other),
            pair(&other, &plain),
            "first and last names may be swapped"
        );
        assert_eq!(print(&inventor.text(Key::LastName, " - ")), None);
        assert_eq!(
            inventor.text(Key::Email, "A@x.org"),
            inventor.text(Key::Email, "a@x.org")
        );
        assert_eq!(inventor.text(Key::Uln, "9999999999"), "9999999999");
        let number = |text: &str| identifying(Key::Uln, text);
        let [one, spaced] = ["1000000001", "10000 00001"].map(|text| inventor.text(Key::Uln, text));
        assert!(one != spaced && number(&one) == number(&spaced));
        assert_eq!(
            inventor.text(Key::HomeAddress, "1 Street\r\nTown"),
            inventor.text(Key::HomeAddress, "1 Street\nTown ")
        );
        assert_ne!(
            inventor.text(Key::HomeAddress, "1 Street"),
            inventor.text(Key::HomeAddress, "2 Street")
        );
        assert_eq!(inventor.text(Key::Telephone, " "), "");
    }
}
