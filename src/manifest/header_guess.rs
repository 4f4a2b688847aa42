//! What the headers of extracts mostly mean. A guess is shown to a person, who says whether it is right.

use crate::domain::field::Key;
use crate::manifest::rules::unknown_key::also_called;

/// Headers of extracts, in small letters and digits alone, beside the names of fields and what other systems call them.
const HEADERS: &[(Key, &[&str])] = &[
    (
        Key::MisId,
        &[
            "ref",
            "refno",
            "reference",
            "studentref",
            "studentrefno",
            "studentreference",
            "studentreferencenumber",
            "studentid",
            "studentno",
            "studentnumber",
            "learnerref",
            "learnerrefno",
            "learnrefnumber",
            "learnerreference",
            "learnerreferencenumber",
            "learnerid",
            "learnerno",
            "learnernumber",
            "misref",
            "misreference",
            "personcode",
        ],
    ),
    (Key::FirstName, &["forenames", "firstnames", "givennames"]),
    (Key::LastName, &["familynames", "surnames"]),
    (
        Key::Email,
        &[
            "studentemail",
            "learneremail",
            "collegeemail",
            "studentemailaddress",
            "learneremailaddress",
        ],
    ),
    (Key::Dob, &["born", "birthdate", "datebirth"]),
    (Key::Uln, &["ulnnumber", "ulnno", "uniquelearnernumber"]),
    (
        Key::MobileNumber,
        &["mobileno", "mobiletel", "mobiletelephone"],
    ),
    (
        Key::Telephone,
        &[
            "tel",
            "telno",
            "phoneno",
            "phonenumber",
            "telephonenumber",
            "hometelephone",
            "homephone",
        ],
    ),
    (Key::StartOn, &["start", "learnstartdate", "coursestart"]),
    (
        Key::PlannedEndDate,
        &["learnplanenddate", "expectedenddate", "plannedend"],
    ),
];

/// What says who somebody is: the columns that `adopt` pairs by.
pub const OF_PEOPLE: &[Key] = &[
    Key::MisId,
    Key::FirstName,
    Key::LastName,
    Key::Email,
    Key::Dob,
    Key::Uln,
];

/// What an intake mostly has besides.
pub const OF_INTAKES: &[Key] = &[
    Key::MisId,
    Key::FirstName,
    Key::LastName,
    Key::Email,
    Key::Dob,
    Key::Uln,
    Key::MobileNumber,
    Key::Telephone,
    Key::StartOn,
    Key::PlannedEndDate,
];

/// The headers that seem to be those of these fields, each with its field. Of two headers that may mean one field, neither is
/// guessed. `known` columns stay out.
pub fn guessed_columns(
    headers: &[String],
    fields: &[Key],
    known: &[(Key, String)],
) -> Vec<(Key, String)> {
    let mut guesses = Vec::new();
    for key in fields {
        if known.iter().any(|(given, _)| given == key) {
            continue;
        }
        let is_free = |header: &&String| known.iter().all(|(_, used)| used != *header);
        let mut meant = headers
            .iter()
            .filter(is_free)
            .filter(|header| means(header, *key));
        if let (Some(header), None) = (meant.next(), meant.next()) {
            guesses.push((*key, header.clone()));
        }
    }
    guesses
}

/// Whether a header mostly stands above this field.
fn means(header: &str, key: Key) -> bool {
    let plain: String = header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let words = HEADERS.iter().find(|(known, _)| *known == key);
    plain.eq_ignore_ascii_case(key.name())
        || also_called(&plain) == Some(key.name())
        || words.is_some_and(|(_, words)| words.contains(&plain.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{Key, OF_INTAKES, OF_PEOPLE, guessed_columns};

    fn guessed(headers: &[&str], known: &[(Key, String)]) -> Vec<(Key, String)> {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        guessed_columns(&headers, OF_PEOPLE, known)
    }

    #[test]
    fn headers_of_extracts_are_known_however_they_are_written() {
        for (key, headers) in [
            (Key::MisId, ["Student Ref", "LearnRefNumber", "MIS ID"]),
            (Key::FirstName, ["Forename", "First Name", "GIVEN_NAME"]),
            (Key::LastName, ["Surname", "Last-Name", "family name"]),
            (Key::Email, ["Email Address", "E-mail", "Student Email"]),
            (Key::Dob, ["DOB", "Date of Birth", "Born"]),
            (Key::Uln, ["ULN", "Unique Learner Number", "uln"]),
        ] {
            for header in headers {
                assert_eq!(guessed(&[header], &[]), [(key, header.to_owned())]);
            }
        }
        for header in ["", "Notes", "ID", "Name", "Employer Email", "Next of Kin"] {
            assert_eq!(guessed(&[header], &[]), [], "{header}");
        }
    }

    #[test]
    fn of_two_headers_for_one_field_neither_is_guessed() {
        assert_eq!(guessed(&["Ref", "Student ID"], &[]), []);
        assert_eq!(guessed(&["DOB", "Born"], &[]), []);
        let known = [(Key::MisId, "Ref".to_owned())];
        assert_eq!(guessed(&["Ref", "Student ID"], &known), []);
        let known = [(Key::MisId, "Code".to_owned())];
        let dob = [(Key::Dob, "DOB".to_owned())];
        assert_eq!(guessed(&["Code", "DOB", "Ref"], &known), dob);
    }

    #[test]
    fn the_columns_of_intakes_begin_with_those_of_people() {
        assert!(OF_INTAKES.starts_with(OF_PEOPLE));
    }
}
