//! Deliveries over time that is paused: what is asserted is order and counts, never how long
//! something takes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use tokio::time::{advance, sleep};

use super::lane::WINDOW_MAX;
use super::*;

/// The clock of these tests is the runtime's.
fn ms(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}

/// A house whose destinations take so long to answer, or never do.
struct House {
    destinations: Destinations,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl House {
    fn new() -> Self {
        Self {
            destinations: Destinations::default(),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        }
    }

    /// Delivers once: when it ended, in ms from now on, or for how long it was turned away.
    async fn deliver(&self, url: &str, takes_ms: i64, end: End) -> Result<Instant, TurnedAway> {
        let place = self.destinations.enter(url, ms).await?;
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
        sleep(ms(takes_ms)).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        place.ended(end, ms);
        Ok(Instant::now())
    }

    fn most(&self) -> usize {
        self.most_under_way.swap(0, Ordering::SeqCst)
    }
}

#[test]
fn a_destination_is_scheme_host_and_port() {
    assert_eq!(
        destination("http://a.example:81/n?x=1"),
        "http://a.example:81"
    );
    assert_eq!(destination("http://a.example?x=1"), "http://a.example");
    assert_eq!(destination("http://a.example"), "http://a.example");
}

#[tokio::test(start_paused = true)]
async fn of_a_burst_to_one_that_answers_at_once_each_goes_when_a_place_is_free() {
    let house = House::new();
    let began = Instant::now();
    let burst = (0..300).map(|_| house.deliver("http://quick/n", 5, End::Answered));
    let ended: Result<Vec<Instant>, _> = join_all(burst).await.into_iter().collect();
    let ended = ended.expect("nobody is turned away");
    assert!(ended.is_sorted(), "in the order in which they came");
    assert_eq!(house.most(), WINDOW_MAX);
    // One, two, four, then ever more side by side: no pause is among it.
    assert!(ended[299] - began < ms(5) * 30);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_dead_ones_delay_nobody() {
    let house = House::new();
    let dead: Vec<String> = (0..1000).map(|at| format!("http://dead-{at}/n")).collect();
    let of_dead = dead.iter().flat_map(|url| [url; 20]);
    let of_dead = join_all(of_dead.map(|url| house.deliver(url, 10_000, End::Failed)));
    let of_good = async {
        sleep(ms(1)).await;
        for known_or_not in ["http://good/n", "http://good/n", "http://other/n"] {
            let began = Instant::now();
            let ended = house.deliver(known_or_not, 5, End::Answered).await;
            assert_eq!(ended.map(|at| at - began), Ok(ms(5)), "{known_or_not}");
        }
    };
    let mut of_dead = std::pin::pin!(of_dead);
    tokio::select! {
        _ = &mut of_dead => unreachable!("the dead take longer"),
        () = of_good => {}
    }
    of_dead.await;
    // Now that they are known they have few places, and one that is good still waits for none of
    // them.
    advance(ms(100_000)).await;
    let again = join_all(
        dead.iter()
            .map(|url| house.deliver(url, 10_000, End::Failed)),
    );
    let good = join_all((0..300).map(|_| house.deliver("http://good/n", 5, End::Answered)));
    house.most();
    let began = Instant::now();
    let (_, good) = futures::join!(again, good);
    let ended: Result<Vec<Instant>, _> = good.into_iter().collect();
    assert!(ended.is_ok_and(|ended| ended[299] - began < ms(5) * 30));
    assert!(house.most() <= TROUBLED_PLACES + WINDOW_MAX);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_one_that_fails_is_turned_away_and_one_tries_after_the_pause() {
    let house = House::new();
    let url = "http://down/n";
    let five = || join_all((0..5).map(|_| house.deliver(url, 1, End::Failed)));
    let count = |results: &[Result<Instant, TurnedAway>]| results.iter().flatten().count();
    let mut pauses = BTreeSet::new();
    assert_eq!(count(&five().await), 1, "as many as a new one gets");
    for pause_ms in [5_000, 10_000, 20_000, 40_000, 80_000, 80_000] {
        let away = five().await;
        assert_eq!(count(&away), 0);
        pauses.extend(
            away.iter()
                .filter_map(|result| result.err().map(|TurnedAway(ms)| ms)),
        );
        advance(ms(pause_ms)).await;
        assert_eq!(count(&five().await), 1);
    }
    assert_eq!(pauses, [5_000, 10_000, 20_000, 40_000, 80_000].into());
    advance(ms(80_000)).await;
    // It is back: the first answer opens the way to the others.
    let answered = house.deliver(url, 1, End::Answered).await;
    assert!(answered.is_ok());
    let all = join_all((0..300).map(|_| house.deliver(url, 1, End::Answered))).await;
    assert_eq!(count(&all), 300);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_slow_gets_few_places_but_no_pause() {
    let house = House::new();
    let url = "http://slow/n";
    let deliver = |takes_ms| house.deliver(url, takes_ms, End::Answered);
    join_all((0..100).map(|_| deliver(1))).await;
    assert_eq!(house.most(), WINDOW_MAX);
    for _ in 0..10 {
        let went = join_all((0..WINDOW_MAX).map(|_| deliver(2_000))).await;
        assert!(went.iter().any(Result::is_ok));
    }
    house.most();
    let went = join_all((0..20).map(|_| deliver(2_000))).await;
    assert_eq!(house.most(), 2);
    // Whoever did not come to go within twenty seconds waits in the books.
    assert_eq!(went.iter().flatten().count(), 20);
    let went = join_all((0..30).map(|_| deliver(2_000))).await;
    assert_eq!(went.iter().flatten().count(), 22);
    assert!(
        went.iter()
            .all(|one| one.is_ok() || *one == Err(TurnedAway(CROWDED_MS)))
    );
}

#[tokio::test(start_paused = true)]
async fn what_waits_and_what_is_remembered_is_bounded() {
    let house = House::new();
    let burst = (0..1_000).map(|_| house.deliver("http://new/n", 10_000, End::Failed));
    let results = join_all(burst).await;
    let at_once = results
        .iter()
        .filter(|one| **one == Err(TurnedAway(CROWDED_MS)));
    assert_eq!(at_once.count(), 1_000 - 512 - 1, "no room for more");
    for at in 0..REMEMBERED_MAX + 10 {
        let url = format!("http://once-{at}/n");
        let ended = house.deliver(&url, 0, End::Answered).await;
        assert!(ended.is_ok());
    }
    let lanes = house.destinations.lanes.lock().expect("nobody panicked");
    assert!(lanes.len() <= REMEMBERED_MAX);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_is_dropped_gives_its_place_back() {
    let house = House::new();
    let url = "http://new/n";
    for _ in 0..3 {
        let cut = tokio::time::timeout(ms(10), house.deliver(url, 1_000, End::Answered));
        let both = futures::join!(cut, async {
            let waiting = join_all((0..5).map(|_| house.deliver(url, 1_000, End::Answered)));
            tokio::time::timeout(ms(10), waiting).await.is_err()
        });
        assert!(both.0.is_err() && both.1);
    }
    let went = join_all((0..300).map(|_| house.deliver(url, 1, End::Answered))).await;
    assert_eq!(went.iter().flatten().count(), 300);
}
