//! How organisations are invented: mostly orderly ones, so that most users are planned, and each disorder once in a while.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;
use rosterctl::domain::field::{FIELDS, Key};
use rosterctl::domain::role::Role;
use rosterctl::domain::{Archived, FieldTreatment};

use crate::planner::invented::{
    Base, Before, Details, FIXED, Form, Invented, Live, LiveKey, Mark, Person, Pin, Run,
    SaidFormer, Target, Uln,
};

pub(super) fn invented() -> impl Strategy<Value = Invented> {
    (prop::collection::vec(person(), 1..9), run())
        .prop_map(|(people, run)| Invented { people, run })
}

fn run() -> impl Strategy<Value = Run> {
    let gap = prop::option::weighted(0.06, prop::sample::select(Role::all().collect::<Vec<_>>()));
    let archived = prop::sample::select(vec![Archived::Unknown, Archived::Hidden]);
    let unmanaged = prop_oneof![
        9 => Just(Vec::new()),
        1 => Just(vec![Key::Dob, Key::Uln]),
        1 => Just(vec![Key::Email]),
        1 => Just(vec![Key::Nino, Key::MobileNumber]),
    ];
    let unseen = prop::option::weighted(0.2, Just(Key::Website));
    let base = prop::sample::select(vec![Base::None, Base::Everybody, Base::OnlyChanged]);
    let fields = prop_oneof![
        1 => Just(Vec::new()),
        1 => prop::collection::vec(said(), 1..4),
    ];
    let parts = (gap, archived, unmanaged, unseen, base, fields);
    parts.prop_map(|(gap, archived, unmanaged, unseen, base, fields)| Run {
        gap,
        archived,
        unmanaged,
        unseen,
        base,
        fields,
    })
}

/// What a project may say about a field. References to users aren't among them: who names a held user goes on if it isn't sent.
fn said() -> impl Strategy<Value = (Key, FieldTreatment, Option<Role>)> {
    let keys: Vec<Key> = FIELDS
        .iter()
        .filter(|field| field.referent().is_none_or(|referent| !referent.is_user()))
        .map(|field| field.key)
        .collect();
    let words = vec![
        FieldTreatment::Always,
        FieldTreatment::IgnoreCase,
        FieldTreatment::OnCreate,
        FieldTreatment::Never,
    ];
    let role = prop_oneof![
        2 => Just(None),
        1 => prop::sample::select(Role::all().collect::<Vec<_>>()).prop_map(Some),
    ];
    let said = (
        prop::sample::select(keys),
        prop::sample::select(words),
        role,
    );
    said.prop_filter("a word that the field takes", |(key, treatment, role)| {
        let field = key.row();
        role.is_none_or(|role| field.is_of(role)) && treatment.refusal(field, *role).is_none()
    })
}

fn person() -> impl Strategy<Value = Person> {
    let role = prop_oneof![
        4 => Just(Role::Learner),
        6 => prop::sample::select(Role::all().collect::<Vec<_>>()),
    ];
    let pin = prop_oneof![
        12 => Just(Pin::None),
        3 => Just(Pin::ToOwn),
        2 => Just(Pin::ToOwnWithoutMisId),
        1 => Just(Pin::ToNobody),
    ];
    let identity = (
        role,
        0usize..3,
        pin,
        prop::bool::weighted(0.3),
        (any::<bool>(), said_former()),
        prop::option::weighted(0.08, 0usize..9),
    );
    let links = (
        (target(), form()),
        prop::option::of((target(), form())),
        form(),
    );
    let around = (
        live(),
        live_key(),
        prop::option::weighted(0.15, mark()),
        before(),
        prop::bool::weighted(0.08),
    );
    (identity, details(), links, around).prop_map(|(identity, details, links, around)| {
        let (role, file, pin, names_others, (says_same, said_former), email_of) = identity;
        let (assessor, employer, entry_form) = links;
        let (live, live_key, lookalike, before, is_unclear) = around;
        Person {
            role,
            file,
            pin,
            names_others,
            says_same,
            said_former,
            email_of,
            details,
            assessor,
            employer,
            entry_form,
            live,
            live_key,
            lookalike,
            before,
            is_unclear,
        }
    })
}

fn said_former() -> impl Strategy<Value = SaidFormer> {
    prop_oneof![
        3 => Just(SaidFormer::Nothing),
        1 => Just(SaidFormer::FormerMisId),
    ]
}

fn details() -> impl Strategy<Value = Details> {
    let day = (1930i16..2012, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| date(y, m, d));
    let ulns = vec![Uln::Undeclared, Uln::Placeholder, Uln::Own, Uln::Own];
    let parts = (
        any::<bool>(),
        prop::option::of(0u8..9),
        prop::sample::subsequence(FIXED.to_vec(), 0..=FIXED.len()),
        prop::option::of(day),
        prop::sample::select(ulns),
        prop::option::of(any::<bool>()),
    );
    parts.prop_map(|(health, mobile, fixed, dob, uln, funding)| Details {
        health,
        mobile,
        fixed: fixed.into_iter().collect(),
        dob,
        uln,
        funding,
    })
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        12 => (0usize..9).prop_map(Target::Declared),
        4 => Just(Target::Undeclared),
        1 => Just(Target::Unknown),
        1 => Just(Target::CannotServe),
    ]
}

fn form() -> impl Strategy<Value = Form> {
    prop::sample::select(vec![Form::Plain, Form::MisId, Form::Id, Form::Other])
}

fn live() -> impl Strategy<Value = Live> {
    let keys = |most| prop::collection::btree_set(0..FIELDS.len(), 0..most);
    prop_oneof![
        6 => Just(Live::Absent),
        5 => (keys(6), keys(4)).prop_map(|(emptied, changed)| Live::There(emptied, changed)),
        3 => telling().prop_map(|changed| Live::There(BTreeSet::new(), changed)),
        1 => Just(Live::Twice),
        1 => Just(Live::OtherRole),
        1 => Just(Live::Hidden),
    ]
}

/// Some of the fields that tell people apart.
fn telling() -> impl Strategy<Value = BTreeSet<usize>> {
    let keys = [Key::FirstName, Key::LastName, Key::Dob, Key::Uln, Key::Nino];
    let keys = keys.map(|key| key as usize).to_vec();
    prop::collection::btree_set(prop::sample::select(keys), 0..3)
}

fn live_key() -> impl Strategy<Value = LiveKey> {
    prop_oneof![
        8 => Just(LiveKey::Current),
        1 => Just(LiveKey::Former),
        1 => Just(LiveKey::None),
    ]
}

fn mark() -> impl Strategy<Value = Mark> {
    prop::sample::select(vec![
        Mark::MisId,
        Mark::Name,
        Mark::Email,
        Mark::Uln,
        Mark::Nino,
    ])
}

fn before() -> impl Strategy<Value = Before> {
    prop_oneof![
        4 => Just(Before::Same),
        2 => Just(Before::Absent),
        2 => Just(Before::OtherMobile),
        1 => Just(Before::OtherMisId),
    ]
}
