//! What the tests of several dialects make and read alike: golden vectors, requests, what a
//! described signature comes to, and orders as the books would hold them. How a dialect signs is
//! written a second time beside its own tests, never here: one slip must not agree with itself
//! everywhere.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use heliu_ports::dialect::{Decoded, Dialect, Surface, Undecoded};
use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::attempt::{Attempt, AttemptState, Route};
use heliu_trade::command::NewOrder;
use heliu_trade::directory::{App, Contract, RoutingTerms};
use heliu_trade::fee::{ShareTerms, Tariff};
use heliu_trade::id::{AppId, AttemptNo, ChannelAccountId, ChannelId, DialectId, MerchantId};
use heliu_trade::order::{Order, OrderDetails, OrderState};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::{Funding, WalletKind};
use md5::{Digest as _, Md5};
use serde_json::Value;

pub(crate) use super::orders::blank_order;

/// The vectors of a golden file.
pub(crate) fn vectors(golden: &str) -> Vec<Value> {
    serde_json::from_str(golden).expect("the golden file is JSON")
}

/// The vector of this name, which begins with its dialect's id.
pub(crate) fn vector(golden: &str, dialect: &dyn Dialect, name: &str) -> Value {
    let wanted = format!("{}/{name}", dialect.descriptor().id);
    vectors(golden)
        .into_iter()
        .find(|vector| vector["name"] == wanted)
        .unwrap_or_else(|| panic!("no vector {name}"))
}

/// A vector's name without its dialect's id.
pub(crate) fn name<'a>(vector: &'a Value, dialect: &dyn Dialect) -> &'a str {
    let id = dialect.descriptor().id;
    let name = text(vector, "/name");
    name.trim_start_matches(&format!("{id}/"))
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} in {value}"))
}

pub(crate) fn request(path: &str, query: &str, body: impl Into<Bytes>) -> WireRequest {
    WireRequest {
        method: http::Method::POST,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: http::HeaderMap::new(),
        body: body.into(),
        peer: std::net::IpAddr::from([127, 0, 0, 1]),
    }
}

/// The request of a vector, with its headers.
pub(crate) fn of_vector(vector: &Value) -> WireRequest {
    let (path, query) = (
        text(vector, "/request/path"),
        text(vector, "/request/query"),
    );
    let mut request = request(path, query, text(vector, "/request/body").to_owned());
    request.method = text(vector, "/request/method").parse().expect("a method");
    for (name, value) in vector["request"]["headers"].as_object().expect("headers") {
        let name: http::HeaderName = name.parse().expect("a header's name");
        let value = value.as_str().and_then(|value| value.parse().ok());
        request
            .headers
            .insert(name, value.expect("a header's value"));
    }
    request
}

pub(crate) fn decode(surface: &dyn Surface, request: &WireRequest) -> Decoded {
    surface
        .decode(request)
        .unwrap_or_else(|undecoded| panic!("{}", undecoded.error))
}

pub(crate) fn undecoded(surface: &dyn Surface, request: &WireRequest) -> Undecoded {
    match surface.decode(request) {
        Ok(_) => panic!("decoded"),
        Err(undecoded) => *undecoded,
    }
}

/// In lower case.
pub(crate) fn md5(bytes: &[u8]) -> String {
    let digest = Md5::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a described signature comes to under these keys, without the vault.
pub(crate) fn compute(spec: &SignatureSpec, keys: &[(KeyRole, &str)]) -> String {
    assert_eq!(spec.algorithm, Algorithm::Md5);
    let pieces = spec.pieces.iter().map(|piece| match piece {
        Piece::Text(bytes) => bytes.to_vec(),
        Piece::Key(wanted) => {
            let key = keys.iter().find(|(role, _)| role == wanted);
            let (_, key) = key.unwrap_or_else(|| panic!("no key is {wanted:?}"));
            key.as_bytes().to_vec()
        }
    });
    let hash = md5(&pieces.collect::<Vec<_>>().concat());
    match spec.rendering {
        Rendering::UpperHex => hash.to_uppercase(),
        Rendering::LowerHex => hash,
        Rendering::Base64OfHex => STANDARD.encode(hash),
        Rendering::Base64 => panic!("no Base64 of bytes here"),
    }
}

/// The first reading under which a request holds, by what each of them comes to.
pub(crate) fn reading(
    decoded: &Decoded,
    compute: impl Fn(&SignatureSpec) -> String,
) -> Option<&'static str> {
    let names = decoded.readings.names();
    let holds = |index: usize| {
        let hash = compute(&decoded.readings.spec(index));
        hash.eq_ignore_ascii_case(&decoded.presented)
    };
    (0..names.len())
        .find(|index| holds(*index))
        .map(|index| names[index])
}

pub(crate) fn body(response: &WireResponse) -> &str {
    std::str::from_utf8(&response.body).expect("UTF-8")
}

/// `yyyyMMddHHmmss`, Beijing time.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_beijing_compact(text).expect("a wire time")
}

pub(crate) fn owned(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A blank order, being paid as a request asks.
pub(crate) fn asked_order(blank: Order, new: NewOrder) -> Order {
    Order {
        merchant_order_no: new.merchant_order_no,
        state: OrderState::Paying,
        amount_minor: new.amount_minor,
        charge_fen: new.amount_minor,
        details: Arc::new(OrderDetails {
            subject: new.subject,
            notify_url: new.notify_url,
            attributes: new.attributes,
            terms: new.terms,
            ..OrderDetails::default()
        }),
        ..blank
    }
}

/// What a channel says of an order paid with so much in money; what is off is funded by the
/// merchant.
pub(crate) fn paid_evidence(
    order: &Order,
    paid_at: Timestamp,
    channel_order_no: &str,
    cash_fen: i64,
) -> Evidence {
    Evidence {
        payable_fen: order.charge_fen,
        cash_fen,
        merchant_discount_fen: order.charge_fen - cash_fen,
        channel_discount_fen: 0,
        channel_order_no: channel_order_no.to_owned(),
        payer_order_no: channel_order_no.to_owned(),
        payer_id: None,
        funding: Funding::Balance,
        paid_at,
        notes: None,
    }
}

/// An attempt of this order, by WeChat unless the order names a wallet.
pub(crate) fn attempt(order: &Order, sub_merchant_id: &str) -> Attempt {
    Attempt {
        attempt_no: AttemptNo::from_u64(order.order_no.as_u64()),
        state: AttemptState::Pending,
        sent_at: order.created_at,
        asked_at: None,
        route: Arc::new(Route {
            channel_id: ChannelId::from("c"),
            channel_account_id: ChannelAccountId::from("a"),
            wallet: order.wallet.unwrap_or(WalletKind::Wechat),
            scene: order.scene,
            sub_merchant_id: sub_merchant_id.to_owned(),
            sub_app_id: None,
            provider_merchant_no: None,
            provider_app_id: None,
            payer_id: None,
            payer_login: None,
            api: String::new(),
            fee: Tariff::default(),
            shares: ShareTerms::default(),
            funds: heliu_trade::funds::FundsTerms::default(),
            query_gap_ms: 0,
            reverse_after_ms: 0,
            refund_gap_ms: 0,
            refund_count_max: 1,
            reverses_by_call: true,
        }),
        handoff: None,
        evidence: None,
    }
}

/// A contract for a wallet, with this number of the merchant's at its channel.
pub(crate) fn contract(wallet: WalletKind, sub_merchant_id: &str) -> Contract {
    Contract {
        merchant_id: MerchantId::from("m"),
        wallet,
        channel_account_id: ChannelAccountId::from("a"),
        sub_merchant_id: sub_merchant_id.to_owned(),
        sub_app_id: None,
        fee: Tariff::default(),
        routing: RoutingTerms::default(),
    }
}

/// An app with these switches.
pub(crate) fn app(dialect: &dyn Dialect, app_id: &str, settings: &[(&str, &str)]) -> App {
    let owned = |(name, word): &(&str, &str)| ((*name).to_owned(), (*word).to_owned());
    App {
        app_id: AppId::from(app_id),
        merchant_id: MerchantId::from("m"),
        dialect_id: DialectId::from(dialect.descriptor().id),
        agent_id: None,
        partners: Vec::new(),
        settings: settings.iter().map(owned).collect(),
    }
}
