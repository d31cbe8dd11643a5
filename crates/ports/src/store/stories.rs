//! Orders as people and checks look at them: whole, found by any number, one after another.

use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::invariant::OrderBook;

use crate::exchange::{ExchangeAnswer, ExchangeRequest};
use crate::store_error::Answer;

/// Everything the books hold of one order, for people.
#[derive(Debug, Clone)]
pub struct OrderStory {
    /// The order and what belongs to it.
    pub book: OrderBook,
    /// The exchanges that were about it.
    pub exchanges: Vec<(ExchangeRequest, Option<ExchangeAnswer>)>,
}

/// Orders as people and checks look at them. A facet of the books.
pub trait Stories: Send + Sync {
    /// Orders that carry this number as ours, the merchant's, the channel's or a refund's.
    fn search_orders(&self, number: String) -> Answer<'_, Vec<(MerchantId, OrderNo)>>;

    /// Everything about one order.
    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Option<OrderStory>>;

    /// The books of up to `limit` orders after `after` in key order, to walk over all of them.
    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>>;

    /// The sum of all journal lines, in fen; zero, or money was made or lost.
    fn journal_sum_fen(&self) -> Answer<'_, i64>;
}
