//! Tills under load, as shops are: payments of every kind of payer, the same payment sent twice at
//! once, refunds, codes that are scanned; calls that end without an answer are repeated or asked
//! about, as a cashier does. In the end every order that a till knows is compared with the
//! channel's, and the channel must have no other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::stream::{self, StreamExt};

use super::{
    Answer, Receiver, Sandbox, Till, Unclaimed, decided, end_of, eventually, fresh, is_paid,
    random, refunded_fen, upstream_numbers,
};

/// Stands for the word of a call whose connection ended without an answer.
pub(crate) const CUT: &str = "(no answer)";

/// The last digits of payment codes: most payers just pay.
const DIGITS: [&str; 16] = [
    "00", "00", "00", "00", "00", "00", "00", "90", "90", "92", "93", "95", "96", "97", "98", "99",
];

/// Orders whose ends are asked for side by side.
const ASKED_AT_ONCE: usize = 16;

/// What a till did with one order of its own, and what it was told.
#[derive(Debug, Clone)]
pub(crate) struct Sale {
    pub(crate) number: String,
    pub(crate) fen: i64,
    /// An answer said that it is paid (a code that is shown: that it stands).
    pub(crate) was_told: bool,
    /// An answer said that it was refused for good.
    pub(crate) was_refused: bool,
    /// It is a code to be scanned.
    pub(crate) is_shown: bool,
    pub(crate) refund: Option<Refunding>,
}

/// A refund of a sale, and whether an answer took it.
#[derive(Debug, Clone)]
pub(crate) struct Refunding {
    pub(crate) number: String,
    pub(crate) fen: i64,
    pub(crate) was_told: bool,
}

/// Tills that go on selling until they are told to stop.
pub(crate) struct Load {
    answers: Arc<AtomicUsize>,
    words: Arc<Mutex<BTreeMap<String, usize>>>,
    stop: Arc<AtomicBool>,
    tills: Vec<tokio::task::JoinHandle<Vec<Sale>>>,
}

impl Load {
    /// `count` tills side by side. Notifications of codes go to `receiver`.
    pub(crate) fn start(till: &Till, sandbox: &Sandbox, receiver: &Receiver, count: usize) -> Load {
        let (answers, words, stop) = (Arc::default(), Arc::default(), Arc::default());
        let tills = (0..count).map(|_| {
            let clerk = Clerk {
                till: till.clone(),
                sandbox: sandbox.clone(),
                receiver: receiver.clone(),
                answers: Arc::clone(&answers),
                words: Arc::clone(&words),
            };
            let stop: Arc<AtomicBool> = Arc::clone(&stop);
            tokio::spawn(async move {
                let mut sales = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    sales.push(clerk.sell().await);
                }
                sales
            })
        });
        Load {
            tills: tills.collect(),
            answers,
            words,
            stop,
        }
    }

    /// Waits until the tills have had `count` more answers.
    pub(crate) async fn answered(&self, count: usize) {
        let target = self.answers.load(Ordering::Relaxed) + count;
        eventually("the tills go on being answered", async || {
            (self.answers.load(Ordering::Relaxed) >= target).then_some(())
        })
        .await;
    }

    /// How often which word was heard so far, [`CUT`] among them.
    pub(crate) fn words(&self) -> BTreeMap<String, usize> {
        self.words.lock().unwrap().clone()
    }

    /// Everything that was sold, once all tills have closed.
    pub(crate) async fn stop(self) -> Vec<Sale> {
        self.stop.store(true, Ordering::Relaxed);
        let closed = futures::future::join_all(self.tills).await;
        closed.into_iter().flat_map(Result::unwrap).collect()
    }
}

struct Clerk {
    till: Till,
    sandbox: Sandbox,
    receiver: Receiver,
    answers: Arc<AtomicUsize>,
    words: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// What one call came to.
enum Word {
    Done,
    Refused,
    Unknown,
}

impl Clerk {
    /// The words that say nothing about the order are those of a busy or failing house, and of an
    /// order that is undecided when its time is over.
    fn word(&self, answer: Result<Answer, String>) -> Word {
        let word = answer.as_ref().map_or(CUT, |answer| answer.outcome());
        *self
            .words
            .lock()
            .unwrap()
            .entry(word.to_owned())
            .or_default() += 1;
        let Ok(answer) = &answer else {
            return Word::Unknown;
        };
        self.answers.fetch_add(1, Ordering::Relaxed);
        match answer.outcome() {
            "SUCCESS" => Word::Done,
            "DATABASE_ERROR"
            | "SERVICE_UNAVAILABLE"
            | "HTTP_EXCEPTION"
            | "IO_EXCEPTION"
            | "EXCEPTION" => Word::Unknown,
            // The first of two that are sent at once is still under way, or has ended already.
            "SERIAL_REPEAT" | "USERPAYING" => Word::Unknown,
            _ => Word::Refused,
        }
    }

    async fn sell(&self) -> Sale {
        let fen = i64::try_from(100 + random() % 90_000).unwrap();
        if random().is_multiple_of(8) {
            return self.show_a_code(fen).await;
        }
        let digits = DIGITS[usize::try_from(random() % 16).unwrap()];
        let wallet = if random().is_multiple_of(2) {
            "13"
        } else {
            "28"
        };
        let code = format!("{wallet}{:014}{digits}", random() % 100_000_000_000_000);
        let number = fresh("sale");
        let call = || self.till.try_order(&number, fen, &code);
        // A cashier who presses twice, or a till whose connection was slow: both may reach
        // different nodes.
        let words = if random().is_multiple_of(4) {
            let (one, other) = tokio::join!(call(), call());
            vec![self.word(one), self.word(other)]
        } else {
            vec![self.word(call().await)]
        };
        let mut sale = Sale {
            number,
            fen,
            was_told: words.iter().any(|word| matches!(word, Word::Done)),
            was_refused: words.iter().any(|word| matches!(word, Word::Refused)),
            is_shown: false,
            refund: None,
        };
        if !sale.was_told && !sale.was_refused {
            // Whoever heard nothing sends the same again.
            match self.word(self.till.try_order(&sale.number, fen, &code).await) {
                Word::Done => sale.was_told = true,
                Word::Refused => sale.was_refused = true,
                Word::Unknown => {}
            }
        }
        if sale.was_told && random().is_multiple_of(3) {
            sale.refund = Some(self.refund(&sale).await);
        }
        sale
    }

    async fn refund(&self, sale: &Sale) -> Refunding {
        let number = fresh("refund");
        let fen = 1 + sale.fen / 3;
        let call = || self.till.try_refund(&sale.number, &number, fen);
        let (one, other) = tokio::join!(call(), call());
        let was_told = [one, other].map(|answer| matches!(self.word(answer), Word::Done));
        Refunding {
            number,
            fen,
            was_told: was_told.contains(&true),
        }
    }

    async fn show_a_code(&self, fen: i64) -> Sale {
        let number = fresh("shown");
        let url = self.receiver.url(&format!("/{number}"));
        let shown = self.till.try_qr_order(&number, fen, &url).await;
        let code = shown
            .as_ref()
            .ok()
            .filter(|answer| answer.outcome() == "SUCCESS")
            .map(|answer| answer.str("qr_code").to_owned());
        let was_refused = matches!(self.word(shown), Word::Refused);
        if let Some(code) = &code {
            let wallet = if random().is_multiple_of(2) {
                "wechat"
            } else {
                "alipay"
            };
            // A payer whose page did not open looks away: the code is never paid, and expires.
            let _ = self.sandbox.try_scan(code, wallet).await;
        }
        Sale {
            number,
            fen,
            was_told: code.is_some(),
            was_refused,
            is_shown: true,
            refund: None,
        }
    }
}

/// Compares every sale with the channel's book, and the channel's book with the sales.
pub(crate) async fn assert_sales_agree(
    till: &Till,
    sandbox: &Sandbox,
    receiver: &Receiver,
    sales: &[Sale],
    story_of: impl Fn(&str) -> String,
) {
    let mut refunded = Vec::new();
    for sale in sales {
        refunded.push(match &sale.refund {
            Some(refund) if decided(till, &refund.number, refund.was_told).await => refund.fen,
            _ => 0,
        });
    }
    let ends = sales.iter().map(|sale| end_of(till, &sale.number));
    let ends: Vec<_> = stream::iter(ends).buffered(ASKED_AT_ONCE).collect().await;
    let mut theirs = Unclaimed::of(sandbox).await;
    for ((sale, end), given_fen) in sales.iter().zip(&ends).zip(refunded) {
        let Some(end) = end else {
            assert!(!sale.was_told, "acknowledged and lost: {sale:?}");
            continue;
        };
        let paid = is_paid(end);
        if !sale.is_shown {
            assert!(
                paid || !sale.was_told,
                "told as paid: {sale:?} {}",
                end.text
            );
        }
        assert!(
            !paid || !sale.was_refused,
            "told as refused: {sale:?} {}",
            end.text
        );
        assert_eq!(
            end.data().unwrap().int("total_fee"),
            sale.fen,
            "{}",
            end.text
        );
        // A code may have been tried with several numbers; what they came to together is the order.
        let upstream = if sale.is_shown {
            upstream_numbers(&story_of(end.str("trade_no")))
        } else {
            vec![end.str("trade_no").to_owned()]
        };
        theirs.claim(end, &upstream);
        // Both sides' sums may agree on a refund that was given twice: the till knows what it asked
        // for.
        assert_eq!(refunded_fen(end), given_fen, "{sale:?}: {}", end.text);
        if paid && sale.is_shown {
            receiver.wait(&format!("/{}", sale.number), 1).await;
        }
    }
    theirs.assert_none();
}
