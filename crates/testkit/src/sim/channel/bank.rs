//! What a channel really holds: who paid what, and what went back. It never looks into our books.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliu_ports::channel::{CallbackNews, PrepayResult};
use heliu_ports::clock::Clock as _;
use heliu_trade::attempt::Handoff;
use heliu_trade::verdict::{
    CloseResult, Decline, DeclineKind, Evidence, ReversalResult, Unknown, Verdict,
};
use heliu_trade::wallet::Funding;

use super::conduct::Conduct;
use super::post::Post;
use super::purchase::{Life, Purchase, Slip};
use crate::sim::stage::{Stage, wait_ms};

/// A bank behind a channel.
pub(in crate::sim) struct Bank {
    pub(super) name: &'static str,
    pub(super) stage: Arc<Stage>,
    pub(super) conduct: Conduct,
    pub(super) post: Arc<Post>,
    purchases: Mutex<BTreeMap<String, Purchase>>,
}

impl Bank {
    pub(in crate::sim) fn new(
        name: &'static str,
        stage: &Arc<Stage>,
        post: &Arc<Post>,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            stage: Arc::clone(stage),
            conduct: Conduct::new(&stage.dice),
            post: Arc::clone(post),
            purchases: Mutex::default(),
        })
    }

    pub(super) fn purchases(&self) -> MutexGuard<'_, BTreeMap<String, Purchase>> {
        self.purchases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn line(&self, what: &str, number: &str, more: &str) {
        self.stage.line(self.name, what, number, more);
    }

    /// A payer shows a code: paid at once, refused, or asked to confirm.
    pub(super) fn pay(self: &Arc<Self>, slip: Slip) -> Verdict {
        let dice = &self.stage.dice;
        let number = slip.number.clone();
        let known = self.purchases().get(&number).map(|known| {
            let was_absent = known.slip.charge_fen == 0;
            (known.life, was_absent)
        });
        if let Some((life, was_absent)) = known {
            self.stage
                .must(was_absent, || format!("payment {number} was sent twice"));
            if !was_absent || !dice.happens(self.conduct.pays_late) {
                return declined("ORDERCLOSED", DeclineKind::Closed);
            }
            self.purchases()
                .insert(number.clone(), Purchase::new(slip, life));
            self.take(&number);
            return self.query(&number);
        }
        self.purchases()
            .insert(number.clone(), Purchase::new(slip, Life::Waiting));
        match dice.weigh(&[(60, 0), (25, 1), (15, 2)]) {
            0 => self.take(&number),
            1 => {
                let bank = Arc::clone(self);
                let (after_ms, pays) = (dice.between(500, 100_000), dice.happens(60));
                self.stage.begin(async move {
                    wait_ms(after_ms).await;
                    bank.payer_decides(&number, pays);
                });
                return Verdict::Pending;
            }
            _ => self.decline(&number),
        }
        self.query(&number)
    }

    /// An order that waits for its payer; a repeat is the same order.
    pub(super) fn prepay(self: &Arc<Self>, slip: Slip) -> PrepayResult {
        let number = slip.number.clone();
        let handed = || PrepayResult::Handed(Handoff::TradeNo(format!("T{number}")));
        let mut purchases = self.purchases();
        match purchases.get(&number) {
            None => {
                purchases.insert(number.clone(), Purchase::new(slip, Life::Waiting));
                handed()
            }
            Some(known) if known.life == Life::Waiting => {
                let (ours, theirs) = (&known.slip, &slip);
                let is_same = (ours.charge_fen, &ours.callback_url)
                    == (theirs.charge_fen, &theirs.callback_url);
                self.stage.must(is_same, || {
                    format!("prepay {number} was repeated with other content")
                });
                handed()
            }
            Some(_) => PrepayResult::Declined(Decline {
                reason: "ORDERCLOSED".to_owned(),
                kind: DeclineKind::Closed,
            }),
        }
    }

    /// A payer decides about a purchase that waits.
    pub(in crate::sim) fn payer_decides(self: &Arc<Self>, number: &str, pays: bool) {
        self.expire(number);
        let is_waiting = self
            .purchases()
            .get(number)
            .is_some_and(|purchase| purchase.life == Life::Waiting);
        match (is_waiting, pays) {
            (true, true) => self.take(number),
            (true, false) => self.decline(number),
            (false, _) => self.line("payer too late", number, ""),
        }
    }

    /// Closes a purchase whose time is over.
    fn expire(self: &Arc<Self>, number: &str) {
        let passed_ms = self.stage.clock.passed_ms();
        let is_over = self.purchases().get(number).is_some_and(|purchase| {
            purchase.life == Life::Waiting
                && purchase.slip.expires_ms.is_some_and(|at| passed_ms > at)
        });
        if is_over {
            self.end(number, Life::Closed);
        }
    }

    /// Money moves.
    fn take(self: &Arc<Self>, number: &str) {
        let dice = &self.stage.dice;
        let mut purchases = self.purchases();
        let Some(purchase) = purchases.get_mut(number) else {
            return;
        };
        let payable_fen = purchase.slip.charge_fen;
        let part = |of_fen: i64| {
            if dice.happens(20) {
                dice.between(0, of_fen)
            } else {
                0
            }
        };
        let merchant_discount_fen = part(payable_fen / 2);
        let channel_discount_fen = part(payable_fen / 2);
        let evidence = Evidence {
            payable_fen,
            cash_fen: payable_fen - merchant_discount_fen - channel_discount_fen,
            merchant_discount_fen,
            channel_discount_fen,
            channel_order_no: format!("C{number}"),
            payer_order_no: format!("P{number}"),
            payer_id: None,
            funding: *dice.pick(&[Funding::Balance, Funding::Credit, Funding::Unknown]),
            paid_at: self.stage.clock.now(),
            notes: None,
        };
        let is_late = purchase.life != Life::Waiting;
        purchase.life = Life::Paid;
        purchase.is_late = is_late;
        purchase.evidence = Some(evidence.clone());
        purchase.paid_ms = self.stage.clock.passed_ms();
        let url = purchase.slip.callback_url.clone();
        drop(purchases);
        let more = format!("{payable_fen} fen{}", if is_late { ", late" } else { "" });
        self.line("takes", number, &more);
        let news = CallbackNews::Payment(Verdict::Paid(evidence));
        // Whoever has been told the contrary asks no more, so these callbacks come until they are
        // heard.
        self.report(number, &url, news, is_late);
    }

    fn decline(self: &Arc<Self>, number: &str) {
        self.line("declines", number, "");
        self.end(number, Life::Declined);
    }

    /// A purchase ends without money, unless it is paid all the same later on.
    fn end(self: &Arc<Self>, number: &str, life: Life) {
        if let Some(purchase) = self.purchases().get_mut(number) {
            purchase.life = life;
        }
        if self.stage.trouble(self.conduct.pays_late) {
            let (bank, number) = (Arc::clone(self), number.to_owned());
            let after_ms = self.stage.dice.between(500, 600_000);
            self.stage.begin(async move {
                wait_ms(after_ms).await;
                let has_ended = bank.purchases().get(&number).is_some_and(|purchase| {
                    purchase.evidence.is_none() && purchase.slip.charge_fen > 0
                });
                if has_ended {
                    bank.take(&number);
                }
            });
        }
    }

    /// What became of a purchase.
    pub(super) fn query(self: &Arc<Self>, number: &str) -> Verdict {
        self.expire(number);
        let purchases = self.purchases();
        let Some(purchase) = purchases.get(number) else {
            return Verdict::Unknown(Unknown::absent("no such order"));
        };
        if self.stage.trouble(self.conduct.lags) {
            return match self.stage.dice.happens(50) {
                true => Verdict::Pending,
                false => Verdict::Unknown(unknown("no such order, says a copy that is behind")),
            };
        }
        match (purchase.life, &purchase.evidence) {
            (Life::Waiting, _) => Verdict::Pending,
            (Life::Paid, Some(evidence)) => {
                let mut evidence = evidence.clone();
                if self.stage.trouble(self.conduct.misstates_amounts) {
                    evidence.payable_fen += 1;
                }
                Verdict::Paid(evidence)
            }
            (Life::Declined, _) => declined("NOTENOUGH", DeclineKind::Refused),
            _ => declined("ORDERCLOSED", DeclineKind::Closed),
        }
    }

    /// No payment any more.
    pub(super) fn close(self: &Arc<Self>, slip: Slip) -> CloseResult {
        let number = slip.number.clone();
        self.expire(&number);
        let life = self.purchases().get(&number).map(|purchase| purchase.life);
        match life {
            None if slip.is_absence_believed => {
                self.remember_absent(slip, Life::Closed);
                CloseResult::Closed
            }
            None => CloseResult::Unknown(unknown("no such order")),
            Some(Life::Paid) => CloseResult::Paid,
            Some(Life::Waiting) => {
                self.end(&number, Life::Closed);
                CloseResult::Closed
            }
            Some(_) => CloseResult::Closed,
        }
    }

    /// As if not paid, whatever it was. A request that was sent at `sent_ms` of true time and
    /// arrives after a refund changes nothing; nobody may send one later.
    pub(super) fn reverse(self: &Arc<Self>, slip: Slip, sent_ms: i64) -> ReversalResult {
        let number = slip.number.clone();
        self.expire(&number);
        let mut purchases = self.purchases();
        let Some(purchase) = purchases.get_mut(&number) else {
            drop(purchases);
            if slip.is_absence_believed {
                self.remember_absent(slip, Life::Reversed);
                return ReversalResult::Reversed;
            }
            return ReversalResult::Unknown(unknown("no such order"));
        };
        match purchase.life {
            Life::Paid => {
                let age_ms = self.stage.clock.passed_ms() - purchase.paid_ms;
                if age_ms > self.conduct.reverses_within_ms {
                    return ReversalResult::TooLate;
                }
                if self.stage.trouble(self.conduct.keeps_money) {
                    drop(purchases);
                    self.line("keeps", &number, "and says that it is reversed");
                    return ReversalResult::Reversed;
                }
                if purchase.left_fen() < purchase.paid_fen() {
                    self.stage.must(!purchase.had_returns(sent_ms), || {
                        format!("purchase {number} is reversed although it has refunds")
                    });
                    return ReversalResult::TooLate;
                }
                purchase.reversed_fen = purchase.left_fen();
                purchase.reversed_ms = self.stage.clock.passed_ms();
                purchase.life = Life::Reversed;
                let more = format!("{} fen", purchase.reversed_fen);
                drop(purchases);
                self.line("gives back", &number, &more);
            }
            Life::Waiting => {
                drop(purchases);
                self.end(&number, Life::Reversed);
            }
            Life::Declined | Life::Closed | Life::Reversed => purchase.life = Life::Reversed,
        }
        ReversalResult::Reversed
    }

    /// A number that never came is closed: it may come yet. No amount marks it.
    fn remember_absent(&self, slip: Slip, life: Life) {
        let number = slip.number.clone();
        let slip = Slip {
            charge_fen: 0,
            ..slip
        };
        self.purchases().insert(number, Purchase::new(slip, life));
    }

    /// What is kept of a purchase in the end, in fen; 0 for one that never came.
    pub(in crate::sim) fn kept_fen(&self, number: &str) -> i64 {
        self.purchases().get(number).map_or(0, Purchase::kept_fen)
    }

    /// Whether it was paid while the channel had never said the contrary.
    pub(in crate::sim) fn is_paid_in_time(&self, number: &str) -> bool {
        self.purchases()
            .get(number)
            .is_some_and(|purchase| purchase.evidence.is_some() && !purchase.is_late)
    }

    /// All that is kept, in fen.
    pub(in crate::sim) fn kept_in_all_fen(&self) -> i64 {
        self.purchases().values().map(Purchase::kept_fen).sum()
    }
}

pub(super) fn declined(reason: &str, kind: DeclineKind) -> Verdict {
    Verdict::Declined(Decline {
        reason: reason.to_owned(),
        kind,
    })
}

pub(super) fn unknown(why: &str) -> Unknown {
    Unknown::because(why)
}
