//! The HTTP server under every surface: hyper with its timers set.
//!
//! The ready-made server of the routing library keeps half a header open for ever, because hyper's header
//! time-out needs a timer that it does not install (reliability row G9). Here connections are capped,
//! headers and idle connections timed, and a stop lets requests under way finish.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tower::ServiceExt;

/// A surface's limits.
#[derive(Debug, Clone, Copy)]
pub struct ServeLimits {
    /// Connections at the same time; more wait to be accepted.
    pub connections_max: usize,
    /// For a whole request header, also while a kept-alive connection is idle.
    pub header_timeout: Duration,
    /// For requests under way when the stop comes.
    pub drain_timeout: Duration,
}

/// Largest request header, in bytes.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Pause after the operating system refused to accept (out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// So long after the last refusal connections count as accepted again.
const WELL_AFTER: Duration = Duration::from_secs(2);

/// Worker threads of the runtime under the surfaces: one a core, but one core is for the thread that writes
/// the books. A worker more would find nothing to do, and looking for it costs system calls.
#[must_use]
pub fn worker_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.saturating_sub(1).max(1)
}

/// Serves `router` on `listener` until `stop` resolves, then drains.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    stop: impl Future<Output = ()> + Send,
) {
    let mut stop = std::pin::pin!(stop);
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let connections = Connections {
        router,
        limits,
        graceful: GracefulShutdown::new(),
    };
    let mut refusals = Refusals::default();
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut stop => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                refusals.accepted();
                connections.serve(stream, peer, place);
            }
            Err(cause) => {
                refusals.refused(&cause);
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    connections.take_the_last(listener, &places);
    if tokio::time::timeout(limits.drain_timeout, connections.graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections were cut: they did not end in time");
    }
}

/// What every connection of a surface has.
struct Connections {
    router: Router,
    limits: ServeLimits,
    graceful: GracefulShutdown,
}

impl Connections {
    /// Whoever had connected before the stop has perhaps sent a request already. The system is asked itself: what
    /// the runtime knows of its listener is older.
    fn take_the_last(&self, listener: TcpListener, places: &Arc<Semaphore>) {
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok(place) = Arc::clone(places).try_acquire_owned()
            && let Ok((stream, peer)) = listener.accept()
            && stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            self.serve(stream, peer, place);
        }
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let _ = stream.set_nodelay(true);
        let router = self.router.clone();
        let service = service_fn(move |request| answer(router.clone(), request, peer));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_buf_size(HEADER_BYTES_MAX)
            .pipeline_flush(true)
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            if let Err(cause) = connection.await {
                tracing::debug!(%cause, %peer, "a connection ended badly");
            }
        });
    }
}

/// Connections that the operating system would not give us: said once for as long as it lasts, though one gets
/// in whenever another ends.
#[derive(Default)]
struct Refusals {
    count: u64,
    newest_at: Option<Instant>,
}

impl Refusals {
    fn refused(&mut self, cause: &std::io::Error) {
        if self.count == 0 {
            tracing::error!(
                %cause,
                "connections cannot be accepted and wait; if files are what there are too many of, raise the limit \
                 (ulimit -n, LimitNOFILE) or lower connections_max"
            );
        }
        self.count += 1;
        self.newest_at = Some(Instant::now());
    }

    fn accepted(&mut self) {
        if self.newest_at.is_some_and(|at| at.elapsed() >= WELL_AFTER) {
            tracing::info!(refusals = self.count, "connections are accepted again");
            *self = Self::default();
        }
    }
}

async fn answer(
    router: Router,
    mut request: hyper::Request<Incoming>,
    peer: SocketAddr,
) -> Result<axum::response::Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    router
        .oneshot(Request::from(request.map(axum::body::Body::new)))
        .await
}
