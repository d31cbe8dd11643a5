//! Orders as people and checks look at them: whole, found by any number, one after another.

use heliu_ports::store::{OrderStory, Stories};
use heliu_ports::store_error::Answer;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::invariant::OrderBook;

use super::super::connections::{snapshot, with_client};
use super::super::{PostgresStore, read};

impl Stories for PostgresStore {
    fn search_orders(&self, number: String) -> Answer<'_, Vec<(MerchantId, OrderNo)>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::search::search_orders(client, &number))
        })
    }

    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Option<OrderStory>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                let books = snapshot(client).await?;
                read::story::order_story(&books, &merchant, order_no).await
            })
        })
    }

    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Answer<'_, Vec<OrderBook>> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                let books = snapshot(client).await?;
                read::story::order_books(&books, after.as_ref(), limit).await
            })
        })
    }

    fn journal_sum_fen(&self) -> Answer<'_, i64> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                read::story::journal_sum_fen(&snapshot(client).await?).await
            })
        })
    }
}
