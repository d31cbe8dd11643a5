//! Orders as people and checks look at them: whole, found by any number, one after another.

use heliu_ports::store::{OrderStory, Stories};
use heliu_ports::store_error::Answer;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::invariant::OrderBook;

use super::super::{SqliteStore, read};

impl Stories for SqliteStore {
    fn search_orders(&self, number: String) -> Answer<'_, Vec<(MerchantId, OrderNo)>> {
        Box::pin(
            self.readers
                .read(move |books| read::search::search_orders(books, &number)),
        )
    }

    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Option<OrderStory>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::story::order_story(books, &merchant, order_no)),
        )
    }

    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>> {
        Box::pin(
            self.readers
                .read(move |books| read::story::order_books(books, after.as_ref(), limit)),
        )
    }

    fn journal_sum_fen(&self) -> Answer<'_, i64> {
        Box::pin(self.readers.read(read::story::journal_sum_fen))
    }
}
