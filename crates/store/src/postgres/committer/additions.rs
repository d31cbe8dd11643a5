//! What a batch adds and changes, as rows: of what was saved more than once the last state.

use std::collections::{BTreeMap, BTreeSet};

use heliu_ports::store::Commit;
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::id::PlatformNo;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Changes, Save, Target};

use super::following::{Following, FollowingRows};
use super::link::Pipeline;
use super::statements::Statements;
use super::tables::{
    AttemptRow, AttemptRows, EvidenceRow, EvidenceRows, HandoffRow, HandoffRows, OrderRow,
    OrderRows, RefundEndRow, RefundEndRows, RefundRow, RefundRows, Rows, StateRow, StateRows,
    TotalsRow, TotalsRows,
};
use crate::columns::{integer, json, json_opt, ms};
use crate::postgres::fault::Fault;
use crate::rows::attempt::{channel_account, states};

/// An order as a batch leaves it.
struct Final<'a> {
    order: &'a Order,
    attempts: &'a [Attempt],
    /// The version that was read; `None`: the order is new.
    read_version: Option<i64>,
}

/// Keys as tables have them: merchant, order, and a number within it.
type Key<'a> = (&'a str, i64);
type Numbered<'a> = (&'a str, i64, i64);

/// Everything that a batch saves.
#[derive(Default)]
pub(super) struct Additions<'a> {
    orders: BTreeMap<Key<'a>, Final<'a>>,
    attempts: BTreeMap<Numbered<'a>, (bool, &'a Attempt)>,
    refunds: BTreeMap<Key<'a>, (Option<&'a str>, &'a Refund)>,
    codes: BTreeSet<&'a str>,
    follow: Following<'a>,
    /// The highest second of any number that is new.
    pub(super) second: u64,
}

impl<'a> Additions<'a> {
    fn saw(&mut self, number: PlatformNo) {
        self.second = self.second.max(number.second());
    }

    /// Adds what one step changed.
    pub(super) fn add(&mut self, commit: &'a Commit, changes: &'a Changes) -> Result<(), Fault> {
        let Some(order) = &changes.after.order else {
            return Ok(());
        };
        let merchant = order.merchant_id.as_str();
        let key = (merchant, integer(order.order_no.as_u64()));
        self.add_order(key, order, changes);
        for (index, save) in &changes.attempts {
            if let Some(attempt) = changes.after.attempts.get(*index) {
                self.add_attempt(key, attempt, *save);
            }
        }
        if let (Some(refund), Save::Insert | Save::Update) = (&changes.after.refund, changes.refund)
        {
            self.add_refund(merchant, commit, refund, changes.refund)?;
        }
        for notification in &changes.consequences.new_notifications {
            self.saw(notification.notification_no.0);
        }
        self.follow.add(&changes.consequences);
        for saved in &changes.bills {
            self.follow.add(&saved.consequences);
        }
        Ok(())
    }

    fn add_order(&mut self, key: Key<'a>, order: &'a Order, changes: &'a Changes) {
        let attempts = changes.after.attempts.as_slice();
        let read_version = match changes.order {
            Save::Insert => {
                self.saw(order.order_no.0);
                None
            }
            Save::Update => Some(i64::from(order.version) - 1),
            Save::Nothing if !changes.attempts.is_empty() => Some(i64::from(order.version) - 1),
            Save::Nothing => return,
        };
        let first = Final {
            order,
            attempts,
            read_version,
        };
        let last = self.orders.entry(key).or_insert(first);
        (last.order, last.attempts) = (order, attempts);
    }

    fn add_attempt(&mut self, key: Key<'a>, attempt: &'a Attempt, save: Save) {
        if let Some(Handoff::CodeUrl(content)) = &attempt.handoff {
            self.codes.insert(content);
        }
        let is_new = match save {
            Save::Nothing => return,
            Save::Insert => {
                self.saw(attempt.attempt_no.0);
                true
            }
            Save::Update => false,
        };
        let of = (key.0, key.1, integer(attempt.attempt_no.as_u64()));
        let last = self.attempts.entry(of).or_insert((is_new, attempt));
        last.1 = attempt;
    }

    /// The app under whose register the refund's number stands is the one that asks, by the target.
    fn add_refund(
        &mut self,
        merchant: &'a str,
        commit: &'a Commit,
        refund: &'a Refund,
        save: Save,
    ) -> Result<(), Fault> {
        let app = match (save, &commit.step.target) {
            (Save::Insert, Target::NewRefund(_, app_id, _)) => Some(app_id.as_str()),
            (Save::Insert, _) => {
                let what = "a refund made by a step that is not about one";
                return Err(Fault::Damaged(what.to_owned()));
            }
            _ => None,
        };
        if app.is_some() {
            self.saw(refund.refund_no.0);
        }
        let of = (merchant, integer(refund.refund_no.as_u64()));
        let last = self.refunds.entry(of).or_insert((app, refund));
        last.1 = refund;
        Ok(())
    }

    /// As rows.
    pub(super) fn rows(self) -> Result<Tables<'a>, Fault> {
        let mut tables = Tables {
            follow: self.follow.rows(),
            codes: self.codes.into_iter().collect(),
            ..Tables::default()
        };
        for (key, last) in self.orders {
            tables.order(key, &last)?;
        }
        for (key, (is_new, attempt)) in self.attempts {
            tables.attempt(key, is_new, attempt)?;
        }
        for ((merchant_id, refund_no), (app, refund)) in self.refunds {
            tables.refund(merchant_id, refund_no, app, refund)?;
        }
        Ok(tables)
    }
}

/// The same, table by table.
#[derive(Default)]
pub(super) struct Tables<'a> {
    new_orders: OrderRows<'a>,
    new_states: StateRows<'a>,
    states: StateRows<'a>,
    read_versions: Vec<i64>,
    totals: TotalsRows<'a>,
    attempts: AttemptRows<'a>,
    handoffs: HandoffRows<'a>,
    evidence: EvidenceRows<'a>,
    new_refunds: RefundRows<'a>,
    refunds: RefundEndRows<'a>,
    follow: FollowingRows<'a>,
    codes: Vec<&'a str>,
}

impl<'a> Tables<'a> {
    fn order(&mut self, (merchant_id, order_no): Key<'a>, last: &Final<'a>) -> Result<(), Fault> {
        let order = last.order;
        let payment = order.payment.as_ref();
        let state = StateRow {
            merchant_id,
            order_no,
            version: i64::from(order.version),
            state: order.state.as_str(),
            attempts: json(&states(last.attempts))?,
            wallet: order.wallet.map(|wallet| wallet.as_str()),
            channel_account_id: channel_account(order, last.attempts),
            paid_attempt_no: payment.map(|payment| integer(payment.attempt_no.as_u64())),
            fee_fen: payment.map(|payment| payment.fee_fen),
            decline: json_opt(order.decline.as_ref())?,
            ended_at: ms(order.ended_at),
            entry_count: i64::from(order.counts.entries),
            event_count: i64::from(order.counts.events),
        };
        if let Some(read_version) = last.read_version {
            self.states.push(state);
            self.read_versions.push(read_version);
        } else {
            self.new_states.push(state);
            self.new_orders.push(OrderRow {
                merchant_id,
                order_no,
                app_id: order.app_id.as_str(),
                merchant_order_no: &order.merchant_order_no,
                scene: order.scene.as_str(),
                amount_minor: order.amount_minor,
                currency: order.currency.as_str(),
                rate_scaled: order.rate.map(|rate| rate.scaled),
                rate_direction: order.rate.map(|rate| rate.direction.as_str()),
                charge_fen: order.charge_fen,
                created_at: order.created_at.as_ms(),
                expires_at: ms(order.expires_at),
                horizon_at: ms(order.horizon_at),
                details: json(&order.details)?,
            });
        }
        if order.has_returns() {
            self.totals((merchant_id, order_no), order);
        }
        Ok(())
    }

    fn totals(&mut self, (merchant_id, order_no): Key<'a>, order: &'a Order) {
        let evidence = order.payment.as_ref().map(|payment| &payment.evidence);
        self.totals.push(TotalsRow {
            merchant_id,
            order_no,
            amount_minor: order.amount_minor,
            payable_fen: evidence.map_or(0, |evidence| evidence.payable_fen),
            cash_fen: evidence.map_or(0, |evidence| evidence.cash_fen),
            receivable_fen: evidence.map_or(0, |evidence| evidence.receivable_fen()),
            refunded_minor: order.refunded.amount_minor,
            refunded_payable_fen: order.refunded.payable_fen,
            refunded_cash_fen: order.refunded.cash_fen,
            refunded_receivable_fen: order.refunded.receivable_fen,
            refunding_minor: order.refunding.amount_minor,
            refunding_payable_fen: order.refunding.payable_fen,
            refunding_cash_fen: order.refunding.cash_fen,
            refunding_receivable_fen: order.refunding.receivable_fen,
            fee_returned_fen: order.fee_returned_fen,
            cost_returned_fen: order.cost_returned_fen,
            shares_returned: order.shares_returned.to_string(),
            refund_count: i64::from(order.refund_count),
            last_refund_failed: order.last_refund_failed,
            refund_not_before: ms(order.refund_not_before),
        });
    }

    fn attempt(
        &mut self,
        (merchant_id, order_no, attempt_no): Numbered<'a>,
        is_new: bool,
        attempt: &'a Attempt,
    ) -> Result<(), Fault> {
        if is_new {
            self.attempts.push(AttemptRow {
                merchant_id,
                order_no,
                attempt_no,
                sent_at: attempt.sent_at.as_ms(),
                route: json(&attempt.route)?,
                handoff: json_opt(attempt.handoff.as_ref())?,
            });
        } else if let Some(handoff) = &attempt.handoff {
            self.handoffs.push(HandoffRow {
                merchant_id,
                order_no,
                attempt_no,
                handoff: json(handoff)?,
            });
        }
        if let Some(evidence) = &attempt.evidence {
            self.evidence.push(EvidenceRow {
                merchant_id,
                order_no,
                attempt_no,
                channel_order_no: &evidence.channel_order_no,
                evidence: json(evidence)?,
            });
        }
        Ok(())
    }

    fn refund(
        &mut self,
        merchant_id: &'a str,
        refund_no: i64,
        app: Option<&'a str>,
        refund: &'a Refund,
    ) -> Result<(), Fault> {
        let (state, amounts) = (refund.state.as_str(), refund.amounts);
        let (sent_at, ended_at) = (ms(refund.sent_at), ms(refund.ended_at));
        let details = json(&refund.details)?;
        match app {
            Some(app_id) => self.new_refunds.push(RefundRow {
                merchant_id,
                refund_no,
                order_no: integer(refund.order_no.as_u64()),
                app_id,
                merchant_refund_no: &refund.merchant_refund_no,
                state,
                amount_minor: amounts.amount_minor,
                payable_fen: amounts.payable_fen,
                cash_fen: amounts.cash_fen,
                receivable_fen: amounts.receivable_fen,
                created_at: refund.created_at.as_ms(),
                sent_at,
                ended_at,
                details,
            }),
            None => self.refunds.push(RefundEndRow {
                merchant_id,
                refund_no,
                state,
                payable_fen: amounts.payable_fen,
                cash_fen: amounts.cash_fen,
                receivable_fen: amounts.receivable_fen,
                sent_at,
                ended_at,
                details,
            }),
        }
        Ok(())
    }

    pub(super) fn send<'p>(&'p self, pipeline: &mut Pipeline<'p>, sql: &'p Statements) {
        pipeline.rows(&sql.insert_order, &self.new_orders);
        pipeline.rows(&sql.insert_state, &self.new_states);
        if !self.read_versions.is_empty() {
            let mut parameters = self.states.arrays();
            parameters.push(&self.read_versions);
            pipeline.add(&sql.update_state, parameters);
        }
        pipeline.rows(&sql.put_totals, &self.totals);
        pipeline.rows(&sql.insert_attempt, &self.attempts);
        pipeline.rows(&sql.put_handoff, &self.handoffs);
        pipeline.rows(&sql.insert_evidence, &self.evidence);
        pipeline.rows(&sql.insert_refund, &self.new_refunds);
        pipeline.rows(&sql.update_refund, &self.refunds);
        self.follow.send(pipeline, sql);
        if !self.codes.is_empty() {
            pipeline.add(&sql.keep_code, vec![&self.codes]);
        }
    }
}
