//! The exchange log: requests and answers as they went over the wire.

use heliu_trade::id::PlatformNo;

use crate::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use crate::store_error::Answer;

/// The exchange log. A facet of the books.
pub trait Exchanges: Send + Sync {
    /// Adds a line to the exchange log with the next batch; not waited for, and dropped if too many
    /// wait.
    fn record(&self, record: ExchangeRecord);

    /// One exchange by its number, with its answer half if that is there.
    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Answer<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>>;
}
