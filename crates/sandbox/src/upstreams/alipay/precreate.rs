//! `alipay.trade.precreate`: a code to be scanned; the trade exists only afterwards (channels.md
//! 2.5).

use serde_json::{Value, json};

use super::asked::{Asked, Stop, refuse};
use super::pay::arm_expiry;
use super::{ID, WAYS};
use crate::book::{Book, Scene, State};
use crate::conduct::Conduct;
use crate::crypto::random_hex;
use crate::payer;
use crate::wallets::alipay::PAGES;

/// How long a code lives at most, in ms: two hours.
const CODE_LIFE_MS: i64 = 2 * 3_600_000;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    let mut wanted = asked.new_order(book)?;
    wanted.scene = Scene::Native;
    wanted.state = State::Unscanned;
    let known = book
        .order(ID, &asked.seller, &wanted.number)?
        .filter(|known| known.state != State::Lost);
    let mut order = match known {
        None => {
            let most_ms = book.now_ms + CODE_LIFE_MS;
            wanted.expires_ms = Some(wanted.expires_ms.unwrap_or(most_ms).min(most_ms));
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
                _ if known.content != wanted.content => {
                    return refuse("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改");
                }
                _ => known,
            }
        }
    };
    if order.code.is_none() {
        let code = format!("{PAGES}bax{}", random_hex(12)?);
        book.add_handle(&order, "code", &code)?;
        order.code = Some(code);
    }
    book.save(&order)?;
    Ok(json!({
        "code": "10000", "msg": "Success", "out_trade_no": order.number, "qr_code": order.code,
    }))
}
