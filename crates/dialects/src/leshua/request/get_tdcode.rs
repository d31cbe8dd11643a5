//! `get_tdcode`, 统一下单: the payer scans a code, pays inside a wallet's page or mini program, or
//! on our page. Source: Leshua trade services, sections 3.3 and 4.1.

use heliu_trade::command::{NewOrder, PayerName, Prepay, PrepayScene};
use heliu_trade::error::TradeError;
use heliu_trade::life::Life;
use heliu_trade::time::SECOND_MS;
use heliu_trade::wallet::WalletKind;

use crate::lexical::digits;
use crate::parameters::{illegal, missing};

use super::super::attribute;
use super::super::codes;
use super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};
use super::upload_authcode::new_order;

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

pub(super) fn read(fields: Fields<'_>) -> Result<Prepay, TradeError> {
    let flag = flag(fields)?;
    let wallet = wallet(fields, flag)?;
    let order = new_order(fields, wallet)?;
    let life = life(fields)?;
    let return_url = fields
        .address(attribute::JUMP_URL)?
        .filter(|_| flag == Flag::Simple);
    Ok(Prepay {
        order: NewOrder {
            return_url,
            ..order
        },
        scene: scene(fields, flag, wallet)?,
        life,
    })
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
