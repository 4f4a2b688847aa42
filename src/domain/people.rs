//! Which declared users and accounts are one person. A member of staff has an account for each role, and a learner may have
//! one for each programme. Staff with one MIS value are one person, and so is what `alsoHas` joins, in either direction.

use foldhash::HashMap;

use crate::domain::role::Role;
use crate::domain::{AccountId, DeclaredNames, OtherAccount, UserName};

/// What one declared user says about who it is.
pub struct PersonClues<'u> {
    pub role: Option<Role>,
    pub mis_id: Option<&'u str>,
    /// The account of this user, as far as it is known.
    pub account: Option<AccountId>,
    pub also_has: Vec<&'u OtherAccount>,
}

/// Declared users, by index, and accounts, grouped by the person that they belong to.
#[derive(Debug)]
pub struct People {
    /// The users in order, then the accounts. Each points to another of the same person, or to itself.
    parents: Vec<usize>,
    accounts: HashMap<AccountId, usize>,
}

impl People {
    /// Groups the users. `accounts_named` gives the live accounts that a name in `alsoHas` means.
    pub fn of(
        users: &[PersonClues<'_>],
        accounts_named: impl Fn(UserName<'_>) -> Vec<AccountId>,
    ) -> Self {
        let mut people = Self {
            parents: (0..users.len()).collect(),
            accounts: HashMap::default(),
        };
        let declared = DeclaredNames::of(users.iter().map(|user| (user.role, user.mis_id)));
        for (user, clues) in users.iter().enumerate() {
            if let Some(account) = clues.account {
                people.join_account(user, account);
            }
            let sharing = clues
                .mis_id
                .map_or(&[][..], |mis_id| declared.with_mis_id(mis_id));
            for (other, role) in sharing {
                if clues.role.is_some_and(|own| may_share_mis_id(own, *role)) {
                    people.join(user, *other);
                }
            }
            for other in &clues.also_has {
                match other {
                    OtherAccount::Id(id) => people.join_account(user, *id),
                    OtherAccount::User(name) => {
                        let name = UserName::of(name);
                        for account in accounts_named(name) {
                            people.join_account(user, account);
                        }
                        for other in declared.named(name) {
                            people.join(user, other);
                        }
                    }
                }
            }
        }
        people
    }

    /// Whether two declared users are one person.
    pub fn are_one(&self, user: usize, other: usize) -> bool {
        self.root(user) == self.root(other)
    }

    /// Whether an account belongs to the person that a declared user is: as this user's account, or as another one.
    pub fn has_account(&self, user: usize, account: AccountId) -> bool {
        let node = self.accounts.get(&account);
        node.is_some_and(|node| self.root(*node) == self.root(user))
    }

    fn join_account(&mut self, user: usize, account: AccountId) {
        let next = self.parents.len();
        let node = *self.accounts.entry(account).or_insert(next);
        if node == next {
            self.parents.push(next);
        }
        self.join(user, node);
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // The smaller one leads, so that chains stay short: users are joined in their order.
        self.parents[one.max(other)] = one.min(other);
    }

    fn root(&self, mut node: usize) -> usize {
        while self.parents[node] != node {
            node = self.parents[node];
        }
        node
    }
}

/// Whether one person may have the same MIS value in both roles. A learner has a MIS value of their own.
pub fn may_share_mis_id(one: Role, other: Role) -> bool {
    one != other && one != Role::Learner && other != Role::Learner
}

#[cfg(test)]
mod tests {
    use super::{People, PersonClues};
    use crate::domain::role::Role;
    use crate::domain::{AccountId, OtherAccount};

    fn user<'u>(
        role: Role,
        mis_id: &'u str,
        account: i64,
        also_has: &'u [OtherAccount],
    ) -> PersonClues<'u> {
        PersonClues {
            role: Some(role),
            mis_id: Some(mis_id),
            account: (account > 0).then(|| AccountId::new(account)),
            also_has: also_has.iter().collect(),
        }
    }

    fn people(users: &[PersonClues<'_>]) -> People {
        People::of(users, |_| Vec::new())
    }

    #[test]
    fn staff_with_one_mis_value_are_one_person_and_learners_are_not() {
        let people = people(&[
            user(Role::Assessor, "S-1", 0, &[]),
            user(Role::Iqa, "S-1", 0, &[]),
            user(Role::Learner, "S-1", 0, &[]),
            user(Role::Iqa, "S-2", 0, &[]),
        ]);
        assert!(people.are_one(0, 1));
        assert!(!people.are_one(0, 2) && !people.are_one(1, 2));
        assert!(!people.are_one(0, 3));
    }

    #[test]
    fn only_staff_of_two_known_roles_share_a_mis_value() {
        let of = |roles: [Option<Role>; 2]| {
            let [one, other] = roles.map(|role| PersonClues {
                role,
                ..user(Role::Assessor, "S-1", 0, &[])
            });
            people(&[one, other]).are_one(0, 1)
        };
        let (assessor, learner) = (Some(Role::Assessor), Some(Role::Learner));
        for roles in [
            [assessor, assessor],
            [assessor, learner],
            [learner, assessor],
            [learner, learner],
            [None, assessor],
            [assessor, None],
        ] {
            assert!(!of(roles), "{roles:?}");
        }
        assert!(of([assessor, Some(Role::Iqa)]));
    }

    #[test]
    fn everything_that_a_user_also_has_is_joined() {
        let others = [
            OtherAccount::Id(7.into()),
            OtherAccount::User("iqa:S-2".into()),
            OtherAccount::Id(8.into()),
        ];
        let people = people(&[
            user(Role::Learner, "L-1", 6, &others),
            user(Role::Iqa, "S-2", 9, &[]),
        ]);
        for user in [0, 1] {
            for account in [6, 7, 8, 9] {
                assert!(people.has_account(user, account.into()), "{user} {account}");
            }
        }
    }

    #[test]
    fn also_has_joins_in_either_direction_and_over_several_users() {
        let (of_second, of_third) = (
            [OtherAccount::User("learner:L-1".into())],
            [OtherAccount::Id(7.into())],
        );
        let people = people(&[
            user(Role::Learner, "L-1", 0, &[]),
            user(Role::Learner, "L-2", 7, &of_second),
            user(Role::Employer, "E-1", 0, &of_third),
        ]);
        assert!(people.are_one(0, 1) && people.are_one(2, 0));
        assert!(people.has_account(0, 7.into()));
        assert!(!people.has_account(0, 8.into()));
    }

    #[test]
    fn the_accounts_of_a_user_who_is_not_declared_belong_to_the_person() {
        let other = [OtherAccount::User("S-9".into())];
        let users = [user(Role::Assessor, "S-1", 0, &other)];
        let people = People::of(&users, |name| {
            let accounts = [(Role::Iqa, "S-9", 3), (Role::Iqa, "S-8", 4)];
            let named = accounts
                .iter()
                .filter(|(role, mis_id, _)| name.means(*role, mis_id));
            named.map(|(_, _, id)| AccountId::new(*id)).collect()
        });
        assert!(people.has_account(0, 3.into()) && !people.has_account(0, 4.into()));
    }
}
