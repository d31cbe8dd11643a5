//! What everybody in a simulation shares: dice, clock, the log of events, and whether there is
//! trouble.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heliu_ports::clock::Clock as _;

use super::clock::SimClock;
use super::dice::Dice;
use super::turn::Turn;

/// So long a job may stay with a worker that died, in ms.
pub(super) const LEASE_MS: i64 = 90_000;

/// The stage.
pub(super) struct Stage {
    pub(super) dice: Dice,
    pub(super) clock: Arc<SimClock>,
    lines: Mutex<Vec<String>>,
    wrongs: Mutex<Vec<String>>,
    is_calm: AtomicBool,
    /// By how much everything may be late, in ms: what was down, away, leased to the dead, or set
    /// back.
    excused_ms: AtomicI64,
    /// Rung when the house is to crash at this very moment.
    doom: tokio::sync::Notify,
    /// After so many calls of the books from now the house is to crash; zero: after none.
    doomed_in: AtomicI64,
    /// What goes on outside of the engine and has not ended.
    under_way: AtomicI64,
    /// The longest that a refund is under way at a bank, in ms.
    refunds_within_ms: AtomicI64,
    /// Who works: the runtime, or the thread beside it.
    pub(super) turn: Arc<Turn>,
}

impl Stage {
    pub(super) fn new(dice: Dice, clock: SimClock, turn: &Arc<Turn>) -> Arc<Self> {
        Arc::new(Self {
            dice,
            clock: Arc::new(clock),
            lines: Mutex::default(),
            wrongs: Mutex::default(),
            is_calm: AtomicBool::new(false),
            excused_ms: AtomicI64::new(0),
            doom: tokio::sync::Notify::new(),
            doomed_in: AtomicI64::new(0),
            under_way: AtomicI64::new(0),
            refunds_within_ms: AtomicI64::new(i64::MAX),
            turn: Arc::clone(turn),
        })
    }

    /// Writes a line: who did what, to what, and more.
    pub(super) fn line(&self, who: &str, what: &str, subject: &str, more: &str) {
        let passed_ms = self.clock.passed_ms();
        let (s, ms) = (passed_ms / 1000, passed_ms % 1000);
        let clock = self.clock.now().beijing_spaced();
        let line = format!("{s:>7}.{ms:03}  {clock}  {who:<10} {what:<16} {subject:<20} {more}");
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.trim_end().to_owned());
    }

    /// A rule is broken.
    pub(super) fn wrong(&self, what: String) {
        self.line("checker", "BROKEN", "", &what);
        let mut wrongs = self.wrongs.lock().unwrap_or_else(PoisonError::into_inner);
        wrongs.push(what);
    }

    /// A rule: `holds`, or it is broken as `what` says.
    pub(super) fn must(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong(what());
        }
    }

    /// Whether a rule was broken so far.
    pub(super) fn is_broken(&self) -> bool {
        !self
            .wrongs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// The lines and what was wrong.
    pub(super) fn take(&self) -> (Vec<String>, Vec<String>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wrongs = self.wrongs.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut *lines), std::mem::take(&mut *wrongs))
    }

    /// Whether trouble comes that comes `percent` times in a hundred; none comes once all is calm.
    pub(super) fn trouble(&self, percent: i64) -> bool {
        !self.is_calm() && self.dice.happens(percent)
    }

    /// From now on nothing goes wrong any more.
    pub(super) fn calm_down(&self) {
        self.is_calm.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_calm(&self) -> bool {
        self.is_calm.load(Ordering::SeqCst)
    }

    /// Something happened that may make everything late by so many ms.
    pub(super) fn excuse(&self, ms: i64) {
        self.excused_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// True time without what is excused, in ms.
    pub(super) fn due_ms(&self) -> i64 {
        self.clock.passed_ms() - self.excused_ms.load(Ordering::SeqCst)
    }

    /// Now and then the house crashes right here: the caller, whose task dies with it, stands still
    /// until then.
    pub(super) async fn perhaps_crash(&self, per_mille: i64) {
        if self.is_calm() {
            return;
        }
        let happens = self.dice.between(1, 1000) <= per_mille;
        if happens || self.comes_to_doom() {
            self.doom.notify_one();
            wait_ms(1).await;
        }
    }

    /// The house is to crash after so many calls of the books.
    pub(super) fn doom_in(&self, calls: i64) {
        self.doomed_in.store(calls, Ordering::SeqCst);
    }

    /// Whether this call is the last one before the crash.
    fn comes_to_doom(&self) -> bool {
        let left = self.doomed_in.load(Ordering::SeqCst);
        self.doomed_in.store((left - 1).max(0), Ordering::SeqCst);
        left == 1
    }

    /// No refund is under way for longer than that from now on.
    pub(super) fn end_refunds_within(&self, ms: i64) {
        self.refunds_within_ms.store(ms, Ordering::SeqCst);
    }

    /// The longest that a refund is under way at a bank, in ms.
    pub(super) fn refunds_within_ms(&self) -> i64 {
        self.refunds_within_ms.load(Ordering::SeqCst)
    }

    /// Waits, but not beyond the moment in which the house is to crash; whether that came.
    pub(super) async fn wait_for_doom(&self, longest_ms: i64) -> bool {
        let longest = Duration::from_millis(u64::try_from(longest_ms).unwrap_or(0));
        tokio::time::timeout(longest, self.doom.notified())
            .await
            .is_ok()
    }

    /// Something begins that goes on whatever becomes of the engine.
    pub(super) fn begin(self: &Arc<Self>, deed: impl Future<Output = ()> + Send + 'static) {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let stage = Arc::clone(self);
        tokio::spawn(async move {
            deed.await;
            stage.under_way.fetch_sub(1, Ordering::SeqCst);
        });
    }

    /// Whether something goes on outside of the engine.
    pub(super) fn is_busy(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) > 0
    }
}

/// Waits, in true time.
pub(super) async fn wait_ms(ms: i64) {
    tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0))).await;
}
