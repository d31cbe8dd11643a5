//! An order and its refunds as interfaces and notification tell them: who paid, how much, by which
//! numbers. Member order: published samples. Source: Chaoying v2.5.3, sections 4.3 to 4.6 and 6.

use heliu_trade::attempt::Attempt;
use heliu_trade::order::{Order, Payment};
use heliu_trade::promotion::PaymentNotes;
use heliu_trade::refund::Refund;
use heliu_trade::time::Zone;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::WalletKind;

use crate::object::{Object, array_text};
use crate::payment::{attribute_of, line, payer_at_platform, promotion_detail};

use super::super::members::Members;
use super::super::{attribute, codes};

/// The members of a paid order after the opening words; `orderquery` adds the trade type.
pub(super) fn paid(
    members: &mut Members,
    order: &Order,
    attempts: &[Attempt],
    nonce: String,
    is_query: bool,
) {
    members.text("mch_id", order.app_id.as_str());
    let Some(Payment { evidence, .. }) = &order.payment else {
        return;
    };
    let line = line(order, attempts);
    payer(members, order, line, evidence);
    members
        .text("transaction_id", order.order_no.to_string())
        .text("out_transaction_id", &evidence.channel_order_no)
        .text("out_trade_no", &order.merchant_order_no)
        .amount("base_fee", evidence.payable_fen)
        .amount("total_fee", evidence.cash_fen);
    coupon(members, evidence);
    members
        .text("fee_type", codes::CURRENCY)
        .optional("attach", attribute_of(order, attribute::ATTACH))
        .optional("bank_type", bank(order, evidence))
        .text("time_end", evidence.paid_at.compact(&Zone::BEIJING))
        .text("nonce_str", nonce);
    if is_query {
        members.mandatory("trade_type", attribute_of(order, attribute::TRADE_TYPE));
    }
    members.optional("promotion_detail", promotion_detail(evidence));
    provider_numbers(members, order, line);
    if order.wallet == Some(WalletKind::Alipay) {
        alipay_payer(members, evidence);
    }
}

/// `appid` to `sub_openid`: all of WeChat's, and empty where it does not tell them; another wallet
/// has its payer's id only.
fn payer(members: &mut Members, order: &Order, line: Option<&Attempt>, evidence: &Evidence) {
    let is_wechat = order.wallet == Some(WalletKind::Wechat);
    let none = PaymentNotes::default();
    let notes = evidence.notes.as_deref().filter(|_| is_wechat);
    let notes = notes.unwrap_or(&none);
    let is_known_at_merchant = notes.sub_app_id.is_some();
    let follows = |follows: Option<bool>, is_told: bool| {
        is_told.then(|| codes::yes_or_no(follows == Some(true)))
    };
    members
        .mandatory("appid", provider_app_id(line).filter(|_| is_wechat))
        .mandatory("is_subscribe", follows(notes.follows_provider, is_wechat))
        .mandatory("openid", payer_at_platform(order, evidence))
        .mandatory("sub_appid", notes.sub_app_id.as_deref())
        .mandatory(
            "sub_is_subscribe",
            follows(notes.follows_merchant, is_known_at_merchant),
        )
        .mandatory(
            "sub_openid",
            notes
                .sub_payer_id
                .as_deref()
                .filter(|_| is_known_at_merchant),
        );
}

/// `buyer_user_id` and `buyer_logon_id`.
pub(in super::super) fn alipay_payer(members: &mut Members, evidence: &Evidence) {
    let account = evidence
        .notes
        .as_ref()
        .and_then(|notes| notes.payer_account.as_deref());
    members
        .mandatory("buyer_user_id", evidence.payer_id.as_deref())
        .optional("buyer_logon_id", account);
}

/// `coupon_fee`, left out when nothing was taken off.
pub(in super::super) fn coupon(members: &mut Members, evidence: &Evidence) {
    if evidence.coupon_fen() > 0 {
        members.amount("coupon_fee", evidence.coupon_fen());
    }
}

/// `bank_type`.
pub(in super::super) fn bank<'a>(order: &Order, evidence: &'a Evidence) -> Option<&'a str> {
    let notes = evidence.notes.as_ref();
    codes::bank(
        order.wallet,
        evidence.funding,
        notes.and_then(|notes| notes.bank.as_deref()),
    )
}

/// `fund_bill_list`: a JSON text, amounts in yuan.
pub(in super::super) fn fund_bills(evidence: &Evidence) -> Option<String> {
    let bills = &evidence.notes.as_ref()?.fund_bills;
    if bills.is_empty() {
        return None;
    }
    Some(array_text(bills.iter().map(|bill| {
        let mut object = Object::new();
        object
            .text("amount", &heliu_trade::money::yuan_text(bill.amount_fen))
            .text("fundChannel", &bill.source);
        object
    })))
}

/// `wx_mch_id` and `wx_sub_mch_id`, WeChat's only.
pub(in super::super) fn provider_numbers(
    members: &mut Members,
    order: &Order,
    line: Option<&Attempt>,
) {
    if order.wallet != Some(WalletKind::Wechat) {
        return;
    }
    let Some(Attempt { route, .. }) = line else {
        return;
    };
    members
        .optional("wx_mch_id", route.provider_merchant_no.as_deref())
        .text("wx_sub_mch_id", &route.sub_merchant_id);
}

pub(super) fn provider_app_id(line: Option<&Attempt>) -> Option<&str> {
    line.and_then(|attempt| attempt.route.provider_app_id.as_deref())
}

/// The order's numbers; a query prints them in another order, after the merchant's number.
pub(super) fn order_numbers(members: &mut Members, order: &Order, is_query: bool) {
    let channel_order_no = order
        .payment
        .as_ref()
        .map(|payment| payment.evidence.channel_order_no.as_str());
    if !is_query {
        members
            .text("mch_id", order.app_id.as_str())
            .text("out_trade_no", &order.merchant_order_no);
    }
    members
        .text("transaction_id", order.order_no.to_string())
        .mandatory("out_transaction_id", channel_order_no);
    if is_query {
        members.text("out_trade_no", &order.merchant_order_no);
    }
}

/// What of a refund the coupon bears.
pub(super) fn refunded_coupon_fen(refund: &Refund) -> i64 {
    refund.amounts.payable_fen - refund.amounts.cash_fen
}
