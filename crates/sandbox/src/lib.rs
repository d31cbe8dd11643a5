//! The sandbox: plays the upstream channels (WeChat Pay partner mode, Alipay ISV, UnionPay's
//! provider API) and the payer.
//!
//! It stands alone on purpose: it imports no crate of the platform, so that a mistake in a
//! connector can not be cancelled by the same mistake here (rulings.md 43). It verifies everything
//! a real channel verifies, signs every answer, and keeps its own books in `sandbox.db`; what it
//! believes is on disk before it answers. Every `/control` schema stands in this crate's README.
//!
//! Flow of one call: listener -> `conduct` (faults) -> `wechat` / `alipay` / `unionpay` (verify,
//! decide) -> `payer` and `book` (one database transaction) -> signed answer; `timers` and `notify`
//! do what happens later.
//!
//! Who may import whom, top first: `control`; `wechat`, `alipay`, `unionpay`, `sms`; `login_page`;
//! `conduct`, `timers`; `notify` (sends); `state` (opens transactions); `payer` (what happens to
//! orders); `notices` (what notifications say); `wire` (the channels' shapes and signatures);
//! `promotions`; `codes` (what a code leads to); `wallet` (who pays); `book`; `accounts`;
//! `wechat_keys`; `store`.

mod accounts;
mod alipay;
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
mod promotions;
mod sms;
mod state;
mod store;
mod timers;
mod transcript;
mod unionpay;
mod wallet;
mod wechat;
mod wechat_keys;
mod wire;

use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use accounts::{AlipayAccount, PortalKeys, SmsAccount, UnionpayAccount, WechatAccount};
pub use error::SandboxError;
pub use options::{Caller, Options};

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
            inner: Arc::new(Inner::open(options)?),
        })
    }

    /// Every path of the sandbox: `/wechat/...`, `/alipay/...`, `/unionpay/...`, `/sms`,
    /// `/control/...`, `/livez`; the channels' paths also as they are in the world, without a
    /// prefix, for clients that take a host only.
    pub fn router(&self) -> axum::Router {
        let in_the_world = axum::Router::new()
            .merge(wechat::routes(""))
            .merge(alipay::routes(""))
            .merge(unionpay::routes(""));
        axum::Router::new()
            .merge(in_the_world)
            .merge(wechat::routes("/wechat"))
            .merge(alipay::routes("/alipay"))
            .merge(unionpay::routes("/unionpay"))
            .merge(sms::routes())
            .merge(control::routes())
            .with_state(Arc::clone(&self.inner))
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

    /// Makes WeChat know a mini program, so that its login codes can be exchanged; a repeat
    /// replaces the secret.
    ///
    /// # Errors
    /// When the app id is none, or the database fails.
    pub fn add_mini_program(&self, app_id: &str, secret: &str) -> Result<(), SandboxError> {
        if !wechat::is_app_id(app_id) {
            return Err(SandboxError::AppId(app_id.to_owned()));
        }
        self.inner.look(|book| book.set_app(app_id, secret))
    }

    /// What the portals of the channels would hand over; the same after every start.
    pub fn portal_keys(&self) -> PortalKeys {
        self.inner.accounts.portal_keys(&self.inner.public_url)
    }
}
