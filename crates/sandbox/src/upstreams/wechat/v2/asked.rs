//! A verified v2 request, reading its fields, and the refusals that reading ends in.

use crate::book::Goods;
use crate::error::SandboxError;
use crate::upstreams::wechat::wire::Fields;
use crate::upstreams::wechat::{goods, rules};

/// Why a verb ends without success.
pub(super) enum Stop {
    /// `err_code`, `err_code_des`, and further fields of the answer.
    Refuse(&'static str, String, Fields),
    /// The sandbox itself failed.
    Broken(SandboxError),
}

impl From<SandboxError> for Stop {
    fn from(error: SandboxError) -> Self {
        Stop::Broken(error)
    }
}

/// A refusal without further fields.
pub(super) fn refuse<T>(code: &'static str, text: &str) -> Result<T, Stop> {
    Err(Stop::Refuse(code, text.to_owned(), Fields::new()))
}

/// A verified request.
pub(super) struct Asked {
    fields: Fields,
    pub(super) sign_type: String,
}

impl Asked {
    pub(super) fn new(fields: Fields, sign_type: &str) -> Self {
        Self {
            fields,
            sign_type: sign_type.to_owned(),
        }
    }

    /// A field that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A field that must be there, at most `longest` characters.
    pub(super) fn required(&self, name: &'static str, longest: usize) -> Result<&str, Stop> {
        match self.optional(name, longest)? {
            Some(value) => Ok(value),
            None => refuse("LACK_PARAMS", &format!("缺少参数 {name}")),
        }
    }

    /// A field that may be missing, at most `longest` characters.
    pub(super) fn optional(
        &self,
        name: &'static str,
        longest: usize,
    ) -> Result<Option<&str>, Stop> {
        match self.get(name) {
            Some(value) if value.chars().count() > longest => {
                refuse("PARAM_ERROR", &format!("{name} 长度超过 {longest}"))
            }
            other => Ok(other),
        }
    }

    /// A positive whole number of fen.
    pub(super) fn amount_fen(&self, name: &'static str) -> Result<i64, Stop> {
        let text = self.required(name, 12)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text
            .parse::<i64>()
            .ok()
            .filter(|amount_fen| digits && *amount_fen >= 1)
        {
            Some(amount_fen) => Ok(amount_fen),
            None => refuse(
                "PARAM_ERROR",
                &format!("{name} 必须是大于 0 的整数，单位分"),
            ),
        }
    }

    /// The merchant's order number.
    pub(super) fn number(&self) -> Result<&str, Stop> {
        let number = self.required("out_trade_no", 32)?;
        if rules::is_number(number, 32) {
            Ok(number)
        } else {
            refuse("PARAM_ERROR", "out_trade_no 只能是数字、大小写字母 _-*|")
        }
    }

    /// One of a set of values, if present.
    pub(super) fn one_of(&self, name: &'static str, values: &[&str]) -> Result<(), Stop> {
        match self.get(name) {
            Some(value) if !values.contains(&value) => {
                refuse("PARAM_ERROR", &format!("{name} 取值错误"))
            }
            _ => Ok(()),
        }
    }

    /// A text that must be a JSON object, if present.
    pub(super) fn json(&self, name: &'static str, longest: usize) -> Result<(), Stop> {
        match self.optional(name, longest)? {
            Some(text)
                if !serde_json::from_str::<serde_json::Value>(text)
                    .is_ok_and(|value| value.is_object()) =>
            {
                refuse("PARAM_ERROR", &format!("{name} 不是 JSON"))
            }
            _ => Ok(()),
        }
    }

    /// The basket in `detail`, if there is one.
    pub(super) fn goods(&self) -> Result<Vec<Goods>, Stop> {
        self.json("detail", 6000)?;
        let Some(text) = self.get("detail") else {
            return Ok(Vec::new());
        };
        let detail = serde_json::from_str(text).unwrap_or_default();
        match goods::of_v2(&detail) {
            Some(goods) => Ok(goods),
            None => refuse("PARAM_ERROR", "detail 单品信息格式错误"),
        }
    }

    /// `time_start` and `time_expire`: when the order expires, in ms (channels.md 1.15: at least 1
    /// minute apart).
    pub(super) fn expires_ms(&self, now_ms: i64) -> Result<Option<i64>, Stop> {
        let read = |name: &'static str| match self.get(name) {
            None => Ok(None),
            Some(text) => match crate::clock::parse_compact(text) {
                Some(at_ms) => Ok(Some(at_ms)),
                None => refuse("PARAM_ERROR", &format!("{name} 格式应为 yyyyMMddHHmmss")),
            },
        };
        let (start_ms, expire_ms) = (read("time_start")?, read("time_expire")?);
        match (start_ms, expire_ms) {
            (Some(start_ms), Some(expire_ms)) if expire_ms - start_ms < 60_000 => {
                refuse("PARAM_ERROR", "time_expire 与 time_start 间隔至少 1 分钟")
            }
            (_, Some(expire_ms)) if expire_ms <= now_ms => {
                refuse("INVALID_REQUEST", "time_expire 已过期")
            }
            _ => Ok(expire_ms),
        }
    }

    /// The business content, for telling a repeat from another request under the same number.
    pub(super) fn content(&self) -> String {
        let mut fields = self.fields.clone();
        for name in ["sign", "nonce_str", "sign_type"] {
            fields.remove(name);
        }
        fields.retain(|_, value| !value.is_empty());
        format!("v2 {fields:?}")
    }
}
