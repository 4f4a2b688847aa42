//! The rules, one a file. A rule `some-name` is in `some_name.rs`: what it is called, how serious it is, what `explain`
//! says of it, and either its check or the findings that a reader makes by it. Rules look at what was read; they open
//! no file and ask no server.

pub mod bad_day;
pub mod bad_email;
pub mod bad_instant;
pub mod bad_nino;
pub mod bad_number;
pub mod bad_table;
pub mod bad_uln;
pub mod conflict_marker;
pub mod contradiction;
pub mod double_encoded;
pub mod duplicate_entry;
pub mod duplicate_key;
pub mod duplicate_user;
pub mod empty_file;
pub mod empty_value;
pub mod field_not_in_role;
pub mod former_mis_id;
pub mod hidden_character;
pub mod implausible_day;
pub mod lfs_pointer;
pub mod look_alike;
pub mod mangled_cell;
pub mod missing_field;
pub mod needs_quotes;
pub mod no_longer_needed;
pub mod no_users;
pub mod not_archived;
pub mod not_sealed_for;
pub mod overlay_clash;
pub mod overlay_stranger;
pub mod personal_key;
pub mod phone_number;
pub mod placeholder;
pub mod repeated_item;
pub mod same_person;
pub mod sealed_order;
pub mod sealed_plain;
pub mod sealed_row_broken;
pub mod sealed_row_moved;
pub mod shared_email;
pub mod similar_keys;
pub mod special_in_manifest;
pub mod spreadsheet_key;
mod still_named;
pub mod syntax;
pub mod uln_check_digit;
pub mod unit_without_standard;
pub mod unknown_code;
pub mod unknown_column;
pub mod unknown_key;
pub mod unknown_word;
pub mod unread_file;
pub mod unreadable_file;
pub mod unsupported_yaml;
pub mod unused_default;
pub mod white_space;
pub mod wrong_kind;
pub mod wrong_role;

use jiff::civil::Date;

use crate::domain::field::{Field, Key};
use crate::findings::source::Span;
use crate::findings::{Finding, Rule};
use crate::manifest::duplicate_pairs::DuplicatePair;
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_entry::UncheckedEntry;
use crate::manifest::unchecked_user::UncheckedUser;

/// Every rule, in the order in which the documentation and `explain` list them: files, YAML, values, users, CSVs.
pub static RULES: &[&Rule] = &[
    &unreadable_file::RULE,
    &unread_file::RULE,
    &conflict_marker::RULE,
    &lfs_pointer::RULE,
    &syntax::RULE,
    &unsupported_yaml::RULE,
    &duplicate_key::RULE,
    &unknown_key::RULE,
    &wrong_kind::RULE,
    &needs_quotes::RULE,
    &empty_value::RULE,
    &unknown_word::RULE,
    &bad_email::RULE,
    &bad_uln::RULE,
    &uln_check_digit::RULE,
    &bad_nino::RULE,
    &bad_day::RULE,
    &implausible_day::RULE,
    &bad_instant::RULE,
    &bad_number::RULE,
    &white_space::RULE,
    &hidden_character::RULE,
    &look_alike::RULE,
    &placeholder::RULE,
    &double_encoded::RULE,
    &phone_number::RULE,
    &missing_field::RULE,
    &field_not_in_role::RULE,
    &repeated_item::RULE,
    &unit_without_standard::RULE,
    &empty_file::RULE,
    &no_users::RULE,
    &duplicate_user::RULE,
    &duplicate_entry::RULE,
    &wrong_role::RULE,
    &contradiction::RULE,
    &former_mis_id::RULE,
    &shared_email::RULE,
    &similar_keys::RULE,
    &same_person::RULE,
    &no_longer_needed::RULE,
    &not_archived::RULE,
    &still_named::RULE,
    &personal_key::RULE,
    &unknown_code::RULE,
    &unused_default::RULE,
    &special_in_manifest::RULE,
    &bad_table::RULE,
    &unknown_column::RULE,
    &mangled_cell::RULE,
    &spreadsheet_key::RULE,
    &overlay_clash::RULE,
    &overlay_stranger::RULE,
    &sealed_plain::RULE,
    &sealed_row_broken::RULE,
    &sealed_row_moved::RULE,
    &not_sealed_for::RULE,
    &sealed_order::RULE,
];

type ValueCheck = fn(&Field, &Node) -> Option<Finding>;
type UserCheck = fn(&UncheckedUser, Date) -> Vec<Finding>;
type DocumentCheck = fn(&Node, &[UncheckedUser]) -> Vec<Finding>;
type PairCheck = fn(&DuplicatePair<'_>) -> Option<Finding>;
type RosterCheck = fn(&[&UncheckedUser]) -> Vec<Finding>;
type EntriesCheck = fn(&[UncheckedEntry]) -> Vec<Finding>;

/// Checks of one value, of a user or among the defaults.
pub(crate) const VALUE_CHECKS: &[ValueCheck] = &[
    needs_quotes::check,
    bad_day::check,
    bad_instant::check,
    white_space::check,
    hidden_character::check,
    look_alike::check,
    uln_check_digit::check,
    bad_nino::check,
    unknown_code::check,
    spreadsheet_key::check,
    no_longer_needed::check,
    repeated_item::check,
];
/// Checks of one value whose finding says that the value can't be meant. As a warning it leaves the value out, and the
/// first finding of a value is enough.
pub(crate) const UNFIT_CHECKS: &[ValueCheck] = &[
    placeholder::check,
    bad_email::check,
    double_encoded::check,
    phone_number::check,
];
/// The rules of those checks.
const UNFIT_RULES: &[&Rule] = &[
    &placeholder::RULE,
    &bad_email::RULE,
    &double_encoded::RULE,
    &phone_number::RULE,
];

/// Whether a finding of this rule leaves a value out even as a warning.
pub(crate) fn leaves_value_out(rule: &Rule) -> bool {
    UNFIT_RULES.iter().any(|unfit| unfit.name == rule.name)
}

/// Checks of one user, defaults filled in. The day is today.
pub(crate) const USER_CHECKS: &[UserCheck] = &[
    implausible_day::check,
    personal_key::check,
    contradiction::check,
    no_longer_needed::check_user,
    not_archived::check,
    unit_without_standard::check,
];
/// Checks of one document and the users that it declares.
pub(crate) const DOCUMENT_CHECKS: &[DocumentCheck] = &[
    unused_default::check,
    empty_file::check,
    special_in_manifest::check,
];
/// Checks of two users who may be one person.
pub(crate) const PAIR_CHECKS: &[PairCheck] =
    &[shared_email::check, similar_keys::check, same_person::check];
/// Checks of all users together.
pub(crate) const ROSTER_CHECKS: &[RosterCheck] = &[
    duplicate_user::check,
    wrong_role::check,
    former_mis_id::check,
    still_named::check,
];
/// Checks of all placements and classrooms together.
pub(crate) const ENTRIES_CHECKS: &[EntriesCheck] = &[duplicate_entry::check];

/// The fields that hold names of people.
const NAMES: &[Key] = &[Key::FirstName, Key::LastName];
/// The fields that hold telephone numbers.
const PHONES: &[Key] = &[Key::MobileNumber, Key::Telephone, Key::Fax];
/// The fields whose text may have several lines.
pub(crate) const MULTI_LINE: &[Key] = &[
    Key::WorkAddress,
    Key::HomeAddress,
    Key::Address,
    Key::CompletionMessage,
];

/// The rule of this name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

/// A text that isn't of the form that its key takes. `what` says so, as in `isn't a day`.
fn wrong_form(rule: &'static Rule, place: &FaultPlace<'_>, what: &str) -> Finding {
    let message = format!("{} {what}", place.name());
    let help = format!("write it as in `{}`", place.example());
    Finding::new(rule, place.span(), message, help)
}

/// A day or a time of the right form that doesn't exist, such as 30 February.
fn not_in_calendar(rule: &'static Rule, what: &str, field: &Field, span: Span) -> Finding {
    let message = format!("the calendar has no such {what} as `{}` says", field.name);
    let help = format!("write a {what} that exists");
    Finding::new(rule, span, message, help)
}

pub fn in_backticks(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| format!("`{word}`")).collect()
}
