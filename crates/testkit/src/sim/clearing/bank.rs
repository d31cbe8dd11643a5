//! The bank that pays out: what it really did with each request, whatever it says. It never looks
//! into our books.
//!
//! What becomes of a request is settled when it comes, as a course over the house's clock: a bank
//! works by the hours of the day, and here the hours go by when the clock is moved.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliu_ports::clock::Clock as _;
use heliu_ports::store::DirectoryChange;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::id::ChannelAccountId;
use heliu_trade::time::{MINUTE_MS, Timestamp};
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn, Unknown};

use super::papers::{is_bad, place_of};
use crate::sim::channel::{Asking, Conduct, Line};
use crate::sim::stage::Stage;

/// Its name, which is that of its channel and account.
pub(in crate::sim) const NAME: &str = "bank-pays";
/// How long its answers are waited for, in ms.
const CALL_TIMEOUT_MS: i64 = 8_000;
/// An hour, in ms.
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Where the money of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// The bank has taken the request up.
    Pending,
    /// The payee has it.
    Paid,
    /// It was never moved, and will not be.
    Failed,
    /// The payee had it, and it came back.
    Returned,
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) request_no: String,
    pub(super) amount_fen: i64,
    pub(super) account_no: String,
    /// The number of its bill, which the payee reads.
    pub(super) remark: String,
}

/// A request, and what becomes of it.
struct Transfer {
    asked: Asked,
    /// From when on it is where.
    course: Vec<(Timestamp, Life)>,
    /// How far that has come; it never goes back.
    reached: usize,
    remark: &'static str,
}

impl Transfer {
    fn life(&self) -> Life {
        self.course[self.reached].1
    }

    /// Whether its money is with the payee, or may come there yet.
    fn may_pay(&self) -> bool {
        matches!(self.life(), Life::Pending | Life::Paid)
    }

    fn since(&self, life: Life) -> Timestamp {
        let mut course = self.course.iter();
        let step = course.find(|(_, of)| *of == life);
        step.map_or(self.course[0].0, |(at, _)| *at)
    }
}

/// The bank.
pub(in crate::sim) struct PayingBank {
    pub(super) stage: Arc<Stage>,
    conduct: Conduct,
    /// How often a request is not simply paid or refused at once, out of a hundred.
    odd_percent: i64,
    /// Whether none is any more.
    is_fair: AtomicBool,
    transfers: Mutex<BTreeMap<String, Transfer>>,
}

impl PayingBank {
    pub(in crate::sim) fn new(stage: &Arc<Stage>) -> Arc<Self> {
        Arc::new(Self {
            stage: Arc::clone(stage),
            conduct: Conduct::new(&stage.dice),
            odd_percent: *stage.dice.pick(&[0, 30, 60, 90]),
            is_fair: AtomicBool::new(false),
            transfers: Mutex::default(),
        })
    }

    /// Our account with it.
    pub(in crate::sim) fn account(&self) -> DirectoryChange {
        DirectoryChange::PutChannelAccount {
            account: ChannelAccount {
                channel_account_id: ChannelAccountId::from(NAME),
                channel_id: NAME.into(),
                settings: BTreeMap::new(),
            },
            keys: Vec::new(),
        }
    }

    /// From now on it pays at once, to every card that is good.
    pub(super) fn become_fair(&self) {
        self.is_fair.store(true, Ordering::SeqCst);
    }

    /// The transfers, each as far as it has come by now.
    fn transfers(&self) -> MutexGuard<'_, BTreeMap<String, Transfer>> {
        let mut transfers = self
            .transfers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let now = self.stage.clock.now();
        for (number, transfer) in transfers.iter_mut() {
            while let Some((at, life)) = transfer.course.get(transfer.reached + 1) {
                if *at > now {
                    break;
                }
                transfer.reached += 1;
                let more = format!("{} fen", transfer.asked.amount_fen);
                self.line(&format!("{life:?}").to_lowercase(), number, &more);
            }
        }
        transfers
    }

    fn line(&self, what: &str, number: &str, more: &str) {
        self.stage.line(NAME, what, number, more);
    }

    /// Asks it for a deed over the line.
    pub(super) async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        what: &str,
        number: &str,
        deed: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Unknown> {
        let line = Line {
            name: NAME,
            stage: &self.stage,
            conduct: &self.conduct,
        };
        let asking = Asking {
            what,
            subject: number,
            timeout_ms: CALL_TIMEOUT_MS,
        };
        let bank = Arc::clone(self);
        line.call(asking, move || deed(&bank)).await
    }

    /// A request arrives: a new one is taken up, a repeat is the same request.
    pub(super) fn pay(&self, asked: Asked) -> PayoutResult {
        let number = asked.request_no.clone();
        let mut transfers = self.transfers();
        match transfers.get(&number) {
            Some(known) => self.stage.must(known.asked == asked, || {
                format!(
                    "(10) request {number} is sent as {asked:?}, it was {:?}",
                    known.asked
                )
            }),
            None => {
                let open = transfers.values();
                let mut open = open.filter(|it| it.asked.remark == asked.remark && it.may_pay());
                let other = open.next().map(|it| it.asked.request_no.clone());
                self.stage.must(other.is_none(), || {
                    format!(
                        "(10) bill {} goes out as {number} while {other:?} may pay it",
                        asked.remark
                    )
                });
                let transfer = self.take_up(asked);
                let more = format!(
                    "{} fen for bill {}, {:?}",
                    transfer.asked.amount_fen, transfer.asked.remark, transfer.course
                );
                self.line("takes up", &number, &more);
                transfers.insert(number.clone(), transfer);
            }
        }
        drop(transfers);
        self.said(&number)
    }

    fn take_up(&self, asked: Asked) -> Transfer {
        let dice = &self.stage.dice;
        let now = self.stage.clock.now();
        let after = |most_ms: i64| now.plus_ms(dice.between(1_000, most_ms));
        let is_odd = !self.is_fair.load(Ordering::SeqCst) && dice.happens(self.odd_percent);
        let steps = match (is_bad(&asked.account_no), is_odd) {
            (true, false) => vec![(now, Life::Failed)],
            (true, true) => vec![(now, Life::Pending), (after(20 * HOUR_MS), Life::Failed)],
            (false, false) => vec![(now, Life::Paid)],
            (false, true) => match dice.weigh(&[(3, 0), (2, 1), (1, 2), (2, 3), (3, 4)]) {
                0 => vec![(now, Life::Pending), (after(HOUR_MS / 4), Life::Paid)],
                1 => vec![(now, Life::Pending), (after(20 * HOUR_MS), Life::Paid)],
                2 => vec![(now, Life::Pending), (after(20 * HOUR_MS), Life::Failed)],
                3 => vec![(now, Life::Failed)],
                _ => vec![(now, Life::Paid), (after(30 * HOUR_MS), Life::Returned)],
            },
        };
        let remark = if is_odd { "有缺陷的成功" } else { "" };
        Transfer {
            asked,
            course: steps,
            reached: 0,
            remark,
        }
    }

    /// What it says when it is asked about a number; now and then a copy that is behind says it.
    pub(super) fn query(&self, number: &str, is_absence_believed: bool) -> PayoutResult {
        let is_known = self.transfers().contains_key(number);
        let lags = self.stage.trouble(self.conduct.lags);
        match (is_known, lags) {
            (false, _) if is_absence_believed => PayoutResult::NotFound,
            (false, _) => unknown("no such request yet"),
            // Nothing comes of it but that the same number is sent again.
            (true, true) if self.stage.dice.happens(50) => PayoutResult::NotFound,
            (true, true) => unknown("being worked on, says a copy that is behind"),
            (true, false) => self.said(number),
        }
    }

    fn said(&self, number: &str) -> PayoutResult {
        let transfers = self.transfers();
        let Some(transfer) = transfers.get(number) else {
            return PayoutResult::NotFound;
        };
        let payment = PayoutEvidence {
            bank_no: format!("B{number}"),
            paid_at: transfer.since(Life::Paid),
            remark: transfer.remark.to_owned(),
        };
        match transfer.life() {
            Life::Pending => unknown("being worked on"),
            Life::Paid => PayoutResult::Paid(payment),
            Life::Failed => PayoutResult::Failed(PayoutFailure {
                reason: "[1000014] 无此账户".to_owned(),
            }),
            Life::Returned => PayoutResult::Returned(PayoutReturn {
                payment,
                returned_at: transfer.since(Life::Returned),
                reason: "户名不符".to_owned(),
            }),
        }
    }

    /// What really became of a number; `None`: it never came.
    pub(super) fn life_of(&self, number: &str) -> Option<Life> {
        self.transfers().get(number).map(Transfer::life)
    }

    /// What the owner at a place has got and kept, in fen.
    pub(super) fn kept_fen(&self, place: usize) -> i64 {
        let transfers = self.transfers();
        let its = transfers
            .values()
            .filter(|it| it.life() == Life::Paid && place_of(&it.asked.account_no) == Some(place));
        its.map(|it| it.asked.amount_fen).sum()
    }

    /// Requests that nobody has an answer to yet.
    pub(super) fn has_pending(&self) -> bool {
        let transfers = self.transfers();
        transfers.values().any(|it| it.life() == Life::Pending)
    }
}

fn unknown(why: &str) -> PayoutResult {
    PayoutResult::Unknown(Unknown::because(why))
}
