//! A wire with two surfaces that differ in everything a surface may differ in.
//!
//! A request's query says who signs (`signer`), for whom (`app`) and when (`at`, ms); its body is
//! anything. `sign`, which stands last, is the MD5 of query, body and key.

use heliu_ports::dialect::{
    Decoded, Descriptor, Dialect, Echo, EncodeContext, IdForm, Notice, Pace, PageReference, Policy,
    PrepayRepeat, Recording, Repeat, Route, Signer, SignerKind, Surface, SurfaceDescriptor,
    Undecoded,
};
use heliu_ports::exchange::Secret;
use heliu_ports::signature::{
    Algorithm, KeyRole, NoReadings, Outgoing, Piece, Readings, Rendering, SignatureSpec,
};
use heliu_ports::wire::{OutRequest, WireRequest, WireResponse};
use heliu_trade::command::{Command, OrderReference, Query, Reference, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::order::Order;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

pub(crate) const ID: &str = "duo";
/// How old a request to the papers may be, in ms.
pub(crate) const FRESHNESS_MS: i64 = 60_000;
/// Largest body at the desk, in bytes.
pub(crate) const DESK_BYTES_MAX: usize = 64;
/// Largest body of papers, in bytes.
pub(crate) const PAPERS_BYTES_MAX: usize = 4096;

/// How often papers may be asked for.
pub(crate) const PACE: Pace = Pace {
    requests: 10,
    window_ms: 20_000,
};

const ANY: IdForm = IdForm {
    min: 1,
    max: 32,
    has_letters: true,
};

static DESCRIPTOR: Descriptor = Descriptor {
    id: ID,
    name: "Duo",
    page_routes: &[],
    code_image_routes: &[],
    app_id: ANY,
    agent_id: ANY,
    agent_key_roles: &[],
    app_switches: &[],
    agent_switches: &[],
    wallets: &[WalletKind::Wechat],
    policy: Policy {
        repeat: Repeat::Refuse,
        prepay_repeat: PrepayRepeat::Refuse,
        refund_repeat: RefundRepeat::Refuse,
        terminal_wallets: &[],
        pay_wait_ms: 10_000,
        answers_pending: true,
        horizon_ms: 60_000,
        prepay_life_ms: 60_000,
        refund_wait_ms: 0,
        refund_query_wait_ms: 0,
        close_barcode_after_ms: None,
        cancel_wait_ms: 0,
        cancel: CancelRules {
            not_before_ms: 0,
            hours_s: None,
            takes_paid: false,
            takes_prepay: false,
            paid_until_ms: None,
            accepts_ended: false,
        },
        notify_gaps_ms: &[],
        notify_connect_timeout_ms: 1_000,
        notify_timeout_ms: 1_000,
    },
    source: "this file",
};

/// Merchants sign, with two keys; little is taken, however old, and kept as text.
static DESK: Half = Half(&SurfaceDescriptor {
    name: "desk",
    routes: &[Route::post("/duo/Desk"), Route::post("/duo/box")],
    signer: SignerKind::App,
    key_roles: &[KeyRole::TRADE.0, KeyRole::NOTIFY.0],
    body_bytes_max: DESK_BYTES_MAX,
    freshness_ms: None,
    pace: None,
    recording: Recording::Text,
    notices: &[NoticeKind::OrderPaid],
});

/// Agents sign; more is taken, if it is fresh, and no byte of it is kept.
static PAPERS: Half = Half(&SurfaceDescriptor {
    name: "papers",
    routes: &[
        Route {
            path: "/duo/papers",
            methods: &[http::Method::GET, http::Method::PUT],
        },
        Route::get("/duo/box"),
    ],
    signer: SignerKind::Agent,
    key_roles: &[KeyRole::AGENT.0],
    body_bytes_max: PAPERS_BYTES_MAX,
    freshness_ms: Some(FRESHNESS_MS),
    pace: Some(PACE),
    recording: Recording::Size,
    notices: &[NoticeKind::RefundEnded],
});

static SURFACES: [&dyn Surface; 2] = [&DESK, &PAPERS];

pub(crate) struct Duo;

impl Dialect for Duo {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn surfaces(&self) -> &'static [&'static dyn Surface] {
        &SURFACES
    }

    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest> {
        Outgoing::Plain(OutRequest {
            method: http::Method::POST,
            url: notice.notification.url.clone(),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        })
    }

    fn acknowledges(&self, answer: &WireResponse) -> bool {
        answer.status == 200
    }

    fn page(&self, _path: &str, _query: &str) -> Option<PageReference> {
        None
    }

    fn page_url(&self, _order: &Order, public_url: &str, _proof: &str) -> String {
        public_url.to_owned()
    }
}

struct Half(&'static SurfaceDescriptor);

impl Surface for Half {
    fn descriptor(&self) -> &'static SurfaceDescriptor {
        self.0
    }

    /// Everybody asks for the same order, which nobody has.
    fn decode(&self, request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
        let value = |name: &str| {
            let mut pairs = request
                .query
                .split('&')
                .filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let echo = Echo {
            route: request.path.clone(),
            values: Vec::new(),
        };
        let Some(signer) = value("signer") else {
            let error = TradeError::new(ErrorCode::InvalidParameter, "who signs?");
            return Err(Box::new(Undecoded { error, echo }));
        };
        let body = String::from_utf8_lossy(&request.body);
        let code = body.split_once("code=").map(|(_, code)| Secret::code(code));
        let signed = request.query.split_once("&sign=");
        Ok(Decoded {
            signer: match self.0.signer {
                SignerKind::App => Signer::App(signer.into()),
                SignerKind::Agent => Signer::Agent(signer.into()),
            },
            app: value("app").map(Into::into),
            presented: value("sign").unwrap_or_default().to_owned(),
            readings: match signed {
                Some((query, _)) => Box::new(Whole {
                    pieces: [query.to_owned().into(), request.body.clone()],
                    role: KeyRole(self.0.key_roles[0]),
                }),
                None => Box::new(NoReadings),
            },
            issued_at: value("at").and_then(|at| at.parse().ok().map(Timestamp::from_ms)),
            command: Ok(Command::Query(Query {
                order: OrderReference {
                    candidates: vec![Reference::Merchant("none".to_owned())],
                    falls_back: false,
                },
                finds_refunds: false,
            })),
            echo,
            secrets: code.into_iter().collect(),
        })
    }

    /// Its own name, and what became of the request.
    fn encode(
        &self,
        _echo: &Echo,
        outcome: Result<&Reply, &TradeError>,
        _context: EncodeContext<'_>,
    ) -> Outgoing<WireResponse> {
        let word = outcome.map_or_else(|error| error.code.as_str(), |_| "ok");
        let text = format!("{}: {word}", self.0.name);
        Outgoing::Plain(WireResponse::new(200, "text/plain", text))
    }

    fn sign_request(&self, request: WireRequest, _now: Timestamp) -> Outgoing<WireRequest> {
        Outgoing::Plain(request)
    }
}

struct Whole {
    pieces: [bytes::Bytes; 2],
    role: KeyRole,
}

impl Readings for Whole {
    fn names(&self) -> &[&'static str] {
        &["whole"]
    }

    fn spec(&self, _index: usize) -> SignatureSpec {
        let [query, body] = self.pieces.clone();
        SignatureSpec {
            algorithm: Algorithm::Md5,
            pieces: vec![Piece::Text(query), Piece::Text(body), Piece::Key(self.role)],
            rendering: Rendering::LowerHex,
        }
    }
}
