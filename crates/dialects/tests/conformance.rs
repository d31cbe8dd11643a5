//! What every dialect must pass, over the registry. A dialect's goldens are its `golden/vectors.json`.

use std::collections::BTreeSet;
use std::sync::Arc;

use heliu_dialects::{all, find};
use heliu_ports::dialect::{Decoded, Dialect, Echo, EncodeContext, Notice};
use heliu_ports::signature::{Algorithm, Outgoing, Piece, SignatureSpec};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AppId, MerchantId, NotificationNo, OrderNo};
use heliu_trade::money::Currency;
use heliu_trade::notification::{NoticeKind, Notification, NotificationState};
use heliu_trade::order::{Order, OrderState, RefundTotals};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::Scene;
use md5::{Digest as _, Md5};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

const NOW: Timestamp = Timestamp::from_ms(1_768_442_400_000);

#[test]
fn descriptors_are_complete_and_found_by_id() {
    for dialect in all() {
        let it = dialect.descriptor();
        assert!(it.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !it.id.is_empty());
        assert!(!it.name.is_empty() && !it.source.is_empty(), "{}", it.id);
        assert!(!it.routes.is_empty() && !it.key_roles.is_empty() && !it.wallets.is_empty());
        assert!((1024..=10 << 20).contains(&it.body_bytes_max), "{}", it.id);
        let policy = &it.policy;
        assert!(policy.pay_wait_ms > 0 && policy.horizon_ms > 0 && policy.prepay_life_ms > 0);
        assert!(
            policy.answers_pending || policy.horizon_ms < policy.pay_wait_ms,
            "{}",
            it.id
        );
        assert!(policy.notify_connect_timeout_ms < policy.notify_timeout_ms);
        for route in it.routes.iter().chain(it.page_routes) {
            assert!(route.starts_with('/') && !route.ends_with('/'), "{route}");
        }
        assert_eq!(find(it.id).map(|found| found.descriptor().id), Some(it.id));
    }
    assert!(find("no such wire").is_none());
}

#[test]
fn no_two_dialects_claim_a_route_or_an_id() {
    let (mut routes, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for dialect in all() {
        let it = dialect.descriptor();
        assert!(ids.insert(it.id), "{}", it.id);
        for route in it.routes.iter().chain(it.page_routes) {
            assert!(routes.insert(*route), "{route}");
        }
    }
}

#[test]
fn every_error_renders_on_every_route() {
    for dialect in all() {
        let order = order();
        for route in dialect.descriptor().routes {
            for code in ERRORS {
                for is_verified in [false, true] {
                    let error = TradeError::new(code, "a sentence, 一句话").because("WORD");
                    let error = if is_verified {
                        error.about(&order)
                    } else {
                        error
                    };
                    let echo = Echo {
                        route: (*route).to_owned(),
                        values: Vec::new(),
                    };
                    let context = EncodeContext {
                        now: NOW,
                        public_url: "http://pay.test",
                        is_verified,
                    };
                    let answer = match dialect.encode(&echo, Err(&error), context) {
                        Outgoing::Plain(answer) => answer,
                        Outgoing::Sign { place, .. } => place("0".repeat(32)),
                    };
                    assert!(is_well_formed(&answer), "{route} {code:?}");
                    let text = String::from_utf8_lossy(&answer.body).into_owned();
                    let number = order.order_no.to_string();
                    assert!(is_verified || !text.contains(&number), "{route} {code:?}");
                }
            }
        }
    }
}

#[test]
fn goldens_verify_where_they_say_and_replay_alike() {
    for golden in goldens() {
        let request = golden.request();
        let (Ok(once), Ok(again)) = (
            golden.dialect.decode(&request),
            golden.dialect.decode(&request),
        ) else {
            continue;
        };
        assert_eq!(
            holds(&once, &golden.key),
            golden.is_valid,
            "{}",
            golden.name
        );
        assert_eq!(once.command, again.command);
        assert_eq!((&once.signer, &once.app), (&again.signer, &again.app));
        assert_eq!(
            (&once.presented, once.issued_at),
            (&again.presented, again.issued_at)
        );
        assert_eq!(once.echo, again.echo);
    }
}

#[test]
fn another_key_never_holds() {
    for golden in goldens().iter().filter(|golden| golden.is_valid) {
        if let Ok(decoded) = golden.dialect.decode(&golden.request()) {
            assert!(
                !holds(&decoded, &golden.key.replace('1', "2")),
                "{}",
                golden.name
            );
            assert!(!holds(&decoded, ""), "{}", golden.name);
        }
    }
}

#[test]
fn a_field_that_is_dropped_emptied_doubled_or_changed_breaks_the_signature() {
    let mut tried = 0;
    for golden in goldens().iter().filter(|golden| golden.is_valid) {
        let Some(fields) = fields(&golden.body) else {
            continue;
        };
        for index in 0..fields.len() {
            for changed in changes(&fields, index) {
                let body = joined(&golden.body, &changed);
                if body == golden.body || same_but_for_space(&body, &golden.body) {
                    continue;
                }
                tried += 1;
                let request = WireRequest {
                    body: body.clone().into(),
                    ..golden.request()
                };
                if let Ok(decoded) = golden.dialect.decode(&request) {
                    assert!(!holds(&decoded, &golden.key), "{}: {body}", golden.name);
                }
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_field_that_is_dropped_emptied_or_doubled_is_a_parameter_error_or_was_optional() {
    let mut refused = 0;
    for golden in goldens()
        .iter()
        .filter(|golden| golden.is_valid && golden.is_accepted)
    {
        let Some(fields) = fields(&golden.body) else {
            continue;
        };
        for index in 0..fields.len() {
            for (kind, changed) in changes(&fields, index).into_iter().enumerate() {
                let body = joined(&golden.body, &changed);
                let request = WireRequest {
                    body: body.clone().into(),
                    ..golden.request()
                };
                let request = match golden.dialect.sign_request(request, NOW) {
                    Outgoing::Plain(request) => request,
                    Outgoing::Sign { spec, place } => place(compute(&spec, &golden.key)),
                };
                let error = match golden.dialect.decode(&request) {
                    Ok(decoded) => {
                        assert!(holds(&decoded, &golden.key), "{}: {body}", golden.name);
                        assert_ne!(kind, DOUBLED, "{}: {body}", golden.name);
                        decoded.command.err()
                    }
                    Err(undecoded) => Some(undecoded.error),
                };
                let Some(error) = error else { continue };
                refused += 1;
                let is_parameter = matches!(
                    error.code,
                    ErrorCode::InvalidParameter | ErrorCode::InvalidAmount
                );
                assert!(is_parameter, "{}: {error:?}", golden.name);
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_body_beyond_the_limit_is_read_without_harm() {
    for golden in goldens()
        .iter()
        .filter(|golden| golden.is_accepted)
        .take(10)
    {
        let size = golden.dialect.descriptor().body_bytes_max * 4;
        for filler in ["[", "{\"a\":", "\\", "a", "\"", " ", "&a=", "\u{0}"] {
            let body = filler.repeat(size / filler.len());
            let request = WireRequest {
                body: body.into(),
                ..golden.request()
            };
            drop(golden.dialect.decode(&request));
        }
    }
}

#[test]
fn notifications_are_signed_and_keep_their_body() {
    for dialect in all() {
        for kind in [NoticeKind::OrderPaid, NoticeKind::RefundEnded] {
            let (order, mut notification) = (order(), notification(kind));
            let send = |notification: &Notification, order: &Order| {
                let notice = Notice {
                    notification,
                    order,
                    refund: None,
                    now: NOW,
                };
                match dialect.notification(notice) {
                    Outgoing::Plain(request) => request,
                    Outgoing::Sign { spec, place } => {
                        assert!(
                            spec.pieces
                                .iter()
                                .any(|piece| matches!(piece, Piece::Key(_)))
                        );
                        place("0".repeat(32))
                    }
                }
            };
            let first = send(&notification, &order);
            assert!(first.url.starts_with(&notification.url));
            notification.body = Some(String::from_utf8(first.body.to_vec()).expect("UTF-8"));
            let later = Order {
                state: OrderState::Reversed,
                ..order
            };
            assert_eq!(send(&notification, &later).body, first.body);
        }
        for status in [301, 400, 500] {
            for body in ["", "SUCCESS", "success", "000000"] {
                let answer = WireResponse::new(status, "text/plain", body);
                assert!(!dialect.acknowledges(&answer), "{status} {body}");
            }
        }
        assert!(!dialect.acknowledges(&WireResponse::new(200, "text/plain", "<html>")));
    }
}

/// Every code; [`counted`] does not compile when one is missing.
const ERRORS: [ErrorCode; 28] = [
    ErrorCode::InvalidParameter,
    ErrorCode::InvalidSignature,
    ErrorCode::UnknownMerchant,
    ErrorCode::SignerNotAllowed,
    ErrorCode::StaleRequest,
    ErrorCode::RateLimited,
    ErrorCode::NoContract,
    ErrorCode::UnsupportedWallet,
    ErrorCode::InvalidAmount,
    ErrorCode::DuplicateOrder,
    ErrorCode::DuplicateRefund,
    ErrorCode::OrderNotFound,
    ErrorCode::RefundNotFound,
    ErrorCode::OrderReversed,
    ErrorCode::OrderPaid,
    ErrorCode::OrderEnded,
    ErrorCode::OrderNotPaid,
    ErrorCode::OrderKindNotSupported,
    ErrorCode::TooEarly,
    ErrorCode::OutsideHours,
    ErrorCode::RefundExceedsRest,
    ErrorCode::TooManyRefunds,
    ErrorCode::Declined,
    ErrorCode::ChannelUnreachable,
    ErrorCode::OutcomeUnknown,
    ErrorCode::BooksUnavailable,
    ErrorCode::ServiceUnavailable,
    ErrorCode::Internal,
];

fn is_well_formed(answer: &WireResponse) -> bool {
    let Some(content_type) = answer.headers.get("content-type") else {
        return false;
    };
    let is_json = content_type
        .to_str()
        .is_ok_and(|text| text.starts_with("application/json"));
    let is_readable = !is_json || serde_json::from_slice::<Value>(&answer.body).is_ok();
    is_readable && !answer.body.is_empty() && answer.status == 200
}

struct Golden {
    dialect: std::sync::Arc<dyn Dialect>,
    name: String,
    key: String,
    path: String,
    query: String,
    body: String,
    is_valid: bool,
    is_accepted: bool,
}

impl Golden {
    fn request(&self) -> WireRequest {
        WireRequest {
            method: http::Method::POST,
            path: self.path.clone(),
            query: self.query.clone(),
            headers: http::HeaderMap::new(),
            body: self.body.clone().into(),
            peer: std::net::IpAddr::from([127, 0, 0, 1]),
        }
    }
}

/// Every golden request of every dialect that comes to us.
fn goldens() -> Vec<Golden> {
    let mut goldens = Vec::new();
    for dialect in all() {
        let id = dialect.descriptor().id;
        let path = format!(
            "{}/src/{id}/golden/vectors.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(&path).expect("a dialect has goldens");
        let vectors: Vec<Value> = serde_json::from_str(&text).expect("goldens are JSON");
        let of_dialect = goldens.len();
        for vector in vectors
            .iter()
            .filter(|vector| vector["kind"] != "notification")
        {
            let text = |pointer: &str| {
                vector
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            goldens.push(Golden {
                dialect: std::sync::Arc::clone(&dialect),
                name: text("/name"),
                key: text("/key"),
                path: text("/request/path"),
                query: text("/request/query"),
                body: text("/request/body"),
                is_valid: vector["signature_valid"] == true,
                is_accepted: vector["expect"] == "accept",
            });
        }
        assert!(goldens.len() > of_dialect, "{id} has no golden request");
    }
    goldens
}

fn holds(decoded: &Decoded, key: &str) -> bool {
    let indexes = 0..decoded.readings.names().len();
    indexes.into_iter().any(|index| {
        compute(&decoded.readings.spec(index), key).eq_ignore_ascii_case(&decoded.presented)
    })
}

/// A second implementation, which knows nothing of the vault.
fn compute(spec: &SignatureSpec, key: &str) -> String {
    assert_eq!(
        spec.algorithm,
        Algorithm::Md5,
        "give this suite the algorithm of the new dialect"
    );
    let mut digest = Md5::new();
    for piece in &spec.pieces {
        match piece {
            Piece::Text(bytes) => digest.update(bytes),
            Piece::Key(_) => digest.update(key),
        }
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

type Field = (String, String);

/// Which of [`changes`] doubles the field.
const DOUBLED: usize = 2;

/// The field dropped, emptied, doubled, and changed.
fn changes(fields: &[Field], index: usize) -> [Vec<Field>; 4] {
    let (mut dropped, mut emptied) = (fields.to_vec(), fields.to_vec());
    let (mut doubled, mut changed) = (fields.to_vec(), fields.to_vec());
    dropped.remove(index);
    emptied[index].1 = if fields[index].1.starts_with('"') {
        "\"\""
    } else {
        ""
    }
    .to_owned();
    if emptied[index].1.is_empty() && is_json_value(&fields[index].1) {
        emptied[index].1 = "null".to_owned();
    }
    doubled.insert(index, fields[index].clone());
    changed[index].1 = fields[index]
        .1
        .replacen(|c: char| c.is_ascii_alphanumeric(), "7", 1);
    [dropped, emptied, doubled, changed]
}

fn is_json_value(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

/// The top-level members of a JSON body, or the pairs of a form.
fn fields(body: &str) -> Option<Vec<Field>> {
    if let Ok(members) = serde_json::from_str::<Members>(body) {
        return Some(members.0);
    }
    let pairs = body.split('&').map(|pair| pair.split_once('='));
    pairs
        .map(|pair| pair.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect()
}

fn joined(original: &str, fields: &[Field]) -> String {
    if original.trim_start().starts_with('{') {
        let members: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())))
            .collect();
        return format!("{{{}}}", members.join(","));
    }
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn same_but_for_space(one: &str, other: &str) -> bool {
    let strip = |text: &str| text.split_whitespace().collect::<String>();
    strip(one) == strip(other)
}

struct Members(Vec<Field>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    fields.push((name, value.get().to_owned()));
                }
                Ok(Members(fields))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

fn order() -> Order {
    Order {
        merchant_id: MerchantId::from("m"),
        order_no: OrderNo::from_u64(1_234_567_890_123),
        app_id: AppId::from("1"),
        merchant_order_no: "T-1".to_owned(),
        version: 1,
        scene: Scene::Qr,
        wallet: None,
        state: OrderState::Paid,
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
        created_at: NOW,
        expires_at: None,
        horizon_at: None,
        ended_at: Some(NOW),
        entry_count: 0,
        event_count: 0,
        details: Arc::default(),
    }
}

fn notification(kind: NoticeKind) -> Notification {
    Notification {
        notification_no: NotificationNo::from_u64(1),
        order_no: OrderNo::from_u64(1),
        refund_no: None,
        kind,
        url: "http://merchant.test/notify".to_owned(),
        state: NotificationState::Due,
        tries: 0,
        body: None,
        created_at: NOW,
    }
}

#[test]
fn the_list_of_errors_is_whole() {
    let distinct: BTreeSet<_> = ERRORS.iter().map(|code| counted(*code)).collect();
    assert_eq!(distinct.len(), ERRORS.len());
}

/// A new code stops the build here, so that it gets into [`ERRORS`].
fn counted(code: ErrorCode) -> String {
    match code {
        ErrorCode::InvalidParameter
        | ErrorCode::InvalidSignature
        | ErrorCode::UnknownMerchant
        | ErrorCode::SignerNotAllowed
        | ErrorCode::StaleRequest
        | ErrorCode::RateLimited
        | ErrorCode::NoContract
        | ErrorCode::UnsupportedWallet
        | ErrorCode::InvalidAmount
        | ErrorCode::DuplicateOrder
        | ErrorCode::DuplicateRefund
        | ErrorCode::OrderNotFound
        | ErrorCode::RefundNotFound
        | ErrorCode::OrderReversed
        | ErrorCode::OrderPaid
        | ErrorCode::OrderEnded
        | ErrorCode::OrderNotPaid
        | ErrorCode::OrderKindNotSupported
        | ErrorCode::TooEarly
        | ErrorCode::OutsideHours
        | ErrorCode::RefundExceedsRest
        | ErrorCode::TooManyRefunds
        | ErrorCode::Declined
        | ErrorCode::ChannelUnreachable
        | ErrorCode::OutcomeUnknown
        | ErrorCode::BooksUnavailable
        | ErrorCode::ServiceUnavailable
        | ErrorCode::Internal => format!("{code:?}"),
    }
}
