//! Orders and their refunds: the one commit in which the core decides, and what a payment reads.

use futures::future::BoxFuture;
use heliu_ports::store::{Commit, CommitError, Committed, OrderKey, Orders, RefundKey, StoreError};
use heliu_ports::store_error::Answer;
use heliu_trade::attempt::Attempt;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::super::connections::with_client;
use super::super::fault::Fault;
use super::super::inbox::{COMMIT_LIMIT, Work};
use super::super::{PostgresStore, read, stopped};

impl Orders for PostgresStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move {
            let (reply, receiver) = oneshot::channel();
            let give_up_at = Instant::now() + COMMIT_LIMIT;
            let work = Work {
                commit,
                reply,
                give_up_at,
            };
            let written = async {
                self.shared.inbox.send(work).await?;
                let answer = receiver.await;
                answer.map_err(|_| CommitError::Store(stopped()))?
            };
            tokio::time::timeout_at(give_up_at, written)
                .await
                .unwrap_or_else(|_| {
                    // The committer hears of it only much later, if at all.
                    self.shared.condition.not_written();
                    let late = Fault::Late(COMMIT_LIMIT.as_secs());
                    Err(StoreError::from(late).into())
                })
        })
    }

    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Answer<'_, Option<(Order, Vec<Attempt>)>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::find_order(client, &merchant, &key))
        })
    }

    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Answer<'_, Option<(OrderNo, Refund)>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::find_refund(client, &merchant, &key))
        })
    }

    fn refunds_of_order(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Answer<'_, Vec<Refund>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::orders::refunds_of_order(client, &merchant, order_no))
        })
    }

    fn is_issued_code(&self, content: String) -> Answer<'_, bool> {
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::is_issued_code(client, &content))
        })
    }

    fn high_water_second(&self) -> Answer<'_, u64> {
        let node = self.node();
        Box::pin(async move {
            with_client!(self.readers, client => read::orders::high_water_second(client, node))
        })
    }
}
