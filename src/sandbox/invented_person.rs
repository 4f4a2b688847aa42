//! A person of an invented college: how the manifest declares them, and the account that they have in the sandbox.

use std::io::{self, Write};

/// The organisation that everybody is in.
pub(super) const ORGANISATION: u32 = 5740;
const FIRST_NAMES: &[&str] = &[
    "Aisha", "Ben", "Chidi", "Dana", "Ewan", "Farah", "Gethin", "Hana", "Idris", "Joan", "Kofi",
    "Lena", "Milo", "Nadia", "Owen", "Priya", "Rosa", "Sam", "Tariq", "Una", "Viktor", "Wanda",
    "Yusuf", "Zoë",
];

/// A person's name, from which the e-mail address is made.
pub(super) struct PersonName {
    first: &'static str,
    last: String,
}

impl PersonName {
    pub(super) fn of(number: usize) -> Self {
        Self {
            first: FIRST_NAMES[number % FIRST_NAMES.len()],
            last: syllables(number),
        }
    }

    /// The number keeps the address unique if the name is shared.
    fn email(&self, number: usize) -> String {
        let first = self.first.to_lowercase().replace('ë', "e");
        format!("{first}.{}{number}@example.ac.uk", self.last.to_lowercase())
    }
}

/// A name of three syllables or more, different for each number.
fn syllables(number: usize) -> String {
    const CONSONANTS: &[u8] = b"bdfghklmnprstvw";
    const VOWELS: &[u8] = b"aeiou";
    let mut rest = number;
    let mut name = String::new();
    while rest > 0 || name.len() < 6 {
        name.push(char::from(CONSONANTS[rest % CONSONANTS.len()]));
        rest /= CONSONANTS.len();
        name.push(char::from(VOWELS[rest % VOWELS.len()]));
        rest /= VOWELS.len();
    }
    name[..1].to_uppercase() + &name[1..] + "son"
}

pub(super) struct InventedPerson {
    name: PersonName,
    email: String,
    mis_id: String,
}

impl InventedPerson {
    pub(super) fn new(name: PersonName, number: usize, mis_id: String) -> Self {
        Self {
            email: name.email(number),
            name,
            mis_id,
        }
    }

    /// Begins the person's entry in a manifest.
    pub(super) fn declare(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "  - misId: {}\n    firstName: {}\n    lastName: {}\n    email: {}",
            self.mis_id, self.name.first, self.name.last, self.email
        )
    }

    /// Begins the person's account in `sandbox.yaml`; the MIS value isn't in it.
    pub(super) fn open_account(&self, out: &mut impl Write, id: usize, role: u8) -> io::Result<()> {
        writeln!(
            out,
            "  - ID: {id}\n    OrganisationID: {ORGANISATION}\n    Role: {role}\n    FirstName: {}",
            self.name.first
        )?;
        writeln!(
            out,
            "    LastName: {}\n    Email: {}",
            self.name.last, self.email
        )
    }

    /// Adds the MIS value to the account that was begun.
    pub(super) fn write_mis_id(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "    MISID: {}", self.mis_id)
    }
}
