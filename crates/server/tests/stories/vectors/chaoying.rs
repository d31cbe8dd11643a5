//! The second dialect: form bodies, flat answers with JSON inside some texts.

use super::{Numbers, Vector, different_names, is_digits, names, read_file, wrong_pay_info};
use crate::harness::{Json, Pairs, decoded, encoded, form_sign, pairs_of, percent_encoded, value};

/// All vectors of the file.
pub(crate) fn all() -> Vec<Vector> {
    read_file(include_str!(
        "../../../../dialects/src/chaoying/golden/vectors.json"
    ))
}

/// The merchant of the vectors; other numbers of merchants are those of newly registered ones.
const MERCHANT: &str = "f2026010100000000001";

impl Vector {
    /// The body as it stands, or with the real numbers in it and signed again.
    pub(crate) fn form_with(&self, numbers: &Numbers) -> String {
        let printed = decoded(&self.body);
        let put = |(name, value): &(String, String)| {
            let real = numbers.real(value).unwrap_or(value);
            (name.clone(), real.to_owned())
        };
        let mut real: Pairs = printed.iter().map(put).collect();
        if real == printed {
            return self.body.clone();
        }
        real.retain(|(name, _)| name != "sign");
        let sign = form_sign(&self.key, &real);
        real.push(("sign".to_owned(), sign));
        encoded(&real)
    }
}

/// Compares an answer or a notification with the vector's; what differs is told.
pub(crate) struct Comparison<'a> {
    pub(crate) numbers: &'a mut Numbers,
    /// The key with which the channel's paySign is made.
    pub(crate) pay_sign_key: &'a str,
    /// Where the platform is, for addresses that lead to it.
    pub(crate) origin: &'a str,
    /// What the client sent: that comes back as it was.
    pub(crate) sent: &'a [(String, String)],
    /// Names that the specification adds to the printed ones.
    pub(crate) added: &'a [&'a str],
    pub(crate) wrong: Vec<String>,
}

impl Comparison<'_> {
    pub(crate) fn bodies(&mut self, expected: &Json, got: &Json) {
        let members = got.members().iter();
        let without_added = members.filter(|(name, _)| !self.added.contains(&name.as_str()));
        let without_added = Json::Object(without_added.cloned().collect());
        self.wrong.extend(different_names(expected, &without_added));
        let all = pairs_of(got);
        for (name, value) in expected.members() {
            match (value.text(), got.get(name)) {
                (_, None) => {}
                (Some(printed), Some(Json::Text(real))) => self.member(name, printed, real, &all),
                (_, Some(real)) if real == value => {}
                (_, Some(real)) => self.wrong.push(format!("{name} is {value}, not {real}")),
            }
        }
    }

    fn member(&mut self, name: &str, printed: &str, real: &str, all: &Pairs) {
        let was_sent = self.sent.iter().any(|(_, value)| value == printed);
        let holds = match name {
            "transaction_id" | "refund_id" => {
                is_digits(real, 16) && self.numbers.agree(printed, real)
            }
            "mch_trade_code" => {
                let is_code = real.bytes().all(|byte| byte.is_ascii_alphanumeric());
                real.len() == 10 && is_code && self.numbers.agree(printed, real)
            }
            // Who registers again under the same name gets its number again.
            "mch_id" if printed != MERCHANT => !real.is_empty(),
            "nonce_str" => is_nonce(real),
            "time_end" | "gmt_create" => is_digits(real, 14) && is_this_morning(real),
            // Mandatory, and nobody's: empty (ruling 17).
            _ if printed.is_empty() => real.is_empty(),
            "bank_type" => is_word(real),
            "fund_bill_list" => same_bills(printed, real),
            "refund_list" => return self.refunds(printed, real),
            "partner_list" => are_partners(printed, real),
            "pay_info" if printed.contains("tradeNO") => is_trade_number(real),
            "pay_info" => {
                let wrong = wrong_pay_info(printed, real, self.pay_sign_key);
                return self.wrong.extend(wrong);
            }
            "code_url" => same_scheme(printed, real),
            "code_img_url" => {
                let code = value(all, "code_url").unwrap_or_default();
                let page = format!("{}/pay/qrcode?uuid=", self.origin);
                real == format!("{page}{}", percent_encoded(code))
            }
            "pay_url" => {
                let page = format!("{}/pay/alipay/jspay?token=", self.origin);
                real.strip_prefix(&page)
                    .is_some_and(|token| !token.is_empty())
            }
            "msg" | "sign" => !real.is_empty(),
            name if is_channels(name) && !was_sent => !real.is_empty(),
            _ => printed == real,
        };
        if !holds {
            self.wrong
                .push(format!("{name} is like {printed:?}, not {real:?}"));
        }
    }

    fn refunds(&mut self, printed: &str, real: &str) {
        let (Ok(expected), Ok(got)) = (Json::parse(printed), Json::parse(real)) else {
            self.wrong
                .push(format!("refund_list is JSON, not {real:?}"));
            return;
        };
        if got.to_string() != real || expected.list().len() != got.list().len() {
            self.wrong.push(format!(
                "refund_list is compact and like {printed}, not {real}"
            ));
            return;
        }
        for (expected, got) in expected.list().iter().zip(got.list()) {
            self.wrong.extend(different_names(expected, got));
            for (name, value) in pairs_of(expected) {
                let real = got.get(&name).and_then(Json::text).unwrap_or_default();
                let holds = match name.as_str() {
                    "refund_id" => is_digits(real, 16) && self.numbers.agree(&value, real),
                    "out_refund_id" => !real.is_empty(),
                    "refund_time" => {
                        let digits: String = real.chars().filter(char::is_ascii_digit).collect();
                        let form = real
                            .bytes()
                            .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
                        form.eq(*b"0000-00-00 00:00:00") && is_this_morning(&digits)
                    }
                    _ => value == real,
                };
                if !holds {
                    self.wrong.push(format!(
                        "{name} of refund_list is like {value:?}, not {real:?}"
                    ));
                }
            }
        }
    }
}

/// Numbers and names that a channel or its payer gives.
fn is_channels(name: &str) -> bool {
    [
        "appid",
        "sub_appid",
        "openid",
        "sub_openid",
        "channel_mch_id",
        "wx_mch_id",
        "wx_sub_mch_id",
        "out_transaction_id",
        "authinfo",
        "session_key",
        "token_id",
        "buyer_user_id",
        "buyer_logon_id",
    ]
    .contains(&name)
}

fn is_nonce(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_word(text: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    !text.is_empty() && text.bytes().all(is_of_word)
}

fn is_trade_number(pay_info: &str) -> bool {
    let Ok(info) = Json::parse(pay_info) else {
        return false;
    };
    names(&info) == ["tradeNO"] && !info.str("tradeNO").is_empty() && info.to_string() == pay_info
}

fn same_scheme(printed: &str, real: &str) -> bool {
    let scheme = |url: &str| url.split_once("://").map(|(scheme, _)| scheme.to_owned());
    scheme(printed).is_some() && scheme(printed) == scheme(real)
}

/// Amounts are exact, the purse is the payer's.
fn same_bills(printed: &str, real: &str) -> bool {
    let amounts = |text: &str| {
        let bills = Json::parse(text).ok()?;
        let amount = |bill: &Json| {
            let named =
                names(bill) == ["amount", "fundChannel"] && is_word(bill.str("fundChannel"));
            named.then(|| bill.str("amount").to_owned())
        };
        let amounts: Option<Vec<String>> = bills.list().iter().map(amount).collect();
        amounts.filter(|_| bills.to_string() == text)
    };
    amounts(printed).is_some() && amounts(printed) == amounts(real)
}

/// Which institutions, in which order, and with the same kind of number: the channel's own is free.
fn are_partners(printed: &str, text: &str) -> bool {
    let (Ok(expected), Ok(list)) = (Json::parse(printed), Json::parse(text)) else {
        return false;
    };
    let kinds = |list: &Json| -> Vec<(String, bool)> {
        let kind = |partner: &Json| {
            let has_number = !partner.str("partner_id").is_empty();
            (partner.str("pay_channel").to_owned(), has_number)
        };
        list.list().iter().map(kind).collect()
    };
    if kinds(&expected) != kinds(&list) {
        return false;
    }
    let is_partner = |partner: &Json| {
        names(partner) == ["pay_channel", "partner_id", "appid"]
            && partner
                .members()
                .iter()
                .all(|(_, value)| value.text().is_some())
            && is_word(partner.str("pay_channel"))
    };
    !list.list().is_empty() && list.list().iter().all(is_partner) && list.to_string() == text
}

/// The virtual clock starts at ten in Beijing.
fn is_this_morning(digits: &str) -> bool {
    let hours = ["2026011510", "2026011511", "2026011512"];
    hours.iter().any(|hour| digits.starts_with(hour))
}
