//! What of an owner's money is not to leave: holds, and refunds that run.

use heliu_ports::store::{StoreError, Waiting};
use heliu_trade::error::TradeError;
use heliu_trade::followup::subject::Owner;
use heliu_trade::hold::{Hold, HoldState};
use heliu_trade::payout::RunningRefund;
use heliu_trade::record::RecordKind;

use super::found::read;
use crate::Inner;
use crate::common::directory::books_unavailable;

/// Active holds of an owner that one step works on; of more the oldest come first.
const HOLDS_MAX: u32 = 100;

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
    match owner.merchant() {
        Some(merchant_id) => inner.store.running_refunds(merchant_id).await,
        None => Ok(Vec::new()),
    }
}
