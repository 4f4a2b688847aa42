//! The table of codes: the kind of each finding, how grave it is, and what `explain` says of it.

use crate::findings::Severity;

/// One row of the table.
#[derive(Debug)]
pub struct CodeRow {
    pub code: Code,
    pub name: &'static str,
    pub severity: Severity,
    /// Whether `severity` in `rosterctl.yaml` may change it. What keeps a roster from being read always is an error.
    pub is_adjustable: bool,
    /// In one line.
    pub meaning: &'static str,
    /// Why it matters and what to do, with an example where one helps.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($code:ident $name:literal $rank:ident $meaning:literal $explanation:literal;)*) => {
        /// The kind of a finding, as the index of its row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($code),* }

        /// The table of codes.
        pub const CODES: &[CodeRow] = &[$({
            let (severity, is_adjustable) = $rank;
            CodeRow { code: Code::$code, name: $name, severity, is_adjustable, meaning: $meaning, explanation: $explanation }
        }),*];
    };
}

const ALWAYS: (Severity, bool) = (Severity::Error, false);
const ERROR: (Severity, bool) = (Severity::Error, true);
const WARNING: (Severity, bool) = (Severity::Warning, true);

codes! {
    UnreadableFile "unreadable-file" ALWAYS
        "A file can't be opened, is in another encoding, or is larger than 64 MiB."
        "Manifests are regular files of UTF-8 text below the project's folder; links, pipes and folders that end in .yaml \
aren't read. A CSV may be in Windows-1252 if its manifest says so: `encoding: windows-1252`. A CSV that isn't always there \
is `optional: true`, if it is an overlay.";
    Syntax "syntax" ALWAYS
        "The text isn't YAML."
        "The text can't be read from that place on, so findings further down come up once it is mended. Mostly it is \
indentation, a quote that isn't closed, or a colon and a blank inside of plain text:\n\n    lastName: Smith: Jones      # not YAML\n    lastName: \"Smith: Jones\"    # YAML";
    UnsupportedYaml "unsupported-yaml" ALWAYS
        "YAML that manifests do without: tags other than `!!str`, keys that aren't text, nesting past 64 levels, aliases that multiply."
        "A manifest is lists of users, a few levels deep. Anchors, aliases and merge keys are read, up to 100,000 copied \
values a file; `defaults` says the same shorter.";
    DuplicateKey "duplicate-key" ALWAYS
        "A mapping holds one key twice."
        "Most YAML readers keep one of the two in silence, and not all the same one. Keep the one that is right.";
    UnknownKey "unknown-key" ALWAYS
        "A key that isn't in the table of fields."
        "A misspelt key would be a field that isn't managed, in silence. The fields are those that `rosterctl explain` \
lists; for notes of your own there are comments, and keys that begin with `x-` at the top of a file.";
    WrongKind "wrong-kind" ALWAYS
        "A value of another kind than its field takes: a number where text is due, say."
        "What looks like a number is one to YAML, which drops leading zeros. Keys, telephone numbers and codes are text:\n\n    uln: 9999999999      # a number\n    uln: \"9999999999\"    # text";
    NeedsQuotes "needs-quotes" ALWAYS
        "A plain value that some YAML readers take for a number, a flag or a day, such as `01108` or `NO`."
        "Readers of YAML 1.1 and 1.2 disagree on such words, so that two tools would read two things from one file. Quotes \
end the doubt:\n\n    classroom: 01108      # 1108, 584 or text, by reader\n    classroom: \"01108\"    # text";
    EmptyValue "empty-value" ALWAYS
        "`null` or blank text. Nothing is ever cleared; a key that isn't managed is left out."
        "OneFile documents no way to clear a field, so an empty value could only be ignored. To stop managing a field, take \
its key away; to clear it, do so in OneFile.";
    UnknownWord "unknown-word" ALWAYS
        "A value outside the list that its key takes."
        "Roles, targets, encodings and the like are words of a list, and the help of the finding has the list.";
    BadEmail "bad-email" ALWAYS
        "Text that can't be an e-mail address."
        "A new account joins a keychain by its e-mail address, and its person is written to. One address, without a name or \
brackets around it: `aisha.khan@example.ac.uk`.";
    BadUln "bad-uln" ALWAYS
        "A ULN that isn't ten digits."
        "A unique learner number has ten digits; `\"9999999999\"` stands for one that isn't known yet. It is text, so it \
wants quotes.";
    UlnCheckDigit "uln-check-digit" ERROR
        "A ULN whose last digit doesn't fit the others."
        "The last digit of a unique learner number is computed from the other nine, so that a slip of the keyboard shows. \
Ten times the first digit, nine times the second and so on down to two times the ninth, added up, divided by 11: ten less \
the remainder is the last digit. `\"9999999999\"`, not yet known, is fine.";
    BadNino "bad-nino" ERROR
        "A national insurance number of another form than `QQ123456C`."
        "Two capital letters, six digits, and a letter from A to D, without blanks.";
    BadDay "bad-day" ALWAYS
        "A day that isn't written as is due, or that the calendar doesn't have."
        "In manifests days are written `2026-09-01`. In a CSV they may be written otherwise, if `dateFormat` says how: \
`dateFormat: DD/MM/YYYY`. It is never guessed, since 03/04/2007 is two days.";
    ImplausibleDay "implausible-day" ERROR
        "A day that can't be meant: a birth in the future or less than ten years ago, say, or an end before its start."
        "Days are checked against each other and against today: who is born in the future, less than ten or more than 110 \
years ago; who begins before being born; an episode that ends before it begins. `severity` in rosterctl.yaml can make it \
a warning.";
    BadInstant "bad-instant" ALWAYS
        "A time that isn't written `YYYY-MM-DDTHH:MM:SSZ`."
        "`createdOn` is a point in time, in UTC: `2026-09-01T09:00:00Z`.";
    BadNumber "bad-number" ALWAYS
        "A number that is too small for its key."
        "Accounts, organisations and whatever else OneFile numbers are counted from 1; limits from 0.";
    WhiteSpace "white-space" WARNING
        "White space at the ends of a text."
        "It is dropped when manifests are read, so that `\"L-0001 \"` is `L-0001`. Tools that compare byte by byte see two \
keys, so it is better taken out.";
    HiddenCharacter "hidden-character" ERROR
        "A control character, or one that nobody sees, in a name, an e-mail address, a telephone number or a key."
        "Zero-width blanks, marks that turn the direction of text, tabs and the like come along when text is copied from web \
pages and documents. Two keys that look alike would be two accounts. Type the text anew.";
    LookAlike "look-alike" ERROR
        "Letters of several scripts in one word, such as a Cyrillic `е` in a Latin name."
        "They look alike and are others: the account would not be found by search, and a key would be another key. A word \
that is of one script throughout is fine, whatever the script. Type the word anew.";
    MissingField "missing-field" ALWAYS
        "A field that a create needs for this role, and that no default gives."
        "Nobody knows beforehand who has an account, so every user has what a create needs; `rosterctl explain learner` lists \
it. It may come from `defaults` of the file or of rosterctl.yaml, or from an overlay. A user pinned by `id` needs `role` \
alone.";
    FieldNotInRole "field-not-in-role" ALWAYS
        "A field that users of this role don't have."
        "OneFile knows some fields for learners alone, and placements for learners, employers and observers. A default is \
skipped for roles that don't have it; a user's own key is refused.";
    EmptyFile "empty-file" ERROR
        "A manifest that holds nothing, or a CSV without rows."
        "Users who leave the manifests stop being managed, so a file that was emptied by accident must not go by in silence. \
Delete the file, or write its users.";
    NoUsers "no-users" ALWAYS
        "The manifests declare nobody: emptied, moved or misnamed files, as a rule."
        "Manifests are *.yaml and *.yml files below `users/`, or below the paths that `manifests` in rosterctl.yaml lists.";
    DuplicateUser "duplicate-user" ALWAYS
        "Two declared users with one `misId` or one `id`."
        "Both are the same account, and it can't be as both say. Keep one of them, or mend the key of one.";
    WrongRole "wrong-role" ALWAYS
        "A reference to a declared user whose role can't serve: an employer as assessor, say."
        "`defaultAssessor` takes trainee assessors, assessors and IQAs; `defaultEmployer` takes employers.";
    Contradiction "contradiction" ALWAYS
        "A user who is pinned to an account and declared to be distinct from it."
        "`id: 137945` says that the user is this account, `distinctFrom: [137945]` that it is somebody else's.";
    SharedEmail "shared-email" WARNING
        "Two declared users with one e-mail address."
        "OneFile joins accounts with one e-mail address in a keychain, which is right for one person with two roles and wrong \
for two people. `plan` holds the one who has no account yet, since a second account can't be taken back: pin it by `id` if \
it exists.";
    SimilarKeys "similar-keys" WARNING
        "Two MIS values that differ by case, blanks or leading zeros alone."
        "Mostly one person, whose key was typed twice: `L-0101` and `l-101`. `plan` holds the one who has no account yet. Where \
the MIS does tell such keys apart, create one first, and write its `distinctFrom: [ID]` with the other.";
    SamePerson "same-person" WARNING
        "Two declared users who look like one person: the same name and day of birth, or the same ULN."
        "The MIS may have given a person two keys, which would be two accounts. `plan` holds the one who has no account yet. \
If one of them is a mistake, delete it; of two people who do share all that, create one first, and write its `distinctFrom: [ID]` with \
the other.";
    PersonalKey "personal-key" WARNING
        "A MIS value that holds an e-mail address, or the name or the ULN of its user."
        "MIS values are shown in plans, logs and pull requests, where names aren't. Keys that mean nothing keep people \
unnamed there.";
    UnknownCode "unknown-code" WARNING
        "A code that isn't in the learner record's list for its field."
        "Ethnicity, sex, disabilities and learning difficulties are codes of the individualised learner record. \
`rosterctl explain ethnicity` and so on list them. Codes keep their leading zeros: `\"04\"`.";
    UnusedDefault "unused-default" WARNING
        "A default that no user of its file uses."
        "All users say otherwise, or none is of a role that has the field. Mostly a leftover: take it away, or look why it \
isn't used.";
    SpecialInManifest "special-in-manifest" WARNING
        "A value of class `special` written in a manifest, and so in git, for ever."
        "Health, ethnicity and national insurance numbers don't belong into a history that every clone keeps. Keep them in a \
CSV outside of git, and join it when rosterctl runs:\n\n    fromCsv:\n      path: ../private/special.csv\n      columns: { misId: Student Ref, nino: NI Number }\n      overlay: true\n      optional: true";
    BadTable "bad-table" ALWAYS
        "A CSV that isn't a table: no header, rows of another length, a quote that isn't closed, a column twice."
        "The first row names the columns; every other row has as many cells. Comma, semicolon or tab, whichever the header \
has. A cell that holds the separator, a quote or a line end stands in double quotes, and its quotes are doubled.";
    UnknownColumn "unknown-column" ALWAYS
        "A column that the CSV doesn't have, or that no field is named after."
        "`columns` says which column each field comes from: `columns: { misId: Student Ref, firstName: Forename }`. Without \
it every column is named after a field, as in `misId,firstName,lastName`.";
    MangledCell "mangled-cell" ALWAYS
        "A cell that a spreadsheet has spoilt: a rounded number such as `9.99E+09`, `#N/A`, `#####`."
        "Spreadsheets show long numbers in short and save what they show, so that the digits are gone from the file. Format \
the column as text in the spreadsheet, import the data anew, and export again. `#N/A` and its like are errors of formulas.";
    OverlayClash "overlay-clash" ALWAYS
        "A field that both a manifest and an overlay give one user, or two overlays."
        "One of the two would be dropped in silence. Keep the one that is right.";
    OverlayStranger "overlay-stranger" WARNING
        "Rows of an overlay whose MIS values no manifest declares."
        "They are left out. Mostly a misspelt key, or an extract of more people than the manifests declare.";
}

impl Code {
    pub fn row(self) -> &'static CodeRow {
        &CODES[self as usize]
    }

    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn named(name: &str) -> Option<Self> {
        CODES
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.code)
    }
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn a_code_is_the_index_of_its_row() {
        assert!(
            CODES
                .iter()
                .enumerate()
                .all(|(at, row)| row.code as usize == at)
        );
    }
}
