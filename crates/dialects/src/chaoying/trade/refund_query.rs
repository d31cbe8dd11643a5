//! `refundquery`, 退款查询: `refund_id`, then `out_refund_no`; the order's numbers, which v2.5.1
//! removed, still find all its refunds. Source: Chaoying v2.5.3, section 4.6.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Command, QueryRefund, RefundReference, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

use crate::object::{Object, array_text};
use crate::parameters::missing;
use crate::payment::{line, refunded_at};

use super::super::codes::{self, Status};
use super::super::fields::{Fields, order_reference};
use super::super::interface::{Call, Interface};
use super::super::members::Members;
use super::{PATH, order as facts};

pub(super) const INTERFACE: Interface = Interface {
    path: PATH,
    method: Some("refundquery"),
    is_trade: true,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused,
    fields: &[],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    fields.has_wallet()?;
    let refund = if let Some(number) = fields.any("refund_id") {
        RefundReference::Platform(number.parse().ok())
    } else if let Some(number) = fields.any("out_refund_no") {
        RefundReference::Merchant(number.to_owned())
    } else {
        let candidates = [fields.by_merchant_number(), fields.by_platform_number()];
        let order = order_reference(candidates).map_err(|_| missing("out_refund_no"))?;
        RefundReference::OfOrder(order)
    };
    Ok(Command::QueryRefund(QueryRefund {
        refund,
        order: None,
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let (order, attempts, refunds) = match reply {
        Reply::Refund {
            order,
            refund,
            attempts,
        } => (order, attempts, vec![&**refund]),
        Reply::Refunds {
            order,
            refunds,
            attempts,
        } => (order, attempts, refunds.iter().collect()),
        _ => return None,
    };
    if refunds.is_empty() {
        return Some(Members::opened(&codes::refund_not_found()));
    }
    let mut members = Members::opened(&Status::done(true));
    found(&mut members, order, attempts, &refunds, call.nonce());
    Some(members)
}

fn refused(error: &TradeError) -> Option<Status> {
    let is_declined = error.code == ErrorCode::Declined;
    is_declined.then(|| Status::failed("20010", "退款查询失败"))
}

/// The members of a query. What was asked for sums up all that did not fail, what was really
/// refunded only what is finished (ruling 17).
fn found(
    members: &mut Members,
    order: &Order,
    attempts: &[Attempt],
    refunds: &[&Refund],
    nonce: String,
) {
    let line = line(order, attempts);
    members.text("mch_id", order.app_id.as_str());
    if order.wallet == Some(WalletKind::Wechat) {
        members.optional("appid", facts::provider_app_id(line));
    }
    facts::order_numbers(members, order, true);
    let (mut base_fen, mut cash_fen) = (0, 0);
    for refund in refunds {
        match refund.state {
            RefundState::Failed => {}
            RefundState::Refunding => base_fen += refund.amounts.payable_fen,
            RefundState::Succeeded => {
                base_fen += refund.amounts.payable_fen;
                cash_fen += refund.amounts.cash_fen;
            }
        }
    }
    let entries = refunds.iter().enumerate();
    let list = array_text(entries.map(|(index, refund)| entry(index, refund)));
    members
        .amount("base_refund_fee_summary", base_fen)
        .amount("refund_fee_summary", cash_fen)
        .text("refund_count", refunds.len().to_string())
        .text("refund_list", list)
        .text("nonce_str", nonce);
    facts::provider_numbers(members, order, line);
}

fn entry(index: usize, refund: &Refund) -> Object {
    let evidence = refund.details.evidence.as_ref();
    let at = refunded_at(refund).map(Timestamp::beijing_spaced);
    let coupon = Some(facts::refunded_coupon_fen(refund)).filter(|fen| *fen > 0);
    let coupon = coupon.map(|fen| fen.to_string());
    let mut object = Object::new();
    object
        .text("serial_no", &index.to_string())
        .text("refund_id", &refund.refund_no.to_string())
        // Empty until the channel has finished.
        .text(
            "out_refund_id",
            evidence.map_or("", |evidence| &evidence.channel_refund_no),
        )
        .text("out_refund_no", &refund.merchant_refund_no)
        .text("base_refund_fee", &refund.amounts.payable_fen.to_string())
        .text("refund_fee", &refund.amounts.cash_fen.to_string())
        .optional("coupon_refund_fee", coupon.as_deref())
        .text("refund_status", codes::refund_status(refund.state))
        .text("refund_channel", codes::ORIGINAL)
        .optional("refund_time", at.as_deref());
    object
}
