//! Saves what the core decided, exactly that.

use std::sync::Arc;

use heliu_trade::attempt::Attempt;
use heliu_trade::id::MerchantId;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Changes, Save, Target};
use rusqlite::params;

use super::additions::Additions;
use super::books::Books;
use crate::columns::{integer, json, json_opt, ms};
use crate::rows::attempt::{channel_account, states};
use crate::sqlite::fault::Fault;

type Written = Result<(), Fault>;

impl Books<'_> {
    /// Writes `changes`, counting the save in the order's version. `false`: nothing is written,
    /// since the merchant's number of a new order is taken.
    pub(super) fn save(
        &mut self,
        merchant: &MerchantId,
        target: &Target,
        changes: &mut Changes,
        additions: &mut Additions<'_>,
    ) -> Result<bool, Fault> {
        let Some(order) = &mut changes.after.order else {
            return Ok(true);
        };
        let order_no = order.order_no;
        let attempts = &changes.after.attempts;
        match changes.order {
            Save::Insert => {
                if !self.insert_order(order)? {
                    return Ok(false);
                }
                additions.unsettled.push(order_no);
                additions.orders.push((order.clone(), attempts.clone()));
            }
            Save::Update => {
                let read_version = order.version;
                order.version += 1;
                self.update_state(order, attempts, read_version)?;
            }
            Save::Nothing if !changes.attempts.is_empty() => {
                self.update_state(order, attempts, order.version)?;
            }
            Save::Nothing => {}
        }
        if order.has_returns() {
            self.put_refund_totals(order)?;
        }
        let key = (merchant.as_str(), integer(order_no.as_u64()));
        for (index, save) in &changes.attempts {
            let Some(attempt) = attempts.get(*index) else {
                continue;
            };
            self.keep_code(attempt)?;
            match save {
                Save::Nothing => {}
                Save::Insert => {
                    self.seen.number(attempt.attempt_no.0);
                    additions.unsettled.push(order_no);
                    let row = (merchant.clone(), order_no, attempt.clone());
                    additions.attempts.push(row);
                }
                Save::Update => self.put_handoff(key, attempt)?,
            }
            if let Some(evidence) = &attempt.evidence {
                additions.unsettled.push(order_no);
                let attempt_no = attempt.attempt_no;
                let row = (merchant.clone(), order_no, attempt_no, Arc::clone(evidence));
                additions.evidence.push(row);
            }
        }
        match (&changes.after.refund, changes.refund) {
            (Some(refund), Save::Insert) => self.insert_refund(key, target, refund)?,
            (Some(refund), Save::Update) => self.update_refund(key.0, refund)?,
            _ => {}
        }
        for saved in &mut changes.bills {
            self.save_record(saved)?;
            self.follow(&mut saved.consequences, false, additions)?;
        }
        let is_new = changes.order == Save::Insert;
        self.follow(&mut changes.consequences, is_new, additions)?;
        Ok(true)
    }

    /// Whether the merchant's number was free.
    fn insert_order(&mut self, order: &Order) -> Result<bool, Fault> {
        self.seen.number(order.order_no.0);
        let added = self.statements.insert_order.execute(params![
            order.merchant_id.as_str(),
            integer(order.order_no.as_u64()),
            order.app_id.as_str(),
            order.merchant_order_no,
            order.scene.as_str(),
            order.amount_minor,
            order.currency.as_str(),
            order.rate.map(|rate| rate.scaled),
            order.rate.map(|rate| rate.direction.as_str()),
            order.charge_fen,
            order.created_at.as_ms(),
            ms(order.expires_at),
            ms(order.horizon_at),
            json(&order.details)?,
        ])?;
        Ok(added == 1)
    }

    fn update_state(&mut self, order: &Order, attempts: &[Attempt], read_version: u32) -> Written {
        let payment = order.payment.as_ref();
        let changed = self.statements.update_state.execute(params![
            order.merchant_id.as_str(),
            integer(order.order_no.as_u64()),
            read_version,
            order.version,
            order.state.as_str(),
            json(&states(attempts))?,
            order.wallet.map(|wallet| wallet.as_str()),
            channel_account(order, attempts),
            payment.map(|payment| integer(payment.attempt_no.as_u64())),
            payment.map(|payment| payment.fee_fen),
            json_opt(order.decline.as_ref())?,
            ms(order.ended_at),
            order.counts.entries,
            order.counts.events,
        ])?;
        if changed == 1 {
            Ok(())
        } else {
            Err(Fault::Stale(order.order_no.to_string()))
        }
    }

    /// What there is to give back is written with the first of these and stays.
    fn put_refund_totals(&self, order: &Order) -> Written {
        let sql = "INSERT INTO refund_totals (merchant_id, order_no, amount_minor, payable_fen, cash_fen,
            receivable_fen, refunded_minor, refunded_payable_fen, refunded_cash_fen,
            refunded_receivable_fen, refunding_minor, refunding_payable_fen, refunding_cash_fen,
            refunding_receivable_fen, fee_returned_fen, cost_returned_fen, shares_returned,
            refund_count, last_refund_failed, refund_not_before) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
            ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
            ON CONFLICT (merchant_id, order_no) DO UPDATE SET refunded_minor = excluded.refunded_minor,
            refunded_payable_fen = excluded.refunded_payable_fen,
            refunded_cash_fen = excluded.refunded_cash_fen,
            refunded_receivable_fen = excluded.refunded_receivable_fen,
            refunding_minor = excluded.refunding_minor,
            refunding_payable_fen = excluded.refunding_payable_fen,
            refunding_cash_fen = excluded.refunding_cash_fen,
            refunding_receivable_fen = excluded.refunding_receivable_fen,
            fee_returned_fen = excluded.fee_returned_fen,
            cost_returned_fen = excluded.cost_returned_fen,
            shares_returned = excluded.shares_returned,
            refund_count = excluded.refund_count,
            last_refund_failed = excluded.last_refund_failed,
            refund_not_before = excluded.refund_not_before";
        let evidence = order.payment.as_ref().map(|payment| &payment.evidence);
        self.connection.prepare_cached(sql)?.execute(params![
            order.merchant_id.as_str(),
            integer(order.order_no.as_u64()),
            order.amount_minor,
            evidence.map_or(0, |evidence| evidence.payable_fen),
            evidence.map_or(0, |evidence| evidence.cash_fen),
            evidence.map_or(0, |evidence| evidence.receivable_fen()),
            order.refunded.amount_minor,
            order.refunded.payable_fen,
            order.refunded.cash_fen,
            order.refunded.receivable_fen,
            order.refunding.amount_minor,
            order.refunding.payable_fen,
            order.refunding.cash_fen,
            order.refunding.receivable_fen,
            order.fee_returned_fen,
            order.cost_returned_fen,
            order.shares_returned.to_string(),
            order.refund_count,
            order.last_refund_failed,
            ms(order.refund_not_before),
        ])?;
        Ok(())
    }

    /// What a channel gave for the payer's wallet, unless it stands already.
    fn put_handoff(&self, key: (&str, i64), attempt: &Attempt) -> Written {
        let Some(handoff) = &attempt.handoff else {
            return Ok(());
        };
        let sql = "UPDATE attempt SET handoff = ?4
            WHERE merchant_id = ?1 AND order_no = ?2 AND attempt_no = ?3 AND handoff IS NOT ?4";
        let attempt_no = integer(attempt.attempt_no.as_u64());
        self.connection.prepare_cached(sql)?.execute(params![
            key.0,
            key.1,
            attempt_no,
            json(handoff)?
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
}
