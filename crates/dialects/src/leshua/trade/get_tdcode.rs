//! `get_tdcode`, 统一下单: the payer scans a code, pays inside a wallet's page or mini program, or
//! on our page. Source: Leshua trade services, sections 3.3 and 4.1.

use heliu_ports::dialect::EncodeContext;
use heliu_trade::attempt::Handoff;
use heliu_trade::command::{Command, NewOrder, PayerName, Prepay, PrepayScene, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::life::Life;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::time::SECOND_MS;
use heliu_trade::wallet::{Scene, WalletKind};

use crate::lexical::digits;
use crate::object::Object;
use crate::parameters::{illegal, missing};

use super::super::codes::{self, Word};
use super::super::sign::ERROR_CODE;
use super::super::{attribute, page};
use super::call::{Answer, Call};
use super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};
use super::interface::Interface;
use super::members::SUB_MERCHANT_ID;
use super::new_order;

pub(super) const INTERFACE: Interface = Interface {
    name: "get_tdcode",
    old_names: &[],
    read,
    told,
    refused,
    failed,
};

/// Digits of the longest validity, in seconds.
const EXPIRATION_DIGITS_MAX: usize = 9;

/// `jspay_flag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flag {
    /// The payer scans a code of the wallet's.
    Code,
    /// A page inside the wallet.
    Page,
    /// 简易支付: our own page.
    Simple,
    /// A mini program.
    MiniProgram,
}

/// What WeChat's page takes, in the samples' order.
const INVOCATION: [&str; 6] = [
    "appId",
    "timeStamp",
    "nonceStr",
    "package",
    "signType",
    "paySign",
];

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let flag = flag(fields)?;
    let wallet = wallet(fields, flag)?;
    let order = new_order::read(fields, wallet)?;
    let life = life(fields)?;
    let return_url = fields
        .address(attribute::JUMP_URL)?
        .filter(|_| flag == Flag::Simple);
    Ok(Command::Prepay(Prepay {
        order: NewOrder {
            return_url,
            ..order
        },
        scene: scene(fields, flag, wallet)?,
        life,
    }))
}

/// Absent in a published sample, which is of a code.
fn flag(fields: Fields<'_>) -> Result<Flag, TradeError> {
    let name = attribute::JSPAY_FLAG;
    match fields.any(name) {
        None | Some("0") => Ok(Flag::Code),
        Some("1") => Ok(Flag::Page),
        Some("2") => Ok(Flag::Simple),
        Some("3") => Ok(Flag::MiniProgram),
        Some(_) => Err(illegal(name, "jspay_flag must be 0, 1, 2 or 3")),
    }
}

/// Our own page may leave it to the payer.
fn wallet(fields: Fields<'_>, flag: Flag) -> Result<Option<WalletKind>, TradeError> {
    let name = attribute::PAY_WAY;
    let Some(pay_way) = fields.any(name) else {
        return if flag == Flag::Simple {
            Ok(None)
        } else {
            Err(missing(name))
        };
    };
    let problem = "pay_way must be WXZF, ZFBZF or UPSMZF";
    let wallet = codes::wallet(pay_way).ok_or_else(|| illegal(name, problem))?;
    Ok(Some(wallet))
}

fn scene(
    fields: Fields<'_>,
    flag: Flag,
    wallet: Option<WalletKind>,
) -> Result<PrepayScene, TradeError> {
    let Some(wallet) = wallet.filter(|_| flag != Flag::Simple) else {
        return Ok(PrepayScene::Qr { wallet });
    };
    if flag == Flag::Code {
        return Ok(PrepayScene::Native { wallet });
    }
    let payer_id = fields
        .required_identifier(attribute::SUB_OPENID, WALLET_ID_MAX)?
        .to_owned();
    let sub_app_id = fields.identifier("appid", LABEL_MAX)?.map(str::to_owned);
    match (flag, wallet) {
        (Flag::MiniProgram, WalletKind::Unionpay) => {
            let problem = "pay_way must be WXZF or ZFBZF with jspay_flag 3";
            Err(illegal(attribute::PAY_WAY, problem))
        }
        (Flag::MiniProgram, _) => Ok(PrepayScene::MiniProgram {
            wallet,
            payer_id,
            sub_app_id,
        }),
        _ => Ok(PrepayScene::Jsapi {
            wallet,
            payer: PayerName::Id(payer_id),
            sub_app_id,
        }),
    }
}

/// `order_expiration`, in seconds.
fn life(fields: Fields<'_>) -> Result<Life, TradeError> {
    let name = "order_expiration";
    let Some(text) = fields.any(name) else {
        return Ok(Life::Default);
    };
    let seconds = digits(text, EXPIRATION_DIGITS_MAX).filter(|seconds| *seconds > 0);
    let problem = "order_expiration must be a whole number of seconds";
    let seconds = seconds.ok_or_else(|| illegal(name, problem))?;
    Ok(Life::Ms(seconds * SECOND_MS))
}

/// What the payer takes.
fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let Reply::Prepaid {
        order,
        attempt,
        handoff,
    } = reply
    else {
        return None;
    };
    let Some((name, content)) = content(order, handoff.as_ref(), call.context) else {
        return Some(failed(call, codes::not_payable(order), None));
    };
    let mut members = call.frame("0");
    members
        .optional(
            SUB_MERCHANT_ID,
            call.sub_merchant_id(order, attempt.as_deref()),
        )
        .text("third_order_id", &*order.merchant_order_no)
        .text("nonce_str", call.nonce())
        .text(name, content)
        .optional("pay_way", order.wallet.and_then(codes::pay_way))
        .text("leshua_order_id", order.order_no.to_string())
        .amount("amount", order.amount_minor);
    Some(Answer::Signed(members))
}

fn refused(call: Call<'_>, error: &TradeError) -> Option<Answer> {
    let is_wallet = error.code == ErrorCode::UnsupportedWallet;
    is_wallet.then(|| failed(call, codes::BAD_PAY_WAY, error.order.as_deref()))
}

/// The published sample of a failure is of this service: it names the wallet and has the sentence
/// before the code.
fn failed(call: Call<'_>, word: Word, _order: Option<&Order>) -> Answer {
    let mut members = call.failure();
    members
        .optional("pay_way", call.echo.get(attribute::PAY_WAY))
        .text("nonce_str", call.nonce())
        .text("error_msg", word.text)
        .text(ERROR_CODE, word.code);
    Answer::Signed(members)
}

/// The element for the payer and its content; `None`: there is nothing with which anybody could
/// pay.
fn content(
    order: &Order,
    handoff: Option<&Handoff>,
    context: EncodeContext<'_>,
) -> Option<(&'static str, String)> {
    if !matches!(order.state, OrderState::Open | OrderState::Paying) {
        return None;
    }
    let content = match (order.scene, handoff) {
        (Scene::Qr, _) => {
            let proof = (context.page_proof)(&order.app_id, order.order_no);
            ("jspay_url", page::url(order, context.public_url, &proof))
        }
        (Scene::Native, Some(Handoff::CodeUrl(code) | Handoff::Redirect(code))) => {
            ("td_code", code.clone())
        }
        (Scene::Native, _) | (_, None) => return None,
        (_, Some(Handoff::Invocation(given))) => ("jspay_info", invocation(given)),
        (_, Some(Handoff::TradeNo(number))) => {
            let mut info = Object::new();
            info.text("tradeNO", number);
            ("jspay_info", info.into_text())
        }
        (_, Some(Handoff::Redirect(url) | Handoff::CodeUrl(url))) => ("jspay_info", url.clone()),
    };
    Some(content)
}

fn invocation(given: &[(String, String)]) -> String {
    let mut info = Object::new();
    for name in INVOCATION {
        let found = given.iter().find(|(member, _)| member == name);
        info.optional(name, found.map(|(_, value)| value.as_str()));
    }
    info.into_text()
}
