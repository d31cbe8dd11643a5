//! Records, as they are read.

use heliu_trade::error::{Advice, ErrorCode, TradeError};
use heliu_trade::record::{Aggregate, Record, Want};

use crate::Inner;
use crate::common::directory::books_unavailable;

/// What a record says; one that cannot be read is a fault of ours.
pub(crate) fn read<A: Aggregate>(record: &Record) -> Result<A, TradeError> {
    record.read().map_err(|cause| {
        tracing::error!(%cause, "a record cannot be read");
        let message = Advice::AskOperator.after("a fault on our side");
        TradeError::new(ErrorCode::Internal, message)
    })
}

/// The aggregate that is wanted, if it is there.
pub(crate) async fn find<A: Aggregate>(inner: &Inner, want: Want) -> Result<Option<A>, TradeError> {
    let found = inner.store.find_record(want).await;
    let found = found.map_err(books_unavailable)?;
    found.as_ref().map(read).transpose()
}
