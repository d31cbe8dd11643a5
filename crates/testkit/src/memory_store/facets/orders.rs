//! Orders and their refunds: the one commit in which the core decides, and what a payment reads.

use futures::future::BoxFuture;
use heliu_ports::store::{Commit, CommitError, Committed, OrderKey, Orders, RefundKey};
use heliu_ports::store_error::Answer;
use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;

use super::super::MemoryStore;

impl Orders for MemoryStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        if let Some(watch) = self.watch.clone() {
            return Box::pin(async move { self.commit_watched(commit, &*watch).await });
        }
        let result = self.lock().commit(commit);
        self.tell(result.as_ref().ok());
        Box::pin(async move { result.map_err(CommitError::Rejected) })
    }

    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Answer<'_, Option<(Order, Vec<Attempt>)>> {
        self.answer(|books| books.find_order(merchant, &key))
    }

    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Answer<'_, Option<(OrderNo, Refund)>> {
        self.answer(|books| books.find_refund(merchant, &key))
    }

    fn refunds_of_order(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Vec<Refund>> {
        self.answer(|books| books.refunds_of_order(merchant, order_no))
    }

    fn is_issued_code(&self, content: String) -> Answer<'_, bool> {
        self.answer(|books| books.is_issued_code(&content))
    }

    fn high_water_second(&self) -> Answer<'_, u64> {
        self.answer(|books| books.high_water_second)
    }
}
