//! One destination: how many deliveries go at a time, who waits, and whether anybody may try.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::{CROWDED_MS, End, TurnedAway};

/// Deliveries at a time to a destination of which nothing is known.
const WINDOW_NEW: usize = 1;
/// Up to here each quick answer doubles them, beyond it each adds one.
const WINDOW_DOUBLED: usize = 8;
/// Most deliveries at a time to one destination.
pub(super) const WINDOW_MAX: usize = 32;
/// Fewest at a time to one that is slow; to one that fails, one.
const WINDOW_SLOW: usize = 2;
/// An answer within this time is quick, in ms.
const QUICK_MS: i64 = 1_000;
/// Deliveries that wait in memory for a destination that answers at once; more stay in the books
/// for a moment.
const WAITING_QUICK_MAX: usize = 2_048;
/// For one of which nothing is known.
const WAITING_NEW_MAX: usize = 512;
/// For one that is slow. Nobody waits for one that fails.
const WAITING_SLOW_MAX: usize = 64;
/// First pause after a failure, in ms; it doubles with each.
const PAUSE_MS: i64 = 5_000;
/// How often it doubles at most: up to eighty seconds.
const PAUSE_DOUBLINGS_MAX: u32 = 4;

/// What is known of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    New,
    /// It answers at once.
    Quick,
    /// It is slow, or does not answer.
    Troubled,
}

pub(super) struct Lane {
    places: Arc<Semaphore>,
    /// Rung when whoever waits is to go.
    turned_away: Notify,
    state: Mutex<State>,
}

struct State {
    health: Health,
    /// How many places there are to be.
    window: usize,
    /// How many there are beyond that, held by deliveries under way: they vanish as those end.
    surplus: usize,
    waiting: usize,
    /// Failures since the last answer, each counted once however many deliveries it met.
    failures: u32,
    /// Counts what changed the window for the worse: a delivery that began before tells nothing
    /// new.
    turn: u64,
    paused: Option<Pause>,
}

/// Nobody may try.
#[derive(Clone, Copy)]
struct Pause {
    ends: Instant,
    whole: Duration,
    whole_ms: i64,
}

impl Pause {
    /// What is left of it, in ms; `None` if it is over.
    fn left_ms(self) -> Option<i64> {
        let left = self.ends.checked_duration_since(Instant::now())?;
        let share = left.as_micros() * u128::from(self.whole_ms.unsigned_abs());
        let left_ms = share.div_ceil(self.whole.as_micros().max(1));
        (left_ms > 0).then(|| i64::try_from(left_ms).unwrap_or(self.whole_ms))
    }
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(WINDOW_NEW)),
            turned_away: Notify::new(),
            state: Mutex::new(State {
                health: Health::New,
                window: WINDOW_NEW,
                surplus: 0,
                waiting: 0,
                failures: 0,
                turn: 0,
                paused: None,
            }),
        }
    }
}

impl Lane {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn health(&self) -> Health {
        self.state().health
    }

    /// Waits for a place, at most until `until`. Whoever has to wait needs room in the house, of
    /// the kind that the destination deserves.
    pub(super) async fn enter(
        self: &Arc<Self>,
        until: Instant,
        room: impl Fn(Health) -> Arc<Semaphore>,
    ) -> Result<LanePlace, TurnedAway> {
        if let Some(left_ms) = self.pause_left_ms() {
            return Err(TurnedAway(left_ms));
        }
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            return self.place(permit);
        }
        let waiting = Waiting::begin(self, room)?;
        let mut turned_away = std::pin::pin!(self.turned_away.notified());
        turned_away.as_mut().enable();
        let permit = tokio::select! {
            biased;
            permit = Arc::clone(&self.places).acquire_owned() => permit,
            () = turned_away => return Err(TurnedAway(self.pause_left_ms().unwrap_or(CROWDED_MS))),
            () = sleep_until(until) => return Err(TurnedAway(CROWDED_MS)),
        };
        drop(waiting);
        self.place(permit.map_err(|_| TurnedAway(CROWDED_MS))?)
    }

    fn pause_left_ms(&self) -> Option<i64> {
        self.state().paused.and_then(Pause::left_ms)
    }

    /// The place, unless the destination failed at this very moment.
    fn place(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Result<LanePlace, TurnedAway> {
        let state = self.state();
        let place = LanePlace {
            lane: Arc::clone(self),
            permit: Some(permit),
            turn: state.turn,
        };
        let left_ms = state.paused.and_then(Pause::left_ms);
        drop(state);
        left_ms.map_or(Ok(place), |left_ms| Err(TurnedAway(left_ms)))
    }

    /// A delivery of `place` ended after `took`.
    pub(super) fn ended(
        &self,
        place: &LanePlace,
        end: End,
        took: Duration,
        duration: impl Fn(i64) -> Duration,
    ) {
        let mut state = self.state();
        let is_quick = end == End::Answered && took <= duration(QUICK_MS);
        if is_quick {
            state.health = Health::Quick;
            state.failures = 0;
            state.paused = None;
            let wanted = if state.window < WINDOW_DOUBLED {
                state.window * 2
            } else {
                state.window + 1
            };
            self.widen(&mut state, wanted.min(WINDOW_MAX));
            return;
        }
        state.health = Health::Troubled;
        if place.turn != state.turn {
            return;
        }
        state.turn += 1;
        if end == End::Answered {
            state.failures = 0;
            state.paused = None;
            let wanted = (state.window / 2).max(WINDOW_SLOW);
            if wanted > state.window {
                self.widen(&mut state, wanted);
            } else {
                self.narrow(&mut state, wanted);
            }
            return;
        }
        let whole_ms = PAUSE_MS << state.failures.min(PAUSE_DOUBLINGS_MAX);
        let whole = duration(whole_ms);
        state.failures += 1;
        state.paused = Some(Pause {
            ends: Instant::now() + whole,
            whole,
            whole_ms,
        });
        self.narrow(&mut state, 1);
        drop(state);
        self.turned_away.notify_waiters();
    }

    fn widen(&self, state: &mut State, wanted: usize) {
        let more = wanted.saturating_sub(state.window);
        let kept = more.min(state.surplus);
        state.surplus -= kept;
        state.window += more;
        self.places.add_permits(more - kept);
    }

    fn narrow(&self, state: &mut State, wanted: usize) {
        let fewer = state.window.saturating_sub(wanted);
        state.surplus += fewer - self.places.forget_permits(fewer);
        state.window -= fewer;
    }
}

/// A place at a destination.
pub(super) struct LanePlace {
    lane: Arc<Lane>,
    permit: Option<OwnedSemaphorePermit>,
    /// The destination's turn when it was taken.
    turn: u64,
}

impl Drop for LanePlace {
    fn drop(&mut self) {
        let mut state = self.lane.state();
        if let Some(permit) = self.permit.take()
            && state.surplus > 0
        {
            state.surplus -= 1;
            permit.forget();
        }
    }
}

/// Somebody who waits, counted.
struct Waiting<'a> {
    lane: &'a Lane,
    _room: OwnedSemaphorePermit,
}

impl<'a> Waiting<'a> {
    fn begin(lane: &'a Lane, room: impl Fn(Health) -> Arc<Semaphore>) -> Result<Self, TurnedAway> {
        let mut state = lane.state();
        let most = match state.health {
            _ if state.failures > 0 => 0,
            Health::Quick => WAITING_QUICK_MAX,
            Health::New => WAITING_NEW_MAX,
            Health::Troubled => WAITING_SLOW_MAX,
        };
        let room = room(state.health).try_acquire_owned();
        match room {
            Ok(room) if state.waiting < most => {
                state.waiting += 1;
                drop(state);
                Ok(Self { lane, _room: room })
            }
            // While one of them tries, the others rest as long as they did before.
            _ => Err(TurnedAway(match state.paused {
                Some(pause) => pause.whole_ms,
                None => CROWDED_MS,
            })),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.lane.state().waiting -= 1;
    }
}
