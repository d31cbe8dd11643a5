//! `micropay`: the payer's code is charged (channels.md 3.8). 00 paid; 02, 12 and 99 mean "query";
//! others failed.

use super::WAYS;
use super::asked::{Asked, Stop, refuse};
use super::envelope::told;
use super::wire::{self, Fields};
use super::words;
use crate::book::{Book, Order, Scene, State};
use crate::codes::{self, Effect};
use crate::conduct::Conduct;
use crate::payer;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::unionpay::{is_payment_code, user_id};

pub(super) fn work(
    book: &mut Book<'_>,
    asked: &Asked,
    conduct: &mut Conduct,
) -> Result<Fields, Stop> {
    asked.order_type(&["unionpay"])?;
    let wanted = asked.new_order(book, Scene::Barcode)?;
    let code = asked.required("authCode", 64)?;
    if asked.find(book, "orderNo")?.is_some() || asked.is_refund(book, &wanted.number)? {
        // Whatever became of it: the query tells, the repeat does not.
        return refuse("12", "交易重复，请查询");
    }
    if !is_payment_code(code) {
        return refuse("10", "authCode 应为 62 开头的 19 位数字");
    }
    charge(book, wanted, code, conduct)
}

fn charge(
    book: &mut Book<'_>,
    mut order: Order,
    code: &str,
    conduct: &mut Conduct,
) -> Result<Fields, Stop> {
    let plan = codes::plan(book, code)?;
    order.discount_fen = plan.discount_fen(order.total_fen);
    order.openid = user_id(DEFAULT_PAYER);
    if plan.effect == Effect::SilentAndLost {
        order.state = State::Lost;
        book.save(&order)?;
        conduct.silent = true;
        return Ok(Fields::new());
    }
    order.transaction_id = words::trans_index(book)?;
    book.add_handle(&order, "transaction", &order.transaction_id)?;
    match plan.effect {
        Effect::ConfirmsLater | Effect::NeverConfirms | Effect::DeclinesLater => {
            payer::ask(book, &mut order, &plan)?;
            return Ok(told(wire::order(&order), "02", "用户支付中，请查询"));
        }
        Effect::NotEnoughMoney => {
            payer::decline(book, &mut order, "64")?;
            return refuse("64", "卡上的余额不足");
        }
        // ACP's word for a card number that is no good; the code stands for one (chosen, ruling
        // 47).
        Effect::CodeExpired => {
            payer::decline(book, &mut order, "61")?;
            return refuse("61", "付款码无效或已过期");
        }
        _ => {}
    }
    payer::pay(book, &WAYS, &mut order)?;
    match plan.effect {
        Effect::WrongSignatureButPaid => conduct.wrong_signature = true,
        Effect::SilentButPaid => conduct.silent = true,
        Effect::SystemErrorButPaid => return refuse("99", "系统异常，请查询"),
        _ => {}
    }
    Ok(wire::order(&order))
}
