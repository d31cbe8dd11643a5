//! Where notifications go: a queue for each destination, so that a slow or dead one delays nobody
//! else.
//!
//! The next delivery goes when a place is free. Who answers at once is given more places, up to
//! [`WINDOW_MAX`]; who is slow, fewer. After a failure everything that waits for that destination
//! goes back to the books for a while ([`lane`]), then one delivery tries. Destinations that have
//! answered at once, those of which nothing is known, and those that are slow or failing have
//! places of their own in the house, so that a thousand dead ones take none from those that answer.

mod lane;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use lane::{Health, Lane, LanePlace};

/// Deliveries at the same time to destinations that answer at once, all together.
const QUICK_PLACES: usize = 256;
/// To those of which nothing is known yet: a thousand dead ones are tried for the first time at
/// once, and leave a place for one that answers.
const NEW_PLACES: usize = 1280;
/// To those that are slow or failing.
const TROUBLED_PLACES: usize = 128;
/// Longest wait for a place, in ms: it and the delivery are over before the job's lease is.
const WAIT_MAX_MS: i64 = 20_000;
/// Deliveries that wait in memory for destinations that answer at once, all together.
const QUICK_ROOM: usize = 2_048;
/// The same for all others.
const OTHER_ROOM: usize = 2_048;
/// More deliveries than this are never under way or waiting.
pub(crate) const DELIVERIES_MAX: usize =
    QUICK_PLACES + NEW_PLACES + TROUBLED_PLACES + QUICK_ROOM + OTHER_ROOM;
/// Pause of a delivery that found no place in that time, or no room to wait, in ms.
const CROWDED_MS: i64 = 200;
/// Destinations that are remembered.
const REMEMBERED_MAX: usize = 10_000;

/// How a delivery ended, as far as its destination is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// An answer came, whatever it said.
    Answered,
    /// None came.
    Failed,
}

/// Why a delivery does not go now: due again after this many ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TurnedAway(pub(super) i64);

/// All destinations.
pub(crate) struct Destinations {
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
    quick: Arc<Semaphore>,
    new: Arc<Semaphore>,
    troubled: Arc<Semaphore>,
    quick_room: Arc<Semaphore>,
    other_room: Arc<Semaphore>,
}

impl Default for Destinations {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            lanes: Mutex::default(),
            quick: places(QUICK_PLACES),
            new: places(NEW_PLACES),
            troubled: places(TROUBLED_PLACES),
            quick_room: places(QUICK_ROOM),
            other_room: places(OTHER_ROOM),
        }
    }
}

impl Destinations {
    /// Waits for a place at the destination of `url`. `duration` is the clock's.
    pub(crate) async fn enter(
        &self,
        url: &str,
        duration: impl Fn(i64) -> Duration,
    ) -> Result<Place, TurnedAway> {
        let lane = self.lane(destination(url));
        let until = Instant::now() + duration(WAIT_MAX_MS);
        let room = |health| match health {
            Health::Quick => Arc::clone(&self.quick_room),
            Health::New | Health::Troubled => Arc::clone(&self.other_room),
        };
        let at_lane = lane.enter(until, room).await?;
        let house = match lane.health() {
            Health::Quick => &self.quick,
            Health::New => &self.new,
            Health::Troubled => &self.troubled,
        };
        let place = Arc::clone(house).acquire_owned();
        tokio::select! {
            biased;
            place = place => Ok(Place {
                at_lane,
                _in_house: place.map_err(|_| TurnedAway(CROWDED_MS))?,
                lane,
                begun_at: Instant::now(),
            }),
            () = sleep_until(until) => Err(TurnedAway(CROWDED_MS)),
        }
    }

    fn lane(&self, destination: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lanes.get(destination) {
            return Arc::clone(known);
        }
        if lanes.len() >= REMEMBERED_MAX {
            // Whoever is away now is new when it comes again.
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        let lane = Arc::new(Lane::default());
        lanes.insert(destination.to_owned(), Arc::clone(&lane));
        lane
    }
}

/// A place, for one delivery.
pub(crate) struct Place {
    at_lane: LanePlace,
    _in_house: OwnedSemaphorePermit,
    lane: Arc<Lane>,
    begun_at: Instant,
}

impl Place {
    /// The delivery ended; what follows at this destination depends on it.
    pub(crate) fn ended(self, end: End, duration: impl Fn(i64) -> Duration) {
        let took = self.begun_at.elapsed();
        self.lane.ended(&self.at_lane, end, took, duration);
    }
}

/// Scheme, host and port of an address.
fn destination(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(after_scheme..).unwrap_or_default();
    let end = rest
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| after_scheme + at);
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
mod tests;
