//! Channel accounts: each has workers of its own, so that a hung one delays no other, and one that
//! does not answer is asked about fewer orders at a time.
//!
//! A few askings go on all the time, so that an account that answers again is known at once. What
//! cannot wait has workers apart: the last asking before an order's horizon, and whatever settles
//! money.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliu_trade::id::ChannelAccountId;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// Why a job asks an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// What became of a payment; there is time yet.
    Ask,
    /// The same for the last time before the payment is reversed.
    AskLast,
    /// Reversals, closes, refunds, and what is asked after them.
    Settle,
}

impl Errand {
    /// How many go at a time to one account.
    const fn places(self) -> usize {
        match self {
            Self::Ask => 64,
            // Each has two seconds, and a merchant waits for what follows.
            Self::AskLast => 256,
            Self::Settle => 32,
        }
    }

    /// How many wait in memory for a place; more stay in the books for a moment.
    const fn room(self) -> usize {
        match self {
            Self::Ask => 256,
            Self::AskLast => 64,
            Self::Settle => 64,
        }
    }
}

/// Without an answer so often in a row, an account is silent.
const SILENT_AFTER: u32 = 3;
/// Askings that go on at a time while an account is silent.
const PROBES: usize = 4;
/// First pause of other askings then, in ms; it doubles each time it has passed without an answer.
const SPACING_MS: i64 = 5_000;
/// How often it doubles at most: up to twenty seconds.
const DOUBLINGS_MAX: u32 = 2;
/// Longest wait for a place, in ms: it and the work are over before the job's lease is.
const WAIT_MAX_MS: i64 = 20_000;
/// Pause of a job that found no place in that time, or no room to wait, in ms.
const CROWDED_MS: i64 = 1_000;

/// Why a job does not go now: due again after this many ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy(pub(crate) i64);

/// All accounts that were asked.
#[derive(Default)]
pub(crate) struct Accounts {
    by_id: Mutex<HashMap<ChannelAccountId, Arc<Account>>>,
    /// Accounts of which the last word is missing: an answer costs one load while there are none.
    unheard: AtomicUsize,
}

struct Account {
    ask: Arc<Semaphore>,
    ask_last: Arc<Semaphore>,
    settle: Arc<Semaphore>,
    /// Rung when whoever waits to ask is to go.
    fell_silent: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Askings without an answer since the last one that had one.
    unanswered: u32,
    /// Askings under way while it is silent.
    probes: usize,
    /// How many wait, by errand.
    waiting: [usize; 3],
    /// How often the spacing has doubled, and when it may again.
    doublings: u32,
    doubles_at: Option<Instant>,
}

impl State {
    const fn is_silent(&self) -> bool {
        self.unanswered >= SILENT_AFTER
    }

    const fn spacing_ms(&self) -> i64 {
        SPACING_MS << self.doublings
    }
}

impl Account {
    fn new() -> Self {
        let places = |errand: Errand| Arc::new(Semaphore::new(errand.places()));
        Self {
            ask: places(Errand::Ask),
            ask_last: places(Errand::AskLast),
            settle: places(Errand::Settle),
            fell_silent: Notify::new(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For whoever asks while it is silent.
    fn busy(&self) -> Busy {
        Busy(self.state().spacing_ms())
    }

    const fn places(&self, errand: Errand) -> &Arc<Semaphore> {
        match errand {
            Errand::Ask => &self.ask,
            Errand::AskLast => &self.ask_last,
            Errand::Settle => &self.settle,
        }
    }
}

impl Accounts {
    fn account(&self, account_id: &ChannelAccountId) -> Arc<Account> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_id.get(account_id) {
            return Arc::clone(known);
        }
        let account = Arc::new(Account::new());
        by_id.insert(account_id.clone(), Arc::clone(&account));
        account
    }

    /// Waits for a place at an account. `duration` is the clock's.
    pub(crate) async fn enter(
        &self,
        account_id: &ChannelAccountId,
        errand: Errand,
        duration: impl Fn(i64) -> Duration,
    ) -> Result<Place, Busy> {
        let account = self.account(account_id);
        let place = |permit: Option<OwnedSemaphorePermit>| Place {
            account: Arc::clone(&account),
            is_probe: permit.is_none(),
            _permit: permit,
        };
        if errand == Errand::Ask {
            let mut state = account.state();
            if state.is_silent() {
                if state.probes >= PROBES {
                    return Err(Busy(state.spacing_ms()));
                }
                state.probes += 1;
                drop(state);
                return Ok(place(None));
            }
        }
        let places = Arc::clone(account.places(errand));
        if let Ok(permit) = Arc::clone(&places).try_acquire_owned() {
            return Ok(place(Some(permit)));
        }
        let _waiting = Waiting::begin(&account, errand)?;
        let mut fell_silent = std::pin::pin!(account.fell_silent.notified());
        fell_silent.as_mut().enable();
        let until = Instant::now() + duration(WAIT_MAX_MS);
        let permit = tokio::select! {
            biased;
            permit = places.acquire_owned() => permit.map_err(|_| Busy(CROWDED_MS))?,
            () = fell_silent, if errand == Errand::Ask => return Err(account.busy()),
            () = sleep_until(until) => return Err(Busy(CROWDED_MS)),
        };
        if errand == Errand::Ask && account.state().is_silent() {
            return Err(account.busy());
        }
        Ok(place(Some(permit)))
    }

    /// An account was asked, and answered or not.
    pub(crate) fn heard(
        &self,
        account_id: &ChannelAccountId,
        is_answer: bool,
        duration: impl Fn(i64) -> Duration,
    ) {
        if is_answer && self.unheard.load(Ordering::Relaxed) == 0 {
            return;
        }
        let account = self.account(account_id);
        let mut state = account.state();
        let was_silent = state.is_silent();
        if is_answer {
            if state.unanswered > 0 {
                self.unheard.fetch_sub(1, Ordering::Relaxed);
            }
            (state.unanswered, state.doublings, state.doubles_at) = (0, 0, None);
            if was_silent {
                tracing::info!(account = %account_id, "a channel account answers again");
            }
            return;
        }
        if state.unanswered == 0 {
            self.unheard.fetch_add(1, Ordering::Relaxed);
        }
        state.unanswered = state.unanswered.saturating_add(1);
        if !state.is_silent() {
            return;
        }
        let now = Instant::now();
        match state.doubles_at {
            Some(at) if now < at => {}
            Some(_) => state.doublings = (state.doublings + 1).min(DOUBLINGS_MAX),
            None => {}
        }
        if state.doubles_at.is_none_or(|at| now >= at) {
            state.doubles_at = Some(now + duration(state.spacing_ms()));
        }
        drop(state);
        if !was_silent {
            tracing::warn!(account = %account_id, "a channel account does not answer: it is asked less often");
            account.fell_silent.notify_waiters();
        }
    }
}

/// A place at an account, for one job.
pub(crate) struct Place {
    account: Arc<Account>,
    is_probe: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_probe {
            self.account.state().probes -= 1;
        }
    }
}

/// Somebody who waits, counted.
struct Waiting<'a> {
    account: &'a Account,
    errand: Errand,
}

impl<'a> Waiting<'a> {
    fn begin(account: &'a Account, errand: Errand) -> Result<Self, Busy> {
        let mut state = account.state();
        let waiting = &mut state.waiting[errand as usize];
        if *waiting >= errand.room() {
            return Err(Busy(CROWDED_MS));
        }
        *waiting += 1;
        Ok(Self { account, errand })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.account.state().waiting[self.errand as usize] -= 1;
    }
}

#[cfg(test)]
mod tests;
