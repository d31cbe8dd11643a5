//! `queryOrder`: respCode says whether the question was understood, `origRespCode` what became of
//! the order (channels.md 3.8).

use super::asked::{Asked, Stop, refuse};
use super::wire::{self, Fields};
use super::words;
use crate::book::{Book, Order};
use crate::conduct::Conduct;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.order_type(&["unionpay", "upJs"])?;
    asked.time_ms("orderTime")?;
    let Some(order) = asked.find(book, "orderNo")? else {
        return refuse("34", "查无此交易");
    };
    let mut fields = wire::order(&order);
    wire::put(&mut fields, "origRespCode", words::state(&order));
    wire::put(&mut fields, "origRespMsg", text_of(&order));
    Ok(fields)
}

fn text_of(order: &Order) -> &'static str {
    match (words::state(order), order.failure.as_deref()) {
        ("00", _) => "支付成功",
        ("01", _) => "转入退款",
        ("02", _) => "未支付",
        ("03", _) => "已关闭",
        ("04", _) => "已撤销",
        ("05", _) => "用户支付中",
        (_, Some("64")) => "支付失败：卡上的余额不足",
        (_, Some("61")) => "支付失败：付款码无效或已过期",
        _ => "支付失败",
    }
}
