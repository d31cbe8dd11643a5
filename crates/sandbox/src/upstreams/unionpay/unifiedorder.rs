//! `unifiedorder`, orderType upJs: an order that waits for its payer (channels.md 3.8, ruling 47).
//!
//! With `userId` only that payer can pay, in the browser of the UnionPay wallet, which opens
//! `payData`. Without one `payData` is at the same time what a QR code holds.

use super::asked::{Asked, Stop, refuse};
use super::wire::{self, Fields};
use crate::book::{Book, Order, Scene, State, Timer};
use crate::conduct::Conduct;
use crate::crypto::random_hex;
use crate::wallets::unionpay::PAGES;

/// How long an order waits for its payer unless it names an end, in ms: two hours.
const LIFE_MS: i64 = 2 * 3_600_000;
/// The latest `payTimeout`, in ms from now. Inferred.
const LONGEST_LIFE_MS: i64 = 7 * 86_400_000;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.order_type(&["upJs"])?;
    let user_id = asked.optional("userId", 64)?;
    let scene = match user_id {
        Some(_) => Scene::Jsapi,
        None => Scene::Native,
    };
    let mut wanted = asked.new_order(book, scene)?;
    if wanted.notify_url.is_none() {
        return refuse("13", "backUrl 缺失");
    }
    asked.url("frontUrl")?;
    if let Some(user_id) = user_id {
        // channels.md 3.9: "apply for the JS order with userId and customerIp".
        asked.address("customerIp")?;
        if !user_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse("10", "userId 格式错误");
        }
        wanted.openid = user_id.to_owned();
        wanted.bound_to_payer = true;
    }
    let life_ms = match asked.time_ms("payTimeout")? {
        Some(at_ms) => at_ms - book.now_ms,
        None => LIFE_MS,
    };
    if !(1..=LONGEST_LIFE_MS).contains(&life_ms) {
        return refuse("10", "payTimeout 应在七天之内且晚于当前时间");
    }
    wanted.expires_ms = Some(book.now_ms + life_ms);
    let order = match asked.find(book, "orderNo")? {
        Some(known) if known.state == State::NotPay && known.content == wanted.content => known,
        Some(_) => return refuse("12", "交易重复，请查询"),
        None if asked.is_refund(book, &wanted.number)? => {
            return refuse("12", "交易重复，请查询");
        }
        None => place(book, wanted, life_ms)?,
    };
    let mut fields = wire::order(&order);
    wire::put(&mut fields, "payData", order.code.unwrap_or_default());
    Ok(fields)
}

fn place(book: &mut Book<'_>, mut order: Order, life_ms: i64) -> Result<Order, Stop> {
    // Neither has an `&` or `?`: some clients corrupt what they draw as a code.
    let pay_data = if order.bound_to_payer {
        format!("{PAGES}qrcGtwWeb-web/js/{}", random_hex(16)?)
    } else {
        format!("{PAGES}00010001/{}", random_hex(16)?)
    };
    book.add_handle(&order, "code", &pay_data)?;
    order.code = Some(pay_data);
    book.save(&order)?;
    book.add_timer(&order, Timer::Expire, life_ms, "")?;
    Ok(order)
}
