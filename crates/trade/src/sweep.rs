//! 分润归集: an agent's shares of a date go from a merchant's book into the agent's own.

use serde::{Deserialize, Serialize};

use crate::calendar::BusinessDate;
use crate::error::{ErrorCode, TradeError};
use crate::followup::subject::{Owner, Subject};
use crate::id::{MerchantId, PartyId, PlatformNo};
use crate::ledger::{bridge_in, bridge_out};
use crate::record::{Aggregate, Draft, Name, RecordKind, Want};

/// What an agent earned with a merchant on a date, as it leaves one book or arrives in the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Our number of it.
    pub sweep_no: PlatformNo,
    /// Of which date; it is booked after its end.
    pub date: BusinessDate,
    /// With whom it was earned.
    pub merchant_id: MerchantId,
    /// Who earned it.
    pub party_id: PartyId,
    /// In fen; below zero, more was given back that day than was earned.
    pub amount_fen: i64,
    /// In which of both books it stands.
    pub side: Side,
}

/// In which book a sweep stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The merchant's: it leaves.
    Out,
    /// The agent's: it arrives.
    In,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Our numbers, one for each book.
    pub numbers: (PlatformNo, PlatformNo),
    /// Of which date.
    pub date: BusinessDate,
    /// With whom it was earned.
    pub merchant_id: MerchantId,
    /// Who earned it.
    pub party_id: PartyId,
    /// In fen; signed.
    pub amount_fen: i64,
}

const SHARE: &str = "share";

impl Sweep {
    /// What a step about a merchant's and an agent's shares of a date works on: what left the
    /// merchant's book. The other side is written with it.
    #[must_use]
    pub fn want(date: BusinessDate, merchant_id: &MerchantId, party_id: &PartyId) -> Want {
        let name = Self::name(date, merchant_id, party_id, Side::Out);
        Want::Named(RecordKind::Sweep, name)
    }

    fn name(date: BusinessDate, merchant_id: &MerchantId, party_id: &PartyId, side: Side) -> Name {
        let side = match side {
            Side::Out => "out",
            Side::In => "in",
        };
        // A date has no slash, and an agent's id none; so a merchant's may.
        Name::new(SHARE, format!("{date}/{side}/{party_id}/{merchant_id}"))
    }

    fn subject(&self) -> Subject {
        let owner = match self.side {
            Side::Out => Owner::Merchant(self.merchant_id.clone()),
            Side::In => Owner::Agent(self.party_id.clone()),
        };
        let no = self.sweep_no;
        Subject { owner, no }
    }
}

impl Aggregate for Sweep {
    const KIND: RecordKind = RecordKind::Sweep;

    fn state(&self) -> &'static str {
        "swept"
    }

    fn names(&self) -> Vec<Name> {
        let name = Self::name(self.date, &self.merchant_id, &self.party_id, self.side);
        vec![name]
    }
}

/// Books both sides, or finds that they stand.
pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    let Action {
        numbers,
        date,
        merchant_id,
        party_id,
        amount_fen,
    } = action;
    if let Some(standing) = draft.get::<Sweep>(0)? {
        if standing.amount_fen == *amount_fen {
            return Ok(());
        }
        let message = format!(
            "{} fen of {party_id}'s shares with {merchant_id} on {date} were swept, and {amount_fen} \
             were earned",
            standing.amount_fen
        );
        return Err(TradeError::new(ErrorCode::Internal, message));
    }
    let of = |sweep_no, side| Sweep {
        sweep_no,
        date: *date,
        merchant_id: merchant_id.clone(),
        party_id: party_id.clone(),
        amount_fen: *amount_fen,
        side,
    };
    let (out, arrived) = (of(numbers.0, Side::Out), of(numbers.1, Side::In));
    let place = draft.insert(out.subject(), &out)?;
    draft.post(
        place,
        bridge_out::KIND,
        bridge_out::lines(party_id, *amount_fen),
    );
    let place = draft.insert(arrived.subject(), &arrived)?;
    draft.post(place, bridge_in::KIND, bridge_in::lines(*amount_fen));
    Ok(())
}
