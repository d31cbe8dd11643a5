//! The sandbox: plays the upstreams that the platform sends payments to, and the payer.
//!
//! It stands alone on purpose: it imports no crate of the platform, so that a mistake in a
//! connector can not be cancelled by the same mistake here (rulings.md 43). It verifies everything
//! a real upstream verifies, signs every answer, and keeps its own books in `sandbox.db`; what it
//! believes is on disk before it answers. Every `/control` schema stands in this crate's README.
//!
//! Everything in which one upstream differs from another is one value, its `upstream::Upstream`,
//! in its own folder of [`upstreams`]; the rest of the sandbox names none of them.
//!
//! Flow of one call: listener -> `conduct` (faults) -> an upstream (verify, decide) -> `payer` and
//! `book` (one database transaction) -> signed answer; `timers` and `notify` do what happens later.
//!
//! Who may import whom, top first: `upstreams`, `sms`; `control`, `login_page`; `conduct`,
//! `timers`; `notify` (sends); `state` (opens transactions); `upstream` (what an upstream is);
//! `payer` (what happens to orders), `transfers` (what happens to money that is paid out),
//! `notices`; `codes` and `test_cards` (what a code and a card lead to); `wallets` (who pays);
//! `book`; `accounts`; `store`.

mod accounts;
mod book;
mod clock;
mod codes;
mod conduct;
mod control;
mod crypto;
mod error;
mod faults;
mod login_page;
mod notices;
mod notify;
mod options;
mod outgoing;
mod payer;
mod sms;
mod state;
mod store;
mod test_cards;
mod timers;
mod transcript;
mod transfers;
mod upstream;
pub mod upstreams;
mod wallets;

use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use accounts::{PortalAccount, PortalKeys, SmsAccount};
pub use error::SandboxError;
pub use options::{Caller, ClockMover, Options};

use state::Inner;

/// One running sandbox; clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Opens the database and creates the keys at the first start; later starts find the same keys
    /// and orders.
    ///
    /// # Errors
    /// When the database cannot be opened or a key cannot be made or read.
    pub fn open(options: Options) -> Result<Sandbox, SandboxError> {
        Ok(Sandbox {
            inner: Arc::new(Inner::open(options, upstreams::all())?),
        })
    }

    /// Every path of the sandbox: `/sms`, `/control/...`, `/livez`, and those of the upstreams,
    /// each below its name, and as they are in the world, without a prefix, for clients that take a
    /// host only.
    pub fn router(&self) -> axum::Router {
        let ours = sms::routes().merge(control::routes());
        let all = self.inner.upstreams.iter().fold(ours, |routes, upstream| {
            routes
                .merge((upstream.routes)(""))
                .merge((upstream.routes)(&format!("/{}", upstream.id)))
                .merge((upstream.control)())
        });
        all.with_state(Arc::clone(&self.inner))
    }

    /// From now on `POST /control/clock` moves the clock by `mover`; the first one stays.
    pub fn move_clock_by(&self, mover: Arc<dyn ClockMover>) {
        let _ = self.inner.clock_mover.set(mover);
    }

    /// The clock was moved: what is due by now is done now.
    pub fn clock_moved(&self) {
        self.inner.wake.notify_one();
    }

    /// Spawns the timers: payers who confirm later, late successes, notification schedules.
    ///
    /// They are re-armed from the database. A second call does nothing. Must run inside a tokio
    /// runtime.
    pub fn start(&self) {
        if !self.inner.started.swap(true, Ordering::SeqCst) {
            tokio::spawn(timers::run(
                Arc::downgrade(&self.inner),
                Arc::clone(&self.inner.wake),
            ));
        }
    }

    /// What the portals of the upstreams would hand over; the same after every start.
    pub fn portal_keys(&self) -> PortalKeys {
        self.inner.accounts.portal_keys(&self.inner.public_url)
    }
}
