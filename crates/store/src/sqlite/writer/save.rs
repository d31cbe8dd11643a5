//! Saves what the core decided, exactly that.

use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::job::JobKey;
use heliu_trade::journal::Entry;
use heliu_trade::notification::{Delivery, Notification};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Changes, JobChange, Save, Target};
use heliu_trade::time::Timestamp;
use rusqlite::params;
use serde::Serialize;

use super::batch::Books;
use crate::sqlite::columns::integer;
use crate::sqlite::fault::Fault;

type Written = Result<(), Fault>;

fn json<T: Serialize>(value: &T) -> Result<String, Fault> {
    Ok(serde_json::to_string(value)?)
}

fn json_opt<T: Serialize>(value: Option<&T>) -> Result<Option<String>, Fault> {
    value.map(json).transpose()
}

fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_ms)
}

fn job_key(key: &JobKey) -> (&str, i64, &'static str, i64) {
    let order_no = integer(key.order_no.as_u64());
    (
        key.merchant_id.as_str(),
        order_no,
        key.kind.as_str(),
        integer(key.subject),
    )
}

impl Books<'_> {
    /// Writes `changes`, counting the save in the order's version.
    pub(super) fn save(
        &mut self,
        merchant: &MerchantId,
        target: &Target,
        changes: &mut Changes,
    ) -> Written {
        let Some(order) = &mut changes.after.order else {
            return Ok(());
        };
        match changes.order {
            Save::Nothing => {}
            Save::Insert => self.insert_order(order)?,
            Save::Update => {
                order.version += 1;
                self.update_order(order)?;
            }
        }
        let order_no = integer(order.order_no.as_u64());
        let key = (merchant.as_str(), order_no);
        for (index, save) in &changes.attempts {
            let Some(attempt) = changes.after.attempts.get(*index) else {
                continue;
            };
            self.keep_code(attempt)?;
            match save {
                Save::Nothing => {}
                Save::Insert => self.insert_attempt(key, attempt)?,
                Save::Update => self.update_attempt(key, attempt)?,
            }
        }
        match (&changes.after.refund, changes.refund) {
            (Some(refund), Save::Insert) => self.insert_refund(key, target, refund)?,
            (Some(refund), Save::Update) => self.update_refund(key.0, refund)?,
            _ => {}
        }
        if let (Some(notification), Save::Update) =
            (&changes.after.notification, changes.notification)
        {
            self.update_notification(key, notification)?;
        }
        for entry in &changes.entries {
            self.insert_entry(key, entry)?;
        }
        for event in &changes.events {
            self.statements.insert_event.execute(params![
                key.0,
                key.1,
                event.index,
                event.at.as_ms(),
                event.kind.as_str(),
                event.detail
            ])?;
        }
        for notification in &changes.new_notifications {
            self.insert_notification(key, notification)?;
        }
        for delivery in &changes.deliveries {
            self.put_delivery(key, delivery)?;
        }
        for change in &changes.jobs {
            match change {
                JobChange::Put(job) => {
                    let (merchant, order_no, kind, subject) = job_key(&job.key);
                    let due_at = job.due_at.as_ms();
                    self.statements.put_job.execute(params![
                        merchant, order_no, kind, subject, due_at, job.tries
                    ])?;
                }
                JobChange::Drop(key) => {
                    self.statements.drop_job.execute(job_key(key))?;
                }
            }
        }
        Ok(())
    }

    fn insert_order(&mut self, order: &Order) -> Written {
        self.seen.number(order.order_no.0);
        let evidence = order.payment.as_ref().map(|payment| &payment.evidence);
        self.statements.insert_order.execute(params![
            order.merchant_id.as_str(),
            integer(order.order_no.as_u64()),
            order.app_id.as_str(),
            order.merchant_order_no,
            order.version,
            order.scene.as_str(),
            order.wallet.map(|wallet| wallet.as_str()),
            order.state.as_str(),
            order.amount_minor,
            order.currency.as_str(),
            order.rate.map(|rate| rate.scaled),
            order.rate.map(|rate| rate.direction.as_str()),
            order.charge_fen,
            json_opt(order.payment.as_ref())?,
            evidence.map(|evidence| evidence.cash_fen),
            evidence.map(heliu_trade::verdict::Evidence::receivable_fen),
            order.refunded.amount_minor,
            order.refunded.payable_fen,
            order.refunded.cash_fen,
            order.refunded.receivable_fen,
            order.refunding.amount_minor,
            order.refunding.payable_fen,
            order.refunding.cash_fen,
            order.refunding.receivable_fen,
            order.fee_returned_fen,
            order.refund_count,
            order.last_refund_failed,
            ms(order.refund_not_before),
            json_opt(order.decline.as_ref())?,
            order.created_at.as_ms(),
            ms(order.expires_at),
            ms(order.horizon_at),
            ms(order.ended_at),
            order.entry_count,
            order.event_count,
            json(&order.details)?,
        ])?;
        Ok(())
    }

    fn update_order(&mut self, order: &Order) -> Written {
        let evidence = order.payment.as_ref().map(|payment| &payment.evidence);
        let changed = self.statements.update_order.execute(params![
            order.merchant_id.as_str(),
            integer(order.order_no.as_u64()),
            order.version.saturating_sub(1),
            order.version,
            order.wallet.map(|wallet| wallet.as_str()),
            order.state.as_str(),
            json_opt(order.payment.as_ref())?,
            evidence.map(|evidence| evidence.cash_fen),
            evidence.map(heliu_trade::verdict::Evidence::receivable_fen),
            order.refunded.amount_minor,
            order.refunded.payable_fen,
            order.refunded.cash_fen,
            order.refunded.receivable_fen,
            order.refunding.amount_minor,
            order.refunding.payable_fen,
            order.refunding.cash_fen,
            order.refunding.receivable_fen,
            order.fee_returned_fen,
            order.refund_count,
            order.last_refund_failed,
            ms(order.refund_not_before),
            json_opt(order.decline.as_ref())?,
            ms(order.ended_at),
            order.entry_count,
            order.event_count,
        ])?;
        if changed == 1 {
            Ok(())
        } else {
            Err(Fault::Stale(order.order_no.to_string()))
        }
    }

    fn insert_attempt(&mut self, key: (&str, i64), attempt: &Attempt) -> Written {
        self.seen.number(attempt.attempt_no.0);
        self.statements.insert_attempt.execute(params![
            key.0,
            key.1,
            integer(attempt.attempt_no.as_u64()),
            attempt.state.as_str(),
            attempt.sent_at.as_ms(),
            ms(attempt.asked_at),
            attempt
                .evidence
                .as_ref()
                .map(|evidence| &evidence.channel_order_no),
            json(&attempt.route)?,
            json_opt(attempt.handoff.as_ref())?,
            json_opt(attempt.evidence.as_ref())?,
        ])?;
        Ok(())
    }

    fn update_attempt(&mut self, key: (&str, i64), attempt: &Attempt) -> Written {
        self.statements.update_attempt.execute(params![
            key.0,
            key.1,
            integer(attempt.attempt_no.as_u64()),
            attempt.state.as_str(),
            ms(attempt.asked_at),
            attempt
                .evidence
                .as_ref()
                .map(|evidence| &evidence.channel_order_no),
            json_opt(attempt.handoff.as_ref())?,
            json_opt(attempt.evidence.as_ref())?,
        ])?;
        Ok(())
    }

    /// The app under whose register the refund's number stands is the one that asks, by the target.
    fn insert_refund(&mut self, key: (&str, i64), target: &Target, refund: &Refund) -> Written {
        self.seen.number(refund.refund_no.0);
        let Target::NewRefund(_, app_id, _) = target else {
            return Err(Fault::Damaged(
                "a refund made by a step that is not about one".to_owned(),
            ));
        };
        let sql = "INSERT INTO refund (merchant_id, refund_no, order_no, app_id, merchant_refund_no,
            state, amount_minor, payable_fen, cash_fen, receivable_fen, created_at, sent_at, ended_at,
            details) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
        self.connection.prepare_cached(sql)?.execute(params![
            key.0,
            integer(refund.refund_no.as_u64()),
            key.1,
            app_id.as_str(),
            refund.merchant_refund_no,
            refund.state.as_str(),
            refund.amounts.amount_minor,
            refund.amounts.payable_fen,
            refund.amounts.cash_fen,
            refund.amounts.receivable_fen,
            refund.created_at.as_ms(),
            ms(refund.sent_at),
            ms(refund.ended_at),
            json(&refund.details)?,
        ])?;
        Ok(())
    }

    fn update_refund(&self, merchant: &str, refund: &Refund) -> Written {
        let sql = "UPDATE refund SET state = ?3, payable_fen = ?4, cash_fen = ?5,
            receivable_fen = ?6, sent_at = ?7, ended_at = ?8, details = ?9
            WHERE merchant_id = ?1 AND refund_no = ?2";
        self.connection.prepare_cached(sql)?.execute(params![
            merchant,
            integer(refund.refund_no.as_u64()),
            refund.state.as_str(),
            refund.amounts.payable_fen,
            refund.amounts.cash_fen,
            refund.amounts.receivable_fen,
            ms(refund.sent_at),
            ms(refund.ended_at),
            json(&refund.details)?,
        ])?;
        Ok(())
    }

    /// Nearly every entry has two lines, which then share a statement.
    fn insert_entry(&mut self, key: (&str, i64), entry: &Entry) -> Written {
        let attempt_no = integer(entry.subject.attempt_no.as_u64());
        let refund_no = entry
            .subject
            .refund_no
            .map(|refund_no| integer(refund_no.as_u64()));
        let (kind, at) = (entry.kind.as_str(), entry.at.as_ms());
        if let [debit, credit] = entry.lines.as_slice() {
            self.statements.insert_two_lines.execute(params![
                key.0,
                key.1,
                entry.index,
                kind,
                at,
                attempt_no,
                refund_no,
                debit.account.name(),
                debit.amount_fen,
                credit.account.name(),
                credit.amount_fen,
            ])?;
            return Ok(());
        }
        for (index, line) in (0_i64..).zip(&entry.lines) {
            self.statements.insert_line.execute(params![
                key.0,
                key.1,
                entry.index,
                index,
                kind,
                at,
                attempt_no,
                refund_no,
                line.account.name(),
                line.amount_fen,
            ])?;
        }
        Ok(())
    }

    fn insert_notification(&mut self, key: (&str, i64), notification: &Notification) -> Written {
        self.seen.number(notification.notification_no.0);
        self.statements.insert_notification.execute(params![
            key.0,
            key.1,
            integer(notification.notification_no.as_u64()),
            notification
                .refund_no
                .map(|refund_no| integer(refund_no.as_u64())),
            notification.kind.as_str(),
            notification.url,
            notification.state.as_str(),
            notification.tries,
            notification.body,
            notification.created_at.as_ms(),
        ])?;
        Ok(())
    }

    fn update_notification(&self, key: (&str, i64), notification: &Notification) -> Written {
        let sql = "UPDATE notification SET state = ?4, tries = ?5, body = ?6
            WHERE merchant_id = ?1 AND order_no = ?2 AND notification_no = ?3";
        self.connection.prepare_cached(sql)?.execute(params![
            key.0,
            key.1,
            integer(notification.notification_no.as_u64()),
            notification.state.as_str(),
            notification.tries,
            notification.body,
        ])?;
        Ok(())
    }

    /// Completes a delivery if it stands already; when it was begun stays.
    fn put_delivery(&self, key: (&str, i64), delivery: &Delivery) -> Written {
        let sql =
            "INSERT INTO delivery (merchant_id, order_no, notification_no, try_index, begun_at,
            ended_at, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (merchant_id, order_no, notification_no, try_index) DO UPDATE
            SET ended_at = excluded.ended_at, answer = excluded.answer";
        self.connection.prepare_cached(sql)?.execute(params![
            key.0,
            key.1,
            integer(delivery.notification_no.as_u64()),
            delivery.try_index,
            delivery.begun_at.as_ms(),
            ms(delivery.ended_at),
            delivery.answer,
        ])?;
        Ok(())
    }
}
