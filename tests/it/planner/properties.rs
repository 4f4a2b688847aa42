//! What holds of every plan, over invented organisations with all roles, pins, answers, references, overlays and bases.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use rosterctl::domain::field::{Key, UNKNOWN_ULN};
use rosterctl::domain::role::Role;
use rosterctl::domain::{Account, Archived, FieldTreatment, Snapshot};
use rosterctl::plan::{Operation, Origin, plan};

use crate::harness::cases_of_property;
use crate::planner::invented::{
    ASSESSOR, Base, Before, EMPLOYER, Form, Invented, Pin, Target, Written, own_account,
};
use crate::planner::reading::{
    Fate, Planned, awaited, comparable, declared_text, marks, number_of, reasons, replaced,
    who_is_held, widened, without_places,
};
use crate::planner::strategies::invented;

/// The reasons to hold a user that the invented organisations give. The rest has tests of its own.
const REASONS: &[&str] = &[
    "severalAccounts",
    "roleDiffers",
    "noSuchAccount",
    "otherMisId",
    "unknown",
    "ambiguous",
    "cannotServe",
    "dependsOnHeld",
    "dependsOnUnplanned",
    "misIdElsewhere",
    "awaitsOverlay",
    "mayExist",
    "reKeyed",
    "formerUnproven",
    "noFormerAccount",
    "anotherPerson",
    "alsoDeclared",
    "unclear",
    "earlierCreates",
    "pictureNotWhole",
    "listsHide",
];

/// Whether what is live is what is declared.
fn is_reached(
    planned: &Planned,
    account: &Account,
    field: &(Key, Written),
    after: &Snapshot,
) -> bool {
    let (key, written) = field;
    let live = account.text(*key).unwrap_or_default();
    match written {
        Written::Text(text) if *key == Key::Email => live.to_lowercase() == text.to_lowercase(),
        Written::Text(text) => live.replace("\r\n", "\n") == *text,
        Written::Day(day) => live == day.to_string(),
        Written::Flag(flag) => live == flag.to_string(),
        Written::Entry(id, _) => live == id.to_string(),
        Written::User(target, form) => match planned.referred_to(*target, *form, after) {
            Some(ids) => ids.iter().any(|id| live == id.to_string()),
            None if *key == Key::DefaultEmployer => live == EMPLOYER.to_string(),
            None => live == ASSESSOR.to_string() && matches!(target, Target::Undeclared),
        },
    }
}

/// Whether a declared field is sent, by what becomes of the user and by what the project says about the field.
fn is_sent(planned: &Planned, at: usize, key: Key) -> bool {
    let is_created = planned.fate(at) == Fate::Created;
    let is_allowed = match planned.invented.treatment(at, key) {
        FieldTreatment::Always | FieldTreatment::IgnoreCase => true,
        FieldTreatment::OnCreate => {
            is_created || (key == Key::MisId && planned.invented.said_former(at).is_some())
        }
        FieldTreatment::Never => false,
    };
    is_allowed && (key != Key::CreatedOn || is_created)
}

/// Every declared value that OneFile shows is there, in the one account of the user.
fn reached(planned: &Planned, at: usize, after: &Snapshot) -> Result<(), TestCaseError> {
    let accounts = planned.accounts_of(at, after);
    prop_assert_eq!(accounts.len(), 1, "user {}: {:?}", at, accounts);
    let account = after.account(*accounts.first().unwrap()).unwrap();
    prop_assert_eq!(account.role, planned.invented.people[at].role);
    for field in planned.invented.fields(at) {
        let is_sent = is_sent(planned, at, field.0);
        if is_sent && Some(field.0) != planned.invented.run.unseen {
            let shown = account.text(field.0);
            let ignores_case =
                planned.invented.treatment(at, field.0) == FieldTreatment::IgnoreCase;
            prop_assert!(
                is_reached(planned, account, &field, after)
                    || (ignores_case && differs_in_case(&field.1, shown.as_deref())),
                "user {at}: {field:?}, {shown:?}"
            );
        }
    }
    Ok(())
}

fn differs_in_case(written: &Written, live: Option<&str>) -> bool {
    matches!((written, live), (Written::Text(text), Some(live)) if text.to_lowercase() == live.to_lowercase())
}

/// Checks that nothing speaks against a create, by the invented circumstances alone.
fn is_safe_to_create(planned: &Planned, at: usize) -> Result<(), TestCaseError> {
    let (invented, person) = (&planned.invented, &planned.invented.people[at]);
    prop_assert_eq!(person.pin, Pin::None, "a pin names an account");
    prop_assert_eq!(
        invented.run.gap,
        None,
        "an account may be in the part that was not read"
    );
    prop_assert!(!person.is_unclear, "an earlier run may have created it");
    let undeclared = invented
        .people
        .iter()
        .find(|person| person.has_undeclared_create());
    prop_assert!(
        undeclared.is_none(),
        "an earlier run may have created it by another MIS value"
    );
    let lists_hide = !planned.before.unlisted.is_empty();
    prop_assert!(!lists_hide || invented.run.archived == Archived::Hidden);
    let fields = invented.fields(at);
    let text = |key: Key| declared_text(&fields, key);
    for key in &invented.run.unmanaged {
        let tells = matches!(key, Key::Email | Key::Dob | Key::Uln) && key.row().is_of(person.role);
        prop_assert!(!tells, "an overlay that is not there gives {key:?}");
    }
    let (own, others) = (marks(text), invented.distinct_from(at));
    for account in planned
        .before
        .accounts()
        .filter(|one| !others.contains(&one.id))
    {
        let live = marks(|key| account.text(key));
        let is_namesake = is_told_apart_by_numbers(&fields, account);
        let same = own
            .iter()
            .filter(|(mark, _)| !(**mark == "name" && is_namesake))
            .find(|(mark, text)| live.get(*mark) == Some(text));
        prop_assert_eq!(same, None, "account {} looks like user {}", account.id, at);
    }
    for other in planned.users().filter(|other| *other != at) {
        let is_alike = share_email(invented, at, other);
        let is_told_apart = others.contains(&own_account(other));
        prop_assert!(
            !is_alike || is_told_apart,
            "users {at} and {other} share an e-mail address"
        );
    }
    Ok(())
}

/// Whether a ULN, a national insurance number or a date of birth is known on both sides and differs.
fn is_told_apart_by_numbers(fields: &[(Key, Written)], account: &Account) -> bool {
    let declared = |key: Key| match &fields.iter().find(|(known, _)| *known == key)?.1 {
        Written::Text(text) => Some(text.to_lowercase()),
        Written::Day(day) => Some(day.to_string()),
        Written::Flag(_) | Written::Entry(..) | Written::User(..) => None,
    };
    [Key::Uln, Key::Nino, Key::Dob].into_iter().any(|key| {
        let live = account.text(key).map(|text| text.to_lowercase());
        let both = declared(key).zip(live);
        both.is_some_and(|(one, other)| one != other && one != UNKNOWN_ULN && other != UNKNOWN_ULN)
    })
}

/// Checks that nobody whose MIS value the change edits is planned while the former one still has an account.
fn is_held_by_former_mis_value(planned: &Planned) -> Result<(), TestCaseError> {
    for at in planned.users() {
        let person = &planned.invented.people[at];
        let is_re_keyed = person.before == Before::OtherMisId && person.pin == Pin::None;
        let former = format!("V-{at}");
        let others = planned.invented.distinct_from(at);
        let mut accounts = planned
            .before
            .accounts()
            .filter(|account| !others.contains(&account.id));
        let has_account =
            accounts.any(|account| account.text(Key::MisId).as_ref() == Some(&former));
        // `formerMisId` answers it, if the account shows whose it is.
        let is_answered = planned.invented.said_former(at).is_some()
            && matches!(planned.fate(at), Fate::Updated(_));
        if is_re_keyed && has_account && !is_answered {
            prop_assert_eq!(planned.fate(at), Fate::Held, "user {}", at);
        }
    }
    Ok(())
}

fn share_email(invented: &Invented, at: usize, other: usize) -> bool {
    !invented.run.unmanaged.contains(&Key::Email) && invented.email(at) == invented.email(other)
}

/// Whether the ULN, or both names and the date of birth, are live as they are declared.
fn shows_whose_it_is(fields: &[(Key, Written)], account: &Account) -> bool {
    let agrees = |key: Key| {
        let written = fields.iter().find(|(known, _)| *known == key);
        let declared = written.and_then(|(_, written)| match written {
            Written::Text(text) => Some(text.to_lowercase()),
            Written::Day(day) => Some(day.to_string()),
            Written::Flag(_) | Written::Entry(..) | Written::User(..) => None,
        });
        let live = account.text(key).map(|text| text.to_lowercase());
        declared.is_some_and(|text| text != UNKNOWN_ULN && live == Some(text))
    };
    let names = [Key::FirstName, Key::LastName, Key::Dob];
    agrees(Key::Uln) || names.into_iter().all(agrees)
}

/// Whether nothing about a user gives a reason to hold: an account that can be found or none at all, and references to
/// users of whom the same holds.
fn is_orderly(invented: &Invented, at: usize) -> bool {
    let shares_email = |other: usize| other != at && share_email(invented, at, other);
    let is_alone = !(0..invented.people.len()).any(shares_email);
    let fields = invented.fields(at);
    let are_found = fields.iter().all(|(_, written)| match written {
        Written::User(Target::Declared(target), form) => {
            *form != Form::Id && is_orderly(invented, *target)
        }
        Written::User(target, _) => matches!(target, Target::Undeclared),
        Written::Text(_) | Written::Day(_) | Written::Flag(_) | Written::Entry(..) => true,
    });
    is_alone && are_found && invented.people[at].is_orderly()
}

pub fn the_invented_organisations_give_every_kind_of_result() {
    let mut runner = TestRunner::deterministic();
    let (mut found, mut held) = (BTreeSet::new(), BTreeSet::new());
    let mut created = BTreeSet::new();
    for _ in 0..1000 {
        let is_complete = found.len() == 7
            && created.len() == Role::all().count()
            && REASONS.iter().all(|name| held.contains(*name));
        if is_complete {
            break;
        }
        let invented = invented().new_tree(&mut runner).unwrap().current();
        let planned = Planned::of(invented);
        for at in planned.users() {
            found.insert(match planned.fate(at) {
                Fate::Created => "created",
                Fate::Updated(_) => "updated",
                Fate::Moved(_) => "moved",
                Fate::Held => "held",
                Fate::Unchanged => "unchanged",
                Fate::LeftOut => "left out",
            });
        }
        let renumbers = |operation: &Operation| replaced(operation).contains(&Key::MisId);
        found.extend(
            planned
                .plan
                .operations
                .iter()
                .any(renumbers)
                .then_some("renumbered"),
        );
        found.extend((planned.plan.left_alone.users > 0).then_some("left alone"));
        created.extend(planned.created().map(|at| planned.invented.people[at].role));
        held.extend(planned.plan.held.iter().flat_map(reasons));
    }
    assert_eq!(found.len(), 7, "{found:?}");
    assert_eq!(created, Role::all().collect());
    let missing: Vec<_> = REASONS
        .iter()
        .filter(|name| !held.contains(**name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

proptest! {
    #![proptest_config(cases_of_property(300))]

    #[test]
    fn applying_a_plan_gives_the_roster(invented in invented()) {
        let planned = Planned::of(invented);
        let after = planned.after();
        for at in planned.users() {
            match planned.fate(at) {
                Fate::Created | Fate::Updated(_) | Fate::Unchanged => reached(&planned, at, &after)?,
                Fate::Held | Fate::LeftOut | Fate::Moved(_) => {}
            }
        }
    }

    /// Only what OneFile never shows is sent again: nobody can tell whether it is there. The same users stay on hold, perhaps
    /// for one more reason: a new account may look like theirs.
    #[test]
    fn planning_again_is_empty(invented in invented()) {
        let planned = Planned::of(invented);
        let again = planned.again();
        for operation in &again.operations {
            prop_assert_eq!(comparable(operation), Vec::<&_>::new(), "user {}", number_of(operation.user().unwrap()));
        }
        prop_assert_eq!(again.counts().creates, 0);
        prop_assert_eq!(who_is_held(&again), who_is_held(&planned.plan));
        prop_assert_eq!(again.left_out, planned.plan.left_out);
    }

    #[test]
    fn the_order_of_files_and_of_users_does_not_matter(invented in invented()) {
        let planned = Planned::of(invented);
        let reordered = planned.invented.roster_reordered();
        let scope = planned.invented.scope(&reordered);
        let other = plan(&reordered, &planned.before, &planned.invented.policy(), &scope);
        prop_assert_eq!(without_places(&planned.plan), without_places(&other));
    }

    #[test]
    fn every_declared_user_is_exactly_one_of_operation_held_unchanged_and_left_out(invented in invented()) {
        let planned = Planned::of(invented);
        let (mut unchanged, mut left_out) = (0, 0);
        for at in planned.users() {
            let (operations, held) = (planned.operations_of(at).len(), planned.held(at).len());
            prop_assert!(operations + held <= 1, "user {at}: {operations} operations, held {held} times");
            unchanged += usize::from(planned.fate(at) == Fate::Unchanged);
            left_out += usize::from(planned.fate(at) == Fate::LeftOut);
        }
        prop_assert_eq!(unchanged, planned.plan.unchanged);
        prop_assert_eq!(left_out, planned.plan.left_out);
    }

    #[test]
    fn no_account_is_touched_but_the_one_of_a_declared_user(invented in invented()) {
        let planned = Planned::of(invented);
        let mut touched = BTreeSet::new();
        for at in planned.users() {
            let Fate::Updated(id) = planned.fate(at) else {
                continue;
            };
            prop_assert_eq!(planned.accounts_of(at, &planned.before), BTreeSet::from([id]));
            prop_assert!(!planned.invented.distinct_from(at).contains(&id));
            prop_assert!(!planned.plan.undeclared.contains(&id));
            prop_assert!(touched.insert(id), "account {id} twice");
        }
    }

    #[test]
    fn an_operation_only_sends_what_is_declared(invented in invented()) {
        let planned = Planned::of(invented);
        for operation in &planned.plan.operations {
            let fields = planned.invented.fields(number_of(operation.user().unwrap()));
            let declared: BTreeSet<Key> = fields.iter().map(|(key, _)| *key).collect();
            let sent: BTreeSet<Key> = operation.changes().iter().map(|change| change.key).collect();
            let is_create = planned.fate(number_of(operation.user().unwrap())) == Fate::Created;
            prop_assert!(is_create || !sent.contains(&Key::CreatedOn), "only a create sends it");
            prop_assert!(!sent.is_empty() && sent.is_subset(&declared), "{sent:?}");
            let at = number_of(operation.user().unwrap());
            prop_assert!(sent.iter().all(|key| is_sent(&planned, at, *key)), "{sent:?}");
        }
    }

    #[test]
    fn nobody_is_created_who_may_have_an_account(invented in invented()) {
        let planned = Planned::of(invented);
        for at in planned.created() {
            is_safe_to_create(&planned, at)?;
        }
    }

    #[test]
    fn nobody_is_created_while_an_account_of_somebody_else_looks_like_theirs(invented in invented()) {
        let planned = Planned::of(invented.with_lookalikes());
        for at in planned.created() {
            is_safe_to_create(&planned, at)?;
        }
    }

    #[test]
    fn nobody_who_refers_to_a_held_user_has_an_operation(invented in invented()) {
        let planned = Planned::of(invented);
        for at in planned.users() {
            let is_planned = !matches!(planned.fate(at), Fate::Held | Fate::LeftOut);
            for target in planned.declared_targets(at).into_iter().filter(|_| is_planned) {
                prop_assert_ne!(planned.fate(target), Fate::Held, "user {} refers to {}", at, target);
            }
        }
    }

    #[test]
    fn a_user_is_held_for_a_reason_only(invented in invented()) {
        let planned = Planned::of(widened(invented.with_orderly_run()));
        let lists_hide = !planned.before.unlisted.is_empty();
        for at in planned.users().filter(|at| is_orderly(&planned.invented, *at) && !lists_hide) {
            prop_assert_ne!(planned.fate(at), Fate::Held, "user {}", at);
        }
    }

    #[test]
    fn an_update_changes_two_of_the_fields_that_tell_people_apart_only_if_the_manifest_says_so(invented in invented()) {
        let planned = Planned::of(invented);
        for operation in &planned.plan.operations {
            let replaced = replaced(operation);
            let telling = [Key::FirstName, Key::LastName, Key::Dob, Key::Uln, Key::Nino];
            let at = number_of(operation.user().unwrap());
            let may_replace_key = planned.invented.said_former(at).is_some();
            prop_assert!(!replaced.contains(&Key::MisId) || may_replace_key, "a MIS value is replaced if the manifest says so");
            let number = telling.iter().filter(|key| replaced.contains(key)).count();
            let is_excused = telling[2..].iter().all(|key| !replaced.contains(key)) && planned.agrees_otherwise(at);
            prop_assert!(number < 2 || is_excused || planned.invented.people[at].says_same, "{replaced:?}");
        }
    }

    #[test]
    fn an_account_gets_another_mis_value_only_if_it_shows_whose_it_is(invented in invented()) {
        let planned = Planned::of(invented);
        for operation in &planned.plan.operations {
            let at = number_of(operation.user().unwrap());
            let Fate::Updated(id) = planned.fate(at) else {
                continue;
            };
            if replaced(operation).contains(&Key::MisId) && !planned.invented.people[at].says_same {
                let account = planned.before.account(id).unwrap();
                prop_assert!(shows_whose_it_is(&planned.invented.fields(at), account), "user {at}");
            }
        }
    }

    #[test]
    fn an_operation_only_waits_for_creates_before_it(invented in invented()) {
        let planned = Planned::of(invented);
        let mut created = BTreeSet::new();
        for operation in &planned.plan.operations {
            for mis_id in awaited(operation) {
                prop_assert!(created.contains(&mis_id), "{mis_id} is not created yet");
            }
            if planned.fate(number_of(operation.user().unwrap())) == Fate::Created {
                created.extend(operation.user().unwrap().mis_id.clone());
            }
        }
    }

    #[test]
    fn a_person_with_an_account_by_the_former_mis_value_is_held(invented in invented()) {
        is_held_by_former_mis_value(&Planned::of(widened(invented.clone())))?;
        is_held_by_former_mis_value(&Planned::of(invented.with_former_accounts()))?;
    }

    #[test]
    fn planning_only_what_changed_leaves_out_exactly_what_did_not(mut invented in invented()) {
        invented.run.base = Base::OnlyChanged;
        let planned = Planned::of(invented);
        for at in planned.users() {
            let is_left_out = planned.fate(at) == Fate::LeftOut;
            prop_assert_eq!(is_left_out, !planned.invented.is_edited(at), "user {}", at);
        }
    }

    /// Only a user who waits for one that is not edited may fare otherwise.
    #[test]
    fn planning_only_what_changed_plans_nothing_else(mut invented in invented()) {
        invented.run.base = Base::OnlyChanged;
        let (narrow, wide) = (Planned::of(invented.clone()), Planned::of(widened(invented)));
        for at in narrow.users() {
            let is_alone = narrow.declared_targets(at).into_iter().all(|target| narrow.invented.is_edited(target));
            if narrow.fate(at) != Fate::LeftOut && is_alone {
                prop_assert_eq!(narrow.fate(at), wide.fate(at), "user {}", at);
                prop_assert_eq!(narrow.operations_of(at), wide.operations_of(at));
            }
        }
    }

    #[test]
    fn a_create_is_of_this_change_if_its_user_is_edited_and_an_update_if_a_field_that_it_sends_is(
        invented in invented()
    ) {
        let planned = Planned::of(invented);
        for operation in &planned.plan.operations {
            let at = number_of(operation.user().unwrap());
            let edited = planned.invented.edited_keys(at);
            let is_edited = match operation {
                Operation::CreateEntry(_)
                | Operation::UpdateEntry(_)
                | Operation::Assign(_)
                | Operation::Unarchive(_)
                | Operation::Create(_)
                | Operation::Archive(_) => {
                    planned.invented.is_edited(at)
                }
                Operation::Update(update) => update.changes.iter().any(|change| edited.contains(&change.key)),
            };
            match operation.origin() {
                None => prop_assert_eq!(planned.invented.run.base, Base::None),
                Some(Origin::ThisChange) => prop_assert!(is_edited),
                Some(Origin::Elsewhere) => prop_assert!(!is_edited),
            }
        }
    }
}
