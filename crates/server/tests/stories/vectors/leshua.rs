//! The third dialect: form bodies, flat XML answers.

use super::{Numbers, Vector, is_digits, read_file, wrong_pay_info};
use crate::harness::Pairs;

/// All vectors of the file.
pub(crate) fn all() -> Vec<Vector> {
    read_file(include_str!(
        "../../../../dialects/src/leshua/golden/vectors.json"
    ))
}

/// Compares an answer or a notification with the vector's; what differs is told.
pub(crate) struct Comparison<'a> {
    pub(crate) numbers: &'a mut Numbers,
    /// The key with which the channel's paySign is made.
    pub(crate) pay_sign_key: &'a str,
    /// Where the platform is, for addresses that lead to it.
    pub(crate) origin: &'a str,
    pub(crate) wrong: Vec<String>,
}

impl Comparison<'_> {
    pub(crate) fn documents(&mut self, expected: &Pairs, got: &Pairs) {
        let names = |pairs: &Pairs| -> Vec<String> {
            let names = pairs.iter().map(|(name, _)| name.clone());
            names.collect()
        };
        let (printed, real) = (names(expected), names(got));
        if printed != real {
            self.wrong
                .push(format!("elements {printed:?}, not {real:?}"));
            return;
        }
        for ((name, printed), (_, real)) in expected.iter().zip(got) {
            self.element(name, printed, real);
        }
    }

    fn element(&mut self, name: &str, printed: &str, real: &str) {
        let holds = match name {
            "leshua_order_id" | "leshua_refund_id" => {
                is_digits(real, 16) && self.numbers.agree(printed, real)
            }
            "nonce_str" => {
                real.len() == 32 && real.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
            // Verified by whoever has the key.
            "sign" => is_hash_like(printed, real),
            "pay_time" | "channel_datetime" | "refund_time" => is_time_like(printed, real),
            "td_code" => real.contains("://") && !real.contains('&'),
            "jspay_info" => {
                let wrong = wrong_pay_info(printed, real, self.pay_sign_key);
                return self.wrong.extend(wrong);
            }
            "jspay_url" => real.starts_with(self.origin) && !real.contains('&'),
            "sub_merchant_id" | "openid" | "sub_openid" | "user_id" | "out_transaction_id"
            | "channel_order_id" => !real.is_empty(),
            // The payer's bank, in the channel's word.
            "bank_type" => real
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_'),
            _ => printed == real,
        };
        if !holds {
            self.wrong
                .push(format!("{name} is like {printed:?}, not {real:?}"));
        }
    }
}

/// Hexadecimal of the same case.
fn is_hash_like(printed: &str, real: &str) -> bool {
    let is_lower = printed.bytes().any(|byte| byte.is_ascii_lowercase());
    let of_case = |byte: u8| match byte {
        b'0'..=b'9' => true,
        b'a'..=b'f' => is_lower,
        b'A'..=b'F' => !is_lower,
        _ => false,
    };
    real.len() == 32 && real.bytes().all(of_case)
}

/// The same form, and the virtual morning at ten in Beijing.
fn is_time_like(printed: &str, real: &str) -> bool {
    let form = |text: &str| -> Vec<u8> {
        let form = text.bytes();
        form.map(|byte| if byte.is_ascii_digit() { b'0' } else { byte })
            .collect()
    };
    let digits: String = real.chars().filter(char::is_ascii_digit).collect();
    let hours = ["2026011510", "2026011511"];
    form(printed) == form(real) && hours.iter().any(|hour| digits.starts_with(hour))
}
