//! The notifications 支付结果通知 and 退款结果通知 and their acknowledgement. Source: Leshua trade
//! services, section 5; ruling 36 for repeats.

use bytes::Bytes;
use heliu_ports::dialect::Notice;
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::refund::RefundState;
use heliu_trade::time::Zone;
use http::Method;

use crate::lexical::trimmed;
use crate::payment::line;

use super::sign::{self, ERROR_CODE, FORM};
use super::trade::call::sub_merchant_id;
use super::trade::members::{Members, SUB_MERCHANT_ID};
use super::trade::{order, refund};
use super::{NONCE_LENGTH, codes, setting};

/// What a merchant answers that heard.
const HEARD: &str = "000000";

/// Renders a delivery: that of the first one, for ever.
pub(super) fn render(notice: Notice<'_>) -> Outgoing<OutRequest> {
    let url = notice.notification.url.clone();
    let request = |body: Bytes| OutRequest {
        method: Method::POST,
        url,
        headers: vec![("Content-Type", FORM.to_owned())],
        body,
    };
    if let Some(body) = &notice.notification.body {
        return Outgoing::Plain(request(Bytes::copy_from_slice(body.as_bytes())));
    }
    let mut members = match notice.notification.kind {
        NoticeKind::OrderPaid => paid(notice),
        NoticeKind::RefundEnded => refunded(notice),
    };
    if tells_no_error(notice) {
        members.text(ERROR_CODE, codes::NO_ERROR);
    }
    members.sort();
    let spec = sign::of_notification(members.pairs());
    let place = Box::new(move |hash: String| request(Bytes::from(members.into_xml(Some(&hash)))));
    Outgoing::Sign { spec, place }
}

/// Whether the merchant wants to read of a success that there is no error: two known clients break
/// on that.
fn tells_no_error(notice: Notice<'_>) -> bool {
    let wanted = notice.app.settings.get(setting::NOTICE_ERROR_CODE);
    let is_success = match notice.notification.kind {
        NoticeKind::OrderPaid => true,
        NoticeKind::RefundEnded => {
            let refund = notice.refund;
            refund.is_some_and(|refund| refund.state == RefundState::Succeeded)
        }
    };
    is_success && wanted.is_some_and(|word| word == codes::NO_ERROR)
}

fn paid(notice: Notice<'_>) -> Members {
    let order = notice.order;
    let line = line(order, notice.attempts);
    let mut members = Members::default();
    order::numbers(&mut members, order);
    members
        .text("status", codes::PAID)
        .optional(SUB_MERCHANT_ID, sub_merchant_id(line));
    if let Some(payment) = &order.payment {
        let paid_at = payment.evidence.paid_at.compact(&Zone::BEIJING);
        order::payment(&mut members, order, &payment.evidence, paid_at);
    }
    members
}

fn refunded(notice: Notice<'_>) -> Members {
    let order = notice.order;
    let line = line(order, notice.attempts);
    let mut members = Members::default();
    members
        .text("merchant_id", order.app_id.as_str())
        .optional(SUB_MERCHANT_ID, sub_merchant_id(line))
        .text("third_order_id", &*order.merchant_order_no)
        .text("leshua_order_id", order.order_no.to_string())
        .text("nonce_str", (notice.nonce)(NONCE_LENGTH))
        .amount("total_amount", order.amount_minor);
    if let Some(refund) = notice.refund {
        refund::facts(&mut members, refund);
        refund::end(&mut members, refund);
    }
    members
}

/// Whether the merchant answered `000000`: HTTP 200; white space and a byte order mark around it do
/// not count.
pub(super) fn acknowledges(answer: &WireResponse) -> bool {
    let text = std::str::from_utf8(&answer.body).unwrap_or_default();
    answer.status == 200 && trimmed(text) == HEARD
}
