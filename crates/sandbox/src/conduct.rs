//! How a call is answered, apart from what is answered: slow, silent, cut, wrongly signed, or
//! properly.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use crate::book::{Book, Verb};
use crate::error::SandboxError;
use crate::notify;
use crate::state::Inner;
use crate::transcript;

/// The longest a silent connection is held, in virtual ms (96, 97, `silent_*`).
const SILENCE_MS: i64 = 60_000;
/// How long `slow` waits unless told otherwise, in virtual ms.
const SLOW_MS: i64 = 5_000;
/// How long the first half of a cut answer gets to leave, on tokio's clock.
const FLUSH: std::time::Duration = std::time::Duration::from_millis(50);

/// The bytes of one request.
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    /// Path and query exactly as on the request line, prefix included (channels.md 1.1).
    pub(crate) fn target(&self) -> &str {
        self.uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
    }

    /// A header's text, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What is done to an answer on its way. Set by faults and by payment codes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Conduct {
    slow_ms: Option<i64>,
    silent_before: bool,
    http_500: bool,
    http_429: bool,
    /// The work is done, the answer never leaves.
    pub(crate) silent: bool,
    cut: bool,
    /// The answer carries a signature that does not verify.
    pub(crate) wrong_signature: bool,
    /// The answer's signature is older than the window.
    pub(crate) stale: bool,
    /// The answer's signature is a probe.
    pub(crate) probe: bool,
    /// The answer names a key that nobody has.
    pub(crate) unknown_serial: bool,
}

impl Conduct {
    fn plan(book: &Book<'_>, channel: &str) -> Result<Self, SandboxError> {
        let has = |fault: &str| book.take_fault(channel, fault).map(|found| found.is_some());
        let slow_ms = book
            .take_fault(channel, "slow")?
            .map(|ms| ms.unwrap_or(SLOW_MS));
        // A call that is not worked on uses up no fault of the work.
        let silent_before = has("silent_before")?;
        let http_500 = !silent_before && has("http_500")?;
        let http_429 = !silent_before && !http_500 && has("http_429")?;
        if silent_before || http_500 || http_429 {
            return Ok(Self {
                slow_ms,
                silent_before,
                http_500,
                http_429,
                ..Self::default()
            });
        }
        Ok(Self {
            slow_ms,
            silent: has("silent_after")?,
            cut: has("cut_answer")?,
            wrong_signature: has("wrong_signature")?,
            stale: has("stale_timestamp")?,
            probe: has("sign_test")?,
            unknown_serial: has("unknown_serial")?,
            ..Self::default()
        })
    }
}

/// An answer before faults.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Serves one call: faults, work in one transaction, early notifications, answer.
///
/// The work is synchronous, so a client that leaves can not leave it half done.
pub(crate) async fn serve<W>(
    inner: Arc<Inner>,
    channel: &str,
    verb: impl Into<Verb>,
    request: Received,
    work: W,
) -> Response
where
    W: FnOnce(&Received, &mut Book<'_>, &mut Conduct) -> Result<Answer, SandboxError> + Send,
{
    let verb = verb.into();
    let line = format!("{} {}", request.method, request.uri);
    let seen = transcript::message(&request.headers, &request.body);
    let at_ms = inner.now_ms();
    let record = |status: Option<u16>, answer: serde_json::Value| {
        inner
            .transcript
            .add(at_ms, "in", &line, seen, status, answer);
    };
    let mut conduct = match inner.with_book(verb, |book| Conduct::plan(book, channel)) {
        Ok((conduct, _)) => conduct,
        Err(error) => return broken(&error),
    };
    if let Some(ms) = conduct.slow_ms {
        inner.sleep(ms).await;
    }
    if conduct.silent_before {
        record(None, "silent, nothing was done".into());
        return silence(&inner).await;
    }
    if conduct.http_500 {
        record(Some(500), "fault http_500, nothing was done".into());
        return page(StatusCode::INTERNAL_SERVER_ERROR);
    }
    if conduct.http_429 {
        record(Some(429), "fault http_429, nothing was done".into());
        let told = inner.upstream(channel).map(|upstream| upstream.too_many);
        let told = told.ok().and_then(|too_many| too_many(&request.uri));
        return told.unwrap_or_else(|| page(StatusCode::TOO_MANY_REQUESTS));
    }
    let answer = match inner.with_book(verb, |book| work(&request, book, &mut conduct)) {
        Ok((answer, early)) => {
            notify::deliver_early(&inner, early).await;
            answer
        }
        Err(error) => return broken(&error),
    };
    if conduct.silent {
        record(None, "silent, the work was done".into());
        return silence(&inner).await;
    }
    let response = dress(answer, conduct.cut, record);
    response.unwrap_or_else(|| page(StatusCode::INTERNAL_SERVER_ERROR))
}

fn dress(
    answer: Answer,
    cut: bool,
    record: impl FnOnce(Option<u16>, serde_json::Value),
) -> Option<Response> {
    let mut headers = HeaderMap::new();
    for (name, value) in &answer.headers {
        headers.insert(*name, HeaderValue::from_str(value).ok()?);
    }
    record(
        Some(answer.status.as_u16()),
        transcript::message(&headers, answer.body.as_bytes()),
    );
    let whole = Bytes::from(answer.body);
    let body = if cut {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
        let half = whole.slice(..whole.len() / 2);
        // The half must have left before the break, else the client would see no answer at all.
        let broken = futures::stream::once(async {
            tokio::time::sleep(FLUSH).await;
            Err(std::io::Error::other("cut by a fault"))
        });
        let halves = futures::stream::once(async move { Ok::<Bytes, std::io::Error>(half) });
        Body::from_stream(halves.chain(broken))
    } else {
        Body::from(whole)
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers;
    Some(response)
}

/// Holds the connection until the client leaves; after a virtual minute a gateway would give up.
async fn silence(inner: &Inner) -> Response {
    inner.sleep(SILENCE_MS).await;
    page(StatusCode::GATEWAY_TIMEOUT)
}

/// An HTML page as a gateway in front of a channel shows it: never JSON, never signed.
pub(crate) fn page(status: StatusCode) -> Response {
    let mut response = Response::new(Body::from(format!(
        "<html><body><h1>{status}</h1></body></html>"
    )));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

/// The sandbox itself failed: say so in the log, and answer what no channel would sign.
pub(crate) fn broken(error: &SandboxError) -> Response {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "the sandbox failed"
    );
    page(StatusCode::INTERNAL_SERVER_ERROR)
}
