//! Why a user is held, and what to write to decide it: the text of each reason.

use std::fmt::Write;

use crate::domain::field::{Key, Referent};
use crate::domain::london::day_in_words;
use crate::domain::redact::{Reveal, SPECIAL_DATA, field_names, open_text};
use crate::domain::role::Role;
use crate::domain::{AccountId, IdentityMark, LeftOut, Reference, UnclearCreate, UnclearKind};
use crate::findings::Rule;
use crate::findings::source::Place;
use crate::manifest::tree::scalar::typed;
use crate::plan::{
    Change, FormerAccount, HeldUser, HoldReason, LikelyAccount, OperationSubject, RoleAccount,
    is_promotion,
};
use crate::render::block::{Block, INDENT};
use crate::render::grouping::{Groupable, alike, group_head, group_names};
use crate::render::options::RenderOptions;
use crate::render::plan::archive_holds::{archive_hold_in_brief, archive_hold_words};
use crate::render::plan::assignment_holds::{assignment_hold_in_brief, assignment_hold_words};
use crate::render::plan::field_diff::both_values;
use crate::render::words::{
    RED, article, count, enumerated, identifier_words, key_to_type, key_words, listed, london,
    mark_words, moment, plural, role, shown, who,
};
use crate::render::wrap::wrapped;

/// A block for each user on hold, and one for each group with the same reasons.
pub(crate) fn held_blocks(held: &[&HeldUser], options: RenderOptions) -> Vec<Block> {
    alike(held, |held| Some(reasons(held, options)))
        .iter()
        .map(|group| block(group, options))
        .collect()
}

fn block(group: &[&HeldUser], options: RenderOptions) -> Block {
    let first = group[0];
    let kind = match first.reasons.first() {
        Some(reason) => format!("held: {}", reason_in_brief(reason)),
        None => "held".to_owned(),
    };
    let head = group_head(group, || who(&first.who, None, options.reveal));
    let mut lines = reasons(first, options);
    lines.extend(group_names(group, options));
    Block {
        place: first.place.clone(),
        kind: (kind.clone(), kind),
        users: group.len(),
        name: None,
        head: format!("{RED}! {head}{RED:#}"),
        lines,
    }
}

fn reasons(held: &HeldUser, options: RenderOptions) -> Vec<String> {
    let head = " ".repeat(INDENT);
    let mut lines = Vec::new();
    for reason in &held.reasons {
        for line in reason_words(reason, options.reveal).lines() {
            let wrapped = wrapped(line, &head, INDENT + 2, options.prose());
            lines.push(wrapped.trim_end().to_owned());
        }
    }
    lines
}

impl Groupable for HeldUser {
    fn who(&self) -> OperationSubject<'_> {
        OperationSubject::User(&self.who)
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

/// The reason in a few words, by which users are counted.
pub(crate) fn reason_in_brief(reason: &HoldReason) -> &'static str {
    match reason {
        HoldReason::SeveralAccounts(_) => "several accounts have the MIS value",
        HoldReason::RoleDiffers { .. } | HoldReason::OtherRoles { .. } => {
            "the account has another role"
        }
        HoldReason::NoSuchAccount(_) => "the pinned account isn't there",
        HoldReason::OtherMisId { .. } => "the account has another MIS value",
        HoldReason::SharedAccount { .. } => "several users on one account",
        HoldReason::Unknown { .. } => "a reference isn't known",
        HoldReason::Ambiguous { .. } => "a reference is ambiguous",
        HoldReason::CannotServe { .. } => "a reference can't serve",
        HoldReason::LeftManifests { .. } => "names somebody who left the files",
        HoldReason::DependsOnHeld { .. } => "depends on somebody held",
        HoldReason::DependsOnUnplanned { .. } => "depends on somebody not planned",
        HoldReason::MisIdTaken(_) | HoldReason::MisIdElsewhere(_) => {
            "the MIS value is another account's"
        }
        HoldReason::AwaitsOverlay(_) => "an overlay can't be read",
        HoldReason::UnfitValues(_) => "a value can't be meant",
        HoldReason::MayExist { .. } => "may have an account already",
        HoldReason::ReKeyed { .. } => "the MIS value was edited",
        HoldReason::FormerUnproven { .. } => "the former account may be somebody else's",
        HoldReason::FormerAccountToo { .. } => "the former account exists, too",
        HoldReason::NoFormerAccount { .. } => "no account has `formerMisId`",
        HoldReason::AnotherPerson(_) => "looks like another person",
        HoldReason::ValueTaken { .. } => "the value is somebody else's",
        HoldReason::ColumnMoved { .. } => "a column has moved",
        HoldReason::AlsoDeclared { .. } => "may be declared twice",
        HoldReason::Unclear { create, .. } => match create.doubt {
            UnclearKind::NotShownYet(_) | UnclearKind::NotShown(_) => "created, and not shown",
            UnclearKind::OtherMisId(_) => "created, and shown without the MIS value",
            UnclearKind::Create | UnclearKind::SaidCreated | UnclearKind::Damaged(_) => {
                "an earlier run left it unclear"
            }
        },
        HoldReason::EarlierCreates(_) => "may have been created under another MIS value",
        HoldReason::PictureNotWhole(_)
        | HoldReason::ListsHide(_)
        | HoldReason::MisValuesNotShown => "may exist unseen",
        HoldReason::Unreadable(_) => "the account can't be read",
        HoldReason::SomebodyElse(_) => "the pinned account looks like somebody else's",
        HoldReason::HadAccount(_) => "had an account before",
        HoldReason::DeclaredBefore => "declared before, and without an account",
        HoldReason::Archive(hold) => archive_hold_in_brief(hold),
        HoldReason::Assignment(hold) => assignment_hold_in_brief(hold),
    }
}

/// The reason in full: what is the matter, then what to write to decide it, on lines of their own that are indented.
pub(crate) fn reason_words(reason: &HoldReason, reveal: Reveal) -> String {
    match reason {
        HoldReason::SeveralAccounts(ids) => {
            format!("accounts {} have this MIS value\n      write `id: NUMBER` to say which one this is", listed(ids))
        }
        HoldReason::OtherRoles { own, accounts } => other_roles(*own, accounts),
        HoldReason::RoleDiffers { id, live } => format!(
            "account {id} has this identity and is {}; OneFile changes no roles\n      declare that role, or take this user away",
            article(role(*live))
        ),
        HoldReason::NoSuchAccount(id) => {
            format!("there is no account {id}\n      fix `id`, or take it away to match by `misId`")
        }
        HoldReason::OtherMisId { id, live } => other_mis_id(*id, live),
        HoldReason::SharedAccount { id, others } => format!(
            "account {id} is also what {} declares\n      keep one of them, or pin each to its own account by `id`",
            shown(&listed(others))
        ),
        HoldReason::Unknown { key, reference: named, suggestion } => {
            let is_not = if *key == Key::Units { "isn't a unit of the standard beside it" } else { "isn't known" };
            format!(
                "{} {} {is_not}\n      {}",
                key.name(),
                reference(named),
                instead(*key, named, suggestion.as_deref())
            )
        }
        HoldReason::Ambiguous { key, reference: named, ids } => format!(
            "{} {} is what several are called{}\n      write `{}{{ id: NUMBER }}` to say which",
            key.name(),
            reference(named),
            if ids.is_empty() { String::new() } else { format!(": {}", listed(ids)) },
            if is_list(*key) { String::new() } else { format!("{}: ", key.name()) }
        ),
        HoldReason::CannotServe { key, reference: named, role: theirs } => {
            format!(
                "{} {} is {}, who can't be that\n      name somebody else",
                key.name(),
                reference(named),
                article(role(*theirs))
            )
        }
        HoldReason::LeftManifests { key, reference: named } => left_manifests(*key, named),
        HoldReason::DependsOnHeld { key, reference: named } => {
            format!("{} {} is held too\n      decide that one first", key.name(), reference(named))
        }
        HoldReason::DependsOnUnplanned { key, reference: named, why } => {
            depends_on_unplanned(*key, named, *why)
        }
        HoldReason::Unclear { name, create } => unclear(name, create, reveal),
        HoldReason::EarlierCreates(creates) => earlier_creates(creates),
        HoldReason::HadAccount(accounts) => had_account(accounts),
        HoldReason::DeclaredBefore => DECLARED_BEFORE.to_owned(),
        HoldReason::Archive(hold) => archive_hold_words(hold, reveal),
        HoldReason::Assignment(hold) => assignment_hold_words(hold, reveal),
        HoldReason::MayExist { accounts, others } => may_exist(accounts, others, reveal),
        HoldReason::ReKeyed { from, accounts } => format!(
            "this change gives {} another MIS value, and account {} has the former one\n      write `formerMisId: {}` here to give that account the new value, or put the former `misId` back; write `distinctFrom: [{}]` if this is somebody else",
            open_text(from).map_or_else(|| "this user".to_owned(), shown),
            listed(accounts),
            key_to_write(from),
            listed(accounts)
        ),
        HoldReason::FormerUnproven { id, former } => former_unproven(*id, former),
        HoldReason::FormerAccountToo { former, accounts } => former_account_too(former, accounts),
        HoldReason::NoFormerAccount { former, role } => no_former_account(former, *role),
        HoldReason::AnotherPerson(changes) => another_person(changes, reveal),
        HoldReason::MisIdTaken(ids) => format!(
            "this is the MIS value of {}, which `distinctFrom` says is somebody else's\n      fix `misId`, or give that account another one in OneFile",
            listed(ids)
        ),
        HoldReason::MisIdElsewhere(ids) => format!(
            "this is the MIS value of {}, too\n      fix `id` or `misId`, or give the other account another one in OneFile",
            listed(ids)
        ),
        HoldReason::AwaitsOverlay(keys) => awaits_overlay(keys),
        HoldReason::UnfitValues(fields) => unfit_values(fields, reveal),
        HoldReason::ValueTaken { key, accounts, others } => {
            value_taken(*key, reveal, accounts, others)
        }
        HoldReason::ColumnMoved { key, taken, updates } => {
            column_moved(identifier_words(*key, reveal), *taken, *updates)
        }
        HoldReason::AlsoDeclared { same, others, accounts } => also_declared(*same, others, accounts),
        HoldReason::ListsHide(ids) => format!(
            "no list shows {}, which exist: others may be hidden too, and this may be one of them\n      write `archivedAccounts: hidden` below `policy:` in rosterctl.yaml if they are archived",
            listed(ids)
        ),
        HoldReason::Unreadable(id) => {
            format!("account {id} doesn't show what its list says, or is of no known role\n      look at it in OneFile")
        }
        HoldReason::SomebodyElse(id) => {
            format!("account {id} has another name, e-mail and ULN, as far as they are declared\n      fix `id`")
        }
        HoldReason::MisValuesNotShown => {
            "no list shows MIS values, so this account may exist unseen\n      pin the users who exist by `id`"
                .to_owned()
        }
        HoldReason::PictureNotWhole(roles) => picture_not_whole(roles),
    }
}

fn awaits_overlay(keys: &[Key]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| key.name()).collect();
    format!(
        "an overlay can't be read, and nobody is created without {}\n      plan again with that file, or with the key that opens it",
        listed(&keys)
    )
}

fn picture_not_whole(roles: &[Role]) -> String {
    let lists: Vec<_> = roles.iter().map(|one| plural(role(*one))).collect();
    format!(
        "the lists of {} couldn't be read to their ends: this account may exist unseen\n      plan again",
        listed(&lists)
    )
}

fn column_moved(column: &str, taken: usize, updates: usize) -> String {
    format!(
        "{taken} of {updates} updates of {column} take the value that another account has now, as if this column had been sorted or shifted on its own\n      put the rows of the file together again"
    )
}

fn other_mis_id(id: AccountId, live: &str) -> String {
    format!(
        "account {id} has {}\n      fix `id` or `misId`; write `formerMisId: {}` if the MIS has given this person another value",
        mis_value(live),
        key_to_write(live)
    )
}

fn former_unproven(id: AccountId, former: &str) -> String {
    format!(
        "account {id} has {}, which `formerMisId` names, and neither its ULN nor its name and date of birth show that it is this person's\n      declare `uln` or `dob`, or write `samePerson: true` if you have looked at the account in OneFile",
        mis_value(former)
    )
}

fn no_former_account(former: &str, own: Role) -> String {
    format!(
        "this user has no account, and no {} has {}, which `formerMisId` names; the account may be archived or deleted in OneFile\n      write `archived: false` if it is archived and comes back; fix `formerMisId`, or delete it to create a new account",
        role(own),
        mis_value(former)
    )
}

/// The account with the former MIS value, of a user who has an account by the new one.
fn former_account_too(former: &str, accounts: &[AccountId]) -> String {
    let ids = listed(accounts);
    format!(
        "this user has an account, and account {ids} still has {}, which `formerMisId` names\n      delete `formerMisId`, and write `distinctFrom: [{ids}]` if that account is somebody else's, or `alsoHas: [{ids}]` if the person has both",
        mis_value(former)
    )
}

/// A former MIS value as it stands in a manifest, if it may be shown.
fn key_to_write(former: &str) -> String {
    open_text(former).map_or_else(|| "FORMER".to_owned(), |former| shown(&typed(former)))
}

/// The MIS value of a live account, if it may be shown.
fn mis_value(live: &str) -> String {
    open_text(live).map_or_else(
        || "another MIS value".to_owned(),
        |live| format!("the MIS value {}", shown(live)),
    )
}

/// With `--base` only.
const DECLARED_BEFORE: &str = "this user was declared before this change and has no account; it may be archived or deleted in OneFile\n      look in OneFile; if the account is archived, bring it back there; write `creates: again` here to create a new one";

/// A plan reads the accounts that were this user's if the manifest says this.
const BRING_BACK: &str = "write `archived: false` here to bring it back if it is archived";

/// The accounts that were this user's, and what to write if a new one is to replace them.
fn had_account(accounts: &[FormerAccount]) -> String {
    let mut text = String::new();
    for account in accounts {
        let _ = writeln!(text, "{}", former_account(account));
    }
    let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
    let way_out = match accounts {
        [account] => way_back(account),
        _ => BRING_BACK.to_owned(),
    };
    text + &format!(
        "      {way_out}; write `replaces: [{}]` here to create a new account",
        listed(&ids)
    )
}

/// How the user keeps the account. `id` fits an account of the same role that has no MIS value, and no other.
fn way_back(account: &FormerAccount) -> String {
    match &account.now {
        None => BRING_BACK.to_owned(),
        Some(now) if now.role == account.was.role && now.mis_id.is_none() => {
            format!(
                "write `id: {}` here if it is still this person's",
                account.id
            )
        }
        Some(_) => {
            "correct its role or MIS value in OneFile if it is still this person's".to_owned()
        }
    }
}

fn former_account(account: &FormerAccount) -> String {
    let owner = role(account.was.role);
    let until = day_in_words(account.until);
    let former = format!("account {} was this {owner}'s until {until}", account.id);
    let Some(now) = &account.now else {
        return format!("{former}; it may be archived or deleted in OneFile");
    };
    let mut changes = Vec::new();
    if now.role != account.was.role {
        changes.push(format!("is {} now", article(role(now.role))));
    }
    if now.mis_id.as_deref() != Some(account.was.mis_id.as_str()) {
        changes.push(match &now.mis_id {
            Some(mis_id) => format!("has {} now", mis_value(mis_id)),
            None => "has no MIS value now".to_owned(),
        });
    }
    format!("{former}; it {}", changes.join(" and "))
}

/// The accounts that may be this user's already, and how to decide it.
fn may_exist(accounts: &[LikelyAccount], others: &[AccountId], reveal: Reveal) -> String {
    let mut text = String::new();
    for account in accounts {
        let _ = writeln!(text, "{}", likely_account(account, reveal));
    }
    let mut distinct = others.to_vec();
    distinct.extend(accounts.iter().map(|account| account.id));
    text + "      "
        + &adopt_advice(accounts)
        + &format!(
            ",\n      or write `distinctFrom: [{0}]` if it is somebody else's,\n      or write `alsoHas: [{0}]` if this person is to have both",
            listed(&distinct)
        )
}

fn likely_account(account: &LikelyAccount, reveal: Reveal) -> String {
    let mut same = Vec::new();
    for mark in &account.same {
        same.push(match mark {
            IdentityMark::MisId => "MIS value (but for case, blanks or zeros)",
            mark => mark_words(*mark, reveal),
        });
    }
    let mut owner = role(account.role).to_owned();
    if let Some(mis_id) = shown_mis_id(account, reveal) {
        let _ = write!(owner, " {}", shown(mis_id));
    }
    format!(
        "account {} ({owner}) has the same {}",
        account.id,
        enumerated(&same)
    )
}

/// The MIS value of a likely account. If only the name or NINO is the same, it would tell everybody who shares them.
fn shown_mis_id(account: &LikelyAccount, reveal: Reveal) -> Option<&str> {
    if reveal < Reveal::Personal && !account.same.iter().any(|mark| is_public_mark(*mark)) {
        return None;
    }
    open_text(account.mis_id.as_deref()?)
}

/// Whether people who share this mark may be named to everybody. A name or NINO would tell everybody who shares it.
fn is_public_mark(mark: IdentityMark) -> bool {
    matches!(
        mark,
        IdentityMark::MisId | IdentityMark::Email | IdentityMark::Uln
    )
}

/// What to write if one of the accounts is this user's. An account with another MIS value can't be pinned.
fn adopt_advice(accounts: &[LikelyAccount]) -> String {
    let mut free = Vec::new();
    for account in accounts {
        if account.mis_id.is_none() {
            free.push(account.id);
        }
    }
    match free.as_slice() {
        [] => "if it is this person's, declare its MIS value as `misId`, or as `formerMisId` if the MIS has given a new one"
            .to_owned(),
        [id] => format!("write `id: {id}` if it is this person's"),
        _ => "write `id: NUMBER` if it is this person's".to_owned(),
    }
}

fn another_person(changes: &[Change], reveal: Reveal) -> String {
    let keys = changes.iter().map(|change| change.key);
    format!(
        "{} would change, as if this were somebody else{}\n      fix what has shifted, or write `samePerson: true` if the person is the same",
        listed(&field_names(keys, reveal, SPECIAL_DATA)),
        value_lines(changes, reveal)
    )
}

/// A line for each change, with both values, as far as they may be shown.
fn value_lines(changes: &[Change], reveal: Reveal) -> String {
    let mut lines = String::new();
    for change in changes {
        if reveal.shows(change.key.row().class) {
            let _ = write!(lines, "\n{}: {}", change.key.name(), both_values(change));
        }
    }
    lines
}

/// Fields that a create needs and whose declared values can't be meant.
fn unfit_values(fields: &[(Key, &'static Rule)], reveal: Reveal) -> String {
    let keys = fields.iter().map(|(key, _)| *key);
    let mut codes: Vec<&str> = fields.iter().map(|(_, rule)| rule.name).collect();
    codes.sort_unstable();
    codes.dedup();
    format!(
        "the value of {} can't be meant as it is written ({}), and an account can't be created without it\n      fix it where `rosterctl validate` shows, then plan again",
        listed(&field_names(keys, reveal, SPECIAL_DATA)),
        listed(&codes)
    )
}

/// Who has the value that an update would set, and how to go on.
fn value_taken(key: Key, reveal: Reveal, accounts: &[AccountId], others: &[Place]) -> String {
    let mut owners = Vec::new();
    owners.extend(accounts.iter().map(|id| format!("account {id}")));
    owners.extend(others.iter().map(|place| shown(&place.to_string())));
    let have = if owners.len() == 1 { "has" } else { "have" };
    let mut text = format!(
        "{} {have} the {} that this update sets\n      fix the value; to exchange values, free the value on one account first, in a change of its own",
        listed(&owners),
        identifier_words(key, reveal)
    );
    if key == Key::Email && !accounts.is_empty() {
        let _ = write!(
            text,
            "\n      write `distinctFrom: [{}]` if two people share the address",
            listed(accounts)
        );
    }
    text
}

/// Other declared users who may be the same person. Users who share only a name and date of birth, or a NINO, aren't
/// listed: `rosterctl validate` lists them for people who may read that.
fn also_declared(same: IdentityMark, others: &[Place], accounts: &[AccountId]) -> String {
    let names_places = is_public_mark(same);
    let whose = if names_places {
        shown(&listed(others))
    } else {
        "another declared user".to_owned()
    };
    let what = match same {
        IdentityMark::MisId => "nearly the same MIS value".to_owned(),
        same => format!("the same {}", mark_words(same, Reveal::Public)),
    };
    let have = if names_places && others.len() > 1 {
        "have"
    } else {
        "has"
    };
    let help = match accounts {
        [] => "of two people, create one first, and write its `distinctFrom: [ID]` with the other"
            .to_owned(),
        ids => format!(
            "of two people, write `distinctFrom: [{}]` here",
            listed(ids)
        ),
    };
    format!(
        "{whose} {have} {what}\n      fix or delete one; if one person is to have both, write `alsoHas` with the other's MIS value; {help}"
    )
}

/// A reference as the manifest writes it, as far as that may be shown.
pub(crate) fn reference(reference: &Reference) -> String {
    match reference {
        Reference::Id(id) => id.to_string(),
        Reference::Email(_) => "by that e-mail address".to_owned(),
        // Somebody has written an e-mail address in place of a MIS value.
        Reference::Named(text) | Reference::MisId(text) | Reference::Name(text)
            if open_text(text).is_none() =>
        {
            "by an e-mail address".to_owned()
        }
        Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => {
            format!("`{}`", shown(text))
        }
    }
}

/// Whether a field refers to several things, each of which may be written in any form.
fn is_list(key: Key) -> bool {
    key.row().referent().is_none()
}

/// What to write in place of a reference that matches nothing.
fn instead(key: Key, reference: &Reference, suggestion: Option<&str>) -> String {
    let takes_users = key.row().refers_to().is_some_and(Referent::is_user);
    let suggestion = suggestion.map(|word| shown(&typed(word)));
    // A near reference may be that of another person.
    let end = if takes_users {
        " if that is who is meant"
    } else {
        "?"
    };
    match (reference, suggestion) {
        (_, Some(word)) if is_list(key) => format!("write `{word}` there{end}"),
        (Reference::MisId(_), Some(word)) => {
            format!("write `{}: {{ misId: {word} }}`{end}", key.name())
        }
        (Reference::Name(_), Some(word)) => format!("write `{}: {{ name: {word} }}`{end}", key.name()),
        (_, Some(word)) => format!("write `{}: {word}`{end}", key.name()),
        (Reference::Id(_), None) => "fix the number".to_owned(),
        (Reference::Named(text), None) if takes_users && open_text(text).is_none() => {
            format!(
                "write `{}: {{ email: … }}` to name somebody by that",
                key.name()
            )
        }
        (_, None) if takes_users => {
            "write the MIS value of a user, declared here or live".to_owned()
        }
        (Reference::Named(text), None) if is_list(key) && text.contains([',', ';']) => {
            "if these are several, write `;` between them in a CSV, or each as an item of the list in a manifest".to_owned()
        }
        (_, None) if key == Key::Units => {
            "write the unit's title as OneFile has it, or the standard that has the unit".to_owned()
        }
        (_, None) => "fix it, or create it in OneFile first".to_owned(),
    }
}

/// Accounts of other roles that have the MIS value of a user who has no account.
fn other_roles(own: Role, accounts: &[RoleAccount]) -> String {
    let mut text = String::new();
    for RoleAccount { id, role: live } in accounts {
        let what = article(role(*live));
        let _ = if is_promotion(own, *live) {
            let promoted = match live {
                Role::Assessor => "it may have been promoted",
                _ => "it may be due to be promoted",
            };
            writeln!(
                text,
                "account {id} has this MIS value and is {what}: {promoted}, which OneFile does in the same account"
            )
        } else {
            writeln!(text, "account {id} has this MIS value and is {what}")
        };
    }
    let mut roles: Vec<String> = Vec::new();
    for account in accounts {
        let words = format!("`role: {}`", account.role.name());
        if !roles.contains(&words) {
            roles.push(words);
        }
    }
    let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
    let _ = write!(
        text,
        "      write {} if this is that account, or `alsoHas: [{}]` if the same person needs another account",
        roles.join(" or "),
        listed(&ids)
    );
    text
}

/// An account that an earlier run may have created or damaged.
fn unclear(mis_id: &str, create: &UnclearCreate, reveal: Reveal) -> String {
    let (at, when) = (london(create.since), moment(create.since));
    let typed = key_to_type(mis_id, reveal);
    let settle = format!(
        "look in OneFile, then run `rosterctl settle {typed} created` or `rosterctl settle {typed} not-created`"
    );
    let mis_id = key_words(mis_id, reveal);
    match create.doubt {
        UnclearKind::Create => {
            format!("nobody knows whether the create of {at} made this account\n      {settle}")
        }
        UnclearKind::SaidCreated => {
            format!(
                "somebody has said that this account was created, and no list shows it\n      {settle}"
            )
        }
        UnclearKind::NotShownYet(id) => format!(
            "account {id} was created for {mis_id} on {when}, but OneFile does not show it yet\n      wait a while, then plan again"
        ),
        UnclearKind::NotShown(id) => {
            format!(
                "account {id} was created for {mis_id} on {when}, but OneFile does not show it\n      {settle}; if it is archived, write `replaces: [{id}]` here to create a new account"
            )
        }
        UnclearKind::OtherMisId(id) => format!(
            "account {id} was created for {mis_id} on {when}, and shows another MIS value now, or none\n      write `id: {id}` if the account is this person's, or `distinctFrom: [{id}]` if it is somebody else's"
        ),
        UnclearKind::Damaged(id) => format!(
            "the update of {at} changed what wasn't sent in account {id}, which had this MIS value\n      put the values of account {id} back in OneFile, its MIS value first"
        ),
    }
}

/// Creates by MIS values that no file declares any more, whose accounts can't be compared with anybody.
fn earlier_creates(creates: &[(String, UnclearCreate)]) -> String {
    let one = |(mis_id, create): &(String, UnclearCreate)| {
        let (mis_id, at) = (
            open_text(mis_id).map_or_else(|| "another user".to_owned(), shown),
            moment(create.since),
        );
        match create.doubt.account() {
            Some(id) => format!(
                "account {id} was created for {mis_id} on {at}, and OneFile does not show it\n"
            ),
            None => format!("an account may have been created for {mis_id} on {at}\n"),
        }
    };
    let more = match creates.len().saturating_sub(SHOWN_CREATES) {
        0 => String::new(),
        more => format!(
            "and {} like it\n",
            count(more, "more create", "more creates")
        ),
    };
    let ids: Vec<AccountId> = creates
        .iter()
        .filter_map(|(_, create)| create.doubt.account())
        .collect();
    let distinct = if ids.is_empty() {
        String::new()
    } else {
        format!(" write `distinctFrom: [{}]` here, or", listed(&ids))
    };
    let commands: Vec<String> = creates
        .iter()
        .take(SHOWN_CREATES)
        .map(|(mis_id, _)| not_created(mis_id))
        .collect();
    let whats: String = creates.iter().take(SHOWN_CREATES).map(one).collect();
    format!(
        "{whats}{more}this user may be the same person under a new MIS value\n      put the former `misId` back if so; if not,{distinct} look in OneFile and run {} if there is no such account",
        commands.join(" and ")
    )
}

/// How many earlier creates are named; the others wait for the same answers.
const SHOWN_CREATES: usize = 3;

fn not_created(mis_id: &str) -> String {
    format!(
        "`rosterctl settle {} not-created`",
        open_text(mis_id).map_or_else(|| "MISID".to_owned(), shown)
    )
}

fn left_manifests(key: Key, named: &Reference) -> String {
    let (key, named) = (key.name(), reference(named));
    format!(
        "{key} {named} left the files and has no account\n      write another `{key}` here, or put that user back"
    )
}

/// Why a user, placement or classroom that is named isn't planned, and what to do about it.
fn depends_on_unplanned(key: Key, named: &Reference, why: LeftOut) -> String {
    let is_user = key.row().refers_to().is_some_and(Referent::is_user);
    let (lacks, what) = if is_user {
        ("has no account yet", "that user")
    } else {
        ("isn't in OneFile yet", "its file")
    };
    let (name, named) = (key.name(), reference(named));
    match why {
        LeftOut::ByChange => format!(
            "{name} {named} {lacks} and isn't edited by this change\n      apply what is before this change first, or plan without `--only-changed`"
        ),
        LeftOut::BySelection => format!(
            "{name} {named} {lacks} and isn't in the selection\n      select {what} as well with `--only`, or plan without `--only` and `--exclude`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::instead;
    use crate::domain::Reference;
    use crate::domain::field::Key;

    #[test]
    fn several_titles_in_one_text_are_answered_with_how_to_part_them() {
        let help = |text: &str| instead(Key::Standards, &Reference::Named(text.into()), None);
        for text in [
            "Baker L2, English L2",
            "Baker L2; English L2",
            "Baker L2,English L2",
        ] {
            assert!(
                help(text).contains("write `;` between them in a CSV"),
                "{text}"
            );
        }
        for text in ["Baker L2", "Baker and English L2"] {
            assert_eq!(
                help(text),
                "fix it, or create it in OneFile first",
                "{text}"
            );
        }
        let one = Reference::Named("Mill, Bath".into());
        assert!(!instead(Key::Placement, &one, None).contains(';'));
    }
}
