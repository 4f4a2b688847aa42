//! What each reason for a hold means, and what a person can do about it, for `explain`.

use crate::review::HoldReasonName;

/// The explanation of a reason.
pub(crate) struct HoldMeaning {
    name: HoldReasonName,
    /// For people; JSON has the same word in another spelling.
    pub(crate) word: &'static str,
    /// One line, for the list.
    pub(crate) meaning: &'static str,
    pub(crate) explanation: &'static str,
}

/// In the order of `HoldReasonName`.
pub(crate) const HOLD_MEANINGS: &[HoldMeaning] = &[
    HoldMeaning {
        name: HoldReasonName::SeveralAccounts,
        word: "several-accounts",
        meaning: "Several accounts have the user's MIS value.",
        explanation: "rosterctl can't tell which account is this user's. Write `id: NUMBER` to say which one. Then give the other accounts \
another MIS value in OneFile.",
    },
    HoldMeaning {
        name: HoldReasonName::RoleDiffers,
        word: "role-differs",
        meaning: "The account with the user's number or MIS value has another role.",
        explanation: "OneFile changes no roles, so rosterctl would have to create a second account. Declare the role that the account \
has, or take the user out of the files. If the same person needs an account in each role, write `alsoHas: [NUMBER]`. A trainee \
assessor who was promoted keeps the account: declare `role: assessor`.",
    },
    HoldMeaning {
        name: HoldReasonName::NoSuchAccount,
        word: "no-such-account",
        meaning: "The account that `id` names isn't there.",
        explanation: "Correct `id`, or take it out, so that `misId` finds the account. If many users have this reason, the files may be \
for another organisation or server than the one of this run.",
    },
    HoldMeaning {
        name: HoldReasonName::OtherMisId,
        word: "other-mis-id",
        meaning: "The account that `id` names has another MIS value than `misId`.",
        explanation: "One of the two is wrong. Look in OneFile whose account it is, then correct `id` or `misId`. If the MIS has given this \
person another value, write `formerMisId:` with the one that the account has.",
    },
    HoldMeaning {
        name: HoldReasonName::SharedAccount,
        word: "shared-account",
        meaning: "Several declared users stand for one account.",
        explanation: "Keep one of them, or say with `id` which account each has.",
    },
    HoldMeaning {
        name: HoldReasonName::Unknown,
        word: "unknown",
        meaning: "Nothing has the name or MIS value that a reference gives.",
        explanation: "A classroom, placement, assessor or the like isn't known by that name. Correct it, or create it in OneFile \
first. The plan shows the nearest name that exists.",
    },
    HoldMeaning {
        name: HoldReasonName::Ambiguous,
        word: "ambiguous",
        meaning: "Several things have the name that a reference gives.",
        explanation: "Write the number, as in `classroom: { id: 15379 }`, or a MIS value that only one of them has.",
    },
    HoldMeaning {
        name: HoldReasonName::CannotServe,
        word: "cannot-serve",
        meaning: "A reference names somebody whose role doesn't fit.",
        explanation: "An employer can't be a learner's assessor, for example. Name somebody of a role that can: `rosterctl explain \
FIELD` lists the roles.",
    },
    HoldMeaning {
        name: HoldReasonName::LeftManifests,
        word: "left-manifests",
        meaning: "A reference names somebody who left the files and has no account.",
        explanation: "Name somebody else, or declare that person again.",
    },
    HoldMeaning {
        name: HoldReasonName::DependsOnHeld,
        word: "depends-on-held",
        meaning: "A reference names somebody who is on hold and has no account yet.",
        explanation: "Decide the hold of that user first. Then plan again.",
    },
    HoldMeaning {
        name: HoldReasonName::DependsOnUnplanned,
        word: "depends-on-unplanned",
        meaning: "A reference names somebody who has no account and isn't part of this plan.",
        explanation: "The plan looks at a part of the users only, and the user that is referred to isn't among them. Apply the change \
that creates that user first, or plan all users.",
    },
    HoldMeaning {
        name: HoldReasonName::MisIdTaken,
        word: "mis-id-taken",
        meaning: "An account has the MIS value that `distinctFrom` says is somebody else's.",
        explanation: "Two accounts of one role can't have one MIS value. Correct `misId`, or give the other account another MIS value \
in OneFile.",
    },
    HoldMeaning {
        name: HoldReasonName::MisIdElsewhere,
        word: "mis-id-elsewhere",
        meaning: "The account that `id` names would get a MIS value that another account has.",
        explanation: "Correct `id` or `misId`, or give the other account another MIS value in OneFile.",
    },
    HoldMeaning {
        name: HoldReasonName::AwaitsOverlay,
        word: "awaits-overlay",
        meaning: "The overlay that gives fields of a new account is missing in this run, or no key opens it.",
        explanation: "rosterctl creates no account without these fields. Put the overlay where the manifest names it, or set the key of a sealed one, and plan again.",
    },
    HoldMeaning {
        name: HoldReasonName::UnfitValues,
        word: "unfit-values",
        meaning: "A new account needs a field whose value can't be meant.",
        explanation: "`rosterctl validate` shows the value with its line, and what is wrong with it. Correct it, and plan again.",
    },
    HoldMeaning {
        name: HoldReasonName::MayExist,
        word: "may-exist",
        meaning: "An account in OneFile looks like this person's.",
        explanation: "A second account can't be taken back, so a person has to look. If the account is this person's, write `id: \
NUMBER`. If it is somebody else's, write `distinctFrom: [NUMBER]`. If the same person needs two accounts, as for a second \
programme, write `alsoHas: [NUMBER]`.",
    },
    HoldMeaning {
        name: HoldReasonName::ReKeyed,
        word: "re-keyed",
        meaning: "This change edits the user's MIS value, and an account has the former one.",
        explanation: "With the new MIS value the user would get a second account. If the MIS has given this person another value, write \
`formerMisId: FORMER` beside the new `misId`: the account then gets the new value. Or put the former `misId` back. If the new value stands for somebody else, write `distinctFrom: [NUMBER]`.",
    },
    HoldMeaning {
        name: HoldReasonName::FormerUnproven,
        word: "former-unproven",
        meaning: "The account that `formerMisId` names doesn't show that it is this person's.",
        explanation: "An account gets another MIS value only if its ULN, or its name and date of birth, are those of this user. Declare \
`uln` or `dob`. If they can't be known, look at the account in OneFile and write `samePerson: true`. Delete that line after the \
apply.",
    },
    HoldMeaning {
        name: HoldReasonName::FormerAccountToo,
        word: "former-account-too",
        meaning: "One account has the new MIS value, and another one still has the value that `formerMisId` names.",
        explanation: "Only one of them can be this user's. If the other account is somebody else's, write `distinctFrom: [NUMBER]`. If \
the same person has both, write `alsoHas: [NUMBER]`. Then delete `formerMisId`.",
    },
    HoldMeaning {
        name: HoldReasonName::NoFormerAccount,
        word: "no-former-account",
        meaning: "The user has no account, and no account has the MIS value that `formerMisId` names.",
        explanation: "The account may be archived or deleted, or `formerMisId` may be wrong. Look in OneFile, and bring the account \
back if it is archived. Delete `formerMisId` to have a new account created.",
    },
    HoldMeaning {
        name: HoldReasonName::AnotherPerson,
        word: "another-person",
        meaning: "The update would make somebody else of an account.",
        explanation: "Two of first name, last name, date of birth, ULN and national insurance number would change at once. A \
spreadsheet whose rows have shifted looks like that. A new name is no question if the ULN stays the same, or if both the e-mail address and the \
date of birth do. Correct the file. If the account is still the same person's, write \
`samePerson: true`, and delete it after the apply.",
    },
    HoldMeaning {
        name: HoldReasonName::ValueTaken,
        word: "value-taken",
        meaning: "The update would set a value that belongs to somebody else.",
        explanation: "Another account or another declared user has the e-mail address, ULN or national insurance number. Correct the \
value. To exchange values between two people, free the value on one account first, in a change of its own. If one person has both \
accounts, write `alsoHas: [NUMBER]`. If two people share an e-mail address, write `distinctFrom: [NUMBER]`.",
    },
    HoldMeaning {
        name: HoldReasonName::ColumnMoved,
        word: "column-moved",
        meaning: "Many updates of one field take values that other accounts have now.",
        explanation: "It looks as if one column of a spreadsheet had been sorted or shifted on its own: the value of each row now stands \
beside another person. rosterctl holds all updates of that field if at least five of them, and at least half, take the value of another \
account.\n\nOpen the file as it was, sort whole rows, and save it again. In git, `git diff FILE` shows what has moved, and `git \
checkout -- FILE` brings the former file back. No answer in a manifest releases this hold.",
    },
    HoldMeaning {
        name: HoldReasonName::AlsoDeclared,
        word: "also-declared",
        meaning: "Another declared user looks like the same person.",
        explanation: "Delete one of the two. If they are two people, and one of them has an account, write `distinctFrom: [NUMBER]` with \
the other one. If neither has one, create one first.",
    },
    HoldMeaning {
        name: HoldReasonName::Unclear,
        word: "unclear",
        meaning: "An earlier run tried to create this account and doesn't know the result.",
        explanation: "Look in OneFile whether the account is there. Then run `rosterctl settle MISID created` or `rosterctl settle MISID \
not-created`. rosterctl never creates an account a second time on a guess.",
    },
    HoldMeaning {
        name: HoldReasonName::EarlierCreates,
        word: "earlier-creates",
        meaning: "An account that an earlier run created under another MIS value may be this person's.",
        explanation: "The earlier MIS value isn't in the files any more, and OneFile doesn't show the account. If it is the same person, \
put the former `misId` back. If not, look in OneFile and use `rosterctl settle`, as the plan says.",
    },
    HoldMeaning {
        name: HoldReasonName::PictureNotWhole,
        word: "picture-not-whole",
        meaning: "A list of accounts couldn't be read to its end.",
        explanation: "The account may exist on a page that wasn't read, so nobody is created. Plan again. If it stays, the list changes \
faster than it can be read: try at a quieter time.",
    },
    HoldMeaning {
        name: HoldReasonName::ListsHide,
        word: "lists-hide",
        meaning: "An account exists that no list shows, so others may be hidden as well.",
        explanation: "OneFile's lists may leave out archived accounts. If you know that these accounts are archived, write \
`archivedAccounts: hidden` below `policy:` in rosterctl.yaml.",
    },
    HoldMeaning {
        name: HoldReasonName::Unreadable,
        word: "unreadable",
        meaning: "The account itself can't be read, or contradicts its list.",
        explanation: "Look at the account in OneFile: it may have a role that rosterctl doesn't know. Nothing is sent to it.",
    },
    HoldMeaning {
        name: HoldReasonName::SomebodyElse,
        word: "somebody-else",
        meaning: "The account that `id` names has another name, e-mail address and ULN.",
        explanation: "The number is most likely that of another person. Correct `id`.",
    },
    HoldMeaning {
        name: HoldReasonName::MisValuesNotShown,
        word: "mis-values-not-shown",
        meaning: "OneFile's lists show no MIS values, so no account can be found by one.",
        explanation: "Write `id: NUMBER` for the users who have an account. `rosterctl export` writes the numbers of all accounts.",
    },
    HoldMeaning {
        name: HoldReasonName::HadAccount,
        word: "had-account",
        meaning: "The user had an account that OneFile doesn't show any more.",
        explanation: "rosterctl's ledger knows the account from an earlier reading. It may be archived or deleted. If it is archived, \
write `archived: false` to bring it back. To create a new account in its place, write `replaces: [NUMBER]`.",
    },
    HoldMeaning {
        name: HoldReasonName::DeclaredBefore,
        word: "declared-before",
        meaning: "The user was declared before this change and has no account.",
        explanation: "The account may be archived or deleted. Look in OneFile. If it is archived, write `archived: false` and `id: NUMBER` to \
bring it back. To create a new account, write `creates: again`.",
    },
    HoldMeaning {
        name: HoldReasonName::IsArchived,
        word: "is-archived",
        meaning: "The account is archived in OneFile, or rosterctl archived it earlier, and the user is declared as present.",
        explanation: "Write `archived: false` to bring the account back, or `archived: true` if the person has left. A second account is never \
created.",
    },
    HoldMeaning {
        name: HoldReasonName::NothingToBringBack,
        word: "nothing-to-bring-back",
        meaning: "The user has `archived: false`, and OneFile shows no account of theirs.",
        explanation: "Write `id: NUMBER`, the number of the archived account in OneFile. If there never was an account, delete `archived: false`, \
and rosterctl plans to create one.",
    },
    HoldMeaning {
        name: HoldReasonName::ArchivesOff,
        word: "archives-off",
        meaning: "An account would be archived or brought back, and `rosterctl.yaml` doesn't allow that.",
        explanation: "Write `archives: allowed` below `policy:` in rosterctl.yaml. `maxArchives` limits how many one apply may move.",
    },
    HoldMeaning {
        name: HoldReasonName::NamesLeaver,
        word: "names-leaver",
        meaning: "A reference names somebody who is declared with `archived: true`.",
        explanation: "Name somebody else, or delete `archived: true` there if that person stays.",
    },
    HoldMeaning {
        name: HoldReasonName::LearnersRemain,
        word: "learners-remain",
        meaning: "Somebody is to be archived who still has learners.",
        explanation: "Give the learners another `defaultAssessor` or `defaultEmployer`. The same change may do both: the archive comes last, and only \
if each learner was moved. Learners who aren't declared are changed in OneFile.",
    },
    HoldMeaning {
        name: HoldReasonName::LearnersUnread,
        word: "learners-unread",
        meaning: "Somebody is to be archived, and rosterctl doesn't know who still has them as assessor.",
        explanation: "Lists don't show the assessor of every learner, and reading each one takes a call. rosterctl reads up to 100 of them. Declare the \
learners, and plan without `--only-changed`, `--only` and `--exclude`; or archive this account in OneFile.",
    },
    HoldMeaning {
        name: HoldReasonName::AimsUnread,
        word: "aims-unread",
        meaning: "rosterctl can't read which standards the learner has.",
        explanation: "A standard can't be taken away again, so rosterctl assigns none while it can't see what the learner has. `rosterctl doctor \
--contract` shows what OneFile returns. Until that works, take `standards` and `units` out of the files.",
    },
    HoldMeaning {
        name: HoldReasonName::MayBeAssigned,
        word: "may-be-assigned",
        meaning: "An earlier run may have assigned something to the learner, and doesn't know the result.",
        explanation: "Look in OneFile whether the learner has it. Then run `rosterctl settle MISID assigned` or `rosterctl settle MISID \
not-assigned`. rosterctl never assigns anything a second time on a guess.",
    },
    HoldMeaning {
        name: HoldReasonName::AssignPathUnknown,
        word: "assign-path-unknown",
        meaning: "The learner gets further staff, and `rosterctl.yaml` doesn't say how OneFile takes them.",
        explanation: "The sources about this call of OneFile contradict each other: its path takes the number of the learner or that of the member \
of staff. `rosterctl explain assignPath` says how to find out on practice. Then write `assignPath: assignee` or `assignPath: learner` \
below `policy:` in rosterctl.yaml.",
    },
    HoldMeaning {
        name: HoldReasonName::StandardMissing,
        word: "standard-missing",
        meaning: "A unit belongs to a standard that the learner doesn't have.",
        explanation: "Write the standard in `standards` of the learner as well, or take the unit away.",
    },
];

impl HoldMeaning {
    /// The reason that a person names, as `column-moved` or, from JSON, `columnMoved`.
    pub(crate) fn named(word: &str) -> Option<&'static Self> {
        HOLD_MEANINGS
            .iter()
            .find(|meaning| without_hyphens(meaning.word) == without_hyphens(word))
    }

    pub(crate) fn json_word(&self) -> String {
        self.name.word()
    }
}

fn without_hyphens(word: &str) -> String {
    word.replace('-', "").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{HOLD_MEANINGS, HoldMeaning, without_hyphens};
    use crate::review::HoldReasonName;

    #[test]
    fn every_reason_for_a_hold_is_explained() {
        for (at, meaning) in HOLD_MEANINGS.iter().enumerate() {
            assert_eq!(meaning.name as usize, at, "{}", meaning.word);
        }
        assert_eq!(HoldReasonName::Later as usize, HOLD_MEANINGS.len());
    }

    #[test]
    fn a_reason_has_one_word_for_people_and_for_json() {
        for meaning in HOLD_MEANINGS {
            let json = meaning.json_word().to_ascii_lowercase();
            assert_eq!(without_hyphens(meaning.word), json);
        }
        for word in ["column-moved", "columnMoved", "Re-Keyed", "reKeyed"] {
            assert!(HoldMeaning::named(word).is_some(), "{word}");
        }
        assert!(HoldMeaning::named("column moved").is_none());
    }
}
