//! A verified request of Alipay's gateway, and reading its members.

use std::collections::BTreeMap;

use serde_json::Value;

use super::basket;
use crate::book::{Book, Channel, Order, State, parse_yuan};
use crate::clock;
use crate::error::SandboxError;
use crate::payer;

/// The most a trade can cost: 100 000 000 yuan (channels.md 2.5).
const MOST_FEN: i64 = 10_000_000_000;

/// Why a method ends without success.
pub(super) enum Stop {
    /// `code`, `sub_code`, `sub_msg` in the method's own node.
    Refuse(&'static str, &'static str, String),
    /// The same in `error_response`: the gateway's own refusals.
    Gateway(&'static str, &'static str, &'static str),
    /// The sandbox itself failed.
    Broken(SandboxError),
}

impl From<SandboxError> for Stop {
    fn from(error: SandboxError) -> Self {
        Stop::Broken(error)
    }
}

/// A business refusal: 40004 with a sub code.
pub(super) fn refuse<T>(sub_code: &'static str, text: &str) -> Result<T, Stop> {
    Err(Stop::Refuse("40004", sub_code, text.to_owned()))
}

fn invalid<T>(name: &str, text: &str) -> Result<T, Stop> {
    refuse("ACQ.INVALID_PARAMETER", &format!("参数有误 {name} {text}"))
}

/// A verified request.
pub(super) struct Asked {
    fields: BTreeMap<String, String>,
    content: Value,
    /// Who is acted for.
    pub(super) seller: String,
    pub(super) notify_url: Option<String>,
}

impl Asked {
    pub(super) fn new(
        fields: BTreeMap<String, String>,
        content: Value,
        seller: String,
        notify_url: Option<String>,
    ) -> Self {
        Self {
            fields,
            content,
            seller,
            notify_url,
        }
    }

    /// A public parameter.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// A member of `biz_content` of any type, if it is there.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.content.get(name).filter(|value| !value.is_null())
    }

    /// A text of `biz_content` that may be missing.
    pub(super) fn optional(&self, name: &str, longest: usize) -> Result<Option<&str>, Stop> {
        match self.content.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= longest => Ok(Some(text)),
            Some(Value::String(_)) => invalid(name, "过长"),
            Some(_) => invalid(name, "应为字符串"),
        }
    }

    /// A text of `biz_content` that must be there.
    pub(super) fn required(&self, name: &str, longest: usize) -> Result<&str, Stop> {
        match self.optional(name, longest)? {
            Some(text) => Ok(text),
            None => invalid(name, "缺失"),
        }
    }

    /// An amount in yuan, as text or as a number, 0.01 to 100000000.
    pub(super) fn amount_fen(&self, name: &str) -> Result<i64, Stop> {
        let text = match self.member(name) {
            Some(Value::Number(number)) => number.to_string(),
            _ => self.required(name, 14)?.to_owned(),
        };
        match parse_yuan(&text).filter(|amount_fen| (1..=MOST_FEN).contains(amount_fen)) {
            Some(amount_fen) => Ok(amount_fen),
            None => invalid(name, "应为 0.01 到 100000000，最多两位小数"),
        }
    }

    /// The merchant's order number: letters, digits and `_`, at most 64.
    pub(super) fn number(&self) -> Result<&str, Stop> {
        let number = self.required("out_trade_no", 64)?;
        let plain = number
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain {
            Ok(number)
        } else {
            invalid("out_trade_no", "只能包含字母、数字、下划线")
        }
    }

    /// The order that is meant; `trade_no` wins over `out_trade_no` (channels.md 2.5).
    pub(super) fn find(&self, book: &mut Book<'_>) -> Result<Option<Order>, Stop> {
        let found = match self.optional("trade_no", 64)? {
            Some(trade_no) => book.order_by(Channel::Alipay, "transaction", trade_no)?,
            None => book.order(Channel::Alipay, &self.seller, self.number()?)?,
        };
        let Some(mut order) = found.filter(|order| order.owner == self.seller) else {
            return Ok(None);
        };
        payer::expire_if_due(book, &mut order)?;
        Ok(Some(order))
    }

    /// Like [`Asked::find`], without what queries do not see: lost, unscanned, tombstones.
    pub(super) fn find_visible(&self, book: &mut Book<'_>) -> Result<Option<Order>, Stop> {
        let found = self.find(book)?;
        Ok(found.filter(|order| {
            !order.tombstone
                && !order.transaction_id.is_empty()
                && !matches!(order.state, State::Lost | State::Unscanned)
        }))
    }

    /// The order as the paying methods describe it.
    pub(super) fn new_order(&self, book: &Book<'_>) -> Result<Order, Stop> {
        let mut order = Order::new(Channel::Alipay, &self.seller, self.number()?, book.now_ms);
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
