//! `alipay.trade.create`: a trade for a known payer, paid with its number in the page (channels.md
//! 2.5).

use serde_json::{Value, json};

use super::account::APP_ID;
use super::asked::{Asked, Stop, refuse};
use super::pay::arm_expiry;
use super::words;
use super::{ID, WAYS};
use crate::book::{Book, Scene, State};
use crate::conduct::Conduct;
use crate::payer;
use crate::wallets::alipay::{buyer_id, masked_logon_id};

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    let mut wanted = asked.new_order(book)?;
    wanted.scene = Scene::Jsapi;
    let logon_id = asked.optional("buyer_logon_id", 100)?;
    let of_another_app = asked.optional("op_buyer_open_id", 128)?;
    let ids = [
        asked.optional("buyer_id", 28)?,
        asked.optional("buyer_open_id", 128)?,
        of_another_app,
    ];
    let mut ids = ids.into_iter().flatten();
    let buyer = match (ids.next(), ids.next(), logon_id) {
        // The id wins over the name to sign in with, which alone names somebody, too.
        (Some(buyer), None, _) => buyer.to_owned(),
        (None, None, Some(logon_id)) => buyer_id(logon_id),
        _ => {
            return refuse(
                "ACQ.INVALID_PARAMETER",
                "buyer_id、buyer_open_id 与 op_buyer_open_id 必须且只能传一个",
            );
        }
    };
    let app_id = asked.optional("op_app_id", 32)?;
    if of_another_app.is_some() && app_id.is_none_or(|app_id| app_id == APP_ID) {
        return refuse(
            "ACQ.INVALID_PARAMETER",
            "op_buyer_open_id 是 op_app_id 下的用户标识，op_app_id 应为另一应用",
        );
    }
    wanted.logon_id = logon_id.map(masked_logon_id);
    if buyer == asked.seller {
        return refuse("ACQ.BUYER_SELLER_EQUAL", "买卖家不能相同");
    }
    if asked.optional("product_code", 64)? == Some("JSAPI_PAY") {
        asked.required("op_app_id", 32)?;
    }
    wanted.openid = buyer;
    wanted.bound_to_payer = true;
    let known = book
        .order(ID, &asked.seller, &wanted.number)?
        .filter(|known| known.state != State::Lost);
    let order = match known {
        None => {
            wanted.transaction_id = words::trade_no(book)?;
            book.save(&wanted)?;
            book.add_handle(&wanted, "transaction", &wanted.transaction_id)?;
            arm_expiry(book, &wanted)?;
            wanted
        }
        Some(mut known) => {
            payer::expire_if_due(book, &WAYS, &mut known)?;
            match known.state {
                State::Paid => return refuse("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
                State::Closed | State::Revoked | State::PayError => {
                    return refuse("ACQ.TRADE_HAS_CLOSE", "交易已经关闭");
                }
                State::NotPay if known.content == wanted.content => known,
                _ => return refuse("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"),
            }
        }
    };
    Ok(json!({
        "code": "10000", "msg": "Success", "out_trade_no": order.number, "trade_no": order.transaction_id,
    }))
}
