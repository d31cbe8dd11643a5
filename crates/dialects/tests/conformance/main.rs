//! What every dialect must pass, over the registry. A dialect's goldens are its
//! `golden/vectors.json`; what else differs between wires stands in [`wire`].

mod errors_page;
#[path = "../../src/tests/orders.rs"]
mod orders;
mod samples;
mod wires;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heliu_dialects::{all, find};
use heliu_ports::dialect::{
    Decoded, Dialect, Echo, EncodeContext, Notice, Signer, SignerKind, Surface,
};
use heliu_ports::signature::{Algorithm, Outgoing, Piece, Rendering, SignatureSpec};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::{AgentCommand, Command, Credentials, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::notification::{NoticeKind, Notification};
use heliu_trade::id::AppId;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::time::Timestamp;
use http::Method;
use md5::{Digest as _, Md5};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use self::samples::{app, notification, order, replies};
use self::wires::wire;

const NOW: Timestamp = Timestamp::from_ms(1_768_442_400_000);

#[test]
fn descriptors_are_complete_and_found_by_id() {
    for dialect in all() {
        let it = dialect.descriptor();
        assert!(it.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !it.id.is_empty());
        assert!(!it.name.is_empty() && !it.source.is_empty(), "{}", it.id);
        assert!(!it.wallets.is_empty() && !dialect.surfaces().is_empty());
        let policy = &it.policy;
        assert!(policy.pay_wait_ms > 0 && policy.horizon_ms > 0 && policy.prepay_life_ms > 0);
        assert!(
            policy.answers_pending || policy.horizon_ms < policy.pay_wait_ms,
            "{}",
            it.id
        );
        assert!(policy.notify_connect_timeout_ms <= policy.notify_timeout_ms);
        for path in every_path(&*dialect) {
            assert!(path.starts_with('/') && !path.ends_with('/'), "{path}");
        }
        for switch in it.app_switches.iter().chain(it.agent_switches) {
            assert!(!switch.meaning.is_empty(), "{}", switch.name);
            let words: BTreeSet<_> = switch.words.iter().collect();
            assert!(words.len() == switch.words.len() && words.len() > 1);
            assert!(switch.words.iter().all(|word| !word.is_empty()));
        }
        let has_agents = dialect.has_agents();
        assert!(has_agents || it.agent_switches.is_empty(), "{}", it.id);
        let roles = dialect.key_roles(SignerKind::Agent);
        assert_eq!(has_agents, !roles.is_empty(), "{}", it.id);
        assert_eq!(find(it.id).map(|found| found.descriptor().id), Some(it.id));
    }
    assert!(find("no such wire").is_none());
}

#[test]
fn surfaces_are_complete_and_share_no_name_no_way_in_and_no_notice() {
    for dialect in all() {
        let (mut names, mut ways, mut notices) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for surface in dialect.surfaces() {
            let it = surface.descriptor();
            let is_word = it.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(is_word && !it.name.is_empty() && names.insert(it.name));
            assert!(
                !it.routes.is_empty() && !it.key_roles.is_empty(),
                "{}",
                it.name
            );
            assert!(
                (1024..=10 << 20).contains(&it.body_bytes_max),
                "{}",
                it.name
            );
            assert!(
                it.freshness_ms.is_none_or(|window_ms| window_ms > 0),
                "{}",
                it.name
            );
            for route in it.routes {
                assert!(!route.methods.is_empty(), "{}", route.path);
                for method in route.methods {
                    let way = (method.as_str(), route.path.to_ascii_lowercase());
                    assert!(ways.insert(way), "{method} {}", route.path);
                    let found = dialect.surface_at(method, route.path);
                    let found = found.map(|surface| surface.descriptor().name);
                    assert_eq!(found, Some(it.name), "{method} {}", route.path);
                }
            }
            for notice in it.notices {
                assert!(!notices.contains(notice), "{}: {notice:?}", it.name);
                notices.push(*notice);
            }
        }
    }
}

#[test]
fn no_two_dialects_claim_a_path_or_an_id() {
    let (mut paths, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for dialect in all() {
        let it = dialect.descriptor();
        assert!(ids.insert(it.id), "{}", it.id);
        for path in every_path(&*dialect) {
            // A wire may take its paths in any case.
            assert!(paths.insert(path.to_ascii_lowercase()), "{path}");
        }
    }
}

/// Each once: a path may belong to several surfaces, under other methods.
fn every_path(dialect: &dyn Dialect) -> BTreeSet<&'static str> {
    let it = dialect.descriptor();
    let routes = routes(dialect).into_iter().map(|(_, _, path)| path);
    let pages = [it.page_routes, it.code_image_routes].into_iter().flatten();
    routes.chain(pages.copied()).collect()
}

/// Every way in: its surface, a method and a path.
fn routes(dialect: &dyn Dialect) -> Vec<(&'static dyn Surface, &'static Method, &'static str)> {
    let mut ways = Vec::new();
    for surface in dialect.surfaces() {
        for route in surface.descriptor().routes {
            let methods = route.methods.iter();
            ways.extend(methods.map(|method| (*surface, method, route.path)));
        }
    }
    ways
}

#[test]
fn a_surface_names_as_signer_whom_its_descriptor_says() {
    for golden in goldens() {
        if let Ok(decoded) = golden.surface().decode(&golden.request()) {
            let kind = match decoded.signer {
                Signer::App(_) => SignerKind::App,
                Signer::Agent(_) => SignerKind::Agent,
            };
            let stated = golden.surface().descriptor().signer;
            assert_eq!(kind, stated, "{}", golden.name);
        }
    }
}

#[test]
fn every_error_renders_on_every_route() {
    for dialect in all() {
        let order = order();
        for (surface, _, route) in routes(&*dialect) {
            for code in ErrorCode::ALL {
                for is_verified in [false, true] {
                    let error = TradeError::new(code, "a sentence, 一句话").because("WORD");
                    let error = if is_verified {
                        error.about(&order)
                    } else {
                        error
                    };
                    let echo = Echo {
                        route: route.to_owned(),
                        values: Vec::new(),
                    };
                    let answer = encoded(surface, &echo, Err(&error), is_verified);
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
fn every_reply_renders_on_every_route() {
    for dialect in all() {
        let paths = routes(&*dialect).into_iter().map(|(surface, _, route)| {
            let echo = Echo {
                route: route.to_owned(),
                values: Vec::new(),
            };
            (surface, echo)
        });
        // One address may lead to several interfaces: the goldens' echoes reach them all.
        let of_goldens = goldens().into_iter().filter_map(|golden| {
            let is_its = golden.dialect.descriptor().id == dialect.descriptor().id;
            let surface = golden.surface();
            let decoded = surface.decode(&golden.request()).ok();
            let decoded = decoded.filter(|_| is_its);
            decoded.map(|decoded| (surface, decoded.echo))
        });
        for (surface, echo) in paths.chain(of_goldens) {
            for state in OrderState::ALL {
                for reply in replies(state) {
                    let answer = encoded(surface, &echo, Ok(&reply), true);
                    assert!(is_well_formed(&answer), "{echo:?} {reply:?}");
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
            golden.surface().decode(&request),
            golden.surface().decode(&request),
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

/// What a signer never saw changes neither what holds nor what is done: a parameter that a router
/// adds to the address, line ends behind the body, slashes too many in the path (ruling 58).
#[test]
fn what_travels_adds_means_nothing() {
    let mut seen = BTreeMap::new();
    for golden in goldens().iter().filter(|golden| golden.is_valid) {
        let wanted = understood(golden.surface(), &golden.request(), &golden.key);
        let ways = [
            with(golden, |request| {
                let query = &mut request.query;
                let separator = if query.is_empty() { "" } else { "&" };
                *query = format!("{query}{separator}_t=1");
            }),
            with(golden, |request| {
                // A JSON text may be signed to its last byte.
                if !is_object(&golden.body) {
                    request.body = [&request.body[..], b"\r\n"].concat().into();
                }
            }),
            with(golden, |request| request.path.insert(0, '/')),
            with(golden, |request| {
                request.path = request.path.replacen('/', "//", 2) + "/";
            }),
        ];
        for request in ways {
            // Parameters behind the address are signed where the signer put some there himself.
            let is_signed_there = !golden.query.is_empty() && golden.query != request.query;
            let holds_signature = wire(golden.dialect.descriptor().id)
                .signature_field
                .is_none();
            if is_signed_there && !holds_signature {
                continue;
            }
            let found = understood(golden.surface(), &request, &golden.key);
            assert_eq!(found, wanted, "{}: {request:?}", golden.name);
            *seen.entry(golden.place()).or_insert(0) += 1;
        }
    }
    assert!(is_plenty(&seen), "{seen:?}");
}

/// Whether every surface of every dialect was tried, and not just a few times.
fn is_plenty(tries: &BTreeMap<(&str, &str), usize>) -> bool {
    let surfaces: usize = all().iter().map(|dialect| dialect.surfaces().len()).sum();
    tries.len() == surfaces && tries.values().all(|count| *count > 20)
}

fn with(golden: &Golden, change: impl FnOnce(&mut WireRequest)) -> WireRequest {
    let mut request = golden.request();
    change(&mut request);
    request
}

/// Who signed, whose business it is and what is asked, by the reading that holds; `None` if none
/// does.
fn understood(
    surface: &dyn Surface,
    request: &WireRequest,
    key: &str,
) -> Option<(Signer, Option<AppId>, Result<Command, TradeError>)> {
    let decoded = surface.decode(request).ok()?;
    let names = decoded.readings.names();
    let holds = |index: &usize| {
        let spec = decoded.readings.spec(*index);
        compute(&spec, key).eq_ignore_ascii_case(&decoded.presented)
    };
    let index = (0..names.len()).find(holds)?;
    let name = names.get(index)?;
    let meant = surface.command_of_reading(request, name);
    let command = meant.unwrap_or_else(|| decoded.command.clone());
    Some((decoded.signer.clone(), decoded.app.clone(), command))
}

/// JSON and XML to a gateway of forms, forms and XML to one of JSON: the answer says that, and does
/// not send people looking for a parameter (ruling 63).
#[test]
fn a_body_of_another_kind_is_told_as_that() {
    for dialect in all() {
        let takes_json = wire(dialect.descriptor().id).signature_field.is_none();
        let other = if takes_json { "a form" } else { "JSON" };
        for (kind, body) in [
            ("a form", "a=1&b=2"),
            ("JSON", "{\"a\":1}"),
            ("XML", "<a>1</a>"),
        ] {
            let ways = routes(&*dialect).into_iter();
            for (surface, method, route) in ways.filter(|(_, method, _)| *method == Method::POST) {
                let request = WireRequest {
                    method: method.clone(),
                    path: route.to_owned(),
                    query: String::new(),
                    headers: http::HeaderMap::new(),
                    body: body.into(),
                    peer: std::net::IpAddr::from([127, 0, 0, 1]),
                };
                let Err(undecoded) = surface.decode(&request) else {
                    panic!("{route}: {body}")
                };
                let answer = encoded(surface, &undecoded.echo, Err(&undecoded.error), false);
                let detail = answer.headers["x-error-detail"].to_str().expect("a text");
                let is_told = detail.contains(&format!("the body is {kind};"));
                assert_eq!(is_told, kind == other || kind == "XML", "{route}: {detail}");
            }
        }
    }
}

#[test]
fn another_key_never_holds() {
    for golden in goldens().iter().filter(|golden| golden.is_valid) {
        if let Ok(decoded) = golden.surface().decode(&golden.request()) {
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
fn a_change_of_a_field_breaks_the_signature_or_changes_nothing() {
    let mut broken = BTreeMap::new();
    for golden in goldens().iter().filter(|golden| golden.is_valid) {
        let Some(fields) = fields(&golden.body) else {
            continue;
        };
        let original = golden.surface().decode(&golden.request());
        for index in 0..fields.len() {
            for changed in changes(&golden.body, &fields, index) {
                let body = joined(&golden.body, &changed);
                if body == golden.body || same_but_for_space(&body, &golden.body) {
                    continue;
                }
                let request = golden.with_body(&body);
                let Ok(decoded) = golden.surface().decode(&request) else {
                    continue;
                };
                if holds(&decoded, &golden.key) {
                    let Ok(original) = &original else {
                        panic!("{}: {body}", golden.name)
                    };
                    assert_eq!(decoded.command, original.command, "{}: {body}", golden.name);
                    assert_eq!(decoded.echo, original.echo, "{}: {body}", golden.name);
                } else {
                    *broken.entry(golden.place()).or_insert(0) += 1;
                }
            }
        }
    }
    assert!(is_plenty(&broken), "{broken:?}");
}

#[test]
fn a_field_that_is_dropped_emptied_or_doubled_is_a_parameter_error_or_was_optional() {
    let mut refused = BTreeMap::new();
    for golden in goldens()
        .iter()
        .filter(|golden| golden.is_valid && golden.is_accepted)
    {
        let wire = wire(golden.dialect.descriptor().id);
        let Some(fields) = fields(&golden.body) else {
            continue;
        };
        for index in 0..fields.len() {
            let is_signature = wire.signature_field == Some(&*fields[index].0);
            let changed = changes(&golden.body, &fields, index);
            for (kind, changed) in changed.into_iter().enumerate() {
                let body = joined(&golden.body, &changed);
                let request = match golden.surface().sign_request(golden.with_body(&body), NOW) {
                    Outgoing::Plain(request) => request,
                    Outgoing::Sign { spec, place } => place(compute(&spec, &golden.key)),
                };
                let error = match golden.surface().decode(&request) {
                    Ok(decoded) => {
                        assert!(holds(&decoded, &golden.key), "{}: {body}", golden.name);
                        decoded.command.err()
                    }
                    Err(undecoded) => Some(undecoded.error),
                };
                let is_ambiguous =
                    kind == CONTRADICTED || (kind == DOUBLED && !wire.takes_equal_doubles);
                assert!(
                    error.is_some() || !is_ambiguous || is_signature,
                    "{}: {body}",
                    golden.name
                );
                let Some(error) = error else { continue };
                // A number that is another one's is no shortage of a field.
                if error.code == ErrorCode::NoContract && kind == CHANGED {
                    continue;
                }
                *refused.entry(golden.place()).or_insert(0) += 1;
                let is_parameter = matches!(
                    error.code,
                    ErrorCode::InvalidParameter | ErrorCode::InvalidAmount
                );
                assert!(is_parameter, "{}: {error:?}", golden.name);
            }
        }
    }
    assert!(is_plenty(&refused), "{refused:?}");
}

#[test]
fn every_wallet_code_and_password_of_a_request_is_named_as_a_secret() {
    for golden in goldens() {
        let Ok(decoded) = golden.surface().decode(&golden.request()) else {
            continue;
        };
        let told = match &decoded.command {
            Ok(Command::Pay(pay)) => vec![&pay.auth_code],
            Ok(Command::FaceCredential(face)) => vec![&face.raw_data],
            Ok(Command::FindPayer(lookup)) => vec![&lookup.code],
            Ok(Command::Agent(AgentCommand::OpenMiniProgramSession { code, .. })) => vec![code],
            Ok(Command::Agent(AgentCommand::FindMerchant(credentials))) => match credentials {
                Credentials::LoginCode { code, .. } => vec![code],
                Credentials::Password { password, .. } => vec![password],
            },
            _ => continue,
        };
        let mut masked = golden.body.clone();
        for secret in &decoded.secrets {
            masked = masked.replace(secret.text(), "");
        }
        for secret in told {
            assert!(
                !masked.contains(secret.as_str()),
                "{}: {masked}",
                golden.name
            );
        }
    }
}

#[test]
fn a_body_beyond_the_limit_is_read_without_harm() {
    for golden in goldens()
        .iter()
        .filter(|golden| golden.is_accepted)
        .take(10)
    {
        let size = golden.surface().descriptor().body_bytes_max * 4;
        for filler in ["[", "{\"a\":", "\\", "a", "\"", " ", "&a=", "\u{0}"] {
            let body = filler.repeat(size / filler.len());
            let request = WireRequest {
                body: body.into(),
                ..golden.request()
            };
            drop(golden.surface().decode(&request));
        }
    }
}

#[test]
fn notifications_are_signed_and_keep_their_body() {
    for dialect in all() {
        for kind in [NoticeKind::OrderPaid, NoticeKind::RefundEnded] {
            let (order, mut notification) = (order(), notification(kind));
            let app = app(&*dialect);
            let send = |notification: &Notification, order: &Order| {
                let notice = Notice {
                    notification,
                    app: &app,
                    order,
                    attempts: &[],
                    nonce: &nonce,
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

fn nonce(length: usize) -> String {
    "0".repeat(length)
}

/// An answer, with noughts for its signature.
fn encoded(
    surface: &dyn Surface,
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    is_verified: bool,
) -> WireResponse {
    let context = EncodeContext {
        now: NOW,
        public_url: "http://pay.test",
        is_verified,
        can_sign: is_verified,
        agent: None,
        contracts: &[],
        nonce: &nonce,
        page_proof: &|_, _| "a1b2".to_owned(),
    };
    match surface.encode(echo, outcome, context) {
        Outgoing::Plain(answer) => answer,
        Outgoing::Sign { place, .. } => {
            assert!(is_verified, "nobody can sign this");
            place("0".repeat(32))
        }
    }
}

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
    method: Method,
    path: String,
    query: String,
    body: String,
    is_valid: bool,
    is_accepted: bool,
}

impl Golden {
    fn surface(&self) -> &'static dyn Surface {
        let found = self.dialect.surface_at(&self.method, &self.path);
        found.expect("a golden's path is a route")
    }

    /// Its dialect and surface.
    fn place(&self) -> (&'static str, &'static str) {
        let surface = self.surface().descriptor();
        (self.dialect.descriptor().id, surface.name)
    }

    fn with_body(&self, body: &str) -> WireRequest {
        WireRequest {
            body: body.to_owned().into(),
            ..self.request()
        }
    }

    fn request(&self) -> WireRequest {
        WireRequest {
            method: self.method.clone(),
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
        let vectors = golden_vectors(id);
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
                method: match &*text("/request/method") {
                    "" => Method::POST,
                    method => method.parse().expect("a method"),
                },
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

/// The vectors of a dialect's files, but for those of surfaces that are not there yet.
fn golden_vectors(id: &str) -> Vec<Value> {
    let folder = format!("{}/src/{id}/golden", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(&folder).expect("a dialect has goldens");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let is_served = |path: &&std::path::PathBuf| {
        let is_json = path.extension().is_some_and(|end| end == "json");
        is_json && !path.ends_with("not_served_yet.json")
    };
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a readable file");
        serde_json::from_str::<Vec<Value>>(&text).expect("goldens are JSON")
    };
    paths.iter().filter(is_served).flat_map(read).collect()
}

fn holds(decoded: &Decoded, key: &str) -> bool {
    let indexes = 0..decoded.readings.names().len();
    indexes.into_iter().any(|index| {
        compute(&decoded.readings.spec(index), key).eq_ignore_ascii_case(&decoded.presented)
    })
}

/// A second implementation, which knows nothing of the vault.
#[expect(clippy::panic, reason = "a dialect without a row is a failed test")]
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
    let hex: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match spec.rendering {
        Rendering::Base64OfHex => STANDARD.encode(hex),
        // Compared in any case.
        Rendering::LowerHex | Rendering::UpperHex => hex,
        Rendering::Base64 => panic!("give this suite the rendering of the new dialect"),
    }
}

type Field = (String, String);

/// Which of [`changes`] doubles the field, doubles it with another value, and changes it.
const DOUBLED: usize = 2;
const CONTRADICTED: usize = 3;
const CHANGED: usize = 4;

/// The field dropped, emptied, doubled, doubled with another value, and changed.
fn changes(body: &str, fields: &[Field], index: usize) -> [Vec<Field>; 5] {
    let (mut dropped, mut emptied) = (fields.to_vec(), fields.to_vec());
    let (mut doubled, mut contradicted) = (fields.to_vec(), fields.to_vec());
    let mut changed = fields.to_vec();
    let (name, value) = fields[index].clone();
    dropped.remove(index);
    emptied[index].1 = match value.as_str() {
        _ if !is_object(body) => "",
        text if text.starts_with('"') => "\"\"",
        _ => "null",
    }
    .to_owned();
    doubled.insert(index, fields[index].clone());
    let other = match value.strip_suffix('"') {
        Some(open) if is_object(body) => format!("{open}9\""),
        _ => format!("{value}9"),
    };
    contradicted.insert(index, (name, other));
    changed[index].1 = value.replacen(|c: char| c.is_ascii_alphanumeric(), "7", 1);
    [dropped, emptied, doubled, contradicted, changed]
}

fn is_object(body: &str) -> bool {
    body.trim_start().starts_with('{')
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
    if is_object(original) {
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
