//! Sends a refund, then asks until it ends. A refund of unknown outcome keeps its amount reserved
//! and is repeated under the same number, which has no second effect at the channel.

use heliu_ports::channel::ChannelRefund;
use heliu_ports::store::RefundKey;
use heliu_trade::attempt::Attempt;
use heliu_trade::followup::job::Job;
use heliu_trade::id::{MerchantId, OrderNo, RefundNo};
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{DeclineKind, RefundResult, Unknown};

use crate::Inner;
use crate::common::accounts::Errand;
use crate::common::handler::{Unfinished, order_of};
use crate::payments::jobs::ask::place;

/// What a channel says of one try of a refund.
pub(crate) struct RefundNews {
    order_no: OrderNo,
    refund_no: RefundNo,
    retry_count: u32,
    result: RefundResult,
}

impl RefundNews {
    /// The same, but a refusal proves nothing if an earlier send `may_be_under_way`.
    fn doubted_if(mut self, may_be_under_way: bool) -> Self {
        if let RefundResult::Failed(decline) = &self.result
            && may_be_under_way
            && decline.kind != DeclineKind::Closed
        {
            let why = format!(
                "refused after a send whose end is unknown: {}",
                decline.reason
            );
            self.result = RefundResult::Unknown(Unknown::because(why));
        }
        self
    }

    /// Whether the refund has an end by it.
    pub(crate) fn is_end(&self) -> bool {
        matches!(
            self.result,
            RefundResult::Succeeded(_) | RefundResult::Failed(_)
        )
    }
}

/// What may be done to learn how a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// It is only asked about, if it was sent.
    Query,
    /// It is sent if it was not, or if the channel does not know how it stands.
    QueryOrSend,
}

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let number = RefundNo::from_u64(job.key.about);
    let (merchant_id, _) = order_of(job)?;
    let found = inner
        .store
        .find_refund(merchant_id, RefundKey::Platform(number))
        .await?;
    let under_way = found.filter(|(_, refund)| refund.state == RefundState::Refunding);
    let Some((order_no, refund)) = under_way else {
        return Ok(());
    };
    let (order, attempts) = inner.load_order(merchant_id, order_no).await?;
    let _place = match paying(&order, &attempts) {
        Some(attempt) => Some(place(inner, attempt, Errand::Settle).await?),
        None => None,
    };
    let asking = Asking::QueryOrSend;
    match ask(inner, merchant_id, &order, &attempts, &refund, asking).await? {
        Some(news) => {
            // Whoever had the job before died or could not commit, perhaps after sending.
            record(inner, merchant_id, news.doubted_if(job.tries > 1)).await
        }
        None => Ok(()),
    }
}

/// Calls the channel about a refund that has not ended; `None` if there is nothing to say.
pub(crate) async fn ask(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempts: &[Attempt],
    refund: &Refund,
    asking: Asking,
) -> Result<Option<RefundNews>, Unfinished> {
    let said = |result| {
        Ok(Some(RefundNews {
            order_no: order.order_no,
            refund_no: refund.refund_no,
            retry_count: refund.details.retry_count,
            result,
        }))
    };
    let Some(attempt) = paying(order, attempts) else {
        return said(RefundResult::Unknown(Unknown::because(
            "the payment's attempt is missing",
        )));
    };
    let connection = inner.connect(merchant_id, order, attempt).await?;
    let (channel, line, view) = (connection.channel(), &connection.line, connection.view());
    let refund_no = refund.upstream_no();
    let upstream = ChannelRefund {
        refund_no: &refund_no,
        refund_fen: refund.amounts.payable_fen,
        reason: &refund.details.reason,
    };
    let answer = match refund.sent_at {
        Some(_) => Some(channel.query_refund(line, &view, &upstream).await),
        None => None,
    };
    match (answer, asking) {
        (Some(RefundResult::Unknown(_)) | None, Asking::QueryOrSend) => {
            said(channel.refund(line, &view, &upstream).await)
        }
        (Some(result), _) => said(result),
        (None, Asking::Query) => Ok(None),
    }
}

/// The attempt that paid the order.
fn paying<'a>(order: &Order, attempts: &'a [Attempt]) -> Option<&'a Attempt> {
    let paid_by = order.payment.as_ref().map(|payment| payment.attempt_no);
    attempts
        .iter()
        .find(|attempt| Some(attempt.attempt_no) == paid_by)
}

/// Commits what the channel says. Not to be cut short, so that no answer is lost.
pub(crate) async fn record(
    inner: &Inner,
    merchant_id: &MerchantId,
    news: RefundNews,
) -> Result<(), Unfinished> {
    let action = Action::RecordRefund {
        retry_count: news.retry_count,
        result: news.result,
        notification_no: inner.mint_notification_no(),
    };
    let target = Target::Refund(news.order_no, news.refund_no);
    inner.commit(merchant_id, target, action, None).await?;
    Ok(())
}
