//! The WeChat v2 upstream in memory, for the case that puts the real translator into the path:
//! reads the request's XML, answers paid, signed, without a socket.

use std::collections::BTreeMap;

use heliu_ports::BoxFuture;
use heliu_ports::transport::{CallError, CallLimits, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use md5::{Digest, Md5};

const API_V2_KEY: &str = "192006250b4c09247ec02edce69f6a2d";

/// Keys of the account. Only the v2 key is used by barcode payments.
pub(crate) fn keys() -> Vec<(&'static str, &'static str)> {
    vec![("api_v2", API_V2_KEY)]
}

/// Settings of the account.
pub(crate) fn settings() -> BTreeMap<String, String> {
    let settings = [
        ("base_url", "http://127.0.0.1/wechat"),
        ("sp_mchid", "1900000001"),
        ("sp_appid", "wx2421b1c4370ec43b"),
        ("merchant_serial_no", "00"),
        ("wechatpay_public_key_id", "PUB_KEY_ID_00"),
    ];
    settings
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

pub(crate) struct MemoryWechat;

impl Transport for MemoryWechat {
    fn call(
        &self,
        request: OutRequest,
        _limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        let answer = answer(&String::from_utf8_lossy(&request.body));
        Box::pin(std::future::ready(Ok(WireResponse::new(
            200, "text/xml", answer,
        ))))
    }

    fn check_address(&self, _url: &str) -> Result<(), String> {
        Ok(())
    }
}

/// The text of a flat XML element, plain or CDATA.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let inner = xml
        .split_once(&format!("<{name}>"))
        .and_then(|(_, rest)| rest.split_once(&format!("</{name}>")))
        .map_or("", |(text, _)| text);
    inner
        .strip_prefix("<![CDATA[")
        .and_then(|text| text.strip_suffix("]]>"))
        .unwrap_or(inner)
}

fn answer(request: &str) -> String {
    let mut fields = BTreeMap::from([
        ("return_code", "SUCCESS".to_owned()),
        ("result_code", "SUCCESS".to_owned()),
        ("trade_type", "MICROPAY".to_owned()),
        ("bank_type", "OTHERS".to_owned()),
        ("fee_type", "CNY".to_owned()),
        ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned()),
        ("is_subscribe", "N".to_owned()),
        ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS".to_owned()),
        ("time_end", "20260115100000".to_owned()),
    ]);
    for name in ["appid", "mch_id", "sub_mch_id", "out_trade_no", "total_fee"] {
        fields.insert(name, element(request, name).to_owned());
    }
    fields.insert("cash_fee", element(request, "total_fee").to_owned());
    fields.insert(
        "transaction_id",
        format!("420000{}", element(request, "out_trade_no")),
    );
    let mut text = String::new();
    for (name, value) in &fields {
        text.push_str(&format!("{name}={value}&"));
    }
    text.push_str(&format!("key={API_V2_KEY}"));
    let sign: String = Md5::digest(text)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    fields.insert("sign", sign);
    let elements: String = fields
        .iter()
        .map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>"))
        .collect();
    format!("<xml>{elements}</xml>")
}
