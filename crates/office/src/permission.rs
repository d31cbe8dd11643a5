//! Who may do what: one table.

use heliu_trade::person::Role;

/// What may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Look at whatever the office shows.
    See,
    /// Act on merchants' orders and notifications: query, close, refund, deliver anew.
    Serve,
    /// Enrol merchants and agents, and change them.
    Enrol,
    /// Propose what moves or holds money, for another person to let pass.
    Propose,
    /// Let pass what another person proposed.
    Approve,
    /// Change accounts with channels, exchange rates and keys.
    Configure,
    /// Change who may do what.
    Govern,
}

use Permission::{Approve, Configure, Enrol, Govern, Propose, See, Serve};

const MATRIX: [(Role, &[Permission]); 5] = [
    (Role::Viewer, &[See]),
    (Role::Operator, &[See, Serve, Enrol]),
    (Role::FinanceMaker, &[See, Propose]),
    (Role::FinanceChecker, &[See, Approve]),
    (
        Role::Admin,
        &[See, Serve, Enrol, Propose, Approve, Configure, Govern],
    ),
];

impl Permission {
    /// Whether a role has it.
    #[must_use]
    pub fn is_of(self, role: Role) -> bool {
        let row = MATRIX.iter().find(|(of, _)| *of == role);
        row.is_some_and(|(_, permissions)| permissions.contains(&self))
    }

    /// What it allows, for people.
    #[must_use]
    pub const fn allows(self) -> &'static str {
        match self {
            See => "look at this",
            Serve => "act on orders and notifications",
            Enrol => "change merchants and agents",
            Propose => "propose what moves or holds money",
            Approve => "approve what others propose",
            Configure => "change channel accounts, rates and keys",
            Govern => "change people",
        }
    }

    /// The roles that have it, for people.
    #[must_use]
    pub fn roles(self) -> String {
        let roles = Role::ALL.into_iter().filter(|role| self.is_of(*role));
        roles.map(Role::as_str).collect::<Vec<_>>().join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_stands_in_the_table_once_and_only_admins_govern() {
        for role in Role::ALL {
            assert_eq!(MATRIX.iter().filter(|(of, _)| *of == role).count(), 1);
            assert!(See.is_of(role), "{role:?}");
            assert_eq!(Govern.is_of(role), role == Role::Admin, "{role:?}");
            assert_eq!(Configure.is_of(role), role == Role::Admin, "{role:?}");
        }
        assert!(!Serve.is_of(Role::Viewer) && !Enrol.is_of(Role::Viewer));
        assert_eq!(Serve.roles(), "operator or admin");
        assert_eq!(Propose.roles(), "finance_maker or admin");
        assert_eq!(Approve.roles(), "finance_checker or admin");
    }
}
