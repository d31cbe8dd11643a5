//! Tills of one node whose payers just pay: what they hear while the books are away, and for how
//! long, since any refusal of theirs is a false one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{CUT, Sale, Till, eventually, fresh, now, random};

/// What a till hears that is to query first, or to send the same again; a connection that ends says
/// as much.
const BUSY: [&str; 4] = ["DATABASE_ERROR", "SERVICE_UNAVAILABLE", "USERPAYING", CUT];
/// How long the next customer takes: with none of it the tills would sell tens of thousands of
/// orders, which are all compared in the end.
const NEXT_CUSTOMER: Duration = Duration::from_millis(150);

/// Tills that go on selling until they are told to stop.
pub(crate) struct Queue {
    stop: Arc<AtomicBool>,
    heard: Arc<Mutex<Heard>>,
    tills: Vec<tokio::task::JoinHandle<()>>,
}

/// What the tills of a node heard.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) sales: Vec<Sale>,
    /// How often which word was heard.
    words: BTreeMap<String, usize>,
    /// When the newest order was begun that is paid, and when its answer came.
    newest: Option<(Instant, Instant)>,
    longest_gap: Duration,
}

impl Queue {
    /// `count` tills side by side.
    pub(crate) fn start(till: &Till, count: usize) -> Queue {
        let (stop, heard): (Arc<AtomicBool>, Arc<Mutex<Heard>>) = Default::default();
        let sell = || {
            let (till, stop, heard) = (till.clone(), Arc::clone(&stop), Arc::clone(&heard));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    sell(&till, &heard).await;
                    tokio::time::sleep(NEXT_CUSTOMER).await;
                }
            })
        };
        Queue {
            tills: (0..count).map(|_| sell()).collect(),
            stop,
            heard,
        }
    }

    /// Waits until an order is paid that was begun after `then`; how long after.
    pub(crate) async fn sold_since(&self, then: Instant) -> Duration {
        eventually("the node sells again", async || {
            let newest = self.heard.lock().unwrap().newest;
            newest.and_then(|(begun, paid)| (begun > then).then(|| paid - then))
        })
        .await
    }

    /// What was heard, once all tills have closed.
    pub(crate) async fn stop(self) -> Heard {
        self.stop.store(true, Ordering::Relaxed);
        for till in self.tills {
            till.await.unwrap();
        }
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

impl Heard {
    /// For people.
    pub(crate) fn told(&self) -> String {
        let gap_s = self.longest_gap.as_secs_f64();
        format!(
            "{:?}, longest time without a paid order {gap_s:.1} s",
            self.words
        )
    }

    /// Somebody heard that it is busy, and nobody that an order is refused.
    pub(crate) fn assert_busy_and_never_refused(&self) {
        let refused = |word: &str| word != "SUCCESS" && !BUSY.contains(&word);
        let words: Vec<&String> = self.words.keys().collect();
        assert!(!words.iter().any(|word| refused(word)), "{words:?}");
        assert!(
            words.iter().any(|word| BUSY.contains(&word.as_str())),
            "{words:?}"
        );
    }

    fn paid(&mut self, begun: Instant) {
        let answered = now();
        if let Some((newest, before)) = self.newest {
            self.longest_gap = self.longest_gap.max(answered - before);
            self.newest = Some((newest.max(begun), answered));
        } else {
            self.newest = Some((begun, answered));
        }
    }
}

async fn sell(till: &Till, heard: &Mutex<Heard>) {
    let fen = i64::try_from(100 + random() % 90_000).unwrap();
    let code = format!("13{:014}00", random() % 100_000_000_000_000);
    let (number, begun) = (fresh("plain"), now());
    let answer = till.try_order(&number, fen, &code).await;
    let word = answer.as_ref().map_or(CUT, |answer| answer.outcome());
    let mut heard = heard.lock().unwrap();
    *heard.words.entry(word.to_owned()).or_default() += 1;
    if word == "SUCCESS" {
        heard.paid(begun);
    }
    heard.sales.push(Sale {
        was_told: word == "SUCCESS",
        was_refused: false,
        is_shown: false,
        refund: None,
        number,
        fen,
    });
}
