//! `contradiction`: a user whose `id`, `alsoHas` and `distinctFrom` name one account.

use jiff::civil::Date;

use crate::domain::{AccountId, OtherAccount};
use crate::findings::source::Spanned;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "contradiction",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A user who names one account in two of `id`, `alsoHas` and `distinctFrom`.",
    explanation: "`id: 137945` says that the user is this account, `alsoHas: [137945]` that it is another account of the same person, \
and `distinctFrom: [137945]` that it is somebody else's.",
};

pub(crate) fn check(user: &UncheckedUser, _today: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    for other in &user.also_has {
        if let OtherAccount::Id(number) = other.value {
            let named = Spanned {
                value: number,
                span: other.span,
            };
            findings.extend(is_also_distinct(&named, user));
            findings.extend(is_user(
                &named,
                user,
                "another account of the same person",
                "alsoHas",
            ));
        }
    }
    for other in &user.distinct_from {
        findings.extend(is_user(other, user, "distinct from it", "distinctFrom"));
    }
    findings
}

fn is_user(
    named: &Spanned<AccountId>,
    user: &UncheckedUser,
    what: &str,
    key: &str,
) -> Option<Finding> {
    let id = user.id.as_ref().filter(|id| id.value == named.value)?;
    let message = format!("this user is the account, and {what}");
    let finding = Finding::new(&RULE, id.span, message, format!("keep `id` or `{key}`"));
    Some(finding.label(named.span, "and here"))
}

fn is_also_distinct(named: &Spanned<AccountId>, user: &UncheckedUser) -> Option<Finding> {
    let mut distinct = user.distinct_from.iter();
    let distinct = distinct.find(|distinct| distinct.value == named.value)?;
    let message = "the account is this person's, and somebody else's";
    let help = "keep `alsoHas` or `distinctFrom`";
    let finding = Finding::new(&RULE, named.span, message, help);
    Some(finding.label(distinct.span, "and here"))
}
