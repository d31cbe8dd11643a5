//! Refunds at a bank: at once, after a while, or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_ports::channel::CallbackNews;
use heliu_ports::clock::Clock as _;
use heliu_trade::verdict::{Decline, DeclineKind, RefundEvidence, RefundResult};

use super::bank::{Bank, unknown};
use super::purchase::{Purchase, Return, ReturnState};
use crate::sim::stage::wait_ms;

/// A refund that a bank is asked for.
pub(super) struct Asked {
    pub(super) refund_no: String,
    pub(super) refund_fen: i64,
    /// When, in ms of true time.
    pub(super) sent_ms: i64,
}

impl Bank {
    /// Gives back part or all; a repeat of the number is the same refund. One that was sent before
    /// a reversal and arrives after it is refused; nobody may send one later.
    pub(super) fn refund(self: &Arc<Self>, number: &str, asked: &Asked) -> RefundResult {
        let (refund_no, refund_fen) = (asked.refund_no.as_str(), asked.refund_fen);
        let (stage, dice) = (&self.stage, &self.stage.dice);
        let mut purchases = self.purchases();
        let Some(purchase) = purchases.get_mut(number).filter(|p| p.evidence.is_some()) else {
            stage.wrong(format!("refund {refund_no} of {number}, which nobody paid"));
            return refused("NOTPAID");
        };
        if let Some(known) = purchase.returns.get(refund_no) {
            stage.must(known.refund_fen == refund_fen, || {
                format!("refund {refund_no} is repeated with another amount")
            });
            return said(purchase, refund_no);
        }
        if refund_fen > purchase.left_fen() {
            let left_fen = purchase.left_fen();
            stage.must(purchase.is_reversed_since(asked.sent_ms), || {
                format!("refund {refund_no} of {refund_fen} fen, {left_fen} fen are left")
            });
            return refused("EXCEEDS");
        }
        // A refusal is remembered, so that a copy of the request that is still under way changes
        // nothing; or it is not.
        let is_refused = stage.trouble(self.conduct.refuses_refunds);
        if is_refused && dice.happens(self.conduct.forgets_refusals) {
            drop(purchases);
            self.line("refuses", refund_no, "and forgets it");
            return refused("TRY_LATER");
        }
        let is_deferred = !is_refused && stage.trouble(self.conduct.defers_refunds);
        let state = match (is_refused, is_deferred) {
            (true, _) => ReturnState::Failed,
            (_, true) => ReturnState::Pending,
            _ => ReturnState::Succeeded,
        };
        let returned = Return {
            refund_fen,
            state,
            at: stage.clock.now(),
            asked_ms: stage.clock.passed_ms(),
        };
        purchase.returns.insert(refund_no.to_owned(), returned);
        let result = said(purchase, refund_no);
        drop(purchases);
        self.line(
            "refunds",
            refund_no,
            &format!("{refund_fen} fen, {state:?}"),
        );
        if is_deferred {
            let after_ms = dice.weigh(&[(60, 20_000), (30, 600_000), (10, 40_000_000)]);
            let after_ms = dice.between(1_000, after_ms.min(stage.refunds_within_ms()));
            let succeeds = !stage.trouble(self.conduct.fails_refunds);
            let bank = Arc::clone(self);
            let (number, refund_no) = (number.to_owned(), refund_no.to_owned());
            stage.begin(async move {
                wait_ms(after_ms).await;
                bank.finish_refund(&number, &refund_no, succeeds);
            });
        }
        result
    }

    fn finish_refund(self: &Arc<Self>, number: &str, refund_no: &str, succeeds: bool) {
        let at = self.stage.clock.now();
        let mut purchases = self.purchases();
        let Some(purchase) = purchases.get_mut(number) else {
            return;
        };
        let url = purchase.slip.callback_url.clone();
        let Some(returned) = purchase.returns.get_mut(refund_no) else {
            return;
        };
        returned.at = at;
        returned.state = if succeeds {
            ReturnState::Succeeded
        } else {
            ReturnState::Failed
        };
        let (refund_fen, state) = (returned.refund_fen, returned.state);
        let result = said(purchase, refund_no);
        drop(purchases);
        self.line("refund ends", refund_no, &format!("{state:?}"));
        let news = CallbackNews::Refund {
            refund_no: refund_no.to_owned(),
            refund_fen,
            result,
        };
        self.report(number, &url, news, false);
    }

    /// What became of a refund.
    pub(super) fn query_refund(&self, number: &str, refund_no: &str) -> RefundResult {
        let purchases = self.purchases();
        let known = purchases
            .get(number)
            .filter(|purchase| purchase.returns.contains_key(refund_no));
        match known {
            None => RefundResult::Unknown(unknown("no such refund")),
            Some(_) if self.stage.trouble(self.conduct.lags) => {
                RefundResult::Unknown(unknown("no such refund, says a copy that is behind"))
            }
            Some(purchase) => said(purchase, refund_no),
        }
    }

    /// Refunds of a purchase that ended well: number and fen.
    pub(in crate::sim) fn refunded(&self, number: &str) -> BTreeMap<String, i64> {
        let purchases = self.purchases();
        let returns = purchases.get(number).map(|purchase| &purchase.returns);
        let returns = returns.into_iter().flatten();
        returns
            .filter(|(_, returned)| returned.state == ReturnState::Succeeded)
            .map(|(refund_no, returned)| (refund_no.clone(), returned.refund_fen))
            .collect()
    }
}

fn refused(reason: &str) -> RefundResult {
    failed(reason, DeclineKind::Refused)
}

fn failed(reason: &str, kind: DeclineKind) -> RefundResult {
    let reason = reason.to_owned();
    RefundResult::Failed(Decline { reason, kind })
}

/// What the bank says of a refund that it has.
fn said(purchase: &Purchase, refund_no: &str) -> RefundResult {
    match purchase.returns.get(refund_no) {
        None => RefundResult::Unknown(unknown("no such refund")),
        Some(returned) => match returned.state {
            ReturnState::Pending => RefundResult::Pending,
            ReturnState::Failed => failed("ACCOUNT_CLOSED", DeclineKind::Closed),
            ReturnState::Succeeded => RefundResult::Succeeded(RefundEvidence {
                channel_refund_no: format!("CR{refund_no}"),
                cash_fen: None,
                refunded_at: returned.at,
            }),
        },
    }
}
