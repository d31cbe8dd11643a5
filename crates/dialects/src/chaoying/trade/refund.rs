//! `refund`, 交易退款: `transaction_id` wins; amounts are of the payable. Source: Chaoying v2.5.3,
//! section 4.5.

//! Split of cash and coupon: ruling 6.

use heliu_trade::command::{Command, RefundCommand, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;

use super::super::attribute;
use super::super::codes::{self, Status};
use super::super::fields::{Fields, LABEL_MAX, order_reference};
use super::super::interface::{Call, Interface};
use super::super::members::Members;
use super::{PATH, order as facts};

pub(super) const INTERFACE: Interface = Interface {
    path: PATH,
    method: Some("refund"),
    is_trade: true,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused,
    fields: &[(ErrorCode::InvalidAmount, "refund_fee")],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    fields.has_wallet()?;
    let order = order_reference([fields.by_platform_number(), fields.by_merchant_number()])?;
    Ok(Command::Refund(RefundCommand {
        order,
        merchant_refund_no: fields.new_refund_number()?.to_owned(),
        order_amount_minor: Some(fields.amount("total_fee")?),
        amount_minor: fields.amount("refund_fee")?,
        notify_url: None,
        reason: String::new(),
        attributes: fields.attributes(&[(attribute::OP_USER_ID, LABEL_MAX)])?,
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Refund { order, refund, .. } = reply else {
        return None;
    };
    let status = codes::refunded(refund);
    let mut members = Members::opened(&status);
    if status.state == codes::SUCCESS {
        taken(&mut members, order, refund, call.nonce());
    }
    Some(members)
}

fn refused(error: &TradeError) -> Option<Status> {
    let sentence = match error.code {
        ErrorCode::Declined => codes::with_reason("退款失败", error.reason.as_deref()),
        code if codes::is_conflict(code) => "订单状态不允许退款".to_owned(),
        _ => return None,
    };
    Some(Status::failed("20008", sentence))
}

/// The members of a refund that was taken.
fn taken(members: &mut Members, order: &Order, refund: &Refund, nonce: String) {
    facts::order_numbers(members, order, false);
    members
        .text("out_refund_no", &refund.merchant_refund_no)
        .text("refund_id", refund.refund_no.to_string())
        .text("refund_channel", codes::ORIGINAL)
        .amount("base_fee", order.charge_fen)
        .amount("total_fee", cash_fen(order))
        .amount("base_refund_fee", refund.amounts.payable_fen)
        .amount("refund_fee", refund.amounts.cash_fen)
        .amount("coupon_refund_fee", facts::refunded_coupon_fen(refund))
        .text("nonce_str", nonce);
}

/// What the payer paid in money.
fn cash_fen(order: &Order) -> i64 {
    let payment = order.payment.as_ref();
    payment.map_or(order.charge_fen, |payment| payment.evidence.cash_fen)
}
