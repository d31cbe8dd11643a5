//! `trade_order` and `order_state`, with `refund_totals` where there is a row, and the attempts.

use heliu_trade::attempt::Attempt;
use heliu_trade::id::{AttemptNo, OrderNo};
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::order::{Order, OrderState, Payment, RefundTotals};
use heliu_trade::wallet::{Scene, WalletKind};
use tokio_postgres::Row;

use super::attempt;
use crate::postgres::columns::Columns;
use crate::postgres::fault::Fault;

/// Keys of orders, one by our number.
pub(crate) const ONE: &str = "(SELECT $1::TEXT, $2::BIGINT) AS k (merchant_id, order_no)";
/// Keys of orders, one by the merchant's number.
pub(crate) const REGISTERED: &str = "(SELECT merchant_id, order_no FROM order_register
    WHERE merchant_id = $1 AND app_id = $2 AND merchant_order_no = $3) AS k (merchant_id, order_no)";
/// Keys of orders, many by our numbers.
pub(crate) const MANY: &str = "unnest($1::TEXT[], $2::BIGINT[]) AS k (merchant_id, order_no)";

/// The orders of `keys` with their attempts: one row an attempt, or one row if there is none, by key and
/// age. One statement, so that both are of the same instant.
pub(crate) fn select(keys: &str) -> String {
    format!(
        "SELECT o.merchant_id, o.order_no, o.app_id, o.merchant_order_no, s.version, o.scene, s.wallet, \
         s.state, o.amount_minor, o.currency, o.rate_scaled, o.rate_direction, o.charge_fen, \
         coalesce(r.refunded_minor, 0), coalesce(r.refunded_payable_fen, 0), \
         coalesce(r.refunded_cash_fen, 0), coalesce(r.refunded_receivable_fen, 0), \
         coalesce(r.refunding_minor, 0), coalesce(r.refunding_payable_fen, 0), \
         coalesce(r.refunding_cash_fen, 0), coalesce(r.refunding_receivable_fen, 0), \
         coalesce(r.fee_returned_fen, 0), coalesce(r.refund_count, 0), \
         coalesce(r.last_refund_failed, false), r.refund_not_before, s.decline, o.created_at, \
         o.expires_at, o.horizon_at, s.ended_at, s.entry_count, s.event_count, o.details, \
         s.paid_attempt_no, s.fee_fen, s.attempts, {} \
         FROM {keys} \
         JOIN trade_order o ON o.merchant_id = k.merchant_id AND o.order_no = k.order_no \
         JOIN order_state s ON s.merchant_id = o.merchant_id AND s.order_no = o.order_no \
         LEFT JOIN refund_totals r ON r.merchant_id = o.merchant_id AND r.order_no = o.order_no \
         LEFT JOIN attempt a ON a.merchant_id = o.merchant_id AND a.order_no = o.order_no \
         LEFT JOIN evidence e ON e.merchant_id = a.merchant_id AND e.order_no = a.order_no \
             AND e.attempt_no = a.attempt_no \
         ORDER BY o.merchant_id, o.order_no, a.attempt_no",
        attempt::COLUMNS
    )
}

/// An order, its attempts so far, and what its row says of its payment and of all its attempts.
struct Partial {
    order: Order,
    paid: Option<(AttemptNo, i64)>,
    states: attempt::States,
    attempts: Vec<Attempt>,
}

/// Reads the rows of [`select`].
pub(crate) fn read_all(rows: &[Row]) -> Result<Vec<(Order, Vec<Attempt>)>, Fault> {
    let mut partials: Vec<Partial> = Vec::new();
    for row in rows {
        let mut columns = Columns::of(row);
        let read = read_one(&mut columns)?;
        let key = (read.order.order_no, &read.order.merchant_id);
        let is_next = |last: &Partial| key == (last.order.order_no, &last.order.merchant_id);
        if !partials.last().is_some_and(is_next) {
            partials.push(read);
        }
        let Some(last) = partials.last_mut() else {
            continue;
        };
        let state = last.states.get(last.attempts.len()).copied();
        last.attempts.extend(attempt::read(&mut columns, state)?);
    }
    partials.into_iter().map(Partial::whole).collect()
}

impl Partial {
    /// The evidence of an order's payment is an attempt's and stands only there.
    fn whole(self) -> Result<(Order, Vec<Attempt>), Fault> {
        let (mut order, attempts) = (self.order, self.attempts);
        let damaged = |what: &str| Fault::Damaged(format!("order {} {what}", order.order_no));
        if attempts.len() != self.states.len() {
            return Err(damaged("has other attempts than its state says"));
        }
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

fn read_one(columns: &mut Columns<'_>) -> Result<Partial, Fault> {
    let order = Order {
        merchant_id: columns.name()?,
        order_no: OrderNo::from_u64(columns.number()?),
        app_id: columns.name()?,
        merchant_order_no: columns.value()?,
        version: columns.count()?,
        scene: columns.word(Scene::parse)?,
        wallet: columns.word_opt(WalletKind::parse)?,
        state: columns.word(OrderState::parse)?,
        amount_minor: columns.value()?,
        currency: columns.word(|text| text.parse::<Currency>().ok())?,
        rate: read_rate(columns)?,
        charge_fen: columns.value()?,
        payment: None,
        refunded: read_totals(columns)?,
        refunding: read_totals(columns)?,
        fee_returned_fen: columns.value()?,
        refund_count: columns.count()?,
        last_refund_failed: columns.value()?,
        refund_not_before: columns.at_opt()?,
        decline: columns.json_opt()?,
        created_at: columns.at()?,
        expires_at: columns.at_opt()?,
        horizon_at: columns.at_opt()?,
        ended_at: columns.at_opt()?,
        entry_count: columns.count()?,
        event_count: columns.count()?,
        details: columns.json()?,
    };
    let attempt_no = columns.number_opt()?.map(AttemptNo::from_u64);
    let fee_fen: Option<i64> = columns.value()?;
    Ok(Partial {
        order,
        paid: attempt_no.zip(fee_fen),
        states: attempt::read_states(columns)?,
        attempts: Vec::new(),
    })
}

fn read_rate(columns: &mut Columns<'_>) -> Result<Option<ExchangeRate>, Fault> {
    let scaled: Option<i64> = columns.value()?;
    let direction = columns.word_opt(RateDirection::parse)?;
    Ok(scaled
        .zip(direction)
        .map(|(scaled, direction)| ExchangeRate { scaled, direction }))
}

/// Four amounts that stand beside one another, here and in `refund`.
pub(crate) fn read_totals(columns: &mut Columns<'_>) -> Result<RefundTotals, Fault> {
    Ok(RefundTotals {
        amount_minor: columns.value()?,
        payable_fen: columns.value()?,
        cash_fen: columns.value()?,
        receivable_fen: columns.value()?,
    })
}
