//! Payouts as an agent sees those of its merchants: what it asks, and what it is told.
//!
//! A view says less than the payout itself: wires tell four classes and five standings apart,
//! whatever cycle a bill has and however it came to where it stands.

use crate::calendar::BusinessDate;
use crate::id::AppId;
use crate::time::Timestamp;

/// Which kind of bill a payout is, as far as wires tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayoutClass {
    /// D0: on the day of the trades.
    SameDay,
    /// D1 and T1: on the next day, or the next working day.
    NextDay,
    /// The owner asked for it.
    Withdrawal,
    /// What a person put right.
    Adjustment,
}

impl PayoutClass {
    /// Every class.
    pub const ALL: [Self; 4] = [
        Self::SameDay,
        Self::NextDay,
        Self::Withdrawal,
        Self::Adjustment,
    ];
}

/// Where a bill stands, as far as wires tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PayoutStanding {
    /// Drafted, approved, sent, or the bank's answer is not certain.
    InProgress,
    /// The bank has paid.
    Paid,
    /// The bank has not paid, for certain; it may be sent again.
    Failed,
    /// 退票: the bank paid and took it back.
    Returned,
    /// Everything is held back: nothing is sent.
    Frozen,
}

impl PayoutStanding {
    /// Every standing.
    pub const ALL: [Self; 5] = [
        Self::InProgress,
        Self::Paid,
        Self::Failed,
        Self::Returned,
        Self::Frozen,
    ];
}

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutView {
    /// Its number, 20 digits.
    pub bill_id: String,
    /// The merchant, under the number that the agent's wire knows it by.
    pub app_id: AppId,
    /// Of which kind.
    pub class: PayoutClass,
    /// Where it stands.
    pub standing: PayoutStanding,
    /// Whether it stands so for good.
    pub is_final: bool,
    /// When it was made (UTC).
    pub created_at: Timestamp,
    /// When the bank's last certain answer came (UTC).
    pub answered_at: Option<Timestamp>,
    /// The last day of the trades that it pays.
    pub trade_date: BusinessDate,
    /// What is due, in fen.
    pub plan_fen: i64,
    /// What of it is held back, in fen.
    pub suspend_fen: i64,
    /// What is paid, in fen: `plan_fen` less `suspend_fen`.
    pub real_fen: i64,
    /// The bank's words about a failure or a return; empty without one.
    pub fail_reason: String,
    /// The returned bill that this one stands in for.
    pub previous_bill_id: Option<String>,
    /// The card's number, masked.
    pub card_masked: String,
    /// Its holder, masked.
    pub holder_masked: String,
    /// The branch that keeps it.
    pub branch: String,
}

/// Which bills an agent asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutsAsked {
    /// Whether only an agent may ask above which there is none.
    pub top_level_only: bool,
    /// Of this merchant; `None`: of all merchants below the agent.
    pub app_id: Option<AppId>,
    /// Made on this day.
    pub created_on: BusinessDate,
    /// Of one of these classes.
    pub classes: Vec<PayoutClass>,
    /// In this standing; `None`: in any.
    pub standing: Option<PayoutStanding>,
    /// Which page, from 1 on; beyond the last one it is the first.
    pub page_no: u32,
    /// Rows of a page.
    pub page_size: u32,
}

/// A page of bills, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutPage {
    /// Its rows.
    pub rows: Vec<PayoutView>,
    /// Which page it is, from 1 on.
    pub page_no: u32,
    /// Rows of a page.
    pub page_size: u32,
    /// Rows of all pages.
    pub total: usize,
}

impl PayoutPage {
    /// The page that was asked for of all rows that were found, which stand by their numbers.
    #[must_use]
    pub fn of(found: Vec<PayoutView>, asked: &PayoutsAsked) -> Self {
        let total = found.len();
        let size = usize::try_from(asked.page_size)
            .unwrap_or(usize::MAX)
            .max(1);
        let before = usize::try_from(asked.page_no)
            .unwrap_or(usize::MAX)
            .saturating_sub(1)
            .saturating_mul(size);
        let (page_no, before) = if before < total {
            (asked.page_no, before)
        } else {
            (1, 0)
        };
        Self {
            rows: found.into_iter().skip(before).take(size).collect(),
            page_no,
            page_size: asked.page_size,
            total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(number: usize) -> PayoutView {
        PayoutView {
            bill_id: number.to_string(),
            app_id: AppId::from("9605000011"),
            class: PayoutClass::NextDay,
            standing: PayoutStanding::Paid,
            is_final: true,
            created_at: Timestamp::from_ms(0),
            answered_at: None,
            trade_date: BusinessDate::of(Timestamp::from_ms(0)),
            plan_fen: 498,
            suspend_fen: 0,
            real_fen: 498,
            fail_reason: String::new(),
            previous_bill_id: None,
            card_masked: String::new(),
            holder_masked: String::new(),
            branch: String::new(),
        }
    }

    #[test]
    fn a_page_beyond_the_last_one_is_the_first() {
        for (rows, page_no, told, first, count) in [
            (0, 1, 1, None, 0),
            (0, 7, 1, None, 0),
            (1, 1, 1, Some("0"), 1),
            (20, 2, 1, Some("0"), 20),
            (21, 2, 2, Some("20"), 1),
            (45, 3, 3, Some("40"), 5),
            (45, 4, 1, Some("0"), 20),
            (45, u32::MAX, 1, Some("0"), 20),
        ] {
            let asked = PayoutsAsked {
                top_level_only: false,
                app_id: None,
                created_on: BusinessDate::of(Timestamp::from_ms(0)),
                classes: Vec::new(),
                standing: None,
                page_no,
                page_size: 20,
            };
            let page = PayoutPage::of((0..rows).map(bill).collect(), &asked);
            let begin = page.rows.first().map(|row| &*row.bill_id);
            assert_eq!((page.page_no, begin, page.rows.len()), (told, first, count));
            assert_eq!(page.total, rows);
        }
    }
}
