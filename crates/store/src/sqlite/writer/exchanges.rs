//! The exchange log: written beside the books, capped by count and age, cut off at its old end.

use std::collections::{HashSet, VecDeque};

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_trade::id::OrderNo;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::batch::Books;
use crate::sqlite::columns::integer;
use crate::sqlite::fault::Fault;

/// Requests that are kept; older ones go, with their answers.
const KEPT: i64 = 200_000;
/// Requests of callers whom we do not know that are kept among them, so that strangers cannot drive out
/// what merchants sent.
const KEPT_OF_STRANGERS: i64 = 10_000;
/// Age above which a request goes, in ms: seven days before the newest one.
const AGE_MAX_MS: i64 = 7 * 24 * 3600 * 1000;
/// Above this excess old requests go at once, with the running batch, instead of waiting for a pause.
const EXCESS_MAX: i64 = 20_000;
/// Requests removed in one go: some milliseconds of the writer's time.
const BITE: i64 = 1_000;
/// Requests that came with a commit and whose answers are still awaited, of which it is remembered that
/// their order is written already; for one that is forgotten the row is looked at again.
const NAMED: usize = 8_192;

/// What the writer knows of the log without counting it.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    all: i64,
    of_strangers: i64,
    oldest_at: i64,
    newest_at: i64,
}

/// The log's extent as committed, and as the running transaction will leave it.
pub(super) struct Log {
    saved: Extent,
    now: Extent,
    named: HashSet<i64>,
    named_by_age: VecDeque<i64>,
}

impl Log {
    pub(super) fn open(connection: &Connection) -> Result<Self, Fault> {
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let end = |sql: &str| -> rusqlite::Result<i64> {
            Ok(connection
                .query_row(sql, [], |row| row.get(0))
                .optional()?
                .unwrap_or(0))
        };
        let extent = Extent {
            all: count("SELECT count(*) FROM exchange")?,
            of_strangers: count("SELECT count(*) FROM exchange WHERE app_id IS NULL")?,
            oldest_at: end("SELECT at FROM exchange ORDER BY exchange_no LIMIT 1")?,
            newest_at: end("SELECT at FROM exchange ORDER BY exchange_no DESC LIMIT 1")?,
        };
        Ok(Self {
            saved: extent,
            now: extent,
            named: HashSet::new(),
            named_by_age: VecDeque::new(),
        })
    }

    pub(super) fn committed(&mut self) {
        self.saved = self.now;
    }

    pub(super) fn rolled_back(&mut self) {
        self.now = self.saved;
        self.named.clear();
        self.named_by_age.clear();
    }

    fn remember_named(&mut self, exchange_no: i64) {
        self.named.insert(exchange_no);
        self.named_by_age.push_back(exchange_no);
        if self.named_by_age.len() > NAMED
            && let Some(oldest) = self.named_by_age.pop_front()
        {
            self.named.remove(&oldest);
        }
    }

    fn is_over(&self) -> bool {
        self.now.all > KEPT
            || self.now.of_strangers > KEPT_OF_STRANGERS
            || (self.now.all > 0 && self.now.newest_at - self.now.oldest_at > AGE_MAX_MS)
    }
}

impl Books<'_> {
    pub(super) fn record(&mut self, record: &ExchangeRecord) -> Result<(), Fault> {
        match record {
            ExchangeRecord::Request(request) => self.log_request(request, None),
            ExchangeRecord::Answer(answer) => self.log_answer(answer),
        }
    }

    /// A repeat changes nothing.
    pub(super) fn log_request(
        &mut self,
        request: &ExchangeRequest,
        order_no: Option<OrderNo>,
    ) -> Result<(), Fault> {
        self.seen.number(request.exchange_no);
        let exchange_no = integer(request.exchange_no.as_u64());
        let added = self.statements.insert_request.execute(params![
            exchange_no,
            request.at.as_ms(),
            request.dialect_id.as_str(),
            request.app_id.as_ref().map(heliu_trade::id::AppId::as_str),
            request.path,
            request.query,
            request.body,
            request.peer,
            order_no.map(|order_no| integer(order_no.as_u64())),
        ])?;
        if added == 1 {
            if order_no.is_some() {
                self.log.remember_named(exchange_no);
            }
            let extent = &mut self.log.now;
            if extent.all == 0 {
                extent.oldest_at = request.at.as_ms();
            }
            extent.all += 1;
            extent.of_strangers += i64::from(request.app_id.is_none());
            extent.newest_at = extent.newest_at.max(request.at.as_ms());
        }
        Ok(())
    }

    fn log_answer(&mut self, answer: &ExchangeAnswer) -> Result<(), Fault> {
        let exchange_no = integer(answer.exchange_no.as_u64());
        let order_no = answer.order_no.map(|order_no| integer(order_no.as_u64()));
        self.statements.insert_answer.execute(params![
            exchange_no,
            answer.status,
            answer.body,
            answer.outcome,
            answer.reading,
            answer.signing,
            order_no,
            answer.duration_ms,
        ])?;
        if order_no.is_some() && !self.log.named.remove(&exchange_no) {
            self.statements
                .name_order
                .execute(params![exchange_no, order_no])?;
        }
        Ok(())
    }

    /// Whether old requests wait to be removed.
    pub(super) fn has_chores(&self) -> bool {
        self.log.is_over()
    }

    /// Removes some old requests.
    pub(super) fn do_chores(&mut self) -> Result<(), Fault> {
        self.statements.begin.execute([])?;
        self.trim()?;
        self.statements.commit.execute([])?;
        self.log.committed();
        Ok(())
    }

    /// Under lasting load there is no pause to wait for.
    pub(super) fn trim_if_far_over(&mut self) -> Result<(), Fault> {
        let extent = self.log.now;
        let is_far_over =
            extent.all > KEPT + EXCESS_MAX || extent.of_strangers > KEPT_OF_STRANGERS + EXCESS_MAX;
        if is_far_over { self.trim() } else { Ok(()) }
    }

    fn trim(&mut self) -> Result<(), Fault> {
        let extent = self.log.now;
        if extent.of_strangers > KEPT_OF_STRANGERS {
            let sql = "DELETE FROM exchange WHERE exchange_no IN (SELECT exchange_no FROM exchange
                WHERE app_id IS NULL ORDER BY exchange_no LIMIT ?1) RETURNING exchange_no";
            let count = BITE.min(extent.of_strangers - KEPT_OF_STRANGERS);
            let gone: rusqlite::Result<Vec<i64>> = self
                .connection
                .prepare_cached(sql)?
                .query_map([count], |row| row.get(0))?
                .collect();
            let sql = "DELETE FROM exchange_answer WHERE exchange_no = ?1";
            let mut delete = self.connection.prepare_cached(sql)?;
            for exchange_no in gone? {
                delete.execute([exchange_no])?;
                self.log.now.all -= 1;
                self.log.now.of_strangers -= 1;
            }
            return Ok(());
        }
        let count = BITE.min((extent.all - KEPT).max(1));
        let sql = "SELECT exchange_no FROM exchange ORDER BY exchange_no LIMIT 1 OFFSET ?1";
        let last: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row([count - 1], |row| row.get(0))
            .optional()?;
        let last = last.unwrap_or(i64::MAX);
        let sql = "SELECT count(*) FROM exchange WHERE app_id IS NULL AND exchange_no <= ?1";
        let strangers: i64 = self
            .connection
            .prepare_cached(sql)?
            .query_row([last], |row| row.get(0))?;
        let sql = "DELETE FROM exchange WHERE exchange_no <= ?1";
        let gone = self.connection.prepare_cached(sql)?.execute([last])?;
        let sql = "DELETE FROM exchange_answer WHERE exchange_no <= ?1";
        self.connection.prepare_cached(sql)?.execute([last])?;
        let sql = "SELECT at FROM exchange ORDER BY exchange_no LIMIT 1";
        let oldest: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row([], |row| row.get(0))
            .optional()?;
        self.log.now.all -= i64::try_from(gone).unwrap_or(i64::MAX);
        self.log.now.of_strangers -= strangers;
        self.log.now.oldest_at = oldest.unwrap_or(extent.newest_at);
        Ok(())
    }
}
