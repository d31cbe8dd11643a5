//! Orders and their refunds: the one commit in which the core decides, and what a payment reads.

use futures::future::BoxFuture;
use heliu_ports::store::{Commit, CommitError, Committed, OrderKey, Orders, RefundKey};
use heliu_ports::store_error::Answer;
use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;

use super::super::work::{Reply, Request};
use super::super::{SqliteStore, read};

impl Orders for SqliteStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(self.ask(Request::Commit(Box::new(commit)), Reply::Commit))
    }

    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Answer<'_, Option<(Order, Vec<Attempt>)>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::find_order(books, &merchant, &key)),
        )
    }

    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Answer<'_, Option<(OrderNo, Refund)>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::find_refund(books, &merchant, &key)),
        )
    }

    fn refunds_of_order(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Vec<Refund>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::refunds_of_order(books, &merchant, order_no)),
        )
    }

    fn is_issued_code(&self, content: String) -> Answer<'_, bool> {
        Box::pin(
            self.readers
                .read(move |books| read::codes::is_issued_code(books, &content)),
        )
    }

    fn high_water_second(&self) -> Answer<'_, u64> {
        let node = self.node;
        Box::pin(
            self.readers
                .read(move |books| read::orders::high_water_second(books, node)),
        )
    }
}
