//! Vectors, an independent signer, and orders as the books would hold them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use heliu_ports::dialect::{Decoded, Dialect, Echo, EncodeContext, Surface, Undecoded};
use heliu_ports::signature::{KeyRole, Outgoing, Rendering, SignatureSpec};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::command::{Command, NewOrder, PrepayScene, Reply};
use heliu_trade::directory::Agent;
use heliu_trade::error::TradeError;
use heliu_trade::id::{AgentId, AttemptNo, DialectId, OrderNo, RefundNo};
use heliu_trade::order::{Order, OrderState, Payment, RefundTotals};
use heliu_trade::promotion::{
    PaymentNotes, Promotion, PromotionGoods, PromotionKind, PromotionScope,
};
use heliu_trade::refund::{Refund, RefundDetails, RefundState};
use heliu_trade::verdict::RefundEvidence;
use heliu_trade::wallet::{Scene, WalletKind};
use http::Method;
use serde_json::Value;

use crate::tests::shared::{self, asked_order, blank_order, paid_evidence};

use super::super::Chaoying;

pub(super) use crate::tests::shared::{at, body, of_vector, owned, request, text};

pub(super) const KEY: &str = "cy_demo_agent_key_0123456789abcd";
pub(super) const AGENT: &str = "16600000000000001";
pub(super) const MERCHANT: &str = "f2026010100000000001";
pub(super) const PUBLIC_URL: &str = "https://pay.example.test";
pub(super) const GATEWAY: &str = "/UnifiedPay/Gateway";
/// The test vectors as they were given.
const GOLDEN: &str = include_str!("../golden/vectors.json");

pub(super) fn vectors() -> Vec<Value> {
    shared::vectors(GOLDEN)
}

pub(super) fn vector(name: &str) -> Value {
    shared::vector(GOLDEN, &Chaoying, name)
}

pub(super) fn name(vector: &Value) -> &str {
    shared::name(vector, &Chaoying)
}

/// Our numbers, which have 16 digits, for the vectors' own, which have 28.
pub(super) fn ours(text: &str) -> String {
    text.replace("755100000120260115", "000000")
}

pub(super) type Pairs<'a> = [(&'a str, &'a str)];

/// A request of these parameters, encoded, and signed as the description says; `agent_id`,
/// `version` and `pid` are added.
pub(super) fn signed(path: &str, pairs: &Pairs<'_>) -> WireRequest {
    let common = [("agent_id", AGENT), ("version", "1.0"), ("pid", "demopos")];
    let added = common
        .iter()
        .filter(|(name, _)| pairs.iter().all(|(given, _)| given != name));
    let all: Vec<(&str, &str)> = added.chain(pairs).copied().collect();
    let sign = sign_of(all.iter().copied(), KEY);
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(all)
        .append_pair("sign", &sign)
        .finish();
    request(path, "", body)
}

/// The description's rule, written a second time.
pub(super) fn sign_input<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, key: &str) -> String {
    let mut pairs: Vec<String> = pairs
        .filter(|(name, value)| *name != "sign" && !value.trim().is_empty())
        .map(|(name, value)| format!("{name}={}", value.trim()))
        .collect();
    pairs.sort_by(|one, other| one.split('=').next().cmp(&other.split('=').next()));
    pairs.push(format!("key={key}"));
    pairs.join("&")
}

pub(super) fn sign_of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, key: &str) -> String {
    md5(sign_input(pairs, key).as_bytes())
}

/// The surface of a path; the first one where there is none.
pub(super) fn surface(path: &str) -> &'static dyn Surface {
    let dialect: &dyn Dialect = &Chaoying;
    let found = dialect.surface_at(&Method::POST, path);
    found.unwrap_or(dialect.surfaces()[0])
}

pub(super) fn decode(request: &WireRequest) -> Decoded {
    shared::decode(surface(&request.path), request)
}

pub(super) fn undecoded(request: &WireRequest) -> Undecoded {
    shared::undecoded(surface(&request.path), request)
}

pub(super) fn command(vector_name: &str) -> Command {
    let decoded = decode(&of_vector(&vector(vector_name)));
    decoded
        .command
        .unwrap_or_else(|error| panic!("{vector_name}: {error}"))
}

/// In upper case, as this wire has it.
pub(super) fn md5(bytes: &[u8]) -> String {
    shared::md5(bytes).to_uppercase()
}

pub(super) fn compute(spec: &SignatureSpec, key: &str) -> String {
    assert_eq!(spec.rendering, Rendering::UpperHex);
    shared::compute(spec, &[(KeyRole::AGENT, key)])
}

pub(super) fn reading(decoded: &Decoded, key: &str) -> Option<&'static str> {
    shared::reading(decoded, |spec| compute(spec, key))
}

/// How an answer is asked for.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub(super) settings: &'a [(&'a str, &'a str)],
    /// Nonces, in the order of their use; noughts when they are used up.
    pub(super) nonces: &'a [&'a str],
    pub(super) cannot_sign: bool,
}

/// The answer, signed with the vectors' key where it is to be signed.
pub(super) fn encode(
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    asked: &Asked<'_>,
) -> WireResponse {
    let used = AtomicUsize::new(0);
    let nonce = |length: usize| {
        let index = used.fetch_add(1, Ordering::Relaxed);
        let given = asked.nonces.get(index);
        given.map_or_else(|| "0".repeat(length), |nonce| (*nonce).to_owned())
    };
    let settings = asked.settings.iter();
    let agent = Agent {
        agent_id: AgentId::from(AGENT),
        dialect_id: DialectId::from("chaoying"),
        party_id: AGENT.into(),
        is_enabled: true,
        settings: settings
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        mini_programs: std::collections::BTreeMap::new(),
    };
    let context = EncodeContext {
        now: at("20260115120000"),
        public_url: PUBLIC_URL,
        is_verified: !asked.cannot_sign,
        can_sign: !asked.cannot_sign,
        agent: Some(&agent),
        contracts: &[shared::contract(WalletKind::Wechat, "1266500001")],
        nonce: &nonce,
        page_proof: &|app, order_no| format!("proof-of-{app}-{order_no}"),
    };
    match surface(&echo.route).encode(echo, outcome, context) {
        Outgoing::Plain(response) => response,
        Outgoing::Sign { spec, place } => {
            let sign = compute(&spec, KEY);
            place(sign)
        }
    }
}

/// The members of an answer in their order; a number as its text.
pub(super) fn members(body: &str) -> Vec<(String, String)> {
    // serde_json sorts the members of a `Value`, so their order is read off the text.
    let parsed: Value = serde_json::from_str(body).expect("JSON");
    let object = parsed.as_object().expect("an object");
    let mut found: Vec<(usize, String, String)> = object
        .iter()
        .map(|(name, value)| {
            let place = body.find(&format!("\"{name}\":")).expect("it stands there");
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (place, name.clone(), value)
        })
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .map(|(_, name, value)| (name, value))
        .collect()
}

pub(super) fn code(response: &WireResponse) -> String {
    let members = members(body(response));
    let value = |wanted: &str| {
        let found = members.iter().find(|(name, _)| name == wanted);
        found.map_or("-", |(_, value)| value)
    };
    format!(
        "{} {} {}",
        value("state"),
        value("code"),
        value("trade_state")
    )
}

pub(super) fn echo(path: &str, method: Option<&str>) -> Echo {
    let method = method.map(|method| ("method".to_owned(), method.to_owned()));
    Echo {
        route: path.to_owned(),
        values: method.into_iter().collect(),
    }
}

/// The order that a vector's request makes.
pub(super) fn order_of(vector_name: &str, number: u64) -> Order {
    let (new, scene, wallet) = match command(vector_name) {
        Command::Pay(pay) => {
            let scene = match pay.consent {
                heliu_trade::command::Consent::Barcode => Scene::Barcode,
                heliu_trade::command::Consent::Face { .. } => Scene::Face,
            };
            (pay.order, scene, pay.wallet.unwrap_or(WalletKind::Wechat))
        }
        Command::Prepay(prepay) => {
            let (scene, wallet) = match prepay.scene {
                PrepayScene::Native { wallet } => (Scene::Native, wallet),
                PrepayScene::Jsapi { wallet, .. } => (Scene::Jsapi, wallet),
                other => panic!("{other:?}"),
            };
            (prepay.order, scene, wallet)
        }
        other => panic!("{other:?}"),
    };
    made(new, number, scene, wallet)
}

fn made(new: NewOrder, number: u64, scene: Scene, wallet: WalletKind) -> Order {
    let number = OrderNo::from_u64(number);
    Order {
        scene,
        wallet: Some(wallet),
        ..asked_order(blank_order(MERCHANT, number, at("20260115100001")), new)
    }
}

/// The same order, paid with so much in money.
pub(super) fn paid(mut order: Order, end: &str, channel_order_no: &str, cash_fen: i64) -> Order {
    order.state = OrderState::Paid;
    order.ended_at = Some(at(end));
    order.payment = Some(Payment {
        attempt_no: AttemptNo::from_u64(order.order_no.as_u64()),
        evidence: Arc::new(paid_evidence(&order, at(end), channel_order_no, cash_fen)),
        fee_fen: 0,
    });
    order
}

/// Lets the payment's evidence say more.
pub(super) fn noted(mut order: Order, payer_id: Option<&str>, notes: PaymentNotes) -> Order {
    let payment = order.payment.as_mut().expect("a paid order");
    let evidence = Arc::make_mut(&mut payment.evidence);
    evidence.payer_id = payer_id.map(str::to_owned);
    evidence.notes = Some(Box::new(notes));
    order
}

/// The vectors' coupon: two fen off, one on each of two goods.
pub(super) fn coupon() -> Promotion {
    let goods = ["CY000000", "CY000001"].map(|goods_id| PromotionGoods {
        goods_id: goods_id.to_owned(),
        quantity: 1,
        price_fen: 2,
        discount_fen: 1,
        remark: "单品券活动No.002".to_owned(),
    });
    Promotion {
        promotion_id: "6348960001".to_owned(),
        name: "满4减2分".to_owned(),
        scope: PromotionScope::Goods,
        kind: PromotionKind::Discount,
        amount_fen: 2,
        activity_id: "9447001".to_owned(),
        wallet_fen: 0,
        merchant_fen: 2,
        other_fen: 0,
        goods: goods.to_vec(),
    }
}

/// The vectors' first order: WeChat, with a coupon, by a payer of the merchant's own app.
pub(super) fn first_paid() -> Order {
    let order = order_of("pay-wechat-with-coupon", 1);
    let notes = PaymentNotes {
        provider_payer_id: owned("oywgtuCJFeGDEMO0000000000001"),
        follows_provider: Some(false),
        sub_app_id: owned("wxce38685bc0500001"),
        sub_payer_id: owned("oHmbktxFlpoDEMO0000000000001"),
        follows_merchant: Some(false),
        bank: owned("CFT"),
        promotions: vec![coupon()],
        ..PaymentNotes::default()
    };
    let order = paid(order, "20260115100005", "4200000334202601150000000002", 2);
    noted(order, Some("oHmbktxFlpoDEMO0000000000001"), notes)
}

/// The vectors' order of 8 fen, 6 of them in money.
pub(super) fn eighth_paid() -> Order {
    let mut order = order_of("pay-wechat-with-coupon", 8);
    order.merchant_order_no = "1768442400008".to_owned();
    (order.amount_minor, order.charge_fen) = (8, 8);
    paid(order, "20260115100905", "4200000334202601150000000008", 6)
}

/// An attempt of this order by WeChat.
pub(super) fn attempt(order: &Order, provider_app_id: &str) -> Attempt {
    let mut attempt = shared::attempt(order, "1266500001");
    if order.wallet == Some(WalletKind::Wechat) {
        let route = Arc::make_mut(&mut attempt.route);
        route.provider_merchant_no = owned("1264300001");
        route.provider_app_id = owned(provider_app_id);
    }
    attempt
}

/// The app id of the vectors' provider.
pub(super) const PROVIDER_APP: &str = "wx1f87d44db95c0001";

pub(super) fn told(order: Order) -> Reply {
    let attempts = vec![attempt(&order, PROVIDER_APP)];
    Reply::Order {
        order: Box::new(order),
        attempts,
        auth_code: None,
    }
}

pub(super) fn prepaid(order: Order, payer_id: Option<&str>, handoff: Option<Handoff>) -> Reply {
    let mut attempt = attempt(&order, PROVIDER_APP);
    Arc::make_mut(&mut attempt.route).payer_id = payer_id.map(str::to_owned);
    Reply::Prepaid {
        order: Box::new(order),
        attempt: Some(Box::new(attempt)),
        handoff,
    }
}

/// The vectors' refund of 2 fen, one of them in money.
pub(super) fn refund(state: RefundState) -> Refund {
    let is_done = state == RefundState::Succeeded;
    let end = Some(at("20260115101133")).filter(|_| is_done);
    Refund {
        refund_no: RefundNo::from_u64(9_000_000_001),
        order_no: OrderNo::from_u64(8),
        merchant_refund_no: "TK-1768442400008-01".to_owned(),
        state,
        amounts: RefundTotals {
            amount_minor: 2,
            payable_fen: 2,
            cash_fen: 1,
            receivable_fen: 1,
        },
        created_at: at("20260115101130"),
        sent_at: end,
        ended_at: end,
        details: RefundDetails {
            evidence: end.map(|refunded_at| RefundEvidence {
                channel_refund_no: "50000000482026011500000000001".to_owned(),
                cash_fen: Some(1),
                refunded_at,
            }),
            ..RefundDetails::default()
        },
    }
}
