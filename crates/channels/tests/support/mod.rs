//! A scripted upstream with keys of its own, and orders to try channels with. Signatures are
//! computed here without the code under test.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub(crate) mod alipay;
pub(crate) mod keys;
pub(crate) mod orders;
pub(crate) mod payouts;
pub(crate) mod unionpay;
pub(crate) mod wechat;

use std::collections::VecDeque;
use std::sync::Mutex;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use heliu_ports::channel::Upstream;
use heliu_ports::keys::{KeyError, NamedCheck};
use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};
use heliu_ports::transport::CallError;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::time::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Now, in every test: 2026-01-15 10:00:00 Beijing time.
pub(crate) const NOW_MS: i64 = 1_768_442_400_000;

/// What the far side does with a call.
#[derive(Clone)]
pub(crate) enum Reply {
    NotSent,
    /// No secure connection.
    NotSecured,
    NoAnswer,
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Http(200, Vec::new(), body.into())
    }
}

/// The upstream of a test.
pub(crate) struct Fake {
    script: Mutex<VecDeque<Reply>>,
    sent: Mutex<Vec<(OutRequest, i64)>>,
    without: Option<&'static str>,
}

impl Fake {
    pub(crate) fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            script: Mutex::new(script.into_iter().collect()),
            sent: Mutex::new(Vec::new()),
            without: None,
        }
    }

    /// One that lacks the key of a role.
    pub(crate) fn without(role: &'static str, script: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            without: Some(role),
            ..Self::new(script)
        }
    }

    pub(crate) fn sent(&self) -> Vec<(OutRequest, i64)> {
        self.sent.lock().expect("one thread").clone()
    }

    /// The only request that was sent.
    pub(crate) fn only(&self) -> OutRequest {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "one call");
        sent.into_iter().next().expect("one call").0
    }

    fn has(&self, role: KeyRole) -> Result<(), KeyError> {
        if self.without == Some(role.0) {
            Err(KeyError::Missing(role.0))
        } else {
            Ok(())
        }
    }
}

/// Runs a verb: the fake never makes anybody wait.
pub(crate) fn run<T>(verb: impl Future<Output = T>) -> T {
    verb.now_or_never()
        .expect("a verb waits for its upstream only")
}

fn text_of(spec: &SignatureSpec) -> Vec<u8> {
    let mut text = Vec::new();
    for piece in &spec.pieces {
        match piece {
            Piece::Text(bytes) => text.extend_from_slice(bytes),
            Piece::Key(role) => text.extend_from_slice(keys::secret(role.0).as_bytes()),
        }
    }
    text
}

impl Upstream for Fake {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(NOW_MS)
    }

    fn nonce(&self, length: usize) -> String {
        "n0nce".repeat(length).chars().take(length).collect()
    }

    fn sign(&self, spec: &SignatureSpec) -> Result<String, KeyError> {
        let text = text_of(spec);
        match (spec.algorithm, spec.rendering) {
            (Algorithm::Md5, Rendering::UpperHex) => {
                self.has(KeyRole("api_v2"))?;
                Ok(keys::md5_hex(&text).to_uppercase())
            }
            (Algorithm::HmacSha256(role), Rendering::UpperHex) => {
                self.has(role)?;
                Ok(keys::hmac_hex(keys::secret(role.0), &text).to_uppercase())
            }
            (Algorithm::RsaSha256(role), Rendering::Base64) => {
                self.has(role)?;
                assert!(role.0.ends_with("_private"), "{role:?} does not sign");
                Ok(keys::ours().sign(&text))
            }
            (Algorithm::RsaSha256OfHex(role), Rendering::Base64) => {
                self.has(role)?;
                assert!(role.0.ends_with("_private"), "{role:?} does not sign");
                Ok(keys::ours().sign(keys::sha256_hex(&text).as_bytes()))
            }
            other => panic!("no channel signs with {other:?}"),
        }
    }

    fn verify(&self, spec: &SignatureSpec, presented: &str) -> bool {
        let text = text_of(spec);
        match spec.algorithm {
            Algorithm::Md5 => keys::md5_hex(&text).eq_ignore_ascii_case(presented),
            Algorithm::HmacSha256(role) => {
                keys::hmac_hex(keys::secret(role.0), &text).eq_ignore_ascii_case(presented)
            }
            Algorithm::RsaSha256(role) => {
                assert!(role.0.ends_with("_public"), "{role:?} does not verify");
                keys::theirs().verify(&text, presented)
            }
            Algorithm::RsaSha256OfHex(role) => {
                assert!(role.0.ends_with("_public"), "{role:?} does not verify");
                keys::theirs().verify(keys::sha256_hex(&text).as_bytes(), presented)
            }
        }
    }

    fn verify_by(&self, serial: &str, spec: &SignatureSpec, presented: &str) -> NamedCheck {
        let Some(pair) = keys::named(serial) else {
            return NamedCheck::UnknownKey;
        };
        assert_eq!(
            spec.algorithm,
            Algorithm::RsaSha256(KeyRole("wechatpay_public"))
        );
        match pair.verify(&text_of(spec), presented) {
            true => NamedCheck::Holds,
            false => NamedCheck::Fails,
        }
    }

    fn verify_by_certificate(
        &self,
        pem: &str,
        serial: &str,
        spec: &SignatureSpec,
        presented: &str,
    ) -> bool {
        let pair = keys::certified(serial);
        keys::serial_of_certificate(pem) == Some(serial)
            && pair.is_some_and(|pair| pair.verify(&text_of(spec), presented))
    }

    fn open_gcm(
        &self,
        role: KeyRole,
        nonce: &[u8],
        associated: &[u8],
        boxed: &[u8],
    ) -> Option<Vec<u8>> {
        keys::open_gcm(keys::secret(role.0), nonce, associated, boxed)
    }

    fn reveal(&self, role: KeyRole) -> Result<String, KeyError> {
        self.has(role)?;
        Ok(keys::secret(role.0).to_owned())
    }

    fn reveal_of_contract(&self, role: KeyRole) -> Result<String, KeyError> {
        self.has(role)?;
        Ok(keys::secret_of_contract(role.0).to_owned())
    }

    fn send(
        &self,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        assert!(
            !request.url.contains("/secapi/"),
            "{} answers only who shows a certificate",
            request.url
        );
        self.answer(request, timeout_ms)
    }

    fn send_as(
        &self,
        role: KeyRole,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        assert_eq!(role.0, "client_certificate");
        assert!(request.url.contains("/secapi/"), "{}", request.url);
        self.answer(request, timeout_ms)
    }
}

impl Fake {
    fn answer(
        &self,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        self.sent
            .lock()
            .expect("one thread")
            .push((request, timeout_ms));
        let reply = self.script.lock().expect("one thread").pop_front();
        let answer = match reply.expect("the script has an answer for each call") {
            Reply::NotSent => Err(CallError::NotSent("refused".to_owned())),
            Reply::NotSecured => Err(CallError::NotSecured("a bad certificate".to_owned())),
            Reply::NoAnswer => Err(CallError::NoAnswer("timed out".to_owned())),
            Reply::Http(status, headers, body) => Ok(WireResponse {
                status,
                headers: header_map(&headers),
                body: body.into(),
            }),
        };
        Box::pin(async { answer })
    }
}

pub(crate) fn header_map(headers: &[(&'static str, String)]) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        })
        .collect()
}
