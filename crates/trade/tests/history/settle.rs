//! The end of a history: every job is worked off with a clear answer, and nothing may be left.

use heliu_trade::attempt::AttemptState;
use heliu_trade::followup::deliver::Deliver;
use heliu_trade::followup::job::{JobKey, JobKind};
use heliu_trade::id::{AttemptNo, NotificationNo, RefundNo};
use heliu_trade::order::OrderState;
use heliu_trade::step::{Action, Target};
use heliu_trade::verdict::{DeclineKind, Verdict};

use super::op::{Answer, Close, Word};
use super::play::{History, ORDER};
use crate::book::make;

/// More rounds than any order needs.
const ROUNDS_MAX: usize = 10;

impl History {
    /// Works off all jobs, then sees that nothing is open and no foreign money is kept.
    pub(crate) fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let keys: Vec<_> = self.book.jobs.keys().cloned().collect();
            if keys.is_empty() {
                break;
            }
            keys.into_iter().for_each(|key| self.work(&key));
        }
        assert!(
            self.book.jobs.is_empty(),
            "jobs without an end: {:?}",
            self.book.jobs
        );
        let state = self.order().state;
        assert!(state.is_decided(), "{state:?} with nothing left to do");
        let is_unsettled = |state: AttemptState| state.is_unsettled();
        assert!(
            !self
                .attempts()
                .iter()
                .any(|attempt| is_unsettled(attempt.state))
        );
        let surplus = heliu_trade::ledger::Account::Surplus;
        assert_eq!(
            self.book
                .balances()
                .get(&surplus)
                .copied()
                .unwrap_or_default(),
            0
        );
    }

    fn work(&mut self, key: &JobKey) {
        let attempt_no = AttemptNo::from_u64(key.about);
        match key.kind {
            JobKind::QueryUnknown if self.order().state == OrderState::Paying => {
                self.verdict(attempt_no, Verdict::Unknown(make::unknown()));
                self.take(
                    Target::Order(ORDER),
                    Action::RequestReversal { rules: None },
                )
                .expect("the horizon is never rejected");
            }
            JobKind::QueryUnknown => {
                let decline = make::decline(DeclineKind::Closed);
                self.verdict(attempt_no, Verdict::Declined(decline));
            }
            JobKind::ReverseUnknown => self.reversal(attempt_no, true),
            JobKind::CheckReversal => {
                let due_at = self.book.jobs.get(key).map(|job| job.due_at);
                self.now = self.now.max(due_at.unwrap_or(self.now));
                self.checked(attempt_no, &Word::NotPaid);
            }
            JobKind::CloseOrder => {
                self.take(Target::Order(ORDER), Action::FinishClose)
                    .expect("the end of a close is never rejected");
            }
            JobKind::CloseAttempt => self.close_answer(attempt_no, &Close::Closed),
            JobKind::ExpireOrder => {
                self.take(Target::Order(ORDER), Action::ExpireOrder)
                    .expect("an expiry is never rejected");
            }
            JobKind::FinishRefund => {
                let answer = Answer::Succeeded { cash: None };
                self.refund_answer(RefundNo::from_u64(key.about), &answer);
            }
            JobKind::NotifyMerchant => {
                let no = NotificationNo::from_u64(key.about);
                let body = "rendered".to_owned();
                self.notification(no, Action::Deliver(Deliver::Begin { body }));
                let action = Action::Deliver(Deliver::End {
                    is_acknowledged: true,
                    answer: "200 SUCCESS".to_owned(),
                    next_gap_ms: None,
                });
                self.notification(no, action);
            }
            JobKind::QueryPayout
            | JobKind::TellPayout
            | JobKind::ReleaseReserve
            | JobKind::ReleaseRefunds
            | JobKind::FormBatch
            | JobKind::SendBatch
            | JobKind::SettleHour => unreachable!("no order has such a job"),
        }
    }
}
