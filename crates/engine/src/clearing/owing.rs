//! What of an owner's money is not to leave: holds, and refunds that run.

use heliu_ports::lists::{Page, RefundFilter};
use heliu_ports::store::{OrderKey, StoreError, Waiting};
use heliu_trade::error::TradeError;
use heliu_trade::followup::subject::Owner;
use heliu_trade::funds::FundsMode;
use heliu_trade::hold::{Hold, HoldState};
use heliu_trade::payout::RunningRefund;
use heliu_trade::record::RecordKind;
use heliu_trade::refund::RefundState;

use super::found::read;
use crate::Inner;
use crate::common::directory::books_unavailable;

/// Active holds of an owner that one step works on; of more the oldest come first.
const HOLDS_MAX: u32 = 100;
/// Refunds that are read at once.
const REFUNDS: u32 = 100;

/// An owner's active holds, oldest first.
pub(crate) async fn holds_of(inner: &Inner, owner: &Owner) -> Result<Vec<Hold>, TradeError> {
    let waiting = Waiting {
        kind: RecordKind::Hold,
        state: HoldState::Active.as_str(),
    };
    let found = inner
        .store
        .waiting_records(waiting, owner.clone(), HOLDS_MAX);
    let found = found.await.map_err(books_unavailable)?;
    found.iter().map(read).collect()
}

/// Refunds of held money that run, oldest first; each may take its amount off the owner's balance.
pub(crate) async fn running_refunds(
    inner: &Inner,
    owner: &Owner,
) -> Result<Vec<RunningRefund>, StoreError> {
    let Owner::Merchant(merchant_id) = owner else {
        return Ok(Vec::new());
    };
    let filter = RefundFilter {
        merchant_id: Some(merchant_id.clone()),
        states: vec![RefundState::Refunding],
        ..RefundFilter::default()
    };
    let (mut running, mut page) = (Vec::new(), Page::first(REFUNDS));
    loop {
        let listed = inner.store.list_refunds(filter.clone(), page).await?;
        for row in listed.rows {
            let key = OrderKey::Platform(row.order_no);
            let found = inner.store.find_order(merchant_id, key).await?;
            let is_held = found.is_some_and(|(order, attempts)| {
                let paid = order.payment.map(|payment| payment.attempt_no);
                let paying = attempts.iter().find(|it| Some(it.attempt_no) == paid);
                paying.is_some_and(|paying| paying.route.funds.mode == FundsMode::Held)
            });
            if is_held {
                running.push(RunningRefund {
                    refund_no: row.refund_no.0,
                    amount_fen: row.payable_fen,
                });
            }
        }
        let Some(next) = listed.next else { break };
        page = Page::after(next, REFUNDS);
    }
    running.sort_by_key(|refund: &RunningRefund| refund.refund_no);
    Ok(running)
}
