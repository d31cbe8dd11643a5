//! `alipay.trade.pay`: the payer's code is charged (channels.md 2.5).

use serde_json::Value;

use super::asked::{Asked, Stop, refuse};
use super::wire::{add_payment, basics};
use super::words;
use super::{ID, WAYS};
use crate::book::{Book, Order, State};
use crate::codes::{self, Effect};
use crate::conduct::Conduct;
use crate::payer;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::alipay::{buyer_id, is_payment_code};

pub(super) fn work(
    book: &mut Book<'_>,
    asked: &Asked,
    conduct: &mut Conduct,
) -> Result<Value, Stop> {
    match asked.required("scene", 32)? {
        "bar_code" => {}
        "security_code" => return refuse("ACQ.ACCESS_FORBIDDEN", "沙箱不支持刷脸支付"),
        _ => return refuse("ACQ.INVALID_PARAMETER", "参数有误 scene"),
    }
    let product = asked.optional("product_code", 64)?;
    if product.is_some_and(|product| product != "FACE_TO_FACE_PAYMENT") {
        return refuse("ACQ.INVALID_PARAMETER", "参数有误 product_code");
    }
    let code = asked.required("auth_code", 64)?.to_owned();
    let wanted = asked.new_order(book)?;
    if let Some(mut known) = book.order(ID, &asked.seller, &wanted.number)? {
        payer::expire_if_due(book, &WAYS, &mut known)?;
        // A request that got lost (97) never existed for the channel: whatever comes next is the
        // first.
        if known.state != State::Lost {
            return present(&known, &wanted);
        }
    }
    if !is_payment_code(&code) {
        return refuse("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，付款码无效");
    }
    charge(book, wanted, &code, conduct)
}

/// The same number again: paid, closed, waiting, or another content.
fn present(known: &Order, wanted: &Order) -> Result<Value, Stop> {
    match known.state {
        State::Paid => refuse("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
        State::PayError if known.content == wanted.content => {
            refuse_payment(known.failure.as_deref().unwrap_or_default())
        }
        State::Closed | State::Revoked | State::PayError => {
            refuse("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
        }
        _ if known.content != wanted.content => {
            refuse("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        }
        _ => Ok(Value::Object(basics(known, "10003"))),
    }
}

fn refuse_payment(failure: &str) -> Result<Value, Stop> {
    match failure {
        "BUYER_BALANCE_NOT_ENOUGH" => refuse("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足"),
        "SOUNDWAVE_PARSER_FAIL" => refuse("ACQ.SOUNDWAVE_PARSER_FAIL", "付款码解析失败或已过期"),
        _ => refuse("ACQ.PAYMENT_FAIL", "支付失败"),
    }
}

fn charge(
    book: &mut Book<'_>,
    mut order: Order,
    code: &str,
    conduct: &mut Conduct,
) -> Result<Value, Stop> {
    let plan = codes::plan(book, code)?;
    let effect = plan.effect;
    order.discount_fen = plan.discount_fen(order.total_fen);
    order.openid = buyer_id(DEFAULT_PAYER);
    if effect == Effect::SilentAndLost {
        order.state = State::Lost;
        book.save(&order)?;
        conduct.silent = true;
        return Ok(Value::Object(basics(&order, "10000")));
    }
    order.transaction_id = words::trade_no(book)?;
    book.add_handle(&order, "transaction", &order.transaction_id)?;
    match effect {
        Effect::ConfirmsLater | Effect::NeverConfirms | Effect::DeclinesLater => {
            payer::ask(book, &mut order, &plan)?;
            arm_expiry(book, &order)?;
            return Ok(Value::Object(basics(&order, "10003")));
        }
        Effect::NotEnoughMoney | Effect::CodeExpired => {
            let failure = if effect == Effect::CodeExpired {
                "SOUNDWAVE_PARSER_FAIL"
            } else {
                "BUYER_BALANCE_NOT_ENOUGH"
            };
            payer::decline(book, &mut order, failure)?;
            return refuse_payment(failure);
        }
        _ => {}
    }
    payer::pay(book, &WAYS, &mut order)?;
    match effect {
        Effect::WrongSignatureButPaid => conduct.wrong_signature = true,
        Effect::SilentButPaid => conduct.silent = true,
        Effect::SystemErrorButPaid => {
            return Err(Stop::Refuse(
                "20000",
                "aop.ACQ.SYSTEM_ERROR",
                "系统异常".to_owned(),
            ));
        }
        _ => {}
    }
    let mut node = basics(&order, "10000");
    add_payment(&mut node, &order, "gmt_payment");
    Ok(Value::Object(node))
}

/// A trade that waits is closed when its time is over.
pub(super) fn arm_expiry(book: &mut Book<'_>, order: &Order) -> Result<(), Stop> {
    if let Some(at_ms) = order.expires_ms {
        let in_ms = at_ms - book.now_ms;
        book.add_timer(order, crate::book::Timer::Expire, in_ms, "")?;
    }
    Ok(())
}
