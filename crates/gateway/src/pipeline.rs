//! The one pipeline, in its fixed order.

use std::sync::Arc;

use axum::response::Response;
use heliu_engine::{AgentProfile, AppProfile, Caller};
use heliu_ports::dialect::{Decoded, Echo, EncodeContext, Recording, Signer, Undecoded};
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::keys::{KeyVersion, Keys};
use heliu_ports::signature::Outgoing;
use heliu_ports::store::StoreError;
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::{Command, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AppId, OrderNo, PlatformNo};
use heliu_trade::time::Timestamp;

use crate::entry::Entry;
use crate::recording::{
    file_response, identified, kept, refused_half, request_half, response, text_of,
};
use crate::verification::{Held, explain, masked, verify};
use crate::visitor::Origin;

/// What is asked leaves the request, whose other parts are still needed to verify it.
fn take_command(decoded: &mut Decoded) -> Result<Command, TradeError> {
    let taken = Err(TradeError::new(ErrorCode::Internal, String::new()));
    std::mem::replace(&mut decoded.command, taken)
}

/// A signer whom we know.
enum Known {
    App(Arc<AppProfile>),
    Agent(Arc<AgentProfile>),
}

fn not_allowed() -> TradeError {
    let message = "this signer may not act for that merchant";
    TradeError::new(ErrorCode::SignerNotAllowed, message)
}

fn check_rate(is_taken: bool) -> Result<(), TradeError> {
    if is_taken {
        return Ok(());
    }
    let problem = "too many requests of this merchant";
    Err(TradeError::advised(ErrorCode::RateLimited, problem))
}

fn books_away(cause: StoreError) -> TradeError {
    tracing::error!(%cause, "a signer cannot be looked up");
    TradeError::advised(ErrorCode::BooksUnavailable, "the books are away")
}

/// One request on its way through.
struct Passage<'a> {
    entry: &'a Entry,
    exchange_no: PlatformNo,
    received_at: Timestamp,
    /// The request half of the exchange, until a commit or the recorder takes it.
    half: Option<ExchangeRequest>,
    /// In whose share of the log the exchange takes room, once the signature held.
    app_id: Option<AppId>,
    verb: &'static str,
    /// The signer's keys, once the signer is known.
    keys: Option<Arc<dyn Keys>>,
    /// Which of them verified the request, once one did.
    verified_by: Option<KeyVersion>,
    agent: Option<Arc<AgentProfile>>,
    /// The app whose business it is, once the signer is known to act for it.
    app: Option<Arc<AppProfile>>,
    reading: Option<&'static str>,
    signing: Option<String>,
    is_understood: bool,
    /// Whether the exchange has a request half; floods and faults have none.
    is_recorded: bool,
}

/// Takes a whole request to its answer. Must be run to its end even if the merchant hangs up: money
/// may be under way, and the exchange is to be recorded.
pub(crate) async fn run(
    entry: &Entry,
    request: WireRequest,
    origin: Option<Origin>,
    received_at: Timestamp,
) -> Response {
    let mut passage = Passage::new(entry, received_at);
    if !entry.gateway.limits.takes_address(origin) {
        let error = TradeError::advised(
            ErrorCode::RateLimited,
            "too many requests from this address",
        );
        return passage.finish(
            &Echo {
                route: request.path,
                ..Echo::default()
            },
            &Err(error),
        );
    }
    match entry.surface.decode(&request) {
        Err(undecoded) => {
            let Undecoded { error, echo } = *undecoded;
            passage.take_undecoded(&request);
            passage.finish(&echo, &Err(error))
        }
        Ok(mut decoded) => {
            passage.is_understood = true;
            let (no, at) = (passage.exchange_no, received_at);
            let dialect = entry.dialect.descriptor().id;
            let rule = entry.surface.descriptor().recording;
            let secrets = Some(&*decoded.secrets);
            passage.is_recorded = true;
            passage.half = Some(request_half(no, at, dialect, rule, &request, secrets));
            let command = take_command(&mut decoded);
            let result = passage.serve(&request, &decoded, command).await;
            passage.finish(&decoded.echo, &result)
        }
    }
}

/// Words a fault that ended a request's task.
pub(crate) fn fault(entry: &Entry, route: String, received_at: Timestamp) -> Response {
    let passage = Passage::new(entry, received_at);
    let error = TradeError::advised(ErrorCode::Internal, "a fault on our side");
    passage.finish(
        &Echo {
            route,
            ..Echo::default()
        },
        &Err(error),
    )
}

/// Refuses a body beyond the surface's limit, in the dialect's own words.
pub(crate) fn refuse_body(
    entry: &Entry,
    request: &WireRequest,
    received_at: Timestamp,
    body_bytes_max: usize,
) -> Response {
    let mut passage = Passage::new(entry, received_at);
    passage.take_undecoded(request);
    let message = format!("the request body is larger than {body_bytes_max} bytes");
    let error = TradeError::new(ErrorCode::InvalidParameter, message);
    passage.finish(
        &Echo {
            route: request.path.clone(),
            ..Echo::default()
        },
        &Err(error),
    )
}

impl<'a> Passage<'a> {
    fn new(entry: &'a Entry, received_at: Timestamp) -> Self {
        Self {
            entry,
            exchange_no: entry.gateway.engine.mint_exchange_no(),
            received_at,
            half: None,
            app_id: None,
            verb: "none",
            keys: None,
            verified_by: None,
            agent: None,
            app: None,
            reading: None,
            signing: None,
            is_understood: false,
            is_recorded: false,
        }
    }

    /// Keeps a request that nobody has understood, without what may be private in it.
    fn take_undecoded(&mut self, request: &WireRequest) {
        let dialect = self.entry.dialect.descriptor().id;
        let rule = self.recording();
        let (no, at) = (self.exchange_no, self.received_at);
        self.half = Some(request_half(no, at, dialect, rule, request, None));
        self.is_recorded = true;
    }

    fn recording(&self) -> Recording {
        self.entry.surface.descriptor().recording
    }

    /// Verifies, checks that the signer may act, now, once more, and does what is asked. What is
    /// asked is looked at only after the signature held, and whose business it is only if it can be
    /// understood.
    async fn serve(
        &mut self,
        request: &WireRequest,
        decoded: &Decoded,
        command: Result<Command, TradeError>,
    ) -> Result<Reply, TradeError> {
        let known = self.find_signer(decoded).await?;
        let reading = self.verify(decoded)?;
        let limits = &self.entry.gateway.limits;
        check_rate(limits.takes_signer(&decoded.signer))?;
        if let Some(pace) = self.entry.surface.descriptor().pace {
            let of = (self.entry.dialect.descriptor().id, &decoded.signer);
            limits.keep_pace(of, pace, self.received_at)?;
        }
        let command = (self.entry.surface)
            .command_of_reading(request, reading)
            .unwrap_or(command)?;
        match (command, &decoded.app) {
            (Command::Agent(command), _) => {
                self.verb = command.verb();
                let Known::Agent(profile) = known else {
                    return Err(not_allowed());
                };
                self.check_freshness(decoded)?;
                let engine = &self.entry.gateway.engine;
                engine.execute_for_agent(&profile, command).await
            }
            (command, Some(app)) => {
                let profile = self.authorise(known, app).await?;
                self.app = Some(Arc::clone(&profile));
                self.check_freshness(decoded)?;
                if let Signer::Agent(_) = decoded.signer {
                    check_rate(limits.takes_app(app))?;
                }
                self.counts_for(app.clone());
                self.execute(profile, command).await
            }
            (_, None) => {
                let message = "the request names no merchant";
                Err(TradeError::new(ErrorCode::InvalidParameter, message))
            }
        }
    }

    /// Finds whom the request names as its signer, and the keys.
    async fn find_signer(&mut self, decoded: &Decoded) -> Result<Known, TradeError> {
        let (engine, dialect) = (&self.entry.gateway.engine, &self.entry.dialect);
        let known = match &decoded.signer {
            Signer::App(app) => {
                let found = engine.find_app(dialect, app).await.map_err(books_away)?;
                found.map(Known::App)
            }
            Signer::Agent(agent) => {
                let found = engine
                    .find_agent(dialect, agent)
                    .await
                    .map_err(books_away)?;
                found.filter(|p| p.is_open()).map(Known::Agent)
            }
        };
        let Some(known) = known else {
            // The same work as for a known signer, so that time tells nothing (ruling 26).
            let _ = verify(decoded, &*engine.vault().dummy_keys());
            self.signing = Some(explain(decoded, self.recording()));
            let message = format!("no {} is registered here", decoded.signer);
            let code = match decoded.signer {
                Signer::App(_) => ErrorCode::UnknownMerchant,
                Signer::Agent(_) => ErrorCode::UnknownAgent,
            };
            return Err(TradeError::new(code, message));
        };
        match &known {
            Known::App(profile) => self.keys = Some(Arc::clone(&profile.keys)),
            Known::Agent(profile) => {
                self.keys = Some(Arc::clone(&profile.keys));
                self.agent = Some(Arc::clone(profile));
            }
        }
        Ok(known)
    }

    /// The name of the reading under which the signature holds.
    fn verify(&mut self, decoded: &Decoded) -> Result<&'static str, TradeError> {
        let held = self.keys.as_deref().and_then(|keys| verify(decoded, keys));
        let Some(Held {
            reading,
            key,
            newly_proved,
        }) = held
        else {
            self.signing = Some(explain(decoded, self.recording()));
            let dialect = self.entry.dialect.descriptor().id;
            metrics::counter!("heliu_signature_failures_total", "dialect" => dialect).increment(1);
            let message = if decoded.readings.names().is_empty() {
                "the signature is missing or malformed"
            } else {
                "the signature does not match; compare the string to sign with heliu verify"
            };
            return Err(TradeError::new(ErrorCode::InvalidSignature, message));
        };
        self.reading = Some(reading);
        self.verified_by = Some(key);
        if let Some(role) = newly_proved {
            self.entry.prove_key(&decoded.signer, role, key);
        }
        // Only now is it known who sent it; until then it counts as a stranger's.
        self.counts_for(match &decoded.signer {
            Signer::App(app) => app.clone(),
            Signer::Agent(agent) => AppId::from(agent.as_str()),
        });
        Ok(reading)
    }

    /// The exchange takes room in this app's share of the log.
    fn counts_for(&mut self, app: AppId) {
        if let Some(half) = &mut self.half {
            half.app_id = Some(app.clone());
        }
        self.app_id = Some(app);
    }

    /// The app whose business it is, if the signer may act for it. An agent hears the same of
    /// another agent's merchant as of one that does not exist.
    async fn authorise(&self, known: Known, app: &AppId) -> Result<Arc<AppProfile>, TradeError> {
        match known {
            Known::App(profile) if profile.app.app_id == *app => Ok(profile),
            Known::App(_) => Err(not_allowed()),
            Known::Agent(agent) => {
                let engine = &self.entry.gateway.engine;
                let found = engine.find_app(&self.entry.dialect, app).await;
                found
                    .map_err(books_away)?
                    .filter(|profile| profile.app.agent_id.as_ref() == Some(&agent.agent.agent_id))
                    .ok_or_else(|| {
                        let message = format!("no merchant {app} is registered under this agent");
                        TradeError::new(ErrorCode::UnknownMerchant, message)
                    })
            }
        }
    }

    fn check_freshness(&self, decoded: &Decoded) -> Result<(), TradeError> {
        let window_ms = self.entry.surface.descriptor().freshness_ms;
        let (Some(window_ms), Some(issued_at)) = (window_ms, decoded.issued_at) else {
            return Ok(());
        };
        if self.received_at.since_ms(issued_at).abs() <= window_ms {
            return Ok(());
        }
        let message = format!(
            "the request was made at {issued_at}; here it is {}",
            self.received_at
        );
        Err(TradeError::new(ErrorCode::StaleRequest, message))
    }

    async fn execute(
        &mut self,
        profile: Arc<AppProfile>,
        command: Command,
    ) -> Result<Reply, TradeError> {
        self.verb = command.verb();
        let engine = self.entry.gateway.engine.clone();
        let caller = Caller {
            profile,
            received_at: self.received_at,
            exchange: self.half.take(),
            audit: None,
        };
        let (result, half) = engine.execute(caller, command).await;
        self.half = half;
        result
    }

    /// Words, signs, records and sends the answer.
    fn finish(self, echo: &Echo, result: &Result<Reply, TradeError>) -> Response {
        let engine = &self.entry.gateway.engine;
        let (dialect, surface) = (&self.entry.dialect, self.entry.surface);
        let now = engine.clock().now();
        let context = EncodeContext {
            now,
            public_url: &engine.settings().public_url,
            is_verified: self.verified_by.is_some(),
            can_sign: self.keys.is_some(),
            agent: self.agent.as_deref().map(|profile| &profile.agent),
            contracts: self.app.as_deref().map_or(&[], |app| &app.contracts),
            nonce: &|length| engine.vault().nonce(length),
            page_proof: &|app, order_no| engine.page_proof(app, order_no),
        };
        let answer = match surface.encode(echo, result.as_ref(), context) {
            Outgoing::Plain(answer) => answer,
            Outgoing::Sign { spec, place } => match self.signed(&spec) {
                Ok(signature) => place(signature),
                Err(cause) => {
                    tracing::error!(cause, "an answer cannot be signed");
                    WireResponse::new(500, "text/plain; charset=utf-8", "a fault on our side")
                }
            },
        };
        let (outcome, order_no) = summary(result);
        let duration_ms = now.since_ms(self.received_at);
        let exchange_no = self.exchange_no;
        let request_id = engine.vault().request_id(exchange_no);
        self.log(&request_id, order_no, outcome, duration_ms, result.is_ok());
        metrics::histogram!(
            "heliu_http_request_duration_seconds",
            "dialect" => dialect.descriptor().id,
            "verb" => self.verb,
            "outcome" => outcome,
        )
        .record(std::time::Duration::from_millis(
            u64::try_from(duration_ms).unwrap_or(0),
        ));
        let secrets = surface.answer_secrets(result.as_ref());
        let body = masked(text_of(&answer.body), &secrets);
        let answer_half = ExchangeAnswer {
            exchange_no,
            app_id: self.app_id,
            status: answer.status,
            body: if result.is_ok() { body } else { kept(body) },
            outcome: outcome.to_owned(),
            reading: self.reading,
            signing: self.signing.map(kept),
            order_no,
            duration_ms,
        };
        if let Some(half) = self.half {
            let half = if result.is_ok() {
                half
            } else {
                refused_half(half, self.is_understood)
            };
            engine.store().record(ExchangeRecord::Request(half));
        }
        if self.is_recorded {
            engine.store().record(ExchangeRecord::Answer(answer_half));
        }
        let response = match result {
            Ok(Reply::Statement(file)) => file_response(answer, &file.path, file.bytes),
            _ => response(answer),
        };
        identified(response, &request_id)
    }

    fn log(
        &self,
        request_id: &str,
        order_no: Option<OrderNo>,
        outcome: &'static str,
        duration_ms: i64,
        is_served: bool,
    ) {
        let (dialect, verb) = (self.entry.dialect.descriptor().id, self.verb);
        let order_no = order_no.map(|number| number.to_string());
        if is_served {
            tracing::info!(
                request_id,
                dialect,
                verb,
                order_no,
                outcome,
                duration_ms,
                "merchant request"
            );
        } else {
            // Whoever floods us with what is refused must not flood the log.
            tracing::info!(
                name: "sampled",
                request_id, dialect, verb, order_no, outcome, duration_ms, "merchant request refused"
            );
        }
    }

    /// With the key that verified the request (ruling 30); a refusal before that with the oldest
    /// live one.
    fn signed(&self, spec: &heliu_ports::signature::SignatureSpec) -> Result<String, String> {
        let keys = self.keys.as_ref().ok_or("the signer is not known")?;
        keys.sign(spec, self.verified_by)
            .map_err(|cause| cause.to_string())
    }
}

/// The outcome's word for logs, and the order it was about.
fn summary(result: &Result<Reply, TradeError>) -> (&'static str, Option<OrderNo>) {
    match result {
        Ok(
            Reply::Order { order, .. }
            | Reply::Prepaid { order, .. }
            | Reply::Refund { order, .. }
            | Reply::Refunds { order, .. },
        ) => (order.state.as_str(), Some(order.order_no)),
        Ok(
            Reply::FaceCredential(_)
            | Reply::Payer { .. }
            | Reply::Merchant(_)
            | Reply::LoginCodeSent { .. }
            | Reply::MiniProgramSession(_)
            | Reply::Payout(_)
            | Reply::Payouts(_)
            | Reply::Statement(_),
        ) => ("ok", None),
        Err(error) => (
            error.code.as_str(),
            error.order.as_ref().map(|order| order.order_no),
        ),
    }
}
