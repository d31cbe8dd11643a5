//! A verified request, and reading its members: present, well-formed, in bounds.

use std::net::IpAddr;

use http::Uri;

use super::account::SER_PROV_ID;
use super::wire::Fields;
use super::words;
use super::{ID, WAYS};
use crate::book::{Book, Order, Scene, State};
use crate::clock;
use crate::error::SandboxError;
use crate::payer;

/// How far an order's time may be from now, in ms. Inferred: the real window is not published.
const ORDER_TIME_WINDOW_MS: i64 = 86_400_000;

/// Why a call ends without success.
pub(super) enum Stop {
    /// `respCode` and `respMsg`.
    Refuse(&'static str, String),
    /// The sandbox itself failed.
    Broken(SandboxError),
}

impl From<SandboxError> for Stop {
    fn from(error: SandboxError) -> Self {
        Stop::Broken(error)
    }
}

/// A refusal; the codes are those of channels.md 3.3, which 3.8 shares as far as it names them.
pub(super) fn refuse<T>(code: &'static str, text: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refuse(code, text.into()))
}

/// A verified request.
pub(super) struct Asked {
    members: Fields,
}

impl Asked {
    pub(super) fn new(members: Fields) -> Self {
        Self { members }
    }

    /// A member that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.members
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// A member that may be missing; an empty one is missing. `longest` counts characters.
    pub(super) fn optional(&self, name: &str, longest: usize) -> Result<Option<&str>, Stop> {
        match self.text(name) {
            Some(text) if text.chars().count() > longest => refuse("10", format!("{name} 过长")),
            found => Ok(found),
        }
    }

    /// A member that must be there.
    pub(super) fn required(&self, name: &str, longest: usize) -> Result<&str, Stop> {
        match self.optional(name, longest)? {
            Some(text) => Ok(text),
            None => refuse("13", format!("{name} 缺失")),
        }
    }

    /// The merchant that is acted for; the envelope has checked it.
    pub(super) fn mer_id(&self) -> &str {
        self.text("merId").unwrap_or_default()
    }

    /// An order or refund number: 8 to 40 letters and digits, as for ACP (channels.md 3.3).
    pub(super) fn number(&self, name: &str) -> Result<&str, Stop> {
        let number = self.required(name, 40)?;
        if number.len() >= 8 && number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(number)
        } else {
            refuse("10", format!("{name} 应为 8 到 40 位字母或数字"))
        }
    }

    /// An amount in fen: 1 to 12 digits without leading zero, at least 1.
    pub(super) fn amount_fen(&self, name: &str) -> Result<i64, Stop> {
        let text = self.required(name, 32)?;
        let is_plain = text.len() <= 12
            && !text.starts_with('0')
            && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(amount_fen) if is_plain => Ok(amount_fen),
            _ => refuse("33", format!("{name} 应为 1 到 12 位整数，单位分")),
        }
    }

    /// `orderType`, if it is sent, must be one of these; it must be sent where there is only one.
    /// The API takes other wallets' words as well; this contract is for UnionPay's QR only.
    pub(super) fn order_type(&self, words: &[&str]) -> Result<(), Stop> {
        match self.optional("orderType", 16)? {
            Some(word) if words.contains(&word) => Ok(()),
            None if words.len() > 1 => Ok(()),
            None => refuse("13", "orderType 缺失"),
            Some(_) => refuse("10", format!("orderType 应为 {}", words.join(" 或 "))),
        }
    }

    /// An IP address.
    pub(super) fn address(&self, name: &str) -> Result<(), Stop> {
        match self.required(name, 64)?.parse::<IpAddr>() {
            Ok(_) => Ok(()),
            Err(_) => refuse("10", format!("{name} 应为 IP 地址")),
        }
    }

    /// An absolute http or https address.
    pub(super) fn url(&self, name: &str) -> Result<Option<&str>, Stop> {
        let Some(text) = self.optional(name, 256)? else {
            return Ok(None);
        };
        let is_absolute = text.parse::<Uri>().is_ok_and(|uri| {
            uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
        });
        if is_absolute {
            Ok(Some(text))
        } else {
            refuse("10", format!("{name} 应为 http(s) 地址"))
        }
    }

    /// `yyyyMMddHHmmss` in Beijing's time.
    pub(super) fn time_ms(&self, name: &str) -> Result<Option<i64>, Stop> {
        match self.optional(name, 14)? {
            None => Ok(None),
            Some(text) => match clock::parse_compact(text) {
                Some(at_ms) => Ok(Some(at_ms)),
                None => refuse("10", format!("{name} 应为 yyyyMMddHHmmss")),
            },
        }
    }

    /// `currencyCode`: 156 or absent, which means the same (channels.md 3.8).
    pub(super) fn currency(&self) -> Result<(), Stop> {
        match self.optional("currencyCode", 3)? {
            None | Some("156") => Ok(()),
            Some(_) => refuse("10", "currencyCode 应为 156"),
        }
    }

    /// The terminal: `termId`, 8 letters or digits, and `termInfo`, a text that holds
    /// `{"ip": ...}`.
    fn terminal(&self, scene: Scene) -> Result<(), Stop> {
        let id = match scene {
            Scene::Barcode => Some(self.required("termId", 8)?),
            _ => self.optional("termId", 8)?,
        };
        if id
            .is_some_and(|id| id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            return refuse("10", "termId 应为 8 位字母或数字");
        }
        let info = self.required("termInfo", 512)?;
        let has_ip = serde_json::from_str::<serde_json::Value>(info).is_ok_and(|info| {
            info.get("ip")
                .and_then(serde_json::Value::as_str)
                .is_some_and(|ip| ip.parse::<IpAddr>().is_ok())
        });
        if has_ip {
            Ok(())
        } else {
            refuse("10", "termInfo 应为含 ip 的 JSON 文本")
        }
    }

    /// The order as the paying calls describe it.
    pub(super) fn new_order(&self, book: &Book<'_>, scene: Scene) -> Result<Order, Stop> {
        let number = self.number("orderNo")?;
        let mut order = words::new_order(self.mer_id(), number, book.now_ms);
        order.scene = scene;
        order.merchant = self.mer_id().to_owned();
        order.app_id = SER_PROV_ID.to_owned();
        order.total_fen = self.amount_fen("txnAmt")?;
        self.currency()?;
        match self.time_ms("orderTime")? {
            None => return refuse("13", "orderTime 缺失"),
            Some(at_ms) if (at_ms - book.now_ms).abs() > ORDER_TIME_WINDOW_MS => {
                return refuse("10", "orderTime 与当前时间相差超过一天");
            }
            Some(_) => {}
        }
        self.terminal(scene)?;
        order.subject = self
            .optional("orderInfo", 256)?
            .unwrap_or_default()
            .to_owned();
        order.attach = self.optional("reqReserved", 256)?.map(str::to_owned);
        order.notify_url = self.url("backUrl")?.map(str::to_owned);
        order.sign_type = "RSA".to_owned();
        order.content = self.content();
        Ok(order)
    }

    /// What a repeat must equal: everything but the signature and the time of asking.
    fn content(&self) -> String {
        let pairs: Vec<String> = self
            .members
            .iter()
            .filter(|(name, value)| {
                !["signature", "orderTime"].contains(&name.as_str()) && !value.is_empty()
            })
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }

    /// The order of that number, whose time may have come by now. A request that got lost (97)
    /// never existed.
    pub(super) fn find(&self, book: &mut Book<'_>, name: &str) -> Result<Option<Order>, Stop> {
        let number = self.number(name)?;
        let found = book.order(ID, self.mer_id(), number)?;
        let Some(mut order) = found.filter(|order| order.state != State::Lost) else {
            return Ok(None);
        };
        payer::expire_if_due(book, &WAYS, &mut order)?;
        Ok(Some(order))
    }

    /// How refunds are found: their numbers are unique within one merchant.
    pub(super) fn refund_handle(&self, number: &str) -> String {
        format!("{}/{number}", self.mer_id())
    }

    /// Whether a refund took this number: an `orderNo` names one transaction, of whatever kind.
    pub(super) fn is_refund(&self, book: &Book<'_>, number: &str) -> Result<bool, Stop> {
        let found = book.order_by(ID, "refund", &self.refund_handle(number))?;
        Ok(found.is_some())
    }
}
