//! 冻结: money that is not paid out, because a person says so.

use heliu_engine::enrolment::names::check_name;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_engine::{HoldEnding, RecordsAsked};
use heliu_trade::hold::{Hold, HoldAmount, HoldState};
use heliu_trade::id::{ChannelAccountId, PlatformNo};
use heliu_trade::record::Record;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::proposed::Proposed;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office, owners};

/// A hold that somebody places.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewHold {
    /// Whose money: `merchant:ID` or `agent:ID`.
    pub owner: String,
    /// How much, in fen; absent: everything, also what comes later.
    pub amount_fen: Option<i64>,
    /// Why.
    pub reason: String,
}

/// How a hold is to end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HoldEndAsked {
    /// Our number of the hold.
    pub hold_no: String,
    /// What it took is taken for good, and not free again.
    pub is_seizure: bool,
    /// Of a seizure: the channel account that took the money; absent: it waits for an explanation.
    pub taken_by: Option<String>,
    /// Why.
    pub reason: String,
}

/// Which holds, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HoldsAsked {
    /// In this state; absent: in any.
    pub state: Option<String>,
}

/// A hold in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldRow {
    /// When it was placed (UTC).
    pub created_at: Timestamp,
    /// When it last changed (UTC).
    pub changed_at: Timestamp,
    /// Our number.
    pub hold_no: String,
    /// Whose money.
    pub owner: String,
    /// Where it stands.
    pub state: String,
    /// How much is to be held, in fen; absent: everything.
    pub amount_fen: Option<i64>,
    /// How much stands frozen by it, or did, in fen.
    pub filled_fen: i64,
    /// Who placed it.
    pub placed_by: String,
    /// Why.
    pub reason: String,
}

/// Places a hold. It takes at once what of its amount is there; what it misses is taken when a bill
/// is drafted.
///
/// # Errors
/// The actor may not; there is no such owner; the amount or reason is wrong; or the books are away.
pub async fn place(office: &Office, actor: &Actor, new: NewHold) -> Result<HoldRow, OfficeError> {
    actor.check(Permission::Propose)?;
    let owner = owners::find_paid(office, &new.owner).await?;
    let mut faults = Faults::new();
    faults.note("reason", check_name(&new.reason));
    if new.amount_fen.is_some_and(|fen| fen <= 0) {
        faults.add("amount", Problem::Malformed("above zero".to_owned()));
    }
    faults.into_result()?;
    let act = Act {
        action: "holds.place",
        subject: owner.to_string(),
        before: None,
        after: Some(json!({ "amount_fen": new.amount_fen, "reason": new.reason })),
    };
    let audit = office.audit(actor, act);
    let amount = new.amount_fen.map_or(HoldAmount::All, HoldAmount::Fen);
    let engine = office.engine();
    let placed = engine.place_hold(owner, amount, new.reason, actor.name(), audit);
    let placed = placed.await?;
    Ok(HoldRow::from(engine.hold(placed.hold_no).await?))
}

/// Proposes the end of a hold, which another person must let pass.
///
/// # Errors
/// The actor may not; there is no such hold, or it has ended; the reason or the channel account is
/// wrong; or the books are away.
pub async fn propose_end(
    office: &Office,
    actor: &Actor,
    asked: HoldEndAsked,
) -> Result<Proposed, OfficeError> {
    actor.check(Permission::Propose)?;
    let mut faults = Faults::new();
    faults.note("reason", check_name(&asked.reason));
    faults.into_result()?;
    let no: PlatformNo = asked.hold_no.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{} is no hold's number", asked.hold_no),
            "heliu holds list tells the numbers: 16 digits each",
        )
    })?;
    let (_, hold) = office.engine().hold(no).await?;
    if hold.state != HoldState::Active {
        let state = hold.state.as_str();
        return Err(OfficeError::new(format!("hold {no} is {state} already")));
    }
    let taken_by = taker(office, asked.taken_by).await?;
    let (action, ending) = if asked.is_seizure {
        ("holds.seize", HoldEnding::Seize(taken_by.clone()))
    } else {
        ("holds.release", HoldEnding::Release)
    };
    let act = Act {
        action,
        subject: format!("hold {no}"),
        before: Some(json!(hold)),
        after: Some(json!({ "taken_by": taken_by, "reason": asked.reason })),
    };
    let audit = office.audit(actor, act);
    let engine = office.engine();
    let proposed = engine.propose_hold_end(&hold, ending, asked.reason, actor.name(), audit);
    Ok(proposed.await?.into())
}

/// A mistyped account would have a clearing account of its own.
async fn taker(
    office: &Office,
    id: Option<String>,
) -> Result<Option<ChannelAccountId>, OfficeError> {
    let Some(id) = id.map(ChannelAccountId::from) else {
        return Ok(None);
    };
    if office.store().find_channel_account(&id).await?.is_none() {
        return Err(OfficeError::with_cure(
            format!("there is no channel account {id}"),
            "heliu channels list shows which there are",
        ));
    }
    Ok(Some(id))
}

/// Holds, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: HoldsAsked,
    part: Part,
) -> Result<Paged<HoldRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let all = HoldState::ALL;
    let state = words.one("state", asked.state.as_ref(), all, HoldState::as_str);
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let asked = RecordsAsked {
        state: state.map(|state| state.as_str().to_owned()),
        below,
        limit: part.size,
    };
    let found = office.engine().holds(asked).await?;
    let rows = found.into_iter().map(HoldRow::from).collect();
    let number = |row: &HoldRow| row.hold_no.clone();
    Ok(Paged::below(rows, part.size, number))
}

impl From<(Record, Hold)> for HoldRow {
    fn from((record, hold): (Record, Hold)) -> Self {
        Self {
            created_at: record.created_at,
            changed_at: record.changed_at,
            hold_no: hold.hold_no.to_string(),
            owner: hold.owner.to_string(),
            state: hold.state.as_str().to_owned(),
            amount_fen: match hold.amount {
                HoldAmount::Fen(fen) => Some(fen),
                HoldAmount::All => None,
            },
            filled_fen: hold.filled_fen,
            placed_by: hold.placed_by,
            reason: hold.reason,
        }
    }
}

impl Row for HoldRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "changed_at",
        "hold_no",
        "owner",
        "state",
        "amount_yuan",
        "filled_yuan",
        "placed_by",
        "reason",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.created_at),
            Cell::At(self.changed_at),
            Cell::number(&self.hold_no),
            Cell::text(self.owner.as_str()),
            Cell::text(self.state.as_str()),
            self.amount_fen.map_or(Cell::text("all"), Cell::Fen),
            Cell::Fen(self.filled_fen),
            Cell::text(self.placed_by.as_str()),
            Cell::text(self.reason.as_str()),
        ]
    }
}
