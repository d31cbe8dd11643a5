//! What must hold of an owner's bills at every moment (invariants 10 and 19); checked by tests and
//! by `heliu books check`.

use std::collections::BTreeSet;

use crate::followup::subject::Owner;
use crate::hold::{Hold, HoldState};
use crate::id::ChannelAccountId;
use crate::invariant::Violation;
use crate::withdrawal::{Withdrawal, WithdrawalState};

use super::values::{FillCause, Payout, PayoutState};

/// What stands on an owner's accounts, beside what its settlements say; debits less credits, in
/// fen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerStanding {
    /// Whose.
    pub owner: Owner,
    /// On its balance, without what the channel settled with it.
    pub balance_fen: i64,
    /// The same, of items that no bill pays yet and of entries that no settlement has gathered.
    pub unpaid_fen: i64,
    /// Frozen.
    pub frozen_fen: i64,
    /// Kept back for a time.
    pub reserve_fen: i64,
    /// Due to be paid out.
    pub due_fen: i64,
    /// On its way.
    pub in_transit_fen: i64,
}

/// What the books hold of an owner beside its journal.
#[derive(Debug, Clone, Default)]
pub struct OwnerPapers {
    /// Its bills, in any state.
    pub bills: Vec<Payout>,
    /// Its active holds.
    pub holds: Vec<Hold>,
    /// Withdrawals that wait for a bill.
    pub withdrawals: Vec<Withdrawal>,
}

/// Checks invariant 19: what stands on an owner's accounts is what its papers say.
#[must_use]
pub fn check_owner(standing: &OwnerStanding, papers: &OwnerPapers) -> Vec<Violation> {
    let bills = || papers.bills.iter();
    let in_transit = bills().filter(|bill| bill.state.is_in_transit());
    let asked = papers.withdrawals.iter();
    let asked = asked.filter(|it| it.state == WithdrawalState::Asked);
    let holds = papers.holds.iter();
    let holds = holds.filter(|hold| hold.state == HoldState::Active);
    let for_refunds = bills().flat_map(|bill| &bill.fills);
    let for_refunds = for_refunds.filter(|fill| fill.cause == FillCause::Refund);
    let reserved = bills().filter(|bill| bill.reserve_until.is_some());
    let rows = [
        (
            "in transit",
            -standing.in_transit_fen,
            in_transit.map(|bill| bill.amounts.real_fen).sum::<i64>(),
        ),
        (
            "due to be paid out",
            -standing.due_fen,
            bills().map(Payout::due_fen).sum::<i64>() + asked.map(|it| it.amount_fen).sum::<i64>(),
        ),
        (
            "frozen",
            -standing.frozen_fen,
            holds.map(|hold| hold.filled_fen).sum::<i64>()
                + for_refunds.map(|fill| fill.amount_fen).sum::<i64>(),
        ),
        (
            "in reserve",
            -standing.reserve_fen,
            reserved.map(|bill| bill.amounts.reserve_fen).sum::<i64>(),
        ),
        (
            "owed and on no bill",
            -standing.balance_fen,
            -standing.unpaid_fen,
        ),
    ];
    let wrong = rows.into_iter().filter(|(_, booked, told)| booked != told);
    wrong
        .map(|(what, booked_fen, told_fen)| Violation {
            invariant: 19,
            message: format!(
                "of {} {booked_fen} fen are {what}, its papers say {told_fen}",
                standing.owner
            ),
        })
        .collect()
}

/// Checks the part of invariant 10 that one bill shows; `seen` has the numbers of other bills'
/// requests, with their accounts.
pub fn check_requests(
    bill: &Payout,
    seen: &mut BTreeSet<(ChannelAccountId, String)>,
) -> Vec<Violation> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            let message = format!("bill {}: {what}", bill.bill_id());
            wrong.push(Violation {
                invariant: 10,
                message,
            });
        }
    };
    for request in &bill.requests {
        let key = (bill.channel_account_id.clone(), request.request_no.clone());
        let number = &request.request_no;
        must(
            seen.insert(key),
            format!("request {number} is another one's"),
        );
    }
    let open = bill.requests.iter().filter(|it| it.end.is_none()).count();
    let may_be_open = usize::from(bill.state.is_in_transit());
    must(
        open == may_be_open,
        format!(
            "{open} requests without an end, and it is {}",
            bill.state.as_str()
        ),
    );
    let was_sent = matches!(
        bill.state,
        PayoutState::Sending | PayoutState::Unknown | PayoutState::Paid
    );
    must(
        !was_sent || bill.batch_no.is_some(),
        "sent without a batch".to_owned(),
    );
    wrong
}
