//! The HTTP server under every surface: hyper with its timers set.
//!
//! The ready-made server of the routing library keeps half a header open for ever, because hyper's
//! header time-out needs a timer that it does not install (reliability row G9). Here connections
//! are capped, in all and per address ([`seats`]), headers and idle connections timed, peers that
//! do not read are cut ([`socket`]), and a stop lets requests under way finish.

mod refusals;
mod seats;
mod socket;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;
use tower::ServiceExt;

use crate::recording;
use crate::visitor::{Origin, TrustedProxies};
use refusals::Refusals;
use seats::{Displaced, NoSeat, Seat};
use socket::{Outflow, Socket};

pub(crate) use seats::Seats;

/// A surface's limits.
#[derive(Debug, Clone)]
pub struct ServeLimits {
    /// Connections at the same time. When there are so many, the oldest one without a whole request
    /// header goes; if there is none, further ones wait to be accepted.
    pub connections_max: usize,
    /// Connections of one address at the same time, and requests of one behind a proxy; 0 is no
    /// limit.
    pub connections_per_address: usize,
    /// Whose connections are not counted, and whose word about addresses is taken.
    pub trusted_proxies: TrustedProxies,
    /// For a whole request header, also while a kept-alive connection is idle.
    pub header_timeout: Duration,
    /// For a peer to take anything of an answer.
    pub stall_timeout: Duration,
    /// For requests under way when the stop comes.
    pub drain_timeout: Duration,
}

/// Largest request header, in bytes.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// What the system keeps of answers that a peer does not read, in bytes; left alone it grows to
/// megabytes.
const SEND_BUFFER_BYTES: usize = 128 * 1024;
/// Connections that wait to be accepted; the library has 128, and whoever finds no place there
/// tries again a second later. The system may allow fewer (net.core.somaxconn).
const BACKLOG: i32 = 4096;
/// How long after a stop whoever is connected may take for a first request that is on its way.
const FIRST_REQUEST_TIME: Duration = Duration::from_secs(1);
/// Pause after the operating system refused to accept (out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Worker threads of the runtime under the surfaces: one a core, but one core is for the thread
/// that writes the books. A worker more would find nothing to do, and looking for it costs system
/// calls.
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
    let socket = socket2::SockRef::from(&listener);
    // Connections have it from their listener.
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    let _ = socket.listen(BACKLOG);
    let drain_timeout = limits.drain_timeout;
    let connections = Connections {
        router,
        seats: Seats::new(limits.connections_max, limits.connections_per_address),
        limits,
        stopping: watch::Sender::new(false),
    };
    let mut refusals = Refusals::default();
    'accepting: loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(cause) => {
                refusals.refused(&cause);
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        refusals.accepted();
        let seat = loop {
            let until = match connections.seat_for(peer.ip()) {
                Err(NoSeat::AtAll(until)) => until,
                other => break other,
            };
            tokio::select! {
                () = connections.seats.freed() => {}
                () = passed(until) => {}
                () = &mut stop => break 'accepting,
            }
        };
        if let Ok(seat) = seat {
            connections.serve(stream, peer, seat);
        }
    }
    connections.take_the_last(listener);
    let _nobody_is_connected = connections.stopping.send(true);
    if tokio::time::timeout(drain_timeout, connections.stopping.closed())
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
    seats: Arc<Seats>,
    /// Each connection has a receiver as long as it lives.
    stopping: watch::Sender<bool>,
}

impl Connections {
    fn seat_for(&self, peer: IpAddr) -> Result<Arc<Seat>, NoSeat> {
        let is_proxy = self.limits.trusted_proxies.trusts(peer);
        let origin = (!is_proxy).then(|| Origin::from(peer));
        let seat = self.seats.take(origin, Instant::now());
        if let Err(NoSeat::OfAddress) = seat {
            refuse(peer, "connection");
        }
        seat
    }

    /// Whoever had connected before the stop has perhaps sent a request already. The system is
    /// asked itself: what the runtime knows of its listener is older.
    fn take_the_last(&self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok((stream, peer)) = listener.accept()
            && stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            match self.seat_for(peer.ip()) {
                Ok(seat) => self.serve(stream, peer, seat),
                Err(NoSeat::OfAddress) => {}
                Err(NoSeat::AtAll(_)) => break,
            }
        }
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, seat: Arc<Seat>) {
        let _ = stream.set_nodelay(true);
        let (socket, outflow) = Socket::new(stream, self.limits.stall_timeout);
        let guest = Arc::new(Guest {
            router: self.router.clone(),
            proxies: self.limits.trusted_proxies.clone(),
            seats: Arc::clone(&self.seats),
            seat: Arc::clone(&seat),
            outflow,
            peer: peer.ip(),
        });
        let service = service_fn(move |request| Arc::clone(&guest).answer(request));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_buf_size(HEADER_BYTES_MAX)
            // Old clients look for `Content-Length`, capitals and all.
            .title_case_headers(true)
            .serve_connection(TokioIo::new(socket), service);
        let mut stopping = self.stopping.subscribe();
        let own = Arc::clone(&seat);
        let task = tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let told_to_end = async {
                let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
                // Closed before its first request is read, it would lose it, and nobody would know
                // whether it was done.
                let _ = tokio::time::timeout(FIRST_REQUEST_TIME, own.first_request()).await;
            };
            let ended = tokio::select! {
                biased;
                ended = connection.as_mut() => ended,
                () = told_to_end => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(cause) = ended {
                tracing::debug!(%cause, %peer, "a connection ended badly");
            }
        });
        seat.belongs_to(task.abort_handle());
    }
}

/// Returns at that instant; without one never.
async fn passed(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Says that an address has more than its share.
fn refuse(address: IpAddr, what: &'static str) {
    metrics::counter!("heliu_connections_refused_total", "what" => what).increment(1);
    tracing::warn!(%address, what, "an address has its share of connections and gets no more");
}

/// Whoever holds a connection.
struct Guest {
    router: Router,
    proxies: TrustedProxies,
    seats: Arc<Seats>,
    seat: Arc<Seat>,
    outflow: Arc<Outflow>,
    peer: IpAddr,
}

/// Whose a request is; stands among the request's extensions.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) address: IpAddr,
    /// As limits count it; unset for a proxy that speaks for itself.
    pub(crate) origin: Option<Origin>,
    pub(crate) seats: Arc<Seats>,
}

impl Guest {
    async fn answer(
        self: Arc<Self>,
        mut request: hyper::Request<Incoming>,
    ) -> Result<Response, Displaced> {
        self.outflow.flows().await;
        let _serving = self.seat.serves()?;
        let address = self.proxies.client(self.peer, request.headers());
        let origin = (!self.proxies.trusts(address)).then(|| Origin::from(address));
        let is_forwarded = self.proxies.trusts(self.peer);
        let _place = match origin.filter(|_| is_forwarded) {
            None => None,
            Some(origin) => match self.seats.take_for_request(origin) {
                Ok(place) => Some(place),
                Err(_) => {
                    refuse(address, "request");
                    let text = "too many requests of this address at once";
                    return Ok(recording::busy(429, text));
                }
            },
        };
        request.extensions_mut().insert(Visitor {
            address,
            origin,
            seats: Arc::clone(&self.seats),
        });
        let request = Request::from(request.map(axum::body::Body::new));
        let Ok(response) = self.router.clone().oneshot(request).await;
        Ok(response)
    }
}
