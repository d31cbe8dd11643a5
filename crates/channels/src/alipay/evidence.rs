//! What a verified message says about an order, once it is compared with ours.
//!
//! Sources: channel notes 2.5, 2.7 and ruling 4. Amounts arrive in yuan and are kept in fen. What
//! the merchant gets is `receipt_amount`; what the payer paid is `buyer_pay_amount`.

use heliu_ports::channel::ChannelOrder;
use heliu_trade::attempt::AttemptState;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{DeclineKind, Evidence, Verdict};
use heliu_trade::wallet::Funding;
use serde_json::Value;

use super::biz::PAY;
use super::{codes, notes};
use crate::answer::{
    Doubt, decline, present, same, same_fen, same_if_present, short, unknown, waiting,
};
use crate::discount::divide;
use crate::json;
use crate::order::order_no;

/// What a trade's status says; `trade` is the node of a query or the fields of a notification.
pub(super) fn verdict(order: &ChannelOrder<'_>, trade: &Value) -> Result<Verdict, Doubt> {
    same(
        "out_trade_no",
        &order_no(order),
        json::text(trade, "out_trade_no"),
    )?;
    let status = present("trade_status", json::text(trade, "trade_status"))?;
    Ok(match status {
        "TRADE_SUCCESS" | "TRADE_FINISHED" => Verdict::Paid(paid(order, trade)?),
        "WAIT_BUYER_PAY" => waiting(order),
        "TRADE_CLOSED" => closed(order),
        other => Verdict::Unknown(unknown(format!("trade_status {}", short(other)))),
    })
}

/// TRADE_CLOSED means "timed out" or "fully refunded": an order that we saw paid stays paid, unless
/// we made it as if not paid.
fn closed(order: &ChannelOrder<'_>) -> Verdict {
    let is_reversed = order.attempt.state == AttemptState::Reversed;
    if let Some(evidence) = order.attempt.evidence.as_ref().filter(|_| !is_reversed) {
        return Verdict::Paid(evidence.as_ref().clone());
    }
    // A payment by code closes when its payer declines (ruling 16).
    Verdict::Declined(if order.attempt.route.api == PAY {
        decline("PAYMENT_FAIL", DeclineKind::Refused)
    } else {
        decline("TRADE_CLOSED", DeclineKind::Closed)
    })
}

/// The evidence in a paid trade.
pub(super) fn paid(order: &ChannelOrder<'_>, trade: &Value) -> Result<Evidence, Doubt> {
    let text = |name| json::text(trade, name);
    let yuan = |name| json::yuan(trade, name);
    same("out_trade_no", &order_no(order), text("out_trade_no"))?;
    same_fen("total_amount", order.charge_fen, yuan("total_amount"))?;
    for currency in ["trans_currency", "pay_currency", "settle_currency"] {
        same_if_present(currency, "CNY", text(currency))?;
    }
    let payable_fen = order.charge_fen;
    let vouchers = json::listed(trade, "voucher_detail_list");
    let merchant_fen = yuan("receipt_amount").map_or_else(
        || sum(&vouchers, notes::MERCHANT_SHARE),
        |got_fen| payable_fen - got_fen,
    );
    let cash_fen = yuan("buyer_pay_amount")
        .unwrap_or_else(|| payable_fen - sum(&vouchers, &["amount"]).max(merchant_fen));
    let parts = divide(payable_fen, cash_fen, merchant_fen);
    let bills = json::listed(trade, "fund_bill_list");
    let discounted = json::listed(trade, "discount_goods_detail");
    let trade_no = present("trade_no", text("trade_no"))?;
    let paid_at = text("gmt_payment")
        .or(text("send_pay_date"))
        .and_then(parse_time);
    let payer_id = text("buyer_user_id")
        .or(text("buyer_id"))
        .or(text("buyer_open_id"));
    Ok(Evidence {
        payable_fen,
        cash_fen: parts.cash_fen,
        merchant_discount_fen: parts.merchant_fen,
        channel_discount_fen: parts.channel_fen,
        channel_order_no: trade_no.to_owned(),
        payer_order_no: trade_no.to_owned(),
        payer_id: payer_id.map(str::to_owned),
        funding: codes::main_fund(&bills).map_or(Funding::Unknown, |(_, funding)| funding),
        paid_at: present("the time of payment", paid_at)?,
        notes: notes::of(order, trade, &bills, &vouchers, &discounted),
    })
}
fn sum(list: &[Value], names: &[&str]) -> i64 {
    list.iter()
        .filter_map(|one| json::yuan_of(one, names))
        .fold(0, i64::saturating_add)
}

/// `yyyy-MM-dd HH:mm:ss`, Beijing time; some members append a fraction of a second.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    Timestamp::parse_beijing_spaced(text.split_once('.').map_or(text, |(whole, _)| whole))
}
