//! The order that a paying method asks for.

use super::asked::{Asked, Stop, invalid, refuse};
use super::basket;
use super::words;
use crate::book::{Book, Order};
use crate::clock;

impl Asked {
    /// The order as the paying methods describe it.
    pub(super) fn new_order(&self, book: &Book<'_>) -> Result<Order, Stop> {
        let mut order = words::new_order(&self.seller, self.number()?, book.now_ms);
        order.merchant.clone_from(&self.seller);
        order.app_id = self.parameter("app_id").to_owned();
        order.total_fen = self.amount_fen("total_amount")?;
        order.subject = self.required("subject", 256)?.to_owned();
        order.body = self.optional("body", 400)?.map(str::to_owned);
        basket::check(self)?;
        self.optional("store_id", 32)?;
        self.optional("operator_id", 28)?;
        self.optional("terminal_id", 32)?;
        order.attach = self.optional("passback_params", 512)?.map(str::to_owned);
        if self
            .optional("seller_id", 28)?
            .is_some_and(|seller| seller != self.seller)
        {
            return refuse("ACQ.PARTNER_ERROR", "seller_id 与授权商户不符");
        }
        order.notify_url.clone_from(&self.notify_url);
        order.sign_type = "RSA2".to_owned();
        order.expires_ms = self.expires_ms(book.now_ms)?;
        order.content = format!("{} {}", self.parameter("method"), self.content);
        Ok(order)
    }

    /// `time_expire`, or `timeout_express` (`90m`, `2h`, `1d`, `1c` = until midnight).
    fn expires_ms(&self, now_ms: i64) -> Result<Option<i64>, Stop> {
        if let Some(text) = self.optional("time_expire", 32)? {
            return match clock::parse_spaced(text) {
                Some(at_ms) if at_ms > now_ms => Ok(Some(at_ms)),
                Some(_) => refuse(
                    "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR",
                    "当前时间已超过允许支付的时间",
                ),
                None => invalid("time_expire", "应为 yyyy-MM-dd HH:mm:ss"),
            };
        }
        let Some(text) = self.optional("timeout_express", 6)? else {
            return Ok(None);
        };
        let unit_ms = match text.chars().last() {
            Some('m') => 60_000,
            Some('h') => 3_600_000,
            Some('d') => 86_400_000,
            Some('c') if text == "1c" => {
                let day = clock::spaced(now_ms);
                let midnight =
                    clock::parse_spaced(&format!("{} 00:00:00", day.get(..10).unwrap_or_default()));
                return Ok(midnight.map(|at_ms| at_ms + 86_400_000));
            }
            _ => return invalid("timeout_express", "格式错误"),
        };
        let count = text
            .get(..text.len() - 1)
            .and_then(|digits| digits.parse::<i64>().ok());
        match count.and_then(|count| count.checked_mul(unit_ms)) {
            Some(life_ms) if (60_000..=15 * 86_400_000).contains(&life_ms) => {
                Ok(Some(now_ms + life_ms))
            }
            _ => invalid("timeout_express", "应为 1m 到 15d"),
        }
    }
}
