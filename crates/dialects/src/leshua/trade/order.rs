//! An order as barcode payment, query and notification tell it. Order of elements: the samples.
//! Source: Leshua trade services, sections 4.2, 4.3 and 5.2.

use heliu_trade::order::{Order, OrderState};
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::WalletKind;

use crate::payment::{attribute_of, payer_at_platform, promotion_detail};

use super::super::{attribute, codes};
use super::members::{Members, SUB_MERCHANT_ID};

/// An order after the frame; who paid, and how much, only while it is paid.
pub(super) fn told(
    members: &mut Members,
    order: &Order,
    sub_merchant_id: Option<&str>,
    nonce: String,
) {
    members
        .text("third_order_id", &*order.merchant_order_no)
        .text("nonce_str", nonce)
        .text("status", codes::status(order))
        .text("leshua_order_id", order.order_no.to_string())
        .amount("amount", order.amount_minor)
        .optional("pay_way", order.wallet.and_then(codes::pay_way));
    if order.state == OrderState::Paid
        && let Some(paid) = &order.payment
    {
        let paid_at = paid.evidence.paid_at.beijing_spaced();
        payment(members, order, &paid.evidence, paid_at);
    }
    members.optional(SUB_MERCHANT_ID, sub_merchant_id);
}

/// The numbers of an order as a notification has them.
pub(in super::super) fn numbers(members: &mut Members, order: &Order) {
    members
        .text("merchant_id", order.app_id.as_str())
        .text("third_order_id", &*order.merchant_order_no)
        .text("leshua_order_id", order.order_no.to_string())
        .amount("amount", order.amount_minor)
        .optional("pay_way", order.wallet.and_then(codes::pay_way));
}

/// `pay_time` to `buyer_pay_amount`. The time of payment is written in two ways (section 3.5).
pub(in super::super) fn payment(
    members: &mut Members,
    order: &Order,
    evidence: &Evidence,
    pay_time: String,
) {
    let promotions = (order.wallet == Some(WalletKind::Wechat))
        .then(|| promotion_detail(evidence))
        .flatten();
    members
        .text("pay_time", pay_time)
        .optional("bank_type", codes::bank(order.wallet, evidence))
        .optional("openid", payer_at_platform(order, evidence))
        .text("out_transaction_id", out_transaction_id(evidence))
        .optional("sub_openid", payer_at_merchant(order, evidence))
        .optional("attach", attribute_of(order, attribute::ATTACH))
        .text("trade_type", codes::trade_type(order.scene))
        .text("channel_order_id", channel_order_id(evidence))
        .text("channel_datetime", evidence.paid_at.beijing_spaced())
        .amount("coupon", evidence.channel_discount_fen)
        .amount("settlement_amount", evidence.receivable_fen())
        .amount("discount_amount", evidence.coupon_fen())
        .optional("promotion_detail", promotions)
        .amount("buyer_pay_amount", evidence.cash_fen);
}

/// The wallet's number of the payment, in answers, notices and statements.
pub(in super::super) fn out_transaction_id(evidence: &Evidence) -> &str {
    &evidence.channel_order_no
}

/// The clearing network's number of it. No network stands between the wallet and us: it is the
/// wallet's.
pub(in super::super) fn channel_order_id(evidence: &Evidence) -> &str {
    &evidence.channel_order_no
}

/// `sub_openid`: the payer under the merchant's own app at WeChat, the buyer at Alipay.
fn payer_at_merchant<'a>(order: &Order, evidence: &'a Evidence) -> Option<&'a str> {
    if order.wallet == Some(WalletKind::Alipay) {
        return evidence.payer_id.as_deref();
    }
    let notes = evidence.notes.as_deref()?;
    notes.sub_payer_id.as_deref()
}
