//! The agents above a merchant with what each pays, as an attempt freezes them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tariff;
use super::shares::Shares;
use crate::id::PartyId;
use crate::wallet::Funding;

/// One agent above a merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Who.
    pub party_id: PartyId,
    /// What a payment costs it.
    pub cost: Tariff,
}

/// Who shares in a payment's fee, the nearest to the merchant first; frozen when the attempt is
/// made. Cheap to clone, and nothing for a merchant without agents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShareTerms(Option<Arc<[Level]>>);

impl ShareTerms {
    /// Of agents, the nearest to the merchant first.
    #[must_use]
    pub fn of(levels: Vec<Level>) -> Self {
        Self((!levels.is_empty()).then(|| levels.into()))
    }

    /// Whether nobody shares.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The agents, the nearest to the merchant first.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The parts of a payment's fee. Schedules by which a level would be below the one above it are
    /// refused when they are entered; should two have passed at once, such a level gets nothing and
    /// the one above it so much less, since a payment is never refused for that.
    #[must_use]
    pub fn shares(&self, fee_fen: i64, receivable_fen: i64, funding: Funding) -> Shares {
        let levels = self.levels().iter();
        let costs = levels.map(|level| level.cost.fee_fen(receivable_fen, funding));
        Shares::held(fee_fen, costs)
    }
}
