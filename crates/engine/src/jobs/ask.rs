//! Asking a channel about an attempt, for jobs and for queries.

use heliu_ports::store::{CommitError, Committed, StoreError};
use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::order::Order;
use heliu_trade::verdict::Verdict;

use crate::Inner;

impl Inner {
    /// What the channel says of an attempt.
    pub(crate) async fn ask(
        &self,
        merchant_id: &MerchantId,
        order: &Order,
        attempt: &Attempt,
    ) -> Result<Verdict, StoreError> {
        let connection = self.connect(merchant_id, order, attempt).await?;
        let channel = connection.channel();
        Ok(channel.query(&connection.line, &connection.view()).await)
    }

    /// Asks and commits the answer.
    pub(crate) async fn ask_and_record(
        &self,
        merchant_id: &MerchantId,
        order: &Order,
        attempt: &Attempt,
    ) -> Result<Committed, CommitError> {
        let verdict = self.ask(merchant_id, order, attempt).await?;
        let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
        self.commit_verdict(merchant_id, order_no, attempt_no, verdict, self.now())
            .await
    }

    /// An order and the attempt that a job is about.
    pub(super) async fn load_attempt(
        &self,
        job: &heliu_trade::job::Job,
    ) -> Result<(Order, Attempt), StoreError> {
        let (order, attempts) = self
            .load_order(&job.key.merchant_id, job.key.order_no)
            .await?;
        let attempt = attempts
            .into_iter()
            .find(|attempt| attempt.attempt_no.as_u64() == job.key.subject)
            .ok_or_else(|| StoreError(format!("attempt {} is missing", job.key.subject)))?;
        Ok((order, attempt))
    }
}
