//! The exchange log: requests ride with the commits they caused, answers with a later batch (ruling 39).

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_trade::id::OrderNo;

use super::link::Pipeline;
use super::statements::Statements;
use crate::columns::integer;

/// Requests that came with a commit and whose answers are still awaited, of which it is remembered that
/// their order is written already; for one that is forgotten the row is looked at again.
const NAMED: usize = 8_192;

/// Requests whose order is written already.
#[derive(Default)]
pub(crate) struct Named(Mutex<(HashSet<i64>, VecDeque<i64>)>);

impl Named {
    /// These were committed with their orders.
    pub(super) fn remember(&self, numbers: impl Iterator<Item = i64>) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (named, by_age) = &mut *guard;
        for number in numbers {
            named.insert(number);
            by_age.push_back(number);
            if by_age.len() > NAMED
                && let Some(oldest) = by_age.pop_front()
            {
                named.remove(&oldest);
            }
        }
    }

    fn has(&self, number: i64) -> bool {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        guard.0.contains(&number)
    }
}

/// The log's lines of one batch.
#[derive(Default)]
pub(super) struct Lines<'a> {
    requests: Requests<'a>,
    answers: Answers<'a>,
    /// Requests whose order their answers tell.
    named: (Vec<i64>, Vec<i64>),
}

#[derive(Default)]
struct Requests<'a> {
    exchange_no: Vec<i64>,
    at: Vec<i64>,
    dialect_id: Vec<&'a str>,
    app_id: Vec<Option<&'a str>>,
    path: Vec<Cow<'a, str>>,
    query: Vec<Cow<'a, str>>,
    body: Vec<Cow<'a, str>>,
    peer: Vec<&'a str>,
    order_no: Vec<Option<i64>>,
}

#[derive(Default)]
struct Answers<'a> {
    exchange_no: Vec<i64>,
    status: Vec<i64>,
    body: Vec<Cow<'a, str>>,
    outcome: Vec<&'a str>,
    reading: Vec<Option<&'static str>>,
    signing: Vec<Option<Cow<'a, str>>>,
    order_no: Vec<Option<i64>>,
    duration_ms: Vec<i64>,
}

/// A text as PostgreSQL takes it: it has no NUL, and what a stranger sent may have one.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

impl<'a> Lines<'a> {
    pub(super) fn record(&mut self, record: &'a ExchangeRecord, known: &Named) {
        match record {
            ExchangeRecord::Request(request) => self.request(request, None),
            ExchangeRecord::Answer(answer) => self.answer(answer, known),
        }
    }

    pub(super) fn request(&mut self, request: &'a ExchangeRequest, order_no: Option<OrderNo>) {
        let rows = &mut self.requests;
        rows.exchange_no.push(integer(request.exchange_no.as_u64()));
        rows.at.push(request.at.as_ms());
        rows.dialect_id.push(request.dialect_id.as_str());
        rows.app_id
            .push(request.app_id.as_ref().map(heliu_trade::id::AppId::as_str));
        rows.path.push(text(&request.path));
        rows.query.push(text(&request.query));
        rows.body.push(text(&request.body));
        rows.peer.push(&request.peer);
        rows.order_no
            .push(order_no.map(|number| integer(number.as_u64())));
    }

    fn answer(&mut self, answer: &'a ExchangeAnswer, known: &Named) {
        let exchange_no = integer(answer.exchange_no.as_u64());
        let order_no = answer.order_no.map(|number| integer(number.as_u64()));
        let rows = &mut self.answers;
        rows.exchange_no.push(exchange_no);
        rows.status.push(i64::from(answer.status));
        rows.body.push(text(&answer.body));
        rows.outcome.push(&answer.outcome);
        rows.reading.push(answer.reading);
        rows.signing.push(answer.signing.as_deref().map(text));
        rows.order_no.push(order_no);
        rows.duration_ms.push(answer.duration_ms);
        if let Some(order_no) = order_no.filter(|_| !known.has(exchange_no)) {
            self.named.0.push(exchange_no);
            self.named.1.push(order_no);
        }
    }

    /// Requests of this batch whose order is known.
    pub(super) fn with_orders(&self) -> impl Iterator<Item = i64> {
        let numbers = self
            .requests
            .exchange_no
            .iter()
            .zip(&self.requests.order_no);
        numbers.filter_map(|(number, order_no)| order_no.map(|_| *number))
    }

    pub(super) fn send<'p>(&'p self, pipeline: &mut Pipeline<'p>, sql: &'p Statements) {
        let rows = &self.requests;
        if !rows.exchange_no.is_empty() {
            pipeline.add(
                &sql.insert_request,
                vec![
                    &rows.exchange_no,
                    &rows.at,
                    &rows.dialect_id,
                    &rows.app_id,
                    &rows.path,
                    &rows.query,
                    &rows.body,
                    &rows.peer,
                    &rows.order_no,
                ],
            );
        }
        let rows = &self.answers;
        if !rows.exchange_no.is_empty() {
            pipeline.add(
                &sql.insert_answer,
                vec![
                    &rows.exchange_no,
                    &rows.status,
                    &rows.body,
                    &rows.outcome,
                    &rows.reading,
                    &rows.signing,
                    &rows.order_no,
                    &rows.duration_ms,
                ],
            );
        }
        if !self.named.0.is_empty() {
            pipeline.add(&sql.name_order, vec![&self.named.0, &self.named.1]);
        }
    }
}
