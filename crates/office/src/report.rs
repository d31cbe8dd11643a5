//! What was booked on a day: takings, refunds and fees, by merchant, wallet and channel account;
//! sums of the journal's own rows, so that it agrees with the journal to the fen.

use heliu_ports::lists::{DayRow as Listed, Sums};
use heliu_trade::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// A line of a day's report; amounts are in fen, and none is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// Whose.
    pub merchant_id: String,
    /// By which wallet the money moved.
    pub wallet: Option<String>,
    /// Through which account.
    pub channel_account_id: Option<String>,
    /// Payments.
    pub payment_count: u64,
    /// What they brought.
    pub taken_fen: i64,
    /// Refunds that ended well.
    pub refund_count: u64,
    /// What they took back.
    pub refunded_fen: i64,
    /// Payments that were reversed.
    pub reversal_count: u64,
    /// What those took back.
    pub reversed_fen: i64,
    /// Fees on payments.
    pub fee_charged_fen: i64,
    /// Fees given back.
    pub fee_returned_fen: i64,
    /// Money that no order wanted.
    pub surplus_received_fen: i64,
    /// What of it was given back.
    pub surplus_returned_fen: i64,
}

impl DayRow {
    /// What is the merchant's of that day: takings without what went back, and without fees.
    #[must_use]
    pub const fn net_fen(&self) -> i64 {
        self.taken_fen - self.refunded_fen - self.reversed_fen - self.fee_charged_fen
            + self.fee_returned_fen
    }
}

/// What was booked on the day of Beijing that begins at `midnight`.
///
/// # Errors
/// The books are away.
pub async fn day(
    office: &Office,
    actor: &Actor,
    midnight: Timestamp,
) -> Result<Vec<DayRow>, OfficeError> {
    actor.check(Permission::See)?;
    let until = midnight.plus_ms(DAY_MS);
    let rows = office.store().report_day(midnight, until).await?;
    Ok(rows.into_iter().map(DayRow::from).collect())
}

impl From<Listed> for DayRow {
    fn from(row: Listed) -> Self {
        let Sums {
            payment_count,
            taken_fen,
            fee_charged_fen,
            refund_count,
            refunded_fen,
            reversal_count,
            reversed_fen,
            fee_returned_fen,
            surplus_received_fen,
            surplus_returned_fen,
        } = row.sums;
        Self {
            merchant_id: row.merchant_id.to_string(),
            wallet: row.wallet.map(|wallet| wallet.as_str().to_owned()),
            channel_account_id: row.channel_account_id.map(|account| account.to_string()),
            payment_count,
            taken_fen,
            refund_count,
            refunded_fen,
            reversal_count,
            reversed_fen,
            fee_charged_fen,
            fee_returned_fen,
            surplus_received_fen,
            surplus_returned_fen,
        }
    }
}

impl Row for DayRow {
    const COLUMNS: &'static [Column] = &[
        "merchant",
        "wallet",
        "channel_account",
        "payments",
        "taken_yuan",
        "refunds",
        "refunded_yuan",
        "reversals",
        "reversed_yuan",
        "fee_charged_yuan",
        "fee_returned_yuan",
        "surplus_received_yuan",
        "surplus_returned_yuan",
        "net_yuan",
    ];

    fn cells(&self) -> Vec<Cell> {
        let text = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        let count = |count: u64| Cell::Count(i64::try_from(count).unwrap_or(i64::MAX));
        vec![
            Cell::text(self.merchant_id.as_str()),
            text(&self.wallet),
            text(&self.channel_account_id),
            count(self.payment_count),
            Cell::Fen(self.taken_fen),
            count(self.refund_count),
            Cell::Fen(self.refunded_fen),
            count(self.reversal_count),
            Cell::Fen(self.reversed_fen),
            Cell::Fen(self.fee_charged_fen),
            Cell::Fen(self.fee_returned_fen),
            Cell::Fen(self.surplus_received_fen),
            Cell::Fen(self.surplus_returned_fen),
            Cell::Fen(self.net_fen()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_merchants_is_what_came_without_what_went() {
        let row = DayRow::from(Listed {
            merchant_id: "M1".into(),
            wallet: None,
            channel_account_id: None,
            sums: Sums {
                taken_fen: 10_000,
                refunded_fen: 1_000,
                reversed_fen: 500,
                fee_charged_fen: 38,
                fee_returned_fen: 4,
                surplus_received_fen: 7,
                ..Sums::default()
            },
        });
        assert_eq!(row.net_fen(), 8_466);
        assert_eq!(row.cells().len(), DayRow::COLUMNS.len());
    }
}
