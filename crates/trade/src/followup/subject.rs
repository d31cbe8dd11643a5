//! What a consequence is about: whose thing, and which.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{MerchantId, PartyId, PlatformNo};
use crate::ledger::Account;

/// Whose book something stands in (ruling 73).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Owner {
    /// A merchant's.
    Merchant(MerchantId),
    /// An agent's.
    Agent(PartyId),
    /// The platform's own.
    Platform,
}

const MERCHANT: &str = "merchant:";
const AGENT: &str = "agent:";
const PLATFORM: &str = "platform";

impl Owner {
    /// Its name in tables. A merchant's is its id as it is, since nearly every row is a merchant's;
    /// no merchant's id reads like another owner's (see [`Owner::is_taken_name`]).
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Merchant(id) => Cow::Borrowed(id.as_str()),
            Self::Agent(id) => Cow::Owned(format!("{AGENT}{id}")),
            Self::Platform => Cow::Borrowed(PLATFORM),
        }
    }

    /// The owner of a name of [`Owner::name`].
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        match name.strip_prefix(AGENT) {
            Some(id) => Self::Agent(PartyId::from(id)),
            None if name == PLATFORM => Self::Platform,
            None => Self::Merchant(MerchantId::from(name)),
        }
    }

    /// Whether a merchant may not have this id, since another owner's name reads so.
    #[must_use]
    pub fn is_taken_name(id: &str) -> bool {
        !matches!(Self::of_name(id), Self::Merchant(_)) || id.starts_with(MERCHANT)
    }

    /// The owner that people write as `merchant:ID`, `agent:ID` or `platform`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let owner = match text.strip_prefix(MERCHANT) {
            Some(id) => Self::Merchant(MerchantId::from(id)),
            None => Self::of_name(text),
        };
        let has_id = match &owner {
            Self::Merchant(id) => !id.as_str().is_empty() && text.starts_with(MERCHANT),
            Self::Agent(id) => !id.as_str().is_empty(),
            Self::Platform => true,
        };
        has_id.then_some(owner)
    }

    /// The merchant, if it is one.
    #[must_use]
    pub const fn merchant(&self) -> Option<&MerchantId> {
        match self {
            Self::Merchant(id) => Some(id),
            Self::Agent(_) | Self::Platform => None,
        }
    }

    /// What the platform owes it, before it is settled. The platform owes nothing to itself: what
    /// moves in its own book against an owner's balance waits for an explanation.
    #[must_use]
    pub const fn balance(&self) -> Account {
        match self {
            Self::Merchant(_) => Account::MerchantBalance,
            Self::Agent(_) => Account::AgentBalance,
            Self::Platform => Account::Suspense,
        }
    }
}

impl From<String> for Owner {
    fn from(name: String) -> Self {
        Self::of_name(&name)
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.name().into_owned()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Merchant(id) => write!(f, "{MERCHANT}{id}"),
            Self::Agent(_) | Self::Platform => f.write_str(&self.name()),
        }
    }
}

/// A thing with a life of its own: an order, an application, a payout. Its number is unique over
/// the whole platform (ruling 1), so that it says which kind of thing it is, too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Whose.
    pub owner: Owner,
    /// Our number of it.
    pub no: PlatformNo,
}

impl Subject {
    /// A merchant's thing.
    pub fn of_merchant(merchant_id: &MerchantId, no: PlatformNo) -> Self {
        Self {
            owner: Owner::Merchant(merchant_id.clone()),
            no,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.no)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_read_as_it_is_written() {
        let owners = [
            Owner::Merchant(MerchantId::from("M1")),
            Owner::Agent(PartyId::from("10")),
            Owner::Platform,
        ];
        for owner in owners {
            assert_eq!(Owner::of_name(&owner.name()), owner);
            assert_eq!(Owner::parse(&owner.to_string()), Some(owner));
        }
        for text in ["", "M1", "merchant:", "agent:", "platforms"] {
            assert_eq!(Owner::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_merchant_is_called_like_another_owner() {
        for id in ["platform", "agent:1", "merchant:1", "agent:"] {
            assert!(Owner::is_taken_name(id), "{id}");
        }
        assert!(!Owner::is_taken_name("M1"));
    }
}
