//! `fields` in rosterctl.yaml: which words each field takes, and what is refused, with its place and its fix.

use rosterctl::domain::field::{FIELDS, Key};
use rosterctl::domain::role::Role;
use rosterctl::domain::{FieldPolicy, FieldTreatment, TREATMENTS};
use rosterctl::findings::source::Sources;
use rosterctl::manifest::schema::project as schema_of_project;
use rosterctl::project::settings::project;

/// What a text below `fields:` says, or its findings: message and help.
fn read(fields: &str) -> Result<FieldPolicy, Vec<(String, String)>> {
    let text = format!("organisation: 5740\nfields:\n{fields}");
    let mut sources = Sources::default();
    let file = sources.add("rosterctl.yaml", text.clone());
    project(file, &text)
        .map(|project| project.fields)
        .map_err(|findings| {
            let findings = findings.into_iter();
            findings
                .map(|finding| (finding.message, finding.help))
                .collect()
        })
}

fn refused(fields: &str) -> (String, String) {
    let findings = read(fields).unwrap_err();
    assert_eq!(findings.len(), 1, "{fields}: {findings:?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn a_word_that_a_field_does_not_take_is_refused_with_the_reason_and_the_words() {
    let rest = "delete this line, or write one of";
    for (fields, message, help) in [
        (
            "  misId: never",
            "`misId` can't be `never`: rosterctl finds each account by it",
            format!("{rest} `always`, `onCreate`"),
        ),
        (
            "  misId: ignoreCase",
            "`misId` can't be `ignoreCase`: a MIS value is always compared letter by letter",
            format!("{rest} `always`, `onCreate`"),
        ),
        (
            "  email: never",
            "`email` can't be `never`: OneFile creates no account without it",
            format!("{rest} `always`, `ignoreCase`, `onCreate`"),
        ),
        (
            "  placement: never",
            "`placement` can't be `never`: OneFile creates no account without it",
            format!("{rest} `always`, `onCreate`"),
        ),
        (
            "  learner: { classroom: never }",
            "`classroom` can't be `never`: OneFile creates no account without it",
            format!("{rest} `always`, `onCreate`"),
        ),
        (
            "  dob: ignoreCase",
            "`dob` can't be `ignoreCase`: its values have no capitals to ignore",
            format!("{rest} `always`, `onCreate`, `never`"),
        ),
        (
            "  uln: ignoreCase",
            "`uln` can't be `ignoreCase`: its values have no capitals to ignore",
            format!("{rest} `always`, `onCreate`, `never`"),
        ),
        (
            "  learner: { supportFunding: ignoreCase }",
            "`supportFunding` can't be `ignoreCase`: its values have no capitals to ignore",
            format!("{rest} `always`, `onCreate`, `never`"),
        ),
        (
            "  classroom: ignoreCase",
            "`classroom` can't be `ignoreCase`: it is compared by number, so capitals make no difference",
            format!("{rest} `always`, `onCreate`"),
        ),
        (
            "  createdOn: always",
            "`createdOn` can't be `always`: the field is only ever sent when the account is created",
            format!("{rest} `onCreate`, `never`"),
        ),
        (
            "  id: never",
            "`id` can't be `never`: the field says who the user is, so it is always read",
            "delete this line".to_owned(),
        ),
        (
            "  id: onCreate",
            "`id` can't be `onCreate`: the field says who the user is, so it is always read",
            "delete this line".to_owned(),
        ),
        (
            "  role: onCreate",
            "`role` can't be `onCreate`: the field says who the user is, so it is always read",
            "delete this line".to_owned(),
        ),
        (
            "  iqa: { samePerson: never }",
            "`samePerson` can't be `never`: it isn't a field of OneFile, so there is nothing to send",
            "delete this line".to_owned(),
        ),
        (
            "  learner: { standards: onCreate }",
            "`standards` can't be `onCreate`: it isn't a value of the account, so there is nothing to compare",
            "delete this line".to_owned(),
        ),
    ] {
        assert_eq!(refused(fields), (message.to_owned(), help), "{fields}");
    }
}

#[test]
fn a_field_that_nothing_knows_or_that_the_role_lacks_is_refused_with_what_was_meant() {
    for (fields, message, help) in [
        ("  emial: onCreate", "unknown key `emial`", "write `email`"),
        (
            "  surname: onCreate",
            "unknown key `surname`",
            "write `lastName`",
        ),
        (
            "  leaner: { email: onCreate }",
            "unknown key `leaner`",
            "write `learner`",
        ),
        (
            "  learner: { mobilNumber: onCreate }",
            "unknown key `mobilNumber`",
            "write `mobileNumber`",
        ),
        (
            "  assessor: { uln: never }",
            "users of role `assessor` have no `uln`",
            "delete this line; the field is for `learner`",
        ),
        (
            "  iqa: { placement: onCreate }",
            "users of role `iqa` have no `placement`",
            "delete this line; the field is for `learner`, `employer`, `observer`",
        ),
        (
            "  learner: onCreate",
            "`learner` is a role, and takes a mapping of fields",
            "write it as in `learner: { email: onCreate }`",
        ),
        (
            "  email: oncreate",
            "`email` takes one of a few words",
            "write `onCreate`",
        ),
        (
            "  email: ignorecase",
            "`email` takes one of a few words",
            "write `ignoreCase`",
        ),
        (
            "  website: sometimes",
            "`website` takes one of a few words",
            "delete this line, or write one of `always`, `ignoreCase`, `onCreate`, `never`",
        ),
        (
            "  email: { learner: onCreate }",
            "`email` takes one of a few words",
            "delete this line, or write one of `always`, `ignoreCase`, `onCreate`",
        ),
        (
            "  email: true",
            "`email` takes one of a few words",
            "delete this line, or write one of `always`, `ignoreCase`, `onCreate`",
        ),
        (
            "  email:",
            "`email` is empty",
            "delete this line, or write one of `always`, `ignoreCase`, `onCreate`",
        ),
    ] {
        assert_eq!(
            refused(fields),
            (message.to_owned(), help.to_owned()),
            "{fields}"
        );
    }
}

#[test]
fn every_fault_is_named_at_once() {
    let findings = read("  emial: onCreate\n  dob: ignoreCase\n  learner: { classroom: never }\n");
    assert_eq!(findings.unwrap_err().len(), 3);
}

/// Each word that the table of treatments allows for a field is read as that, and no other is; editors offer the same.
#[test]
fn what_is_read_is_what_the_schema_takes() {
    let validator = jsonschema::validator_for(&schema_of_project()).unwrap();
    let roles = [None].into_iter().chain(Role::all().map(Some));
    for role in roles {
        for row in TREATMENTS {
            let (mut lines, mut refused) = (String::new(), Vec::new());
            for field in FIELDS
                .iter()
                .filter(|field| role.is_none_or(|role| field.is_of(role)))
            {
                let said = serde_json::json!({ field.name: row.word });
                let said = match role {
                    Some(role) => serde_json::json!({ role.name(): said }),
                    None => said,
                };
                let document = serde_json::json!({ "organisation": 5740, "fields": said });
                let is_allowed = row.treatment.refusal(field, role).is_none();
                assert_eq!(validator.is_valid(&document), is_allowed, "{document}");
                lines += &format!("    {}: {}\n", field.name, row.word);
                refused.extend((!is_allowed).then_some(field.name));
            }
            let text = match role {
                Some(role) => format!("  {}:\n{lines}", role.name()),
                None => lines,
            };
            let findings = read(&text).err().unwrap_or_default();
            let named = findings
                .iter()
                .map(|(message, _)| message.split('`').nth(1));
            assert_eq!(named.flatten().collect::<Vec<_>>(), refused, "{text}");
        }
    }
}

#[test]
fn what_is_said_for_a_role_wins_over_what_is_said_for_all() {
    let policy =
        read("  learner: { email: always }\n  email: onCreate\n  lastName: ignoreCase\n").unwrap();
    let treatment = |role, key| policy.rule(role, key).map(|rule| rule.treatment);
    assert_eq!(
        treatment(Role::Learner, Key::Email),
        Some(FieldTreatment::Always)
    );
    assert_eq!(
        treatment(Role::Iqa, Key::Email),
        Some(FieldTreatment::OnCreate)
    );
    assert_eq!(
        treatment(Role::Learner, Key::LastName),
        Some(FieldTreatment::IgnoreCase)
    );
    assert_eq!(treatment(Role::Learner, Key::FirstName), None);
}

/// A reviewed plan stays good if `fields` is only written in another way.
#[test]
fn policies_that_come_to_the_same_say_the_same() {
    for (one, other) in [
        ("  uln: onCreate\n", "  learner: { uln: onCreate }\n"),
        (
            "  placement: onCreate\n",
            "  learner: { placement: onCreate }\n  employer: { placement: onCreate }\n  observer: { placement: onCreate }\n",
        ),
        (
            "  email: onCreate\n",
            "  email: onCreate\n  learner: { email: onCreate }\n",
        ),
        ("  createdOn: onCreate\n", "  mobileNumber: always\n"),
        (
            "  placement: onCreate\n  learner: { placement: always }\n",
            "  employer: { placement: onCreate }\n  observer: { placement: onCreate }\n",
        ),
    ] {
        let sayings = |text| read(text).unwrap().sayings();
        assert_eq!(sayings(one), sayings(other), "{one}{other}");
    }
    for (one, other) in [
        ("  email: onCreate\n", "  learner: { email: onCreate }\n"),
        ("  email: onCreate\n", "  email: ignoreCase\n"),
        ("  nino: never\n", "  uln: never\n"),
    ] {
        let sayings = |text| read(text).unwrap().sayings();
        assert_ne!(sayings(one), sayings(other), "{one}{other}");
    }
}
