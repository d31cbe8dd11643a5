//! The vectors as the file has them, and the comparison of an answer with a vector (ruling 50): names,
//! order, presence, types, codes, states and amounts are exact; numbers that only a server can know,
//! times, credit, nonces, prepay ids and hosts are free, but must have their form.

use std::collections::BTreeMap;

use super::harness::{Json, hex_md5};

pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) accept: bool,
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: String,
    pub(crate) content_type: String,
    /// Status, content type and body of the answer, where the vector fixes it.
    pub(crate) response: Option<(i64, String, String)>,
}

impl Vector {
    /// The time stamp inside the sign.
    pub(crate) fn timestamp(&self) -> &str {
        let value = self.query.split("sign=").nth(1).unwrap_or_default();
        let value = value.split('&').next().unwrap_or_default();
        value.split_once(':').map_or("", |(_, timestamp)| timestamp)
    }

    /// The last part of the path: `order`, `preOrder` ...
    pub(crate) fn interface(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// All vectors of the file.
pub(crate) fn all() -> Vec<Vector> {
    let file = Json::parse(include_str!("fufu.json")).unwrap();
    file.list().iter().map(read).collect()
}

fn read(vector: &Json) -> Vector {
    let request = vector.get("request").unwrap();
    let content_type = |message: &Json| {
        message
            .get("headers")
            .map_or("", |headers| headers.str("Content-Type"))
            .to_owned()
    };
    let response = vector.get("response");
    Vector {
        name: vector.str("name").trim_start_matches("fufu/").to_owned(),
        kind: vector.str("kind").to_owned(),
        accept: vector.str("expect") == "accept",
        key: vector.str("key").to_owned(),
        path: request.str("path").to_owned(),
        query: request.str("query").to_owned(),
        body: request.str("body").to_owned(),
        content_type: content_type(request),
        response: response.map(|response| {
            (
                response.int("status"),
                content_type(response),
                response.str("body").to_owned(),
            )
        }),
    }
}

/// Which real number stands for which number of the vectors.
#[derive(Default)]
pub(crate) struct Numbers(BTreeMap<String, String>);

impl Numbers {
    /// The real body for a vector's: the numbers that are known are put in.
    pub(crate) fn put_into(&self, body: &str) -> String {
        self.0
            .iter()
            .fold(body.to_owned(), |body, (printed, real)| {
                body.replace(&format!("\"{printed}\""), &format!("\"{real}\""))
            })
    }

    /// The same printed number stands for the same real one throughout.
    fn agree(&mut self, printed: &str, real: &str) -> bool {
        self.0
            .entry(printed.to_owned())
            .or_insert_with(|| real.to_owned())
            == real
    }

    fn real<'a>(&'a self, printed: &str) -> Option<&'a str> {
        self.0.get(printed).map(String::as_str)
    }
}

/// Compares a body with the vector's; what differs is told.
pub(crate) struct Comparison<'a> {
    pub(crate) numbers: &'a mut Numbers,
    /// The key with which the channel's paySign is made.
    pub(crate) pay_sign_key: &'a str,
    pub(crate) wrong: Vec<String>,
}

impl Comparison<'_> {
    pub(crate) fn bodies(&mut self, expected: &Json, got: &Json) {
        let (expected_names, got_names) = (names(expected), names(got));
        if expected_names != got_names {
            self.wrong
                .push(format!("members {expected_names:?}, not {got_names:?}"));
        }
        let zone = got
            .get("time_zone")
            .and_then(Json::text)
            .unwrap_or_default()
            .to_owned();
        for (name, value) in expected.members() {
            match (value, got.get(name)) {
                (Json::Object(_), Some(inner @ Json::Object(_))) => self.bodies(value, inner),
                (_, Some(real)) => self.member(name, value, real, &zone),
                (_, None) => {}
            }
        }
    }

    fn member(&mut self, name: &str, expected: &Json, got: &Json, zone: &str) {
        let (Some(printed), Some(real)) = (expected.text(), got.text()) else {
            if expected != got {
                self.wrong.push(format!("{name} is {expected}, not {got}"));
            }
            return;
        };
        let digits =
            |length| real.len() == length && real.bytes().all(|byte| byte.is_ascii_digit());
        let holds = match name {
            "trade_no" | "refund_no" => digits(16) && self.numbers.agree(printed, real),
            "begin_time" | "end_time" | "gmt_refund_time" => digits(14) && in_zone(real, zone),
            "channel_trade_no" | "phone_code" | "prePayId" => !real.is_empty(),
            "credit" => ["credit", "pcredit", "debit", "balance", "unknown"].contains(&real),
            "qr_code" => self.same_page(printed, real),
            "payInfo" => return self.pay_info(printed, real),
            _ => printed == real,
        };
        if !holds {
            self.wrong
                .push(format!("{name} is like {printed:?}, not {real:?}"));
        }
    }

    /// Host and platform number are free, all else of the address is not.
    fn same_page(&self, printed: &str, real: &str) -> bool {
        let page = |url: &str| {
            url.split_once("://")
                .and_then(|(_, rest)| rest.split_once('/'))
                .map(|(_, page)| page.to_owned())
        };
        let (Some(printed), Some(real)) = (page(printed), page(real)) else {
            return false;
        };
        let number = printed
            .split("tradeNo=")
            .nth(1)
            .and_then(|rest| rest.split('&').next());
        let number = number.unwrap_or_default();
        self.numbers
            .real(number)
            .is_some_and(|known| printed.replace(number, known) == real)
    }

    fn pay_info(&mut self, printed: &str, real: &str) {
        let (Ok(expected), Ok(got)) = (Json::parse(printed), Json::parse(real)) else {
            self.wrong.push(format!("payInfo is JSON, not {real:?}"));
            return;
        };
        if names(&expected) != names(&got) || got.to_string() != real {
            self.wrong
                .push(format!("payInfo is compact and like {printed}, not {real}"));
            return;
        }
        for fixed in ["appId", "status", "signType", "callback_url"] {
            if expected.get(fixed) != got.get(fixed) {
                self.wrong.push(format!("{fixed} of payInfo in {real}"));
            }
        }
        let stamp = got.str("timeStamp");
        if stamp.len() != 13 || !stamp.bytes().all(|byte| byte.is_ascii_digit()) {
            self.wrong
                .push(format!("timeStamp has 13 digits, not {stamp:?}"));
        }
        let package = got.str("package");
        if package
            .strip_prefix("prepay_id=")
            .is_none_or(|id| id.is_empty() || id.contains(' '))
        {
            self.wrong
                .push(format!("package names a prepay id, not {package:?}"));
        }
        let signed = format!(
            "appId={}&nonceStr={}&package={package}&signType=MD5&timeStamp={stamp}&key={}",
            got.str("appId"),
            got.str("nonceStr"),
            self.pay_sign_key
        );
        if hex_md5(signed.as_bytes()).to_uppercase() != got.str("paySign") {
            self.wrong.push(format!("paySign verifies: {real}"));
        }
    }
}

fn names(object: &Json) -> Vec<&str> {
    object
        .members()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The virtual clock starts at ten in Beijing, which is nine in Bangkok.
fn in_zone(time: &str, zone: &str) -> bool {
    let hours: &[&str] = if zone.contains("Asia/Bangkok") {
        &["09"]
    } else {
        &["10", "11", "12"]
    };
    time.starts_with("20260115") && time.get(8..10).is_some_and(|hour| hours.contains(&hour))
}
