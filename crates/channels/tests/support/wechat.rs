//! Plays WeChat: accounts, signed XML, signed JSON, sealed notifications.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use heliu_ports::channel::Channel;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::FaceCredential;
use heliu_trade::directory::{ChannelAccount, Contract, RoutingTerms};
use heliu_trade::fee::Tariff;
use heliu_trade::wallet::{Scene, WalletKind};
use http::Method;
use serde_json::{Value, json};

use super::orders::{CHARGE_FEN, Case, NUMBER};
use super::{NOW_MS, Reply, header_map, keys};

pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("base_url", "http://127.0.0.1:8090/wechat/"),
    ("oauth_url", "http://127.0.0.1:8090/wechat"),
    ("sns_url", "http://127.0.0.1:8090/wechat"),
    ("face_url", "http://127.0.0.1:8090/wechat/"),
    ("sp_mchid", "1900000001"),
    ("sp_appid", "wx1111111111111111"),
    (
        "merchant_serial_no",
        "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
    ),
    ("wechatpay_public_key_id", "PUB_KEY_ID_0119000000012026"),
];

pub(crate) fn channel() -> Arc<dyn Channel> {
    heliu_channels::find("wechat_partner").expect("registered")
}

pub(crate) fn case(api: &str, scene: Scene) -> Case {
    Case::new("wechat_partner", SETTINGS, api, scene)
}

/// A terminal that asks for a credential: whose account, whose contract, what it states.
pub(crate) fn terminal() -> (ChannelAccount, Contract, FaceCredential) {
    let contract = Contract {
        merchant_id: "m1".into(),
        wallet: WalletKind::Wechat,
        channel_account_id: "main".into(),
        sub_merchant_id: "1900000109".to_owned(),
        sub_app_id: Some("wx2222222222222222".to_owned()),
        fee: Tariff::default(),
        routing: RoutingTerms::default(),
    };
    let request = FaceCredential {
        wallet: WalletKind::Wechat,
        shop_id: "test_store_01".to_owned(),
        shop_name: "测试门店 & 01".to_owned(),
        terminal_id: "CYW00000000000000000000".to_owned(),
        raw_data: "eNPJNgR26U88+/=".to_owned(),
    };
    (case("face", Scene::Face).account, contract, request)
}

pub(crate) type Fields = BTreeMap<String, String>;

pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Lays `pairs` over the fields; an empty value takes one away.
pub(crate) fn over(mut base: Fields, pairs: &[(&str, &str)]) -> Fields {
    for (name, value) in pairs {
        if value.is_empty() {
            base.remove(*name);
        } else {
            base.insert((*name).to_owned(), (*value).to_owned());
        }
    }
    base
}

/// The envelope of an answer with these fields.
pub(crate) fn answered(own: &[(&str, &str)]) -> Fields {
    let base = fields(&[
        ("return_code", "SUCCESS"),
        ("return_msg", "OK"),
        ("result_code", "SUCCESS"),
        ("appid", "wx1111111111111111"),
        ("mch_id", "1900000001"),
        ("sub_mch_id", "1900000109"),
        ("nonce_str", "5K8264ILTKCH16CQ"),
    ]);
    over(base, own)
}

pub(crate) fn refused(code: &str) -> Fields {
    answered(&[
        ("result_code", "FAIL"),
        ("err_code", code),
        ("err_code_des", "说明"),
    ])
}

/// The fields of a paid order.
pub(crate) fn paid(own: &[(&str, &str)]) -> Fields {
    let base = answered(&[
        ("openid", "oPayer"),
        ("is_subscribe", "N"),
        ("trade_type", "MICROPAY"),
        ("bank_type", "CMB_CREDIT"),
        ("fee_type", "CNY"),
        ("total_fee", "8888"),
        ("cash_fee", "8888"),
        ("cash_fee_type", "CNY"),
        ("transaction_id", "4200000001"),
        ("out_trade_no", NUMBER),
        ("time_end", "20260115100001"),
    ]);
    over(base, own)
}

pub(crate) fn v2_text(fields: &Fields) -> String {
    let mut text: String = fields
        .iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}&"))
        .collect();
    text.push_str("key=");
    text.push_str(keys::secret("api_v2"));
    text
}

pub(crate) fn xml(fields: &Fields) -> String {
    let inner: String = fields
        .iter()
        .map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>\n"))
        .collect();
    format!("<xml>{inner}</xml>")
}

pub(crate) fn signed_xml(mut fields: Fields) -> String {
    let sign = keys::md5_hex(v2_text(&fields).as_bytes()).to_uppercase();
    fields.insert("sign".to_owned(), sign);
    xml(&fields)
}

pub(crate) fn hmac_xml(mut fields: Fields) -> String {
    let text = v2_text(&fields);
    let sign = keys::hmac_hex(keys::secret("api_v2"), text.as_bytes()).to_uppercase();
    fields.insert("sign".to_owned(), sign);
    xml(&fields)
}

pub(crate) fn v2(fields: Fields) -> Reply {
    Reply::ok(signed_xml(fields))
}

/// Fields of a request that we sent, whose signature is checked.
pub(crate) fn sent_fields(body: &[u8]) -> Fields {
    let text = std::str::from_utf8(body).expect("UTF-8");
    let inner = text
        .strip_prefix("<xml>")
        .and_then(|rest| rest.strip_suffix("</xml>"));
    let mut rest = inner.expect("flat XML");
    let mut fields = Fields::new();
    while let Some((name, tail)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let (value, tail) = tail.split_once(&format!("</{name}>")).expect("closed");
        let value = value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&");
        fields.insert(name.to_owned(), value);
        rest = tail;
    }
    assert_eq!(rest, "", "flat XML");
    let text = v2_text(&fields);
    let sign = match fields.get("sign_type").map(String::as_str) {
        Some("HMAC-SHA256") => keys::hmac_hex(keys::secret("api_v2"), text.as_bytes()),
        None | Some("MD5") => keys::md5_hex(text.as_bytes()),
        Some(other) => panic!("no such sign_type: {other}"),
    };
    let sign = sign.to_uppercase();
    assert_eq!(fields.remove("sign"), Some(sign), "the request is signed");
    fields
}

/// Names the account's public key.
pub(crate) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000000012026";

/// The headers of a v3 message.
pub(crate) fn v3_headers(timestamp_s: i64, body: &str) -> Vec<(&'static str, String)> {
    v3_headers_by(timestamp_s, body, PUBLIC_KEY_ID, keys::theirs())
}

/// The headers of a v3 message that a pair signs under a name.
pub(crate) fn v3_headers_by(
    timestamp_s: i64,
    body: &str,
    serial: &str,
    pair: &keys::Pair,
) -> Vec<(&'static str, String)> {
    let text = format!("{timestamp_s}\nabc123\n{body}\n");
    vec![
        ("Wechatpay-Timestamp", timestamp_s.to_string()),
        ("Wechatpay-Nonce", "abc123".to_owned()),
        ("Wechatpay-Serial", serial.to_owned()),
        ("Wechatpay-Signature", pair.sign(text.as_bytes())),
        (
            "Wechatpay-Signature-Type",
            "WECHATPAY2-SHA256-RSA2048".to_owned(),
        ),
    ]
}

pub(crate) fn v3(status: u16, body: &str) -> Reply {
    Reply::Http(
        status,
        v3_headers(NOW_MS / 1000, body),
        body.as_bytes().to_vec(),
    )
}

pub(crate) fn v3_error(status: u16, code: &str) -> Reply {
    let body = json!({"code": code, "message": "说明"}).to_string();
    Reply::Http(status, Vec::new(), body.into_bytes())
}

/// A paid transaction.
pub(crate) fn transaction(state: &str) -> Value {
    json!({
        "sp_appid": "wx1111111111111111", "sp_mchid": "1900000001", "sub_mchid": "1900000109",
        "out_trade_no": NUMBER, "transaction_id": "4200000002", "trade_type": "JSAPI",
        "trade_state": state, "trade_state_desc": "", "bank_type": "ICBC_DEBIT",
        "success_time": "2026-01-15T10:00:02+08:00", "payer": {"sp_openid": "oPayer"},
        "amount": {"total": CHARGE_FEN, "payer_total": CHARGE_FEN, "currency": "CNY",
                   "payer_currency": "CNY"},
    })
}

/// A v3 event with this content, sealed.
pub(crate) fn event(kind: &str, original: &str, content: &Value) -> String {
    let sealed = keys::seal_gcm(
        keys::secret("api_v3"),
        b"abcdefghijkl",
        original.as_bytes(),
        content.to_string().as_bytes(),
    );
    json!({
        "id": "EV-1", "create_time": "2026-01-15T10:00:02+08:00",
        "resource_type": "encrypt-resource", "event_type": kind, "summary": "支付成功",
        "resource": {"original_type": original, "algorithm": "AEAD_AES_256_GCM",
                     "ciphertext": sealed, "associated_data": original, "nonce": "abcdefghijkl"},
    })
    .to_string()
}

pub(crate) fn request(headers: &[(&'static str, String)], body: &str) -> WireRequest {
    WireRequest {
        method: Method::POST,
        path: "/callback/t0ken".to_owned(),
        query: String::new(),
        headers: header_map(headers),
        body: body.as_bytes().to_vec().into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}

/// A v3 notification, signed now.
pub(crate) fn notice(body: &str) -> WireRequest {
    request(&v3_headers(NOW_MS / 1000, body), body)
}
