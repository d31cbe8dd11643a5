//! The exchange log: requests ride with the commits they caused, answers with a later batch (ruling
//! 39).

use std::borrow::Cow;

use heliu_ports::exchange::{
    BEGINNING_BYTES_MAX, ExchangeAnswer, ExchangeRecord, ExchangeRequest, beginning,
};
use heliu_ports::exchange_shares::Held;
use heliu_trade::id::{AppId, OrderNo};

use super::link::Pipeline;
use super::named::Named;
use super::statements::Statements;
use super::tables::{AnswerRow, AnswerRows, RequestRow, RequestRows};
use crate::columns::integer;
use crate::postgres::cells::text;
use crate::postgres::log::Log;
use crate::postgres::shared::Shared;

/// The log's lines of one batch.
#[derive(Default)]
pub(super) struct Lines<'a> {
    requests: RequestRows<'a>,
    answers: AnswerRows<'a>,
    /// Requests whose order their answers tell.
    named: (Vec<i64>, Vec<i64>),
    /// What all of it takes.
    pub(super) held: Held,
}

impl<'a> Lines<'a> {
    pub(super) fn record(&mut self, record: &'a ExchangeRecord, shared: &Shared) {
        match record {
            ExchangeRecord::Request(request) => self.request(request, None, &shared.log),
            ExchangeRecord::Answer(answer) => self.answer(answer, &shared.named),
        }
    }

    pub(super) fn request(
        &mut self,
        request: &'a ExchangeRequest,
        order_no: Option<OrderNo>,
        log: &Log,
    ) {
        let (body, app) = (request.body.as_str(), request.app_id.as_ref());
        let is_kept =
            body.len() <= BEGINNING_BYTES_MAX || log.takes_whole(app, request.bytes(body));
        let body = match beginning(body) {
            Cow::Owned(cut) if !is_kept => Cow::Owned(text(&cut).into_owned()),
            _ => text(body),
        };
        let bytes = request.bytes(&body);
        self.held += Held { rows: 1, bytes };
        self.requests.push(RequestRow {
            exchange_no: integer(request.exchange_no.as_u64()),
            bytes,
            at: request.at.as_ms(),
            dialect_id: request.dialect_id.as_str(),
            app_id: request.app_id.as_ref().map(AppId::as_str),
            path: text(&request.path),
            query: text(&request.query),
            body,
            peer: &request.peer,
            order_no: order_no.map(|number| integer(number.as_u64())),
        });
    }

    fn answer(&mut self, answer: &'a ExchangeAnswer, known: &Named) {
        let exchange_no = integer(answer.exchange_no.as_u64());
        let order_no = answer.order_no.map(|number| integer(number.as_u64()));
        self.held.bytes += answer.bytes();
        self.answers.push(AnswerRow {
            exchange_no,
            bytes: answer.bytes(),
            status: i64::from(answer.status),
            body: text(&answer.body),
            outcome: &answer.outcome,
            reading: answer.reading,
            signing: answer.signing.as_deref().map(text),
            order_no,
            duration_ms: answer.duration_ms,
        });
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
        pipeline.rows(&sql.insert_request, &self.requests);
        pipeline.rows(&sql.insert_answer, &self.answers);
        if !self.named.0.is_empty() {
            pipeline.add(&sql.name_order, vec![&self.named.0, &self.named.1]);
        }
    }
}
