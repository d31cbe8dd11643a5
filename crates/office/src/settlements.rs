//! 结算: what each trade date owes an owner.

use heliu_engine::RecordsAsked;
use heliu_trade::id::PlatformNo;
use heliu_trade::payout::BillId;
use heliu_trade::record::Record;
use heliu_trade::settlement::{Settlement, SettlementState};
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::{Cell, Column};
use crate::timeline::{Moment, Timeline};

/// Which settlements, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SettlementsAsked {
    /// In this state; absent: in any.
    pub state: Option<String>,
}

/// A settlement in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementRow {
    /// When it was made (UTC).
    pub created_at: Timestamp,
    /// Our number.
    pub settlement_no: String,
    /// Whose money.
    pub owner: String,
    /// The trade date.
    pub trade_date: String,
    /// When it is due.
    pub cycle: String,
    /// Where it stands.
    pub state: String,
    /// How many entries it gathers.
    pub items: u64,
    /// What came in, in fen.
    pub gross_fen: i64,
    /// Fees, less those given back, in fen.
    pub fees_fen: i64,
    /// What went back to payers, in fen.
    pub refunds_fen: i64,
    /// What was put right or freed, in fen.
    pub adjustments_fen: i64,
    /// What the owner is to get, in fen; below zero what it owes.
    pub net_fen: i64,
    /// The bill that pays it.
    pub bill_id: Option<String>,
}

/// A settlement with what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementView {
    /// As in the list.
    #[serde(flatten)]
    pub settlement: SettlementRow,
    /// What happened.
    pub timeline: Vec<Moment>,
}

/// Settlements, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: SettlementsAsked,
    part: Part,
) -> Result<Paged<SettlementRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let all = SettlementState::ALL;
    let state = words.one("state", asked.state.as_ref(), all, SettlementState::as_str);
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let asked = RecordsAsked {
        state: state.map(|state| state.as_str().to_owned()),
        below,
        limit: part.size,
    };
    let found = office.engine().settlements(asked).await?;
    let rows = found.into_iter().map(SettlementRow::from).collect();
    let number = |row: &SettlementRow| row.settlement_no.clone();
    Ok(Paged::below(rows, part.size, number))
}

/// One settlement.
///
/// # Errors
/// There is none, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    settlement_no: &str,
) -> Result<SettlementView, OfficeError> {
    actor.check(Permission::See)?;
    let no: PlatformNo = settlement_no.parse().map_err(|_| {
        OfficeError::with_cure(
            format!("{settlement_no} is no settlement's number"),
            "heliu settlements list tells the numbers: 16 digits each",
        )
    })?;
    let found = office.engine().settlement(no).await?;
    let trail = office.store().trail(&found.0.subject).await?;
    Ok(SettlementView {
        timeline: Timeline::of(&trail).moments(),
        settlement: SettlementRow::from(found),
    })
}

impl From<(Record, Settlement)> for SettlementRow {
    fn from((record, settlement): (Record, Settlement)) -> Self {
        let Settlement {
            settlement_no,
            key,
            state,
            sums,
            payout_no,
        } = settlement;
        Self {
            created_at: record.created_at,
            settlement_no: settlement_no.to_string(),
            owner: key.owner.to_string(),
            trade_date: key.trade_date.to_string(),
            cycle: key.cycle.as_str().to_owned(),
            state: state.as_str().to_owned(),
            items: sums.items,
            gross_fen: sums.gross_fen,
            fees_fen: sums.fees_fen,
            refunds_fen: sums.refunds_fen,
            adjustments_fen: sums.adjustments_fen,
            net_fen: sums.net_fen(),
            bill_id: payout_no.map(|no| BillId::of(no).to_string()),
        }
    }
}

impl Row for SettlementRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "settlement_no",
        "owner",
        "trade_date",
        "cycle",
        "state",
        "items",
        "gross_yuan",
        "fees_yuan",
        "refunds_yuan",
        "adjustments_yuan",
        "net_yuan",
        "bill_id",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.created_at),
            Cell::number(&self.settlement_no),
            Cell::text(self.owner.as_str()),
            Cell::text(self.trade_date.as_str()),
            Cell::text(self.cycle.as_str()),
            Cell::text(self.state.as_str()),
            Cell::Count(i64::try_from(self.items).unwrap_or(i64::MAX)),
            Cell::Fen(self.gross_fen),
            Cell::Fen(self.fees_fen),
            Cell::Fen(self.refunds_fen),
            Cell::Fen(self.adjustments_fen),
            Cell::Fen(self.net_fen),
            self.bill_id.as_ref().map_or(Cell::Empty, Cell::number),
        ]
    }
}

impl Facts for SettlementView {
    fn facts(&self) -> Vec<Fact> {
        let named = SettlementRow::COLUMNS.iter().zip(self.settlement.cells());
        let mut facts: Vec<Fact> = named.map(|(name, value)| Fact::new(*name, value)).collect();
        facts.extend(self.timeline.iter().map(Moment::fact));
        facts
    }
}
