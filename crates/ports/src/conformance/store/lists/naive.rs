//! The same lists by a look at every order's book: what they must come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_trade::attempt::{Attempt, Route};
use heliu_trade::followup::job::JobKind;
use heliu_trade::id::{AppId, DialectId, MerchantId, PlatformNo};
use heliu_trade::invariant::OrderBook;

use crate::lists::{AgentKey, NoticeRow, OrderRow, RefundRow, Span};
use crate::store::Store;

/// Which app is which agent's, on which wire, of which merchant: as `made` enrols them.
const APPS: [(&str, &str, &str, Option<&str>); 4] = [
    ("m-0", "app-0", "wire", Some("10")),
    ("m-0", "app-x", "wire", Some("11")),
    ("m-1", "app-1", "wire", None),
    ("m-1", "app-x", "other", Some("10")),
];

/// All books, newest first.
pub(super) async fn books(store: &Arc<dyn Store>) -> Vec<OrderBook> {
    let mut books = store.order_books(None, 1_000).await.expect("read");
    books.sort_by_key(|book| std::cmp::Reverse(book.order.order_no));
    books
}

fn app_of(merchant: &MerchantId, app: &AppId) -> Option<(DialectId, Option<&'static str>)> {
    let found = APPS
        .iter()
        .find(|of| of.0 == merchant.as_str() && of.1 == app.as_str());
    found.map(|(_, _, dialect, agent)| (DialectId::from(*dialect), *agent))
}

pub(super) fn is_agents(agent: &AgentKey, merchant: &MerchantId, app: &AppId) -> bool {
    app_of(merchant, app).is_some_and(|(dialect, of)| {
        dialect == agent.dialect_id && of == Some(agent.agent_id.as_str())
    })
}

/// Whether a number was given within a stretch of time.
pub(super) fn is_within(span: Span, number: PlatformNo) -> bool {
    let first_ms = PlatformNo::instant_of(number.second()).as_ms();
    let last_ms = first_ms + 999;
    span.from.is_none_or(|from| from.as_ms() <= last_ms)
        && span.until.is_none_or(|until| first_ms < until.as_ms())
}

fn shown(book: &OrderBook) -> Option<&Route> {
    let paid = book
        .order
        .payment
        .as_ref()
        .map(|payment| payment.attempt_no);
    let newest = book.attempts.iter().map(|attempt| attempt.attempt_no).max();
    let number = paid.or(newest)?;
    let mut attempts = book.attempts.iter();
    attempts
        .find(|attempt| attempt.attempt_no == number)
        .map(|attempt| &*attempt.route)
}

pub(super) fn order_row(book: &OrderBook) -> OrderRow {
    let order = &book.order;
    OrderRow {
        created_at: order.created_at,
        merchant_id: order.merchant_id.clone(),
        app_id: order.app_id.clone(),
        dialect_id: app_of(&order.merchant_id, &order.app_id).map(|(dialect, _)| dialect),
        order_no: order.order_no,
        merchant_order_no: order.merchant_order_no.clone(),
        scene: order.scene,
        state: order.state,
        wallet: order.wallet,
        channel_account_id: shown(book).map(|route| route.channel_account_id.clone()),
        charge_fen: order.charge_fen,
        currency: order.currency,
        amount_minor: order.amount_minor,
        paid_at: order
            .payment
            .as_ref()
            .map(|payment| payment.evidence.paid_at),
        refunded_fen: order.refunded.payable_fen,
        fee_fen: order.payment.as_ref().map(|payment| payment.fee_fen),
    }
}

/// All numbers that an order is found by.
pub(super) fn numbers(book: &OrderBook) -> Vec<String> {
    let order = &book.order;
    let mut numbers = vec![order.order_no.to_string(), order.merchant_order_no.clone()];
    let of_attempt = |attempt: &Attempt| {
        let channels = attempt
            .evidence
            .as_ref()
            .map(|of| of.channel_order_no.clone());
        [Some(attempt.attempt_no.to_string()), channels]
    };
    numbers.extend(book.attempts.iter().flat_map(of_attempt).flatten());
    for refund in &book.refunds {
        numbers.extend([
            refund.refund_no.to_string(),
            refund.merchant_refund_no.clone(),
        ]);
    }
    numbers
}

/// All refunds, newest first.
pub(super) fn refund_rows(books: &[OrderBook]) -> Vec<RefundRow> {
    let of_book = |book: &OrderBook| {
        let order = order_row(book);
        let row = |refund: &heliu_trade::refund::Refund| RefundRow {
            created_at: refund.created_at,
            ended_at: refund.ended_at,
            merchant_id: order.merchant_id.clone(),
            app_id: order.app_id.clone(),
            dialect_id: order.dialect_id.clone(),
            refund_no: refund.refund_no,
            merchant_refund_no: refund.merchant_refund_no.clone(),
            order_no: order.order_no,
            merchant_order_no: order.merchant_order_no.clone(),
            state: refund.state,
            wallet: order.wallet,
            channel_account_id: order.channel_account_id.clone(),
            currency: order.currency,
            amount_minor: refund.amounts.amount_minor,
            payable_fen: refund.amounts.payable_fen,
            cash_fen: refund.amounts.cash_fen,
        };
        book.refunds.iter().map(row).collect::<Vec<_>>()
    };
    let mut rows: Vec<RefundRow> = books.iter().flat_map(of_book).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.refund_no));
    rows
}

/// All notifications, newest first.
pub(super) fn notice_rows(books: &[OrderBook]) -> Vec<NoticeRow> {
    let mut rows = Vec::new();
    for trail in books.iter().map(|book| &book.trail) {
        for notification in &trail.notifications {
            let number = notification.notification_no;
            let mut deliveries: BTreeMap<u32, _> = BTreeMap::new();
            let of_it = trail
                .deliveries
                .iter()
                .filter(|of| of.notification_no == number);
            deliveries.extend(of_it.map(|delivery| (delivery.try_index, delivery)));
            let last = deliveries.pop_last().map(|(_, delivery)| delivery);
            let mut jobs = trail
                .jobs
                .iter()
                .filter(|job| job.key.kind == JobKind::NotifyMerchant);
            let mut row = NoticeRow {
                notification: notification.clone(),
                tried_at: last.map(|delivery| delivery.begun_at),
                answer: last.and_then(|delivery| delivery.answer.clone()),
                next_try_at: jobs
                    .find(|job| job.key.about == number.as_u64())
                    .map(|job| job.due_at),
            };
            (row.notification.body, row.notification.moment) = (None, None);
            rows.push(row);
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.notification.notification_no));
    rows
}
