//! `trade_order` and `order_state`, with `refund_totals` where there is a row.

use heliu_trade::attempt::Attempt;
use heliu_trade::fee::shares::ShareReturns;
use heliu_trade::followup::consequences::Counts;
use heliu_trade::id::{AttemptNo, MerchantId, OrderNo};
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::order::{Order, OrderState, Payment, RefundTotals};
use heliu_trade::wallet::{Scene, WalletKind};

use super::attempt;
use crate::columns::{Columns, Damaged, Result};

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "o.merchant_id, o.order_no, o.app_id, o.merchant_order_no, \
    s.version, o.scene, s.wallet, s.state, o.amount_minor, o.currency, o.rate_scaled, \
    o.rate_direction, o.charge_fen, coalesce(r.refunded_minor, 0), \
    coalesce(r.refunded_payable_fen, 0), coalesce(r.refunded_cash_fen, 0), \
    coalesce(r.refunded_receivable_fen, 0), coalesce(r.refunding_minor, 0), \
    coalesce(r.refunding_payable_fen, 0), coalesce(r.refunding_cash_fen, 0), \
    coalesce(r.refunding_receivable_fen, 0), coalesce(r.fee_returned_fen, 0), \
    coalesce(r.cost_returned_fen, 0), coalesce(r.shares_returned, ''), \
    coalesce(r.refund_count, 0), coalesce(r.last_refund_failed, false), r.refund_not_before, s.decline, \
    o.created_at, o.expires_at, o.horizon_at, s.ended_at, s.entry_count, s.event_count, o.details, \
    s.paid_attempt_no, s.fee_fen, s.attempts";

/// An order without what stands with its attempts, and what its row says of them.
pub(crate) struct Head {
    order: Order,
    paid: Option<(AttemptNo, i64)>,
    states: attempt::States,
}

impl Head {
    pub(crate) fn key(&self) -> (OrderNo, &MerchantId) {
        (self.order.order_no, &self.order.merchant_id)
    }

    /// The order and its attempts. The evidence of its payment is an attempt's and stands only
    /// there.
    pub(crate) fn with_attempts(self, heads: Vec<attempt::Head>) -> Result<(Order, Vec<Attempt>)> {
        let mut order = self.order;
        let damaged = |what: &str| Damaged(format!("order {} {what}", order.order_no));
        if heads.len() != self.states.len() {
            return Err(damaged("has other attempts than its state says"));
        }
        let attempts: Vec<Attempt> = heads
            .into_iter()
            .zip(self.states)
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

/// The key of an order.
pub(crate) fn read_key(columns: &mut Columns<'_>) -> Result<(MerchantId, OrderNo)> {
    Ok((columns.name()?, OrderNo::from_u64(columns.number()?)))
}

/// An order without what stands with its attempts.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Head> {
    let order = Order {
        merchant_id: columns.name()?,
        order_no: OrderNo::from_u64(columns.number()?),
        app_id: columns.name()?,
        merchant_order_no: columns.string()?,
        version: columns.count()?,
        scene: columns.word(Scene::parse)?,
        wallet: columns.word_opt(WalletKind::parse)?,
        state: columns.word(OrderState::parse)?,
        amount_minor: columns.integer()?,
        currency: columns.word(|text| text.parse::<Currency>().ok())?,
        rate: read_rate(columns)?,
        charge_fen: columns.integer()?,
        payment: None,
        refunded: read_totals(columns)?,
        refunding: read_totals(columns)?,
        fee_returned_fen: columns.integer()?,
        cost_returned_fen: columns.integer()?,
        shares_returned: columns.word(ShareReturns::parse)?,
        refund_count: columns.count()?,
        last_refund_failed: columns.flag()?,
        refund_not_before: columns.at_opt()?,
        decline: columns.json_opt()?,
        created_at: columns.at()?,
        expires_at: columns.at_opt()?,
        horizon_at: columns.at_opt()?,
        ended_at: columns.at_opt()?,
        counts: Counts {
            entries: columns.count()?,
            events: columns.count()?,
        },
        details: columns.json()?,
    };
    let attempt_no = columns.number_opt()?.map(AttemptNo::from_u64);
    let fee_fen = columns.integer_opt()?;
    Ok(Head {
        order,
        paid: attempt_no.zip(fee_fen),
        states: attempt::read_states(columns)?,
    })
}

fn read_rate(columns: &mut Columns<'_>) -> Result<Option<ExchangeRate>> {
    let scaled = columns.integer_opt()?;
    let direction = columns.word_opt(RateDirection::parse)?;
    Ok(scaled
        .zip(direction)
        .map(|(scaled, direction)| ExchangeRate { scaled, direction }))
}

/// Four amounts that stand beside one another, here and in `refund`.
pub(crate) fn read_totals(columns: &mut Columns<'_>) -> Result<RefundTotals> {
    Ok(RefundTotals {
        amount_minor: columns.integer()?,
        payable_fen: columns.integer()?,
        cash_fen: columns.integer()?,
        receivable_fen: columns.integer()?,
    })
}
