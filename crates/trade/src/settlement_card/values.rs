//! What a settlement card is, and which one an owner is paid to.

use serde::{Deserialize, Serialize};

use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::record::{Aggregate, Name, RecordKind, Want};
use crate::time::Timestamp;

/// Whose name an account is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// 对私: a person's.
    Private,
    /// 对公: a company's.
    Company,
}

impl CardKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Private, Self::Company];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Company => "company",
        }
    }

    /// The kind of a word of [`CardKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Another person has to look at it.
    Checking,
    /// Money is paid to it.
    Active,
    /// Another card took its place.
    Retired,
    /// The checker said no.
    Refused,
}

impl CardState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Checking, Self::Active, Self::Retired, Self::Refused];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Refused => "refused",
        }
    }
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementCard {
    /// Our number of it.
    pub card_no: PlatformNo,
    /// Sealed: the name that the account is in.
    pub holder_sealed: String,
    /// Keyed digest of that name: tells whether two cards are in the same one.
    pub holder_digest: String,
    /// The name as it is shown: without its first character.
    pub holder_masked: String,
    /// Whether that is a person or a company.
    pub kind: CardKind,
    /// Sealed: its number.
    pub number_sealed: String,
    /// Keyed digest of the number: tells whether two cards are the same.
    pub number_digest: String,
    /// Its number as it is shown: six digits, nine stars, four digits.
    pub number_masked: String,
    /// 联行号: the number of the branch in the banks' clearing.
    pub clearing_number: String,
    /// 开户行: the branch's name.
    pub bank_branch: String,
    /// Where it stands.
    pub state: CardState,
    /// The approval that it waits for, or that let it pass.
    pub approval_no: PlatformNo,
    /// When it was proposed (UTC).
    pub created_at: Timestamp,
}

/// What an approval of a card is about: nothing of it is in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedCard {
    /// Whose.
    pub owner: Owner,
    /// Our number of it.
    pub card_no: PlatformNo,
    /// Keyed digest of the name that the account is in.
    pub holder_digest: String,
    /// The name, masked.
    pub holder_masked: String,
    /// Whether that is a person or a company.
    pub kind: CardKind,
    /// Keyed digest of the number.
    pub number_digest: String,
    /// The number, masked.
    pub number_masked: String,
    /// 联行号
    pub clearing_number: String,
    /// 开户行
    pub bank_branch: String,
}

impl ProposedCard {
    /// What is proposed of a card.
    #[must_use]
    pub fn of(owner: &Owner, card: &SettlementCard) -> Self {
        Self {
            owner: owner.clone(),
            card_no: card.card_no,
            holder_digest: card.holder_digest.clone(),
            holder_masked: card.holder_masked.clone(),
            kind: card.kind,
            number_digest: card.number_digest.clone(),
            number_masked: card.number_masked.clone(),
            clearing_number: card.clearing_number.clone(),
            bank_branch: card.bank_branch.clone(),
        }
    }

    /// What an approval of it is about.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("card {}", self.card_no)
    }
}

/// All cards that an owner has had, as one record: so an owner has one active card at most, and a
/// step that pays locks them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerCards {
    /// Whose.
    pub owner: Owner,
    /// Our number of this record.
    pub record_no: PlatformNo,
    /// The cards, in the order in which they were proposed.
    pub cards: Vec<SettlementCard>,
}

/// What an owner's cards are found by.
const OWNER: &str = "owner";

impl OwnerCards {
    /// What the record is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: self.owner.clone(),
            no: self.record_no,
        }
    }

    /// An owner's cards, for a step.
    #[must_use]
    pub fn want(owner: &Owner) -> Want {
        Want::Named(RecordKind::SettlementCards, Self::name_of(owner))
    }

    fn name_of(owner: &Owner) -> Name {
        Name::new(OWNER, owner.name())
    }

    /// The card to which money is paid.
    #[must_use]
    pub fn active(&self) -> Option<&SettlementCard> {
        let mut cards = self.cards.iter();
        cards.find(|card| card.state == CardState::Active)
    }

    /// A card by our number.
    #[must_use]
    pub fn find(&self, card_no: PlatformNo) -> Option<&SettlementCard> {
        self.cards.iter().find(|card| card.card_no == card_no)
    }
}

impl Aggregate for OwnerCards {
    const KIND: RecordKind = RecordKind::SettlementCards;

    fn state(&self) -> &'static str {
        let is_checking = |card: &SettlementCard| card.state == CardState::Checking;
        match self.active() {
            Some(card) => card.state.as_str(),
            None if self.cards.iter().any(is_checking) => CardState::Checking.as_str(),
            None => "none",
        }
    }

    fn names(&self) -> Vec<Name> {
        vec![Self::name_of(&self.owner)]
    }
}
