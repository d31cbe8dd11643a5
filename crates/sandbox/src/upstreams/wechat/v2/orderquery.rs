//! `POST /pay/orderquery` (channels.md 1.18).

use super::asked::{Asked, Stop, refuse};
use crate::book::{Book, Order, Scene};
use crate::conduct::Conduct;
use crate::payer;
use crate::upstreams::wechat::wire::{Fields, is_visible, paid_fields, state_text};
use crate::upstreams::wechat::words;
use crate::upstreams::wechat::{ID, WAYS};

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.one_of("version", &["1.0"])?;
    let found = find(book, asked)?;
    // Orders of face pay have a query of their own (ruling 41).
    show(book, found.filter(|order| order.scene != Scene::Face))
}

/// The order's present state.
pub(super) fn show(book: &mut Book<'_>, found: Option<Order>) -> Result<Fields, Stop> {
    let Some(mut order) = found else {
        return refuse("ORDERNOTEXIST", "此交易订单号不存在");
    };
    payer::expire_if_due(book, &WAYS, &mut order)?;
    let mut fields = if order.paid_ms.is_some() {
        paid_fields(&order)
    } else {
        unpaid_fields(&order)
    };
    fields.insert("trade_state".into(), words::state(&order).into());
    fields.insert("trade_state_desc".into(), state_text(&order).into());
    Ok(fields)
}

/// By transaction id or number; only within the asking sub-merchant, and only what the channel has
/// seen.
pub(super) fn find(book: &Book<'_>, asked: &Asked) -> Result<Option<Order>, Stop> {
    let found = match asked.optional("transaction_id", 32)? {
        Some(id) => book.order_by(ID, "transaction", id)?,
        None => book.order(ID, "", asked.number()?)?,
    };
    let sub_mch_id = asked.required("sub_mch_id", 32)?;
    Ok(found.filter(|order| is_visible(order) && order.merchant == sub_mch_id))
}

fn unpaid_fields(order: &Order) -> Fields {
    let mut fields = Fields::new();
    fields.insert("out_trade_no".into(), order.number.clone());
    if order.total_fen > 0 {
        fields.insert("trade_type".into(), words::trade_type(order).into());
        fields.insert("total_fee".into(), order.total_fen.to_string());
        fields.insert("fee_type".into(), "CNY".into());
    }
    if let Some(attach) = &order.attach {
        fields.insert("attach".into(), attach.clone());
    }
    if let Some(device) = &order.device {
        fields.insert("device_info".into(), device.clone());
    }
    fields
}
