//! A connection's socket: knows whether its peer reads, cuts one that does not, and parts politely.
//!
//! The HTTP library answers pipelined requests as fast as they come and keeps what the peer does
//! not read. So the next request waits ([`Outflow::flows`]) until the system has taken all of the
//! answers before it: memory holds one answer per connection. A peer that takes nothing for a while
//! is cut.
//!
//! Whoever is refused while still sending (a header too large, a body too large) must be able to
//! read why: closing with unread bytes makes the system throw the answer away. So after the last
//! answer the rest is read and dropped, for a short while.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Sleep;

/// How long what a refused peer still sends is read after the last answer.
const PARTING_TIME: Duration = Duration::from_secs(2);
/// How much of it, in bytes.
const PARTING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Whether answers leave.
#[derive(Default)]
pub(super) struct Outflow {
    is_blocked: AtomicBool,
    moved: Notify,
}

impl Outflow {
    /// Returns once the peer has left room for all answers so far.
    pub(super) async fn flows(&self) {
        while self.is_blocked.load(Ordering::SeqCst) {
            let moved = self.moved.notified();
            if self.is_blocked.load(Ordering::SeqCst) {
                moved.await;
            }
        }
    }
}

enum Parting {
    NotYet,
    Reading { until: Pin<Box<Sleep>>, left: usize },
}

/// A peer's socket.
pub(super) struct Socket {
    stream: TcpStream,
    outflow: Arc<Outflow>,
    stall_timeout: Duration,
    /// Since when nothing moves; unset while it does.
    stalled: Option<Pin<Box<Sleep>>>,
    parting: Parting,
}

impl Socket {
    /// A socket whose peer is cut when it takes nothing for `stall_timeout`.
    pub(super) fn new(stream: TcpStream, stall_timeout: Duration) -> (Self, Arc<Outflow>) {
        let outflow = Arc::new(Outflow::default());
        let socket = Self {
            stream,
            outflow: Arc::clone(&outflow),
            stall_timeout,
            stalled: None,
            parting: Parting::NotYet,
        };
        (socket, outflow)
    }

    /// Notes how a write went; ends the connection of a peer that has taken nothing for too long.
    fn noted(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            if self.outflow.is_blocked.swap(false, Ordering::SeqCst) {
                self.outflow.moved.notify_waiters();
            }
            return written;
        }
        self.outflow.is_blocked.store(true, Ordering::SeqCst);
        let timeout = self.stall_timeout;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.noted(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.noted(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = &mut *self;
        if let Parting::NotYet = socket.parting {
            std::task::ready!(Pin::new(&mut socket.stream).poll_shutdown(cx))?;
            socket.parting = Parting::Reading {
                until: Box::pin(tokio::time::sleep(PARTING_TIME)),
                left: PARTING_BYTES_MAX,
            };
        }
        let Parting::Reading { until, left } = &mut socket.parting else {
            return Poll::Ready(Ok(()));
        };
        let mut dropped = [0; 8 * 1024];
        while *left > 0 && until.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut dropped);
            match std::task::ready!(Pin::new(&mut socket.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    *left = left.saturating_sub(buffer.filled().len());
                }
                // The peer has closed too, or is gone.
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
