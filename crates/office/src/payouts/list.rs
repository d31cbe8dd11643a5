//! The list of bills.

use heliu_engine::RecordsAsked;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::{BillId, Payout, PayoutState};
use heliu_trade::record::Record;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Office, owners};

/// Which bills, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PayoutsAsked {
    /// In this state; absent: in any.
    pub state: Option<String>,
    /// Of this owner, `merchant:ID` or `agent:ID`: the newest hundred; absent: whosever.
    #[serde(default)]
    pub owner: Option<String>,
}

/// A bill in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutRow {
    /// When it was made (UTC).
    pub created_at: Timestamp,
    /// Its number, 20 digits.
    pub bill_id: String,
    /// Who is paid.
    pub owner: String,
    /// By which cycle.
    pub cycle: String,
    /// The last trade date that it pays.
    pub settle_date: String,
    /// Where it stands.
    pub state: String,
    /// What is due, in fen.
    pub plan_fen: i64,
    /// What of it is held back, in fen.
    pub suspend_fen: i64,
    /// What is sent, in fen.
    pub real_fen: i64,
    /// What it costs its owner, in fen.
    pub fee_fen: i64,
    /// The card, masked.
    pub card: String,
    /// The account that pays.
    pub channel_account_id: String,
    /// Our number of its batch.
    pub batch_no: Option<String>,
    /// The bill that it stands in for.
    pub previous: Option<String>,
    /// The bill that stands in for it.
    pub replaced_by: Option<String>,
    /// Why it failed, came back or was voided.
    pub reason: String,
}

/// Bills, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: PayoutsAsked,
    part: Part,
) -> Result<Paged<PayoutRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let all = PayoutState::ALL;
    let state = words.one("state", asked.state.as_ref(), all, PayoutState::as_str);
    let below: Option<BillId> = words.number("after", part.after.as_ref());
    words.end()?;
    if let Some(owner) = &asked.owner {
        let owner = owners::find_paid(office, owner).await?;
        let mut found = office.engine().payouts_of(&owner).await?;
        found.retain(|(_, payout)| state.is_none_or(|state| payout.state == state));
        let rows = found.into_iter().map(PayoutRow::from).collect();
        return Ok(Paged { rows, next: None });
    }
    let asked = RecordsAsked {
        state: state.map(|state| state.as_str().to_owned()),
        below: below.map(BillId::payout_no),
        limit: part.size,
    };
    let found = office.engine().payouts(asked).await?;
    let rows = found.into_iter().map(PayoutRow::from).collect();
    let number = |row: &PayoutRow| row.bill_id.clone();
    Ok(Paged::below(rows, part.size, number))
}

impl From<(Record, Payout)> for PayoutRow {
    fn from((_, payout): (Record, Payout)) -> Self {
        Self::from(&payout)
    }
}

impl From<&Payout> for PayoutRow {
    fn from(payout: &Payout) -> Self {
        let bill = |no: PlatformNo| BillId::of(no).to_string();
        Self {
            created_at: payout.created_at,
            bill_id: payout.bill_id().to_string(),
            owner: payout.owner.to_string(),
            cycle: payout.cycle.as_str().to_owned(),
            settle_date: payout.settle_date.to_string(),
            state: payout.state.as_str().to_owned(),
            plan_fen: payout.amounts.plan_fen,
            suspend_fen: payout.amounts.suspend_fen,
            real_fen: payout.amounts.real_fen,
            fee_fen: payout.amounts.fee_fen,
            card: payout.card.mask.clone(),
            channel_account_id: payout.channel_account_id.to_string(),
            batch_no: payout.batch_no.map(|no| no.to_string()),
            previous: payout.previous.map(bill),
            replaced_by: payout.replaced_by.map(bill),
            reason: payout.reason.clone(),
        }
    }
}

impl Row for PayoutRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "bill_id",
        "owner",
        "cycle",
        "settle_date",
        "state",
        "plan_yuan",
        "suspend_yuan",
        "real_yuan",
        "fee_yuan",
        "card",
        "channel_account_id",
        "batch_no",
        "previous",
        "replaced_by",
        "reason",
    ];

    fn cells(&self) -> Vec<Cell> {
        let number = |no: &Option<String>| no.as_ref().map_or(Cell::Empty, Cell::number);
        vec![
            Cell::At(self.created_at),
            Cell::number(&self.bill_id),
            Cell::text(self.owner.as_str()),
            Cell::text(self.cycle.as_str()),
            Cell::text(self.settle_date.as_str()),
            Cell::text(self.state.as_str()),
            Cell::Fen(self.plan_fen),
            Cell::Fen(self.suspend_fen),
            Cell::Fen(self.real_fen),
            Cell::Fen(self.fee_fen),
            Cell::text(self.card.as_str()),
            Cell::text(self.channel_account_id.as_str()),
            number(&self.batch_no),
            number(&self.previous),
            number(&self.replaced_by),
            Cell::text(self.reason.as_str()),
        ]
    }
}
