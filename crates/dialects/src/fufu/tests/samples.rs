//! Vectors, an independent signer, and orders as the books would hold them.

use std::sync::Arc;

use heliu_ports::dialect::{Decoded, Echo, EncodeContext, Surface as _, Undecoded};
use heliu_ports::signature::{KeyRole, Outgoing, Rendering, SignatureSpec};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;
use heliu_trade::id::{AttemptNo, OrderNo, RefundNo};
use heliu_trade::money::{ExchangeRate, RateDirection};
use heliu_trade::order::{Order, OrderDetails, OrderState, Payment, RefundTotals};
use heliu_trade::refund::{Refund, RefundDetails, RefundState};
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::{Funding, WalletKind};
use serde_json::Value;

use crate::tests::shared::{self, blank_order, paid_evidence};

use super::super::Fufu;
use super::super::trade::Trade;

pub(super) use crate::tests::shared::{at, body, md5, of_vector, request, text};

/// Addresses of the interfaces, as the document prints them.
pub(super) mod path {
    pub(crate) const ORDER: &str = "/gateway/pay/order";
    pub(crate) const PRE_ORDER: &str = "/gateway/pay/preOrder";
    pub(crate) const REFUND: &str = "/gateway/pay/refund";
    pub(crate) const QUERY: &str = "/gateway/pay/query";
    pub(crate) const CANCEL: &str = "/gateway/pay/cancel";
    pub(crate) const CLOSE: &str = "/gateway/pay/close";
    pub(crate) const REFUND_QUERY: &str = "/gateway/pay/refundQuery";
    pub(crate) const ALL: [&str; 7] =
        [ORDER, PRE_ORDER, REFUND, QUERY, CANCEL, CLOSE, REFUND_QUERY];
}

pub(super) const KEY: &str = "fufu_demo_key_0123456789abcdef01";
pub(super) const PUBLIC_URL: &str = "http://pay.example.test";
pub(super) const THAI: &str = "泰国标准时间;Asia/Bangkok;+07:00";
pub(super) const THAI_SALE: &str = "BKK-20260115-0001";
/// The test vectors as they were given.
const GOLDEN: &str = include_str!("../golden/vectors.json");

pub(super) fn vectors() -> Vec<Value> {
    shared::vectors(GOLDEN)
}

pub(super) fn vector(name: &str) -> Value {
    shared::vector(GOLDEN, &Fufu, name)
}

pub(super) fn name(vector: &Value) -> &str {
    shared::name(vector, &Fufu)
}

/// The vector's answer with our numbers, which have 16 digits, for its own, which have 20.
pub(super) fn response(vector: &Value) -> String {
    ours(text(vector, "/response/body"))
}

pub(super) fn ours(text: &str) -> String {
    text.replace("2026011510000000", "000000000000")
}

/// A body, signed as the ancestor SDK would.
pub(super) fn signed(path: &str, body: &str) -> WireRequest {
    let stripped: String = body
        .split([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
        .collect();
    let hash = md5(format!("1768442400000{KEY}{stripped}").as_bytes());
    request(path, &format!("sign={hash}:1768442400000"), body.to_owned())
}

pub(super) fn decode(request: &WireRequest) -> Decoded {
    shared::decode(&Trade, request)
}

pub(super) fn undecoded(request: &WireRequest) -> Undecoded {
    shared::undecoded(&Trade, request)
}

pub(super) fn compute(spec: &SignatureSpec, key: &str) -> String {
    assert_eq!(spec.rendering, Rendering::LowerHex);
    shared::compute(spec, &[(KeyRole::TRADE, key)])
}

pub(super) fn reading(decoded: &Decoded, key: &str) -> Option<&'static str> {
    shared::reading(decoded, |spec| compute(spec, key))
}

pub(super) fn encode(echo: &Echo, outcome: Result<&Reply, &TradeError>) -> WireResponse {
    let context = EncodeContext {
        now: at("20260115120000"),
        public_url: PUBLIC_URL,
        is_verified: true,
        can_sign: true,
        agent: None,
        contracts: &[],
        nonce: &|length| "0".repeat(length),
        page_proof: &|_, _| "a1b2".to_owned(),
    };
    match Trade.encode(echo, outcome, context) {
        Outgoing::Plain(response) => response,
        Outgoing::Sign { .. } => panic!("answers are never signed"),
    }
}

pub(super) fn route(path: &str) -> Echo {
    Echo {
        route: path.to_owned(),
        values: Vec::new(),
    }
}

pub(super) fn attributes(of: &[(&str, &str)]) -> heliu_trade::order::Attributes {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// An open CNY order of 158 fen by Alipay; change what differs.
pub(super) fn order(number: u64, merchant_order_no: &str, begin: &str) -> Order {
    let blank = blank_order("880010000000001", OrderNo::from_u64(number), at(begin));
    Order {
        merchant_order_no: merchant_order_no.to_owned(),
        wallet: Some(WalletKind::Alipay),
        amount_minor: 158,
        charge_fen: 158,
        details: Arc::new(OrderDetails {
            attributes: attributes(&[("operator_id", "oper01"), ("terminal_id", "dev01")]),
            ..OrderDetails::default()
        }),
        ..blank
    }
}

/// The same order, paid.
pub(super) fn paid(mut order: Order, end: &str, numbers: [&str; 2], funding: Funding) -> Order {
    order.state = OrderState::Paid;
    order.ended_at = Some(at(end));
    order.payment = Some(Payment {
        attempt_no: AttemptNo::from_u64(order.order_no.as_u64()),
        evidence: Arc::new(Evidence {
            payer_order_no: numbers[1].to_owned(),
            funding,
            ..paid_evidence(&order, at(end), numbers[0], order.charge_fen)
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
