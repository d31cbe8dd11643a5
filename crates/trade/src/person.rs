//! People of the office: who may do what.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Somebody who works with the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name by which they are known here.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may do it now.
    pub is_enabled: bool,
    /// Since when they are on the list (UTC).
    pub created_at: Timestamp,
}

/// What a person may do. Which acts a role allows is written in one table, in the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Serves merchants: their orders, notifications, names and switches.
    Operator,
    /// Proposes what moves or holds money: cards, terms, holds, adjustments, payouts.
    FinanceMaker,
    /// Lets pass what others propose.
    FinanceChecker,
    /// Does everything, people included.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Operator,
        Self::FinanceMaker,
        Self::FinanceChecker,
        Self::Admin,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::FinanceMaker => "finance_maker",
            Self::FinanceChecker => "finance_checker",
            Self::Admin => "admin",
        }
    }

    /// The role of a word of [`Role::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}
