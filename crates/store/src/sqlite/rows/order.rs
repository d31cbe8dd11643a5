//! `trade_order` and `order_state`, with `refund_totals` where there is a row.

use heliu_trade::attempt::{Attempt, AttemptState};
use heliu_trade::id::{AttemptNo, OrderNo};
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::order::{Order, OrderState, Payment, RefundTotals};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Scene, WalletKind};
use rusqlite::{Result, Row};

use super::attempt;
use crate::sqlite::columns::Columns;
use crate::sqlite::fault::Fault;

/// Orders as [`read`] reads them; a condition on `o` is to follow.
pub(crate) const SELECT: &str = "SELECT o.merchant_id, o.order_no, o.app_id, o.merchant_order_no, \
    s.version, o.scene, s.wallet, s.state, o.amount_minor, o.currency, o.rate_scaled, \
    o.rate_direction, o.charge_fen, coalesce(r.refunded_minor, 0), \
    coalesce(r.refunded_payable_fen, 0), coalesce(r.refunded_cash_fen, 0), \
    coalesce(r.refunded_receivable_fen, 0), coalesce(r.refunding_minor, 0), \
    coalesce(r.refunding_payable_fen, 0), coalesce(r.refunding_cash_fen, 0), \
    coalesce(r.refunding_receivable_fen, 0), coalesce(r.fee_returned_fen, 0), \
    coalesce(r.refund_count, 0), coalesce(r.last_refund_failed, 0), r.refund_not_before, s.decline, \
    o.created_at, o.expires_at, o.horizon_at, s.ended_at, s.entry_count, s.event_count, o.details, \
    s.paid_attempt_no, s.fee_fen, s.attempts \
    FROM trade_order AS o JOIN order_state AS s USING (merchant_id, order_no) \
    LEFT JOIN refund_totals AS r USING (merchant_id, order_no)";

/// An order without what stands with its attempts, and what its row says of them.
pub(crate) struct Head {
    order: Order,
    paid: Option<(AttemptNo, i64)>,
    attempts: Vec<(AttemptState, Option<Timestamp>)>,
}

impl Head {
    pub(crate) fn order_no(&self) -> OrderNo {
        self.order.order_no
    }

    /// The order and its attempts. The evidence of its payment is an attempt's and stands only there.
    pub(crate) fn with_attempts(
        self,
        heads: Vec<attempt::Head>,
    ) -> std::result::Result<(Order, Vec<Attempt>), Fault> {
        let mut order = self.order;
        let damaged = |what: &str| Fault::Damaged(format!("order {} {what}", order.order_no));
        if heads.len() != self.attempts.len() {
            return Err(damaged("has other attempts than its state says"));
        }
        let attempts: Vec<Attempt> = heads
            .into_iter()
            .zip(self.attempts)
            .map(|(head, (state, asked_at))| head.with_state(state, asked_at))
            .collect();
        if let Some((attempt_no, fee_fen)) = self.paid {
            let attempt = attempts.iter().find(|of| of.attempt_no == attempt_no);
            let evidence = attempt.and_then(|attempt| attempt.evidence.clone());
            let payment = evidence.map(|evidence| Payment {
                attempt_no,
                evidence,
                fee_fen,
            });
            let paid = payment.ok_or_else(|| damaged("is paid without evidence"))?;
            order.payment = Some(paid);
        }
        Ok((order, attempts))
    }
}

/// States of attempts as `order_state` has them.
pub(crate) fn attempt_states(attempts: &[Attempt]) -> Vec<(&'static str, Option<i64>)> {
    attempts
        .iter()
        .map(|attempt| {
            (
                attempt.state.as_str(),
                attempt.asked_at.map(Timestamp::as_ms),
            )
        })
        .collect()
}

fn read_attempt_states(
    columns: &mut Columns<'_, '_>,
) -> Result<Vec<(AttemptState, Option<Timestamp>)>> {
    let words: Vec<(String, Option<i64>)> = columns.json()?;
    let states = words.into_iter().map(|(word, asked_at)| {
        let state = AttemptState::parse(&word);
        Some((state?, asked_at.map(Timestamp::from_ms)))
    });
    let states: Option<Vec<_>> = states.collect();
    states.ok_or_else(|| columns.damaged("an attempt's state is not a known word"))
}

/// An order without what stands with its attempts.
pub(crate) fn read(row: &Row<'_>) -> Result<Head> {
    let mut columns = Columns::of(row);
    let order = Order {
        merchant_id: columns.name()?,
        order_no: OrderNo::from_u64(columns.number()?),
        app_id: columns.name()?,
        merchant_order_no: columns.value()?,
        version: columns.value()?,
        scene: columns.word(Scene::parse)?,
        wallet: columns.word_opt(WalletKind::parse)?,
        state: columns.word(OrderState::parse)?,
        amount_minor: columns.value()?,
        currency: columns.word(|text| text.parse::<Currency>().ok())?,
        rate: read_rate(&mut columns)?,
        charge_fen: columns.value()?,
        payment: None,
        refunded: read_totals(&mut columns)?,
        refunding: read_totals(&mut columns)?,
        fee_returned_fen: columns.value()?,
        refund_count: columns.value()?,
        last_refund_failed: columns.value()?,
        refund_not_before: columns.at_opt()?,
        decline: columns.json_opt()?,
        created_at: columns.at()?,
        expires_at: columns.at_opt()?,
        horizon_at: columns.at_opt()?,
        ended_at: columns.at_opt()?,
        entry_count: columns.value()?,
        event_count: columns.value()?,
        details: columns.json()?,
    };
    let attempt_no = columns.number_opt()?.map(AttemptNo::from_u64);
    let fee_fen: Option<i64> = columns.value()?;
    Ok(Head {
        order,
        paid: attempt_no.zip(fee_fen),
        attempts: read_attempt_states(&mut columns)?,
    })
}

fn read_rate(columns: &mut Columns<'_, '_>) -> Result<Option<ExchangeRate>> {
    let scaled: Option<i64> = columns.value()?;
    let direction = columns.word_opt(RateDirection::parse)?;
    Ok(scaled
        .zip(direction)
        .map(|(scaled, direction)| ExchangeRate { scaled, direction }))
}

/// Four amounts that stand beside one another, here and in `refund`.
pub(crate) fn read_totals(columns: &mut Columns<'_, '_>) -> Result<RefundTotals> {
    Ok(RefundTotals {
        amount_minor: columns.value()?,
        payable_fen: columns.value()?,
        cash_fen: columns.value()?,
        receivable_fen: columns.value()?,
    })
}
