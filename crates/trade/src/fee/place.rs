//! Which payments a fee is for: by speed, card kind and amount.

use serde::{Deserialize, Serialize};

use crate::wallet::Funding;

/// How soon the merchant is to have its money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speed {
    /// With the next day's settlements.
    #[default]
    T1,
    /// On the same day.
    T0,
}

impl Speed {
    /// Every speed.
    pub const ALL: [Self; 2] = [Self::T1, Self::T0];

    /// The word in commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::T1 => "t1",
            Self::T0 => "t0",
        }
    }

    /// The speed of a word of [`Speed::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|speed| speed.as_str() == word)
    }

    /// Whether it is the usual one, which stored lines leave out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(super) fn is_t1(&self) -> bool {
        *self == Self::T1
    }
}

/// The kinds of cards that a fee may tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// Debit cards and balances.
    Debit,
    /// Credit cards, credit lines of wallets, and whatever the channel does not name (ruling 5).
    Credit,
}

impl CardKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Debit, Self::Credit];

    /// The word in commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }

    /// The kind of a word of [`CardKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The kind that a payment from `funding` counts as.
    #[must_use]
    pub const fn of(funding: Funding) -> Self {
        match funding {
            Funding::Credit | Funding::WalletCredit | Funding::Unknown => Self::Credit,
            Funding::Debit | Funding::Balance => Self::Debit,
        }
    }

    /// A funding that counts as this kind.
    pub(super) const fn funding(self) -> Funding {
        match self {
            Self::Debit => Funding::Debit,
            Self::Credit => Funding::Credit,
        }
    }
}

/// Which payments a line is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// At which speed.
    #[serde(default, skip_serializing_if = "Speed::is_t1")]
    pub speed: Speed,
    /// Of which cards; `None`: of all that have no line of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardKind>,
    /// The least receivable, in fen.
    #[serde(default)]
    pub from_fen: i64,
    /// The receivable from which it does not hold any more, in fen; `None`: it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_fen: Option<i64>,
}

impl Place {
    /// All payments of a speed that no other line is for.
    pub(super) const fn rest(speed: Speed) -> Self {
        Self {
            speed,
            card: None,
            from_fen: 0,
            until_fen: None,
        }
    }

    pub(super) const fn has_band(self) -> bool {
        self.from_fen > 0 || self.until_fen.is_some()
    }

    pub(super) fn takes(self, card: CardKind, receivable_fen: i64) -> bool {
        self.card.is_none_or(|own| own == card)
            && receivable_fen >= self.from_fen
            && self.until_fen.is_none_or(|until| receivable_fen < until)
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        let begins_before_end = |a: Self, b: Self| b.until_fen.is_none_or(|end| a.from_fen < end);
        (self.speed, self.card) == (other.speed, other.card)
            && self.has_band() == other.has_band()
            && begins_before_end(self, other)
            && begins_before_end(other, self)
    }
}
