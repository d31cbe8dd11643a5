//! The notification 预下单结果通知 and its acknowledgement. Source: Chaoying v2.5.3, section 4.10;
//! ruling 36 for repeats.

use bytes::Bytes;
use heliu_ports::dialect::Notice;
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::order::Order;
use heliu_trade::time::Zone;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::WalletKind;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::lexical::trimmed;
use crate::payment::{attribute_of, line, promotion_detail};

use super::members::Members;
use super::sign::{self, FORM, NameOrder, SIGN};
use super::trade::order as told;
use super::{NONCE_LENGTH, attribute, codes};

/// What the description's platform leaves as it is; a space, which is then written `+`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'*')
    .remove(b'(')
    .remove(b')')
    .remove(b' ');

/// Renders a delivery: that of the first one, for ever, since nonce and signature are frozen.
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
    let members = members(notice);
    let spec = sign::spec(members.pairs(), NameOrder::Ascii);
    let place = Box::new(move |hash: String| request(Bytes::from(form(&members, &hash))));
    Outgoing::Sign { spec, place }
}

fn members(notice: Notice<'_>) -> Members {
    let order = notice.order;
    let mut members = Members::default();
    members
        .text("state", codes::SUCCESS)
        .text("result_code", codes::SUCCESS)
        .text("pay_result", "0")
        .text("mch_id", order.app_id.as_str())
        .optional("device_info", order.details.terms.terminal_id.as_deref())
        .text("out_trade_no", &order.merchant_order_no)
        .text("transaction_id", order.order_no.to_string())
        .text("fee_type", codes::CURRENCY)
        // The order's amount, which the merchant compares with its own.
        .amount("total_fee", order.charge_fen)
        .text("trade_type", trade_type(order))
        .text("nonce_str", (notice.nonce)(NONCE_LENGTH));
    let Some(payment) = &order.payment else {
        return members;
    };
    let evidence = &payment.evidence;
    members
        .text("out_transaction_id", &evidence.channel_order_no)
        .text("time_end", evidence.paid_at.compact(&Zone::BEIJING))
        .mandatory("bank_type", told::bank(order, evidence));
    if order.wallet == Some(WalletKind::Alipay) {
        alipay(&mut members, order, evidence);
    } else {
        told::coupon(&mut members, evidence);
        if let Some(notes) = evidence.notes.as_deref() {
            members
                .optional("sub_appid", notes.sub_app_id.as_deref())
                .optional("sub_openid", notes.sub_payer_id.as_deref());
        }
        members.optional("promotion_detail", promotion_detail(evidence));
        told::provider_numbers(&mut members, order, line(order, notice.attempts));
    }
    members
}

fn alipay(members: &mut Members, order: &Order, evidence: &Evidence) {
    let notes = evidence.notes.as_deref();
    let invoice = notes.and_then(|notes| notes.invoice_fen);
    told::alipay_payer(members, evidence);
    members
        .optional("invoice_amount", invoice.map(|fen| fen.to_string()))
        .optional("fund_bill_list", told::fund_bills(evidence))
        .text("gmt_create", order.created_at.compact(&Zone::BEIJING));
}

/// `pay.weixin.native` and its like.
fn trade_type(order: &Order) -> String {
    let wallet = match order.wallet {
        Some(WalletKind::Alipay) => "alipay",
        _ => "weixin",
    };
    let kind = attribute_of(order, attribute::TRADE_TYPE).unwrap_or("NATIVE");
    format!("pay.{wallet}.{}", kind.to_ascii_lowercase())
}

/// Sorted by name, the signature among them.
fn form(members: &Members, hash: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = members.pairs().chain([(SIGN, hash)]).collect();
    pairs.sort_unstable();
    let mut form = String::with_capacity(1024);
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        escape(value, &mut form);
    }
    form
}

/// Percent escapes with digits in lower case, as the sample has them.
fn escape(value: &str, into: &mut String) {
    for piece in utf8_percent_encode(value, KEPT) {
        if piece.starts_with('%') {
            into.push_str(&piece.to_ascii_lowercase());
        } else {
            into.push_str(&piece.replace(' ', "+"));
        }
    }
}

/// Whether the merchant answered `success`: HTTP 200; white space and a byte order mark around the
/// word do not count.
pub(super) fn acknowledges(answer: &WireResponse) -> bool {
    let text = std::str::from_utf8(&answer.body).unwrap_or_default();
    answer.status == 200 && trimmed(text) == "success"
}
