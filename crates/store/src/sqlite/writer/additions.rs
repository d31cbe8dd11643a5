//! Rows that a transaction adds and that its commands do not read: collected, and written together
//! before it ends.

use std::sync::Arc;

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_trade::attempt::Attempt;
use heliu_trade::followup::event::Event;
use heliu_trade::followup::job::Job;
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{AttemptNo, MerchantId, OrderNo};
use heliu_trade::ledger::{Entry, EntryCause};
use heliu_trade::order::Order;
use heliu_trade::verdict::Evidence;

use super::books::Books;
use crate::columns::{integer, json, json_opt, ms};
use crate::rows::attempt::{channel_account, states};
use crate::rows::journal::rows_of;
use crate::sqlite::fault::Fault;

/// What waits to be written. Jobs are those of orders made in this transaction, all others are
/// written at once.
#[derive(Default)]
pub(super) struct Additions<'r> {
    /// Orders of which rows wait that a later command on them may have to read or change.
    pub(super) unsettled: Vec<OrderNo>,
    pub(super) orders: Vec<(Order, Vec<Attempt>)>,
    pub(super) attempts: Vec<(MerchantId, OrderNo, Attempt)>,
    pub(super) evidence: Vec<(MerchantId, OrderNo, AttemptNo, Arc<Evidence>)>,
    pub(super) jobs: Vec<Job>,
    pub(super) entries: Vec<(Subject, Entry)>,
    pub(super) events: Vec<(Subject, Event)>,
    pub(super) requests: Vec<(&'r ExchangeRequest, Option<OrderNo>)>,
    pub(super) answers: Vec<&'r ExchangeAnswer>,
}

impl Books<'_> {
    /// To be called before a command that works on an order: what this very transaction wrote of it
    /// must stand in the books whole.
    pub(super) fn settle(
        &mut self,
        order_no: OrderNo,
        additions: &mut Additions<'_>,
    ) -> Result<(), Fault> {
        if additions.unsettled.contains(&order_no) {
            self.write(additions)?;
        }
        Ok(())
    }

    /// Writes what waits.
    pub(super) fn write(&mut self, additions: &mut Additions<'_>) -> Result<(), Fault> {
        self.add_states(&additions.orders)?;
        self.add_attempts(&additions.attempts)?;
        self.add_evidence(&additions.evidence)?;
        self.add_jobs(&additions.jobs)?;
        self.add_entries(&additions.entries)?;
        self.add_events(&additions.events)?;
        self.add_requests(&additions.requests)?;
        self.add_answers(&additions.answers)?;
        *additions = Additions::default();
        Ok(())
    }

    fn add_states(&mut self, rows: &[(Order, Vec<Attempt>)]) -> Result<(), Fault> {
        self.statements
            .add_states
            .add(rows, |cells, (order, attempts)| {
                let payment = order.payment.as_ref();
                cells.put(order.merchant_id.as_str())?;
                cells.put(integer(order.order_no.as_u64()))?;
                cells.put(order.version)?;
                cells.put(order.state.as_str())?;
                cells.put(json(&states(attempts))?)?;
                cells.put(order.wallet.map(|wallet| wallet.as_str()))?;
                cells.put(channel_account(order, attempts))?;
                cells.put(payment.map(|payment| integer(payment.attempt_no.as_u64())))?;
                cells.put(payment.map(|payment| payment.fee_fen))?;
                cells.put(json_opt(order.decline.as_ref())?)?;
                cells.put(ms(order.ended_at))?;
                cells.put(order.counts.entries)?;
                cells.put(order.counts.events)?;
                Ok(())
            })?;
        Ok(())
    }

    fn add_attempts(&mut self, rows: &[(MerchantId, OrderNo, Attempt)]) -> Result<(), Fault> {
        self.statements
            .add_attempts
            .add(rows, |cells, (merchant, order_no, attempt)| {
                cells.put(merchant.as_str())?;
                cells.put(integer(order_no.as_u64()))?;
                cells.put(integer(attempt.attempt_no.as_u64()))?;
                cells.put(attempt.sent_at.as_ms())?;
                cells.put(json(&attempt.route)?)?;
                cells.put(json_opt(attempt.handoff.as_ref())?)?;
                Ok(())
            })?;
        Ok(())
    }

    fn add_evidence(
        &mut self,
        rows: &[(MerchantId, OrderNo, AttemptNo, Arc<Evidence>)],
    ) -> Result<(), Fault> {
        self.statements.add_evidence.add(
            rows,
            |cells, (merchant, order_no, attempt_no, evidence)| {
                cells.put(merchant.as_str())?;
                cells.put(integer(order_no.as_u64()))?;
                cells.put(integer(attempt_no.as_u64()))?;
                cells.put(evidence.channel_order_no.as_str())?;
                cells.put(json(evidence)?)?;
                Ok(())
            },
        )?;
        Ok(())
    }

    fn add_jobs(&mut self, rows: &[Job]) -> Result<(), Fault> {
        self.statements.add_jobs.add(rows, |cells, job| {
            let key = &job.key;
            cells.put(key.subject.owner.name())?;
            cells.put(integer(key.subject.no.as_u64()))?;
            cells.put(key.kind.as_str())?;
            cells.put(integer(key.about))?;
            cells.put(job.due_at.as_ms())?;
            cells.put(job.tries)?;
            Ok(())
        })?;
        Ok(())
    }

    fn add_events(&mut self, rows: &[(Subject, Event)]) -> Result<(), Fault> {
        self.statements
            .add_events
            .add(rows, |cells, (subject, event)| {
                cells.put(subject.owner.name())?;
                cells.put(integer(subject.no.as_u64()))?;
                cells.put(event.index)?;
                cells.put(event.at.as_ms())?;
                cells.put(event.kind.as_str())?;
                cells.put(event.detail.as_str())?;
                Ok(())
            })?;
        Ok(())
    }

    fn add_entries(&mut self, entries: &[(Subject, Entry)]) -> Result<(), Fault> {
        let mut rows = Vec::with_capacity(entries.len());
        for (subject, entry) in entries {
            rows.extend(rows_of(entry).into_iter().map(|row| (subject, entry, row)));
        }
        let open_from = self.open_from.now;
        let add = &mut self.statements.add_entries;
        add.add(&rows, |cells, (subject, entry, row)| {
            let EntryCause {
                attempt_no,
                refund_no,
            } = entry.cause;
            cells.put(subject.owner.name())?;
            cells.put(integer(subject.no.as_u64()))?;
            cells.put(entry.index)?;
            cells.put(row.line_index)?;
            cells.put(entry.kind.as_str())?;
            // What comes late is of the first date that is open.
            cells.put(entry.at.as_ms().max(open_from))?;
            cells.put(attempt_no.map(|number| integer(number.as_u64())))?;
            cells.put(refund_no.map(|number| integer(number.as_u64())))?;
            cells.put(row.line.account.name())?;
            cells.put(row.line.amount_fen)?;
            cells.put(row.counter.map(|counter| counter.account.name()))?;
            Ok(())
        })?;
        Ok(())
    }
}
