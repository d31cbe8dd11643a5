//! `trade_order`

use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::order::{Order, OrderState, RefundTotals};
use heliu_trade::wallet::{Scene, WalletKind};
use rusqlite::{Result, Row};

use crate::sqlite::columns::Columns;

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "merchant_id, order_no, app_id, merchant_order_no, version, scene, \
    wallet, state, amount_minor, currency, rate_scaled, rate_direction, charge_fen, payment, \
    refunded_minor, refunded_payable_fen, refunded_cash_fen, refunded_receivable_fen, \
    refunding_minor, refunding_payable_fen, refunding_cash_fen, refunding_receivable_fen, \
    fee_returned_fen, refund_count, last_refund_failed, refund_not_before, decline, created_at, \
    expires_at, horizon_at, ended_at, entry_count, event_count, details";

/// An order.
pub(crate) fn read(row: &Row<'_>) -> Result<Order> {
    let mut columns = Columns::of(row);
    Ok(Order {
        merchant_id: columns.name()?,
        order_no: heliu_trade::id::OrderNo::from_u64(columns.number()?),
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
        payment: columns.json_opt()?,
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
