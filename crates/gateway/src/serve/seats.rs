//! Who may hold a connection, and whose goes when there are too many.
//!
//! One address holds no more than its share. When all places are taken, the connection goes that
//! has been without a whole request header for longest: half-sent headers and idle connections,
//! never a request under way. Requests of merchants, which may wait for a payer's password, leave a
//! reserve to channels' callbacks and payers' pages.
//!
//! Whoever began to wait first goes first, but not before a moment has passed: a header that is on
//! its way must be able to arrive, and an answer to leave, however many knock.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::visitor::Origin;

/// How long a connection keeps its place in any case.
const MOMENT: Duration = Duration::from_millis(100);
/// The part of all places that merchants' requests leave to the others.
const RESERVED_PART: usize = 8;

/// The places of one surface.
pub(crate) struct Seats {
    all: usize,
    /// No limit if 0.
    per_address: usize,
    table: Mutex<Table>,
    freed: Notify,
}

#[derive(Default)]
struct Table {
    taken: usize,
    merchants: usize,
    of_address: HashMap<Origin, usize>,
    /// Connections without a whole request header, by the turn in which they began to wait.
    waiting: BTreeMap<u64, Waiting>,
    next_turn: u64,
    /// Whether somebody waits for a place.
    is_wanted: bool,
}

struct Waiting {
    since: Instant,
    /// What ends when the place goes to another connection.
    task: Arc<OnceLock<AbortHandle>>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSeat {
    /// The address has its share.
    OfAddress,
    /// All are taken: by requests under way, or until that instant by connections that have just
    /// come.
    AtAll(Option<Instant>),
}

/// The connection gave its place up to another one.
#[derive(Debug, thiserror::Error)]
#[error("the connection gave its place to another one")]
pub(super) struct Displaced;

impl Seats {
    pub(crate) fn new(all: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            all: all.max(1),
            per_address,
            table: Mutex::default(),
            freed: Notify::new(),
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection, which waits for its header; the oldest one that waits too goes
    /// if there is no other. Connections of no `origin` are not counted by address.
    pub(super) fn take(
        self: &Arc<Self>,
        origin: Option<Origin>,
        now: Instant,
    ) -> Result<Arc<Seat>, NoSeat> {
        let mut table = self.table();
        let held = origin.and_then(|origin| table.of_address.get(&origin).copied());
        if self.is_over_share(held) {
            return Err(NoSeat::OfAddress);
        }
        if table.taken >= self.all {
            let oldest = table.waiting.first_entry();
            match oldest.filter(|oldest| now >= oldest.get().since + MOMENT) {
                Some(oldest) => {
                    if let Some(task) = oldest.remove().task.get() {
                        task.abort();
                    }
                    table.taken -= 1;
                }
                None => {
                    table.is_wanted = true;
                    let oldest = table.waiting.first_key_value();
                    let until = oldest.map(|(_, oldest)| oldest.since + MOMENT);
                    return Err(NoSeat::AtAll(until));
                }
            }
        }
        table.taken += 1;
        if let Some(origin) = origin {
            *table.of_address.entry(origin).or_default() += 1;
        }
        let task = Arc::new(OnceLock::new());
        let turn = table.wait(&task, now);
        drop(table);
        Ok(Arc::new(Seat {
            seats: Arc::clone(self),
            origin,
            task,
            turn: Mutex::new(Some(turn)),
            has_begun: AtomicBool::new(false),
            begun: Notify::new(),
        }))
    }

    /// Returns once a place may be free.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// A place for one request of an address that shares a proxy's connections with others.
    pub(super) fn take_for_request(
        self: &Arc<Self>,
        origin: Origin,
    ) -> Result<RequestSeat, NoSeat> {
        let mut table = self.table();
        if self.is_over_share(table.of_address.get(&origin).copied()) {
            return Err(NoSeat::OfAddress);
        }
        *table.of_address.entry(origin).or_default() += 1;
        Ok(RequestSeat {
            seats: Arc::clone(self),
            origin,
        })
    }

    /// A place for a merchant's request, which may take as long as a payer does.
    pub(crate) fn take_for_merchant(self: &Arc<Self>) -> Result<MerchantSeat, NoSeat> {
        let reserve = self.all.div_ceil(RESERVED_PART).min(self.all - 1);
        let mut table = self.table();
        if table.merchants >= self.all - reserve {
            return Err(NoSeat::AtAll(None));
        }
        table.merchants += 1;
        Ok(MerchantSeat {
            seats: Arc::clone(self),
        })
    }

    fn is_over_share(&self, held: Option<usize>) -> bool {
        self.per_address > 0 && held.unwrap_or(0) >= self.per_address
    }
}

impl Table {
    fn wait(&mut self, task: &Arc<OnceLock<AbortHandle>>, since: Instant) -> u64 {
        let (turn, task) = (self.next_turn, Arc::clone(task));
        self.next_turn += 1;
        self.waiting.insert(turn, Waiting { since, task });
        turn
    }

    fn leave(&mut self, origin: Origin) {
        if let Some(count) = self.of_address.get_mut(&origin) {
            *count -= 1;
            if *count == 0 {
                self.of_address.remove(&origin);
            }
        }
    }

    /// Whether somebody is to be told that there is a place, or one that can be had.
    fn take_wanted(&mut self) -> bool {
        std::mem::take(&mut self.is_wanted)
    }
}

/// One connection's place, until it is dropped.
pub(super) struct Seat {
    seats: Arc<Seats>,
    origin: Option<Origin>,
    /// What ends when the place goes to another connection.
    task: Arc<OnceLock<AbortHandle>>,
    /// In which turn the connection began to wait for a header; unset while it has one.
    turn: Mutex<Option<u64>>,
    /// Whether there was a whole header at all.
    has_begun: AtomicBool,
    begun: Notify,
}

impl Seat {
    /// The connection's task, which ends if the place goes to another connection.
    pub(super) fn belongs_to(&self, task: AbortHandle) {
        let task = self.task.get_or_init(|| task);
        if self
            .turn()
            .is_some_and(|turn| !self.seats.table().waiting.contains_key(&turn))
        {
            task.abort();
        }
    }

    /// A whole header is there: until the returned value is dropped, nobody takes the place.
    pub(super) fn serves(&self) -> Result<Serving<'_>, Displaced> {
        let mut own = self.turn();
        if let Some(turn) = *own
            && self.seats.table().waiting.remove(&turn).is_none()
        {
            return Err(Displaced);
        }
        *own = None;
        if !self.has_begun.swap(true, Ordering::SeqCst) {
            self.begun.notify_waiters();
        }
        Ok(Serving(self))
    }

    /// Returns once the connection has had a request.
    pub(super) async fn first_request(&self) {
        let begun = self.begun.notified();
        if !self.has_begun.load(Ordering::SeqCst) {
            begun.await;
        }
    }

    fn turn(&self) -> MutexGuard<'_, Option<u64>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let turn = self.turn().take();
        let mut table = self.seats.table();
        let is_displaced = turn.is_some_and(|turn| table.waiting.remove(&turn).is_none());
        if !is_displaced {
            table.taken -= 1;
        }
        if let Some(origin) = self.origin {
            table.leave(origin);
        }
        if table.take_wanted() {
            self.seats.freed.notify_one();
        }
    }
}

/// A request under way.
pub(super) struct Serving<'s>(&'s Seat);

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        let seat = self.0;
        let mut own = seat.turn();
        let mut table = seat.seats.table();
        *own = Some(table.wait(&seat.task, Instant::now()));
        if table.take_wanted() {
            seat.seats.freed.notify_one();
        }
    }
}

/// A request's place among those of its address.
pub(super) struct RequestSeat {
    seats: Arc<Seats>,
    origin: Origin,
}

impl Drop for RequestSeat {
    fn drop(&mut self) {
        self.seats.table().leave(self.origin);
    }
}

/// A request's place among those of merchants.
pub(crate) struct MerchantSeat {
    seats: Arc<Seats>,
}

impl Drop for MerchantSeat {
    fn drop(&mut self) {
        self.seats.table().merchants -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn origin(last: u8) -> Option<Origin> {
        Some(Origin::from(std::net::IpAddr::V4(Ipv4Addr::new(
            192, 0, 2, last,
        ))))
    }

    /// A place, and a task that tells whether its connection was ended.
    async fn seat(seats: &Arc<Seats>, last: u8) -> (Arc<Seat>, tokio::task::JoinHandle<()>) {
        let seat = take(seats, last).await.expect("a place");
        let task = tokio::spawn(std::future::pending());
        seat.belongs_to(task.abort_handle());
        (seat, task)
    }

    /// Asks for a place when nobody is new any more.
    async fn take(seats: &Arc<Seats>, last: u8) -> Result<Arc<Seat>, NoSeat> {
        tokio::time::advance(MOMENT).await;
        seats.take(origin(last), Instant::now())
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_just_come_keeps_his_place_for_a_moment() {
        let seats = Seats::new(1, 0);
        let now = Instant::now();
        let first = seats.take(origin(1), now).expect("a place");
        let refused = seats.take(origin(2), now + MOMENT / 2);
        assert_eq!(refused.err(), Some(NoSeat::AtAll(Some(now + MOMENT))));
        // An answer that has just been made is to leave.
        tokio::time::advance(MOMENT).await;
        drop(first.serves().expect("its place"));
        let refused = seats.take(origin(2), now + MOMENT);
        assert_eq!(refused.err(), Some(NoSeat::AtAll(Some(now + 2 * MOMENT))));
        assert!(seats.take(origin(2), now + 2 * MOMENT).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_places_are_taken_the_oldest_without_a_header_goes() {
        let seats = Seats::new(3, 0);
        let (first, first_task) = seat(&seats, 1).await;
        let (second, second_task) = seat(&seats, 2).await;
        let (third, _third_task) = seat(&seats, 3).await;
        // The first one's request is under way, then answered: it waits again, as the youngest.
        let serving = first.serves().expect("its place");
        let (_fourth, _task) = seat(&seats, 4).await;
        assert!(second_task.await.expect_err("ended").is_cancelled());
        assert!(second.serves().is_err(), "a header that came too late");
        drop(serving);
        drop(third.serves().expect("its place"));
        let (_fifth, _task) = seat(&seats, 5).await;
        let (_sixth, _task) = seat(&seats, 6).await;
        assert!(
            first_task.await.expect_err("ended").is_cancelled(),
            "fourth, then first"
        );
        assert!(third.serves().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_under_way_are_never_ended() {
        let seats = Seats::new(2, 0);
        let (first, _task) = seat(&seats, 1).await;
        let (second, _task) = seat(&seats, 2).await;
        let serving = [
            first.serves().expect("its place"),
            second.serves().expect("its place"),
        ];
        assert_eq!(take(&seats, 3).await.err(), Some(NoSeat::AtAll(None)));
        let freed = tokio::spawn({
            let seats = Arc::clone(&seats);
            async move { seats.freed().await }
        });
        drop(serving);
        freed.await.expect("told");
        assert!(take(&seats, 3).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_went_to_another_is_counted_once() {
        let seats = Seats::new(1, 0);
        let (first, _task) = seat(&seats, 1).await;
        let (second, _task) = seat(&seats, 2).await;
        drop(first);
        let serving = second.serves().expect("its place");
        assert_eq!(take(&seats, 3).await.err(), Some(NoSeat::AtAll(None)));
        drop(serving);
        drop(second);
        let (third, _task) = seat(&seats, 3).await;
        assert!(third.serves().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_displaced_before_its_task_is_known_ends_all_the_same() {
        let seats = Seats::new(1, 0);
        let early = seats.take(origin(1), Instant::now()).expect("a place");
        let _late = take(&seats, 2).await.expect("a place");
        let task = tokio::spawn(std::future::pending::<()>());
        early.belongs_to(task.abort_handle());
        assert!(task.await.expect_err("ended").is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_has_its_share_of_connections_and_of_requests_behind_a_proxy() {
        let seats = Seats::new(10, 2);
        let (first, _task) = seat(&seats, 1).await;
        let behind_proxy = seats
            .take_for_request(origin(1).expect("counted"))
            .expect("a place");
        assert_eq!(take(&seats, 1).await.err(), Some(NoSeat::OfAddress));
        let refused = seats.take_for_request(origin(1).expect("counted"));
        assert_eq!(refused.err(), Some(NoSeat::OfAddress));
        assert!(take(&seats, 2).await.is_ok(), "another address");
        let now = Instant::now();
        assert!((0..3).all(|_| seats.take(None, now).is_ok()), "not counted");
        drop(first);
        drop(take(&seats, 1).await.expect("a place"));
        drop(behind_proxy);
        assert!(
            seats.table().of_address.is_empty(),
            "who has left is forgotten"
        );
    }

    #[test]
    fn merchants_leave_a_reserve() {
        for (all, for_merchants) in [(1, 1), (2, 1), (8, 7), (10, 8), (10_000, 8_750)] {
            let seats = Seats::new(all, 0);
            let mut held = Vec::new();
            while let Ok(seat) = seats.take_for_merchant() {
                held.push(seat);
            }
            assert_eq!(held.len(), for_merchants, "of {all}");
            held.pop();
            assert!(seats.take_for_merchant().is_ok());
        }
    }
}
