//! What a shown code is charged with, paper or face: the repeat, the payer's decision, the true
//! failures.

use super::asked::{Asked, Stop, refuse};
use crate::book::{Book, Order, Scene, State};
use crate::codes::{self, Effect};
use crate::conduct::Conduct;
use crate::payer;
use crate::upstreams::wechat::rules;
use crate::upstreams::wechat::wire::{Fields, paid_fields};
use crate::upstreams::wechat::words::V2;
use crate::upstreams::wechat::{ID, WAYS};

/// The order that micropay and facepay describe alike (channels.md 1.15, 1.21).
pub(super) fn read(book: &Book<'_>, asked: &Asked, scene: Scene) -> Result<Order, Stop> {
    let sub_mch_id = asked.required("sub_mch_id", 32)?;
    let mut order = rules::new_order(book, asked.number()?, sub_mch_id, V2, scene);
    order.subject = asked.required("body", 128)?.to_owned();
    order.total_fen = asked.amount_fen("total_fee")?;
    let address = asked.required("spbill_create_ip", 64)?;
    if address.parse::<std::net::IpAddr>().is_err() {
        return refuse("PARAM_ERROR", "spbill_create_ip 格式错误");
    }
    order.goods = asked.goods()?;
    asked.one_of("version", &["1.0"])?;
    asked.one_of("limit_pay", &["no_credit"])?;
    asked.one_of("receipt", &["Y"])?;
    asked.one_of("profit_sharing", &["Y", "N"])?;
    asked.one_of("deposit", &["Y", "N"])?;
    order.attach = asked.optional("attach", 127)?.map(str::to_owned);
    order.device = asked.optional("device_info", 32)?.map(str::to_owned);
    order.goods_tag = asked.optional("goods_tag", 32)?.map(str::to_owned);
    order.sub_app_id = asked.get("sub_appid").map(str::to_owned);
    order.sign_type.clone_from(&asked.sign_type);
    order.expires_ms = asked.expires_ms(book.now_ms)?;
    order.content = asked.content();
    Ok(order)
}

/// What a repeat of a known number gets; `None` if the number is new.
pub(super) fn repeated(book: &Book<'_>, wanted: &Order) -> Result<Option<Fields>, Stop> {
    // A request that got lost (97) never existed for the channel: whatever comes next is the first.
    let known = book.order(ID, "", &wanted.number)?;
    let Some(known) = known.filter(|known| known.state != State::Lost) else {
        return Ok(None);
    };
    if known.tombstone {
        return refuse("ORDERREVERSED", "订单已撤销");
    }
    if known.scene != wanted.scene || known.content != wanted.content {
        return refuse("OUT_TRADE_NO_USED", "商户订单号重复，参数与首次请求不一致");
    }
    present(&known).map(Some)
}

/// The same number with the same content answers with the order's present state.
fn present(order: &Order) -> Result<Fields, Stop> {
    match order.state {
        State::Paid => Ok(paid_fields(order)),
        State::UserPaying | State::NotPay | State::Unscanned | State::Lost => user_paying(),
        State::Revoked => refuse("ORDERREVERSED", "订单已撤销"),
        State::Closed => refuse("ORDERCLOSED", "订单已关闭"),
        State::PayError => refuse_payment(order.failure.as_deref().unwrap_or("PAYERROR")),
    }
}

fn user_paying() -> Result<Fields, Stop> {
    refuse("USERPAYING", "需要用户输入支付密码")
}

fn refuse_payment(code: &str) -> Result<Fields, Stop> {
    match code {
        "NOTENOUGH" => refuse("NOTENOUGH", "余额不足"),
        "AUTHCODEEXPIRE" => refuse("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试"),
        // The payer declined earlier; PAYERROR is a trade_state, the call itself says TRADE_ERROR.
        _ => refuse("TRADE_ERROR", "支付失败，请重新下单支付"),
    }
}

/// Charges a code that nobody has charged yet.
pub(super) fn charge(
    book: &mut Book<'_>,
    mut order: Order,
    code: &str,
    conduct: &mut Conduct,
) -> Result<Fields, Stop> {
    let plan = codes::plan(book, code)?;
    order.discount_fen = plan.discount_fen(order.total_fen);
    match plan.effect {
        Effect::Pays | Effect::PaysWithDiscount => payer::pay(book, &WAYS, &mut order)?,
        Effect::WrongSignatureButPaid => {
            payer::pay(book, &WAYS, &mut order)?;
            conduct.wrong_signature = true;
        }
        Effect::SilentButPaid => {
            payer::pay(book, &WAYS, &mut order)?;
            conduct.silent = true;
        }
        Effect::SystemErrorButPaid => {
            payer::pay(book, &WAYS, &mut order)?;
            return refuse("SYSTEMERROR", "系统超时");
        }
        Effect::SilentAndLost => {
            order.state = State::Lost;
            book.save(&order)?;
            conduct.silent = true;
        }
        Effect::ConfirmsLater | Effect::NeverConfirms | Effect::DeclinesLater => {
            payer::ask(book, &mut order, &plan)?;
            return user_paying();
        }
        Effect::NotEnoughMoney | Effect::CodeExpired => {
            let failure = if plan.effect == Effect::CodeExpired {
                "AUTHCODEEXPIRE"
            } else {
                "NOTENOUGH"
            };
            payer::decline(book, &mut order, failure)?;
            return refuse_payment(failure);
        }
    }
    Ok(paid_fields(&order))
}
