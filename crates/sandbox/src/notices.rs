//! How notifications leave: what an upstream puts on them, and how it wants them acknowledged.

use bytes::Bytes;
use http::{Request, Response};

use crate::accounts::Accounts;
use crate::book::NotificationRow;
use crate::error::SandboxError;

/// A merchant has 5 s to acknowledge (channels.md 1.11), in virtual ms.
pub(crate) const PATIENCE_MS: i64 = 5_000;

/// Headers and body.
pub(crate) type Dressed = (Vec<(&'static str, String)>, String);

/// The notifications of one upstream.
pub(crate) struct Notices {
    /// Waits after a failed sending, in virtual ms; after the last there is no further sending.
    pub(crate) gaps_ms: &'static [i64],
    /// How long a merchant has to acknowledge, in virtual ms.
    pub(crate) patience_ms: i64,
    /// Seals and signs a row for a sending at that time in virtual ms; with `true` its signature
    /// does not verify.
    pub(crate) dress: fn(&Accounts, &NotificationRow, i64, bool) -> Result<Dressed, SandboxError>,
    /// Whether this answers a notification of that form as it must be answered.
    pub(crate) is_acknowledged: fn(&str, &Response<Bytes>) -> bool,
}

/// The request that sends a row now, sealed and signed anew; `None` when its address is not a URL.
/// With `spoil` its signature does not verify.
pub(crate) fn dress(
    notices: &Notices,
    accounts: &Accounts,
    row: &NotificationRow,
    at_ms: i64,
    spoil: bool,
) -> Result<Option<Request<Bytes>>, SandboxError> {
    let (headers, body) = (notices.dress)(accounts, row, at_ms, spoil)?;
    let mut request = Request::post(&row.url).header("User-Agent", "Mozilla/4.0");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    Ok(request.body(Bytes::from(body)).ok())
}

/// Whether the answer is 200 and exactly `success`, nothing around it.
pub(crate) fn says_success(response: &Response<Bytes>) -> bool {
    response.status().as_u16() == 200 && response.body().as_ref() == b"success"
}
