//! The exchange log: written beside the books, cut off where it holds too much.

use heliu_ports::exchange::{BEGINNING_BYTES_MAX, ExchangeAnswer, ExchangeRequest, beginning};
use heliu_trade::id::{AppId, OrderNo};
use rusqlite::{OptionalExtension as _, Statement, params};

use super::books::Books;
use crate::columns::integer;
use crate::sqlite::fault::Fault;

/// Exchanges removed in one go: some milliseconds of the writer's time.
const BITE: usize = 1_000;

impl Books<'_> {
    /// A repeat changes nothing.
    pub(super) fn add_requests(
        &mut self,
        rows: &[(&ExchangeRequest, Option<OrderNo>)],
    ) -> Result<(), Fault> {
        let mut kept = Vec::with_capacity(rows.len());
        for (request, order_no) in rows {
            let is_whole =
                request.body.len() <= BEGINNING_BYTES_MAX || self.log.keeps_whole(&request.app_id);
            let body = if is_whole {
                request.body.as_str().into()
            } else {
                beginning(&request.body)
            };
            let bytes = request.bytes(&body);
            let number = integer(request.exchange_no.as_u64());
            self.log.adds(&request.app_id, number, bytes);
            self.seen.number(request.exchange_no);
            if order_no.is_some() {
                self.log.named.keep(number, ());
            }
            kept.push((*request, *order_no, body, bytes));
        }
        let added = self.statements.add_requests.add(
            &kept,
            |cells, (request, order_no, body, bytes)| {
                cells.put(integer(request.exchange_no.as_u64()))?;
                cells.put(*bytes)?;
                cells.put(request.at.as_ms())?;
                cells.put(request.dialect_id.as_str())?;
                cells.put(request.app_id.as_ref().map(AppId::as_str))?;
                cells.put(request.path.as_str())?;
                cells.put(request.query.as_str())?;
                cells.put(body.as_ref())?;
                cells.put(request.peer.as_str())?;
                cells.put(order_no.map(|order_no| integer(order_no.as_u64())))?;
                Ok(())
            },
        )?;
        if added < rows.len() {
            self.log.had_repeats();
        }
        Ok(())
    }

    pub(super) fn add_answers(&mut self, rows: &[&ExchangeAnswer]) -> Result<(), Fault> {
        let added = self.statements.add_answers.add(rows, |cells, answer| {
            cells.put(integer(answer.exchange_no.as_u64()))?;
            cells.put(answer.bytes())?;
            cells.put(answer.status)?;
            cells.put(answer.body.as_str())?;
            cells.put(answer.outcome.as_str())?;
            cells.put(answer.reading)?;
            cells.put(answer.signing.as_deref())?;
            cells.put(answer.order_no.map(|order_no| integer(order_no.as_u64())))?;
            cells.put(answer.duration_ms)?;
            Ok(())
        })?;
        if added < rows.len() {
            self.log.had_repeats();
        }
        for answer in rows {
            let exchange_no = integer(answer.exchange_no.as_u64());
            self.log.adds(&answer.app_id, exchange_no, answer.bytes());
            if let Some(order_no) = answer.order_no
                && self.log.named.take(&exchange_no).is_none()
            {
                self.statements
                    .name_order
                    .execute(params![exchange_no, integer(order_no.as_u64())])?;
            }
        }
        Ok(())
    }

    /// Whether old requests wait to be removed.
    pub(super) fn has_chores(&self) -> bool {
        self.log.is_over()
    }

    /// Removes some old requests.
    pub(super) fn do_chores(&mut self) -> Result<(), Fault> {
        self.log.refresh(self.connection)?;
        self.statements.begin.execute([])?;
        self.trim()?;
        self.statements.commit.execute([])?;
        self.log.committed();
        Ok(())
    }

    /// Under lasting load there is no pause to wait for.
    pub(super) fn trim_if_far_over(&mut self) -> Result<(), Fault> {
        if self.log.is_far_over() {
            self.trim()?;
        }
        Ok(())
    }

    fn trim(&mut self) -> Result<(), Fault> {
        let delete = |table: &str| {
            let sql = format!("DELETE FROM {table} WHERE exchange_no = ?1 RETURNING bytes");
            self.connection.prepare_cached(&sql)
        };
        let (mut request, mut answer) = (delete("exchange")?, delete("exchange_answer")?);
        let bytes = |statement: &mut Statement<'_>, number: i64| {
            let bytes = statement.query_row([number], |row| row.get::<_, i64>(0));
            bytes.optional().map(Option::unwrap_or_default)
        };
        let mut left = BITE;
        let shares = self.log.shares();
        for holder in self.log.over(&shares) {
            while left > 0
                && let Some(number) = self.log.first_over(&holder, &shares)
            {
                let removed = bytes(&mut request, number)? + bytes(&mut answer, number)?;
                self.log.removed_first(&holder, removed);
                left -= 1;
            }
        }
        self.log.look_for_the_oldest();
        Ok(())
    }
}
