//! `alipay.trade.close`: unpaid trades only (channels.md 2.5).

use serde_json::{Value, json};

use super::ID;
use super::asked::{Asked, Stop, refuse};
use crate::book::{Book, State};
use crate::conduct::Conduct;
use crate::payer;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    let Some(mut order) = asked.find_visible(book)? else {
        return refuse("ACQ.TRADE_NOT_EXIST", "交易不存在");
    };
    if !matches!(order.state, State::NotPay | State::UserPaying) {
        return refuse("ACQ.REASON_TRADE_STATUS_INVALID", "交易状态不合法");
    }
    let early = book.now_ms - order.created_ms < 300_000;
    if early && book.take_fault(ID, "early_close_refused")?.is_some() {
        return refuse(
            "ACQ.REASON_TRADE_STATUS_INVALID",
            "交易刚刚创建，暂不能关闭",
        );
    }
    payer::end_unpaid(book, &mut order, State::Closed)?;
    Ok(json!({
        "code": "10000", "msg": "Success", "out_trade_no": order.number, "trade_no": order.transaction_id,
    }))
}
