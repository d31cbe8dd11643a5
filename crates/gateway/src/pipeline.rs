//! The one pipeline, in its fixed order.

use std::sync::Arc;

use axum::response::Response;
use heliu_engine::{AppProfile, Caller};
use heliu_ports::dialect::{Decoded, Echo, EncodeContext, Undecoded};
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::keys::{KeyVersion, Keys};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::command::{Command, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{OrderNo, PlatformNo};
use heliu_trade::time::Timestamp;

use crate::entry::Entry;
use crate::recording::{refused_half, request_half, response_to, text_of};
use crate::verification::{Held, explain, masked, verify};

/// One request on its way through.
struct Passage<'a> {
    entry: &'a Entry,
    exchange_no: PlatformNo,
    received_at: Timestamp,
    /// The request half of the exchange, until a commit or the recorder takes it.
    half: Option<ExchangeRequest>,
    verb: &'static str,
    keys: Option<(Arc<dyn Keys>, KeyVersion)>,
    reading: Option<&'static str>,
    signing: Option<String>,
    is_understood: bool,
    /// Whether the exchange has a request half; floods and faults have none.
    is_recorded: bool,
}

/// Takes a whole request to its answer. Must be run to its end even if the merchant hangs up: money may be
/// under way, and the exchange is to be recorded.
pub(crate) async fn run(entry: &Entry, request: WireRequest, received_at: Timestamp) -> Response {
    let mut passage = Passage::new(entry, received_at);
    if !entry.gateway.limits.takes_address(request.peer) {
        let error = TradeError::new(
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
    let dialect = entry.dialect.descriptor().id;
    match entry.dialect.decode(&request) {
        Err(undecoded) => {
            let Undecoded { error, echo } = *undecoded;
            let (no, at) = (passage.exchange_no, received_at);
            passage.is_recorded = true;
            passage.half = Some(request_half(no, at, dialect, None, &request, &[]));
            passage.finish(&echo, &Err(error))
        }
        Ok(decoded) => {
            passage.is_understood = true;
            let (no, at) = (passage.exchange_no, received_at);
            let secrets = &decoded.secrets;
            passage.is_recorded = true;
            passage.half = Some(request_half(no, at, dialect, None, &request, secrets));
            match passage.admit(&decoded).await {
                Err(error) => passage.finish(&decoded.echo, &Err(error)),
                Ok(profile) => {
                    let Decoded { command, echo, .. } = decoded;
                    let result = match command {
                        Ok(command) => passage.execute(profile, command).await,
                        Err(error) => Err(error),
                    };
                    passage.finish(&echo, &result)
                }
            }
        }
    }
}

/// Words a fault that ended a request's task.
pub(crate) fn fault(entry: &Entry, route: String, received_at: Timestamp) -> Response {
    let passage = Passage::new(entry, received_at);
    let message = "a fault on our side; query before anything else";
    let error = TradeError::new(ErrorCode::Internal, message);
    passage.finish(
        &Echo {
            route,
            ..Echo::default()
        },
        &Err(error),
    )
}

/// Refuses a body beyond the dialect's limit, in the dialect's own words.
pub(crate) fn refuse_body(
    entry: &Entry,
    request: &WireRequest,
    received_at: Timestamp,
    body_bytes_max: usize,
) -> Response {
    let mut passage = Passage::new(entry, received_at);
    let dialect = entry.dialect.descriptor().id;
    passage.is_recorded = true;
    passage.half = Some(request_half(
        passage.exchange_no,
        received_at,
        dialect,
        None,
        request,
        &[],
    ));
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
            verb: "none",
            keys: None,
            reading: None,
            signing: None,
            is_understood: false,
            is_recorded: false,
        }
    }

    /// Finds the signer, verifies, and checks that it may act, now, once more.
    async fn admit(&mut self, decoded: &Decoded) -> Result<Arc<AppProfile>, TradeError> {
        let engine = &self.entry.gateway.engine;
        let found = engine.find_app(&self.entry.dialect, &decoded.signer).await;
        let found = found.map_err(|cause| {
            tracing::error!(%cause, "a signer cannot be looked up");
            TradeError::new(ErrorCode::BooksUnavailable, "the books are away; try again")
        })?;
        let Some(profile) = found else {
            // The same work as for a known signer, so that time tells nothing (ruling 26).
            let _ = verify(decoded, &*engine.vault().dummy_keys());
            let message = format!("no merchant {} is registered here", decoded.signer);
            return Err(TradeError::new(ErrorCode::UnknownMerchant, message));
        };
        let Some(Held { reading, key }) = verify(decoded, &*profile.keys) else {
            self.signing = Some(explain(decoded));
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
        if let Some(half) = &mut self.half {
            // Only now is it known whose request it is; until then it counts as a stranger's.
            half.app_id = Some(decoded.app.clone());
        }
        self.keys = Some((Arc::clone(&profile.keys), key));
        if decoded.signer != decoded.app {
            let message = "this signer may not act for that merchant";
            return Err(TradeError::new(ErrorCode::SignerNotAllowed, message));
        }
        self.check_freshness(decoded)?;
        if !self.entry.gateway.limits.takes_app(&decoded.app) {
            let message = "too many requests of this merchant; slow down";
            return Err(TradeError::new(ErrorCode::RateLimited, message));
        }
        Ok(profile)
    }

    fn check_freshness(&self, decoded: &Decoded) -> Result<(), TradeError> {
        let window_ms = self.entry.dialect.descriptor().policy.freshness_ms;
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
        };
        let (result, half) = engine.execute(caller, command).await;
        self.half = half;
        result
    }

    /// Words, signs, records and sends the answer.
    fn finish(self, echo: &Echo, result: &Result<Reply, TradeError>) -> Response {
        let engine = &self.entry.gateway.engine;
        let dialect = &self.entry.dialect;
        let now = engine.clock().now();
        let context = EncodeContext {
            now,
            public_url: &engine.settings().public_url,
            is_verified: self.keys.is_some(),
        };
        let answer = match dialect.encode(echo, result.as_ref(), context) {
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
        tracing::info!(
            request_id = %exchange_no,
            dialect = dialect.descriptor().id,
            verb = self.verb,
            order_no = order_no.map(|number| number.to_string()),
            outcome,
            duration_ms,
            "merchant request"
        );
        metrics::histogram!(
            "heliu_http_request_duration_seconds",
            "dialect" => dialect.descriptor().id,
            "verb" => self.verb,
            "outcome" => outcome,
        )
        .record(std::time::Duration::from_millis(
            u64::try_from(duration_ms).unwrap_or(0),
        ));
        let secrets = dialect.answer_secrets(result.as_ref());
        let answer_half = ExchangeAnswer {
            exchange_no,
            status: answer.status,
            body: masked(text_of(&answer.body), &secrets),
            outcome: outcome.to_owned(),
            reading: self.reading,
            signing: self.signing,
            order_no,
            duration_ms,
        };
        if let Some(half) = self.half {
            let half = if self.keys.is_some() {
                half
            } else {
                refused_half(half, self.is_understood)
            };
            engine.store().record(ExchangeRecord::Request(half));
        }
        if self.is_recorded {
            engine.store().record(ExchangeRecord::Answer(answer_half));
        }
        response_to(answer, exchange_no)
    }

    /// With the key that verified the request (ruling 30).
    fn signed(&self, spec: &heliu_ports::signature::SignatureSpec) -> Result<String, String> {
        let (keys, version) = self.keys.as_ref().ok_or("the request was not verified")?;
        keys.sign(spec, Some(*version))
            .map_err(|cause| cause.to_string())
    }
}

/// The outcome's word for logs, and the order it was about.
fn summary(result: &Result<Reply, TradeError>) -> (&'static str, Option<OrderNo>) {
    match result {
        Ok(
            Reply::Order { order, .. } | Reply::Prepaid { order, .. } | Reply::Refund { order, .. },
        ) => (order.state.as_str(), Some(order.order_no)),
        Err(error) => (
            error.code.as_str(),
            error.order.as_ref().map(|order| order.order_no),
        ),
    }
}
