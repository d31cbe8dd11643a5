//! What the sandbox is given by whoever composes it.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;

/// How a sandbox is opened.
#[derive(Clone)]
pub struct Options {
    /// The database file, `.../sandbox.db`; `:memory:` keeps everything in memory (tests).
    pub database: PathBuf,
    /// Where this sandbox can be reached, without a trailing slash: `http://127.0.0.1:8090`.
    pub public_url: String,
    /// The only address `/control/scan` may visit, without a trailing slash:
    /// `http://127.0.0.1:8080`.
    pub platform_url: String,
    /// Virtual UTC milliseconds. The sandbox never reads the system's clock.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// How many times faster virtual time runs than tokio's time (ruling 49); 0 counts as 1.
    pub time_factor: u32,
    /// Outgoing HTTP (notifications, `/control/scan`); `None` means a reqwest client without
    /// redirects.
    pub caller: Option<Arc<dyn Caller>>,
}

/// Sends one HTTP request and hands back the whole answer; does not follow redirects.
pub trait Caller: Send + Sync {
    /// Calls; the error is a sentence for the transcript.
    fn call(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, String>>;
}

/// Moves the clock that the sandbox goes by. Whoever composes it owns that clock.
pub trait ClockMover: Send + Sync {
    /// How far it was moved, in virtual ms.
    fn ahead_ms(&self) -> i64;

    /// Moves it forward to virtual UTC milliseconds; what it says then. The error is a sentence.
    fn move_to(&self, at_ms: i64) -> BoxFuture<'static, Result<i64, String>>;
}
