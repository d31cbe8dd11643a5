//! Rows of statements: what was booked on a closed day.
//!
//! A day's rows come in two parts, so that neither walks through what is not asked for: what was
//! booked about when its order was made stands in its merchant's book among the day's numbers; what
//! was booked long after it (or before, by a clock that was set back) is little, and comes for all
//! merchants at once.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::id::MerchantId;
use heliu_trade::statement::TradeRow;

use crate::lists::{Listed, Page};
use crate::store_error::Answer;

/// Rows of statements. A facet of the books.
pub trait Statements: Send + Sync {
    /// Payments, refunds and reversals of a merchant that were booked on a day near their order, by
    /// order and entry.
    fn trade_rows(
        &self,
        merchant: MerchantId,
        day: BusinessDate,
        page: Page,
    ) -> Answer<'_, Listed<TradeRow>>;

    /// Those of all merchants that were booked on a day and not near their order, by order and
    /// entry.
    fn late_trade_rows(&self, day: BusinessDate, page: Page) -> Answer<'_, Listed<TradeRow>>;
}
