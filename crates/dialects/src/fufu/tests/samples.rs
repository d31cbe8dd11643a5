//! Vectors, an independent signer, and orders as the books would hold them.

use std::sync::Arc;

use bytes::Bytes;
use heliu_ports::dialect::{Decoded, Dialect as _, Echo, EncodeContext, Undecoded};
use heliu_ports::signature::{Algorithm, Outgoing, Piece, Rendering, SignatureSpec};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;
use heliu_trade::id::{AppId, AttemptNo, MerchantId, OrderNo, RefundNo};
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::order::{Order, OrderDetails, OrderState, Payment, RefundTotals};
use heliu_trade::refund::{Refund, RefundDetails, RefundState};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::{Funding, Scene, WalletKind};
use md5::{Digest as _, Md5};
use serde_json::Value;

use super::super::Fufu;

pub(super) const KEY: &str = "fufu_demo_key_0123456789abcdef01";
pub(super) const PUBLIC_URL: &str = "http://pay.example.test";
pub(super) const THAI: &str = "泰国标准时间;Asia/Bangkok;+07:00";
pub(super) const THAI_SALE: &str = "BKK-20260115-0001";

/// The test vectors as they were given.
pub(super) fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../golden/vectors.json")).expect("the golden file is JSON")
}

pub(super) fn vector(name: &str) -> Value {
    let wanted = format!("fufu/{name}");
    vectors()
        .into_iter()
        .find(|vector| vector["name"] == wanted)
        .expect("a known vector")
}

pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} in {value}"))
}

/// The vector's answer with our numbers, which have 16 digits, for its own, which have 20.
pub(super) fn response(vector: &Value) -> String {
    ours(text(vector, "/response/body"))
}

pub(super) fn ours(text: &str) -> String {
    text.replace("2026011510000000", "000000000000")
}

pub(super) fn request(path: &str, query: &str, body: impl Into<Bytes>) -> WireRequest {
    WireRequest {
        method: http::Method::POST,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: http::HeaderMap::new(),
        body: body.into(),
        peer: std::net::IpAddr::from([127, 0, 0, 1]),
    }
}

/// A body, signed as the ancestor SDK would.
pub(super) fn signed(path: &str, body: &str) -> WireRequest {
    let stripped: String = body
        .split([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
        .collect();
    let hash = md5(format!("1768442400000{KEY}{stripped}").as_bytes());
    request(path, &format!("sign={hash}:1768442400000"), body.to_owned())
}

pub(super) fn of_vector(vector: &Value) -> WireRequest {
    let (path, query) = (
        text(vector, "/request/path"),
        text(vector, "/request/query"),
    );
    request(path, query, text(vector, "/request/body").to_owned())
}

pub(super) fn decode(request: &WireRequest) -> Decoded {
    Fufu.decode(request)
        .unwrap_or_else(|undecoded| panic!("{}", undecoded.error))
}

pub(super) fn undecoded(request: &WireRequest) -> Undecoded {
    match Fufu.decode(request) {
        Ok(_) => panic!("decoded"),
        Err(undecoded) => *undecoded,
    }
}

pub(super) fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What a described signature comes to, without the vault.
pub(super) fn compute(spec: &SignatureSpec, key: &str) -> String {
    assert_eq!(
        (spec.algorithm, spec.rendering),
        (Algorithm::Md5, Rendering::LowerHex)
    );
    let pieces = spec.pieces.iter().map(|piece| match piece {
        Piece::Text(bytes) => bytes.to_vec(),
        Piece::Key(_) => key.as_bytes().to_vec(),
    });
    md5(&pieces.collect::<Vec<_>>().concat())
}

/// The first reading that holds.
pub(super) fn reading(decoded: &Decoded, key: &str) -> Option<&'static str> {
    let names = decoded.readings.names();
    let presented = decoded.presented.to_ascii_lowercase();
    let holds = |index| compute(&decoded.readings.spec(index), key) == presented;
    (0..names.len())
        .find(|index| holds(*index))
        .map(|index| names[index])
}

pub(super) fn encode(echo: &Echo, outcome: Result<&Reply, &TradeError>) -> WireResponse {
    let context = EncodeContext {
        now: at("20260115120000"),
        public_url: PUBLIC_URL,
        is_verified: true,
        can_sign: true,
        agent: None,
        nonce: &|length| "0".repeat(length),
        page_proof: &|_, _| "a1b2".to_owned(),
    };
    match Fufu.encode(echo, outcome, context) {
        Outgoing::Plain(response) => response,
        Outgoing::Sign { .. } => panic!("answers are never signed"),
    }
}

pub(super) fn body(response: &WireResponse) -> &str {
    std::str::from_utf8(&response.body).expect("UTF-8")
}

pub(super) fn route(path: &str) -> Echo {
    Echo {
        route: path.to_owned(),
        values: Vec::new(),
    }
}

/// `yyyyMMddHHmmss`, Beijing time.
pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse_beijing_compact(text).expect("a wire time")
}

pub(super) fn attributes(of: &[(&str, &str)]) -> heliu_trade::order::Attributes {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// An open CNY order of 158 fen by Alipay; change what differs.
pub(super) fn order(number: u64, merchant_order_no: &str, begin: &str) -> Order {
    Order {
        merchant_id: MerchantId::from("m"),
        order_no: OrderNo::from_u64(number),
        app_id: AppId::from("880010000000001"),
        merchant_order_no: merchant_order_no.to_owned(),
        version: 1,
        scene: Scene::Barcode,
        wallet: Some(WalletKind::Alipay),
        state: OrderState::Open,
        amount_minor: 158,
        currency: Currency::CNY,
        rate: None,
        charge_fen: 158,
        payment: None,
        refunded: RefundTotals::default(),
        refunding: RefundTotals::default(),
        fee_returned_fen: 0,
        refund_count: 0,
        last_refund_failed: false,
        refund_not_before: None,
        decline: None,
        created_at: at(begin),
        expires_at: None,
        horizon_at: None,
        ended_at: None,
        entry_count: 0,
        event_count: 0,
        details: Arc::new(OrderDetails {
            attributes: attributes(&[("operator_id", "oper01"), ("terminal_id", "dev01")]),
            ..OrderDetails::default()
        }),
    }
}

/// The same order, paid.
pub(super) fn paid(mut order: Order, end: &str, numbers: [&str; 2], funding: Funding) -> Order {
    order.state = OrderState::Paid;
    order.ended_at = Some(at(end));
    order.payment = Some(Payment {
        attempt_no: AttemptNo::from_u64(order.order_no.as_u64()),
        evidence: Arc::new(Evidence {
            payable_fen: order.charge_fen,
            cash_fen: order.charge_fen,
            merchant_discount_fen: 0,
            channel_discount_fen: 0,
            channel_order_no: numbers[0].to_owned(),
            payer_order_no: numbers[1].to_owned(),
            payer_id: None,
            funding,
            paid_at: at(end),
            notes: None,
        }),
        fee_fen: 1,
    });
    order
}

/// The vectors' sale in Thailand.
pub(super) fn thai(mut order: Order) -> Order {
    order.amount_minor = 10_000;
    order.charge_fen = 2028;
    order.currency = "THB".parse().expect("a currency");
    order.rate = ExchangeRate::parse("0.2028", RateDirection::CnyPerUnit);
    order.wallet = Some(WalletKind::Wechat);
    Arc::make_mut(&mut order.details)
        .attributes
        .insert("time_zone".to_owned(), THAI.to_owned());
    order
}

/// The vectors' first order: Alipay, with `merchant_param`, paid.
pub(super) fn alipay_paid() -> Order {
    let mut order = order(1, "20260115001069125001", "20260115100000");
    let attributes = &mut Arc::make_mut(&mut order.details).attributes;
    attributes.insert("merchant_param".to_owned(), "dGFibGU9MTI=".to_owned());
    attributes.insert("store_id".to_owned(), "02016".to_owned());
    let number = "2026011522001404640200334121";
    paid(order, "20260115100004", [number, number], Funding::Balance)
}

pub(super) fn refund(
    number: u64,
    merchant_refund_no: &str,
    amounts: (i64, i64),
    begin: &str,
    end: Option<&str>,
) -> Refund {
    Refund {
        refund_no: RefundNo::from_u64(number),
        order_no: OrderNo::from_u64(1),
        merchant_refund_no: merchant_refund_no.to_owned(),
        state: if end.is_some() {
            RefundState::Succeeded
        } else {
            RefundState::Refunding
        },
        amounts: totals(amounts),
        created_at: at(begin),
        sent_at: None,
        ended_at: end.map(at),
        details: RefundDetails {
            reason: "退款".to_owned(),
            attributes: attributes(&[("operator_id", "devid1"), ("terminal_id", "terminal1")]),
            ..RefundDetails::default()
        },
    }
}

pub(super) fn totals((amount_minor, fen): (i64, i64)) -> RefundTotals {
    RefundTotals {
        amount_minor,
        payable_fen: fen,
        cash_fen: fen,
        receivable_fen: fen,
    }
}
