//! Payouts to try channels with, and the sandbox's bank, played by an implementation of its own.

use heliu_ports::channel::{Payee, PayoutOrder, SentPayout};
use heliu_ports::wire::OutRequest;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::time::Timestamp;
use serde_json::json;

use super::{NOW_MS, Reply, alipay, keys};

/// The number of every payout here.
pub(crate) const REQUEST_NO: &str = "26011500000000000001";
/// What every payout pays.
pub(crate) const AMOUNT_FEN: i64 = 8377;
/// To which card.
pub(crate) const CARD: &str = "6200000000000000018";

pub(crate) const BANK_SETTINGS: &[(&str, &str)] = &[
    ("base_url", "http://127.0.0.1:8090/payout_bank"),
    ("customer_no", "66000001"),
];
pub(crate) const FILE_SETTINGS: &[(&str, &str)] = &[("bank_name", "演示银行")];

pub(crate) fn account(channel: &str, settings: &[(&str, &str)]) -> ChannelAccount {
    ChannelAccount {
        channel_account_id: "payer".into(),
        channel_id: channel.into(),
        settings: settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

pub(crate) const fn person() -> Payee<'static> {
    Payee {
        account_no: CARD,
        holder: "测试法人",
        is_company: false,
        clearing_no: "",
        bank_name: "",
    }
}

pub(crate) const fn company() -> Payee<'static> {
    Payee {
        account_no: "755912345610701",
        holder: "演示有限公司",
        is_company: true,
        clearing_no: "308584000013",
        bank_name: "招商银行",
    }
}

pub(crate) const fn order<'a>(account: &'a ChannelAccount, payee: Payee<'a>) -> PayoutOrder<'a> {
    PayoutOrder {
        account,
        request_no: REQUEST_NO,
        amount_fen: AMOUNT_FEN,
        payee,
        remark: "20260114结算款",
    }
}

/// A payout that was sent so long ago.
pub(crate) const fn sent(account: &ChannelAccount, age_ms: i64) -> SentPayout<'_> {
    SentPayout {
        account,
        request_no: REQUEST_NO,
        amount_fen: AMOUNT_FEN,
        sent_at: Timestamp::from_ms(NOW_MS - age_ms),
    }
}

/// HMAC as the bank signs it.
pub(crate) fn bank_hmac(text: &str) -> String {
    keys::hmac_hex(keys::secret("bank_hmac"), text.as_bytes()).to_uppercase()
}

/// The bank's answer to the request that had this signature.
pub(crate) fn bank_answer(signature: &str, status: u16, body: &str) -> Reply {
    let signed = bank_hmac(&format!("{signature}\n{status}\n{body}"));
    Reply::Http(
        status,
        vec![("x-bank-signature", signed)],
        body.as_bytes().to_vec(),
    )
}

/// Says that a call pays nothing, as the channel that was sent this says it.
pub(crate) fn refused(channel: &str, request: &OutRequest) -> Reply {
    match channel {
        "alipay_isv" => alipay::business("alipay.fund.trans.uni.transfer", "CARD_BIN_ERROR"),
        "sandbox_bank" => {
            let body = json!({"error": "MALFORMED", "message": "holder is too long"});
            bank_answer(signature(request), 400, &body.to_string())
        }
        other => panic!("nobody knows how {other} refuses"),
    }
}

/// Says that a number is not known, as the channel that was asked this says it.
pub(crate) fn absent(channel: &str, request: &OutRequest) -> Reply {
    match channel {
        "alipay_isv" => alipay::business("alipay.fund.trans.common.query", "ORDER_NOT_EXIST"),
        "sandbox_bank" => {
            let body = json!({"error": "NO_SUCH_REQUEST", "request_no": REQUEST_NO});
            bank_answer(signature(request), 404, &body.to_string())
        }
        other => panic!("nobody knows how {other} says so"),
    }
}

fn signature(request: &OutRequest) -> &str {
    let mut headers = request.headers.iter();
    let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-bank-signature"));
    found.map_or("", |(_, value)| value)
}
