//! The first dialect: JSON bodies, and answers compared at any depth.

use super::{Numbers, Vector, different_names, is_digits, read_file, wrong_pay_info};
use crate::harness::Json;

/// All vectors of the file.
pub(crate) fn all() -> Vec<Vector> {
    read_file(include_str!(
        "../../../../dialects/src/fufu/golden/vectors.json"
    ))
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

impl Numbers {
    /// The real body for a vector's: the numbers that are known are put in.
    pub(crate) fn put_into(&self, body: &str) -> String {
        self.put_between(body, "\"", "\"")
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
        self.wrong.extend(different_names(expected, got));
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
        let holds = match name {
            "trade_no" | "refund_no" => is_digits(real, 16) && self.numbers.agree(printed, real),
            "begin_time" | "end_time" | "gmt_refund_time" => {
                is_digits(real, 14) && in_zone(real, zone)
            }
            "channel_trade_no" | "phone_code" | "prePayId" => !real.is_empty(),
            "credit" => ["credit", "pcredit", "debit", "balance", "unknown"].contains(&real),
            "qr_code" => self.same_page(printed, real),
            "payInfo" => {
                let wrong = wrong_pay_info(printed, real, self.pay_sign_key);
                return self.wrong.extend(wrong);
            }
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
