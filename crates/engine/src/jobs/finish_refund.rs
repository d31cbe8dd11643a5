//! Sends a refund, then asks until it ends. A refund of unknown outcome keeps its amount reserved and is
//! repeated under the same number, which has no second effect at the channel.

use heliu_ports::channel::ChannelRefund;
use heliu_ports::store::RefundKey;
use heliu_trade::id::{MerchantId, RefundNo};
use heliu_trade::job::Job;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{RefundResult, Unknown};

use super::Unfinished;
use crate::Inner;

pub(super) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let number = RefundNo::from_u64(job.key.subject);
    settle(inner, &job.key.merchant_id, number).await
}

/// One call of the channel about a refund, and what it says, committed. Also for a merchant who asks.
pub(crate) async fn settle(
    inner: &Inner,
    merchant_id: &MerchantId,
    number: RefundNo,
) -> Result<(), Unfinished> {
    let found = inner
        .store
        .find_refund(merchant_id, RefundKey::Platform(number))
        .await?;
    let Some((order_no, refund)) = found else {
        return Ok(());
    };
    let (order, attempts) = inner.load_order(merchant_id, order_no).await?;
    let paid_by = order.payment.as_ref().map(|payment| payment.attempt_no);
    let attempt = attempts
        .iter()
        .find(|attempt| Some(attempt.attempt_no) == paid_by);
    let result = match attempt {
        None => RefundResult::Unknown(Unknown {
            why: "the payment's attempt is missing".to_owned(),
        }),
        Some(attempt) => {
            let connection = inner.connect(merchant_id, &order, attempt).await?;
            let (channel, line, view) = (connection.channel(), &connection.line, connection.view());
            let refund_no = refund.upstream_no();
            let upstream = ChannelRefund {
                refund_no: &refund_no,
                refund_fen: refund.amounts.payable_fen,
                reason: &refund.details.reason,
            };
            let asked = match refund.sent_at {
                Some(_) => Some(channel.query_refund(line, &view, &upstream).await),
                None => None,
            };
            match asked {
                Some(RefundResult::Unknown(_)) | None => {
                    channel.refund(line, &view, &upstream).await
                }
                Some(result) => result,
            }
        }
    };
    let notification_no = inner.mint_notification_no();
    let action = Action::RecordRefund {
        result,
        notification_no,
    };
    let target = Target::Refund(order_no, refund.refund_no);
    inner.commit(merchant_id, target, action, None).await?;
    Ok(())
}
