//! A verified request of Alipay's gateway, and reading its members.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ID, WAYS};
use crate::book::{Book, Order, State, parse_yuan};
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

/// A refusal of one member, which says what is wrong with it.
pub(super) fn invalid<T>(name: &str, text: &str) -> Result<T, Stop> {
    refuse("ACQ.INVALID_PARAMETER", &format!("参数有误 {name} {text}"))
}

/// A verified request.
pub(super) struct Asked {
    fields: BTreeMap<String, String>,
    /// `biz_content`.
    pub(super) content: Value,
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
            Some(trade_no) => book.order_by(ID, "transaction", trade_no)?,
            None => book.order(ID, &self.seller, self.number()?)?,
        };
        let Some(mut order) = found.filter(|order| order.owner == self.seller) else {
            return Ok(None);
        };
        payer::expire_if_due(book, &WAYS, &mut order)?;
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
}
