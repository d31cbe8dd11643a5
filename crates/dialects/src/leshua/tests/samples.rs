//! Vectors, an independent signer and reader, and orders as the books would hold them.

use std::sync::Arc;

use bytes::Bytes;
use heliu_ports::dialect::{Decoded, Echo, EncodeContext, Surface as _, Undecoded};
use heliu_ports::signature::{KeyRole, Outgoing, SignatureSpec};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::command::{Command, NewOrder, PrepayScene, Reply};
use heliu_trade::directory::Contract;
use heliu_trade::error::TradeError;
use heliu_trade::id::{AttemptNo, OrderNo, RefundNo};
use heliu_trade::order::{Order, OrderState, Payment, RefundTotals};
use heliu_trade::promotion::PaymentNotes;
use heliu_trade::refund::{Refund, RefundDetails, RefundState};
use heliu_trade::verdict::{Evidence, RefundEvidence};
use heliu_trade::wallet::{Scene, WalletKind};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use crate::tests::shared::{self, asked_order, blank_order, paid_evidence};

use super::super::Leshua;
use super::super::trade::Trade;

pub(super) use crate::tests::shared::{at, body, md5, of_vector, owned, text};

pub(super) const TRADE_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(super) const NOTIFY_KEY: &str = "00112233445566778899aabbccddeeff";
pub(super) const MERCHANT: &str = "9605000011";
pub(super) const PUBLIC_URL: &str = "https://pay.example.test";
pub(super) const GATEWAY: &str = "/cgi-bin/lepos_pay_gateway.cgi";
/// The vectors' merchant at Alipay.
pub(super) const ALIPAY_NUMBER: &str = "2088000000000009";
/// The nonce of every printed answer.
pub(super) const NONCE: &str = "kqzrmvtybhsnxcjwpdlgfaeuoiqkzrmv";
/// The test vectors as they were given.
const GOLDEN: &str = include_str!("../golden/vectors.json");

pub(super) fn vectors() -> Vec<Value> {
    shared::vectors(GOLDEN)
}

pub(super) fn vector(name: &str) -> Value {
    shared::vector(GOLDEN, &Leshua, name)
}

pub(super) fn name(vector: &Value) -> &str {
    shared::name(vector, &Leshua)
}

pub(super) fn request(query: &str, body: impl Into<Bytes>) -> WireRequest {
    shared::request(GATEWAY, query, body)
}

pub(super) type Pairs<'a> = [(&'a str, &'a str)];

/// A request of these parameters, encoded, and signed as the description says; `merchant_id` and
/// `nonce_str` are added.
pub(super) fn signed(pairs: &Pairs<'_>) -> WireRequest {
    let common = [("merchant_id", MERCHANT), ("nonce_str", "n")];
    let added = common
        .iter()
        .filter(|(name, _)| pairs.iter().all(|(given, _)| given != name));
    let all: Vec<(&str, &str)> = added.chain(pairs).copied().collect();
    let sign = md5(sign_input(all.iter().copied(), TRADE_KEY).as_bytes());
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(all)
        .append_pair("sign", &sign)
        .finish();
    request("", body)
}

/// The description's rule, written a second time.
pub(super) fn sign_input<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, key: &str) -> String {
    let mut pairs: Vec<_> = pairs
        .filter(|(name, value)| !matches!(*name, "sign" | "resp_code") && !value.is_empty())
        .collect();
    pairs.sort_by(|one, other| one.0.cmp(other.0));
    let joined: String = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}&"))
        .collect();
    format!("{joined}key={key}")
}

/// What a description comes to under the vectors' keys.
pub(super) fn compute(spec: &SignatureSpec, trade_key: &str) -> String {
    let keys = [(KeyRole::TRADE, trade_key), (KeyRole::NOTIFY, NOTIFY_KEY)];
    shared::compute(spec, &keys)
}

pub(super) fn reading(decoded: &Decoded, key: &str) -> Option<&'static str> {
    shared::reading(decoded, |spec| compute(spec, key))
}

pub(super) fn decode(request: &WireRequest) -> Decoded {
    shared::decode(&Trade, request)
}

pub(super) fn undecoded(request: &WireRequest) -> Undecoded {
    shared::undecoded(&Trade, request)
}

/// What a vector asks for, by the reading under which it holds.
pub(super) fn command(vector_name: &str) -> Command {
    let request = of_vector(&vector(vector_name));
    let decoded = decode(&request);
    let reading = reading(&decoded, TRADE_KEY).unwrap_or_else(|| panic!("{vector_name} holds"));
    Trade
        .command_of_reading(&request, reading)
        .unwrap_or(decoded.command)
        .unwrap_or_else(|error| panic!("{vector_name}: {error}"))
}

/// The values of a document, read by a reader that knows nothing of the writer.
pub(super) fn elements(document: &[u8]) -> Vec<(String, String)> {
    assert!(
        document.starts_with(b"<leshua>"),
        "{}",
        String::from_utf8_lossy(document)
    );
    let mut reader = Reader::from_reader(document);
    let (mut found, mut open): (Vec<(String, String)>, usize) = (Vec::new(), 0);
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(start) => {
                open += 1;
                if open == 2 {
                    found.push((start.name().as_ref().to_owned(), String::new()));
                }
            }
            Event::CData(section) => found.last_mut().expect("an element").1.push_str(&section),
            Event::End(_) => open -= 1,
            Event::Eof => return found,
            other => panic!("{other:?}"),
        }
    }
}

/// The value of an element; `-` if there is none.
pub(super) fn value(response: &WireResponse, wanted: &str) -> String {
    let found = elements(&response.body);
    let found = found.into_iter().find(|(name, _)| name == wanted);
    found.map_or_else(|| "-".to_owned(), |(_, value)| value)
}

/// `resp_code result_code`, and the status or the error's code.
pub(super) fn code(response: &WireResponse) -> String {
    let value = |name: &str| value(response, name);
    let last = match &*value("status") {
        "-" => value("error_code"),
        status => status.to_owned(),
    };
    format!("{} {} {last}", value("resp_code"), value("result_code"))
}

/// An answer to a request that verified, unless it says otherwise; signed with the trade key.
pub(super) fn encode(echo: &Echo, outcome: Result<&Reply, &TradeError>) -> WireResponse {
    encode_as(echo, outcome, true)
}

pub(super) fn encode_as(
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    is_verified: bool,
) -> WireResponse {
    let nonce = |length| {
        assert_eq!(length, 32);
        NONCE.to_owned()
    };
    let context = EncodeContext {
        now: at("20260101120000"),
        public_url: PUBLIC_URL,
        is_verified,
        can_sign: true,
        agent: None,
        contracts: &contracts(),
        nonce: &nonce,
        page_proof: &|app, order_no| format!("proof-of-{app}-{order_no}"),
    };
    match Trade.encode(echo, outcome, context) {
        Outgoing::Plain(response) => {
            assert!(!body(&response).contains("<sign>"));
            response
        }
        Outgoing::Sign { spec, place } => {
            let sign = compute(&spec, TRADE_KEY);
            place(sign)
        }
    }
}

/// What the vectors' merchant has contracted.
fn contracts() -> [Contract; 2] {
    [
        shared::contract(WalletKind::Wechat, "100000001"),
        shared::contract(WalletKind::Alipay, ALIPAY_NUMBER),
    ]
}

pub(super) fn echo(service: &str) -> Echo {
    let pairs = [("merchant_id", MERCHANT), ("service", service)];
    Echo {
        route: GATEWAY.to_owned(),
        values: pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
    }
}

/// The order that a vector's request makes, under this number of ours.
pub(super) fn order_of(vector_name: &str, number: &str) -> Order {
    let (new, scene, wallet) = match command(vector_name) {
        Command::Pay(pay) => (pay.order, Scene::Barcode, Some(WalletKind::Wechat)),
        Command::Prepay(prepay) => {
            let (scene, wallet) = match prepay.scene {
                PrepayScene::Native { wallet } => (Scene::Native, Some(wallet)),
                PrepayScene::Jsapi { wallet, .. } => (Scene::Jsapi, Some(wallet)),
                PrepayScene::MiniProgram { wallet, .. } => (Scene::MiniProgram, Some(wallet)),
                PrepayScene::Qr { wallet } => (Scene::Qr, wallet),
                PrepayScene::App { .. } => panic!("no app here"),
            };
            (prepay.order, scene, wallet)
        }
        other => panic!("{other:?}"),
    };
    made(new, number, scene, wallet)
}

fn made(new: NewOrder, number: &str, scene: Scene, wallet: Option<WalletKind>) -> Order {
    let number = number.parse().expect("a number of ours");
    Order {
        scene,
        wallet,
        ..asked_order(blank_order(MERCHANT, number, at("20260101120100")), new)
    }
}

/// Which channel number the printed answers have; two of them are one here.
pub(super) const CHANNEL_NO: &str = "4200000000202601010000000001";

/// The same order, paid with so much in money; what is off is funded by the merchant.
pub(super) fn paid(mut order: Order, cash_fen: i64) -> Order {
    order.state = OrderState::Paid;
    order.payment = Some(Payment {
        attempt_no: AttemptNo::from_u64(order.order_no.as_u64()),
        evidence: Arc::new(Evidence {
            payer_id: owned("oTEST0000000000000000000001"),
            ..paid_evidence(&order, at("20260101120102"), CHANNEL_NO, cash_fen)
        }),
        fee_fen: 2,
    });
    order
}

/// Lets the payment's evidence say more.
pub(super) fn evidence(order: &mut Order) -> &mut Evidence {
    Arc::make_mut(&mut order.payment.as_mut().expect("a paid order").evidence)
}

/// The vectors' barcode order, paid.
pub(super) fn fourth_paid() -> Order {
    let mut order = paid(order_of("upload-authcode", "2601011201000004"), 500);
    let notes = PaymentNotes {
        provider_payer_id: owned("oLESHUA000000000000000000001"),
        sub_payer_id: owned("oTEST0000000000000000000001"),
        bank: owned("CFT"),
        ..PaymentNotes::default()
    };
    evidence(&mut order).notes = Some(Box::new(notes));
    order
}

pub(super) fn attempt(order: &Order) -> Attempt {
    let number = match order.wallet {
        Some(WalletKind::Alipay) => ALIPAY_NUMBER,
        _ => "100000001",
    };
    shared::attempt(order, number)
}

pub(super) fn told(order: Order) -> Reply {
    let attempts = vec![attempt(&order)];
    Reply::Order {
        order: Box::new(order),
        attempts,
        auth_code: None,
    }
}

pub(super) fn prepaid(order: Order, handoff: Option<Handoff>) -> Reply {
    let attempt = handoff.is_some().then(|| Box::new(attempt(&order)));
    Reply::Prepaid {
        order: Box::new(order),
        attempt,
        handoff,
    }
}

/// The vectors' refund of 200 fen, under a number of ours.
pub(super) fn refund(state: RefundState) -> Refund {
    let is_done = state == RefundState::Succeeded;
    let end = Some(at("20260101120205")).filter(|_| is_done);
    Refund {
        refund_no: RefundNo::from_u64(2_601_011_202_000_005),
        order_no: OrderNo::from_u64(4),
        merchant_refund_no: "R20260101000001".to_owned(),
        state,
        amounts: totals(200),
        created_at: at("20260101120200"),
        sent_at: end,
        ended_at: end,
        details: RefundDetails {
            evidence: end.map(|refunded_at| RefundEvidence {
                channel_refund_no: "50000000482026010100000000001".to_owned(),
                cash_fen: Some(200),
                refunded_at,
            }),
            ..RefundDetails::default()
        },
    }
}

pub(super) const fn totals(fen: i64) -> RefundTotals {
    RefundTotals {
        amount_minor: fen,
        payable_fen: fen,
        cash_fen: fen,
        receivable_fen: fen,
    }
}

/// The refund, and its order with the refund's amount taken off.
pub(super) fn refunded(state: RefundState) -> Reply {
    let mut order = fourth_paid();
    match state {
        RefundState::Refunding => order.refunding = totals(200),
        RefundState::Succeeded => order.refunded = totals(200),
        RefundState::Failed => {}
    }
    let attempts = vec![attempt(&order)];
    Reply::Refund {
        order: Box::new(order),
        refund: Box::new(refund(state)),
        attempts,
    }
}
