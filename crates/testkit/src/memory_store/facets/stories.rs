//! Orders as people and checks look at them: whole, found by any number, one after another.

use heliu_ports::store::{OrderStory, Stories};
use heliu_ports::store_error::Answer;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::invariant::OrderBook;

use super::super::MemoryStore;

impl Stories for MemoryStore {
    fn search_orders(&self, number: String) -> Answer<'_, Vec<(MerchantId, OrderNo)>> {
        self.answer(|books| books.search_orders(&number))
    }

    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Option<OrderStory>> {
        self.answer(|books| books.order_story(&(merchant.clone(), order_no)))
    }

    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>> {
        self.answer(|books| books.order_books(after, limit))
    }

    fn journal_sum_fen(&self) -> Answer<'_, i64> {
        self.answer(|books| books.journal_sum_fen())
    }
}
