//! Exchanges in a list. The log is capped, so that one walk down its numbers finds all.

use heliu_ports::lists::{
    AnswerRow, ExchangeFilter, ExchangeRow, OutcomeFilter, Page, done_outcomes,
};
use heliu_trade::id::{AppId, DialectId, OrderNo, PlatformNo};

use super::{Conditions, List, limit};
use crate::columns::{Columns, Result, integer};

/// The page.
pub(crate) fn list(filter: &ExchangeFilter, page: &Page) -> List<ExchangeRow> {
    let mut all = Conditions::default();
    all.below("q.exchange_no", page.after.as_ref());
    all.span("q.exchange_no", filter.came);
    if let Some(number) = filter.exchange_no {
        all.add(format!("q.exchange_no = {}", integer(number.as_u64())));
    }
    if let Some(number) = filter.order_no {
        all.add(format!("q.order_no = {}", integer(number.as_u64())));
    }
    all.is(
        "q.dialect_id",
        filter.dialect_id.as_ref().map(DialectId::as_str),
    );
    all.is("q.app_id", filter.app_id.as_ref().map(AppId::as_str));
    if let Some(merchant) = &filter.merchant_id {
        let merchant = all.bind(merchant.as_str());
        // The first half spares a look at the app of each line.
        all.add(format!(
            "q.app_id IN (SELECT m.app_id FROM app m WHERE m.merchant_id = {merchant}) \
             AND p.merchant_id = {merchant}"
        ));
    }
    match &filter.outcome {
        None => {}
        Some(OutcomeFilter::Is(word)) => all.is("a.outcome", Some(word)),
        Some(OutcomeFilter::Done) => all.among("a.outcome", done_outcomes()),
        Some(OutcomeFilter::Refused) => all.none_of("a.outcome", done_outcomes()),
        Some(OutcomeFilter::Unanswered) => all.add("a.exchange_no IS NULL"),
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ SELECT q.exchange_no, q.at, q.dialect_id, q.app_id, p.merchant_id, q.path, q.peer, q.order_no, \
         a.status, a.outcome, a.duration_ms FROM exchange q \
         LEFT JOIN app p ON p.dialect_id = q.dialect_id AND p.app_id = q.app_id \
         LEFT JOIN exchange_answer a ON a.exchange_no = q.exchange_no \
         WHERE {wanted} ORDER BY q.exchange_no DESC LIMIT {limit}"
    );
    List {
        asked: all.ask(sql),
        read,
        place,
        page: page.clone(),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<ExchangeRow> {
    let mut row = ExchangeRow {
        exchange_no: PlatformNo::from_u64(columns.number()?),
        at: columns.at()?,
        dialect_id: columns.name()?,
        app_id: columns.name_opt()?,
        merchant_id: columns.name_opt()?,
        path: columns.string()?,
        peer: columns.string()?,
        order_no: columns.number_opt()?.map(OrderNo::from_u64),
        answer: None,
    };
    if let Some(status) = columns.integer_opt()? {
        row.answer = Some(AnswerRow {
            status: u16::try_from(status).map_err(|error| columns.damaged(&error.to_string()))?,
            outcome: columns.string()?,
            duration_ms: columns.integer()?,
        });
    }
    Ok(row)
}

fn place(row: &ExchangeRow) -> String {
    row.exchange_no.to_string()
}
